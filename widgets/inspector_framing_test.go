package widgets

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"wirebench/sessions/charset"
	"wirebench/sessions/framing"
	"wirebench/sessions/inspect"
)

func TestALengthPrefixSaysWhichFramingItImplies(t *testing.T) {
	i := NewInspector()
	stage(t, i, fyne.NewSize(460, 1200))
	row := func(id string) *inspect.Row {
		return &i.rows[slices.IndexFunc(i.rows, func(r inspect.Row) bool { return r.ID == id })]
	}
	b := []byte("\x00\x05Hello and more than that, so that every length is that of a frame")
	for _, c := range []struct {
		id     string
		order  inspect.Order
		before int64
		want   string
	}{
		{"u16rest", inspect.Big, 0, "u16be"},
		{"u16rest", inspect.Little, 0, "u16le"},
		{"u16rest", inspect.Big, 3, "u16be,offset=3 u16be"},
		{"u16whole", inspect.Big, 1, "u16be,offset=1,adjust=-2 u16be,adjust=-2"},
		{"u32rest", inspect.Little, 2, "u32le,offset=2 u32le"},
		{"u24whole", inspect.Big, 0, "u24be,adjust=-3"},
		{"u8rest", inspect.Little, 0, "u8"},
		{"u8whole", inspect.Big, 0, ""}, // a frame of no bytes with a prefix of one
		{"varintrest", inspect.Big, 1, "varint,offset=1 varint"},
		{"varintwhole", inspect.Big, 0, ""},
		{"u16rest", inspect.Big, 1 << 17, "u16be"}, // no header is that long
		{"u16", inspect.Big, 0, ""},
	} {
		i.SetPlace(inspect.Place{Bytes: b, Offset: 1 << 20, Total: 2 << 20}, 1<<20-c.before)
		got := i.framings(row(c.id), c.order)
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s, %v, %d bytes before: %q, want %q", c.id, c.order, c.before, got, c.want)
		}
		for _, notation := range got {
			// What is offered is what the row says: the frame ends where the framing cuts.
			f, err := framing.Parse(notation)
			if err != nil || f.String() != notation {
				t.Errorf("%s is %v, %v", notation, f, err)
				continue
			}
			frame, _, _ := row(c.id).Prefix.Frame(i.place(), c.order)
			value := frame.Length
			if !row(c.id).Prefix.Included {
				value -= int64(frame.Prefix)
			}
			if end := i.offset - int64(f.Offset) + int64(f.Offset+frame.Prefix) + value + f.Adjust; end != frame.End {
				t.Errorf("%s ends a frame at %d, the row says %d", notation, end, frame.End)
			}
		}
	}
	i.SetBytes(0, []byte{0}, 0)
	if got := i.framings(row("u16rest"), inspect.Big); got != nil {
		t.Errorf("half a length implies %q", got)
	}
}

func TestTheFramingIsOfferedAtTheFootAndInTheMenu(t *testing.T) {
	i := NewInspector()
	w := stage(t, i, fyne.NewSize(460, 1500))
	var got []string
	i.SetPlace(inspect.Place{Bytes: sample, Offset: 0x10}, 0xf)
	test.TapAt(i.table, centre(t, i, "u16rest", 2))
	i.table.MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: centre(t, i, "u16rest", 2)}, Button: desktop.MouseButtonPrimary})
	if i.detail.action.Visible() {
		t.Error("offered though nobody listens")
	}
	i.OnFraming = func(n string) { got = append(got, n) }
	i.table.choose(centre(t, i, "u16rest", 2))
	if !i.detail.action.Visible() || i.detail.action.Text != "Cut into frames: u16le,offset=1" {
		t.Fatalf("the foot says %q", i.detail.action.Text)
	}
	test.Tap(i.detail.action)
	i.table.choose(centre(t, i, "u16rest", 1))
	w.Canvas().Focus(i)
	i.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	var names []string
	for _, item := range i.table.menu().Items {
		names = append(names, item.Label)
		if strings.HasSuffix(item.Label, ": u16be") {
			item.Action()
		}
	}
	if want := []string{"u16le,offset=1", "u16be,offset=1", "u16be"}; !slices.Equal(got, want) {
		t.Errorf("told %q, want %q; the menu is %q", got, want, names)
	}
	i.table.choose(centre(t, i, "u16", 1))
	if i.detail.action.Visible() {
		t.Error("offered for a number")
	}
	i.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if len(got) != 3 {
		t.Error("Enter did what is not offered")
	}
}

func TestAValueIsCopiedToTheComposer(t *testing.T) {
	i := NewInspector()
	stage(t, i, fyne.NewSize(460, 1500))
	i.SetBytes(0, sample, 0)
	i.table.choose(centre(t, i, "readutf", 1))
	if n := len(i.table.menu().Items); n != 2 {
		t.Errorf("%d items without an owner", n)
	}
	var got []string
	i.OnCompose = func(b []byte) { got = append(got, string(b)) }
	item := i.table.menu().Items[2]
	i.SetBytes(0, []byte("other"), 0) // the bytes are those that the menu was opened for
	item.Action()
	if !slices.Equal(got, []string{"\x00\x05Hello"}) || item.Label != "Copy to the composer" {
		t.Errorf("%q got %q", item.Label, got)
	}
}

func TestTheCharsetIsChosenAtTheHeadingOfTheTexts(t *testing.T) {
	i := NewInspector()
	stage(t, i, fyne.NewSize(460, 1500))
	i.SetBytes(0, sample, 0)
	heading := slices.IndexFunc(i.table.lines, func(l inspectorLine) bool { return l.heading == inspect.Text })
	at := fyne.NewPos(200, (float32(heading)+0.5)*i.table.rowHeight())
	shown := func() (text string) {
		for _, texts := range i.table.pool {
			if texts[0].Visible() && texts[0].Text == inspect.Text && texts[0].TextStyle.Bold && texts[1].Visible() {
				text = texts[1].Text
			}
		}
		return text
	}
	click := func() {
		i.table.MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: at}, Button: desktop.MouseButtonPrimary})
	}
	click()
	if shown() != "" {
		t.Errorf("it says %q though nobody listens", shown())
	}
	asked := 0
	i.OnCharset = func() { asked++ }
	i.Refresh()
	if shown() != "utf-8 ▾" {
		t.Errorf("it says %q", shown())
	}
	click()
	i.table.MouseMoved(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: at}})
	hand := i.table.Cursor()
	i.table.MouseMoved(&desktop.MouseEvent{})
	if asked != 1 || hand != desktop.PointerCursor || i.table.Cursor() != desktop.DefaultCursor {
		t.Errorf("asked %d times, over it the pointer is %v", asked, hand)
	}
	c, _ := charset.Lookup("windows-1251")
	i.SetCharset(c)
	if shown() != "windows-1251 ▾" {
		t.Errorf("it says %q", shown())
	}
}
