package sessions

import (
	"errors"
	"fmt"
	"net"
	"net/netip"

	"wirebench/sessions/capture"
)

const (
	// batchDatagrams is how many datagrams are taken from the system at once, where it can give several.
	batchDatagrams = 64
	// maxDatagram is more than any datagram can have.
	maxDatagram = 65_536
	// mostStray is how many errors in a row that no datagram explains end a socket.
	mostStray = 100
)

// receive records what arrives until the socket is closed, and returns why it cannot go on.
func (s *udpSocket) receive() error {
	u := s.u
	ownThread()
	b, err := newInbox(s.conn, s.buffer)
	if err != nil {
		return because("receive on "+s.local.String(), err)
	}
	kept := make([]capture.Datagram, 0, batchDatagrams)
	stray := 0
	for {
		n, err := b.read()
		if err != nil {
			if s.ctx.Err() != nil {
				return nil
			}
			// What an ICMP message says of a datagram that was sent is told by the next call of any kind.
			if told := s.takeErrors(); told > 0 {
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
		kept = kept[:0]
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
			kept = append(kept, capture.Datagram{Time: at, Flow: capture.Flow{Proto: capture.UDP, Local: s.arrivedAt(b.oob(i)), Remote: from}, Payload: p})
			bytes += int64(len(p))
		}
		u.log.AppendDatagrams(capture.In, kept)
		u.in.Add(int64(len(kept)))
		u.bytesIn.Add(bytes)
		u.peers.countAll(capture.In, kept)
		u.version.Add(1)
		u.obs.take()
		u.rec.Unlock()
		for i := range kept {
			u.obs.to.Data(kept[i].Flow, capture.In, kept[i].Payload)
		}
		u.obs.pass()
	}
}

// takeErrors tells what ICMP messages have said of datagrams that were sent, and returns how many.
func (s *udpSocket) takeErrors() (n int) {
	drainErrors(s.conn, func(to netip.AddrPort, payload []byte, err error) {
		n++
		s.u.sendErrors.Add(1)
		// Whoever is sending right now records that first.
		s.u.rec.Lock()
		op, local := "send to "+to.String(), s.local
		if sent, ok := s.recent.find(to, payload); ok {
			op = fmt.Sprintf("send %s to %s", countBytes(int64(sent.n)), sent.to)
			if sent.number > 0 {
				op += fmt.Sprintf(" (record %s)", thousands(sent.number))
			}
			to = sent.to
		}
		if to.IsValid() {
			local = s.localFor(to)
		}
		err = because(op, err)
		text := err.Error()
		s.u.note(capture.Flow{Proto: capture.UDP, Local: local, Remote: to}, text)
		s.u.rec.Unlock()
		s.u.tell(Event{Name: EventIOError, Remote: to, Err: err, Text: text})
	})
	return n
}
