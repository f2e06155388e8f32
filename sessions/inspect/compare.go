package inspect

import (
	"bytes"
	"context"
	bin "encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
)

// Section is what [Compare] reads: an [io.SectionReader], a [bytes.Reader] and
// so on. ReadAt is called from one goroutine.
type Section interface {
	io.ReaderAt
	Size() int64
}

// Range is a run of bytes: Length of them, at least one, from Offset on.
type Range struct{ Offset, Length int64 }

// Comparison is what two sections have in common and what not. Offsets count
// from the start of each section.
type Comparison struct {
	SizeA, SizeB int64
	// First is the offset of the first byte that differs: where one section is
	// the beginning of the other, the size of the shorter. It is -1 when they
	// are equal.
	First int64
	// Differing is how many bytes differ in the part both sections have.
	Differing int64
	// Ranges are the runs of bytes that differ there, in order, as many as were
	// asked for; More is how many runs there are beyond them.
	Ranges []Range
	More   int64
}

// Equal tells whether the sections hold the same bytes.
func (c Comparison) Equal() bool { return c.First < 0 }

// compareChunk is how much of each section is read at a time.
const compareChunk = 64 << 10

// Compare reads both sections once, side by side and in constant memory, and
// lists up to most runs of bytes that differ. Progress, when it is not nil, is
// called now and then with how many bytes of each were compared.
//
// It ends early when ctx does, with its error, and when a section cannot be
// read to its size; what was found until then is returned too.
func Compare(ctx context.Context, a, b Section, most int, progress func(done int64)) (Comparison, error) {
	c := Comparison{SizeA: a.Size(), SizeB: b.Size(), First: -1}
	common := min(c.SizeA, c.SizeB)
	w := differ{c: &c, most: most}
	bufA, bufB := make([]byte, compareChunk), make([]byte, compareChunk)
	for at := int64(0); at < common; {
		if err := ctx.Err(); err != nil {
			w.close()
			return c, err
		}
		n := int(min(compareChunk, common-at))
		if err := readFull(a, bufA[:n], at); err != nil {
			w.close()
			return c, fmt.Errorf("read the first selection: %w", err)
		}
		if err := readFull(b, bufB[:n], at); err != nil {
			w.close()
			return c, fmt.Errorf("read the second selection: %w", err)
		}
		if bytes.Equal(bufA[:n], bufB[:n]) {
			w.close()
		} else {
			w.chunk(bufA[:n], bufB[:n], at)
		}
		at += int64(n)
		if progress != nil {
			progress(at)
		}
	}
	w.close()
	if c.First < 0 && c.SizeA != c.SizeB {
		c.First = common
	}
	return c, nil
}

// readFull reads all of b at off. A section that ends before is an error.
func readFull(r io.ReaderAt, b []byte, off int64) error {
	n, err := r.ReadAt(b, off)
	switch {
	case n == len(b):
		return nil
	case err == nil || errors.Is(err, io.EOF):
		return fmt.Errorf("at offset %d: %w", off+int64(max(n, 0)), io.ErrUnexpectedEOF)
	}
	return fmt.Errorf("at offset %d: %w", off+int64(max(n, 0)), err)
}

// differ gathers runs of differing bytes, which may go on from chunk to chunk.
type differ struct {
	c    *Comparison
	most int
	open bool  // a run reaches to the place before the next byte
	from int64 // where it began
	end  int64 // behind it
}

// chunk compares a and b, which are of one length and stand at offset at.
func (w *differ) chunk(a, b []byte, at int64) {
	for i := 0; i < len(a); {
		if i+8 <= len(a) && !w.open {
			x := bin.LittleEndian.Uint64(a[i:]) ^ bin.LittleEndian.Uint64(b[i:])
			if x == 0 {
				i += 8
				continue
			}
			i += bits.TrailingZeros64(x) / 8
		}
		if off := at + int64(i); a[i] != b[i] {
			if !w.open {
				w.open, w.from = true, off
			}
			w.end = off + 1
		} else {
			w.close()
		}
		i++
	}
}

// close ends the run that is open, if one is.
func (w *differ) close() {
	if !w.open {
		return
	}
	w.open = false
	if w.c.First < 0 {
		w.c.First = w.from
	}
	w.c.Differing += w.end - w.from
	if len(w.c.Ranges) < w.most {
		w.c.Ranges = append(w.c.Ranges, Range{w.from, w.end - w.from})
	} else {
		w.c.More++
	}
}
