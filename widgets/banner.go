package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/widgets/words"
)

// NoticeKind says how grave a [Notice] is. It chooses the icon, the word a screen reader hears and the colour.
type NoticeKind uint8

const (
	NoticeInfo NoticeKind = iota
	NoticeWarning
	NoticeError
)

// String returns "info", "warning" or "error", in the language chosen.
func (k NoticeKind) String() string {
	switch k {
	case NoticeWarning:
		return words.Say("warning")
	case NoticeError:
		return words.Say("error")
	}
	return words.Say("info // the kind of a notice")
}

func (k NoticeKind) colour() fyne.ThemeColorName {
	switch k {
	case NoticeWarning:
		return theme.ColorNameWarning
	case NoticeError:
		return theme.ColorNameError
	}
	return theme.ColorNamePrimary
}

func (k NoticeKind) icon() fyne.Resource {
	switch k {
	case NoticeWarning:
		return theme.NewColoredResource(theme.WarningIcon(), theme.ColorNameWarning)
	case NoticeError:
		return theme.NewColoredResource(theme.ErrorIcon(), theme.ColorNameError)
	}
	return theme.NewColoredResource(theme.InfoIcon(), theme.ColorNamePrimary)
}

// Notice is what a [Banner] says.
type Notice struct {
	Kind    NoticeKind
	Text    string         // shown escaped, and cut at 600 characters
	Actions []NoticeAction // buttons, from left to right; at most three are shown
	Stays   bool           // has no ×: it is taken away when what it warns of is over
}

// NoticeAction is a button of a [Notice]. Run may be nil.
type NoticeAction struct {
	Label string
	Run   func()
	Keep  bool // leave the notice up when the button was pressed
}

const (
	noticeRunes   = 600
	noticeActions = 3
)

// Banner is a line that tells what went wrong, or what wants attention, in the place where it happened. It stays
// until it is dismissed or replaced, and has no height while it has nothing to say.
type Banner struct {
	widget.BaseWidget

	// OnDismiss is called when the person closed the notice with × or with a button that does not keep it.
	OnDismiss func()

	notice Notice
	shown  bool

	ground  *canvas.Rectangle
	edge    *canvas.Rectangle
	icon    *widget.Icon
	label   *SelectableLabel
	buttons []*widget.Button
	close   *widget.Button
}

var (
	_ fyne.Widget     = (*Banner)(nil)
	_ fyne.Accessible = (*Banner)(nil)
)

// NewBanner returns a banner with nothing to say.
func NewBanner() *Banner {
	b := &Banner{
		ground: canvas.NewRectangle(color.Transparent),
		edge:   canvas.NewRectangle(color.Transparent),
		icon:   widget.NewIcon(nil),
		label:  NewSelectableLabel(""),
	}
	b.label.Wrapping = fyne.TextWrapWord
	b.close = widget.NewButtonWithIcon("", theme.CancelIcon(), b.dismissed)
	b.close.Importance = widget.LowImportance
	for i := range noticeActions {
		button := widget.NewButton("", func() { b.act(i) })
		button.Importance = widget.LowImportance
		b.buttons = append(b.buttons, button)
	}
	b.ExtendBaseWidget(b)
	return b
}

// SetNotice replaces whatever the banner said with n. An empty text is the same as [Banner.Clear].
func (b *Banner) SetNotice(n Notice) {
	if n.Text == "" {
		b.Clear()
		return
	}
	n.Text = plainText(n.Text, noticeRunes, true)
	n.Actions = n.Actions[:min(len(n.Actions), noticeActions)]
	b.notice, b.shown = n, true
	b.label.SetText(n.Text)
	for i, button := range b.buttons {
		if i < len(n.Actions) {
			button.SetText(plainText(n.Actions[i].Label, 40, false))
		}
	}
	b.Refresh()
}

// Clear takes the notice away without calling OnDismiss; it is for the cause having gone.
func (b *Banner) Clear() {
	if !b.shown {
		return
	}
	b.notice, b.shown = Notice{}, false
	b.Refresh()
}

// Notice returns what the banner says, and whether it says anything.
func (b *Banner) Notice() (Notice, bool) { return b.notice, b.shown }

// AccessibilityLabel returns the notice with its kind.
func (b *Banner) AccessibilityLabel() string {
	if !b.shown {
		return ""
	}
	return b.notice.Kind.String() + ": " + b.notice.Text
}

// AccessibilityRole is text.
func (b *Banner) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

func (b *Banner) dismissed() {
	b.Clear()
	if b.OnDismiss != nil {
		b.OnDismiss()
	}
}

