package localca

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"wirebench/sessions/certs/testca"
)

// inOther names the folder that a copy of this program is to open.
const inOther = "WIREBENCH_LOCALCA_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(inOther); dir != "" {
		_, _ = os.Stdin.Read(make([]byte, 1)) // until all of them are let go at once
		a, err := Open(dir)
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		_, _ = os.Stdout.Write(a.RootPEM())
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func open(tb testing.TB, dir string) *Authority {
	tb.Helper()
	a, err := Open(dir)
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

func TestTheAuthorityStaysTheSame(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "of", "mine")
	a := open(t, dir)
	if b := open(t, dir); !bytes.Equal(a.RootPEM(), b.RootPEM()) || !a.root.Key.(interface{ Equal(crypto.PrivateKey) bool }).Equal(b.root.Key) {
		t.Error("it is another one")
	}
}

func TestTheRootIsOneThatClientsAccept(t *testing.T) {
	r := open(t, t.TempDir()).Root()
	if !r.IsCA || !r.BasicConstraintsValid || !r.MaxPathLenZero || r.MaxPathLen != 0 || r.KeyUsage&x509.KeyUsageCertSign == 0 || len(r.SubjectKeyId) == 0 {
		t.Errorf("root %+v", r)
	}
	now := time.Now()
	if left := r.NotAfter.Sub(now); left < 3649*24*time.Hour || left > 3654*24*time.Hour || r.NotBefore.After(now.Add(-59*time.Minute)) {
		t.Errorf("valid from %v to %v", r.NotBefore, r.NotAfter)
	}
	if cn := r.Subject.CommonName; !strings.HasPrefix(cn, "Wirebench test CA ") || !strings.HasSuffix(cn, now.Format(" 2006-01-02")) || len([]rune(cn)) > 64 {
		t.Errorf("common name %q", cn)
	}
}

func TestOnlyTheOwnerCanReadIt(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no modes")
	}
	dir := filepath.Join(t.TempDir(), "ca")
	open(t, dir)
	mode := func(path string) fs.FileMode {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode().Perm()
	}
	file := filepath.Join(dir, fileName)
	if mode(dir) != 0o700 || mode(file) != 0o600 {
		t.Errorf("modes %v and %v", mode(dir), mode(file))
	}
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
	if mode(file) != 0o600 {
		t.Errorf("mode %v", mode(file))
	}
}

func TestNothingElseIsLeftInTheFolder(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	all, err := os.ReadDir(dir)
	if err != nil || len(all) != 1 || all[0].Name() != fileName {
		t.Errorf("%v, %v", all, err)
	}
}

