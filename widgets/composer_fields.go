package widgets

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/checksum"
	"wirebench/sessions/fields"
	"wirebench/sessions/inspect"
	"wirebench/widgets/words"
)

// orderNames are the choices of a byte order for fields that do not say, as fields.Order counts them.
func orderNames(tab inspect.Order) []string {
	ofTab := words.Say("Order: big (tab)")
	if tab == inspect.Little {
		ofTab = words.Say("Order: little (tab)")
	}
	return []string{ofTab, words.Say("Order: big"), words.Say("Order: little")}
}

// showOrder brings the choice of a byte order up to date. The caller keeps it from calling back.
func (c *Composer) showOrder() {
	names := distinct(orderNames(c.tab))
	if len(c.orders.Options) == 0 || c.orders.Options[0] != names[0] {
		c.orders.Selected = ""
		c.orders.SetOptions(names)
	}
	c.orders.SetSelected(names[c.order])
}

// showFields brings the bytes below the fields up to date, and marks those of the field under the cursor. While the
// text cannot be read they stay as they were, and say so.
func (c *Composer) showFields() {
	if c.mode != ComposeFields {
		return
	}
	if r := c.compose(); r.err != nil {
		c.bytes.keep()
	} else {
		c.bytes.show(r.bytes)
	}
	c.cursorMoved()
}

// cursorMoved marks the bytes of the field under the cursor.
func (c *Composer) cursorMoved() {
	if c.mode != ComposeFields || c.quiet {
		return
	}
	r := c.compose()
	if r.err != nil {
		c.bytes.mark(0, 0, "")
		return
	}
	i := r.partAt(c.entry.cursor())
	if i < 0 {
		c.bytes.mark(0, 0, "")
		return
	}
	p := r.parts[i]
	c.bytes.mark(p.Start, p.End, r.caption(i))
}

// partAt gives the field that holds byte at of the text, the innermost of several, or -1.
func (r *composed) partAt(at int) int {
	found := -1
	for i, p := range r.places {
		if p.Start > at {
			break
		}
		if at <= p.End {
			found = i
		}
	}
	return found
}

// caption says what field i is, what was computed for it and where it went.
func (r *composed) caption(i int) string {
	p := r.parts[i]
	source := r.text[r.places[i].Start:r.places[i].End]
	if r.text[r.places[i].Value] == '{' {
		name, _, _ := strings.Cut(source, "{")
		source = strings.TrimSuffix(strings.TrimSpace(name), ":")
		source = strings.TrimSpace(words.Say("group %s // of fields, with its name", source))
	}
	source = strings.Join(strings.Fields(source), " ")
	text := plainText(source, 80, false)
	if p.Computed != "" {
		text += " = " + p.Computed
	}
	return words.Many(int64(p.End-p.Start), "%[2]s: %[1]d byte at %[3]s", "%[2]s: %[1]d bytes at %[3]s", text, fmt.Sprintf("0x%02x", p.Start))
}

// goToByte puts the cursor into the field that a byte belongs to.
func (c *Composer) goToByte(offset int) {
	r := c.compose()
	found := -1
	for i, p := range r.parts {
		if p.Start <= offset && offset < p.End {
			found = i // the innermost comes last
		}
	}
	if found >= 0 && found < len(r.places) {
		c.entry.setCursor(r.places[found].Value)
		c.focusEntry()
	}
}

// insertField writes a field at the cursor, with what separates it from those beside it. When the cursor is within a
// field that can be read, it goes behind that.
func (c *Composer) insertField(example string) {
	text, at := c.entry.Text, c.entry.cursor()
	if r := c.compose(); r.err == nil {
		if i := r.partAt(at); i >= 0 && text[r.places[i].Value] != '{' {
			at = r.places[i].End
		}
	}
	c.entry.setCursor(at)
	c.entry.insert(separated(text[:at], uniquely(example, text), text[at:]))
	c.focusEntry()
}

// separated adds to a field the comma or blank that it needs between what stands before and behind it.
func separated(before, field, behind string) string {
	last := strings.TrimRight(before, " \t\r")
	switch {
	case last == "" || strings.HasSuffix(last, "\n"):
	case strings.HasSuffix(last, ",") || strings.HasSuffix(last, "{") || strings.HasSuffix(last, ":"):
		if last == before {
			field = " " + field
		}
	default:
		field = ", " + field
	}
	next := strings.TrimLeft(behind, " \t\r")
	if next != "" && !strings.ContainsRune(",\n}", rune(next[0])) {
		field += ", "
	}
	return field
}

// uniquely gives a field that has a name another one when the text uses that already.
func uniquely(example, text string) string {
	name, rest, named := strings.Cut(example, ": ")
	if !named || strings.ContainsAny(name, ` "`) {
		return example
	}
	for n := 2; strings.Contains(text, name+":"); n++ {
		base, _, _ := strings.Cut(example, ":")
		name = fmt.Sprint(base, n)
	}
	return name + ": " + rest
}

// AddField shows the menu of fields to add, in Fields mode.
func (c *Composer) AddField() {
	if c.mode == ComposeFields {
		c.openKinds()
	}
}

// openKinds shows the menu of fields to add.
func (c *Composer) openKinds() {
	c.dropMenu(c.kindsMenu(), c.add.shown())
}

