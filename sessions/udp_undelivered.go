package sessions

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"wirebench/sessions/capture"
)

// undelivered is a datagram that was sent and that the network gave up, as an ICMP message says.
type undelivered struct {
	to      netip.AddrPort // the port is 0 where the system does not tell it
	payload []byte         // its start, as far as that came back
	at      time.Time      // when the message came; zero if that is not known
	err     error          // why, in words
}

// mayBeICMP reports whether an error of a send or receive may be about a datagram that was sent before. A send
// that returns one has sent nothing.
func mayBeICMP(err error) bool {
	for _, e := range icmpErrors {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// takeErrors tells what ICMP messages have said of datagrams that were sent, and returns how many.
func (s *udpSocket) takeErrors() int {
	u := s.u
	u.rec.Lock()
	told := s.noteErrors(nil)
	if len(told) == 0 {
		u.rec.Unlock()
		return 0
	}
	u.obs.take()
	u.rec.Unlock()
	s.tellAll(told)
	u.obs.pass()
	return len(told)
}

// noteErrors records and counts what takeErrors tells, and appends it to events. u.rec is held: whoever was sending
// has recorded that before.
func (s *udpSocket) noteErrors(events []Event) []Event {
	u := s.u
	drainErrors(s.conn, func(e undelivered) {
		u.sendErrors.Add(1)
		op, local := "send to "+e.to.String(), s.local
		if sent, ok := s.recent.find(e.to, e.payload, e.at); ok {
			op = fmt.Sprintf("send %s to %s", countBytes(int64(sent.n)), sent.to)
			if sent.number > 0 {
				op += fmt.Sprintf(" (record %s)", thousands(sent.number))
			}
			e.to, local = sent.to, sent.local
		} else if e.to.IsValid() {
			local = s.localFor(e.to)
		}
		err := because(op, e.err)
		u.note(capture.Flow{Proto: capture.UDP, Local: local, Remote: e.to}, err.Error())
		events = append(events, Event{Name: EventIOError, Remote: e.to, Err: err, Text: err.Error()})
	})
	return events
}

// recentSends remembers the last datagrams that were sent one at a time, for the ICMP messages that may come
// back. Its zero value is ready; u.rec is held by all who use it.
type recentSends struct {
	list [64]recentSend
	next int
}

// recentSend is one of them.
type recentSend struct {
	number    int64 // of its record; 0 if it has none
	at        time.Time
	local, to netip.AddrPort
	n         int      // bytes
	head      [32]byte // the first of them
	told      bool     // an ICMP message was about it
}

// recentFor is how long after a datagram an ICMP message may still be about it.
const recentFor = 10 * time.Second

func (r *recentSends) add(s recentSend, p []byte) {
	s.n = len(p)
	copy(s.head[:], p)
	r.list[r.next%len(r.list)] = s
	r.next++
}

// find returns the datagram that an ICMP message is about, which came at a time: the newest one to an address that
// was sent before and begins with payload, as far as that came back. Of several that are the same, each is found once.
func (r *recentSends) find(to netip.AddrPort, payload []byte, at time.Time) (recentSend, bool) {
	for i := range min(r.next, len(r.list)) {
		e := &r.list[(r.next-1-i)%len(r.list)]
		if e.told || e.to.Addr().WithZone("") != to.Addr().WithZone("") || to.Port() != 0 && e.to.Port() != to.Port() || len(payload) > e.n {
			continue
		}
		if past := at.Sub(e.at); !at.IsZero() && (past < 0 || past > recentFor) {
			continue
		}
		if n := min(len(payload), len(e.head)); bytes.Equal(payload[:n], e.head[:n]) {
			e.told = true
			return *e, true
		}
	}
	return recentSend{}, false
}
