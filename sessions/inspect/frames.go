package inspect

import (
	"fmt"
	"math"
)

// LengthPrefix says how the length of a frame is written before it.
type LengthPrefix struct {
	Bytes    int  // 1, 2, 3 or 4; 0 for a varint of up to ten bytes
	Included bool // the length counts its own bytes too
}

// Frame is what a length prefix says about the frame it begins.
type Frame struct {
	Prefix int   // bytes of the prefix, at least 1
	Length int64 // bytes of the frame, those of the prefix included
	End    int64 // offset in the stream behind the last byte of the frame
	// Left is how many bytes the stream has behind the frame; below zero, how
	// many the frame has beyond what there is of the stream.
	Left int64
	// AtLeast says that the stream may have more than was counted: it has at
	// least Left bytes behind the frame.
	AtLeast bool
}

// Frame reads the prefix at p. When ok is false there is no frame, and v says
// what is missing or wrong.
func (l LengthPrefix) Frame(p Place, o Order) (f Frame, v Value, ok bool) {
	var n uint64
	size := l.Bytes
	switch {
	case l.Bytes == 0:
		if n, size, v = readULEB128(p.Bytes); size == 0 {
			return Frame{}, v, false
		}
	case len(p.Bytes) < size:
		return Frame{}, Value{Missing: size - len(p.Bytes)}, false
	default:
		n = load64(p.Bytes[:size], o)
	}
	offset := max(0, p.Offset)
	if l.Included {
		if n < uint64(size) {
			return Frame{}, Value{Problem: fmt.Sprintf("a frame of %s is shorter than its prefix of %s", count(n), count(uint64(size)))}, false
		}
		n -= uint64(size)
	}
	if n > uint64(math.MaxInt64-int64(size)-offset) {
		return Frame{}, Value{Problem: "longer than any stream"}, false
	}
	f = Frame{Prefix: size, Length: int64(size) + int64(n)}
	f.End = offset + f.Length
	f.Left = int64(min(p.rest(), math.MaxInt64)) - f.Length
	f.AtLeast = p.AtLeast
	return f, Value{}, true
}

// String says where the frame ends, and whether that is inside the stream as far
// as there is one, exactly at its end or beyond it, or what is known of that.
func (f Frame) String() string {
	where := "exactly at the end"
	switch {
	case f.AtLeast && f.Left > 0:
		where = "inside, at least " + count(uint64(f.Left)) + " behind it"
	case f.AtLeast && f.Left == 0:
		where = "inside or exactly at the end"
	case f.AtLeast:
		where = "at most " + count(uint64(-f.Left)) + " missing"
	case f.Left > 0:
		where = "inside, " + count(uint64(f.Left)) + " behind it"
	case f.Left < 0:
		where = "beyond, " + count(uint64(-f.Left)) + " missing"
	}
	return fmt.Sprintf("%#x (%d), %s", f.End, f.End, where)
}

func count(n uint64) string {
	if n == 1 {
		return "1 byte"
	}
	return fmt.Sprintf("%d bytes", n)
}

// frameEnd makes a row's reader of l.
func frameEnd(l LengthPrefix) func(Place, Order) Value {
	return func(p Place, o Order) Value {
		f, v, ok := l.Frame(p, o)
		if ok {
			v = Value{Text: f.String(), Size: f.Prefix}
		}
		return v
	}
}

func frameRows() []Row {
	var rows []Row
	for _, r := range []struct {
		id, name string
		bytes    int
	}{{"u8", "u8", 1}, {"u16", "u16", 2}, {"u24", "u24", 3}, {"u32", "u32", 4}, {"varint", "varint", 0}} {
		for _, included := range []bool{false, true} {
			l := LengthPrefix{Bytes: r.bytes, Included: included}
			id, name := r.id+"rest", r.name+" of the rest"
			if included {
				id, name = r.id+"whole", r.name+" of the whole"
			}
			read := frameEnd(l)
			rows = append(rows, Row{
				ID: id, Name: name, Group: Frames, Single: r.bytes < 2,
				Prefix: &l, Value: around(read), placed: read,
			})
		}
	}
	return rows
}
