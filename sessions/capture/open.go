package capture

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// OpenFiles opens captures to be read: segments of this package in the order given (those of one capture in their own
// order), or any pcapng or classic pcap file. It reads the files through once to index them, jumping over payloads; ctx
// ends that early.
//
// What a file of another program does not say is worked out: the side that sent the first SYN, else the first packet,
// is the local one; repeated TCP segments are notes, and gaps are noted. Every frame is one record, so that numbers are
// Wireshark's.
//
// A file that is cut off or damaged is read up to that place, and [Log.Warnings] names it. An error is returned when
// nothing can be read. The caller owns the log and must Release it.
func OpenFiles(ctx context.Context, paths ...string) (*Log, error) {
	if len(paths) == 0 {
		return nil, errors.New("open capture: no file given")
	}
	l := &Log{readOnly: true, meta: Meta{Kind: "file", Name: filepath.Base(paths[0])}}
	sc := indexer{ctx: ctx, log: l}
	var failed []error
	for _, path := range segmentOrder(paths) {
		err := sc.open(path)
		switch {
		case err == nil:
		case ctx.Err() != nil:
			l.Release()
			return nil, fmt.Errorf("open capture: %w", context.Cause(ctx))
		default:
			failed = append(failed, err)
		}
	}
	if len(failed) == len(paths) {
		l.Release()
		return nil, fmt.Errorf("open capture: %w", errors.Join(failed...))
	}
	for _, err := range failed {
		l.warn("left out: %v", err)
	}
	l.now = sc.now
	l.version.Add(1)
	return l, nil
}

// segmentOrder returns paths sorted by their number if all are segments of one capture, else as they are.
func segmentOrder(paths []string) []string {
	var list []segmentFile
	for _, path := range paths {
		s, ok := parseSegment(path)
		if !ok || len(list) > 0 && s.base != list[0].base {
			return paths
		}
		list = append(list, s)
	}
	slices.SortStableFunc(list, func(a, b segmentFile) int { return a.nth - b.nth })
	sorted := make([]string, len(list))
	for i, s := range list {
		sorted[i] = s.path
	}
	return sorted
}

// checkEvery is how many blocks are scanned between two looks at the context.
const checkEvery = 256

// indexer reads files through to index them.
type indexer struct {
	ctx     context.Context
	log     *Log
	now     counters // of the newest record
	tracker tracker
	named   bool // log.meta is from a file of ours
	win     window

	// Of the present file.
	seg    *segment
	pos    int64
	blocks int
	ifaces int // of all sections
}

// open adds the file at path to the log.
func (sc *indexer) open(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no ordinary file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	kept := false
	defer func() {
		if !kept {
			f.Close()
		}
	}()
	size := info.Size()
	sc.win.reset(f, size, windowSize)
	start := sc.now
	if sc.seg, err = sc.detect(path, f, size, info.ModTime()); err != nil {
		return err
	}
	err = sc.scan(size)
	if errors.Is(err, errNotNative) {
		sc.now = start
		sc.seg = &segment{path: path, file: f, refs: 1, form: formPcapng}
		err = sc.scan(size)
	}
	seg := sc.seg
	switch {
	case sc.ctx.Err() != nil:
		return sc.ctx.Err()
	case errors.Is(err, errCut):
		sc.log.warn("%s ends in the middle of a packet at offset %d", path, sc.pos)
	case err != nil && len(seg.entries) == 0:
		return fmt.Errorf("read %s at offset %d: %w", path, sc.pos, err)
	case err != nil:
		sc.log.warn("%s was read up to offset %d: %v", path, sc.pos, err)
	}
	if len(seg.entries) > 0 {
		kept = true
		sc.log.segs = append(sc.log.segs, seg)
		sc.log.st.DiskBytes += size
	}
	return nil
}

// errNotNative says that a file that is signed by this package holds what it does not write.
var errNotNative = errors.New("not as this package writes it")

