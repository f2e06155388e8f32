package sessions

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

const (
	// tlsPiece is the most that is given to crypto/tls at once: one record. A write that is cut short
	// spoils the connection, so what the peer takes before patience ends had better be little.
	tlsPiece = 16 << 10
	// maxRecorded is the most of a handshake that is kept. crypto/tls accepts certificate messages of
	// 256 KiB; larger ones are read for the report alone.
	maxRecorded = 2 << 20

	alertNoRenegotiation = 100 // RFC 5246 section 7.2.2
)

// wire is the socket as crypto/tls sees it. It remembers what comes in while the hands are shaken, and
// keeps crypto/tls from moving the deadlines, which the stream sets on the socket itself. Reads come
// from one goroutine at a time, which is also the only one to look at the fields.
type wire struct {
	net.Conn
	recording bool
	recorded  []byte
	got       int64 // bytes that came in
	eof       bool  // the peer's FIN was met

	out *orderedWriter // writes in the place of Conn; nil for none
}

func (w *wire) Write(p []byte) (int, error) {
	if w.out != nil {
		return w.out.Write(p)
	}
	return w.Conn.Write(p)
}

func (w *wire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	w.got += int64(n)
	if w.recording && n > 0 {
		w.recorded = append(w.recorded, p[:min(n, maxRecorded-len(w.recorded))]...)
	}
	if err == io.EOF {
		w.eof = true
	}
	return n, err
}

func (*wire) SetDeadline(time.Time) error      { return nil }
func (*wire) SetReadDeadline(time.Time) error  { return nil }
func (*wire) SetWriteDeadline(time.Time) error { return nil }

// tlsConn is a TLS connection whose errors are in words and whose sending side closes as a whole.
type tlsConn struct {
	*tls.Conn
	wire   *wire
	offer  offer       // of a client
	served *servedPeer // the client of a listener; nil when this side is the client
	some   bool        // bytes of the application have come in
}

// orderBy makes o know when the system has taken a write. It is called before the first one.
func (c *tlsConn) orderBy(o *writeOrder) {
	c.wire.out = newOrderedWriter(c.wire.Conn, o)
	o.exact = c.wire.out != nil
}

// Read reads what the application on the other side sent. A stream that ends between two records
// without close_notify ends with io.EOF, too; see peerEnd.
func (c *tlsConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.some = c.some || n > 0
	if err != nil && err != io.EOF {
		err = c.explain(err)
	}
	return n, err
}

func (c *tlsConn) explain(err error) error {
	if c.served != nil {
		return c.served.explain(err)
	}
	if alert := c.offer.explainAlert(err); alert != nil {
		return alert
	}
	code, ok := alertOf(err, "local error")
	switch {
	case ok && code == alertNoRenegotiation:
		return &explained{"the server wants to shake hands again in the middle of the connection, which is not done here (some servers ask for a client certificate that way: name one, or let the lowest version be TLS 1.3)", err}
	case ok:
		return &explained{fmt.Sprintf("what came is no good TLS (%s): it was damaged or tampered with on the way, or the server is faulty", alertWords[code].name), err}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &explained{"the connection ended in the middle of a TLS record, so that the last bytes are missing", err}
	case !c.some && c.offer.asked && c.offer.sent == "" && brokenOff(err):
		return &explained{reason(err) + " (it had asked for a client certificate and got none: name one, with its key)", err}
	}
	return err
}

// CloseWrite sends close_notify and then the FIN, so that a peer that looks for only one of them learns
// of the end too.
func (c *tlsConn) CloseWrite() error {
	if err := c.Conn.CloseWrite(); err != nil {
		return err
	}
	if half, ok := c.wire.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// peerEnd says how the peer ended its sending side.
func (c *tlsConn) peerEnd() string {
	if c.wire.eof {
		return "FIN without close_notify: whether anything is missing at the end cannot be told"
	}
	return "close_notify"
}
