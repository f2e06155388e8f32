package widgets

import (
	"errors"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"

	"wirebench/sessions/capture"
	"wirebench/sessions/framing"
	"wirebench/sessions/inspect"
	"wirebench/widgets/words"
)

const (
	copiedRows  = 5000    // rows that are copied at once
	copiedBytes = 1 << 20 // text that is copied at once
	copiedData  = 200     // characters of payload in a copied row
	copiedBatch = 512     // records read at once
)

// Selection returns the numbers of the first and last record of the selection, or of the first and last frame as they
// are listed; ok is false when there is none. With a filter, only the records it chooses between them are meant.
func (t *TrafficList) Selection() (first, last int64, ok bool) {
	return min(t.anchor, t.head), max(t.anchor, t.head), t.head != 0
}

// Selected returns the record that was selected last, the moving end of a range; ok is false when that is a frame.
func (t *TrafficList) Selected() (r capture.Record, ok bool) {
	if t.head == 0 {
		return capture.Record{}, false
	}
	e := t.rows.entry(t.head)
	return e.record, e.err == nil && e.frame == nil
}

// SelectNumber selects the record of that number and scrolls to it. It tells whether the record is in the list. Where the
// list shows frames, that with the record's first byte is selected.
func (t *TrafficList) SelectNumber(n int64) bool {
	t.rows.look()
	if t.rows.frames != nil {
		number, wait := t.rows.holder(n, 0)
		if wait {
			t.seek = spot{record: n, selected: true, top: t.grid.Top(), tell: true}
			return true
		}
		n = number
		t.rows.look() // it may have come a moment ago
	}
	return t.selectNumber(n)
}

// selectNumber selects what has that number in the list.
func (t *TrafficList) selectNumber(n int64) bool {
	row, ok := t.rows.rowOf(n)
	if !ok {
		return false
	}
	t.grid.Update()
	t.selectRow(row, false)
	return true
}

// ClearSelection selects nothing. It does not call OnSelect.
func (t *TrafficList) ClearSelection() {
	t.anchor, t.head, t.seek, t.untold = 0, 0, spot{}, false
	t.rows.limbo = [2]framing.Frame{}
	t.showCursor()
	t.sync()
}

// holds tells whether a record is selected.
func (t *TrafficList) holds(number int64) bool {
	return t.head != 0 && number >= min(t.anchor, t.head) && number <= max(t.anchor, t.head)
}

// selectRow moves the end of the selection to a row, and its beginning too unless it is to be extended.
func (t *TrafficList) selectRow(row int64, extend bool) {
	n, ok := t.rows.number(row)
	if !ok {
		return
	}
	t.seek = spot{}
	moved := n != t.head || !extend && t.anchor != n
	t.head = n
	if !extend || t.anchor == 0 {
		t.anchor = n
	}
	// A selected row should stay where it is, so the list stops following, except at its end.
	if row < t.rows.Rows()-1 {
		t.grid.SetFollow(false)
	}
	t.grid.ScrollTo(row)
	t.showCursor()
	t.sync()
	if moved {
		t.tellSelected()
	}
}

func (t *TrafficList) tellSelected() {
	e := t.rows.entry(t.head)
	t.untold = errors.Is(e.err, ErrNotYet)
	switch {
	case e.err != nil:
	case e.frame != nil && t.OnSelectFrame != nil:
		t.OnSelectFrame(*e.frame)
	case e.frame == nil && t.OnSelect != nil:
		t.OnSelect(e.record)
	}
}

// showCursor marks the row of the moving end.
func (t *TrafficList) showCursor() {
	if row, ok := t.rows.rowOf(t.head); ok {
		t.grid.SetCursorRow(row)
	} else {
		t.grid.SetCursorRow(-1)
	}
}

func (t *TrafficList) tapped(row int64, _ int, mods fyne.KeyModifier) {
	t.selectRow(row, mods&fyne.KeyModifierShift != 0)
}

func (t *TrafficList) drag(row int64, _ int) {
	t.selectRow(row, true)
}

