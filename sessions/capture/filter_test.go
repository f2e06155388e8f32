package capture

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

// caughtUp waits until the filter has looked at all that is readable now, and
// at nothing that is not.
func caughtUp(t testing.TB, f *Filter, l *Log) {
	t.Helper()
	st := l.Stats()
	deadline := time.After(30 * time.Second)
	for {
		f.keeper.RLock()
		first, end, err := f.set.first, f.set.end, f.err
		f.keeper.RUnlock()
		if err != nil {
			t.Fatal(err)
		}
		if end > st.Last && first >= st.First {
			return
		}
		select {
		case <-deadline:
			t.Fatalf("looked at no more than %d of %d records", end-1, st.Last)
		case <-time.After(time.Millisecond):
		}
	}
}

// listed returns all matches of the filter.
func listed(f *Filter) []int64 {
	var list []int64
	for i := range f.Len() {
		if n, ok := f.Nth(i); ok {
			list = append(list, n)
		}
	}
	return list
}

func TestFilterKeepsTheRecordsThatMeetTheCriteria(t *testing.T) {
	l := recorded(t, 300, nil)
	flow := clientFlow(7) // 127.0.0.2:40007
	v6 := Flow{Proto: UDP, Local: netip.MustParseAddrPort("[::1]:5000"), Remote: netip.MustParseAddrPort("[fe80::abcd]:6000")}
	l.Append(flow, In, Open, nil, "")                             // 1
	l.Append(flow, Out, Open, nil, "accepted in 1.2 ms")          // 2
	l.Append(flow, In, Data, []byte("Hello, \x00\xff there"), "") // 3
	l.Append(flow, Out, Data, []byte("hello back"), "")           // 4
	l.Append(v6, In, Data, []byte("\x01\x02\x03 straße"), "")     // 5
	l.Append(v6, Out, Data, nil, "empty, hello")                  // 6
	l.Append(Flow{}, Out, Note, nil, "HELLO note")                // 7
	l.Append(flow, In, Close, nil, "closed by peer (FIN)")        // 8
	if err := l.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		c    Criteria
		want []int64
	}{
		{"nothing asked for", Criteria{}, []int64{1, 2, 3, 4, 5, 6, 7, 8}},
		{"one direction", Criteria{Dirs: DirIn}, []int64{1, 3, 5, 8}},
		{"the other direction", Criteria{Dirs: DirOut}, []int64{2, 4, 6, 7}},
		{"both directions by name", Criteria{Dirs: DirIn | DirOut}, []int64{1, 2, 3, 4, 5, 6, 7, 8}},
		{"data only", Criteria{DataOnly: true}, []int64{3, 4, 5, 6}},
		{"data of one direction", Criteria{DataOnly: true, Dirs: DirOut}, []int64{4, 6}},
		{"text in payload or note", Criteria{Text: "hello"}, []int64{4, 6}},
		{"text in either case", Criteria{Text: "hellO", FoldCase: true}, []int64{3, 4, 6, 7}},
		{"text beyond ASCII in either case", Criteria{Text: "STRAßE", FoldCase: true}, []int64{5}},
		{"text of a note alone", Criteria{Text: "closed by peer"}, []int64{8}},
		{"text of a peer's address", Criteria{Text: "127.0.0.2:40007"}, []int64{1, 2, 3, 4, 8}},
		{"text of an IPv6 peer in either case", Criteria{Text: "FE80::ABCD", FoldCase: true}, []int64{5, 6}},
		{"our own address is no peer", Criteria{Text: "8087"}, nil},
		{"bytes", Criteria{Hex: []byte{0, 0xff}}, []int64{3}},
		{"bytes are not looked for in notes", Criteria{Hex: []byte("note")}, nil},
		{"bytes and text", Criteria{Hex: []byte{3}, Text: "abcd"}, []int64{5}},
		{"bytes without the text", Criteria{Hex: []byte{3}, Text: "hello"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := NewFilter(l, c.c)
			defer f.Close()
			caughtUp(t, f, l)
			if got := listed(f); !slices.Equal(got, c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
			if done, total := f.Progress(); done != 8 || total != 8 {
				t.Errorf("progress %d of %d", done, total)
			}
			for number := int64(0); number < 10; number++ {
				want := slices.IndexFunc(c.want, func(n int64) bool { return n >= number })
				if want < 0 {
					want = len(c.want)
				}
				if got := f.IndexOf(number); got != int64(want) {
					t.Errorf("index of %d: %d, want %d", number, got, want)
				}
			}
		})
	}
}

