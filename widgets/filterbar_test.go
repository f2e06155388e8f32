package widgets

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"wirebench/sessions/charset"
	"wirebench/sessions/inspect"
	"wirebench/sessions/pattern"
)

func newTestFilter(t *testing.T) (*FilterBar, fyne.Window, *[]FilterSpec, *clock) {
	f := NewFilterBar()
	c := &clock{time.Unix(1000, 0)}
	f.now = c.now
	var got []FilterSpec
	f.OnChanged = func(s FilterSpec) { got = append(got, s) }
	w := stage(t, container.NewVBox(f), fyne.NewSize(1100, 200))
	w.Canvas().Focus(f.input.entry)
	return f, w, &got, c
}

func TestAFilterChangesWithEachEditThatMeansSomethingElse(t *testing.T) {
	f, w, got, _ := newTestFilter(t)
	typing(w, "ab")
	test.Tap(f.input.match)
	f.direction.SetSelectedIndex(2)
	f.direction.SetSelectedIndex(2)
	want := []FilterSpec{
		{Pattern{Text: "a", Bytes: []byte("a")}, FilterBoth},
		{Pattern{Text: "ab", Bytes: []byte("ab")}, FilterBoth},
		{Pattern{Text: "ab", Bytes: []byte("ab"), MatchCase: true}, FilterBoth},
		{Pattern{Text: "ab", Bytes: []byte("ab"), MatchCase: true}, FilterOut},
	}
	if len(*got) != len(want) {
		t.Fatalf("%d changes, want %d: %+v", len(*got), len(want), *got)
	}
	for i := range want {
		if g := (*got)[i]; !g.same(want[i].Pattern) || g.Text != want[i].Text || g.Direction != want[i].Direction {
			t.Errorf("change %d is %+v, want %+v", i, g, want[i])
		}
	}
}

func TestBadHexIsMarkedAndTheLastGoodFilterStays(t *testing.T) {
	f, w, got, _ := newTestFilter(t)
	f.input.mode.SetSelected("Hex")
	typing(w, "48 65")
	good := (*got)[len(*got)-1]
	if string(good.Bytes) != "He" || !good.Hex {
		t.Fatalf("filter is %+v", good)
	}
	n := len(*got)
	height := f.MinSize().Height
	typing(w, " zz")
	if len(*got) != n || string(f.Spec().Bytes) != "He" {
		t.Errorf("bad hex changed the filter to %+v", f.Spec())
	}
	if !f.input.field.bad || f.input.problem.text == "" || f.MinSize().Height <= height || f.input.entry.Text != "48 65 zz" {
		t.Errorf("marked %v, sentence %q, text %q", f.input.field.bad, f.input.problem.text, f.input.entry.Text)
	}
	f.input.mode.SetSelected("Text")
	if f.input.field.bad || string(f.Spec().Bytes) != "48 65 zz" {
		t.Errorf("as text it is good: marked %v, filter %+v", f.input.field.bad, f.Spec())
	}
}

func TestClearWantsEveryRecordAgain(t *testing.T) {
	f, w, got, _ := newTestFilter(t)
	typing(w, "x")
	f.direction.SetSelectedIndex(1)
	if f.clear.Disabled() {
		t.Error("clear is not offered")
	}
	n := len(*got)
	test.Tap(f.clear)
	if !f.Spec().Empty() || f.input.entry.Text != "" || !f.clear.Disabled() || len(*got) == n || !(*got)[len(*got)-1].Empty() {
		t.Errorf("filter %+v, text %q", f.Spec(), f.input.entry.Text)
	}
	typing(w, "y")
	press(w, fyne.KeyEscape)
	if !f.Spec().Empty() {
		t.Error("Escape does not clear the text")
	}
}

