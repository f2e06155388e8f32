package sessions

import (
	"context"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"wirebench/sessions/certs"
	"wirebench/sessions/inspect"
)

// maxListed is how many of the things a client offers are named in an error.
const maxListed = 6

// notTLSError is the error of a client that speaks something else.
type notTLSError struct {
	First []byte // what it sent first, at most 512 bytes
	text  string
	err   error
}

func (e *notTLSError) Error() string { return e.text }
func (e *notTLSError) Unwrap() error { return e.err }

// explain says why a handshake with a client failed.
func (k *clientShaker) explain(err error) error {
	op := "TLS handshake with " + k.peer.name
	say := func(format string, args ...any) error {
		return &reasonError{op, fmt.Sprintf(format, args...), err}
	}
	if k.spokePlain(err) {
		first, end := k.firstWords()
		if end == io.EOF || brokenOff(end) {
			err = end
		}
		return &notTLSError{first, op + ": " + notTLSText(first), err}
	}
	code, ok := remoteAlert(err)
	if _, ours := alertOf(err, "local error"); ours {
		code, ok = k.bareAlert()
	}
	if ok {
		alert := k.peer.alert(code, err)
		return &reasonError{op, alert.text, alert}
	}
	switch {
	case err == errStalled:
		return say("%s", k.silence())
	case errors.Is(err, context.Canceled):
		return err
	case errors.As(err, new(*certs.Untrusted)):
		return say("the certificate of the client, %s, does not pass: %s", certs.SubjectText(k.cert), untrustedText(k.report))
	case k.wire.eof || err == io.EOF: // the latter is a close_notify, too
		err = io.EOF // also where it came in the middle of a record
		return say("the client closed the connection %s", k.afterWhat())
	case brokenOff(err):
		return say("the client reset the connection %s", k.afterWhat())
	}
	if code, ok := alertOf(err, "local error"); ok {
		return say("what the client sent is no good TLS (%s): it was damaged on the way, or the client is faulty", alertWords[code].name)
	}
	text := trimTLS(err)
	for _, f := range refusals {
		if strings.Contains(text, f.contains) {
			return say("%s", f.words(k, text))
		}
	}
	return say("%s", text)
}

// refusals are the words for what crypto/tls refuses, for which it has texts alone. They are looked through
// in order.
var refusals = []struct {
	contains string
	words    func(k *clientShaker, text string) string
}{
	{"offered only unsupported versions", func(k *clientShaker, _ string) string { return k.versionText() }},
	{"no cipher suite supported", func(k *clientShaker, _ string) string { return k.suiteText() }},
	{"unsupported application protocols", func(k *clientShaker, _ string) string {
		return fmt.Sprintf("the client asks for one of the ALPN protocols %s, and the listener has %s (add one of the client's, or leave ALPN empty)", quoted(k.alpn), quoted(k.t.config.NextProtos))
	}},
	{"no key exchanges supported", func(*clientShaker, string) string {
		return "there is no key exchange that both sides know: the client must offer X25519, P-256, P-384 or P-521"
	}},
	{"signature algorithm", func(k *clientShaker, text string) string {
		if strings.Contains(text, "client certificate") {
			return "the client signed with an algorithm that it was not offered: " + text
		}
		return fmt.Sprintf("the client accepts no signature that the listener's key (%s) can make (use a certificate with another type of key; RSA is understood by the oldest clients)", k.keyType())
	}},
	{"didn't provide a certificate", func(*clientShaker, string) string {
		return "the client sent no certificate, and the listener requires one (give the client one, with its key; or let the listener only ask for it)"
	}},
	{"failed to parse client certificate", func(_ *clientShaker, text string) string {
		return "the client's certificate cannot be read: " + strings.TrimPrefix(text, "failed to parse client certificate: ")
	}},
	{"invalid signature by the client certificate", func(_ *clientShaker, text string) string {
		return "the client did not prove that it has the private key of its certificate: " + text
	}},
	{"inappropriate protocol fallback", func(k *clientShaker, _ string) string {
		return "the client came back with a lower version than it has, as clients do after a try that failed: look at the one before"
	}},
	{"not support uncompressed", func(*clientShaker, string) string {
		return "the client insists on compression, which is a weakness and not done here"
	}},
}

// untrustedText is what is wrong with a client's certificate. The advice of a report is for servers.
func untrustedText(r *certs.Report) string {
	var all []string
	for _, f := range r.Faults {
		all = append(all, f.Detail)
	}
	if len(all) == 0 {
		return r.Headline
	}
	return strings.Join(all, "; ")
}

