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

// Entries of an automaton are the place of a state's row, and these.
const (
	moveIdle  = 1 << 29 // no match is under way in that state
	moveHit   = 1 << 30 // a match ends before the rune
	moveNone  = 1 << 31 // not known yet
	moveState = moveIdle - 1
)

// automaton tells where matches end, rune by rune. Its states are made when they
// are met, and forgotten when there are too many. It is for one goroutine.
type automaton struct {
	*plan
	moves  []uint32 // by row and class
	states []state  // by row
	index  map[string]uint32
	idle   [len(beforeRune)]uint32 // or 0
	places int                     // of the program in states
	bytes  int                     // gone over since states were forgotten
	failed bool                    // they are forgotten too soon

	mark  []uint32 // by place of the program: the round it was met in
	round uint32
	stack []uint32
	takes []uint32 // the places found by close that take a rune
	key   []byte
}

// state is the places of the program from which matches go on that are under way.
type state struct {
	roots  []uint32 // sorted
	before int
	fixed  bool // matches begin nowhere any more
}

// close follows the program from the roots as far as it takes no rune. It reports
// whether that is a match.
func (a *automaton) close(roots []uint32, ask syntax.EmptyOp) (match bool) {
	if a.round++; a.mark == nil || a.round == 0 {
		a.mark, a.round = make([]uint32, len(a.prog.Inst)), 1
	}
	a.takes = a.takes[:0]
	a.stack = append(a.stack[:0], roots...)
	for len(a.stack) > 0 {
		pc := a.stack[len(a.stack)-1]
		a.stack = a.stack[:len(a.stack)-1]
		if a.mark[pc] == a.round {
			continue
		}
		a.mark[pc] = a.round
		switch inst := &a.prog.Inst[pc]; inst.Op {
		case syntax.InstMatch:
			match = true
		case syntax.InstAlt, syntax.InstAltMatch:
			a.stack = append(a.stack, inst.Out, inst.Arg)
		case syntax.InstCapture, syntax.InstNop:
			a.stack = append(a.stack, inst.Out)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(inst.Arg)&^ask == 0 {
				a.stack = append(a.stack, inst.Out)
			}
		case syntax.InstFail:
		default:
			a.takes = append(a.takes, pc)
		}
	}
	return match
}

// move works out an entry: where a rune of class c leads from the state of a row.
func (a *automaton) move(row uint32, c uint8) uint32 {
	from := a.states[int(row)/len(a.reps)]
	r := a.reps[c]
	roots := from.roots
	if !from.fixed {
		roots = append(slices.Clip(roots), uint32(a.prog.Start))
	}
	match := a.close(roots, syntax.EmptyOpContext(beforeRune[from.before], r))
	if match && !from.fixed {
		a.moves[row+uint32(c)] = moveHit
		return moveHit
	}
	var next []uint32
	for _, pc := range a.takes {
		if inst := &a.prog.Inst[pc]; r >= 0 && inst.MatchRune(r) {
			next = append(next, inst.Out)
		}
	}
	forgot := len(a.moves)
	to := a.intern(next, a.kind(r), from.fixed)
	if len(next) == 0 {
		to |= moveIdle
	}
	if len(a.moves) >= forgot {
		a.moves[row+uint32(c)] = to
	}
	return to
}

// intern returns the row of a state.
func (a *automaton) intern(roots []uint32, before int, fixed bool) uint32 {
	slices.Sort(roots)
	roots = slices.Compact(roots)
	a.key = append(a.key[:0], byte(before))
	if fixed {
		a.key[0] |= 0x80
	}
	for _, pc := range roots {
		a.key = binary.LittleEndian.AppendUint16(a.key, uint16(pc))
	}
	if row, ok := a.index[string(a.key)]; ok {
		return row
	}
	if len(a.moves)+len(a.reps) > mostMoves || a.places+len(roots) > mostMoves {
		a.failed = a.bytes < leastReuse*len(a.states)
		a.moves, a.states, a.index, a.places, a.bytes = a.moves[:0], a.states[:0], nil, 0, 0
		a.idle = [len(beforeRune)]uint32{}
	}
	if a.index == nil {
		a.index = make(map[string]uint32)
		a.addRow(state{}) // no row is 0
	}
	row := a.addRow(state{roots, before, fixed})
	a.index[string(a.key)] = row
	a.places += len(roots)
	return row
}

func (a *automaton) addRow(s state) uint32 {
	row := len(a.moves)
	for range a.reps {
		a.moves = append(a.moves, moveNone)
	}
	a.states = append(a.states, s)
	return uint32(row)
}

// at returns the class of the rune at b[i], or of the end, and the rune's size.
func (a *automaton) at(b []byte, i int) (c uint8, size int) {
	if i == len(b) {
		return uint8(len(a.reps) - 1), 0
	}
	if c = a.class[b[i]]; c != classLong {
		return c, 1
	}
	r, size := utf8.DecodeRune(b[i:])
	return a.of(r), size
}

// begin returns the row of the state in which no match is under way before b[i].
func (a *automaton) begin(b []byte, i int) uint32 {
	before := rune(-1)
	if i > 0 {
		if before = ' '; b[i-1] < utf8.RuneSelf {
			before = rune(b[i-1])
		}
	}
	kind := a.kind(before)
	if a.idle[kind] == 0 {
		row := a.intern(nil, kind, false) // may forget the others
		a.idle[kind] = row
	}
	return a.idle[kind]
}

// find looks for the match that begins first at or after from, which is where a
// rune begins. It begins at lo or later, and what stands at hi and behind does not
// bear on it. Without a match hi is negative, and none begins before lo. The search
// ends where no match is under way behind limit. *busy is as for a sieve.
func (a *automaton) find(b []byte, from, limit int, busy *int) (lo, hi int) {
	for i := from; ; {
		if i > limit && i > from {
			return i, -1
		}
		if a.prefix != nil {
			at, _ := a.prefix.find(b, i, busy)
			if at < 0 {
				return len(b) + 1, -1
			}
			if a.long {
				at = aligned(b, i, at)
			}
			if i = at; i > limit && i > from {
				return i, -1
			}
		}
		lo = i
		told := i // bytes up to here are in a.bytes
		row := a.begin(b, i)
		for {
			c, size := uint8(len(a.reps)-1), 0
			if i < len(b) {
				if c, size = a.class[b[i]], 1; c == classLong {
					c, size = a.at(b, i)
				}
			}
			to := a.moves[row+uint32(c)]
			if to > moveState {
				a.bytes += i - told
				told = i
				if to == moveNone {
					to = a.move(row, c)
				}
				if to == moveHit {
					return lo, a.rest(b, i, row)
				}
			}
			if i == len(b) {
				return len(b) + 1, -1
			}
			i += size
			if to > moveState {
				break
			}
			row = to
		}
		if a.failed {
			return lo, len(b)
		}
	}
}

// rest returns where all is over that is under way before b[i], in the state of a
// row, or begins there.
func (a *automaton) rest(b []byte, i int, row uint32) int {
	s := a.states[int(row)/len(a.reps)]
	row = a.intern(append(slices.Clone(s.roots), uint32(a.prog.Start)), s.before, true)
	for i < len(b) && !a.failed {
		c, size := a.at(b, i)
		to := a.moves[row+uint32(c)]
		if to == moveNone {
			to = a.move(row, c)
		}
		a.bytes += size
		if i += size; to&moveIdle != 0 {
			return i
		}
		row = to
	}
	return len(b)
}
