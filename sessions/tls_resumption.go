package sessions

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"wirebench/sessions/certs"
	"wirebench/sessions/certs/lookup"
)

// ticketPatience is how long a server has to send a session ticket once the hands are shaken. In TLS 1.3
// tickets come when the server likes, most of them with its first bytes.
const ticketPatience = 2 * time.Second

// Resumption is what [TLSSession.TestResumption] found out.
type Resumption struct {
	Resumed bool
	Version string        // of the first handshake: "TLS 1.3"
	Tickets int           // session tickets that came on the first connection, as far as they were waited for
	First   time.Duration // the full handshake
	Second  time.Duration // the one that offered a ticket; 0 when there was none
	Text    string        // the result as one sentence
}

// TestResumption makes two more connections with the settings of the next Start, one after the other,
// and tells whether the second takes up the session of the first. They are opened and closed without a
// byte of the application being sent, and appear in the capture as connections of their own; the
// present connection and the Report are left alone. The error is that of a connection that failed: with
// the strict policy also that of a certificate that is not trusted. It must not be called from inside
// an Observer, and needs a session that has been started before.
func (t *TLSSession) TestResumption(ctx context.Context) (Resumption, error) {
	ctx, done, err := t.beside(ctx)
	if err != nil {
		return Resumption{}, fmt.Errorf("test resumption: %w", err)
	}
	defer done()
	s := t.stream()
	if s == nil {
		return Resumption{}, errors.New("test resumption: connect first")
	}
	c := t.Config()
	// A local port that is chosen may be taken by the present connection.
	c.LocalAddress = withoutPort(c.LocalAddress)
	to, err := c.tlsTarget()
	if err != nil {
		return Resumption{}, err
	}
	var r Resumption
	cache := &ticketCache{}
	first, err := t.extra(ctx, s, c, to, cache, "first connection of the resumption test", ticketPatience)
	if err != nil {
		return r, fmt.Errorf("test resumption: %w", err)
	}
	h := first.seen.report.Handshake
	r.Version, r.First = h.Version, h.Took
	// Go takes up no session whose certificate has expired; a test may.
	if leaf := first.state.PeerCertificates[0]; time.Now().After(leaf.NotAfter) {
		late := time.Since(leaf.NotAfter) + time.Hour
		cache.time = func() time.Time { return time.Now().Add(-late) }
	}
	if _, r.Tickets = cache.now(); r.Tickets == 0 {
		r.Text = "not resumed: the server sent no session ticket"
		if first.state.Version == tls.VersionTLS13 {
			r.Text += " within " + roundTime(ticketPatience)
		}
		s.progress(r.Text)
		return r, nil
	}
	second, err := t.extra(ctx, s, c, to, cache, "second connection of the resumption test", 0)
	if err != nil {
		return r, fmt.Errorf("test resumption: %w", err)
	}
	r.Resumed, r.Second = second.state.DidResume, second.seen.report.Handshake.Took
	how := "a session ticket"
	if first.state.Version == tls.VersionTLS13 {
		how = "a pre-shared key from a session ticket"
	}
	if r.Resumed {
		r.Text = fmt.Sprintf("resumed with %s: %s instead of %s for the handshake", how, milliseconds(r.Second), milliseconds(r.First))
	} else {
		r.Text = fmt.Sprintf("not resumed: the server sent a ticket, and made a full handshake (%s) when it was offered", milliseconds(r.Second))
	}
	s.progress(r.Text)
	return r, nil
}

// extra makes a connection beside the present one, waits for a ticket, and closes it.
func (t *TLSSession) extra(ctx context.Context, s *stream, c TLSConfig, to tlsTarget, cache *ticketCache, what string, wait time.Duration) (*shaker, error) {
	files, err := c.load()
	if err != nil {
		return nil, err
	}
	defer files.close()
	k := &shaker{
		config: c, to: to, files: files, clock: s.c.opts.Clock, cache: cache, time: cache.time,
		look: func() (o lookup.Options, yes bool) { return o, false }, // asked when it was connected, if at all
	}
	store, err := c.anchors(files.own)
	k.anchors = func() (*certs.Store, error) { return store, err }
	if err != nil {
		return nil, err
	}
	l, _, err := dialTCP(ctx, s, c.TCPConfig, to.target)
	if err != nil {
		return nil, err
	}
	l.note += ": " + what
	s.rec.Lock()
	s.appendOpen(l)
	s.rec.Unlock()
	k.tell = func(text string) { s.note(l.flow, text) }
	k.data = func(bool, []byte) {} // the same as on the connection itself, and not of it
	conn, err := k.run(ctx, l.sock)
	if err != nil {
		_ = l.sock.Close()
		s.endEarly(l.flow, err)
		s.note(l.flow, err.Error())
		return nil, err
	}
	s.note(l.flow, summary(k.seen.report))
	if wait > 0 && k.state.Version == tls.VersionTLS13 { // TLS 1.2 sends it in the handshake
		if n := cache.await(ctx, conn, wait); n > 0 {
			s.note(l.flow, countBytes(n)+" that the server sent were not kept")
		}
	}
	part(conn)
	s.endEarly(l.flow, nil)
	return k, ctx.Err()
}

// withoutPort returns a local address that parseLocal has accepted, without its port.
func withoutPort(local string) string {
	at, err := parseLocal(local)
	if err != nil || !at.Addr().IsValid() {
		return ""
	}
	return netip.AddrPortFrom(at.Addr(), 0).String()
}

// ticketCache keeps the newest session of one server.
type ticketCache struct {
	time func() time.Time // what a session's age is reckoned with; nil for the system's clock

	mu      sync.Mutex
	came    func() // called for each ticket; may be nil
	session *tls.ClientSessionState
	tickets int
}

var _ tls.ClientSessionCache = (*ticketCache)(nil)

// Get implements [tls.ClientSessionCache].
func (c *ticketCache) Get(string) (*tls.ClientSessionState, bool) {
	session, _ := c.now()
	return session, session != nil
}

// Put implements [tls.ClientSessionCache].
func (c *ticketCache) Put(_ string, session *tls.ClientSessionState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.session = session
	if session != nil {
		c.tickets++
		if c.came != nil {
			c.came()
		}
	}
}

func (c *ticketCache) now() (*tls.ClientSessionState, int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session, c.tickets
}

// await reads until a ticket has come, the connection ends, or the time is up. It returns how many bytes
// of the application it met.
func (c *ticketCache) await(ctx context.Context, conn *tlsConn, wait time.Duration) (n int64) {
	_ = conn.wire.Conn.SetReadDeadline(time.Now().Add(wait))
	enough := func() { _ = conn.wire.Conn.SetReadDeadline(past) } // crypto/tls goes on reading after a ticket
	defer context.AfterFunc(ctx, enough)()
	c.mu.Lock()
	c.came = enough
	came := c.session != nil
	c.mu.Unlock()
	for buf := make([]byte, tlsPiece); !came; {
		m, err := conn.Read(buf)
		n += int64(m)
		if err != nil {
			break
		}
	}
	return n
}
