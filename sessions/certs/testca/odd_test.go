package testca

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/ocsp"
)

func TestGoRefusesEachMangledCertificateForItsOwnReason(t *testing.T) {
	root := mustCert(t)(SelfSigned(Spec{CommonName: "root", CA: true}))
	for _, c := range []struct {
		name, reason string
		spec         Spec
	}{
		{"negative serial number", "serial number", Spec{Mangle: NegativeSerial}},
		{"broken alternative names", "subject alternative name", Spec{Extra: list(BrokenSAN())}},
		{"trailing data", "trailing data", Spec{Damage: TrailingData}},
		{"garbage", "malformed", Spec{Damage: Garbage}},
	} {
		t.Run(c.name, func(t *testing.T) {
			leaf := mustCert(t)(root.Issue(c.spec))
			_, err := x509.ParseCertificate(leaf.DER)
			if err == nil || !strings.Contains(err.Error(), c.reason) && !strings.Contains(err.Error(), strings.ReplaceAll(c.reason, " ", "")) {
				t.Errorf("the parser says %v", err)
			}
			if leaf.X509 != nil || leaf.DER[0] != 0x30 {
				t.Errorf("parsed %v, begins with %x", leaf.X509 != nil, leaf.DER[0])
			}
		})
	}
}

func TestAKeyOf8192BitsSignsAndItsFileIsReadByOpenssl(t *testing.T) {
	key, err := NewKey(RSA8192)
	if err != nil {
		t.Fatal(err)
	}
	k := key.(*rsa.PrivateKey)
	if k.N.BitLen() != 8192 || k.Validate() != nil {
		t.Fatalf("%d bits: %v", k.N.BitLen(), k.Validate())
	}
	sum := sha256.Sum256([]byte("x"))
	signature, err := k.Sign(rand.Reader, sum[:], crypto.SHA256)
	if err != nil || rsa.VerifyPKCS1v15(&k.PublicKey, crypto.SHA256, sum[:], signature) != nil {
		t.Errorf("sign: %v", err)
	}
	opensslReadsKey(t, mustCert(t)(SelfSigned(Spec{Key: key})))
}

func TestAKeyOf512BitsServesTLS12AndItsFileIsReadByOpenssl(t *testing.T) {
	leaf := mustCert(t)(SelfSigned(Spec{KeyType: RSA512}))
	opensslReadsKey(t, leaf)
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	served := make(chan error, 1)
	go func() {
		served <- tls.Server(b, &tls.Config{Certificates: []tls.Certificate{TLS(leaf)}, MaxVersion: tls.VersionTLS12}).HandshakeContext(t.Context())
	}()
	seen := false
	err := tls.Client(a, &tls.Config{InsecureSkipVerify: true, VerifyConnection: func(s tls.ConnectionState) error {
		seen = bytes.Equal(s.PeerCertificates[0].Raw, leaf.DER)
		return nil
	}}).HandshakeContext(t.Context())
	if !seen {
		t.Errorf("the client did not see the certificate: %v", err)
	}
	// What comes after it, the client refuses for the key's size.
	if err == nil || !strings.Contains(err.Error(), "512-bit") {
		t.Errorf("the client says %v", err)
	}
	a.Close()
	if err := <-served; err == nil || strings.Contains(err.Error(), "tls: no ") {
		t.Errorf("the server says %v", err)
	}
}

