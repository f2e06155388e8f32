package widgets

import (
	"errors"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/capture"
	"wirebench/sessions/pattern"
	"wirebench/widgets/words"
)

// FilterDirection chooses records by the way they went.
type FilterDirection uint8

const (
	FilterBoth FilterDirection = iota
	FilterIn                   // from the peer
	FilterOut                  // to the peer
)

// directionWords are what the list of directions says, in their order.
func directionWords() []string {
	return []string{words.Say("In and out // records"), words.Say("In only // records"), words.Say("Out only // records")}
}

// FilterSpec says which records of a traffic list are wanted.
type FilterSpec struct {
	Pattern
	Direction FilterDirection
}

// Empty tells whether every record is wanted.
func (f FilterSpec) Empty() bool { return f.Pattern.Empty() && f.Direction == FilterBoth }

// FilterBar asks which records to show, and says how many there are.
type FilterBar struct {
	widget.BaseWidget

	// OnChanged is called when the filter has changed and is good. While the input has a fault, the last good filter
	// stays in force.
	OnChanged func(FilterSpec)
	// OnClose is called for Escape in an empty field.
	OnClose func()

	now func() time.Time

	input     *patternInput
	direction *widget.Select
	clear     *widget.Button
	count     *rowText
	tools     *fyne.Container // right of the field, the count last
	root      *fyne.Container
	last      FilterSpec // told to OnChanged

	frames         bool // are listed, and not records
	unfinished     int64
	matched, total int64
	done, all      int64
	painted        time.Time
}

var _ fyne.Widget = (*FilterBar)(nil)

// NewFilterBar returns a bar that wants every record.
func NewFilterBar() *FilterBar {
	f := &FilterBar{now: time.Now}
	f.input = newPatternInput([]pattern.Kind{pattern.Text, pattern.Hex}, map[pattern.Kind]words.Text{pattern.Text: "Filter…", pattern.Hex: "Filter…"}, f.edited)
	f.input.refuse = func(p pattern.Pattern) error {
		if !p.Empty() && p.Query(capture.Both).Mask != nil {
			return errors.New(words.Say("a filter takes no wildcards: write every digit, or use Find"))
		}
		return nil
	}
	f.input.entry.onKey = func(k *fyne.KeyEvent) bool {
		if k.Name != fyne.KeyEscape {
			return false
		}
		if f.input.entry.Text != "" {
			f.input.entry.SetText("")
		} else {
			call(f.OnClose)
		}
		return true
	}
	f.direction = widget.NewSelect(distinct(directionWords()), nil)
	f.direction.PlaceHolder = f.direction.Options[0]
	f.direction.SetSelectedIndex(0)
	f.direction.OnChanged = func(string) { f.edited() }
	f.clear = widget.NewButtonWithIcon("", theme.ContentClearIcon(), f.Clear)
	f.clear.Importance = widget.LowImportance
	f.clear.Disable()
	f.count = newRowText(f.words()[0])
	f.tools = container.NewHBox(f.input.mode, f.input.match, f.direction, f.clear, f.count)
	row := container.NewBorder(nil, nil, nil, f.tools, f.input.field)
	f.root = container.New(underRow{f.input.field}, row, f.input.problem)
	f.ExtendBaseWidget(f)
	return f
}

// Spec returns the filter in force.
func (f *FilterBar) Spec() FilterSpec { return f.last }

// SetSpec fills the bar without calling OnChanged.
func (f *FilterBar) SetSpec(s FilterSpec) {
	changed := f.OnChanged
	f.OnChanged = nil
	f.input.set(s.Text, kindOf(s.Hex), s.MatchCase)
	f.direction.SetSelectedIndex(int(min(s.Direction, FilterOut)))
	f.edited()
	f.OnChanged = changed
}

func kindOf(hex bool) pattern.Kind {
	if hex {
		return pattern.Hex
	}
	return pattern.Text
}

// Clear wants every record again.
func (f *FilterBar) Clear() {
	f.input.set("", f.input.kind(), f.input.match.Checked)
	if f.direction.SelectedIndex() != int(FilterBoth) {
		f.direction.SetSelectedIndex(int(FilterBoth))
	}
	f.edited()
}

// FocusFilter puts the keyboard into the field.
func (f *FilterBar) FocusFilter(on fyne.Canvas) { f.input.focus(on) }

// SetCount says how many of all records are shown.
func (f *FilterBar) SetCount(matched, total int64) { f.setCount(false, matched, total, 0) }

