package widgets

import (
	"errors"
	"io"
	"net/netip"
	"strconv"
	"time"

	"wirebench/sessions/capture"
	"wirebench/sessions/framing"
	"wirebench/sessions/inspect"
	"wirebench/widgets/grid"
	"wirebench/widgets/words"
)

const (
	leastPreview = 24  // cells of preview before the list scrolls sideways
	mostPreview  = 400 // cells
	leastPeer    = 14
	mostPeer     = 30
	leastLength  = 6
	mostLength   = 15
	columnGap    = 2
	entriesKept  = 2048 // records remembered; a screen shows some fifty
)

// trafficEntry is a record or a frame with what is shown of it.
type trafficEntry struct {
	record  capture.Record // of a frame, its time, direction and flow alone
	frame   *framing.Frame // nil for a record
	payload string         // its length
	state   string         // what is wrong with the frame
	remark  string         // what else there is to say of it
	known   bool           // that is all
	peer    string
	length  string
	preview string
	asked   int   // cells the preview was made for
	err     error // why the record cannot be read; nil when it can
}

// trafficRows turns records or frames into rows of cells. Without a filter of records, the number of a row is the number
// of what is in it, so rows do not move when old records go; one more row before the first says how many went. With a
// filter it is the index of the match.
type trafficRows struct {
	list   *TrafficList
	src    Records
	filter RecordFilter
	frames *FrameList // nil: records
	mode   TimeMode

	stats   capture.Stats   // as of the last look
	matches int64           // of the filter, as of the last look
	cut     framing.Stats   // of the frames, as of the last look
	growing []framing.Frame // listed behind those of cut
	grown   map[growingKey]*trafficEntry
	limbo   [2]framing.Frame // selected ones of those, while it is not known what became of them
	entries map[int64]*trafficEntry
	batch   []capture.Record
	payload []byte
	scratch []byte

	frameBatch []framing.Frame

	// widths in cells; the payload's is 0 where that is all there is
	numberWidth, timeWidth, peerWidth, lengthWidth, payloadWidth, previewWidth int

	changed bool // a width has changed since the header was made
	widened bool // the same, while rows were being read
}

func newTrafficRows(list *TrafficList, src Records) *trafficRows {
	s := &trafficRows{list: list, src: src, entries: map[int64]*trafficEntry{}, previewWidth: leastPreview, timeWidth: len(dayTime)}
	s.widths()
	return s
}

// widths makes the columns as narrow as they can be, until something wider is in them.
func (s *trafficRows) widths() {
	s.numberWidth, s.peerWidth, s.lengthWidth, s.payloadWidth = 4, leastPeer, leastLength, 0
	for _, title := range []words.Text{lengthTitle, wholeTitle} {
		s.lengthWidth = max(s.lengthWidth, min(cellsOf(words.Say(title)), mostLength))
	}
}

const (
	dayTime    = "15:04:05.000000"
	deltaWidth = 12 // +9999.123456
)

const (
	lengthTitle  words.Text = "length // over a column: of a record or a frame"
	wholeTitle   words.Text = "whole // over a column: the length of a frame with its head"
	payloadTitle words.Text = "payload // over a column: its length"
)

// look takes one consistent look at how much there is, for Rows and First to answer from.
func (s *trafficRows) look() {
	s.stats = s.src.Stats()
	if s.filter != nil {
		s.matches = s.filter.Len()
	}
	if s.frames != nil {
		s.lookAtFrames()
	}
	s.resize(&s.numberWidth, max(4, digits(s.stats.Last), digits(s.last())))
	width := len(dayTime)
	if s.mode == TimeRelative {
		width = 11
		if s.stats.Last >= s.stats.First {
			width = max(width, len(appendSeconds(nil, s.stats.End.Sub(s.stats.Start))))
		}
	}
	s.resize(&s.timeWidth, width)
}

func (s *trafficRows) resize(width *int, to int) {
	if *width != to {
		*width = to
		s.changed = true
	}
}

// grow widens a column to what is shown in it, up to a bound.
func (s *trafficRows) grow(width *int, to, most int) {
	if to = min(to, most); to > *width {
		*width = to
		s.changed, s.widened = true, true
	}
}

// fit gives the preview the room that the other columns leave.
func (s *trafficRows) fit(columns int) {
	s.previewWidth = min(max(columns-s.fixed(), leastPreview), mostPreview)
}

