package widgets

import (
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
}

// NewClientList returns a list without clients, ordered by number, that shows the ended ones too.
func NewClientList() *ClientList {
	l := &ClientList{rows: &clientRows{}}
	l.grid = grid.New(l.rows)
	l.grid.Label = "Clients"
	l.grid.Pointer = desktop.DefaultCursor
	l.ExtendBaseWidget(l)
	return l
}

type clientRows struct{}

func (*clientRows) Rows() int64                                { return 0 }
func (*clientRows) Row(_ int64, cells []grid.Cell) []grid.Cell { return cells }

// SetClients shows other clients, as of now. The list keeps rows until the next call and changes nothing in it; call
// it at most four times a second.
func (l *ClientList) SetClients(rows []ClientRow, now time.Time) {}

// Selected returns the numbers of the selected clients, ascending, those too that a filter keeps from view. The slice
// is the caller's own.
func (l *ClientList) Selected() []int64 { return nil }

// SelectedShown returns how many of the selected clients no filter keeps from view.
func (l *ClientList) SelectedShown() int { return 0 }

// Select selects the clients of these numbers and no others. Numbers that are not listed are left out.
func (l *ClientList) Select(numbers []int64) {}

// SelectAll selects every client that is shown.
func (l *ClientList) SelectAll() {}

// ClearSelection selects nothing.
func (l *ClientList) ClearSelection() {}

// SetSort orders the rows by a column; clients that are equal there stand by number. It does not call OnSort.
func (l *ClientList) SetSort(column ClientColumn, descending bool) {}

// Sort returns the order.
func (l *ClientList) Sort() (column ClientColumn, descending bool) { return ColumnNumber, false }

// SetFilter shows only the clients that have every word of text in their address, number, state or TLS line, whatever
// the case of letters; "#12" is the client of that number.
func (l *ClientList) SetFilter(text string) {}

// SetLiveOnly keeps the clients that have ended from view.
func (l *ClientList) SetLiveOnly(on bool) {}

// Shown returns how many clients are shown, and how many there are.
func (l *ClientList) Shown() (shown, all int) { return 0, 0 }

// SetTimeMode chooses how the column about the beginning is written: as the time of day, or as how long the
// connection has lasted.
func (l *ClientList) SetTimeMode(m TimeMode) {}

// TimeMode returns how the column about the beginning is written.
func (l *ClientList) TimeMode() TimeMode { return TimeAbsolute }

// Copy puts the selected rows on the clipboard as text.
func (l *ClientList) Copy() {}

// Focus takes the keyboard of the window with that canvas.
func (l *ClientList) Focus(on fyne.Canvas) { on.Focus(l.grid) }

// HasFocus tells whether it has that keyboard.
func (l *ClientList) HasFocus(on fyne.Canvas) bool { return on.Focused() == fyne.Focusable(l.grid) }

// Refresh looks everything up anew, the theme too.
func (l *ClientList) Refresh() {
	l.grid.Refresh()
	l.BaseWidget.Refresh()
}

// CreateRenderer is part of fyne.Widget.
func (l *ClientList) CreateRenderer() fyne.WidgetRenderer { return newFace(l.grid, nil) }
