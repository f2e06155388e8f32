package sessions

import (
	"crypto/tls"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestTheOpenSSLCommandSaysWhatTheConfigurationDoes(t *testing.T) {
	for _, c := range []struct {
		name   string
		config func(*TLSConfig)
		want   []string
		never  string
	}{
		{"a name", func(c *TLSConfig) { c.Address = "api.example:443" },
			[]string{"-connect api.example:443", "-servername api.example", "-verify_hostname api.example", "-verify_return_error"}, "-noservername"},
		{"an address", func(c *TLSConfig) { c.Address = "[::1]:443" }, []string{"-connect '[::1]:443'", "-noservername", "-verify_ip ::1"}, "-servername "},
		{"an address with a name", func(c *TLSConfig) { c.ServerName, c.VerifyName = "a.example", "b.example" },
			[]string{"-servername a.example", "-verify_hostname b.example"}, "-verify_ip"},
		{"policy continue", func(c *TLSConfig) { c.Policy = Continue }, nil, "-verify_return_error"},
		{"files with blanks and quotes", func(c *TLSConfig) {
			c.CAFiles, c.CertFile, c.KeyFile = []string{"/my roots/it's.pem"}, "/c.pem", "/k.pem"
		},
			[]string{`-CAfile '/my roots/it'\''s.pem'`, "-cert /c.pem", "-key /k.pem"}, ""},
		{"only mine", func(c *TLSConfig) { c.Trust, c.CAFiles = TrustMine, []string{"/r.pem"} }, []string{"-no-CApath", "-no-CAstore"}, ""},
		{"STARTTLS", func(c *TLSConfig) { c.StartTLS = "xmpp"; c.ServerName = "chat.example" }, []string{"-starttls xmpp", "-xmpphost chat.example"}, ""},
		{"versions", func(c *TLSConfig) { c.MinVersion, c.MaxVersion = tls.VersionTLS12, tls.VersionTLS12 }, []string{"-min_protocol TLSv1.2", "-max_protocol TLSv1.2"}, ""},
		{"legacy", func(c *TLSConfig) { c.Legacy = true }, []string{"-cipher DEFAULT:@SECLEVEL=0", "-min_protocol TLSv1"}, ""},
		{"another time", func(c *TLSConfig) { c.AsOf = time.Unix(1700000000, 0) }, []string{"-attime 1700000000"}, ""},
		{"ALPN", func(c *TLSConfig) { c.ALPN = []string{"h2", "http/1.1"} }, []string{"-alpn h2,http/1.1"}, ""},
	} {
		config := DefaultTLS()
		config.Address = "127.0.0.1:443"
		c.config(&config)
		got := OpenSSLCommand(config)
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %s lacks %s", c.name, got, want)
			}
		}
		if c.never != "" && strings.Contains(got, c.never) {
			t.Errorf("%s: %s has %s", c.name, got, c.never)
		}
	}
	if got := OpenSSLCommand(TLSConfig{}); got != "" {
		t.Errorf("without an address it is %q", got)
	}
}

func TestTheOpenSSLCommandWorks(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		if os.Getenv("WIREBENCH_NEED_PEERS") == "1" {
			t.Fatal(err)
		}
		t.Skip("openssl is not installed")
	}
	a := newAuthority(t)
	addr, _ := echoTLS(t, &tls.Config{Certificates: []tls.Certificate{a.leaf(t, nil)}, NextProtos: []string{"h2"}})
	c := a.trusting(addr)
	c.ServerName, c.ALPN, c.MinVersion = "localhost", []string{"h2"}, tls.VersionTLS12
	cmd := exec.Command("sh", "-c", OpenSSLCommand(c)+" </dev/null")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "Verify return code: 0 (ok)") || !strings.Contains(string(out), "ALPN protocol: h2") {
		t.Errorf("%s: %v\n%s", OpenSSLCommand(c), err, out)
	}
}
