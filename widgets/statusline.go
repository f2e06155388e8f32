package widgets

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/widgets/words"
)

// Status is what a [StatusLine] shows.
type Status struct {
	State    StatusState
	Detail   string        // a few words beside the state: "closed by peer (FIN)"
	Elapsed  time.Duration // how long the connection has been open, or was; 0 for none
	InBytes  int64
	Incoming int64 // records received
	OutBytes int64
	Outgoing int64  // records sent
	Pending  int64  // bytes accepted for sending and not yet sent
	Note     string // what is wrong with the capture: evicted, lost, stopped; "" for nothing
}

// StatusLine shows the state of a connection and its counters. Numbers change on screen at most four times a second
// however often SetStatus is called, because each new text costs a texture and a repaint of the window; a change of
// state or note shows at once.
type StatusLine struct {
	widget.BaseWidget

	now func() time.Time

	want    Status // the latest
	shown   Status // on screen
	painted time.Time
	meter   meter

	icon    *widget.Icon
	state   *ink
	detail  *ink
	elapsed *ink
	in      *ink
	out     *ink
	pending *ink
	rate    *ink
	spark   *sparkline
	warn    *widget.Icon
	note    *ink
}

var (
	_ fyne.Widget            = (*StatusLine)(nil)
	_ fyne.SecondaryTappable = (*StatusLine)(nil)
	_ fyne.Accessible        = (*StatusLine)(nil)
)

// NewStatusLine returns a line that shows an idle connection.
func NewStatusLine() *StatusLine {
	text := func(colour fyne.ThemeColorName, bold bool) *ink { return newInk("", colour, theme.SizeNameText, bold) }
	s := &StatusLine{
		now:     time.Now,
		icon:    widget.NewIcon(StatusIcon(StatusIdle)),
		state:   text(theme.ColorNameForeground, true),
		detail:  text(theme.ColorNamePlaceHolder, false),
		elapsed: text(theme.ColorNameForeground, false),
		in:      text(theme.ColorNameForeground, false),
		out:     text(theme.ColorNameForeground, false),
		pending: text(theme.ColorNameForeground, false),
		rate:    text(theme.ColorNamePlaceHolder, false),
		spark:   newSparkline(),
		warn:    widget.NewIcon(theme.NewColoredResource(theme.WarningIcon(), theme.ColorNameWarning)),
		note:    text(theme.ColorNameForeground, false),
	}
	s.ExtendBaseWidget(s)
	s.paint(s.now())
	return s
}

// SetStatus takes the latest values. Call it as often as is handy, and [StatusLine.Tick] on every beat of the clock
// that drives the window.
func (s *StatusLine) SetStatus(st Status) {
	s.want = st
	now := s.now()
	s.meter.feed(now, st.InBytes, st.OutBytes)
	if st.State != s.shown.State || st.Note != s.shown.Note || st.Detail != s.shown.Detail {
		s.paint(now)
		return
	}
	s.Tick()
}

// Tick shows values that were held back and moves the rate on; it does nothing while nothing is due. Without it,
// rates would stand still when traffic stops.
func (s *StatusLine) Tick() {
	now := s.now()
	if d := now.Sub(s.painted); d >= 0 && d < meterStep {
		return
	}
	s.meter.advance(now)
	s.paint(now)
}

// Status returns the latest values, shown or not.
func (s *StatusLine) Status() Status { return s.want }

// Text returns the whole line as text, with exact numbers, for copying.
func (s *StatusLine) Text() string {
	st := s.want
	parts := []string{st.State.String()}
	if st.Detail != "" {
		parts = append(parts, plainText(st.Detail, 200, false))
	}
	if st.Elapsed > 0 {
		parts = append(parts, FormatElapsed(st.Elapsed))
	}
	parts = append(parts,
		words.Say("in %s in %s // bytes received in records", byteWords(st.InBytes), recordWords(st.Incoming)),
		words.Say("out %s in %s // bytes sent in records", byteWords(st.OutBytes), recordWords(st.Outgoing)))
	if st.Pending > 0 {
		parts = append(parts, words.Say("pending %s // bytes not sent yet", byteWords(st.Pending)))
	}
	if st.Note != "" {
		parts = append(parts, plainText(st.Note, 400, false))
	}
	return strings.Join(parts, ", ")
}

func byteWords(n int64) string   { return words.Many(n, "%d byte", "%d bytes") }
func recordWords(n int64) string { return words.Many(n, "%d record", "%d records") }

// TappedSecondary offers to copy the line.
func (s *StatusLine) TappedSecondary(e *fyne.PointEvent) {
	if c := canvasOf(s); c != nil {
		widget.ShowPopUpMenuAtPosition(s.menu(), c, e.AbsolutePosition)
	}
}

func (s *StatusLine) menu() *fyne.Menu {
	return fyne.NewMenu("", fyne.NewMenuItem(words.Say("Copy status"), func() { fyne.CurrentApp().Clipboard().SetContent(s.Text()) }))
}

// AccessibilityLabel is the whole line.
func (s *StatusLine) AccessibilityLabel() string { return s.Text() }

