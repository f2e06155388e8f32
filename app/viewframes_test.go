package app

import (
	"encoding/binary"
	"io"
	"net"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"wirebench/sessions"
	"wirebench/sessions/capture"
	"wirebench/sessions/compose"
	"wirebench/sessions/framing"
	"wirebench/widgets"
)

var u16 = framing.Framing{Kind: framing.Prefix, Width: 2}

// framed is p with its length before it.
func framed(p string) string { return string(binary.BigEndian.AppendUint16(nil, uint16(len(p)))) + p }

// says is a tab whose peer has said these pieces, each of them a read: the next is said when the last has come.
func says(t *testing.T, w *workbench, pieces ...string) *clientTab {
	t.Helper()
	tab, say := speaker(t, w)
	for _, p := range pieces {
		say(p)
	}
	return tab
}

// speaker is a tab, and what has its peer say something and waits until that has come.
func speaker(t *testing.T, w *workbench) (tab *clientTab, say func(piece string)) {
	t.Helper()
	peers := make(chan net.Conn, 1)
	tab = connect(t, w, serve(t, listenTCP(t), func(c net.Conn) {
		peers <- c
		io.Copy(io.Discard, c)
	}))
	peer := <-peers
	return tab, func(piece string) {
		t.Helper()
		want := tab.traffic.log.Stats().InBytes + int64(len(piece))
		if _, err := io.WriteString(peer, piece); err != nil {
			t.Fatal(err)
		}
		until(t, w, "what the peer says", func() bool { return tab.traffic.log.Stats().InBytes == want })
	}
}

// listed is the frames that a view's list shows, by payload, with events as their kind.
func listed(t *testing.T, v *trafficView) string {
	t.Helper()
	x := v.framed()
	if x == nil {
		t.Fatal("no frames are shown")
	}
	frames := make([]framing.Frame, 1000)
	n, _ := x.Frames(frames, 1)
	var words []string
	for _, f := range frames[:n] {
		if f.Kind != capture.Data {
			words = append(words, f.Kind.String())
			continue
		}
		from, to := f.Payload()
		b, err := frameBytes(x, &f, from, to, maxCopied)
		if err != nil {
			t.Fatal(err)
		}
		words = append(words, f.Dir.String()+":"+string(b))
	}
	return strings.Join(words, " ")
}

func TestATabShowsFramesAndReadsAgain(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	stream := framed("hello") + framed("across two reads") + framed("third") + "\x01\x2chalf"
	tab := says(t, w, stream[:12], stream[12:30], stream[30:])
	v := tab.traffic
	before := v.log.Stats()
	w.run(t, "Length first: u16, big-endian")
	if v.frames.in != u16 || v.frames.out != u16 {
		t.Fatalf("the framing is %v, %v", v.frames.in, v.frames.out)
	}
	until(t, w, "the frames", func() bool { return v.framed().Stats().Last == 5 })
	if got, want := listed(t, v), "open open in:hello in:across two reads in:third"; got != want {
		t.Fatalf("the list shows %q, want %q", got, want)
	}

	// A frame selects its bytes, across reads, and its payload is read as a value.
	v.list.Update()
	v.list.SelectListed(4)
	until(t, w, "frame 4's bytes", func() bool { off, n := v.hex.Selection(); return off == 7 && n == 18 })
	until(t, w, "its payload as a value", func() bool { return inspected(v) == "offset 0x9 (9), payload of 16 bytes" })
	// And a byte shows its frame.
	v.hex.GoTo(26)
	until(t, w, "frame 5 of byte 26", func() bool { f, _ := v.list.SelectedFrame(); return f.Number == 5 })
	v.hex.GoTo(int64(len(stream)) - 1)
	until(t, w, "what goes on, of the last byte", func() bool {
		f, ok := v.list.SelectedFrame()
		return ok && f.Number == 0 && f.Len == 6 && f.Declared == 302
	})

	w.run(t, "Reads and writes as they were")
	if v.framed() != nil || v.list.ShowsFrames() {
		t.Error("frames are still shown")
	}
	first, err := v.log.At(capture.Both, int64(len(stream))-6) // how many reads it came in is the system's choice
	if err != nil {
		t.Fatal(err)
	}
	until(t, w, "the record with the frame's first byte", func() bool { r, ok := v.list.Selected(); return ok && r.Number == first.Number })
	if after := v.log.Stats(); after.Version != before.Version || after.InRecords != before.InRecords {
		t.Error("cutting touched the capture")
	}
}

