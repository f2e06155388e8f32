package widgets

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"wirebench/widgets/grid"
)

// rowList is what lists of clients, peers and interfaces share: rows that can be sorted by a click on the name of a
// column, filtered, selected and copied, and that change four times a second under the person's hands. Rows are selected by their
// number, not by their place, and while the list is scrolled the same ones stay in view.
type rowList[R any, C ~uint8] struct {
	widget.BaseWidget

	// OnSelect is called after the selection has changed, for whatever reason, also because a selected row is no
	// longer listed.
	OnSelect func()
	// OnMenu is called for a secondary click on a row, which is selected then, with the absolute position for a pop-up
	// menu.
	OnMenu func(pos fyne.Position)
	// OnSort is called after the person has chosen another order.
	OnSort func()
	// OnNotice is called with a sentence for the person, such as that only a part was copied.
	OnNotice func(text string)

	noun       string // "client", whatever the language
	copyHeader string // names of the columns of copied rows
	copyRow    func(r *R) []string
	hint       func() string           // why there is nothing to see
	open       func(number int64) bool // for a double click or Enter; tells whether anything was done
	remove     func() bool             // for the Delete key, likewise; nil for nothing

	table  *rowTable[R, C]
	filter wordFilter
	grid   *grid.Grid

	anchor, head int64   // numbers of the two ends of the range that was selected last; 0 for none
	base         []int64 // what was selected before a range that is added to it, ascending
	taking       bool    // the range is taken out of base instead

	onScreen []int64 // numbers from the top row on
	tops     []int64 // scratch of keepPlace
}

// build makes the list. The other fields are set already.
func (l *rowList[R, C]) build(label string, table *rowTable[R, C], source grid.Source) {
	l.table = table
	table.want, table.any = make([]int, len(table.kinds)), make([]bool, len(table.kinds))
	l.grid = grid.New(source)
	l.grid.Label = label
	l.grid.Pointer = desktop.DefaultCursor
	l.grid.OnTapped = l.tapped
	l.grid.OnDoubleTapped = l.doubleTapped
	l.grid.OnDragged = l.dragged
	l.grid.OnHeaderTapped = l.headerTapped
	l.grid.OnKey = l.key
	l.grid.OnMenu = l.menu
	l.grid.OnScrolled = l.lookAtScreen
}

// setRows shows other rows, as of now. The list keeps them until the next call.
func (l *rowList[R, C]) setRows(rows []R, now time.Time) {
	l.table.set(rows, now)
	gone := l.table.forget()
	l.grid.Hint = l.hint()
	l.keepPlace()
	l.showHead()
	l.sync()
	if gone {
		call(l.OnSelect)
	}
}

// keepPlace keeps the same rows in view after the rows have moved, unless the person looks at the beginning, or
// keeps to the end. One may have moved far, so it is the row selected last that stays where it is, or else
// the most of them.
func (l *rowList[R, C]) keepPlace() {
	if l.grid.Top() == 0 || l.grid.Following() {
		return
	}
	l.tops = l.tops[:0]
	for i, number := range l.onScreen {
		row := l.table.rowOf(number)
		if row < 0 {
			continue
		}
		if number == l.head {
			l.tops = append(l.tops[:0], row-int64(i))
			break
		}
		l.tops = append(l.tops, row-int64(i))
	}
	if len(l.tops) == 0 {
		return
	}
	slices.Sort(l.tops)
	l.goTo(l.tops[len(l.tops)/2])
}

// goTo puts a row at the top. The end may come into view by that, and still is not followed.
func (l *rowList[R, C]) goTo(row int64) {
	if row = max(row, 0); row == l.grid.Top() {
		return
	}
	following := l.grid.Following()
	l.grid.ScrollToTop(row)
	l.grid.SetFollow(following)
}

// sync fits the columns to the room and repaints the rows that differ.
func (l *rowList[R, C]) sync() {
	if l.table.fit(l.grid.VisibleColumns()) || l.grid.HeaderLine == nil {
		l.dressGrid()
	} else {
		l.grid.Update()
	}
	l.lookAtScreen()
}

// dressGrid hands header and width to the grid after the columns have changed.
func (l *rowList[R, C]) dressGrid() {
	l.grid.HeaderLine = l.table.header()
	l.grid.Columns = l.table.width()
	l.grid.Refresh()
}

// lookAtScreen remembers who is in view.
func (l *rowList[R, C]) lookAtScreen() {
	l.onScreen = l.onScreen[:0]
	for row := l.grid.Top(); row < l.grid.Top()+int64(l.grid.VisibleRows()); row++ {
		if n := l.table.number(row); n > 0 {
			l.onScreen = append(l.onScreen, n)
		}
	}
}

// SetSort orders the rows by a column; those that are equal there stand by number. It does not call OnSort.
func (l *rowList[R, C]) SetSort(column C, descending bool) {
	if int(column) >= len(l.table.kinds) || column == l.table.sort && descending == l.table.descending {
		return
	}
	l.table.sort, l.table.descending = column, descending
	l.table.arrange()
	l.table.fit(l.grid.VisibleColumns())
	l.fromTop()
	l.dressGrid() // the arrow
	l.lookAtScreen()
}

// Sort returns the order.
func (l *rowList[R, C]) Sort() (column C, descending bool) {
	return l.table.sort, l.table.descending
}

// headerTapped sorts by the column that was tapped, or the other way round.
func (l *rowList[R, C]) headerTapped(cell int, _ fyne.KeyModifier) {
	column := l.table.columnAt(cell)
	descending := l.table.kinds[column].amount
	if column == l.table.sort {
		descending = !l.table.descending
	}
	l.SetSort(column, descending)
	call(l.OnSort)
}

// setFilter shows only the rows that have every word of text.
func (l *rowList[R, C]) setFilter(text string) {
	l.filter = newWordFilter(text)
	l.filtered()
}

// filtered shows what another filter lets through: from the top, or where the row is that was selected last.
func (l *rowList[R, C]) filtered() {
	l.table.arrange()
	l.grid.Hint = l.hint()
	l.fromTop()
	if row := l.table.rowOf(l.head); row >= 0 {
		l.grid.ScrollTo(row)
	}
	l.sync()
}

func (l *rowList[R, C]) fromTop() {
	l.grid.SetFollow(false)
	l.goTo(0)
	l.showHead()
}

// Shown returns how many rows are shown, and how many there are.
func (l *rowList[R, C]) Shown() (shown, all int) { return len(l.table.shown), len(l.table.rows) }

// Focus takes the keyboard of the window with that canvas.
func (l *rowList[R, C]) Focus(on fyne.Canvas) { on.Focus(l.grid) }

// Refresh looks everything up anew, the theme too.
func (l *rowList[R, C]) Refresh() {
	l.grid.Refresh()
	l.sync()
	l.BaseWidget.Refresh()
}

// CreateRenderer is part of fyne.Widget.
func (l *rowList[R, C]) CreateRenderer() fyne.WidgetRenderer {
	return &faceRenderer{
		objects: []fyne.CanvasObject{l.grid},
		layout: func(size fyne.Size) {
			if size != l.grid.Size() {
				l.grid.Resize(size)
				l.sync() // there are as many columns as there is room
			}
		},
		minSize: func() fyne.Size { return fyne.NewSize(200, 80) },
	}
}
