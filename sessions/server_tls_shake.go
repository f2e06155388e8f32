package sessions

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/netip"
	"time"

	"wirebench/sessions/certs"
	"wirebench/sessions/inspect"
)

// clientShaker makes the handshake with one client of a listener. It is used once, by one goroutine.
type clientShaker struct {
	t      *serverTLS
	wire   *wire
	peer   servedPeer
	looked bool   // at the first bytes
	plain  bool   // they are no TLS
	tail   []byte // the last bytes that came in, as many as an alert has

	// Of the ClientHello; hello is false before there is one.
	hello    bool
	versions []uint16
	suites   []uint16
	alpn     []string

	report *certs.Report     // on the client's certificate; nil when there is none, or nothing to hold it against
	cert   *x509.Certificate // the client's, nil for none
}

// servedPeer is what is known about the client of a TLS listener while the connection lasts.
type servedPeer struct {
	t          *serverTLS
	name       string // its address, as errors call it
	serverName string // the name it asked for, safe to show
	local      netip.Addr
}

// maxServerName is the most of a name that is shown; no real one is longer (RFC 1035 section 2.3.4).
const maxServerName = 255

// shakerKey finds the shaker of a handshake in its context, which is all that crypto/tls hands on.
type shakerKey struct{}

// configForClient is called for every ClientHello.
func configForClient(hello *tls.ClientHelloInfo) (*tls.Config, error) {
	k, ok := hello.Context().Value(shakerKey{}).(*clientShaker)
	if !ok {
		return nil, nil
	}
	return k.configFor(hello), nil
}

// configFor returns nil for the listener's own configuration. A copy of it does not cut clients off from
// their sessions: the keys of tickets stay those of the listener's (see tls.Config.GetConfigForClient).
func (k *clientShaker) configFor(hello *tls.ClientHelloInfo) *tls.Config {
	k.hello = true
	k.versions, k.suites, k.alpn = hello.SupportedVersions, hello.CipherSuites, hello.SupportedProtos
	k.peer.serverName = inspect.Escape([]byte(hello.ServerName[:min(len(hello.ServerName), maxServerName)]))
	k.wire.recording, k.wire.recorded = false, nil
	if k.t.config.ClientAuth == tls.NoClientCert {
		return nil
	}
	c := k.t.config.Clone()
	c.VerifyConnection = k.verify
	return c
}

// verify judges the client's certificate. It does not know yet whether the client has the key.
func (k *clientShaker) verify(state tls.ConnectionState) error {
	if len(state.PeerCertificates) == 0 {
		return nil // if that is not allowed, crypto/tls has refused it
	}
	k.cert = state.PeerCertificates[0]
	if k.t.clients == nil {
		return nil
	}
	presented := make([][]byte, len(state.PeerCertificates))
	for i, c := range state.PeerCertificates {
		presented[i] = c.Raw
	}
	k.report = certs.Check(certs.Input{
		Presented:   presented,
		Time:        time.Now(),
		Store:       k.t.clients,
		Usage:       x509.ExtKeyUsageClientAuth,
		NoHandshake: true, // clients staple nothing
	})
	return k.report.Err()
}

// helloWire is the socket of a handshake as crypto/tls sees it. It ends one whose first byte is not TLS, where
// crypto/tls would wait for five, and keeps the last bytes for [clientShaker.bareAlert].
type helloWire struct {
	*wire
	k *clientShaker // nil once the handshake is over
}

func (w *helloWire) Read(p []byte) (int, error) {
	n, err := w.wire.Read(p)
	if w.k == nil || n == 0 {
		return n, err
	}
	w.k.tail = append(w.k.tail, p[max(0, n-alertRecord):n]...)
	w.k.tail = w.k.tail[max(0, len(w.k.tail)-alertRecord):]
	if !w.k.looked {
		w.k.looked = true
		if !startsTLS(p[0]) {
			w.k.plain = true
			return n, errNotTLS
		}
	}
	return n, err
}

const (
	recordAlert = 21 // the type of a record with an alert (RFC 8446 section 5.1)
	alertRecord = 7  // the length of one that is not encrypted
)

