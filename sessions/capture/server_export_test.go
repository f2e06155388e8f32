package capture

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
)

func TestExportAsJSONLTellsTheStoryOfEachClient(t *testing.T) {
	l := newLog(t, Options{SegmentSize: 1 << 20})
	visits := crowd(l, 300, rand.New(rand.NewPCG(50, 51)))
	flush(t, l)

	// What a reader of the lines makes of them who knows no more than they say.
	type story struct {
		said   [2][]byte
		closed string
	}
	all := make(map[string][]*story) // by peer
	for line := range bytes.Lines(exported(t, l, AsJSONL)) {
		var e struct {
			Event, Peer, Remote, Direction, By, Text string
			Data                                     []byte
		}
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if e.Event == "connect" {
			all[e.Remote] = append(all[e.Remote], new(story))
			continue
		}
		if e.Event == "summary" {
			continue
		}
		if len(all[e.Peer]) == 0 {
			t.Fatalf("of nobody who came: %s", line)
		}
		s := all[e.Peer][len(all[e.Peer])-1]
		switch e.Event {
		case "socketData":
			d := In
			if e.Direction == "out" {
				d = Out
			}
			s.said[d] = append(s.said[d], e.Data...)
		case "close":
			if s.closed != "" {
				t.Errorf("%s closed twice: by %s and %s", e.Peer, s.closed, e.By)
			}
			s.closed = e.By
		case "state", "ioError":
		default:
			t.Errorf("unexpected: %s", line)
		}
	}
	ends := make(map[string]int)
	for _, v := range visits {
		peer := readBack(v.flow).Remote.String()
		if len(all[peer]) == 0 {
			t.Fatalf("a connection from %s is missing", peer)
		}
		s := all[peer][0]
		all[peer] = all[peer][1:]
		for d := range s.said {
			if !bytes.Equal(s.said[d], v.said[d]) {
				t.Errorf("%s: %d bytes %v, want %d", peer, len(s.said[d]), Direction(d), len(v.said[d]))
			}
		}
		if s.closed != v.closed {
			t.Errorf("%s closed by %q, want %q", peer, s.closed, v.closed)
		}
		ends[s.closed]++
	}
	for peer, left := range all {
		if len(left) > 0 {
			t.Errorf("%d connections too many from %s", len(left), peer)
		}
	}
	if len(ends) != 4 {
		t.Errorf("not every end was seen: %v", ends)
	}
}

func TestTheConnectionsAnExportKeepsApartAreBounded(t *testing.T) {
	var p phases
	p.set(manyFlows(0), phase{closed: true})
	for n := range maxPhases {
		p.set(manyFlows(1+n), phase{opened: [2]bool{Out: true}})
	}
	if !p.of(manyFlows(0)).closed || !p.of(manyFlows(maxPhases)).opened[Out] {
		t.Error("one of the last connections was forgotten")
	}
	for n := range 3 * maxPhases {
		p.set(manyFlows(n), phase{})
	}
	if n := len(p.recent) + len(p.before); n > 2*maxPhases {
		t.Errorf("%d are kept", n)
	}
}

func TestExportOfRawBytesOfManyClientsIsInTheOrderInWhichTheyCame(t *testing.T) {
	l := recorded(t, 300, nil)
	var want [2][]byte
	for i := range 100 {
		for client := range 3 {
			d := Direction(i & 1)
			p := fmt.Appendf(nil, "%d of client %d;", i, client)
			l.Append(clientFlow(client), d, Data, p, "")
			want[d] = append(want[d], p...)
		}
	}
	flush(t, l)
	for d, f := range map[Direction]Format{In: AsRawIn, Out: AsRawOut} {
		if got := exported(t, l, f); !bytes.Equal(got, want[d]) {
			t.Errorf("%s: %d bytes, want %d", f, len(got), len(want[d]))
		}
	}
}
