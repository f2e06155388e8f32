package widgets

import (
	"strconv"
	"strings"

	"wirebench/widgets/grid"
	"wirebench/widgets/words"
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