func TestTheCountSaysHowManyOfHowManyAndHowFar(t *testing.T) {
	f, w, _, c := newTestFilter(t)
	check := func(want string) {
		t.Helper()
		c.advance(meterStep)
		f.Tick()
		if got := f.count.ink.Text.Text; got != want {
			t.Errorf("says %q, want %q", got, want)
		}
	}
	check("0 records")
	f.SetCount(4567, 4567)
	check("4,567 records")
	f.SetCount(12, 4567) // something else leaves records out
	check("12 of 4,567 records")
	typing(w, "x")
	f.SetCount(123, 4567)
	check("123 of 4,567 records")
	f.SetProgress(2000, 4567)
	check("123 of 4,567 records, 43 % searched")
	f.SetProgress(4567, 4567)
	check("123 of 4,567 records")
}

func TestTheCountIsNotDrawnMoreThanFourTimesASecond(t *testing.T) {
	f, _, _, c := newTestFilter(t)
	texts := map[string]bool{}
	for i := range int64(1000) {
		c.advance(time.Millisecond)
		f.SetCount(i, i)
		texts[f.count.ink.Text.Text] = true
	}
	if len(texts) > 5 {
		t.Errorf("%d texts in a second", len(texts))
	}
}

func TestFillingTheFilterDoesNotCallBack(t *testing.T) {
	f, _, got, _ := newTestFilter(t)
	f.SetSpec(FilterSpec{Pattern{Text: "00 01", Hex: true}, FilterIn})
	if len(*got) != 0 || string(f.Spec().Bytes) != "\x00\x01" || f.Spec().Direction != FilterIn {
		t.Errorf("%d calls, filter %+v", len(*got), f.Spec())
	}
}

func newTestFind(t *testing.T) (*FindBar, fyne.Window, *[]string) {
	f := NewFindBar()
	var got []string
	f.OnFind = func(p pattern.Pattern, backward bool) {
		got = append(got, p.Kind.String()+" "+p.Text+map[bool]string{false: " on", true: " back"}[backward])
	}
	f.OnFindAll = func(p pattern.Pattern) { got = append(got, p.Text+" all") }
	f.OnClose = func() { got = append(got, "close") }
	f.OnCancel = func() { got = append(got, "cancel") }
	w := stage(t, container.NewVBox(f), fyne.NewSize(1000, 200))
	w.Canvas().Focus(f.input.entry)
	return f, w, &got
}

func TestFindLooksBothWaysByKeyAndByButton(t *testing.T) {
	f, w, got := newTestFind(t)
	press(w, fyne.KeyReturn) // nothing to find
	typing(w, "ab")
	press(w, fyne.KeyReturn, fyne.KeyF3)
	shift := &fyne.KeyEvent{Name: desktop.KeyShiftLeft}
	f.input.entry.KeyDown(shift)
	press(w, fyne.KeyF3, fyne.KeyEnter)
	f.input.entry.KeyUp(shift)
	test.Tap(f.previous)
	test.Tap(f.next)
	test.Tap(f.all)
	w.Canvas().Focus(f.input.entry)
	press(w, fyne.KeyEscape)
	want := "Text ab on,Text ab on,Text ab back,Text ab back,Text ab back,Text ab on,ab all,close"
	if g := strings.Join(*got, ","); g != want {
		t.Errorf("got  %s\nwant %s", g, want)
	}
}

func TestFindDoesNotLookForBadHex(t *testing.T) {
	f, w, got := newTestFind(t)
	f.input.mode.SetSelected("Hex")
	typing(w, "4")
	press(w, fyne.KeyReturn)
	if len(*got) != 0 || !f.next.Disabled() || !f.input.field.bad {
		t.Errorf("looked for %q, next disabled %v, marked %v", *got, f.next.Disabled(), f.input.field.bad)
	}
	typing(w, "1")
	press(w, fyne.KeyReturn)
	if len(*got) != 1 || (*got)[0] != "Hex 41 on" {
		t.Errorf("looked for %q", *got)
	}
}

