package sessions

import (
	"net"
	"syscall"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

// control sets what must be set before the socket is bound. It has the form of net.ListenConfig.Control.
func (c UDPConfig) control(_, _ string, rc syscall.RawConn) error {
	return withSocket(rc, func(fd uintptr) error {
		for _, option := range reuseOptions {
			// Off as well: for a group's address Go switches it on by itself.
			if err := setSocketOption(fd, syscall.SOL_SOCKET, option, oneIf(c.ReuseAddress)); err != nil {
				return err
			}
		}
		return nil
	})
}

// setChoices sets what a person chose, for what is sent to one host or to all of a network. It may be
// called again on the same socket.
func setChoices(conn *net.UDPConn, c UDPConfig) error {
	rc, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	// Go's sockets may send broadcasts from the start.
	if err := withSocket(rc, func(fd uintptr) error {
		return setSocketOption(fd, syscall.SOL_SOCKET, syscall.SO_BROADCAST, oneIf(c.Broadcast))
	}); err != nil {
		return err
	}
	ttl := c.TTL
	if ttl == 0 {
		if usualTTL == 0 {
			return nil
		}
		ttl = usualTTL
	}
	four, six := families(conn)
	if six {
		if err := ipv6.NewPacketConn(conn).SetHopLimit(ttl); err != nil {
			return err
		}
	}
	if four {
		// What is IPv4 on an IPv6 socket need not have a TTL of its own on every system.
		if err := ipv4.NewPacketConn(conn).SetTTL(ttl); err != nil && !six {
			return err
		}
	}
	return nil
}

// families reports which versions of IP a socket carries. One that is bound to every address may carry both.
func families(conn *net.UDPConn) (four, six bool) {
	local := udpLocal(conn)
	switch {
	case local.Is4():
		return true, false
	case !local.IsUnspecified():
		return false, true
	}
	only := 1
	if rc, err := conn.SyscallConn(); err == nil {
		_ = withSocket(rc, func(fd uintptr) (err error) {
			only, err = socketOption(fd, syscall.IPPROTO_IPV6, syscall.IPV6_V6ONLY)
			return err
		})
	}
	return only == 0, true
}

// withSocket calls f with the descriptor, which stays open meanwhile. The error is the system's, or that
// the socket is closed.
func withSocket(rc syscall.RawConn, f func(fd uintptr) error) error {
	var failed error
	if err := rc.Control(func(fd uintptr) { failed = f(fd) }); err != nil {
		return err
	}
	return failed
}

func oneIf(b bool) int {
	if b {
		return 1
	}
	return 0
}

// dropsSince returns how many more drops count is than *seen, both modulo 2^32, and moves *seen on. A count
// that is behind, because it came with a datagram that had waited, adds nothing.
func dropsSince(seen *uint32, count uint32) int64 {
	more := int32(count - *seen)
	if more <= 0 {
		return 0
	}
	*seen = count
	return int64(more)
}
