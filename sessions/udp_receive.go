package sessions

import (
	"errors"
	"net"
	"net/netip"
	"time"

	"wirebench/sessions/capture"
)

const (
	// batchDatagrams is how many datagrams are taken from the system at once, where it can give several.
	batchDatagrams = 64
	// maxDatagram is more than any datagram can have.
	maxDatagram = 65_536
	// mostStray is how many errors in a row that no datagram explains end a socket.
	mostStray = 100
	// restGrace is how long reading what has arrived may take at the end, where nothing more arrives then; a full
	// receive buffer takes a part of a second. Elsewhere a flood would keep the socket for all of it.
	restGrace = 5 * time.Second
)

// receive records what arrives until the socket is to be closed, and returns why it cannot go on.
func (s *udpSocket) receive() error {
	u := s.u
	b, err := newInbox(s.conn, s.buffer)
	if err != nil {
		return because("receive on "+s.local.String(), err)
	}
	defer b.end()
	kept := make([]capture.Datagram, 0, batchDatagrams)
	var toAll []netip.AddrPort
	stray := 0
	var end time.Time // of reading, once the socket is being closed
	for {
		n, err := b.read()
		if err != nil && s.ctx.Err() != nil {
			// What has arrived is not to be lost.
			if end.IsZero() {
				end = time.Now().Add(closeGrace)
				if hush(s.conn) == nil {
					end = time.Now().Add(restGrace)
				}
			}
			if time.Now().After(end) {
				u.note(capture.Flow{}, "closed before all that had arrived was read")
				return nil
			}
			n, err = b.rest()
			if n == 0 && err == nil || errors.Is(err, net.ErrClosed) {
				return nil
			}
		}
		if err != nil {
			// What an ICMP message says of a datagram that was sent is told by the next call of any kind. Whoever
			// sends at the moment may have taken it already.
			if s.takeErrors() > 0 || mayBeICMP(err) {
				stray = 0
				continue
			}
			if stray++; stray > mostStray || errors.Is(err, net.ErrClosed) {
				return because("receive on "+s.local.String(), err)
			}
			continue
		}
		stray = 0
		only := u.only.Load()
		u.rec.Lock()
		kept, toAll = kept[:0], toAll[:0]
		var bytes int64
		var drops uint32
		for i := range n {
			from := b.from(i)
			at, count, counted, _ := parseOOB(b.oob(i))
			if counted && count != drops {
				drops = count
				s.dropped(count)
			}
			if only != nil && *only != from {
				u.filtered.Add(1)
				continue
			}
			p := b.payload(i)
			local, own := s.arrivedAt(b.oob(i))
			if !own && !local.Addr().IsMulticast() {
				toAll = append(toAll, from)
			}
			kept = append(kept, capture.Datagram{Time: at, Flow: capture.Flow{Proto: capture.UDP, Local: local, Remote: from}, Payload: p})
			bytes += int64(len(p))
		}
		u.log.AppendDatagrams(capture.In, kept)
		u.in.Add(int64(len(kept)))
		u.bytesIn.Add(bytes)
		u.peers.countAll(capture.In, kept)
		for _, from := range toAll {
			u.peers.wroteNowhere(from) // nobody can be answered from a broadcast address
		}
		u.version.Add(1)
		u.obs.take()
		u.rec.Unlock()
		for i := range kept {
			u.obs.to.Data(kept[i].Flow, capture.In, kept[i].Payload)
		}
		u.obs.pass()
	}
}