// inspected is what the inspector says of where it stands.
func inspected(v *trafficView) string {
	for _, o := range test.LaidOutObjects(v.inspector) {
		if text, ok := o.(*canvas.Text); ok && strings.HasPrefix(text.Text, "offset") {
			return text.Text
		}
	}
	return ""
}

func TestEachDirectionIsCutItsOwnWay(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := says(t, w, "one\ntwo\n")
	v := tab.traffic
	v.framingForm.OnUse(framing.LF, u16)
	tab.composer.SetText(`\0\x02hi\0\x01!`)
	w.run(t, "Send")
	until(t, w, "the frames", func() bool { st := v.framed().Stats(); return st.In == 2 && st.Out == 2 })
	got := listed(t, v)
	for _, want := range []string{"in:one in:two", "out:hi out:!"} {
		if !strings.Contains(got, want) {
			t.Errorf("the list shows %q", got)
		}
	}

	s, _ := tab.saved()
	if s.FramingIn != "lf" || s.FramingOut != "u16be" {
		t.Fatalf("saved as %q, %q", s.FramingIn, s.FramingOut)
	}
	again, err := newClientTab(w, s)
	if err != nil {
		t.Fatal(err)
	}
	defer again.close()
	if x := again.traffic; x.frames.in != framing.LF || x.frames.out != u16 || x.framed() == nil {
		t.Errorf("the tab came back with %v and %v", x.frames.in, x.frames.out)
	}
}

func TestWhatWasSavedAndIsNoFramingIsReads(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := w.newClient(savedTab{Kind: "tcp", FramingIn: "u16", FramingOut: "nonsense"})
	if tab.traffic.framed() != nil {
		t.Error("frames are shown")
	}
}

func TestFramesAreFilteredByDirectionAndText(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := says(t, w, "apple\nba", "nana\ncherry\n")
	v := tab.traffic
	v.setFramings(framing.LF, framing.LF)
	tab.composer.SetText(`banana bread\n`)
	w.run(t, "Send")
	until(t, w, "the frames", func() bool { st := v.framed().Stats(); return st.In == 3 && st.Out == 1 })
	filter := func(s widgets.FilterSpec) string {
		v.filterBar.SetSpec(s)
		v.filterBar.OnChanged(v.filterBar.Spec())
		until(t, w, "cut anew", func() bool { st := v.framed().Stats(); return st.Done == st.Total })
		return listed(t, v)
	}
	text := func(s string) widgets.Pattern { return widgets.Pattern{Text: s, Bytes: []byte(s)} }
	if got := filter(widgets.FilterSpec{Pattern: text("BANANA"), Direction: widgets.FilterIn}); got != "in:banana" {
		t.Errorf("with a text, one way: %q", got)
	}
	if got := filter(widgets.FilterSpec{Direction: widgets.FilterOut}); got != "out:banana bread" {
		t.Errorf("one way: %q", got)
	}
	if got := filter(widgets.FilterSpec{}); strings.Count(got, "in:") != 3 || strings.Count(got, "open") != 2 {
		t.Errorf("all: %q", got)
	}
}

