package sessions

import (
	"net/netip"
	"strings"
	"testing"
)

func FuzzParseBind(f *testing.F) {
	for _, s := range []string{
		"", "0", "5000", ":5000", "*:5000", "udp://127.0.0.1:0/", "UDP://[::1]:7", "[fe80::1%lo]:1", "udp://[fe80::1%25lo]:1", "239.1.2.3:1",
		"host.example:70000", "[::ffff:0.0.0.0]:1", "server://x:1", "+1", "-1", "１:１", "ö:1", "255.255.255.255:1", "[::%lo]:1",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		host, port, err := ParseBind(s)
		if err != nil {
			if host != "" || port != 0 || err.Error() == "" {
				t.Errorf("%q gives %q %d beside %v", s, host, port, err)
			}
			return
		}
		// What comes back can be written again and means the same.
		again, samePort, err := ParseBind(joinHostPort(host, port))
		if again != host || samePort != port || err != nil {
			t.Errorf("%q gives %q %d, and that %q %d, %v", s, host, port, again, samePort, err)
		}
		if a, err := netip.ParseAddr(host); err == nil && (a.IsMulticast() || a.Unmap() == broadcast4) {
			t.Errorf("%q is an address to bind to", s)
		}
		if err := (UDPConfig{Address: s}).Check(); err != nil && strings.TrimSpace(s) != "" {
			t.Errorf("%q is read, and no configuration: %v", s, err)
		}
	})
}

func FuzzParseGroup(f *testing.F) {
	for _, s := range []string{
		"239.1.2.3", "239.1.2.3,192.0.2.7", " ff02::1%lo , 2001:db8::1 ", "::ffff:239.1.2.3,::ffff:192.0.2.7", "", ",", "224.0.0.0,", "ff02::1,fe80::1%lo", "239.1.2.3,0.0.0.0", "ff02::1,::%x",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		g, err := ParseGroup(s)
		if err != nil {
			if err.Error() == "" {
				t.Errorf("%q: no words", s)
			}
			return
		}
		if !g.Addr.IsMulticast() || g.Addr.Is4In6() || g.Source.IsValid() && (g.Source.IsMulticast() || g.Source.IsUnspecified() || !sameFamily(g.Source, g.Addr)) {
			t.Errorf("%q gives %+v", s, g)
		}
		text := g.Addr.String()
		if g.Source.IsValid() {
			text += "," + g.Source.String()
		}
		if again, err := ParseGroup(text); again != g || err != nil {
			t.Errorf("%q gives %v, and that %v, %v", s, g, again, err)
		}
		if err := g.check(); err != nil && g.Addr.Zone() == "" {
			t.Errorf("%q is read, and no group: %v", s, err)
		}
	})
}
