package framing

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"

	"wirebench/sessions/capture"
)

// traffic appends n random records of some connections, in the sizes that come.
type traffic struct {
	*model
	r     *rand.Rand
	flows int
	left  map[laneKey][]byte
	up    map[capture.Flow]bool
}

func newTraffic(m *model, seed uint64, flows int) *traffic {
	return &traffic{m, rand.New(rand.NewPCG(seed, 9)), flows, map[laneKey][]byte{}, map[capture.Flow]bool{}}
}

func (a *traffic) pass(n int) {
	for range n {
		f := testFlow(capture.TCP, a.r.IntN(a.flows))
		d := capture.Direction(a.r.IntN(2))
		switch what := a.r.IntN(200); {
		case what == 0:
			a.append(capture.Flow{}, capture.Out, capture.Note, nil)
		case what == 1:
			a.append(f, d, capture.Note, nil)
		case what < 8:
			a.append(testFlow(capture.UDP, a.r.IntN(3)), d, capture.Data, make([]byte, a.r.IntN(20)))
		case !a.up[f]:
			a.append(f, capture.Out, capture.Open, nil)
			a.append(f, capture.In, capture.Open, nil)
			a.up[f] = true
		case what == 8:
			a.append(f, d, capture.Reset, nil)
			a.down(f)
		case what == 9:
			a.append(f, d, capture.Close, nil)
			a.append(f, 1-d, capture.Close, nil)
			a.down(f)
		case what == 10: // a connection that is opened anew without having been closed
			a.down(f)
		default:
			k := laneKey{f, d}
			for len(a.left[k]) == 0 {
				a.left[k] = some(a.r, a.framing[d])
			}
			p := a.left[k]
			size := min(1+a.r.IntN(60), len(p))
			a.append(f, d, capture.Data, p[:size])
			a.left[k] = p[size:]
		}
	}
}

func (a *traffic) down(f capture.Flow) {
	a.up[f] = false
	delete(a.left, laneKey{f, capture.In})
	delete(a.left, laneKey{f, capture.Out})
}

// check holds the index against the model, from the first kept record on.
func (m *model) check(x *Index, r *rand.Rand) {
	t := m.t
	t.Helper()
	st := await(t, m.log, x)
	first := m.log.Stats().First
	kept := 0
	for kept < len(m.done) && m.done[kept].ended < first {
		kept++
	}
	want := m.done[kept:]
	if st.First != int64(kept)+1 || st.Last != int64(len(m.done)) {
		t.Fatalf("frames %d to %d, want %d to %d", st.First, st.Last, kept+1, len(m.done))
	}
	if n, done := x.Len(); n != int64(len(want)) || !done {
		t.Fatalf("%d frames, %v, want %d", n, done, len(want))
	}
	m.counts(st)
	all := make([]Frame, len(want))
	if n, err := x.Frames(all, st.First); n != len(all) || err != nil {
		t.Fatalf("%d of %d frames, %v", n, len(all), err)
	}
	for i := range all {
		m.one(x, &all[i], &want[i], first, r)
	}
	// Any window is a part of the whole.
	for range 20 {
		from, n := r.IntN(len(want)), 1+r.IntN(60)
		got := make([]Frame, n)
		n = min(n, len(want)-from)
		k, err := x.Frames(got, st.First+int64(from))
		if k != n || (k < len(got)) != errors.Is(err, io.EOF) {
			t.Fatalf("%d of %d frames from %d on, %v", k, n, from, err)
		}
		for i := range n {
			if diff := same(got[i], all[from+i]); diff != "" {
				t.Fatalf("frame %d of a window: %s", from+i, diff)
			}
		}
	}
	growing := m.growing()
	got := x.Growing(nil)
	if len(got) != len(growing) {
		t.Fatalf("%d frames are growing, want %d", len(got), len(growing))
	}
	if n := x.Stats().Growing; n != int64(len(growing)) {
		t.Fatalf("%d frames are said to grow, want %d", n, len(growing))
	}
	for i := range got {
		m.one(x, &got[i], &growing[i], first, r)
	}
	for range 20 { // of records
		number := first - 2 + r.Int64N(m.number-first+4)
		want := st.First
		for want <= st.Last && m.done[want-1].ended < number {
			want++
		}
		if got, err := x.IndexOf(number); err != nil || got != want {
			t.Fatalf("the first frame that ended with record %d is %d, %v, want %d", number, got, err, want)
		}
	}
}

// counts holds the totals against the model.
func (m *model) counts(st Stats) {
	m.t.Helper()
	var by [2]int64
	broken := int64(0)
	for _, f := range m.done {
		if by[f.Dir]++; f.State != Complete {
			broken++
		}
	}
	if st.In != by[capture.In] || st.Out != by[capture.Out] || st.Broken != broken {
		m.t.Fatalf("%d in, %d out, %d broken, want %d, %d, %d", st.In, st.Out, st.Broken, by[capture.In], by[capture.Out], broken)
	}
}

