package capture

import (
	"fmt"
	"sort"
	"strings"
)

const (
	// maxForeignFlows bounds how many flows of a foreign capture are followed at once; the one silent longest goes first.
	maxForeignFlows = 1 << 16
	// maxOddities bounds for how many packets a number of bytes is remembered.
	maxOddities = 1 << 20
)

// standing says how a TCP segment stands to those before it.
type standing uint8

const (
	inOrder standing = iota
	repeated
	overlapping // its first bytes were there before
	afterGap    // bytes before it were not captured
	late        // it fills a gap
)

// verdict is what can only be known about a packet of a foreign capture by having read those before it.
type verdict struct {
	dir    Direction
	stands standing
	amount uint32 // bytes of overlapping and afterGap; 0 if not remembered
}

// verdicts holds the verdicts on the packets of one file: one byte each, the amounts beside them.
type verdicts struct {
	first int64 // number of the first packet
	marks []byte
	odd   []oddity // sorted
}

type oddity struct {
	index  int64
	amount uint32
}

// add appends the verdict on the next packet and returns it as it will be read back: behind maxOddities without its
// amount. The packet then keeps the bytes that were there before, and its note says so.
func (v *verdicts) add(x verdict) verdict {
	if x.amount > 0 && len(v.odd) < maxOddities {
		v.odd = append(v.odd, oddity{int64(len(v.marks)), x.amount})
	} else {
		x.amount = 0
	}
	v.marks = append(v.marks, byte(x.dir)|byte(x.stands)<<1)
	return x
}

// of returns the verdict on the packet of that index, from 0.
func (v *verdicts) of(index int64) verdict {
	if index < 0 || index >= int64(len(v.marks)) {
		return verdict{}
	}
	m := v.marks[index]
	x := verdict{dir: Direction(m & 1), stands: standing(m >> 1)}
	if x.stands == overlapping || x.stands == afterGap {
		i := sort.Search(len(v.odd), func(i int) bool { return v.odd[i].index >= index })
		if i < len(v.odd) && v.odd[i].index == index {
			x.amount = v.odd[i].amount
		}
	}
	return x
}

// apply returns what a packet is under the verdict: its kind, where in the file its payload is, and how much of it.
func (x verdict) apply(f *frame, d *decoded, ok bool) (k Kind, off int64, n, wire int) {
	if !ok {
		return Note, 0, 0, 0
	}
	if d.proto == TCP {
		switch {
		case d.rst:
			return Reset, 0, 0, 0
		case x.stands == repeated:
			return Note, 0, 0, 0
		case d.payloadWireLen == 0 && d.syn:
			return Open, 0, 0, 0
		case d.payloadWireLen == 0 && d.fin:
			return Close, 0, 0, 0
		case d.payloadWireLen == 0:
			return Note, 0, 0, 0
		}
	}
	skip := 0
	if x.stands == overlapping {
		skip = int(x.amount)
	}
	n, wire = max(d.payloadLen-skip, 0), max(d.payloadWireLen-skip, 0)
	return Data, f.data + int64(d.payloadOff+skip), n, wire
}

// note returns the words for what the packet itself does not show. commented says that it has a comment of its own.
func (x verdict) note(d *decoded, ok bool, wire int, commented bool) string {
	if !ok {
		return "not TCP or UDP"
	}
	if d.proto != TCP {
		return ""
	}
	var words []string
	switch x.stands {
	case repeated:
		words = append(words, "retransmission")
	case overlapping:
		if x.amount == 0 {
			words = append(words, "repeats bytes from before")
		} else {
			words = append(words, fmt.Sprintf("without %d bytes repeated from before", x.amount))
		}
	case afterGap:
		if x.amount == 0 {
			words = append(words, "bytes missing before this")
		} else {
			words = append(words, fmt.Sprintf("%d bytes missing before this", x.amount))
		}
	case late:
		words = append(words, "out of order")
	}
	switch {
	case wire > 0 && d.syn:
		words = append(words, "SYN")
	case wire > 0 && d.fin:
		words = append(words, "FIN")
	case wire == 0 && x.stands != repeated && !d.syn && !d.fin && !d.rst && !commented:
		words = append(words, "ACK")
	}
	return strings.Join(words, ", ")
}