// versionText says that there is no version in common.
func (k *clientShaker) versionText() string {
	var known []uint16
	for _, v := range k.versions {
		if v >= tls.VersionTLS10 && v <= tls.VersionTLS13 { // others are made up, to keep servers tolerant (RFC 8701)
			known = append(known, v)
		}
	}
	c := k.t.config
	ours := "the listener takes " + offer{min: c.MinVersion, max: c.MaxVersion}.versions()
	if len(known) == 0 {
		return "the client speaks no version of TLS that is known here (it may be so old that it speaks SSL 3.0), and " + ours
	}
	if highest := slices.Max(known); highest < c.MinVersion { // whether lower ones are spoken, an old client does not say
		return fmt.Sprintf("the client speaks %s at most, and %s (lower the lowest version)", tls.VersionName(highest), ours)
	}
	return fmt.Sprintf("the client speaks %s at least, and %s (raise the highest version)", tls.VersionName(slices.Min(known)), ours)
}

// suiteText says that there is no cipher suite in common.
func (k *clientShaker) suiteText() string {
	var names []string
	otherKey := false
	_, ecKey := k.t.leaf.PublicKey.(*ecdsa.PublicKey)
	_, rsaKey := k.t.leaf.PublicKey.(*rsa.PublicKey)
	for _, id := range k.suites {
		name := tls.CipherSuiteName(id)
		if id&0x0f0f == 0x0a0a || id == fallbackSCSV || id == renegotiationSCSV {
			continue // no suites: RFC 8701, RFC 7507, RFC 5746
		}
		names = append(names, name)
		otherKey = otherKey || ecKey && strings.HasPrefix(name, "TLS_ECDHE_RSA_") || rsaKey && strings.HasPrefix(name, "TLS_ECDHE_ECDSA_")
	}
	text := "there is no cipher suite that both sides have; the client offers " + some(names)
	switch {
	case otherKey && ecKey:
		return text + " (it wants a certificate with an RSA key, and the listener's key is " + k.keyType() + ")"
	case otherKey:
		return text + " (it wants a certificate with an ECDSA key, and the listener's key is " + k.keyType() + ")"
	case k.t.config.CipherSuites == nil:
		return text + " (for an old client let the lowest version be TLS 1.0, which takes weak suites too; some want a certificate with an RSA key)"
	}
	return text + " (some clients want a certificate with an RSA key)"
}

const (
	fallbackSCSV      = 0x5600
	renegotiationSCSV = 0x00ff
)

// keyType names the key of the listener's certificate.
func (k *clientShaker) keyType() string { return k.t.leaf.PublicKeyAlgorithm.String() }

// some names the first few of a list.
func some(names []string) string {
	switch {
	case len(names) == 0:
		return "none"
	case len(names) > maxListed:
		return strings.Join(names[:maxListed], ", ") + fmt.Sprintf(" and %s more", thousands(int64(len(names)-maxListed)))
	}
	return strings.Join(names, ", ")
}

func quoted(names []string) string {
	var out []string
	for _, n := range names {
		out = append(out, `"`+inspect.Escape([]byte(n))+`"`)
	}
	return some(out)
}

// silence says how far a client came that then said nothing more.
func (k *clientShaker) silence() string {
	limit := roundTime(k.t.timeout)
	switch {
	case k.wire.got == 0:
		return "the client said nothing for " + limit + " (it may not speak TLS, and wait for the listener to begin)"
	case k.hello:
		return fmt.Sprintf("it did not finish within %s: the client stopped after %s, when it had the listener's certificate (somebody may be asked there whether to trust it)", limit, countBytes(k.wire.got))
	}
	return fmt.Sprintf("it did not finish within %s: the client stopped after %s", limit, countBytes(k.wire.got))
}

// afterWhat says how far a client came that then went away.
func (k *clientShaker) afterWhat() string {
	switch {
	case k.wire.got == 0:
		return "without a word (port scans and health checks do that)"
	case k.hello:
		return "in the middle of it, when it had the listener's certificate (many clients that do not accept one say no more than that: " + k.peer.howToTrust() + ")"
	}
	return fmt.Sprintf("in the middle of it, after %s", countBytes(k.wire.got))
}

// howToTrust is what makes a client accept the certificate.
func (p *servedPeer) howToTrust() string {
	text := "give the client the root of the CA that issued it, and put the intermediate certificates into the listener's file"
	if p.t.private {
		text = "export the test CA's root and give it to the client"
	}
	if problem := p.nameProblem(); problem != "" {
		text += "; and " + problem
	}
	return text
}

