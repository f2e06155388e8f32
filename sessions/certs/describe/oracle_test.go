package describe_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	. "wirebench/sessions/certs/describe"
	"wirebench/sessions/certs/testca"
)

// foreign collects the certificates that come with Go's source, by file name.
func foreign(t testing.TB) map[string][]byte {
	t.Helper()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Skipf("no go command to ask for GOROOT: %v", err)
	}
	dir := filepath.Join(strings.TrimSpace(string(root)), "src", "crypto", "x509", "testdata")
	found := map[string][]byte{}
	for _, pattern := range []string{"nist-pkits/certs/*.crt", "*.pem", "*.crt"} {
		paths, _ := filepath.Glob(filepath.Join(dir, pattern))
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if block, _ := pem.Decode(data); block != nil {
				data = block.Bytes
			}
			found[filepath.Base(path)] = data
		}
	}
	if len(found) == 0 {
		t.Skipf("this GOROOT has no certificates in %s", dir)
	}
	return found
}

// groupOf returns the group whose title begins so.
func groupOf(t testing.TB, d Document, title string) Group {
	t.Helper()
	for _, g := range d.Groups {
		if g.Title == title || strings.HasPrefix(g.Title, title+" (") {
			return g
		}
	}
	t.Fatalf("no group %q in\n%s", title, Text(d))
	return Group{}
}

// values returns what the fields of this name hold.
func values(g Group, name string) (out []string) {
	for _, f := range g.Fields {
		if f.Name == name {
			out = append(out, f.Value)
		}
	}
	return out
}

func value(t testing.TB, d Document, title, name string) string {
	t.Helper()
	v := values(groupOf(t, d, title), name)
	if len(v) == 0 {
		t.Fatalf("no %q under %q in\n%s", name, title, Text(d))
	}
	return v[0]
}

func colons(b []byte) string {
	var out []string
	for _, c := range b {
		out = append(out, fmt.Sprintf("%02X", c))
	}
	return strings.Join(out, ":")
}

func TestEveryCertificateOfNISTsSuiteIsReadWithoutAProblem(t *testing.T) {
	// What is wrong with these is what most of them were made for.
	const negative, mapped, twice, unused, broken = "Serial number: it is negative", "Mapping: any policy may not be mapped",
		"Policy: this policy is there more than once", "Value: 1 unused bit at the end of the signature", "the policies: expected a SEQUENCE, found an [APPLICATION 9]"
	known := map[string]string{
		"InvalidNegativeSerialNumberTest15EE.crt":   negative,
		"MappingFromanyPolicyCACert.crt":            mapped,
		"MappingToanyPolicyCACert.crt":              mapped,
		"BadSignedCACert.crt":                       unused,
		"InvalidDSASignatureTest6EE.crt":            unused,
		"policy_leaf_duplicate.pem":                 twice,
		"policy_intermediate_duplicate.pem":         twice,
		"policy_intermediate_require_duplicate.pem": twice,
		"policy_leaf_invalid.pem":                   broken,
		"policy_intermediate_invalid.pem":           broken,
	}
	for name, der := range foreign(t) {
		d := Certificate(der, time.Time{})
		if (d.Err != nil) != (known[name] == broken) {
			t.Errorf("%s: %v", name, d.Err)
		}
		problem := ""
		for _, g := range d.Groups {
			problem += g.Problem
			if strings.HasPrefix(g.Title, "Extension ") && !strings.Contains(name, "UnknownCritical") && !strings.Contains(name, "UnknownNotCritical") {
				t.Errorf("%s: %s is not known", name, g.Title)
			}
		}
		if !strings.HasSuffix(problem, known[name]) || problem != "" && known[name] == "" {
			t.Errorf("%s: the problem is %q, not %q", name, problem, known[name])
		}
	}
}

