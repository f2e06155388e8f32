package credential

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

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
		{in("cert.pem"), in("none.pem"), "none.pem"},
		{in("cert.der"), "", "it has no private key: name the file that has it"},
		{in("key.pem"), in("cert.pem"), "it has no certificate: it holds a private key"},
		{in("cert.pem"), in("root.pem"), "root.pem: it has no private key"},
		{in("none.pem"), "", "none.pem"},
		{dir, "", dir},
	} {
		_, err := Load(c.cert, c.key, "")
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s with %s: %v, want one that says %q", filepath.Base(c.cert), filepath.Base(c.key), err, c.says)
		}
		if missing := strings.HasSuffix(c.cert+c.key, "none.pem"); errors.Is(err, fs.ErrNotExist) != missing {
			t.Errorf("%s with %s: %v, and that a file is missing is %t", filepath.Base(c.cert), filepath.Base(c.key), err, missing)
		}
	}
}

func TestAnExpiredCertificateIsTheServersBusiness(t *testing.T) {
	dir, leaf := files(t, testca.P256)
	old, err := testca.SelfSigned(testca.Spec{CommonName: "old", Key: leaf.Key, NotBefore: time.Unix(1e9, 0), NotAfter: time.Unix(1.1e9, 0)})
	if err != nil {
		t.Fatal(err)
	}
	path := write(t, dir, "old.pem", testca.PEM(old))
	c, err := Load(path, filepath.Join(dir, "key.pem"), "")
	if err != nil || !bytes.Equal(c.Leaf.Raw, old.DER) {
		t.Error(err)
	}
}

func write(t *testing.T, dir, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheChainKeepsItsOrderAndTheKeyFindsItsCertificate(t *testing.T) {
	root, err := testca.SelfSigned(testca.Spec{CommonName: "root", CA: true})
	if err != nil {
		t.Fatal(err)
	}
	mid, err := root.Issue(testca.Spec{CommonName: "mid", CA: true})
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := mid.Issue(testca.Spec{CommonName: "leaf"})
	if err != nil {
		t.Fatal(err)
	}
	var keys []byte
	for _, c := range []*testca.Cert{root, leaf} { // the right key is not the first
		key, err := c.KeyPEM()
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key...)
	}
	dir := t.TempDir()
	key := write(t, dir, "keys.pem", keys[bytes.LastIndex(keys, []byte("-----BEGIN")):])
	for name, c := range map[string]struct{ file, want []*testca.Cert }{
		"leaf first": {[]*testca.Cert{leaf, mid, root}, []*testca.Cert{leaf, mid, root}},
		"root first": {[]*testca.Cert{root, mid, leaf}, []*testca.Cert{leaf, root, mid}},
	} {
		got, err := Load(write(t, dir, "chain.pem", testca.PEM(c.file...)), key, "")
		if err != nil || !slices.EqualFunc(got.Certificate, c.want, func(der []byte, c *testca.Cert) bool { return bytes.Equal(der, c.DER) }) {
			t.Errorf("%s: %d certificates, %v", name, len(got.Certificate), err)
		}
	}
	if c, err := Load(write(t, dir, "chain.pem", testca.PEM(leaf)), write(t, dir, "keys.pem", keys), ""); err != nil || c.PrivateKey == nil {
		t.Errorf("with two keys in the file: %v", err)
	}
}

