package capture

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"testing"
)

// manyFlows returns the nth of many flows.
func manyFlows(n int) Flow {
	f := flow4
	f.Remote = netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}), 80)
	return f
}

func TestTheFlowsOfALiveLogAreBounded(t *testing.T) {
	var table flowTable
	send := func(f Flow, k Kind, d Direction, payload string) packet {
		e := endsOf(f)
		p := packet{kind: k, dir: d, proto: TCP, ends: &e, payload: []byte(payload)}
		table.advance(&p, 0)
		return p
	}
	for n := range maxFlows + 1000 {
		send(manyFlows(n), Data, Out, "abc")
		send(manyFlows(0), Data, Out, "x") // never silent for long
	}
	if len(table.byKey) != maxFlows {
		t.Errorf("%d flows, want %d", len(table.byKey), maxFlows)
	}
	if p := send(manyFlows(0), Data, Out, ""); p.seq != 3+maxFlows+1000 {
		t.Errorf("the busy flow is at %d", p.seq)
	}
	if p := send(manyFlows(maxFlows), Data, Out, ""); p.seq != 3 {
		t.Errorf("a recent flow is at %d", p.seq)
	}
	if p := send(manyFlows(1), Data, Out, ""); p.seq != 0 {
		t.Errorf("a flow that was silent longest is at %d", p.seq)
	}
}

func TestEndedFlowsAreForgotten(t *testing.T) {
	var table flowTable
	for n := range 3 * keptClosed {
		for _, k := range []Kind{Open, Data, Reset, Note} {
			e := endsOf(manyFlows(n))
			p := packet{kind: k, dir: Out, proto: TCP, ends: &e, payload: []byte("abc")[:3*int(1-min(k, 1))]}
			table.advance(&p, uint32(n))
			if want := uint32(n) + []uint32{Data: 1, Open: 0, Reset: 4, Note: 4}[k]; k != Close && p.seq != want {
				t.Fatalf("%v of flow %d has sequence number %d, want %d", k, n, p.seq, want)
			}
		}
	}
	if len(table.byKey) != keptClosed {
		t.Errorf("%d flows, want %d", len(table.byKey), keptClosed)
	}
}

func TestAPortUsedAgainIsNotForgottenWithTheConnectionBefore(t *testing.T) {
	var table flowTable
	number := uint32(0)
	send := func(f Flow, k Kind, payload string) uint32 {
		number++
		e := endsOf(f)
		p := packet{kind: k, dir: In, proto: TCP, ends: &e, payload: []byte(payload)}
		table.advance(&p, number)
		return p.seq
	}
	send(manyFlows(0), Open, "")
	send(manyFlows(0), Reset, "")
	first := send(manyFlows(0), Open, "")
	send(manyFlows(0), Data, "abc")
	send(manyFlows(1), Reset, "")
	for range keptClosed + 2 { // one connection, however often it is said to have ended
		send(manyFlows(2), Reset, "")
	}
	if e := endsOf(manyFlows(1)); table.byKey[e] == nil {
		t.Error("one that has just ended is forgotten")
	}
	for n := range keptClosed {
		send(manyFlows(3+n), Reset, "")
	}
	if seq := send(manyFlows(0), Data, "def"); seq != first+4 {
		t.Errorf("the connection goes on at %d, want %d", seq, first+4)
	}
	standing := 0
	for s := table.ring.newer; s != &table.ring; s = s.newer {
		standing++
	}
	if standing != len(table.byKey) {
		t.Errorf("%d stand in the ring, %d are known", standing, len(table.byKey))
	}
}

func TestTheFlowsOfAServerTakeLittleMemory(t *testing.T) {
	for _, c := range []struct {
		name           string
		flows, atOnce  int
		kept, mostHeap int
	}{
		{"10,000 at once", 10_000, 10_000, 10_000, 3 << 20},
		{"100,000 one after another", 100_000, 1, keptClosed + 1, 512 << 10},
		{"100,000, of which 100 at once", 100_000, 100, keptClosed + 100, 512 << 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			heap := func() int {
				runtime.GC()
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				return int(m.HeapAlloc)
			}
			before := heap()
			table := new(flowTable)
			number := uint32(0)
			send := func(n int, d Direction, k Kind) {
				number++
				e := endsOf(servedFlow(n))
				table.advance(&packet{kind: k, dir: d, proto: TCP, ends: &e}, number)
			}
			for n := range c.flows {
				for _, d := range []Direction{In, Out} {
					send(n, d, Open)
				}
				send(n, In, Data)
				if n -= c.atOnce; n >= 0 {
					for _, d := range []Direction{In, Out} {
						send(n, d, Close)
					}
					send(n, In, Note)
					send(max(n-2*keptClosed, 0), In, Note) // what comes late is of no connection any more
				}
			}
			if kept := len(table.byKey); kept > c.kept {
				t.Errorf("%d flows, want %d", kept, c.kept)
			}
			if took := heap() - before; took > c.mostHeap {
				t.Errorf("%d bytes, want at most %d", took, c.mostHeap)
			}
			runtime.KeepAlive(table)
		})
	}
}

func TestTheFlowsOfAForeignCaptureAreBounded(t *testing.T) {
	var tr tracker
	for n := range maxForeignFlows + 1000 {
		f := manyFlows(n)
		tr.judge(&decoded{proto: TCP, src: f.Local, dst: f.Remote, payloadWireLen: 1}, 0)
	}
	if len(tr.flows) != maxForeignFlows {
		t.Errorf("%d flows, want %d", len(tr.flows), maxForeignFlows)
	}
}

func TestALargeForeignCaptureIsReadAnywhere(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	f := builder{order: binary.BigEndian}
	f.section()
	f.iface(linkEthernet)
	var m model
	flow := flowOf("1.1.1.1:1000", "2.2.2.2:80")
	var next [2]uint32
	for range 3000 {
		if rng.IntN(300) == 0 { // another section in between
			f.section()
			f.iface(linkEthernet)
		}
		p := make([]byte, rng.IntN(1400)+1)
		for i := range p {
			p[i] = byte(rng.Uint32())
		}
		d := Direction(rng.IntN(2))
		if len(m.recs) == 0 {
			d = Out
		}
		repeat := min(uint32(rng.IntN(5)), next[d]) // bytes that were there before, mostly some
		note := ""
		if repeat > 0 {
			note = "without " + string('0'+rune(repeat)) + " bytes repeated from before"
		}
		s := seg{server: d == In, flags: "A", seq: next[d] - repeat, data: string(bytes.Repeat([]byte("?"), int(repeat))) + string(p)}
		b := s.frame(t)
		f.enhanced(0, uint64(len(m.recs)), b, len(b))
		m.add(flow, d, Data, p, note)
		next[d] += uint32(len(p))
	}
	l := openFiles(t, f.save(t))
	if n := len(l.segs[0].entries); n < 20 {
		t.Fatalf("only %d index entries", n)
	}
	m.check(t, l)
}