// SetFrameCount says how many of all frames are shown, in place of records, and how many of those have not ended.
func (f *FilterBar) SetFrameCount(matched, total, unfinished int64) {
	f.setCount(true, matched, total, unfinished)
}

func (f *FilterBar) setCount(frames bool, matched, total, unfinished int64) {
	if f.frames != frames {
		f.frames, f.painted = frames, time.Time{}
	}
	f.matched, f.total, f.unfinished = matched, total, unfinished
	f.Tick()
}

// SetProgress says how far the filter has looked through the capture; done == total means it has caught up.
func (f *FilterBar) SetProgress(done, total int64) {
	f.done, f.all = done, total
	f.Tick()
}

// Tick shows numbers that were held back, because they change on screen at most four times a second.
func (f *FilterBar) Tick() {
	now := f.now()
	if d := now.Sub(f.painted); d >= 0 && d < meterStep {
		return
	}
	if f.count.say(f.fitting(f.words())) {
		f.painted = now
	}
}

// keptField is the width that the field keeps, as long as there are shorter words for the count.
const keptField = 130

// fitting returns the first of several texts that leaves the field its room, or the last.
func (f *FilterBar) fitting(texts []string) string {
	room := f.Size().Width - keptField - (f.tools.MinSize().Width - f.count.MinSize().Width)
	for _, text := range texts[:len(texts)-1] {
		if f.Size().Width == 0 || f.count.widthOf(text) <= room {
			return text
		}
	}
	return texts[len(texts)-1]
}

// words are the count in ever fewer words.
func (f *FilterBar) words() []string {
	all := words.Many(f.total, "%d record", "%d records")
	if f.frames {
		all = words.Many(f.total, "%d frame", "%d frames")
	}
	// Records can be left out for something else than what stands here.
	fewer := !f.last.Empty() || f.matched != f.total
	if !fewer && f.done >= f.all {
		return f.withUnfinished([]string{all, FormatCount(f.total)})
	}
	some := words.Many(f.total, "%[2]d of %[1]d record", "%[2]d of %[1]d records", f.matched)
	if f.frames {
		some = words.Many(f.total, "%[2]d of %[1]d frame", "%[2]d of %[1]d frames", f.matched)
	}
	texts := []string{some, words.Say("%d of %d // are shown", f.matched, f.total), FormatCount(f.matched)}
	if f.done < f.all {
		percent := int64(100 * float64(f.done) / float64(f.all))
		did := words.Say("%d %% searched", percent)
		if f.frames {
			did = words.Say("%d %% cut // into frames", percent)
		}
		did = texts[0] + ", " + did
		for i := range texts {
			texts[i] += ", " + words.Say("%d %%", percent)
		}
		return append([]string{did}, texts...) // the unfinished ones are those of what was looked at so far
	}
	return f.withUnfinished(texts)
}

// withUnfinished puts longer texts before the others, where there are unfinished frames.
func (f *FilterBar) withUnfinished(texts []string) []string {
	if !f.frames || f.unfinished == 0 {
		return texts
	}
	left := ", " + words.Many(f.unfinished, "%d unfinished", "%d unfinished // frames: they have not ended")
	return append([]string{texts[0] + left, texts[1] + left}, texts...)
}

func (f *FilterBar) edited() {
	had := f.input.problem.text
	p, good := f.input.parse()
	if had != f.input.problem.text {
		f.Refresh()
	}
	next := FilterSpec{f.last.Pattern, FilterDirection(max(f.direction.SelectedIndex(), 0))}
	if good {
		next.Pattern = Pattern{Text: p.Text, Hex: p.Kind == pattern.Hex, MatchCase: p.MatchCase}
		if !p.Empty() {
			next.Bytes = p.Query(capture.Both).Literal
		}
	}
	if next.Empty() && f.input.entry.Text == "" {
		f.clear.Disable()
	} else {
		f.clear.Enable()
	}
	if !good && next.Direction == f.last.Direction || next.same(f.last.Pattern) && next.Direction == f.last.Direction {
		return
	}
	f.last = next
	f.painted = time.Time{}
	f.Tick()
	if f.OnChanged != nil {
		f.OnChanged(next)
	}
}

// CreateRenderer is part of fyne.Widget.
func (f *FilterBar) CreateRenderer() fyne.WidgetRenderer { return newFace(f.root, nil) }
