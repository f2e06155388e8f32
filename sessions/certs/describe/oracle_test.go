package describe_test

import (
	"bufio"
	"bytes"
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
		"Policy: this policy is there more than once", "Value: 1 unused bit at the end of the signature", "is said to be 78 bytes long, and 5 bytes are left"
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

// openssl runs the program and returns what it prints.
func openssl(t *testing.T, input []byte, args ...string) string {
	t.Helper()
	path, err := exec.LookPath("openssl")
	if err != nil {
		if os.Getenv("WIREBENCH_NEED_PEERS") == "1" {
			t.Fatal("openssl is not installed")
		}
		t.Skip("openssl is not installed")
	}
	cmd := exec.Command(path, args...)
	cmd.Stdin = bytes.NewReader(input)
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("openssl %s: %v\n%s", strings.Join(args, " "), err, problems.String())
	}
	return string(out)
}

// made makes self-signed certificates of several kinds with openssl.
func made(t *testing.T) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	key := filepath.Join(t.TempDir(), "key.pem")
	for name, args := range map[string][]string{
		"RSA":      {"-newkey", "rsa:2048"},
		"RSA-PSS":  {"-newkey", "rsa:2048", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:20", "-sha384"},
		"SHA-1":    {"-newkey", "rsa:1024", "-sha1"},
		"P-256":    {"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"},
		"P-521":    {"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-521", "-sha512"},
		"explicit": {"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-pkeyopt", "ec_param_enc:explicit"},
		"Ed25519":  {"-newkey", "ed25519"},
		"Ed448":    {"-newkey", "ed448"},
	} {
		args = append([]string{"req", "-x509", "-nodes", "-outform", "DER", "-keyout", key, "-days", "30", "-utf8",
			"-subj", `/C=GB/O=Größe, "Ltd"/CN=` + name + `/emailAddress=a@b.example`,
			"-addext", "subjectAltName=DNS:a.example,IP:2001:db8::1,email:a@b.example,URI:http://a.example/,otherName:1.3.6.1.4.1.311.20.2.3;UTF8:user@ad.example",
			"-addext", "keyUsage=critical,digitalSignature,cRLSign", "-addext", "extendedKeyUsage=serverAuth,OCSPSigning", "-addext", "tlsfeature=status_request"}, args...)
		out[name] = []byte(openssl(t, nil, args...))
	}
	return out
}

func TestTheFieldsAreThoseOfOpenSSL(t *testing.T) {
	all := made(t)
	for name, der := range foreign(t) {
		if strings.Contains(name, "EE") && strings.HasPrefix(name, "Valid") {
			all[name] = der
		}
	}
	for name, der := range all {
		d := Certificate(der, time.Time{})
		if d.Err != nil {
			t.Errorf("%s: %v", name, d.Err)
		}
		facts := map[string]string{}
		printed := openssl(t, der, "x509", "-inform", "DER", "-noout", "-serial", "-subject", "-issuer", "-dates", "-fingerprint", "-sha256", "-dateopt", "iso_8601", "-nameopt", "RFC2253,-esc_msb,utf8")
		for line := range strings.Lines(printed) {
			key, fact, _ := strings.Cut(strings.TrimSpace(line), "=")
			facts[key] = fact
		}
		same := func(what, got, want string) {
			t.Helper()
			if got != want {
				t.Errorf("%s: %s is %q, openssl has %q", name, what, got, want)
			}
		}
		same("serial", strings.ReplaceAll(value(t, d, "Certificate", "Serial number"), ":", ""), facts["serial"])
		same("subject", value(t, d, "Subject", "Name"), facts["subject"])
		same("issuer", value(t, d, "Issuer", "Name"), facts["issuer"])
		same("not before", value(t, d, "Validity", "Not before"), strings.TrimSuffix(facts["notBefore"], "Z")+" UTC")
		same("not after", value(t, d, "Validity", "Not after"), strings.TrimSuffix(facts["notAfter"], "Z")+" UTC")
		same("fingerprint", value(t, d, "Fingerprints", "SHA-256"), facts["sha256 Fingerprint"])
		text := openssl(t, der, "x509", "-inform", "DER", "-noout", "-text")
		if m := regexp.MustCompile(`Public-Key: \((\d+) bit\)`).FindStringSubmatch(text); m != nil && !strings.HasPrefix(name, "Ed") && name != "explicit" {
			same("key size", strings.ReplaceAll(value(t, d, "Public key", "Size"), ",", ""), m[1]+" bits")
		}
		if m := regexp.MustCompile(`Salt Length: 0x([0-9A-F]+)`).FindStringSubmatch(text); m != nil {
			salt, _ := strconv.ParseInt(m[1], 16, 64)
			same("salt", value(t, d, "Signature", "Salt length"), fmt.Sprintf("%d bytes", salt))
		}
	}
}

