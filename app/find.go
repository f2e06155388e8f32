package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"wirebench/sessions/capture"
	"wirebench/sessions/pattern"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// findState is the search under way and where the last one ended.
type findState struct {
	pattern pattern.Pattern
	// at is where the last match began in the log's stream, -1 before the first,
	// and end the place behind it.
	at, end int64
	cancel  context.CancelFunc // of the search under way; nil for none
	serial  int                // tells a late answer from the present one
}

// openFind shows the find line and puts the focus there.
func (v *trafficView) openFind() {
	v.turn(true)
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
func (v *trafficView) findNext(p pattern.Pattern, backward bool) {
	if !p.Same(v.find.pattern) {
		v.find.pattern, v.find.at = p, -1
		v.hex.SetMatches(nil) // of something else
	}
	q := p.Query(v.stream)
	q.Backward, q.From = backward, v.inLog(max(v.hex.Cursor(), 0))
	if v.find.at == q.From && !backward {
		// The match under the cursor is the last one found. Inside of it there may
		// be another, but not of an expression, which would find all of its ends.
		q.From++
		if q.Expr != nil {
			q.From = v.find.end
		}
	}
	shows := v.shows()
	v.search(func(ctx context.Context, progress func(done, total int64)) func() {
		m, wrapped, err := findNear(ctx, v.log, q, func(m capture.Match) bool {
			_, ok := shows(m)
			return ok
		}, progress)
		return func() { v.found(m, wrapped, backward, err) }
	})
}

// search runs look beside the window with its progress in the find line, and
// then what look returned on the UI goroutine. Another search ends this one.
func (v *trafficView) search(look func(ctx context.Context, progress func(done, total int64)) func()) {
	v.cancelFind()
	ctx, cancel := context.WithCancel(v.ctx)
	v.find.cancel = cancel
	v.find.serial++
	serial := v.find.serial
	v.findBar.SetResult(words.Say("searching"))
	var told time.Time
	progress := func(done, total int64) {
		if now := time.Now(); now.Sub(told) > progressEvery {
			told = now
			v.onScreen(serial, func() { v.findBar.SetProgress(done, total) })
		}
	}
	v.bench.work.Go(func() {
		defer cancel()
		v.onScreen(serial, look(ctx, progress))
	})
}

// maxMarked bounds how many matches are marked at once.
const maxMarked = 100_000

// findAll counts all matches of p in the bytes shown and marks them.
func (v *trafficView) findAll(p pattern.Pattern) {
	v.find.pattern, v.find.at = p, -1
	v.hex.Highlight(0, 0)
	shows, q := v.shows(), p.Query(v.stream)
	v.search(func(ctx context.Context, progress func(done, total int64)) func() {
		var marks []widgets.HexRange
		count := int64(0)
		err := v.log.Search(ctx, q, func(m capture.Match) bool {
			off, ok := shows(m)
			if !ok {
				return true
			}
			if count++; len(marks) < maxMarked {
				marks = append(marks, widgets.HexRange{Off: off, Len: int64(m.Len)})
			}
			return true
		}, progress)
		return func() { v.foundAll(marks, count, err) }
	})
}

// foundAll shows what findAll found, as far as it came.
func (v *trafficView) foundAll(marks []widgets.HexRange, count int64, err error) {
	if err != nil && !errors.Is(err, context.Canceled) {
		v.findBar.SetResult(words.Say("failed // a search"))
		v.complain(err)
		return
	}
	if v.stream != v.hex.Stream() || count == 0 && err == nil {
		v.hex.SetMatches(nil)
		v.findBar.SetResult(words.Say("not found"))
		return
	}
	v.hex.SetMatches(marks)
	text := words.Many(count, "%d found", "%d found")
	if err != nil {
		text = words.Many(count, "%d found until cancelled", "%d found until cancelled")
	}
	if count > maxMarked {
		text = words.Say("%s, the first %d marked // matches: 200,000 found", text, maxMarked)
	}
	v.findBar.SetResult(text)
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
var errNoMatch = errors.New("not found") // not said

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
func (v *trafficView) found(m capture.Match, wrapped, backward bool, err error) {
	switch {
	case errors.Is(err, context.Canceled):
		v.findBar.SetResult(words.Say("cancelled // a search"))
		return
	case errors.Is(err, errNoMatch):
		v.findBar.SetResult(words.Say("not found"))
		return
	case err != nil:
		v.findBar.SetResult(words.Say("failed // a search"))
		v.complain(err)
		return
	}
	off, ok := v.shows()(m)
	if !ok { // other connections are shown by now
		v.findBar.SetResult(words.Say("not found"))
		return
	}
	v.find.at, v.find.end = m.Off, m.Off+int64(m.Len)
	v.following = false
	text := words.Say("%s in record %d // an offset", fmt.Sprintf("0x%X", off), m.Number)
	if as := v.readsAs(off, int64(m.Len)); as != "" {
		text += ": " + as
	}
	switch {
	case wrapped && backward:
		text = words.Say("%s, past the beginning // where something was found", text)
	case wrapped:
		text = words.Say("%s, past the end // where something was found", text)
	}
	v.findBar.SetResult(text)
	v.link(func() {
		v.hex.SetSelection(off, int64(m.Len))
		v.hex.Highlight(off, int64(m.Len))
		v.showRecordAt(off)
		v.inspectAt(off)
	})
}

// readsAs says as what a number stands where n bytes at off were found, "" for
// what is no number.
func (v *trafficView) readsAs(off, n int64) string {
	first := max(v.bytes().Stats().StreamStart(v.stream), off-pattern.MostAround)
	b := make([]byte, off-first+n+pattern.MostAround)
	got, _ := v.bytes().ReadAt(v.stream, b, first)
	at := int(off - first)
	if got < at+int(n) {
		return ""
	}
	all := v.find.pattern.Readings(b[:got], at, at+int(n))
	if len(all) == 0 {
		return ""
	}
	name := func(r pattern.Reading) string {
		if r.At == at {
			return r.Name
		}
		return words.Say("%s from %s // a number, and the offset where it begins", r.Name, fmt.Sprintf("0x%X", first+int64(r.At)))
	}
	// The widest and the narrowest say it all.
	names := []string{name(all[0])}
	if last := all[len(all)-1]; last.Size != all[0].Size {
		names = append(names, name(last))
	}
	return strings.Join(names, ", ")
}

// findValue looks for the bytes of a value in the inspector.
func (v *trafficView) findValue(b []byte) {
	v.findBar.SetPattern(pattern.OfBytes(b))
	v.openFind()
	v.findBar.Find(false)
}

// openFilter shows the filter line and puts the focus there.
func (v *trafficView) openFilter() {
	v.turn(false)
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
