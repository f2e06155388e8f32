package widgets

import (
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"wirebench/sessions/fields"
)

// MoveField moves the field under the cursor by one place among those beside it, towards the begin of the message when
// by is negative and else towards its end, in Fields mode. A group moves with all that is in it; no field leaves its
// group. Where the text cannot be read the cursor goes to the problem instead.
func (c *Composer) MoveField(by int) {
	places, i := c.fieldHere()
	if i < 0 {
		return
	}
	before, behind := beside(places, i)
	first, last := before, i
	if by > 0 {
		first, last = i, behind
	}
	if first < 0 || last < 0 {
		return
	}
	text, within := c.entry.Text, c.entry.cursor()-places[i].Start
	a, b := places[first], places[last]
	gap := text[a.End:b.Start]
	at := a.Start
	if by > 0 {
		at += b.End - b.Start + len(gap)
	}
	c.rewrite(text[:a.Start]+text[b.Start:b.End]+gap+text[a.Start:a.End]+text[b.End:], at+within)
}

// DeleteField deletes the field under the cursor, a group with all that is in it, and the comma or line end that it
// does not need any more, in Fields mode.
func (c *Composer) DeleteField() {
	places, i := c.fieldHere()
	if i < 0 {
		return
	}
	from, to := places[i].Start, places[i].End
	before, behind := beside(places, i)
	switch {
	case behind >= 0:
		to = places[behind].Start
	case before >= 0:
		from = places[before].End
	}
	c.rewrite(c.entry.Text[:from]+c.entry.Text[to:], from)
}

// fieldHere gives where the fields stand, and which of them is under the cursor or, where none is, before it; -1 for
// none.
func (c *Composer) fieldHere() ([]fields.Place, int) {
	if c.mode != ComposeFields {
		return nil, -1
	}
	_, places, err := fields.ParseAt(c.entry.Text)
	if err != nil {
		c.goToProblem()
		return nil, -1
	}
	at := c.entry.cursor()
	if i := (&composed{places: places}).partAt(at); i >= 0 {
		return places, i
	}
	for i := len(places) - 1; i >= 0; i-- {
		if places[i].End <= at {
			return places, outermost(places, i)
		}
	}
	return nil, -1
}

// outermost gives the field that holds field i and is in no group.
func outermost(places []fields.Place, i int) int {
	for parent := groupOf(places, i); parent >= 0; parent = groupOf(places, i) {
		i = parent
	}
	return i
}

// groupOf gives the group that field i is in, -1 for none.
func groupOf(places []fields.Place, i int) int {
	for g := i - 1; g >= 0; g-- {
		if places[g].End >= places[i].End {
			return g
		}
	}
	return -1
}

// beside gives the fields before and behind field i in the same group, -1 where there is none.
func beside(places []fields.Place, i int) (before, behind int) {
	before, behind = -1, -1
	group := groupOf(places, i)
	for k := group + 1; k < len(places) && (group < 0 || places[k].Start < places[group].End); {
		switch {
		case k < i:
			before = k
		case k > i:
			return before, k
		}
		end := places[k].End
		for k++; k < len(places) && places[k].Start < end; k++ { // what is in it is not beside it
		}
	}
	return before, -1
}

// rewrite replaces the whole text, which can be undone, and puts the cursor before byte at of it.
func (c *Composer) rewrite(text string, at int) {
	if len(text) > composerLimit || text == "" {
		c.fill(text)
	} else {
		c.entry.selectAll()
		c.entry.insert(text)
		c.entry.rewritten = true
	}
	c.entry.setCursor(at)
	c.focusEntry()
}

// goToProblem marks in the field what cannot be read, and gives that the keyboard, so that typing replaces it.
func (c *Composer) goToProblem() {
	if bad := c.compose().bad(); bad != nil {
		c.entry.mark(bad.Pos, bad.Pos+wordAt(c.mode, c.entry.Text[min(bad.Pos, len(c.entry.Text)):]))
	}
	c.focusEntry()
}

// wordAt is how many bytes of a text are to be marked when it cannot be read.
func wordAt(mode ComposeMode, text string) int {
	const most = 40
	ends := " \t\r\n"
	switch mode {
	case ComposeText:
		if text, found := strings.CutPrefix(text, `\`); found {
			_, n := utf8.DecodeRuneInString(text)
			return 1 + n
		}
	case ComposeFields:
		ends += `,(){}"`
	}
	for i, r := range text {
		switch {
		case i >= most:
			return i
		case strings.ContainsRune(ends, r):
			return max(i, utf8.RuneLen(r))
		}
	}
	return len(text)
}

// mark selects bytes of the text and leaves the cursor behind them.
func (e *composerEntry) mark(from, to int) {
	e.setCursor(from)
	if to <= from || to > len(e.Text) {
		return
	}
	shift := &fyne.KeyEvent{Name: desktop.KeyShiftLeft}
	e.KeyDown(shift)
	for range 2 * (to - from) { // where lines are broken a key goes to the next one
		if e.cursor() >= to {
			break
		}
		e.Entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
	}
	e.KeyUp(shift)
}
