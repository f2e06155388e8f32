package widgets

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// clock is a time that tests move.
type clock struct{ t time.Time }

func (c *clock) now() time.Time          { return c.t }
func (c *clock) advance(d time.Duration) { c.t = c.t.Add(d) }

func newTestLine(t *testing.T) (*StatusLine, *clock) {
	s := NewStatusLine()
	c := &clock{time.Unix(1_700_000_000, 0)}
	s.now = c.now
	s.painted = c.t
	stage(t, s, fyne.NewSize(1200, 40))
	c.advance(time.Second)
	return s, c
}

func TestCountersChangeOnScreenAtMostFourTimesASecond(t *testing.T) {
	s, c := newTestLine(t)
	s.SetStatus(Status{State: StatusOpen})
	texts := map[string]bool{}
	for i := range 1000 { // one second of beats
		c.advance(time.Millisecond)
		s.SetStatus(Status{State: StatusOpen, InBytes: int64(i), Incoming: int64(i)})
		texts[s.in.Text.Text] = true
	}
	if len(texts) > 5 {
		t.Errorf("%d different texts in a second", len(texts))
	}
	c.advance(meterStep)
	s.Tick()
	if want := "in 999 B (999)"; s.in.Text.Text != want {
		t.Errorf("what was held back shows as %q, want %q", s.in.Text.Text, want)
	}
}

func TestAChangeOfStateOrNoteShowsAtOnce(t *testing.T) {
	s, _ := newTestLine(t)
	s.SetStatus(Status{State: StatusOpen})
	s.SetStatus(Status{State: StatusFailed, Detail: "connection refused"})
	if s.state.Text.Text != "Failed" || s.detail.Text.Text != "connection refused" {
		t.Errorf("shows %q %q", s.state.Text.Text, s.detail.Text.Text)
	}
	s.SetStatus(Status{State: StatusFailed, Detail: "connection refused", Note: "capturing stopped: disk full"})
	if !s.note.Visible() || s.note.Text.Text != "capturing stopped: disk full" {
		t.Errorf("note %q, visible %v", s.note.Text.Text, s.note.Visible())
	}
	s.SetStatus(Status{State: StatusFailed})
	if s.note.Visible() || s.warn.Visible() {
		t.Error("the note did not go")
	}
}

func TestEveryStateHasAWordAndAShape(t *testing.T) {
	shapes := map[string]string{}
	for st := StatusIdle; st <= StatusFailed; st++ {
		l := st.look()
		word := l.word.English()
		if word == "" {
			t.Errorf("state %d has no word", st)
		}
		key := l.shape.Name() + string(l.colour)
		if other, ok := shapes[key]; ok && (word != "Closing" || other != "Opening") {
			t.Errorf("%s looks the same as %s", word, other)
		}
		shapes[key] = word
		if StatusIcon(st).Content() == nil {
			t.Errorf("%s has no picture", word)
		}
	}
	if StatusState(200).String() != "Idle" {
		t.Error("an unknown state must not panic")
	}
}

func TestTheRateIsThatOfTheLastSecondAndDecays(t *testing.T) {
	var m meter
	at := time.Unix(1000, 0)
	m.feed(at, 5000, 0)
	for range 8 {
		at = at.Add(250 * time.Millisecond)
		m.feed(at, m.lastIn+256, m.lastOut+64)
	}
	if in, out := m.rates(); in != 1024 || out != 256 {
		t.Errorf("rates %d and %d, want 1024 and 256", in, out)
	}
	m.advance(at.Add(2 * time.Second))
	if in, out := m.rates(); in != 0 || out != 0 {
		t.Errorf("rates %d and %d after two quiet seconds", in, out)
	}
	in, _ := m.history()
	var sum int64
	for _, n := range in {
		sum += n
	}
	if sum != 2048 {
		t.Errorf("the minute holds %d bytes, want 2048", sum)
	}
	m.advance(at.Add(time.Hour))
	if in, _ := m.history(); in != [meterSeconds]int64{} {
		t.Error("an hour later the minute is not empty")
	}
	m.feed(at.Add(2*time.Hour), 10, 0) // a new capture: fewer bytes than before
	if in, _ := m.rates(); in != 0 || m.lastIn != 10 {
		t.Errorf("a counter that went back gave a rate of %d", in)
	}
}

