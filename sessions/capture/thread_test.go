package capture

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"testing"
)

// threadFlow is the n-th connection of a server.
func threadFlow(n int) Flow {
	return Flow{TCP, netip.MustParseAddrPort("127.0.0.1:8087"), netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(20000+n))}
}

// awaitThread waits until a thread knows every record of its log.
func awaitThread(t *testing.T, th *Thread) {
	t.Helper()
	if err := th.filter.log.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	for last := th.filter.log.Stats().Last; ; {
		th.filter.keeper.RLock()
		end := th.filter.set.end
		th.filter.keeper.RUnlock()
		if end > last {
			return
		}
		if err := th.filter.Err(); err != nil {
			t.Fatal(err)
		}
	}
}

// A thread is held against the bytes of its connections put together by hand.
func TestAThreadHasTheBytesOfItsConnectionsAndNoOther(t *testing.T) {
	l, err := Create(Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Delete()
	rng := rand.New(rand.NewPCG(1, 2))
	var want [3][]byte
	mine := map[int]bool{2: true, 5: true}
	th := NewThread(l, []FlowSpan{{Flow: threadFlow(2)}, {Flow: threadFlow(5)}})
	defer th.Close()
	add := func(records int) {
		for range records {
			n, d := rng.IntN(8), Direction(rng.IntN(2))
			p := make([]byte, 1+rng.IntN(300))
			for i := range p {
				p[i] = byte(rng.Uint32())
			}
			if rng.IntN(20) == 0 {
				l.Append(threadFlow(n), d, Note, nil, "a note")
			}
			l.Append(threadFlow(n), d, Data, p, "")
			if mine[n] {
				want[Both] = append(want[Both], p...)
				want[InOnly+Stream(d)] = append(want[InOnly+Stream(d)], p...)
			}
		}
	}
	for range 5 {
		add(1500) // the thread grows with the log, over several chunks
		awaitThread(t, th)
		for s, all := range want {
			s := Stream(s)
			if st := th.Stats(); st.StreamEnd(s) != int64(len(all)) || st.StreamStart(s) != 0 {
				t.Fatalf("stream %s is %d to %d, want 0 to %d", s, st.StreamStart(s), st.StreamEnd(s), len(all))
			}
			got := make([]byte, len(all))
			if n, err := th.ReadAt(s, got, 0); err != nil || !bytes.Equal(got, all) {
				t.Fatalf("stream %s differs, %d bytes read, %v", s, n, err)
			}
			for range 50 {
				off := rng.IntN(len(all))
				p := make([]byte, 1+rng.IntN(2000))
				n, err := th.ReadAt(s, p, int64(off))
				if !bytes.Equal(p[:n], all[off:min(off+len(p), len(all))]) || (err != nil) != (n < len(p)) || err != nil && !errors.Is(err, io.EOF) {
					t.Fatalf("stream %s at %d: %d of %d bytes, %v", s, off, n, len(p), err)
				}
				at := int64(off)
				spans, err := th.Spans(s, at, len(p), nil)
				if err != nil || len(spans) == 0 {
					t.Fatalf("spans of stream %s at %d: %d, %v", s, off, len(spans), err)
				}
				for _, r := range spans {
					if begin := r.In(s); begin > at || begin+int64(r.Len) <= at || !mine[int(r.Flow.Remote.Port())-20000] {
						t.Fatalf("record %d of stream %s is at %d to %d, want %d", r.Number, s, begin, begin+int64(r.Len), at)
					}
					at = r.In(s) + int64(r.Len)
					raw, err := l.Record(r.Number)
					if err != nil {
						t.Fatal(err)
					}
					if placed, ok := th.Place(raw); !ok || placed != r {
						t.Fatalf("record %d is placed at %+v, want %+v", r.Number, placed, r)
					}
				}
			}
		}
	}
	for n := int64(1); n < 200; n++ {
		r, err := l.Record(n)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := th.Place(r); ok != (r.Kind == Data && mine[int(r.Flow.Remote.Port())-20000]) {
			t.Fatalf("record %d, %s of %s, is placed: %v", n, r.Kind, r.Flow.Remote, ok)
		}
	}
	if _, err := th.At(Both, int64(len(want[Both]))); !errors.Is(err, io.EOF) {
		t.Errorf("behind the end: %v", err)
	}
}

func TestAThreadForgetsWhatIsEvicted(t *testing.T) {
	l, err := Create(Options{Dir: t.TempDir(), SegmentSize: 256 << 10, Budget: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Delete()
	th := NewThread(l, []FlowSpan{{Flow: threadFlow(1)}})
	defer th.Close()
	var all []byte
	for n := range 6000 {
		p := fmt.Appendf(nil, "%08d%0600d", n, n)
		l.Append(threadFlow(n%3), In, Data, p, "")
		if n%3 == 1 {
			all = append(all, p...)
		}
		if n%500 == 499 {
			awaitThread(t, th) // what is evicted before it was looked at would have no place in the thread
		}
	}
	st := th.Stats()
	first, end := st.StreamStart(Both), st.StreamEnd(Both)
	if l.Stats().EvictedRecords == 0 || first == 0 || end != int64(len(all)) {
		t.Fatalf("kept are %d to %d of %d bytes", first, end, len(all))
	}
	got := make([]byte, end-first)
	if _, err := th.ReadAt(Both, got, first); err != nil || !bytes.Equal(got, all[first:]) {
		t.Errorf("what is kept differs: %v", err)
	}
	if r, err := th.At(Both, first); err != nil || r.In(Both) != first || r.Number < l.Stats().First {
		t.Errorf("the first record is %+v, %v", r, err)
	}
	if _, err := th.ReadAt(Both, got[:1], first-1); !errors.Is(err, ErrEvicted) {
		t.Errorf("what was evicted reads as %v", err)
	}
}

func TestAThreadOfNoConnectionIsEmpty(t *testing.T) {
	l, err := Create(Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Delete()
	l.Append(threadFlow(1), In, Data, []byte("not this"), "")
	th := NewThread(l, nil)
	defer th.Close()
	awaitThread(t, th)
	if st := th.Stats(); st.InBytes+st.OutBytes != 0 {
		t.Errorf("it has %d bytes", st.InBytes)
	}
	if _, err := th.At(Both, 0); !errors.Is(err, io.EOF) {
		t.Errorf("its first byte gives %v", err)
	}
}
