package describe_test

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	. "wirebench/sessions/certs/describe"
	"wirebench/sessions/inspect"
)

// names makes a certificate with n alternative names.
func names(n int) []byte {
	var all [][]byte
	for i := range n {
		all = append(all, tlv(0x82, fmt.Appendf(nil, "host-%d.example", i)))
	}
	p := sound()
	p.extensions = ext(san, all...)
	return p.der()
}

func TestTenThousandNamesAreAllShown(t *testing.T) {
	g := groupOf(t, Certificate(names(10_000), asOf), "Subject alternative names")
	if got := values(g, "DNS name"); g.Title != "Subject alternative names (10,000)" || len(got) != 10_000 || got[9_999] != "host-9999.example" || g.Problem != "" {
		t.Errorf("%s has %d names, problem %q", g.Title, len(got), g.Problem)
	}
}

func TestHostileCertificatesStayBounded(t *testing.T) {
	many := func(n int, element []byte) []byte { return bytes.Repeat(element, n) }
	for _, tt := range []struct {
		name   string
		change func(*parts)
	}{
		{"a million attributes", func(p *parts) { p.subject = tlv(0x30, many(1_000_000, rdn(cn, 12, "a"))) }},
		{"a million attributes in one set", func(p *parts) {
			p.subject = tlv(0x30, tlv(0x31, many(1_000_000, tlv(0x30, oid(cn), tlv(12, str("a"))))))
		}},
		{"a million alternative names", func(p *parts) { p.extensions = ext(san, many(1_000_000, tlv(0x82, str("a")))) }},
		{"a million wrong alternative names", func(p *parts) { p.extensions = ext(san, many(1_000_000, tlv(0x87, str("a")))) }},
		{"a million extensions", func(p *parts) { p.extensions = many(1_000_000, ext("\x2a")) }},
		{"a million policies", func(p *parts) { p.extensions = ext("\x55\x1d\x20", many(1_000_000, tlv(0x30, oid("\x2a")))) }},
		{"a million distribution points", func(p *parts) { p.extensions = ext("\x55\x1d\x1f", many(1_000_000, tlv(0x30))) }},
		{"a serial number of a million bytes", func(p *parts) { p.serial = tlv(2, many(1_000_000, []byte{0x7f})) }},
		{"a name of a million bytes", func(p *parts) { p.subject = tlv(0x30, rdn(cn, 12, strings.Repeat("\u202e", 333_333))) }},
		{"an OID of a million bytes", func(p *parts) { p.algorithm = tlv(0x30, tlv(6, many(1_000_000, []byte{0x81}))) }},
		{"a million indefinite lengths in each other", func(p *parts) { p.subject = many(1_000_000, []byte{0x30, 0x80}) }},
		{"indefinite lengths side by side and in each other", func(p *parts) {
			p.subject = append(append(many(60, []byte{0x30, 0x80}), many(300_000, []byte{5, 0})...), many(60, []byte{0, 0})...)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := sound()
			tt.change(&p)
			d := Certificate(p.der(), asOf)
			fields, size := 0, 0
			for _, g := range d.Groups {
				fields += len(g.Fields)
				for _, f := range g.Fields {
					size = max(size, len(f.Value), len(f.Note))
				}
			}
			if fields > 101_000 || size > 40_000 || len(d.Groups) > 510 {
				t.Errorf("%d groups, %d fields, the longest text %d bytes", len(d.Groups), fields, size)
			}
			if nodes := ASN1(p.der(), 5_000); len(nodes) > 5_000 {
				t.Errorf("%d nodes", len(nodes))
			}
		})
	}
}

// checkSafe fails when a text could misbehave where it is shown.
func checkSafe(t *testing.T, what, s string) {
	t.Helper()
	if !utf8.ValidString(s) {
		t.Fatalf("%s is no UTF-8: %q", what, s)
	}
	for _, r := range s {
		if !inspect.Visible(r) {
			t.Fatalf("%s holds %U: %q", what, r, s)
		}
	}
}

func checkDocument(t *testing.T, der []byte, d Document) {
	t.Helper()
	checkSafe(t, "the title", d.Title)
	if d.Err != nil {
		checkSafe(t, "the error", d.Err.Error())
		if at := d.Err.(*Error).Offset; at < 0 || at > len(der) {
			t.Fatalf("the error is at byte %d of %d", at, len(der))
		}
	}
	if !bytes.Equal(d.DER, der) {
		t.Fatal("DER is not what was given")
	}
	wrong := false
	for _, g := range d.Groups {
		checkSafe(t, "a title", g.Title)
		checkSafe(t, "a problem", g.Problem)
		wrong = wrong || g.Problem != ""
		told := false
		for _, f := range g.Fields {
			checkSafe(t, "a name", f.Name)
			checkSafe(t, f.Name, f.Value)
			checkSafe(t, "a note", f.Note)
			told = told || f.Problem
			if f.Problem && f.Note == "" || f.Name == "" {
				t.Fatalf("a problem without words or a value without a name: %+v", f)
			}
		}
		if told != (g.Problem != "") {
			t.Fatalf("the problem %q of %s is not that of its fields", g.Problem, g.Title)
		}
	}
	if d.Err != nil && !wrong {
		t.Fatalf("%v stands in no group", d.Err)
	}
	if Text(d) == "" {
		t.Fatal("no text")
	}
}

func seeds(f *testing.F) {
	for name, der := range foreign(f) {
		if strings.Contains(name, "Test1EE") || strings.HasPrefix(name, "policy") {
			f.Add(der)
		}
	}
	if data, err := os.ReadFile("testdata/everything.pem"); err == nil {
		block, _ := pem.Decode(data)
		f.Add(block.Bytes)
	}
	f.Add(sound().der())
	f.Add([]byte{0x30, 0x80, 0x30, 0x80, 0, 0, 0, 0})
}

func FuzzCertificate(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, der []byte) {
		checkDocument(t, der, Certificate(der, asOf))
	})
}

func FuzzASN1(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, der []byte) {
		last := -1
		for _, n := range ASN1(der, 500) {
			checkSafe(t, "a name", n.Name)
			checkSafe(t, "a value", n.Value)
			checkSafe(t, "a problem", n.Problem)
			if n.Offset <= last || n.Offset+n.Header+n.Length > len(der) || n.Depth < 0 || n.Depth > 63 {
				t.Fatalf("%+v after byte %d of %d", n, last, len(der))
			}
			last = n.Offset
		}
		if len(ASN1(der, 500)) > 500 {
			t.Fatal("too many nodes")
		}
	})
}

func BenchmarkTenThousandNames(b *testing.B) {
	der := names(10_000)
	for b.Loop() {
		Certificate(der, asOf)
	}
}
