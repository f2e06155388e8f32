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
)

func TestParseListenReadsEveryFormOfAnAddress(t *testing.T) {
	for _, c := range []struct {
		in, host string
		port     uint16
	}{
		{"8087", "127.0.0.1", 8087},
		{":8087", "127.0.0.1", 8087},
		{" 8087 ", "127.0.0.1", 8087},
		{"0", "127.0.0.1", 0},
		{":0", "127.0.0.1", 0},
		{"65535", "127.0.0.1", 65535},
		{"127.0.0.1:8087", "127.0.0.1", 8087},
		{"localhost:8087", "localhost", 8087},
		{"bücher.example:1", "xn--bcher-kva.example", 1},
		{"１２７.0.0.1:8087", "127.0.0.1", 8087},
		{"*:8087", "*", 8087},
		{"*:0", "*", 0},
		{"0.0.0.0:8087", "0.0.0.0", 8087},
		{"[::]:8087", "::", 8087},
		{"[0:0:0:0:0:0:0:0]:8087", "::", 8087},
		{"[::1]:8087", "::1", 8087},
		{"[2001:0DB8:0000:0000:0001:0000:0000:0001]:7", "2001:db8::1:0:0:1", 7},
		{"[::ffff:192.0.2.1]:7", "::ffff:192.0.2.1", 7},
		{"[::FFFF:C000:0201]:7", "::ffff:192.0.2.1", 7},
		{"[::192.0.2.1]:7", "::c000:201", 7},
		{"[fe80::1%eth0]:0", "fe80::1%eth0", 0},
		{"server://[fe80::1%25eth0]:0", "fe80::1%eth0", 0},
		{"server://8087", "127.0.0.1", 8087},
		{"server://:8087", "127.0.0.1", 8087},
		{"server://*:8087", "*", 8087},
		{" SERVER://localhost:8087/ ", "localhost", 8087},
	} {
		host, port, err := ParseListen(c.in)
		if err != nil || host != c.host || port != c.port {
			t.Errorf("ParseListen(%q) = %q, %d, %v; want %q, %d", c.in, host, port, err, c.host, c.port)
		}
	}
}

func TestParseListenSaysWhatToWrite(t *testing.T) {
	for _, c := range []struct{ in, says string }{
		{"", "the address is missing: write a port, or address:port, for example 8087, 127.0.0.1:8087 or *:8087"},
		{"server://", "the address is missing: write a port"},
		{"*", `"*" has no port: write *:port`},
		{"localhost", `"localhost" has no port: write localhost:port`},
		{"127.0.0.1", `"127.0.0.1" has no port: write 127.0.0.1:port`},
		{":", `":" has no port after the colon: write a number from 0 to 65535`},
		{"*:", "has no port after the colon"},
		{"65536", "port 65536 is out of range: write a number from 0 to 65535"},
		{"*:65536", "port 65536 is out of range"},
		{"-1", `port "-1" is not a number: write one from 0 to 65535`},
		{"*:-1", `port "-1" is not a number`},
		{"+80", `port "+80" is not a number`},
		{"*:http", `port "http" is not a number`},
		{"::", `"::" is an IPv6 address without a port: write [::]:port`},
		{"::1", `"::1" is an IPv6 address without a port: write [::1]:port`},
		{"[::]", `"[::]" has no port: write [::]:port`},
		{"[*]:80", `"*" is not an IPv6 address; only those stand in brackets`},
		{":::80", "has more than one colon"},
		{"*.example:80", "has a character that no name can have: '*'"},
		{"300.1.1.1:7", "is not an IPv4 address: write four numbers"},
		{"\u00ad0:7", `"0" is not an IPv4 address`},
		{"a b:7", "has a character that no name can have: ' '"},
		{"224.0.0.1:80", "224.0.0.1 is a multicast address, to which there are no connections"},
		{"[ff02::1%eth0]:80", "ff02::1%eth0 is a multicast address"},
		{"[::ffff:224.0.0.1]:80", "is a multicast address"},
		{"255.255.255.255:80", "255.255.255.255 is the broadcast address"},
		{"[::%eth0]:80", "::%eth0 stands for the addresses of all interfaces and cannot be limited to one: write an address of eth0 instead"},
		{"tcp://*:80", `"tcp://*:80" is not a server address: write host:port or server://host:port`},
		{"server://*:80/path", `has "/path" after server://host:port`},
	} {
		_, _, err := ParseListen(c.in)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("ParseListen(%q): %v; want %q", c.in, err, c.says)
		}
	}
}

