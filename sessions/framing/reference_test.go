package framing

import (
	"bytes"
	"encoding/binary"
	"math"
)

// cutOf is what a framing makes of some bytes, without where they came from.
type cutOf struct {
	Offset, Len, Header, Trailer, Declared int64
	State                                  State
}

func whatOf(f Frame) cutOf {
	return cutOf{f.Offset, f.Len, f.Header, f.Trailer, f.Declared, f.State}
}

// reference cuts a whole stream that is in memory: the plain way, which a Cutter is held against. It knows nothing of
// reads, so Raw and Gap are one frame.
func reference(f Framing, b []byte) (frames []cutOf) {
	most := f.Most()
	for off := int64(0); off < int64(len(b)); {
		rest := b[off:]
		all := int64(len(rest))
		c := cutOf{Offset: off, Len: all, Declared: -1, State: Incomplete}
		switch f.Kind {
		case Raw:
			c.State = Complete
		case Gap:
			if c.State = Complete; all > most {
				c.State = Oversize
			}
		case Fixed:
			if c.Declared = f.Size; all >= f.Size {
				c.Len, c.State = f.Size, Complete
			}
		case Delimiter, XML:
			delim := []byte(f.Delim)
			if f.Kind == XML {
				delim = []byte{0}
			}
			if i := bytes.Index(rest, delim); i >= 0 {
				c.Len, c.State = int64(i+len(delim)), Complete
				if !f.Keep {
					c.Trailer = int64(len(delim))
				}
			}
			if c.Len > most {
				c.State = Oversize
			}
		default:
			c.measured(f, rest, most)
		}
		frames = append(frames, c)
		off += c.Len
	}
	return frames
}

// measured is what becomes of bytes that begin with a length.
func (c *cutOf) measured(f Framing, rest []byte, most int64) {
	c.Header = c.Len
	value, size, ok := uint64(0), f.Width, false
	if c.Len > int64(f.Offset) {
		value, size, ok = lengthIn(f, rest[f.Offset:])
	}
	if !ok {
		if size < 0 {
			c.Header, c.State = int64(f.Offset-size), Malformed
		} else if c.Len > most {
			c.State = Oversize
		}
		return
	}
	c.Header = int64(f.Offset + size)
	if value > 1<<62 {
		c.Declared, c.State = math.MaxInt64, Oversize
		return
	}
	switch c.Declared = c.Header + int64(value) + f.Adjust; {
	case c.Declared < c.Header:
		c.Declared, c.State = max(c.Declared, 0), Malformed
	case c.Declared > most:
		c.State = Oversize
	case c.Declared <= c.Len:
		c.Len, c.State = c.Declared, Complete
	}
}

// lengthIn reads the length at the beginning of b. ok is false where it is not whole, and with -size bytes where it is
// none.
func lengthIn(f Framing, b []byte) (value uint64, size int, ok bool) {
	switch f.Kind {
	case Prefix:
		if len(b) < f.Width {
			return 0, 0, false
		}
		var whole [8]byte
		if f.Little {
			copy(whole[:], b[:f.Width])
			return binary.LittleEndian.Uint64(whole[:]), f.Width, true
		}
		copy(whole[8-f.Width:], b[:f.Width])
		return binary.BigEndian.Uint64(whole[:]), f.Width, true
	case Varint:
		value, size = binary.Uvarint(b)
		if size < 0 || size == 0 && len(b) >= 10 { // in any case the tenth byte tells
			size = -10
		}
		return value, size, size > 0
	}
	// As the protocol's documentation has it: at most five bytes, the result an int.
	v := int32(0)
	for i := 0; i < len(b); i++ {
		v |= int32(b[i]&0x7F) << (7 * i)
		switch {
		case b[i] < 0x80 && v < 0:
			return 0, -i - 1, false
		case b[i] < 0x80:
			return uint64(v), i + 1, true
		case i == 4:
			return 0, -5, false
		}
	}
	return 0, 0, false
}