func (t *TrafficList) menu(row int64, _ int, pos fyne.Position) {
	n, ok := t.rows.number(row)
	if !ok {
		return
	}
	if !t.holds(n) {
		t.selectRow(row, false)
	}
	e := t.rows.entry(n)
	switch {
	case e.err != nil:
	case e.frame != nil && t.OnMenuFrame != nil:
		t.OnMenuFrame(*e.frame, pos)
	case e.frame == nil && t.OnMenu != nil:
		t.OnMenu(e.record, pos)
	}
}

// key moves the selection with the keys that otherwise scroll, and copies.
func (t *TrafficList) key(ev *fyne.KeyEvent, mods fyne.KeyModifier) bool {
	command := mods&fyne.KeyModifierShortcutDefault != 0
	extend := mods&fyne.KeyModifierShift != 0
	if command {
		switch ev.Name {
		case fyne.KeyC, fyne.KeyInsert:
			t.Copy()
		case fyne.KeyA:
			t.selectAll()
		default:
			return false
		}
		return true
	}
	if mods&^fyne.KeyModifierShift != 0 || t.rows.Rows() <= t.rows.First() {
		return false
	}
	first, last := t.rows.First(), t.rows.Rows()-1
	if t.rows.evicted() {
		first++ // the row about eviction is no record
	}
	page := int64(max(1, t.grid.VisibleRows()-1))
	at := last
	if t.head != 0 {
		at = t.rows.nearest(t.head)
	} else if !t.grid.Following() {
		at = t.grid.Top()
	}
	by := int64(0)
	switch ev.Name {
	case fyne.KeyUp:
		by = -1
	case fyne.KeyDown:
		by = 1
	case fyne.KeyPageUp:
		by = -page
	case fyne.KeyPageDown:
		by = page
	case fyne.KeyHome:
		at = first
	case fyne.KeyEnd:
		at = last
		t.selectRow(at, extend)
		t.SetFollow(true)
		return true
	case fyne.KeyEscape:
		if t.head == 0 {
			return false
		}
		t.ClearSelection()
		return true
	default:
		return false
	}
	if t.head == 0 && (by == 1 || by == -1) {
		by = 0 // the first press selects what is there
	}
	t.selectRow(min(max(at+by, first), last), extend)
	return true
}

func (t *TrafficList) selectAll() {
	first, last := t.rows.First(), t.rows.Rows()-1
	if t.rows.evicted() {
		first++
	}
	a, ok := t.rows.number(first)
	h, ok2 := t.rows.number(last)
	if !ok || !ok2 {
		return
	}
	t.anchor, t.head = a, h
	t.showCursor()
	t.sync()
}

// Copy puts the selected rows on the clipboard as text: at once, or when it is known what there is to say of each.
func (t *TrafficList) Copy() {
	c := t.copied()
	if c.rows == 0 {
		return
	}
	t.copies++
	f := t.rows.frames
	if len(c.unsaid) == 0 || f == nil || f.Remarks == nil {
		t.putCopied(c.text.String(), c.rows, c.left)
		return
	}
	nth := t.copies
	f.Remarks(c.unsaid, func(texts []string) {
		if nth == t.copies { // else something else was copied meanwhile
			t.putCopied(c.with(texts), c.rows, c.left)
		}
	})
}

func (t *TrafficList) putCopied(text string, rows int, left int64) {
	fyne.CurrentApp().Clipboard().SetContent(text)
	if left > 0 && t.OnNotice != nil {
		t.OnNotice(words.Many(int64(rows), "copied the first %d row of %d; export the capture to get them all",
			"copied the first %d rows of %d; export the capture to get them all", int64(rows)+left))
	}
}

// CopyText returns the selected rows as text, one a line with tabs between the columns: number, time, in or out,
// peer, length, and payload or note. A frame has the length of its payload after its own, and at the end what is wrong
// with it, as far as that is known. It is bounded; left is how many rows it leaves out.
func (t *TrafficList) CopyText() (text string, rows int, left int64) {
	c := t.copied()
	return c.text.String(), c.rows, c.left
}

