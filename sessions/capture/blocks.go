package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
	"sort"
)

const (
	windowSize = 64 << 10
	// maxBlock is the most bytes a block or packet may measure. Whoever writes larger ones writes no packets.
	maxBlock = 16 << 20
	// maxSections and maxInterfaces bound what is remembered of one file.
	maxSections   = 1 << 16
	maxInterfaces = 1 << 16
	// maxOptions bounds how many options of one block are looked at.
	maxOptions = 256
)

// errCut says that a file ends before what it began is whole.
var errCut = errors.New("the file ends in the middle of a packet")

// errDamaged says that the file does not hold what it should at some place.
var errDamaged = errors.New("the file is damaged")

// window is a part of a file in memory that moves to where the reader looks.
type window struct {
	file  io.ReaderAt
	limit int64 // nothing behind it is read
	ahead int   // how much to read at once
	off   int64
	data  []byte // the file's bytes from off on
	buf   [windowSize]byte
}

// reset makes the window look at another file. ahead is at most windowSize.
func (w *window) reset(f io.ReaderAt, limit int64, ahead int) {
	w.file, w.limit, w.ahead, w.off, w.data = f, limit, ahead, 0, nil
}

// at returns the n bytes at off, n at most windowSize. They are valid until the next call. It returns errCut when they
// reach beyond the limit.
func (w *window) at(off int64, n int) ([]byte, error) {
	if d := off - w.off; d >= 0 && d+int64(n) <= int64(len(w.data)) {
		return w.data[d : d+int64(n)], nil
	}
	if n > windowSize || off < 0 || off > w.limit-int64(n) {
		return nil, errCut
	}
	want := min(int64(max(n, w.ahead)), w.limit-off)
	got, err := w.file.ReadAt(w.buf[:want], off)
	w.off, w.data = off, w.buf[:got]
	if got >= n {
		return w.data[:n], nil
	}
	if err == nil || err == io.EOF {
		err = errCut
	}
	return nil, err
}

// frame is where one captured packet lies in a file, and what the file says about it.
type frame struct {
	data         int64 // of the captured bytes
	capLen       int
	wireLen      int
	time         int64 // nanoseconds since 1970
	link         uint32
	opts, optEnd int64 // the block's options
	next         int64 // of the block behind
}

// iface is one interface of a section.
type iface struct {
	link   uint32
	snap   uint32
	units  uint64 // of time in a second; 0 where they are too small to count
	offset int64  // seconds
}

// section is one section of a pcapng file.
type section struct {
	off    int64
	order  binary.ByteOrder
	ifaces []iface
}

// nanoseconds returns the time ts of the interface in nanoseconds since 1970, or the nearest there is.
func (i iface) nanoseconds(ts uint64) int64 {
	ns := ts
	if i.units != 1e9 {
		hi, lo := bits.Mul64(ts, 1e9)
		if hi >= i.units {
			ns = math.MaxInt64
			if i.units == 0 {
				ns = 0
			}
		} else {
			ns, _ = bits.Div64(hi, lo, i.units)
		}
	}
	ns = min(ns, math.MaxInt64)
	return addSeconds(int64(ns), i.offset)
}

// addSeconds returns ns and s seconds in nanoseconds, or the nearest there is.
func addSeconds(ns, s int64) int64 {
	const most = math.MaxInt64 / 1_000_000_000
	s = max(min(s, most), -most)
	sum := ns + s*1_000_000_000
	if s > 0 && sum < ns {
		return math.MaxInt64
	}
	if s < 0 && sum > ns {
		return math.MinInt64
	}
	return sum
}

// block reads the type and the length of the block at off, and checks that it is whole.
func (w *window) block(off int64, order binary.ByteOrder) (kind uint32, length int, err error) {
	b, err := w.at(off, 8)
	if err != nil {
		return 0, 0, err
	}
	kind = order.Uint32(b)
	n := order.Uint32(b[4:])
	if n < 12 || n%4 != 0 || n > maxBlock {
		return 0, 0, fmt.Errorf("%w: a block cannot measure %d bytes", errDamaged, n)
	}
	if off > w.limit-int64(n) {
		return 0, 0, errCut
	}
	return kind, int(n), nil
}

// linkNone is no link type that there is.
const linkNone = 1<<32 - 1

// packetBlock reads a block that is a frame to Wireshark: one that holds a packet, mostly. It reports false for all others.
func (w *window) packetBlock(off int64, kind uint32, length int, s *section) (f frame, ok bool, err error) {
	head, index := packetHead, 0
	switch kind {
	case blockSimple:
		head = 12
	case blockPacket, blockPacketOld:
	case blockCustom, blockCustomLocal, blockJournal:
		// No packets, but Wireshark numbers them among its frames.
		return frame{data: off, link: linkNone, next: off + int64(length)}, true, nil
	default:
		return frame{}, false, nil
	}
	if length < head+4 {
		return frame{}, false, fmt.Errorf("%w: a packet's block is too short", errDamaged)
	}
	b, err := w.at(off, head)
	if err != nil {
		return frame{}, false, err
	}
	room := length - head - 4
	var capLen, wireLen uint32
	switch kind {
	case blockSimple:
		wireLen = s.order.Uint32(b[8:])
		capLen = min(wireLen, uint32(room))
	case blockPacket:
		index = int(s.order.Uint32(b[8:]))
	case blockPacketOld:
		index = int(s.order.Uint16(b[8:]))
	}
	if index < 0 || index >= len(s.ifaces) {
		return frame{}, false, fmt.Errorf("%w: a packet of interface %d, which there is not", errDamaged, index)
	}
	i := s.ifaces[index]
	f = frame{data: off + int64(head), link: i.link, next: off + int64(length)}
	if kind == blockSimple {
		if i.snap > 0 {
			capLen = min(capLen, i.snap)
		}
	} else {
		f.time = i.nanoseconds(uint64(s.order.Uint32(b[12:]))<<32 | uint64(s.order.Uint32(b[16:])))
		capLen, wireLen = s.order.Uint32(b[20:]), s.order.Uint32(b[24:])
		if capLen > uint32(room) {
			return frame{}, false, fmt.Errorf("%w: a packet is longer than its block", errDamaged)
		}
		f.opts = f.data + int64(pad4(int(capLen)))
		f.optEnd = f.next - 4
	}
	f.capLen, f.wireLen = int(capLen), int(min(max(wireLen, capLen), math.MaxInt32))
	return f, true, nil
}