func TestEncryptedKeysOfOpenSSLAreRead(t *testing.T) {
	for name, args := range map[string][]string{
		"RSA":     {"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"},
		"EC":      {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"},
		"Ed25519": {"-algorithm", "ED25519"},
	} {
		dir := t.TempDir()
		in := func(name string) string { return filepath.Join(dir, name) }
		openssl(t, append([]string{"genpkey", "-aes256", "-pass", "pass:secret", "-out", in("key.pem")}, args...)...)
		openssl(t, "req", "-x509", "-new", "-key", in("key.pem"), "-passin", "pass:secret", "-subj", "/CN=x", "-out", in("cert.pem"))
		openssl(t, "pkcs8", "-topk8", "-in", in("key.pem"), "-passin", "pass:secret", "-passout", "pass:secret", "-outform", "DER", "-out", in("key.der"))
		for _, key := range []string{"key.pem", "key.der"} {
			if _, err := Load(in("cert.pem"), in(key), "secret"); err != nil {
				t.Errorf("%s, %s: %v", name, key, err)
			}
			for pass, says := range map[string]string{"": "is needed", "wrong": "not the right one"} {
				if _, err := Load(in("cert.pem"), in(key), pass); !errors.Is(err, ErrPassphrase) || !strings.Contains(err.Error(), says) {
					t.Errorf("%s, %s with %q: %v", name, key, pass, err)
				}
			}
		}
	}
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	openssl(t, "ecparam", "-name", "prime256v1", "-genkey", "-out", in("plain.pem")) // parameters stand before the key
	openssl(t, "req", "-x509", "-new", "-key", in("plain.pem"), "-subj", "/CN=x", "-out", in("cert.pem"))
	openssl(t, "ec", "-aes256", "-in", in("plain.pem"), "-out", in("key.pem"), "-passout", "pass:secret")
	openssl(t, "crl2pkcs7", "-nocrl", "-certfile", in("cert.pem"), "-out", in("cert.p7b"))
	for _, c := range [][2]string{{"cert.pem", "plain.pem"}, {"cert.pem", "key.pem"}, {"cert.p7b", "key.pem"}} {
		if _, err := Load(in(c[0]), in(c[1]), "secret"); err != nil {
			t.Errorf("%s with %s: %v", c[0], c[1], err)
		}
	}
}

func TestWhatCannotBeUsedIsNamed(t *testing.T) {
	dir, _ := files(t, testca.P256)
	in := func(name string) string { return filepath.Join(dir, name) }
	openssl(t, "pkcs12", "-export", "-in", in("cert.pem"), "-inkey", in("key.pem"), "-out", in("a.p12"), "-passout", "pass:secret")
	openssl(t, "pkcs12", "-export", "-nokeys", "-in", in("cert.pem"), "-out", in("nokey.p12"), "-passout", "pass:secret")
	openssl(t, "pkcs12", "-export", "-nomac", "-in", in("cert.pem"), "-inkey", in("key.pem"), "-out", in("nomac.p12"), "-passout", "pass:")
	openssl(t, "genpkey", "-algorithm", "X25519", "-out", in("x25519.pem"))
	openssl(t, "pkcs8", "-topk8", "-v1", "PBE-SHA1-3DES", "-in", in("key.pem"), "-out", in("v1.pem"), "-passout", "pass:secret")
	openssl(t, "pkcs8", "-topk8", "-v2", "camellia256", "-in", in("key.pem"), "-out", in("camellia.pem"), "-passout", "pass:secret")
	openssl(t, "pkcs8", "-topk8", "-iter", "5000001", "-in", in("key.pem"), "-out", in("slow.pem"), "-passout", "pass:secret")
	openssl(t, "pkcs12", "-export", "-iter", "2000000", "-in", in("cert.pem"), "-inkey", in("key.pem"), "-out", in("slow.p12"), "-passout", "pass:secret")
	p12, err := os.ReadFile(in("nomac.p12"))
	if err != nil {
		t.Fatal(err)
	}
	aes := []byte("\x60\x86\x48\x01\x65\x03\x04\x01\x2a\x04\x10") // AES-256-CBC, and behind it the initial vector
	if i := bytes.Index(p12, aes); i < 0 {
		t.Fatal("there is no AES in the file")
	} else {
		p12[i+len(aes)-1] = 8
	}
	write(t, dir, "iv.p12", p12)
	write(t, dir, "ssh.pem", []byte("-----BEGIN OPENSSH PRIVATE KEY-----\nMAA=\n-----END OPENSSH PRIVATE KEY-----\n"))
	write(t, dir, "dsa.pem", []byte("-----BEGIN DSA PRIVATE KEY-----\nMAA=\n-----END DSA PRIVATE KEY-----\n"))
	write(t, dir, "cut.pem", []byte("-----BEGIN PRIVATE KEY-----\nMAA=\n"))
	write(t, dir, "noise", []byte("noise"))
	write(t, dir, "large", make([]byte, maxFile+1))
	write(t, dir, "broken.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte{0x30, 0}}))
	for _, c := range []struct{ cert, key, says string }{
		{"a.p12", "key.pem", "a.p12: it is PKCS#12, which has its own private key"},
		{"cert.pem", "a.p12", "a.p12: it is PKCS#12, which has the certificate too"},
		{"nokey.p12", "", "private key missing"},
		{"iv.p12", "", "damaged"},
		{"slow.p12", "", "more than the 5000000 rounds"},
		{"cert.pem", "slow.pem", "5000001 rounds"},
		{"cert.pem", "x25519.pem", "cannot sign"},
		{"cert.pem", "v1.pem", "openssl pkcs8 -topk8"},
		{"cert.pem", "camellia.pem", "AES and triple DES are"},
		{"cert.pem", "ssh.pem", "ssh-keygen -p -m PKCS8"},
		{"cert.pem", "dsa.pem", "cannot be read"},
		{"cert.pem", "cut.pem", "(line 1) is damaged"},
		{"cert.pem", "noise", "it is no private key"},
		{"cert.pem", "cert.der", "cert.der: it has no private key"},
		{"cert.pem", "large", "larger than 4 MiB"},
		{"noise", "key.pem", "neither PEM nor DER"},
		{"broken.pem", "key.pem", "its certificate number 1 cannot be parsed"},
	} {
		key, pass := "", "secret"
		if c.key != "" {
			key = in(c.key)
		}
		if c.cert == "iv.p12" {
			pass = ""
		}
		_, err := Load(in(c.cert), key, pass)
		if err == nil || errors.Is(err, ErrPassphrase) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s with %s: %v, want one that says %q", c.cert, c.key, err, c.says)
		}
	}
}

// FuzzKeys looks for files that make reading keys panic, or accept what signs nothing.
func FuzzKeys(f *testing.F) {
	leaf, err := testca.SelfSigned(testca.Spec{CommonName: "x"})
	if err != nil {
		f.Fatal(err)
	}
	key, err := leaf.KeyPEM()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(key)
	f.Add(append(testca.PEM(leaf), key...))
	block, _ := pem.Decode(key)
	f.Add(block.Bytes)
	//lint:ignore SA1019 the old encryption is read, and so looked at here
	old, err := x509.EncryptPEMBlock(zeros{}, "EC PRIVATE KEY", block.Bytes, []byte("x"), x509.PEMCipherAES128)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(pem.EncodeToMemory(old))
	// PBES2 with PBKDF2, one round, AES-128.
	f.Add([]byte("\x30\x47\x30\x33\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d\x30\x26\x30\x15\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c\x30\x08\x04\x01\x30\x02\x01\x01\x05\x00" +
		"\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x02\x04\x00\x04\x10" + strings.Repeat("0", 16)))
	f.Fuzz(func(t *testing.T, data []byte) {
		if work(data, 0) > 10_000 {
			return // it would take its time, and rightly so
		}
		keys, err := privateKeys(data, "x")
		for _, k := range keys {
			if k == nil {
				t.Fatal("a key that is none")
			}
		}
		if err != nil && len(err.Error()) > 1000 {
			t.Fatalf("an error of %d bytes", len(err.Error()))
		}
		if c, err := fromPKCS12(data, ""); err == nil && (c.PrivateKey == nil || len(c.Certificate) == 0) {
			t.Fatal("a pair that is none")
		}
	})
}

// zeros stands in for chance, for files to be the same each time.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
