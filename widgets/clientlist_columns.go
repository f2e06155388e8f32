package widgets

import (
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
	ColumnWhy:         {title: "why", least: 14},
	ColumnTLS:         {title: "TLS", least: 14},
}

const (
	mostAddress = 47 // "[2001:db8:1111:2222:3333:4444:5555:6666]:65535"
	someAddress = 30 // of a long one when others need the room
	mostWords   = 80 // cells of why and TLS
)

// clientGiveWay is the order in which columns go when the list is too narrow. The others scroll sideways then.
var clientGiveWay = [...]ClientColumn{
	ColumnEnded, ColumnMessagesOut, ColumnMessagesIn, ColumnSince, ColumnTLS, ColumnWhy, ColumnSeen, ColumnPending, ColumnDropped,
}

// placedColumn is a column on screen.
type placedColumn struct {
	column       ClientColumn
	start, width int // in cells
}

// measure finds out how wide the contents of the rows that are shown are, and which columns have any.
func (s *clientRows) measure() {
	var top struct{ in, out, msgIn, msgOut, pending, dropped int64 }
	var rate float64
	s.any = [clientColumns]bool{}
	address, why, tls := 0, 0, 0
	var longest time.Duration
	early := false
	today := dayStart(s.now)
	for _, rank := range s.shown {
		r := s.ranked(rank)
		address = max(address, len(r.Address))
		top.in, top.out = max(top.in, r.BytesIn), max(top.out, r.BytesOut)
		top.msgIn, top.msgOut = max(top.msgIn, r.MessagesIn), max(top.msgOut, r.MessagesOut)
		top.pending, top.dropped = max(top.pending, r.Pending), max(top.dropped, r.Dropped)
		rate = max(rate, r.Rate)
		if s.mode == TimeRelative {
			longest = max(longest, r.lasted(s.now))
		} else {
			early = early || r.Since.Before(today) && !r.Since.IsZero()
		}
		if r.over() {
			s.any[ColumnEnded] = true
			why = max(why, len(r.Why)+len(r.By)+3)
		}
		tls = max(tls, len(r.TLS))
	}
	s.any[ColumnDropped], s.any[ColumnTLS] = top.dropped > 0, tls > 0
	s.any[ColumnWhy] = s.any[ColumnEnded]

	// Numbers that go up and down would make the columns dance, so those only grow while there are clients.
	if len(s.rows) == 0 {
		s.want = [clientColumns]int{}
	}
	grow := func(c ClientColumn, width int) { s.want[c] = max(s.want[c], width) }
	last := int64(0)
	if n := len(s.order); n > 0 {
		last = s.rows[s.order[n-1]].Number
	}
	s.want[ColumnNumber] = digits(last)
	s.want[ColumnAddress] = min(address, mostAddress)
	s.want[ColumnWhy], s.want[ColumnTLS] = min(why, mostWords), min(tls, mostWords)
	s.want[ColumnSince] = len(clockTime)
	if s.mode == TimeRelative {
		s.want[ColumnSince] = max(len(FormatElapsed(longest)), len(clockTime))
	} else if early {
		s.want[ColumnSince] = len(clockDay)
	}
	s.want[ColumnEnded] = s.want[ColumnSince]
	grow(ColumnIn, sizeWidth(top.in))
	grow(ColumnOut, sizeWidth(top.out))
	grow(ColumnMessagesIn, countWidth(top.msgIn))
	grow(ColumnMessagesOut, countWidth(top.msgOut))
	grow(ColumnRate, sizeWidth(rateOf(rate))+len("/s"))
	grow(ColumnPending, sizeWidth(top.pending))
	grow(ColumnDropped, countWidth(top.dropped))
}

// sizeWidth returns how many cells [FormatSize] takes at most for n and for what is less.
func sizeWidth(n int64) int {
	switch {
	case n < 1000:
		return digits(n) + len(" B")
	case n < 1000*1024:
		return digits(n/1024+1) + len(".0 KiB")
	}
	return len("1023.9 KiB") // and larger units come back to it
}

func countWidth(n int64) int {
	d := digits(n)
	return d + (d-1)/3
}

// fit chooses the columns for a width in cells and places them. It tells whether that changed anything.
func (s *clientRows) fit(columns int) (changed bool) {
	var shown [clientColumns]bool
	var width [clientColumns]int
	total := -columnGap
	for c := range clientColumns {
		kind := &clientColumnKinds[c]
		switch c {
		case ColumnDropped, ColumnEnded, ColumnWhy, ColumnTLS:
			shown[c] = s.any[c]
		default:
			shown[c] = true
		}
		if c == s.sort {
			shown[c] = true // the arrow has to stand somewhere
		}
		width[c] = max(s.want[c], kind.least)
		switch c {
		case ColumnAddress:
			width[c] = min(width[c], someAddress)
		case ColumnWhy, ColumnTLS:
			width[c] = kind.least
		}
		if shown[c] {
			total += width[c] + columnGap
		}
	}
	for _, c := range clientGiveWay {
		if total <= columns {
			break
		}
		if shown[c] && c != s.sort {
			shown[c] = false
			total -= width[c] + columnGap
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
