package sessions

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"wirebench/sessions/capture"
)

// ErrNoTarget is returned by Send when no target is set.
var ErrNoTarget = errors.New("no target is set")

// Resolve returns the address that a target stands for, of the family that the socket has.
func (u *UDPSession) Resolve(ctx context.Context, to string) (netip.AddrPort, error) {
	u.mu.Lock()
	var local netip.Addr
	if s := u.cur; s != nil && s.state == Open {
		local = s.local.Addr()
		if s.four && s.v6 {
			local = netip.Addr{}
		}
	}
	u.mu.Unlock()
	return u.resolve(ctx, to, local)
}

// resolve is Resolve for a socket that is bound, or will be, to local; an invalid one carries both families.
func (u *UDPSession) resolve(ctx context.Context, to string, local netip.Addr) (netip.AddrPort, error) {
	host, port, err := ParseTargetOf(UDP, to)
	if err != nil {
		return netip.AddrPort{}, &ConfigError{Field: "Target", Value: to, Problem: err.Error()}
	}
	local = local.Unmap()
	v4, v6 := local.Is4(), local.Is6()
	ctx, cancel := context.WithTimeout(ctx, defaultConnectTimeout)
	defer cancel()
	all, err := (&dialer{target: target{host: host}, resolve: u.opts.Resolve}).addresses(ctx)
	if err != nil {
		return netip.AddrPort{}, err
	}
	for _, a := range all {
		a = a.Unmap()
		if v4 && !a.Is4() || v6 && a.Is4() {
			continue
		}
		return netip.AddrPortFrom(a, port), nil
	}
	return netip.AddrPort{}, &ConfigError{Field: "Target", Value: to, Problem: otherFamily(host, local).Error()}
}

// otherFamily is why a target cannot be reached from a socket that is bound to local.
func otherFamily(host string, local netip.Addr) error {
	have, want := "IPv6", "an IPv4"
	if local.Unmap().Is6() {
		have, want = "IPv4", "an IPv6"
	}
	what := "has only " + have + " addresses"
	if isLiteral(host) {
		what = "is an " + have + " address"
	}
	return fmt.Errorf("%s %s, and the socket is bound to %s, %s one: bind to *, or write another target", host, what, local, want)
}

// SetTarget changes where Send goes and, with connect, whom alone to hear, while the socket is bound. ""
// is nowhere. It waits for names to be resolved.
func (u *UDPSession) SetTarget(ctx context.Context, to string, connect bool) error {
	var addr netip.AddrPort
	if to != "" {
		var err error
		if addr, err = u.Resolve(ctx, to); err != nil {
			return err
		}
	} else if connect {
		return &ConfigError{Field: "Target", Problem: "there is no target whose datagrams alone could be taken: write host:port"}
	}
	mtu := 0
	if s, err := u.socket("target"); err == nil {
		mtu = s.mtuTo(addr)
	}
	u.mu.Lock()
	if err := ctx.Err(); err != nil { // another target may have been set since
		u.mu.Unlock()
		return err
	}
	u.config.Target, u.config.Connect = to, connect
	s := u.cur
	if s == nil || s.state != Open {
		u.mu.Unlock()
		return nil
	}
	only := u.only.Load()
	same := s.remote == addr && (only != nil) == connect
	s.setRemote(addr, mtu, connect)
	u.mu.Unlock()
	u.version.Add(1)
	if same {
		return nil
	}
	text := "target is " + addr.String()
	switch {
	case !addr.IsValid():
		text = "no target"
	case connect:
		text += ", and only its datagrams are taken"
	}
	u.note(capture.Flow{}, text)
	s.tell(Event{Name: EventState, Remote: addr, Text: text})
	return nil
}

// mtuTo returns the MTU of the way to an address, 0 if it is not known.
func (s *udpSocket) mtuTo(to netip.AddrPort) int {
	if !to.IsValid() {
		return 0
	}
	return s.groupd.mtu(s.local, to)
}

// setRemote makes to the target, and the only one to be heard if connect is set. u.mu is held.
func (s *udpSocket) setRemote(to netip.AddrPort, mtu int, connect bool) {
	s.remote, s.mtu = to, mtu
	if connect && to.IsValid() {
		s.u.only.Store(&to)
	} else {
		s.u.only.Store(nil)
	}
}

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
	if !to.IsValid() {
		return fmt.Errorf("send %s: %w", countBytes(int64(len(p))), ErrNoTarget)
	}
	return s.send(to, p)
}

// SendTo is Send to an address of its own. While Connect is on, only the target is one.
func (u *UDPSession) SendTo(to netip.AddrPort, p []byte) error {
	s, err := u.socket("send " + countBytes(int64(len(p))) + " to " + to.String())
	if err != nil {
		return err
	}
	if only := u.only.Load(); only != nil && *only != to {
		return fmt.Errorf("send to %s: only %s is talked to at the moment (switch that off first)", to, only)
	}
	return s.send(to, p)
}

// send sends one datagram and records it.
func (s *udpSocket) send(to netip.AddrPort, p []byte) error {
	op := "send " + countBytes(int64(len(p))) + " to " + to.String()
	if err := checkDatagram(op, to, len(p)); err != nil {
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
	if err != nil {
		u.sendErrors.Add(1)
		err = because(op, s.groupd.sendFault(to.Addr(), err))
		u.note(flow, err.Error())
		u.version.Add(1)
	} else {
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

// checkDatagram refuses what cannot be a datagram.
func checkDatagram(op string, to netip.AddrPort, n int) error {
	most, family := MaxDatagram(to), "IPv4"
	if most == mostDatagram6 {
		family = "IPv6"
	}
	switch {
	case to.Port() == 0:
		return fmt.Errorf("%s: port 0 is no port: write 1 to 65535", op)
	case n > most:
		return fmt.Errorf("%s: that is too much: a datagram over %s has at most %s bytes (send it in pieces)", op, family, thousands(int64(most)))
	}
	return nil
}

// Join makes the socket a member of a group, until it leaves or is closed.
func (u *UDPSession) Join(g Group) error {
	s, err := u.socket("join " + g.String())
	if err != nil {
		return err
	}
	if err := s.groupd.join(g); err != nil {
		return err
	}
	u.mu.Lock()
	s.groups = append(s.groups, g)
	u.mu.Unlock()
	u.note(capture.Flow{}, "joined "+g.String())
	s.tell(Event{Name: EventState, Text: "joined " + g.String()})
	return nil
}

// Leave ends a membership.
func (u *UDPSession) Leave(g Group) error {
	s, err := u.socket("leave " + g.String())
	if err != nil {
		return err
	}
	if err := s.groupd.leave(g); err != nil {
		return err
	}
	u.mu.Lock()
	for i, x := range s.groups {
		if x == g {
			s.groups = append(s.groups[:i:i], s.groups[i+1:]...)
			break
		}
	}
	u.mu.Unlock()
	u.note(capture.Flow{}, "left "+g.String())
	s.tell(Event{Name: EventState, Text: "left " + g.String()})
	return nil
}
