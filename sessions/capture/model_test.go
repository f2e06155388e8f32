package capture

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// model is what a log should hold, kept in memory.
type model struct {
	recs    []Record // without Time
	streams [3][]byte
}

// add appends what Append should have made of the same arguments.
func (m *model) add(f Flow, d Direction, k Kind, payload []byte, note string) {
	limit := MaxPayload
	if f.Proto == UDP {
		limit = 65507
	}
	if f.Proto == TCP && k == Data && len(payload) == 0 {
		if note == "" {
			return
		}
		k = Note
	}
	for {
		n := min(len(payload), limit)
		r := Record{Number: int64(len(m.recs) + 1), Dir: d, Kind: k, Flow: f, Len: n, WireLen: n, Note: note,
			Offset: int64(len(m.streams[OutOnly])), BothOffset: int64(len(m.streams[Both]))}
		s := OutOnly
		if d == In {
			s = InOnly
			r.Offset = int64(len(m.streams[InOnly]))
		}
		m.recs = append(m.recs, r)
		m.streams[s] = append(m.streams[s], payload[:n]...)
		m.streams[Both] = append(m.streams[Both], payload[:n]...)
		if payload, note = payload[n:], ""; len(payload) == 0 {
			return
		}
	}
}

// plain returns r without what the model does not know.
func plain(r Record) Record {
	r.Time, r.at = time.Time{}, 0
	return r
}

// check compares everything a log keeps with the model.
func (m *model) check(t *testing.T, l *Log) {
	t.Helper()
	st := l.Stats()
	if st.Last != int64(len(m.recs)) {
		t.Fatalf("Last = %d, want %d", st.Last, len(m.recs))
	}
	for i, r := range allRecords(t, l) {
		if got, want := plain(r), m.recs[st.First-1+int64(i)]; got != want {
			t.Fatalf("record %d:\n got %+v\nwant %+v", want.Number, got, want)
		}
	}
	for s := Both; s <= OutOnly; s++ {
		m.checkStream(t, l, s, st.StreamStart(s), st.StreamEnd(s))
	}
	if r, err := l.Record(st.Last + 1); err != io.EOF {
		t.Errorf("Record behind the end = %v, %v", r, err)
	}
	if st.First > 1 {
		if _, err := l.Record(st.First - 1); !errors.Is(err, ErrEvicted) {
			t.Errorf("Record of an evicted number: %v", err)
		}
		if _, err := l.ReadAt(Both, make([]byte, 1), st.FirstBoth-1); !errors.Is(err, ErrEvicted) {
			t.Errorf("ReadAt of an evicted byte: %v", err)
		}
	}
}

func (m *model) checkStream(t *testing.T, l *Log, s Stream, start, end int64) {
	t.Helper()
	want := m.streams[s]
	if end != int64(len(want)) {
		t.Fatalf("%v ends at %d, want %d", s, end, len(want))
	}
	got := make([]byte, end-start)
	if n, err := l.ReadAt(s, got, start); n != len(got) || err != nil {
		t.Fatalf("ReadAt(%v, all) = %d of %d, %v", s, n, len(got), err)
	}
	if !bytes.Equal(got, want[start:]) {
		t.Fatalf("%v: wrong bytes", s)
	}
	for range 200 {
		if end == start {
			break
		}
		off := start + rand.Int64N(end-start)
		p := make([]byte, rand.IntN(3000))
		n, err := l.ReadAt(s, p, off)
		wantN := min(len(p), int(end-off))
		if n != wantN || (n < len(p)) != (err == io.EOF) || !bytes.Equal(p[:n], want[off:off+int64(n)]) {
			t.Fatalf("ReadAt(%v, %d bytes, %d) = %d, %v", s, len(p), off, n, err)
		}
		spans, err := l.Spans(s, off, wantN, nil)
		if err != nil {
			t.Fatal(err)
		}
		var joined []byte
		for _, r := range spans {
			b := make([]byte, r.Len)
			if n, err := l.Payload(r, b, 0); n != r.Len || err != nil {
				t.Fatalf("Payload of record %d = %d, %v", r.Number, n, err)
			}
			r.at = 0 // as of a record made by hand
			if n, err := l.Payload(r, b, r.Len/2); n != r.Len-r.Len/2 || n < r.Len && err != io.EOF {
				t.Fatalf("second half of record %d = %d, %v", r.Number, n, err)
			}
			l.Payload(r, b, 0)
			joined = append(joined, b...)
		}
		if wantN > 0 {
			skip := off - spans[0].In(s)
			if last := spans[len(spans)-1]; skip < 0 || last.In(s) >= off+int64(wantN) || !bytes.Equal(joined[skip:skip+int64(wantN)], p[:n]) {
				t.Fatalf("Spans(%v, %d, %d) = %v", s, off, wantN, spans)
			}
		}
		r, err := l.At(s, off)
		if err != nil || off < r.In(s) || off >= r.In(s)+int64(r.Len) {
			t.Fatalf("At(%v, %d) = %+v, %v", s, off, r, err)
		}
	}
	if _, err := l.At(s, end); err != io.EOF {
		t.Errorf("At(%v, end) = %v", s, err)
	}
}

// scribble appends n random records to l and to m.
func scribble(l *Log, m *model, rng *rand.Rand, n int) {
	sizes := []int{0, 1, 5, 64, 100, 1000, 1460, 9000, 59999, 60000, 60001, 130000}
	flows := []Flow{flow4, flow6, flowU}
	buf := make([]byte, 130000)
	for range n {
		f := flows[rng.IntN(len(flows))]
		d := Direction(rng.IntN(2))
		k, note := Data, ""
		switch rng.IntN(12) {
		case 0:
			k = []Kind{Open, Close, Reset, Note}[rng.IntN(4)]
		case 1:
			note = strings.Repeat("é", rng.IntN(20))
		case 2:
			f, k, note = Flow{}, Note, "something happened"
		}
		var p []byte
		if k == Data {
			p = buf[:sizes[rng.IntN(len(sizes))]]
			for i := range p {
				p[i] = byte(rng.Uint32())
			}
		}
		l.Append(f, d, k, p, note)
		m.add(f, d, k, p, note)
	}
}
