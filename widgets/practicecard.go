package widgets

import (
	"image/color"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/widgets/words"
)

// PracticeContent is what a [PracticeCard] says.
type PracticeContent struct {
	Title   string         // "Practice: Echo"
	Lines   []string       // what to look at
	Steps   []string       // what to do first, one after the other; none for no guide
	Sends   []NoticeAction // messages for the composer, at most eight
	Actions []NoticeAction // buttons beside the title, at most three
}

const practiceSends = 8

// PracticeCard stands above the traffic of a tab that talks to a practice server: what to look at, what to do first, and
// messages to send. It has no height while it has nothing to say, and goes for good with its ×.
type PracticeCard struct {
	widget.BaseWidget

	// OnDismiss is called when the person closed the card.
	OnDismiss func()

	content PracticeContent
	step    int // how many steps are done

	ground, edge *canvas.Rectangle
	icon         *widget.Icon
	title        *widget.Label
	lines        *SelectableLabel
	actions      *fyne.Container
	steps        []*practiceStep
	guide        *container.Scroll
	sends        *container.Scroll
	close        *widget.Button
}

var (
	_ fyne.Widget     = (*PracticeCard)(nil)
	_ fyne.Accessible = (*PracticeCard)(nil)
)

// NewPracticeCard returns a card with nothing to say.
func NewPracticeCard() *PracticeCard {
	c := &PracticeCard{
		ground: canvas.NewRectangle(color.Transparent), edge: canvas.NewRectangle(color.Transparent),
		icon:    widget.NewIcon(theme.NewColoredResource(theme.InfoIcon(), theme.ColorNamePrimary)),
		title:   widget.NewLabelWithStyle("", fyne.TextAlignLeading, fyne.TextStyle{Bold: true}),
		lines:   NewSelectableLabel(""),
		actions: container.NewHBox(),
		guide:   container.NewHScroll(container.NewHBox()),
		sends:   container.NewHScroll(container.NewHBox()),
	}
	c.title.Truncation = fyne.TextTruncateEllipsis
	c.lines.Wrapping = fyne.TextWrapWord
	c.close = widget.NewButtonWithIcon("", theme.CancelIcon(), func() {
		c.SetContent(PracticeContent{})
		call(c.OnDismiss)
	})
	c.close.Importance = widget.LowImportance
	c.ExtendBaseWidget(c)
	return c
}

// SetContent replaces what the card says, and begins its steps anew. Without a title it says nothing.
func (c *PracticeCard) SetContent(p PracticeContent) {
	c.content, c.step = p, 0
	c.title.SetText(plainText(p.Title, 120, false))
	lines := make([]string, len(p.Lines))
	for i, l := range p.Lines {
		lines[i] = plainText(l, 300, false)
	}
	c.lines.SetText(strings.Join(lines, "\n"))
	button := func(a NoticeAction) fyne.CanvasObject {
		b := widget.NewButton(plainText(a.Label, 40, false), func() { call(a.Run) })
		b.Importance = widget.LowImportance
		return b
	}
	c.actions.Objects = nil
	for _, a := range p.Actions[:min(len(p.Actions), noticeActions)] {
		c.actions.Add(button(a))
	}
	sends := container.NewHBox()
	if len(p.Sends) > 0 {
		sends.Add(widget.NewLabel(words.Say("To send:")))
	}
	for _, a := range p.Sends[:min(len(p.Sends), practiceSends)] {
		sends.Add(button(a))
	}
	c.sends.Content = sends
	guide := container.NewHBox()
	c.steps = nil
	for i, text := range p.Steps {
		s := newPracticeStep(i+1, text)
		c.steps = append(c.steps, s)
		guide.Add(s.root)
	}
	c.guide.Content = guide
	c.showSteps()
	c.sends.Refresh()
	c.Refresh()
}

// Content is what the card says.
func (c *PracticeCard) Content() PracticeContent { return c.content }

// SetStep tells how many of the steps are done.
func (c *PracticeCard) SetStep(done int) {
	if done != c.step {
		c.step = done
		c.showSteps()
	}
}

// Step is how many of the steps are done.
func (c *PracticeCard) Step() int { return c.step }

func (c *PracticeCard) showSteps() {
	for i, s := range c.steps {
		s.set(i < c.step, i == c.step)
	}
	c.guide.Refresh()
}

// practiceStep is a step of the guide: its number, or a tick once it is done.
type practiceStep struct {
	root  *fyne.Container
	tick  *widget.Icon
	label *widget.Label
	text  string
	n     int
}

func newPracticeStep(n int, text string) *practiceStep {
	s := &practiceStep{
		tick:  widget.NewIcon(theme.NewColoredResource(theme.ConfirmIcon(), theme.ColorNameSuccess)),
		label: widget.NewLabel(""), text: plainText(text, 100, false), n: n,
	}
	s.root = container.NewHBox(s.tick, s.label)
	return s
}

