package widgets

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"wirebench/sessions/checksum"
	"wirebench/sessions/inspect"
)

// summed shows the checksums of "123456789", of which two stand beside it, and one of eight bits by chance.
func summed(t *testing.T) *SumList {
	t.Helper()
	l := NewSumList()
	m := checksum.NewMatcher()
	m.Write([]byte("123456789"))
	l.SetSums(m.Sums(), m.Found([]byte("\x37\x4b"), []byte("\xcb\xf4\x39\x26")))
	return l
}

// rowWords returns what stands in a row of a list.
func rowWords[R any, C ~uint8](s *rowTable[R, C], row int64) string {
	var text strings.Builder
	for _, c := range s.Row(row, nil) {
		if c.Rune == 0 {
			c.Rune = ' '
		}
		text.WriteRune(c.Rune)
	}
	return strings.Join(strings.Fields(text.String()), " ")
}

func TestChecksumsThatStandBesideTheBytesComeFirst(t *testing.T) {
	l := summed(t)
	stage(t, l, fyne.NewSize(330, 400))
	if _, all := l.Shown(); all != len(checksum.All()) {
		t.Fatalf("%d rows", all)
	}
	var rows []string
	for i := range int64(4) {
		rows = append(rows, rowWords(&l.rows.rowTable, i))
	}
	want := []string{"CRC-32 CBF43926 behind BE", "CRC-16/MODBUS 4B37 before LE", "CRC-8/SAE-J1850 4B before", "CRC-8 F4"}
	for i := range want {
		if rows[i] != want[i] {
			t.Errorf("row %d is %q, want %q", i, rows[i], want[i])
		}
	}
	l.SetFilter("modbus")
	if shown, _ := l.Shown(); shown != 1 {
		t.Errorf("%d rows of modbus", shown)
	}
	l.SetFilter("ccitt-false") // an alias
	if shown, _ := l.Shown(); shown != 1 {
		t.Errorf("%d rows of an alias", shown)
	}
	l.SetFilter("cbf43926")
	l.SelectAll()
	if text, rows, _ := l.CopyText(); rows != 1 || !strings.HasSuffix(text, "\nCRC-32\tCBF43926\tright behind, big-endian\n") {
		t.Errorf("copied %q", text)
	}
	l.SetSums(nil, nil)
	if _, all := l.Shown(); all != 0 {
		t.Errorf("%d rows of nothing", all)
	}
}

