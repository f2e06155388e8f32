package sessions

import (
	"net"
	"net/netip"
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Options of ws2ipdef.h. Those of IPv4 take a struct ip_mreq_source, those of IPv6 a struct group_source_req.
const (
	ipAddSourceMembership  = 15
	ipDropSourceMembership = 16
	mcastJoinSourceGroup   = 45
	mcastLeaveSourceGroup  = 46
)

// ipMreqSource is struct ip_mreq_source; the interface is its own address, or zeros for the system's choice.
type ipMreqSource struct{ group, source, on [4]byte }

// sockaddrStorage is struct sockaddr_storage with a struct sockaddr_in6 in it.
type sockaddrStorage struct {
	in6 windows.RawSockaddrInet6
	_   [128 - unsafe.Sizeof(windows.RawSockaddrInet6{})]byte
}

// groupSourceReq is struct group_source_req, whose addresses are aligned to 8 bytes on every machine; index 0 is the
// system's choice.
type groupSourceReq struct {
	index         uint32
	_             uint32
	group, source sockaddrStorage
}

// joinSource makes the datagrams of one source of a group arrive; on may be nil.
func (m *multicaster) joinSource(g Group, on *net.Interface) error {
	return m.setSource(g, on, ipAddSourceMembership, mcastJoinSourceGroup)
}

// leaveSource undoes joinSource.
func (m *multicaster) leaveSource(g Group, on *net.Interface) error {
	return m.setSource(g, on, ipDropSourceMembership, mcastLeaveSourceGroup)
}

// setSource sets the option for IPv4 or that for IPv6. golang.org/x/net knows neither.
func (m *multicaster) setSource(g Group, on *net.Interface, four, six int32) error {
	rc, err := m.conn.SyscallConn()
	if err != nil {
		return err
	}
	set := func(level, name int32, p *byte, size uintptr) error {
		return withSocket(rc, func(fd uintptr) error {
			return os.NewSyscallError("setsockopt", windows.Setsockopt(windows.Handle(fd), level, name, p, int32(size)))
		})
	}
	if g.Addr.Is4() {
		r := ipMreqSource{group: g.Addr.As4(), source: g.Source.As4()}
		if on != nil {
			if r.on, err = firstIPv4(on); err != nil {
				return err
			}
		}
		return set(windows.IPPROTO_IP, four, (*byte)(unsafe.Pointer(&r)), unsafe.Sizeof(r))
	}
	r := groupSourceReq{group: storageOf(g.Addr), source: storageOf(g.Source)}
	if on != nil {
		r.index = uint32(on.Index)
	}
	return set(windows.IPPROTO_IPV6, six, (*byte)(unsafe.Pointer(&r)), unsafe.Sizeof(r))
}

func storageOf(a netip.Addr) sockaddrStorage {
	return sockaddrStorage{in6: windows.RawSockaddrInet6{Family: windows.AF_INET6, Addr: a.As16()}}
}
