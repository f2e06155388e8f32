package describe_test

import (
	"bytes"
	"encoding/pem"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	. "wirebench/sessions/certs/describe"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The zone of the machine appears in notes.
func TestMain(m *testing.M) {
	time.Local = time.UTC
	os.Exit(m.Run())
}

var asOf = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestASoundCertificateHasNoProblem(t *testing.T) {
	p := sound()
	p.extensions = ext(san, tlv(0x82, str("a.example")))
	d := Certificate(p.der(), asOf)
	if d.Err != nil {
		t.Error(d.Err)
	}
	for _, g := range d.Groups {
		if g.Problem != "" {
			t.Errorf("%s: %s", g.Title, g.Problem)
		}
	}
	if d.Title != "somebody, self-issued" {
		t.Errorf("the title is %q", d.Title)
	}
}

func TestWhatIsWrongIsToldBesideTheValue(t *testing.T) {
	name := func(r ...[]byte) []byte { return tlv(0x30, r...) }
	times := func(tag byte, begin, end string) []byte {
		return tlv(0x30, tlv(tag, str(begin)), tlv(tag, str(end)))
	}
	tests := []struct {
		name                string
		change              func(*parts)
		group, field, value string
		problem             string
		unreadable          bool
	}{
		{"a negative serial number", func(p *parts) { p.serial = tlv(2, []byte{0xff, 0x01}) },
			"Certificate", "Serial number", "-FF", "it is negative", false},
		{"a serial number of zero", func(p *parts) { p.serial = tlv(2, []byte{0}) },
			"Certificate", "Serial number", "00", "it is zero", false},
		{"a serial number that is too long", func(p *parts) { p.serial = tlv(2, bytes.Repeat([]byte{0x11}, 21)) },
			"Certificate", "Serial number", colons(bytes.Repeat([]byte{0x11}, 21)), "it has 21 bytes, and 20 are allowed", false},
		{"a serial number with a needless zero", func(p *parts) { p.serial = tlv(2, []byte{0, 0, 5}) },
			"Certificate", "Serial number", "05", "the INTEGER is written in more bytes than it needs", false},
		{"a serial number without content", func(p *parts) { p.serial = tlv(2) },
			"Certificate", "Serial number", "", "an INTEGER without content", false},
		{"version 4", func(p *parts) { p.version = tlv(0xa0, tlv(2, []byte{3})) },
			"Certificate", "Version", "4", "there are only the versions 1 to 3", false},
		{"version 0", func(p *parts) { p.version = tlv(0xa0, tlv(2, []byte{0xff})) },
			"Certificate", "Version", "0", "there are only the versions 1 to 3", false},
		{"version 1 written out", func(p *parts) { p.version = tlv(0xa0, tlv(2, []byte{0})) },
			"Certificate", "Version", "1", "version 1 is not to be written", false},
		{"extensions in version 1", func(p *parts) { p.version = nil; p.extensions = ext(san, tlv(0x82, str("a"))) },
			"Certificate", "Version", "1", "only certificates of version 3 can have extensions", false},
		{"a length in too many bytes", func(p *parts) { p.serial = []byte{2, 0x82, 0, 1, 7} },
			"Certificate", "Serial number", "07", "the length 1 of the INTEGER is written in more bytes than it needs", false},
		{"an indefinite length", func(p *parts) { p.validity = append([]byte{0x30, 0x80}, append(p.validity[2:], 0, 0)...) },
			"Certificate", "Version", "3", "the length of the SEQUENCE is indefinite", false},
		{"a time that does not exist", func(p *parts) { p.validity = times(23, "260101000000Z", "260230000000Z") },
			"Validity", "Not after", "260230000000Z", "no such date or time of day", false},
		{"a time without seconds", func(p *parts) { p.validity = times(23, "2601010000Z", "260331000000Z") },
			"Validity", "Not before", "2026-01-01 00:00:00 UTC", "the seconds are missing", false},
		{"a time with an offset", func(p *parts) { p.validity = times(23, "260101020000+0200", "260331000000Z") },
			"Validity", "Not before", "2026-01-01 00:00:00 UTC", "an offset from UTC is not allowed in certificates", false},
		{"a time with fractions", func(p *parts) { p.validity = times(24, "20260101000000.5Z", "20510331000000Z") },
			"Validity", "Not before", "2026-01-01 00:00:00.5 UTC", "fractions of seconds are not allowed in certificates", false},
		{"a time without Z", func(p *parts) { p.validity = times(23, "260101000000", "260331000000Z") },
			"Validity", "Not before", "2026-01-01 00:00:00 UTC", "it does not say that it is UTC: the Z is missing", false},
		{"a time with control characters", func(p *parts) { p.validity = times(23, "\x1b[2J", "260331000000Z") },
			"Validity", "Not before", `\x1b[2J`, "no time in the form YYMMDDhhmmssZ", false},
		{"an end before the beginning", func(p *parts) { p.validity = times(23, "260401000000Z", "260331000000Z") },
			"Validity", "Lifetime", "none", "it ends before it begins", false},
		{"a number instead of a time", func(p *parts) { p.validity = tlv(0x30, tlv(2, []byte{1}), tlv(23, str("260331000000Z"))) },
			"Validity", "Not after", "2026-03-31 00:00:00 UTC", `"Not before": expected a UTCTime or a GeneralizedTime, found an INTEGER`, true},
		{"a zero byte in a name", func(p *parts) { p.subject = name(rdn(cn, 12, "good.example\x00.evil.example")) },
			"Subject", "Common name", `good.example\0.evil.example`, "it holds a zero byte", false},
		{"an override of the writing direction", func(p *parts) { p.subject = name(rdn(cn, 12, "a\u202eb")) },
			"Subject", "Name", `CN=a\E2\80\AEb`, `it holds the invisible character \u202e`, false},
		{"a string that is not UTF-8", func(p *parts) { p.subject = name(rdn(cn, 12, "a\xff")) },
			"Subject", "Common name", `a\xff`, "not UTF-8, though it says so", false},
		{"a forbidden character in a PrintableString", func(p *parts) { p.subject = name(rdn(cn, 19, "a_b")) },
			"Subject", "Common name", "a_b", "a PrintableString with the character _", false},
		{"half a character in a BMPString", func(p *parts) { p.subject = name(rdn(cn, 30, "\x00a\x00")) },
			"Subject", "Common name", "a", "a BMPString of an odd number of bytes", false},
		{"a country of three letters", func(p *parts) { p.subject = name(rdn(country, 19, "GBR")) },
			"Subject", "Country", "GBR", "a country is written in two letters", false},
		{"no issuer", func(p *parts) { p.issuer = name() },
			"Issuer", "Issuer", "none", "every certificate has to name its issuer", false},
		{"an OID that ends inside a number", func(p *parts) { p.subject = name(rdn("\x55\x84", 12, "x")) },
			"Subject", "#55:84", "x", "the OBJECT IDENTIFIER ends inside a number", false},
		{"a key of the wrong size", func(p *parts) { p.key = tlv(0x30, tlv(0x30, oid(edwards)), tlv(3, make([]byte, 32))) },
			"Public key", "Size", "31 bytes", "a key of this kind has 32 bytes", false},
		{"parameters where none may be", func(p *parts) { p.key = tlv(0x30, tlv(0x30, oid(edwards), tlv(5)), tlv(3, make([]byte, 33))) },
			"Public key", "Parameters", "NULL", "this algorithm may have no parameters", false},
		{"another algorithm inside", func(p *parts) { p.algorithm = tlv(0x30, oid(edwards)) },
			"Signature", "Signed algorithm", "30:05:06:03:2B:65:70", "the algorithm inside what is signed is another than the one beside the signature", false},
		{"unused bits in the signature", func(p *parts) { p.signature = tlv(3, []byte{9, 1}) },
			"Signature", "Value", "01", "a BIT STRING that says it has 9 unused bits", false},
		{"an extension twice", func(p *parts) { p.extensions = slices.Concat(ext("\x2a", tlv(5)), ext("\x2a", tlv(5))) },
			"Extension 1.2", "Identifier", "1.2", "", false},
		{"a name of no kind", func(p *parts) { p.extensions = ext(san, tlv(0x8f, str("x"))) },
			"Subject alternative names", "Name", "8F:01:78", "no kind of name has the tag [15]", false},
		{"an address of five bytes", func(p *parts) { p.extensions = ext(san, tlv(0x87, make([]byte, 5))) },
			"Subject alternative names", "IP address", "00:00:00:00:00", "an IP address has 4 or 16 bytes, not 5", false},
		{"no names in the list", func(p *parts) { p.extensions = ext(san) },
			"Subject alternative names", "Names", "none", "the list of names is empty", false},
		{"a list of names that is a string", func(p *parts) { p.extensions = tlv(0x30, oid(san), tlv(4, tlv(12, str("x")))) },
			"Subject alternative names", "Value", "0C:01:78", "the alternative names: expected a SEQUENCE, found a UTF8String", true},
		{"a mask with gaps", func(p *parts) {
			p.extensions = ext("\x55\x1d\x1e", tlv(0xa0, tlv(0x30, tlv(0x87, []byte{10, 0, 0, 0, 255, 0, 255, 0}))))
		}, "Name constraints", "Permitted IP address", "10.0.0.0 mask 255.0.255.0", "the mask has gaps", false},
		{"a use that is none", func(p *parts) { p.extensions = tlv(0x30, oid("\x55\x1d\x0f"), tlv(4, tlv(3, []byte{4, 0, 0x10}))) },
			"Key usage", "Uses", "bit 11", "bit 11 means nothing", false},
		{"a path length without a CA", func(p *parts) { p.extensions = ext("\x55\x1d\x13", tlv(2, []byte{3})) },
			"Basic constraints", "Path length", "3", "only a certificate authority has one", false},
		{"timestamps that are cut", func(p *parts) {
			p.extensions = tlv(0x30, oid("\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x02"), tlv(4, tlv(4, []byte{0, 5, 0, 3, 0, 1, 2})))
		}, "Signed certificate timestamps", "Value", "04:07:00:05:00:03:00:01:02", "a timestamp ends too early", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := sound()
			tt.change(&p)
			d := Certificate(p.der(), asOf)
			if got := value(t, d, tt.group, tt.field); got != tt.value {
				t.Errorf("%s is %q, want %q", tt.field, got, tt.value)
			}
			if g := groupOf(t, d, tt.group); !strings.HasSuffix(g.Problem, tt.problem) || g.Problem == "" && tt.problem != "" {
				t.Errorf("the problem is %q, want %q", g.Problem, tt.problem)
			}
			found := tt.problem == ""
			for _, f := range groupOf(t, d, tt.group).Fields {
				found = found || f.Problem && f.Note == tt.problem
			}
			if !found {
				t.Errorf("no field tells of the problem:\n%s", Text(d))
			}
			if (d.Err != nil) != tt.unreadable {
				t.Errorf("the error is %v", d.Err)
			}
			// What follows is read all the same.
			if got := value(t, d, "Signature", "Algorithm"); got != "ecdsa-with-SHA256 (1.2.840.10045.4.3.2)" {
				t.Errorf("the signature's algorithm is %q", got)
			}
		})
	}
}

