package app

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/capture"
	"wirebench/sessions/charset"
	"wirebench/sessions/inspect"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// maxText is how many bytes are shown as text at once.
const maxText = 1 << 20

// textPane shows bytes as text, in lines that wrap: what is selected, or else
// the newest of the bytes shown, which it follows. Reading and decoding happen
// beside the window.
type textPane struct {
	view  *trafficView
	panel *widgets.SidePanel
	text  *widgets.TextView
	of    textOf // that is shown, or on its way

	mu      sync.Mutex // guards the rest
	asked   int        // tells late texts from the one that is wanted
	reading bool       // the one wanted is on its way
	result  *laidText  // that came and is not shown yet
}

// textOf is what a text is made of.
type textOf struct {
	stream  capture.Stream
	off, n  int64
	parts   int // the bytes are in so many places
	newest  bool
	charset string // by name
	little  bool   // where the charset has both byte orders
	only    *capture.Thread
}

// laidText is bytes as text.
type laidText struct{ text, note string }

// openText shows the bytes as text, or puts that away.
func (v *trafficView) openText() {
	if v.texts != nil {
		v.closeAside()
		return
	}
	p := &textPane{view: v, text: widgets.NewTextView(words.Say("Text"), words.Say("No text yet"))}
	p.panel = widgets.NewSidePanel(words.Say("Text"), nil, p.text)
	p.text.OnNotice = v.tell
	p.text.OnMenu = func(pos fyne.Position) {
		menu := fyne.NewMenu("", fyne.NewMenuItem(words.Say("Copy the selected lines"), p.text.Copy), fyne.NewMenuItem(words.Say("Select all"), p.text.SelectAll),
			fyne.NewMenuItem(words.Say("Charset of text…"), v.bench.askCharset))
		widget.ShowPopUpMenuAtPosition(menu, v.bench.win.Canvas(), pos)
	}
	v.openAside(p.panel, func() {
		p.ask() // what is on its way is late
		v.texts = nil
	})
	v.texts = p
	v.bench.rebuildMenu()
	p.tick()
	p.text.Focus(v.bench.win.Canvas())
}

// ask begins to wait for another text.
func (p *textPane) ask() (serial int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked++
	p.result, p.reading = nil, true
	return p.asked
}

// wanted reports whether a text is still waited for.
func (p *textPane) wanted(serial int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked == serial
}

// tick shows what has come, and follows the selection and the bytes that come.
func (p *textPane) tick() {
	p.mu.Lock()
	result, reading := p.result, p.reading
	p.result = nil
	p.mu.Unlock()
	if result != nil {
		p.panel.SetNote(result.note)
		p.text.SetText(result.text, 0)
		if p.of.newest {
			p.text.ScrollToEnd()
		}
	}
	span, of := p.now()
	if of == p.of || reading && of.newest && p.of.newest && of.stream == p.of.stream && of.charset == p.of.charset && of.only == p.of.only {
		return // a text that only grows is read again when it has come
	}
	wait := time.Duration(0)
	if of.newest && p.of.newest {
		wait = followEvery
	}
	p.of = of
	serial, in := p.ask(), p.view.bench.space.View.charset().In(of.little)
	p.view.bench.work.Go(func() {
		select {
		case <-time.After(wait):
		case <-p.view.ctx.Done():
			return
		}
		laid := layText(span, of, in, func() bool { return p.wanted(serial) })
		p.mu.Lock()
		defer p.mu.Unlock()
		if serial == p.asked {
			p.result, p.reading = &laid, false
			p.view.frames.moved.Add(1)
		}
	})
}

// now is what is to be shown.
func (p *textPane) now() (s byteSpan, of textOf) {
	v := p.view
	c := v.bench.space.View
	of = textOf{stream: v.stream, charset: c.charset().Name(), little: c.LittleEndian, only: v.thread}
	s, selected := v.span()
	if !selected || v.following {
		t := v.bytes().Stats()
		from, end := t.StreamStart(v.stream), t.StreamEnd(v.stream)
		s = byteSpan{view: v, src: v.bytes(), stream: v.stream, off: max(from, end-maxText)}
		s.n = end - s.off
		of.newest = true
	}
	of.off, of.n, of.parts = s.off, s.n, len(s.parts)
	return s, of
}

