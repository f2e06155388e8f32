package capture

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
	"unicode/utf8"
)

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
// ends where no match is under way behind limit. It is alive where what follows b
// may bear on what begins at lo or later. *busy is as for a sieve.
func (a *automaton) find(b []byte, from, limit int, busy *int) (lo, hi int, alive bool) {
	for i := from; ; {
		if i > limit && i > from {
			return i, -1, false
		}
		if a.prefix != nil {
			at, _ := a.prefix.find(b, i, busy)
			if at < 0 {
				return max(i, len(b)-a.prefix.length[0]+1), -1, true
			}
			if a.long {
				at = aligned(b, i, at)
			}
			if i = at; i > limit && i > from {
				return i, -1, false
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
					hi, alive = a.rest(b, i, row)
					return lo, hi, alive
				}
			}
			if i == len(b) {
				return lo, -1, true
			}
			i += size
			if to > moveState {
				break
			}
			row = to
		}
		if a.failed {
			return lo, len(b), true
		}
	}
}

// rest returns where all is over that is under way before b[i], in the state of a
// row, or begins there. It is alive if that is at the end of b or behind.
func (a *automaton) rest(b []byte, i int, row uint32) (hi int, alive bool) {
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
			return i, false
		}
		row = to
	}
	return len(b), true
}
