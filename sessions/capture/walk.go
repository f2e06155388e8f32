package capture

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"sync"
)

const (
	// bigRecord is the average block length from which on a reader jumps over payloads instead of reading on.
	bigRecord = 8 << 10
	// littleAhead is how much it reads then: the end of one block, the beginning of the next, and a note.
	littleAhead = 1 << 10
	// frameHead is how much of a foreign frame is looked at for its headers.
	frameHead = 512
)

// walker goes through the packets of one span.
type walker struct {
	win     window
	log     *Log
	sp      span
	section *section
	pos     int64 // of the next block
	big     bool

	// The current packet.
	f       frame
	number  int64
	in, out int64 // payload bytes ahead of it
	dir     Direction
	kind    Kind
	off     int64 // of the payload in the file
	n, wire int   // payload bytes held and on the wire
	native  native
	head    [nativeHead]byte // of a native packet
	foreign decoded
	decoded bool // foreign says something
	mark    verdict
}

var walkers = sync.Pool{New: func() any { return new(walker) }}

// walk returns a walker at the start of sp, which it takes over. The caller must call done.
func (l *Log) walk(sp span) *walker {
	w := walkers.Get().(*walker)
	w.log, w.sp = l, sp
	w.pos = sp.from.off
	w.number, w.in, w.out = sp.from.number-1, sp.from.in, sp.from.out
	w.n = 0
	w.big = sp.end-sp.from.off >= bigRecord*max(sp.next-sp.from.number, 1)
	ahead := windowSize
	if w.big {
		ahead = littleAhead
	}
	w.win.reset(sp.seg.file, sp.end, ahead)
	if sp.seg.form == formPcapng {
		w.section = sectionAt(sp.seg.sections, w.pos)
	}
	return w
}

// done gives the walker and its span back.
func (w *walker) done() {
	w.log.leave(w.sp.seg)
	w.log, w.sp, w.section, w.win.file, w.win.data = nil, span{}, nil, nil, nil
	walkers.Put(w)
}

// next moves to the next packet. It returns false at the end of the span.
func (w *walker) next() (bool, error) {
	if w.number >= w.sp.from.number && w.kind == Data {
		if w.dir == In {
			w.in += int64(w.n)
		} else {
			w.out += int64(w.n)
		}
	}
	w.number++
	if w.number >= w.sp.next {
		return false, nil
	}
	var err error
	if w.sp.seg.form == formNative {
		err = w.nextNative()
	} else {
		err = w.nextForeign()
	}
	if err != nil {
		return false, fmt.Errorf("read %s at offset %d: %w", w.sp.seg.path, w.pos, err)
	}
	w.pos = w.f.next
	return true, nil
}

// nextNative reads the packet at pos of a segment of ours.
func (w *walker) nextNative() error {
	f, n, dir, err := w.win.nativePacket(w.pos, w.sp.end, &w.head)
	if err != nil {
		return err
	}
	w.f, w.native, w.dir, w.kind = f, n, dir, n.kind
	w.off, w.n, w.wire = f.data+int64(n.off), n.n, n.n
	return nil
}

// nativePacket reads the packet at pos, as appendTo wrote it, and copies its first bytes to head.
func (w *window) nativePacket(pos, end int64, head *[nativeHead]byte) (f frame, n native, d Direction, err error) {
	b, err := w.at(pos, int(min(packetHead+nativeHead, end-pos)))
	if err != nil {
		return
	}
	if len(b) < packetHead+ip4Head {
		err = errCut
		return
	}
	le := binary.LittleEndian
	length, capLen := int64(le.Uint32(b[4:])), le.Uint32(b[20:])
	if le.Uint32(b) != blockPacket || length > maxBlock || length%4 != 0 ||
		int64(capLen)+packetHead+8+4 > length || le.Uint32(b[8:]) != 0 || le.Uint32(b[24:]) != capLen {
		err = fmt.Errorf("%w: no packet of ours", errDamaged)
		return
	}
	if length > end-pos {
		err = errCut
		return
	}
	f = frame{
		data: pos + packetHead, capLen: int(capLen), wireLen: int(capLen), link: linkRaw,
		time:   int64(le.Uint32(b[12:]))<<32 | int64(le.Uint32(b[16:])),
		optEnd: pos + length - 4, next: pos + length,
	}
	f.opts = f.data + int64(pad4(f.capLen))
	n, ok := decodeNative(b[packetHead:min(len(b), packetHead+f.capLen)], f.capLen)
	if !ok {
		err = fmt.Errorf("%w: no packet of ours", errDamaged)
		return
	}
	copy(head[:], b[packetHead:])
	if b, err = w.at(f.opts, 8); err != nil {
		return
	}
	if le.Uint32(b) != optFlags|4<<16 || b[4]&3 == 0 || b[4]&3 == 3 {
		err = fmt.Errorf("%w: a packet without direction", errDamaged)
		return
	}
	f.opts += 8
	return f, n, directionOf(uint32(b[4])), nil
}