func TestAServerTabCutsEachClientByItself(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := listenTab(t, w, nil)
	v := tab.traffic
	v.setFramings(framing.LF, framing.LF)
	one, two := join(t, w, tab), join(t, w, tab)
	for _, s := range []struct {
		c    net.Conn
		text string
	}{{one, "he"}, {two, "good "}, {one, "llo\n"}, {two, "day\nand"}} {
		was := v.log.Stats().InBytes
		io.WriteString(s.c, s.text)
		until(t, w, "it to come", func() bool { return v.log.Stats().InBytes == was+int64(len(s.text)) })
	}
	until(t, w, "both lines", func() bool { return v.framed().Stats().In == 2 })
	if got := listed(t, v); !strings.HasSuffix(got, "in:hello in:good day") {
		t.Errorf("the list shows %q", got)
	}
	// The bytes of the second lie between those of the first: all of them are selected.
	number := v.framed().Stats().Last
	v.list.Update()
	v.list.SelectListed(number)
	until(t, w, "all parts of the frame", func() bool { return len(v.hex.Parts()) == 2 })
	if got := v.hex.Parts(); got[0] != (widgets.HexRange{Off: 2, Len: 5}) || got[1] != (widgets.HexRange{Off: 11, Len: 4}) {
		t.Errorf("the frame's bytes are %v", got)
	}
	all, ok := v.span()
	b := make([]byte, 9)
	if n, err := all.ReadAt(b, 0); !ok || all.n != 9 || n != 9 || string(b) != "good day\n" {
		t.Errorf("%d bytes, %q are selected: %v", all.n, b[:n], err)
	}
	if _, after := all.around(); string(after) != "and" {
		t.Errorf("behind it stands %q", after)
	}
	if got := v.hex.CopyAs(hexWords); got != "67 6f 6f 64 20 64 61 79 0a" {
		t.Errorf("copied is %q", got)
	}
	v.hex.GoTo(0)
	if got := v.hex.Parts(); got != nil {
		t.Errorf("%v are still selected", got)
	}
	v.list.ClearSelection()
	// And they are in a row where they are shown alone.
	tab.clients.list.Select([]int64{2})
	until(t, w, "one client's", func() bool { x := v.framed(); st := x.Stats(); return st.In == 1 && st.Done == st.Total })
	if got := listed(t, v); got != "open open in:good day" {
		t.Errorf("the list shows %q for one client", got)
	}
	until(t, w, "its bytes", func() bool { return v.bytes().Stats().InBytes == 12 })
	v.list.SelectListed(3)
	until(t, w, "the frame's bytes", func() bool { off, n := v.hex.Selection(); return off == 0 && n == 9 })
}

func TestXMLOffersTheZeroByteAndMarksWhatIsNone(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := says(t, w, "<a>1</a>\x00<b></a>\x00")
	v := tab.traffic
	w.run(t, "XML documents (XMLSocket)")
	if tab.composer.Ending() != compose.None {
		t.Error("the ending was changed without a question")
	}
	notice, _ := v.banner.Notice()
	if len(notice.Actions) != 1 || !strings.Contains(notice.Text, "zero byte") {
		t.Fatalf("the banner shows %+v", notice)
	}
	notice.Actions[0].Run()
	if tab.composer.Ending() != compose.NUL {
		t.Errorf("the ending is %v", tab.composer.Ending())
	}
	tab.composer.SetText("<mine/>")
	w.run(t, "Send")
	until(t, w, "what was sent", func() bool { return v.framed().Stats().Out == 1 })
	if !strings.Contains(listed(t, v), "out:<mine/>") {
		t.Errorf("the list shows %q", listed(t, v))
	}
	until(t, w, "both documents to be checked", func() bool {
		v.list.Update()
		v.frames.marks.mu.Lock()
		defer v.frames.marks.mu.Unlock()
		return len(v.frames.marks.known) == 3
	})
	marks := 0
	for _, text := range v.frames.marks.known {
		if strings.HasPrefix(text, "not well-formed: line 1, column ") {
			marks++
		} else if text != "" {
			t.Errorf("a document is marked %q", text)
		}
	}
	if marks != 1 {
		t.Errorf("%d documents are marked", marks)
	}
}

