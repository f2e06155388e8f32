package sessions

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"wirebench/sessions/capture"
)

// What can be changed while the socket is bound. None of it may be called from inside an Observer.

// Configure replaces the configuration, for the next Start. While the socket is bound, it returns [ErrLive] if
// anything else than Target, Connect, Broadcast, TTL, Groups or how groups are sent to is new; those act at once. What
// fails then is in the error, a [*ConfigError] where it names a field, and stays as it was; the rest holds. It waits
// for a target's name to be resolved, if that is new, until the socket is closed.
func (u *UDPSession) Configure(c UDPConfig) error {
	c.Groups = slices.Clone(c.Groups)
	u.mu.Lock()
	s, before := u.cur, u.config
	switch {
	case u.gone:
		u.mu.Unlock()
		return fmt.Errorf("configure: %w", ErrClosed)
	case s == nil || !s.state.Live() || s.ctx.Err() != nil:
		u.config = c
		u.aims++
		u.mu.Unlock()
		return nil
	case s.state != Open || !sameBinding(c, before):
		u.mu.Unlock()
		return fmt.Errorf("configure: %w; unbind first", ErrLive)
	}
	u.mu.Unlock()
	if err := c.Check(); err != nil {
		return err
	}
	errs := s.choose(c, before)
	errs = append(errs, s.regroup(c.Groups, before.Groups)...)
	if c.Target != before.Target || c.Connect != before.Connect {
		errs = append(errs, u.SetTarget(s.ctx, c.Target, c.Connect))
	}
	u.version.Add(1)
	return errors.Join(errs...)
}

// sameBinding reports whether two configurations differ in nothing but what Configure changes on a socket
// that is bound.
func sameBinding(a, b UDPConfig) bool {
	return a.Address == b.Address && a.ReuseAddress == b.ReuseAddress && a.ReceiveBuffer == b.ReceiveBuffer
}

// choose sets on a socket that is bound what it sends with.
func (s *udpSocket) choose(c, before UDPConfig) (errs []error) {
	u := s.u
	u.live.Lock()
	defer u.live.Unlock()
	if c.MulticastInterface != before.MulticastInterface || c.MulticastTTL != before.MulticastTTL || c.MulticastLoop != before.MulticastLoop {
		if err := s.groupd.set(c.MulticastTTL, c.MulticastLoop, c.MulticastInterface); err != nil {
			errs = append(errs, &ConfigError{Field: "MulticastInterface", Value: c.MulticastInterface, Problem: err.Error()})
		} else {
			s.ways.forget()
			u.mu.Lock()
			to := s.remote
			u.config.MulticastInterface, u.config.MulticastTTL, u.config.MulticastLoop = c.MulticastInterface, c.MulticastTTL, c.MulticastLoop
			u.mu.Unlock()
			mtu := s.mtuTo(to)
			u.mu.Lock()
			if s.remote == to {
				s.mtu = mtu
			}
			u.mu.Unlock()
		}
	}
	if c.Broadcast != before.Broadcast || c.TTL != before.TTL {
		if err := setChoices(s.conn, c); err != nil {
			errs = append(errs, because("set broadcast and TTL", err))
		} else {
			u.mu.Lock()
			u.config.Broadcast, u.config.TTL = c.Broadcast, c.TTL
			u.mu.Unlock()
		}
	}
	return errs
}

// regroup leaves the groups that are no more in a list, and joins those that are new in it.
func (s *udpSocket) regroup(want, before []Group) (errs []error) {
	without := func(list, out []Group) (rest []Group) {
		for _, g := range list {
			if !slices.ContainsFunc(out, func(o Group) bool { return o.plain() == g.plain() }) {
				rest = append(rest, g)
			}
		}
		return rest
	}
	joined := s.groupd.groups()
	for _, g := range without(before, want) {
		if !slices.Contains(joined, g.plain()) {
			s.u.listGroup(g, false) // it could not be joined
			continue
		}
		errs = append(errs, s.leave(g))
	}
	for _, g := range without(want, before) {
		if !slices.Contains(joined, g.plain()) {
			errs = append(errs, s.join(g))
		}
	}
	return errs
}

// Join makes the socket a member of a group, until it leaves or is closed, and of every later one of the session.
func (u *UDPSession) Join(g Group) error {
	s, err := u.socket("join " + g.String())
	if err != nil {
		return err
	}
	return s.join(g)
}

func (s *udpSocket) join(g Group) error {
	if err := s.groupd.join(g); err != nil {
		return groupFault(g, err)
	}
	s.u.listGroup(g, true)
	s.say("joined " + g.String())
	return nil
}

// Leave ends a membership.
func (u *UDPSession) Leave(g Group) error {
	s, err := u.socket("leave " + g.String())
	if err != nil {
		return err
	}
	return s.leave(g)
}

