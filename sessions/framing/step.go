package framing

import (
	"bytes"
	"math"
	"time"

	"wirebench/sessions/capture"
)

// rule is a Framing made ready for cutting. It does not change.
type rule struct {
	Framing
	most  int64
	last  int // the most bytes of a varint
	delim []byte
	back  []int // back[i]: the longest proper suffix of delim[:i] that delim begins with
}

func newRule(f Framing) (*rule, error) {
	if err := f.Check(); err != nil {
		return nil, err
	}
	r := &rule{Framing: f, most: f.Most(), delim: []byte(f.delim())}
	switch f.Kind {
	case Varint:
		r.last = 10
	case MinecraftVarint:
		r.last = 5
	}
	r.back = make([]int, len(r.delim)+1)
	for i := 2; i <= len(r.delim); i++ {
		k := r.back[i-1]
		for k > 0 && r.delim[k] != r.delim[i-1] {
			k = r.back[k]
		}
		if r.delim[k] == r.delim[i-1] {
			k++
		}
		r.back[i] = k
	}
	return r, nil
}

// place is where bytes that are cut come from.
type place struct {
	number int64 // of the record
	at     int   // of the first byte in the record's payload
	offset int64 // of the first byte in the stream
	stamp  int64 // nanoseconds since 1970
}

// state is what is known of a frame while its bytes come. It holds none of them. Between frames n is 0.
type state struct {
	n      int64  // bytes so far
	need   int64  // bytes by its length, once header is known
	value  uint64 // of the length, so far
	header int32  // bytes up to the end of the length; 0 while that is not known
	match  int32  // bytes of the delimiter that the last bytes may be the beginning of
	bad    State  // Oversize or Malformed, or else Complete
	torn   bool
	found  bool         // what is looked for
	kind   capture.Kind // of an event; of a frame Data
	seen   int32        // of what is looked for: see matcher

	start, end  int32 // in the records first and last
	first, last int64
	offset      int64
	began, time int64
}

// reset makes ready for the next frame.
func (s *state) reset() {
	s.n, s.header, s.match, s.bad, s.torn, s.found, s.seen = 0, 0, 0, Complete, false, false, 0
}

// next takes the bytes of p that are part of the frame, and reports how many, and whether it is over with them. After
// that the caller resets it. A frame that a silence ended takes none.
func (s *state) next(r *rule, p []byte, w place) (n int, done bool) {
	if s.n == 0 {
		s.first, s.start, s.offset, s.began = w.number, int32(w.at), w.offset, w.stamp
	} else if r.Kind == Gap && s.silent(r, w.stamp) {
		return 0, true
	}
	switch {
	case len(r.delim) > 0:
		n, done = s.untilDelim(r, p)
	case r.counts():
		n, done = s.counted(r, p)
	case r.Kind == Fixed:
		s.need = r.Size
		n = int(min(int64(len(p)), s.need-s.n))
		s.n += int64(n)
		done = s.n == s.need
	default:
		n, done = len(p), r.Kind == Raw
		s.n += int64(n)
	}
	if s.n > r.most && s.bad == Complete && r.Kind != Raw {
		s.bad = Oversize
	}
	s.last, s.end, s.time = w.number, int32(w.at+n), w.stamp
	return n, done
}

// silent reports whether the silence since the last byte was long enough at that time.
func (s *state) silent(r *rule, stamp int64) bool {
	quiet := stamp - s.time
	return stamp > s.time && (quiet >= int64(r.Gap) || quiet < 0) // below 0 where the times are too far apart to count
}

// untilDelim takes what there is up to the end of the delimiter.
func (s *state) untilDelim(r *rule, p []byte) (n int, done bool) {
	if len(r.delim) == 1 {
		if n = bytes.IndexByte(p, r.delim[0]) + 1; n > 0 {
			done = true
		} else {
			n = len(p)
		}
		s.n += int64(n)
		return n, done
	}
	// Where the bytes before may have begun the delimiter, byte by byte.
	i, k := 0, int(s.match)
	for k > 0 && i < len(p) {
		k = r.follow(k, p[i])
		if i++; k == len(r.delim) {
			s.n += int64(i)
			return i, true
		}
	}
	if k == 0 {
		if j := bytes.Index(p[i:], r.delim); j >= 0 {
			i += j + len(r.delim)
			s.n += int64(i)
			return i, true
		}
		for _, b := range p[max(i, len(p)-len(r.delim)+1):] {
			k = r.follow(k, b)
		}
	}
	s.n += int64(len(p))
	s.match = int32(k)
	return len(p), false
}

