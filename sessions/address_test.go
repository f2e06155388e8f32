package sessions

import (
	"net/netip"
	"strings"
	"testing"
)

func TestParseTargetReadsEveryFormOfAnAddress(t *testing.T) {
	for _, c := range []struct{ in, host string }{
		{"localhost:7", "localhost"},
		{"  localhost:7 ", "localhost"},
		{"127.0.0.1:7", "127.0.0.1"},
		{"host_name.example.:7", "host_name.example."},
		{"bücher.example:7", "xn--bcher-kva.example"},
		{"１２７.0.0.1:7", "127.0.0.1"},
		{"[::1]:7", "::1"},
		{"[::]:7", "::"},
		{"[0:0:0:0:0:0:0:1]:7", "::1"},
		{"[2001:0DB8:0000:0000:0001:0000:0000:0001]:7", "2001:db8::1:0:0:1"},
		{"[::ffff:192.0.2.1]:7", "::ffff:192.0.2.1"},
		{"[::FFFF:C000:0201]:7", "::ffff:192.0.2.1"},
		{"[::192.0.2.1]:7", "::c000:201"},
		{"[fe80::1%eth0]:7", "fe80::1%eth0"},
		{"tcp://[fe80::1%25eth0]:7", "fe80::1%eth0"},
		{"tcp://localhost:7", "localhost"},
		{"TCP://localhost:7/", "localhost"},
	} {
		host, port, err := ParseTarget(c.in)
		if err != nil || host != c.host || port != 7 {
			t.Errorf("ParseTarget(%q) = %q, %d, %v; want %q, 7", c.in, host, port, err, c.host)
		}
	}
	for _, in := range []string{"h:1", "h:65535"} {
		if _, _, err := ParseTarget(in); err != nil {
			t.Errorf("ParseTarget(%q): %v", in, err)
		}
	}
}

func TestParseTargetSaysWhatToWrite(t *testing.T) {
	for _, c := range []struct{ in, says string }{
		{"", "the address is missing: write host:port"},
		{"localhost", `"localhost" has no port: write localhost:port`},
		{"localhost:", "has no port after the colon"},
		{":7", `":7" has no host: write host:port, for example 127.0.0.1:7`},
		{"localhost:0", "port 0 is out of range: write a number from 1 to 65535"},
		{"localhost:65536", "port 65536 is out of range: write a number from 1 to 65535"},
		{"localhost:99999999999999999999", "is out of range"},
		{"localhost:-1", `port "-1" is not a number`},
		{"localhost:http", `port "http" is not a number`},
		{"::1", `"::1" is an IPv6 address without a port: write [::1]:port`},
		{"1:2:3", "has more than one colon: write an IPv6 address in brackets"},
		{"[::1]", `"[::1]" has no port: write [::1]:port`},
		{"[::1", "has no closing bracket"},
		{"[::1]7", `has "7" between the bracket and the port`},
		{"[localhost]:7", `"localhost" is not an IPv6 address; only those stand in brackets`},
		{"[127.0.0.1]:7", "only those stand in brackets"},
		{"[::1::2]:7", "is not an IPv6 address"},
		{"300.1.1.1:7", "is not an IPv4 address: write four numbers"},
		{"1.2.3:7", "is not an IPv4 address"},
		{"１.2.3:7", "is not an IPv4 address"},
		{"a b:7", "has a character that no name can have: ' '"},
		{"a\x00b:7", "has a character that no name can have"},
		{"a..b:7", "has a part between dots that is empty"},
		{strings.Repeat("a", 64) + ":7", "longer than 63 characters"},
		{strings.Repeat("a.", 127) + "a:7", "is too long"},
		{"udp://localhost:7", `"udp://localhost:7" is not a tcp address: write host:port or tcp://host:port`},
		{"tcp://localhost:7/path", `has "/path" after tcp://host:port`},
		{"tcp://user@localhost:7", "where nothing may stand"},
	} {
		_, _, err := ParseTarget(c.in)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("ParseTarget(%q): %v; want %q", c.in, err, c.says)
		}
	}
}

func FuzzParseTargetReadsBackWhatItAccepts(f *testing.F) {
	for _, s := range []string{"localhost:7", "[::1]:7", "tcp://[fe80::1%25eth0]:7", "bücher.example:7", "[::ffff:1.2.3.4]:7"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		host, port, err := ParseTarget(s)
		if err != nil {
			return
		}
		again, samePort, err := ParseTarget(joinHostPort(host, port))
		if err != nil || again != host || samePort != port || port == 0 {
			t.Errorf("%q is %q %d, which reads back as %q %d %v", s, host, port, again, samePort, err)
		}
	})
}