func TestTheFieldsAreThoseOfGosParser(t *testing.T) {
	compared := 0
	for name, der := range foreign(t) {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			continue
		}
		compared++
		d := Certificate(der, time.Time{})
		same := func(what, got, want string) {
			t.Helper()
			if got != want {
				t.Errorf("%s: %s is %q, crypto/x509 has %q", name, what, got, want)
			}
		}
		same("version", value(t, d, "Certificate", "Version"), strconv.Itoa(c.Version))
		same("serial", value(t, d, "Certificate", "Serial number in decimal"), c.SerialNumber.String())
		same("not before", value(t, d, "Validity", "Not before"), c.NotBefore.UTC().Format("2006-01-02 15:04:05 UTC"))
		same("not after", value(t, d, "Validity", "Not after"), c.NotAfter.UTC().Format("2006-01-02 15:04:05 UTC"))
		same("subject", lineOr(t, d, "Subject"), rdns(t, c.RawSubject))
		same("issuer", lineOr(t, d, "Issuer"), rdns(t, c.RawIssuer))
		pin := sha256.Sum256(c.RawSubjectPublicKeyInfo)
		same("pin", value(t, d, "Fingerprints", "Public key pin"), base64.StdEncoding.EncodeToString(pin[:]))
		if c.Signature != nil && !strings.Contains(value(t, d, "Signature", "Size"), "7 bits") { // Go shifts the unused bits out
			same("signature", value(t, d, "Signature", "Value"), colons(c.Signature))
		}
		switch k := c.PublicKey.(type) {
		case *rsa.PublicKey:
			same("modulus", value(t, d, "Public key", "Modulus"), colons(k.N.Bytes()))
			same("exponent", value(t, d, "Public key", "Exponent"), strconv.Itoa(k.E))
		case *ecdsa.PublicKey:
			point, err := k.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			same("point", value(t, d, "Public key", "Key"), colons(point))
		case ed25519.PublicKey:
			same("key", value(t, d, "Public key", "Key"), colons(k))
		}
		if c.SubjectKeyId != nil {
			same("subject key identifier", value(t, d, "Subject key identifier", "Key identifier"), colons(c.SubjectKeyId))
		}
		if c.AuthorityKeyId != nil {
			same("authority key identifier", value(t, d, "Authority key identifier", "Key identifier"), colons(c.AuthorityKeyId))
		}
		if c.BasicConstraintsValid {
			same("CA", value(t, d, "Basic constraints", "Certificate authority"), map[bool]string{true: "yes", false: "no"}[c.IsCA])
			if c.MaxPathLen > 0 || c.MaxPathLenZero {
				same("path length", value(t, d, "Basic constraints", "Path length"), strconv.Itoa(c.MaxPathLen))
			}
		}
		if c.KeyUsage != 0 {
			uses := 0
			for u := c.KeyUsage; u != 0; u &= u - 1 {
				uses++
			}
			same("number of uses", strconv.Itoa(len(strings.Split(value(t, d, "Key usage", "Uses"), ", "))), strconv.Itoa(uses))
		}
		for _, list := range []struct {
			title, name string
			want        []string
		}{
			{"Subject alternative names", "DNS name", c.DNSNames},
			{"Subject alternative names", "Email address", c.EmailAddresses},
			{"CRL distribution points", "URI", c.CRLDistributionPoints},
			{"Authority information access", "OCSP", c.OCSPServer},
			{"Name constraints", "Permitted DNS name", c.PermittedDNSDomains},
			{"Name constraints", "Excluded DNS name", c.ExcludedDNSDomains},
			{"Name constraints", "Permitted email address", c.PermittedEmailAddresses},
			{"Name constraints", "Excluded URI", c.ExcludedURIDomains},
		} {
			if len(list.want) > 0 && !slices.Equal(values(groupOf(t, d, list.title), list.name), list.want) {
				t.Errorf("%s: %s are %q, crypto/x509 has %q", name, list.name, values(groupOf(t, d, list.title), list.name), list.want)
			}
		}
		for i, oid := range c.Policies {
			if got := values(groupOf(t, d, "Certificate policies"), "Policy")[i]; !strings.Contains(got, oid.String()) {
				t.Errorf("%s: policy %s is shown as %q", name, oid, got)
			}
		}
		critical := 0
		for _, g := range d.Groups {
			if g.Critical {
				critical++
			}
		}
		for _, e := range c.Extensions {
			if e.Critical {
				critical--
			}
		}
		if critical != 0 {
			t.Errorf("%s: not as many critical extensions as crypto/x509 has", name)
		}
		// Subject to fingerprints and the signature are seven groups.
		if len(d.Groups) != 7+len(c.Extensions) {
			t.Errorf("%s: %d groups for %d extensions", name, len(d.Groups), len(c.Extensions))
		}
	}
	if compared < 300 {
		t.Errorf("only %d certificates were compared", compared)
	}
}

