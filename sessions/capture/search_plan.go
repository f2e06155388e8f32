package capture

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
	"sort"
	"unicode"
	"unicode/utf8"
)

const (
	mostInsts  = 2000    // of a program that an automaton is made of
	mostMoves  = 1 << 16 // of an automaton at a time, and as many places of the program in its states
	leastReuse = 32      // bytes that each state is to be good for, or the automaton does not pay
)

// The class of a byte that more have to be looked at for.
const classLong = 0xff

// plan is what all automata of an expression share. Runes that the program of the
// expression does not tell apart are of one class; the class behind the last is
// the end of the text.
type plan struct {
	prog   *syntax.Prog
	class  [256]uint8 // of a byte that is a rune, or none
	from   []rune     // the runes from each of these up to the next ...
	ids    []uint8    // ... are of this class
	reps   []rune     // one rune of each class, and -1
	asks   bool       // the program asks for the beginnings of lines and the like
	long   bool       // there are bytes of classLong
	prefix *sieve     // of the first bytes of a match; nil where those can be any
}

// newPlan makes the plan for a tree, or nil where an automaton would be too large.
func newPlan(tree *syntax.Regexp, latin bool) *plan {
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil || len(prog.Inst) > mostInsts {
		return nil
	}
	p := &plan{prog: prog, from: []rune{0, '\n', '\n' + 1, '0', '9' + 1, 'A', 'Z' + 1, '_', '_' + 1, 'a', 'z' + 1, utf8.RuneSelf}}
	for i := range prog.Inst {
		inst := &prog.Inst[i]
		p.asks = p.asks || inst.Op == syntax.InstEmptyWidth
		if !takesRune(inst) {
			continue
		}
		if len(inst.Rune) == 1 {
			r := inst.Rune[0]
			p.from = append(p.from, r, r+1)
			for o := unicode.SimpleFold(r); o != r; o = unicode.SimpleFold(o) {
				p.from = append(p.from, o, o+1)
			}
		}
		for j := 0; j+1 < len(inst.Rune); j += 2 {
			p.from = append(p.from, inst.Rune[j], inst.Rune[j+1]+1)
		}
	}
	slices.Sort(p.from)
	p.from = slices.Compact(p.from)
	known := make(map[string]uint8)
	high := false // a rune beyond ASCII is of use
	for _, r := range p.from {
		takes := []byte{byte(p.kind(r))}
		for i := range prog.Inst {
			if inst := &prog.Inst[i]; takesRune(inst) && inst.MatchRune(r) {
				takes = binary.LittleEndian.AppendUint16(takes, uint16(i))
			}
		}
		high = high || r >= utf8.RuneSelf && len(takes) > 1
		id, ok := known[string(takes)]
		if !ok {
			if id = uint8(len(p.reps)); id == classLong-1 {
				return nil
			}
			known[string(takes)] = id
			p.reps = append(p.reps, r)
		}
		p.ids = append(p.ids, id)
	}
	p.reps = append(p.reps, -1)
	for b := range p.class {
		switch {
		case latin || b < utf8.RuneSelf:
			p.class[b] = p.of(rune(b))
		case high && b >= 0xc2 && b <= 0xf4: // begins a rune
			p.class[b], p.long = classLong, true
		default:
			// No rune, or where none of them is of use, part of one.
			p.class[b] = p.of(utf8.RuneError)
		}
	}
	p.prefix = p.first(latin)
	return p
}

func takesRune(i *syntax.Inst) bool {
	switch i.Op {
	case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
		return true
	}
	return false
}

// of returns the class of a rune.
func (p *plan) of(r rune) uint8 {
	return p.ids[sort.Search(len(p.from), func(i int) bool { return p.from[i] > r })-1]
}

// kinds of what stands before a place: all that a program can ask about it.
const (
	beforeOther = iota
	beforeWord
	beforeLine
	beforeText
)

var beforeRune = [...]rune{' ', 'a', '\n', -1}

// kind is what a rune is before a place.
func (p *plan) kind(r rune) int {
	switch {
	case !p.asks:
		return beforeOther
	case r < 0:
		return beforeText
	case r == '\n':
		return beforeLine
	case syntax.IsWordChar(r):
		return beforeWord
	}
	return beforeOther
}

// first makes the sieve of the bytes a match begins with.
func (p *plan) first(latin bool) *sieve {
	var can [sievePlaces + utf8.UTFMax][256]bool  // stand in that place
	var roots [sievePlaces + utf8.UTFMax][]uint32 // from which a match goes on there
	add := func(at int, from, to byte) {
		for b := int(from); b <= int(to); b++ {
			can[at][b] = true
		}
	}
	a := &automaton{plan: p}
	roots[0] = []uint32{uint32(p.prog.Start)}
	n := 0
	for ; n < sievePlaces && !a.close(roots[n], ^syntax.EmptyOp(0)); n++ { // a match may end before that place
		for _, pc := range a.takes {
			inst := &p.prog.Inst[pc]
			sizes := [utf8.UTFMax + 1]bool{}
			for i, r := range p.from {
				if !inst.MatchRune(r) {
					continue
				}
				last := p.from[i+1] - 1 // what an instruction takes has an end
				switch {
				case r < utf8.RuneSelf, latin && r <= 0xff:
					add(n, byte(r), byte(min(last, 0xff)))
					sizes[1] = true
					continue
				case latin:
					continue
				case r <= utf8.RuneError && last >= utf8.RuneError: // as which broken UTF-8 is read
					add(n, utf8.RuneSelf, 0xff)
					sizes[1] = true
				}
				if 0xd800 <= r && r < 0xe000 { // no UTF-8 is written for those
					r = 0xe000
				}
				if 0xd800 <= last && last < 0xe000 {
					last = 0xd7ff
				}
				if r <= last {
					add(n, utf8.AppendRune(nil, r)[0], utf8.AppendRune(nil, last)[0])
					for size := utf8.RuneLen(r); size <= utf8.RuneLen(last); size++ {
						sizes[size] = true
					}
				}
			}
			for size, yes := range sizes {
				if !yes {
					continue
				}
				for i := 1; i < size; i++ {
					add(n+i, 0x80, 0xbf)
				}
				roots[n+size] = append(roots[n+size], inst.Out)
			}
		}
	}
	var row [][]byte
	for _, set := range can[:n] {
		var bytes []byte
		for b, yes := range set {
			if yes {
				bytes = append(bytes, byte(b))
			}
		}
		row = append(row, bytes)
	}
	for len(row) > 0 && len(row[len(row)-1]) > 192 { // which says next to nothing
		row = row[:len(row)-1]
	}
	if len(row) == 0 {
		return nil
	}
	return newSieve([][][]byte{row})
}
