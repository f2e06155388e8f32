package sessions

import (
	"errors"
	"net"
	"net/netip"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"

	"wirebench/sessions/capture"
)

const (
	// batchDatagrams is how many datagrams are taken from the system at once, where it can give several.
	batchDatagrams = 64
	// maxDatagram is more than any datagram can have.
	maxDatagram = 65_536
	// oobSize is room for what the system tells beside a datagram.
	oobSize = 256
	// mostStray is how many errors in a row that no datagram explains end a socket.
	mostStray = 100
)

// batcher reads and writes several datagrams at once; both of x/net's packet connections do.
type batcher interface {
	ReadBatch(ms []ipv4.Message, flags int) (int, error)
	WriteBatch(ms []ipv4.Message, flags int) (int, error)
}

var (
	_ batcher = (*ipv4.PacketConn)(nil)
	_ batcher = (*ipv6.PacketConn)(nil)
)

// batches returns the socket as a batcher.
func (s *udpSocket) batches() batcher {
	if s.v6 {
		return ipv6.NewPacketConn(s.conn)
	}
	return ipv4.NewPacketConn(s.conn)
}

// receive records what arrives until the socket is closed, and returns why it cannot go on.
func (s *udpSocket) receive() error {
	u, b := s.u, s.batches()
	ms := make([]ipv4.Message, batchDatagrams)
	for i := range ms {
		ms[i].Buffers = [][]byte{make([]byte, maxDatagram)}
		ms[i].OOB = make([]byte, oobSize)
	}
	flows := make([]capture.Flow, batchDatagrams)
	stray := 0
	for {
		n, err := b.ReadBatch(ms, 0)
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
		for i := range ms[:n] {
			m := &ms[i]
			flows[i] = capture.Flow{}
			from := udpAddr(m.Addr)
			at, count, counted, _ := parseOOB(m.OOB[:m.NN])
			if counted {
				s.dropped(count)
			}
			if only != nil && *only != from {
				u.filtered.Add(1)
				continue
			}
			flows[i] = capture.Flow{Proto: capture.UDP, Local: s.local, Remote: from}
			u.log.AppendAt(at, flows[i], capture.In, capture.Data, m.Buffers[0][:m.N], "")
			u.in.Add(1)
			u.bytesIn.Add(int64(m.N))
			u.peers.count(from, capture.In, m.N, at)
		}
		u.version.Add(1)
		u.obs.take()
		u.rec.Unlock()
		for i := range ms[:n] {
			if flows[i].Proto != 0 {
				u.obs.to.Data(flows[i], capture.In, ms[i].Buffers[0][:ms[i].N])
			}
		}
		u.obs.pass()
	}
}

// takeErrors tells what ICMP messages have said of datagrams that were sent, and returns how many.
func (s *udpSocket) takeErrors() (n int) {
	drainErrors(s.conn, func(to netip.AddrPort, payload []byte, err error) {
		n++
		s.u.sendErrors.Add(1)
		text := err.Error()
		if to.IsValid() {
			err = because("send to "+to.String(), err)
			text = err.Error()
		}
		s.u.note(capture.Flow{Proto: capture.UDP, Local: s.local, Remote: to}, text)
		s.u.tell(Event{Name: EventIOError, Remote: to, Err: err, Text: text})
	})
	return n
}
