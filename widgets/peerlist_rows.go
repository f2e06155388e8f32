package widgets

import (
	"strconv"

	"wirebench/widgets/grid"
	"wirebench/widgets/words"
)

// PeerColumn is a column of a [PeerList], to sort by.
type PeerColumn uint8

const (
	PeerAddress PeerColumn = iota
	PeerIn
	PeerOut
	PeerBytesIn
	PeerBytesOut
	PeerRate
	PeerFirst
	PeerLast
	peerColumns // how many there are
)

// peerColumnKinds says how each column is shown.
var peerColumnKinds = [peerColumns]columnKind{
	PeerAddress:  {title: "address", least: 21, some: someAddress},
	PeerIn:       {title: "in // datagrams that came", right: true, least: 7, amount: true},
	PeerOut:      {title: "out // datagrams that were sent", right: true, least: 7, amount: true},
	PeerBytesIn:  {title: "bytes in", right: true, least: 8, amount: true},
	PeerBytesOut: {title: "bytes out", right: true, least: 9, amount: true},
	PeerRate:     {title: "rate", right: true, least: 10, amount: true},
	PeerFirst:    {title: "first // when a peer was first heard of", least: 8},
	PeerLast:     {title: "last // when a peer was last heard of", right: true, least: 6},
}

// peerExtras are the columns that a narrow list does without, the most important first.
var peerExtras = [...]PeerColumn{PeerLast, PeerBytesOut, PeerFirst}

// peerRows are the peers in the order they are shown.
type peerRows struct {
	rowTable[peer, PeerColumn]
	filter *wordFilter
}

func (s *peerRows) numberOf(p *peer) int64    { return p.number }
func (s *peerRows) keeps(p *peer) bool        { return s.filter.matches(0, p.text) }
func (s *peerRows) words(p *peer) string      { return p.text }
func (s *peerRows) title(c PeerColumn) string { return words.Say(peerColumnKinds[c].title) }
func (s *peerRows) like(*peer) grid.Cell      { return grid.Cell{Fg: grid.Foreground} }

func (s *peerRows) key(p *peer) (k rowKey) {
	r := p.row
	switch s.sort {
	case PeerAddress:
		k.address(r.Addr)
	case PeerIn:
		k.signed(r.In)
	case PeerOut:
		k.signed(r.Out)
	case PeerBytesIn:
		k.signed(r.BytesIn)
	case PeerBytesOut:
		k.signed(r.BytesOut)
	case PeerRate:
		k.rate(r.Rate)
	case PeerFirst:
		k.moment(r.First)
	case PeerLast:
		k.latest(r.Last)
	}
	return k
}

func (s *peerRows) measure() {
	if len(s.rows) == 0 {
		clear(s.want)
	}
	// Numbers that go up and down would make the columns dance, so theirs only grow while there are peers.
	s.want[PeerAddress] = 0
	var in, out int64
	early, today := false, dayStart(s.now)
	for _, rank := range s.shown {
		p := s.ranked(rank)
		s.grow(PeerAddress, min(len(p.text), mostAddress))
		in, out = max(in, p.row.In), max(out, p.row.Out)
		s.grow(PeerBytesIn, sizeWidth(p.row.BytesIn))
		s.grow(PeerBytesOut, sizeWidth(p.row.BytesOut))
		s.grow(PeerRate, sizeWidth(rateOf(p.row.Rate))+len("/s"))
		early = early || p.row.First.Before(today) && !p.row.First.IsZero()
	}
	s.grow(PeerIn, countWidth(in))
	s.grow(PeerOut, countWidth(out))
	s.grow(PeerLast, agoWidth())
	s.want[PeerFirst] = len(clockTime)
	if early {
		s.want[PeerFirst] = len(clockDay)
	}
}

// cell appends what a peer has in one column. No datagrams, bytes or rate are nothing: of most peers one way is empty.
func (s *peerRows) cell(cells []grid.Cell, p *peer, at columnPlace[PeerColumn], like grid.Cell) []grid.Cell {
	r, b := p.row, s.scratch[:0]
	count := func(n int64) {
		if n > 0 {
			b = append(b, FormatCount(n)...)
		}
	}
	size := func(n int64, c grid.Colour) {
		like.Fg = c
		if n > 0 {
			b = append(b, FormatSize(n)...)
		}
	}
	switch at.column {
	case PeerAddress:
		return grid.AppendText(cells, fitMiddle(plainText(p.text, mostAddress+1, false), at.width), like)
	case PeerIn:
		count(r.In)
	case PeerOut:
		count(r.Out)
	case PeerBytesIn:
		size(r.BytesIn, grid.In)
	case PeerBytesOut:
		size(r.BytesOut, grid.Out)
	case PeerRate:
		if n := rateOf(r.Rate); n > 0 {
			b = append(b, FormatRate(n)...)
		}
	case PeerFirst:
		if !r.First.IsZero() {
			b = appendClock(b, r.First, s.now)
		}
	case PeerLast:
		b = appendAgo(b, r.Last, s.now)
	}
	return s.appendText(cells, b, at, like)
}

// peerCopyHeader names the columns of copied rows, which hold exact numbers.
const peerCopyHeader = "address\tdatagrams in\tdatagrams out\tbytes in\tbytes out\tbytes/s\tfirst seen\tlast seen\n" // not said

func copiedPeer(p *peer) []string {
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	r := p.row
	return []string{
		plainText(p.text, 400, false), number(r.In), number(r.Out), number(r.BytesIn), number(r.BytesOut), number(rateOf(r.Rate)),
		copiedMoment(r.First), copiedMoment(r.Last),
	}
}