// rowsCopied is what is copied, but for what is not known yet to be said of some frames.
type rowsCopied struct {
	text   strings.Builder
	rows   int
	left   int64 // rows left out
	unsaid []framing.Frame
	at     []int    // of each of them, where it goes in text
	lead   []string // and what goes before it
}

// with is the text with what there is to say of the frames of unsaid.
func (c *rowsCopied) with(texts []string) string {
	var b strings.Builder
	done, all := 0, c.text.String()
	for i, text := range texts[:min(len(texts), len(c.at))] {
		if text != "" {
			b.WriteString(all[done:c.at[i]] + c.lead[i] + plainText(text, copiedData, false))
			done = c.at[i]
		}
	}
	b.WriteString(all[done:])
	return b.String()
}

func (t *TrafficList) copied() *rowsCopied {
	c := &rowsCopied{}
	if f := t.rows.frames; f != nil {
		if p, ok := f.Frames.(interface{ Patiently(do func()) }); ok {
			p.Patiently(func() { t.copyRows(c) })
			return c
		}
	}
	t.copyRows(c)
	return c
}

func (t *TrafficList) copyRows(c *rowsCopied) {
	first, last, ok := t.Selection()
	if !ok || t.rows.Rows() <= t.rows.First() {
		return
	}
	from, to := t.rows.nearest(first), t.rows.nearest(last)
	buf := make([]byte, 4*copiedData)
	for row := from; row <= to; row++ {
		if c.rows == copiedRows || c.text.Len() > copiedBytes {
			c.left = to - row + 1
			return
		}
		if (row-from)%copiedBatch == 0 {
			t.rows.prefetch(row, copiedBatch, false)
		}
		n, ok := t.rows.number(row)
		if !ok || n < first || n > last {
			continue
		}
		t.writeRow(c, n, t.rows.entry(n), buf)
		c.rows++
	}
}

func (t *TrafficList) writeRow(c *rowsCopied, number int64, e *trafficEntry, buf []byte) {
	b, r := &c.text, e.record
	b.WriteString(strconv.FormatInt(number, 10))
	if e.err != nil {
		b.WriteString("\t" + readProblem(e.err) + "\n")
		return
	}
	b.WriteByte('\t')
	b.Write(t.rows.appendTime(nil, r.Time))
	b.WriteString("\t" + map[bool]string{true: "out", false: "in"}[r.Dir == capture.Out]) // not said
	b.WriteByte('\t')
	if r.Flow.Remote.IsValid() {
		b.WriteString(r.Flow.Remote.String())
	}
	b.WriteByte('\t')
	if r.Kind != capture.Data {
		b.WriteString("\t" + eventWords(r, copiedData) + "\n")
		return
	}
	held := t.rows.held(e)
	if f := e.frame; f != nil {
		from, to := f.Payload()
		b.WriteString(strconv.FormatInt(f.Len, 10) + "\t" + strconv.FormatInt(to-from, 10) + "\t")
	} else {
		b.WriteString(strconv.Itoa(r.Len) + "\t")
	}
	got, err := t.rows.read(e, buf[:min(held, len(buf))])
	if got == 0 && err != nil && held > 0 {
		b.WriteString(readProblem(err))
	}
	b.WriteString(inspect.Preview(buf[:got], copiedData))
	if state := join(e.state, e.remark); state != "" {
		b.WriteString("\t" + plainText(state, copiedData, false))
	}
	if f := t.rows.frames; e.frame != nil && !e.known && f != nil && f.Remark != nil {
		lead := "\t"
		if e.state != "" {
			lead = ", "
		}
		c.unsaid, c.at, c.lead = append(c.unsaid, *e.frame), append(c.at, b.Len()), append(c.lead, lead)
	}
	if r.Note != "" {
		b.WriteString("\t" + plainText(r.Note, copiedData, false))
	}
	b.WriteByte('\n')
}
