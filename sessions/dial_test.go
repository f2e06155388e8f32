package sessions

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"
)

// failing starts a session that cannot connect and returns it when it has given up.
func failing(t *testing.T, c TCPConfig, o Options) (*TCPSession, *watch) {
	t.Helper()
	s, w := session(t, c, o)
	start(t, s)
	awaitDone(t, "the end of connecting", s.Done())
	if s.State() != Failed {
		t.Fatalf("state %v; want failed", s.State())
	}
	return s, w
}

// closedPort returns a loopback address where nothing listens.
func closedPort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestARefusedConnectionSaysThatNothingListens(t *testing.T) {
	c := DefaultTCP()
	c.Address = closedPort(t)
	s, w := failing(t, c, Options{})
	want := "connect " + c.Address + ": connection refused (nothing listens there)"
	e := w.named(t, EventIOError)
	if e.Err.Error() != want || e.State != Failed || !errors.Is(e.Err, errRefused) {
		t.Errorf("event %+v; want %q", e, want)
	}
	i := s.Info()
	if i.Err.Error() != want || len(i.Attempts) != 1 || i.Attempts[0].Err == nil || i.Attempts[0].Addr.String() != c.Address {
		t.Errorf("info %+v", i)
	}
	if got := story(records(t, s)); len(got) != 1 || got[0] != "out note: "+want {
		t.Errorf("capture tells %q", got)
	}
}

// script answers dials in turn and remembers what was dialled.
type script struct {
	answers map[string]error // nil error: connect to real
	real    string
	dialled []string
	left    []time.Duration // of the context of each
}

func (d *script) dial(ctx context.Context, network, address string) (net.Conn, error) {
	d.dialled = append(d.dialled, address)
	if end, ok := ctx.Deadline(); ok {
		d.left = append(d.left, time.Until(end))
	}
	if err := d.answers[address]; errors.Is(err, context.DeadlineExceeded) {
		<-ctx.Done()
		return nil, &net.OpError{Op: "dial", Net: network, Err: os.ErrDeadlineExceeded}
	} else if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: os.NewSyscallError("connect", err)}
	}
	return new(net.Dialer).DialContext(ctx, network, d.real)
}

func resolves(to ...string) func(context.Context, string) ([]netip.Addr, error) {
	return func(context.Context, string) ([]netip.Addr, error) {
		var a []netip.Addr
		for _, s := range to {
			a = append(a, netip.MustParseAddr(s))
		}
		return a, nil
	}
}

func TestTheSecondAddressOfANameIsTriedWhenTheFirstRefuses(t *testing.T) {
	d := &script{answers: map[string]error{"192.0.2.1:7": errRefused}, real: echoServer(t)}
	c := DefaultTCP()
	c.Address = "two.example:7"
	s, w := session(t, c, Options{Dial: d.dial, Resolve: resolves("192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2")})
	start(t, s)
	w.named(t, EventConnect)
	if got := strings.Join(d.dialled, " "); got != "192.0.2.1:7 192.0.2.2:7" {
		t.Errorf("dialled %s", got)
	}
	i := s.Info()
	if len(i.Attempts) != 2 || i.Attempts[0].Err == nil || i.Attempts[1].Err != nil {
		t.Errorf("attempts %+v", i.Attempts)
	}
	got := story(records(t, s))
	if want := "out note: connect 192.0.2.1:7: connection refused (nothing listens there); trying the next address"; got[0] != want {
		t.Errorf("capture begins with %q; want %q", got[0], want)
	}
	if len(d.left) != 2 || d.left[0] > 11*time.Second || d.left[1] < 15*time.Second {
		t.Errorf("the addresses were given %v of 20 s; want half, then the rest", d.left)
	}
}

func TestEveryAddressThatFailedIsNamed(t *testing.T) {
	d := &script{answers: map[string]error{"192.0.2.1:7": errRefused, "[2001:db8::1]:7": errNetUnreach}}
	c := DefaultTCP()
	c.Address = "two.example:7"
	s, _ := failing(t, c, Options{Dial: d.dial, Resolve: resolves("192.0.2.1", "2001:db8::1")})
	err := s.Info().Err
	want := "connect two.example:7: none of its 2 addresses could be reached: " +
		"192.0.2.1:7: connection refused (nothing listens there); [2001:db8::1]:7: network is unreachable (this machine has no route there)"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if !errors.Is(err, errRefused) || !errors.Is(err, errNetUnreach) {
		t.Error("the errors of the addresses cannot be found in the error")
	}
	if got := len(story(records(t, s))); got != 3 {
		t.Errorf("%d notes; want one for each address and one for all", got)
	}
}

func TestAnAddressThatNeverAnswersIsGivenUpAfterItsShare(t *testing.T) {
	d := &script{answers: map[string]error{"192.0.2.1:7": context.DeadlineExceeded}, real: echoServer(t)}
	c := DefaultTCP()
	c.Address, c.ConnectTimeout = "192.0.2.1:7", 20*time.Millisecond
	s, _ := failing(t, c, Options{Dial: d.dial})
	if err := s.Info().Err; !strings.HasPrefix(err.Error(), "connect 192.0.2.1:7: no answer within 20 ms (") {
		t.Errorf("error %v", err)
	}
	if i := s.Info(); len(i.Attempts) != 1 || i.Attempts[0].Err == nil {
		t.Errorf("attempts %+v", i.Attempts)
	}
}

