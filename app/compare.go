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
)

// mostDiffs is how many differences of a comparison are listed and marked.
const mostDiffs = 10_000

// rememberSelection keeps what is selected, to be compared with something else,
// in this tab or in another.
func (v *trafficView) rememberSelection() {
	s, ok := v.span()
	if !ok {
		v.tell("Select the bytes, or the record, to remember for comparing.")
		return
	}
	v.bench.remembered = &s
	v.bench.rebuildMenu()
	v.tell(s.String() + " will be compared with what you select next.")
}

// compareSelection compares what was remembered with what is selected.
func (v *trafficView) compareSelection() {
	a := v.bench.remembered
	b, ok := v.span()
	switch {
	case a == nil:
		v.tell("Remember a selection for comparing first.")
		return
	case !ok:
		v.tell("Select the bytes, or the record, to compare with.")
		return
	}
	var result inspect.Comparison
	var rows []widgets.DiffRow
	v.run("Comparing", func(ctx context.Context, progress func(done, total int64)) error {
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
			v.tell("Comparing was cancelled.")
		case err != nil:
			v.complain(fmt.Errorf("compare: %w", err))
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
	size := func(n int64) string {
		if n == 1 {
			return "1 byte"
		}
		return widgets.FormatCount(n) + " bytes"
	}
	if c.Equal() {
		return "Both have the same " + size(c.SizeA) + "."
	}
	var parts []string
	if c.SizeA == c.SizeB {
		parts = append(parts, "Both have "+size(c.SizeA)+".")
	} else {
		parts = append(parts, fmt.Sprintf("The first has %s, the second %s.", size(c.SizeA), size(c.SizeB)))
	}
	if c.Differing == 0 {
		parts = append(parts, "One is the beginning of the other.")
	} else {
		runs := int64(len(c.Ranges)) + c.More
		where := fmt.Sprintf(", the first at +0x%x.", c.First)
		if runs == 1 {
			parts = append(parts, size(c.Differing)+" in a row differ"+where)
		} else {
			parts = append(parts, fmt.Sprintf("%s differ, in %s places%s", size(c.Differing), widgets.FormatCount(runs), where))
		}
	}
	if c.More > 0 {
		parts = append(parts, fmt.Sprintf("Listed are the first %s.", widgets.FormatCount(int64(len(c.Ranges)))))
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
			list.OnNotice("These bytes are not shown here any more.")
			return
		}
		v.hex.SetSelection(in.off+r.At, min(r.Len, max(in.n-r.At, 1)))
	}
	list.OnChoose = choose
	list.OnNotice = v.tell
	list.OnMenu = func(pos fyne.Position) {
		menu := fyne.NewMenu("", fyne.NewMenuItem("Copy the selected rows", list.Copy), fyne.NewMenuItem("Select all", list.SelectAll))
		widget.ShowPopUpMenuAtPosition(menu, v.bench.win.Canvas(), pos)
	}
	var above fyne.CanvasObject
	if here(a) {
		which := widget.NewRadioGroup([]string{"Select in the second", "in the first"}, nil)
		which.Horizontal, which.Required = true, true
		which.SetSelected("Select in the second")
		which.OnChanged = func(s string) {
			in = b
			if s == "in the first" {
				in = a
			}
			list.Choose()
		}
		above = which
	}
	p := widgets.NewSidePanel("Comparison", above, list)
	p.SetNote(fmt.Sprintf("First: %s%s.\nSecond: %s.\n%s", a, elsewhere(a, v), b, comparisonText(c)))
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

// elsewhere names the tab that bytes of another view are in.
func elsewhere(s byteSpan, v *trafficView) string {
	if s.view == v {
		return ""
	}
	for _, t := range v.bench.strip.tabs {
		if t.view() == s.view {
			return " in " + t.title()
		}
	}
	return " in a tab that is closed"
}
