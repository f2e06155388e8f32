package framing

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
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
	wantTold(t, x, `1 in "abc"`, `0 out "to" growing: 2 bytes`, `0 in "" growing: 1 bytes`)
	m.append(one, capture.Out, capture.Close, nil)
	await(t, m.log, x)
	wantTold(t, x, `1 in "abc"`, `2 out "to" incomplete: 2 bytes`, `0 in "" growing: 1 bytes`)
	m.append(one, capture.In, capture.Reset, nil)
	opened(m, one) // the same ports again
	m.append(one, capture.In, capture.Data, []byte("\x00\x01x"))
	await(t, m.log, x)
	wantTold(t, x, `1 in "abc"`, `2 out "to" incomplete: 2 bytes`, `3 in "" incomplete: 1 bytes`, `4 in "x"`)
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
	want := []string{`1 in "c"`, `2 in "bd"`, `3 out "aA"`, `0 out "e" growing: 1 bytes`, `0 in "f" growing: 1 bytes`}
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

// segment is a TCP packet of another program's capture, from the client unless back, of which a part may be cut off.
type segment struct {
	back    bool
	seq     uint32
	flags   byte
	payload string
	cut     int
}

const (
	fin, syn, rst, ack = 1, 2, 4, 16
)

// foreign writes a pcap file of raw IP packets and opens it.
func foreign(t *testing.T, list []segment) *capture.Log {
	t.Helper()
	le, be := binary.LittleEndian, binary.BigEndian
	b := le.AppendUint32(nil, 0xA1B23C4D)
	b = le.AppendUint16(le.AppendUint16(b, 2), 4)
	b = append(b, make([]byte, 8)...)
	b = le.AppendUint32(le.AppendUint32(b, 65535), 101)
	for i, s := range list {
		p := make([]byte, 40)
		p[0], p[8], p[9] = 0x45, 64, 6
		be.PutUint16(p[2:], uint16(40+len(s.payload)))
		from, to := 0, 1
		if s.back {
			from, to = 1, 0
		}
		copy(p[12:], []byte{10, 0, 0, byte(1 + from), 10, 0, 0, byte(1 + to)})
		be.PutUint16(p[20:], uint16(1000+from))
		be.PutUint16(p[22:], uint16(1000+to))
		be.PutUint32(p[24:], s.seq)
		p[32], p[33] = 5<<4, s.flags
		p = append(p, s.payload...)
		b = le.AppendUint32(le.AppendUint32(b, 1000+uint32(i)), 0)
		b = le.AppendUint32(le.AppendUint32(b, uint32(len(p)-s.cut)), uint32(len(p)))
		b = append(b, p[:len(p)-s.cut]...)
	}
	path := filepath.Join(t.TempDir(), "foreign.pcap")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := capture.OpenFiles(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Release() })
	return l
}

