package capture

import (
	"bytes"
	"context"
)

const (
	paceEvery = 1 << 20 // so many bytes are compared before a context is looked at again
	atPace    = 256     // what has no more bytes is done with soon, and does not even count them
)

// pace lets work that may be long notice that nobody waits for it any more. The
// zero pace is never over.
type pace struct {
	ctx  context.Context
	left int // bytes to compare before ctx is looked at
}

// over reports whether the context is over, before up to n bytes are compared.
func (p *pace) over(n int) bool {
	p.left -= n
	return p.left < 0 && p.look()
}

func (p *pace) look() bool {
	if p.ctx != nil && p.ctx.Err() != nil {
		return true // and so it is from now on
	}
	p.left = paceEvery
	return false
}

// finder goes through the matches in one slice of bytes. The zero value with
// reset called is ready; a finder is for one goroutine.
type finder struct {
	n    *needle
	b    []byte
	next [anchorBytes]int // where each value of the anchor comes next, at or after what was asked for last
	any  []anyFinder      // of a needle for any of several literals
	busy int              // of its sieve
	pace pace             // once it is over, nothing is found any more
}

// anyFinder is the finder of one of several literals, and its next match.
type anyFinder struct {
	finder
	at, length int
}

func (f *finder) reset(n *needle, b []byte) {
	f.n, f.b = n, b
	f.next = [anchorBytes]int{-1, -1, -1, -1}
	f.busy = 0
	if n.sieve != nil {
		return
	}
	for len(f.any) < len(n.any) {
		f.any = append(f.any, anyFinder{})
	}
	for i := range n.any {
		f.any[i].pace.ctx = f.pace.ctx
		f.any[i].reset(&n.any[i], b)
		f.any[i].at = -1
	}
}

// find returns place and length of the first match at or after from, or a
// negative place. Calls after one reset must not go back.
func (f *finder) find(from int) (at, length int) {
	n, b := f.n, f.b
	last := len(b) - n.min // where a match can begin at the latest
	long := n.max > atPace
	switch {
	case n.sieve != nil:
		// Literals of which none holds another end in the order they begin in, and
		// so do their beginnings: the first that is found is the first there is.
		for at = from; ; at++ {
			if at, _ = n.sieve.find(b, at, &f.busy); at < 0 {
				return -1, 0
			}
			if long && f.pace.over(n.max) {
				return -1, 0
			}
			if length = n.matchAny(b[at:]); length > 0 {
				return at, length
			}
		}
	case n.any != nil:
		return f.findAny(from)
	case n.byDigits:
		for at = from; ; at++ {
			if at = n.digits.find(b, at, n.min); at >= len(b) {
				return -1, 0
			}
			if long && f.pace.over(n.max) {
				return -1, 0
			}
			if length = n.match(b[at:]); length > 0 {
				return at, length
			}
		}
	case n.dense:
		for at = from; at <= last; at++ {
			i := bytes.Index(b[at+n.coreAt:], n.core)
			if i < 0 {
				break
			}
			if at += i; len(n.core) == len(n.lit) {
				return at, len(n.lit)
			}
			if long && f.pace.over(n.max) {
				return -1, 0
			}
			if length = n.match(b[at:]); length > 0 {
				return at, length
			}
		}
	case n.table != nil:
		for at = from; at <= last; at++ {
			if n.table[b[at+n.anchorAt]] && n.begins[b[at]] {
				if long && f.pace.over(n.max) {
					return -1, 0
				}
				if length = n.match(b[at:]); length > 0 {
					return at, length
				}
			}
		}
	case len(n.anchor) == 1:
		for at = from; at <= last; at++ {
			i := bytes.IndexByte(b[at+n.anchorAt:last+n.anchorAt+1], n.anchor[0])
			if i < 0 {
				break
			}
			if at += i; n.begins[b[at]] { // spares most calls of match
				if long && f.pace.over(n.max) {
					return -1, 0
				}
				if length = n.match(b[at:]); length > 0 {
					return at, length
				}
			}
		}
	default:
		for at = from; at <= last; at++ {
			if at = f.candidate(at+n.anchorAt) - n.anchorAt; at > last {
				break
			}
			if n.begins[b[at]] {
				if long && f.pace.over(n.max) {
					return -1, 0
				}
				if length = n.match(b[at:]); length > 0 {
					return at, length
				}
			}
		}
	}
	return -1, 0
}

// findAny is find for several literals. Each is looked for on its own, as far as
// it has not been: going over bytes that are at hand already with what is best
// for one literal costs less than one way for all.
func (f *finder) findAny(from int) (at, length int) {
	at = len(f.b)
	for i := range f.n.any {
		one := &f.any[i]
		if one.at < from {
			if one.at, one.length = one.find(from); one.at < 0 {
				one.at = len(f.b) // never again
			}
		}
		if one.at < at {
			at, length = one.at, one.length
		}
	}
	if length == 0 {
		return -1, 0
	}
	return at, length
}

// candidate returns where the anchor comes next at or after from, or len(b).
// It remembers for each value of the anchor how far it has looked, so that a
// frequent one does not make it look for a rare one again and again.
func (f *finder) candidate(from int) int {
	first := len(f.b)
	for i, value := range f.n.anchor {
		if f.next[i] < from {
			f.next[i] = len(f.b)
			if j := bytes.IndexByte(f.b[from:], value); j >= 0 {
				f.next[i] = from + j
			}
		}
		first = min(first, f.next[i])
	}
	return first
}