// options calls visit with every option between off and end until that returns false. value holds at most keep bytes
// of the option's value and is valid during the call. Options that contradict themselves end the list.
func (w *window) options(off, end int64, order binary.ByteOrder, keep int, visit func(code uint16, value []byte) bool) {
	for range maxOptions {
		if off+4 > end {
			return
		}
		b, err := w.at(off, 4)
		if err != nil {
			return
		}
		code, n := order.Uint16(b), int(order.Uint16(b[2:]))
		if code == optEnd || off+4+int64(n) > end {
			return
		}
		value, err := w.at(off+4, min(n, keep))
		if err != nil || !visit(code, value) {
			return
		}
		off += 4 + int64(pad4(n))
	}
}

// sectionHeader reads the header of the section at off.
func (w *window) sectionHeader(off int64) (s section, length int, err error) {
	b, err := w.at(off, 12)
	if err != nil {
		return section{}, 0, err
	}
	s = section{off: off, order: binary.LittleEndian}
	switch uint32(byteOrderMagic) {
	case binary.LittleEndian.Uint32(b[8:]):
	case binary.BigEndian.Uint32(b[8:]):
		s.order = binary.BigEndian
	default:
		return section{}, 0, fmt.Errorf("%w: a section of neither byte order", errDamaged)
	}
	_, length, err = w.block(off, s.order)
	if err == nil && length < 28 {
		err = fmt.Errorf("%w: a section header is too short", errDamaged)
	}
	return s, length, err
}

// interfaceBlock reads the description of an interface.
func (w *window) interfaceBlock(off int64, length int, order binary.ByteOrder) (iface, error) {
	if length < 20 {
		return iface{}, fmt.Errorf("%w: the description of an interface is too short", errDamaged)
	}
	b, err := w.at(off, 16)
	if err != nil {
		return iface{}, err
	}
	i := iface{link: uint32(order.Uint16(b[8:])), snap: order.Uint32(b[12:]), units: 1e6}
	w.options(off+16, off+int64(length)-4, order, 8, func(code uint16, value []byte) bool {
		switch {
		case code == optTsResol && len(value) >= 1:
			i.units = timeUnits(value[0])
		case code == optTsOffset && len(value) >= 8:
			i.offset = int64(order.Uint64(value))
		}
		return true
	})
	return i, nil
}

// timeUnits returns how many units of if_tsresol r make a second; 0 if too many to count.
func timeUnits(r byte) uint64 {
	n := int(r & 0x7F)
	if r&0x80 != 0 {
		if n > 63 {
			return 0
		}
		return 1 << n
	}
	if n > 19 {
		return 0
	}
	units := uint64(1)
	for range n {
		units *= 10
	}
	return units
}

// sectionAt returns the section that off is in; sections begin at the start of the file.
func sectionAt(list []section, off int64) *section {
	return &list[sort.Search(len(list), func(i int) bool { return list[i].off > off })-1]
}

// pcapFile is what the header of a classic pcap file says.
type pcapFile struct {
	order binary.ByteOrder
	nano  bool
	link  uint32
}

const (
	pcapHead   = 24 // bytes of a pcap file's header
	pcapPacket = 16 // and of a packet's
)

// pcapHeader reads the header of a classic pcap file; ok is false when the file is something else.
func pcapHeader(b []byte) (p pcapFile, ok bool) {
	for _, p = range []pcapFile{
		{order: binary.LittleEndian}, {order: binary.BigEndian},
		{order: binary.LittleEndian, nano: true}, {order: binary.BigEndian, nano: true},
	} {
		magic := uint32(0xA1B2C3D4)
		if p.nano {
			magic = 0xA1B23C4D
		}
		if len(b) >= pcapHead && p.order.Uint32(b) == magic {
			p.link = p.order.Uint32(b[20:]) & 0x0FFFFFFF // the rest tells of checksums behind the frames
			return p, true
		}
	}
	return pcapFile{}, false
}

// pcapPacketAt reads the packet at off of a classic pcap file.
func (w *window) pcapPacketAt(off int64, p *pcapFile) (frame, error) {
	b, err := w.at(off, pcapPacket)
	if err != nil {
		return frame{}, err
	}
	seconds, part := p.order.Uint32(b), p.order.Uint32(b[4:])
	capLen, wireLen := p.order.Uint32(b[8:]), p.order.Uint32(b[12:])
	if capLen > maxBlock {
		return frame{}, fmt.Errorf("%w: a packet cannot measure %d bytes", errDamaged, capLen)
	}
	f := frame{data: off + pcapPacket, capLen: int(capLen), link: p.link, time: int64(part)}
	f.wireLen = int(min(max(wireLen, capLen), math.MaxInt32))
	if f.next = f.data + int64(capLen); f.next > w.limit {
		return frame{}, errCut
	}
	if !p.nano {
		f.time *= 1000
	}
	f.time += int64(seconds) * 1e9
	return f, nil
}