func TestARepeatedExtensionIsToldWhereItIsRepeated(t *testing.T) {
	p := sound()
	p.extensions = slices.Concat(ext("\x2a", tlv(5)), ext("\x2a", tlv(5)))
	d := Certificate(p.der(), asOf)
	last := d.Groups[len(d.Groups)-2]
	if last.Problem != "Identifier: this extension is there more than once" || d.Groups[len(d.Groups)-3].Problem != "" {
		t.Errorf("not told at the second:\n%s", Text(d))
	}
}

func TestWhatIsNoCertificateIsShownAsFarAsItGoes(t *testing.T) {
	whole := sound().der()
	for _, tt := range []struct {
		name   string
		der    []byte
		offset int
		text   string
	}{
		{"nothing", nil, 0, "it ends before the certificate"},
		{"one byte", []byte{0x30}, 0, "the bytes end before the length of the SEQUENCE"},
		{"text", str("HTTP/1.1 400 Bad Request"), 0, "the certificate: expected a SEQUENCE, found an [APPLICATION 8]"},
		{"PEM", str("-----BEGIN CERTIFICATE-----\n"), 0, "this is PEM, the text form, and has to be decoded first"},
		{"a number", tlv(2, []byte{1}), 0, "the certificate: expected a SEQUENCE, found an INTEGER"},
		{"an empty list", tlv(0x30), 2, "it ends before the signed part of the certificate"},
		{"a cut one", whole[:40], 0, fmt.Sprintf("the SEQUENCE is said to be %d bytes long, and 37 bytes are left", len(whole)-3)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := Certificate(tt.der, asOf)
			if e, ok := d.Err.(*Error); !ok || e.Offset != tt.offset || e.Text != tt.text {
				t.Errorf("the error is %v", d.Err)
			}
			if len(values(groupOf(t, d, "Fingerprints"), "SHA-256")) == 0 || d.Title == "" {
				t.Errorf("no fingerprint, or no title:\n%s", Text(d))
			}
		})
	}
	// A cut certificate shows what came before the cut.
	for n := range whole {
		d := Certificate(whole[:n], asOf)
		if d.Err == nil {
			t.Errorf("nothing is said about a certificate of %d bytes cut to %d", len(whole), n)
		}
		if end := bytes.Index(whole, str("260331235959Z")) + 13; n >= end && value(t, d, "Validity", "Not after") != "2026-03-31 23:59:59 UTC" {
			t.Errorf("cut to %d bytes it has lost its end", n)
		}
	}
}

