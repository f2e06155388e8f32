package sessions

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// errorRoom is the room for one message of a socket's error queue. ICMP returns at most 1,280 bytes.
type errorRoom struct {
	payload [2048]byte
	oob     [512]byte
}

var errorRooms = sync.Pool{New: func() any { return new(errorRoom) }}

// drainErrors takes what waits in the socket's error queue, without waiting for more. The payload is f's until it
// returns. Until the queue is empty, the next send or receive may fail with the error of an earlier datagram.
func drainErrors(conn *net.UDPConn, f func(undelivered)) {
	rc, err := conn.SyscallConn()
	if err != nil {
		return
	}
	room := errorRooms.Get().(*errorRoom)
	defer errorRooms.Put(room)
	for {
		var n, oobn int
		var name unix.Sockaddr
		err := withSocket(rc, func(fd uintptr) error {
			for {
				var err error
				n, oobn, _, name, err = unix.Recvmsg(int(fd), room.payload[:], room.oob[:], unix.MSG_ERRQUEUE|unix.MSG_DONTWAIT)
				if err != unix.EINTR {
					return err
				}
			}
		})
		if err != nil {
			return
		}
		to := sockaddrPort(name)
		if err, local := sentError(to, room.oob[:oobn]); err != nil && !local {
			at, _, _, _ := parseOOB(room.oob[:oobn])
			f(undelivered{to, room.payload[:n], at, err})
		}
	}
}

// sentError reads the sock_extended_err beside a message of the error queue, about a datagram to an address,
// and puts it in words; nil if it is no error. Local is one that the send itself returned: nothing was sent.
func sentError(to netip.AddrPort, oob []byte) (err error, local bool) {
	for {
		level, kind, data, rest, ok := nextControl(oob)
		if !ok {
			return nil, false
		}
		oob = rest
		if (level != unix.SOL_IP || kind != unix.IP_RECVERR) && (level != unix.SOL_IPV6 || kind != unix.IPV6_RECVERR) {
			continue
		}
		const size = int(unsafe.Sizeof(unix.SockExtendedErr{}))
		if len(data) < size {
			continue
		}
		e := unix.SockExtendedErr{
			Errno:  binary.NativeEndian.Uint32(data),
			Origin: data[4], Type: data[5], Code: data[6],
			Info: binary.NativeEndian.Uint32(data[8:]),
		}
		no := syscall.Errno(e.Errno)
		var text string
		switch e.Origin {
		case unix.SO_EE_ORIGIN_LOCAL:
			if text = reason(no); no == syscall.EMSGSIZE {
				text = "message too long" + mostPayload(e.Info, to.Addr())
			}
		case unix.SO_EE_ORIGIN_ICMP, unix.SO_EE_ORIGIN_ICMP6:
			by := "ICMP"
			if from := offender(data[size:]); from.IsValid() && from.WithZone("") != to.Addr().WithZone("") {
				by = "ICMP from " + from.String()
			}
			text = icmpText(e, by, to.Addr())
		default: // a time of sending, and the like
			continue
		}
		return &explained{text, no}, e.Origin == unix.SO_EE_ORIGIN_LOCAL
	}
}

// icmpErrors are what the system makes of ICMP messages, and returns from the next call on the socket.
var icmpErrors = []error{
	unix.ECONNREFUSED, unix.EHOSTUNREACH, unix.ENETUNREACH, unix.EMSGSIZE, unix.EPROTO, unix.EACCES,
	unix.ENOPROTOOPT, unix.EOPNOTSUPP, unix.EHOSTDOWN, unix.ENONET,
}

