package widgets

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/widgets/words"
)

const (
	startWord    words.Text = "Start // sending a datagram again and again"
	stopWord     words.Text = "Stop // sending a datagram again and again"
	stoppedWord  words.Text = "Stopped: %s"
	untilStopped words.Text = "until stopped"
)

// RepeatBar is the line by which a datagram is sent again and again: how often, as the time between two or as a rate,
// how many times, the button that begins and ends it, and what has become of it. Bad input marks its field, says what to
// write, and is kept. All methods belong to the UI goroutine.
type RepeatBar struct {
	widget.BaseWidget

	// OnStart is called for the button, and for Enter in a field: every is 100 µs to 24 h, or 0 for as fast as possible,
	// count 0 until stopped.
	// From then on the bar takes it that datagrams are sent, until SetStats or SetError says otherwise.
	OnStart func(every time.Duration, count int64)
	OnStop  func() // the button, while datagrams are sent

	every, times *checkedEntry
	button       *widget.Button
	line         *fyne.Container
	result       *SelectableLabel // or how the fields are to be filled, before there is one
	problem      *problem

	fault   string // what SetError said
	ready   bool
	running bool
	asked   int64   // the count of the last start
	told    bool    // there is a result
	low     float32 // the most width at which it was too long to stand behind the button, since the last start
}

var _ fyne.Widget = (*RepeatBar)(nil)

// NewRepeatBar returns a bar for a datagram a millisecond, until stopped.
func NewRepeatBar() *RepeatBar {
	b := &RepeatBar{problem: newProblem(), ready: true}
	entry := func(placeHolder, longest string, verify func(string) error) *checkedEntry {
		e := newCheckedEntry(placeHolder, 0, verify, func() { b.SetError("") })
		e.size = func() fyne.Size {
			text := fyne.MeasureText(longest, theme.SizeForWidget(theme.SizeNameText, e), fyne.TextStyle{})
			return fyne.NewSize(text.Width+4*theme.SizeForWidget(theme.SizeNameInnerPadding, e), e.entry.MinSize().Height)
		}
		e.elsewhere = b.say
		e.entry.OnSubmitted = func(string) { b.start() }
		return e
	}
	b.every = entry("1 ms", "333.333 µs", func(s string) error {
		_, _, err := parsePace(s)
		return err
	})
	b.times = entry(words.Say(untilStopped), words.Say(untilStopped), func(s string) error {
		_, err := parseTimes(s)
		return err
	})
	b.every.onDone = b.tidy
	b.button = widget.NewButton(words.Say(startWord), b.act)
	b.result = NewSelectableLabel(words.Say(paceHint))
	b.result.Importance = widget.LowImportance
	b.result.Truncation = fyne.TextTruncateEllipsis
	b.line = container.New(&sideBySide{}, labelled(words.Say("Repeat, interval or rate"), b.every), labelled(words.Say("Times"), b.times),
		container.New(&roomFor{b.button, []string{words.Say(startWord), words.Say(stopWord)}}, b.button))
	b.ExtendBaseWidget(b)
	b.SetValues(time.Millisecond, 0)
	return b
}

// tidy shows in the field what was understood of it.
func (b *RepeatBar) tidy() {
	if text := tidyPace(b.every.text()); text != b.every.entry.Text {
		b.every.set(text)
	}
}

// SetValues fills the fields. It calls nothing back.
func (b *RepeatBar) SetValues(every time.Duration, count int64) {
	b.every.set(paceText(every))
	b.times.set("")
	if count > 0 {
		b.times.set(FormatCount(count))
	}
}

// Values returns what the fields hold, and whether both can be used.
func (b *RepeatBar) Values() (every time.Duration, count int64, ok bool) {
	b.every.check()
	b.times.check()
	every, _, wrong := parsePace(b.every.text())
	count, bad := parseTimes(b.times.text())
	return every, count, wrong == nil && bad == nil
}

// SetStats says how it goes: how many datagrams were sent and how many could not be, how many a second, by how much
// they were late (half of them less than p50, 99 of 100 less than p99, none more than worst; worst 0 says nothing of it,
// as flat out there is no time to be late against), and whether more are to come. Call it at most four times a second.
func (b *RepeatBar) SetStats(sent, failed int64, rate float64, p50, p99, worst time.Duration, running bool) {
	parts := []string{sentWords(sent)}
	if b.asked > 0 {
		parts[0] = words.Many(b.asked, "%[2]d of %[1]d sent", "%[2]d of %[1]d sent // datagrams", sent)
	}
	if failed > 0 {
		parts = append(parts, words.Many(failed, "%d failed", "%d failed // datagrams"))
	}
	if rate > 0 {
		parts = append(parts, perSecond(rate))
	}
	text := strings.Join(parts, ", ")
	if worst > 0 {
		text += "; " + words.Say("late by %s (median), %s (99 %%), %s (worst)", lateText(p50), lateText(p99), lateText(worst))
	}
	switch {
	case running:
	case b.asked > 0 && sent+failed >= b.asked:
		text = words.Say("Done: %s", text)
	default:
		text = words.Say(stoppedWord, text)
	}
	b.run(running)
	b.tell(text)
}

func sentWords(n int64) string { return words.Many(n, "%d sent", "%d sent // datagrams") }

// Start is what the button does while no datagrams are sent.
func (b *RepeatBar) Start() {
	if b.ready && !b.running {
		b.start()
	}
}

// SetError says why sending did not begin, or why it ended; "" takes that away, and so does an edit.
func (b *RepeatBar) SetError(text string) {
	if text != "" {
		b.run(false)
	}
	b.fault = text
	b.say()
}