func (b *Banner) act(i int) {
	if i >= len(b.notice.Actions) {
		return
	}
	action := b.notice.Actions[i]
	// Dismiss first: the action may put up the next notice.
	if !action.Keep {
		b.dismissed()
	}
	if action.Run != nil {
		action.Run()
	}
}

// CreateRenderer is part of fyne.Widget.
func (b *Banner) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{b.ground, b.edge, b.icon, b.label}
	for _, button := range b.buttons {
		objects = append(objects, button)
	}
	r := &faceRenderer{objects: append(objects, b.close), layout: b.arrange, minSize: b.minSize, refresh: b.refresh}
	b.refresh()
	return r
}

// trailing returns the width that the buttons and the × take.
func (b *Banner) trailing() float32 {
	w := b.close.MinSize().Width
	for i := range b.notice.Actions {
		w += b.buttons[i].MinSize().Width
	}
	return w
}

func (b *Banner) leading() float32 {
	return theme.SizeForWidget(theme.SizeNameInlineIcon, b) + theme.SizeForWidget(theme.SizeNameInnerPadding, b)*2
}

// textWidth is what is left for the text beside the buttons; stacked means the buttons go below it instead.
func (b *Banner) textWidth(width float32) (text float32, stacked bool) {
	text = width - b.leading() - b.trailing()
	if len(b.notice.Actions) > 0 && text < 260 {
		return width - b.leading() - b.close.MinSize().Width, true
	}
	return text, false
}

func (b *Banner) minSize() fyne.Size {
	if !b.shown {
		return fyne.Size{}
	}
	pad := theme.SizeForWidget(theme.SizeNamePadding, b)
	width := max(b.Size().Width, 200)
	text, stacked := b.textWidth(width)
	b.label.Resize(fyne.NewSize(text, b.label.Size().Height)) // wraps, so that its height is right
	height := max(b.label.MinSize().Height, b.close.MinSize().Height)
	if stacked {
		height += b.buttons[0].MinSize().Height + pad
	}
	return fyne.NewSize(200, height)
}

func (b *Banner) arrange(size fyne.Size) {
	if !b.shown {
		return
	}
	pad := theme.SizeForWidget(theme.SizeNamePadding, b)
	inner := theme.SizeForWidget(theme.SizeNameInnerPadding, b)
	icon := theme.SizeForWidget(theme.SizeNameInlineIcon, b)
	b.ground.Resize(size)
	b.edge.Resize(fyne.NewSize(pad, size.Height))
	text, stacked := b.textWidth(size.Width)
	row := b.close.MinSize().Height
	b.icon.Resize(fyne.NewSquareSize(icon))
	b.icon.Move(fyne.NewPos(inner+pad/2, (row-icon)/2))
	b.label.Resize(fyne.NewSize(text, size.Height))
	b.label.Move(fyne.NewPos(b.leading(), (row-b.oneLine())/2))

	closeSize := b.close.MinSize()
	b.close.Resize(closeSize)
	b.close.Move(fyne.NewPos(size.Width-closeSize.Width, 0))
	x, y := size.Width-closeSize.Width, float32(0)
	if stacked {
		x, y = size.Width, size.Height-b.buttons[0].MinSize().Height-pad/2
	}
	for i := len(b.notice.Actions) - 1; i >= 0; i-- {
		s := b.buttons[i].MinSize()
		x -= s.Width
		b.buttons[i].Resize(s)
		b.buttons[i].Move(fyne.NewPos(x, y))
	}
}

// oneLine is the height of a label of one line; a first line stands level with the icon and the buttons.
func (b *Banner) oneLine() float32 {
	size := theme.SizeForWidget(theme.SizeNameText, b)
	return fyne.MeasureText("M", size, fyne.TextStyle{}).Height + 2*theme.SizeForWidget(theme.SizeNameInnerPadding, b)
}

func (b *Banner) refresh() {
	show := func(o fyne.CanvasObject, on bool) {
		if on {
			o.Show()
		} else {
			o.Hide()
		}
	}
	for _, o := range []fyne.CanvasObject{b.ground, b.edge, b.icon, b.label} {
		show(o, b.shown)
	}
	show(b.close, b.shown && !b.notice.Stays)
	for i, button := range b.buttons {
		show(button, b.shown && i < len(b.notice.Actions))
	}
	colour := b.notice.Kind.colour()
	b.edge.FillColor = theme.ColorForWidget(colour, b)
	b.ground.FillColor = translucent(theme.ColorForWidget(colour, b), 0x22)
	b.icon.SetResource(b.notice.Kind.icon())
	b.arrange(b.Size())
	b.ground.Refresh()
	b.edge.Refresh()
	canvas.Refresh(b) // what was hidden until now is on no canvas yet that would draw it, and make room for it
}