func TestTheKindsOfKeysAreTold(t *testing.T) {
	all := made(t)
	for _, tt := range []struct{ name, field, want string }{
		{"RSA", "Algorithm", "rsaEncryption (1.2.840.113549.1.1.1)"},
		{"RSA", "Exponent", "65537"},
		{"P-256", "Curve", "P-256 (prime256v1), 1.2.840.10045.3.1.7"},
		{"P-256", "Point", "uncompressed"},
		{"P-521", "Size", "521 bits"},
		{"explicit", "Curve", "explicit parameters over a field of 256 bits"},
		{"Ed25519", "Algorithm", "Ed25519 (1.3.101.112)"},
		{"Ed25519", "Size", "32 bytes"},
		{"Ed448", "Size", "57 bytes"},
	} {
		if got := value(t, Certificate(all[tt.name], time.Time{}), "Public key", tt.field); got != tt.want {
			t.Errorf("%s: %s is %q, want %q", tt.name, tt.field, got, tt.want)
		}
	}
	d := Certificate(all["RSA"], time.Time{})
	names := groupOf(t, d, "Subject alternative names")
	for field, want := range map[string]string{"DNS name": "a.example", "IP address": "2001:db8::1", "Email address": "a@b.example",
		"URI": "http://a.example/", "User principal name": "user@ad.example"} {
		if got := values(names, field); !slices.Equal(got, []string{want}) {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
	if note := groupOf(t, Certificate(all["SHA-1"], time.Time{}), "Signature").Fields[0].Note; !strings.Contains(note, "SHA-1 is broken") {
		t.Errorf("of a SHA-1 signature is said %q", note)
	}
}

// TestTheTreeIsThatOfOpenSSL compares every element with "openssl asn1parse".
func TestTheTreeIsThatOfOpenSSL(t *testing.T) {
	line := regexp.MustCompile(`^ *(\d+):d=(\d+) +hl=(\d+) l= *(\d+) (cons|prim): (.*)$`)
	all := made(t)
	for name, der := range foreign(t) {
		if strings.HasPrefix(name, "Invalid") && strings.HasSuffix(name, "EE.crt") {
			all[name] = der
		}
	}
	for name, der := range all {
		var want, got []string
		for scanner := bufio.NewScanner(strings.NewReader(openssl(t, der, "asn1parse", "-inform", "DER"))); scanner.Scan(); {
			if m := line.FindStringSubmatch(scanner.Text()); m != nil {
				want = append(want, strings.Join(m[1:6], " "))
			}
		}
		inside := -1 // openssl does not look into strings
		for _, n := range ASN1(der, 10000) {
			if n.Problem != "" {
				t.Errorf("%s: byte %d: %s", name, n.Offset, n.Problem)
			}
			if inside >= 0 && n.Depth >= inside {
				continue
			}
			inside = -1
			if n.Inside {
				inside = n.Depth
				continue
			}
			form := "prim"
			if n.Constructed {
				form = "cons"
			}
			got = append(got, fmt.Sprint(n.Offset, " ", n.Depth, " ", n.Header, " ", n.Length, " ", form))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: the tree is\n%s\nand openssl has\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
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
