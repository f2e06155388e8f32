package widgets

import (
	"slices"
	"time"
	"unicode/utf8"

	"wirebench/widgets/grid"
)

// ClientColumn is a column of a [ClientList], to sort by.
type ClientColumn uint8

const (
	ColumnNumber ClientColumn = iota
	ColumnAddress
	ColumnSince // or for how long, see [ClientList.SetTimeMode]
	ColumnSeen
	ColumnIn
	ColumnOut
	ColumnMessagesIn
	ColumnMessagesOut
	ColumnRate
	ColumnPending
	ColumnDropped
	ColumnState
	ColumnEnded
	ColumnWhy
	ColumnTLS
	clientColumns // how many there are
)

// clientColumnKinds says how each column is shown.
var clientColumnKinds = [clientColumns]struct {
	title  string
	right  bool // numbers stand at the right edge
	least  int  // cells of content that are always kept free, so that the columns rarely move
	amount bool // of interest from the largest down, which is the first order a click gives
}{
	ColumnNumber:      {title: "#", right: true, least: 4},
	ColumnAddress:     {title: "address", least: 15},
	ColumnSince:       {title: "since", least: 8},
	ColumnSeen:        {title: "seen", right: true, least: 6},
	ColumnIn:          {title: "in", right: true, least: 8, amount: true},
	ColumnOut:         {title: "out", right: true, least: 8, amount: true},
	ColumnMessagesIn:  {title: "msgs in", right: true, least: 7, amount: true},
	ColumnMessagesOut: {title: "msgs out", right: true, least: 8, amount: true},
	ColumnRate:        {title: "rate", right: true, least: 10, amount: true},
	ColumnPending:     {title: "waiting", right: true, least: 8, amount: true},
	ColumnDropped:     {title: "dropped", right: true, least: 7, amount: true},
	ColumnState:       {title: "state", least: 13},
	ColumnEnded:       {title: "ended", least: 8, amount: true},
	ColumnWhy:         {title: "why", least: 20},
	ColumnTLS:         {title: "TLS", least: 24},
}

const (
	mostAddress = 47 // "[2001:db8:1111:2222:3333:4444:5555:6666]:65535"
	someAddress = 30 // of a long one when others need the room
	mostWords   = 80 // cells of why and TLS
	someWords   = 40 // of them that come before columns of less worth
)

// clientExtras are the columns that a narrow list does without, the most important first. The others scroll sideways
// when they have to.
var clientExtras = [...]ClientColumn{
	ColumnPending, ColumnDropped, ColumnSeen, ColumnWhy, ColumnSince, ColumnTLS, ColumnMessagesIn, ColumnMessagesOut, ColumnEnded,
}

// placedColumn is a column on screen.
type placedColumn struct {
	column       ClientColumn
	start, width int // in cells
}

// measure finds out how wide the contents of the rows that are shown are, and which columns have any.
func (s *clientRows) measure() {
	s.any = [clientColumns]bool{}
	if len(s.rows) == 0 {
		s.want = [clientColumns]int{}
	}
	// Numbers that go up and down would make the columns dance, so theirs only grow while there are clients.
	s.want[ColumnAddress], s.want[ColumnWhy], s.want[ColumnTLS] = 0, 0, 0
	grow := func(c ClientColumn, width int) { s.want[c] = max(s.want[c], width) }
	var messagesIn, messagesOut, dropped int64
	var longest time.Duration
	early, today := false, dayStart(s.now)
	for _, rank := range s.shown {
		r := s.ranked(rank)
		grow(ColumnAddress, min(len(r.Address), mostAddress))
		grow(ColumnIn, sizeWidth(r.BytesIn))
		grow(ColumnOut, sizeWidth(r.BytesOut))
		grow(ColumnRate, sizeWidth(rateOf(r.Rate))+len("/s"))
		grow(ColumnPending, sizeWidth(r.Pending))
		grow(ColumnTLS, min(len(r.TLS), mostWords))
		messagesIn, messagesOut = max(messagesIn, r.MessagesIn), max(messagesOut, r.MessagesOut)
		dropped = max(dropped, r.Dropped)
		longest = max(longest, r.lasted(s.now))
		early = early || r.Since.Before(today) && !r.Since.IsZero()
		if r.over() {
			s.any[ColumnEnded], s.any[ColumnWhy] = true, true
			if len(r.Why)+len(r.By)+len(" ()") > s.want[ColumnWhy] {
				grow(ColumnWhy, min(cellsOf(endWords(r)), mostWords))
			}
		}
	}
	grow(ColumnMessagesIn, countWidth(messagesIn))
	grow(ColumnMessagesOut, countWidth(messagesOut))
	grow(ColumnDropped, countWidth(dropped))
	s.any[ColumnDropped], s.any[ColumnTLS] = dropped > 0, s.want[ColumnTLS] > 0

	if n := len(s.order); n > 0 {
		s.want[ColumnNumber] = digits(s.rows[s.order[n-1]].Number)
	}
	switch {
	case s.mode == TimeRelative:
		s.want[ColumnSince] = len(FormatElapsed(longest))
	case early:
		s.want[ColumnSince] = len(clockDay)
	default:
		s.want[ColumnSince] = len(clockTime)
	}
	s.want[ColumnEnded] = len(clockTime)
	if early {
		s.want[ColumnEnded] = len(clockDay)
	}
}