// nameProblem says that the certificate is not for what the client came to, "" when it is, or nobody knows.
func (p *servedPeer) nameProblem() string {
	name, what := p.serverName, "the name "+p.serverName+", which the client asked for"
	if name == "" {
		if !p.local.IsValid() {
			return ""
		}
		name = p.local.WithZone("").Unmap().String()
		what = "the address " + name + ", at which the client came in"
	}
	if p.t.leaf.VerifyHostname(name) == nil {
		return ""
	}
	fix := "use another one"
	if p.t.private {
		fix = "add it to the names"
	}
	return "the certificate is not for " + what + ": " + fix
}

// clientAlerts are what alerts of a client mean to a server, where that is not what [alertWords] says.
var clientAlerts = map[uint8]func(p *servedPeer) string{
	10: func(*servedPeer) string { return "it did not expect what the listener sent" },
	40: func(p *servedPeer) string {
		return "it accepts nothing of what was agreed on, or not the certificate (" + p.howToTrust() + ")"
	},
	42: func(p *servedPeer) string {
		return "the client does not accept the listener's certificate (" + p.howToTrust() + ")"
	},
	43: func(*servedPeer) string {
		return "the client cannot use a certificate of this kind (use one with another type of key)"
	},
	44: func(*servedPeer) string { return "the client says that the listener's certificate has been revoked" },
	45: func(p *servedPeer) string {
		if now := time.Now(); now.After(p.t.leaf.NotAfter) {
			return "the listener's certificate has expired, on " + p.t.leaf.NotAfter.UTC().Format("2006-01-02 15:04 UTC")
		}
		return "the client says that the listener's certificate has expired, which it has not (check the client's clock, and the certificates above it)"
	},
	46: func(p *servedPeer) string {
		return "the client does not accept the listener's certificate, and does not say why (" + p.howToTrust() + ")"
	},
	48: func(p *servedPeer) string {
		return "the client does not trust this certificate; " + p.howToTrust()
	},
	49:  func(*servedPeer) string { return "the client does not let itself in with this certificate" },
	51:  func(*servedPeer) string { return "a signature or a checksum of the handshake was wrong to it" },
	70:  func(p *servedPeer) string { return "it does not want the version of TLS that was chosen" },
	71:  func(*servedPeer) string { return "it wants stronger cipher suites, or a longer key in the certificate" },
	86:  func(*servedPeer) string { return "which only servers have a reason to send" },
	109: func(*servedPeer) string { return "it misses an extension in what the listener sent" },
	110: func(*servedPeer) string { return "it was sent an extension it did not ask for" },
	112: func(*servedPeer) string { return "it is told a name that it does not know" },
	115: func(*servedPeer) string { return "which only servers have a reason to send" },
	116: func(*servedPeer) string { return "which only servers have a reason to send" },
	120: func(*servedPeer) string { return "it wants an ALPN protocol, and the listener chose none" },
}

// alert puts an alert of the client's in words.
func (p *servedPeer) alert(code uint8, err error) *alertError {
	w := alertWords[code]
	if w.name == "" {
		w.name, w.text = "without a name", "which RFC 8446 does not know"
	}
	if words := clientAlerts[code]; words != nil {
		w.text = words(p)
	}
	return &alertError{code, fmt.Sprintf("the client sent the alert %s (%d): %s", w.name, code, w.text), err}
}

// explain puts what ended an open connection in words.
func (p *servedPeer) explain(err error) error {
	if code, ok := remoteAlert(err); ok {
		return p.alert(code, err)
	}
	code, ok := alertOf(err, "local error")
	switch {
	case ok:
		return &explained{fmt.Sprintf("what came is no good TLS (%s): it was damaged or tampered with on the way, or the client is faulty", alertWords[code].name), err}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &explained{"the connection ended in the middle of a TLS record, so that the last bytes are missing", err}
	case strings.Contains(err.Error(), "clientHelloMsg"):
		return &explained{"the client wants to shake hands again in the middle of the connection, which is not done here", err}
	}
	return err
}

// spokePlain reports whether what the client began with is no TLS.
func (k *clientShaker) spokePlain(err error) bool {
	return k.plain || !k.hello && errors.As(err, new(tls.RecordHeaderError))
}

// firstWords are what the client sent, with what follows within a moment, and what ended it.
func (k *clientShaker) firstWords() (first []byte, err error) {
	first = k.wire.recorded
	end := time.Now().Add(answerGrace)
	for buf := make([]byte, answerMost); len(first) < answerMost; {
		_ = k.wire.Conn.SetReadDeadline(end)
		n, err := k.wire.Conn.Read(buf)
		first = append(first, buf[:n]...)
		if err != nil {
			return first[:min(len(first), answerMost)], err
		}
	}
	return first[:answerMost], nil
}
