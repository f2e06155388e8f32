//go:build !windows && !darwin

package certs_test

import (
	"crypto/x509"
	"os"
	"path/filepath"
	"testing"
	"time"

	"wirebench/sessions/certs"
	"wirebench/sessions/certs/testca"
)

func testRoot(t *testing.T, name string) *testca.Cert {
	t.Helper()
	c, err := testca.SelfSigned(testca.Spec{CommonName: name, CA: true})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTheSystemsRootsAreThoseOfGoWithEachOnce(t *testing.T) {
	one, two, three := testRoot(t, "One"), testRoot(t, "Two"), testRoot(t, "Three")
	dir, file := t.TempDir(), filepath.Join(t.TempDir(), "bundle.pem")
	write := func(path string, data []byte) {
		t.Helper()
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(file, append(testca.PEM(one, two, one), "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"...))
	write(filepath.Join(dir, "again.pem"), testca.PEM(two, three))
	if err := os.Symlink("again.pem", filepath.Join(dir, "0123abcd.0")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SSL_CERT_FILE", file)
	t.Setenv("SSL_CERT_DIR", dir)
	s, err := certs.LoadSystem()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(s.Anchors()); n != 3 {
		t.Errorf("%d anchors, want 3", n)
	}
	for _, c := range []*testca.Cert{one, two, three} {
		found := s.Find(c.X509.RawSubject)
		if len(found) != 1 || !found[0].Equal(c.X509) || !s.Contains(c.X509) {
			t.Errorf("%s: found %d", c.X509.Subject, len(found))
		}
	}
}

func TestStoresAddUpWithoutChangingEachOther(t *testing.T) {
	one, two := testRoot(t, "One"), testRoot(t, "Two")
	a := certs.NewStore(one.X509, one.X509, nil)
	b := a.With(two.X509)
	for _, c := range []struct {
		store *certs.Store
		text  string
		n     int
	}{{certs.NewStore(), "no roots", 0}, {a, "1 root of yours", 1}, {b, "2 roots of yours", 2}} {
		if c.store.String() != c.text || len(c.store.Anchors()) != c.n {
			t.Errorf("%q with %d anchors, want %q with %d", c.store, len(c.store.Anchors()), c.text, c.n)
		}
	}
	if a.Contains(two.X509) || len(a.Find(two.X509.RawSubject)) != 0 || !b.Contains(one.X509) {
		t.Error("adding to one store changed another")
	}
}

func TestAMissingBundleIsAnErrorOnlyWhenItCannotBeRead(t *testing.T) {
	empty := t.TempDir()
	t.Setenv("SSL_CERT_FILE", filepath.Join(empty, "none.pem"))
	t.Setenv("SSL_CERT_DIR", empty)
	s, err := certs.LoadSystem()
	if err != nil || s.String() != "no roots of the system, which has none" {
		t.Errorf("%v, %v", s, err)
	}
	t.Setenv("SSL_CERT_FILE", empty) // a folder
	if s, err := certs.LoadSystem(); err == nil {
		t.Errorf("a folder was read as a bundle: %v", s)
	}
}

func TestTheSystemsRootsAreExactlyThoseThatGoHas(t *testing.T) {
	s, err := certs.LoadSystem()
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := x509.SystemCertPool()
	if err != nil {
		t.Fatal(err)
	}
	ours := x509.NewCertPool()
	for _, c := range s.Anchors() {
		ours.AddCert(c)
	}
	if !ours.Equal(theirs) {
		t.Errorf("%s; crypto/x509 has other ones", s)
	}
}

func TestWhatCannotBeReadOfTheSystemsRootsIsCounted(t *testing.T) {
	one := testRoot(t, "One")
	dir := t.TempDir()
	for name, data := range map[string][]byte{"one.pem": testca.PEM(one), "huge.pem": nil} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Truncate(filepath.Join(dir, "huge.pem"), 17<<20); err != nil { // sparse
		t.Fatal(err)
	}
	if err := os.Symlink("/nowhere/at/all", filepath.Join(dir, "gone.pem")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SSL_CERT_FILE", filepath.Join(dir, "none.pem"))
	t.Setenv("SSL_CERT_DIR", dir+":"+filepath.Join(dir, "one.pem")+":"+filepath.Join(dir, "absent")) // one of them is no folder
	s, err := certs.LoadSystem()
	if err != nil || s.String() != "the system's 1 root (3 of its files cannot be read)" {
		t.Errorf("%v, %v", s, err)
	}
	if got := s.With(testRoot(t, "Two").X509).String(); got != "the system's 1 root (3 of its files cannot be read) and 1 of yours" {
		t.Error(got)
	}
}

func TestTheFilesOfASystemsRootsAreBoundedTogether(t *testing.T) {
	dir := t.TempDir()
	for n := range 5 { // of 15 MiB each, sparse
		name := filepath.Join(dir, string(rune('a'+n)))
		if err := os.WriteFile(name, testca.PEM(testRoot(t, name)), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(name, 15<<20); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("SSL_CERT_FILE", filepath.Join(dir, "none"))
	t.Setenv("SSL_CERT_DIR", dir)
	s, err := certs.LoadSystem()
	if err != nil || s.String() != "the system's 4 roots (1 of its files cannot be read)" {
		t.Errorf("%v, %v", s, err)
	}
}

// A root that lies in a folder alone is found when the bundle has no anchor, and only then read.
func TestTheFoldersAreReadWhenTheBundleDoesNotDo(t *testing.T) {
	bundled, apart := testRoot(t, "Bundled"), testRoot(t, "Apart")
	dir := t.TempDir()
	for path, c := range map[string]*testca.Cert{"bundle.pem": bundled, "folder/apart.pem": apart} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, path)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, path), testca.PEM(c), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("SSL_CERT_FILE", filepath.Join(dir, "bundle.pem"))
	t.Setenv("SSL_CERT_DIR", filepath.Join(dir, "folder"))
	s, err := certs.LoadSystem()
	if err != nil {
		t.Fatal(err)
	}
	s = s.With(testRoot(t, "Own").X509)
	for _, c := range []struct {
		root *testca.Cert
		text string
	}{{bundled, "the system's roots and 1 of yours"}, {apart, "the system's 2 roots and 1 of yours"}} {
		leaf, err := c.root.Issue(testca.Spec{CommonName: "localhost", DNSNames: []string{"localhost"}})
		if err != nil {
			t.Fatal(err)
		}
		r := certs.Check(certs.Input{Presented: [][]byte{leaf.DER}, Host: "localhost", Time: time.Now(), Store: s})
		if r.Status != certs.Trusted || r.Store != c.text {
			t.Errorf("%s: %s by %q, want %q", c.root.X509.Subject, r.Status, r.Store, c.text)
		}
	}
	if n := len(s.Anchors()); n != 3 {
		t.Errorf("%d anchors", n)
	}
}

func BenchmarkLoadSystem(b *testing.B) {
	for b.Loop() {
		if _, err := certs.LoadSystem(); err != nil {
			b.Fatal(err)
		}
	}
}
