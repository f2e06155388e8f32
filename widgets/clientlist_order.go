package widgets

import (
	"cmp"
	"encoding/binary"
	"math"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// clientRows are the clients in the order they are shown. Everything here is made anew with every change of the
// clients, four times a second, so it keeps its memory.
//
// A client is known by its rank, its place when all are ordered by number: ranks need no table to be found, and
// settle what is equal otherwise.
type clientRows struct {
	rows []ClientRow
	now  time.Time

	order []int32 // indices into rows, by rank
	keys  []clientKey
	shown []int32 // ranks, by row
	place []int32 // rows, by rank; -1 for what is not shown

	filter     clientFilter
	liveOnly   bool
	sort       ClientColumn
	descending bool
	mode       TimeMode

	selected []int64 // numbers, ascending

	want      [clientColumns]int  // width of the contents
	any       [clientColumns]bool // for columns that are left out when nobody has something to show there
	placed    []placedColumn
	placedBuf []placedColumn // of the time before
	scratch   []byte
}

// set takes other clients and brings them in order.
func (s *clientRows) set(rows []ClientRow, now time.Time) {
	s.rows, s.now = rows, now
	s.order = s.order[:0]
	sorted := true
	for i := range rows {
		s.order = append(s.order, int32(i))
		sorted = sorted && (i == 0 || rows[i-1].Number < rows[i].Number)
	}
	if !sorted {
		slices.SortFunc(s.order, func(a, b int32) int { return cmp.Compare(rows[a].Number, rows[b].Number) })
	}
	s.arrange()
}

// arrange chooses and sorts the rows that are shown.
func (s *clientRows) arrange() {
	s.keys = s.keys[:0]
	s.place = s.place[:0]
	for rank := range s.order {
		s.place = append(s.place, -1)
		r := s.ranked(int32(rank))
		if s.liveOnly && r.over() || !s.filter.matches(r) {
			continue
		}
		k := s.key(r)
		k.rank = int32(rank)
		s.keys = append(s.keys, k)
	}
	switch {
	case s.sort == ColumnNumber && !s.descending: // they are
	case s.sort == ColumnWhy || s.sort == ColumnTLS:
		slices.SortFunc(s.keys, s.compareWords)
	case s.descending:
		slices.SortFunc(s.keys, func(a, b clientKey) int { return a.compare(&b, true) })
	default:
		slices.SortFunc(s.keys, func(a, b clientKey) int { return a.compare(&b, false) })
	}
	s.shown = s.shown[:0]
	for i := range s.keys {
		rank := s.keys[i].rank
		s.shown = append(s.shown, rank)
		s.place[rank] = int32(i)
	}
	s.measure()
}

// clientKey is what a row is sorted by.
type clientKey struct {
	high, low uint64
	port      uint16
	none      bool // there is nothing to sort by; such rows come last either way
	rank      int32
}

func (k *clientKey) compare(o *clientKey, descending bool) int {
	if k.none != o.none {
		if k.none {
			return 1
		}
		return -1
	}
	c := cmp.Compare(k.high, o.high)
	if c == 0 {
		c = cmp.Compare(k.low, o.low)
	}
	if c == 0 {
		c = cmp.Compare(k.port, o.port)
	}
	switch {
	case c == 0:
		return cmp.Compare(k.rank, o.rank)
	case descending:
		return -c
	}
	return c
}

// compareWords compares by the words of which the keys hold the beginning.
func (s *clientRows) compareWords(a, b clientKey) int {
	if a.none != b.none || a.high != b.high || a.low != b.low {
		return a.compare(&b, s.descending)
	}
	c := strings.Compare(s.words(s.ranked(a.rank)), s.words(s.ranked(b.rank)))
	switch {
	case c == 0:
		return cmp.Compare(a.rank, b.rank)
	case s.descending:
		return -c
	}
	return c
}

// words is the text that a row is sorted by.
func (s *clientRows) words(r *ClientRow) string {
	if s.sort == ColumnTLS {
		return r.TLS
	}
	if r.Why == "" {
		return r.By
	}
	return r.Why
}

func (s *clientRows) key(r *ClientRow) (k clientKey) {
	signed := func(v int64) { k.high = uint64(v) ^ 1<<63 }
	moment := func(t time.Time) {
		signed(t.UnixNano())
		k.none = t.IsZero()
	}
	switch s.sort {
	case ColumnNumber:
		signed(r.Number)
	case ColumnAddress:
		a, err := netip.ParseAddrPort(r.Address)
		k.none = err != nil
		b := a.Addr().As16()
		k.high, k.low, k.port = binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:]), a.Port()
	case ColumnSince:
		if s.mode == TimeRelative {
			signed(int64(r.lasted(s.now)))
		} else {
			moment(r.Since)
		}
	case ColumnSeen:
		moment(r.Seen)
		k.high = ^k.high // the less time has passed, the later it was
	case ColumnIn:
		signed(r.BytesIn)
	case ColumnOut:
		signed(r.BytesOut)
	case ColumnMessagesIn:
		signed(r.MessagesIn)
	case ColumnMessagesOut:
		signed(r.MessagesOut)
	case ColumnRate:
		if r.Rate > 0 { // and is a number
			k.high = math.Float64bits(r.Rate)
		}
	case ColumnPending:
		signed(r.Pending)
	case ColumnDropped:
		signed(r.Dropped)
	case ColumnState:
		k.high = uint64(r.State)
	case ColumnEnded:
		moment(r.Ended)
	case ColumnWhy, ColumnTLS:
		w := s.words(r)
		var b [16]byte
		k.none = copy(b[:], w) == 0
		k.high, k.low = binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])
	}
	return k
}