// sizeWidth returns how many cells [FormatSize] takes for n, or more just below where it rounds up.
func sizeWidth(n int64) int {
	if n < 1024 {
		return decimals(n) + len(" B")
	}
	for n >= 1<<20 {
		n /= 1024
	}
	return decimals(n/1024+1) + len(".0 KiB")
}

func countWidth(n int64) int {
	d := decimals(n)
	return d + (d-1)/3
}

// decimals is [digits] for the thousands of numbers of every change: it makes no text of them.
func decimals(n int64) int {
	d := 1
	for ; n >= 10; n /= 10 {
		d++
	}
	return d
}

// fit chooses the columns for a width in cells and places them. It tells whether that changed anything.
func (s *clientRows) fit(columns int) (changed bool) {
	var shown [clientColumns]bool
	var width [clientColumns]int
	total := -columnGap
	show := func(c ClientColumn) {
		if !shown[c] {
			shown[c] = true
			total += width[c] + columnGap
		}
	}
	for c := range clientColumns {
		kind := &clientColumnKinds[c]
		width[c] = max(s.want[c], kind.least)
		switch c {
		case ColumnAddress:
			width[c] = min(width[c], someAddress)
		case ColumnWhy, ColumnTLS:
			width[c] = kind.least
		}
		if c == s.sort || !slices.Contains(clientExtras[:], c) { // the arrow has to stand somewhere
			show(c)
		}
	}
	for _, c := range clientExtras {
		if words := min(s.want[c], someWords); (c == ColumnWhy || c == ColumnTLS) && total+words+columnGap <= columns {
			width[c] = max(width[c], words)
		}
		idle := !s.any[c] && (c == ColumnDropped || c == ColumnEnded || c == ColumnWhy || c == ColumnTLS)
		if !idle && total+width[c]+columnGap <= columns {
			show(c)
		}
	}
	if over := total - columns; over > 0 {
		less := min(over, max(width[ColumnAddress]-clientColumnKinds[ColumnAddress].least, 0))
		width[ColumnAddress] -= less
		total -= less
	}
	for _, c := range [...]ClientColumn{ColumnAddress, ColumnWhy, ColumnTLS} {
		if more := min(columns-total, s.want[c]-width[c]); shown[c] && more > 0 {
			width[c] += more
			total += more
		}
	}

	placed := s.placedBuf[:0]
	at := 0
	for c := range clientColumns {
		if shown[c] {
			placed = append(placed, placedColumn{c, at, width[c]})
			at += width[c] + columnGap
		}
	}
	changed = len(placed) != len(s.placed)
	for i := 0; !changed && i < len(placed); i++ {
		changed = placed[i] != s.placed[i]
	}
	s.placedBuf, s.placed = s.placed, placed
	return changed
}

// width returns how many cells all columns take.
func (s *clientRows) width() int {
	if len(s.placed) == 0 {
		return 0
	}
	last := s.placed[len(s.placed)-1]
	return last.start + last.width
}

// columnAt returns the column that a cell belongs to, the gap after it included. Beyond the last it is the last.
func (s *clientRows) columnAt(cell int) ClientColumn {
	c := ColumnNumber
	for _, p := range s.placed {
		if cell >= p.start {
			c = p.column
		}
	}
	return c
}

// header returns the names of the columns over them, with an arrow at the one the rows are sorted by.
func (s *clientRows) header() []grid.Cell {
	like := grid.Cell{Fg: grid.Muted, Bg: grid.Header, Bold: true}
	var cells []grid.Cell
	for _, p := range s.placed {
		kind := &clientColumnKinds[p.column]
		title, style := kind.title, like
		if p.column == ColumnSince && s.mode == TimeRelative {
			title = "for"
		}
		at := p.start
		if kind.right {
			at += p.width - utf8.RuneCountInString(title)
		}
		if p.column == s.sort {
			style.Fg = grid.Foreground
		}
		cells = grid.Pad(cells, at, like)
		cells = grid.AppendText(cells, title, style)
		if p.column == s.sort {
			// The arrow of a right-aligned column stands in the gap, so that names stay over their numbers.
			if !kind.right {
				cells = grid.Pad(cells, len(cells)+1, like)
			}
			style.Rune = '▲'
			if s.descending {
				style.Rune = '▼'
			}
			cells = append(cells, style)
		}
	}
	return grid.Pad(cells, max(s.width(), len(cells)), like)
}
