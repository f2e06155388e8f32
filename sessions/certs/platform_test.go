package certs

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"
)

// TestThePlatformIsAskedForTheAnchorOnly has a pool of this process stand in for the system's: it too is
// asked through x509.Certificate.Verify and keeps its certificates to itself.
func TestThePlatformIsAskedForTheAnchorOnly(t *testing.T) {
	at := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	make := func(name string, ca bool, from, to int, parent *x509.Certificate) *x509.Certificate {
		c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, BasicConstraintsValid: true, IsCA: ca, MaxPathLen: -1,
			NotBefore: at.AddDate(0, 0, from), NotAfter: at.AddDate(0, 0, to), SubjectKeyId: []byte(name)}
		if parent == nil {
			parent = c
		}
		der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		if c, err = x509.ParseCertificate(der); err != nil {
			t.Fatal(err)
		}
		return c
	}
	root := make("Root", true, -900, 900, nil)
	mid := make("Middle", true, -500, 100, root)
	expiredMid := make("Middle", true, -500, -5, root)
	stranger := make("Stranger", true, -500, 100, nil)
	pool := x509.NewCertPool()
	pool.AddCert(root)

	for _, c := range []struct {
		name      string
		presented []*x509.Certificate
		anchored  bool
		length    int
	}{
		{"a good chain", []*x509.Certificate{make("leaf", false, -10, 10, mid), mid}, true, 3},
		{"an expired leaf", []*x509.Certificate{make("leaf", false, -30, -10, mid), mid}, true, 3},
		{"an expired leaf below an intermediate that was not valid with it", []*x509.Certificate{make("leaf", false, -900, -800, mid), mid}, true, 3},
		{"an expired intermediate", []*x509.Certificate{make("leaf", false, -3, 10, expiredMid), expiredMid}, true, 3},
		{"the root sent too", []*x509.Certificate{make("leaf", false, -10, 10, mid), mid, root}, true, 3},
		{"an unknown CA", []*x509.Certificate{make("leaf", false, -10, 10, stranger), stranger}, false, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := &checker{in: Input{Store: NewStore(), Time: at}, report: &Report{}}
			for _, x := range c.presented {
				k.in.Presented = append(k.in.Presented, x.Raw)
			}
			k.parse()
			k.builder = newBuilder(k.in.Store, k.report.Presented, nil)
			paths := k.builder.find(k.report.Presented[0].Cert)
			got, ok := k.platform(pool, paths)
			if ok != c.anchored || ok && (!got.anchored || len(got.chain) != c.length || string(got.chain[len(got.chain)-1].Raw) != string(root.Raw)) {
				t.Errorf("anchored %v with %d certificates, want %v with %d", ok, len(got.chain), c.anchored, c.length)
			}
			if ok && got.chain[0] != k.report.Presented[0].Cert {
				t.Error("the leaf is another copy than the one presented")
			}
		})
	}
}