func (s *practiceStep) set(done, now bool) {
	s.tick.Hidden = !done
	s.label.TextStyle.Bold = now
	s.label.Importance = widget.MediumImportance
	if !now {
		s.label.Importance = widget.LowImportance
	}
	text := s.text
	if !done {
		text = strconv.Itoa(s.n) + "  " + text
	}
	s.label.SetText(text)
}

// AccessibilityLabel is everything the card says.
func (c *PracticeCard) AccessibilityLabel() string {
	if c.content.Title == "" {
		return ""
	}
	said := append([]string{c.content.Title}, c.content.Lines...)
	for i, s := range c.content.Steps {
		if i < c.step {
			s = words.Say("%s (done)", s)
		}
		said = append(said, s)
	}
	return strings.Join(said, ". ")
}

// AccessibilityRole is text.
func (c *PracticeCard) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// leading is the room of the icon at the left.
func (c *PracticeCard) leading() float32 {
	return theme.SizeForWidget(theme.SizeNameInlineIcon, c) + theme.SizeForWidget(theme.SizeNameInnerPadding, c)*2
}

// bands are the heights of the parts, from the top; the gaps of text are taken out of them.
func (c *PracticeCard) bands(width float32) (head, lines, guide, sends float32) {
	head = max(c.title.MinSize().Height, c.actions.MinSize().Height)
	c.lines.Resize(fyne.NewSize(width-c.leading(), c.lines.Size().Height)) // wraps, so that its height is right
	inner := theme.SizeForWidget(theme.SizeNameInnerPadding, c)
	lines = c.lines.MinSize().Height - inner
	if len(c.steps) > 0 {
		guide = c.guide.MinSize().Height - inner/2
	}
	if len(c.content.Sends) > 0 {
		sends = c.sends.MinSize().Height
	}
	return head, lines, guide, sends
}

func (c *PracticeCard) minSize() fyne.Size {
	if c.content.Title == "" {
		return fyne.Size{}
	}
	head, lines, guide, sends := c.bands(max(c.Size().Width, 200))
	return fyne.NewSize(200, head+lines+guide+sends)
}

func (c *PracticeCard) arrange(size fyne.Size) {
	if c.content.Title == "" {
		return
	}
	pad := theme.SizeForWidget(theme.SizeNamePadding, c)
	inner := theme.SizeForWidget(theme.SizeNameInnerPadding, c)
	icon := theme.SizeForWidget(theme.SizeNameInlineIcon, c)
	c.ground.Resize(size)
	c.edge.Resize(fyne.NewSize(pad, size.Height))
	head, lines, guide, sends := c.bands(size.Width)
	put := func(o fyne.CanvasObject, x, y, width, height float32) {
		o.Move(fyne.NewPos(x, y))
		o.Resize(fyne.NewSize(width, height))
	}
	put(c.icon, inner+pad/2, (head-icon)/2, icon, icon)
	right := size.Width - c.close.MinSize().Width
	put(c.close, right, 0, c.close.MinSize().Width, head)
	right -= c.actions.MinSize().Width
	put(c.actions, right, 0, c.actions.MinSize().Width, head)
	left := c.leading()
	put(c.title, left-inner, 0, right-left+inner, head)
	put(c.lines, left-inner, head-inner, size.Width-left, lines+inner)
	y := head + lines - inner/2
	put(c.guide, left-inner, y, size.Width-left, guide+inner/2)
	y += guide
	put(c.sends, left-inner, y, size.Width-left, sends)
}

func (c *PracticeCard) refresh() {
	on := c.content.Title != ""
	for _, o := range []fyne.CanvasObject{c.ground, c.edge, c.icon, c.title, c.lines, c.actions, c.close} {
		setVisible(o, on)
	}
	setVisible(c.guide, on && len(c.steps) > 0)
	setVisible(c.sends, on && len(c.content.Sends) > 0)
	c.edge.FillColor = theme.ColorForWidget(theme.ColorNamePrimary, c)
	c.ground.FillColor = translucent(theme.ColorForWidget(theme.ColorNamePrimary, c), 0x18)
	c.arrange(c.Size())
	c.ground.Refresh()
	c.edge.Refresh()
}

// CreateRenderer is part of fyne.Widget.
func (c *PracticeCard) CreateRenderer() fyne.WidgetRenderer {
	c.refresh()
	return &faceRenderer{
		objects: []fyne.CanvasObject{c.ground, c.edge, c.icon, c.title, c.lines, c.actions, c.guide, c.sends, c.close},
		layout:  c.arrange, minSize: c.minSize, refresh: c.refresh,
	}
}