func TestEveryCopiedDocumentSaysWhetherItIsWellFormed(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	const documents = 600 // of which a screen shows the last few
	tab := says(t, w, strings.Repeat("<a>1</a>\x00<b></a>\x00", documents/2))
	v := tab.traffic
	v.setFramings(framing.Framing{Kind: framing.XML}, framing.Framing{Kind: framing.XML})
	until(t, w, "the documents", func() bool { return v.framed().Stats().In == documents })
	v.list.Update()
	v.list.Focus(w.win.Canvas())
	clipboard := w.app.Clipboard()
	clipboard.SetContent("")
	v.list.SelectListed(3)
	w.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyHome})
	if s, ok := w.win.Canvas().Focused().(fyne.Shortcutable); ok {
		s.TypedShortcut(&fyne.ShortcutSelectAll{})
		s.TypedShortcut(&fyne.ShortcutCopy{})
	}
	w.settle()
	if n := strings.Count(clipboard.Content(), "\tnot well-formed: line 1"); n != documents/2 {
		t.Errorf("%d of %d rows say that they are not well-formed", n, documents/2)
	}
}

func TestDatagramsAreNotCut(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := w.newUDP(savedTab{FramingIn: "lf", FramingOut: "lf"})
	if tab.traffic.framingBar.Visible() || tab.traffic.framed() != nil {
		t.Error("a framing is offered for datagrams")
	}
	for _, a := range w.actions {
		if a.sub == "Framing" && a.usable() {
			t.Errorf("%q can be chosen", a.name)
		}
	}
}

func TestTheNewestFrameIsInspectedWhileItIsFollowed(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab, say := speaker(t, w)
	say(framed("old") + framed("new"))
	v := tab.traffic
	v.setFramings(u16, u16)
	until(t, w, "the newer payload in the inspector", func() bool { return inspected(v) == "offset 0x7 (7), payload of 3 bytes" })
	say(framed("newest"))
	until(t, w, "the newest payload in the inspector", func() bool { return inspected(v) == "offset 0xc (12), payload of 6 bytes" })
}

func TestAPayloadIsWhereItCameAndNotBehindItsLength(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := listenTab(t, w, nil)
	v := tab.traffic
	v.setFramings(u16, u16)
	one, two := join(t, w, tab), join(t, w, tab)
	for _, s := range []struct {
		c    net.Conn
		text string
	}{{one, "\x00\x03"}, {two, "\x00"}, {one, "abc"}} {
		was := v.log.Stats().InBytes
		io.WriteString(s.c, s.text)
		until(t, w, "it to come", func() bool { return v.log.Stats().InBytes == was+int64(len(s.text)) })
	}
	until(t, w, "the payload in the inspector", func() bool { return inspected(v) == "offset 0x3 (3), payload of 3 bytes" })
}

// counted is what the filter's line says of how much is listed.
func counted(v *trafficView) string {
	for _, o := range test.LaidOutObjects(v.filterBar) {
		if text, ok := o.(*canvas.Text); ok && (strings.Contains(text.Text, "frame") || strings.Contains(text.Text, "unfinished")) {
			return text.Text
		}
	}
	return ""
}

func TestFramesThatHaveNotEndedAreCounted(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := says(t, w, "\x00\x09half")
	v := tab.traffic
	v.setFramings(u16, u16)
	until(t, w, "the unfinished frame in the count", func() bool { return strings.HasSuffix(counted(v), ", 1 unfinished") })
	v.spec = widgets.FilterSpec{Pattern: widgets.Pattern{Text: "nothing", Bytes: []byte("nothing")}}
	v.filterBar.SetSpec(v.spec)
	v.relist()
	until(t, w, "none of it with a filter", func() bool { return counted(v) == "0 of 1 frame" })
}

func TestAnOpenedCaptureIsCutAsItWasSaved(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := says(t, w, "one\ntwo\n")
	files := tab.traffic.log.Files()
	tab.disconnect()
	until(t, w, "closed", func() bool { return tab.info.State == sessions.Closed })
	w.restore(savedTab{Kind: "capture", Files: files, FramingIn: "lf", FramingOut: "raw"})
	w.settle()
	opened := w.strip.tabs[1].(*captureTab)
	until(t, w, "its frames", func() bool { return opened.traffic.framed().Stats().In == 2 })
	if got := listed(t, opened.traffic); !strings.Contains(got, "in:one in:two") {
		t.Errorf("the list shows %q", got)
	}
	s, _ := opened.saved()
	if s.FramingIn != "lf" || s.FramingOut != "raw" {
		t.Errorf("saved as %q, %q", s.FramingIn, s.FramingOut)
	}
	index := opened.traffic.framed()
	opened.close()
	if _, err := index.Frame(1); err == nil {
		t.Error("the capture is still read after its tab was closed")
	}
}