// ranked returns the client of a rank.
func (s *clientRows) ranked(rank int32) *ClientRow { return &s.rows[s.order[rank]] }

// at returns the client in a row, or nil.
func (s *clientRows) at(row int64) *ClientRow {
	if row < 0 || row >= int64(len(s.shown)) {
		return nil
	}
	return s.ranked(s.shown[row])
}

// number returns the number of the client in a row, or 0.
func (s *clientRows) number(row int64) int64 {
	if r := s.at(row); r != nil {
		return r.Number
	}
	return 0
}

// rankOf returns the rank of a client; ok is false when it is not listed.
func (s *clientRows) rankOf(number int64) (rank int, ok bool) {
	return slices.BinarySearchFunc(s.order, number, func(i int32, n int64) int { return cmp.Compare(s.rows[i].Number, n) })
}

// rowOf returns the row of a client, or -1 when it is not shown.
func (s *clientRows) rowOf(number int64) int64 {
	rank, ok := s.rankOf(number)
	if !ok {
		return -1
	}
	return int64(s.place[rank])
}

// holds tells whether a client is selected.
func (s *clientRows) holds(number int64) bool {
	_, ok := slices.BinarySearch(s.selected, number)
	return ok
}

// forget takes clients that are no longer listed out of the selection, and tells whether there were any.
func (s *clientRows) forget() bool {
	kept, rank := s.selected[:0], 0
	for _, number := range s.selected {
		for rank < len(s.order) && s.ranked(int32(rank)).Number < number {
			rank++
		}
		if rank < len(s.order) && s.ranked(int32(rank)).Number == number {
			kept = append(kept, number)
		}
	}
	gone := len(kept) < len(s.selected)
	s.selected = kept
	return gone
}

// over tells whether the connection has ended.
func (r *ClientRow) over() bool { return r.State >= ClientClosed || !r.Ended.IsZero() }

// lasted returns how long the connection has lasted, or did.
func (r *ClientRow) lasted(now time.Time) time.Duration {
	if r.Since.IsZero() {
		return 0
	}
	if !r.Ended.IsZero() {
		now = r.Ended
	}
	return max(now.Sub(r.Since), 0)
}
