package capture

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"
)

// readBack returns f as a capture gives it back, by the plainest means.
func readBack(f Flow) Flow {
	for _, a := range []*netip.AddrPort{&f.Local, &f.Remote} {
		*a = netip.AddrPortFrom(a.Addr().Unmap().WithZone(""), a.Port())
	}
	return f
}

// service is the model of a server's log: what was appended, with its times.
type service struct {
	model
	times []time.Time // of the records
	now   time.Time
	rng   *rand.Rand
}

// serve returns a log of n random records of some clients whose ports are used again and again, and its model. The clock
// stands still now and then.
func serve(t testing.TB, o Options, seed uint64, n int) (*Log, *service) {
	t.Helper()
	s := &service{now: time.Unix(1_700_000_000, 0), rng: rand.New(rand.NewPCG(seed, 1))}
	o.Clock = func() time.Time { return s.now }
	l := newLog(t, o)
	s.now = s.now.Add(time.Nanosecond)
	flows := clients()
	payload := make([]byte, 3000)
	for range n {
		f := flows[s.rng.IntN(len(flows))]
		d, k := Direction(s.rng.IntN(2)), Data
		note := ""
		switch s.rng.IntN(20) {
		case 0:
			k = []Kind{Close, Reset, Note}[s.rng.IntN(3)]
		case 1:
			for _, d := range []Direction{In, Out} { // a client comes
				s.append(l, f, d, Open, nil, "")
			}
		case 2:
			k, note = Note, "said of none"
			f = Flow{}
		case 3:
			k = Open // half of one
		}
		var p []byte
		if k == Data {
			p = payload[:[]int{0, 1, 2, 20, 100, 3000}[s.rng.IntN(6)]]
			for i := range p {
				p[i] = byte(s.rng.Uint32())
			}
		}
		s.append(l, f, d, k, p, note)
	}
	flush(t, l)
	return l, s
}

// clients returns flows as sockets report them: mapped, with zones, and some of others' addresses and ports.
func clients() []Flow {
	f := []Flow{
		flowOf("127.0.0.1:8087", "127.0.0.2:40000"),
		flowOf("[::ffff:127.0.0.1]:8087", "[::ffff:127.0.0.2]:40001"),
		flowOf("[fe80::1%eth0]:8087", "[fe80::2%eth0]:40000"),
		flowOf("[fe80::1]:8087", "[fe80::2]:40001"),
		flowOf("[::1]:8087", "[::ffff:127.0.0.2]:40000"), // IPv6 by its other side alone
		flowOf("127.0.0.2:40000", "127.0.0.1:8087"),      // the first one's other end
		flowOf("127.0.0.1:40000", "127.0.0.2:8087"),
		flowOf("127.0.0.1:8087", "127.0.0.2:40000"),
	}
	f[7].Proto = UDP
	return f
}

func (s *service) append(l *Log, f Flow, d Direction, k Kind, p []byte, note string) {
	if s.rng.IntN(3) > 0 {
		s.now = s.now.Add(time.Duration(s.rng.IntN(3)))
	}
	l.Append(f, d, k, p, note)
	s.add(readBack(f), d, k, p, note)
	for len(s.times) < len(s.recs) {
		s.times = append(s.times, s.now)
	}
}

// kept returns the numbers of the records from first on that the flows' filter should keep.
func (s *service) kept(c Criteria, first int64) (list []int64) {
	for i, r := range s.recs {
		if r.Number < first || !c.Dirs.has(r.Dir) || c.DataOnly && r.Kind != Data || r.Flow == (Flow{}) {
			continue
		}
		for _, f := range c.Flows {
			at := s.times[i]
			if readBack(f.Flow) == r.Flow && !at.Before(f.From) && (f.To.IsZero() || !at.After(f.To)) {
				list = append(list, r.Number)
				break
			}
		}
	}
	return list
}

// spans returns n random spans, with times right on those of records.
func (s *service) spans(n int) []FlowSpan {
	list := []FlowSpan{}
	flows := clients()
	for range n {
		f := FlowSpan{Flow: flows[s.rng.IntN(len(flows))]}
		if s.rng.IntN(3) > 0 {
			f.From = s.times[s.rng.IntN(len(s.times))]
		}
		if s.rng.IntN(3) > 0 {
			f.To = s.times[s.rng.IntN(len(s.times))] // perhaps ahead of From
		}
		list = append(list, f)
	}
	return list
}

