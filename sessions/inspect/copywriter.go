package inspect

import (
	"fmt"
	"io"

	"wirebench/sessions/charset"
)

// flushAt is how much text is gathered before it is written.
const flushAt = 32 << 10

// pieceLen is how many bytes are turned into text between two looks at how much
// was gathered.
const pieceLen = 4 << 10

// gather collects text and keeps the first error.
type gather struct {
	w   io.Writer
	out []byte
	err error
}

// flush writes what was gathered, if it is enough to be worth it or all.
func (g *gather) flush(all bool) error {
	if g.err == nil && (all || len(g.out) >= flushAt) {
		_, g.err = g.w.Write(g.out)
		g.out = g.out[:0]
	}
	return g.err
}

// lines writes a form.
type lines struct {
	gather
	form
	n      uint64 // bytes so far
	inLine int
}

func newLines(w io.Writer, f form) *lines {
	return &lines{gather: gather{w: w, out: []byte(f.head)}, form: f}
}

// Write takes all of b unless there is an error.
func (l *lines) Write(b []byte) (int, error) {
	for done := 0; done < len(b); {
		if l.err != nil {
			return done, l.err
		}
		part := b[done:min(done+pieceLen, len(b))]
		l.append(part)
		done += len(part)
		l.flush(false)
	}
	return len(b), l.err
}

// append writes a piece.
func (l *lines) append(b []byte) {
	out := l.out
	for _, c := range b {
		if l.inLine == 0 {
			out = append(out, l.first...)
		} else {
			out = append(out, l.between...)
		}
		out = append(out, l.prefix...)
		out = append(out, hexDigits[c>>4], hexDigits[c&15])
		if l.inLine++; l.inLine == l.perLine {
			out = append(out, l.last...)
			l.inLine = 0
		}
	}
	l.out = out
	l.n += uint64(len(b))
}

// Close writes the end.
func (l *lines) Close() error {
	switch {
	case l.inLine > 0:
		l.out = append(l.out, l.last...)
	case l.n == 0:
		l.out = append(l.out, l.lone...)
	}
	l.inLine = 0
	l.out = append(l.out, l.tail...)
	if l.count != "" {
		l.out = fmt.Appendf(l.out, l.count, l.n)
	}
	return l.flush(true)
}

// dumper writes [HexDump].
type dumper struct {
	gather
	off  uint64
	row  [16]byte
	have int // bytes in row
	any  bool
}

func newDumper(w io.Writer, offset uint64) io.WriteCloser {
	return &dumper{gather: gather{w: w}, off: offset}
}

// Write takes all of b unless there is an error.
func (d *dumper) Write(b []byte) (int, error) {
	for done := 0; done < len(b); {
		if d.err != nil {
			return done, d.err
		}
		n := copy(d.row[d.have:], b[done:])
		done += n
		if d.have += n; d.have == len(d.row) {
			d.line()
		}
	}
	return len(b), d.err
}

func (d *dumper) line() {
	d.out = AppendHexDump(d.out, d.off, d.row[:d.have])
	d.off += uint64(d.have)
	d.have, d.any = 0, true
	d.flush(false)
}

// Close writes the last row and the closing offset.
func (d *dumper) Close() error {
	if d.have > 0 {
		d.line()
	}
	if d.any {
		d.out = append(appendOffset(d.out, d.off), '\n')
		d.any = false
	}
	return d.flush(true)
}

// escaper writes [Escape].
type escaper struct {
	gather
	m    marks
	held []byte // the end of what was written, which means one thing or another by what follows
}

func newEscaper(w io.Writer, _ uint64) io.WriteCloser {
	return &escaper{gather: gather{w: w}}
}

// Write takes all of b unless there is an error.
func (e *escaper) Write(b []byte) (int, error) {
	for done := 0; done < len(b); {
		if e.err != nil {
			return done, e.err
		}
		part := b[done:min(done+pieceLen, len(b))]
		done += len(part)
		e.held = append(e.held, part...)
		n := settled(e.held)
		e.out = appendEscaped(e.out, e.held[:n], &e.m)
		e.held = e.held[:copy(e.held, e.held[n:])]
		e.flush(false)
	}
	return len(b), e.err
}

// settled is how many bytes of b are escaped the same whatever follows: all but
// an unfinished character, or a zero byte, at the end.
func settled(b []byte) int {
	if n := len(b); n > 0 && b[n-1] == 0 {
		return n - 1
	}
	return len(charset.WholeUTF8(b))
}

// Close writes what was held back.
func (e *escaper) Close() error {
	e.out = appendEscaped(e.out, e.held, &e.m)
	e.held = nil
	return e.flush(true)
}
