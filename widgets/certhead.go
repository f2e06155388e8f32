package widgets

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/certs"
	"wirebench/widgets/words"
)

// statusLook is how a status shows: a word, a shape and a colour, so that none of them is needed alone.
type statusLook struct {
	word   string
	icon   fyne.Resource
	colour fyne.ThemeColorName
}

// shapeBan is a circle with a bar across.
var shapeBan = shape("ban", `<path fill="#000" d="M12 2.5A9.5 9.5 0 1 0 12 21.5A9.5 9.5 0 1 0 12 2.5ZM15.8 17.4A6.6 6.6 0 0 1 6.6 8.2ZM8.2 6.6A6.6 6.6 0 0 1 17.4 15.8Z"/>`) // not said

func lookOf(r *certs.Report) statusLook {
	if r == nil {
		return statusLook{words.Say("No certificate yet"), theme.NewColoredResource(theme.QuestionIcon(), theme.ColorNamePlaceHolder), theme.ColorNamePlaceHolder}
	}
	icon, colour := theme.ErrorIcon(), theme.ColorNameError
	switch r.Status {
	case certs.Trusted:
		icon, colour = theme.ConfirmIcon(), theme.ColorNameSuccess
	case certs.Unknown:
		icon, colour = theme.QuestionIcon(), theme.ColorNameWarning
	case certs.Expired, certs.NotYetValid:
		icon = theme.HistoryIcon()
	case certs.Revoked:
		icon = shapeBan
	}
	return statusLook{string(r.Status), theme.NewColoredResource(icon, colour), colour}
}

// certHead is the head of the card: the status, its sentence, and the counts on one line; what was negotiated and how
// it was checked on a smaller one below, while the card is whole.
type certHead struct {
	widget.BaseWidget

	look   statusLook
	whole  bool
	wire   string // what was negotiated
	judged string // for which host, as of when, against what

	pill     *canvas.Rectangle
	icon     *widget.Icon
	status   *ink
	headline *SelectableLabel
	counts   *ink
	below    *ink
	aside    *ink
	buttons  []*widget.Button // from left to right
}

var (
	_ fyne.Widget     = (*certHead)(nil)
	_ fyne.Accessible = (*certHead)(nil)
)

func newCertHead(buttons ...*widget.Button) *certHead {
	h := &certHead{pill: canvas.NewRectangle(color.Transparent), icon: widget.NewIcon(nil),
		status:   newInk("", theme.ColorNameForeground, theme.SizeNameText, true),
		headline: NewSelectableLabel(""),
		counts:   newInk("", theme.ColorNameForeground, theme.SizeNameText, false),
		below:    newInk("", theme.ColorNamePlaceHolder, theme.SizeNameCaptionText, false),
		aside:    newInk("", theme.ColorNamePlaceHolder, theme.SizeNameCaptionText, false),
		buttons:  buttons,
	}
	h.headline.Truncation = fyne.TextTruncateEllipsis
	for _, b := range buttons {
		b.Importance = widget.LowImportance
	}
	h.ExtendBaseWidget(h)
	return h
}

// set shows what r has come to; nil is nothing yet.
func (h *certHead) set(r *certs.Report) {
	h.look = lookOf(r)
	h.icon.SetResource(h.look.icon)
	h.status.say(h.look.word)
	h.wire, h.judged = "", ""
	if r == nil {
		h.headline.SetText(words.Say("Connect to see the server's certificate and everything that is wrong with it."))
		h.counts.say("")
	} else {
		h.headline.SetText(wholeSentence(r.Headline))
		h.counts.say(joinDot(append(countTexts(r), daysText(r))...))
		h.wire, h.judged = negotiated(r.Handshake), judgedText(r)
	}
	h.Refresh()
}

func countTexts(r *certs.Report) (texts []string) {
	if n := int64(len(r.Faults)); n > 0 {
		texts = append(texts, words.Many(n, "%d fault", "%d faults"))
	}
	if n := int64(len(r.Warnings)); n > 0 {
		texts = append(texts, words.Many(n, "%d warning", "%d warnings"))
	}
	return texts
}

// AccessibilityLabel is the status with its sentence.
func (h *certHead) AccessibilityLabel() string {
	return strings.TrimSpace(words.Say("certificate %s: %s %s // its status, a sentence, how much is wrong", h.look.word, h.headline.Text, h.counts.Text.Text))
}

// AccessibilityRole is text.
func (h *certHead) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// lineHeight is that of the first line.
func (h *certHead) lineHeight() float32 {
	height := h.headline.MinSize().Height
	for _, b := range h.buttons {
		if b.Visible() {
			height = max(height, b.MinSize().Height)
		}
	}
	return height
}

