package widgets

import (
	"errors"
	"io"
	"strings"

	"wirebench/sessions/capture"
	"wirebench/sessions/framing"
	"wirebench/widgets/words"
)

var _ Frames = (*framing.Index)(nil)

// ErrNotYet is what methods of [Frames] may return for what is not read yet and will be: the list asks again with every
// Update.
var ErrNotYet = errors.New("not read yet") // not said

// Frames is the list of frames that a [TrafficList] shows in place of records. *[framing.Index] is one; the methods mean
// the same there. They are called on the UI goroutine, for the rows on screen and for what is copied; for that within
// Patiently, if there is such a method, and then nothing may be ErrNotYet.
type Frames interface {
	Stats() framing.Stats
	Framing(d capture.Direction) framing.Framing
	Frames(dst []framing.Frame, from int64) (int, error)
	Growing(dst []framing.Frame) []framing.Frame
	FrameOf(record int64, at int) (framing.Frame, error)
	IndexOf(record int64) (int64, error)
	ReadAt(f *framing.Frame, p []byte, off int64) (int, error)
}

// FrameList is what a [TrafficList] shows as frames.
type FrameList struct {
	Frames Frames
	// Remark, which need not be set, returns what else there is to say of a frame, such as that its payload is not what
	// it should be; "" for nothing. While that is not known the list asks again with every Update.
	Remark func(f *framing.Frame) (text string, known bool)
	// Remarks, which need not be set, calls then on the UI goroutine with what there is to say of each of these frames, at
	// once or when it is known. It is asked for those rows of a copy that Remark was not asked for yet.
	Remarks func(frames []framing.Frame, then func(texts []string))
	// Filtered says that not all frames are listed.
	Filtered bool
}

// mostGrowing is how many frames that have not ended stand at the end of the list of a capture that grows: a server may
// have thousands, and the newest that have ended are to be seen.
const mostGrowing = 16

// spot is a byte of the capture that is to stay in view while the list becomes another.
type spot struct {
	record   int64 // 0: none
	at       int   // in its payload
	selected bool  // else it is that of the row at the top
	top      int64 // the row at the top when it was noted: another one is the person's choice
	tell     bool  // that it was selected
	exact    bool  // nothing else will do
}

// SetFrames shows frames in place of records, with what else happened between them where they list that, or records again
// with nil. What was selected stays so: the frame that has its first byte, or the record that has the frame's, as soon as
// that is known. A filter of records is of no effect meanwhile. The caller keeps the frames open while they are set.
func (t *TrafficList) SetFrames(f *FrameList) {
	following := t.grid.Following()
	t.seek = t.spot()
	s := t.rows
	s.frames, s.growing, s.cut = f, nil, framing.Stats{First: 1}
	clear(s.entries)
	s.grown = map[growingKey]*trafficEntry{}
	s.widths()
	s.look()
	t.setHint()
	t.anchor, t.head, t.topNumber = 0, 0, 0
	t.showCursor()
	t.grid.SetFollow(following)
	t.dressGrid()
	t.sync()
	if following && !t.seek.selected {
		t.seek = spot{}
	}
	if !following {
		t.grid.ScrollToTop(s.First())
	}
	t.seek.top = t.grid.Top()
	t.settle()
}

// ShowsFrames tells whether the list shows frames.
func (t *TrafficList) ShowsFrames() bool { return t.rows.frames != nil }

func (t *TrafficList) setHint() {
	s := t.rows
	switch {
	case s.frames != nil && s.cut.Done < s.cut.Total:
		t.grid.Hint = words.Say("Cutting the traffic into frames…")
	case s.frames != nil && s.frames.Filtered:
		t.grid.Hint = words.Say("No frame matches the filter")
	case s.frames != nil:
		t.grid.Hint = words.Say("No frame yet")
	case s.filter != nil:
		t.grid.Hint = words.Say("No record matches the filter")
	default:
		t.grid.Hint = words.Say("No traffic yet")
	}
}

// spot returns the first byte of what is selected, or else of the row at the top.
func (t *TrafficList) spot() spot {
	number, ok := t.head, t.head != 0
	if !ok {
		number, ok = t.rows.number(t.grid.Top())
	}
	if !ok {
		return t.seek // that was not found yet
	}
	e := t.rows.entry(number)
	if errors.Is(e.err, ErrNotYet) {
		return t.seek
	}
	if e.err != nil {
		return spot{}
	}
	if f := e.frame; f != nil {
		return spot{record: f.First, at: f.Start, selected: t.head != 0}
	}
	return spot{record: e.record.Number, selected: t.head != 0}
}