// detect returns the segment for a file by its first bytes.
func (sc *indexer) detect(path string, f File, size int64, modified time.Time) (*segment, error) {
	s := &segment{path: path, file: f, refs: 1}
	sc.pos = 0
	b, err := sc.win.at(0, int(min(size, pcapHead)))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if p, ok := pcapHeader(b); ok {
		s.form, s.pcap = formPcap, p
		sc.describe(path, modified)
		return s, nil
	}
	switch {
	case len(b) == 0:
		return nil, fmt.Errorf("%s is empty", path)
	case len(b) >= 2 && b[0] == 0x1F && b[1] == 0x8B:
		return nil, fmt.Errorf("%s is compressed; unpack it first, for instance with gunzip", path)
	case len(b) < 4 || binary.LittleEndian.Uint32(b) != blockSection:
		return nil, fmt.Errorf("%s is no pcapng or pcap file", path)
	}
	s.form = formPcapng
	if m, ok := sc.win.signed(); ok {
		s.form = formNative
		if !sc.named {
			sc.named, sc.log.meta = true, m
		}
		return s, nil
	}
	sc.describe(path, modified)
	return s, nil
}

// describe gives the log the name of another program's file.
func (sc *indexer) describe(path string, modified time.Time) {
	if sc.log.meta.Created.IsZero() {
		sc.log.meta = Meta{Kind: "file", Name: filepath.Base(path), Created: modified}
	}
}

// signed reports whether the file begins with a section that this package wrote, and what it says of the session.
func (w *window) signed() (m Meta, ok bool) {
	s, length, err := w.sectionHeader(0)
	if err != nil || s.order != binary.LittleEndian {
		return Meta{}, false
	}
	w.options(24, int64(length)-4, s.order, maxComment, func(code uint16, value []byte) bool {
		switch code {
		case optComment:
			if json.Unmarshal(value, &m) != nil {
				m = Meta{}
			}
		case optUserAppl:
			ok = string(value) == userAppl
		}
		return true
	})
	m.Kind, m.Name = cut(m.Kind, maxName), cut(m.Name, MaxNote)
	return m, ok
}

// fileMeta returns the Meta in the file at path, if it is one of ours.
func fileMeta(path string) (Meta, bool) {
	f, err := os.Open(path)
	if err != nil {
		return Meta{}, false
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Meta{}, false
	}
	w := walkers.Get().(*walker)
	defer walkers.Put(w)
	w.win.reset(f, info.Size(), 1<<10)
	defer w.win.reset(nil, 0, 0)
	return w.win.signed()
}

// scan indexes the present file. It returns nil at its end, else what ended it earlier, at pos.
func (sc *indexer) scan(size int64) (err error) {
	sc.pos, sc.blocks, sc.ifaces = 0, 0, 0
	seg := sc.seg
	seg.verdicts.first = sc.now.number + 1
	switch seg.form {
	case formNative:
		if err = sc.nativeHeader(); err != nil {
			return err
		}
	case formPcap:
		sc.pos = pcapHead
	}
	for sc.pos < size {
		if sc.blocks++; sc.blocks%checkEvery == 0 && sc.ctx.Err() != nil {
			return sc.ctx.Err()
		}
		from := sc.pos
		switch seg.form {
		case formNative:
			err = sc.native(size)
		case formPcap:
			err = sc.pcapRecord()
		default:
			err = sc.block()
		}
		if err != nil {
			return err
		}
		sc.win.ahead = windowSize
		if sc.pos-from >= bigRecord {
			sc.win.ahead = littleAhead
		}
	}
	return nil
}

// add counts the packet whose block is at sc.pos and that ends at next.
func (sc *indexer) add(next, time int64, d Direction, k Kind, n int) {
	s := sc.seg
	if len(s.entries) == 0 || sc.pos-s.entries[len(s.entries)-1].off >= indexEvery {
		s.entries = append(s.entries, sc.now.entry(sc.pos))
	}
	sc.now.add(time, d, k, n)
	sc.pos = next
	s.end = sc.now.entry(next)
}