// directionOf returns the direction that epb_flags name.
func directionOf(flags uint32) Direction {
	if flags&3 == flagsOut {
		return Out
	}
	return In
}

// nextForeign reads the next packet of another program's file.
func (w *walker) nextForeign() (err error) {
	seg := w.sp.seg
	if seg.form == formPcap {
		w.f, err = w.win.pcapPacketAt(w.pos, &seg.pcap)
	} else {
		err = w.nextBlock()
	}
	if err != nil {
		return err
	}
	w.foreign, w.decoded, err = w.win.decode(&w.f)
	if err != nil {
		return err
	}
	w.mark = seg.verdicts.of(w.number - seg.verdicts.first)
	w.dir = w.mark.dir
	w.kind, w.off, w.n, w.wire = w.mark.apply(&w.f, &w.foreign, w.decoded)
	return nil
}

// nextBlock moves on to the next block with a packet.
func (w *walker) nextBlock() error {
	for {
		b, err := w.win.at(w.pos, 4)
		if err != nil {
			return err
		}
		if binary.LittleEndian.Uint32(b) == blockSection {
			w.section = sectionAt(w.sp.seg.sections, w.pos)
		}
		kind, length, err := w.win.block(w.pos, w.section.order)
		if err != nil {
			return err
		}
		f, ok, err := w.win.packetBlock(w.pos, kind, length, w.section)
		if ok || err != nil {
			w.f = f
			return err
		}
		w.pos += int64(length)
	}
}

// decode finds the segment or datagram in f. Its payload length is that in the file, also where only the headers were
// looked at.
func (w *window) decode(f *frame) (d decoded, ok bool, err error) {
	for n := min(f.capLen, frameHead); ; n = min(f.capLen, windowSize) {
		b, err := w.at(f.data, n)
		if err != nil {
			return decoded{}, false, err
		}
		d, ok = decodeFrame(f.link, b, f.wireLen)
		// Not found may mean that the headers go on behind what was looked at.
		if ok && d.payloadOff < n || n == f.capLen || n == windowSize {
			break
		}
	}
	if ok {
		d.payloadWireLen = max(d.payloadWireLen, 0)
		d.payloadLen = min(d.payloadWireLen, f.capLen-d.payloadOff)
	}
	return d, ok, nil
}

// has reports whether the current packet has bytes in stream s, and the offset of the first.
func (w *walker) has(s Stream) (off int64, ok bool) {
	if w.kind != Data || w.n == 0 {
		return 0, false
	}
	switch {
	case s == Both:
		return w.in + w.out, true
	case s == InOnly && w.dir == In:
		return w.in, true
	case s == OutOnly && w.dir == Out:
		return w.out, true
	}
	return 0, false
}

// copy copies payload of the current packet from skip on.
func (w *walker) copy(p []byte, skip int) (int, error) {
	n := min(len(p), w.n-skip)
	off := w.off + int64(skip)
	if d := off - w.win.off; d >= 0 && d+int64(n) <= int64(len(w.win.data)) {
		return copy(p[:n], w.win.data[d:]), nil
	}
	if !w.big && n <= littleAhead {
		b, err := w.win.at(off, n)
		return copy(p, b), err
	}
	return readFull(w.win.file, p[:n], off)
}

// readFull reads len(p) bytes at off; fewer are an error.
func readFull(f io.ReaderAt, p []byte, off int64) (int, error) {
	n, err := f.ReadAt(p, off)
	if n == len(p) {
		return n, nil
	}
	if err == nil || err == io.EOF {
		err = errCut
	}
	return n, err
}

// record returns the current packet as a Record.
func (w *walker) record() Record {
	r := Record{
		Number: w.number, Time: timeOf(w.f.time), Dir: w.dir, Kind: w.kind,
		Len: w.n, WireLen: w.wire, Offset: w.in, BothOffset: w.in + w.out, at: w.off,
	}
	if w.dir == Out {
		r.Offset = w.out
	}
	order := binary.ByteOrder(binary.LittleEndian)
	if w.section != nil {
		order = w.section.order
	}
	if w.f.opts+8 < w.f.optEnd { // longer than an end of options
		w.win.options(w.f.opts, w.f.optEnd, order, MaxNote, func(code uint16, value []byte) bool {
			if code != optComment {
				return true
			}
			r.Note = strings.ToValidUTF8(string(value), "?")
			return false
		})
	}
	if w.sp.seg.form == formNative {
		r.Flow = w.native.flow(w.head[:], w.dir)
		return r
	}
	if w.decoded {
		r.Flow = w.foreign.flow(w.dir)
	}
	if note := w.mark.note(&w.foreign, w.decoded, w.wire, r.Note != ""); note != "" {
		if r.Note = cut(r.Note, MaxNote-len(note)-2); r.Note != "" {
			r.Note += "; "
		}
		r.Note += note
	}
	return r
}
