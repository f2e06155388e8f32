package sessions

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"
)

const (
	everyAddress = "*"         // the host that stands for all addresses of this machine
	ownHost      = "127.0.0.1" // the host of an address without one
)

// ParseListen splits what a person types for a listener into host and port: "127.0.0.1:8087",
// "localhost:8087", "[::1]:8087" and every other form that [ParseTarget] reads, and
//
//	8087, :8087     127.0.0.1, because a listener stays on this machine unless told otherwise
//	*:8087          all addresses of this machine, IPv4 and IPv6; the host comes back as "*"
//	0.0.0.0:8087    all its IPv4 addresses
//	[::]:8087       all its IPv6 addresses
//
// and the same behind "server://". The port is 0 to 65535; 0 is one that is free. A name stands for the
// first of its addresses that is this machine's, IPv4 before IPv6. Errors say what to write instead.
func ParseListen(s string) (host string, port uint16, err error) {
	host, port, err = parseOwn(s, Server, "8087", checkListenAddr)
	if err == nil && host == "" {
		host = ownHost
	}
	return host, port, err
}

// parseOwn is what ParseListen and [ParseBind] have in common: a port alone, or an address of this machine and
// a port, behind the scheme of a kind or nothing. The host of a port alone is "". Errors have the example for a
// port, and check's refusal of an address as it is.
func parseOwn(s string, kind Kind, example string, check func(netip.Addr) error) (host string, port uint16, err error) {
	rest, err := cutScheme(kind, strings.TrimSpace(s))
	if err != nil {
		return "", 0, err
	}
	if rest == "" {
		return "", 0, fmt.Errorf("the address is missing: write a port, or address:port, for example %s, 127.0.0.1:%[1]s or *:%[1]s", example)
	}
	digits := rest
	if strings.Trim(rest, "+-0123456789") != "" {
		if host, digits, err = splitHostPort(rest); err != nil {
			return "", 0, err
		}
	}
	if port, err = parsePort(digits, rest, 0); err != nil {
		return "", 0, err
	}
	if host == "" || host == everyAddress {
		return host, port, nil
	}
	if host, err = checkHost(host, rest); err != nil {
		return "", 0, err
	}
	if a, err := netip.ParseAddr(host); err == nil {
		if err := check(a); err != nil {
			return "", 0, err
		}
	}
	return host, port, nil
}

// checkListenAddr refuses addresses that a system may let a listener have although no connection can
// come in there, and a zone that the system would ignore.
func checkListenAddr(a netip.Addr) error {
	plain := a.Unmap().WithZone("")
	switch {
	case plain.IsMulticast():
		return fmt.Errorf("%s is a multicast address, to which there are no connections: write an address of this machine", a)
	case plain == broadcast4:
		return fmt.Errorf("%s is the broadcast address, to which there are no connections: write an address of this machine, or *", a)
	case plain.IsUnspecified() && a.Zone() != "":
		return fmt.Errorf("%s stands for the addresses of all interfaces and cannot be limited to one: write an address of %s instead", a, a.Zone())
	}
	return nil
}

// listen makes the listener of a host and port that ParseListen returned.
//
// "*" is one socket for IPv4 and IPv6 where the system has both. A backlog of 1 or more is set where
// [setBacklog] can, else the system's maximum stands. A keepAlive of 0 sends no probes. Resolve finds
// the addresses of names; nil is the system's resolver. Errors wrap their cause.
func listen(ctx context.Context, host string, port uint16, backlog int, keepAlive time.Duration, resolve func(context.Context, string) ([]netip.Addr, error)) (net.Listener, error) {
	l := listenPlan{port, backlog, net.ListenConfig{KeepAlive: keepAlive}}
	if keepAlive == 0 {
		l.config.KeepAlive = -1 // net.ListenConfig's word for none
	}
	// Clients that speak Multipath TCP are answered in TCP: the FIN and RST of an MPTCP socket are not
	// those of the connection that a person wants to see.
	l.config.SetMultipathTCP(false)
	op := "listen on " + joinHostPort(host, port)
	if host == everyAddress {
		ln, err := l.listen(ctx, "tcp", "")
		return ln, l.explain(op, netip.Addr{}, err)
	}
	if a, err := netip.ParseAddr(host); err == nil {
		ln, err := l.at(ctx, a.Unmap())
		return ln, l.explain(op, a.Unmap(), err)
	}
	return l.named(ctx, op, host, resolve)
}

// listenPlan is what the addresses that are tried have in common.
type listenPlan struct {
	port    uint16
	backlog int
	config  net.ListenConfig
}

