package capture

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	flow4 = Flow{TCP, netip.MustParseAddrPort("127.0.0.1:40000"), netip.MustParseAddrPort("127.0.0.2:7777")}
	flow6 = Flow{TCP, netip.MustParseAddrPort("[::1]:40001"), netip.MustParseAddrPort("[fe80::2]:7777")}
	flowU = Flow{UDP, netip.MustParseAddrPort("127.0.0.1:45000"), netip.MustParseAddrPort("10.0.0.1:45001")}
)

// newLog returns a live log in a folder of its own, deleted with the test.
func newLog(t testing.TB, o Options) *Log {
	t.Helper()
	if o.Dir == "" {
		o.Dir = filepath.Join(t.TempDir(), "captures")
	}
	if o.Meta.Kind == "" {
		o.Meta = Meta{Kind: "tcp", Name: "127.0.0.1:7777"}
	}
	l, err := Create(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Release(); err != nil && l.Stats().Err == nil {
			t.Error(err)
		}
	})
	return l
}

func flush(t testing.TB, l *Log) {
	t.Helper()
	if err := l.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func openFiles(t testing.TB, paths ...string) *Log {
	t.Helper()
	l, err := OpenFiles(t.Context(), paths...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Release() })
	return l
}

// allRecords returns every kept record of l.
func allRecords(t testing.TB, l *Log) []Record {
	t.Helper()
	st := l.Stats()
	rs := make([]Record, st.Last-st.First+1)
	if n, err := l.Records(st.First, rs); n != len(rs) || err != nil {
		t.Fatalf("Records(%d, %d) = %d, %v", st.First, len(rs), n, err)
	}
	return rs
}

func TestLogHoldsWhatWasAppended(t *testing.T) {
	for _, c := range []struct {
		name string
		o    Options
		n    int
	}{
		{"in one segment", Options{}, 500},
		{"over many segments", Options{SegmentSize: 300 << 10}, 500},
		{"with the oldest segments evicted", Options{SegmentSize: 300 << 10, Budget: 2 << 20}, 500},
		{"with segments smaller than a record", Options{SegmentSize: 1}, 60},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLog(t, c.o)
			var m model
			rng := rand.New(rand.NewPCG(1, uint64(c.n)))
			for range 3 {
				scribble(l, &m, rng, c.n/3)
				flush(t, l)
				m.check(t, l)
			}
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			m.check(t, l)
			st := l.Stats()
			if evicting := c.o.Budget > 0; evicting != (st.EvictedRecords > 0) || st.EvictedRecords != st.First-1 || st.EvictedBytes != st.FirstBoth {
				t.Errorf("evicted %d records, %d bytes; first is %d at %d", st.EvictedRecords, st.EvictedBytes, st.First, st.FirstBoth)
			}
			if st.EvictedRecords > 0 {
				if st.DiskBytes > c.o.Budget {
					t.Errorf("%d bytes on disk, budget %d", st.DiskBytes, c.o.Budget)
				}
				return
			}
			m.check(t, openFiles(t, l.Files()...))
		})
	}
}

