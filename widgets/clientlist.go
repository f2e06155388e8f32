package widgets

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"wirebench/widgets/grid"
)

var (
	_ fyne.Widget = (*ClientList)(nil)
	_ grid.Source = (*clientRows)(nil)
)

// ClientState is where a client's connection stands.
type ClientState uint8

const (
	ClientShaking    ClientState = iota // the TLS handshake is under way
	ClientOpen                          // both sides may send
	ClientHalfClosed                    // the client sends no more
	ClientSendClosed                    // we send no more
	ClientClosing                       // what is queued is still going out, and then our FIN
	ClientClosed                        // ended in order
	ClientReset                         // broken off
)

// ClientRow is what a [ClientList] shows of one client. Strings may hold whatever a peer made up: they are made
// harmless where they are shown and copied.
type ClientRow struct {
	Number  int64  // from 1; no two rows have the same
	Address string // of the client, "127.0.0.1:50000" or "[::1]:50000"
	Local   string // our end of the connection; copied, and not shown

	Since time.Time // of being accepted
	Seen  time.Time // of the last byte from the client; zero for none
	Ended time.Time // zero while the connection lasts

	BytesIn, BytesOut       int64
	MessagesIn, MessagesOut int64
	Pending                 int64   // bytes that wait to be sent
	Dropped                 int64   // messages thrown away because too much was waiting
	Rate                    float64 // bytes per second, both ways together

	State ClientState
	By    string // who ended it: "peer", "local", ...
	Why   string // why it ended, in words
	TLS   string // protocol version and subject of the client's certificate; "" for plain TCP
}

// ClientList shows the clients of a server, one a row, and lets some of them be selected. A click on the name of a
// column sorts by it, and another one the other way round.
//
// The rows may change four times a second under the person's hands: rows are selected by the client's number, not by
// their place, and while the list is scrolled the same clients stay in view.
//
// All methods and callbacks belong to the UI goroutine.
type ClientList struct {
	widget.BaseWidget

	// OnSelect is called after the selection has changed, for whatever reason, also because a selected client is no
	// longer listed.
	OnSelect func()
	// OnMenu is called for a secondary click on a client, which is selected then, with the absolute position for a
	// pop-up menu.
	OnMenu func(pos fyne.Position)
	// OnActivate is called for a double click on a client, and for Enter with the one selected last.
	OnActivate func(number int64)
	// OnKick is called for the Delete key while something is selected.
	OnKick func()
	// OnSort is called after the person has chosen another order.
	OnSort func()
	// OnNotice is called with a sentence for the person, such as that only a part was copied.
	OnNotice func(text string)

	rows *clientRows
	grid *grid.Grid

	anchor, head int64   // numbers of the two ends of the range that was selected last; 0 for none
	base         []int64 // what was selected before a range that is added to it, ascending
	taking       bool    // the range is taken out of base instead

	onScreen []int64 // numbers from the top row on
	tops     []int64 // scratch of keepPlace
}

// NewClientList returns a list without clients, ordered by number, that shows the ended ones too.
func NewClientList() *ClientList {
	l := &ClientList{rows: &clientRows{}}
	l.grid = grid.New(l.rows)
	l.grid.Label = "Clients"
	l.grid.Pointer = desktop.DefaultCursor
	l.grid.OnTapped = l.tapped
	l.grid.OnDoubleTapped = l.doubleTapped
	l.grid.OnDragged = l.dragged
	l.grid.OnHeaderTapped = l.headerTapped
	l.grid.OnKey = l.key
	l.grid.OnMenu = l.menu
	l.grid.OnScrolled = l.lookAtScreen
	l.ExtendBaseWidget(l)
	l.rows.set(nil, time.Time{})
	l.hint()
	l.sync()
	return l
}

// SetClients shows other clients, as of now. The list keeps rows until the next call and changes nothing in it; call
// it at most four times a second.
func (l *ClientList) SetClients(rows []ClientRow, now time.Time) {
	l.rows.set(rows, now)
	gone := l.rows.forget()
	l.hint()
	l.keepPlace()
	l.showHead()
	l.sync()
	if gone {
		call(l.OnSelect)
	}
}

