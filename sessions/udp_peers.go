package sessions

import (
	"net/netip"
	"sync"
	"time"

	"wirebench/sessions/capture"
)

// PeerInfo is what went to and from one address.
type PeerInfo struct {
	Addr              netip.AddrPort
	In, Out           int64 // datagrams
	BytesIn, BytesOut int64 // of their payload
	First, Last       time.Time
}

// mostPeers is how many addresses are told apart; what goes to and from others is counted.
const mostPeers = 1 << 16

// peer is one address and what is known of it.
type peer struct {
	PeerInfo
	at netip.Addr // the address its last datagram was sent to
}

// peerTable counts datagrams by the other end's address. Its zero value is ready.
type peerTable struct {
	mu        sync.Mutex
	byAddr    map[netip.AddrPort]*peer
	list      []*peer // in the order of their first datagram
	forgotten int64   // datagrams of those that have no place
}

// count counts a datagram; a zero time is now.
func (t *peerTable) count(a netip.AddrPort, d capture.Direction, n int, at time.Time) {
	if at.IsZero() {
		at = time.Now()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.find(a, at)
	if p == nil {
		t.forgotten++
		return
	}
	p.count(d, n, at)
}

// countAll counts datagrams that went the same way; a zero time is now.
func (t *peerTable) countAll(d capture.Direction, list []capture.Datagram) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var now time.Time
	var p *peer
	for i := range list {
		g := &list[i]
		at := g.Time
		if at.IsZero() {
			if now.IsZero() {
				now = time.Now()
			}
			at = now
		}
		if p == nil || p.Addr != g.Flow.Remote {
			if p = t.find(g.Flow.Remote, at); p == nil {
				t.forgotten++
				continue
			}
		}
		p.count(d, len(g.Payload), at)
		if d == capture.In {
			p.at = g.Flow.Local.Addr()
		}
	}
}

// find returns the entry of an address, a new one if it is new, and nil if there is no place. t.mu is held.
func (t *peerTable) find(a netip.AddrPort, at time.Time) *peer {
	p := t.byAddr[a]
	if p == nil && len(t.list) < mostPeers {
		if t.byAddr == nil {
			t.byAddr = make(map[netip.AddrPort]*peer)
		}
		p = &peer{PeerInfo: PeerInfo{Addr: a, First: at}}
		t.byAddr[a] = p
		t.list = append(t.list, p)
	}
	return p
}

func (p *PeerInfo) count(d capture.Direction, n int, at time.Time) {
	p.Last = at
	if d == capture.In {
		p.In++
		p.BytesIn += int64(n)
	} else {
		p.Out++
		p.BytesOut += int64(n)
	}
}

// wroteTo returns the address to which a peer sent its last datagram; not valid if none came from it, or
// it was sent to all of a network.
func (t *peerTable) wroteTo(a netip.AddrPort) netip.Addr {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p := t.byAddr[a]; p != nil {
		return p.at
	}
	return netip.Addr{}
}

// wroteNowhere makes wroteTo forget what a peer sent its last datagram to.
func (t *peerTable) wroteNowhere(a netip.AddrPort) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p := t.byAddr[a]; p != nil {
		p.at = netip.Addr{}
	}
}

func (t *peerTable) size() (peers int, forgotten int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.list), t.forgotten
}

// Peers appends every address that a datagram came from or went to, in the order of their first one, to
// dst and returns it. At most 65,536 are told apart; see UDPInfo.PeersForgotten.
func (u *UDPSession) Peers(dst []PeerInfo) []PeerInfo {
	u.peers.mu.Lock()
	defer u.peers.mu.Unlock()
	for _, p := range u.peers.list {
		dst = append(dst, p.PeerInfo)
	}
	return dst
}
