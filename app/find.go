package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"wirebench/sessions/capture"
	"wirebench/sessions/compose"
	"wirebench/widgets"
)

// findState is the search under way and where the last one ended.
type findState struct {
	pattern widgets.Pattern
	// at is where the last match began, -1 before the first.
	at     int64
	cancel context.CancelFunc // of the search under way; nil for none
	serial int                // tells a late answer from the present one
}

// openFind shows the find line and puts the focus there.
func (v *trafficView) openFind() {
	v.findBar.Show()
	v.hexPane.Refresh()
	v.findBar.FocusFind(v.bench.win.Canvas())
}

// closeFind hides the line and ends a search under way.
func (v *trafficView) closeFind() {
	v.cancelFind()
	v.findBar.Hide()
	v.hex.Highlight(0, 0)
	v.hexPane.Refresh()
	v.hex.Focus(v.bench.win.Canvas())
}

func (v *trafficView) cancelFind() {
	if v.find.cancel != nil {
		v.find.cancel()
	}
}

// findAgain goes to the next or the previous match of what the find line holds.
func (v *trafficView) findAgain(backward bool) {
	if v.findBar.Pattern().Empty() {
		v.openFind()
		return
	}
	v.findBar.Find(backward)
}

// progressEvery bounds how often a search or a job moves its numbers.
const progressEvery = 100 * time.Millisecond

// findNext looks for p from the cursor on, or from the last match when the
// cursor is still there, round the ends.
func (v *trafficView) findNext(p widgets.Pattern, backward bool) {
	v.cancelFind()
	if !slices.Equal(p.Bytes, v.find.pattern.Bytes) || p.Hex != v.find.pattern.Hex || p.MatchCase != v.find.pattern.MatchCase {
		v.find.pattern, v.find.at = p, -1
	}
	ctx, cancel := context.WithCancel(v.ctx)
	v.find.cancel = cancel
	v.find.serial++
	serial := v.find.serial
	q := capture.Query{
		Literal: p.Bytes, FoldCase: !p.MatchCase && !p.Hex,
		Stream: v.stream, Backward: backward, From: v.inLog(max(v.hex.Cursor(), 0)),
	}
	if v.find.at == q.From && !backward {
		q.From++ // the match under the cursor is the last one found
	}
	v.findBar.SetResult("searching")
	var told time.Time
	progress := func(done, total int64) {
		if now := time.Now(); now.Sub(told) > progressEvery {
			told = now
			v.onScreen(serial, func() { v.findBar.SetProgress(done, total) })
		}
	}
	shows := v.shows()
	v.bench.work.Go(func() {
		defer cancel()
		m, wrapped, err := findNear(ctx, v.log, q, func(m capture.Match) bool {
			_, ok := shows(m)
			return ok
		}, progress)
		v.onScreen(serial, func() { v.found(m, wrapped, err) })
	})
}

// onScreen runs f on the UI goroutine if the search is still the present one.
func (v *trafficView) onScreen(serial int, f func()) {
	fyne.Do(func() {
		if serial == v.find.serial && v.ctx.Err() == nil {
			f()
		}
	})
}

// errNoMatch says that a search came to its end without finding anything.
var errNoMatch = errors.New("not found")

// findNear returns the match that counts and is nearest to q.From in its
// direction, going on from the other end when there is none.
func findNear(ctx context.Context, log *capture.Log, q capture.Query, counts func(capture.Match) bool, progress func(done, total int64)) (m capture.Match, wrapped bool, err error) {
	one := func(q capture.Query) (bool, error) {
		hit := false
		err := log.Search(ctx, q, func(x capture.Match) bool {
			m, hit = x, counts(x)
			return !hit
		}, progress)
		return hit, err
	}
	hit, err := one(q)
	if err != nil || hit {
		return m, false, err
	}
	s := log.Stats()
	if q.Backward {
		q.From = s.InBytes + s.OutBytes
	} else {
		q.From = 0
	}
	hit, err = one(q)
	if err == nil && !hit {
		err = errNoMatch
	}
	return m, true, err
}

// found shows where a search ended.
func (v *trafficView) found(m capture.Match, wrapped bool, err error) {
	switch {
	case errors.Is(err, context.Canceled):
		v.findBar.SetResult("cancelled")
		return
	case errors.Is(err, errNoMatch):
		v.findBar.SetResult("not found")
		return
	case err != nil:
		v.findBar.SetResult("failed")
		v.complain(err)
		return
	}
	off, ok := v.shows()(m)
	if !ok { // other connections are shown by now
		v.findBar.SetResult("not found")
		return
	}
	v.find.at = m.Off
	v.following = false
	text := fmt.Sprintf("0x%X in record %s", off, widgets.FormatCount(m.Number))
	if wrapped {
		text += ", past the end"
	}
	v.findBar.SetResult(text)
	v.link(func() {
		v.hex.SetSelection(off, int64(m.Len))
		v.hex.Highlight(off, int64(m.Len))
		v.list.SelectNumber(m.Number)
		v.inspectAt(off)
	})
}

// findValue looks for the bytes of a value in the inspector.
func (v *trafficView) findValue(b []byte) {
	v.findBar.SetPattern(widgets.Pattern{Text: compose.FormatHex(b), Hex: true, Bytes: b})
	v.openFind()
	v.findBar.Find(false)
}

// openFilter shows the filter line and puts the focus there.
func (v *trafficView) openFilter() {
	v.listTop.Show()
	v.listPane.Refresh()
	v.filterBar.FocusFilter(v.bench.win.Canvas())
}

// closeFilter hides the line; the filter in force is empty then, or stays.
func (v *trafficView) closeFilter() {
	show(v.listTop, v.filter != nil || !v.bench.space.View.HideFilter)
	v.listPane.Refresh()
	v.list.Focus(v.bench.win.Canvas())
}

// filterChanged shows the records that a person asked for, all of them when
// the line is empty.
func (v *trafficView) filterChanged(spec widgets.FilterSpec) {
	v.spec = spec
	v.refilter()
}

// refilter looks for the records to show.
func (v *trafficView) refilter() {
	old := v.filter
	v.filter = nil
	if v.spec.Empty() && v.only == nil {
		v.list.SetFilter(nil)
	} else {
		c := criteria(v.spec)
		c.Flows = v.only
		v.filter = capture.NewFilter(v.log, c)
		await(v.filter.Ready())
		v.list.SetFilter(v.filter)
	}
	if old != nil {
		old.Close()
	}
	v.tick()
}

// criteria says to the engine what a person asked for.
func criteria(spec widgets.FilterSpec) capture.Criteria {
	c := capture.Criteria{FoldCase: !spec.MatchCase}
	if spec.Hex {
		c.Hex = spec.Bytes
	} else {
		c.Text = spec.Text
	}
	switch spec.Direction {
	case widgets.FilterIn:
		c.Dirs, c.DataOnly = capture.DirIn, true
	case widgets.FilterOut:
		c.Dirs, c.DataOnly = capture.DirOut, true
	}
	return c
}
