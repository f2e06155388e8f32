package capture

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// mixedDatagrams are of several flows, lengths and times.
func mixedDatagrams() []Datagram {
	a, b, c := netip.MustParseAddrPort("127.0.0.1:7"), netip.MustParseAddrPort("192.0.2.7:700"), netip.MustParseAddrPort("[2001:db8::7]:70")
	at := time.Unix(1_700_000_000, 123_456_789)
	return []Datagram{
		{at, Flow{UDP, a, b}, []byte("one")},
		{at.Add(time.Microsecond), Flow{UDP, a, b}, nil},
		{at.Add(-time.Second), Flow{UDP, a, c}, []byte("from IPv6")},
		{at, Flow{UDP, c, c}, bytes.Repeat([]byte("x"), 65_527)},
		{at, Flow{UDP, a, b}, bytes.Repeat([]byte("y"), 65_507)},
		{at, Flow{UDP, a, b}, bytes.Repeat([]byte("z"), 65_508)}, // as no network has it
		{at, Flow{0, a, b}, []byte("of no protocol")},
		{at, Flow{}, []byte("of no flow")},
	}
}

// told writes down every record.
func told(t *testing.T, l *Log) (all []string) {
	t.Helper()
	flush(t, l)
	for _, r := range allRecords(t, l) {
		p := make([]byte, r.Len)
		if n, err := l.Payload(r, p, 0); n != len(p) || err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprintf("%d %v %v %v %v %d at %d: %x", r.Number, r.Time.UTC(), r.Dir, r.Kind, r.Flow, r.Len, r.Offset, sha256.Sum256(p)))
	}
	return all
}

func TestManyDatagramsAtOnceAreTheSameAsOneByOne(t *testing.T) {
	for name, o := range map[string]Options{"in one segment": {}, "over many segments": {SegmentSize: 100 << 10}} {
		t.Run(name, func(t *testing.T) {
			together, single := newLog(t, o), newLog(t, o)
			for round := range 5 {
				d := Direction(round & 1)
				list := mixedDatagrams()
				together.AppendDatagrams(d, list)
				for _, g := range list {
					g.Flow.Proto = UDP
					single.AppendAt(g.Time, g.Flow, d, Data, g.Payload, "")
				}
			}
			together.AppendDatagrams(In, nil)
			got, want := told(t, together), told(t, single)
			if !slices.Equal(got, want) || len(got) != 5*9 {
				t.Errorf("together there are %d records:\n%s\none by one %d:\n%s", len(got), strings.Join(got, "\n"), len(want), strings.Join(want, "\n"))
			}
		})
	}
}

func TestDatagramsWithoutATimeHaveThatOfTheCall(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	l := newLog(t, Options{Clock: func() time.Time {
		now = now.Add(time.Second)
		return now
	}})
	list := mixedDatagrams()[:3]
	list[0].Time, list[2].Time = time.Time{}, time.Time{}
	kept := list[1].Time
	before := now
	l.AppendDatagrams(In, list)
	flush(t, l)
	want := before.Add(time.Second)
	if rs := allRecords(t, l); !rs[0].Time.Equal(want) || !rs[2].Time.Equal(want) || !rs[1].Time.Equal(kept) {
		t.Errorf("the times are %v, %v and %v; the call's is %v", rs[0].Time, rs[1].Time, rs[2].Time, want)
	}
}

func TestDatagramsAreCopied(t *testing.T) {
	l := newLog(t, Options{})
	list := mixedDatagrams()[:1]
	list[0].Payload = []byte("before")
	l.AppendDatagrams(Out, list)
	copy(list[0].Payload, "behind")
	flush(t, l)
	got := make([]byte, 6)
	if _, err := l.ReadAt(OutOnly, got, 0); err != nil || string(got) != "before" {
		t.Errorf("the capture has %q, %v", got, err)
	}
}

func TestDatagramsAfterCloseAreCountedAsLost(t *testing.T) {
	l := newLog(t, Options{})
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l.AppendDatagrams(In, mixedDatagrams()[:3])
	if st := l.Stats(); st.LostRecords != 3 || st.LostBytes != 12 || st.InRecords != 0 {
		t.Errorf("%+v", st)
	}
}

func TestManyDatagramsAtOnceAllocateNothing(t *testing.T) {
	l := newLog(t, Options{})
	list := make([]Datagram, 64)
	for i := range list {
		list[i] = mixedDatagrams()[i%3]
	}
	l.AppendDatagrams(In, list)
	if n := testing.AllocsPerRun(100, func() { l.AppendDatagrams(In, list) }); n > 1 { // the writer may have something to make
		t.Errorf("%d datagrams allocate %v times", len(list), n)
	}
}

func TestTheBacklogBoundsWhatWaits(t *testing.T) {
	const backlog = 3 << 20
	disk := &brittleDisk{room: 1 << 30, block: make(chan struct{})}
	l := newLog(t, Options{Create: disk.create, Backlog: backlog})
	done := make(chan struct{})
	go func() {
		defer close(done)
		p := make([]byte, 60_000)
		for range 2 * backlog / len(p) {
			l.AppendDatagrams(In, []Datagram{{Flow: Flow{UDP, flow4.Local, flow4.Remote}, Payload: p}})
		}
	}()
	waiting := func() bool {
		l.in.mu.Lock()
		defer l.in.mu.Unlock()
		return l.in.waiting > 0
	}
	for !waiting() {
		runtime.Gosched()
	}
	if got := l.Stats().PendingBytes; got > backlog || got < backlog/2 {
		t.Errorf("%d bytes wait, of %d", got, backlog)
	}
	close(disk.block)
	<-done
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if st := l.Stats(); st.LostRecords != 0 || st.PendingBytes != 0 {
		t.Errorf("%+v", st)
	}
}