// bareAlert returns the alert of a client that sent it without encryption, though TLS 1.3 was agreed on and
// crypto/tls expects nothing else: it sees damage there. OpenSSL does so with everything that it says about
// the listener's certificate.
func (k *clientShaker) bareAlert() (code uint8, ok bool) {
	t := k.tail
	if !k.hello || len(t) != alertRecord || t[0] != recordAlert || t[1] != 3 || t[3] != 0 || t[4] != 2 || t[5] < 1 || t[5] > 2 {
		return 0, false
	}
	return t[6], true
}

// errNotTLS is what ends the handshake of a client that begins with something else.
var errNotTLS = errors.New("it does not begin with TLS")

// startsTLS reports whether a client that speaks TLS may begin so: with a record of handshake or alert.
func startsTLS(first byte) bool { return first == recordHandshake || first == recordAlert }

// shake waits for the client to begin TLS on a connection and agrees with it on everything. The error says
// for people why it came to nothing; it is the context's own when that has ended, and has a [*notTLSError] in
// it for a client that speaks something else. On failure the connection is left to the caller, who closes it;
// a client that was refused has been told, and has had time to read it.
func (t *serverTLS) shake(ctx context.Context, sock net.Conn) (*tlsConn, *ClientTLS, error) {
	whole := ctx
	ctx, _, done := newLimit(ctx, t.timeout)
	defer done()
	k := &clientShaker{t: t, wire: &wire{Conn: sock, recording: true}}
	remote := addrPort(sock.RemoteAddr())
	k.peer = servedPeer{t: t, name: remote.String(), local: addrPort(sock.LocalAddr()).Addr()}
	socket := &helloWire{k.wire, k}
	conn := tls.Server(socket, t.config)
	err := conn.HandshakeContext(context.WithValue(ctx, shakerKey{}, k))
	if err != nil {
		if whole.Err() != nil {
			return nil, nil, whole.Err()
		}
		if context.Cause(ctx) == errStalled {
			err = errStalled
		}
		if k.refusedIt(err) {
			k.linger(ctx)
		}
		return nil, nil, k.explain(err)
	}
	info := k.summary(conn.ConnectionState())
	out := &tlsConn{Conn: conn, wire: k.wire, served: new(k.peer)}
	socket.k, *k = nil, clientShaker{} // the configuration of the connection, which stays, has k
	return out, info, nil
}

// summary tells what was agreed on.
func (k *clientShaker) summary(s tls.ConnectionState) *ClientTLS {
	c := &ClientTLS{
		Version:     tls.VersionName(s.Version),
		CipherSuite: tls.CipherSuiteName(s.CipherSuite),
		ServerName:  k.peer.serverName,
		ALPN:        s.NegotiatedProtocol,
		Resumed:     s.DidResume,
	}
	if s.CurveID != 0 {
		c.Curve = s.CurveID.String()
	}
	if len(s.PeerCertificates) == 0 {
		return c
	}
	leaf := s.PeerCertificates[0]
	c.Subject, c.Issuer = certs.SubjectText(leaf), certs.IssuerText(leaf)
	c.Verified = "not verified: no roots are named to hold it against"
	if k.report != nil {
		c.Verified = "verified"
		if chain := k.report.Chain; len(chain) > 0 {
			c.Verified += " with the root " + certs.SubjectText(chain[len(chain)-1])
		}
	}
	return c
}

// refusedIt reports whether it was this side that gave the handshake up, with an alert.
func (k *clientShaker) refusedIt(err error) bool {
	_, alert := remoteAlert(err)
	_, bare := k.bareAlert()
	return k.hello && !alert && !bare && err != errStalled && !k.gone(err)
}

// gone reports whether the connection ended.
func (k *clientShaker) gone(err error) bool {
	return k.wire.eof || err == io.EOF || brokenOff(err) || timedOut(err)
}

// linger lets a client that was refused read why: closing while something of its is unread, which is common
// in TLS 1.3, where it may send data before it learns of the refusal, would be a reset that destroys the
// alert.
func (k *clientShaker) linger(ctx context.Context) {
	half, ok := k.wire.Conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	stopped := make(chan struct{})
	unhook := context.AfterFunc(ctx, func() {
		defer close(stopped)
		_ = k.wire.Conn.SetReadDeadline(past)
	})
	_ = k.wire.Conn.SetReadDeadline(time.Now().Add(closeGrace))
	if ctx.Err() == nil { // the deadline above may have come after the one in the past
		_, _ = io.Copy(io.Discard, k.wire.Conn)
	}
	if !unhook() {
		<-stopped
	}
}