func TestLogMayBeReadWhileItIsWrittenAndEvicted(t *testing.T) {
	l := newLog(t, Options{SegmentSize: 256 << 10, Budget: 1 << 20})
	// The byte at offset o of either direction is byte(o*7), so that readers know what they must find.
	pattern := func(off int64, n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte((off + int64(i)) * 7)
		}
		return b
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	reader := func(read func(rng *rand.Rand, st Stats) error) {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(3, 4))
			for ctx.Err() == nil {
				if err := read(rng, l.Stats()); err != nil && !errors.Is(err, ErrEvicted) && !errors.Is(err, io.EOF) && !errors.Is(err, fs.ErrClosed) {
					t.Error(err)
					return
				}
			}
		})
	}
	for _, s := range []Stream{InOnly, OutOnly} {
		reader(func(rng *rand.Rand, st Stats) error {
			off := st.StreamStart(s) + rng.Int64N(st.StreamEnd(s)-st.StreamStart(s)+1)
			p := make([]byte, rng.IntN(100_000))
			n, err := l.ReadAt(s, p, off)
			if !bytes.Equal(p[:n], pattern(off, n)) {
				t.Errorf("wrong bytes of %v at %d", s, off)
			}
			return err
		})
	}
	reader(func(rng *rand.Rand, st Stats) error {
		rs := make([]Record, 50)
		from := st.First + rng.Int64N(st.Last-st.First+2)
		n, err := l.Records(from, rs)
		for i, r := range rs[:n] {
			if r.Number != from+int64(i) || r.Flow != flow4 {
				t.Errorf("record %d is %+v", from+int64(i), r)
			}
			b := make([]byte, r.Len)
			if n, err := l.Payload(r, b, 0); err == nil && !bytes.Equal(b[:n], pattern(r.Offset, n)) {
				t.Errorf("wrong payload of record %d", r.Number)
			}
		}
		return err
	})
	reader(func(rng *rand.Rand, st Stats) error {
		n, err := l.AtTime(st.Start.Add(time.Duration(rng.Int64N(int64(st.End.Sub(st.Start)) + 1))))
		if err == nil && n < st.First {
			t.Errorf("AtTime = %d, first is %d", n, st.First)
		}
		return err
	})
	var offs [2]int64
	rng := rand.New(rand.NewPCG(5, 6))
	for range 3000 {
		d, n := Direction(rng.IntN(2)), rng.IntN(5000)
		l.Append(flow4, d, Data, pattern(offs[d], n), "")
		offs[d] += int64(n)
	}
	flush(t, l)
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := l.Release(); err != nil {
		t.Error(err)
	}
	cancel()
	wg.Wait()
	if _, err := l.Record(l.Stats().Last); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("reading after Release: %v", err)
	}
	for _, s := range l.segs {
		if s.refs != 0 {
			t.Errorf("%s has %d references left", s.path, s.refs)
		}
	}
}

func TestAppendIsSafeForConcurrentUse(t *testing.T) {
	l := newLog(t, Options{})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			f := flow4
			f.Local = netip.AddrPortFrom(f.Local.Addr(), uint16(1000+i))
			for range 1000 {
				l.Append(f, Out, Data, bytes.Repeat([]byte{byte(i)}, 700), "")
			}
		})
	}
	wg.Wait()
	flush(t, l)
	seen := make(map[Flow]int)
	p := make([]byte, 700)
	for _, r := range allRecords(t, l) {
		seen[r.Flow]++
		if _, err := l.Payload(r, p, 0); err != nil {
			t.Fatal(err)
		}
		if want := bytes.Repeat([]byte{byte(r.Flow.Local.Port() - 1000)}, 700); !bytes.Equal(p, want) {
			t.Fatalf("record %d has another's payload", r.Number)
		}
	}
	for f, n := range seen {
		if n != 1000 {
			t.Errorf("%d records of %v", n, f)
		}
	}
}

func TestAppendOfOneRecordAllocatesNothing(t *testing.T) {
	l := newLog(t, Options{})
	p := make([]byte, 500)
	l.Append(flow4, Out, Open, nil, "")
	for _, c := range []struct {
		name string
		f    Flow
		note string
	}{{"TCP", flow4, ""}, {"UDP", flowU, ""}, {"with a note", flow4, "a note"}} {
		t.Run(c.name, func(t *testing.T) {
			// Batches and index entries are made now and then, records never.
			if n := testing.AllocsPerRun(2000, func() { l.Append(c.f, In, Data, p, c.note) }); n > 0.5 {
				t.Errorf("%v allocations", n)
			}
		})
	}
}