// layText reads bytes and makes them text, for as long as that is wanted. Where
// both directions or several connections are among them, each line of another
// one begins with where it goes.
func layText(s byteSpan, of textOf, in *charset.Charset, wanted func() bool) laidText {
	if s.n == 0 {
		return laidText{}
	}
	t := textWriter{charset: in, sides: map[textSide]*textLane{}, arrows: s.stream == capture.Both && s.parts == nil}
	size := min(s.n, maxText)
	buf := make([]byte, min(size, spanChunk))
	for at := int64(0); at < size; {
		if !wanted() {
			return laidText{}
		}
		b := buf[:min(int64(len(buf)), size-at)]
		var side textSide
		if s.parts == nil {
			r, err := s.src.At(s.stream, s.off+at)
			if err != nil {
				return t.end(s, of, at, err)
			}
			side = textSide{r.Flow, r.Dir}
			b = b[:min(int64(len(b)), r.In(s.stream)+int64(r.Len)-s.off-at)]
		}
		n, err := s.ReadAt(b, at)
		t.write(side, b[:n])
		if at += int64(n); n < len(b) {
			return t.end(s, of, at, err)
		}
	}
	return t.end(s, of, size, nil)
}

// textSide is who says something: one side of a connection.
type textSide struct {
	flow capture.Flow
	dir  capture.Direction
}

// textLane is what one side says.
type textLane struct {
	decoder *charset.Decoder
	rest    []byte // of a character that is not whole yet
}

// textWriter puts together what several sides say.
type textWriter struct {
	charset *charset.Charset
	arrows  bool
	sides   map[textSide]*textLane
	last    textSide
	begun   bool
	marks   int // combining marks on the last character
	out     strings.Builder
}

// maxMarks bounds the marks on a character, which otherwise climb over the lines above.
const maxMarks = 4

func (t *textWriter) write(side textSide, b []byte) {
	lane := t.sides[side]
	if lane == nil {
		lane = &textLane{decoder: t.charset.NewDecoder()}
		t.sides[side] = lane
	}
	if t.arrows && (!t.begun || side != t.last) {
		t.turn(side)
	}
	t.last, t.begun = side, true
	if len(lane.rest) > 0 {
		b = append(lane.rest, b...)
	}
	lane.rest = append([]byte(nil), t.decode(lane, b, false)...)
}

// turn begins a line of another side.
func (t *textWriter) turn(side textSide) {
	if t.begun && !strings.HasSuffix(t.out.String()[max(0, t.out.Len()-1):], "\n") {
		t.out.WriteByte('\n')
	}
	arrow := "→ "
	if side.dir == capture.In {
		arrow = "← "
	}
	t.out.WriteString(arrow)
}

// decode writes the characters of b and returns what is no whole one.
func (t *textWriter) decode(lane *textLane, b []byte, atEnd bool) []byte {
	for len(b) > 0 {
		c := lane.decoder.Next(b, atEnd)
		if c.Missing > 0 {
			return b
		}
		if !c.Valid {
			for _, x := range b[:c.Size] {
				fmt.Fprintf(&t.out, `\x%02x`, x)
			}
		} else if c.Rune != charset.NoRune {
			t.put(c.Rune)
			if c.Mark != charset.NoRune {
				t.put(c.Mark)
			}
		}
		b = b[c.Size:]
	}
	return nil
}

// pictures are of control characters. Unicode has a block of its own for them
// (U+2400), which fonts of code mostly lack.
var pictures = map[rune]string{'\n': "↵\n", '\r': "↩", '\t': "⇥", 0: "∅", 0x1b: "⎋", 0x7f: "⌫"}

// put writes a character, one that cannot be seen as a picture of it or by its
// number.
func (t *textWriter) put(r rune) {
	picture := pictures[r]
	switch {
	case picture != "":
		t.out.WriteString(picture)
	case r < ' ':
		fmt.Fprintf(&t.out, `\x%02x`, r)
	case unicode.In(r, unicode.Mn, unicode.Me):
		if t.marks++; t.marks <= maxMarks {
			t.out.WriteRune(r)
		} else {
			fmt.Fprintf(&t.out, `\u{%x}`, r)
		}
		return
	case inspect.Visible(r):
		t.out.WriteRune(r)
	default:
		fmt.Fprintf(&t.out, `\u{%x}`, r)
	}
	t.marks = 0
}

// end is the text, with what is to be said of it.
func (t *textWriter) end(s byteSpan, of textOf, read int64, err error) laidText {
	for _, lane := range t.sides {
		t.decode(lane, lane.rest, true)
	}
	note := words.Say("%s, as %s. // bytes, and the charset they are read in", s, of.charset)
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		note += " " + words.Say("The byte at %s cannot be read: %s.", fmt.Sprintf("0x%x", s.off+read), err)
	case read < s.n:
		note += " " + words.Say("Here are the first %s.", widgets.FormatSize(read))
	case of.newest && s.off > 0:
		note += " " + words.Say("What came before is not shown: select it to read it.")
	}
	return laidText{text: t.out.String(), note: note}
}