func TestTheCaptureOfAnotherProgramIsCutAsFarAsItGoes(t *testing.T) {
	for _, c := range []struct {
		name string
		list []segment
		want []string
	}{
		{"a whole connection", []segment{
			{seq: 9, flags: syn}, {back: true, seq: 100, flags: syn | ack}, {seq: 10, flags: ack}, {seq: 10, flags: ack, payload: "a\nb"},
			{seq: 10, flags: ack, payload: "a\nb"}, // sent again
			{back: true, seq: 101, flags: ack, payload: "A\n"}, {seq: 13, flags: ack, payload: "c\nd"}, {seq: 16, flags: fin | ack},
		}, []string{`1 out "a"`, `2 in "A"`, `3 out "bc"`, `4 out "d" incomplete: 1 bytes`}},
		{"bytes with the SYN and the FIN", []segment{
			{seq: 9, flags: syn, payload: "a"}, {seq: 11, flags: fin | ack, payload: "b\nc"}, {seq: 500, flags: syn}, {seq: 501, flags: ack, payload: "d\n"},
		}, []string{`1 out "ab"`, `2 out "c" incomplete: 1 bytes`, `3 out "d"`}},
		{"bytes with the FIN, and the other side after it", []segment{
			{seq: 9, flags: syn}, {seq: 10, flags: fin | ack, payload: "a\nb"}, {back: true, seq: 4, flags: syn | ack}, {back: true, seq: 5, flags: ack, payload: "x\n"},
		}, []string{`1 out "a"`, `2 out "b" incomplete: 1 bytes`, `3 in "x"`}},
		{"from the middle on", []segment{
			{seq: 9, flags: ack, payload: "a\nb"}, {seq: 12, flags: ack, payload: "\n"},
		}, []string{`1 out "a" its beginning may be missing`, `2 out "b"`}},
		{"a part that was not captured", []segment{
			{seq: 9, flags: syn}, {seq: 10, flags: ack, payload: "a\nb"}, {seq: 20, flags: ack, payload: "c\nd\n"},
		}, []string{`1 out "a"`, `2 out "b" incomplete: 1 bytes`, `3 out "c" its beginning may be missing`, `4 out "d"`}},
		{"packets that were cut off", []segment{
			{seq: 9, flags: syn}, {seq: 10, flags: ack, payload: "a\nbcd", cut: 2}, {seq: 15, flags: ack, payload: "e\n"},
		}, []string{`1 out "a"`, `2 out "b" incomplete: 1 bytes`, `3 out "e" its beginning may be missing`}},
		{"a part sent again with more behind it", []segment{
			{seq: 9, flags: syn}, {seq: 10, flags: ack, payload: "ab"}, {seq: 11, flags: ack, payload: "bc\n"},
		}, []string{`1 out "abc"`}},
		{"an end in the middle", []segment{
			{seq: 9, flags: syn}, {seq: 10, flags: ack, payload: "ab"}, {back: true, seq: 4, flags: ack, payload: "x"},
		}, []string{`0 out "ab" incomplete: 2 bytes`, `0 in "x" incomplete: 1 bytes; its beginning may be missing`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := foreign(t, c.list)
			x, err := NewIndex(l, Options{In: LF, Out: LF})
			if err != nil {
				t.Fatal(err)
			}
			defer x.Close()
			await(t, l, x)
			wantTold(t, x, c.want...)
		})
	}
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

func TestFramesThatAreNotThereAreRefusedInWords(t *testing.T) {
	m := newModel(t, capture.Options{}, LF, LF)
	x := m.index(Options{}, usual)
	opened(m, one)
	m.append(one, capture.In, capture.Data, []byte("a\nb\n"))
	await(t, m.log, x)
	if _, err := x.Frame(0); err == nil || !strings.Contains(err.Error(), "numbered from 1") {
		t.Errorf("frame 0: %v", err)
	}
	if _, err := x.Frame(3); !errors.Is(err, io.EOF) {
		t.Errorf("frame 3: %v", err)
	}
	if _, err := x.FrameOf(4, 0); !errors.Is(err, io.EOF) {
		t.Errorf("of a record to come: %v", err)
	}
	for _, c := range []struct {
		number int64
		at     int
	}{{1, 0}, {3, 4}, {3, -1}} {
		if _, err := x.FrameOf(c.number, c.at); !errors.Is(err, errNoData) {
			t.Errorf("of byte %d of record %d: %v", c.at, c.number, err)
		}
	}
	f, err := x.Frame(2)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.ReadAt(&f, make([]byte, 1), -1); err == nil {
		t.Error("a negative offset is read")
	}
	if n, err := x.ReadAt(&f, make([]byte, 5), 1); n != 1 || !errors.Is(err, io.EOF) {
		t.Errorf("%d bytes from the middle, %v", n, err)
	}
	if _, err := NewIndex(m.log, Options{In: LF, Out: Framing{Kind: Gap}}); err == nil {
		t.Error("a wrong framing is taken")
	}
}

func TestAnIndexTellsWhenItsLogCanNoLongerBeRead(t *testing.T) {
	m := newModel(t, capture.Options{}, LF, LF)
	opened(m, one)
	if err := m.log.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := m.log.Release(); err != nil {
		t.Fatal(err)
	}
	x := m.index(Options{}, usual)
	<-x.Ready()
	<-x.ended
	if err := x.Stats().Err; !errors.Is(err, fs.ErrClosed) || !strings.HasPrefix(err.Error(), "cut into frames: ") {
		t.Errorf("%v, want that it is closed", err)
	}
	x.Close()
	x.Close()
}

func TestCloseEndsAnIndexInTheMiddle(t *testing.T) {
	m := newModel(t, capture.Options{}, parsed(t, "fixed:1"), LF)
	opened(m, one)
	p := make([]byte, capture.MaxPayload)
	for range 1000 { // 60 million frames
		m.log.Append(one, capture.In, capture.Data, p, "")
	}
	if err := m.log.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	x := m.index(Options{}, usual)
	for x.Stats().Last == 0 {
		time.Sleep(time.Millisecond)
	}
	x.Close()
	st := x.Stats()
	if st.Last == 60_000_000 || st.Done == st.Total || st.Err != nil {
		t.Fatalf("%+v", st)
	}
	if f, err := x.Frame(st.Last); err != nil || f.Number != st.Last {
		t.Errorf("what was found is read as %+v, %v", f, err)
	}
}

func TestTooManyConnectionsAtOnceAreBegunAnew(t *testing.T) {
	rules := [2]*rule{}
	for d := range rules {
		rules[d], _ = newRule(LF)
	}
	m := newModel(t, capture.Options{}, LF, LF)
	for n := range 25 {
		opened(m, testFlow(capture.TCP, n))
		m.append(testFlow(capture.TCP, n), capture.In, capture.Data, fmt.Appendf(nil, "%d", n))
	}
	m.append(testFlow(capture.TCP, 24), capture.In, capture.Data, []byte("\n"))
	if err := m.log.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	ls := newLanes(rules)
	ls.most = 20
	var got []string
	ls.ended = func(k *laneKey, s *state, r *rule, as State) {
		got = append(got, fmt.Sprintf("%d %s", k.flow.Remote.Port()-1000, as))
	}
	s := m.log.NewScanner(nil)
	defer s.Close()
	if ok, err := s.Load(1); !ok || err != nil {
		t.Fatal(err)
	}
	for s.Scan() {
		if ls.take(s); len(ls.byKey) > 20 {
			t.Fatalf("%d lanes", len(ls.byKey))
		}
	}
	var want []string
	for n := range 20 { // twice ten connections, in their order
		want = append(want, fmt.Sprintf("%d incomplete", n))
	}
	if want = append(want, "24 complete"); !slices.Equal(got, want) {
		t.Errorf("ended have %q, want %q", got, want)
	}
}

func TestReadersDoNotMindGrowthAndEviction(t *testing.T) {
	m := newModel(t, capture.Options{SegmentSize: 8 << 10, Budget: 40 << 10}, parsed(t, "u16be"), LF)
	x := m.index(Options{}, spacing{bytes: 500, frames: 10})
	opened(m, one)
	ctx, cancel := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	var read atomic.Int64
	for range 3 {
		readers.Go(func() {
			rows, p := make([]Frame, 20), make([]byte, 50)
			for i := int64(0); ctx.Err() == nil; i++ {
				st := x.Stats()
				from := st.First + i*7919%max(st.Last-st.First+1, 1)
				n, err := x.Frames(rows, from)
				if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, capture.ErrEvicted) {
					t.Errorf("frames from %d on: %v", from, err)
					return
				}
				for j, f := range append(slices.Clone(rows[:n]), x.Growing(nil)...) {
					if f.Number != 0 && f.Number != from+int64(j) {
						t.Errorf("frame %d is in place of %d", f.Number, from+int64(j))
					}
					k, err := x.ReadAt(&f, p[:min(f.Len, 50)], 0)
					if err != nil && !errors.Is(err, capture.ErrEvicted) || f.Dir == capture.In && k > 2 && int64(p[0])<<8+int64(p[1]) != f.Declared-2 {
						t.Errorf("%+v has % x, %v", f, p[:k], err)
					}
					if g, err := x.FrameOf(f.Last, f.End-1); err == nil && (g.First != f.First || g.Start != f.Start) {
						t.Errorf("%+v is found for %+v", g, f)
					} else if err != nil && !errors.Is(err, capture.ErrEvicted) {
						t.Errorf("the frame of record %d: %v", f.Last, err)
					}
					if _, err := x.IndexOf(f.First); err != nil && !errors.Is(err, capture.ErrEvicted) {
						t.Errorf("index of record %d: %v", f.First, err)
					}
					read.Add(1)
				}
			}
		})
	}
	for i := range 3000 {
		var b []byte
		for j := range 5 {
			b, _ = m.framing[capture.In].Append(b, make([]byte, (i+j)%40))
		}
		k := i % len(b)
		m.log.Append(one, capture.In, capture.Data, b[:k], "")
		m.log.Append(one, capture.Out, capture.Data, []byte("a line\nand"), "")
		m.log.Append(one, capture.In, capture.Data, b[k:], "")
		if i%20 == 0 {
			if err := m.log.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	st := await(t, m.log, x)
	cancel()
	readers.Wait()
	if st.In < 1000 || read.Load() < 100 || m.log.Stats().First == 1 {
		t.Errorf("%+v, %d frames were read", st, read.Load())
	}
}