// readFlow is what ReadFlow should return, and whether all of p was there.
func (s *service) readFlow(number int64, n int, off int64) ([]byte, bool) {
	all, _ := s.flowBytes(number, FlowAhead)
	all = all[min(off, int64(len(all))):]
	return all[:min(n, len(all))], n <= len(all)
}

// flowBytes are what readFlow reads of, and whether there are no more behind the records that were looked at.
func (s *service) flowBytes(number, ahead int64) (all []byte, whole bool) {
	r := s.recs[number-1]
	if r.Flow == (Flow{}) {
		return nil, true
	}
	answered := r.Kind != Open
	for i := number; i <= min(number+ahead, int64(len(s.recs))); i++ {
		x := s.recs[i-1]
		if x.Flow != r.Flow {
			continue
		}
		if x.Kind == Open && i > number {
			if answered || x.Dir == r.Dir {
				return all, true
			}
			answered = true
		}
		if x.Dir == r.Dir {
			all = append(all, s.streams[Both][x.BothOffset:x.BothOffset+int64(x.Len)]...)
		}
	}
	return all, number+ahead >= int64(len(s.recs))
}

func (s *service) checkReadFlow(t *testing.T, l *Log, number int64, n int, off int64) {
	t.Helper()
	r, err := l.Record(number)
	if err != nil {
		t.Fatal(err)
	}
	p := make([]byte, n)
	got, err := l.ReadFlow(r, p, off)
	want, whole := s.readFlow(number, n, off)
	if string(p[:got]) != string(want) || whole && err != nil || !whole && err != io.EOF {
		t.Fatalf("ReadFlow(record %d, %d bytes, %d) = %d, %v; want %d, whole %v", number, n, off, got, err, len(want), whole)
	}
	for _, ahead := range []int64{0, s.rng.Int64N(int64(len(s.recs))), int64(len(s.recs))} {
		want, whole := s.flowBytes(number, ahead)
		if n, all, err := l.FlowLen(t.Context(), r, ahead); n != int64(len(want)) || all != whole || err != nil {
			t.Fatalf("FlowLen(record %d, %d) = %d, %v, %v; want %d, %v", number, ahead, n, all, err, len(want), whole)
		}
	}
}

// servedLogs are the logs that the tests of flows go through.
var servedLogs = []struct {
	name string
	o    Options
}{
	{"in one segment", Options{}},
	{"in many segments", Options{SegmentSize: 100 << 10}},
	{"with its beginning evicted", Options{SegmentSize: 200 << 10, Budget: 3 << 20}},
}

func TestFilterByFlowsKeepsTheirRecordsWithinTheirTimes(t *testing.T) {
	for i, c := range servedLogs {
		t.Run(c.name, func(t *testing.T) {
			l, s := serve(t, c.o, uint64(i), 9000)
			first := l.Stats().First
			if (first > 1) != (c.o.Budget > 0) {
				t.Fatalf("kept from record %d on", first)
			}
			found := 0
			for n := range 40 {
				c := Criteria{Flows: s.spans(n / 2), Dirs: Dirs(n / 2 % 3), DataOnly: n%5 == 0}
				f := NewFilter(l, c)
				caughtUp(t, f, l)
				f.Close()
				got, want := listed(f), s.kept(c, first)
				if !slices.Equal(got, want) {
					t.Errorf("%d records are kept, want %d: %+v", len(got), len(want), c)
				}
				found += len(want)
			}
			if found == 0 {
				t.Error("nothing was to be found")
			}
		})
	}
}

