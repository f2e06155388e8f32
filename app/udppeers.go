package app

import (
	"net/netip"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions"
	"wirebench/sessions/capture"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// tooMany is from where on bringing the list of peers up to date is so much work
// that it is done once a second.
const tooMany = 10_000

// peerPane is the list of those a datagram socket has exchanged datagrams with,
// and the line above it.
type peerPane struct {
	listPane[*widgets.PeerList, *widgets.PeerBar]
	tab *udpTab

	infos []sessions.PeerInfo // as of the last look, in the order they came
	rows  [2][]widgets.PeerRow
	turn  int // which of rows is not the list's
	rates rateMeter
}

func newPeerPane(t *udpTab, s *udpOptions) *peerPane {
	p := &peerPane{tab: t}
	p.desk, p.list, p.bar, p.only = &t.desk, widgets.NewPeerList(), widgets.NewPeerBar(), !s.AllTraffic
	p.hidden = func() *bool { return &t.bench.space.View.HidePeers }
	p.chosen = p.chosenSpans
	p.list.SetSort(widgets.PeerColumn(max(s.SortBy, 0)), s.SortDown)
	p.bar.SetTraffic(p.only)
	p.bar.OnFilter = func(text string) {
		p.list.SetFilter(text)
		p.count()
	}
	p.bar.OnLeave = p.focusList
	p.bar.OnTraffic = p.showOnly
	p.list.OnSelect = p.selected
	p.list.OnMenu = p.menu
	p.list.OnSort = t.bench.rebuildMenu
	p.list.OnNotice = t.traffic.tell
	p.list.OnActivate = t.target
	p.root = container.NewBorder(p.bar, nil, nil, nil, p.list)
	return p
}

// save adds what is kept of the pane.
func (p *peerPane) save(s *udpOptions) {
	s.AllTraffic = !p.only
	column, down := p.list.Sort()
	s.SortBy, s.SortDown = int(column), down
}

// tick brings the list up to date, when there is something new and not too
// often.
func (p *peerPane) tick() {
	every := manyEvery
	if len(p.infos) > tooMany {
		every = ageEvery
	}
	now, ok := p.due(p.tab.session.Version(), every)
	if !ok {
		return
	}
	p.infos = p.tab.session.Peers(p.infos[:0])
	p.rates.measure(len(p.infos), func(i int) talk {
		// Peers keep their place in the order they came.
		return talk{number: int64(i), bytes: p.infos[i].BytesIn + p.infos[i].BytesOut}
	}, now)
	rows := p.rows[p.turn][:0]
	for i := range p.infos {
		c := &p.infos[i]
		rows = append(rows, widgets.PeerRow{
			Addr: c.Addr, In: c.In, Out: c.Out, BytesIn: c.BytesIn, BytesOut: c.BytesOut,
			Rate: p.rates.of(i), First: c.First, Last: c.Last,
		})
	}
	p.rows[p.turn] = rows
	p.turn = 1 - p.turn
	p.list.SetPeers(rows, now)
	p.count()
}

// count says how many there are.
func (p *peerPane) count() {
	shown, all := p.list.Shown()
	p.bar.SetCounts(all, shown, p.tab.info.PeersForgotten)
	chosen := len(p.list.Selected())
	p.bar.SetSelection(chosen, chosen-p.list.SelectedShown())
}

// selected follows the selection.
func (p *peerPane) selected() {
	p.count()
	p.filter()
	p.tab.bench.rebuildMenu()
}

// chosenSpans is what the selected peers carry.
func (p *peerPane) chosenSpans() (spans []capture.FlowSpan) {
	for _, a := range p.list.Selected() {
		spans = append(spans, capture.FlowSpan{Flow: capture.Flow{Proto: capture.UDP, Remote: a}})
	}
	return spans
}

// first is the first of the selected peers; it is not valid when none is.
func (p *peerPane) first() netip.AddrPort {
	if chosen := p.list.Selected(); len(chosen) > 0 {
		return chosen[0]
	}
	return netip.AddrPort{}
}

// menu offers what can be done with the selected peers.
func (p *peerPane) menu(at fyne.Position) {
	write := fyne.NewMenuItem(words.Say("Write to it"), func() { p.tab.target(p.first()) })
	write.Disabled = len(p.list.Selected()) != 1
	only := fyne.NewMenuItem(words.Say("Show only their traffic"), p.toggleOnly)
	only.Checked = p.only
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", write, only, fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem(words.Say("Copy"), p.list.Copy),
		fyne.NewMenuItem(words.Say("Select all"), p.list.SelectAll),
	), p.tab.bench.win.Canvas(), at)
}
