package capture

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// visit is one connection to a made-up server: what there is to say still, and what was said.
type visit struct {
	flow Flow
	left int // Data records to come
	ends []func(l *Log, f Flow)
	said [2][]byte
	recs int // records of the flow in all

	closed string // by whom, as jsonl has it
}

// crowd makes a log of n connections to a server, all at once: each is opened by its client, some are refused at once,
// some broken off, and when one has ended another may come from the same port. It returns them in the order in which
// they began.
func crowd(l *Log, n int, rng *rand.Rand) []*visit {
	var all, here []*visit
	free := []int{} // ports that were given back
	port := 0
	come := func() {
		v := &visit{left: 3 + rng.IntN(12)}
		at := port
		if len(free) > 0 && rng.IntN(2) == 0 {
			at, free = free[0], free[1:]
		} else {
			port++
		}
		v.flow = servedFlow(at)
		if at%3 == 0 {
			v.flow = flowOf("[fe80::1%eth0]:8087", fmt.Sprintf("[fe80::2%%eth0]:%d", 20000+at))
		}
		l.Append(v.flow, In, Open, nil, "connection from "+v.flow.Remote.String())
		l.Append(v.flow, Out, Open, nil, "")
		v.recs = 2
		all = append(all, v)
		if rng.IntN(10) == 0 {
			l.Append(v.flow, Out, Reset, nil, "refused: 20,000 clients are connected already, and no more are let in")
			v.recs++
			v.closed = "local"
			free = append(free, at)
			return
		}
		here = append(here, v)
		how := rng.IntN(6)
		v.closed = []string{"peer", "local", "reset", "peer", "", ""}[how]
		v.ends = [][]func(*Log, Flow){
			{func(l *Log, f Flow) { l.Append(f, In, Close, nil, "closed by peer (FIN)") }, func(l *Log, f Flow) { l.Append(f, Out, Close, nil, "") }},
			{func(l *Log, f Flow) { l.Append(f, Out, Close, nil, "") }, func(l *Log, f Flow) { l.Append(f, In, Close, nil, "") }},
			{func(l *Log, f Flow) { l.Append(f, In, Reset, nil, "reset by peer (RST)") }},
			{func(l *Log, f Flow) { l.Append(f, In, Close, nil, "") }, func(l *Log, f Flow) { l.Append(f, Out, Reset, nil, "") }},
			{func(l *Log, f Flow) { l.Append(f, In, Note, nil, "connection lost: no route to host") }}, // there is no more of it
			{}, // still there in the end
		}[how]
		if len(v.ends) > 0 {
			v.ends = append(v.ends, func(*Log, Flow) { free = append(free, at); v.recs-- })
		}
	}
	for len(all) < n || len(here) > 0 {
		if len(all) < n && (len(here) < 5 || rng.IntN(20) == 0 || len(all) < n/2) {
			come()
			continue
		}
		i := rng.IntN(len(here))
		v := here[i]
		v.recs++
		switch {
		case rng.IntN(8) == 0:
			l.Append(v.flow, Out, Note, nil, "3 messages for this client were dropped")
		case v.left > 0:
			v.left--
			d := Direction(rng.IntN(2))
			p := make([]byte, []int{1, 40, 700, 2500, 20_000}[rng.IntN(5)])
			for i := range p {
				p[i] = byte(rng.Uint32())
			}
			l.Append(v.flow, d, Data, p, "")
			v.said[d] = append(v.said[d], p...)
		case len(v.ends) > 0:
			v.ends[0](l, v.flow)
			v.ends = v.ends[1:]
		default:
			v.recs--
		}
		if v.left == 0 && len(v.ends) == 0 {
			here[i] = here[len(here)-1]
			here = here[:len(here)-1]
		}
	}
	return all
}

