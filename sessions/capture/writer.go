package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

const (
	// gatherFor is how long the writer gathers, at most, since its last write; it writes sooner when a batch is full.
	// What comes after a longer silence is written at once, so that an answer is readable as soon as it came.
	gatherFor = 5 * time.Millisecond
	// gatherLong is the same where traffic is so dense that nobody follows single records. Each run of the writer may
	// push a session's reader, or its peer, to another processor, which on a loopback costs many times the write.
	gatherLong = 20 * time.Millisecond
	// denseRecords in one batch make traffic dense.
	denseRecords = 64
	// syncEvery is the time between two syncs while there is something to sync.
	syncEvery = time.Second
)

// outlet is the side of a log that the writer works on, alone; while capturing is stopped, Resume does.
type outlet struct {
	active   *segment // being written, nil before the first and after a failure
	listed   bool     // active is among Log.segs
	nth      int      // of the newest segment
	base     string   // of the names of the segments, "" before the first
	marker   *marker
	marking  sync.Mutex // guards marker
	syncFail chan error // a failed sync, from the keeper
}

// start starts the log's goroutines. in.mu is held. Close waits for them.
func (l *Log) start() {
	l.in.started = true
	l.out.syncFail = make(chan error, 1)
	go l.write()
	go l.keep.run(l)
}

// write is the writer goroutine: it writes batches until the log is closed and everything is written.
func (l *Log) write() {
	defer close(l.written)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	var last time.Time
	gather := gatherFor
	for {
		select {
		case err := <-l.out.syncFail:
			l.fail(nil, nil, err)
		default:
		}
		b, wait, done := l.next(last, gather)
		switch {
		case b != nil:
			gather = gatherFor
			if b.records >= denseRecords {
				gather = gatherLong
			}
			l.store(b)
			last = time.Now()
		case done:
			return
		case wait > 0:
			timer.Reset(wait)
			select {
			case <-l.kick:
			case <-timer.C:
			}
		default:
			<-l.kick
		}
	}
}

// next returns the batch to write now, or how long to gather still (0: until woken), or that all is done. While there is
// time to gather the writer comes back by itself, so that Append need not wake it.
func (l *Log) next(last time.Time, gather time.Duration) (b *batch, wait time.Duration, done bool) {
	in := &l.in
	in.mu.Lock()
	defer in.mu.Unlock()
	in.asleep = false
	if len(in.full) > 0 {
		b = in.full[0]
		in.full = in.full[:copy(in.full, in.full[1:])]
		return b, 0, false
	}
	empty := in.cur == nil || in.cur.records == 0
	if empty && in.closed {
		in.asleep = true // until those who wait for room have appended
		return nil, 0, in.waiting == 0
	}
	wait = gather - time.Since(last)
	switch {
	case !empty && (wait <= 0 || in.closed || l.flushes.Load() > 0):
		b, in.cur = in.cur, nil
		return b, 0, false
	case wait <= 0:
		in.asleep = true
		return nil, 0, false
	}
	return nil, wait, false
}

// store writes one batch and makes its records readable, or stops capturing.
func (l *Log) store(b *batch) {
	if b.begin {
		s, err := l.beginSegment()
		if err != nil {
			l.fail(b, nil, err)
			return
		}
		l.out.active, l.out.listed = s, false
	}
	s := l.out.active
	n, err := s.file.Write(b.buf)
	if err == nil && n < len(b.buf) {
		err = io.ErrShortWrite
	}
	if err != nil {
		l.fail(b, b.buf[:min(max(n, 0), len(b.buf))], failure("write", s.path, err))
		return
	}
	idle := l.publish(b, len(b.buf))
	l.in.mu.Lock()
	l.recycle(b)
	l.in.mu.Unlock()
	for _, s := range idle {
		l.dispose(s)
	}
}

// publish makes the records of b readable, whose n bytes were written. It returns segments to dispose of.
func (l *Log) publish(b *batch, n int) []*segment {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.out.active
	if !l.out.listed {
		l.out.listed = true
		l.segs = append(l.segs, s)
		l.st.DiskBytes += s.end.off
	}
	s.entries = append(s.entries, b.entries...)
	s.end = b.after.entry(s.end.off + int64(n))
	l.st.DiskBytes += int64(n)
	l.now = b.after
	l.settled += b.records
	if !s.dirty {
		s.dirty = true
		s.refs++
		l.keep.add(s)
	}
	l.notify()
	return l.evict()
}

// beginSegment makes the next segment's file, and ahead of the first one the folder and the live marker.
func (l *Log) beginSegment() (*segment, error) {
	o := &l.out
	if o.base == "" {
		if err := os.MkdirAll(l.opts.Dir, 0o700); err != nil {
			return nil, failure("make folder", l.opts.Dir, err)
		}
		base, err := freeBase(l.opts.Dir, l.meta)
		if err != nil {
			return nil, failure("read folder", l.opts.Dir, err)
		}
		m, err := mark(filepath.Join(l.opts.Dir, base+liveSuffix), l.meta)
		if err != nil {
			return nil, failure("make", filepath.Join(l.opts.Dir, base+liveSuffix), err)
		}
		o.marking.Lock()
		o.base, o.marker = base, m
		o.marking.Unlock()
	}
	o.nth++
	path := filepath.Join(l.opts.Dir, segmentName(o.base, o.nth))
	f, err := l.opts.Create(path)
	if err != nil {
		return nil, failure("make", path, err)
	}
	return &segment{path: path, file: f, refs: 1}, nil
}