func TestLocalAddressIsNotTriedWithTheOtherFamily(t *testing.T) {
	d := &script{answers: map[string]error{}, real: echoServer(t)}
	c := DefaultTCP()
	c.Address, c.LocalAddress = "two.example:7", "127.0.0.1"
	s, w := session(t, c, Options{Dial: d.dial, Resolve: resolves("2001:db8::1", "192.0.2.1")})
	start(t, s)
	w.named(t, EventConnect)
	if got := strings.Join(d.dialled, " "); got != "192.0.2.1:7" {
		t.Errorf("dialled %s", got)
	}
	if e := s.Info().Attempts[0].Err; e == nil || !strings.Contains(e.Error(), "the local address 127.0.0.1 is IPv4 and this one is IPv6") {
		t.Errorf("attempt %v", e)
	}
}

func TestFailuresAreExplainedInWords(t *testing.T) {
	dns := func(e net.DNSError) error { return &e }
	for _, c := range []struct {
		err  error
		says string
	}{
		{errTimedOut, "no answer (the host is off, or a firewall drops the packets)"},
		{errHostUnreach, "no route to host"},
		{errNetDown, "the network is down"},
		{errAccess, "permission denied"},
		{errPerm, "permission denied"},
		{errAddrNotAvail, "no local address can reach it"},
		{errNoFamily, "this system does not speak"},
		{errTooManyFiles, "too many open files"},
		{dns(net.DNSError{IsNotFound: true}), "no such host (check the spelling"},
		{dns(net.DNSError{IsTimeout: true}), "the name server did not answer"},
		{dns(net.DNSError{Err: "server misbehaving"}), "the name server failed: server misbehaving"},
		{&net.OpError{Op: "dial", Err: errors.New("strange")}, "strange"},
	} {
		if got := reason(fmt.Errorf("outer: %w", c.err)); !strings.HasPrefix(got, c.says) {
			t.Errorf("%v: %q; want %q", c.err, got, c.says)
		}
	}
}

func TestAnUnknownNameIsSaidToBeUnknown(t *testing.T) {
	c := DefaultTCP()
	c.Address = "nowhere.example:7"
	s, _ := failing(t, c, Options{Resolve: func(context.Context, string) ([]netip.Addr, error) {
		return nil, &net.DNSError{Err: "no such host", Name: "nowhere.example", IsNotFound: true}
	}})
	want := "connect nowhere.example:7: resolve nowhere.example: no such host (check the spelling, or write the address in numbers)"
	if got := s.Info().Err.Error(); got != want {
		t.Errorf("got %q; want %q", got, want)
	}
	if got := story(records(t, s)); len(got) != 1 || got[0] != "out note: "+want {
		t.Errorf("capture tells %q", got)
	}
}

func TestALocalPortInUseIsSaidToBeInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c := DefaultTCP()
	c.Address, c.LocalAddress = echoServer(t), l.Addr().String()
	s, _ := failing(t, c, Options{})
	if got := s.Info().Err.Error(); !strings.HasPrefix(got, "connect "+c.Address+" from "+c.LocalAddress+": the local address is in use") {
		t.Errorf("error %q", got)
	}
}

func TestALocalAddressOfAnotherMachineIsRefused(t *testing.T) {
	c := DefaultTCP()
	c.Address, c.LocalAddress = echoServer(t), "203.0.113.7"
	s, _ := failing(t, c, Options{})
	if got := s.Info().Err.Error(); !strings.Contains(got, "the local address is not one of this machine's") {
		t.Errorf("error %q", got)
	}
}

func TestConnectingCanBeCancelled(t *testing.T) {
	ways := map[string]func(*TCPSession, context.CancelFunc) error{
		"by the context": func(_ *TCPSession, cancel context.CancelFunc) error { cancel(); return nil },
		"by Disconnect":  func(s *TCPSession, _ context.CancelFunc) error { return s.Disconnect() },
		"by Reset":       func(s *TCPSession, _ context.CancelFunc) error { return s.Reset() },
		"by Close":       func(s *TCPSession, _ context.CancelFunc) error { return s.Close() },
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			dialling := make(chan bool)
			c := DefaultTCP()
			c.Address = "192.0.2.1:7"
			s, w := session(t, c, Options{Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
				close(dialling)
				<-ctx.Done()
				return nil, ctx.Err()
			}})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if err := s.Start(ctx); err != nil {
				t.Fatal(err)
			}
			<-dialling
			if s.State() != Opening {
				t.Errorf("state %v while dialling", s.State())
			}
			if err := way(s, cancel); err != nil {
				t.Fatal(err)
			}
			awaitDone(t, "the end of connecting", s.Done())
			if i := s.Info(); i.State != Closed || i.ClosedBy != ByLocal || i.Err != nil {
				t.Errorf("info %+v; want closed by local without an error", i)
			}
			if got := w.names(); len(got) != 0 {
				t.Errorf("events %v; want only states", got)
			}
			if got := story(records(t, s)); len(got) != 1 || got[0] != "out note: connecting was cancelled" {
				t.Errorf("capture tells %q", got)
			}
		})
	}
}

func TestStartRefusesWhatCannotWorkAndLeavesTheConnectionAlone(t *testing.T) {
	s, w := connected(t, echoServer(t), nil)
	if err := s.Configure(DefaultTCP()); !errors.Is(err, ErrLive) {
		t.Errorf("Configure of an open session: %v; want ErrLive", err)
	}
	if s.State() != Open || len(w.names()) != 1 {
		t.Errorf("state %v, events %v", s.State(), w.names())
	}
	idle, _ := session(t, TCPConfig{}, Options{})
	var e *ConfigError
	if err := idle.Start(t.Context()); !errors.As(err, &e) || e.Field != "Address" {
		t.Errorf("Start without an address: %v", err)
	}
	if idle.State() != Idle {
		t.Errorf("state %v; want idle", idle.State())
	}
	if got := idle.Traffic().Stats(); got.Last != 0 {
		t.Errorf("%d records of a session that never started", got.Last)
	}
}
