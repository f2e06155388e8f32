package sessions

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestAListenersTLSThatCannotWorkNamesTheField(t *testing.T) {
	for name, c := range map[string]struct {
		config ServerTLS
		field  string
		want   string
	}{
		"no certificate":           {ServerTLS{}, "CertFile", "has no certificate"},
		"a key alone":              {ServerTLS{KeyFile: "k", CADir: "d"}, "CertFile", "no certificate"},
		"an unknown choice":        {ServerTLS{CADir: "d", ClientAuth: 9}, "ClientAuth", "9"},
		"a negative timeout":       {ServerTLS{CADir: "d", HandshakeTimeout: -1}, "HandshakeTimeout", "negative"},
		"a name that is none":      {ServerTLS{CADir: "d", Names: []string{"ok", "a b"}}, "Names", `"a b"`},
		"an ALPN protocol of none": {ServerTLS{CADir: "d", ALPN: []string{"h2", ""}}, "ALPN", "0 bytes"},
		"too much ALPN":            {ServerTLS{CADir: "d", ALPN: slices.Repeat([]string{strings.Repeat("x", 255)}, 256)}, "ALPN", "65,535"},
		"an unknown version":       {ServerTLS{CADir: "d", MaxVersion: 0x0305}, "MaxVersion", "0x0305"},
		"SSL":                      {ServerTLS{CADir: "d", MinVersion: 0x0300}, "MinVersion", "0x0300"},
		"versions upside down":     {ServerTLS{CADir: "d", MinVersion: tls.VersionTLS13, MaxVersion: tls.VersionTLS12}, "MinVersion", "above the highest"},
	} {
		t.Run(name, func(t *testing.T) {
			var bad *ConfigError
			if err := c.config.check(); !errors.As(err, &bad) || bad.Field != "TLS."+c.field || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %#v", err)
			}
			if _, err := c.config.load(loopback); !errors.As(err, &bad) {
				t.Errorf("it loads: %v", err)
			}
		})
	}
	for name, c := range map[string]ServerTLS{
		"the test CA": {CADir: "d"}, "a certificate": {CertFile: "c"}, "low versions": {CADir: "d", MaxVersion: tls.VersionTLS11},
		"names": {CADir: "d", Names: []string{"*.a.example", "bücher.example", "[::1]", "192.0.2.1"}},
	} {
		if err := c.check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAListenersFilesThatCannotBeUsedAreNamed(t *testing.T) {
	ca := newAuthority(t)
	cert, key := pairOf(t, ca, nil)
	_, otherKey := pairOf(t, ca, nil)
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken.pem")
	if err := os.WriteFile(broken, []byte(pemOf(ca.cert.Raw[:100])), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		config ServerTLS
		field  string
		want   string
	}{
		"a certificate that is not there": {ServerTLS{CertFile: filepath.Join(dir, "none"), KeyFile: key}, "CertFile", "none"},
		"a key of another":                {ServerTLS{CertFile: cert, KeyFile: otherKey}, "CertFile", "does not belong"},
		"no key":                          {ServerTLS{CertFile: cert}, "CertFile", "no private key"},
		"roots that are not there":        {ServerTLS{CertFile: cert, KeyFile: key, ClientAuth: RequestClientCert, ClientCAFiles: []string{filepath.Join(dir, "none")}}, "ClientCAFiles", "none"},
		"roots that are broken":           {ServerTLS{CertFile: cert, KeyFile: key, ClientAuth: RequestClientCert, ClientCAFiles: []string{ca.file, broken}}, "ClientCAFiles", "broken.pem"},
		"a key log in no folder":          {ServerTLS{CertFile: cert, KeyFile: key, KeyLogFile: filepath.Join(dir, "no", "log")}, "KeyLogFile", "key log file"},
		"a test CA in a file":             {ServerTLS{CADir: cert}, "CADir", "test CA"},
	} {
		t.Run(name, func(t *testing.T) {
			var bad *ConfigError
			if _, err := c.config.load(loopback); !errors.As(err, &bad) || bad.Field != "TLS."+c.field || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %#v", err)
			}
		})
	}
	t.Run("roots that nobody needs", func(t *testing.T) {
		l, err := (&ServerTLS{CertFile: cert, KeyFile: key, ClientCAFiles: []string{broken}}).load(loopback)
		if err != nil {
			t.Fatal(err)
		}
		l.close()
	})
}

func TestAPassphraseIsNeverInAnError(t *testing.T) {
	var bad *ConfigError
	ca := newAuthority(t)
	cert, key := pairOf(t, ca, nil)
	locked := filepath.Join(t.TempDir(), "locked.pem")
	run(t, nil, "openssl", "pkey", "-in", key, "-out", locked, "-aes256", "-passout", "pass:right")
	_, err := (&ServerTLS{CertFile: cert, KeyFile: locked, Passphrase: "wrong-one"}).load(loopback)
	if !errors.As(err, &bad) || bad.Field != "TLS.Passphrase" || strings.Contains(fmt.Sprintf("%#v", bad), "wrong-one") {
		t.Errorf("error %#v", err)
	}
	l, err := (&ServerTLS{CertFile: cert, KeyFile: locked, Passphrase: "right"}).load(loopback)
	if err != nil {
		t.Fatal(err)
	}
	l.close()
}

