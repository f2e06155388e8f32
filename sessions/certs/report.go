package certs

import (
	"crypto/x509"
	"fmt"
	"time"
)

// Status is one of the nine words of Adobe AIR's CertificateStatus class.
type Status string

// The statuses, by AIR's names.
const (
	Unknown           Status = "unknown"           // nothing was checked: no certificate came
	Trusted           Status = "trusted"           // no fault
	Invalid           Status = "invalid"           // the certificate itself is no good: unreadable, badly signed, for another use
	Revoked           Status = "revoked"           // its issuer took it, or a CA of the chain, back
	UntrustedSigners  Status = "untrustedSigners"  // the chain leads to no trust anchor
	InvalidChain      Status = "invalidChain"      // a CA of the chain is no good
	PrincipalMismatch Status = "principalMismatch" // it names another host
	Expired           Status = "expired"           // its time is over
	NotYetValid       Status = "notYetValid"       // its time has not begun
)

// Statuses lists the nine in the order in which a headline is chosen, worst first; Unknown stands in
// front, since it excludes the others, and Trusted at the end.
var Statuses = []Status{Unknown, Invalid, Revoked, UntrustedSigners, InvalidChain, PrincipalMismatch, Expired, NotYetValid, Trusted}

// Finding is a fault or a warning about one certificate.
type Finding struct {
	Status  Status // the status it alone would give; "" for a warning
	Code    Code   // what it is, stable from version to version
	Depth   int    // in Report.Chain, 0 the leaf; for a certificate that is not in the chain its place in Report.Presented; -1 when it is about none
	Subject string // of that certificate, as one line; "" with Depth -1
	SHA256  string // fingerprint of that certificate in lower-case hex; "" with Depth -1
	Detail  string // the evidence: one sentence, with the values that were compared
	Hint    string // what to do about it: one sentence
}

// Presented is one certificate as the peer sent it.
type Presented struct {
	DER  []byte
	Cert *x509.Certificate // nil when Go cannot parse it
	Err  error             // why not
}

// Result is what is known about the revocation of one certificate.
type Result string

const (
	Good         Result = "good"
	RevokedCert  Result = "revoked"
	Undetermined Result = "undetermined"
)

// Method is where a revocation result came from.
type Method string

const (
	MethodStaple Method = "stapled OCSP"
	MethodOCSP   Method = "OCSP"
	MethodCRL    Method = "CRL"
	MethodNone   Method = "none" // nothing to ask, or nothing was asked
)

// Revocation is what one source says about one certificate of the chain.
type Revocation struct {
	Depth   int // in Report.Chain
	Subject string
	Method  Method
	From    string // a URL, a file, or "the handshake"
	Result  Result
	Detail  string // one sentence: when it was revoked and why, until when the answer holds, or what makes it undetermined
	Took    time.Duration
}

// Report is everything [Check] found out. It is not changed once made; whoever reads it must not
// change it either.
type Report struct {
	Status   Status
	Headline string    // one sentence for people that goes with Status
	Faults   []Finding // in the order of the headline's precedence, then by depth
	Warnings []Finding

	Host  string    // what the leaf was checked against; "" when no name was checked
	Time  time.Time // as of when
	Store string    // the trust anchors in words: "the system's 142 roots and 1 of yours"

	Presented []Presented
	// Chain is the chain as built, leaf first, and with the trust anchor last when Anchored. Without an
	// anchor it goes as far as issuers were found. Empty when the leaf cannot be parsed.
	Chain      []*x509.Certificate
	Anchored   bool
	Revocation []Revocation

	Handshake *Handshake // what was negotiated; nil when the certificates did not come from a handshake
}

// Handshake is what a TLS handshake came to, or how far it got. Texts are for people and empty when
// there is nothing to say.
type Handshake struct {
	Version       string // "TLS 1.3"
	CipherSuite   string // "TLS_AES_128_GCM_SHA256"
	Curve         string // "X25519MLKEM768"; "" for RSA key exchange
	HelloRetry    bool   // the server asked for another key share first
	Signature     string // how the server signed: "ECDSAWithP256AndSHA256"; "" when it cannot be told
	ALPN          string // the protocol chosen, "" for none
	ALPNOffered   []string
	ServerName    string // the SNI sent, "" for none
	Resumed       bool
	ECH           bool
	SCTs          int           // signed certificate timestamps that came in the handshake
	Stapled       bool          // an OCSP response came in the handshake
	Took          time.Duration // of the handshake alone, from the first ClientHello on; STARTTLS and TCP not included
	StartTLS      string        // the protocol that led to TLS: "smtp"; "" for none
	Complete      bool          // the handshake finished, and so the server proved that it has the leaf's private key
	ClientAsked   bool          // the server asked for a client certificate
	ClientSent    string        // the subject of the client certificate sent; "" for none
	ClientProblem string        // what speaks against the one sent: that it does not fit what the server asked for; "" for nothing
	AcceptableCAs []string      // distinguished names the server named when it asked, at most 1,000
	Problem       string        // why it did not complete, with what to try; "" when Complete
}

// Has reports whether one of the faults has this code.
func (r *Report) Has(c Code) bool {
	for _, f := range r.Faults {
		if f.Code == c {
			return true
		}
	}
	return false
}

// Err returns nil for a trusted certificate, else an [*Untrusted] error that names every fault.
func (r *Report) Err() error {
	if r.Status == Trusted {
		return nil
	}
	return &Untrusted{Report: r}
}

// Untrusted is the error of a certificate that is refused.
type Untrusted struct{ Report *Report }

func (e *Untrusted) Error() string {
	r := e.Report
	text := fmt.Sprintf("certificate %s: %s", r.Status, r.Headline)
	if more := len(r.Faults) - 1; more == 1 {
		text += " (and one more fault)"
	} else if more > 1 {
		text += fmt.Sprintf(" (and %d more faults)", more)
	}
	return text
}
