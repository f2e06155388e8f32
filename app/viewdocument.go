package app

import (
	"strconv"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/capture"
	"wirebench/sessions/framing"
	"wirebench/sessions/xmlsocket"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// documentPane shows the payload of a frame as an XML document laid out for reading, and follows the selection while it
// is there. Reading and laying out happens beside the window.
type documentPane struct {
	view  *trafficView
	panel *widgets.SidePanel
	text  *widgets.TextView
	of    framing.Frame // that is shown, or on its way; Len is 0 for none

	mu     sync.Mutex // guards the rest
	asked  int        // tells late documents from the one that is wanted
	result *document  // that came and is not shown yet
}

// document is a frame's payload laid out.
type document struct {
	text, note string
	wrong      int // line that is marked, from 1; 0 for none
}

// openDocument shows the selected frame as an XML document, or puts it away.
func (v *trafficView) openDocument() {
	if v.frames.document != nil {
		v.closeAside()
		return
	}
	p := &documentPane{view: v, text: widgets.NewTextView(words.Say("XML document"), words.Say("Select a frame to see its document"))}
	p.panel = widgets.NewSidePanel(words.Say("XML document"), nil, p.text)
	p.text.OnNotice = v.tell
	p.text.OnMenu = func(pos fyne.Position) {
		menu := fyne.NewMenu("", fyne.NewMenuItem(words.Say("Copy the selected lines"), p.text.Copy), fyne.NewMenuItem(words.Say("Select all"), p.text.SelectAll))
		widget.ShowPopUpMenuAtPosition(menu, v.bench.win.Canvas(), pos)
	}
	v.openAside(p.panel, func() {
		p.ask() // what is on its way is late
		v.frames.document = nil
	})
	v.frames.document = p
	v.bench.rebuildMenu()
	p.tick()
	if p.of.Len == 0 { // nothing is selected: the newest, as the inspector does
		v.followed = 0
		v.followNewest()
	}
	p.text.Focus(v.bench.win.Canvas())
}

// ask begins to wait for another document.
func (p *documentPane) ask() (serial int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked++
	p.result = nil
	return p.asked
}

// clear shows nothing.
func (p *documentPane) clear() {
	p.ask()
	p.of = framing.Frame{}
	p.panel.SetNote("")
	p.text.SetText("", 0)
}

// follow shows a frame, if it is another one or there is more of it.
func (p *documentPane) follow(f *framing.Frame) {
	index := p.view.framed()
	if index == nil || f.Kind != capture.Data || *f == p.of {
		return
	}
	p.of = *f
	serial, of := p.ask(), *f
	p.view.bench.work.Go(func() {
		d := layDocument(index, &of)
		p.mu.Lock()
		defer p.mu.Unlock()
		if serial == p.asked {
			p.result = &d
			p.view.frames.moved.Add(1)
		}
	})
}

// tick shows what has come, and follows the frame that is selected while that grows.
func (p *documentPane) tick() {
	if f, ok := p.view.list.SelectedFrame(); ok {
		p.follow(&f)
	}
	p.mu.Lock()
	d := p.result
	p.result = nil
	p.mu.Unlock()
	if d != nil {
		p.panel.SetNote(d.note)
		p.text.SetText(d.text, d.wrong)
	}
}

// layDocument reads the payload of a frame, as far as documents are checked, and lays it out.
func layDocument(index *framing.Index, f *framing.Frame) (d document) {
	from, to := f.Payload()
	from = max(from, f.Lost)
	size := max(to-from, 0)
	doc := make([]byte, min(size, xmlsocket.MaxSize))
	if n, err := index.ReadAt(f, doc, from); n < len(doc) {
		d.note = words.Say("The document cannot be read.")
		if err != nil {
			d.note = words.Say("The document cannot be read: %s.", err)
		}
		return d
	}
	d.note = frameInWords(f, size) + " "
	l := xmlsocket.Lay(doc)
	d.text = l.Text
	trouble := widgets.FrameState(f, index.Framing(f.Dir))
	switch {
	case size > int64(len(doc)):
		d.note += words.Say("It is too long to be checked; here is its first %s.", widgets.FormatSize(int64(len(doc))))
		return d
	case l.WellFormed && trouble == "":
		d.note += words.Say("Well-formed.")
	case l.WellFormed:
		d.note += words.Say("Not whole: %s.", trouble)
	case l.Unchecked:
		d.note += words.Say("Not checked: %s (line %s, column %s).", l.Problem, strconv.Itoa(l.Line), strconv.Itoa(l.Column))
	default:
		d.note += words.Say("Not well-formed: line %s, column %s: %s.", strconv.Itoa(l.Line), strconv.Itoa(l.Column), l.Problem)
		if trouble != "" {
			d.note += " " + words.Say("Not whole: %s.", trouble)
		}
	}
	d.wrong = l.Wrong
	return d
}

// frameInWords says which frame it is, with a payload of so many bytes.
func frameInWords(f *framing.Frame, size int64) string {
	switch in := f.Dir == capture.In; {
	case f.Number == 0 && in:
		return words.Say("A frame that goes on, from %s, %s.", f.Flow.Remote, bytesInWords(size))
	case f.Number == 0:
		return words.Say("A frame that goes on, to %s, %s.", f.Flow.Remote, bytesInWords(size))
	case in:
		return words.Say("Frame %d, from %s, %s.", f.Number, f.Flow.Remote, bytesInWords(size))
	}
	return words.Say("Frame %d, to %s, %s.", f.Number, f.Flow.Remote, bytesInWords(size))
}

// bytesInWords is "1 byte", "12 bytes".
func bytesInWords(n int64) string { return words.Many(n, "%d byte", "%d bytes") }