func TestProcessesThatOpenAtOnceEndWithTheSameAuthority(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ca")
	const n = 8
	var outs [n]bytes.Buffer
	var cmds [n]*exec.Cmd
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	for i := range cmds {
		cmds[i] = exec.Command(os.Args[0])
		cmds[i].Env = append(os.Environ(), inOther+"="+dir)
		cmds[i].Stdin, cmds[i].Stdout = r, &outs[i]
		if err := cmds[i].Start(); err != nil {
			t.Fatal(err)
		}
	}
	r.Close()
	w.Close() // lets them go
	for i, c := range cmds {
		if err := c.Wait(); err != nil {
			t.Errorf("process %d: %v: %s", i, err, &outs[i])
		}
	}
	want := open(t, dir).RootPEM()
	for i := range outs {
		if !bytes.Equal(outs[i].Bytes(), want) {
			t.Errorf("process %d has %s", i, &outs[i])
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.tmp")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestAFileSystemWithoutLinksWillDo(t *testing.T) {
	path := filepath.Join(t.TempDir(), fileName)
	a, err := newAuthority("one", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	data, err := a.encode()
	if err != nil {
		t.Fatal(err)
	}
	if err := createPlain(path, data); err != nil {
		t.Fatal(err)
	}
	if err := createPlain(path, []byte("another")); err != nil {
		t.Fatal(err)
	}
	if b := open(t, filepath.Dir(path)); !bytes.Equal(a.RootPEM(), b.RootPEM()) {
		t.Error("it is another one")
	}
}

func TestAFileThatIsStillBeingWrittenIsWaitedFor(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	path := filepath.Join(dir, fileName)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	go func() {
		time.Sleep(settling / 5)
		_ = os.WriteFile(path, whole, 0o600)
	}()
	open(t, dir)
}

func TestAFileThatCannotBeUsedIsNamedAndKept(t *testing.T) {
	made := func(s testca.Spec) []byte {
		c, err := testca.SelfSigned(s)
		if err != nil {
			t.Fatal(err)
		}
		data, err := (&Authority{c}).encode()
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	good := made(testca.Spec{CommonName: "good", CA: true})
	other := made(testca.Spec{CommonName: "other", CA: true})
	cut := func(data []byte, kind string) []byte { // the block of a kind alone
		for {
			block, rest := pem.Decode(data)
			if block == nil {
				t.Fatal("no such block")
			}
			if block.Type == kind {
				return pem.EncodeToMemory(block)
			}
			data = rest
		}
	}
	flipped := func() []byte {
		block, _ := pem.Decode(cut(good, "CERTIFICATE"))
		block.Bytes[len(block.Bytes)-5] ^= 1
		return append(pem.EncodeToMemory(block), cut(good, "PRIVATE KEY")...)
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"empty":                     {nil, "no certificate"},
		"cut short":                 {good[:len(good)-40], "no private key, or a damaged one"},
		"something else":            {[]byte("hello"), "no certificate"},
		"without the certificate":   {cut(good, "PRIVATE KEY"), "no certificate"},
		"without the key":           {cut(good, "CERTIFICATE"), "no private key"},
		"with another's key":        {append(cut(good, "CERTIFICATE"), cut(other, "PRIVATE KEY")...), "does not belong"},
		"with two certificates":     {append(bytes.Clone(good), cut(other, "CERTIFICATE")...), "more than one certificate"},
		"with two keys":             {append(bytes.Clone(good), cut(other, "PRIVATE KEY")...), "more than one private key"},
		"with a flipped bit":        {flipped(), "damaged"},
		"with a leaf":               {made(testca.Spec{CommonName: "leaf"}), "not that of a CA"},
		"expired":                   {made(testca.Spec{CommonName: "old", CA: true, NotBefore: time.Now().AddDate(-9, 0, 0), NotAfter: time.Now().Add(-time.Minute)}), "has expired, on "},
		"from the future":           {made(testca.Spec{CommonName: "new", CA: true, NotBefore: time.Now().Add(time.Hour)}), "not valid yet, but from "},
		"with a damaged block type": {bytes.ReplaceAll(good, []byte("PRIVATE KEY"), []byte("PUBLIC KEY")), "no private key"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, fileName)
			if err := os.WriteFile(path, c.data, 0o600); err != nil {
				t.Fatal(err)
			}
			past := time.Now().Add(-time.Hour)
			if err := os.Chtimes(path, past, past); err != nil {
				t.Fatal(err)
			}
			_, err := Open(dir)
			if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error %v", err)
			}
			if remove := strings.Contains(err.Error(), "remove the file"); remove == errors.Is(err, errClock) {
				t.Errorf("error %v", err)
			}
			if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, c.data) {
				t.Error("the file was changed")
			}
		})
	}
}

func TestAFolderThatCannotBeMadeIsNamed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "below")} {
		if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: error %v", dir, err)
		}
	}
	if _, err := Open(""); err == nil {
		t.Error("no error without a folder")
	}
}