// followedAll returns what Wireshark's Follow Stream shows of both nodes of each of the first n streams: of the side that
// opened first, then of the other.
func followedAll(t *testing.T, path string, n int) (nodes [][2][]byte) {
	t.Helper()
	args := []string{"-r", path, "-q"}
	for i := range n {
		args = append(args, "-z", fmt.Sprintf("follow,tcp,raw,%d", i))
	}
	nodes = make([][2][]byte, n)
	stream, body := -1, false
	out := bufio.NewScanner(bytes.NewReader(tshark(t, args...)))
	out.Buffer(nil, 64<<20)
	for out.Scan() {
		line := out.Text()
		switch {
		case strings.HasPrefix(line, "Filter: tcp.stream eq "):
			var err error
			if stream, err = strconv.Atoi(strings.TrimPrefix(line, "Filter: tcp.stream eq ")); err != nil {
				t.Fatal(err)
			}
		case strings.HasPrefix(line, "Node 1:"):
			body = true
		case strings.HasPrefix(line, "=="):
			body = false
		case body:
			node := 0
			if strings.HasPrefix(line, "\t") {
				node, line = 1, line[1:]
			}
			b, err := hex.DecodeString(line)
			if err != nil {
				t.Fatalf("follow: %q", line)
			}
			nodes[stream][node] = append(nodes[stream][node], b...)
		}
	}
	return nodes
}

func TestWiresharkKeepsTheClientsOfAServerApart(t *testing.T) {
	l := newLog(t, Options{Meta: Meta{Kind: "server", Name: "127.0.0.1:8087"}})
	visits := crowd(l, 300, rand.New(rand.NewPCG(40, 41)))
	flush(t, l)
	path := l.Files()[0]

	used := make(map[Flow]int)
	refused := 0
	for _, v := range visits {
		used[readBack(v.flow)]++
		if v.recs == 3 {
			refused++
		}
	}
	if len(used) == len(visits) || refused == 0 {
		t.Fatalf("%d connections of %d ports, %d refused", len(visits), len(used), refused)
	}

	// Each frame, by the stream that Wireshark puts it in; streams are numbered as they begin.
	rows := strings.Split(strings.TrimRight(string(tshark(t, "-r", path, "-T", "fields", "-e", "frame.number", "-e", "tcp.stream", "-e", "tcp.port",
		"-e", "tcp.flags", "-e", "_ws.malformed", "-e", "tcp.analysis.lost_segment", "-e", "tcp.analysis.ack_lost_segment",
		"-e", "tcp.analysis.retransmission", "-e", "tcp.analysis.out_of_order")), "\n"), "\n")
	frames := make(map[int]int)
	for _, row := range rows {
		f := strings.Split(row, "\t")
		stream, err := strconv.Atoi(f[1])
		if err != nil || stream >= len(visits) {
			t.Fatalf("frame %s is of stream %q, of %d", f[0], f[1], len(visits))
		}
		if port := strconv.Itoa(int(visits[stream].flow.Remote.Port())); !strings.Contains(f[2], port) {
			t.Fatalf("frame %s of ports %s is of stream %d, which is of port %s", f[0], f[2], stream, port)
		}
		if faults := strings.Join(f[4:], ""); faults != "" {
			t.Errorf("frame %s of stream %d is malformed, lost, or out of order: %q", f[0], stream, f[4:])
		}
		if frames[stream]++; frames[stream] <= 2 {
			flags, err := strconv.ParseUint(f[3], 0, 16)
			if want := []uint64{tcpSYN, tcpSYN | tcpACK}[frames[stream]-1]; err != nil || flags != want {
				t.Errorf("packet %d of stream %d has flags %s", frames[stream], stream, f[3])
			}
		}
	}
	for i, v := range visits {
		if frames[i] != v.recs {
			t.Errorf("stream %d has %d frames, want %d", i, frames[i], v.recs)
		}
	}
	nodes := followedAll(t, path, len(visits))
	for i, v := range visits {
		if !bytes.Equal(nodes[i][0], v.said[In]) || !bytes.Equal(nodes[i][1], v.said[Out]) {
			t.Errorf("stream %d: followed %d and %d bytes, said %d and %d", i, len(nodes[i][0]), len(nodes[i][1]), len(v.said[In]), len(v.said[Out]))
		}
	}
	conversations := strings.Count(string(tshark(t, "-r", path, "-q", "-z", "conv,tcp")), "<->")
	if conversations != len(visits) {
		t.Errorf("%d conversations, want %d", conversations, len(visits))
	}
}
