package sessions

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"
)

// leastShare is the least time an address of a name is given, however many there are, as long as the
// whole timeout has that much left.
const leastShare = 2 * time.Second

// dialer connects to the first address of a host that answers.
type dialer struct {
	target
	dial    func(ctx context.Context, network, address string) (net.Conn, error)
	resolve func(ctx context.Context, host string) ([]netip.Addr, error)
	clock   func() time.Time
	failed  func(a Attempt, more bool) // told of each failed attempt, before the next one
}

// run resolves the host and tries its addresses in turn. The attempts come back in order; the last one
// is the one that succeeded when err is nil.
func (d *dialer) run(ctx context.Context) (net.Conn, []Attempt, error) {
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	name := joinHostPort(d.host, d.port)
	addrs, err := d.addresses(ctx)
	if err != nil {
		if errors.Is(ctx.Err(), context.Canceled) {
			err = context.Canceled
		}
		return nil, nil, fmt.Errorf("connect %s: %w", name, err)
	}
	var attempts []Attempt
	for i, a := range addrs {
		to := netip.AddrPortFrom(a, d.port)
		began := d.clock()
		conn, share, err := d.one(ctx, to, len(addrs)-i)
		at := Attempt{Addr: to, Took: d.clock().Sub(began)}
		if err == nil {
			return conn, append(attempts, at), nil
		}
		if errors.Is(ctx.Err(), context.Canceled) {
			return nil, attempts, fmt.Errorf("connect %s: %w", name, context.Canceled)
		}
		at.Err = d.explain(to, err, share)
		attempts = append(attempts, at)
		more := i+1 < len(addrs) && ctx.Err() == nil
		if len(addrs) > 1 {
			d.failed(at, more)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, attempts, d.allFailed(name, len(addrs), attempts)
}

// addresses returns the addresses of the host, unmapped and without repetitions.
func (d *dialer) addresses(ctx context.Context) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(d.host); err == nil {
		return []netip.Addr{a.Unmap()}, nil
	}
	resolve := d.resolve
	if resolve == nil {
		resolve = systemResolve
	}
	found, err := resolve(ctx, d.host)
	if err != nil {
		return nil, because("resolve "+d.host, err)
	}
	var addrs []netip.Addr
	seen := make(map[netip.Addr]bool)
	for _, a := range found {
		if a = a.Unmap(); a.IsValid() && !seen[a] {
			seen[a] = true
			addrs = append(addrs, a)
		}
	}
	if len(addrs) == 0 {
		return nil, because("resolve "+d.host, &net.DNSError{Err: "no addresses", Name: d.host, IsNotFound: true})
	}
	return addrs, nil
}

// one makes one attempt, within its share of the time that is left for this many addresses.
func (d *dialer) one(ctx context.Context, to netip.AddrPort, left int) (conn net.Conn, share time.Duration, err error) {
	if l := d.local.Addr(); l.IsValid() && !sameFamily(l, to.Addr()) {
		return nil, 0, fmt.Errorf("the local address %s is %s and this one is %s", l, family(l), family(to.Addr()))
	}
	end, _ := ctx.Deadline() // run has set one
	whole := time.Until(end)
	share = max(whole/time.Duration(left), min(leastShare, whole))
	ctx, cancel := context.WithTimeout(ctx, share)
	defer cancel()
	conn, err = d.dial(ctx, "tcp", to.String())
	return conn, share, err
}

// explain says why one address could not be reached within the time it was given.
func (d *dialer) explain(to netip.AddrPort, err error, share time.Duration) error {
	op := "connect " + to.String()
	if timedOut(err) || errors.Is(err, context.DeadlineExceeded) {
		return &reasonError{op, fmt.Sprintf("no answer within %s (the host is off, or a firewall drops the packets)", roundTime(share)), err}
	}
	if d.local.IsValid() || d.local.Port() != 0 {
		switch {
		case errors.Is(err, errAddrInUse):
			return &reasonError{op + " from " + localText(d.local), "the local address is in use (by another program, or by a connection closed a moment ago; choose another local port, or none)", err}
		case errors.Is(err, errAddrNotAvail):
			return &reasonError{op + " from " + localText(d.local), "the local address is not one of this machine's, or its port is taken for this peer", err}
		case errors.Is(err, errAccess), errors.Is(err, errPerm):
			return &reasonError{op + " from " + localText(d.local), "permission denied (ports below 1024 may need a privileged user; a firewall may forbid the connection)", err}
		}
	}
	return because(op, err)
}

// allFailed is the error of a host none of whose addresses could be reached.
func (d *dialer) allFailed(name string, known int, attempts []Attempt) error {
	last := attempts[len(attempts)-1].Err
	if known == 1 {
		if name == attempts[0].Addr.String() {
			return last
		}
		return fmt.Errorf("connect %s: %w", name, last)
	}
	var t strings.Builder
	errs := make([]error, 0, len(attempts))
	for i, a := range attempts {
		if i > 0 {
			t.WriteString("; ")
		}
		t.WriteString(strings.TrimPrefix(a.Err.Error(), "connect "))
		errs = append(errs, a.Err)
	}
	if untried := known - len(attempts); untried > 0 {
		fmt.Fprintf(&t, "; no time was left for %d more", untried)
	}
	return &reasonError{"connect " + name, fmt.Sprintf("none of its %d addresses could be reached: %s", known, t.String()), errors.Join(errs...)}
}

// localText writes a local address that may have only a port.
func localText(l netip.AddrPort) string {
	if !l.Addr().IsValid() {
		return fmt.Sprintf(":%d", l.Port())
	}
	return l.String()
}

func systemResolve(ctx context.Context, host string) ([]netip.Addr, error) {
	return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
}

// systemDial returns the Dial of a session that was given none.
func systemDial(local netip.AddrPort, keepAlive time.Duration) func(context.Context, string, string) (net.Conn, error) {
	d := &net.Dialer{KeepAlive: keepAlive}
	if keepAlive == 0 {
		d.KeepAlive = -1 // net.Dialer's word for none
	}
	if local.IsValid() || local.Port() != 0 {
		l := &net.TCPAddr{Port: int(local.Port())}
		if a := local.Addr(); a.IsValid() {
			l.IP, l.Zone = a.AsSlice(), a.Zone()
		}
		d.LocalAddr = l
		if local.Port() != 0 {
			d.ControlContext = reuseLocalPort
		}
	}
	return d.DialContext
}