func TestAnIssuedCertificateIsAcceptedByThoseWhoTrustTheRoot(t *testing.T) {
	a := open(t, t.TempDir())
	pair, err := a.Issue([]string{"dev.example", "LOCALHOST", "127.0.0.1", "::1", "fe80::1%eth0", "::ffff:192.0.2.7", "bücher.example", "*.wild.example", "localhost.", "[::1]", " dev.example "}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	leaf := pair.Leaf
	if len(pair.Certificate) != 1 || leaf.Subject.CommonName != "dev.example" || leaf.IsCA {
		t.Errorf("%d certificates, %v", len(pair.Certificate), leaf.Subject)
	}
	if got := fmt.Sprint(leaf.DNSNames, leaf.IPAddresses); got != "[dev.example localhost xn--bcher-kva.example *.wild.example] [127.0.0.1 ::1 fe80::1 192.0.2.7]" {
		t.Errorf("names %s", got)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(a.RootPEM()) {
		t.Fatal("the root cannot be read")
	}
	for _, name := range []string{"dev.example", "localhost", "127.0.0.1", "::1", "192.0.2.7", "xn--bcher-kva.example", "a.wild.example"} {
		if _, err := leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: roots}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestACertificateIsValidForNoMoreThanClientsAccept(t *testing.T) {
	a := open(t, t.TempDir())
	now := time.Now()
	for _, at := range []time.Time{now, now.AddDate(8, 0, 0), now.AddDate(9, 11, 0), now.Add(-30 * time.Minute)} {
		pair, err := a.Issue([]string{"localhost"}, at)
		if err != nil {
			t.Fatal(err)
		}
		leaf, root := pair.Leaf, a.Root()
		if life := leaf.NotAfter.Sub(leaf.NotBefore) + time.Second; life > 825*24*time.Hour {
			t.Errorf("valid for %v", life)
		}
		if leaf.NotBefore.After(at) || leaf.NotAfter.Before(at) || leaf.NotBefore.Before(root.NotBefore) || leaf.NotAfter.After(root.NotAfter) {
			t.Errorf("as of %v valid from %v to %v", at, leaf.NotBefore, leaf.NotAfter)
		}
	}
	for _, at := range []time.Time{now.AddDate(11, 0, 0), now.AddDate(0, 0, -1)} {
		if _, err := a.Issue([]string{"localhost"}, at); err == nil || !strings.Contains(err.Error(), "the test CA is valid from ") {
			t.Errorf("as of %v: error %v", at, err)
		}
	}
}

func TestNamesThatNoCertificateCanHaveAreRefused(t *testing.T) {
	a := open(t, t.TempDir())
	for _, name := range []string{"", ".", "a..b", "a b", "a/b", "host:443", "1.2.3", "1.2.3.4.5", "01.2.3.4", "*.", "a.*.b", "-a", "a-.b", "x\x00y", strings.Repeat("a", 64), strings.Repeat("abcdefg.", 32) + "de", "https://x", "ü..b"} {
		if _, err := a.Issue([]string{name}, time.Now()); err == nil || !strings.Contains(err.Error(), "is no name that a certificate can have") {
			t.Errorf("%q: error %v", name, err)
		}
	}
	if _, err := a.Issue(nil, time.Now()); err == nil {
		t.Error("no error without a name")
	}
	var many []string
	for i := range maxNames + 1 {
		many = append(many, fmt.Sprintf("h%d.example", i))
	}
	if _, err := a.Issue(many, time.Now()); err == nil || !strings.Contains(err.Error(), "too many") {
		t.Errorf("error %v", err)
	}
}

func TestALongNameIsNoCommonName(t *testing.T) {
	a := open(t, t.TempDir())
	name := strings.Repeat("abcdefg.", 12) + "example"
	pair, err := a.Issue([]string{name}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if cn := pair.Leaf.Subject.CommonName; cn != "" || pair.Leaf.VerifyHostname(name) != nil {
		t.Errorf("common name %q", cn)
	}
}

func TestOpenSSLVerifiesWhatIsIssued(t *testing.T) {
	path, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	dir := t.TempDir()
	a := open(t, dir)
	long := strings.Repeat("abcdefg.", 12) + "example"
	for _, names := range [][]string{{"localhost", "127.0.0.1"}, {long}, {"127.0.0.1"}} {
		pair, err := a.Issue(names, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		root, leaf := filepath.Join(dir, "root.pem"), filepath.Join(dir, "leaf.pem")
		if err := errors.Join(os.WriteFile(root, a.RootPEM(), 0o600),
			os.WriteFile(leaf, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]}), 0o600)); err != nil {
			t.Fatal(err)
		}
		check := "-verify_hostname"
		if net.ParseIP(names[0]) != nil {
			check = "-verify_ip"
		}
		out, err := exec.Command(path, "verify", "-x509_strict", "-purpose", "sslserver", check, names[0], "-CAfile", root, leaf).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v: %s", names[0], err, out)
		}
		// The file of the authority is readable with the text in front of it.
		if out, err := exec.Command(path, "pkey", "-in", filepath.Join(dir, fileName), "-noout", "-check").CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	}
}

func FuzzParseName(f *testing.F) {
	for _, s := range []string{"localhost", "*.a.b", "[::1]", "fe80::1%eth0", "1.2.3.4", "bücher.example", "a.", "..", "xn--a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		dns, ip, err := ParseName(s)
		if err != nil {
			return
		}
		if (dns == "") == !ip.IsValid() {
			t.Fatalf("%q: both or neither of %q and %v", s, dns, ip)
		}
		again := dns
		if dns == "" {
			again = ip.String()
		}
		dns2, ip2, err := ParseName(again)
		if err != nil || dns2 != dns || ip2 != ip {
			t.Fatalf("%q: %q, then %q, %v, %v", s, again, dns2, ip2, err)
		}
	})
}

func FuzzDecode(f *testing.F) {
	a, err := newAuthority("fuzz", time.Now())
	if err != nil {
		f.Fatal(err)
	}
	good, err := a.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Fuzz(func(t *testing.T, data []byte) {
		if a, err := decode(data, time.Now()); (a == nil) == (err == nil) {
			t.Fatalf("%v, %v", a, err)
		}
	})
}
