package sessions

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// has fails the test when what a program wrote lacks one of the texts.
func has(t *testing.T, out string, texts ...string) {
	t.Helper()
	for _, want := range texts {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in:\n%s", want, out)
		}
	}
}

func TestOpenSSLComesToTheListenerWithEveryVersion(t *testing.T) {
	for version, name := range map[string]string{"-tls1_2": "TLS 1.2", "-tls1_3": "TLS 1.3"} {
		t.Run(name, func(t *testing.T) {
			l := listenTLS(t, nil)
			out := l.sclient(t, version, "-CAfile", rootFile(t, l.caDir), "-verify_return_error", "-verify_ip", "127.0.0.1", "-servername", "localhost")
			has(t, out, "Verify return code: 0 (ok)", "\nhello\n")
			s := l.next(t)
			if s.err != nil || s.end != io.EOF || string(s.heard) != "hello\n" {
				t.Fatalf("%+v", s)
			}
			if s.how != "close_notify" {
				t.Errorf("openssl ended with %s", s.how)
			}
			i := s.info
			if i.Version != name || i.CipherSuite == "" || i.Curve == "" || i.ServerName != "localhost" || i.ALPN != "" || i.Resumed || i.Subject != "" || i.Verified != "" {
				t.Errorf("%+v", i)
			}
			if want := name + ", " + i.CipherSuite + ", " + i.Curve + ", for localhost"; i.Summary() != want {
				t.Errorf("summary %q", i.Summary())
			}
		})
	}
}

