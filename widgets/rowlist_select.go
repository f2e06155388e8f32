package widgets

import (
	"slices"

	"fyne.io/fyne/v2"
)

// SelectedShown returns how many of the selected rows no filter keeps from view.
func (l *rowList[R, C]) SelectedShown() (n int) {
	for rank := range l.table.chosen() {
		if l.table.place[rank] >= 0 {
			n++
		}
	}
	return n
}

// selectNumbers selects the rows of these numbers and no others. Numbers that are not listed are left out.
func (l *rowList[R, C]) selectNumbers(numbers []int64) {
	next := make([]int64, 0, len(numbers))
	for _, n := range numbers {
		if _, ok := l.table.rankOf(n); ok {
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

// SelectAll selects every row that is shown.
func (l *rowList[R, C]) SelectAll() {
	if n := int64(len(l.table.shown)); n > 0 {
		if l.table.rowOf(l.head) < 0 {
			l.head = l.table.number(0)
		}
		l.anchor, l.base = l.head, nil
		l.take(l.table.numbers(0, n-1))
	}
}

// ClearSelection selects nothing.
func (l *rowList[R, C]) ClearSelection() {
	l.anchor, l.head, l.base = 0, 0, nil
	l.take(nil)
}

// take makes next the selection and shows it.
func (l *rowList[R, C]) take(next []int64) {
	changed := !slices.Equal(next, l.table.selected)
	l.table.selected = next
	l.showHead()
	l.grid.Update()
	if changed {
		call(l.OnSelect)
	}
}

// showHead marks the row that was selected last.
func (l *rowList[R, C]) showHead() {
	if _, listed := l.table.rankOf(l.head); !listed {
		l.head = 0
	}
	l.grid.SetCursorRow(l.table.rowOf(l.head))
}

// selectRow moves the end of the range to a row, and its beginning too unless it is to be extended. add keeps what
// was selected before.
func (l *rowList[R, C]) selectRow(row int64, extend, add bool) {
	number := l.table.number(row)
	if number == 0 {
		return
	}
	from := l.table.rowOf(l.anchor)
	if from < 0 {
		extend = false
	}
	if !extend {
		l.anchor, from = number, row
		l.base, l.taking = nil, add && l.table.holds(number)
		if add {
			l.base = slices.Clone(l.table.selected)
		}
	}
	l.head = number
	if row < l.table.Rows()-1 {
		l.grid.SetFollow(false) // a selected row should stay where it is
	}
	l.grid.ScrollTo(row)
	l.take(combine(l.base, l.table.numbers(from, row), l.taking))
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

func (l *rowList[R, C]) tapped(row int64, _ int, mods fyne.KeyModifier) {
	extend, add := mods&fyne.KeyModifierShift != 0, mods&fyne.KeyModifierShortcutDefault != 0
	if extend {
		l.extendFrom(add)
	}
	l.selectRow(row, extend, add)
}

// extendFrom begins another range at the anchor, beside what is selected or instead of it.
func (l *rowList[R, C]) extendFrom(add bool) {
	l.base, l.taking = nil, false
	if add {
		l.base = slices.Clone(l.table.selected)
	}
}

// doubleTapped opens the row, provided that the first press was on the same one: the rows may have moved since.
func (l *rowList[R, C]) doubleTapped(row int64, col int, mods fyne.KeyModifier) {
	number := l.table.number(row)
	if number != l.head || mods != 0 {
		l.tapped(row, col, mods)
		return
	}
	l.activate()
}

// activate tells whether the row selected last could be opened.
func (l *rowList[R, C]) activate() bool { return l.head != 0 && l.open != nil && l.open(l.head) }

func (l *rowList[R, C]) dragged(row int64, _ int) { l.selectRow(row, true, false) }

func (l *rowList[R, C]) menu(row int64, _ int, pos fyne.Position) {
	number := l.table.number(row)
	if number == 0 {
		return
	}
	if !l.table.holds(number) {
		l.selectRow(row, false, false)
	}
	if l.OnMenu != nil {
		l.OnMenu(pos)
	}
}

// key moves the selection with the keys that otherwise scroll, and does what can be done with it.
func (l *rowList[R, C]) key(ev *fyne.KeyEvent, mods fyne.KeyModifier) bool {
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
		return len(l.table.selected) > 0 && l.remove != nil && l.remove()
	case fyne.KeyReturn, fyne.KeyEnter:
		return l.activate()
	case fyne.KeyEscape:
		if len(l.table.selected) == 0 {
			return false
		}
		l.ClearSelection()
		return true
	}
	return l.moveKey(ev.Name, mods&fyne.KeyModifierShift != 0)
}

func (l *rowList[R, C]) moveKey(key fyne.KeyName, extend bool) bool {
	last := l.table.Rows() - 1
	if last < 0 {
		return false
	}
	page := int64(max(1, l.grid.VisibleRows()-1))
	at := l.table.rowOf(l.head)
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
