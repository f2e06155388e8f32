package describe_test

import (
	"bufio"
	"bytes"
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