func TestTheTestCAsCertificateIsForTheListener(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	own := []string{"localhost", "127.0.0.1", "::1", host}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, a := range addrs {
		all = append(all, a.(*net.IPNet).IP.String())
	}
	for local, more := range map[string][]string{
		"192.0.2.5":    {"192.0.2.5"},
		"fe80::9%eth0": {"fe80::9"},
		"127.0.0.1":    nil,
		"0.0.0.0":      all,
		"::":           all,
	} {
		t.Run(local, func(t *testing.T) {
			l, err := (&ServerTLS{CADir: t.TempDir(), Names: []string{"dev.example", "localhost"}}).load(netip.MustParseAddr(local))
			if err != nil {
				t.Fatal(err)
			}
			defer l.close()
			for _, name := range slices.Concat([]string{"dev.example"}, own, more) {
				if err := l.leaf.VerifyHostname(name); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
			if local == "192.0.2.5" && len(l.leaf.IPAddresses) != 3 {
				t.Errorf("addresses %v", l.leaf.IPAddresses)
			}
			if !strings.HasPrefix(l.text, "certificate dev.example and ") || !strings.Contains(l.text, " more names, by Wirebench test CA ") {
				t.Errorf("text %q", l.text)
			}
		})
	}
}

func TestACertificateIsDescribedInAFewWords(t *testing.T) {
	ca := newAuthority(t)
	now := time.Now()
	for want, change := range map[string]func(*x509.Certificate){
		"certificate localhost and 2 more names, by Root of the tests": nil,
		"certificate one.example, by Root of the tests":                func(c *x509.Certificate) { c.DNSNames, c.IPAddresses = []string{"one.example"}, nil },
		"certificate 192.0.2.1 and 1 more name, by Root of the tests":  func(c *x509.Certificate) { c.DNSNames, c.IPAddresses = nil, []net.IP{{192, 0, 2, 1}, {192, 0, 2, 2}} },
		"certificate Leaf of the tests, by Root of the tests":          func(c *x509.Certificate) { c.DNSNames, c.IPAddresses = nil, nil },
		`certificate a\u001b[2J, by Root of the tests`:                 func(c *x509.Certificate) { c.DNSNames, c.IPAddresses, c.Subject.CommonName = nil, nil, "a\x1b[2J" },
		"certificate one.example, by Root of the tests, which is not valid yet": func(c *x509.Certificate) {
			c.DNSNames, c.IPAddresses, c.NotBefore = []string{"one.example"}, nil, now.Add(time.Hour)
		},
		"certificate other.example, by Root of the tests, which has expired": func(c *x509.Certificate) {
			c.DNSNames, c.IPAddresses, c.NotAfter = []string{"other.example"}, nil, now.Add(-time.Minute)
		},
	} {
		if got := certificateText(parse(t, ca.leaf(t, change).Certificate[0]), now); got != want && !strings.Contains(want, `\u`) {
			t.Errorf("%q, want %q", got, want)
		} else if strings.ContainsRune(got, 0x1b) {
			t.Errorf("%q has a control character", got)
		}
	}
	if got := certificateText(ca.cert, now); got != "certificate Root of the tests, signed by itself" {
		t.Errorf("%q", got)
	}
}

func TestChoicesOfClientCertificatesAreReadAsTheyAreWritten(t *testing.T) {
	for _, a := range []ClientAuth{NoClientCert, RequestClientCert, RequireClientCert} {
		if got, err := ParseClientAuth(strings.ToUpper(a.String())); err != nil || got != a {
			t.Errorf("%v: %v, %v", a, got, err)
		}
	}
	if a, err := ParseClientAuth(""); a != NoClientCert || err != nil {
		t.Errorf("%v, %v", a, err)
	}
	if _, err := ParseClientAuth("maybe"); err == nil {
		t.Error("no error")
	}
}

func TestManyClientsShakeHandsAtOnce(t *testing.T) {
	ca := newAuthority(t)
	l := listenTLS(t, func(s *ServerTLS) { s.ClientAuth, s.ClientCAFiles = RequestClientCert, []string{ca.file} })
	pool := l.pool(t)
	leaf := ca.leaf(t, nil)
	var all sync.WaitGroup
	const n = 60
	for i := range n {
		all.Go(func() {
			c := &tls.Config{RootCAs: pool, ServerName: "localhost", NextProtos: nil}
			if i%2 == 1 {
				c.Certificates = []tls.Certificate{leaf}
			}
			conn, err := tls.Dial("tcp", l.addr, c)
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			if _, err := conn.Write([]byte("x\n")); err != nil {
				t.Error(err)
			}
			if _, err := conn.Read(make([]byte, 2)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	certs := 0
	for range n {
		s := l.next(t)
		if s.err != nil {
			t.Error(s.err)
		} else if s.info.Subject != "" {
			certs++
		}
	}
	if certs != n/2 {
		t.Errorf("%d clients have a certificate", certs)
	}
}