func TestOpenSSLOfOldVersionsIsTakenWhenAskedFor(t *testing.T) {
	ca := newAuthority(t)
	cert, key := pairFiles(t, ca.leafRSA(t))
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-tls1", "-cipher", "ALL:@SECLEVEL=0"}, "TLS 1.0"},
		{[]string{"-tls1_1", "-cipher", "ALL:@SECLEVEL=0"}, "TLS 1.1"},
		{[]string{"-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0"}, "TLS 1.2"},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			l := listenTLS(t, func(s *ServerTLS) { s.CertFile, s.KeyFile, s.MinVersion = cert, key, tls.VersionTLS10 })
			has(t, l.sclient(t, c.args...), "\nhello\n")
			if s := l.next(t); s.err != nil || s.info.Version != c.want {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestOpenSSLIsToldThatNothingIsInCommon(t *testing.T) {
	t.Run("version below", func(t *testing.T) {
		l := listenTLS(t, func(s *ServerTLS) { s.MinVersion = tls.VersionTLS13 })
		has(t, l.sclient(t, "-tls1_2"), "alert protocol version")
		l.refused(t, "the client speaks TLS 1.2 at most, and the listener takes TLS 1.3 (lower the lowest version)")
	})
	t.Run("version above", func(t *testing.T) {
		l := listenTLS(t, func(s *ServerTLS) { s.MaxVersion = tls.VersionTLS12 })
		has(t, l.sclient(t, "-tls1_3"), "alert protocol version")
		l.refused(t, "the client speaks TLS 1.3 at least, and the listener takes TLS 1.2 (raise the highest version)")
	})
	t.Run("cipher suite", func(t *testing.T) {
		l := listenTLS(t, nil)
		has(t, l.sclient(t, "-tls1_2", "-cipher", "AES128-SHA:AES256-SHA"), "alert handshake failure")
		l.refused(t, "no cipher suite that both sides have", "TLS_RSA_WITH_AES_128_CBC_SHA", "TLS 1.0")
	})
	t.Run("cipher suite for another key", func(t *testing.T) {
		l := listenTLS(t, nil)
		l.sclient(t, "-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256")
		l.refused(t, "the client offers TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 (it wants a certificate with an RSA key, and the listener's key is ECDSA)")
	})
	t.Run("cipher suite of TLS 1.3", func(t *testing.T) {
		l := listenTLS(t, nil)
		l.sclient(t, "-tls1_3", "-ciphersuites", "TLS_AES_128_CCM_SHA256")
		l.refused(t, "no cipher suite that both sides have")
	})
	t.Run("key exchange", func(t *testing.T) {
		l := listenTLS(t, nil)
		l.sclient(t, "-tls1_3", "-groups", "X448")
		l.refused(t, "no key exchange that both sides know")
	})
	t.Run("signature", func(t *testing.T) {
		l := listenTLS(t, nil)
		l.sclient(t, "-tls1_3", "-sigalgs", "rsa_pss_rsae_sha256")
		l.refused(t, "the client accepts no signature that the listener's key (ECDSA) can make")
	})
	t.Run("ALPN", func(t *testing.T) {
		for _, version := range []string{"-tls1_2", "-tls1_3"} {
			l := listenTLS(t, func(s *ServerTLS) { s.ALPN = []string{"h2", "mine"} })
			has(t, l.sclient(t, version, "-alpn", "gopher,spdy"), "no application protocol")
			l.refused(t, `the client asks for one of the ALPN protocols "gopher", "spdy", and the listener has "h2", "mine"`)
		}
	})
}

func TestOpenSSLAgreesOnAnALPNProtocolAndAName(t *testing.T) {
	l := listenTLS(t, func(s *ServerTLS) { s.ALPN, s.Names = []string{"h2", "mine"}, []string{"dev.example"} })
	out := l.sclient(t, "-alpn", "gopher,mine", "-servername", "dev.example", "-CAfile", rootFile(t, l.caDir), "-verify_hostname", "dev.example")
	has(t, out, "ALPN protocol: mine", "Verify return code: 0 (ok)")
	if s := l.next(t); s.err != nil || s.info.ALPN != "mine" || s.info.ServerName != "dev.example" {
		t.Errorf("%+v, %+v", s, s.info)
	}
	l.sclient(t, "-noservername")
	if s := l.next(t); s.err != nil || s.info.ALPN != "" || s.info.ServerName != "" {
		t.Errorf("%+v, %+v", s, s.info)
	}
}

func TestOpenSSLThatDoesNotTrustTheListenerIsExplained(t *testing.T) {
	other := newAuthority(t)
	for _, version := range []string{"-tls1_2", "-tls1_3"} {
		t.Run("wrong root"+version, func(t *testing.T) {
			l := listenTLS(t, nil)
			l.sclient(t, version, "-verify_return_error", "-CAfile", other.file)
			err := l.refused(t, "the client sent the alert unknown_ca (48): the client does not trust this certificate; export the test CA's root and give it to the client")
			if strings.Contains(err.Error(), "add it to the names") {
				t.Errorf("error %v", err)
			}
		})
		t.Run("wrong root of a person's own"+version, func(t *testing.T) {
			cert, key := pairOf(t, newAuthority(t), nil)
			l := listenTLS(t, func(s *ServerTLS) { s.CertFile, s.KeyFile = cert, key })
			l.sclient(t, version, "-verify_return_error", "-CAfile", other.file)
			l.refused(t, "unknown_ca (48)", "give the client the root of the CA that issued it")
		})
		t.Run("wrong name"+version, func(t *testing.T) {
			l := listenTLS(t, nil)
			l.sclient(t, version, "-verify_return_error", "-CAfile", rootFile(t, l.caDir), "-verify_hostname", "other.example", "-servername", "other.example")
			l.refused(t, "bad_certificate (42)", "the certificate is not for the name other.example, which the client asked for: add it to the names")
		})
		t.Run("expired"+version, func(t *testing.T) {
			ca := newAuthority(t)
			cert, key := pairOf(t, ca, func(c *x509.Certificate) {
				c.NotBefore, c.NotAfter = time.Now().AddDate(0, 0, -9), time.Now().AddDate(0, 0, -2)
			})
			l := listenTLS(t, func(s *ServerTLS) { s.CertFile, s.KeyFile = cert, key })
			if !strings.HasSuffix(l.loaded.text, ", by Root of the tests, which has expired") {
				t.Errorf("text %q", l.loaded.text)
			}
			l.sclient(t, version, "-verify_return_error", "-CAfile", ca.file)
			l.refused(t, "certificate_expired (45): the listener's certificate has expired, on ")
		})
		t.Run("its clock is wrong"+version, func(t *testing.T) {
			l := listenTLS(t, nil)
			l.sclient(t, version, "-verify_return_error", "-CAfile", rootFile(t, l.caDir), "-attime", fmt.Sprint(time.Now().AddDate(5, 0, 0).Unix()))
			l.refused(t, "certificate_expired (45)", "which it has not (check the client's clock")
		})
	}
}

func TestOpenSSLWithAClientCertificate(t *testing.T) {
	ca, other := newAuthority(t), newAuthority(t)
	cert, key := pairOf(t, ca, nil)
	wrong, wrongKey := pairOf(t, other, nil)
	old, oldKey := pairOf(t, ca, func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().AddDate(0, 0, -9), time.Now().AddDate(0, 0, -2)
	})
	server, serverKey := pairOf(t, ca, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} })
	both, bothKey := pairOf(t, other, func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().AddDate(0, 0, -9), time.Now().AddDate(0, 0, -2)
	})
	with := func(cert, key string) []string { return []string{"-cert", cert, "-key", key} }
	for _, version := range []string{"-tls1_2", "-tls1_3"} {
		for name, c := range map[string]struct {
			auth     ClientAuth
			cas      []string
			args     []string
			verified string   // of a client that comes in
			shown    string   // likewise
			refused  []string // why one does not
			alert    string   // what openssl says then
		}{
			"not asked, sends none":            {NoClientCert, nil, with(cert, key), "", "", nil, ""},
			"asked, has none":                  {RequestClientCert, []string{ca.file}, nil, "", "", nil, ""},
			"asked, has one":                   {RequestClientCert, []string{ca.file}, with(cert, key), "verified with the root CN=Root of the tests", "CN=Leaf of the tests", nil, ""},
			"asked, has a wrong one":           {RequestClientCert, []string{ca.file}, with(wrong, wrongKey), "", "", []string{"the certificate of the client, CN=Leaf of the tests, does not pass: "}, "alert bad certificate"},
			"required, has one":                {RequireClientCert, []string{ca.file}, with(cert, key), "verified with the root CN=Root of the tests", "CN=Leaf of the tests", nil, ""},
			"required, has none":               {RequireClientCert, []string{ca.file}, nil, "", "", []string{"the client sent no certificate, and the listener requires one"}, map[string]string{"-tls1_2": "alert handshake failure", "-tls1_3": "alert certificate required"}[version]},
			"required, has an old one":         {RequireClientCert, []string{ca.file}, with(old, oldKey), "", "", []string{"does not pass: ", "it ended on "}, "alert bad certificate"},
			"required, has a server's":         {RequireClientCert, []string{ca.file}, with(server, serverKey), "", "", []string{"does not pass: ", "client"}, "alert bad certificate"},
			"required, two things are wrong":   {RequireClientCert, []string{ca.file}, with(both, bothKey), "", "", []string{"does not pass: ", "it ended on ", "; "}, "alert bad certificate"},
			"required, and any will do":        {RequireClientCert, nil, with(wrong, wrongKey), "not verified: no roots are named to hold it against", "CN=Leaf of the tests", nil, ""},
			"required, any will do, even old":  {RequireClientCert, nil, with(old, oldKey), "not verified: no roots are named to hold it against", "CN=Leaf of the tests", nil, ""},
			"required, of any of two roots":    {RequireClientCert, []string{other.file, ca.file}, with(cert, key), "verified with the root CN=Root of the tests", "CN=Leaf of the tests", nil, ""},
			"required, has none, any would do": {RequireClientCert, nil, nil, "", "", []string{"the client sent no certificate"}, "alert"},
		} {
			t.Run(name+version, func(t *testing.T) {
				l := listenTLS(t, func(s *ServerTLS) { s.ClientAuth, s.ClientCAFiles = c.auth, c.cas })
				out := l.sclient(t, append([]string{version}, c.args...)...)
				if c.auth != NoClientCert && len(c.cas) > 0 && c.alert == "" {
					has(t, out, "Acceptable client certificate CA names", "CN = Root of the tests")
				}
				if c.refused != nil {
					has(t, out, c.alert)
					l.refused(t, c.refused...)
					return
				}
				s := l.next(t)
				if s.err != nil || s.end != io.EOF || string(s.heard) != "hello\n" {
					t.Fatalf("%+v", s)
				}
				if s.info.Verified != c.verified || s.info.Subject != c.shown || (s.info.Issuer != "") != (c.shown != "") {
					t.Errorf("%+v", s.info)
				}
				if c.shown != "" && !strings.HasSuffix(s.info.Summary(), ", client certificate "+c.shown+", "+c.verified) {
					t.Errorf("summary %q", s.info.Summary())
				}
			})
		}
	}
}

