package sessions

import (
	"encoding/binary"
	"net"
	"net/netip"
	"os"
	"strconv"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// slot is the distance between the places of two datagrams. It is more than a datagram has, and no power
// of two: places that are a power of two apart would share a few lines of the processor's cache.
const slot = maxDatagram + 3*64

const (
	// denseDatagrams in a millisecond make traffic dense. No two programs that wait for each other's
	// answers get there.
	denseDatagrams = 100
	// denseNap is how long reading pauses when there is nothing more in dense traffic. The runtime's poller
	// would have to wake up for every two or three datagrams, which costs more than all the rest.
	denseNap = 100 * time.Microsecond
	// shortNap is the same with a receive buffer that is full sooner.
	shortNap = 20 * time.Microsecond
	// denseRoom is the receive buffer, in bytes, that has room for many times what arrives in a denseNap.
	denseRoom = 1 << 20
)

// inbox takes several datagrams from a socket with one system call, into memory that is made once. It is
// for one goroutine.
type inbox struct {
	conn syscall.RawConn
	try  func(fd uintptr) bool // made once, so that reading allocates nothing
	n    int
	err  error

	dense bool          // traffic is; the goroutine then has a thread to itself
	nap   bool          // when there is nothing more
	pause time.Duration // is how long a nap is
	since time.Time     // when traffic was last looked at, a good millisecond ago at most while it is dense
	count int           // datagrams since then

	heads [batchDatagrams]unix.Mmsghdr
	parts [batchDatagrams]unix.Iovec
	names [batchDatagrams]unix.RawSockaddrInet6 // is the longest there is
	oobs  [batchDatagrams][udpOOBSize]byte
	bufs  []byte

	// The address of the last datagram: the next one's is mostly the same.
	lastName unix.RawSockaddrInet6
	last     netip.AddrPort
	zones    zoneNames
}

// newInbox makes one for a socket with a receive buffer of so many bytes.
func newInbox(conn *net.UDPConn, buffer int) (*inbox, error) {
	rc, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	b := &inbox{conn: rc, bufs: make([]byte, batchDatagrams*slot), n: batchDatagrams, pause: denseNap}
	if buffer < denseRoom {
		b.pause = shortNap
	}
	for i := range b.heads {
		h := &b.heads[i].Hdr
		b.parts[i].Base = &b.bufs[i*slot]
		b.parts[i].SetLen(maxDatagram)
		h.Iov = &b.parts[i]
		h.SetIovlen(1)
		h.Name = (*byte)(unsafe.Pointer(&b.names[i]))
		h.Control = &b.oobs[i][0]
	}
	b.try = b.once
	return b, nil
}

// read waits until there are datagrams, and returns how many it took. Deadlines and closing act as on
// net.Conn.Read. What it took before stays until then.
func (b *inbox) read() (int, error) {
	b.reset()
	if err := b.conn.Read(b.try); err != nil {
		return 0, err
	}
	return b.n, b.err
}

// reset makes ready for the next call of the system.
func (b *inbox) reset() {
	for i := range b.heads[:b.n] { // the others are as they were
		h := &b.heads[i].Hdr
		h.Namelen = unix.SizeofSockaddrInet6
		h.SetControllen(udpOOBSize)
		h.Flags = 0
	}
	b.n, b.err = 0, nil
}

func (b *inbox) once(fd uintptr) bool {
	for {
		n, _, no := unix.Syscall6(unix.SYS_RECVMMSG, fd, uintptr(unsafe.Pointer(&b.heads)), batchDatagrams, 0, 0, 0)
		switch no {
		case 0:
			b.n = int(n)
			b.pace()
			return true
		case unix.EINTR:
		case unix.EAGAIN:
			if !b.nap {
				return false
			}
			b.nap = false
			pause := unix.NsecToTimespec(int64(b.pause))
			_ = unix.ClockNanosleep(unix.CLOCK_MONOTONIC, 0, &pause, nil)
		default:
			b.err = os.NewSyscallError("recvmmsg", no)
			return true
		}
	}
}

// pace decides whether the next pause is a nap.
func (b *inbox) pace() {
	b.count += b.n
	now := time.Now()
	if over := now.Sub(b.since); over >= time.Millisecond {
		b.become(over < 2*time.Millisecond && b.count >= denseDatagrams)
		b.count, b.since = 0, now
	}
	b.nap = b.dense
}

// become makes traffic dense, or not. Where it is not, the runtime's poller wakes a goroutine sooner, and
// for less, when that has no thread to itself.
func (b *inbox) become(dense bool) {
	switch {
	case dense && !b.dense:
		ownThread()
	case !dense && b.dense:
		leaveThread()
	}
	b.dense = dense
}

// end must be called when nothing is read any more, by who read.
func (b *inbox) end() { b.become(false) }

// payload returns the bytes of a datagram that was read. They are the inbox's until the next read.
func (b *inbox) payload(i int) []byte {
	return b.bufs[i*slot:][:min(b.heads[i].Len, maxDatagram)]
}

// oob returns what came beside it, for parseOOB.
func (b *inbox) oob(i int) []byte {
	return b.oobs[i][:min(int(b.heads[i].Hdr.Controllen), udpOOBSize)]
}

// from returns who sent it, unmapped.
func (b *inbox) from(i int) netip.AddrPort {
	name := &b.names[i]
	if *name == b.lastName && b.last.IsValid() {
		return b.last
	}
	b.lastName, b.last = *name, netip.AddrPort{}
	port := (*[2]byte)(unsafe.Pointer(&name.Port))
	switch name.Family {
	case unix.AF_INET:
		four := (*unix.RawSockaddrInet4)(unsafe.Pointer(name))
		b.last = netip.AddrPortFrom(netip.AddrFrom4(four.Addr), uint16(port[0])<<8|uint16(port[1]))
	case unix.AF_INET6:
		b.last = netip.AddrPortFrom(b.zones.zoned(netip.AddrFrom16(name.Addr), name.Scope_id), uint16(port[0])<<8|uint16(port[1]))
	}
	return b.last
}

// zoneNames is zoned for many addresses: it asks for the name of an interface once in a while. Its zero value is ready.
type zoneNames struct {
	names map[uint32]string
	since time.Time
}

// zonesFor is how long the name of an interface is taken to be as it was.
const zonesFor = time.Second

func (z *zoneNames) zoned(a netip.Addr, index uint32) netip.Addr {
	if index == 0 || a.Is4In6() {
		return a.Unmap()
	}
	now := time.Now()
	if z.names == nil || now.Sub(z.since) > zonesFor {
		z.names, z.since = make(map[uint32]string), now
	}
	name, ok := z.names[index]
	if !ok {
		name = zoned(a, index).Zone()
		z.names[index] = name
	}
	return a.WithZone(name)
}

// volley sends the same datagram several times with one system call, without waiting. It is for one
// goroutine.
type volley struct {
	conn syscall.RawConn
	try  func(fd uintptr) bool
	want int
	n    int
	err  error

	heads [batchDatagrams]unix.Mmsghdr
	part  unix.Iovec
	name  unix.RawSockaddrInet6
	oob   []byte // says which address it leaves from

	// Several datagrams of one size go out as one message that the system cuts (UDP_SEGMENT, since Linux 4.18),
	// at a fraction of the cost. most is how many can; 1 where it cannot be. The system may answer all of them with
	// one ICMP message.
	most   int
	joined bool // is wanted
	whole  unix.Msghdr
	copies [batchDatagrams]unix.Iovec
	cut    []byte
}

// newVolley makes a volley of p, which stays the caller's to leave unchanged. v6 is the socket's family.
func newVolley(conn *net.UDPConn, v6 bool, to netip.AddrPort, p []byte) (*volley, error) {
	rc, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	v := &volley{conn: rc}
	size := uint32(unix.SizeofSockaddrInet6)
	if v6 {
		v.name = unix.RawSockaddrInet6{Family: unix.AF_INET6, Addr: to.Addr().As16(), Scope_id: scope(to.Addr())}
	} else {
		size = unix.SizeofSockaddrInet4
		*(*unix.RawSockaddrInet4)(unsafe.Pointer(&v.name)) = unix.RawSockaddrInet4{Family: unix.AF_INET, Addr: to.Addr().Unmap().As4()}
	}
	*(*[2]byte)(unsafe.Pointer(&v.name.Port)) = [2]byte{byte(to.Port() >> 8), byte(to.Port())}
	if len(p) > 0 {
		v.part.Base = &p[0]
		v.part.SetLen(len(p))
	}
	for i := range v.heads {
		h := &v.heads[i].Hdr
		h.Name, h.Namelen = (*byte)(unsafe.Pointer(&v.name)), size
		h.Iov = &v.part
		h.SetIovlen(1)
	}
	v.most = 1
	if len(p) > 0 {
		v.most = min(batchDatagrams, mostDatagram4/len(p))
	}
	for i := range v.copies {
		v.copies[i] = v.part
	}
	v.cut = make([]byte, cmsgHeader+wordSize, cmsgHeader+wordSize+udpOOBSize)
	if wordSize == 8 {
		binary.NativeEndian.PutUint64(v.cut[:], cmsgHeader+2)
	} else {
		binary.NativeEndian.PutUint32(v.cut[:], cmsgHeader+2)
	}
	binary.NativeEndian.PutUint32(v.cut[wordSize:], unix.SOL_UDP)
	binary.NativeEndian.PutUint32(v.cut[wordSize+4:], unix.UDP_SEGMENT)
	binary.NativeEndian.PutUint16(v.cut[cmsgHeader:], uint16(len(p)))
	v.whole.Name, v.whole.Namelen = (*byte)(unsafe.Pointer(&v.name)), size
	v.whole.Iov = &v.copies[0]
	v.whole.Control = &v.cut[0]
	v.whole.SetControllen(len(v.cut))
	v.try = v.once
	return v, nil
}

// beside adds a control message to each, once; nil is none.
func (v *volley) beside(oob []byte) {
	if v.oob = oob; len(oob) == 0 {
		return
	}
	for i := range v.heads {
		v.heads[i].Hdr.Control = &v.oob[0]
		v.heads[i].Hdr.SetControllen(len(oob))
	}
	v.cut = append(v.cut, oob...)
	v.whole.Control = &v.cut[0]
	v.whole.SetControllen(len(v.cut))
}

// scope returns the number of the interface that an address names.
func scope(a netip.Addr) uint32 {
	if a.Zone() == "" {
		return 0
	}
	if i, err := net.InterfaceByName(a.Zone()); err == nil {
		return uint32(i.Index)
	}
	n, _ := strconv.ParseUint(a.Zone(), 10, 32)
	return uint32(n)
}

// send sends it n times, at most batchDatagrams, and returns how often the system took it. full reports
// that it has no room for more at the moment. An error may be that of an earlier datagram.
func (v *volley) send(n int) (sent int, full bool, err error) {
	v.want, v.n, v.err = min(n, batchDatagrams), 0, nil
	if err := v.conn.Write(v.try); err != nil {
		return 0, false, err
	}
	if v.err == unix.EAGAIN {
		return 0, true, nil
	}
	if v.err != nil {
		return 0, false, os.NewSyscallError("sendmmsg", v.err)
	}
	return v.n, false, nil
}

// join lets several datagrams go out as one message, or each by itself.
func (v *volley) join(on bool) { v.joined = on }

func (v *volley) once(fd uintptr) bool {
	for v.joined && v.most > 1 && v.want > 1 {
		n := min(v.want, v.most)
		v.whole.SetIovlen(n)
		_, _, no := unix.Syscall(unix.SYS_SENDMSG, fd, uintptr(unsafe.Pointer(&v.whole)), 0)
		switch no {
		case 0: // all or nothing
			v.n = n
			return true
		case unix.EINTR:
		case unix.EINVAL, unix.EIO, unix.EMSGSIZE, unix.EOPNOTSUPP, unix.ENOPROTOOPT:
			// Longer than the MTU, or this interface or system does not cut: one by one then.
			v.most = 1
		default:
			v.err = no
			return true
		}
	}
	for {
		n, _, no := unix.Syscall6(unix.SYS_SENDMMSG, fd, uintptr(unsafe.Pointer(&v.heads)), uintptr(v.want), 0, 0, 0)
		switch no {
		case 0:
			v.n = int(n)
		case unix.EINTR:
			continue
		default:
			v.err = no
		}
		return true
	}
}