// AccessibilityRole is text.
func (s *StatusLine) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// paint brings what is on screen up to date, touching only what differs.
func (s *StatusLine) paint(now time.Time) {
	st := s.want
	if st.State != s.shown.State {
		s.icon.SetResource(StatusIcon(st.State))
	}
	s.shown, s.painted = st, now
	changed := s.state.say(st.State.String())
	say := func(k *ink, text string) { changed = k.say(text) || changed }
	say(s.detail, plainText(st.Detail, 80, false))
	if st.Elapsed > 0 {
		say(s.elapsed, FormatElapsed(st.Elapsed))
	} else {
		say(s.elapsed, "")
	}
	say(s.in, words.Say("in %s (%d) // bytes received, and records", FormatSize(st.InBytes), st.Incoming))
	say(s.out, words.Say("out %s (%d) // bytes sent, and records", FormatSize(st.OutBytes), st.Outgoing))
	if st.Pending > 0 {
		say(s.pending, words.Say("pending %s // bytes not sent yet", FormatSize(st.Pending)))
	} else {
		say(s.pending, "")
	}
	in, out := s.meter.rates()
	say(s.rate, words.Say("%s in · %s out // bytes a second", FormatRate(in), FormatRate(out)))
	s.spark.set(s.meter.history())
	if changed || s.note.Text.Text == "" != (st.Note == "") || st.Note != "" {
		s.arrange(s.Size())
	}
}

// part is a piece of the line that can be left out when there is no room.
type part struct {
	objects []fyne.CanvasObject
	width   float32
	shown   bool
}

func (s *StatusLine) text(k *ink) *part {
	return &part{objects: []fyne.CanvasObject{k.Text}, width: k.MinSize().Width, shown: k.Text.Text != ""}
}

// arrange places the parts from the left, and rate and sparkline at the right. When the line is too narrow, the
// parts that matter least go first; state and note always stay.
func (s *StatusLine) arrange(size fyne.Size) {
	pad := theme.SizeForWidget(theme.SizeNameInnerPadding, s)
	gap := 2 * pad
	icon := theme.SizeForWidget(theme.SizeNameInlineIcon, s)

	badge := &part{width: icon + pad/2 + s.state.MinSize().Width, shown: true}
	detail, elapsed, in, out, pending, rate := s.text(s.detail), s.text(s.elapsed), s.text(s.in), s.text(s.out), s.text(s.pending), s.text(s.rate)
	traffic := s.shown.InBytes > 0 || s.shown.OutBytes > 0 // no rate of nothing
	spark := &part{objects: []fyne.CanvasObject{s.spark}, width: s.spark.MinSize().Width, shown: traffic}
	rate.shown = traffic
	note := &part{shown: s.shown.Note != ""}
	noteText := plainText(s.shown.Note, 200, false)
	noteNeed := icon + pad/2 + fyne.MeasureText(noteText, s.note.TextSize, s.note.TextStyle).Width
	note.width = min(noteNeed, 180)

	all := []*part{badge, detail, elapsed, in, out, pending, note, rate, spark}
	total := func() float32 {
		w := pad
		for _, p := range all {
			if p.shown {
				w += p.width + gap
			}
		}
		return w
	}
	for _, p := range []*part{spark, rate, detail, elapsed, pending, out, in} {
		if total() <= size.Width {
			break
		}
		p.shown = false
	}
	if note.shown {
		note.width += max(size.Width-total(), 0)
		note.width = min(note.width, noteNeed+1)
	}

	line := s.state.MinSize().Height
	put := func(o fyne.CanvasObject, x, w, h float32) {
		o.Move(fyne.NewPos(x, (size.Height-h)/2))
		o.Resize(fyne.NewSize(w, h))
	}
	x := pad
	put(s.icon, x, icon, icon)
	put(s.state.Text, x+icon+pad/2, s.state.MinSize().Width, line)
	x += badge.width + gap
	for _, p := range all[1:6] {
		for _, o := range p.objects {
			setVisible(o, p.shown)
			put(o, x, p.width, line)
		}
		if p.shown {
			x += p.width + gap
		}
	}
	setVisible(s.warn, note.shown)
	setVisible(s.note.Text, note.shown)
	if note.shown {
		put(s.warn, x, icon, icon)
		s.note.say(fitText(noteText, note.width-icon-pad/2, s.note.TextSize, s.note.TextStyle))
		put(s.note.Text, x+icon+pad/2, s.note.MinSize().Width, line)
	} else {
		s.note.say("")
	}
	right := size.Width - pad
	for _, p := range []*part{spark, rate} {
		setVisible(p.objects[0], p.shown)
		if p.shown {
			right -= p.width
			put(p.objects[0], right, p.width, line)
			right -= pad
		}
	}
}

// CreateRenderer is part of fyne.Widget.
func (s *StatusLine) CreateRenderer() fyne.WidgetRenderer {
	inks := []*ink{s.state, s.detail, s.elapsed, s.in, s.out, s.pending, s.rate, s.note}
	objects := []fyne.CanvasObject{s.icon, s.warn, s.spark}
	for _, k := range inks {
		objects = append(objects, k.Text)
	}
	dress := func() {
		for _, k := range inks {
			k.dress(s)
		}
		s.in.Color = hueIn.on(s)
		s.out.Color = hueOut.on(s)
		s.note.Color = hueWarning.on(s)
	}
	dress()
	return &faceRenderer{
		objects: objects,
		layout:  s.arrange,
		minSize: func() fyne.Size {
			pad := theme.SizeForWidget(theme.SizeNamePadding, s)
			return fyne.NewSize(160, s.state.MinSize().Height+2*pad)
		},
		refresh: func() {
			dress()
			s.arrange(s.Size())
			for _, o := range objects {
				o.Refresh()
			}
		},
	}
}