// settle goes back to the spot that was in view before the list became another, once it is in it.
func (t *TrafficList) settle() {
	if t.seek.record == 0 {
		return
	}
	if t.grid.Top() != t.seek.top && !t.grid.Following() {
		t.seek = spot{}
		return
	}
	find := t.rows.holder
	if t.seek.exact {
		find = t.rows.frameWith
	}
	number, wait := find(t.seek.record, t.seek.at)
	if wait || number > t.rows.last() { // it has come since the last look
		return
	}
	was := t.seek
	t.seek = spot{}
	row, ok := t.rows.rowOf(number)
	if !ok {
		return
	}
	t.grid.Update() // the grid has to know the rows before it can go to one
	if !was.selected {
		t.grid.ScrollToTop(row)
		return
	}
	t.anchor, t.head = number, number
	t.grid.ScrollTo(row)
	t.showCursor()
	t.sync()
	if was.tell {
		t.tellSelected()
	}
}

// holder returns the number in the list of what has a byte of a record; 0 if nothing has. wait says that it is not known
// yet.
func (s *trafficRows) holder(record int64, at int) (number int64, wait bool) {
	if s.frames == nil {
		return record, false
	}
	if number, wait = s.frameWith(record, at); number > 0 || wait {
		return number, wait
	}
	// An event, what is not listed, or what was evicted: the first that is behind it.
	number, err := s.frames.Frames.IndexOf(record)
	if err != nil {
		return 0, errors.Is(err, ErrNotYet)
	}
	return min(number, s.last()), false
}

// frameWith returns the number in the list of the frame that has a byte of a record; 0 if it is not listed. wait says
// that it is not known yet.
func (s *trafficRows) frameWith(record int64, at int) (number int64, wait bool) {
	f, err := s.frames.Frames.FrameOf(record, at)
	switch {
	case errors.Is(err, ErrNotYet):
		return 0, true
	case errors.Is(err, io.EOF):
		return 0, s.cut.Done < s.cut.Total
	case err != nil:
		return 0, false
	case f.Number > 0:
		return f.Number, false
	}
	return s.growingNumber(&f), false
}

// same tells whether two frames begin with the same byte.
func same(a, b *framing.Frame) bool {
	return a.First == b.First && a.Start == b.Start && a.Dir == b.Dir && a.Flow == b.Flow
}

// lookAtFrames takes one look at how many there are. Those that have not ended stand behind the others, under numbers
// that become another's, so that a selected one is looked up.
func (s *trafficRows) lookAtFrames() {
	x := s.frames.Frames
	ends := [2]*int64{&s.list.anchor, &s.list.head}
	were := s.limbo
	s.limbo = [2]framing.Frame{}
	for i, end := range ends {
		if *end != 0 {
			were[i] = framing.Frame{}
		}
		if n := *end - s.cut.Last - 1; *end > 0 && n >= 0 && n < int64(len(s.growing)) {
			were[i] = s.growing[n]
		}
	}
	s.takeFrames()
	for i, end := range ends {
		w := &were[i]
		if w.Len == 0 {
			continue
		}
		*end = 0
		f, err := x.FrameOf(w.Last, max(w.End-1, 0))
		if err == nil && f.Number > s.cut.Last { // it has ended since
			s.takeFrames()
		}
		switch {
		case errors.Is(err, ErrNotYet):
			s.limbo[i] = *w
		case err != nil:
		case f.Number > 0:
			*end = f.Number
		default:
			*end = s.growingNumber(&f)
		}
	}
}

// takeFrames takes down how many frames there are, and those that have not ended.
func (s *trafficRows) takeFrames() {
	x := s.frames.Frames
	s.cut = x.Stats()
	s.growing = x.Growing(s.growing[:0])
	if most := mostGrowing; len(s.growing) > most && s.growing[0].State == framing.Growing {
		s.growing = append(s.growing[:0], s.growing[len(s.growing)-most:]...)
	}
	if s.cut.Done < s.cut.Total-s.cut.Total/100 {
		s.growing = s.growing[:0] // of what was looked at so far
	}
	if len(s.grown) > 2*len(s.growing)+mostGrowing {
		clear(s.grown)
	}
}

// growingNumber returns the number in the list of a frame that has not ended, 0 if it is not in it.
func (s *trafficRows) growingNumber(f *framing.Frame) int64 {
	for i := range s.growing {
		if same(&s.growing[i], f) {
			return s.cut.Last + 1 + int64(i)
		}
	}
	return 0
}