// follow returns how many bytes of the delimiter the last bytes are, b having followed k of them.
func (r *rule) follow(k int, b byte) int {
	for k > 0 && r.delim[k] != b {
		k = r.back[k]
	}
	if r.delim[k] == b {
		k++
	}
	return k
}

// counted takes what there is of a frame that tells its length.
func (s *state) counted(r *rule, p []byte) (n int, done bool) {
	for s.header == 0 {
		if n == len(p) {
			return n, false
		}
		if ahead := int64(r.Offset) - s.n; ahead > 0 {
			k := min(len(p)-n, int(ahead))
			n += k
			s.n += int64(k)
			continue
		}
		b := p[n]
		n++
		s.n++
		s.digit(r, b, int(s.n)-r.Offset)
	}
	if s.bad != Complete {
		s.n += int64(len(p) - n)
		return len(p), false
	}
	k := int(min(int64(len(p)-n), s.need-s.n))
	s.n += int64(k)
	return n + k, s.n == s.need
}

// digit takes the i-th byte of the length, from 1.
func (s *state) digit(r *rule, b byte, i int) {
	if i == 1 {
		s.value = 0
	}
	if r.Kind == Prefix {
		if r.Little {
			s.value |= uint64(b) << (8 * (i - 1))
		} else {
			s.value = s.value<<8 | uint64(b)
		}
		if i == r.Width {
			s.measure(r)
		}
		return
	}
	bits := uint64(b & 0x7F)
	s.value |= bits << (7 * (i - 1))
	switch {
	case r.Kind == Varint && i == 10 && b > 1, b >= 0x80 && i == r.last:
		s.spoil(Malformed)
	case b >= 0x80:
	case r.Kind == MinecraftVarint:
		// What does not fit into its 32 bits is dropped, as it is by those who read it into an int.
		if v := int32(uint32(s.value)); v < 0 {
			s.spoil(Malformed)
		} else {
			s.value = uint64(v)
			s.measure(r)
		}
	default:
		s.measure(r)
	}
}

// spoil makes the rest of the stream part of the frame, which does not say how long it is.
func (s *state) spoil(as State) {
	s.header, s.need, s.bad = int32(s.n), -1, as
}

// measure works out how long the frame is, now that all of its length is there.
func (s *state) measure(r *rule) {
	s.header = int32(s.n)
	if s.value > 1<<62 {
		s.need, s.bad = math.MaxInt64, Oversize
		return
	}
	s.need = s.n + int64(s.value) + r.Adjust
	switch {
	case s.need < s.n:
		s.need, s.bad = max(s.need, 0), Malformed
	case s.need > r.most:
		s.bad = Oversize
	}
}

// frame returns the frame as it is, in the given state unless there is something else wrong with it.
func (s *state) frame(r *rule, as State) Frame {
	f := Frame{
		Kind: s.kind, First: s.first, Last: s.last, Start: int(s.start), End: int(s.end), Offset: s.offset,
		Began: time.Unix(0, s.began), Time: time.Unix(0, s.time),
		Len: s.n, Declared: -1, State: as, Torn: s.torn,
	}
	if s.bad != Complete {
		f.State = s.bad
	}
	switch {
	case r.Kind == Fixed:
		f.Declared = s.need
	case r.counts():
		// Of a length that is not whole, what there is.
		if f.Header = s.n; s.header > 0 {
			f.Header, f.Declared = int64(s.header), s.need
		}
	case len(r.delim) > 0 && !r.Keep && (as == Complete):
		f.Trailer = int64(len(r.delim))
	}
	return f
}
