package widgets

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/framing"
	"wirebench/widgets/words"
)

// UsualFraming is a framing that is offered by name.
type UsualFraming struct {
	Name    words.Text
	Framing framing.Framing
	// Group is another number than that of the one before where a line is drawn between the two.
	Group int
}

// UsualFramings returns the framings that most protocols have, in the order in which they are offered. The first is raw.
func UsualFramings() []UsualFraming {
	length := func(width int, little bool) framing.Framing {
		return framing.Framing{Kind: framing.Prefix, Width: width, Little: little}
	}
	return []UsualFraming{
		{"Reads and writes as they were", framing.Framing{}, 0},
		{"Lines (LF)", framing.LF, 1},
		{"Lines (CRLF)", framing.CRLF, 1},
		{"Up to a zero byte (NUL)", framing.NUL, 1},
		{"XML documents (XMLSocket)", framing.Framing{Kind: framing.XML}, 1},
		{"Length first: u8", length(1, false), 2},
		{"Length first: u16, big-endian", length(2, false), 2},
		{"Length first: u16, little-endian", length(2, true), 2},
		{"Length first: u32, big-endian", length(4, false), 2},
		{"Length first: u32, little-endian", length(4, true), 2},
		{"Length first: varint (Protocol Buffers)", framing.Framing{Kind: framing.Varint}, 2},
		{"Length first: varint (Minecraft)", framing.Framing{Kind: framing.MinecraftVarint}, 2},
		{"Up to 50 ms of silence", framing.Framing{Kind: framing.Gap, Gap: 50 * time.Millisecond}, 3},
		{"16 bytes each", framing.Framing{Kind: framing.Fixed, Size: 16}, 3},
	}
}

// FramingBar is the button that says how the traffic is cut into frames, with a menu of other ways.
type FramingBar struct {
	widget.BaseWidget

	OnChoose func(in, out framing.Framing) // another way was chosen; the bar shows it already
	OnForm   func()                        // the person wants to write one

	in, out framing.Framing
	short   bool
	button  *widget.Button
}

var _ fyne.Widget = (*FramingBar)(nil)

// NewFramingBar returns a bar that shows reads and writes.
func NewFramingBar() *FramingBar {
	b := &FramingBar{}
	b.button = widget.NewButtonWithIcon("", theme.MenuDropDownIcon(), b.open)
	b.button.IconPlacement = widget.ButtonIconTrailingText
	b.SetFramings(framing.Framing{}, framing.Framing{})
	b.ExtendBaseWidget(b)
	return b
}

// SetFramings shows how what is received and what is sent is cut, without calling OnChoose.
func (b *FramingBar) SetFramings(in, out framing.Framing) {
	b.in, b.out = in, out
	b.label()
}

// SetShort leaves out what the button is about, where that stands for itself.
func (b *FramingBar) SetShort(on bool) {
	b.short = on
	b.label()
}

func (b *FramingBar) label() {
	text := framingWord(b.in, b.out)
	if !b.short || b.in == b.out && b.in.Kind == framing.Raw {
		text = words.Say("Frames: %s // how bytes are cut into them", text)
	}
	if b.button.Text != text {
		b.button.SetText(text)
	}
}

// framingWord names two framings in the room of a button.
func framingWord(in, out framing.Framing) string {
	name := func(f framing.Framing, most int) string {
		if f.Kind == framing.Raw {
			return words.Say("reads // as they came, for no framing")
		}
		text := f.String()
		if len(text) > most {
			text = text[:most-1] + "…"
		}
		return text
	}
	if in == out {
		return name(in, 16)
	}
	return name(in, 8) + " | " + name(out, 8)
}

// menu offers the usual ways, and to write another.
func (b *FramingBar) menu() *fyne.Menu {
	m := fyne.NewMenu("")
	group := 0
	for _, u := range UsualFramings() {
		if u.Group != group {
			group = u.Group
			m.Items = append(m.Items, fyne.NewMenuItemSeparator())
		}
		item := fyne.NewMenuItem(u.Name.String(), func() { b.choose(u.Framing) })
		item.Checked = u.Framing == b.in && u.Framing == b.out
		m.Items = append(m.Items, item)
	}
	m.Items = append(m.Items, fyne.NewMenuItemSeparator(), fyne.NewMenuItem(words.Say("Another, or one each way… // framing"), func() { call(b.OnForm) }))
	return m
}

func (b *FramingBar) choose(f framing.Framing) {
	if f == b.in && f == b.out {
		return
	}
	b.SetFramings(f, f)
	if b.OnChoose != nil {
		b.OnChoose(f, f)
	}
}

// open shows the menu under the button.
func (b *FramingBar) open() { popUnder(b.button, b.menu()) }

// CreateRenderer is part of fyne.Widget.
func (b *FramingBar) CreateRenderer() fyne.WidgetRenderer { return newFace(b.button, nil) }
