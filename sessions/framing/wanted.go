package framing

import (
	"errors"
	"net/netip"

	"wirebench/sessions/capture"
)

// wanted says what of a capture is listed. It does not change.
type wanted struct {
	events bool
	dirs   capture.Dirs
	bytes  *matcher // nil: whatever they are
	peers  *matcher // a peer's address that has it will do as well; nil: none
}

func newWanted(o Options) (*wanted, error) {
	w := &wanted{events: o.Events, dirs: o.Dirs}
	var err error
	switch {
	case o.Text != "" && len(o.Hex) > 0:
		return nil, errors.New("list frames: text and bytes cannot be looked for at once")
	case o.Text != "":
		w.bytes, err = newMatcher([]byte(o.Text), o.FoldCase)
		w.peers = w.bytes
	case len(o.Hex) > 0:
		w.bytes, err = newMatcher(o.Hex, false)
	}
	return w, err
}

// way reports whether frames of a direction are listed.
func (w *wanted) way(d capture.Direction) bool { return w.dirs == 0 || w.dirs>>d&1 != 0 }

// lists reports whether what stands in s, of the connection k, is listed.
func (t *lanes) lists(k *laneKey, s *state) bool {
	w := t.want
	return w.way(k.dir) && (w.bytes == nil || s.found || w.peers != nil && t.peer(k.flow.Remote))
}

// listsGrowing reports whether the frame that a lane is in the middle of is listed. It changes nothing, and is for lanes
// that come from no checkpoint.
func (t *lanes) listsGrowing(l *lane) bool {
	w := t.want
	return w.way(l.key.dir) && (w.bytes == nil || l.state.found || l.peer)
}

// mostPeers bounds the memory for peers, of some 100 bytes each; beyond it they are looked at anew.
const mostPeers = 1 << 16

// peer reports whether the text of a peer's address has what is looked for.
func (t *lanes) peer(a netip.AddrPort) bool {
	has, known := t.peers[a]
	if !known && a.IsValid() {
		_, has = t.want.peers.feed(0, []byte(a.String()))
		if t.peers == nil || len(t.peers) >= mostPeers {
			t.peers = make(map[netip.AddrPort]bool)
		}
		t.peers[a] = has
	}
	return has
}

// event lists a record that is no data, if such are wanted.
func (t *lanes) event(s *capture.Scanner) {
	w := t.want
	if s.Kind == capture.Data || !w.events {
		return
	}
	k := laneKey{s.Flow(), s.Dir}
	st := state{kind: s.Kind, first: s.Number, last: s.Number, offset: s.Offset, began: s.Stamp, time: s.Stamp}
	if w.bytes != nil && w.peers != nil {
		_, st.found = w.bytes.feed(0, s.Note())
	}
	if t.lists(&k, &st) {
		t.events++
		t.tell(&k, &st, rawRule, Complete)
	}
}
