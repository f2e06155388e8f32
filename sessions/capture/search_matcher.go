package capture

import (
	"context"
	"math"
	"unicode/utf8"

	"wirebench/sessions/charset"
)

// extent is a match within some bytes.
type extent struct{ from, to int }

// extents are matches in the order of their places. There may be more from at on.
// Where there are none, and more bytes are to follow, those may make or change
// matches that begin at open or later.
type extents struct {
	list     []extent
	more     bool
	at, open int
}

// never is a place that no match begins at.
const never = math.MaxInt

// matcher finds the matches of an expression, one after the other. It is for one
// goroutine.
type matcher struct {
	*Expr
	needle needle // to be tuned
	finder finder
	auto   *automaton // nil where there is none
	busy   int        // of its sieve
	latin1 latinCopy
	ctx    context.Context
}

// matcher returns a matcher that finds nothing any more when ctx is over.
func (e *Expr) matcher(ctx context.Context) *matcher {
	if m, ok := e.idle.Get().(*matcher); ok {
		m.ctx, m.finder.pace.ctx = ctx, ctx
		return m
	}
	m := &matcher{Expr: e, ctx: ctx}
	m.finder.pace.ctx = ctx
	if e.needs != nil {
		m.needle = *e.needs
	}
	if e.plan != nil {
		m.auto = &automaton{plan: e.plan}
	}
	return m
}

// done gives the matcher back.
func (m *matcher) done() {
	m.ctx, m.finder.pace.ctx = nil, nil
	m.finder.reset(&m.needle, nil) // which holds the bytes gone over
	m.latin1.forget()
	m.idle.Put(m)
}

// find returns the matches in b that begin at from or later, most of them at the
// most. Of what stands before from, the expression can ask for the rune before. If
// b goes on, those that what follows may change are left out, unless they begin
// mostOpen bytes or more before the end. It uses the memory of old.
func (m *matcher) find(b []byte, from, most int, goesOn bool, old extents) extents {
	found := extents{list: old.list[:0], at: from}
	m.busy = 0
	m.latin1.forget()
	sure := never // what begins before is decided
	if goesOn {
		if !m.latin {
			b = charset.WholeUTF8(b)
		}
		sure = len(b) - m.most - utf8.UTFMax + 1
	}
	if m.auto != nil {
		m.auto.failed = false
	}
	if m.needs != nil {
		m.needle.tune(b[from:min(len(b), from+4<<10)])
		m.finder.reset(&m.needle, b)
	}
	needed, length := -1, 0 // what every match holds, where it is next
	for found.at <= len(b) && m.ctx.Err() == nil {
		limit := len(b)
		if m.needs != nil {
			if needed < found.at {
				if needed, length = m.finder.find(found.at); needed < 0 {
					break
				}
			}
			limit = needed
			if before := needed + length - m.most; m.most < MaxCrossing && before > found.at {
				if found.at, before = before, found.at; !m.latin {
					found.at = aligned(b, before, found.at)
				}
			}
		}
		x, open, ok := m.next(b, found.at, limit)
		if goesOn && open <= len(b) && (!ok || x.from >= sure) {
			found.open = m.boundary(b, max(open, sure))
			return found
		}
		switch {
		case !ok:
			found.at = x.from
		case x.from == x.to: // only the place between two characters
			found.at = x.to + m.size(b[x.to:])
		default:
			found.list = append(found.list, x)
			if found.at = x.to; len(found.list) >= most {
				found.more = true
				return found
			}
		}
	}
	found.open = m.boundary(b, max(found.at, sure))
	return found
}

// next returns the first match that begins at or after from, or what is known of
// there being none: it begins no earlier than the extent. It does not go far beyond
// limit for that. What follows b may change that if a match may begin at open; else
// open is never.
func (m *matcher) next(b []byte, from, limit int) (x extent, open int, ok bool) {
	lo, hi := from, len(b)
	open = from
	if m.auto != nil && !m.auto.failed {
		var alive bool
		lo, hi, alive = m.auto.find(b, from, limit, &m.busy)
		if open = never; alive {
			open = lo
		}
		if hi < 0 {
			if alive {
				lo = len(b) + 1
			}
			return extent{from: lo}, open, false
		}
	}
	if x, ok = m.exact(b, lo, hi); !ok {
		x.from = len(b) + 1
	}
	return x, open, ok
}

// exact matches the bytes of b from lo to hi.
func (m *matcher) exact(b []byte, lo, hi int) (x extent, ok bool) {
	re, group := m.re, 0
	begin := lo
	if lo > 0 {
		re, group = m.behind, 2
		begin--
		if !m.latin {
			_, size := utf8.DecodeLastRune(b[:lo])
			begin = lo - size
		}
	}
	text := b[begin:hi]
	if m.latin {
		text = m.latin1.of(b, begin, hi)
	}
	at := re.FindSubmatchIndex(text)
	if at == nil {
		return x, false
	}
	x = extent{at[group], at[group+1]}
	if len(text) > hi-begin {
		n := utf8.RuneCount(text[x.from:x.to])
		x.from = utf8.RuneCount(text[:x.from])
		x.to = x.from + n
	}
	return extent{begin + x.from, begin + x.to}, true
}

// size is that of the first character of b, 1 if there is none.
func (e *Expr) size(b []byte) int {
	if e.latin || len(b) == 0 {
		return 1
	}
	_, size := utf8.DecodeRune(b)
	return size
}

// aligned returns where the character of UTF-8 begins that b[i] belongs to, no
// earlier than from, where one begins.
func aligned(b []byte, from, i int) int {
	for at := min(i, len(b)-1); at >= max(from, i-utf8.UTFMax+1); at-- {
		if utf8.RuneStart(b[at]) {
			if _, size := utf8.DecodeRune(b[at:]); at+size > i {
				return at
			}
			break
		}
	}
	return i
}

// boundary returns the first place of b at or after i where a character begins, or
// its end.
func (e *Expr) boundary(b []byte, i int) int {
	if i = min(i, len(b)); !e.latin && i < len(b) {
		if at := aligned(b, 0, i); at < i {
			return at + e.size(b[at:])
		}
	}
	return i
}