func (l *listenPlan) listen(ctx context.Context, network, host string) (net.Listener, error) {
	ln, err := l.config.Listen(ctx, network, joinHostPort(host, l.port))
	if err != nil {
		return nil, err
	}
	if l.backlog > 0 {
		if err := setBacklog(ln, l.backlog); err != nil {
			_ = ln.Close()
			return nil, err
		}
	}
	return ln, nil
}

// at listens on one address, or on all of its family.
func (l *listenPlan) at(ctx context.Context, a netip.Addr) (net.Listener, error) {
	if err := checkListenAddr(a); err != nil {
		return nil, &explained{err.Error(), err}
	}
	if err := checkZone(a); err != nil {
		return nil, &explained{err.Error(), err}
	}
	network := "tcp6" // with "tcp" Go would make [::] and 0.0.0.0 the same
	if a.Is4() {
		network = "tcp4"
	}
	return l.listen(ctx, network, a.String())
}

// named listens on the first address of a name that is this machine's, IPv4 before IPv6.
func (l *listenPlan) named(ctx context.Context, op, host string, resolve func(context.Context, string) ([]netip.Addr, error)) (net.Listener, error) {
	looking, cancel := context.WithTimeout(ctx, defaultConnectTimeout)
	defer cancel()
	found, err := (&dialer{target: target{host: host}, resolve: resolve}).addresses(looking)
	if err != nil {
		if errors.Is(ctx.Err(), context.Canceled) {
			err = context.Canceled
		}
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	slices.SortStableFunc(found, func(a, b netip.Addr) int { return a.BitLen() - b.BitLen() })
	var errs []error
	var texts []string
	for _, a := range found {
		// A name server that blocks names gives them the address 0.0.0.0, and nobody who writes a name
		// means to listen everywhere.
		if a.IsUnspecified() {
			texts = append(texts, a.String())
			continue
		}
		ln, err := l.at(ctx, a)
		if err == nil {
			return ln, nil
		}
		var refused *explained
		if !errors.As(err, &refused) && !errors.Is(err, errAddrNotAvail) && !errors.Is(err, errNoFamily) {
			return nil, l.explain(op+" ("+a.String()+")", a, err)
		}
		texts, errs = append(texts, a.String()), append(errs, err)
	}
	if len(texts) > mostListed {
		texts = append(texts[:mostListed], "...")
	}
	text := fmt.Sprintf("none of the addresses of this name is this machine's: %s (write one that is, or * for all)", strings.Join(texts, ", "))
	return nil, &reasonError{op, text, errors.Join(errs...)}
}

// explain puts in words why there is no listener on a, or on any address when a is invalid; nil stays nil.
func (l *listenPlan) explain(op string, a netip.Addr, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errAddrInUse):
		return &reasonError{op, portInUse(a, l.port), err}
	case errors.Is(err, errAccess), errors.Is(err, errPerm):
		return &reasonError{op, portDenied(l.port), err}
	case errors.Is(err, errAddrNotAvail):
		return &reasonError{op, addressGone(a), err}
	case errors.Is(err, errNoFamily):
		return &reasonError{op, "this machine has no IPv6 (it is switched off; write an IPv4 address, or * for all there are)", err}
	}
	if text, hint, ok := tooMany(err); ok {
		return &reasonError{op, text + " (" + hint + ")", err}
	}
	return because(op, err)
}

// portInUse says who has the port, if that can be known.
func portInUse(a netip.Addr, port uint16) string {
	if port == 0 {
		return "no port is free there (name one, or end programs that have many)"
	}
	switch name, pid, own := portHolder(a, port); {
	case own:
		return fmt.Sprintf("port %d is in use by Wirebench itself (stop that listener, or choose another port; 0 is any that is free)", port)
	case pid != 0:
		return fmt.Sprintf("port %d is in use by %s, process %d (end it, or choose another port; 0 is any that is free)", port, name, pid)
	}
	return fmt.Sprintf("port %d is in use by another program (%s tells which; choose another port, 0 is any that is free)", port, whoHasPort(port))
}

// addressGone says which addresses there are instead of a.
func addressGone(a netip.Addr) string {
	all, err := Interfaces()
	if err != nil || !a.IsValid() {
		return "the address is not one of this machine's"
	}
	if slices.ContainsFunc(all, func(i Interface) bool { return i.has(a) }) {
		return fmt.Sprintf("%s cannot be used now (its interface is down, or the system still looks whether another machine has it; try again in a moment)", a)
	}
	list := addressList(all, a)
	switch {
	case list == "" && a.Is6():
		return "no interface of this machine has an IPv6 address (IPv6 is switched off; write an IPv4 address, or * for all there are)"
	case list == "":
		return "no interface of this machine has an IPv4 address (write an IPv6 address, or * for all there are)"
	}
	return fmt.Sprintf("%s is not an address of this machine (it has %s; * is all)", a, list)
}
