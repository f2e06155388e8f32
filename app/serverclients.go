package app

import (
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions"
	"wirebench/sessions/capture"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// manyRows is from where on bringing the list of clients up to date takes long.
const manyRows = 1000

// clientPane is the list of a server's clients with the line above it.
type clientPane struct {
	listPane[*widgets.ClientList, *widgets.ClientBar]
	tab  *serverTab
	more *widgets.Banner // what does not fit in the row of the one that is selected

	infos  []sessions.ClientInfo // as of the last look, by number
	rows   [2][]widgets.ClientRow
	turn   int             // which of rows is not the list's
	names  [2][]clientName // of the clients of this look and of the one before, by number
	rates  rateMeter
	ended  bool // those that are gone are listed too
	detail string
}

func newClientPane(t *serverTab, s *serverOptions) *clientPane {
	p := &clientPane{tab: t, more: widgets.NewBanner(), ended: true}
	p.desk, p.list, p.bar, p.only = &t.desk, widgets.NewClientList(), widgets.NewClientBar(), true
	p.hidden = func() *bool { return &t.bench.space.View.HideClients }
	p.chosen = p.chosenSpans
	if s != nil {
		p.only, p.ended = !s.AllTraffic, !s.HideEnded
		p.list.SetSort(widgets.ClientColumn(max(s.SortBy, 0)), s.SortDown)
	}
	p.bar.SetTraffic(p.only)
	p.bar.SetEnded(p.ended)
	p.list.SetLiveOnly(!p.ended)
	p.bar.OnFilter = func(text string) {
		p.list.SetFilter(text)
		p.count()
	}
	p.bar.OnEnded = func(on bool) {
		p.ended = on
		p.list.SetLiveOnly(!on)
		p.count()
	}
	p.bar.OnLeave = p.focusList
	p.bar.OnTraffic = p.showOnly
	p.bar.OnKick = p.kick
	p.bar.OnReset = p.reset
	p.bar.OnHalfClose = p.halfClose
	p.list.OnSelect = p.selected
	p.list.OnKick = p.kick
	p.list.OnMenu = p.menu
	p.list.OnSort = t.bench.rebuildMenu
	p.list.OnNotice = t.traffic.tell
	p.list.OnActivate = func(number int64) {
		p.list.Select([]int64{number})
		t.focusComposer()
	}
	p.more.Hide()
	p.root = container.NewBorder(p.bar, p.more, nil, nil, p.list)
	return p
}

// save adds what is kept of the pane.
func (p *clientPane) save(s *serverOptions) {
	s.AllTraffic, s.HideEnded = !p.only, !p.ended
	column, down := p.list.Sort()
	s.SortBy, s.SortDown = int(column), down
}

// tick brings the list up to date, when there is something new and not too
// often.
func (p *clientPane) tick() {
	every := fewEvery
	if len(p.infos) > manyRows {
		every = manyEvery
	}
	now, ok := p.due(p.tab.server.Version(), every)
	if !ok {
		return
	}
	p.infos = p.tab.server.Clients(p.infos[:0])
	p.rates.measure(len(p.infos), func(i int) talk {
		c := &p.infos[i]
		return talk{number: c.Number, bytes: c.BytesIn + c.BytesOut, over: !c.Ended.IsZero()}
	}, now)
	p.name()
	rows := p.rows[p.turn][:0]
	for i := range p.infos {
		rows = append(rows, clientRow(&p.infos[i], p.names[0][i], p.rates.of(i)))
	}
	p.rows[p.turn] = rows
	p.turn = 1 - p.turn
	p.list.SetClients(rows, now)
	p.count()
	p.filter() // an end that has come since bounds whose records they are
	p.tellMore()
}

// tellMore says what does not fit in the row of a client that is selected alone:
// how it ended, and what it agreed on in its TLS handshake.
func (p *clientPane) tellMore() {
	text := ""
	if chosen := p.list.Selected(); len(chosen) == 1 {
		if c := p.info(chosen[0]); c != nil {
			text = clientDetail(c)
		}
	}
	if text == p.detail {
		return
	}
	p.detail = text
	p.more.SetNotice(widgets.Notice{Kind: widgets.NoticeInfo, Text: text, Stays: true})
	show(p.more, text != "")
	p.root.Refresh()
}

// shortWhy is the longest reason that the list shows whole wherever it can.
const shortWhy = 30

// clientDetail is what there is to say of a client beyond what its row shows.
func clientDetail(c *sessions.ClientInfo) string {
	var parts []string
	if c.TLS != nil {
		parts = append(parts, c.TLS.Summary())
	}
	if len(c.Why) > shortWhy || c.TLS != nil && c.Why != "" {
		parts = append(parts, c.Why)
	}
	if c.DroppedMessages > 0 {
		parts = append(parts, words.Many(c.DroppedMessages,
			"%d message with %s dropped, because too much was waiting", "%d messages with %s dropped, because too much was waiting", widgets.FormatSize(c.DroppedBytes)))
	}
	if c.UnsentBytes > 0 {
		parts = append(parts, words.Say("%s not sent", widgets.FormatSize(c.UnsentBytes)))
	}
	if len(parts) == 0 {
		return ""
	}
	return words.Say("Client %s: %s.", strconv.FormatInt(c.Number, 10), strings.Join(parts, "; "))
}

// clientName is what is written of a client that never changes. Writing it down
// anew for ten thousand clients four times a second would be most of the work.
type clientName struct {
	number        int64
	remote, local string
}

// name writes down the names of the clients that came since the last look.
func (p *clientPane) name() {
	old := p.names[0]
	names := p.names[1][:0]
	for i := range p.infos {
		c := &p.infos[i]
		for len(old) > 0 && old[0].number < c.Number {
			old = old[1:]
		}
		if len(old) > 0 && old[0].number == c.Number {
			names = append(names, old[0])
		} else {
			names = append(names, clientName{c.Number, c.Remote.String(), c.Local.String()})
		}
	}
	p.names[0], p.names[1] = names, p.names[0]
}

// count says how many there are.
func (p *clientPane) count() {
	ended := 0
	for i := range p.infos {
		if !p.infos[i].Ended.IsZero() {
			ended++
		}
	}
	shown, _ := p.list.Shown()
	p.bar.SetCounts(p.tab.info.Clients, ended, shown)
	to, live := p.target()
	if to == nil {
		live = 0
	}
	chosen := len(p.list.Selected())
	p.bar.SetSelection(chosen, live)
	p.bar.SetSelectionHidden(chosen - p.list.SelectedShown())
}

// target is whom a message goes to, nil for all, and how many of those are
// connected.
func (p *clientPane) target() (to []int64, live int) {
	chosen := p.list.Selected()
	if len(chosen) == 0 {
		return nil, p.tab.info.Clients
	}
	for _, n := range chosen {
		if i := p.info(n); i != nil && i.Ended.IsZero() {
			to = append(to, n)
		}
	}
	if len(to) == 0 {
		return chosen, 0
	}
	return to, len(to)
}

// info is a client as of the last look, nil for one that is not listed.
func (p *clientPane) info(number int64) *sessions.ClientInfo {
	i, ok := slices.BinarySearchFunc(p.infos, number, func(c sessions.ClientInfo, n int64) int { return int(c.Number - n) })
	if !ok {
		return nil
	}
	return &p.infos[i]
}

// selected follows the selection.
func (p *clientPane) selected() {
	p.count()
	p.filter()
	p.tellMore()
	p.tab.aim()
	p.tab.bench.rebuildMenu()
}

// sortBy sorts the list, the other way round if it is sorted by that already.
func (p *clientPane) sortBy(c widgets.ClientColumn, descending bool) {
	if now, down := p.list.Sort(); now == c {
		descending = !down
	}
	p.list.SetSort(c, descending)
	p.tab.bench.rebuildMenu()
}

// sortedBy reports whether the list is sorted by a column.
func (p *clientPane) sortedBy(c widgets.ClientColumn) bool {
	now, _ := p.list.Sort()
	return now == c
}

// chosenSpans is what the selected clients carry.
func (p *clientPane) chosenSpans() (spans []capture.FlowSpan) {
	for _, n := range p.list.Selected() {
		if c := p.info(n); c != nil {
			spans = append(spans, capture.FlowSpan{
				Flow: capture.Flow{Proto: capture.TCP, Local: c.Local, Remote: c.Remote},
				From: c.Since, To: c.Ended,
			})
		}
	}
	return spans
}

func (p *clientPane) kick()      { p.act(p.tab.server.Disconnect) }
func (p *clientPane) reset()     { p.act(p.tab.server.Reset) }
func (p *clientPane) halfClose() { p.act(p.tab.server.CloseWrite) }

// act does something to the selected clients, and to nobody when none is.
func (p *clientPane) act(do func([]int64) int) {
	if chosen := p.list.Selected(); len(chosen) > 0 {
		do(chosen)
	}
}

// some reports whether a selected client is connected.
func (p *clientPane) some() bool {
	to, live := p.target()
	return to != nil && live > 0
}

// menu offers what can be done with the selected clients.
func (p *clientPane) menu(at fyne.Position) {
	item := func(name string, on bool, run func()) *fyne.MenuItem {
		m := fyne.NewMenuItem(name, run)
		m.Disabled = !on
		return m
	}
	live := p.some()
	only := item(words.Say("Show only their traffic"), true, p.toggleOnly)
	only.Checked = p.only
	m := widget.NewPopUpMenu(fyne.NewMenu("",
		item(words.Say("Write to them"), live, p.tab.focusComposer),
		item(words.Say("Send them a file..."), live, p.tab.askSendFile),
		only,
		fyne.NewMenuItemSeparator(),
		item(words.Say("Half-close: send no more, still receive"), live, p.halfClose),
		item(words.Say("Kick: close in order (FIN)"), live, p.kick),
		item(words.Say("Reset: cut off (RST)"), live, p.reset),
		fyne.NewMenuItemSeparator(),
		item(words.Say("Copy"), true, p.list.Copy),
		item(words.Say("Select all"), true, p.list.SelectAll),
	), p.tab.bench.win.Canvas())
	m.ShowAtPosition(at)
}

// clientRow is a client as the list shows it.
func clientRow(c *sessions.ClientInfo, n clientName, rate float64) widgets.ClientRow {
	r := widgets.ClientRow{
		Number: c.Number, Address: n.remote, Local: n.local,
		Since: c.Since, Seen: c.LastSeen, Ended: c.Ended,
		BytesIn: c.BytesIn, BytesOut: c.BytesOut, MessagesIn: c.MessagesIn, MessagesOut: c.MessagesOut,
		Pending: c.PendingBytes, Dropped: c.DroppedMessages, Rate: rate,
		By: c.ClosedBy, Why: c.Why,
	}
	switch {
	case c.State == sessions.Opening:
		r.State = widgets.ClientShaking
	case c.State == sessions.Closing:
		r.State = widgets.ClientClosing
	case c.State == sessions.Closed:
		r.State = widgets.ClientClosed
	case c.State == sessions.Failed:
		r.State = widgets.ClientReset
	case c.WriteClosed:
		r.State = widgets.ClientSendClosed
	case c.ReadClosed:
		r.State = widgets.ClientHalfClosed
	default:
		r.State = widgets.ClientOpen
	}
	if c.TLS != nil {
		r.TLS = c.TLS.Version
		if c.TLS.Subject != "" {
			r.TLS += " " + c.TLS.Subject
		}
	}
	return r
}