// icmpText puts an ICMP error in words; by is "ICMP", and from whom it came if not from the target. See
// RFC 792, RFC 1812 5.2.7 and RFC 4443.
func icmpText(e unix.SockExtendedErr, by string, to netip.Addr) string {
	by = " (" + by + ")"
	kind := int(e.Type)<<8 | int(e.Code)
	if e.Origin == unix.SO_EE_ORIGIN_ICMP6 {
		kind |= 6 << 16
	}
	const six = 6 << 16
	switch kind {
	case 3<<8 + 3, six + 1<<8 + 4:
		return "port unreachable" + by + ": nothing listens there"
	case 3<<8 + 1, 3<<8 + 7, 3<<8 + 8, 3<<8 + 12, six + 1<<8 + 3:
		return "host unreachable" + by + ": it is off, or nothing has that address"
	case 3<<8 + 0, 3<<8 + 5, 3<<8 + 6, 3<<8 + 11, six + 1<<8 + 0:
		return "network unreachable" + by + ": there is no route to it"
	case 3<<8 + 2:
		return "protocol unreachable" + by + ": the host takes no UDP"
	case 3<<8 + 9, 3<<8 + 10, 3<<8 + 13, 3<<8 + 14, 3<<8 + 15, six + 1<<8 + 1, six + 1<<8 + 5, six + 1<<8 + 6:
		return "forbidden" + by + ": a firewall or router refuses the datagram"
	case six + 1<<8 + 2:
		return "out of scope" + by + ": the source address is not valid beyond this network"
	case 3<<8 + 4, six + 2<<8 + 0:
		return "message too long" + by + mostPayload(e.Info, to)
	case 11<<8 + 0, six + 3<<8 + 0:
		return "the TTL ran out on the way" + by + ": raise it, unless the way goes in a circle"
	case 11<<8 + 1, six + 3<<8 + 1:
		return "only a part arrived" + by + ": a fragment was lost on the way"
	}
	if e.Type == 12 && e.Origin == unix.SO_EE_ORIGIN_ICMP || e.Type == 4 && e.Origin == unix.SO_EE_ORIGIN_ICMP6 {
		return "the header was not understood" + by
	}
	return fmt.Sprintf("not delivered%s: type %d, code %d", by, e.Type, e.Code)
}

// mostPayload says how long a datagram may be where packets have at most mtu bytes.
func mostPayload(mtu uint32, to netip.Addr) string {
	least, headers := uint32(68), uint32(28)
	if to.Is6() {
		least, headers = 1280, 48
	}
	if mtu < least || mtu > 1<<20 {
		return ": a network on the way takes only shorter ones"
	}
	return fmt.Sprintf(": the way takes packets of %s (MTU), which is %s of payload", countBytes(int64(mtu)), thousands(int64(mtu-headers)))
}

// offender reads the address behind a sock_extended_err: who sent the ICMP message.
func offender(b []byte) netip.Addr {
	if len(b) < 8 {
		return netip.Addr{}
	}
	switch binary.NativeEndian.Uint16(b) {
	case unix.AF_INET:
		return netip.AddrFrom4([4]byte(b[4:8]))
	case unix.AF_INET6:
		if len(b) < unix.SizeofSockaddrInet6 {
			return netip.Addr{}
		}
		return zoned(netip.AddrFrom16([16]byte(b[8:24])), binary.NativeEndian.Uint32(b[24:]))
	}
	return netip.Addr{}
}

// sockaddrPort reads an address, unmapped; it is invalid if there is none.
func sockaddrPort(name unix.Sockaddr) netip.AddrPort {
	switch a := name.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port))
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(zoned(netip.AddrFrom16(a.Addr), a.ZoneId), uint16(a.Port))
	}
	return netip.AddrPort{}
}

// zoned unmaps an address and gives it the name of the interface with a number, as net does.
func zoned(a netip.Addr, index uint32) netip.Addr {
	a = a.Unmap()
	if a.Is4() || index == 0 {
		return a
	}
	if i, err := net.InterfaceByIndex(int(index)); err == nil {
		return a.WithZone(i.Name)
	}
	return a.WithZone(strconv.Itoa(int(index)))
}
