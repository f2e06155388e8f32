package capture

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// exportPcapng writes the log as one pcapng file. The segments of one session
// share a section: only the first brings its header.
func exportPcapng(ctx context.Context, w io.Writer, l *Log, progress func(done, total int64)) error {
	runs, err := l.snapshot(0, true)
	if err != nil {
		return fmt.Errorf("export as pcapng: %w", err)
	}
	defer l.unpin(runs)
	e := pcapngExporter{out: bufio.NewWriterSize(writeErrors{w}, 256<<10), missing: missing(l.Stats())}
	defer e.reader.close()
	if err = e.export(ctx, l, runs, newMeter(runs, progress)); err == nil {
		err = e.out.Flush()
	}
	if err != nil {
		return fmt.Errorf("export as pcapng: %w", err)
	}
	return nil
}

type pcapngExporter struct {
	out     *bufio.Writer
	missing string // to be told in the first header
	section []byte // the header of the section being written
	reader  runReader
}

func (e *pcapngExporter) export(ctx context.Context, l *Log, runs []run, m *meter) error {
	if len(runs) == 0 {
		return e.header(segmentHeader(l.Meta()))
	}
	for i, r := range runs {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		first := i == 0 || runs[i-1].seg != r.seg
		last := i == len(runs)-1 || runs[i+1].seg != r.seg
		var err error
		switch r.seg.form {
		case formNative:
			err = e.native(l, r, first)
		case formPcap:
			err = e.pcap(l, r, first)
		default:
			from, to := r.from.off, r.to.off
			if first {
				from, e.section = 0, nil
			}
			if last && i == len(runs)-1 {
				to = wholeEnd(r.seg) // what is behind the last packet: names, secrets, statistics
			}
			err = e.copy(r.seg, from, to)
		}
		if err != nil {
			return err
		}
		m.add(r.size)
	}
	return nil
}

// header writes the header of a section, with what is missing from the log as
// one more comment of the first.
func (e *pcapngExporter) header(h []byte) error {
	e.section = bytes.Clone(h)
	if e.missing != "" {
		le := binary.LittleEndian
		size := int(le.Uint32(h[4:]))
		end := size - 8 // end of options, and the block's length
		note := appendOption(nil, optComment, e.missing)
		size += len(note)
		whole := append(append(append([]byte(nil), h[:end]...), note...), h[end:]...)
		le.PutUint32(whole[4:], uint32(size))
		le.PutUint32(whole[size-4:], uint32(size))
		h, e.missing = whole, ""
	}
	_, err := e.out.Write(h)
	return err
}

// native writes a run of one of our own segments.
func (e *pcapngExporter) native(l *Log, r run, first bool) error {
	if first {
		h := make([]byte, r.from.off)
		if _, err := readFull(r.seg.file, h, 0); err != nil {
			return fmt.Errorf("read %s: %w", r.seg.path, err)
		}
		if !bytes.Equal(h, e.section) {
			if err := e.header(h); err != nil {
				return err
			}
		}
	}
	if err := e.reader.load(l, r); err != nil {
		return err
	}
	_, err := e.out.Write(e.reader.buf)
	return err
}

// pcap writes a run of a classic pcap file as blocks of a section of its own.
func (e *pcapngExporter) pcap(l *Log, r run, first bool) error {
	if first {
		h := segmentHeader(Meta{})
		// The interface is the last block of the header; its link type is behind type and length.
		at := int(binary.LittleEndian.Uint32(h[4:])) + 8
		binary.LittleEndian.PutUint16(h[at:], uint16(r.seg.pcap.link))
		if err := e.header(h); err != nil {
			return err
		}
	}
	if err := e.reader.load(l, r); err != nil {
		return err
	}
	var b []byte
	for e.reader.next() {
		f := &e.reader.foreign.f
		at := f.data - r.from.off
		if at < 0 || at > int64(len(e.reader.buf)-f.capLen) {
			return fmt.Errorf("read %s at offset %d: %w: a packet is not where its header says", r.seg.path, f.data, errDamaged)
		}
		b = appendFrame(b[:0], f, e.reader.buf[at:at+int64(f.capLen)])
		if _, err := e.out.Write(b); err != nil {
			return err
		}
	}
	return e.reader.err
}

// appendFrame appends a captured frame as an enhanced packet block.
func appendFrame(b []byte, f *frame, data []byte) []byte {
	le := binary.LittleEndian
	size := uint32(packetHead + pad4(len(data)) + 4)
	b = le.AppendUint32(b, blockPacket)
	b = le.AppendUint32(b, size)
	b = le.AppendUint32(b, 0)
	b = le.AppendUint32(b, uint32(uint64(f.time)>>32))
	b = le.AppendUint32(b, uint32(uint64(f.time)))
	b = le.AppendUint32(b, uint32(len(data)))
	b = le.AppendUint32(b, uint32(f.wireLen))
	b = append(b, data...)
	b = append(b, 0, 0, 0)[:len(b)+pad4(len(data))-len(data)]
	return le.AppendUint32(b, size)
}

// wholeEnd returns where the blocks behind the last packet of another program's
// pcapng file end. What is cut off or damaged there was not read, and a copy of
// it would spoil the file it is written to.
func wholeEnd(s *segment) int64 {
	w := new(window)
	w.reset(s.file, math.MaxInt64, littleAhead)
	for pos := s.end.off; ; {
		length, err := w.between(pos, sectionAt(s.sections, pos))
		if err != nil {
			return pos
		}
		pos += int64(length)
	}
}

// between returns the length of the block at off, which must be whole and none
// with a packet.
func (w *window) between(off int64, s *section) (length int, err error) {
	kind := uint32(blockSection)
	if s.off == off {
		_, length, err = w.sectionHeader(off)
	} else {
		kind, length, err = w.block(off, s.order)
	}
	if err != nil {
		return 0, err
	}
	_, packet, err := w.packetBlock(off, kind, length, s)
	if err == nil && kind == blockInterface {
		_, err = w.interfaceBlock(off, length, s.order)
	}
	if err != nil {
		return 0, err
	}
	b, err := w.at(off+int64(length)-4, 4)
	if err == nil && (packet || int(s.order.Uint32(b)) != length) {
		err = errDamaged
	}
	return length, err
}

// copy writes the bytes of a segment from one offset to another.
func (e *pcapngExporter) copy(s *segment, from, to int64) error {
	in := readErrors{io.NewSectionReader(s.file, from, to-from), s.path}
	_, err := io.Copy(e.out, in)
	return err
}

// readErrors says of the errors of a reader where they came from.
type readErrors struct {
	r    io.Reader
	path string
}

func (r readErrors) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if err != nil && err != io.EOF {
		err = fmt.Errorf("read %s: %w", r.path, err)
	}
	return n, err
}
