package framing

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"wirebench/sessions/capture"
)

// told returns the frames of x in words: number, direction, payload and what is wrong, then those that grow.
func told(t *testing.T, x *Index) (list []string) {
	t.Helper()
	for _, f := range append(frames(t, x), x.Growing(nil)...) {
		from, to := f.Payload()
		p := make([]byte, max(to-from, 0))
		if _, err := x.ReadAt(&f, p, from); err != nil && len(p) > 0 {
			p = []byte(err.Error())
		}
		s := fmt.Sprintf("%d %s %q", f.Number, f.Dir, p)
		if w := f.Trouble(); w != "" {
			s += " " + w
		}
		list = append(list, s)
	}
	return list
}

func wantTold(t *testing.T, x *Index, want ...string) {
	t.Helper()
	if got := told(t, x); !slices.Equal(got, want) {
		t.Errorf("frames\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

var one = testFlow(capture.TCP, 1)

func opened(m *model, f capture.Flow) {
	m.append(f, capture.Out, capture.Open, nil)
	m.append(f, capture.In, capture.Open, nil)
}

func TestAFrameThatHasNotEndedGrowsAndOneThatIsCutOffIsIncomplete(t *testing.T) {
	m := newModel(t, capture.Options{}, parsed(t, "u16be"), LF)
	x := m.index(Options{}, usual)
	version := x.Version()
	opened(m, one)
	m.append(one, capture.In, capture.Data, []byte("\x00\x03ab"))
	m.append(one, capture.Out, capture.Data, []byte("to"))
	await(t, m.log, x)
	wantTold(t, x, `0 in "ab" growing: 4 of 5 bytes`, `0 out "to" growing: 2 bytes`)
	if x.Version() == version {
		t.Error("the version did not move")
	}
	m.append(one, capture.In, capture.Data, []byte("c\x00"))
	await(t, m.log, x)
	wantTold(t, x, `1 in "abc"`, `0 out "to" growing: 2 bytes`, `0 in "" growing: 1 byte`)
	m.append(one, capture.Out, capture.Close, nil)
	await(t, m.log, x)
	wantTold(t, x, `1 in "abc"`, `2 out "to" incomplete: 2 bytes`, `0 in "" growing: 1 byte`)
	m.append(one, capture.In, capture.Reset, nil)
	opened(m, one) // the same ports again
	m.append(one, capture.In, capture.Data, []byte("\x00\x01x"))
	await(t, m.log, x)
	wantTold(t, x, `1 in "abc"`, `2 out "to" incomplete: 2 bytes`, `3 in "" incomplete: 1 byte`, `4 in "x"`)
	if st := x.Stats(); st.Broken != 2 || st.In != 3 || st.Out != 1 || st.Done != st.Total {
		t.Errorf("%+v", st)
	}
}

func TestADatagramIsAFrameWhateverTheFraming(t *testing.T) {
	m := newModel(t, capture.Options{}, parsed(t, "u16be"), parsed(t, "fixed:100"))
	x := m.index(Options{}, usual)
	u := testFlow(capture.UDP, 1)
	m.append(u, capture.In, capture.Data, []byte("\x00\x09ab"))
	m.append(u, capture.Out, capture.Data, nil)
	m.append(u, capture.In, capture.Data, []byte("b"))
	await(t, m.log, x)
	wantTold(t, x, `1 in "\x00\tab"`, `2 out ""`, `3 in "b"`)
}

func TestFramesEndedBySilenceAreListedInTheOrderOfTheirEnds(t *testing.T) {
	m := newModel(t, capture.Options{}, parsed(t, "gap:50ms"), parsed(t, "gap:80ms"))
	x := m.index(Options{}, apartFew)
	two := testFlow(capture.TCP, 2)
	opened(m, one)
	opened(m, two)
	for _, s := range []struct {
		after time.Duration
		f     capture.Flow
		d     capture.Direction
		p     string
	}{
		{0, one, capture.Out, "a"}, {10, one, capture.In, "b"}, {10, two, capture.In, "c"},
		{10, one, capture.In, "d"}, // b goes on, c does not
		{49, one, capture.Out, "A"},
		{100, two, capture.Out, "e"},
		{10, one, capture.In, "f"},
	} {
		m.now = m.now.Add(s.after * time.Millisecond)
		m.append(s.f, s.d, capture.Data, []byte(s.p))
	}
	await(t, m.log, x)
	want := []string{`1 in "c"`, `2 in "bd"`, `3 out "aA"`, `0 out "e" growing: 1 byte`, `0 in "f" growing: 1 byte`}
	wantTold(t, x, want...)
	// Each alone, cut again from the checkpoint before it.
	for i := range int64(3) {
		if f, err := x.Frame(i + 1); err != nil || f.Number != i+1 || fmt.Sprint(f.Len) != []string{"1", "2", "2"}[i] || f.State != Complete {
			t.Errorf("frame %d is %+v, %v", i+1, f, err)
		}
	}
	m.append(one, capture.In, capture.Close, nil)
	await(t, m.log, x)
	wantTold(t, x, append(want[:3:3], `4 in "f"`, want[3])...)
	// Both are over when the next record comes, in either order.
	m.now = m.now.Add(10 * time.Millisecond)
	m.append(two, capture.In, capture.Data, []byte("g"))
	m.now = m.now.Add(time.Second)
	m.append(one, capture.Out, capture.Note, nil)
	await(t, m.log, x)
	wantTold(t, x, append(want[:3:3], `4 in "f"`, `5 in "g"`, `6 out "e"`)...)
	m.append(two, capture.Out, capture.Data, []byte("h"))
	m.now = m.now.Add(40 * time.Millisecond)
	m.append(two, capture.In, capture.Data, []byte("i"))
	m.now = m.now.Add(time.Second)
	m.append(one, capture.Out, capture.Note, nil)
	await(t, m.log, x)
	wantTold(t, x, append(want[:3:3], `4 in "f"`, `5 in "g"`, `6 out "e"`, `7 out "h"`, `8 in "i"`)...)
}

func TestAConnectionThatIsOlderThanTheCaptureBeginsWithATornFrame(t *testing.T) {
	m := newModel(t, capture.Options{}, LF, parsed(t, "raw"))
	x := m.index(Options{}, usual)
	m.append(one, capture.In, capture.Data, []byte("est\nnext\n"))
	m.append(one, capture.Out, capture.Data, []byte("raw"))
	await(t, m.log, x)
	wantTold(t, x, `1 in "est" its beginning may be missing`, `2 in "next"`, `3 out "raw"`)
}

// An index that is slower than its capture's eviction goes on with what is kept.
func TestAnIndexThatIsOvertakenByEvictionGoesOnWithWhatIsKept(t *testing.T) {
	m := newModel(t, capture.Options{SegmentSize: 4 << 10, Budget: 16 << 10}, LF, LF)
	x := m.index(Options{}, apartFew)
	opened(m, one)
	m.append(one, capture.In, capture.Data, []byte("first\nsec"))
	await(t, m.log, x)
	x.Close() // and go on by hand
	for i := range 400 {
		m.append(one, capture.In, capture.Data, fmt.Appendf(nil, "ond %d\n%0100d", i, i))
	}
	if err := m.log.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := m.log.NewScanner(nil)
	defer s.Close()
	if err := x.catchUp(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	first, st := m.log.Stats().First, x.Stats()
	f, err := x.Frame(st.First)
	if err != nil || f.First != first || !f.Torn || st.First != 2 || f.Lost != 0 {
		t.Fatalf("of %+v the first is %+v, %v; the capture begins with record %d", st, f, err, first)
	}
	if st.Done != st.Total || st.Last-st.First+1 != 400-(first-4) {
		t.Errorf("%+v, and the capture begins with record %d", st, first)
	}
	if _, err := x.Frame(1); !errors.Is(err, capture.ErrEvicted) {
		t.Errorf("the first frame is read: %v", err)
	}
}

// The frame goes on in a record so large that all before it goes, when the index has looked at just that.
func TestAFrameOfWhichOnlyTheEndIsKeptTellsHowMuchIsLost(t *testing.T) {
	m := newModel(t, capture.Options{SegmentSize: 4 << 10, Budget: 16 << 10}, parsed(t, "u16be"), LF)
	x := m.index(Options{}, apartFew)
	opened(m, one)
	m.append(one, capture.In, capture.Data, []byte("\x00\x00\xf0\x00abc"))
	await(t, m.log, x)
	m.append(one, capture.In, capture.Data, make([]byte, 60000))
	st := await(t, m.log, x)
	growing := x.Growing(nil)
	if m.log.Stats().First != 4 || st.First != 2 || len(growing) != 1 || growing[0].Lost != 5 || growing[0].Torn || growing[0].Len != 60005 {
		t.Fatalf("from record %d on, %+v: %+v", m.log.Stats().First, st, growing)
	}
	want := "growing: 60005 of 61442 bytes; its first 5 bytes were deleted to keep the capture within its budget"
	if got := growing[0].Trouble(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	m.append(one, capture.In, capture.Data, append(make([]byte, 1437), "\x00\x01z"...))
	await(t, m.log, x) // that was too much again
	f, err := x.Frame(2)
	if err != nil || f.Lost != 60005 || f.State != Complete || f.Len != 61442 {
		t.Fatalf("it ends as %+v, %v", f, err)
	}
	p := make([]byte, f.Len)
	if n, err := x.ReadAt(&f, p[60005:], 60005); err != nil || n != 1437 {
		t.Errorf("%d bytes of it are read, %v", n, err)
	}
	if n, err := x.ReadAt(&f, p, 60004); n != 0 || !errors.Is(err, capture.ErrEvicted) {
		t.Errorf("%d of the bytes that are lost are read, %v", n, err)
	}
}

func TestAFrameDoesNotReachOverWhatWasNotCaptured(t *testing.T) {
	var room atomic.Int64
	room.Store(1 << 30)
	m := newModel(t, capture.Options{Create: func(path string) (capture.File, error) {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
		return fullFile{f, &room}, err
	}}, parsed(t, "u16be"), LF)
	x := m.index(Options{}, apartFew)
	opened(m, one)
	m.append(one, capture.In, capture.Data, []byte("\x00\x09begun"))
	await(t, m.log, x)
	room.Store(0)
	m.append(one, capture.In, capture.Data, []byte("lost"))
	if err := m.log.Flush(t.Context()); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("the disk is full, and Flush says %v", err)
	}
	room.Store(1 << 30)
	if err := m.log.Resume(); err != nil {
		t.Fatal(err)
	}
	m.append(one, capture.In, capture.Data, []byte("\x00\x01a\x00\x01b"))
	await(t, m.log, x)
	wantTold(t, x, `1 in "begun" incomplete: 7 of 11 bytes`, `2 in "a" its beginning may be missing`, `3 in "b"`)
}

// fullFile is on a disk with so much room.
type fullFile struct {
	*os.File
	room *atomic.Int64
}

func (f fullFile) Write(p []byte) (int, error) {
	if f.room.Add(int64(-len(p))) < 0 {
		return 0, &fs.PathError{Op: "write", Path: f.Name(), Err: syscall.ENOSPC}
	}
	return f.File.Write(p)
}

func TestAnIndexOfSomeConnectionsHasNoOthers(t *testing.T) {
	m := newModel(t, capture.Options{SegmentSize: 2 << 10}, LF, LF)
	x := m.index(Options{Flows: []capture.FlowSpan{{Flow: testFlow(capture.TCP, 3)}}}, apartFew)
	none := m.index(Options{Flows: []capture.FlowSpan{}}, apartFew)
	for n := range 5 {
		opened(m, testFlow(capture.TCP, n))
	}
	var want []string
	for i := range 50 {
		f := testFlow(capture.TCP, i%5)
		if i%5 == 3 {
			want = append(want, fmt.Sprintf(`%d in "line %d"`, len(want)+1, i))
		}
		m.append(f, capture.In, capture.Data, fmt.Appendf(nil, "line %d", i))
		m.append(f, capture.In, capture.Data, []byte("\n"))
	}
	await(t, m.log, x)
	wantTold(t, x, want...)
	if await(t, m.log, none); none.Stats().Last != 0 {
		t.Errorf("no connection has %d frames", none.Stats().Last)
	}
	f, err := x.Frame(1)
	if err != nil {
		t.Fatal(err)
	}
	if g, err := x.FrameOf(f.Last, 0); err != nil || g != f {
		t.Errorf("found is %+v, %v", g, err)
	}
	if _, err := x.FrameOf(f.Last+1, 0); !errors.Is(err, errNoData) { // of another connection
		t.Errorf("the byte of another connection is found: %v", err)
	}
}

func TestACaptureThatIsNoLongerWhatItWasIsNoEnd(t *testing.T) {
	m := newModel(t, capture.Options{}, LF, LF)
	x := m.index(Options{}, usual)
	opened(m, one)
	m.append(one, capture.In, capture.Data, []byte("one\ntwo\n"))
	await(t, m.log, x)
	x.mu.Lock()
	x.lanes.frames++ // what was found there once
	x.mu.Unlock()
	if n, err := x.Frames(make([]Frame, 5), 1); n != 2 || err == nil || errors.Is(err, io.EOF) || !strings.Contains(err.Error(), "open it again") {
		t.Errorf("%d frames, %v", n, err)
	}
}