func TestFilterFollowsALogThatGrowsAndEvicts(t *testing.T) {
	l, err := Create(Options{Dir: t.TempDir(), SegmentSize: 8 << 10, Budget: 40 << 10})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Release()
	f := NewFilter(l, Criteria{Text: "odd"})
	defer f.Close()
	last := int64(0)
	wrote := make(chan struct{})
	go func() {
		defer close(wrote)
		r := rand.New(rand.NewPCG(5, 6))
		for i := range 5000 {
			last++
			text := "even"
			if last%2 == 1 {
				text = "odd"
			}
			l.Append(clientFlow(0), In, Data, []byte(text), "")
			if r.IntN(100) == 0 && i < 4000 {
				if err := l.Flush(context.Background()); err != nil {
					t.Error(err)
				}
			}
		}
	}()
	version := f.Version()
	for going := true; going; {
		select {
		case <-wrote:
			going = false
		default:
		}
		// Whatever is listed at any time must be odd, in order, and found again.
		n := f.Len()
		if number, ok := f.Nth(n / 2); ok {
			if number%2 != 1 {
				t.Fatalf("record %d is listed", number)
			}
			if i := f.IndexOf(number); i > n/2 {
				t.Fatalf("record %d was match %d and is now %d", number, n/2, i)
			}
		}
	}
	if err := l.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	caughtUp(t, f, l)
	st := l.Stats()
	if st.EvictedRecords == 0 {
		t.Fatal("nothing was evicted")
	}
	var want []int64
	for n := st.First; n <= st.Last; n++ {
		if n%2 == 1 {
			want = append(want, n)
		}
	}
	if got := listed(f); !slices.Equal(got, want) {
		t.Errorf("%d matches from %d on, want %d from %d on", len(got), got[0], len(want), want[0])
	}
	if f.Version() == version {
		t.Error("the version did not move")
	}
}

func TestFilterOfARecordedLogThatWasEvictedBeforeBeginsWithWhatIsKept(t *testing.T) {
	l, err := Create(Options{Dir: t.TempDir(), SegmentSize: 2 << 10, Budget: 8 << 10})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Release()
	for i := range 300 {
		l.Append(clientFlow(0), In, Data, fmt.Appendf(nil, "%d", i), "")
	}
	if err := l.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	f := NewFilter(l, Criteria{Dirs: DirIn})
	defer f.Close()
	caughtUp(t, f, l)
	st := l.Stats()
	if got := listed(f); got[0] != st.First || int64(len(got)) != st.Last-st.First+1 {
		t.Errorf("%d matches from %d on, want %d from %d on", len(got), got[0], st.Last-st.First+1, st.First)
	}
}

func TestFilterTellsWhenItsLogCanNoLongerBeRead(t *testing.T) {
	l := recorded(t, 1000, []said{{0, In, []byte("a")}})
	if err := l.Release(); err != nil {
		t.Fatal(err)
	}
	f := NewFilter(l, Criteria{})
	<-f.ended
	if err := f.Err(); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("%v, want that it is closed", err)
	}
	f.Close()
	f.Close()
}

func TestFilterPeersAreBounded(t *testing.T) {
	n := newTester(Criteria{Text: "40001"})
	for i := range 3 * maxPeers {
		peer := manyFlows(i % 200_000).Remote
		if got := n.peer(peer); got != strings.Contains(peer.String(), "40001") {
			t.Fatalf("client %d: %v", i, got)
		}
		if len(n.peers) > maxPeers {
			t.Fatalf("%d peers are kept", len(n.peers))
		}
	}
}

func BenchmarkFilter(b *testing.B) {
	l := big(b, 128<<20, 64)
	for _, c := range []struct {
		name string
		c    Criteria
	}{
		{"direction", Criteria{Dirs: DirIn}},
		{"text", Criteria{Text: "needle"}},
		{"data with bytes", Criteria{Hex: []byte("needle"), DataOnly: true}},
	} {
		b.Run(c.name, func(b *testing.B) {
			for range b.N {
				f := NewFilter(l, c.c)
				caughtUp(b, f, l)
				f.Close()
			}
			b.ReportMetric(float64(l.Stats().Last)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrecords/s")
		})
	}
}