func FuzzParseListenReadsBackWhatItAccepts(f *testing.F) {
	for _, s := range []string{"8087", ":8087", "*:8087", "localhost:0", "[::]:7", "server://[fe80::1%25eth0]:7", "bücher.example:7", "[::ffff:1.2.3.4]:7", "[::%1]:0", "\u00ad0:0", "１２７.0.0.1:7"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		host, port, err := ParseListen(s)
		if err != nil {
			if err.Error() == "" || host != "" {
				t.Errorf("%q is refused with %q and host %q", s, err, host)
			}
			return
		}
		again, samePort, err := ParseListen(joinHostPort(host, port))
		if err != nil || again != host || samePort != port {
			t.Errorf("%q is %q %d, which reads back as %q %d %v", s, host, port, again, samePort, err)
		}
		if target, _, err := ParseTarget(joinHostPort(host, 7)); host != everyAddress && (err != nil || target != host) {
			t.Errorf("%q is %q for a listener, and %q %v to connect to", s, host, target, err)
		}
	})
}

// listener listens until the end of the test on what ParseListen reads.
func listener(t *testing.T, address string, resolve func(context.Context, string) ([]netip.Addr, error)) (net.Listener, uint16) {
	t.Helper()
	host, port, err := ParseListen(address)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := listen(t.Context(), host, port, 0, 0, resolve)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	return ln, addrPort(ln.Addr()).Port()
}

// cannotListen returns the error of listening, and ends the test if there is none.
func cannotListen(t *testing.T, address string, resolve func(context.Context, string) ([]netip.Addr, error)) error {
	t.Helper()
	host, port, err := ParseListen(address)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := listen(t.Context(), host, port, 0, 0, resolve)
	if err == nil {
		_ = ln.Close()
		t.Fatalf("%s can be listened on", address)
	}
	if ln != nil {
		t.Errorf("%s: an error and a listener", address)
	}
	return err
}

// comesIn reports whether a connection to host and port comes in at ln.
func comesIn(t *testing.T, ln net.Listener, host string, port uint16) bool {
	t.Helper()
	c, err := net.DialTimeout("tcp", joinHostPort(host, port), patience)
	if err != nil {
		return false
	}
	defer c.Close()
	s, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	return s.RemoteAddr().String() == c.LocalAddr().String()
}

func hasIPv6(t *testing.T) bool {
	t.Helper()
	ln, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		return false
	}
	_ = ln.Close()
	return true
}

func TestAListenerTakesConnectionsWhereItWasToldTo(t *testing.T) {
	six := hasIPv6(t)
	for _, c := range []struct {
		address   string
		four, six bool
		local     string // the listener's address; "" for any
	}{
		{address: "0", four: true, local: "127.0.0.1"},
		{address: ":0", four: true, local: "127.0.0.1"},
		{address: "127.0.0.1:0", four: true, local: "127.0.0.1"},
		{address: "[::ffff:127.0.0.1]:0", four: true, local: "127.0.0.1"},
		{address: "localhost:0", four: true, local: "127.0.0.1"},
		{address: "0.0.0.0:0", four: true, local: "0.0.0.0"},
		{address: "[::ffff:0.0.0.0]:0", four: true, local: "0.0.0.0"},
		{address: "[::1]:0", six: true, local: "::1"},
		{address: "[::]:0", six: true, local: "::"},
		{address: "*:0", four: true, six: true},
	} {
		t.Run(c.address, func(t *testing.T) {
			if c.six && !c.four && !six {
				t.Skip("this machine has no IPv6")
			}
			ln, port := listener(t, c.address, nil)
			if got := addrPort(ln.Addr()).Addr().String(); c.local != "" && got != c.local {
				t.Errorf("listens on %s; want %s", got, c.local)
			}
			if got := comesIn(t, ln, "127.0.0.1", port); got != c.four {
				t.Errorf("over IPv4 it is reached: %v; want %v", got, c.four)
			}
			if got := comesIn(t, ln, "::1", port); got != (c.six && six) {
				t.Errorf("over IPv6 it is reached: %v; want %v", got, c.six && six)
			}
		})
	}
}

