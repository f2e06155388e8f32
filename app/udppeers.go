package app

import (
	"net/netip"
	"slices"
	"time"

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
	tab  *udpTab
	bar  *widgets.PeerBar
	list *widgets.PeerList
	root *fyne.Container

	infos  []sessions.PeerInfo // as of the last look, in the order they came
	rows   [2][]widgets.PeerRow
	turn   int // which of rows is not the list's
	rates  peerRates
	seen   uint64
	looked time.Time
	only   bool // the traffic of the selected peers alone is shown
	spans  []capture.FlowSpan
}

func newPeerPane(t *udpTab, s *udpOptions) *peerPane {
	p := &peerPane{tab: t, bar: widgets.NewPeerBar(), list: widgets.NewPeerList(), only: !s.AllTraffic}
	p.list.SetSort(widgets.PeerColumn(max(s.SortBy, 0)), s.SortDown)
	p.bar.SetTraffic(p.only)
	p.bar.OnFilter = func(text string) {
		p.list.SetFilter(text)
		p.count()
	}
	p.bar.OnLeave = func() { p.list.Focus(t.bench.win.Canvas()) }
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
	now, v := time.Now(), p.tab.session.Version()
	every := manyEvery
	switch {
	case v == p.seen, len(p.infos) > tooMany:
		every = ageEvery
	}
	if now.Sub(p.looked) < every {
		return
	}
	p.seen, p.looked = v, now
	p.infos = p.tab.session.Peers(p.infos[:0])
	p.rates.measure(p.infos, now)
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

// showOnly chooses whether the traffic list shows the selected peers alone.
func (p *peerPane) showOnly(on bool) {
	p.only = on
	p.filter()
	p.tab.bench.rebuildMenu()
}

// toggleOnly is showOnly for a menu.
func (p *peerPane) toggleOnly() {
	p.bar.SetTraffic(!p.only)
	p.showOnly(!p.only)
}

// focus gives the list the keyboard.
func (p *peerPane) focus() {
	p.show()
	p.list.Focus(p.tab.bench.win.Canvas())
}

// find gives the filter the keyboard.
func (p *peerPane) find() {
	p.show()
	p.bar.FocusFilter(p.tab.bench.win.Canvas())
}

// show brings the pane back.
func (p *peerPane) show() {
	if w := p.tab.bench; w.space.View.HidePeers {
		w.space.View.HidePeers = false
		w.viewChanged()
	}
}

// filter shows the traffic of the selected peers, or of all.
func (p *peerPane) filter() {
	var spans []capture.FlowSpan
	if p.only {
		for _, a := range p.list.Selected() {
			spans = append(spans, capture.FlowSpan{Flow: capture.Flow{Proto: capture.UDP, Remote: a}})
		}
	}
	if slices.Equal(spans, p.spans) {
		return
	}
	p.spans = spans
	p.tab.traffic.setOnly(spans)
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

// peerRates measures how fast peers talk. Peers keep their place in the order
// they came, so a place is all that tells them apart.
type peerRates struct {
	at    time.Time
	bytes []int64 // of the last measurement
	rates []float64
}

// measure takes the peers as they are now.
func (m *peerRates) measure(peers []sessions.PeerInfo, now time.Time) {
	took := now.Sub(m.at)
	fresh := took >= rateEvery
	for i := range peers {
		bytes := peers[i].BytesIn + peers[i].BytesOut
		switch {
		case i == len(m.bytes):
			m.bytes, m.rates = append(m.bytes, 0), append(m.rates, 0)
			if !fresh {
				continue
			}
			m.rates[i] = float64(bytes) / took.Seconds()
		case fresh:
			rate := float64(bytes-m.bytes[i]) / took.Seconds()
			m.rates[i] += (rate - m.rates[i]) * rateWeight
		default:
			continue
		}
		if m.rates[i] < leastRate {
			m.rates[i] = 0
		}
		m.bytes[i] = bytes
	}
	if fresh {
		m.at = now
	}
}

// of is the rate of the i-th peer, in bytes a second.
func (m *peerRates) of(i int) float64 { return m.rates[i] }
