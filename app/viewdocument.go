package app

import (
	"fmt"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/capture"
	"wirebench/sessions/framing"
	"wirebench/sessions/xmlsocket"
	"wirebench/widgets"
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
	p := &documentPane{view: v, text: widgets.NewTextView("XML document", "Select a frame to see its document")}
	p.panel = widgets.NewSidePanel("XML document", nil, p.text)
	p.text.OnNotice = v.tell
	p.text.OnMenu = func(pos fyne.Position) {
		menu := fyne.NewMenu("", fyne.NewMenuItem("Copy the selected lines", p.text.Copy), fyne.NewMenuItem("Select all", p.text.SelectAll))
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
		d.note = "The document cannot be read"
		if err != nil {
			d.note += ": " + err.Error()
		}
		d.note += "."
		return d
	}
	name := "Frame " + widgets.FormatCount(f.Number)
	if f.Number == 0 {
		name = "A frame that goes on"
	}
	d.note = fmt.Sprintf("%s, %s %s, ", name, map[capture.Direction]string{capture.In: "from", capture.Out: "to"}[f.Dir], f.Flow.Remote)
	d.note += bytesInWords(size) + ". "
	l := xmlsocket.Lay(doc)
	d.text = l.Text
	trouble := widgets.FrameState(f, index.Framing(f.Dir))
	switch {
	case size > int64(len(doc)):
		d.note += "It is too long to be checked; here is its first " + widgets.FormatSize(int64(len(doc))) + "."
		return d
	case l.WellFormed && trouble == "":
		d.note += "Well-formed."
	case l.WellFormed:
		d.note += "Not whole: " + trouble + "."
	case l.Unchecked:
		d.note += fmt.Sprintf("Not checked: %s (line %d, column %d).", l.Problem, l.Line, l.Column)
	default:
		d.note += fmt.Sprintf("Not well-formed: line %d, column %d: %s.", l.Line, l.Column, l.Problem)
		if trouble != "" {
			d.note += " Not whole: " + trouble + "."
		}
	}
	d.wrong = l.Wrong
	return d
}

// bytesInWords is "1 byte", "12 bytes".
func bytesInWords(n int64) string {
	if n == 1 {
		return "1 byte"
	}
	return widgets.FormatCount(n) + " bytes"
}