// Error returns the sentence under the fields.
func (b *RepeatBar) Error() string { return b.problem.text }

// SetReady says whether there is a socket to send from. To begin with it is so.
func (b *RepeatBar) SetReady(on bool) {
	b.ready = on
	able(b.button, on || b.running)
}

// act is the button.
func (b *RepeatBar) act() {
	if b.running {
		call(b.OnStop)
		return
	}
	b.start()
}

func (b *RepeatBar) start() {
	every, count, ok := b.Values()
	if !ok || b.running || !b.ready {
		return
	}
	b.tidy()
	if count > 0 {
		b.times.set(FormatCount(count))
	}
	b.SetError("")
	b.asked, b.low = count, 0
	b.tell(sentWords(0))
	b.run(true)
	if b.OnStart != nil {
		b.OnStart(every, count)
	}
}

// run shows whether datagrams are being sent.
func (b *RepeatBar) run(on bool) {
	if on == b.running {
		return
	}
	b.running = on
	if c := canvasOf(b); on && c != nil && (c.Focused() == fyne.Focusable(b.every.entry) || c.Focused() == fyne.Focusable(b.times.entry)) {
		c.Focus(b.button) // the fields take no keys now, and the next one should be able to stop it
	}
	able(b.every.entry, !on)
	able(b.times.entry, !on)
	b.button.Importance = widget.MediumImportance
	label := startWord
	if on {
		b.button.Importance, label = widget.WarningImportance, stopWord
	}
	b.button.SetText(words.Say(label))
	able(b.button, on || b.ready)
}

// say shows what is wrong, under the fields.
func (b *RepeatBar) say() {
	text := b.fault
	for _, e := range []*checkedEntry{b.times, b.every} {
		if e != nil && e.said() != "" {
			text = e.said()
		}
	}
	if b.problem.say(text) {
		b.Refresh()
	}
}

// under returns where the sentence begins: under the field that it is about, if that is one.
func (b *RepeatBar) under() float32 {
	for i, e := range []*checkedEntry{b.every, b.times} {
		if e.said() != "" {
			return b.line.Objects[i].Position().X + e.Position().X
		}
	}
	return 0
}

// tell shows the result.
func (b *RepeatBar) tell(text string) {
	if b.told && b.result.Text == text {
		return
	}
	was := b.MinSize().Height
	b.told, b.result.Importance = true, widget.MediumImportance
	b.result.Hidden = false // as the hint was where there is no room for it
	b.result.SetText(text)
	if b.MinSize().Height != was {
		b.Refresh()
	}
}

// below tells whether the result has a line of its own. It does not come back from there as it grows and shrinks, or
// everything under the bar would move up and down with it.
func (b *RepeatBar) below(width float32) bool {
	if !b.told || width == 0 {
		return false
	}
	if !b.fits(width) {
		b.low = max(b.low, width)
	}
	return width <= b.low
}

// fits tells whether there is room for the result behind the button, and for what will be said of it in the end.
func (b *RepeatBar) fits(width float32) bool {
	text := b.result.Text
	if b.running {
		text = words.Say(stoppedWord, text)
	}
	need := fyne.MeasureText(text, theme.SizeForWidget(theme.SizeNameText, b), fyne.TextStyle{}).Width
	return b.line.MinSize().Width+need+4*theme.InnerPadding() <= width
}

// CreateRenderer is part of fyne.Widget. Where there is room, the result stands behind the button.
func (b *RepeatBar) CreateRenderer() fyne.WidgetRenderer {
	arrange := func(size fyne.Size) {
		line, result := b.line.MinSize(), b.result.MinSize()
		b.line.Resize(line)
		b.result.Hidden = !b.told && !b.fits(size.Width)
		at, y := fyne.NewPos(line.Width+theme.InnerPadding(), (line.Height-result.Height)/2), line.Height
		if b.below(size.Width) {
			at = fyne.NewPos(0, line.Height)
			y += result.Height
		}
		b.result.Move(at)
		b.result.Resize(fyne.NewSize(max(size.Width-at.X, 0), result.Height))
		x := b.under()
		b.problem.Move(fyne.NewPos(x, y))
		b.problem.Resize(fyne.NewSize(max(size.Width-x, 0), max(size.Height-y, 0)))
	}
	return &faceRenderer{
		objects: []fyne.CanvasObject{b.line, b.result, b.problem},
		layout:  arrange,
		minSize: func() fyne.Size {
			s := b.line.MinSize()
			if b.below(b.Size().Width) {
				s.Height += b.result.MinSize().Height
			}
			s.Height += b.problem.MinSize().Height
			return s
		},
		refresh: func() {
			arrange(b.Size())
			b.line.Refresh()
			b.result.Refresh()
			b.problem.Refresh()
		},
	}
}

// sideBySide sets objects side by side at their least size, each in the middle of the line.
type sideBySide struct{}

var _ fyne.Layout = (*sideBySide)(nil)

func (sideBySide) MinSize(objects []fyne.CanvasObject) (least fyne.Size) {
	for i, o := range objects {
		s := o.MinSize()
		if i > 0 {
			least.Width += theme.InnerPadding()
		}
		least.Width += s.Width
		least.Height = max(least.Height, s.Height)
	}
	return least
}

func (sideBySide) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	x := float32(0)
	for _, o := range objects {
		s := o.MinSize()
		o.Move(fyne.NewPos(x, (size.Height-s.Height)/2))
		o.Resize(s)
		x += s.Width + theme.InnerPadding()
	}
}