// dropMenu shows a menu below an object, and gives the field the keyboard when it goes.
func (c *Composer) dropMenu(menu *fyne.Menu, o fyne.CanvasObject) {
	p := widget.NewPopUpMenu(menu, canvasOf(o))
	if p == nil {
		return
	}
	hide := p.OnDismiss
	p.OnDismiss = func() {
		hide()
		c.focusEntry()
	}
	p.ShowAtPosition(fyne.CurrentApp().Driver().AbsolutePositionForObject(o).AddXY(0, o.Size().Height))
}

// kindsMenu lists every kind of field by group, lengths and checksums.
func (c *Composer) kindsMenu() *fyne.Menu {
	menu := fyne.NewMenu("")
	groups := map[string]*fyne.Menu{}
	group := func(title string) *fyne.Menu {
		if m := groups[title]; m != nil {
			return m
		}
		m := fyne.NewMenu(title)
		groups[title] = m
		item := fyne.NewMenuItem(title, nil)
		item.ChildMenu = m
		menu.Items = append(menu.Items, item)
		return m
	}
	offer := func(m *fyne.Menu, example, says string) {
		label := example
		if says != "" {
			label += "   " + says
		}
		m.Items = append(m.Items, fyne.NewMenuItem(label, func() { c.insertField(example) }))
	}
	offerSum := func(m *fyne.Menu, a checksum.Algorithm) {
		offer(m, fmt.Sprintf("u%d %s(before)", kindBits(a.Size()), a.ID), strings.Join(a.Aliases[:min(2, len(a.Aliases))], ", "))
	}
	for _, k := range fields.Kinds() {
		says := k.Name
		if k.AIR != "" {
			says += " (" + k.AIR + ")"
		}
		offer(group(k.Group), k.Example, says)
	}
	lengths := group(words.Say("Lengths"))
	offer(lengths, "u16 len(rest)", words.Say("of all that follows"))
	offer(lengths, "u16 len(next)", words.Say("of the field or group that follows"))
	offer(lengths, "u16 len(all)", words.Say("of the whole message"))
	offer(lengths, "u16 len(before)", words.Say("of what comes before"))
	offer(lengths, "uleb128 len(rest)", words.Say("as a varint"))
	sums := group(words.Say("Checksums"))
	usual := fyne.NewMenu(words.Say("The usual ones // of the checksums"))
	item := fyne.NewMenuItem(usual.Label, nil)
	item.ChildMenu = usual
	sums.Items = append(sums.Items, item)
	for _, id := range usualChecksums {
		if a, err := checksum.Lookup(id); err == nil {
			offerSum(usual, a)
		}
	}
	for _, some := range checksumMenus() {
		first, last := some[0], some[len(some)-1]
		names := first.Name
		if len(some) > 1 {
			names += " … " + last.Name
		}
		title := words.Say("%d bits: %s", 8*first.Size(), names)
		m := fyne.NewMenu(title)
		item := fyne.NewMenuItem(title, nil)
		item.ChildMenu = m
		sums.Items = append(sums.Items, item)
		for _, a := range some {
			offerSum(m, a)
		}
	}
	return menu
}

// usualChecksums are those that most protocols use, by ID.
var usualChecksums = []string{
	"crc-16/modbus", "crc-16/ibm-3740", "crc-16/xmodem", "crc-16/kermit", "crc-16/arc", "crc-32", "crc-32c", "adler-32",
	"crc-8", "sum8", "xor8", "internet",
}

// checksumMenus groups the checksums by their size in bytes, and so that each group fits on a small screen.
func checksumMenus() (groups [][]checksum.Algorithm) {
	const most = 12
	bySize := map[int][]checksum.Algorithm{}
	for _, a := range checksum.All() {
		bySize[a.Size()] = append(bySize[a.Size()], a)
	}
	for size := range 9 {
		groups = slices.AppendSeq(groups, slices.Chunk(bySize[size], most))
	}
	return groups
}

// kindBits is the size in bits of the smallest unsigned kind that holds so many bytes.
func kindBits(size int) int {
	for _, bits := range []int{8, 16, 24, 32, 48} {
		if 8*size <= bits {
			return bits
		}
	}
	return 64
}

// cursor is where the cursor stands in the text, in bytes.
func (e *composerEntry) cursor() int {
	n := e.CursorTextOffset()
	for i := range e.Text {
		if n == 0 {
			return i
		}
		n--
	}
	return len(e.Text)
}

// setCursor puts the cursor before byte at of the text and marks nothing.
func (e *composerEntry) setCursor(at int) {
	want := utf8.RuneCountInString(e.Text[:min(max(at, 0), len(e.Text))])
	if e.SelectedText() != "" {
		e.Entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight}) // which ends the selection
	}
	// Fyne tells where a row begins, and not in which row a place is.
	row, column := 0, want
	for r := 1; ; r++ {
		e.CursorRow, e.CursorColumn = r, 0
		begin := e.CursorTextOffset()
		if begin == 0 || begin > want {
			break
		}
		row, column = r, want-begin
	}
	e.CursorRow, e.CursorColumn = row, column
	e.Refresh()
}

// insert writes text at the cursor, as if it were pasted, so that it can be undone.
func (e *composerEntry) insert(text string) {
	e.TypedShortcut(&fyne.ShortcutPaste{Clipboard: insertion(text)})
}

// insertion is a clipboard that holds a text to be inserted.
type insertion string

func (i insertion) Content() string     { return string(i) }
func (i insertion) SetContent(_ string) {}

var _ fyne.Clipboard = insertion("")