func TestAResultGoesWhenThePatternChangesAndProgressCanBeCancelled(t *testing.T) {
	f, w, got := newTestFind(t)
	typing(w, "a")
	f.SetProgress(25, 100)
	if f.result.text != "searching, 25 %" || !f.cancel.Visible() {
		t.Errorf("says %q, cancel %v", f.result.text, f.cancel.Visible())
	}
	test.Tap(f.cancel)
	f.SetResult("3 of 17")
	if f.result.text != "3 of 17" || f.cancel.Visible() {
		t.Errorf("says %q, cancel %v", f.result.text, f.cancel.Visible())
	}
	w.Canvas().Focus(f.input.entry)
	typing(w, "b")
	if f.result.text != "" {
		t.Errorf("still says %q", f.result.text)
	}
	if strings.Join(*got, ",") != "cancel" {
		t.Errorf("did %q", *got)
	}
}

func TestFindReadsNumbersExpressionsAndWildcards(t *testing.T) {
	f, w, got := newTestFind(t)
	for _, c := range []struct {
		mode, text string
		bad        bool
		hint       string
		caseMeant  bool
	}{
		{"Hex", "4a ?? 4?", false, "??", false},
		{"Number", "u16le 1234", false, "1234", false},
		{"Number", "12 monkeys", true, "1234", false},
		{"Regex", `a+\d`, false, `\d`, true},
		{"Regex", "a(", true, `\d`, true},
		{"Text", "a(", false, "text", true},
	} {
		f.input.mode.SetSelected(c.mode)
		f.input.entry.SetText("")
		if !strings.Contains(f.input.entry.PlaceHolder, c.hint) || f.input.match.Disabled() == c.caseMeant {
			t.Errorf("%s: the hint is %q, match case disabled %v", c.mode, f.input.entry.PlaceHolder, f.input.match.Disabled())
		}
		typing(w, c.text)
		*got = nil
		press(w, fyne.KeyReturn)
		if f.input.field.bad != c.bad || (len(*got) == 0) != c.bad || !c.bad && (*got)[0] != c.mode+" "+c.text+" on" {
			t.Errorf("%s %q: marked %v, looked for %q", c.mode, c.text, f.input.field.bad, *got)
		}
	}
}

func TestFindLooksForTextInTheCharsetItIsTold(t *testing.T) {
	f, w, _ := newTestFind(t)
	var changed []pattern.Pattern
	f.OnChanged = func(p pattern.Pattern) { changed = append(changed, p) }
	typing(w, "ж")
	latin, _ := charset.Lookup("windows-1252")
	wide, _ := charset.Lookup("utf-16")
	before := f.Pattern()
	f.SetCharset(latin, inspect.Big)
	if !f.input.field.bad || !strings.Contains(f.input.problem.text, "windows-1252") || !f.Pattern().Same(before) {
		t.Errorf("a letter it has not: marked %v, %q", f.input.field.bad, f.input.problem.text)
	}
	f.SetCharset(wide, inspect.Little)
	if f.input.field.bad || f.Pattern().Same(before) || len(changed) != 2 {
		t.Errorf("in UTF-16: marked %v, %d changes", f.input.field.bad, len(changed))
	}
	f.SetCharset(wide, inspect.Big)
	if len(changed) != 3 || !strings.Contains(f.input.entry.PlaceHolder, "in utf-16") {
		t.Errorf("in the other order: %d changes, hint %q", len(changed), f.input.entry.PlaceHolder)
	}
	f.SetCharset(wide, inspect.Big)
	f.SetCharset(charset.UTF8, inspect.Big)
	if len(changed) != 4 || f.input.entry.PlaceHolder != "Find text" {
		t.Errorf("back in UTF-8: %d changes, hint %q", len(changed), f.input.entry.PlaceHolder)
	}
}

func TestAFilterRefusesWildcards(t *testing.T) {
	f, w, got, _ := newTestFilter(t)
	f.input.mode.SetSelected("Hex")
	typing(w, "4a")
	n := len(*got)
	typing(w, "4?")
	if !f.input.field.bad || !strings.Contains(f.input.problem.text, "no wildcards") || len(*got) != n || string(f.Spec().Bytes) != "J" {
		t.Errorf("marked %v, %q, filter %+v", f.input.field.bad, f.input.problem.text, f.Spec())
	}
}