// keepFrame makes the row of a frame, or of an event.
func (s *trafficRows) keepFrame(f framing.Frame, number int64) *trafficEntry {
	if f.Kind != capture.Data {
		r, err := s.src.Record(f.First)
		if err != nil {
			return &trafficEntry{record: capture.Record{Number: f.First}, err: err}
		}
		e := s.describe(r)
		s.entries[number] = e
		return e
	}
	e := &trafficEntry{frame: &f, peer: peerText(f.Flow.Remote), length: FormatCount(f.Len)}
	e.record = capture.Record{Number: f.Last, Time: f.Time, Dir: f.Dir, Flow: f.Flow}
	from, to := f.Payload()
	if e.payload = FormatCount(to - from); to-from != f.Len {
		s.grow(&s.payloadWidth, max(cellsOf(e.payload), cellsOf(words.Say(payloadTitle))), mostLength)
	} else if s.payloadWidth > 0 {
		s.grow(&s.payloadWidth, cellsOf(e.payload), mostLength)
	}
	e.state = FrameState(&f, s.frames.Frames.Framing(f.Dir))
	s.grow(&s.peerWidth, len(e.peer), mostPeer)
	s.grow(&s.lengthWidth, cellsOf(e.length), mostLength)
	if f.Number > 0 {
		s.entries[number] = e
	} else {
		s.grown[growingKey{f.Flow, f.Dir}] = e
	}
	return e
}

// growingKey tells frames apart that have not ended.
type growingKey struct {
	flow capture.Flow
	dir  capture.Direction
}

// frameEntry reads what has that number in the list of frames.
func (s *trafficRows) frameEntry(number int64) *trafficEntry {
	if i := number - s.cut.Last - 1; i >= 0 {
		if i >= int64(len(s.growing)) {
			return &trafficEntry{err: io.EOF}
		}
		f := &s.growing[i]
		if e := s.grown[growingKey{f.Flow, f.Dir}]; e != nil && *e.frame == *f {
			return e
		}
		return s.keepFrame(*f, number)
	}
	var one [1]framing.Frame
	if _, err := s.frames.Frames.Frames(one[:], number); err != nil {
		return &trafficEntry{err: err}
	}
	s.makeRoom()
	return s.keepFrame(one[0], number)
}

// prefetchFrames reads the frames from one number up to another in one go.
func (s *trafficRows) prefetchFrames(from, to int64) {
	if to = min(to, s.cut.Last+1); from >= to {
		return
	}
	if need := int(to - from); cap(s.frameBatch) < need {
		s.frameBatch = make([]framing.Frame, need)
	}
	batch := s.frameBatch[:to-from]
	got, _ := s.frames.Frames.Frames(batch, from) // what fails is read again by itself, with its reason
	s.makeRoom()
	for _, f := range batch[:got] {
		if s.entries[f.Number] == nil {
			s.keepFrame(f, f.Number)
		}
	}
}

// FrameState says in a few words what is not as it should be with a frame that was cut by that framing, "" if nothing:
// "12 of 300 bytes".
func FrameState(f *framing.Frame, by framing.Framing) string {
	text := ""
	switch f.State {
	case framing.Growing, framing.Incomplete:
		switch {
		case f.Declared >= 0:
			text = words.Many(f.Declared, "%[2]d of %[1]d byte", "%[2]d of %[1]d bytes", f.Len)
		case f.State == framing.Growing:
			text = words.Say("goes on // a frame that has not ended")
		default:
			text = words.Say("cut off // a frame that has not ended")
		}
	case framing.Oversize:
		most := strings.Replace(FormatSize(by.Most()), ".0 ", " ", 1)
		if f.Declared >= 0 {
			text = words.Many(f.Declared, "declares %d byte: more than %s", "declares %d bytes: more than %s", most)
		} else {
			text = words.Say("more than %s // in a frame", most)
		}
	case framing.Malformed:
		if f.Declared >= 0 {
			text = words.Many(f.Declared, "declares %d byte: less than its length takes", "declares %d bytes: less than its length takes")
		} else {
			text = words.Say("its length cannot be read // of a frame")
		}
	}
	switch {
	case f.Lost > 0:
		text = join(text, words.Many(f.Lost, "its first %d byte evicted", "its first %d bytes evicted // of a frame"))
	case f.Torn:
		text = join(text, words.Say("beginning lost // of a frame"))
	}
	return text
}

// join puts two pieces of a sentence together, either of which may be missing.
func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + ", " + b
}