// fail stops capturing because of err: what of b (which may be nil) was written in whole stays, the rest, and all that
// waits, is counted as lost.
func (l *Log) fail(b *batch, wrote []byte, err error) {
	in := &l.in
	in.mu.Lock()
	defer in.mu.Unlock()
	s := l.out.active
	if b != nil {
		if n := keepWhole(b, wrote, len(l.header)); n > 0 {
			for _, idle := range l.publish(b, n) {
				l.dispose(idle)
			}
		}
	}
	l.mu.Lock()
	l.st.LostRecords += in.now.number - l.now.number
	l.st.LostBytes += in.now.in + in.now.out - l.now.in - l.now.out
	l.st.Err = fmt.Errorf("capturing stopped: %w", err)
	l.settled = in.appended
	end := int64(0)
	if s != nil {
		end = s.end.off
	}
	l.notify()
	l.mu.Unlock()

	in.failed = true
	in.now = l.now
	in.segBytes = 0
	l.total.Store(l.now.in + l.now.out)
	for _, f := range in.full {
		l.recycle(f)
	}
	in.full = in.full[:0]
	if in.cur != nil {
		l.recycle(in.cur)
		in.cur = nil
	}
	if b != nil {
		l.recycle(b)
	}
	in.room.Broadcast()
	if s == nil {
		return
	}
	if !l.out.listed {
		s.gone = true
		l.dispose(s)
	} else if t, ok := s.file.(interface{ Truncate(int64) error }); ok {
		// A remainder that cannot be cut off does no harm: readers end at the last whole block.
		_ = t.Truncate(end)
	}
	l.out.active = nil
}

// keepWhole cuts b down to the records that lie in whole in wrote, and returns their length with the segment header's,
// if b has one, or 0 if there are none.
func keepWhole(b *batch, wrote []byte, header int) int {
	at := 0
	if b.begin {
		at = header
	}
	base, start := b.before, at
	b.after, b.records = base, 0
	for at+packetHead <= len(wrote) {
		n := int(binary.LittleEndian.Uint32(wrote[at+4:]))
		if at+n > len(wrote) {
			break
		}
		p, ok := decodeNative(wrote[at+packetHead:], int(binary.LittleEndian.Uint32(wrote[at+20:])))
		if !ok {
			break // cannot happen: appendTo wrote it
		}
		flags := wrote[at+packetHead+pad4(p.off+p.n)+4]
		time := int64(binary.LittleEndian.Uint32(wrote[at+12:]))<<32 | int64(binary.LittleEndian.Uint32(wrote[at+16:]))
		b.after.add(time, directionOf(uint32(flags)), p.kind, p.n)
		b.records++
		at += n
	}
	kept := b.entries[:0]
	for _, e := range b.entries {
		if e.number <= b.after.number {
			kept = append(kept, e)
		}
	}
	b.entries = kept
	if at == start {
		return 0
	}
	return at
}

// failure says what could not be done to which file, why, and what may help.
func failure(verb, path string, err error) error {
	var pe *fs.PathError
	if !errors.As(err, &pe) {
		err = fmt.Errorf("%s %s: %w", verb, path, err)
	}
	help := "resume to go on in a new file"
	switch {
	case diskFull(err):
		help = "free some space, then resume"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		help = "make the folder writable, then resume"
	}
	return fmt.Errorf("%w (%s)", err, help)
}

// Resume goes on after a failure, in a new segment, with a Note of how much was lost. It returns why that failed, nil
// if capturing was not stopped.
func (l *Log) Resume() error {
	if l.readOnly {
		return ErrReadOnly
	}
	l.in.mu.Lock()
	defer l.in.mu.Unlock()
	if l.in.closed {
		return fmt.Errorf("resume capture: it was closed: %w", fs.ErrClosed)
	}
	if !l.in.failed {
		return nil
	}
	s, err := l.beginSegment()
	if err == nil {
		var n int
		n, err = s.file.Write(l.header)
		if err == nil && n < len(l.header) {
			err = io.ErrShortWrite
		}
		if err != nil {
			err = failure("write", s.path, err)
			s.gone = true
			l.dispose(s)
		}
	}
	l.mu.Lock()
	if err != nil {
		l.st.Err = fmt.Errorf("capturing stopped: %w", err)
		l.notify()
		l.mu.Unlock()
		return fmt.Errorf("resume capture: %w", err)
	}
	s.end.off = int64(len(l.header))
	l.st.Err = nil
	lost := struct{ records, bytes int64 }{l.st.LostRecords, l.st.LostBytes}
	l.notify()
	l.mu.Unlock()

	l.out.active, l.out.listed = s, false
	l.in.failed = false
	l.in.segBytes, l.in.indexed = int64(len(l.header)), 0
	p := packet{kind: Note, ends: &ends{}, note: fmt.Sprintf("capturing resumed; not captured meanwhile: %d records with %d bytes",
		lost.records-l.in.lostThen.records, lost.bytes-l.in.lostThen.bytes)}
	l.in.lostThen = lost
	l.appendOne(&p, true, true)
	return nil
}
