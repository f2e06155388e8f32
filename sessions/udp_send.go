package sessions

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"wirebench/sessions/capture"
)

// ErrNoTarget is returned by Send when no target is set.
var ErrNoTarget = errors.New("no target is set")

// Send sends p as one datagram to the target. It returns once the system has taken it, which does not
// wait for the peer, and with an error when it did not: then nothing was sent and nothing is recorded as
// sent. It must not be called from inside an Observer.
func (u *UDPSession) Send(p []byte) error {
	s, err := u.socket("send " + countBytes(int64(len(p))))
	if err != nil {
		return err
	}
	u.mu.Lock()
	to := s.remote
	u.mu.Unlock()
	return s.send(to, p)
}

// SendTo is Send to an address of its own. While Connect is on, only the target is one.
func (u *UDPSession) SendTo(to netip.AddrPort, p []byte) error {
	s, err := u.socket("send " + countBytes(int64(len(p))) + " to " + to.String())
	if err != nil {
		return err
	}
	return s.send(to, p)
}

// send sends one datagram and records it.
func (s *udpSocket) send(to netip.AddrPort, p []byte) error {
	op := "send " + countBytes(int64(len(p)))
	if to.IsValid() {
		op += " to " + to.String()
	}
	to, err := s.aim(op, to, len(p))
	if err != nil {
		return err
	}
	u := s.u
	u.rec.Lock()
	at := u.opts.Clock() // an answer has the system's time, and is not to come before
	from, err := s.write(to, p)
	var told []Event
	for tries := 1; mayBeICMP(err) && tries < mostTries; tries++ {
		// Then the system tells of an earlier datagram, and has not sent this one.
		before := len(told)
		told = s.noteErrors(told)
		if len(told) == before && tries > 1 && !errors.Is(err, errRefused) {
			break
		}
		at = u.opts.Clock()
		from, err = s.write(to, p)
	}
	flow := capture.Flow{Proto: capture.UDP, Local: from, Remote: to}
	switch {
	case err != nil && s.ctx.Err() != nil:
		err = fmt.Errorf("%s: %w any more", op, ErrNotOpen)
	case err != nil:
		u.sendErrors.Add(1)
		err = because(op, s.unsent(to.Addr(), err))
		u.note(flow, err.Error())
		u.version.Add(1)
	default:
		s.sent(at, flow, p)
	}
	u.obs.take()
	u.rec.Unlock()
	s.tellAll(told)
	if err == nil {
		u.obs.to.Data(flow, capture.Out, p)
	}
	u.obs.pass()
	return err
}

// mostTries is how often a datagram is tried at most where the system goes on telling of earlier ones instead.
const mostTries = 64

// sent records and counts a datagram that the system has taken. The caller holds rec.
func (s *udpSocket) sent(at time.Time, flow capture.Flow, p []byte) {
	u := s.u
	number := u.log.AppendAt(at, flow, capture.Out, capture.Data, p, "")
	s.recent.add(recentSend{number: number, at: at, local: flow.Local, to: flow.Remote}, p)
	u.out.Add(1)
	u.bytesOut.Add(int64(len(p)))
	u.peers.count(flow.Remote, capture.Out, len(p), at)
	u.version.Add(1)
}

// sentAll is sent for several of the same length.
func (s *udpSocket) sentAll(list []capture.Datagram) {
	u := s.u
	u.log.AppendDatagrams(capture.Out, list)
	u.out.Add(int64(len(list)))
	u.bytesOut.Add(int64(len(list) * len(list[0].Payload)))
	u.peers.countAll(capture.Out, list)
	u.version.Add(1)
}
