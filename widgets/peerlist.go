package widgets

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"wirebench/widgets/grid"
	"wirebench/widgets/words"
)

var (
	_ fyne.Widget = (*PeerList)(nil)
	_ grid.Source = (*peerRows)(nil)

	_ rowContent[peer, PeerColumn] = (*peerRows)(nil)
)

// PeerRow is what a [PeerList] shows of one remote address.
type PeerRow struct {
	Addr netip.AddrPort // no two rows have the same

	In, Out           int64 // datagrams
	BytesIn, BytesOut int64
	Rate              float64   // bytes per second, both ways together
	First, Last       time.Time // of a datagram, either way
}

// PeerList shows with whom a UDP socket has exchanged datagrams, a remote address a row, and lets some of them be
// selected. It is made for up to 65,536 peers. A click on the name of a column sorts by it, and another one the other
// way round.
//
// The rows may change four times a second under the person's hands: rows are selected by the peer's address, not by
// their place, and while the list is scrolled the same peers stay in view.
//
// All methods and callbacks belong to the UI goroutine.
type PeerList struct {
	rowList[peer, PeerColumn]

	// OnActivate is called for a double click on a peer, and for Enter with the one selected last.
	OnActivate func(addr netip.AddrPort)

	rows  *peerRows
	known map[netip.AddrPort]knownPeer
	last  int64   // number
	round uint32  // of SetPeers: what is not of the present one is gone
	fresh []int32 // scratch of SetPeers
	peers []peer
}

// peer is a row with the number that the list has given it. Peers are numbered in the order they came.
type peer struct {
	row    *PeerRow
	number int64
	text   string // the address
}

type knownPeer struct {
	number int64
	text   string
	round  uint32
}

// NewPeerList returns a list without peers, ordered by when they were first seen.
func NewPeerList() *PeerList {
	l := &PeerList{known: map[netip.AddrPort]knownPeer{}}
	l.rows = &peerRows{filter: &l.filter}
	l.rows.of = l.rows
	l.rows.kinds, l.rows.extras = peerColumnKinds[:], peerExtras[:]
	l.rows.sort = PeerFirst
	l.noun, l.copyHeader, l.copyRow = "peer", peerCopyHeader, copiedPeer
	l.hint = func() string {
		if len(l.rows.rows) == 0 {
			return words.Say("No datagrams yet")
		}
		return words.Say("No peer matches the filter")
	}
	l.open = func(number int64) bool {
		if l.OnActivate != nil {
			l.OnActivate(l.addrOf(number))
		}
		return l.OnActivate != nil
	}
	l.build(words.Say("Peers"), &l.rows.rowTable, l.rows)
	l.ExtendBaseWidget(l)
	l.setRows(nil, time.Time{})
	return l
}

// SetPeers shows other peers, as of now. The list keeps rows until the next call and changes nothing in it; call it at
// most four times a second.
func (l *PeerList) SetPeers(rows []PeerRow, now time.Time) {
	l.round++
	clear(l.peers) // of rows that may be many more than these
	l.peers, l.fresh = l.peers[:0], l.fresh[:0]
	for i := range rows {
		r := &rows[i]
		k, ok := l.known[r.Addr]
		if ok {
			k.round = l.round
			l.known[r.Addr] = k
		} else {
			l.fresh = append(l.fresh, int32(i))
		}
		l.peers = append(l.peers, peer{row: r, number: k.number, text: k.text})
	}
	slices.SortFunc(l.fresh, func(a, b int32) int {
		return cmp.Or(rows[a].First.Compare(rows[b].First), rows[a].Addr.Compare(rows[b].Addr))
	})
	for _, i := range l.fresh {
		l.last++
		p := &l.peers[i]
		p.number, p.text = l.last, peerName(rows[i].Addr)
		l.known[rows[i].Addr] = knownPeer{p.number, p.text, l.round}
	}
	if len(l.known) > len(rows) {
		for addr, k := range l.known {
			if k.round != l.round {
				delete(l.known, addr)
			}
		}
	}
	l.setRows(l.peers, now)
}

// peerName writes an address as it is typed: that of an IPv4 peer of a socket for both families is one of IPv4.
func peerName(a netip.AddrPort) string {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()).String()
}

// addrOf returns the address of a listed peer.
func (l *PeerList) addrOf(number int64) netip.AddrPort {
	rank, ok := l.rows.rankOf(number)
	if !ok {
		return netip.AddrPort{}
	}
	return l.rows.ranked(int32(rank)).row.Addr
}

// SetFilter shows only the peers that have every word of text in their address, whatever the case of letters.
func (l *PeerList) SetFilter(text string) { l.setFilter(text) }

// Selected returns the selected peers in the order they came, those too that a filter keeps from view. The slice is
// the caller's own.
func (l *PeerList) Selected() []netip.AddrPort {
	addrs := make([]netip.AddrPort, 0, len(l.rows.selected))
	for rank := range l.rows.chosen() {
		addrs = append(addrs, l.rows.ranked(int32(rank)).row.Addr)
	}
	return addrs
}

// Select selects these peers and no others. Those that are not listed are left out. It does not scroll.
func (l *PeerList) Select(addrs []netip.AddrPort) {
	numbers := make([]int64, 0, len(addrs))
	for _, a := range addrs {
		if k, ok := l.known[a]; ok {
			numbers = append(numbers, k.number)
		}
	}
	l.selectNumbers(numbers)
}