func TestAPlaceIsSaidInWords(t *testing.T) {
	crc, _ := checksum.Lookup("crc-16/modbus")
	small, _ := checksum.Lookup("crc-8")
	for _, c := range []struct {
		f    checksum.Found
		want string
	}{
		{checksum.Found{Algorithm: crc}, "right behind, big-endian"},
		{checksum.Found{Algorithm: crc, Before: true, Order: inspect.Little}, "right before, little-endian"},
		{checksum.Found{Algorithm: crc, Single: true}, "right behind"},
		{checksum.Found{Algorithm: small}, "right behind"},
		{checksum.Found{Algorithm: crc, Within: true, Order: inspect.Little}, "the last of them, over those before, little-endian"},
	} {
		if got := SumPlaceWords(c.f); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
		if c.f.Within {
			continue // its sentence is another
		}
		if got, want := SumPlaceSentence(c.f), c.f.Algorithm.Name+" stands "+c.want+"."; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestADifferenceIsChosenByClickAndByKey(t *testing.T) {
	l := NewDiffList()
	w := stage(t, l, fyne.NewSize(330, 300))
	var got []int64
	l.OnChoose = func(r DiffRow) { got = append(got, r.At) }
	l.SetDiffs([]DiffRow{{At: 4, Len: 1, First: "61", Second: "62"}, {At: 0x20, Len: 3000, First: "61 61 …", Second: "62 63 …"}, {At: 5000, Len: 2, Second: "64 64"}})
	for i, want := range []string{"+0x4 1 61 62", "+0x20 3,000 61 61 … 62 63 …", "+0x1388 2 64 64"} {
		if text := rowWords(&l.rows.rowTable, int64(i)); text != want {
			t.Errorf("row %d is %q, want %q", i, text, want)
		}
	}
	l.Focus(w.Canvas())
	press(w, fyne.KeyDown, fyne.KeyDown)
	l.SelectAll() // several are no choice
	press(w, fyne.KeyEnd)
	l.Choose()
	if len(got) != 4 || got[0] != 4 || got[1] != 0x20 || got[2] != 5000 || got[3] != 5000 {
		t.Errorf("chosen were %v", got)
	}
	l.SelectAll()
	if text, rows, _ := l.CopyText(); rows != 3 || !strings.Contains(text, "\n32\t3000\t61 61 …\t62 63 …\n") {
		t.Errorf("copied %q", text)
	}
	l.SetDiffs(nil)
	if text, _, _ := l.CopyText(); text != "" {
		t.Errorf("of nothing copied %q", text)
	}
}

func TestASidePanelGivesItsContentAllThatTheNoteLeaves(t *testing.T) {
	l := NewSumList()
	p := NewSidePanel("Checksums", nil, l)
	closed := 0
	p.OnClose = func() { closed++ }
	stage(t, p, fyne.NewSize(330, 400))
	bare := l.Size().Height
	p.SetNote("One line.")
	one := l.Size().Height
	p.SetNote(strings.Repeat("Many words that take several lines. ", 8))
	many := l.Size().Height
	p.SetNote("One line.")
	if again := l.Size().Height; bare <= one || one <= many || again != one {
		t.Errorf("the list is %v high without a note, %v and %v with a line, %v with many", bare, one, again, many)
	}
	if bottom := l.Position().Y + l.Size().Height; bottom != p.Size().Height {
		t.Errorf("the list ends at %v of %v", bottom, p.Size().Height)
	}
	test.Tap(p.shut)
	if closed != 1 {
		t.Errorf("closed %d times", closed)
	}
}

func TestTheFieldOfAListFiltersItAndLetsTheKeyboardGo(t *testing.T) {
	var asked []string
	left := 0
	f := NewListFilter("Filter", func(s string) { asked = append(asked, s) }, func() { left++ })
	w := stage(t, f, fyne.NewSize(300, 40))
	w.Canvas().Focus(f.(fyne.Focusable))
	typing(w, "ab")
	press(w, fyne.KeyReturn, fyne.KeyDown, fyne.KeyEscape)
	if got := strings.Join(asked, " "); got != "a ab " || left != 2 {
		t.Errorf("asked for %q, left %d times, want a, ab and nothing, and 2", got, left)
	}
	press(w, fyne.KeyEscape) // of an empty field
	if left != 3 {
		t.Errorf("left %d times, want 3", left)
	}
}

func TestANameIsShortenedBeforeItsLastWord(t *testing.T) {
	test.NewTempApp(t)
	full := fyne.MeasureText("Minecraft VarInt", 13, fyne.TextStyle{}).Width
	if got := fitName("Minecraft VarInt", full, 13); got != "Minecraft VarInt" {
		t.Errorf("what fits became %q", got)
	}
	got := fitName("Minecraft VarInt", full-20, 13)
	if !strings.HasPrefix(got, "Min") || !strings.HasSuffix(got, "… VarInt") || fyne.MeasureText(got, 13, fyne.TextStyle{}).Width > full-20 {
		t.Errorf("shortened to %q", got)
	}
}

// TestWhatStandsBesideTheBytesLooksAsItDid compares pictures with those in testdata.
func TestWhatStandsBesideTheBytesLooksAsItDid(t *testing.T) {
	for _, c := range []struct {
		name    string
		variant fyne.ThemeVariant
		scale   float32
	}{{"light-1", theme.VariantLight, 1}, {"dark-2", theme.VariantDark, 2}} {
		t.Run(c.name, func(t *testing.T) {
			test.NewTempApp(t).Settings().SetTheme(fixedTheme{c.variant})
			picture := func(name string, o fyne.CanvasObject, size fyne.Size) {
				w := test.NewTempWindow(t, o)
				w.SetPadded(false)
				w.Canvas().(software.WindowlessCanvas).SetScale(c.scale)
				w.Resize(size)
				test.AssertImageMatches(t, name+"-"+c.name+".png", w.Canvas().Capture())
			}
			sums := summed(t)
			p := NewSidePanel("Checksums", NewListFilter("Filter: crc-16, modbus, a value…", sums.SetFilter, func() {}), sums)
			p.SetNote("Of 9 bytes from 0x2 on.\nCRC-32 stands right behind, big-endian.\nCRC-16/MODBUS stands right before, little-endian.")
			picture("sums", p, fyne.NewSize(330, 320))

			diffs := NewDiffList()
			diffs.SetDiffs([]DiffRow{{At: 4, Len: 1, First: "61", Second: "62"}, {At: 0x20, Len: 3000, First: "61 61 61 61 61 61 61 61 …", Second: "62 63 64 65 66 67 68 69 …"}, {At: 5000, Len: 2, Second: "64 64"}})
			diffs.selectNumbers([]int64{2})
			p = NewSidePanel("Comparison", nil, diffs)
			p.SetNote("First: 5,000 bytes from 0x0 on.\nSecond: 5,002 bytes from 0x2000 on.\nThe first has 5,000 bytes, the second 5,002 bytes. 3,001 bytes differ, in 2 places, the first at +0x4.")
			picture("diffs", p, fyne.NewSize(330, 260))

			i := NewInspector()
			i.OnFraming, i.OnCharset = func(string) {}, func() {}
			i.SetHidden(map[string]bool{})
			hidden := map[string]bool{}
			for _, r := range i.rows {
				if r.Group != inspect.Text && r.Group != inspect.Frames && r.Group != "objects" {
					hidden[r.ID] = true
				}
			}
			i.SetHidden(hidden)
			i.SetPlace(inspect.Place{Bytes: []byte("\x00\x05Hello\x0a\x0b\x01"), Offset: 0x41, Total: 0x200}, 0x40)
			i.table.chosenID, i.table.chosenCol = "u16rest", 1
			i.table.update()
			picture("inspector-framing", i, fyne.NewSize(330, 420))
		})
	}
}
