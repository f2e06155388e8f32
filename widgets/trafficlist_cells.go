package widgets

import (
	"errors"
	"strconv"
	"time"
	"unicode/utf8"

	"wirebench/sessions/capture"
	"wirebench/sessions/framing"
	"wirebench/widgets/grid"
	"wirebench/widgets/words"
)

// Row is part of grid.Source.
func (s *trafficRows) Row(row int64, cells []grid.Cell) []grid.Cell {
	number, ok := s.number(row)
	if !ok {
		if s.evicted() && row == s.first()-1 {
			return s.evictedRow(cells)
		}
		return s.goneRow(row, cells)
	}
	e := s.entry(number)
	like := grid.Cell{Fg: grid.Muted}
	if s.list.holds(number) {
		like.Bg = grid.Selection
	}
	if e.err != nil {
		cells = s.numbers(cells, number, like)
		cells = grid.Pad(cells, s.fixed(), like)
		return grid.AppendText(cells, readProblem(e.err), like)
	}

	r := e.record
	cells = s.numbers(cells, number, like)
	s.scratch = s.appendTime(s.scratch[:0], r.Time)
	cells = appendRight(cells, s.scratch, s.timeWidth, like)
	s.scratch = s.appendDelta(s.scratch[:0], row, r.Time)
	cells = appendRight(cells, s.scratch, deltaWidth, like)

	way := like
	plain := like
	if r.Kind == capture.Data {
		way.Fg, plain.Fg = grid.In, grid.Foreground
		if r.Dir == capture.Out {
			way.Fg = grid.Out
		}
	}
	arrow := way
	arrow.Bold = true
	arrow.Rune = '←'
	switch {
	case r.Kind == capture.Note:
		arrow.Rune = ' '
	case r.Dir == capture.Out:
		arrow.Rune = '→'
	}
	cells = append(cells, arrow)
	cells = grid.Pad(cells, len(cells)+columnGap, like)
	end := len(cells) + s.peerWidth + columnGap
	cells = grid.AppendText(cells, e.peer, plain)
	cells = grid.Pad(cells, end, like)
	s.scratch = append(s.scratch[:0], e.length...)
	cells = appendRight(cells, s.scratch, s.lengthWidth, plain)

	if s.payloadWidth > 0 {
		s.scratch = append(s.scratch[:0], e.payload...)
		cells = appendRight(cells, s.scratch, s.payloadWidth, plain)
	}

	if r.Kind != capture.Data {
		return s.eventText(cells, r, like)
	}
	cells, width := s.frameWords(cells, e, like)
	cells = appendPreview(cells, s.previewOf(e), width, way)
	if r.Note != "" {
		cells = grid.Pad(cells, len(cells)+columnGap, like)
		cells = grid.AppendText(cells, plainText(r.Note, s.previewWidth, false), like)
	}
	return cells
}

// frameWords says what there is to say of a frame, and how many cells are left for its preview: "! 12 of 300 bytes".
func (s *trafficRows) frameWords(cells []grid.Cell, e *trafficEntry, like grid.Cell) (_ []grid.Cell, left int) {
	if e.frame == nil {
		return cells, s.previewWidth
	}
	if !e.known && s.frames.Remark != nil {
		if text, known := s.frames.Remark(e.frame); known {
			e.remark, e.known = text, true
		}
	}
	start := len(cells)
	say := func(mark, text string) {
		if text == "" {
			return
		}
		like.Bold = true
		cells = grid.AppendText(cells, mark, like)
		like.Bold = false
		cells = grid.AppendText(cells, plainText(text, s.previewWidth, false), like)
		cells = grid.Pad(cells, len(cells)+columnGap, like)
	}
	if e.frame.State == framing.Growing {
		say("… ", e.state)
	} else {
		like.Fg = grid.Error
		say("! ", join(e.state, e.remark))
	}
	return cells, max(s.previewWidth-(len(cells)-start), 1)
}

