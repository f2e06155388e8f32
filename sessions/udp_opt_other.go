//go:build !linux

package sessions

import (
	"errors"
	"net"
	"net/netip"
	"runtime"
	"syscall"
	"time"
)

const (
	usualTTL = 0 // the system's own cannot be brought back
	// groupsReachBound: Windows delivers groups to a socket that is bound to an address of this machine.
	groupsReachBound = runtime.GOOS == "windows"
	// mappedGroups: an IPv6 socket that carries IPv4 can join IPv4 groups. macOS and the BSDs refuse.
	mappedGroups = runtime.GOOS == "windows"
	udpOOBSize   = 0
)

// tune sets what c asks for on a socket that is bound, and returns the receive buffer that the system
// gave, in bytes.
func tune(conn *net.UDPConn, c UDPConfig) (receiveBuffer int, err error) {
	want := c.ReceiveBuffer
	if want == 0 {
		want = defaultReceiveBuffer
	}
	// Some systems refuse what is above their limit, and tell no limit.
	for err = conn.SetReadBuffer(want); err != nil && want > 64<<10 && !errors.Is(err, net.ErrClosed); err = conn.SetReadBuffer(want) {
		want /= 2
	}
	rc, err := conn.SyscallConn()
	if err != nil {
		return 0, err
	}
	if err := withSocket(rc, func(fd uintptr) (err error) {
		receiveBuffer, err = socketOption(fd, syscall.SOL_SOCKET, syscall.SO_RCVBUF)
		return err
	}); err != nil {
		return 0, err
	}
	return receiveBuffer, setChoices(conn, c)
}

// parseOOB finds nothing: nothing was asked for.
func parseOOB([]byte) (at time.Time, dropped uint32, hasDropped bool, ok bool) {
	return time.Time{}, 0, false, false
}

// destination finds nothing, likewise.
func destination([]byte) (to netip.Addr, own bool) { return netip.Addr{}, false }

// sourceControl knows no way: the system was not asked where datagrams were sent to either.
func sourceControl(netip.Addr, netip.Addr) []byte { return nil }

// kernelDrops knows nothing: the system does not count them by socket.
func kernelDrops(*net.UDPConn) (n uint32, ok bool) { return 0, false }

// drainErrors finds nothing: the system tells of ICMP errors to connected sockets alone.
func drainErrors(*net.UDPConn, func(undelivered)) {}

// icmpErrors are none, likewise.
var icmpErrors []error

// routeMTU knows nothing: the system does not tell it of a socket.
func routeMTU(*net.UDPConn) int { return 0 }

// sendGroupsThrough chooses the interface for groups of IPv4 on a socket that is not connected yet, by its first
// address. It has the form of net.Dialer.Control, whose choice the system asks when it connects.
func sendGroupsThrough(out *net.Interface) func(network, address string, rc syscall.RawConn) error {
	return func(_, _ string, rc syscall.RawConn) error {
		a, err := firstIPv4(out)
		if err != nil {
			return err
		}
		return withSocket(rc, func(fd uintptr) error { return setGroupInterface(fd, a) })
	}
}

// firstIPv4 returns the address by which options of IPv4 name an interface.
func firstIPv4(i *net.Interface) ([4]byte, error) {
	addrs, err := i.Addrs()
	if err != nil {
		return [4]byte{}, err
	}
	for _, p := range prefixes(addrs) {
		if p.Addr().Is4() {
			return p.Addr().As4(), nil
		}
	}
	return [4]byte{}, &explained{"the interface " + i.Name + " has no IPv4", errAddrNotAvail}
}

// tooManyGroups says that a join ran into a limit.
func tooManyGroups(bool, bool) string {
	return "the system allows this socket no more of them (leave one first)"
}

// routeHint knows no remedy.
func routeHint(netip.Addr, *net.Interface) string { return "" }

// isNoDevice reports whether err says that no interface fits.
func isNoDevice(err error) bool {
	return errors.Is(err, syscall.ENODEV) || errors.Is(err, syscall.ENXIO)
}