func TestTheStateIsRelativeToTheTimeAskedFor(t *testing.T) {
	for _, tt := range []struct {
		at   string
		want string
	}{
		{"2026-03-01T12:00:00Z", "30 days left"},
		{"2026-03-31T00:00:00Z", "23 hours left"},
		{"2026-03-31T23:59:58Z", "1 second left"},
		{"2026-03-31T23:59:59Z", "0 seconds left"},
		{"2026-04-03T00:00:00Z", "ended 2 days ago"},
		{"2025-12-31T23:50:00Z", "begins in 10 minutes"},
		{"1626-12-31T23:50:00Z", "begins in about 399 years"},
	} {
		at, err := time.Parse(time.RFC3339, tt.at)
		if err != nil {
			t.Fatal(err)
		}
		d := Certificate(sound().der(), at)
		if got := value(t, d, "Validity", "State"); got != tt.want {
			t.Errorf("at %s it is %q, want %q", tt.at, got, tt.want)
		}
		if got := value(t, d, "Validity", "Lifetime"); got != "90 days" {
			t.Errorf("the lifetime is %q", got)
		}
	}
	if got := values(groupOf(t, Certificate(sound().der(), time.Time{}), "Validity"), "State"); got != nil {
		t.Errorf("without a time the state is %q", got)
	}
}