func TestAppendIsReadableWithoutFlush(t *testing.T) {
	l := newLog(t, Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for i := int64(1); i <= 5; i++ {
		v := l.Version()
		l.Append(flow4, Out, Data, []byte("x"), "")
		for l.Stats().Last < i {
			var err error
			if v, err = l.Wait(ctx, v); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestWaitEndsWithItsContext(t *testing.T) {
	l := newLog(t, Options{})
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("enough")
	cancel(why)
	if _, err := l.Wait(ctx, l.Version()); err != why {
		t.Errorf("Wait = %v", err)
	}
}

func TestAnIdleLogLeavesNoFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "captures")
	l := newLog(t, Options{Dir: dir})
	flush(t, l)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder: %v", err)
	}
}

func TestWhatIsAppendedAfterCloseIsCountedAsLost(t *testing.T) {
	l := newLog(t, Options{})
	l.Append(flow4, Out, Data, []byte("kept"), "")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l.Append(flow4, Out, Data, []byte("lost"), "")
	if st := l.Stats(); st.LostRecords != 1 || st.LostBytes != 4 || st.OutBytes != 4 {
		t.Errorf("%+v", st)
	}
}

func TestAtTimeFindsTheFirstRecordAtOrAfter(t *testing.T) {
	// A clock that is set back now and then.
	var now time.Time
	base := time.Unix(1_700_000_000, 0)
	l := newLog(t, Options{Clock: func() time.Time { return now }, SegmentSize: 200 << 10})
	var times []time.Time
	rng := rand.New(rand.NewPCG(7, 8))
	at := base
	for range 2000 {
		at = at.Add(time.Duration(rng.IntN(1000)-200) * time.Microsecond)
		now = at
		times = append(times, at)
		l.Append(flow4, In, Data, make([]byte, rng.IntN(800)+1), "")
	}
	flush(t, l)
	if len(l.Files()) < 3 {
		t.Fatalf("only %d segments", len(l.Files()))
	}
	for range 500 {
		want := base.Add(time.Duration(rng.Int64N(int64(at.Sub(base)))))
		n := int64(1)
		for int(n) <= len(times) && times[n-1].Before(want) {
			n++
		}
		if got, err := l.AtTime(want); got != n || err != nil {
			t.Fatalf("AtTime(%v) = %d, %v; want %d", want, got, err, n)
		}
	}
	if got, err := l.AtTime(time.Time{}); got != 1 || err != nil {
		t.Errorf("AtTime of long ago = %d, %v", got, err)
	}
	if got, err := l.AtTime(at.Add(time.Hour)); got != 2001 || err != io.EOF {
		t.Errorf("AtTime of the future = %d, %v", got, err)
	}
}

func TestNotesAreMadeFitForAComment(t *testing.T) {
	l := newLog(t, Options{})
	for _, c := range []struct{ note, want string }{
		{"plain", "plain"},
		{"bad \xff byte", "bad ? byte"},
		{strings.Repeat("x", MaxNote+1), strings.Repeat("x", MaxNote)},
		{strings.Repeat("x", MaxNote-1) + "é", strings.Repeat("x", MaxNote-1)},
	} {
		l.Append(flow4, Out, Note, nil, c.note)
		flush(t, l)
		r, err := l.Record(l.Stats().Last)
		if err != nil || r.Note != c.want || r.Kind != Note {
			t.Errorf("%.20q became %.20q, %v", c.note, r.Note, err)
		}
	}
}

func TestFlowsComeBackAsPacketsHoldThem(t *testing.T) {
	mapped := netip.MustParseAddrPort("[::ffff:10.1.2.3]:80")
	v4 := netip.MustParseAddrPort("10.1.2.3:80")
	v6 := netip.MustParseAddrPort("[2001:db8::1]:81")
	for _, c := range []struct {
		name     string
		in, want Flow
	}{
		{"IPv4", Flow{TCP, v4, v4}, Flow{TCP, v4, v4}},
		{"IPv6", Flow{UDP, v6, v6}, Flow{UDP, v6, v6}},
		{"mapped addresses are IPv4", Flow{TCP, mapped, v4}, Flow{TCP, v4, v4}},
		{"of mixed families", Flow{TCP, v4, v6}, Flow{TCP, v4, v6}},
		{"without a local address", Flow{UDP, netip.AddrPort{}, v4}, Flow{UDP, netip.MustParseAddrPort("0.0.0.0:0"), v4}},
		{"with a zone", Flow{TCP, netip.MustParseAddrPort("[fe80::1%eth0]:1"), v6}, Flow{TCP, netip.MustParseAddrPort("[fe80::1]:1"), v6}},
		{"without addresses", Flow{Proto: TCP}, Flow{TCP, netip.MustParseAddrPort("0.0.0.0:0"), netip.MustParseAddrPort("0.0.0.0:0")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLog(t, Options{})
			for k := Data; k <= Note; k++ {
				for _, d := range []Direction{In, Out} {
					l.Append(c.in, d, k, []byte("payload"), "")
					flush(t, l)
					r, err := l.Record(l.Stats().Last)
					if err != nil || r.Flow != c.want || r.Kind != k || r.Dir != d {
						t.Errorf("%v %v: %+v, %v", d, k, r, err)
					}
				}
			}
		})
	}
}

// flowOf returns a TCP flow between two addresses.
func flowOf(local, remote string) Flow {
	return Flow{TCP, netip.MustParseAddrPort(local), netip.MustParseAddrPort(remote)}
}
