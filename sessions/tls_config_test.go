package sessions

import (
	"crypto/tls"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestTLSConfigurationsThatCannotWorkNameTheirField(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing.pem")
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		field  string
		change func(*TLSConfig)
		want   string
	}{
		{"Address", func(c *TLSConfig) { c.Address = "tcp://localhost:443" }, "tls://host:port"},
		{"Address", func(c *TLSConfig) { c.Address = "" }, "missing"},
		{"LocalAddress", func(c *TLSConfig) { c.LocalAddress = "nowhere" }, "not an IP address"},
		{"ServerName", func(c *TLSConfig) { c.ServerName = "a b" }, "server name: "},
		{"VerifyName", func(c *TLSConfig) { c.VerifyName = "a/b" }, "name to verify: "},
		{"ALPN", func(c *TLSConfig) { c.ALPN = []string{"h2", ""} }, "1 to 255"},
		{"ALPN", func(c *TLSConfig) { c.ALPN = slices.Repeat([]string{strings.Repeat("x", 255)}, 300) }, "65,535"},
		{"MinVersion", func(c *TLSConfig) { c.MinVersion = tls.VersionTLS10 }, "switch legacy on"},
		{"MinVersion", func(c *TLSConfig) { c.MinVersion = 0x300; c.Legacy = true }, "not one of 1.0 to 1.3"},
		{"MaxVersion", func(c *TLSConfig) { c.MaxVersion = 0x305 }, "not one of 1.0 to 1.3"},
		{"MaxVersion", func(c *TLSConfig) { c.MaxVersion = tls.VersionTLS11 }, "switch legacy on"},
		{"MinVersion", func(c *TLSConfig) { c.MinVersion, c.MaxVersion = tls.VersionTLS13, tls.VersionTLS12 }, "above the highest"},
		{"StartTLS", func(c *TLSConfig) { c.StartTLS = "gopher" }, "smtp, imap"},
		{"CertFile", func(c *TLSConfig) { c.KeyFile = "key.pem" }, "no certificate"},
		{"CertFile", func(c *TLSConfig) { c.CertFile = missing }, "missing.pem"},
		{"CAFiles", func(c *TLSConfig) { c.Trust = TrustMine }, "there are none"},
		{"CAFiles", func(c *TLSConfig) { c.CAFiles = []string{missing} }, "missing.pem"},
		{"CAFiles", func(c *TLSConfig) { c.CAFiles = []string{empty} }, "empty.pem"},
		{"ExtraFiles", func(c *TLSConfig) { c.ExtraFiles = []string{missing} }, "missing.pem"},
		{"CRLFiles", func(c *TLSConfig) { c.CRLFiles = []string{missing} }, "missing.pem"},
		{"HandshakeTimeout", func(c *TLSConfig) { c.HandshakeTimeout = -1 }, "negative"},
		{"Policy", func(c *TLSConfig) { c.Policy = 9 }, "not known"},
		{"Trust", func(c *TLSConfig) { c.Trust = 9 }, "not known"},
	} {
		config := plainTLS("tls://localhost:443")
		c.change(&config)
		s, _ := tlsSession(t, config, Options{})
		err := s.Start(t.Context())
		var bad *ConfigError
		if !errors.As(err, &bad) || bad.Field != c.field || !strings.Contains(bad.Problem, c.want) {
			t.Errorf("got %#v; want %s: %s", err, c.field, c.want)
		}
		if s.State() != Idle {
			t.Errorf("%s: state %v", c.field, s.State())
		}
	}
	for _, good := range []func(*TLSConfig){
		func(c *TLSConfig) {},
		func(c *TLSConfig) { c.Legacy, c.MaxVersion = true, tls.VersionTLS10 },
		func(c *TLSConfig) { c.MaxVersion = tls.VersionTLS12 },
		func(c *TLSConfig) { c.ServerName, c.VerifyName = "bücher.example.", "[::1]" },
	} {
		c := plainTLS("tls://localhost:443")
		good(&c)
		if err := c.Check(); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestEveryFieldCountsForEquality(t *testing.T) {
	base := DefaultTLS()
	if !base.Equal(DefaultTLS()) {
		t.Fatal("two default configurations differ")
	}
	var walk func(path string, at func(*TLSConfig) reflect.Value)
	walk = func(path string, at func(*TLSConfig) reflect.Value) {
		c := DefaultTLS()
		v := at(&c)
		switch v.Kind() {
		case reflect.String:
			v.SetString("other")
		case reflect.Bool:
			v.SetBool(!v.Bool())
		case reflect.Uint8, reflect.Uint16:
			v.SetUint(v.Uint() + 1)
		case reflect.Int64:
			v.SetInt(v.Int() + 1)
		case reflect.Slice:
			v.Set(reflect.ValueOf([]string{"other"}))
		case reflect.Struct:
			if v.Type() == reflect.TypeFor[time.Time]() {
				v.Set(reflect.ValueOf(time.Now()))
				break
			}
			for i := range v.NumField() {
				walk(path+"."+v.Type().Field(i).Name, func(c *TLSConfig) reflect.Value { return at(c).Field(i) })
			}
			return
		default:
			t.Fatalf("%s is a %s", path, v.Kind())
		}
		if c.Equal(base) || base.Equal(c) {
			t.Errorf("%s makes no difference", path)
		}
	}
	walk("TLSConfig", func(c *TLSConfig) reflect.Value { return reflect.ValueOf(c).Elem() })
}

func TestPoliciesAndTrustAreWrittenAsTheyAreRead(t *testing.T) {
	for _, p := range []Policy{Strict, Inspect, Continue} {
		if got, err := ParsePolicy(strings.ToUpper(p.String())); err != nil || got != p {
			t.Errorf("%v: %v, %v", p, got, err)
		}
	}
	for _, x := range []Trust{TrustBoth, TrustSystem, TrustMine} {
		if got, err := ParseTrust(x.String()); err != nil || got != x {
			t.Errorf("%v: %v, %v", x, got, err)
		}
	}
	if _, err := ParsePolicy("lax"); err == nil {
		t.Error("policy lax is known")
	}
	if _, err := ParseTrust("nobody"); err == nil {
		t.Error("trust nobody is known")
	}
}
