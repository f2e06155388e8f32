package widgets

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
)

func TestFuzzySearchPutsTheLikelyNameFirst(t *testing.T) {
	names := []string{"Reconnect", "Close tab", "Connect", "Go to offset…", "Disconnect", "Toggle inspector", "Copy as hex", "New TCP tab"}
	for query, want := range map[string]string{
		"con": "Connect", "connect": "Connect", "rec": "Reconnect", "gto": "Go to offset…", "offset": "Go to offset…",
		"ct": "Close tab", "cl": "Close tab", "ntt": "New TCP tab", "cah": "Copy as hex", "dis": "Disconnect", "GO TO": "Go to offset…", "insp": "Toggle inspector",
	} {
		got := fuzzyRank(query, names)
		if len(got) == 0 || names[got[0]] != want {
			t.Errorf("%q finds %v first, want %q", query, got, want)
		}
	}
	if got := fuzzyRank("xyz", names); len(got) != 0 {
		t.Errorf("letters in no name found %v", got)
	}
	if got := fuzzyRank("", names); !slices.Equal(got, []int{0, 1, 2, 3, 4, 5, 6, 7}) {
		t.Errorf("nothing typed gives %v, want the given order", got)
	}
	if got := fuzzyRank("co", []string{"Export the capture of one", "Close"}); got[0] != 1 {
		t.Error("letters far apart beat letters close together")
	}
	if _, ok := fuzzyScore([]rune("ab"), "ba"); ok {
		t.Error("the letters must be in order")
	}
}

func FuzzFuzzyScore(f *testing.F) {
	f.Add("con", "Reconnect")
	f.Add("\u0130", "i\u0307")
	f.Fuzz(func(t *testing.T, query, name string) {
		got := fuzzyRank(query, []string{name})
		if len(got) > 1 {
			t.Fatal("one name, several hits")
		}
	})
}

func newTestPalette(t *testing.T, extra int) (*Palette, fyne.Window, *[]string) {
	var ran []string
	run := func(s string) func() { return func() { ran = append(ran, s) } }
	cmds := []Command{
		{Name: "Connect", Shortcut: "Enter", Enabled: true, Run: run("connect")},
		{Name: "Disconnect", Enabled: false, Why: "not connected", Run: run("disconnect")},
		{Name: "New TCP tab", Shortcut: "Ctrl+T", Enabled: true, Run: run("tab")},
		{Name: "Find in the stream", Shortcut: "Ctrl+F", Enabled: true, Run: run("find")},
		{Name: "Go to offset…", Shortcut: "Ctrl+G", Enabled: true, Run: run("goto")},
		{Name: "Export the capture as pcapng, hex dump, JSON Lines or raw bytes of one direction…", Shortcut: "Ctrl+Shift+E", Enabled: true, Run: run("export")},
		{Name: "Close tab", Shortcut: "Ctrl+W", Enabled: true, Run: run("close")},
	}
	for i := range extra {
		cmds = append(cmds, Command{Name: "Extra " + FormatCount(int64(i)), Enabled: true, Run: run("extra")})
	}
	p := NewPalette(func() []Command { return cmds })
	w := stage(t, container.NewVBox(widget.NewLabel("window"), widget.NewEntry()), fyne.NewSize(900, 600))
	p.Show(w.Canvas())
	return p, w, &ran
}

func TestTheChosenCommandRunsAfterThePaletteHasGone(t *testing.T) {
	p, w, ran := newTestPalette(t, 0)
	var visible []bool
	p.OnClosed = func() { visible = append(visible, p.Visible()) }
	typing(w, "gto")
	press(w, fyne.KeyReturn)
	if !slices.Equal(*ran, []string{"goto"}) || p.Visible() || !slices.Equal(visible, []bool{false}) {
		t.Errorf("ran %q, visible %v, told %v", *ran, p.Visible(), visible)
	}
	p.Show(w.Canvas())
	if p.entry.Text != "" || len(p.found) != 7 {
		t.Errorf("shown again with %q and %d commands", p.entry.Text, len(p.found))
	}
}

func TestACommandThatIsNotEnabledDoesNotRunAndSaysWhy(t *testing.T) {
	p, w, ran := newTestPalette(t, 0)
	press(w, fyne.KeyDown, fyne.KeyEnter)
	if len(*ran) != 0 || !p.Visible() {
		t.Errorf("ran %q, visible %v", *ran, p.Visible())
	}
	if it := p.list.items[1]; !it.muted || !strings.Contains(it.title, "not connected") {
		t.Errorf("shown as %+v", it)
	}
	press(w, fyne.KeyEscape)
	if p.Visible() {
		t.Error("Escape does not close the palette")
	}
}

func TestThePaletteShowsABoundedPartOfALongList(t *testing.T) {
	p, w, ran := newTestPalette(t, 10000)
	press(w, fyne.KeyUp) // round to the last
	if p.list.selected != 10006 || p.list.first != 10007-paletteRows {
		t.Errorf("selected %d, first row %d", p.list.selected, p.list.first)
	}
	last := p.list.rows[paletteRows-1]
	if last.item().title != "Extra 9,999" {
		t.Errorf("last row shows %q", last.item().title)
	}
	press(w, fyne.KeyPageUp)
	p.list.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, 10)})
	test.Tap(last)
	if !slices.Equal(*ran, []string{"extra"}) {
		t.Errorf("ran %q", *ran)
	}
}

func TestTypingNonsenseSaysThatNothingMatches(t *testing.T) {
	p, w, ran := newTestPalette(t, 0)
	typing(w, "zzzz")
	press(w, fyne.KeyReturn, fyne.KeyDown)
	if !p.none.Visible() || len(*ran) != 0 || p.list.selected != -1 {
		t.Errorf("said %v, ran %q, selected %d", p.none.Visible(), *ran, p.list.selected)
	}
}

func TestATapBesideThePaletteClosesIt(t *testing.T) {
	p, w, _ := newTestPalette(t, 0)
	test.TapCanvas(w.Canvas(), fyne.NewPos(450, 590))
	if p.Visible() {
		t.Error("still there")
	}
}

func TestThePaletteLooksRight(t *testing.T) {
	p, w, _ := newTestPalette(t, 30)
	press(w, fyne.KeyDown, fyne.KeyDown)
	looks(t, w, "palette-all")
	typing(w, "co")
	looks(t, w, "palette-some")
	typing(w, "zz")
	looks(t, w, "palette-none")
	_ = p
}
