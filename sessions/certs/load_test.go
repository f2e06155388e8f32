package certs_test

import (
	"bytes"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"wirebench/sessions/certs"
	"wirebench/sessions/certs/testca"
)

// fileMaker makes files in a folder of its own, with openssl where only that knows the kind.
type fileMaker struct {
	*testing.T
	dir        string
	root, leaf *testca.Cert
	crl        []byte
}

func newFileMaker(t *testing.T) *fileMaker {
	t.Helper()
	root, err := testca.SelfSigned(testca.Spec{CommonName: "root", CA: true})
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := root.Issue(testca.Spec{CommonName: "leaf"})
	if err != nil {
		t.Fatal(err)
	}
	crl, err := root.CRL(testca.CRLSpec{})
	if err != nil {
		t.Fatal(err)
	}
	key, err := leaf.KeyPEM()
	if err != nil {
		t.Fatal(err)
	}
	m := &fileMaker{t, t.TempDir(), root, leaf, crl}
	m.file("key.pem", key)
	m.file("leaf.pem", testca.PEM(leaf))
	m.file("chain.pem", testca.PEM(leaf, root))
	return m
}

func (m *fileMaker) path(name string) string { return filepath.Join(m.dir, name) }

func (m *fileMaker) file(name string, data []byte) string {
	m.Helper()
	if err := os.WriteFile(m.path(name), data, 0o600); err != nil {
		m.Fatal(err)
	}
	return m.path(name)
}