func TestFilterByFlowsTellsApartWhoUsedAPort(t *testing.T) {
	l := recorded(t, 1<<20, nil) // the clock begins at 2 ns
	f := clientFlow(0)
	talk := func() {
		l.Append(f, In, Open, nil, "")  // 2, 6
		l.Append(f, Out, Open, nil, "") // 3, 7
		l.Append(f, In, Data, []byte("a"), "")
		l.Append(f, In, Reset, nil, "") // 5, 9
	}
	talk()
	talk()
	flush(t, l)
	at := func(n int64) time.Time { return time.Unix(1_700_000_000, n) }
	for _, c := range []struct {
		name string
		list []FlowSpan
		want []int64
	}{
		{"the first", []FlowSpan{{f, at(2), at(5)}}, []int64{1, 2, 3, 4}},
		{"the second, which is still there", []FlowSpan{{f, at(6), time.Time{}}}, []int64{5, 6, 7, 8}},
		{"both", []FlowSpan{{f, at(6), time.Time{}}, {f, at(2), at(5)}}, []int64{1, 2, 3, 4, 5, 6, 7, 8}},
		{"one within the other", []FlowSpan{{f, at(3), at(9)}, {f, at(4), at(5)}}, []int64{2, 3, 4, 5, 6, 7, 8}},
		{"a time that ends before it begins", []FlowSpan{{f, at(5), at(2)}}, nil},
		{"times that no clock of a capture shows", []FlowSpan{{f, time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}}, []int64{1, 2, 3, 4, 5, 6, 7, 8}},
		{"another client", []FlowSpan{{Flow: clientFlow(1)}}, nil},
		{"no flow at all", []FlowSpan{}, nil},
		{"all flows", nil, []int64{1, 2, 3, 4, 5, 6, 7, 8}},
	} {
		filter := NewFilter(l, Criteria{Flows: c.list})
		caughtUp(t, filter, l)
		filter.Close()
		if got := listed(filter); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestFilterByRemoteKeepsWhatCameToAnyAddress(t *testing.T) {
	l := recorded(t, 1<<20, nil)
	peer, other := netip.MustParseAddrPort("192.0.2.1:9"), netip.MustParseAddrPort("192.0.2.1:10")
	six := netip.MustParseAddrPort("[2001:db8::1]:9")
	for _, f := range []struct{ local, remote netip.AddrPort }{
		{netip.MustParseAddrPort("10.0.0.1:5000"), peer},
		{netip.MustParseAddrPort("239.1.2.3:5000"), peer},
		{netip.MustParseAddrPort("[::]:5000"), peer},
		{netip.MustParseAddrPort("10.0.0.1:5000"), other},
		{netip.MustParseAddrPort("[ff02::1]:5000"), six},
	} {
		l.Append(Flow{Proto: UDP, Local: f.local, Remote: f.remote}, In, Data, []byte("x"), "")
		l.Append(Flow{Proto: UDP, Local: f.local, Remote: f.remote}, Out, Data, []byte("y"), "")
	}
	l.Append(Flow{Proto: TCP, Local: netip.MustParseAddrPort("10.0.0.1:5000"), Remote: peer}, In, Data, []byte("z"), "")
	l.Append(Flow{}, Out, Note, nil, "about nobody")
	flush(t, l)
	mapped := netip.AddrPortFrom(netip.AddrFrom16(peer.Addr().As16()), 9)
	for _, c := range []struct {
		name string
		list []FlowSpan
		want []int64
	}{
		{"one peer", []FlowSpan{{Flow: Flow{Proto: UDP, Remote: peer}}}, []int64{1, 2, 3, 4, 5, 6}},
		{"the same, mapped", []FlowSpan{{Flow: Flow{Proto: UDP, Remote: mapped}}}, []int64{1, 2, 3, 4, 5, 6}},
		{"an IPv6 peer", []FlowSpan{{Flow: Flow{Proto: UDP, Remote: six}}}, []int64{9, 10}},
		{"one peer and one flow", []FlowSpan{{Flow: Flow{Proto: UDP, Remote: six}},
			{Flow: Flow{Proto: UDP, Local: netip.MustParseAddrPort("10.0.0.1:5000"), Remote: other}}}, []int64{7, 8, 9, 10}},
		{"nobody who was there", []FlowSpan{{Flow: Flow{Proto: UDP, Remote: netip.MustParseAddrPort("192.0.2.2:9")}}}, nil},
	} {
		filter := NewFilter(l, Criteria{Flows: c.list})
		caughtUp(t, filter, l)
		filter.Close()
		if got := listed(filter); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestFilterByFlowsFollowsALogThatGrowsAndEvicts(t *testing.T) {
	l, s := serve(t, Options{SegmentSize: 100 << 10, Budget: 1 << 20}, 7, 10)
	c := Criteria{Flows: []FlowSpan{{Flow: clients()[1]}, {Flow: clients()[2], From: s.now.Add(2000)}}}
	f := NewFilter(l, c)
	defer f.Close()
	for i := range 6000 {
		s.append(l, clients()[s.rng.IntN(8)], Direction(i&1), Data, make([]byte, s.rng.IntN(2000)+1), "")
		if i%500 == 0 {
			flush(t, l)
		}
	}
	flush(t, l)
	caughtUp(t, f, l)
	first := l.Stats().First
	if got, want := listed(f), s.kept(c, first); first == 1 || !slices.Equal(got, want) {
		t.Errorf("%d records from %d on, want %d", len(got), first, len(want))
	}
}

// foreignTalks is a capture of another program: two connections of the same ports, one frame a second, with an ARP frame
// and a segment of another connection among them.
func foreignTalks(t testing.TB, pcapng bool) *Log {
	t.Helper()
	noise := foreignFrames(t)
	file := builder{order: binary.LittleEndian}
	if pcapng {
		file.section()
		file.iface(linkEthernet)
	} else {
		file.pcap(0xA1B2C3D4, linkEthernet)
	}
	for i, b := range [][]byte{
		seg{flags: "S", seq: 10}.frame(t),                // 1
		seg{server: true, flags: "SA", seq: 50}.frame(t), // 2
		seg{flags: "A", seq: 11, data: "one "}.frame(t),  // 3
		noise[0], // 4
		noise[1], // 5
		seg{server: true, flags: "A", seq: 51, data: "answer"}.frame(t),     // 6
		seg{flags: "A", seq: 11, data: "one "}.frame(t),                     // 7: a retransmission
		seg{flags: "FA", seq: 15, data: "two"}.frame(t),                     // 8
		seg{flags: "S", seq: 5000, data: "early "}.frame(t),                 // 9: with data (RFC 7413)
		seg{server: true, flags: "SA", seq: 9000}.frame(t),                  // 10
		seg{flags: "A", seq: 5007, data: "later"}.frame(t),                  // 11
		seg{server: true, flags: "A", seq: 9001, data: "answer 2"}.frame(t), // 12
	} {
		if pcapng {
			file.enhanced(0, uint64(i+1)*1e6, b, len(b))
		} else {
			file.pcapPacket(uint32(i+1), 0, b, len(b))
		}
	}
	return openFiles(t, file.save(t))
}

func TestCapturesOfOthersAreReadByFlows(t *testing.T) {
	f := flowOf("[::ffff:1.1.1.1]:1000", "[::ffff:2.2.2.2]:80")
	for _, pcapng := range []bool{true, false} {
		l := foreignTalks(t, pcapng)
		for _, c := range []struct {
			list []FlowSpan
			want []int64
		}{
			{[]FlowSpan{{Flow: f}}, []int64{1, 2, 3, 6, 7, 8, 9, 10, 11, 12}},
			{[]FlowSpan{{Flow: f, From: time.Unix(9, 0)}}, []int64{9, 10, 11, 12}},
			{[]FlowSpan{{Flow: f, To: time.Unix(8, 0)}}, []int64{1, 2, 3, 6, 7, 8}},
			{[]FlowSpan{{}}, nil}, // as of frames without a flow
		} {
			filter := NewFilter(l, Criteria{Flows: c.list})
			caughtUp(t, filter, l)
			filter.Close()
			if got := listed(filter); !slices.Equal(got, c.want) {
				t.Errorf("pcapng %v, %+v: %v, want %v", pcapng, c.list, got, c.want)
			}
		}
		for number, want := range []string{1: "one two", "answer", "one two", "hello", "", "answer", "two", "two", "early later", "answer 2", "later", "answer 2"} {
			if number == 0 {
				continue
			}
			r, err := l.Record(int64(number))
			if err != nil {
				t.Fatal(err)
			}
			p := make([]byte, 100)
			if n, err := l.ReadFlow(r, p, 0); string(p[:n]) != want || err != io.EOF {
				t.Errorf("pcapng %v, from record %d: %q, %v, want %q", pcapng, number, p[:n], err, want)
			}
		}
	}
}

func TestFilterByFlowsMakesNothingPerRecord(t *testing.T) {
	l, s := serve(t, Options{}, 9, 5000)
	runs, err := l.snapshot(0, false)
	if err != nil {
		t.Fatal(err)
	}
	var w runReader
	defer w.close()
	test := newTester(Criteria{Flows: s.spans(3)})
	found := 0
	if n := testing.AllocsPerRun(10, func() {
		if err := w.load(l, runs[0]); err != nil {
			t.Fatal(err)
		}
		for w.next() {
			if test.wants(&w) {
				found++
			}
		}
	}); n > 0 || w.err != nil || found == 0 {
		t.Errorf("%v allocations for %d records, %d found, %v", n, w.number, found, w.err)
	}
}

func TestReadFlowReadsOnInTheSameConnection(t *testing.T) {
	for i, c := range servedLogs {
		t.Run(c.name, func(t *testing.T) {
			l, s := serve(t, c.o, uint64(10+i), 9000)
			st := l.Stats()
			for range 2000 {
				s.checkReadFlow(t, l, st.First+s.rng.Int64N(st.Last-st.First+1), s.rng.IntN(9000), s.rng.Int64N(9000)*s.rng.Int64N(2))
			}
			if st.First == 1 {
				return
			}
			if n, err := l.ReadFlow(Record{Number: st.First - 1}, make([]byte, 1), 0); n != 0 || !errors.Is(err, ErrEvicted) {
				t.Errorf("from an evicted record: %d, %v", n, err)
			}
		})
	}
}

func TestReadFlowOfAFileReadsAsTheLogDid(t *testing.T) {
	l, s := serve(t, Options{SegmentSize: 1 << 20}, 20, 5000)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	opened := openFiles(t, l.Files()...)
	for range 500 {
		s.checkReadFlow(t, opened, 1+s.rng.Int64N(int64(len(s.recs))), s.rng.IntN(9000), 0)
	}
}

func TestReadFlowLooksNoFurtherThanItSays(t *testing.T) {
	l := newLog(t, Options{SegmentSize: 200 << 10})
	s := &service{rng: rand.New(rand.NewPCG(30, 1))}
	a, b := clients()[0], clients()[1]
	s.append(l, a, In, Data, []byte("one"), "")
	for range FlowAhead - 1 {
		s.append(l, b, In, Data, []byte("another's"), "")
	}
	s.append(l, a, In, Data, []byte("two"), "") // 4,096 behind the first
	s.append(l, a, In, Data, []byte("three"), "")
	flush(t, l)
	r, err := l.Record(1)
	if err != nil {
		t.Fatal(err)
	}
	p := make([]byte, 100)
	if n, err := l.ReadFlow(r, p, 1); string(p[:n]) != "netwo" || err != io.EOF {
		t.Errorf("%q, %v", p[:n], err)
	}
	if n, err := l.ReadFlow(r, p[:4], 1); string(p[:n]) != "netw" || err != nil {
		t.Errorf("as much as there is: %q, %v", p[:n], err)
	}
	if n, err := l.ReadFlow(r, nil, 0); n != 0 || err != nil {
		t.Errorf("nothing: %d, %v", n, err)
	}
	if n, err := l.ReadFlow(r, p, -1); n != 0 || err == nil {
		t.Errorf("a negative offset: %d, %v", n, err)
	}
	if n, err := l.ReadFlow(Record{Number: 1 << 40}, p, 0); n != 0 || err != io.EOF {
		t.Errorf("a record that is not there: %d, %v", n, err)
	}
}

func TestReadFlowGoesOnWhileItsBeginningIsEvicted(t *testing.T) {
	l := newLog(t, Options{SegmentSize: 64 << 10, Budget: 256 << 10})
	f := clients()[0]
	for i := range 4 {
		l.Append(f, In, Data, []byte{byte(i)}, "")
	}
	flush(t, l)
	r, err := l.Record(1)
	if err != nil {
		t.Fatal(err)
	}
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
				l.Append(f, In, Data, make([]byte, 1000), "")
			}
		}
	}()
	p := make([]byte, 1<<20)
	for {
		n, err := l.ReadFlow(r, p, 0)
		if err != nil && err != io.EOF && !errors.Is(err, ErrEvicted) {
			t.Fatal(err)
		}
		if n >= 4 && string(p[:4]) != "\x00\x01\x02\x03" || n > 0 && n < 4 {
			t.Fatalf("%d bytes, %q", n, p[:4])
		}
		if n == 0 {
			break // it is gone
		}
	}
	close(stop)
	<-done
	if err := l.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
}
