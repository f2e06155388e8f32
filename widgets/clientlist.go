package widgets

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"wirebench/widgets/grid"
	"wirebench/widgets/words"
)

var (
	_ fyne.Widget = (*ClientList)(nil)
	_ grid.Source = (*clientRows)(nil)

	_ rowContent[ClientRow, ClientColumn] = (*clientRows)(nil)
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
	rowList[ClientRow, ClientColumn]

	// OnActivate is called for a double click on a client, and for Enter with the one selected last.
	OnActivate func(number int64)
	// OnKick is called for the Delete key while something is selected.
	OnKick func()

	rows *clientRows
}

// NewClientList returns a list without clients, ordered by number, that shows the ended ones too.
func NewClientList() *ClientList {
	l := &ClientList{}
	l.rows = &clientRows{filter: &l.filter}
	l.rows.of = l.rows
	l.rows.kinds, l.rows.extras = clientColumnKinds[:], clientExtras[:]
	l.noun, l.copyHeader, l.copyRow = "client", clientCopyHeader, copiedClient
	l.hint = l.whyEmpty
	l.open = func(number int64) bool {
		if l.OnActivate != nil {
			l.OnActivate(number)
		}
		return l.OnActivate != nil
	}
	l.remove = func() bool {
		call(l.OnKick)
		return l.OnKick != nil
	}
	l.build(words.Say("Clients"), &l.rows.rowTable, l.rows)
	l.ExtendBaseWidget(l)
	l.setRows(nil, time.Time{})
	return l
}

// SetClients shows other clients, as of now. The list keeps rows until the next call and changes nothing in it; call
// it at most four times a second.
func (l *ClientList) SetClients(rows []ClientRow, now time.Time) { l.setRows(rows, now) }

func (l *ClientList) whyEmpty() string {
	switch {
	case len(l.rows.rows) == 0:
		return words.Say("No clients yet")
	case l.filter.empty():
		return words.Say("No client is connected now")
	}
	return words.Say("No client matches the filter")
}

// SetFilter shows only the clients that have every word of text in their address, number, state or TLS line, whatever
// the case of letters; "#12" is the client of that number.
func (l *ClientList) SetFilter(text string) { l.setFilter(text) }

// SetLiveOnly keeps the clients that have ended from view.
func (l *ClientList) SetLiveOnly(on bool) {
	if on != l.rows.liveOnly {
		l.rows.liveOnly = on
		l.filtered()
	}
}

// Selected returns the numbers of the selected clients, ascending, those too that a filter keeps from view. The slice
// is the caller's own.
func (l *ClientList) Selected() []int64 { return slices.Clone(l.rows.selected) }

// Select selects the clients of these numbers and no others. Numbers that are not listed are left out. It does not
// scroll.
func (l *ClientList) Select(numbers []int64) { l.selectNumbers(numbers) }

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
