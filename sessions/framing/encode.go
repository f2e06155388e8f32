package framing

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
)

// Append puts payload into a frame, appends that to dst and returns it: with its length before it, or its delimiter
// behind it. Raw and Gap add nothing: there a frame is what is written at once.
//
// Where Offset is set, payload begins with the Offset bytes that come before the length. With Keep, the delimiter is
// added unless payload ends with it.
//
// A payload that the other side would cut in another way is refused, in words: one that has the delimiter in it, one
// whose length does not fit the prefix, one of another size than Fixed, a frame of more than Max bytes. dst is then
// returned as it was.
func (f Framing) Append(dst, payload []byte) ([]byte, error) {
	if err := f.Check(); err != nil {
		return dst, err
	}
	n := len(dst)
	dst, err := f.append(dst, payload)
	if err == nil && f.Kind != Raw && int64(len(dst)-n) > f.Most() {
		err = fmt.Errorf("a frame of %d bytes is longer than the %d that %s allows", len(dst)-n, f.Most(), f)
	}
	if err != nil {
		return dst[:n], fmt.Errorf("frame a message: %w", err)
	}
	return dst, nil
}

func (f Framing) append(dst, payload []byte) ([]byte, error) {
	switch {
	case f.Kind == Fixed && int64(len(payload)) != f.Size:
		return dst, fmt.Errorf("it has %s, and %s sends %d at a time", inBytes(int64(len(payload))), f, f.Size)
	case f.delim() != "":
		return f.appendDelim(dst, payload)
	case f.counts():
		return f.appendLength(dst, payload)
	}
	return append(dst, payload...), nil
}

func (f Framing) appendDelim(dst, payload []byte) ([]byte, error) {
	delim, n := []byte(f.delim()), len(dst)
	if f.Keep {
		payload = bytes.TrimSuffix(payload, delim)
	}
	dst = append(append(dst, payload...), delim...)
	if at := bytes.Index(dst[n:], delim); at < len(payload) {
		what := fmt.Sprintf("the delimiter of %s", f)
		if f.Kind == XML {
			what = "the zero byte that ends a document"
		}
		if at+len(delim) > len(payload) {
			return dst, fmt.Errorf("its last bytes and the first of the delimiter make %s, at byte %d", what, at)
		}
		return dst, fmt.Errorf("it has %s in it, at byte %d", what, at)
	}
	return dst, nil
}

func (f Framing) appendLength(dst, payload []byte) ([]byte, error) {
	if len(payload) < f.Offset {
		return dst, fmt.Errorf("it has %s, and %s has %d before the length", inBytes(int64(len(payload))), f, f.Offset)
	}
	head, rest := payload[:f.Offset], payload[f.Offset:]
	declared := int64(len(rest)) - f.Adjust
	if declared < 0 {
		return dst, fmt.Errorf("%s behind the length: that is less than the %d that %s adds to it", inBytes(int64(len(rest))), f.Adjust, f)
	}
	most := uint64(math.MaxInt64)
	switch f.Kind {
	case Prefix:
		most = 1<<(8*f.Width) - 1
	case MinecraftVarint:
		most = math.MaxInt32
	}
	if uint64(declared) > most {
		return dst, fmt.Errorf("its length would be %d, and the most that fits into the prefix of %s is %d", declared, f, most)
	}
	dst = append(dst, head...)
	var b [8]byte
	switch {
	case f.Kind != Prefix:
		dst = binary.AppendUvarint(dst, uint64(declared))
	case f.Little:
		binary.LittleEndian.PutUint64(b[:], uint64(declared))
		dst = append(dst, b[:f.Width]...)
	default:
		binary.BigEndian.PutUint64(b[:], uint64(declared))
		dst = append(dst, b[8-f.Width:]...)
	}
	return append(dst, rest...), nil
}