// flow returns the flow of a frame that went in direction d.
func (f *decoded) flow(d Direction) Flow {
	if d == In {
		return Flow{Proto: f.proto, Local: f.dst, Remote: f.src}
	}
	return Flow{Proto: f.proto, Local: f.src, Remote: f.dst}
}

// half is one direction of a followed TCP connection.
type half struct {
	known      bool
	next       uint32 // sequence number
	syn        uint32 // of the SYN
	opened     bool
	gapLo, gap uint32 // the newest gap: where it begins and how long it is
}

// follow is one flow of a foreign capture.
type follow struct {
	key         Flow // as seen from the local side
	halves      [2]half
	newer, past *follow
}

// tracker follows the flows of foreign captures. Its zero value is ready.
type tracker struct {
	flows map[Flow]*follow // by key
	ring  follow           // by last use: ring.past is the newest, ring.newer the oldest
}

// judge returns the verdict on the next packet. flags are its epb_flags, 0 if there are none.
func (t *tracker) judge(d *decoded, flags uint32) verdict {
	told := flags&3 == flagsIn || flags&3 == flagsOut
	s, dir := t.find(d, told, directionOf(flags))
	if d.proto != TCP || d.rst {
		return verdict{dir: dir}
	}
	h := &s.halves[dir]
	seq := d.seq
	if d.syn {
		if h.opened && h.syn == seq {
			return verdict{dir: dir, stands: repeated}
		}
		if !d.ack {
			s.halves = [2]half{} // the ports are used again
		}
		*h = half{known: true, opened: true, syn: seq, next: seq + 1}
		seq++
	}
	if !h.known {
		h.known, h.next = true, seq
	}
	x := verdict{dir: dir}
	end := seq + uint32(d.payloadWireLen)
	if d.payloadWireLen > 0 {
		x.stands, x.amount = h.place(seq, uint32(d.payloadWireLen))
	}
	if d.fin {
		end++
	}
	if int32(end-h.next) > 0 && (d.payloadWireLen > 0 || d.fin) {
		h.next = end
	}
	return x
}

// place says how n bytes at seq stand to what came before.
func (h *half) place(seq, n uint32) (standing, uint32) {
	switch ahead := int32(seq - h.next); {
	case ahead == 0:
		return inOrder, 0
	case ahead > 0:
		h.gapLo, h.gap = h.next, uint32(ahead)
		return afterGap, uint32(ahead)
	case int32(seq+n-h.next) > 0:
		return overlapping, uint32(-ahead)
	}
	if into := seq - h.gapLo; h.gap > 0 && into < h.gap && n <= h.gap-into {
		// What is left of the gap, the part behind if there are two: so no byte counts twice.
		h.gapLo, h.gap = seq+n, h.gap-into-n
		return late, 0
	}
	return repeated, 0
}

// find returns the flow of d and d's direction in it.
func (t *tracker) find(d *decoded, told bool, dir Direction) (*follow, Direction) {
	if t.flows == nil {
		t.flows = make(map[Flow]*follow)
		t.ring.newer, t.ring.past = &t.ring, &t.ring
	}
	s := t.flows[d.flow(Out)]
	as := Out
	if s == nil {
		if s = t.flows[d.flow(In)]; s != nil {
			as = In
		}
	}
	opens := d.proto == TCP && d.syn && !d.ack
	switch {
	case s == nil:
	case told && as != dir, !told && opens && as == In && !s.halves[In].opened:
		t.drop(s) // the other side is the local one
		s = nil
	default:
		s.unlink()
		t.link(s)
		return s, as
	}
	if !told {
		dir = Out
		if d.proto == TCP && d.syn && d.ack {
			dir = In // it answers the side that opened
		}
	}
	if len(t.flows) >= maxForeignFlows {
		t.drop(t.ring.newer)
	}
	s = &follow{key: d.flow(dir)}
	t.flows[s.key] = s
	t.link(s)
	return s, dir
}

func (t *tracker) link(s *follow) {
	s.newer, s.past = &t.ring, t.ring.past
	s.past.newer, s.newer.past = s, s
}

func (s *follow) unlink() { s.newer.past, s.past.newer = s.past, s.newer }

func (t *tracker) drop(s *follow) {
	s.unlink()
	delete(t.flows, s.key)
}
