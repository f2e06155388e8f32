package widgets

import (
	"cmp"
	"encoding/binary"
	"iter"
	"math"
	"net/netip"
	"slices"
	"strings"
	"time"

	"wirebench/widgets/grid"
)

// rowContent is what a [rowTable] has to know of its rows.
type rowContent[R any, C ~uint8] interface {
	numberOf(r *R) int64 // more than 0, and no two rows have the same
	keeps(r *R) bool     // whether the row is to be shown
	key(r *R) rowKey     // what it is sorted by
	words(r *R) string   // the text it is sorted by, in the columns that are about words
	measure()            // fills want and any from the rows that are shown
	title(c C) string    // what stands over a column
	like(r *R) grid.Cell // how the row looks where nothing says otherwise
	// cell appends what the row has in one column; the cells before it are there already.
	cell(cells []grid.Cell, r *R, p columnPlace[C], like grid.Cell) []grid.Cell
}

// rowTable are rows in the order they are shown, with the columns there is room for. Everything here is made anew with
// every change of the rows, four times a second, so it keeps its memory.
//
// A row is known by its rank, its place when all are ordered by number: ranks need no table to be found, and settle
// what is equal otherwise.
type rowTable[R any, C ~uint8] struct {
	of   rowContent[R, C]
	rows []R
	now  time.Time

	order []int32 // indices into rows, by rank
	keys  []rowKey
	shown []int32 // ranks, by row
	place []int32 // rows, by rank; -1 for what is not shown

	sort       C
	descending bool

	selected []int64 // numbers, ascending

	kinds     []columnKind // by column
	extras    []C          // columns that a narrow list does without, the most important first
	want      []int        // width of the contents, by column
	any       []bool       // for columns that are left out when nobody has something to show there
	placed    []columnPlace[C]
	placedBuf []columnPlace[C] // of the time before
	scratch   []byte
}

// set takes other rows and brings them in order.
func (s *rowTable[R, C]) set(rows []R, now time.Time) {
	s.rows, s.now = rows, now
	s.order = s.order[:0]
	sorted, last := true, int64(0)
	for i := range rows {
		n := s.of.numberOf(&rows[i])
		s.order = append(s.order, int32(i))
		sorted = sorted && (i == 0 || last < n)
		last = n
	}
	if !sorted {
		slices.SortFunc(s.order, func(a, b int32) int { return cmp.Compare(s.of.numberOf(&rows[a]), s.of.numberOf(&rows[b])) })
	}
	s.arrange()
}

// arrange chooses and sorts the rows that are shown.
func (s *rowTable[R, C]) arrange() {
	s.keys = s.keys[:0]
	s.place = s.place[:0]
	for rank := range s.order {
		s.place = append(s.place, -1)
		r := s.ranked(int32(rank))
		if !s.of.keeps(r) {
			continue
		}
		k := s.of.key(r)
		k.rank = int32(rank)
		s.keys = append(s.keys, k)
	}
	switch kind := &s.kinds[s.sort]; {
	case kind.numbers && !s.descending: // they are
	case kind.words:
		slices.SortFunc(s.keys, s.compareWords)
	case s.descending:
		slices.SortFunc(s.keys, func(a, b rowKey) int { return a.compare(&b, true) })
	default:
		slices.SortFunc(s.keys, func(a, b rowKey) int { return a.compare(&b, false) })
	}
	s.shown = s.shown[:0]
	for i := range s.keys {
		rank := s.keys[i].rank
		s.shown = append(s.shown, rank)
		s.place[rank] = int32(i)
	}
	s.of.measure()
}

// rowKey is what a row is sorted by.
type rowKey struct {
	high, low uint64
	port      uint16
	none      bool // there is nothing to sort by; such rows come last either way
	rank      int32
}

func (k *rowKey) signed(v int64) { k.high = uint64(v) ^ 1<<63 }

func (k *rowKey) moment(t time.Time) {
	k.signed(t.UnixNano())
	k.none = t.IsZero()
}

// latest is for columns of how long ago something was: the less time has passed, the later it was.
func (k *rowKey) latest(t time.Time) {
	k.moment(t)
	k.high = ^k.high
}

func (k *rowKey) rate(r float64) {
	if r > 0 { // and is a number
		k.high = math.Float64bits(r)
	}
}

func (k *rowKey) address(a netip.AddrPort) {
	b := a.Addr().As16()
	k.beginning(b)
	k.port = a.Port()
}

func (k *rowKey) beginning(b [16]byte) {
	k.high, k.low = binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])
}

func (k *rowKey) compare(o *rowKey, descending bool) int {
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
func (s *rowTable[R, C]) compareWords(a, b rowKey) int {
	if a.none != b.none || a.high != b.high || a.low != b.low {
		return a.compare(&b, s.descending)
	}
	c := strings.Compare(s.of.words(s.ranked(a.rank)), s.of.words(s.ranked(b.rank)))
	switch {
	case c == 0:
		return cmp.Compare(a.rank, b.rank)
	case s.descending:
		return -c
	}
	return c
}

// ranked returns the row of a rank.
func (s *rowTable[R, C]) ranked(rank int32) *R { return &s.rows[s.order[rank]] }

// at returns what is shown in a row, or nil.
func (s *rowTable[R, C]) at(row int64) *R {
	if row < 0 || row >= int64(len(s.shown)) {
		return nil
	}
	return s.ranked(s.shown[row])
}

// number returns the number of what is shown in a row, or 0.
func (s *rowTable[R, C]) number(row int64) int64 {
	if r := s.at(row); r != nil {
		return s.of.numberOf(r)
	}
	return 0
}

// numbers returns the numbers in the rows from a to b, in whichever order, ascending.
func (s *rowTable[R, C]) numbers(a, b int64) []int64 {
	from, to := max(min(a, b), 0), min(max(a, b), int64(len(s.shown))-1)
	n := make([]int64, 0, to-from+1)
	for row := from; row <= to; row++ {
		n = append(n, s.number(row))
	}
	slices.Sort(n)
	return n
}

// rankOf returns the rank of a number; ok is false when it is not listed.
func (s *rowTable[R, C]) rankOf(number int64) (rank int, ok bool) {
	return slices.BinarySearchFunc(s.order, number, func(i int32, n int64) int { return cmp.Compare(s.of.numberOf(&s.rows[i]), n) })
}

// rowOf returns the row of a number, or -1 when it is not shown.
func (s *rowTable[R, C]) rowOf(number int64) int64 {
	rank, ok := s.rankOf(number)
	if !ok {
		return -1
	}
	return int64(s.place[rank])
}

// holds tells whether a number is selected.
func (s *rowTable[R, C]) holds(number int64) bool {
	_, ok := slices.BinarySearch(s.selected, number)
	return ok
}

// chosen yields the ranks of what is selected, ascending. It passes over the rows once, as all of them may be selected.
func (s *rowTable[R, C]) chosen() iter.Seq[int] {
	return func(yield func(int) bool) {
		next := 0
		for rank, i := range s.order {
			number := s.of.numberOf(&s.rows[i])
			for next < len(s.selected) && s.selected[next] < number {
				next++
			}
			if next == len(s.selected) || s.selected[next] == number && !yield(rank) {
				return
			}
		}
	}
}

// forget takes what is no longer listed out of the selection, and tells whether there was any.
func (s *rowTable[R, C]) forget() bool {
	kept := s.selected[:0]
	for rank := range s.chosen() {
		kept = append(kept, s.of.numberOf(s.ranked(int32(rank))))
	}
	gone := len(kept) < len(s.selected)
	s.selected = kept
	return gone
}