func TestTimesStandInLocalTimeToo(t *testing.T) {
	defer func(old *time.Location) { time.Local = old }(time.Local)
	time.Local = time.FixedZone("here", 2*3600+30*60)
	f := groupOf(t, Certificate(sound().der(), asOf), "Validity").Fields[0]
	if f.Value != "2026-01-01 00:00:00 UTC" || f.Note != "2026-01-01 02:30:00 +0230 local time" {
		t.Errorf("it is %q (%s)", f.Value, f.Note)
	}
}

func TestCenturiesFollowRFC5280(t *testing.T) {
	for in, want := range map[string]string{"500101000000Z": "1950", "680101000000Z": "1968", "690101000000Z": "1969", "000101000000Z": "2000", "491231000000Z": "2049"} {
		p := sound()
		p.validity = tlv(0x30, tlv(23, str(in)), tlv(24, str("99991231235959Z")))
		d := Certificate(p.der(), asOf)
		if got := value(t, d, "Validity", "Not before")[:4]; got != want {
			t.Errorf("%s is in %s, want %s", in, got, want)
		}
		if f := groupOf(t, d, "Validity").Fields[1]; f.Note != "no end that is known (RFC 5280)" || f.Problem {
			t.Errorf("the end of time is %+v", f)
		}
	}
}

func TestNamesAreWrittenByRFC4514(t *testing.T) {
	for _, tt := range []struct{ name, subject, line, sent string }{
		{"the last part first", string(slices.Concat(rdn(country, 19, "GB"), rdn(cn, 12, "a"))), "CN=a,C=GB", "C=GB, CN=a"},
		{"two in one set joined", string(tlv(0x31, tlv(0x30, oid(cn), tlv(12, str("a"))), tlv(0x30, oid("\x55\x04\x05"), tlv(12, str("1"))))), "serialNumber=1+CN=a", "CN=a+serialNumber=1"},
		{"special characters behind a backslash", string(rdn(cn, 12, ` #a,b+c"d\e<f>g;h= `)), `CN=\ #a\,b\+c\"d\\e\<f\>g\;h=\ `, ""},
		{"a number sign in front", string(rdn(cn, 12, `#a`)), `CN=\#a`, ""},
		{"other letters as they are", string(rdn(cn, 12, "Größe 日本")), "CN=Größe 日本", ""},
		{"UTF-16", string(rdn(cn, 30, "\x65\xe5\xd8\x34\xdd\x1e")), "CN=日𝄞", ""},
		{"UTF-32", string(rdn(cn, 28, "\x00\x00\x65\xe5")), "CN=日", ""},
		{"Latin-1", string(rdn(cn, 20, "Gr\xf6\xdfe")), "CN=Größe", ""},
		{"lines and marks above nothing in hex", string(rdn(cn, 12, "a\nb\u0301,\u0301"+strings.Repeat("\u0301", 5))), `CN=a\0Ab` + "\u0301" + `\,` + strings.Repeat("\u0301", 4) + `\CC\81\CC\81`, ""},
		{"what is no string in hex", string(rdn(cn, 4, "ab")), "CN=#04026162", ""},
		{"an unknown kind in digits", string(rdn("\x2a\x03\x04", 12, "a")), "1.2.3.4=a", ""},
	} {
		p := sound()
		p.subject = tlv(0x30, str(tt.subject))
		d := Certificate(p.der(), asOf)
		if got := value(t, d, "Subject", "Name"); got != tt.line {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.line)
		}
		if got := values(groupOf(t, d, "Subject"), "Name in the order sent"); tt.sent != "" && !slices.Equal(got, []string{tt.sent}) {
			t.Errorf("%s: as sent %s, want %s", tt.name, got, tt.sent)
		}
	}
}