// appendPreview appends a preview of at most width cells. The pictures that [inspect.Preview] draws for control
// characters are missing from the monospaced font, so they become muted escapes; being muted, they cannot be taken
// for a backslash and a letter of the payload.
func appendPreview(cells []grid.Cell, text string, width int, like grid.Cell) []grid.Cell {
	start := len(cells)
	muted := like
	muted.Fg = grid.Muted
	for _, r := range text {
		switch c := r - 0x2400; {
		case c < 0 || c > 0x21:
			like.Rune = r
			cells = append(cells, like)
			if grid.RuneWidth(r) == 2 {
				like.Rune = 0
				cells = append(cells, like)
			}
		case c == 0 || c == '\t' || c == '\n' || c == '\r':
			cells = grid.AppendText(cells, controlEscapes[c], muted)
		default:
			muted.Rune = '·'
			cells = append(cells, muted)
		}
	}
	if len(cells)-start > width {
		cells = grid.Pad(cells, start+width-1, like)
		muted.Rune = '…'
		cells = append(cells, muted)
	}
	return cells
}

var controlEscapes = ['\r' + 1]string{0: `\0`, '\t': `\t`, '\n': `\n`, '\r': `\r`}

// eventText says what a record without payload stands for, with its note.
func (s *trafficRows) eventText(cells []grid.Cell, r capture.Record, like grid.Cell) []grid.Cell {
	if r.Kind == capture.Reset {
		like.Fg = grid.Error
	}
	return grid.AppendText(cells, eventWords(r, s.previewWidth), like)
}

// eventWords writes the kind of an event and its note: "· closed: closed by peer (FIN)".
func eventWords(r capture.Record, limit int) string {
	word := ""
	switch r.Kind {
	case capture.Open:
		word = words.Say("open // what happened to a connection")
	case capture.Close:
		word = words.Say("close // what happened to a connection")
	case capture.Reset:
		word = words.Say("reset // what happened to a connection")
	}
	note := plainText(r.Note, limit, false)
	switch {
	case word == "":
		return "· " + note
	case note == "":
		return "· " + word
	}
	return "· " + word + ": " + note
}

func (s *trafficRows) numbers(cells []grid.Cell, number int64, like grid.Cell) []grid.Cell {
	s.scratch = strconv.AppendInt(s.scratch[:0], number, 10)
	return appendRight(cells, s.scratch, s.numberWidth, like)
}

// evictedRow is the row before the first record that is kept.
func (s *trafficRows) evictedRow(cells []grid.Cell) []grid.Cell {
	text := words.Many(s.stats.EvictedRecords, "… %d record (%s) evicted to stay within the disk budget",
		"… %d records (%s) evicted to stay within the disk budget", FormatSize(s.stats.EvictedBytes))
	return grid.AppendText(cells, text, grid.Cell{Fg: grid.Muted})
}

const evictedWord words.Text = "evicted // a record, to stay within the disk budget"

// goneRow is a row that is still on screen and no longer in the capture.
func (s *trafficRows) goneRow(row int64, cells []grid.Cell) []grid.Cell {
	like := grid.Cell{Fg: grid.Muted}
	if !s.chosen() && row > 0 {
		cells = s.numbers(cells, row, like)
	}
	return grid.AppendText(cells, words.Say(evictedWord), like)
}

func readProblem(err error) string {
	if errors.Is(err, ErrNotYet) {
		return "…"
	}
	if errors.Is(err, capture.ErrEvicted) {
		return words.Say(evictedWord)
	}
	return words.Say("cannot be read: %s", plainText(err.Error(), 200, false))
}

func (s *trafficRows) appendTime(b []byte, at time.Time) []byte {
	if s.mode == TimeRelative {
		return appendSeconds(b, at.Sub(s.stats.Start))
	}
	return at.Local().AppendFormat(b, dayTime)
}

// appendDelta writes the time since what is in the row before, or nothing in the first row.
func (s *trafficRows) appendDelta(b []byte, row int64, at time.Time) []byte {
	number, ok := s.number(row - 1)
	if !ok {
		return b
	}
	before := s.entry(number)
	if before.err != nil {
		return b
	}
	d := at.Sub(before.record.Time)
	if d < 0 && row > s.cut.Last && s.frames != nil {
		return b // it is not behind that one in time: it goes on
	}
	if d >= 10000*time.Second {
		return append(append(b, '+'), FormatElapsed(d)...)
	}
	if d >= 0 {
		b = append(b, '+')
	}
	return appendSeconds(b, d)
}

// appendRight appends text of narrow letters against the right edge of a column, and the gap after it.
func appendRight(cells []grid.Cell, text []byte, width int, like grid.Cell) []grid.Cell {
	start := len(cells)
	cells = grid.Pad(cells, start+max(width-utf8.RuneCount(text), 0), like)
	cells = grid.AppendText(cells, string(text), like)
	return grid.Pad(cells, start+width+columnGap, like)
}
