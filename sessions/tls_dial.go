package sessions

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"time"

	"wirebench/sessions/capture"
	"wirebench/sessions/certs"
	"wirebench/sessions/certs/lookup"
)

const (
	// farewell is how long a peer has to take our close_notify when nothing else is to be said.
	farewell = time.Second
	// afterthought is how long a TLS 1.3 server that asked for a client certificate has to say what it
	// thinks of the answer: there it does so only after the handshake.
	afterthought = time.Second
)

// open is the dial step of a TLS client.
func (t *TLSSession) open(ctx context.Context, s *stream, c TLSConfig, to tlsTarget, files *tlsFiles) (link, error) {
	defer files.close()
	t.seenMu.Lock()
	t.seen = nil
	t.seenMu.Unlock()
	k := &shaker{
		config: c, to: to, files: files, clock: s.c.opts.Clock,
		tell: s.progress,
		look: func() (lookup.Options, bool) {
			o := lookup.Options{OCSP: c.LookOCSP, CRL: c.LookCRL, AIA: c.LookAIA,
				Progress: func(step lookup.Step) { s.progress(stepText(step)) }}
			return o, o.OCSP || o.CRL || o.AIA
		},
	}
	fail := func(err error) (link, error) {
		if k.seen == nil {
			_ = k.failed(err, transcript{})
		}
		if ctx.Err() == nil {
			t.see(s, k.seen)
		}
		return link{}, err
	}
	// Reading the system's roots takes about as long as a handshake nearby, so it goes on beside it.
	loaded := make(chan struct{})
	var store *certs.Store
	var storeErr error
	go func() {
		defer close(loaded)
		store, storeErr = c.anchors(files.own)
	}()
	defer func() { <-loaded }()
	k.anchors = func() (*certs.Store, error) {
		<-loaded
		return store, storeErr
	}
	l, err := openTCP(ctx, s, c.TCPConfig, to.target)
	if err != nil {
		return fail(err)
	}
	s.begin(l)
	k.data = func(in bool, p []byte) {
		d := capture.Out
		if in {
			d = capture.In
		}
		s.passed(l.flow, d, p)
	}
	if files.keyLog != nil {
		s.progress("the secrets of this connection are written to " + c.KeyLogFile)
	}
	conn, err := k.run(ctx, l.sock)
	if err != nil {
		_ = l.sock.Close()
		s.endEarly(l.flow, err)
		return fail(err)
	}
	t.see(s, k.seen)
	l.note = summary(k.seen.report)
	if c.Policy == Inspect {
		s.note(l.flow, l.note)
		return link{}, t.inspected(s, l, conn, k)
	}
	l.conn, l.begun, l.brittle, l.peerEnd = conn, true, true, conn.peerEnd
	return l, nil
}

// inspected ends a connection whose certificate is all that was wanted.
func (t *TLSSession) inspected(s *stream, l link, conn *tlsConn, k *shaker) error {
	text := "inspected, and closed by us: certificate " + string(k.seen.report.Status)
	if k.asked && k.state.Version == tls.VersionTLS13 {
		_ = l.sock.SetReadDeadline(time.Now().Add(afterthought))
		unhook := context.AfterFunc(s.ctx, func() { _ = l.sock.SetReadDeadline(past) })
		buf := make([]byte, tlsPiece)
		n, err := conn.Read(buf)
		unhook()
		if n > 0 {
			s.passed(l.flow, capture.In, buf[:n])
		}
		if err != nil && err != io.EOF && !timedOut(err) {
			text += "; but then " + reason(err)
		}
	}
	part(conn)
	s.endEarly(l.flow, nil)
	return errDone{text}
}

// part closes a connection in order, without waiting for the peer to do the same.
func part(conn *tlsConn) {
	_ = conn.wire.Conn.SetWriteDeadline(time.Now().Add(farewell))
	_ = conn.CloseWrite() // the peer may be gone already
	_ = conn.wire.Conn.Close()
}

// progress tells what is going on before the connection carries data, to the observer and the capture.
func (s *stream) progress(text string) {
	s.note(s.flowNow(), text)
	s.tell(Event{Name: EventState, Text: text})
}

// endEarly records the end of a connection that never carried data of the application.
func (s *stream) endEarly(f capture.Flow, err error) {
	s.rec.Lock()
	defer s.rec.Unlock()
	switch {
	case errors.Is(err, errReset):
		s.c.log.Append(f, capture.In, capture.Reset, nil, "reset by peer (RST)")
		return
	case errors.Is(err, io.EOF):
		s.c.log.Append(f, capture.In, capture.Close, nil, "closed by peer (FIN)")
	}
	s.c.log.Append(f, capture.Out, capture.Close, nil, "closed by us (FIN)")
}

// summary is a handshake in one line: "TLS 1.3, TLS_AES_128_GCM_SHA256, X25519MLKEM768, certificate trusted".
func summary(r *certs.Report) string {
	h := r.Handshake
	text := h.Version + ", " + h.CipherSuite
	for _, part := range []string{h.Curve, h.ALPN} {
		if part != "" {
			text += ", " + part
		}
	}
	if h.Resumed {
		text += ", resumed"
	}
	return text + ", certificate " + string(r.Status)
}