func (s *udpSocket) leave(g Group) error {
	if err := s.groupd.leave(g); err != nil {
		return groupFault(g, err)
	}
	s.u.listGroup(g, false)
	s.say("left " + g.String())
	return nil
}

// groupFault is an error of joining or leaving, as one of the field Groups.
func groupFault(g Group, err error) error {
	return &explained{err.Error(), errors.Join(&ConfigError{Field: "Groups", Value: g.String(), Problem: err.Error()}, err)}
}

// listGroup puts a group into the configuration, or takes it out.
func (u *UDPSession) listGroup(g Group, in bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	at := slices.IndexFunc(u.config.Groups, func(x Group) bool { return x.plain() == g.plain() })
	switch {
	case in && at < 0:
		u.config.Groups = append(slices.Clip(u.config.Groups), g)
	case !in && at >= 0:
		u.config.Groups = slices.Delete(slices.Clone(u.config.Groups), at, at+1)
	}
}

// SetTarget changes where Send goes and, with connect, whom alone to hear. "" is nowhere. While the socket is bound,
// it waits for names to be resolved, and does nothing if ctx ends or another target is set meanwhile.
func (u *UDPSession) SetTarget(ctx context.Context, to string, connect bool) error {
	if strings.TrimSpace(to) == "" {
		to = ""
	}
	u.mu.Lock()
	if err := ctx.Err(); err != nil { // whoever asks later has precedence
		u.mu.Unlock()
		return err
	}
	u.aims++
	mine := u.aims
	u.mu.Unlock()
	for {
		s, local, err := u.boundNow()
		if err != nil {
			return fmt.Errorf("set the target: %w", err)
		}
		addr, err := u.target(ctx, s, local, to, connect)
		if err != nil {
			return err
		}
		mtu := 0
		if s != nil {
			mtu = s.mtuTo(addr)
		}
		u.mu.Lock()
		now, _, err := u.boundNowLocked()
		switch {
		case err == nil && ctx.Err() != nil:
			err = ctx.Err()
		case err == nil && u.aims != mine:
			err = fmt.Errorf("target %s: %w: another was set meanwhile", to, ErrCancelled)
		case err == nil && now != s: // it was found for another socket
			u.mu.Unlock()
			continue
		}
		if err != nil {
			u.mu.Unlock()
			return err
		}
		u.config.Target, u.config.Connect = to, connect
		if s == nil {
			u.mu.Unlock()
			return nil // the next one to be bound looks it up
		}
		same := s.remote == addr && (u.only.Load() != nil) == connect
		s.setRemote(addr, mtu, connect)
		u.mu.Unlock()
		u.version.Add(1)
		if !same {
			s.sayTarget(addr, connect)
		}
		return nil
	}
}

// boundNow returns the socket if it is bound, else nil, and where; of one that carries both versions of IP the address
// is not valid. The error is that the session is closed.
func (u *UDPSession) boundNow() (*udpSocket, netip.Addr, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.boundNowLocked()
}

func (u *UDPSession) boundNowLocked() (*udpSocket, netip.Addr, error) {
	s := u.cur
	switch {
	case u.gone:
		return nil, netip.Addr{}, ErrClosed
	case s == nil || s.state != Open:
		return nil, netip.Addr{}, nil
	case s.four && s.v6:
		return s, netip.Addr{}, nil
	}
	return s, s.local.Addr(), nil
}

// target looks a target up for a socket; without one it only checks how it is written.
func (u *UDPSession) target(ctx context.Context, s *udpSocket, local netip.Addr, to string, connect bool) (netip.AddrPort, error) {
	switch {
	case to == "" && connect:
		return netip.AddrPort{}, &ConfigError{Field: "Target", Problem: noneToConnect}
	case to == "":
		return netip.AddrPort{}, nil
	case s != nil:
		return u.resolve(ctx, to, local, connect)
	}
	c := UDPConfig{Address: u.Config().Address, Target: to, Connect: connect}
	err := c.Check()
	var bad *ConfigError
	if errors.As(err, &bad) && bad.Field == "Address" {
		err = nil // that is said when it is bound
	}
	return netip.AddrPort{}, err
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

// sayTarget says what the target is now.
func (s *udpSocket) sayTarget(to netip.AddrPort, connect bool) {
	text := "target is " + to.String()
	switch {
	case !to.IsValid():
		text = "no target"
	case connect:
		text += ", and only its datagrams are taken"
	}
	s.u.note(capture.Flow{}, text)
	s.tell(Event{Name: EventState, Remote: to, Text: text})
}

// say records and tells what happened to the socket.
func (s *udpSocket) say(text string) {
	s.u.note(capture.Flow{}, text)
	s.tell(Event{Name: EventState, Text: text})
}