func TestAClockSetBackDoesNotStopTheLine(t *testing.T) {
	s, c := newTestLine(t)
	s.SetStatus(Status{State: StatusOpen, InBytes: 1})
	c.advance(-time.Hour)
	s.SetStatus(Status{State: StatusOpen, InBytes: 2})
	if s.in.Text.Text != "in 2 B (0)" {
		t.Errorf("shows %q", s.in.Text.Text)
	}
}

func TestTheStatusCanBeCopiedWithExactNumbers(t *testing.T) {
	s, _ := newTestLine(t)
	s.SetStatus(Status{State: StatusOpen, Elapsed: 133 * time.Second, InBytes: 1258291, Incoming: 1234, OutBytes: 340, Outgoing: 1, Pending: 70000})
	want := "Open, 00:02:13, in 1,258,291 bytes in 1,234 records, out 340 bytes in 1 record, pending 70,000 bytes"
	if got := s.Text(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	s.menu().Items[0].Action()
	if got := fyne.CurrentApp().Clipboard().Content(); got != want {
		t.Errorf("clipboard holds %q", got)
	}
}

func TestANarrowStatusLineKeepsStateAndNote(t *testing.T) {
	s, _ := newTestLine(t)
	s.SetStatus(Status{State: StatusOpen, Elapsed: time.Hour, InBytes: 1 << 40, Incoming: 1 << 40, OutBytes: 1 << 40, Outgoing: 1 << 40,
		Pending: 1 << 30, Note: strings.Repeat("1,204 records evicted ", 20)})
	for _, width := range []float32{1400, 900, 600, 300, 160} {
		s.Resize(fyne.NewSize(width, 30))
		if !s.state.Visible() || !s.note.Visible() {
			t.Errorf("width %v: state %v, note %v", width, s.state.Visible(), s.note.Visible())
		}
		for _, k := range []*ink{s.state, s.detail, s.elapsed, s.in, s.out, s.pending, s.rate} {
			if k.Visible() && k.Position().X+k.MinSize().Width > width {
				t.Errorf("width %v: %q sticks out", width, k.Text.Text)
			}
		}
	}
}

func TestTheStatusLineLooksRight(t *testing.T) {
	box := container.NewVBox()
	for i, st := range []Status{
		{},
		{State: StatusOpening, Detail: "127.0.0.1:7777"},
		{State: StatusOpen, Elapsed: 133 * time.Second, InBytes: 1258291, Incoming: 1234, OutBytes: 340, Outgoing: 3},
		{State: StatusOpen, Elapsed: 30 * time.Hour, InBytes: 6 << 30, Incoming: 9_123_456, OutBytes: 1 << 20, Outgoing: 70000, Pending: 5 << 20,
			Note: "1,204 records (3.1 MiB) evicted"},
		{State: StatusHalfClosed, Detail: "the peer has closed its side", Elapsed: time.Second, InBytes: 12, Incoming: 1},
		{State: StatusClosing},
		{State: StatusClosed, Detail: "closed by peer (FIN)", Elapsed: 12 * time.Second, InBytes: 12, Incoming: 1},
		{State: StatusFailed, Detail: "connection refused", Note: "capturing stopped: no space left on the disk"},
	} {
		s := NewStatusLine()
		c := &clock{time.Unix(1_700_000_000, 0)}
		s.now = c.now
		s.SetStatus(Status{State: st.State})
		for j := range int64(240) {
			c.advance(meterStep)
			part := st
			part.InBytes = st.InBytes * j * j * (2 + j/4%7) / (240 * 240 * 12)
			part.OutBytes = st.OutBytes * j / 240
			if i == 3 || j > 100 {
				s.meter.feed(c.t, max(part.InBytes, s.meter.lastIn), max(part.OutBytes, s.meter.lastOut))
			}
		}
		s.meter.lastIn, s.meter.lastOut = st.InBytes, st.OutBytes
		s.SetStatus(st)
		s.painted = time.Time{}
		s.Tick()
		box.Add(s)
	}
	w := stage(t, box, fyne.NewSize(1180, 270))
	looks(t, w, "statusline-wide")
	w.Resize(fyne.NewSize(620, 270))
	looks(t, w, "statusline-narrow")
}