// rdns is a name as package pkix writes it, which has the hex of the encoding
// for attributes that are not in its own table: here the text instead.
func rdns(t *testing.T, raw []byte) string {
	var name pkix.RDNSequence
	if _, err := asn1.Unmarshal(raw, &name); err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`=#[0-9a-f]+`).ReplaceAllStringFunc(name.String(), func(s string) string {
		der, _ := hex.DecodeString(s[2:])
		return "=" + string(der[2:])
	})
}

// lineOr is the one-line form of a name, as crypto/x509 writes it: attributes
// without a short name of RFC 4514 in digits.
func lineOr(t *testing.T, d Document, title string) string {
	line := value(t, d, title, "Name")
	for short, oid := range map[string]string{"SN": "2.5.4.4", "serialNumber": "SERIALNUMBER", "title": "2.5.4.12", "GN": "2.5.4.42", "initials": "2.5.4.43",
		"generationQualifier": "2.5.4.44", "dnQualifier": "2.5.4.46", "pseudonym": "2.5.4.65", "DC": "0.9.2342.19200300.100.1.25", "emailAddress": "1.2.840.113549.1.9.1"} {
		line = regexp.MustCompile(`(^|[,+])`+short+`=`).ReplaceAllString(line, "${1}"+oid+"=")
	}
	return line
}

// TestWhatTheTestCAMakesIsDescribed takes good and weak certificates from another
// maker, and one that no parser reads.
func TestWhatTheTestCAMakesIsDescribed(t *testing.T) {
	root, err := testca.SelfSigned(testca.Spec{CommonName: "Root", CA: true, PathLen: testca.PathLenZero, PermittedDNS: []string{"example"}})
	if err != nil {
		t.Fatal(err)
	}
	spec := testca.Spec{CommonName: "leaf", DNSNames: []string{"leaf.example"}, MustStaple: true, OCSP: []string{"http://ocsp.example/"}}
	for _, tt := range []struct {
		name                string
		change              func(*testca.Spec)
		group, field, value string
		unreadable          bool
	}{
		{"an ordinary one", func(s *testca.Spec) {}, "TLS features", "Feature", "status_request (5)", false},
		{"RSA of 512 bits", func(s *testca.Spec) { s.KeyType = testca.RSA512 }, "Public key", "Size", "512 bits", false},
		{"P-384", func(s *testca.Spec) { s.KeyType = testca.P384 }, "Public key", "Curve", "P-384 (secp384r1), 1.3.132.0.34", false},
		{"SHA-1", func(s *testca.Spec) { s.Digest = crypto.SHA1 }, "Signature", "Algorithm", "ecdsa-with-SHA1 (1.2.840.10045.4.1)", false},
		{"no subject", func(s *testca.Spec) { s.NoSubject = true }, "Subject", "Name", "", false},
		{"cut in the middle", func(s *testca.Spec) { s.Damage = func(c []byte) []byte { return c[:len(c)/2] } }, "Issuer", "Common name", "Root", true},
	} {
		s := spec
		tt.change(&s)
		c, err := root.Issue(s)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		d := Certificate(c.DER, time.Now())
		if got := value(t, d, tt.group, tt.field); got != tt.value {
			t.Errorf("%s: %s is %q, want %q", tt.name, tt.field, got, tt.value)
		}
		for _, g := range d.Groups {
			if g.Problem != "" && !tt.unreadable {
				t.Errorf("%s: %s: %s", tt.name, g.Title, g.Problem)
			}
		}
		if (d.Err != nil) != tt.unreadable {
			t.Errorf("%s: the error is %v", tt.name, d.Err)
		}
	}
	if d := Certificate(root.DER, time.Now()); value(t, d, "Name constraints", "Permitted DNS name") != "example" || d.Title != "Root, self-issued" {
		t.Error(Text(d))
	}
}

func TestRawIsWhatTheValueWasMadeOf(t *testing.T) {
	for name, der := range foreign(t) {
		for _, g := range Certificate(der, time.Time{}).Groups {
			for _, f := range g.Fields {
				if strings.ReplaceAll(f.Value, ":", "") == strings.ToUpper(hex.EncodeToString(f.Raw)) || g.Title == "Fingerprints" {
					continue
				}
				if len(f.Raw) > 0 && !bytes.Contains(der, f.Raw) {
					t.Errorf("%s, %s, %s: Raw is no part of the certificate", name, g.Title, f.Name)
				}
			}
		}
	}
}
