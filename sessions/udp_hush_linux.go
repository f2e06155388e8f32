package sessions

import (
	"net"
	"net/netip"

	"golang.org/x/sys/unix"
)

// hush makes a socket take nothing more, and leaves what has arrived to be read. Connected to itself it takes only
// what it sends itself to itself; see connect(2).
func hush(conn *net.UDPConn) error {
	rc, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	local := udpAddr(conn.LocalAddr())
	a := local.Addr()
	if a.IsUnspecified() {
		a = netip.IPv6Loopback()
		if four, _ := families(conn); four {
			a = netip.MustParseAddr(ownHost)
		}
	}
	return withSocket(rc, func(fd uintptr) error {
		family, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_DOMAIN)
		if err != nil {
			return err
		}
		if family == unix.AF_INET {
			return unix.Connect(int(fd), &unix.SockaddrInet4{Port: int(local.Port()), Addr: a.As4()})
		}
		return unix.Connect(int(fd), &unix.SockaddrInet6{Port: int(local.Port()), Addr: a.As16(), ZoneId: scope(a)})
	})
}

// rest is read without waiting: 0 when there is nothing.
func (b *inbox) rest() (int, error) {
	b.reset()
	b.nap = false
	if err := b.conn.Control(func(fd uintptr) { b.once(fd) }); err != nil {
		return 0, err
	}
	return b.n, b.err
}