func TestAListenerOnALinkLocalAddressNeedsItsInterface(t *testing.T) {
	all, err := Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range all {
		for _, p := range i.Addrs {
			a := p.Addr()
			if !i.Up || a.Is4() || !a.IsLinkLocalUnicast() {
				continue
			}
			for _, zone := range []string{i.Name, fmt.Sprint(i.Index)} {
				ln, port := listener(t, joinHostPort(a.WithZone(zone).String(), 0), nil)
				if !comesIn(t, ln, i.Zoned(a).String(), port) {
					t.Errorf("the listener on %s is not reached", ln.Addr())
				}
			}
			err := cannotListen(t, joinHostPort(a.String(), 0), nil)
			if want := fmt.Sprintf("listen on [%s]:0: address %s is link-local and needs the interface", a, a); !strings.HasPrefix(err.Error(), want) {
				t.Errorf("without a zone: %v", err)
			}
			return
		}
	}
	t.Skip("this machine has no link-local address")
}

func TestAZoneThatIsNoInterfaceIsNamed(t *testing.T) {
	err := cannotListen(t, "[fe80::1%none0]:0", nil)
	if want := `listen on [fe80::1%none0]:0: address fe80::1%none0: this machine has no interface "none0" (it has `; !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v\nwant %s...", err, want)
	}
}

func TestANameStandsForTheFirstOfItsAddressesThatIsThisMachines(t *testing.T) {
	for _, c := range []struct {
		name  string
		addrs []string
		want  string
	}{
		{"one", []string{"127.0.0.1"}, "127.0.0.1"},
		{"IPv4 before IPv6", []string{"::1", "127.0.0.1"}, "127.0.0.1"},
		{"another machine's before its own", []string{"192.0.2.1", "2001:db8::1", "127.0.0.1"}, "127.0.0.1"},
		{"a blocked name's zeros are passed over", []string{"0.0.0.0", "::", "224.0.0.1", "fe80::1", "127.0.0.1"}, "127.0.0.1"},
		{"mapped", []string{"::ffff:127.0.0.1"}, "127.0.0.1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ln, _ := listener(t, "some.example:0", resolves(c.addrs...))
			if got := addrPort(ln.Addr()).Addr().String(); got != c.want {
				t.Errorf("listens on %s; want %s", got, c.want)
			}
		})
	}
	for _, c := range []struct {
		name    string
		resolve func(context.Context, string) ([]netip.Addr, error)
		want    string
	}{
		{"none of them", resolves("192.0.2.1", "2001:db8::1", "0.0.0.0"),
			"listen on some.example:0: none of the addresses of this name is this machine's: 192.0.2.1, 0.0.0.0, 2001:db8::1 (write one that is, or * for all)"},
		{"no such name", func(context.Context, string) ([]netip.Addr, error) {
			return nil, &net.DNSError{Err: "no such host", IsNotFound: true}
		}, "listen on some.example:0: resolve some.example: no such host (check the spelling, or write the address in numbers)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := cannotListen(t, "some.example:0", c.resolve); err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestTheSecondAddressOfANameIsNotTakenWhenThePortOfTheFirstIsInUse(t *testing.T) {
	_, port := listener(t, "127.0.0.1:0", nil)
	err := cannotListen(t, joinHostPort("some.example", port), resolves("127.0.0.1", "::1"))
	if want := fmt.Sprintf("listen on some.example:%d (127.0.0.1): port %d is in use by ", port, port); !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got  %v\nwant %s...", err, want)
	}
}