func TestOpenSSLResumesItsSession(t *testing.T) {
	ca := newAuthority(t)
	cert, key := pairOf(t, ca, nil)
	for _, version := range []string{"-tls1_2", "-tls1_3"} {
		for _, auth := range []ClientAuth{NoClientCert, RequireClientCert} {
			t.Run(auth.String()+version, func(t *testing.T) {
				l := listenTLS(t, func(s *ServerTLS) { s.ClientAuth, s.ClientCAFiles = auth, []string{ca.file} })
				file := filepath.Join(t.TempDir(), "session")
				args := []string{version, "-cert", cert, "-key", key}
				l.sclient(t, append(args, "-sess_out", file)...)
				if s := l.next(t); s.err != nil || s.info.Resumed {
					t.Fatalf("%+v", s)
				}
				l.sclient(t, append(args, "-sess_in", file)...)
				s := l.next(t)
				if s.err != nil || !s.info.Resumed || !strings.Contains(s.info.Summary(), ", resumed") {
					t.Fatalf("%+v, %+v", s, s.info)
				}
				if auth == RequireClientCert && s.info.Verified != "verified with the root CN=Root of the tests" {
					t.Errorf("%+v", s.info)
				}
			})
		}
	}
}

func TestRenegotiationIsRefusedInWords(t *testing.T) {
	l := listenTLS(t, nil)
	r, w, err := os.Pipe() // at the end of its input openssl would leave
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	defer r.Close()
	if _, err := io.WriteString(w, "R\n"); err != nil {
		t.Fatal(err)
	}
	has(t, run(t, r, "openssl", "s_client", "-connect", l.addr, "-tls1_2"), "RENEGOTIATING")
	s := l.next(t)
	if s.err != nil {
		t.Fatal(s.err)
	}
	says(t, s.end, "shake hands again in the middle of the connection")
}