func opensslReadsKey(t *testing.T, c *Cert) {
	t.Helper()
	pem, err := c.KeyPEM()
	if err != nil {
		t.Fatal(err)
	}
	program, err := exec.LookPath("openssl")
	if err != nil {
		if os.Getenv("WIREBENCH_NEED_PEERS") == "1" {
			t.Fatal("openssl is not installed")
		}
		t.Log("openssl is not installed: the key file was not read")
		return
	}
	path := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(path, pem, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(program, "pkey", "-in", path, "-noout", "-check").CombinedOutput(); err != nil {
		t.Errorf("openssl: %v\n%s", err, out)
	}
}

func TestOCSPAnswersComeInEveryKind(t *testing.T) {
	root := mustCert(t)(SelfSigned(Spec{CommonName: "root", CA: true}))
	stranger := mustCert(t)(SelfSigned(Spec{CommonName: "stranger", CA: true}))
	leaf, other := mustCert(t)(root.Issue(Spec{})), mustCert(t)(root.Issue(Spec{}))
	delegate := mustCert(t)(root.Issue(Spec{CommonName: "delegate", Usages: list(x509.ExtKeyUsageOCSPSigning), Extra: list(NoCheck())}))
	answer := func(s OCSPSpec) (*ocsp.Response, error) {
		der, err := root.OCSP(leaf, s)
		if err != nil {
			t.Fatal(err)
		}
		return ocsp.ParseResponseForCert(der, leaf.X509, root.X509)
	}
	r, err := answer(OCSPSpec{Responder: delegate})
	if err != nil || r.Certificate == nil || !slices.Contains(r.Certificate.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning) {
		t.Errorf("of a delegate: %v", err)
	}
	if r, err = answer(OCSPSpec{NoNext: true}); err != nil || !r.NextUpdate.IsZero() {
		t.Errorf("without an end: %v", err)
	}
	for name, s := range map[string]OCSPSpec{
		"with a broken signature":       {BreakSignature: true},
		"of a stranger":                 {Responder: stranger},
		"of a stranger who hides":       {Responder: stranger, Alone: true},
		"of a delegate who hides":       {Responder: delegate, Alone: true},
		"about another certificate":     {About: other},
		"of a delegate, but broken too": {Responder: delegate, BreakSignature: true},
	} {
		if _, err := answer(s); err == nil {
			t.Errorf("%s: it is taken", name)
		}
	}
	ours, err := root.OCSP(leaf, OCSPSpec{})
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := root.OCSP(leaf, OCSPSpec{Issuer: stranger})
	if err != nil {
		t.Fatal(err)
	}
	if id := sha1Of(t, stranger); !bytes.Contains(theirs, id) || bytes.Contains(ours, id) {
		t.Error("the other issuer's key is not named")
	}
}

// sha1Of is the hash of a certificate's key as OCSP names it, which is also its key identifier here.
func sha1Of(t *testing.T, c *Cert) []byte {
	t.Helper()
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(c.X509.RawSubjectPublicKeyInfo, &info); err != nil {
		t.Fatal(err)
	}
	h := crypto.SHA1.New()
	h.Write(info.Key.Bytes)
	return h.Sum(nil)
}

func TestRevocationListsComeInEveryKind(t *testing.T) {
	root := mustCert(t)(SelfSigned(Spec{CommonName: "root", CA: true}))
	stranger := mustCert(t)(SelfSigned(Spec{CommonName: "stranger", CA: true}))
	small := mustCert(t)(SelfSigned(Spec{CommonName: "small", CA: true, KeyType: RSA512}))
	parse := func(of *Cert, s CRLSpec) *x509.RevocationList {
		t.Helper()
		der, err := of.CRL(s)
		if err != nil {
			t.Fatal(err)
		}
		l, err := x509.ParseRevocationList(der)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	if err := parse(root, CRLSpec{BreakSignature: true}).CheckSignatureFrom(root.X509); err == nil {
		t.Error("the broken signature verifies")
	}
	l := parse(root, CRLSpec{Signer: stranger})
	if l.CheckSignatureFrom(root.X509) == nil || l.Issuer.CommonName != "root" {
		t.Errorf("a stranger's list is in the name of %s and verifies", l.Issuer)
	}
	if l = parse(small, CRLSpec{Revoked: list(big.NewInt(7))}); len(l.RevokedCertificateEntries) != 1 || len(l.Signature) != 64 {
		t.Errorf("with a small key: %d entries, a signature of %d octets", len(l.RevokedCertificateEntries), len(l.Signature))
	}
	l = parse(root, CRLSpec{Number: 9, Extra: list(Delta(8), Partition{URL: "http://127.0.0.1/ca.crl", OnlyCAs: true, OnlyReasons: []byte{0x40}, Indirect: true}.Extension())})
	want := map[string]string{
		"2.5.29.27": "020108",
		"2.5.29.28": "3027a01ba0198617" + hex.EncodeToString([]byte("http://127.0.0.1/ca.crl")) + "8201ff83020040" + "8401ff",
	}
	for _, e := range l.Extensions {
		if w, ok := want[e.Id.String()]; ok && (hex.EncodeToString(e.Value) != w || !e.Critical) {
			t.Errorf("extension %s is %x, want %s", e.Id, e.Value, w)
		}
		delete(want, e.Id.String())
	}
	if len(want) != 0 || l.Number.Int64() != 9 || l.CheckSignatureFrom(root.X509) != nil {
		t.Errorf("number %s, without %v", l.Number, want)
	}
}