func TestFilterAndFindLookRight(t *testing.T) {
	filter, bad, find := NewFilterBar(), NewFilterBar(), NewFindBar()
	filter.SetSpec(FilterSpec{Pattern{Text: "GET /"}, FilterIn})
	filter.SetCount(123, 4567)
	filter.SetProgress(10, 40)
	filter.painted = time.Time{}
	filter.Tick()
	bad.SetSpec(FilterSpec{Pattern{Text: "48 6x", Hex: true}, FilterBoth})
	bad.SetCount(4567, 4567)
	find.SetPattern(pattern.OfBytes([]byte("\xde\xad\xbe\xef")))
	find.OnCancel = func() {}
	find.SetProgress(10, 25)
	found := NewFindBar()
	found.SetPattern(pattern.Pattern{Text: "hello"})
	found.SetResult("3 of 17")
	w := stage(t, container.NewVBox(NewFilterBar(), filter, bad, find, found), fyne.NewSize(1024, 300))
	looks(t, w, "filterbar-wide")
	w.Resize(fyne.NewSize(760, 300))
	looks(t, w, "filterbar-narrow")
}

func TestUnfinishedFramesAreCountedAndNamed(t *testing.T) {
	f := NewFilterBar()
	stage(t, f, fyne.NewSize(1200, 60))
	for _, c := range []struct {
		frames                     bool
		unfinished, matched, total int64
		filter, want               string
	}{
		{true, 1, 1, 1, "", "1 frame, 1 unfinished"},
		{true, 2, 1234, 1234, "", "1,234 frames, 2 unfinished"},
		{true, 0, 3, 3, "", "3 frames"},
		{true, 16, 16, 500, "", "16 of 500 frames, 16 unfinished"},
		{true, 1, 2, 5, "x", "2 of 5 frames, 1 unfinished"},
		{false, 1, 3, 3, "", "3 records"},
	} {
		f.input.entry.SetText(c.filter)
		f.painted = time.Time{}
		if c.frames {
			f.SetFrameCount(c.matched, c.total, c.unfinished)
		} else {
			f.SetCount(c.matched, c.total)
		}
		if text := f.count.ink.Text.Text; text != c.want {
			t.Errorf("%+v is %q", c, text)
		}
	}
}

func TestTheCountGivesWayToTheFieldOfTheFilter(t *testing.T) {
	f := NewFilterBar()
	w := stage(t, f, fyne.NewSize(1200, 60))
	f.now = func() time.Time { return time.Time{} }
	f.input.entry.SetText("needle")
	seen := map[string]bool{}
	for width := float32(1200); width >= 520; width -= 10 {
		w.Resize(fyne.NewSize(width, 60))
		f.painted = time.Unix(1, 0) // later: it is painted at once
		f.SetFrameCount(123, 12_345_678, 0)
		f.SetProgress(45, 100)
		text := f.count.ink.Text.Text
		seen[text] = true
		if got := f.input.field.Size().Width; width >= 560 && got < keptField-60 {
			t.Errorf("at %v the field is %v wide beside %q", width, got, text)
		}
	}
	f.input.entry.SetText("")
	f.SetProgress(0, 0)
	for width := float32(800); width >= 520; width -= 10 {
		w.Resize(fyne.NewSize(width, 60))
		f.painted = time.Unix(1, 0)
		f.SetFrameCount(3, 3, 1)
		seen[f.count.ink.Text.Text] = true
	}
	for _, text := range []string{"123 of 12,345,678 frames, 45 % cut", "123 of 12,345,678, 45 %", "123, 45 %", "3 frames, 1 unfinished", "3, 1 unfinished", "3 frames", "3"} {
		if !seen[text] {
			t.Errorf("%q was never said, but %v", text, seen)
		}
	}
}