func TestUniqueIdentifiersStandWithTheirNames(t *testing.T) {
	p := sound()
	p.key = slices.Concat(p.key, tlv(0x81, []byte{0, 0xab}), tlv(0x82, []byte{0, 0xcd}))
	d := Certificate(p.der(), asOf)
	if value(t, d, "Issuer", "Unique identifier") != "AB" || value(t, d, "Subject", "Unique identifier") != "CD" || d.Err != nil {
		t.Error(Text(d))
	}
}

// testdata/everything.pem was made with openssl req -x509 and has every
// extension that is decoded.
func TestEveryExtensionIsDecoded(t *testing.T) {
	data, err := os.ReadFile("testdata/everything.pem")
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(data)
	d := Certificate(block.Bytes, time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC))
	if d.Err != nil {
		t.Error(d.Err)
	}
	for _, g := range d.Groups {
		if g.Problem != "" {
			t.Errorf("%s: %s", g.Title, g.Problem)
		}
	}
	const golden = "testdata/everything.txt"
	got := Text(d)
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the text is no longer that of %s (see -update):\n%s", golden, got)
	}
}

func TestTextHasEveryValueAndEveryProblem(t *testing.T) {
	p := sound()
	p.serial = tlv(2, []byte{0xff})
	p.extensions = tlv(0x30, oid(san), tlv(1, []byte{0xff}), tlv(4, tlv(0x30, tlv(0x82, str("a.example")))))
	d := Certificate(p.der(), asOf)
	text := Text(d)
	for _, want := range []string{"Certificate: somebody, self-issued\n", "    Subject alternative names (critical)\n        DNS name: a.example\n",
		"        Serial number: -01 [it is negative]\n", "    Signature\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if cut := Text(Certificate(p.der()[:30], asOf)); !strings.Contains(cut, "    It could not be read in full: byte 0: the SEQUENCE is said to be") {
		t.Errorf("that it is cut is not in\n%s", cut)
	}
}

func TestTheTitleNamesOwnerAndIssuer(t *testing.T) {
	organisation := "\x55\x04\x0a"
	for _, tt := range []struct {
		name            string
		subject, issuer []byte
		dns             string
		want            string
	}{
		{"by their common names", rdn(cn, 12, "leaf"), rdn(cn, 12, "Root"), "", "leaf, issued by Root"},
		{"by the organisation, where there is no other", rdn(organisation, 12, "Ltd"), rdn(cn, 12, "Root"), "", "Ltd, issued by Root"},
		{"by the first alternative name", nil, rdn(cn, 12, "Root"), "a.example", "a.example, issued by Root"},
		{"that nothing names it", nil, rdn(cn, 12, "Root"), "", "certificate without a name, issued by Root"},
		{"safely", rdn(cn, 12, "a\nb\u202e"), rdn(cn, 12, "Root"), "", `a\nb\u202e, issued by Root`},
		{"cut", rdn(cn, 12, strings.Repeat("é", 99)), rdn(cn, 12, "Root"), "", strings.Repeat("é", 40) + "…, issued by Root"},
	} {
		p := sound()
		p.subject, p.issuer = tlv(0x30, tt.subject), tlv(0x30, tt.issuer)
		if tt.dns != "" {
			p.extensions = ext(san, tlv(0x82, str(tt.dns)))
		}
		if got := Certificate(p.der(), asOf).Title; got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestOIDsHaveNames(t *testing.T) {
	for in, want := range map[string]string{
		"2.5.4.3": "commonName", "2.5.29.17": "subjectAltName", "1.2.840.113549.1.1.11": "sha256WithRSAEncryption", "1.3.6.1.5.5.7.3.1": "TLS server, serverAuth",
		"2.23.140.1.2.1": "CA/Browser Forum: domain validated, DV", "1.2.840.10045.3.1.7": "prime256v1", "1.2.3": "", "": "",
	} {
		if got := OID(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}