func TestAListenerThatIsCancelledWhileItsNameIsLookedUpSaysSo(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	_, err := listen(ctx, "some.example", 0, 0, 0, func(ctx context.Context, _ string) ([]netip.Addr, error) {
		if _, ok := ctx.Deadline(); !ok {
			t.Error("the look-up has all the time in the world")
		}
		cancel()
		<-ctx.Done()
		return nil, ctx.Err()
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestAPortInUseIsNamed(t *testing.T) {
	_, port := listener(t, "127.0.0.1:0", nil)
	err := cannotListen(t, joinHostPort("127.0.0.1", port), nil)
	if want := fmt.Sprintf("listen on 127.0.0.1:%d: port %d is in use by ", port, port); !strings.HasPrefix(err.Error(), want) || !errors.Is(err, errAddrInUse) {
		t.Errorf("got  %v\nwant %s...", err, want)
	}
}

func TestAnAddressOfAnotherMachineIsAnsweredWithThoseOfThisOne(t *testing.T) {
	err := cannotListen(t, "192.0.2.1:0", nil)
	if want := "listen on 192.0.2.1:0: 192.0.2.1 is not an address of this machine (it has 127.0.0.1"; !strings.HasPrefix(err.Error(), want) || !errors.Is(err, errAddrNotAvail) {
		t.Errorf("got  %v\nwant %s...", err, want)
	}
	if strings.Contains(err.Error(), "::1") || !strings.HasSuffix(err.Error(), "; * is all)") {
		t.Errorf("of all families: %v", err)
	}
}

func TestErrorsOfListeningAreExplained(t *testing.T) {
	four, six, none := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1"), netip.Addr{}
	for _, c := range []struct {
		addr netip.Addr
		port uint16
		err  error
		says string
	}{
		{six, 80, errNoFamily, "this machine has no IPv6 (it is switched off; write an IPv4 address, or * for all there are)"},
		{four, 0, errAddrInUse, "no port is free there"},
		{none, 1, errAddrInUse, "port 1 is in use by another program ("},
		{none, 80, errAddrNotAvail, "the address is not one of this machine's"},
		{netip.MustParseAddr("127.0.0.1"), 80, errAddrNotAvail, "127.0.0.1 cannot be used now (its interface is down"},
		{four, 65535, errAccess, "permission denied ("},
		{four, 80, errTooManyFiles, "too many open files"},
		{four, 80, errSystemFiles, "too many open files in the whole system ("},
		{four, 80, errNoMemory, "the system has no memory left for connections ("},
		{four, 80, errNetDown, "the network is down"},
		{four, 80, errors.New("something else"), "something else"},
	} {
		err := (&listenPlan{port: c.port}).explain("listen on x", c.addr, &net.OpError{Op: "listen", Net: "tcp", Err: os.NewSyscallError("bind", c.err)})
		if !strings.HasPrefix(err.Error(), "listen on x: "+c.says) || !errors.Is(err, c.err) {
			t.Errorf("%v: %v; want %s", c.err, err, c.says)
		}
	}
	if err := (&listenPlan{}).explain("listen on x", four, nil); err != nil {
		t.Errorf("no error is explained as %v", err)
	}
}

func TestAcceptGoesOnAfterErrorsThatPass(t *testing.T) {
	for _, c := range []struct {
		err   error
		says  string
		retry bool
	}{
		{errTooManyFiles, "too many open files", true},
		{errSystemFiles, "too many open files in the whole system, and clients that wait get in when others leave (", true},
		{errNoBuffers, "the system has no memory left for connections, and clients that wait get in when others leave (", true},
		{errNoMemory, "the system has no memory left for connections", true},
		{errAborted, "a client went away before its connection was taken", true},
		{errPerm, "permission denied (a firewall on this machine forbids the connection)", true},
		{errReset, "a connection failed before it was taken: connection reset by peer", true},
		{errNetDown, "a connection failed before it was taken: the network is down", true},
		{passingFaults[0], "a connection failed before it was taken: ", true},
		{os.ErrDeadlineExceeded, "no connection came in time", true},
		{net.ErrClosed, "the listener is closed", false},
		{errInvalid, "the system calls the address invalid", false},
		{errors.New("something else"), "something else", false},
	} {
		text, retry := acceptFault(&net.OpError{Op: "accept", Net: "tcp", Err: os.NewSyscallError("accept", c.err)})
		if !strings.HasPrefix(text, c.says) || retry != c.retry {
			t.Errorf("%v: %q, goes on: %v; want %q, %v", c.err, text, retry, c.says, c.retry)
		}
	}
}

func TestAClientThatSpeaksMultipathTCPIsAnsweredInTCP(t *testing.T) {
	ln, port := listener(t, "127.0.0.1:0", nil)
	var d net.Dialer
	d.SetMultipathTCP(true)
	c, err := d.DialContext(t.Context(), "tcp", joinHostPort("127.0.0.1", port))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	s, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if multi, err := s.(*net.TCPConn).MultipathTCP(); err != nil || multi {
		t.Errorf("Multipath TCP: %v, %v", multi, err)
	}
}

func TestListeningAgainAtOnceAfterAClientWasClosedHere(t *testing.T) {
	ln, port := listener(t, "127.0.0.1:0", nil)
	c, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	_ = s.Close() // leaves TIME_WAIT on the listener's port
	_, _ = c.Read(make([]byte, 1))
	_ = c.Close()
	_ = ln.Close()
	_, _ = listener(t, joinHostPort("127.0.0.1", port), nil)
}
