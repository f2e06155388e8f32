package widgets

import (
	"net/url"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/widgets/words"
)

// HelpTopic is a page of the help.
type HelpTopic struct {
	ID    string
	Title string
	Text  string // Markdown without the title; links to other topics are written "topic:" and an ID
}

// topicScheme begins the address of a link to a topic.
const topicScheme = "topic"

// HelpView shows topics: a list with a field to search them, and the one chosen beside it. Links lead from one to the
// other, and back. All methods belong to the UI goroutine.
type HelpView struct {
	widget.BaseWidget

	// OnCopy puts text into the clipboard. It must be set.
	OnCopy func(text string)
	// OnShown is called when another topic is shown; nil for nothing.
	OnShown func(t HelpTopic)

	topics []HelpTopic
	found  []int // places in topics of what the search found
	shown  int   // place in topics; -1 for none

	past, ahead []int // topics that were shown, the latest last, and those that were gone back from

	entry         *lineEntry
	list          *handingList
	title         *widget.Label
	page          *fyne.Container
	scroll        *container.Scroll
	none          *widget.RichText
	back, forward *HandingButton
	root          *fyne.Container
}

var _ fyne.Widget = (*HelpView)(nil)

// NewHelpView returns a view of these topics, the first one shown.
func NewHelpView(topics []HelpTopic) *HelpView {
	h := &HelpView{topics: topics, shown: -1}
	h.entry = newLineEntry(words.Say("Search the help"))
	h.entry.Icon = theme.SearchIcon()
	h.entry.OnChanged = func(string) { h.search() }
	h.entry.OnSubmitted = func(string) { h.choose(0) }
	h.entry.onKey = func(k *fyne.KeyEvent) bool {
		if k.Name != fyne.KeyDown || len(h.found) == 0 {
			return false
		}
		if c := canvasOf(h); c != nil {
			c.Focus(h.list)
		}
		return true
	}
	h.list = newHandingList(func() int { return len(h.found) }, func(i int) string { return h.topics[h.found[i]].Title }, h.choose)
	h.none = mutedText(words.Say("No topic has all of these words."), false, fyne.TextWrapWord)

	h.title = widget.NewLabelWithStyle("", fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	h.title.SizeName = theme.SizeNameSubHeadingText
	h.title.Truncation = fyne.TextTruncateEllipsis
	h.back = NewHandingButton("", theme.NavigateBackIcon(), h.Back)
	h.forward = NewHandingButton("", theme.NavigateNextIcon(), h.Forward)
	copied := NewHandingButton(words.Say("Copy the topic"), theme.ContentCopyIcon(), func() { h.OnCopy(h.plain()) })
	head := container.NewBorder(nil, nil, container.NewHBox(h.back, h.forward), copied, h.title)
	h.page = container.New(&helpColumn{})
	h.scroll = container.NewVScroll(h.page)
	body := container.NewBorder(container.NewVBox(head, widget.NewSeparator()), nil, nil, nil, h.scroll)
	side := container.NewBorder(h.entry, nil, nil, nil, container.NewStack(h.list, h.none))
	h.root = container.New(&asideList{width: 220}, side, widget.NewSeparator(), body)
	h.ExtendBaseWidget(h)
	h.search()
	if len(topics) > 0 {
		h.ShowTopic(topics[0].ID)
	}
	return h
}

// FocusSearch puts the keyboard into the search field.
func (h *HelpView) FocusSearch(on fyne.Canvas) { on.Focus(h.entry) }

// Shown returns the ID of the topic shown, "" for none.
func (h *HelpView) Shown() string {
	if h.shown < 0 {
		return ""
	}
	return h.topics[h.shown].ID
}

// Found returns the IDs of the topics that the search found, in the order they are listed.
func (h *HelpView) Found() (ids []string) {
	for _, i := range h.found {
		ids = append(ids, h.topics[i].ID)
	}
	return ids
}

// Search looks for words, as if they had been typed.
func (h *HelpView) Search(text string) { h.entry.SetText(text) }

// ShowTopic shows the topic of that ID, which the search need not have found, and reports whether there is one.
func (h *HelpView) ShowTopic(id string) bool {
	i := slices.IndexFunc(h.topics, func(t HelpTopic) bool { return t.ID == id })
	if i < 0 {
		return false
	}
	if !slices.Contains(h.found, i) {
		h.entry.SetText("")
	}
	if h.shown >= 0 && h.shown != i {
		h.past, h.ahead = append(h.past, h.shown), nil
	}
	h.turn(i)
	return true
}

// Back shows the topic shown before, Forward the one that was gone back from.
func (h *HelpView) Back() {
	if n := len(h.past); n > 0 {
		to := h.past[n-1]
		h.past, h.ahead = h.past[:n-1], append(h.ahead, h.shown)
		h.turn(to)
	}
}

// Forward undoes Back.
func (h *HelpView) Forward() {
	if n := len(h.ahead); n > 0 {
		to := h.ahead[n-1]
		h.ahead, h.past = h.ahead[:n-1], append(h.past, h.shown)
		h.turn(to)
	}
}

// choose shows what was chosen in the list.
func (h *HelpView) choose(i widget.ListItemID) {
	if i >= 0 && i < len(h.found) && h.found[i] != h.shown {
		h.ShowTopic(h.topics[h.found[i]].ID)
	}
}

// search lists the topics that have every word, those first that have them in their titles.
func (h *HelpView) search() {
	wanted := strings.Fields(strings.ToLower(h.entry.Text))
	has := func(text string) bool {
		text = strings.ToLower(text)
		for _, w := range wanted {
			if !strings.Contains(text, w) {
				return false
			}
		}
		return true
	}
	h.found = nil
	for _, inTitle := range []bool{true, false} {
		for i, t := range h.topics {
			if has(t.Title) == inTitle && has(t.Title+"\n"+t.Text) {
				h.found = append(h.found, i)
			}
		}
	}
	setVisible(h.none, len(h.found) == 0)
	h.list.UnselectAll()
	h.list.Refresh()
	h.mark()
}

// mark selects the topic shown in the list.
func (h *HelpView) mark() {
	if i := slices.Index(h.found, h.shown); i >= 0 {
		h.list.Select(i)
	} else {
		h.list.UnselectAll()
	}
}

func (h *HelpView) turn(i int) {
	h.shown = i
	t := h.topics[i]
	h.title.SetText(t.Title)
	h.page.Objects = helpBlocks(t.Text, func(id string) { h.ShowTopic(id) })
	for _, o := range h.page.Objects {
		if c, ok := o.(*codeBox); ok {
			c.scroll.outer = h.scroll
		}
	}
	h.page.Refresh()
	h.scroll.ScrollToTop()
	h.scroll.Refresh()
	h.mark()
	able(h.back, len(h.past) > 0)
	able(h.forward, len(h.ahead) > 0)
	if h.OnShown != nil {
		h.OnShown(t)
	}
}

// plain is the topic shown as text: what is read, without the marks of Markdown.
func (h *HelpView) plain() string {
	t := h.topics[h.shown]
	var b strings.Builder
	b.WriteString(t.Title + "\n")
	for _, o := range helpBlocks(t.Text, func(string) {}) {
		b.WriteString("\n")
		switch o := o.(type) {
		case *helpText:
			b.WriteString(strings.TrimSpace(o.String()))
		case *codeBox:
			b.WriteString(o.text.Text)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// helpBlocks makes what is shown of a text: rich text, and boxes of fixed width whose text can be selected. They are
// kept short, because Fyne takes long over long ones.
func helpBlocks(markdown string, follow func(id string)) (blocks []fyne.CanvasObject) {
	var run []widget.RichTextSegment
	flush := func() {
		if len(run) > 0 {
			blocks = append(blocks, newHelpText(run))
			run = nil
		}
	}
	for _, s := range widget.NewRichTextFromMarkdown(markdown).Segments {
		if code, ok := s.(*widget.CodeBlockSegment); ok {
			flush()
			blocks = append(blocks, newCodeBox(code.Text))
			continue
		}
		if t, ok := s.(*widget.TextSegment); ok && t.Style.SizeName == theme.SizeNameSubHeadingText {
			flush()
		}
		lead(s, follow)
		run = append(run, s)
	}
	flush()
	return blocks
}

// lead has the links in a segment followed.
func lead(s widget.RichTextSegment, follow func(id string)) {
	switch s := s.(type) {
	case *widget.HyperlinkSegment:
		if id, ok := topicOf(s.URL); ok {
			s.OnTapped = func() { follow(id) }
		}
	case *widget.ListSegment:
		for _, item := range s.Items {
			lead(item, follow)
		}
	case *widget.ParagraphSegment:
		for _, part := range s.Texts {
			lead(part, follow)
		}
	}
}

func topicOf(u *url.URL) (id string, ok bool) {
	if u == nil || u.Scheme != topicScheme {
		return "", false
	}
	return u.Opaque, true
}

// CreateRenderer is part of fyne.Widget.
func (h *HelpView) CreateRenderer() fyne.WidgetRenderer {
	r := newFace(h.root, nil)
	laid := false
	r.layout = func(size fyne.Size) {
		h.root.Resize(size)
		if !laid && size.Height > 0 {
			// A list without a height has scrolled to what was selected in it.
			laid = true
			h.list.ScrollToTop()
			h.mark()
		}
	}
	return r
}

// helpWidth is the most that a line of text takes: longer ones are hard to read.
const helpWidth = 680

// helpColumn sets blocks one below the other, no wider than can be read.
type helpColumn struct{ width float32 }

func (h *helpColumn) arrange(objects []fyne.CanvasObject, width float32, place bool) (y float32) {
	whole, prose := width, min(width, helpWidth*theme.TextSize()/13)
	for _, o := range objects {
		width := prose
		if c, code := o.(*codeBox); code {
			width = min(whole, max(prose, c.least()))
		}
		if o.Size().Width != width {
			o.Resize(fyne.NewSize(width, o.MinSize().Height)) // its height is known when it has its width
		}
		height := o.MinSize().Height
		if place {
			o.Move(fyne.NewPos(0, y))
			o.Resize(fyne.NewSize(width, height))
		}
		y += height
		if _, code := o.(*codeBox); code {
			y += theme.Padding()
		}
	}
	return y
}

func (h *helpColumn) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(200, h.arrange(objects, max(h.width, 200), false))
}

func (h *helpColumn) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	h.width = size.Width
	h.arrange(objects, size.Width, true)
}

// codeBox is text of fixed width that can be selected and scrolls sideways.
type codeBox struct {
	widget.BaseWidget
	text   *SelectableLabel
	scroll *sidewaysScroll
	back   *canvas.Rectangle
}

// sidewaysScroll leaves the wheel to what it is in, unless that is turned sideways.
type sidewaysScroll struct {
	container.Scroll
	outer *container.Scroll
}

// Scrolled is part of fyne.Scrollable.
func (s *sidewaysScroll) Scrolled(e *fyne.ScrollEvent) {
	if s.outer != nil && e.Scrolled.DX == 0 {
		s.outer.Scrolled(e)
		return
	}
	s.Scroll.Scrolled(e)
}

func newCodeBox(text string) *codeBox {
	c := &codeBox{text: NewSelectableLabel(text), back: canvas.NewRectangle(theme.Color(theme.ColorNameInputBackground))}
	c.text.TextStyle.Monospace = true
	c.text.SizeName = theme.SizeNameCaptionText
	c.scroll = &sidewaysScroll{Scroll: container.Scroll{Content: c.text, Direction: container.ScrollHorizontalOnly}}
	c.scroll.ExtendBaseWidget(c.scroll)
	c.ExtendBaseWidget(c)
	return c
}

// least is the width at which nothing of the text has to be scrolled for.
func (c *codeBox) least() float32 {
	return c.text.MinSize().Width + 2*theme.SizeForWidget(theme.SizeNameInnerPadding, c)
}

func (c *codeBox) CreateRenderer() fyne.WidgetRenderer {
	refresh := func() {
		c.back.FillColor = theme.ColorForWidget(theme.ColorNameInputBackground, c)
		c.back.CornerRadius = theme.SizeForWidget(theme.SizeNameInputRadius, c)
		c.back.Refresh()
		c.scroll.Refresh()
	}
	refresh()
	gap := func() float32 { return theme.SizeForWidget(theme.SizeNameInnerPadding, c) }
	return &faceRenderer{
		objects: []fyne.CanvasObject{c.back, c.scroll},
		layout: func(size fyne.Size) {
			c.back.Move(fyne.NewPos(gap(), 0))
			c.back.Resize(fyne.NewSize(size.Width-2*gap(), size.Height))
			c.scroll.Move(fyne.NewPos(gap(), 0))
			c.scroll.Resize(fyne.NewSize(size.Width-2*gap(), size.Height))
		},
		minSize: func() fyne.Size { return fyne.NewSize(120, c.text.MinSize().Height) },
		refresh: refresh,
	}
}
