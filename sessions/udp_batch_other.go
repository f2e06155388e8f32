//go:build !linux

package sessions

import (
	"net"
	"net/netip"
)

// inbox takes datagrams from a socket, one at a time. It is for one goroutine.
type inbox struct {
	conn *net.UDPConn
	buf  []byte
	p    []byte
	addr netip.AddrPort
}

func newInbox(conn *net.UDPConn, _ int) (*inbox, error) {
	return &inbox{conn: conn, buf: make([]byte, maxDatagram)}, nil
}

// read waits until there are datagrams, and returns how many it took. What it took before stays until then.
func (b *inbox) read() (int, error) {
	n, from, err := b.conn.ReadFromUDPAddrPort(b.buf)
	if err != nil {
		return 0, err
	}
	b.p, b.addr = b.buf[:n], netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
	return 1, nil
}

// end must be called when nothing is read any more, by who read.
func (b *inbox) end() {}

// payload returns the bytes of a datagram that was read. They are the inbox's until the next read.
func (b *inbox) payload(int) []byte { return b.p }

// oob returns what came beside it, which is nothing.
func (b *inbox) oob(int) []byte { return nil }

// from returns who sent it, unmapped.
func (b *inbox) from(int) netip.AddrPort { return b.addr }

// volley sends the same datagram several times. It is for one goroutine.
type volley struct {
	conn *net.UDPConn
	to   netip.AddrPort
	p    []byte
}

// newVolley makes a volley of p, which stays the caller's to leave unchanged.
func newVolley(conn *net.UDPConn, _ bool, to netip.AddrPort, p []byte) (*volley, error) {
	return &volley{conn, to, p}, nil
}

// beside adds nothing.
func (*volley) beside([]byte) {}

// send sends it n times, at most batchDatagrams, and returns how often the system took it. full reports
// that it has no room for more at the moment, which is never: the system waits until there is some.
func (v *volley) send(n int) (sent int, full bool, err error) {
	for sent < min(n, batchDatagrams) {
		if _, err := v.conn.WriteToUDPAddrPort(v.p, v.to); err != nil {
			if sent > 0 {
				err = nil // the next call tells it
			}
			return sent, false, err
		}
		sent++
	}
	return sent, false, nil
}

// join changes nothing: each goes out by itself.
func (v *volley) join(bool) {}
