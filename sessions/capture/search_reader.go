package capture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"time"
)

// runReader goes through the records of one run. After next its fields
// describe the record it stands on; payload lies in the reader's buffer and is
// good until the next load. One reader is used for many runs; close ends it.
//
// It reads the packets this package writes by itself, all of a run at once.
// Those of others it has a walker make sense of. Where blocks that are no
// packets make a run of another program's file very long, it reads the payloads
// one by one.
type runReader struct {
	number  int64
	dir     Direction
	kind    Kind
	payload []byte
	in, out int64 // payload bytes ahead of the record
	err     error // why next returned false, nil at the end

	run  run
	buf  []byte
	left int64 // records behind this one

	// Of a native segment:
	at      int    // of the next block in buf
	stamp   int64  // nanoseconds since 1970
	packet  []byte // the IP packet
	options []byte // what follows it
	head    native

	foreign *walker // of another, while there is something left
	apart   bool    // the payloads are not in buf
}

// mostRun is the most bytes of a run that are read at once. A run of packets
// only is shorter: its last one begins before runSize and indexEvery are over.
const mostRun = 2 * maxBlock

// load reads a run. Where its segment was evicted, the reader is at its end.
func (w *runReader) load(l *Log, r run) error {
	w.close()
	w.run, w.at, w.err = r, 0, nil
	w.number, w.in, w.out = r.from.number-1, r.from.in, r.from.out
	w.kind, w.payload = Note, nil
	ok, err := l.hold(r)
	if !ok {
		return err
	}
	defer l.leave(r.seg)
	w.apart = r.seg.form != formNative && r.size > mostRun
	size := r.size
	if w.apart {
		size = 0
	}
	w.buf = slices.Grow(w.buf[:0], int(size))[:size]
	if n, err := readFull(r.seg.file, w.buf, r.from.off); err != nil {
		return fmt.Errorf("read %s at offset %d: %w", r.seg.path, r.from.off+int64(n), err)
	}
	if r.seg.form != formNative {
		if ok, err = l.hold(r); !ok { // for the walker, which gives it back
			return err
		}
		w.foreign = l.walk(span{seg: r.seg, from: r.from, end: r.to.off, next: r.to.number})
	}
	w.left = r.to.number - r.from.number
	return nil
}

// close gives back what the reader holds of a run it did not read to the end.
func (w *runReader) close() {
	if w.foreign != nil {
		w.foreign.done()
		w.foreign = nil
	}
	w.left = 0
}

// next goes on to the next record.
func (w *runReader) next() bool {
	if w.left == 0 {
		w.close()
		return false
	}
	w.left--
	w.number++
	if w.kind == Data {
		if w.dir == In {
			w.in += int64(len(w.payload))
		} else {
			w.out += int64(len(w.payload))
		}
	}
	if w.run.seg.form == formNative {
		w.err = w.nextNative()
	} else {
		w.err = w.nextForeign()
	}
	if w.err != nil {
		w.close()
		return false
	}
	return true
}

func (w *runReader) nextNative() error {
	le := binary.LittleEndian
	b := w.buf[w.at:]
	if len(b) < packetHead+4 || le.Uint32(b) != blockPacket {
		return w.damaged()
	}
	size, length := int(le.Uint32(b[4:])), int(le.Uint32(b[20:]))
	if size > len(b) || size < packetHead+12 || length > size-packetHead-12 {
		return w.damaged()
	}
	w.stamp = int64(uint64(le.Uint32(b[12:]))<<32 | uint64(le.Uint32(b[16:])))
	w.packet = b[packetHead : packetHead+length]
	w.options = b[min(packetHead+pad4(length), size-4) : size-4]
	var ok bool
	if w.head, ok = decodeNative(w.packet, length); !ok {
		return w.damaged()
	}
	w.dir = In
	if len(w.options) > 4 && w.options[4]&3 == flagsOut { // the first option is always the flags
		w.dir = Out
	}
	w.kind = w.head.kind
	w.payload = w.packet[w.head.off : w.head.off+w.head.n]
	w.at += size
	return nil
}

func (w *runReader) damaged() error {
	return fmt.Errorf("read %s at offset %d: %w: no packet of ours", w.run.seg.path, w.run.from.off+int64(w.at), errDamaged)
}

func (w *runReader) nextForeign() error {
	f := w.foreign
	if ok, err := f.next(); !ok {
		if err == nil {
			err = fmt.Errorf("read %s: %w: its index does not fit", w.run.seg.path, errDamaged)
		}
		return err
	}
	w.dir, w.kind, w.payload = f.dir, f.kind, nil
	if f.kind != Data || f.n == 0 {
		return nil
	}
	if w.apart {
		w.payload = make([]byte, f.n) // it has to last until the next load
		_, err := f.copy(w.payload, 0)
		return err
	}
	at := f.off - w.run.from.off
	if at < 0 || at > int64(len(w.buf)-f.n) {
		return fmt.Errorf("read %s at offset %d: %w: a packet is not where its header says", w.run.seg.path, f.off, errDamaged)
	}
	w.payload = w.buf[at : at+int64(f.n)]
	return nil
}

// flow returns the flow of the record.
func (w *runReader) flow() Flow {
	switch {
	case w.foreign == nil:
		return w.head.flow(w.packet, w.dir)
	case w.foreign.decoded:
		return w.foreign.foreign.flow(w.dir)
	}
	return Flow{}
}

// note returns the record's note, which may lie in the reader's buffer.
func (w *runReader) note() []byte {
	if w.foreign != nil {
		return []byte(w.foreign.record().Note)
	}
	o := w.options
	for len(o) >= 4 {
		code, n := binary.LittleEndian.Uint16(o), int(binary.LittleEndian.Uint16(o[2:]))
		if code == optEnd || n > len(o)-4 {
			break
		}
		if code == optComment {
			return bytes.ToValidUTF8(o[4:4+min(n, MaxNote)], []byte("?"))
		}
		o = o[min(4+pad4(n), len(o)):]
	}
	return nil
}

// time returns when the record was taken.
func (w *runReader) time() time.Time {
	if w.foreign != nil {
		return timeOf(w.foreign.f.time)
	}
	return timeOf(w.stamp)
}

// wireLen returns how many bytes the payload had on the wire.
func (w *runReader) wireLen() int {
	if w.foreign != nil {
		return w.foreign.wire
	}
	return len(w.payload)
}