// openssl runs in the folder; without it the test is skipped, except where the machine is meant to have it.
func (m *fileMaker) openssl(args ...string) {
	m.Helper()
	path, err := exec.LookPath("openssl")
	if err != nil {
		if os.Getenv("WIREBENCH_NEED_PEERS") == "1" {
			m.Fatal(err)
		}
		m.Skip("openssl is not installed")
	}
	cmd := exec.Command(path, args...)
	cmd.Dir = m.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		m.Fatalf("openssl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func inUTF16(order string, text []byte) []byte {
	out := []byte(order)
	for _, u := range utf16.Encode([]rune(string(text))) {
		if order == "\xff\xfe" {
			out = append(out, byte(u), byte(u>>8))
		} else {
			out = append(out, byte(u>>8), byte(u))
		}
	}
	return out
}

// both tells whether ders are the leaf and the root.
func (m *fileMaker) both(ders [][]byte) bool {
	return len(ders) == 2 && bytes.Equal(ders[0], m.leaf.DER) && bytes.Equal(ders[1], m.root.DER)
}

func TestCertificatesAreReadInEveryUsualWriting(t *testing.T) {
	m := newFileMaker(t)
	chain := testca.PEM(m.leaf, m.root)
	key, err := os.ReadFile(m.path("key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"PEM":                             chain,
		"PEM behind a byte order mark":    append([]byte("\xef\xbb\xbf"), chain...),
		"PEM in UTF-16, little-endian":    inUTF16("\xff\xfe", chain),
		"PEM in UTF-16, big-endian":       inUTF16("\xfe\xff", chain),
		"PEM with Windows' line ends":     bytes.ReplaceAll(chain, []byte("\n"), []byte("\r\n")),
		"PEM with text and a key between": bytes.Join([][]byte{[]byte(" 0 s:CN=leaf\n"), testca.PEM(m.leaf), key, []byte("# the root\n"), testca.PEM(m.root), []byte("the end")}, nil),
		"PEM with old labels":             bytes.ReplaceAll(chain, []byte("CERTIFICATE"), []byte("X509 CERTIFICATE")),
		"DER, one behind another":         append(bytes.Clone(m.leaf.DER), m.root.DER...),
		"DER with a line end behind it":   append(append(bytes.Clone(m.leaf.DER), m.root.DER...), '\n'),
	} {
		if ders, err := certs.ReadFile(m.file("it", data)); err != nil || !m.both(ders) {
			t.Errorf("%s: %d certificates, %v", name, len(ders), err)
		}
	}
	m.openssl("crl2pkcs7", "-nocrl", "-certfile", "chain.pem", "-out", "p7.pem")
	m.openssl("crl2pkcs7", "-nocrl", "-certfile", "chain.pem", "-outform", "DER", "-out", "p7.der")
	for _, name := range []string{"p7.pem", "p7.der"} {
		if ders, err := certs.ReadFile(m.path(name)); err != nil || len(ders) != 2 {
			t.Errorf("%s: %d certificates, %v", name, len(ders), err)
		}
	}
	m.openssl("x509", "-in", "leaf.pem", "-trustout", "-addtrust", "serverAuth", "-setalias", "an alias", "-out", "trusted.pem")
	if ders, err := certs.ReadFile(m.path("trusted.pem")); err != nil || len(ders) != 1 || !bytes.Equal(ders[0], m.leaf.DER) {
		t.Errorf("OpenSSL's trusted form: %d certificates, %v", len(ders), err)
	}
}

func TestWhatHasTheShapeOfACertificateIsReturnedForTheCheckToShow(t *testing.T) {
	m := newFileMaker(t)
	broken := bytes.Clone(m.leaf.DER)
	broken[6] ^= 0x20
	longer := append(bytes.Clone(m.leaf.DER), 0)
	for name, der := range map[string][]byte{"not parsable": broken, "with a byte behind it": longer, "no sequence": []byte("x")} {
		text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
		if ders, err := certs.Parse(text); err != nil || len(ders) != 1 || !bytes.Equal(ders[0], der) {
			t.Errorf("PEM of one %s: %d certificates, %v", name, len(ders), err)
		}
	}
	if ders, err := certs.Parse(broken); err != nil || len(ders) != 1 {
		t.Errorf("DER that cannot be parsed: %d certificates, %v", len(ders), err)
	}
}

func TestErrorsSayWhatAFileSeemsToBeInstead(t *testing.T) {
	m := newFileMaker(t)
	m.openssl("pkcs12", "-export", "-in", "chain.pem", "-inkey", "key.pem", "-out", "file.p12", "-passout", "pass:secret")
	m.openssl("req", "-new", "-key", "key.pem", "-subj", "/CN=x", "-out", "csr.pem")
	m.openssl("req", "-in", "csr.pem", "-outform", "DER", "-out", "csr.der")
	m.openssl("pkey", "-in", "key.pem", "-outform", "DER", "-out", "key.der")
	m.openssl("pkey", "-in", "key.pem", "-pubout", "-out", "pub.pem")
	m.openssl("pkey", "-in", "key.pem", "-pubout", "-outform", "DER", "-out", "pub.der")
	m.openssl("pkcs8", "-topk8", "-in", "key.pem", "-out", "enc.pem", "-passout", "pass:secret")
	m.openssl("pkcs8", "-topk8", "-in", "key.pem", "-outform", "DER", "-out", "enc.der", "-passout", "pass:secret")
	m.openssl("ec", "-in", "key.pem", "-out", "ec.pem")
	m.file("crl.der", m.crl)
	m.file("crl.pem", pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: m.crl}))
	m.file("empty", []byte(" \r\n"))
	m.file("noise", []byte("no certificate at all"))
	m.file("cut.der", m.leaf.DER[:100])
	m.file("base64", []byte(base64.StdEncoding.EncodeToString(m.leaf.DER)))
	m.file("page.html", []byte("\n<!DOCTYPE html><title>Log in</title>"))
	m.file("keystore.jks", []byte("\xfe\xed\xfe\xed\x00\x00\x00\x02"))
	m.file("indented.pem", bytes.ReplaceAll(testca.PEM(m.leaf), []byte("-----BEGIN"), []byte("  -----BEGIN")))
	m.file("ber.p7b", []byte{0x30, 0x80, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 7, 2})
	m.file("ber.p12", []byte{0x30, 0x80, 2, 1, 3, 0x30, 0x80})
	m.file("leafandkey.der", append(bytes.Clone(m.leaf.DER), read(t, m.path("key.der"))...))
	m.file("leafandnoise.der", append(bytes.Clone(m.leaf.DER), "noise"...))
	damaged := testca.PEM(m.leaf, m.root)
	damaged[bytes.LastIndex(damaged, []byte("BEGIN"))+100] = '!'
	m.file("damaged.pem", damaged)
	m.file("unended.pem", bytes.TrimSuffix(testca.PEM(m.leaf, m.root), []byte("-----END CERTIFICATE-----\n")))
	for name, says := range map[string]string{
		"key.pem": "it has no certificate: it holds a private key", "key.der": "it is a private key", "ec.pem": "a private key",
		"enc.pem": "an encrypted private key", "enc.der": "an encrypted private key", "pub.pem": "a public key", "pub.der": "a public key",
		"crl.pem": "a revocation list (CRL)", "crl.der": "a revocation list (CRL)", "csr.pem": "a certificate request (CSR)", "csr.der": "a certificate request (CSR)",
		"file.p12": "a PKCS#12 file", "ber.p12": "a PKCS#12 file", "empty": "it is empty", "noise": "neither PEM nor DER", "cut.der": "cut short",
		"base64": "base64 without the BEGIN", "page.html": "a web page", "keystore.jks": "a Java keystore", "indented.pem": "indentation", "ber.p7b": "BER",
		"leafandkey.der": "behind the first 1 in DER stands a private key", "leafandnoise.der": "5 bytes that are no certificate",
		"damaged.pem": "PEM block 2 of 2", "unended.pem": "PEM block 2 of 2", "none.pem": "none.pem",
	} {
		ders, err := certs.ReadFile(m.path(name))
		if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), m.path(name)) {
			t.Errorf("%s: %d certificates, error %v; want one that says %q", name, len(ders), err, says)
		}
	}
	if _, err := certs.ReadFile(m.path("none.pem")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := certs.ReadFile(m.dir); err == nil || !strings.Contains(err.Error(), m.dir) {
		t.Errorf("a folder: %v", err)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestRevocationListsAreReadAndOtherFilesNamed(t *testing.T) {
	m := newFileMaker(t)
	text := pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: m.crl})
	for name, c := range map[string]struct {
		data []byte
		want int
	}{
		"PEM": {text, 1}, "two in PEM, a certificate between": {bytes.Join([][]byte{text, testca.PEM(m.root), text}, nil), 2},
		"DER": {m.crl, 1}, "two in DER": {append(bytes.Clone(m.crl), m.crl...), 2}, "PEM in UTF-16": {inUTF16("\xff\xfe", text), 1},
	} {
		lists, err := certs.ReadCRLFile(m.file("it", c.data))
		if err != nil || len(lists) != c.want || !bytes.Equal(lists[len(lists)-1], m.crl) {
			t.Errorf("%s: %d lists, %v", name, len(lists), err)
		}
	}
	for name, c := range map[string]struct {
		data []byte
		says string
	}{
		"a certificate in PEM": {testca.PEM(m.leaf), "it has no revocation list: it holds a certificate"},
		"a certificate in DER": {m.leaf.DER, "it has no revocation list: it is a certificate"},
		"nothing":              {nil, "it is empty"},
		"noise":                {[]byte("Not found"), "neither PEM nor DER"},
		"a web page":           {[]byte("<html>Not found</html>"), "a web page"},
		"a damaged list":       {bytes.Replace(text, []byte("\nM"), []byte("\n!"), 1), "PEM block 1 of 1"},
		"one cut short":        {m.crl[:len(m.crl)-1], "cut short"},
		"noise behind one":     {append(bytes.Clone(m.crl), "x"...), "1 bytes that are no revocation list"},
	} {
		lists, err := certs.ReadCRLFile(m.file("it", c.data))
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %d lists, error %v; want one that says %q", name, len(lists), err, c.says)
		}
	}
}

