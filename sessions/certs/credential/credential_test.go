package credential

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"wirebench/sessions/certs/testca"
)

// openssl runs openssl and ends the test when it fails; without openssl the test is skipped, except where
// the machine is meant to have it.
func openssl(t *testing.T, args ...string) {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		if os.Getenv("WIREBENCH_NEED_PEERS") == "1" {
			t.Fatal(err)
		}
		t.Skip("openssl is not installed")
	}
	if out, err := exec.Command("openssl", args...).CombinedOutput(); err != nil {
		t.Fatalf("openssl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// files makes a certificate with its issuer and its key in a folder.
func files(t *testing.T, kind testca.KeyType) (dir string, leaf *testca.Cert) {
	t.Helper()
	root, err := testca.SelfSigned(testca.Spec{CommonName: "root", CA: true})
	if err != nil {
		t.Fatal(err)
	}
	if leaf, err = root.Issue(testca.Spec{CommonName: "client", KeyType: kind}); err != nil {
		t.Fatal(err)
	}
	key, err := leaf.KeyPEM()
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	for name, data := range map[string][]byte{
		"cert.pem": testca.PEM(leaf, root), "reversed.pem": testca.PEM(root, leaf), "key.pem": key,
		"both.pem": append(testca.PEM(leaf), key...), "cert.der": leaf.DER, "root.pem": testca.PEM(root),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir, leaf
}

func TestEveryUsualFileIsRead(t *testing.T) {
	for _, kind := range []testca.KeyType{testca.P256, testca.RSA2048, testca.Ed25519} {
		dir, leaf := files(t, kind)
		in := func(name string) string { return filepath.Join(dir, name) }
		openssl(t, "pkcs8", "-topk8", "-v2", "aes256", "-in", in("key.pem"), "-out", in("key-aes.pem"), "-passout", "pass:secret")
		openssl(t, "pkcs8", "-topk8", "-v2", "des3", "-v2prf", "hmacWithSHA1", "-in", in("key.pem"), "-out", in("key-des3.pem"), "-passout", "pass:secret")
		openssl(t, "pkcs8", "-topk8", "-scrypt", "-in", in("key.pem"), "-out", in("key-scrypt.pem"), "-passout", "pass:secret")
		openssl(t, "pkcs8", "-topk8", "-nocrypt", "-in", in("key.pem"), "-outform", "DER", "-out", in("key.der"))
		openssl(t, "pkcs12", "-export", "-in", in("cert.pem"), "-inkey", in("key.pem"), "-out", in("modern.p12"), "-passout", "pass:secret")
		openssl(t, "pkcs12", "-export", "-in", in("cert.pem"), "-inkey", in("key.pem"), "-out", in("open.p12"), "-passout", "pass:")
		openssl(t, "pkcs12", "-export", "-legacy", "-in", in("cert.pem"), "-inkey", in("key.pem"), "-out", in("legacy.p12"), "-passout", "pass:secret")
		for _, c := range []struct {
			cert, key, pass string
			chain           int
		}{
			{"cert.pem", "key.pem", "", 2},
			{"reversed.pem", "key.pem", "", 2},
			{"both.pem", "", "", 1},
			{"cert.der", "key.der", "", 1},
			{"cert.pem", "key-aes.pem", "secret", 2},
			{"cert.pem", "key-des3.pem", "secret", 2},
			{"cert.pem", "key-scrypt.pem", "secret", 2},
			{"modern.p12", "", "secret", 2},
			{"open.p12", "", "", 2},
			{"legacy.p12", "", "secret", 2},
		} {
			key := ""
			if c.key != "" {
				key = in(c.key)
			}
			got, err := Load(in(c.cert), key, c.pass)
			if err != nil {
				t.Errorf("%s with %q: %v", c.cert, c.key, err)
				continue
			}
			if string(got.Certificate[0]) != string(leaf.DER) || len(got.Certificate) != c.chain {
				t.Errorf("%s with %q: the first of %d certificates is not the leaf, or there should be %d", c.cert, c.key, len(got.Certificate), c.chain)
			}
		}
		for _, c := range []struct{ cert, key, pass, says string }{
			{"cert.pem", "key-aes.pem", "", "is needed"},
			{"cert.pem", "key-aes.pem", "wrong", "not the right one"},
			{"modern.p12", "", "", "is needed"},
			{"modern.p12", "", "wrong", "not the right one"},
			{"legacy.p12", "", "wrong", "not the right one"},
		} {
			key := ""
			if c.key != "" {
				key = in(c.key)
			}
			_, err := Load(in(c.cert), key, c.pass)
			if !errors.Is(err, ErrPassphrase) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s with %q and %q: %v, want one that says %q", c.cert, c.key, c.pass, err, c.says)
			}
		}
	}
}

func TestTheOldEncryptionOfPEMIsRead(t *testing.T) {
	dir, _ := files(t, testca.RSA2048)
	in := func(name string) string { return filepath.Join(dir, name) }
	openssl(t, "rsa", "-traditional", "-des3", "-in", in("key.pem"), "-out", in("old.pem"), "-passout", "pass:secret")
	if _, err := Load(in("cert.pem"), in("old.pem"), "secret"); err != nil {
		t.Error(err)
	}
	for pass, says := range map[string]string{"": "is needed", "wrong": "not the right one"} {
		if _, err := Load(in("cert.pem"), in("old.pem"), pass); !errors.Is(err, ErrPassphrase) || !strings.Contains(err.Error(), says) {
			t.Errorf("passphrase %q: %v", pass, err)
		}
	}
}

func TestErrorsSayWhatIsWrongWithWhichFile(t *testing.T) {
	dir, _ := files(t, testca.P256)
	other, _ := files(t, testca.RSA2048)
	in := func(name string) string { return filepath.Join(dir, name) }
	for _, c := range []struct{ cert, key, says string }{
		{in("cert.pem"), filepath.Join(other, "key.pem"), "does not belong to the certificate"},
		{in("cert.pem"), "", "it has no private key"},
		{in("key.pem"), in("key.pem"), "it has no certificate"},
		{in("cert.pem"), in("none.pem"), "no such file"},
		{in("cert.der"), "", "neither PEM nor PKCS#12"},
	} {
		_, err := Load(c.cert, c.key, "")
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s with %s: %v, want one that says %q", filepath.Base(c.cert), filepath.Base(c.key), err, c.says)
		}
	}
}
