package certs_test

import (
	"crypto/x509"
	"strings"
	"testing"
	"time"
	"unicode"

	"wirebench/sessions/certs"
	"wirebench/sessions/certs/testca"
)

// textBench makes a leaf below a CA below a root.
func textBench(t *testing.T, leaf testca.Spec) (made, ca, root *testca.Cert) {
	t.Helper()
	var err error
	if root, err = testca.SelfSigned(testca.Spec{CA: true, CommonName: "Root", NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(5, 0, 0)}); err != nil {
		t.Fatal(err)
	}
	if ca, err = root.Issue(testca.Spec{CA: true, CommonName: "CA", NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(1, 0, 0)}); err != nil {
		t.Fatal(err)
	}
	leaf.CommonName, leaf.DNSNames = "leaf", []string{"host.example"}
	if leaf.NotBefore.IsZero() {
		leaf.NotBefore, leaf.NotAfter = now.AddDate(0, 0, -10), now.AddDate(0, 0, 50)
	}
	if made, err = ca.Issue(leaf); err != nil {
		t.Fatal(err)
	}
	return made, ca, root
}

func TestTheTextOfAReportHasEverythingThatIsKnown(t *testing.T) {
	leaf, ca, root := textBench(t, testca.Spec{NotBefore: now.AddDate(0, 0, -60), NotAfter: now.AddDate(0, 0, -1)})
	r := certs.Check(certs.Input{Presented: [][]byte{leaf.DER, leaf.DER, root.DER}, Host: "other.example", Time: now, Store: certs.NewStore(root.X509),
		Extra: []*x509.Certificate{ca.X509}, Usage: x509.ExtKeyUsageServerAuth})
	r.Handshake = &certs.Handshake{Version: "TLS 1.3", CipherSuite: "TLS_AES_128_GCM_SHA256", Curve: "X25519", ALPN: "h2", Took: 1500 * time.Microsecond,
		StartTLS: "smtp", HelloRetry: true, ClientAsked: true, ClientProblem: "it is of another CA", ClientSent: "CN=me", Problem: "the server hung up"}
	r.Revocation = []certs.Revocation{{Depth: 0, Method: certs.MethodCRL, From: "http://crl.example/x", Result: certs.Good, Detail: "not in the list", Took: 2 * time.Millisecond}}
	text := r.Text()
	for _, want := range []string{
		"certificate principalMismatch: ",
		"  fault    name-mismatch (principalMismatch) at 0, CN=leaf\n           ",
		"  fault    expired (expired) at 0, CN=leaf\n           ",
		"           -> ",
		"  warning  duplicate-sent",
		"\nchain as built\n  0  CN=leaf  ",
		"\n  1  CN=CA  ", ", not sent\n",
		"\n  2  CN=Root  ", ", trust anchor\n",
		"\nchain as sent\n  0  CN=leaf  SHA-256 " + certs.Fingerprint(leaf.DER) + "\n",
		"  1  CN=leaf  SHA-256 " + certs.Fingerprint(leaf.DER) + ", the same as 0\n",
		"  2  CN=Root  SHA-256 " + certs.Fingerprint(root.DER) + "\n",
		"checked for other.example as of ", " against 1 root",
		"negotiated TLS 1.3, TLS_AES_128_GCM_SHA256, X25519, h2, after a hello retry request in 1.5 ms after STARTTLS of smtp\n",
		"handshake the server hung up\n",
		"the server asked for a client certificate: sent CN=me\n           it is of another CA\n",
		"revocation\n  0  CRL from http://crl.example/x in 2.0 ms: good, not in the list\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q:\n%s", want, text)
		}
	}
}

func TestTheTextOfAReportSaysWhereAChainEnds(t *testing.T) {
	leaf, ca, root := textBench(t, testca.Spec{})
	broken, _, _ := textBench(t, testca.Spec{Mangle: testca.NegativeSerial})
	for _, c := range []struct {
		name  string
		sent  []*testca.Cert
		roots []*x509.Certificate
		want  string
	}{
		{"at an issuer that is not found", []*testca.Cert{leaf}, nil, "  1  CN=CA  not found\n"},
		{"at a root that is not trusted", []*testca.Cert{leaf, ca, root}, nil, "  2  CN=Root  "},
		{"and that the root is no anchor", []*testca.Cert{leaf, ca, root}, nil, "     it ends here, in no trust anchor\n"},
		{"with what is of no use", []*testca.Cert{leaf, broken, ca}, []*x509.Certificate{root.X509}, ", cannot be parsed\n"},
		{"without blaming those behind what is of no use", []*testca.Cert{leaf, broken, ca}, []*x509.Certificate{root.X509}, "  2  CN=CA  SHA-256 " + certs.Fingerprint(ca.DER) + "\n"},
		{"with what is out of order", []*testca.Cert{leaf, root, ca}, []*x509.Certificate{root.X509}, ", out of order\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := certs.Input{Host: "host.example", Time: now, Store: certs.NewStore(c.roots...)}
			for _, s := range c.sent {
				in.Presented = append(in.Presented, s.DER)
			}
			if text := certs.Check(in).Text(); !strings.Contains(text, c.want) {
				t.Errorf("the text lacks %q:\n%s", c.want, text)
			}
		})
	}
}

func TestTheTextOfAReportObeysNothingThatCameFromAServer(t *testing.T) {
	evil := "a\x1b[31m\nb\u202ec\x00" + strings.Repeat("x", 100_000)
	r := &certs.Report{Status: certs.Unknown, Headline: evil, Host: evil, Time: now, Store: "no roots",
		Faults:     []certs.Finding{{Depth: 1, Subject: evil, Detail: evil, Hint: evil}},
		Handshake:  &certs.Handshake{Version: evil, Problem: evil, ClientAsked: true, ClientSent: evil, ClientProblem: evil, StartTLS: evil},
		Revocation: []certs.Revocation{{From: evil, Detail: evil}}}
	text := r.Text()
	for _, c := range text {
		if c != '\n' && !unicode.IsPrint(c) {
			t.Fatalf("%U is in the text", c)
		}
	}
	if strings.Contains(text, "\nb") || len(text) > 50_000 {
		t.Errorf("a text of %d bytes: %.200q", len(text), text)
	}
}