// fixed is the width of all columns but the preview.
func (s *trafficRows) fixed() int {
	n := s.numberWidth + s.timeWidth + deltaWidth + 1 + s.peerWidth + s.lengthWidth + 6*columnGap
	if s.payloadWidth > 0 {
		n += s.payloadWidth + columnGap
	}
	return n
}

// chosen tells whether a filter of records is in force.
func (s *trafficRows) chosen() bool { return s.filter != nil && s.frames == nil }

// first and last are the numbers of what is listed.
func (s *trafficRows) first() int64 {
	if s.frames != nil {
		return s.cut.First
	}
	return s.stats.First
}

func (s *trafficRows) last() int64 {
	if s.frames != nil {
		return s.cut.Last + int64(len(s.growing))
	}
	return s.stats.Last
}

func (s *trafficRows) setFilter(f RecordFilter) {
	s.filter = f
	s.look()
}

// evicted tells whether there is a row that says so.
func (s *trafficRows) evicted() bool {
	return !s.chosen() && s.stats.EvictedRecords > 0 && s.stats.First > 1
}

// Rows is part of grid.Source.
func (s *trafficRows) Rows() int64 {
	if s.chosen() {
		return s.matches
	}
	return s.last() + 1
}

// First is part of grid.LowerBounded.
func (s *trafficRows) First() int64 {
	switch {
	case s.chosen():
		return 0
	case s.evicted():
		return s.first() - 1
	case s.first() > 0:
		return s.first()
	}
	return min(1, s.Rows())
}

// number returns the number of the record or the frame in a row; ok is false for the row about eviction and beyond the ends.
func (s *trafficRows) number(row int64) (number int64, ok bool) {
	if s.chosen() {
		if row < 0 || row >= s.matches {
			return 0, false
		}
		return s.filter.Nth(row)
	}
	return row, row >= max(s.first(), 1) && row <= s.last()
}

// rowOf returns the row of what has a number; ok is false when it is not in the list.
func (s *trafficRows) rowOf(number int64) (row int64, ok bool) {
	if number <= 0 {
		return 0, false
	}
	if !s.chosen() {
		_, ok := s.number(number)
		return number, ok
	}
	row = s.filter.IndexOf(number)
	n, ok := s.number(row)
	return row, ok && n == number
}

// nearest returns the first row with at least the given number, or the last row.
func (s *trafficRows) nearest(number int64) int64 {
	if s.chosen() {
		return min(s.filter.IndexOf(number), s.matches-1)
	}
	return min(max(number, s.first()), s.last())
}

// prefetch reads what is in n rows from top on in one go, and the one before, for its time.
func (s *trafficRows) prefetch(top int64, n int, following bool) {
	if s.chosen() || n <= 0 {
		return // matches lie apart; they are read one by one
	}
	from := top
	if following {
		from = s.last() - int64(n)
	}
	from = max(from-1, s.first(), 1)
	to := min(from+int64(n)+1, s.last()+1) // exclusive
	for from < to && s.entries[from] != nil {
		from++
	}
	for from < to && s.entries[to-1] != nil {
		to--
	}
	if s.frames != nil {
		s.prefetchFrames(from, to)
		return
	}
	if from >= to {
		return
	}
	if need := int(to - from); cap(s.batch) < need {
		s.batch = make([]capture.Record, need)
	}
	batch := s.batch[:to-from]
	got, _ := s.src.Records(from, batch) // what fails is read again by itself, with its reason
	s.makeRoom()
	for _, r := range batch[:got] {
		if s.entries[r.Number] == nil {
			s.keep(r)
		}
	}
}

func (s *trafficRows) makeRoom() {
	if len(s.entries) > entriesKept {
		clear(s.entries)
	}
}

func (s *trafficRows) keep(r capture.Record) *trafficEntry {
	e := s.describe(r)
	s.entries[r.Number] = e
	return e
}

func (s *trafficRows) describe(r capture.Record) *trafficEntry {
	e := &trafficEntry{record: r, peer: peerText(r.Flow.Remote)}
	if r.Kind == capture.Data {
		e.length = FormatCount(int64(r.Len))
		if r.WireLen > r.Len { // cut when it was captured
			e.length += "/" + FormatCount(int64(r.WireLen))
		}
	}
	s.grow(&s.peerWidth, len(e.peer), mostPeer)
	s.grow(&s.lengthWidth, cellsOf(e.length), mostLength)
	return e
}

