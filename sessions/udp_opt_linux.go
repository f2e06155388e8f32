package sessions

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

var reuseOptions = []int{unix.SO_REUSEADDR}

const (
	// usualTTL brings the system's own back.
	usualTTL = -1
	// groupsReachBound: a socket that is bound to an address of this machine hears groups too.
	groupsReachBound = false
	// mappedGroups: an IPv6 socket that carries IPv4 can join IPv4 groups.
	mappedGroups = true
	// udpOOBSize is the room for what parseOOB and destination read: the time, the count of drops, and the
	// address, once of each version of IP.
	udpOOBSize = 192
)

// tune sets what c asks for on a socket that is bound, and what tells more about its datagrams: when each
// arrived, how many were dropped before it, and which of those sent came back as ICMP errors. What the
// system does not have is left out. It returns how many bytes of datagrams may wait, without the
// same again that Linux adds for its own use; fewer payload bytes fit, because each datagram needs
// some hundred bytes more.
func tune(conn *net.UDPConn, c UDPConfig) (receiveBuffer int, err error) {
	rc, err := conn.SyscallConn()
	if err != nil {
		return 0, err
	}
	want := c.ReceiveBuffer
	if want == 0 {
		want = defaultReceiveBuffer
	}
	_, six := families(conn)
	err = withSocket(rc, func(s uintptr) error {
		fd := int(s)
		// With CAP_NET_ADMIN net.core.rmem_max is no limit.
		if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, want) != nil {
			if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, want); err != nil {
				return os.NewSyscallError("setsockopt", err)
			}
		}
		n, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF)
		if err != nil {
			return os.NewSyscallError("getsockopt", err)
		}
		receiveBuffer = n / 2
		options := []struct{ level, name, value int }{
			{unix.SOL_SOCKET, unix.SO_RXQ_OVFL, 1},
			{unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1},
			{unix.SOL_IP, unix.IP_RECVERR, 1},
			// Else the groups that other programs joined would arrive here too (ip(7)).
			{unix.SOL_IP, unix.IP_MULTICAST_ALL, 0},
		}
		if six {
			options = append(options, []struct{ level, name, value int }{
				{unix.SOL_IPV6, unix.IPV6_RECVERR, 1},
				{unix.SOL_IPV6, unix.IPV6_MULTICAST_ALL, 0},
			}...)
		}
		if bound := udpLocal(conn); bound.IsUnspecified() {
			options = append(options, struct{ level, name, value int }{unix.SOL_IP, unix.IP_PKTINFO, 1})
			if six {
				options = append(options, struct{ level, name, value int }{unix.SOL_IPV6, unix.IPV6_RECVPKTINFO, 1})
			}
		}
		for _, o := range options {
			_ = unix.SetsockoptInt(fd, o.level, o.name, o.value)
		}
		return nil
	})
	if err == nil {
		err = setChoices(conn, c)
	}
	return receiveBuffer, err
}

const (
	wordSize   = unix.SizeofPtr
	cmsgHeader = (unix.SizeofCmsghdr + wordSize - 1) &^ (wordSize - 1)
)

// nextControl takes the first message off what recvmsg(2) stored beside a datagram; see cmsg(3). It
// returns false at the end, and at what cannot be a message.
func nextControl(oob []byte) (level, kind int32, data, rest []byte, ok bool) {
	if len(oob) < cmsgHeader {
		return 0, 0, nil, nil, false
	}
	var n uint64
	if wordSize == 8 {
		n = binary.NativeEndian.Uint64(oob)
	} else {
		n = uint64(binary.NativeEndian.Uint32(oob))
	}
	if n < cmsgHeader || n > uint64(len(oob)) {
		return 0, 0, nil, nil, false
	}
	level = int32(binary.NativeEndian.Uint32(oob[wordSize:]))
	kind = int32(binary.NativeEndian.Uint32(oob[wordSize+4:]))
	next := min((int(n)+wordSize-1)&^(wordSize-1), len(oob))
	return level, kind, oob[cmsgHeader:n], oob[next:], true
}

// parseOOB reads what came beside a datagram: when the system took it, and how many datagrams it has
// dropped for want of room in the socket's life, modulo 2^32, up to when it took this one. Linux says
// nothing of drops while there are none. The result ok is that of the time; each stands for itself.
// It allocates nothing.
func parseOOB(oob []byte) (at time.Time, dropped uint32, hasDropped bool, ok bool) {
	for {
		level, kind, data, rest, more := nextControl(oob)
		if !more {
			return at, dropped, hasDropped, ok
		}
		oob = rest
		if level != unix.SOL_SOCKET {
			continue
		}
		switch kind {
		case unix.SCM_TIMESTAMPNS, unix.SO_TIMESTAMPNS_NEW:
			var sec, nsec int64
			switch {
			case len(data) >= 16:
				sec, nsec = int64(binary.NativeEndian.Uint64(data)), int64(binary.NativeEndian.Uint64(data[8:]))
			case len(data) >= 8: // the timespec of 32-bit systems
				sec, nsec = int64(int32(binary.NativeEndian.Uint32(data))), int64(int32(binary.NativeEndian.Uint32(data[4:])))
			default:
				continue
			}
			if nsec >= 0 && nsec < int64(time.Second) {
				at, ok = time.Unix(sec, nsec), true
			}
		case unix.SO_RXQ_OVFL:
			if len(data) >= 4 {
				dropped, hasDropped = binary.NativeEndian.Uint32(data), true
			}
		}
	}
}

