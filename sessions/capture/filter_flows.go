package capture

import (
	"cmp"
	"math/bits"
	"net/netip"
	"slices"
	"sort"
	"time"
)

// FlowSpan is a connection among others that may have the same addresses and ports at other times.
type FlowSpan struct {
	// Flow may be as a socket reports it: with zones, and IPv4 addresses mapped into IPv6. Without a Local it stands for
	// everything that went to and from Remote.
	Flow Flow
	// From and To are the times of its first and last record, or anything around them that leaves out its
	// neighbours; both are part of the span. A zero From is before the capture, a zero To is yet to come.
	From, To time.Time
}

// period is a time from one to another, both included, in nanoseconds since 1970.
type period struct{ from, to int64 }

// flowSet decides whether a record is of some flows. A server's capture has thousands, of which few are asked for: what
// most records pay for is one hash of the addresses and ports as they stand in the packet, and one bit.
type flowSet struct {
	periods map[ends][]period // sorted, none touching another
	remotes map[ends][]period // the same for what went to and from one address, by the ends that byRemote makes
	sieve   []uint64          // the bit of the hash of each flow that is there
	shift   uint              // of a hash, to its bit
}

// sieveBits is how many bits the sieve has for a flow, at least: then it lets one in sixteen of the others pass.
const sieveBits = 16

func newFlowSet(list []FlowSpan) *flowSet {
	s := &flowSet{periods: make(map[ends][]period, len(list)), remotes: make(map[ends][]period)}
	for _, f := range list {
		p := period{stampOf(f.From), stampOf(f.To)}
		if f.From.IsZero() {
			p.from = minTime
		}
		if f.To.IsZero() {
			p.to = maxTime
		}
		if p.from > p.to {
			continue
		}
		if e := endsOf(f.Flow); f.Flow.Local.IsValid() {
			s.periods[e] = append(s.periods[e], p)
		} else {
			s.remotes[e.byRemote()] = append(s.remotes[e.byRemote()], p)
		}
	}
	width := max(bits.Len(uint(len(s.periods)*sieveBits)), 10)
	s.sieve, s.shift = make([]uint64, 1<<width/64), uint(64-width)
	for e, list := range s.periods {
		s.periods[e] = union(list)
		at := e.hash() >> s.shift
		s.sieve[at/64] |= 1 << (at % 64)
	}
	for e, list := range s.remotes {
		s.remotes[e] = union(list)
	}
	return s
}

// byRemote returns e with nothing left of its local side, and its remote side as IPv6.
func (e ends) byRemote() ends {
	if !e.v6 {
		e.remote = netip.AddrFrom4([4]byte(e.remote[:4])).As16()
	}
	e.local, e.lport, e.v6 = [16]byte{}, 0, true
	return e
}

// union returns the times that are in any period of list, which it changes.
func union(list []period) []period {
	slices.SortFunc(list, func(a, b period) int { return cmp.Compare(a.from, b.from) })
	kept := list[:1]
	for _, p := range list[1:] {
		if last := &kept[len(kept)-1]; p.from <= last.to {
			last.to = max(last.to, p.to)
		} else {
			kept = append(kept, p)
		}
	}
	return kept
}

// has reports whether the record w stands on is of one of the flows.
func (s *flowSet) has(w *runReader) bool {
	if w.foreign != nil {
		return w.foreign.decoded && s.wants(endsOf(w.flow()), w.foreign.f.time)
	}
	if w.head.ports == 0 {
		return false
	}
	at := w.head.hash(w.packet, w.dir) >> s.shift
	if s.sieve[at/64]>>(at%64)&1 == 0 && len(s.remotes) == 0 {
		return false
	}
	return s.wants(w.head.ends(w.packet, w.dir), w.stamp)
}

// wants reports whether what happened to the flow with these ends at that time is wanted.
func (s *flowSet) wants(e ends, at int64) bool {
	return within(s.periods[e], at) || len(s.remotes) > 0 && within(s.remotes[e.byRemote()], at)
}

// within reports whether a time is in one of the periods.
func within(list []period, at int64) bool {
	i := sort.Search(len(list), func(i int) bool { return list[i].to >= at })
	return i < len(list) && list[i].from <= at
}
