package app

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/inspect"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// mostDiffs is how many differences of a comparison are listed and marked.
const mostDiffs = 10_000

// rememberSelection keeps what is selected, to be compared with something else,
// in this tab or in another.
func (v *trafficView) rememberSelection() {
	s, ok := v.span()
	if !ok {
		v.tell(words.Say("Select the bytes, or the record, to remember for comparing."))
		return
	}
	v.bench.remembered = &s
	v.bench.rebuildMenu()
	v.tell(words.Say("%s will be compared with what you select next.", s))
}

// compareSelection compares what was remembered with what is selected.
func (v *trafficView) compareSelection() {
	a := v.bench.remembered
	b, ok := v.span()
	switch {
	case a == nil:
		v.tell(words.Say("Remember a selection for comparing first."))
		return
	case !ok:
		v.tell(words.Say("Select the bytes, or the record, to compare with."))
		return
	}
	var result inspect.Comparison
	var rows []widgets.DiffRow
	v.run(words.Say("Comparing"), func(ctx context.Context, progress func(done, total int64)) error {
		total := min(a.n, b.n)
		var err error
		result, err = inspect.Compare(ctx, a, b, mostDiffs, func(done int64) { progress(done, total) })
		if err == nil {
			rows = diffRows(result, *a, b)
		}
		return err
	}, func(err error) {
		switch {
		case errors.Is(err, context.Canceled):
			v.tell(words.Say("Comparing was cancelled."))
		case err != nil:
			v.complain(fmt.Errorf("%s: %w", words.Say("compare // what could not be done"), err))
		default:
			v.showComparison(*a, b, result, rows)
		}
	})
}

// shownBytes is how many bytes of a difference stand in the list.
const shownBytes = 8

// diffRows makes the rows of a comparison, with what one has beyond the other as
// the last.
func diffRows(c inspect.Comparison, a, b byteSpan) []widgets.DiffRow {
	var rows []widgets.DiffRow
	for _, r := range c.Ranges {
		rows = append(rows, widgets.DiffRow{At: r.Offset, Len: r.Length, First: someBytes(a, r.Offset, r.Length), Second: someBytes(b, r.Offset, r.Length)})
	}
	if c.SizeA != c.SizeB {
		at := min(c.SizeA, c.SizeB)
		r := widgets.DiffRow{At: at, Len: max(c.SizeA, c.SizeB) - at}
		r.First, r.Second = someBytes(a, at, r.Len), someBytes(b, at, r.Len)
		rows = append(rows, r)
	}
	return rows
}

// someBytes are the first bytes of a difference as hex.
func someBytes(s byteSpan, at, n int64) string {
	b := make([]byte, min(n, shownBytes))
	got, _ := s.ReadAt(b, at)
	text := hexWords.Text(0, b[:got])
	if got > 0 && n > int64(got) {
		text += " …"
	}
	return text
}

// comparisonText says in words what a comparison came to.
func comparisonText(c inspect.Comparison) string {
	if c.Equal() {
		return words.Many(c.SizeA, "Both have the same %d byte.", "Both have the same %d bytes.")
	}
	var parts []string
	if c.SizeA == c.SizeB {
		parts = append(parts, words.Many(c.SizeA, "Both have %d byte.", "Both have %d bytes."))
	} else {
		parts = append(parts, words.Say("The first has %s, the second %s.", bytesInWords(c.SizeA), bytesInWords(c.SizeB)))
	}
	if c.Differing == 0 {
		parts = append(parts, words.Say("One is the beginning of the other."))
	} else {
		runs := int64(len(c.Ranges)) + c.More
		first := fmt.Sprintf("+0x%x", c.First)
		if runs == 1 {
			parts = append(parts, words.Many(c.Differing, "%d byte differs, at %s.", "%d bytes in a row differ, the first at %s.", first))
		} else {
			parts = append(parts, words.Many(runs, "%[2]s differ, in %[1]d place, the first at %[3]s.", "%[2]s differ, in %[1]d places, the first at %[3]s.",
				bytesInWords(c.Differing), first))
		}
	}
	if c.More > 0 {
		parts = append(parts, words.Say("Listed are the first %d.", len(c.Ranges)))
	}
	return strings.Join(parts, " ")
}

// showComparison lists the differences beside the traffic and marks them in the
// bytes. Choosing one selects it.
func (v *trafficView) showComparison(a, b byteSpan, c inspect.Comparison, rows []widgets.DiffRow) {
	list := widgets.NewDiffList()
	list.SetDiffs(rows)
	here := func(s byteSpan) bool { return s.view == v && s.src == v.bytes() && s.stream == v.stream }
	var marks []widgets.HexRange
	for _, s := range []byteSpan{a, b} {
		for _, r := range rows {
			if n := min(r.Len, s.n-r.At); here(s) && n > 0 {
				marks = append(marks, widgets.HexRange{Off: s.off + r.At, Len: n})
			}
		}
	}
	in := b // where choosing selects
	choose := func(r widgets.DiffRow) {
		if !here(in) {
			list.OnNotice(words.Say("These bytes are not shown here any more."))
			return
		}
		v.hex.SetSelection(in.off+r.At, min(r.Len, max(in.n-r.At, 1)))
	}
	list.OnChoose = choose
	list.OnNotice = v.tell
	list.OnMenu = func(pos fyne.Position) {
		menu := fyne.NewMenu("", fyne.NewMenuItem(words.Say("Copy the selected rows"), list.Copy), fyne.NewMenuItem(words.Say("Select all"), list.SelectAll))
		widget.ShowPopUpMenuAtPosition(menu, v.bench.win.Canvas(), pos)
	}
	var above fyne.CanvasObject
	if here(a) {
		second, first := words.Say("Select in the second"), words.Say("in the first // the other choice beside: Select in the second")
		which := widget.NewRadioGroup([]string{second, first}, nil)
		which.Horizontal, which.Required = true, true
		which.SetSelected(second)
		which.OnChanged = func(s string) {
			in = b
			if s == first {
				in = a
			}
			list.Choose()
		}
		above = which
	}
	p := widgets.NewSidePanel(words.Say("Comparison"), above, list)
	p.SetNote(strings.Join([]string{remembered(a, v), words.Say("Second: %s. // bytes that are compared", b), comparisonText(c)}, "\n"))
	if n, ok := v.banner.Notice(); ok && n.Kind == widgets.NoticeInfo {
		v.banner.Clear() // what was to be compared has been
	}
	v.openAside(p, func() { v.hex.SetMatches(nil) })
	if here(b) && !c.Equal() { // a selection would hide the marks
		v.hex.GoTo(b.off + min(c.First, b.n-1))
	}
	v.hex.SetMatches(marks)
	list.Focus(v.bench.win.Canvas())
}

// remembered says which bytes are compared, and names the tab of those of another view.
func remembered(s byteSpan, v *trafficView) string {
	if s.view == v {
		return words.Say("First: %s. // bytes that are compared", s)
	}
	for _, t := range v.bench.strip.tabs {
		if t.view() == s.view {
			return words.Say("First: %s in %s. // bytes that are compared, and the tab they are in", s, t.title())
		}
	}
	return words.Say("First: %s in a tab that is closed. // bytes that are compared", s)
}