func (h *certHead) minSize() fyne.Size {
	height := h.lineHeight()
	if h.second() {
		height += h.below.MinSize().Height + theme.SizeForWidget(theme.SizeNamePadding, h)
	}
	return fyne.NewSize(320, height)
}

// second tells whether the second line is shown.
func (h *certHead) second() bool { return h.whole && h.wire+h.judged != "" }

func (h *certHead) arrange(size fyne.Size) {
	pad, inner := theme.SizeForWidget(theme.SizeNamePadding, h), theme.SizeForWidget(theme.SizeNameInnerPadding, h)
	icon, line := theme.SizeForWidget(theme.SizeNameInlineIcon, h), h.lineHeight()
	middle := func(o fyne.CanvasObject, x float32, s fyne.Size) {
		o.Move(fyne.NewPos(x, (line-s.Height)/2))
		o.Resize(s)
	}
	right := size.Width
	for i := len(h.buttons) - 1; i >= 0; i-- {
		if b := h.buttons[i]; b.Visible() {
			right -= b.MinSize().Width
			middle(b, right, b.MinSize())
		}
	}
	word := h.status.MinSize()
	pill := fyne.NewSize(icon+word.Width+pad+2*inner, word.Height+pad)
	x := pad
	middle(h.pill, x, pill)
	middle(h.icon, x+inner, fyne.NewSquareSize(icon))
	middle(h.status, x+inner+icon+pad, word)
	x += pill.Width

	const least = 200 // of the headline
	counts := h.counts.MinSize()
	h.counts.Hidden = h.counts.Text.Text == "" || right-x-counts.Width-2*inner < least/2
	if !h.counts.Hidden {
		right -= counts.Width + inner
		middle(h.counts, right, counts)
		right -= inner
	}
	// Folded, what was negotiated joins the line where there is room for all of it.
	h.below.Hidden, h.aside.Hidden = true, true
	if !h.whole && h.wire != "" {
		width := fyne.MeasureText(h.wire, h.below.TextSize, h.below.TextStyle).Width
		if need := fyne.MeasureText(h.headline.Text, theme.SizeForWidget(theme.SizeNameText, h), fyne.TextStyle{}).Width; right-x-width-4*inner > max(least, need) {
			h.below.say(h.wire)
			right -= width + 2*inner
			middle(h.below, right, h.below.MinSize())
			h.below.Hidden = false
		}
	}
	middle(h.headline, x, fyne.NewSize(max(right-x, 0), h.headline.MinSize().Height))
	if h.second() {
		h.secondLine(size.Width, line)
	}
}

// secondLine sets out what was negotiated at the left, and how it was checked at the right or behind it.
func (h *certHead) secondLine(width, y float32) {
	pad := theme.SizeForWidget(theme.SizeNamePadding, h)
	room := width - 4*pad
	wire := fyne.MeasureText(h.wire, h.below.TextSize, h.below.TextStyle).Width
	judged := fyne.MeasureText(h.judged, h.below.TextSize, h.below.TextStyle).Width
	x := 2 * pad
	switch {
	case h.wire == "" || wire+judged+8*pad > room:
		// Too narrow for both: one text, cut where it has to be.
		h.below.say(fitText(joinDot(h.wire, h.judged), room, h.below.TextSize, h.below.TextStyle))
	default:
		h.below.say(h.wire)
		h.aside.say(h.judged)
		h.aside.Hidden = false
		h.aside.Move(fyne.NewPos(width-2*pad-judged, y))
		h.aside.Resize(h.aside.MinSize())
	}
	h.below.Hidden = false
	h.below.Move(fyne.NewPos(x, y))
	h.below.Resize(h.below.MinSize())
}

func (h *certHead) refresh() {
	for _, k := range []*ink{h.status, h.counts, h.below, h.aside} {
		k.dress(h)
	}
	colour := theme.ColorForWidget(h.look.colour, h)
	h.pill.FillColor = translucent(colour, 0x2a)
	h.pill.StrokeColor, h.pill.StrokeWidth = translucent(colour, 0x90), 1
	h.pill.CornerRadius = theme.SizeForWidget(theme.SizeNameInputRadius, h)
	h.arrange(h.Size())
	canvas.Refresh(h)
}

// CreateRenderer is part of fyne.Widget.
func (h *certHead) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{h.pill, h.icon, h.status.Text, h.headline, h.counts.Text, h.below.Text, h.aside.Text}
	for _, b := range h.buttons {
		objects = append(objects, b)
	}
	h.refresh()
	return &faceRenderer{objects: objects, layout: h.arrange, minSize: h.minSize, refresh: h.refresh}
}
