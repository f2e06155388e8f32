package capture

import (
	"bytes"
	"fmt"
	"testing"
)

// scanAll goes through what is readable from number on, and calls f for every record.
func scanAll(t testing.TB, s *Scanner, number int64, f func()) {
	t.Helper()
	for {
		ok, err := s.Load(number)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return
		}
		for s.Scan() {
			f()
		}
		if s.Err() != nil {
			t.Fatal(s.Err())
		}
		number = s.Next()
	}
}

func TestAScannerTellsOfEveryRecordWhatTheLogTells(t *testing.T) {
	l, err := Create(Options{Dir: t.TempDir(), SegmentSize: 300 << 10})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Delete()
	for n := range 4 {
		l.Append(threadFlow(n), In, Open, nil, "")
		l.Append(threadFlow(n), Out, Open, nil, "")
	}
	for i := range 4000 {
		l.Append(threadFlow(i/3%4), Direction(i%2), Data, bytes.Repeat([]byte{byte(i)}, 1+i%900), "")
		if i%1000 == 0 {
			l.Append(Flow{}, Out, Note, nil, "a note")
		}
	}
	l.Append(Flow{Proto: UDP}, In, Data, nil, "")
	l.Append(threadFlow(1), In, Close, nil, "")
	l.Append(threadFlow(2), Out, Reset, nil, "")
	if err := l.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		from  int64
		flows []FlowSpan
	}{
		{"from the first record", 1, nil},
		{"from the middle", 1999, nil},
		{"some connections alone", 1, []FlowSpan{{Flow: threadFlow(1)}, {Flow: threadFlow(3)}}},
		{"no connection", 1, []FlowSpan{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := l.NewScanner(c.flows)
			defer s.Close()
			number, last := c.from, l.Stats().Last
			next := map[string]uint32{}
			before := [2]Flow{}
			begun := map[int64]bool{}
			wanted := func(f Flow) bool {
				for _, x := range c.flows {
					if x.Flow == f {
						return true
					}
				}
				return c.flows == nil
			}
			pass := func(to int64) { // over the records that are not of the connections
				for ; number < to; number++ {
					if r, err := l.Record(number); err != nil || wanted(r.Flow) {
						t.Fatalf("record %d was passed over (%v)", number, err)
					}
				}
			}
			scanAll(t, s, c.from, func() {
				pass(s.Number)
				r, err := l.Record(s.Number)
				if err != nil {
					t.Fatal(err)
				}
				p := make([]byte, r.Len)
				if _, err := l.Payload(r, p, 0); err != nil {
					t.Fatal(err)
				}
				if s.Stamp != r.Time.UnixNano() || s.Dir != r.Dir || s.Kind != r.Kind || s.Proto != r.Flow.Proto || s.Offset != r.Offset ||
					s.WireLen != r.WireLen || !bytes.Equal(s.Payload, p) || s.Flow() != r.Flow ||
					s.Opens != (r.Kind == Open) || s.Ends != (r.Kind == Close) {
					t.Fatalf("%+v, want %+v", s.Scanned, r)
				}
				if s.SameFlow() && before[s.Dir] != r.Flow {
					t.Fatalf("record %d is said to be of %v, as the one before", s.Number, before[s.Dir])
				}
				before[s.Dir] = r.Flow
				if r.Flow.Proto == TCP && r.Kind != Reset {
					key := fmt.Sprint(r.Flow, r.Dir)
					if n, ok := next[key]; ok && n != s.Seq {
						t.Fatalf("record %d has sequence number %d, want %d", s.Number, s.Seq, n)
					}
					if next[key] = s.Seq + uint32(r.Len); s.Opens {
						next[key]++
					}
				}
				if !begun[s.Segment()] {
					begun[s.Segment()] = true
					if c.flows == nil && c.from == 1 && s.Segment() != s.Number {
						t.Fatalf("record %d is said to be in the segment of %d, which is new", s.Number, s.Segment())
					}
				}
				number++
			})
			if pass(last + 1); len(begun) != len(l.Files()) && c.from == 1 && c.flows == nil {
				t.Errorf("%d segments begin, want %d", len(begun), len(l.Files()))
			}
		})
	}
}

func TestAScannerGoesOnWithALogThatGrowsAndEvicts(t *testing.T) {
	l, err := Create(Options{Dir: t.TempDir(), SegmentSize: 64 << 10, Budget: 256 << 10})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Delete()
	s := l.NewScanner(nil)
	defer s.Close()
	next, appended := int64(1), 0
	for round := range 6 {
		for range 200 * (1 + 10*(round/3)) {
			l.Append(threadFlow(1), In, Data, fmt.Appendf(nil, "%0100d", appended), "")
			appended++
		}
		if err := l.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		st := l.Stats()
		from := max(next, st.First)
		scanAll(t, s, next, func() {
			if s.Number != from {
				t.Fatalf("record %d, want %d", s.Number, from)
			}
			if want := fmt.Sprintf("%0100d", s.Number-1); string(s.Payload) != want {
				t.Fatalf("record %d is %q", s.Number, s.Payload)
			}
			from++
		})
		if from != st.Last+1 {
			t.Fatalf("the scan ends with record %d, want %d", from-1, st.Last)
		}
		next = from
	}
	if l.Stats().First == 1 {
		t.Fatal("nothing was evicted")
	}
}

func TestAScannerKnowsNoFlowFromTheRunBefore(t *testing.T) {
	l, err := Create(Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Delete()
	// All of a size, so that in every run the headers lie in the same places.
	for i := range 4000 {
		l.Append(threadFlow(i/1000), In, Data, make([]byte, 1000), "")
	}
	if err := l.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := l.NewScanner(nil)
	defer s.Close()
	var before Flow
	same := 0
	for number := int64(1); number <= 4000; number = s.Next() {
		// A run is 263 records or thereabouts: one of a connection, then one of the next.
		if ok, err := s.Load((number-1)/1000*1000 + 1); !ok || err != nil {
			t.Fatal(err)
		}
		for n := 0; s.Scan(); n++ {
			if s.SameFlow() {
				if same++; before != s.Flow() || n == 0 {
					t.Fatalf("record %d is said to be of %v", s.Number, before)
				}
			}
			before = s.Flow()
		}
		if ok, err := s.Load(number); !ok || err != nil { // and back again
			t.Fatal(err)
		}
		if s.Scan(); s.Number != number {
			t.Fatalf("record %d, want %d", s.Number, number)
		}
		for s.Scan() {
		}
	}
	if same < 1000 {
		t.Errorf("%d records are known to be of the flow before", same)
	}
}