// destination reads from what came beside a datagram to which address it was sent, unmapped: one of this
// machine's, which own says, a group or a broadcast address. It is not valid if the system did not tell. It
// allocates nothing.
func destination(oob []byte) (to netip.Addr, own bool) {
	for {
		level, kind, data, rest, more := nextControl(oob)
		if !more {
			return to, own
		}
		oob = rest
		switch {
		case level == unix.SOL_IP && kind == unix.IP_PKTINFO && len(data) >= unix.SizeofInet4Pktinfo:
			// The address to answer from is that of the datagram where it was sent to this machine alone.
			return netip.AddrFrom4([4]byte(data[8:12])), [4]byte(data[4:8]) == [4]byte(data[8:12])
		case level == unix.SOL_IPV6 && kind == unix.IPV6_PKTINFO && len(data) >= unix.SizeofInet6Pktinfo:
			// Of IPv4 on an IPv6 socket the other message knows more.
			to = netip.AddrFrom16([16]byte(data[:16])).Unmap()
			own = to.Is6() && !to.IsMulticast()
		}
	}
}

// sourceControl returns what makes sendmsg(2) send to an address from one of this machine's, see ip(7) and
// RFC 3542 6.2.
func sourceControl(from, to netip.Addr) []byte {
	if from.Is4() {
		return unix.PktInfo4(&unix.Inet4Pktinfo{Spec_dst: from.As4()})
	}
	return unix.PktInfo6(&unix.Inet6Pktinfo{Addr: from.As16(), Ifindex: scope(to)})
}

// kernelDrops returns how many datagrams the system has dropped in the socket's life, modulo 2^32. It
// knows of those after the last datagram that arrived, which parseOOB cannot, and is the number that
// /proc/net/udp shows.
func kernelDrops(conn *net.UDPConn) (n uint32, ok bool) {
	rc, err := conn.SyscallConn()
	if err != nil {
		return 0, false
	}
	var info [unix.SK_MEMINFO_VARS]uint32
	size := uint32(unsafe.Sizeof(info))
	err = withSocket(rc, func(fd uintptr) error {
		_, _, no := unix.Syscall6(unix.SYS_GETSOCKOPT, fd, unix.SOL_SOCKET, unix.SO_MEMINFO,
			uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0)
		if no != 0 {
			return no
		}
		return nil
	})
	if err != nil || size < unix.SK_MEMINFO_DROPS*4+4 {
		return 0, false
	}
	return info[unix.SK_MEMINFO_DROPS], true
}

// routeMTU returns the MTU of the way from a connected socket to its peer, 0 if that is not known. It is
// the interface's, or less where a route says so or a router did.
func routeMTU(conn *net.UDPConn) int {
	rc, err := conn.SyscallConn()
	if err != nil {
		return 0
	}
	level, name := unix.SOL_IP, unix.IP_MTU
	if udpLocal(conn).Is6() {
		level, name = unix.SOL_IPV6, unix.IPV6_MTU
	}
	mtu := 0
	if err := withSocket(rc, func(fd uintptr) (err error) {
		mtu, err = unix.GetsockoptInt(int(fd), level, name)
		return err
	}); err != nil {
		return 0
	}
	return mtu
}

// sendGroupsThrough chooses the interface for groups of IPv4 on a socket that is not connected yet. It has the
// form of net.Dialer.Control, whose choice the system asks when it connects.
func sendGroupsThrough(out *net.Interface) func(network, address string, rc syscall.RawConn) error {
	return func(_, _ string, rc syscall.RawConn) error {
		return withSocket(rc, func(fd uintptr) error {
			return os.NewSyscallError("setsockopt", unix.SetsockoptIPMreqn(int(fd), unix.IPPROTO_IP, unix.IP_MULTICAST_IF, &unix.IPMreqn{Ifindex: int32(out.Index)}))
		})
	}
}

// tooManyGroups says which limit a join ran into.
func tooManyGroups(four, source bool) string {
	name := "net.core.optmem_max"
	switch {
	case four && source:
		name = "net.ipv4.igmp_max_msf"
	case four:
		name = "net.ipv4.igmp_max_memberships"
	case source:
		name = "net.ipv6.mld_max_msf"
	}
	return "the system allows this socket no more of them (leave one, or raise it: sudo sysctl " + name + "=1000)"
}

// routeHint is what makes groups go through an interface that has no route for them, as loopback has none
// for those of IPv6 before it is told to. Of the routes of IPv6 through loopback, Linux keeps only those that are
// local; all others refuse.
func routeHint(group netip.Addr, on *net.Interface) string {
	switch {
	case group.Unmap().Is4():
		return ", or make one: sudo ip route add 224.0.0.0/4 dev " + on.Name
	case on.Flags&net.FlagLoopback != 0:
		return ", or make one: sudo ip -6 route add local ff00::/8 dev " + on.Name
	}
	return ", or make one: sudo ip -6 route add multicast ff00::/8 dev " + on.Name + " table local"
}

// isNoDevice reports whether err says that no interface fits.
func isNoDevice(err error) bool { return errors.Is(err, unix.ENODEV) || errors.Is(err, unix.ENXIO) }
