package widgets

import (
	"math"
	"strconv"
	"strings"
	"time"

	"wirebench/widgets/grid"
	"wirebench/widgets/words"
)

const (
	clockTime = "15:04:05"
	clockDay  = DayTime // of what was before today
)

// clientLooks are a shape, a word and a colour for each state, so that none of them is needed alone.
var clientLooks = [...]struct {
	shape  rune
	word   words.Text
	colour grid.Colour
}{
	ClientShaking:    {'◌', "handshake // a client is in", grid.Warning},
	ClientOpen:       {'●', "open // state of a connection", grid.Success},
	ClientHalfClosed: {'◐', "half-closed", grid.Warning},
	ClientSendClosed: {'◑', "send closed", grid.Warning},
	ClientClosing:    {'◌', "closing // state of a connection", grid.Warning},
	ClientClosed:     {'○', "closed // state of a connection", grid.Muted},
	ClientReset:      {'✗', "reset // state of a connection", grid.Error},
}

func (s ClientState) word() words.Text {
	if int(s) < len(clientLooks) {
		return clientLooks[s].word
	}
	return ""
}

// String returns the word that stands in the list.
func (s ClientState) String() string { return words.Say(s.word()) }

func (s *clientRows) like(r *ClientRow) grid.Cell {
	if r.over() {
		return grid.Cell{Fg: grid.Muted}
	}
	return grid.Cell{Fg: grid.Foreground}
}

// cell appends what a client has in one column.
func (s *clientRows) cell(cells []grid.Cell, r *ClientRow, p placedColumn, like grid.Cell) []grid.Cell {
	hue := func(c grid.Colour) grid.Cell { // of a client that lives; those that have ended are dim
		h := like
		if !r.over() {
			h.Fg = c
		}
		return h
	}
	b := s.scratch[:0]
	switch p.column {
	case ColumnNumber:
		b, like = strconv.AppendInt(b, r.Number, 10), hue(grid.Muted)
	case ColumnAddress:
		return grid.AppendText(cells, fitMiddle(plainText(r.Address, mostAddress+1, false), p.width), like)
	case ColumnSince:
		b = s.appendSince(b, r)
	case ColumnSeen:
		b = appendAgo(b, r.Seen, s.now)
	case ColumnIn:
		b, like = append(b, FormatSize(r.BytesIn)...), hue(grid.In)
	case ColumnOut:
		b, like = append(b, FormatSize(r.BytesOut)...), hue(grid.Out)
	case ColumnMessagesIn:
		b = append(b, FormatCount(r.MessagesIn)...)
	case ColumnMessagesOut:
		b = append(b, FormatCount(r.MessagesOut)...)
	case ColumnRate:
		if n := rateOf(r.Rate); n > 0 {
			b = append(b, FormatRate(n)...)
		}
	case ColumnPending:
		if r.Pending > 0 {
			b = append(b, FormatSize(r.Pending)...)
		}
	case ColumnDropped:
		if r.Dropped > 0 {
			b, like = append(b, FormatCount(r.Dropped)...), hue(grid.Error)
		}
	case ColumnState:
		return appendState(cells, r, like)
	case ColumnEnded:
		if !r.Ended.IsZero() {
			b = appendClock(b, r.Ended, s.now)
		}
	case ColumnWhy:
		return grid.AppendText(cells, fitCells(endWords(r), p.width), like)
	case ColumnTLS:
		return grid.AppendText(cells, fitCells(plainText(r.TLS, mostWords+1, false), p.width), like)
	}
	return s.appendText(cells, b, p, like)
}

// appendState appends shape and word. One that was broken off keeps the colour of its shape when it is dim.
func appendState(cells []grid.Cell, r *ClientRow, like grid.Cell) []grid.Cell {
	if int(r.State) >= len(clientLooks) {
		return cells
	}
	look := &clientLooks[r.State]
	shape := like
	shape.Rune, shape.Fg = look.shape, look.colour
	cells = append(cells, shape)
	cells = grid.Pad(cells, len(cells)+1, like)
	return grid.AppendText(cells, words.Say(look.word), like)
}

// endedBy says who ended a connection where nothing says why.
const endedBy words.Text = "by %s // who ended a connection"

// endWords says how a connection ended: "closed by peer (FIN)".
func endWords(r *ClientRow) string {
	if !r.over() {
		return ""
	}
	why, by := plainText(r.Why, mostWords+1, false), plainText(r.By, 20, false)
	switch {
	case by == "" || strings.Contains(strings.ToLower(why), strings.ToLower(by)) || by == "local" && strings.Contains(why, "by us"): // not said
		return why
	case why == "":
		return words.Say(endedBy, by)
	}
	return why + " (" + by + ")"
}

func (s *clientRows) appendSince(b []byte, r *ClientRow) []byte {
	switch {
	case r.Since.IsZero():
		return b
	case s.mode == TimeRelative:
		return append(b, FormatElapsed(r.lasted(s.now))...)
	}
	return appendClock(b, r.Since, s.now)
}

// appendClock writes the time of day, and the day too when that was not today.
func appendClock(b []byte, at, now time.Time) []byte {
	if at.Before(dayStart(now)) {
		return at.Local().AppendFormat(b, clockDay)
	}
	return at.Local().AppendFormat(b, clockTime)
}

// dayStart returns the beginning of the day in the person's zone.
func dayStart(now time.Time) time.Time {
	y, m, d := now.Local().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.Local)
}

const (
	neverSeen words.Text = "never // was anything received"
	seenNow   words.Text = "now // the last was received"
)

var agoUnits = [...]words.Text{"s // seconds, after a number", "min // minutes, after a number", "h // hours, after a number", "d // days, after a number"}

// agoWidth returns how many cells [appendAgo] takes at most, but for more than 99 days.
func agoWidth() int {
	n := max(cellsOf(words.Say(neverSeen)), cellsOf(words.Say(seenNow)))
	for _, unit := range agoUnits {
		n = max(n, len("99 ")+cellsOf(words.Say(unit)))
	}
	return n
}

// appendAgo writes how long ago something was in one unit: "now", "12 s", "3 min".
func appendAgo(b []byte, at, now time.Time) []byte {
	if at.IsZero() {
		return append(b, words.Say(neverSeen)...)
	}
	d := now.Sub(at)
	if d < time.Second {
		return append(b, words.Say(seenNow)...)
	}
	n, unit := int64(d/time.Second), agoUnits[0]
	switch {
	case d >= 24*time.Hour:
		n, unit = int64(d/(24*time.Hour)), agoUnits[3]
	case d >= time.Hour:
		n, unit = int64(d/time.Hour), agoUnits[2]
	case d >= time.Minute:
		n, unit = int64(d/time.Minute), agoUnits[1]
	}
	b = append(strconv.AppendInt(b, n, 10), ' ')
	return append(b, words.Say(unit)...)
}

// rateOf is a rate in whole bytes per second.
func rateOf(r float64) int64 {
	switch {
	case !(r > 0): // not a number, too
		return 0
	case r >= math.MaxInt64:
		return math.MaxInt64
	}
	return int64(math.Round(r))
}