// keepPlace keeps the same clients in view after the rows have moved, unless the person looks at the beginning, or
// keeps to the end. One client may have moved far, so it is the row selected last that stays where it is, or else
// the most of them.
func (l *ClientList) keepPlace() {
	if l.grid.Top() == 0 || l.grid.Following() {
		return
	}
	l.tops = l.tops[:0]
	for i, number := range l.onScreen {
		row := l.rows.rowOf(number)
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
func (l *ClientList) goTo(row int64) {
	if row = max(row, 0); row == l.grid.Top() {
		return
	}
	following := l.grid.Following()
	l.grid.ScrollToTop(row)
	l.grid.SetFollow(following)
}

// sync fits the columns to the room and repaints the rows that differ.
func (l *ClientList) sync() {
	if l.rows.fit(l.grid.VisibleColumns()) || l.grid.HeaderLine == nil {
		l.dressGrid()
	} else {
		l.grid.Update()
	}
	l.lookAtScreen()
}

// dressGrid hands header and width to the grid after the columns have changed.
func (l *ClientList) dressGrid() {
	l.grid.HeaderLine = l.rows.header()
	l.grid.Columns = l.rows.width()
	l.grid.Refresh()
}

// lookAtScreen remembers who is in view.
func (l *ClientList) lookAtScreen() {
	l.onScreen = l.onScreen[:0]
	for row := l.grid.Top(); row < l.grid.Top()+int64(l.grid.VisibleRows()); row++ {
		if n := l.rows.number(row); n > 0 {
			l.onScreen = append(l.onScreen, n)
		}
	}
}

func (l *ClientList) hint() {
	switch {
	case len(l.rows.rows) == 0:
		l.grid.Hint = "No clients yet"
	case l.rows.filter.empty():
		l.grid.Hint = "No client is connected now"
	default:
		l.grid.Hint = "No client matches the filter"
	}
}

// SetSort orders the rows by a column; clients that are equal there stand by number. It does not call OnSort.
func (l *ClientList) SetSort(column ClientColumn, descending bool) {
	if column >= clientColumns || column == l.rows.sort && descending == l.rows.descending {
		return
	}
	l.rows.sort, l.rows.descending = column, descending
	l.rows.arrange()
	l.rows.fit(l.grid.VisibleColumns())
	l.fromTop()
	l.dressGrid() // the arrow
	l.lookAtScreen()
}

// Sort returns the order.
func (l *ClientList) Sort() (column ClientColumn, descending bool) {
	return l.rows.sort, l.rows.descending
}

// headerTapped sorts by the column that was tapped, or the other way round.
func (l *ClientList) headerTapped(cell int, _ fyne.KeyModifier) {
	column := l.rows.columnAt(cell)
	descending := clientColumnKinds[column].amount
	if column == l.rows.sort {
		descending = !l.rows.descending
	}
	l.SetSort(column, descending)
	call(l.OnSort)
}

// SetFilter shows only the clients that have every word of text in their address, number, state or TLS line, whatever
// the case of letters; "#12" is the client of that number.
func (l *ClientList) SetFilter(text string) {
	l.rows.filter = newClientFilter(text)
	l.filtered()
}

// SetLiveOnly keeps the clients that have ended from view.
func (l *ClientList) SetLiveOnly(on bool) {
	if on != l.rows.liveOnly {
		l.rows.liveOnly = on
		l.filtered()
	}
}

// filtered shows what another filter lets through: from the top, or where the client is that was selected last.
func (l *ClientList) filtered() {
	l.rows.arrange()
	l.hint()
	l.fromTop()
	if row := l.rows.rowOf(l.head); row >= 0 {
		l.grid.ScrollTo(row)
	}
	l.sync()
}

func (l *ClientList) fromTop() {
	l.grid.SetFollow(false)
	l.goTo(0)
	l.showHead()
}

// Shown returns how many clients are shown, and how many there are.
func (l *ClientList) Shown() (shown, all int) { return len(l.rows.shown), len(l.rows.rows) }

// SetTimeMode chooses how the column about the beginning is written: as the time of day, or as how long the
// connection has lasted.
func (l *ClientList) SetTimeMode(m TimeMode) {
	if m == l.rows.mode {
		return
	}
	l.rows.mode = m
	l.rows.arrange()
	l.keepPlace()
	l.rows.fit(l.grid.VisibleColumns())
	l.dressGrid() // another name
	l.lookAtScreen()
}

// TimeMode returns how the column about the beginning is written.
func (l *ClientList) TimeMode() TimeMode { return l.rows.mode }

// Focus takes the keyboard of the window with that canvas.
func (l *ClientList) Focus(on fyne.Canvas) { on.Focus(l.grid) }

// HasFocus tells whether it has that keyboard.
func (l *ClientList) HasFocus(on fyne.Canvas) bool { return on.Focused() == fyne.Focusable(l.grid) }

// Refresh looks everything up anew, the theme too.
func (l *ClientList) Refresh() {
	l.grid.Refresh()
	l.sync()
	l.BaseWidget.Refresh()
}

// CreateRenderer is part of fyne.Widget.
func (l *ClientList) CreateRenderer() fyne.WidgetRenderer {
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
