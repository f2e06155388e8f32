package capture

import (
	"context"
	"slices"
	"unicode/utf8"
)

// mostAhead is how many bytes of a lane are looked at behind its tail. With so many,
// all that begins in the tail is decided, and in some places behind.
const mostAhead = mostOpen + utf8.UTFMax + 2*exprContext

// join goes on with the tail t by the bytes of next, in which a worker found
// these matches, and makes t the new tail.
func (e *exprSearch) join(ctx context.Context, t, next *exprLane, found extents) error {
	p := 0 // matches of next begin here or later
	if len(t.text) > 0 {
		n := min(len(next.text), mostAhead)
		e.window = append(append(e.window[:0], t.text...), next.text[:n]...)
		e.scratch = e.matcher.find(e.window, t.open, exprBatch, true, e.scratch) // shorter than a batch
		list := e.scratch.list
		if n == len(next.text) {
			for _, m := range list {
				e.emit(t, next, m)
			}
			t.goOn(next, e.scratch.open)
			return nil
		}
		for len(list) > 0 && list[0].from < len(t.text) {
			e.emit(t, next, list[0])
			p = max(0, list[0].to-len(t.text))
			list = list[1:]
		}
		for i := range list {
			list[i].from -= len(t.text)
			list[i].to -= len(t.text)
		}
		if !inStep(p, list, e.scratch.open-len(t.text), found.list) {
			found = e.again(t, next, p, found)
		}
	}
	for {
		for _, m := range found.list {
			if m.from >= p {
				e.emit(&exprLane{}, next, m)
				p = m.to
			}
		}
		if !found.more {
			break
		}
		e.settle(false)
		if err := ctx.Err(); err != nil || e.stopped {
			return err
		}
		p = max(p, found.at)
		found = e.again(t, next, p, found)
	}
	t.goOn(next, len(t.text)+max(p, found.open))
	return nil
}

// inStep reports whether the matches from p on are those that a worker found, who
// did not know what stands before. If p is 0, those before open are known to be list.
func inStep(p int, list []extent, open int, found []extent) bool {
	switch {
	case p > 0: // neither may one be found inside of a match, nor around its end
		return !slices.ContainsFunc(found, func(m extent) bool { return m.from < p && m.to > p })
	case len(list) > 0:
		return len(found) > 0 && found[0] == list[0]
	}
	return len(found) == 0 || found[0].from >= open
}

// again finds the matches in next from p on, with what stands before it in t.
func (e *exprSearch) again(t, next *exprLane, p int, found extents) extents {
	if p >= exprContext {
		return e.matcher.find(next.text, p, exprBatch, true, found)
	}
	before := t.text[max(0, len(t.text)-exprContext):]
	text := slices.Concat(before, next.text)
	found = e.matcher.find(text, e.expr.boundary(text, len(before)+p), exprBatch, true, found)
	for i := range found.list {
		found.list[i].from -= len(before)
		found.list[i].to -= len(before)
	}
	found.at -= len(before)
	found.open -= len(before)
	return found
}
