package app

import (
	"context"
	"errors"
	"fmt"
	"io"

	"wirebench/sessions/capture"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// byteSpan is a range of bytes of a view. It stays readable from any goroutine
// while the view's tab is open, and says so when it no longer is.
type byteSpan struct {
	view   *trafficView
	src    byteSource
	stream capture.Stream
	off, n int64
	parts  []widgets.HexRange // where the bytes are, if not in a row: n in all, the first at off
}

// span is what is selected in the bytes, or else the record selected last; ok is
// false when there is nothing.
func (v *trafficView) span() (s byteSpan, ok bool) {
	s = byteSpan{view: v, src: v.bytes(), stream: v.stream}
	if s.off, s.n = v.hex.Selection(); s.n > 0 {
		if parts := v.hex.Parts(); len(parts) > 1 {
			s.parts, s.n = parts, 0
			for _, p := range parts {
				s.n += p.Len
			}
		}
		return s, true
	}
	r, ok := v.place(v.chosen)
	if !ok || r.Kind != capture.Data || r.Len == 0 || r.In(v.stream) < 0 {
		return s, false
	}
	s.off, s.n = r.In(v.stream), int64(r.Len)
	return s, true
}

// String says which bytes they are: "12 bytes from 0x40 on".
func (s byteSpan) String() string {
	from := fmt.Sprintf("0x%x", s.off)
	if len(s.parts) > 1 {
		return words.Many(int64(len(s.parts)), "%[2]s in %[1]d place from %[3]s on", "%[2]s in %[1]d places from %[3]s on", bytesInWords(s.n), from)
	}
	return words.Many(s.n, "%d byte at %s", "%d bytes from %s on", from)
}

// Size is how many bytes they are.
func (s byteSpan) Size() int64 { return s.n }

// ReadAt is part of io.ReaderAt. Bytes whose tab is no longer there cannot be read.
func (s byteSpan) ReadAt(p []byte, off int64) (int, error) {
	if s.view.ctx.Err() != nil {
		return 0, errors.New(words.Say("the tab that they were selected in is closed"))
	}
	if off >= s.n {
		return 0, io.EOF
	}
	want := min(int64(len(p)), s.n-off)
	n, err := s.read(p[:want], off)
	if err == nil && want < int64(len(p)) {
		err = io.EOF
	}
	return n, err
}

// read fills p from a place in the span on.
func (s byteSpan) read(p []byte, off int64) (n int, err error) {
	if s.parts == nil {
		return s.src.ReadAt(s.stream, p, s.off+off)
	}
	for _, part := range s.parts {
		if off >= part.Len {
			off -= part.Len
			continue
		}
		want := min(int64(len(p)-n), part.Len-off)
		got, err := s.src.ReadAt(s.stream, p[n:n+int(want)], part.Off+off)
		if n += got; int64(got) < want || n == len(p) {
			return n, err
		}
		off = 0
	}
	return n, io.EOF
}

// last is the offset in the stream of the last byte.
func (s byteSpan) last() int64 {
	if s.parts != nil {
		p := s.parts[len(s.parts)-1]
		return p.Off + p.Len - 1
	}
	return s.off + s.n - 1
}

// spanChunk is how many bytes of a span are read at once.
const spanChunk = 256 << 10

// each gives f the bytes one part after the other, with how many came before.
func (s byteSpan) each(ctx context.Context, f func(b []byte, done int64) error) error {
	buf := make([]byte, min(spanChunk, s.n))
	for at := int64(0); at < s.n; {
		if err := ctx.Err(); err != nil {
			return err
		}
		b := buf[:min(int64(len(buf)), s.n-at)]
		n, err := s.ReadAt(b, at)
		if n < len(b) {
			if err == nil || errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return fmt.Errorf("%s: %w", words.Say("read the byte at %s", fmt.Sprintf("0x%x", s.off+at+int64(n))), err)
		}
		if err := f(b, at); err != nil {
			return err
		}
		at += int64(n)
	}
	return nil
}

// maxAround is how many bytes beside a span are looked at.
const maxAround = 8

// aroundBack is how many records before a span are looked through for what its
// connection said before, as many as reading on looks at behind it.
const aroundBack = 4096

// around reads the bytes that stand before the span and behind it: those that
// the same side of the same connection sent, whatever others sent in between.
func (s byteSpan) around() (before, after []byte) {
	if first, err := s.src.At(s.stream, s.off); err == nil {
		before = s.before(first, int(s.off-first.In(s.stream)))
	}
	end := s.last()
	last, err := s.src.At(s.stream, end)
	if err == nil {
		after = make([]byte, maxAround)
		n, _ := s.view.log.ReadFlow(last, after, end+1-last.In(s.stream)) // fewer where there are no more yet
		after = after[:n]
	}
	return before, after
}

// before reads what stands before byte at of the record r in its connection.
func (s byteSpan) before(r capture.Record, at int) []byte {
	buf := make([]byte, maxAround)
	free := len(buf) // how much of buf is to be filled still
	take := func(r capture.Record, end int) bool {
		n := min(free, end)
		got, _ := s.view.log.Payload(r, buf[free-n:free], end-n)
		if got < n {
			return false
		}
		free -= n
		return free > 0
	}
	more := take(r, at)
	for n := r.Number - 1; more && n >= max(r.Number-aroundBack, 1); n-- {
		old, err := s.view.log.Record(n)
		if err != nil { // no longer there
			break
		}
		switch {
		case old.Flow != r.Flow:
		case old.Kind == capture.Open: // another connection with the same ends
			more = false
		case old.Kind == capture.Data && old.Dir == r.Dir:
			more = take(old, old.Len)
		}
	}
	return buf[free:]
}