func TestTheKeyLogOpensWhatOpenSSLSent(t *testing.T) {
	log := filepath.Join(t.TempDir(), "keys.log")
	theirs := filepath.Join(t.TempDir(), "theirs.log")
	l := listenTLS(t, func(s *ServerTLS) { s.KeyLogFile = log })
	l.sclient(t, "-keylogfile", theirs)
	l.next(t)
	ours, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(theirs)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(want)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "CLIENT_TRAFFIC_SECRET_0" && strings.Contains(string(ours), strings.TrimSpace(line)) {
			return
		}
	}
	t.Errorf("openssl has\n%s\nand the listener\n%s", want, ours)
}

func TestCurlComesToTheListener(t *testing.T) {
	l := listenTLS(t, func(s *ServerTLS) { s.ALPN = []string{"http/1.1"} })
	_, port, _ := strings.Cut(l.addr, ":")
	out := run(t, nil, "curl", "-sv", "--http0.9", "--max-time", "20", "--cacert", rootFile(t, l.caDir), "https://localhost:"+port+"/x")
	has(t, out, "SSL certificate verify ok", "GET /x HTTP/1.1")
	if s := l.next(t); s.err != nil || s.info.ServerName != "localhost" || s.info.ALPN != "http/1.1" {
		t.Errorf("%+v, %+v", s, s.info)
	}
	run(t, nil, "curl", "-sv", "--max-time", "20", "https://localhost:"+port+"/x")
	l.refused(t, "unknown_ca (48)", "export the test CA's root")
	run(t, nil, "curl", "-sv", "--max-time", "20", "http://localhost:"+port+"/x")
	l.refused(t, "that is an HTTP request; the listener speaks TLS (write https:// in the client")
}

func TestNcatComesToTheListener(t *testing.T) {
	l := listenTLS(t, nil)
	host, port, _ := strings.Cut(l.addr, ":")
	has(t, run(t, strings.NewReader("hello\n"), "ncat", "--ssl", host, port), "hello\n")
	if s := l.next(t); s.err != nil || s.end != io.EOF || string(s.heard) != "hello\n" {
		t.Errorf("%+v", s)
	}
	run(t, strings.NewReader("hello\n"), "ncat", "--ssl-verify", host, port)
	l.refused(t, "unknown_ca (48)")
	run(t, strings.NewReader("hello\n"), "ncat", host, port)
	l.refused(t, `the client does not speak TLS; what it sent begins with "hello\n"`)
}
