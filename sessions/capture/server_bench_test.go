package capture

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
)

// servedFlow returns the nth client of a server, as a dual-stack socket reports it: an IPv4 address mapped into IPv6.
// Some 30,000 of them come from one address, as all clients of a load test do.
func servedFlow(n int) Flow {
	mapped := func(a, b, c, d byte) netip.Addr {
		return netip.AddrFrom16(netip.AddrFrom4([4]byte{a, b, c, d}).As16())
	}
	return Flow{
		Proto:  TCP,
		Local:  netip.AddrPortFrom(mapped(127, 0, 0, 1), 8087),
		Remote: netip.AddrPortFrom(mapped(127, 0, 0, byte(1+n/30_000)), uint16(32_768+n%30_000)),
	}
}

// shuffled returns which of n flows each of a run of records is of, with no order a processor could foresee.
func shuffled(n int) []int {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	order := make([]int, 1<<16)
	for i := range order {
		order[i] = r.IntN(n)
	}
	return order
}

// BenchmarkAppendInterleaved appends records of 64 bytes of many flows in turn: each costs about as much as one of a
// single flow.
func BenchmarkAppendInterleaved(b *testing.B) {
	for _, n := range []int{1, 100, 10_000} {
		b.Run(fmt.Sprintf("flows=%d", n), func(b *testing.B) {
			l, err := Create(Options{Dir: b.TempDir(), Budget: 256 << 20})
			if err != nil {
				b.Fatal(err)
			}
			flows := make([]Flow, 10_000) // as many in any case: to fetch one is the caller's cost
			for i := range flows {
				flows[i] = servedFlow(i % n)
				l.Append(flows[i], In, Open, nil, "")
				l.Append(flows[i], Out, Open, nil, "")
			}
			order := shuffled(len(flows))
			payload := make([]byte, 64)
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				l.Append(flows[order[i&(len(order)-1)]], Direction(i&1), Data, payload, "")
				i++
			}
			if err := l.Flush(b.Context()); err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			if err := l.Delete(); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// BenchmarkFlowTable is what Append does for the sequence numbers alone.
func BenchmarkFlowTable(b *testing.B) {
	for _, n := range []int{1, 100, 10_000} {
		b.Run(fmt.Sprintf("flows=%d", n), func(b *testing.B) {
			var table flowTable
			flows := make([]Flow, n)
			for i := range flows {
				flows[i] = servedFlow(i)
			}
			order := shuffled(n)
			payload := make([]byte, 64)
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				e := endsOf(flows[order[i&(len(order)-1)]])
				p := packet{proto: TCP, dir: Direction(i & 1), ends: &e, payload: payload}
				table.advance(&p, 0)
				i++
			}
		})
	}
}

// served makes a log of a server: records of 64 bytes of n flows in turn, with no order.
func served(b *testing.B, records, n int) (l *Log, flows []Flow) {
	b.Helper()
	l, err := Create(Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Delete() })
	flows = make([]Flow, n)
	for i := range flows {
		flows[i] = servedFlow(i)
		l.Append(flows[i], In, Open, nil, "")
		l.Append(flows[i], Out, Open, nil, "")
	}
	order := shuffled(n)
	payload := make([]byte, 64)
	for i := range records - 2*n {
		l.Append(flows[order[i&(len(order)-1)]], Direction(i&1), Data, payload, "")
	}
	if err := l.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
	return l, flows
}

// BenchmarkFilterByFlows goes through 1,000,000 records of 10,000 flows.
func BenchmarkFilterByFlows(b *testing.B) {
	l, flows := served(b, 1_000_000, 10_000)
	spans := func(flows []Flow) []FlowSpan {
		list := []FlowSpan{}
		for _, f := range flows {
			list = append(list, FlowSpan{Flow: f})
		}
		return list
	}
	for _, c := range []struct {
		name string
		c    Criteria
	}{
		{"direction", Criteria{Dirs: DirIn}},
		{"3 flows", Criteria{Flows: spans(flows[5000:5003])}},
		{"1000 flows", Criteria{Flows: spans(flows[:1000])}},
		{"all flows", Criteria{Flows: spans(flows)}},
		{"text", Criteria{Text: "needle"}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				f := NewFilter(l, c.c)
				caughtUp(b, f, l)
				f.Close()
			}
			b.ReportMetric(float64(l.Stats().Last)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrecords/s")
		})
	}
}

// BenchmarkReadFlow looks for what a client sent next among 10,000 others, and finds none within reach.
func BenchmarkReadFlow(b *testing.B) {
	l, flows := served(b, 100_000, 10_000)
	l.Append(flows[0], In, Data, []byte("its last words"), "")
	for range FlowAhead {
		l.Append(flows[1], In, Data, make([]byte, 64), "")
	}
	if err := l.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
	r, err := l.Record(l.Stats().Last - FlowAhead)
	if err != nil {
		b.Fatal(err)
	}
	p := make([]byte, 1<<10)
	b.ReportAllocs()
	for b.Loop() {
		if n, err := l.ReadFlow(r, p, 0); n != len("its last words") {
			b.Fatal(n, err)
		}
	}
}
