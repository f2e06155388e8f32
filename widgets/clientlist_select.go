package widgets

import (
	"slices"

	"fyne.io/fyne/v2"
)

// Selected returns the numbers of the selected clients, ascending, those too that a filter keeps from view. The slice
// is the caller's own.
func (l *ClientList) Selected() []int64 { return slices.Clone(l.rows.selected) }

// SelectedShown returns how many of the selected clients no filter keeps from view.
func (l *ClientList) SelectedShown() (n int) {
	for _, number := range l.rows.selected {
		if l.rows.rowOf(number) >= 0 {
			n++
		}
	}
	return n
}

// Select selects the clients of these numbers and no others. Numbers that are not listed are left out. It does not
// scroll.
func (l *ClientList) Select(numbers []int64) {
	next := make([]int64, 0, len(numbers))
	for _, n := range numbers {
		if _, ok := l.rows.rankOf(n); ok {
			next = append(next, n)
		}
	}
	slices.Sort(next)
	next = slices.Compact(next)
	l.anchor, l.head, l.base = 0, 0, nil
	if len(next) > 0 {
		l.anchor, l.head = next[0], next[0]
	}
	l.take(next)
}

// SelectAll selects every client that is shown.
func (l *ClientList) SelectAll() {
	if n := int64(len(l.rows.shown)); n > 0 {
		if l.rows.rowOf(l.head) < 0 {
			l.head = l.rows.number(0)
		}
		l.anchor, l.base = l.head, nil
		l.take(l.rows.numbers(0, n-1))
	}
}

// ClearSelection selects nothing.
func (l *ClientList) ClearSelection() {
	l.anchor, l.head, l.base = 0, 0, nil
	l.take(nil)
}

// take makes next the selection and shows it.
func (l *ClientList) take(next []int64) {
	changed := !slices.Equal(next, l.rows.selected)
	l.rows.selected = next
	l.showHead()
	l.grid.Update()
	if changed {
		call(l.OnSelect)
	}
}

// showHead marks the row that was selected last.
func (l *ClientList) showHead() {
	if _, listed := l.rows.rankOf(l.head); !listed {
		l.head = 0
	}
	l.grid.SetCursorRow(l.rows.rowOf(l.head))
}

// numbers returns the numbers of the clients in the rows from a to b, in whichever order, ascending.
func (s *clientRows) numbers(a, b int64) []int64 {
	from, to := max(min(a, b), 0), min(max(a, b), int64(len(s.shown))-1)
	n := make([]int64, 0, to-from+1)
	for row := from; row <= to; row++ {
		n = append(n, s.number(row))
	}
	slices.Sort(n)
	return n
}

// selectRow moves the end of the range to a row, and its beginning too unless it is to be extended. add keeps what
// was selected before.
func (l *ClientList) selectRow(row int64, extend, add bool) {
	number := l.rows.number(row)
	if number == 0 {
		return
	}
	from := l.rows.rowOf(l.anchor)
	if from < 0 {
		extend = false
	}
	if !extend {
		l.anchor, from = number, row
		l.base, l.taking = nil, add && l.rows.holds(number)
		if add {
			l.base = slices.Clone(l.rows.selected)
		}
	}
	l.head = number
	if row < l.rows.Rows()-1 {
		l.grid.SetFollow(false) // a selected row should stay where it is
	}
	l.grid.ScrollTo(row)
	l.take(combine(l.base, l.rows.numbers(from, row), l.taking))
}

// combine returns the ascending numbers of base with those of span, or without them.
func combine(base, span []int64, without bool) []int64 {
	if len(base) == 0 && !without {
		return span
	}
	if !without {
		all := append(slices.Clone(base), span...)
		slices.Sort(all)
		return slices.Compact(all)
	}
	return slices.DeleteFunc(slices.Clone(base), func(n int64) bool {
		_, in := slices.BinarySearch(span, n)
		return in
	})
}

func (l *ClientList) tapped(row int64, _ int, mods fyne.KeyModifier) {
	extend, add := mods&fyne.KeyModifierShift != 0, mods&fyne.KeyModifierShortcutDefault != 0
	if extend {
		l.extendFrom(add)
	}
	l.selectRow(row, extend, add)
}

// extendFrom begins another range at the anchor, beside what is selected or instead of it.
func (l *ClientList) extendFrom(add bool) {
	l.base, l.taking = nil, false
	if add {
		l.base = slices.Clone(l.rows.selected)
	}
}

// doubleTapped opens the client, provided that the first press was on the same one: the rows may have moved since.
func (l *ClientList) doubleTapped(row int64, col int, mods fyne.KeyModifier) {
	number := l.rows.number(row)
	if number != l.head || mods != 0 {
		l.tapped(row, col, mods)
		return
	}
	l.activate()
}

func (l *ClientList) activate() {
	if l.OnActivate != nil && l.head != 0 {
		l.OnActivate(l.head)
	}
}

func (l *ClientList) dragged(row int64, _ int) { l.selectRow(row, true, false) }

func (l *ClientList) menu(row int64, _ int, pos fyne.Position) {
	number := l.rows.number(row)
	if number == 0 {
		return
	}
	if !l.rows.holds(number) {
		l.selectRow(row, false, false)
	}
	if l.OnMenu != nil {
		l.OnMenu(pos)
	}
}

// key moves the selection with the keys that otherwise scroll, and does what can be done with it.
func (l *ClientList) key(ev *fyne.KeyEvent, mods fyne.KeyModifier) bool {
	if mods&fyne.KeyModifierShortcutDefault != 0 {
		switch ev.Name {
		case fyne.KeyC, fyne.KeyInsert:
			l.Copy()
		case fyne.KeyA:
			l.SelectAll()
		default:
			return false
		}
		return true
	}
	if mods&^fyne.KeyModifierShift != 0 {
		return false
	}
	switch ev.Name {
	case fyne.KeyDelete:
		if len(l.rows.selected) == 0 || l.OnKick == nil {
			return false
		}
		l.OnKick()
		return true
	case fyne.KeyReturn, fyne.KeyEnter:
		if l.head == 0 || l.OnActivate == nil {
			return false
		}
		l.activate()
		return true
	case fyne.KeyEscape:
		if len(l.rows.selected) == 0 {
			return false
		}
		l.ClearSelection()
		return true
	}
	return l.moveKey(ev.Name, mods&fyne.KeyModifierShift != 0)
}

func (l *ClientList) moveKey(key fyne.KeyName, extend bool) bool {
	last := l.rows.Rows() - 1
	if last < 0 {
		return false
	}
	page := int64(max(1, l.grid.VisibleRows()-1))
	at := l.rows.rowOf(l.head)
	by := int64(0)
	switch key {
	case fyne.KeyUp:
		by = -1
	case fyne.KeyDown:
		by = 1
	case fyne.KeyPageUp:
		by = -page
	case fyne.KeyPageDown:
		by = page
	case fyne.KeyHome:
		at = 0
	case fyne.KeyEnd:
		at = last
	default:
		return false
	}
	if at < 0 {
		at = l.grid.Top()
		if by == 1 || by == -1 {
			by = 0 // the first press selects what is there
		}
	}
	if extend {
		l.extendFrom(false)
	}
	l.selectRow(min(max(at+by, 0), last), extend, false)
	return true
}
