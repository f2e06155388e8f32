package sessions

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"wirebench/sessions/certs"
	"wirebench/sessions/certs/lookup"
	"wirebench/sessions/starttls"
)

// maxAcceptable is the most CA names of a certificate request that are shown.
const maxAcceptable = 1000

// shaker makes the handshake of one connection and finds out about the certificate on the way. It is
// used once, by one goroutine.
type shaker struct {
	config TLSConfig
	to     tlsTarget
	files  *tlsFiles
	// anchors returns the trust anchors, and waits for them where they are still being read.
	anchors func() (*certs.Store, error)
	clock   func() time.Time
	tell    func(text string)                   // what is going on, in words
	data    func(in bool, p []byte)             // what passes before TLS begins
	cache   tls.ClientSessionCache              // nil offers and keeps no sessions
	time    func() time.Time                    // of the session cache; nil for the system's
	look    func() (o lookup.Options, yes bool) // what to ask before the certificate is judged; nil for nothing

	wire    *wire
	limit   *limit
	began   time.Time     // of the TLS handshake, zero before
	judged  time.Time     // when the certificates came, zero before
	looked  time.Duration // spent on look-ups
	asked   bool          // the server asked for a client certificate
	cas     []string
	sent    string
	problem string // what speaks against the client certificate
	state   tls.ConnectionState

	seen *inspection // what the certificates came to; nil when none came
}

// errStalled is the cause of a handshake that took too long.
var errStalled = errors.New("the handshake took too long")

// limit is a context that ends when the time of a handshake is up. The time can stand still.
type limit struct {
	timer *time.Timer
	left  time.Duration
	since time.Time
}

func newLimit(ctx context.Context, d time.Duration) (context.Context, *limit, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	l := &limit{left: d, since: time.Now()}
	l.timer = time.AfterFunc(d, func() { cancel(errStalled) })
	return ctx, l, func() {
		l.timer.Stop()
		cancel(nil)
	}
}

func (l *limit) pause() {
	if l.timer.Stop() {
		l.left -= time.Since(l.since)
	}
}

func (l *limit) resume() {
	l.since = time.Now()
	l.timer.Reset(max(l.left, 0))
}

// name is the peer as errors call it.
func (k *shaker) name() string { return joinHostPort(k.to.host, k.to.port) }

// run begins TLS on a connection. On failure the connection is left to the caller, and seen holds what
// was found out all the same.
func (k *shaker) run(ctx context.Context, sock net.Conn) (*tlsConn, error) {
	whole := ctx
	ctx, l, done := newLimit(ctx, k.to.handshake)
	defer done()
	k.limit = l
	k.wire = &wire{Conn: sock, recording: true}
	if k.config.StartTLS != "" {
		if err := k.startTLS(ctx, whole); err != nil {
			return nil, k.failed(err, transcript{})
		}
	}
	k.tell("shaking hands with " + k.name() + " (" + k.offer().versions() + ")")
	secrets := &secretLog{}
	if k.files.keyLog != nil {
		secrets.to = k.files.keyLog
	}
	k.began = k.clock()
	conn := tls.Client(k.wire, k.tlsConfig(ctx, secrets))
	err := conn.HandshakeContext(ctx)
	took := k.clock().Sub(k.began) - k.looked
	script := readTranscript(k.wire.recorded, secrets.server)
	if err != nil {
		if whole.Err() != nil {
			return nil, whole.Err()
		}
		if context.Cause(ctx) == errStalled {
			err = errStalled
		}
		if k.seen == nil && tooLarge(err) {
			k.readOn(ctx)
			script = readTranscript(k.wire.recorded, secrets.server)
		}
		if k.seen == nil && len(script.certificates) > 0 {
			// crypto/tls gave up before it showed the certificates to anyone.
			k.seen = inspectCerts(k.input(script.certificates, script.staple, script.scts))
		}
		err = k.explain(err, script)
		return nil, k.failed(err, script)
	}
	k.wire.recording, k.wire.recorded = false, nil
	k.state = conn.ConnectionState()
	h := k.handshake(script)
	h.Complete, h.Took = true, took
	k.seen = k.seen.with(h)
	return &tlsConn{Conn: conn, wire: k.wire, offer: k.offer()}, nil
}

// failed completes what was seen with how the handshake failed, and returns err.
func (k *shaker) failed(err error, script transcript) error {
	if k.seen == nil {
		in := k.input(nil, nil, 0)
		in.Problem = err.Error()
		k.seen = inspectCerts(in)
	}
	h := k.handshake(script)
	h.Problem = err.Error()
	if k.verified() {
		h.Took = k.judged.Sub(k.began)
	}
	if k.verified() && errors.As(err, new(*certs.Untrusted)) {
		h.Problem = "broken off by us, before anything of the application was sent: the policy is strict"
	}
	k.seen = k.seen.with(h)
	return err
}

// startTLS begins in plain text.
func (k *shaker) startTLS(ctx, whole context.Context) error {
	k.tell("STARTTLS " + k.config.StartTLS + ": plain text until the server is ready for TLS")
	err := starttls.Negotiate(ctx, k.wire.Conn, k.config.StartTLS, k.to.verify, func(in bool, p []byte) {
		if in {
			k.wire.got += int64(len(p))
		}
		k.data(in, p)
	})
	switch {
	case err == nil:
		k.wire.got = 0
		return nil
	case whole.Err() != nil:
		return whole.Err()
	case context.Cause(ctx) == errStalled:
		return &reasonError{k.op(), fmt.Sprintf("the %s dialogue before TLS did not finish within %s: %s", k.config.StartTLS, roundTime(k.to.handshake), k.silence()), err}
	}
	return fmt.Errorf("connect %s: %w", k.name(), err)
}