// FuzzParse looks for input that makes reading panic, invent bytes, or lose a certificate.
func FuzzParse(f *testing.F) {
	root, err := testca.SelfSigned(testca.Spec{CommonName: "root", CA: true})
	if err != nil {
		f.Fatal(err)
	}
	key, err := root.KeyPEM()
	if err != nil {
		f.Fatal(err)
	}
	crl, err := root.CRL(testca.CRLSpec{})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(root.DER)
	f.Add(append(bytes.Clone(root.DER), root.DER...))
	f.Add(testca.PEM(root, root))
	f.Add(inUTF16("\xff\xfe", testca.PEM(root)))
	f.Add(append(key, testca.PEM(root)...))
	f.Add(crl)
	f.Add(pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: crl}))
	f.Add([]byte("-----BEGIN CERTIFICATE-----\n-----BEGIN PKCS7-----\nMAA=\n-----END PKCS7-----\n"))
	f.Add([]byte{0x30, 0x0f, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 7, 2, 0xa0, 2, 0x30, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		before := bytes.Clone(data)
		ders, err := certs.Parse(data)
		if (len(ders) == 0) != (err != nil) {
			t.Fatalf("%d certificates and error %v", len(ders), err)
		}
		if err != nil && len(err.Error()) > 400 {
			t.Fatalf("an error of %d bytes", len(err.Error()))
		}
		// What was read reads back the same, once written as PEM.
		var text []byte
		for _, der := range ders {
			text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
		}
		if again, err := certs.Parse(text); len(ders) > 0 && (err != nil || len(again) != len(ders)) {
			t.Fatalf("%d certificates read back as %d, %v", len(ders), len(again), err)
		} else {
			for i := range again {
				if !bytes.Equal(again[i], ders[i]) {
					t.Fatalf("certificate %d reads back another", i)
				}
			}
		}
		lists, err := certs.ParseCRLs(data)
		if (len(lists) == 0) != (err != nil) {
			t.Fatalf("%d lists and error %v", len(lists), err)
		}
		if !bytes.Equal(before, data) {
			t.Fatal("the input was changed")
		}
	})
}