func TestAFrameAmongOthersIsGoneTo(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := says(t, w, "a\nb\nc\n")
	v := tab.traffic
	v.setFramings(framing.LF, framing.LF)
	until(t, w, "the frames", func() bool { return v.framed().Stats().In == 3 })
	v.list.Update()
	if err := v.goTo(place{record: 4}); err != nil {
		t.Fatal(err)
	}
	until(t, w, "frame 4's bytes", func() bool { off, n := v.hex.Selection(); return off == 2 && n == 2 })
	if err := v.goTo(place{record: 9}); err == nil || !strings.Contains(err.Error(), "no frame 9") {
		t.Errorf("%v", err)
	}
}

// shown is the document in the panel with what is said of it.
func shown(v *trafficView) (text, note string) {
	p := v.frames.document
	if p == nil {
		return "", ""
	}
	text, _ = p.text.CopyText()
	return text, p.panel.Note()
}

func TestADocumentIsShownIndentedAndFollowsTheSelection(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	bomb := `<!DOCTYPE a [<!ENTITY b "xx"><!ENTITY c "&b;&b;">]><a>&c;</a>`
	tab := says(t, w, "<a><b>1</b><c/></a>\x00<a>\n<b></a>\x00", bomb+"\x00", "<half")
	v := tab.traffic
	w.run(t, "XML documents (XMLSocket)")
	until(t, w, "the documents", func() bool { return v.framed().Stats().In == 3 && len(v.framed().Growing(nil)) == 1 })
	w.run(t, "XML document, indented")
	show := func(what, text, note string) {
		t.Helper()
		until(t, w, what, func() bool {
			got, said := shown(v)
			return got == text && strings.Contains(said, note)
		})
	}
	show("the newest that is whole", "<!DOCTYPE a [<!ENTITY b \"xx\"><!ENTITY c \"&b;&b;\">]>\n<a>\n&c;</a>", "Not well-formed: line 1, column 55")
	v.list.SelectListed(3)
	show("the first", "<a>\n  <b>1</b>\n  <c/>\n</a>", "19 bytes. Well-formed.")
	v.list.SelectListed(4)
	show("what is not well-formed", "<a>\n  <b>\n</a>", "Not well-formed: line 2, column 4: </a> comes before <b> of line 2 is closed.")
	v.list.SelectListed(6)
	show("what goes on", "<half", "Not whole: goes on.")
	w.run(t, "Reads and writes as they were")
	if v.frames.document != nil || v.aside.panel != nil {
		t.Error("the panel stays although no frames are shown")
	}
	w.run(t, "XML documents (XMLSocket)")
	w.run(t, "XML document, indented")
	w.run(t, "XML document, indented")
	if v.aside.panel != nil {
		t.Error("the panel cannot be put away")
	}
}

func TestAHugeDocumentIsShownUpToABound(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	huge := "<a>" + strings.Repeat("<b/>", 1<<19) + "</a>\x00"
	deep := strings.Repeat("<d>", 100_000) + "\x00"
	tab := says(t, w, huge, deep)
	v := tab.traffic
	v.setFramings(framing.Framing{Kind: framing.XML}, framing.Framing{Kind: framing.XML})
	until(t, w, "the documents", func() bool { return v.framed().Stats().In == 2 })
	w.run(t, "XML document, indented")
	v.list.Update()
	v.list.SelectListed(3)
	until(t, w, "the huge one", func() bool {
		text, note := shown(v)
		return len(text) > 1<<20 && len(text) < 5<<20 && strings.Contains(note, "too long to be checked; here is its first 1.0 MiB")
	})
	v.list.SelectListed(4)
	until(t, w, "the deep one", func() bool {
		_, note := shown(v)
		return strings.Contains(note, "Not checked: elements are inside one another deeper than 256")
	})
}