// nativeHeader goes over the section header and the one interface of a segment of ours.
func (sc *indexer) nativeHeader() error {
	s, length, err := sc.win.sectionHeader(0)
	if err != nil {
		return err
	}
	sc.pos = int64(length)
	kind, length, err := sc.win.block(sc.pos, s.order)
	if err != nil {
		return err
	}
	if kind != blockInterface {
		return errNotNative
	}
	i, err := sc.win.interfaceBlock(sc.pos, length, s.order)
	if err != nil || i != (iface{link: linkRaw, units: 1e9}) {
		return errNotNative
	}
	sc.pos += int64(length)
	return nil
}

// native goes over one packet of a segment of ours.
func (sc *indexer) native(size int64) error {
	var head [nativeHead]byte
	f, n, d, err := sc.win.nativePacket(sc.pos, size, &head)
	if errors.Is(err, errDamaged) {
		// A whole block, but of something else: another program has rewritten the file.
		if _, length, berr := sc.win.block(sc.pos, binary.LittleEndian); berr == nil && sc.whole(length, binary.LittleEndian) == nil {
			return errNotNative
		}
	}
	if err != nil {
		return err
	}
	if err := sc.whole(int(f.next-sc.pos), binary.LittleEndian); err != nil {
		return err
	}
	sc.add(f.next, f.time, d, n.kind, n.n)
	return nil
}

// whole checks that the block at pos ends with its length.
func (sc *indexer) whole(length int, order binary.ByteOrder) error {
	b, err := sc.win.at(sc.pos+int64(length)-4, 4)
	if err == nil && int(order.Uint32(b)) != length {
		err = fmt.Errorf("%w: a block does not end where it should", errDamaged)
	}
	return err
}

// pcapRecord goes over one packet of a classic pcap file.
func (sc *indexer) pcapRecord() error {
	f, err := sc.win.pcapPacketAt(sc.pos, &sc.seg.pcap)
	if err != nil {
		return err
	}
	return sc.foreign(&f, 0)
}

// block goes over one block of another program's pcapng file.
func (sc *indexer) block() error {
	seg := sc.seg
	b, err := sc.win.at(sc.pos, 4)
	if err != nil {
		return err
	}
	if binary.LittleEndian.Uint32(b) == blockSection {
		s, length, err := sc.win.sectionHeader(sc.pos)
		if err == nil {
			err = sc.whole(length, s.order)
		}
		if err != nil {
			return err
		}
		if len(seg.sections) >= maxSections {
			return fmt.Errorf("%w: more than %d sections", errDamaged, maxSections)
		}
		seg.sections = append(seg.sections, s)
		sc.pos += int64(length)
		return nil
	}
	s := &seg.sections[len(seg.sections)-1] // a file that detect accepted begins with a section
	kind, length, err := sc.win.block(sc.pos, s.order)
	if err == nil {
		err = sc.whole(length, s.order)
	}
	if err != nil {
		return err
	}
	if kind == blockInterface {
		i, err := sc.win.interfaceBlock(sc.pos, length, s.order)
		if err != nil {
			return err
		}
		if sc.ifaces++; sc.ifaces > maxInterfaces {
			return fmt.Errorf("%w: more than %d interfaces", errDamaged, maxInterfaces)
		}
		s.ifaces = append(s.ifaces, i)
		sc.pos += int64(length)
		return nil
	}
	f, ok, err := sc.win.packetBlock(sc.pos, kind, length, s)
	if err != nil {
		return err
	}
	if !ok {
		sc.pos += int64(length)
		return nil
	}
	var flags uint32
	if f.opts < f.optEnd {
		sc.win.options(f.opts, f.optEnd, s.order, 4, func(code uint16, value []byte) bool {
			if code != optFlags || len(value) < 4 {
				return true
			}
			flags = s.order.Uint32(value)
			return false
		})
	}
	return sc.foreign(&f, flags)
}

// foreign counts a packet of another program's file.
func (sc *indexer) foreign(f *frame, flags uint32) error {
	d, ok, err := sc.win.decode(f)
	if err != nil {
		return err
	}
	x := verdict{dir: directionOf(flags)}
	if ok {
		x = sc.tracker.judge(&d, flags)
	}
	x = sc.seg.verdicts.add(x)
	k, _, n, _ := x.apply(f, &d, ok)
	sc.add(f.next, f.time, x.dir, k, n)
	return nil
}