// entry returns a record or a frame by its number, read or remembered.
func (s *trafficRows) entry(number int64) *trafficEntry {
	if e := s.entries[number]; e != nil {
		return e
	}
	if s.frames != nil {
		return s.frameEntry(number)
	}
	r, err := s.src.Record(number)
	if err != nil {
		return &trafficEntry{record: capture.Record{Number: number}, err: err} // not remembered: it may get better
	}
	s.makeRoom()
	return s.keep(r)
}

// previewOf returns the beginning of the payload on one line.
func (s *trafficRows) previewOf(e *trafficEntry) string {
	if e.asked >= s.previewWidth || e.record.Kind != capture.Data {
		return e.preview
	}
	e.asked = s.previewWidth
	n := min(s.held(e), s.previewWidth*4+4) // a character takes four bytes at most
	if cap(s.payload) < n {
		s.payload = make([]byte, n)
	}
	got, err := s.read(e, s.payload[:n])
	if err != nil && !(errors.Is(err, io.EOF) && got > 0) && n > 0 {
		e.asked = 0
		if errors.Is(err, ErrNotYet) {
			e.preview = "…"
			return e.preview
		}
		e.preview = "(" + plainText(err.Error(), 120, false) + ")"
		return e.preview
	}
	e.preview = inspect.Preview(s.payload[:got], s.previewWidth)
	return e.preview
}

// held is how many bytes of payload there are, up to some more than any preview has.
func (s *trafficRows) held(e *trafficEntry) int {
	if e.frame == nil {
		return e.record.Len
	}
	from, to := e.frame.Payload()
	from = max(from, e.frame.Lost)
	return int(min(max(to-from, 0), 1<<20))
}

// read reads the beginning of the payload, or of what is kept of it.
func (s *trafficRows) read(e *trafficEntry, p []byte) (int, error) {
	if e.frame == nil {
		return s.src.Payload(e.record, p, 0)
	}
	from, _ := e.frame.Payload()
	return s.frames.Frames.ReadAt(e.frame, p, max(from, e.frame.Lost))
}

// peerText writes an address and port as people do, with the middle of a very long one left out.
func peerText(a netip.AddrPort) string {
	if !a.IsValid() {
		return ""
	}
	text := a.String()
	if len(text) <= mostPeer {
		return text
	}
	const tail = 13 // "beef]:65535" and a little
	return text[:mostPeer-tail-2] + ".." + text[len(text)-tail:]
}

func digits(n int64) int { return len(strconv.FormatInt(max(n, 0), 10)) }

// appendSeconds writes a duration as seconds with six decimals.
func appendSeconds(b []byte, d time.Duration) []byte {
	if d < 0 {
		b = append(b, '-')
		d = -d
	}
	us := int64(d / time.Microsecond)
	b = strconv.AppendInt(b, us/1e6, 10)
	b = append(b, '.')
	for div := int64(1e5); div > 0; div /= 10 {
		b = append(b, byte('0'+us/div%10))
	}
	return b
}

// header returns the names of the columns over them.
func (s *trafficRows) header() []grid.Cell {
	like := grid.Cell{Fg: grid.Muted, Bg: grid.Header, Bold: true}
	c := []grid.Cell{}
	right := func(text string, width int) {
		text = fitCells(text, width)
		c = grid.Pad(c, len(c)+width-cellsOf(text), like)
		c = grid.AppendText(c, text, like)
		c = grid.Pad(c, len(c)+columnGap, like)
	}
	left := func(text string, width int) {
		n := len(c)
		c = grid.AppendText(c, fitCells(text, width), like)
		c = grid.Pad(c, n+width+columnGap, like)
	}
	right("#", s.numberWidth)
	if s.mode == TimeRelative {
		right(words.Say("seconds // over a column"), s.timeWidth)
	} else {
		left(words.Say("time // over a column"), s.timeWidth)
	}
	right(words.Say("delta // over a column: the time since the row before"), deltaWidth)
	left("", 1)
	left(words.Say("peer // over a column"), s.peerWidth)
	if s.payloadWidth > 0 {
		right(words.Say(wholeTitle), s.lengthWidth)
		right(words.Say(payloadTitle), s.payloadWidth)
	} else {
		right(words.Say(lengthTitle), s.lengthWidth)
	}
	left(words.Say("data // over a column"), leastPreview)
	return c
}