// op is what is being done, as errors begin.
func (k *shaker) op() string {
	if k.began.IsZero() && k.config.StartTLS != "" {
		return "STARTTLS " + k.config.StartTLS + " with " + k.name()
	}
	return "TLS handshake with " + k.name()
}

// tlsConfig is where a certificate is let through that crypto/tls would refuse: it stops at the first
// fault and has one word for it, where all of them are wanted, and the policy may be to go on. So its
// own verification is off, and VerifyConnection, which crypto/tls calls on every handshake before the
// client's own certificate and the first byte of the application go out, judges in its place.
func (k *shaker) tlsConfig(ctx context.Context, secrets *secretLog) *tls.Config {
	c := &tls.Config{
		ServerName:         k.to.serverName,
		NextProtos:         k.config.ALPN,
		MinVersion:         k.to.min,
		MaxVersion:         k.to.max,
		ClientSessionCache: k.cache,
		Time:               k.time,
		KeyLogWriter:       secrets,
		InsecureSkipVerify: true,
		// What is written at once is one record, which the peer gets as a whole or not at all; see writeOrder.
		DynamicRecordSizingDisabled: true,
		VerifyConnection:            func(state tls.ConnectionState) error { return k.verify(ctx, state) },
	}
	if k.config.Legacy {
		for _, s := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
			c.CipherSuites = append(c.CipherSuites, s.ID) // an explicit list overrules what Go leaves out
		}
	}
	c.GetClientCertificate = k.clientCertificate
	return c
}

// verify judges the certificates. It does not know yet whether the server has the key.
func (k *shaker) verify(ctx context.Context, state tls.ConnectionState) error {
	k.state, k.judged = state, k.clock()
	if _, err := k.anchors(); err != nil {
		return err
	}
	presented := make([][]byte, len(state.PeerCertificates))
	for i, c := range state.PeerCertificates {
		presented[i] = c.Raw
	}
	k.seen = inspectCerts(k.input(presented, state.OCSPResponse, len(state.SignedCertificateTimestamps)))
	if k.look != nil {
		if o, yes := k.look(); yes {
			began := k.clock()
			k.limit.pause()
			looking, cancel := context.WithTimeout(ctx, lookLimit)
			if seen, _ := k.seen.look(looking, o); seen != nil { // the error was told as it happened
				k.seen = seen
			}
			cancel()
			k.limit.resume()
			k.looked = k.clock().Sub(began)
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if k.config.Policy == Strict {
		return k.seen.report.Err()
	}
	return nil
}

func (k *shaker) input(presented [][]byte, staple []byte, scts int) certs.Input {
	at := k.config.AsOf
	if at.IsZero() {
		at = k.clock()
	}
	store, err := k.anchors()
	if err != nil {
		store = certs.NewStore() // verify has told of it, or the handshake failed before
	}
	return certs.Input{
		Presented: presented,
		Host:      k.to.verify,
		Time:      at,
		Store:     store,
		Extra:     k.files.extra,
		Usage:     x509.ExtKeyUsageServerAuth,
		Evidence:  certs.Evidence{Stapled: staple, CRLs: k.files.crls},
		SCTs:      scts,
	}
}

// clientCertificate answers a request for one.
func (k *shaker) clientCertificate(request *tls.CertificateRequestInfo) (*tls.Certificate, error) {
	k.asked = true
	for i, raw := range request.AcceptableCAs {
		if i == maxAcceptable {
			break
		}
		var sequence pkix.RDNSequence
		var name pkix.Name
		if rest, err := asn1.Unmarshal(raw, &sequence); err != nil || len(rest) > 0 {
			k.cas = append(k.cas, "(unreadable)")
			continue
		}
		name.FillFromRDNSequence(&sequence)
		k.cas = append(k.cas, certs.NameText(name))
	}
	client := k.files.client
	if client == nil {
		return &tls.Certificate{}, nil
	}
	// One that does not fit is sent all the same: the server's answer to it is what a person wants to see.
	if err := request.SupportsCertificate(client); err != nil {
		k.problem = "the client certificate does not fit what the server asks for: " + trimTLS(err)
		k.tell(k.problem)
	}
	leaf := client.Leaf
	if leaf == nil {
		leaf, _ = x509.ParseCertificate(client.Certificate[0])
	}
	k.sent = certs.SubjectText(leaf)
	return client, nil
}

func (k *shaker) offer() offer {
	return offer{k.to.serverName, k.config.ALPN, k.to.min, k.to.max, k.config.Legacy, k.asked, k.sent}
}

// handshake describes what was negotiated, as far as it went.
func (k *shaker) handshake(script transcript) certs.Handshake {
	s := k.state
	h := certs.Handshake{
		ALPN:          s.NegotiatedProtocol,
		ALPNOffered:   k.config.ALPN,
		HelloRetry:    s.HelloRetryRequest,
		ServerName:    k.to.serverName,
		Resumed:       s.DidResume,
		ECH:           s.ECHAccepted,
		SCTs:          len(s.SignedCertificateTimestamps),
		Stapled:       len(s.OCSPResponse) > 0,
		StartTLS:      k.config.StartTLS,
		ClientAsked:   k.asked,
		ClientSent:    k.sent,
		ClientProblem: k.problem,
		AcceptableCAs: k.cas,
	}
	version, suite := s.Version, s.CipherSuite
	if version == 0 {
		version, suite = script.version, script.suite
		h.Stapled, h.SCTs = script.staple != nil, script.scts
	}
	if version != 0 {
		h.Version, h.CipherSuite = tls.VersionName(version), tls.CipherSuiteName(suite)
	}
	if s.CurveID != 0 {
		h.Curve = s.CurveID.String()
	}
	if script.scheme != 0 {
		h.Signature = script.scheme.String()
	}
	return h
}