// one holds a frame against the model: what it is, its bytes, and that it is found by any of them.
func (m *model) one(x *Index, got *Frame, want *modelFrame, first int64, r *rand.Rand) {
	t := m.t
	t.Helper()
	w := want.Frame
	if w.First < first {
		l := m.lostOf(&w, first)
		w.Lost = l
	}
	if diff := same(*got, w); diff != "" {
		t.Fatalf("frame %d ended with record %d: %s", want.Number, want.ended, diff)
	}
	if w.Number > 0 && w.Lost == 0 && len(want.bytes) > 0 && r.IntN(20) > 0 {
		return // the rest takes some time
	}
	if len(want.bytes) == 0 {
		if f, err := x.FrameOf(got.First, 0); err != nil || f.Number != got.Number {
			t.Fatalf("the frame without bytes of record %d is %+v, %v", got.First, f, err)
		}
		return
	}
	off := r.IntN(len(want.bytes))
	p := make([]byte, 1+r.IntN(len(want.bytes)+3))
	n, err := x.ReadAt(got, p, int64(off))
	switch {
	case int64(off) < w.Lost:
		if !errors.Is(err, capture.ErrEvicted) {
			t.Fatalf("%d lost bytes of frame %+v are read: %d, %v", w.Lost, w, n, err)
		}
	case !bytes.Equal(p[:n], want.bytes[off:min(off+len(p), len(want.bytes))]) || (n < len(p)) != errors.Is(err, io.EOF):
		t.Fatalf("frame %+v at %d: %d of %d bytes, %v", w, off, n, len(p), err)
	default:
		number, at := m.placeOf(&w, off)
		f, err := x.FrameOf(number, at)
		if diff := same(f, w); err != nil || diff != "" {
			t.Fatalf("the frame of byte %d of record %d: %v %s", at, number, err, diff)
		}
		record, err := m.log.Record(number)
		if err != nil {
			t.Fatal(err)
		}
		s := capture.InOnly + capture.Stream(w.Dir)
		if f, err := x.FrameAt(s, record.Offset+int64(at)); err != nil || f.Number != w.Number {
			t.Fatalf("the frame at %d is %+v, %v", record.Offset+int64(at), f, err)
		}
	}
}

// lostOf counts the bytes of a frame in records before first.
func (m *model) lostOf(f *Frame, first int64) (n int64) {
	m.each(f, func(number int64, at, size int) {
		if number < first {
			n += int64(size)
		}
	})
	return n
}

// placeOf returns the record, and the place in its payload, of a frame's byte.
func (m *model) placeOf(f *Frame, off int) (number int64, place int) {
	m.each(f, func(n int64, at, size int) {
		if off >= 0 && off < size {
			number, place = n, at+off
		}
		off -= size
	})
	return number, place
}

// each goes through the records with bytes of a frame, as they were appended.
func (m *model) each(f *Frame, do func(number int64, at, size int)) {
	for number := f.First; number <= f.Last; number++ {
		r := m.said[number-1]
		if r.key != (laneKey{f.Flow, f.Dir}) || r.size == 0 {
			continue
		}
		at, size := 0, r.size
		if number == f.Last {
			size = f.End
		}
		if number == f.First {
			at, size = f.Start, size-f.Start
		}
		do(number, at, size)
	}
}

func TestAnIndexListsTheFramesOfAllConnectionsInTheOrderTheyEnded(t *testing.T) {
	for _, c := range []struct {
		name, in, out string
		flows         int
		apart         spacing
	}{
		{"one connection, lines", "lf", "lf", 1, apartFew},
		{"a length one way, lines the other", "u16be", "crlf,keep", 1, apartFew},
		{"many connections", "u16be,offset=1,adjust=-3", "varint", 40, apartFew},
		{"many connections, checkpoints far apart", "u16be", "varint", 40, spacing{bytes: 20_000, frames: 300}},
		{"one direction raw", "raw", "xml", 3, spacing{bytes: 3000, frames: 50}},
		{"two directions of fixed size", "fixed:7", "fixed:100", 5, spacing{bytes: 3000, frames: 50}},
		{"short frames only", "lf,max=20", "u8,max=20", 5, spacing{bytes: 3000, frames: 50}},
		{"one checkpoint", "nul", "delim:6162", 5, usual},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newModel(t, capture.Options{SegmentSize: 100 << 10}, parsed(t, c.in), parsed(t, c.out))
			a := newTraffic(m, 3, c.flows)
			a.pass(500)
			if err := m.log.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			x := m.index(Options{}, c.apart)
			for range 4 { // it grows while it is looked at
				a.pass(500)
				m.check(x, a.r)
			}
			m.check(m.index(Options{}, c.apart), a.r)
			if len(m.done) < 500 || len(m.log.Files()) < 2 {
				t.Errorf("%d frames in %d segments are no test", len(m.done), len(m.log.Files()))
			}
		})
	}
}

func TestAnIndexForgetsWhatIsEvicted(t *testing.T) {
	for _, apart := range []spacing{apartFew, {bytes: 3000, frames: 50}, usual} {
		m := newModel(t, capture.Options{SegmentSize: 20 << 10, Budget: 90 << 10}, parsed(t, "u16be"), parsed(t, "nul"))
		a := newTraffic(m, 5, 6)
		x := m.index(Options{}, apart)
		lost := 0
		for range 30 {
			a.pass(100)
			m.check(x, a.r)
			for _, f := range append(x.Growing(nil), frames(t, x)...) {
				if f.Lost > 0 {
					lost++
				}
			}
		}
		if m.log.Stats().EvictedRecords < 1000 || lost == 0 {
			t.Fatalf("%d records were evicted, %d frames have lost their beginning", m.log.Stats().EvictedRecords, lost)
		}
		for _, number := range []int64{1, x.Stats().First - 1} {
			if _, err := x.Frame(number); !errors.Is(err, capture.ErrEvicted) {
				t.Errorf("frame %d is read: %v", number, err)
			}
		}
		if _, err := x.FrameOf(m.log.Stats().First-1, 0); !errors.Is(err, capture.ErrEvicted) {
			t.Errorf("the frame of a deleted record is found: %v", err)
		}
	}
}

// frames returns all frames of x.
func frames(t *testing.T, x *Index) []Frame {
	t.Helper()
	st := x.Stats()
	list := make([]Frame, st.Last-st.First+1)
	if _, err := x.Frames(list, st.First); err != nil {
		t.Fatal(err)
	}
	return list
}
