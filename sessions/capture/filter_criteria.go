package capture

import "net/netip"

// tester decides about records, one after the other.
type tester struct {
	dirs      Dirs
	dataOnly  bool
	flows     *flowSet // these three nil: not asked for
	text, hex *needle
	finder    finder

	// Whether the text of a peer's address matches, by peer: making that text
	// takes longer than all else.
	peers   map[netip.AddrPort]bool
	last    netip.AddrPort
	match   bool
	address []byte
}

// maxPeers bounds the memory for peers, of some 100 bytes each; beyond it they are looked at anew.
const maxPeers = 1 << 16

func newTester(c Criteria) tester {
	t := tester{dirs: c.Dirs, dataOnly: c.DataOnly}
	if c.Flows != nil {
		t.flows = newFlowSet(c.Flows)
	}
	if c.Text != "" {
		n := newNeedle([]byte(c.Text), c.FoldCase)
		t.text = &n
		t.peers = make(map[netip.AddrPort]bool)
	}
	if len(c.Hex) > 0 {
		n := newNeedle(c.Hex, false)
		t.hex = &n
	}
	return t
}

// tune prepares for records like those in sample.
func (t *tester) tune(sample []byte) {
	sample = sample[:min(len(sample), 8<<10)]
	if t.text != nil {
		t.text.tune(sample)
	}
	if t.hex != nil {
		t.hex.tune(sample)
	}
}

// wants reports whether the record w stands on meets the criteria.
func (t *tester) wants(w *runReader) bool {
	if !t.dirs.has(w.dir) || t.dataOnly && w.kind != Data {
		return false
	}
	if t.flows != nil && !t.flows.has(w) {
		return false
	}
	if t.hex != nil && !t.in(t.hex, w.payload) {
		return false
	}
	return t.text == nil || t.in(t.text, w.payload) || t.in(t.text, w.note()) || t.peer(w.flow().Remote)
}

func (t *tester) in(n *needle, b []byte) bool {
	if len(b) < n.min {
		return false
	}
	t.finder.reset(n, b)
	at, _ := t.finder.find(0)
	return at >= 0
}

func (t *tester) peer(p netip.AddrPort) bool {
	if p == t.last {
		return t.match
	}
	match, known := t.peers[p]
	if !known {
		if p.IsValid() {
			t.address = p.AppendTo(t.address[:0])
			match = t.in(t.text, t.address)
		}
		if len(t.peers) >= maxPeers {
			clear(t.peers)
		}
		t.peers[p] = match
	}
	t.last, t.match = p, match
	return match
}
