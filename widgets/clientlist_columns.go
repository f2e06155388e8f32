package widgets

import (
	"time"

	"wirebench/widgets/words"
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
var clientColumnKinds = [clientColumns]columnKind{
	ColumnNumber:      {title: "#", right: true, least: 4, numbers: true},
	ColumnAddress:     {title: "address", least: 15, some: someAddress},
	ColumnSince:       {title: "since // a column of times", least: 8},
	ColumnSeen:        {title: "seen // last, a column", right: true, least: 6},
	ColumnIn:          {title: "in // bytes, a column", right: true, least: 8, amount: true},
	ColumnOut:         {title: "out // bytes, a column", right: true, least: 8, amount: true},
	ColumnMessagesIn:  {title: "msgs in", right: true, least: 7, amount: true},
	ColumnMessagesOut: {title: "msgs out", right: true, least: 8, amount: true},
	ColumnRate:        {title: "rate", right: true, least: 10, amount: true},
	ColumnPending:     {title: "waiting // bytes, a column", right: true, least: 8, amount: true},
	ColumnDropped:     {title: "dropped // messages, a column", right: true, least: 7, amount: true, idle: true},
	ColumnState:       {title: "state", least: 13},
	ColumnEnded:       {title: "ended // a column of times", least: 8, amount: true, idle: true},
	ColumnWhy:         {title: "why // it ended, a column", least: 20, some: 20, reads: someWords, idle: true, words: true},
	ColumnTLS:         {title: "TLS", least: 24, some: 24, reads: someWords, idle: true, words: true},
}

const (
	mostWords = 80 // cells of why and TLS
	someWords = 40 // of them that come before columns of less worth
)

// clientExtras are the columns that a narrow list does without, the most important first. The others scroll sideways
// when they have to.
var clientExtras = [...]ClientColumn{
	ColumnPending, ColumnDropped, ColumnSeen, ColumnWhy, ColumnSince, ColumnTLS, ColumnMessagesIn, ColumnMessagesOut, ColumnEnded,
}

// placedColumn is a column on screen.
type placedColumn = columnPlace[ClientColumn]

func (s *clientRows) title(c ClientColumn) string {
	if c == ColumnSince && s.mode == TimeRelative {
		return words.Say("for // how long: a column of times")
	}
	return words.Say(clientColumnKinds[c].title)
}

// measure finds out how wide the contents of the rows that are shown are, and which columns have any.
func (s *clientRows) measure() {
	clear(s.any)
	if len(s.rows) == 0 {
		clear(s.want)
	}
	s.grow(ColumnSeen, agoWidth())
	for _, look := range clientLooks {
		s.grow(ColumnState, 2+cellsOf(words.Say(look.word)))
	}
	// Numbers that go up and down would make the columns dance, so theirs only grow while there are clients.
	s.want[ColumnAddress], s.want[ColumnWhy], s.want[ColumnTLS] = 0, 0, 0
	var messagesIn, messagesOut, dropped int64
	var longest time.Duration
	early, today := false, dayStart(s.now)
	added := max(len(" ()"), len(words.Say(endedBy))-len("%s"))
	for _, rank := range s.shown {
		r := s.ranked(rank)
		s.grow(ColumnAddress, min(len(r.Address), mostAddress))
		s.grow(ColumnIn, sizeWidth(r.BytesIn))
		s.grow(ColumnOut, sizeWidth(r.BytesOut))
		s.grow(ColumnRate, sizeWidth(rateOf(r.Rate))+len("/s"))
		s.grow(ColumnPending, sizeWidth(r.Pending))
		s.grow(ColumnTLS, min(len(r.TLS), mostWords))
		messagesIn, messagesOut = max(messagesIn, r.MessagesIn), max(messagesOut, r.MessagesOut)
		dropped = max(dropped, r.Dropped)
		longest = max(longest, r.lasted(s.now))
		early = early || r.Since.Before(today) && !r.Since.IsZero()
		if r.over() {
			s.any[ColumnEnded], s.any[ColumnWhy] = true, true
			if len(r.Why)+len(r.By)+added > s.want[ColumnWhy] {
				s.grow(ColumnWhy, min(cellsOf(endWords(r)), mostWords))
			}
		}
	}
	s.grow(ColumnMessagesIn, countWidth(messagesIn))
	s.grow(ColumnMessagesOut, countWidth(messagesOut))
	s.grow(ColumnDropped, countWidth(dropped))
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