func TestLocalAddressesReadWithAndWithoutAPort(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", "invalid AddrPort"},
		{"127.0.0.1", "127.0.0.1:0"},
		{"127.0.0.1:4000", "127.0.0.1:4000"},
		{":4000", "invalid AddrPort"},
		{"::1", "[::1]:0"},
		{"[::1]", "[::1]:0"},
		{"[::1]:4000", "[::1]:4000"},
		{"::ffff:127.0.0.1", "127.0.0.1:0"},
	} {
		got, err := parseLocal(c.in)
		if err != nil || got.String() != c.want {
			t.Errorf("parseLocal(%q) = %v, %v; want %s", c.in, got, err, c.want)
		}
	}
	if l, _ := parseLocal(":4000"); l.Port() != 4000 {
		t.Errorf("parseLocal(:4000) has port %d", l.Port())
	}
	for _, c := range []struct{ in, says string }{
		{"localhost", "is not an IP address of this machine"},
		{"localhost:1", "is not an IP address of this machine"},
		{"127.0.0.1:65536", "local port 65536 is out of range: write a number from 0 to 65535"},
	} {
		if _, err := parseLocal(c.in); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("parseLocal(%q): %v; want %q", c.in, err, c.says)
		}
	}
}

func TestLongTextWritesAddressesAsAIRDoes(t *testing.T) {
	for _, c := range []struct{ in, long, short string }{
		{"127.0.0.1", "127.0.0.1", "127.0.0.1"},
		{"::", "[::]", "::"},
		{"::1", "[::1]", "::1"},
		{"2001:DB8:ccc3:ffff:0:444d:555e:666f", "[2001:db8:ccc3:ffff:0:444d:555e:666f]", "2001:db8:ccc3:ffff:0:444d:555e:666f"},
		{"2001:db8::1", "[2001:db8:0:0:0:0:0:1]", "2001:db8::1"},
		{"::ffff:192.0.2.1", "[::ffff:192.0.2.1]", "::ffff:192.0.2.1"},
		{"::192.0.2.1", "[::192.0.2.1]", "::c000:201"},
		{"fe80::1%eth0", "[fe80:0:0:0:0:0:0:1%eth0]", "fe80::1%eth0"},
	} {
		a := netip.MustParseAddr(c.in)
		if got := LongText(a); got != c.long {
			t.Errorf("LongText(%s) = %s; want %s", c.in, got, c.long)
		}
		if a.String() != c.short {
			t.Errorf("%s in short is %s; RFC 5952 wants %s", c.in, a, c.short)
		}
	}
	if LongText(netip.Addr{}) != "" {
		t.Error("no address has a text")
	}
}

func TestConfigurationErrorsNameTheirField(t *testing.T) {
	good := DefaultTCP()
	good.Address = "127.0.0.1:7"
	if err := good.Check(); err != nil {
		t.Fatalf("the default configuration with an address: %v", err)
	}
	for _, c := range []struct {
		change      func(*TCPConfig)
		field, says string
	}{
		{func(c *TCPConfig) { c.Address = "" }, "Address", "the address is missing"},
		{func(c *TCPConfig) { c.Address = "h:0" }, "Address", "out of range"},
		{func(c *TCPConfig) { c.Address = "[fe80::1]:7" }, "Address", "is link-local and needs the interface it is reached through: write fe80::1%interface"},
		{func(c *TCPConfig) { c.Address = "[fe80::1%nosuch0]:7" }, "Address", `this machine has no interface "nosuch0"`},
		{func(c *TCPConfig) { c.LocalAddress = "nonsense" }, "LocalAddress", "is not an IP address"},
		{func(c *TCPConfig) { c.LocalAddress = "::1" }, "LocalAddress", "local address ::1 is IPv6, but 127.0.0.1 is IPv4"},
		{func(c *TCPConfig) { c.LocalAddress = "fe80::1%nosuch0" }, "LocalAddress", "no interface"},
		{func(c *TCPConfig) { c.ConnectTimeout = -1 }, "ConnectTimeout", "is negative"},
		{func(c *TCPConfig) { c.KeepAlive = -1 }, "KeepAlive", "out of range"},
		{func(c *TCPConfig) { c.KeepAlive = 1 }, "KeepAlive", "out of range"},
	} {
		bad := good
		c.change(&bad)
		err := bad.Check()
		e, ok := err.(*ConfigError)
		if !ok || e.Field != c.field || !strings.Contains(e.Problem, c.says) {
			t.Errorf("%+v: %v; want %s: %s", bad, err, c.field, c.says)
		}
	}
}
