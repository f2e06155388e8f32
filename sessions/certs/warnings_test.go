package certs_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"slices"
	"strings"
	"testing"
	"time"

	"wirebench/sessions/certs"
)

// warns lists the codes of a report's warnings.
func warns(r *certs.Report) []certs.Code {
	var codes []certs.Code
	for _, w := range r.Warnings {
		codes = append(codes, w.Code)
	}
	return codes
}

func TestWarningsAboutWhatWasSent(t *testing.T) {
	ca, stranger := root(t, "Root A", nil), root(t, "Root S", nil)
	mid := ca.issue(t, "CA B", nil)
	leaf := mid.issue(t, "www.example.com", nil)
	for _, c := range []struct {
		name      string
		presented []*made
		want      []certs.Code
		depths    []int
	}{
		{"in order and without the root", list(leaf, mid), nil, nil},
		{"the root too", list(leaf, mid, ca), []certs.Code{certs.RootSent}, []int{2}},
		{"the root before the intermediate", list(leaf, ca, mid), []certs.Code{certs.RootSent, certs.ChainOutOfOrder}, []int{2, -1}},
		{"one twice", list(leaf, mid, mid), []certs.Code{certs.DuplicateSent}, []int{1}},
		{"one that belongs elsewhere", list(leaf, stranger, mid), []certs.Code{certs.SuperfluousSent}, []int{1}},
		{"a stranger twice", list(leaf, mid, stranger, stranger), []certs.Code{certs.SuperfluousSent, certs.DuplicateSent}, []int{2, 3}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := check(list(ca), c.presented...)
			is(t, r, certs.Trusted)
			if !slices.Equal(warns(r), c.want) {
				t.Fatalf("warnings %v, want %v", warns(r), c.want)
			}
			for i, w := range r.Warnings {
				if w.Depth != c.depths[i] {
					t.Errorf("%s at depth %d, want %d", w.Code, w.Depth, c.depths[i])
				}
			}
		})
	}
	t.Run("in the wrong order", func(t *testing.T) {
		sub := mid.issue(t, "CA C", nil)
		r := check(list(ca), sub.issue(t, "www.example.com", nil), mid, sub)
		is(t, r, certs.Trusted)
		w := find(t, r.Warnings, certs.ChainOutOfOrder)
		if want := "the chain was not sent from the leaf upwards, but in this order: CN=www.example.com, CN=CA B and CN=CA C"; w.Detail != want || w.Depth != -1 {
			t.Errorf("%+v", w)
		}
	})
	t.Run("the leaf last", func(t *testing.T) {
		r := check(list(ca), mid, leaf)
		is(t, r, certs.PrincipalMismatch, certs.NoNames)
		if w := find(t, r.Warnings, certs.ChainOutOfOrder); !strings.Contains(w.Detail, "was sent as number 2") {
			t.Errorf("%q", w.Detail)
		}
	})
}

func TestWarningsAboutTheLeaf(t *testing.T) {
	policy := func(c *x509.Certificate) {
		c.Policies = []x509.OID{oid(2, 23, 140, 1, 2, 1)}
	}
	sct := pkix.Extension{Id: []int{1, 3, 6, 1, 4, 1, 11129, 2, 4, 2}, Value: []byte{4, 2, 0, 0}}
	ca := root(t, "Root A", nil)
	for _, c := range []struct {
		name string
		edit func(*x509.Certificate)
		want []certs.Code
	}{
		{"an ordinary one", nil, nil},
		{"ends within two weeks", func(c *x509.Certificate) { c.NotAfter = now.AddDate(0, 0, 13) }, []certs.Code{certs.ExpiresSoon}},
		{"ends in fifteen days", func(c *x509.Certificate) { c.NotAfter = now.AddDate(0, 0, 15) }, nil},
		{"lives for six days and ends in three", func(c *x509.Certificate) { c.NotBefore, c.NotAfter = now.AddDate(0, 0, -3), now.AddDate(0, 0, 3) }, nil},
		{"lives for six days and ends in one", func(c *x509.Certificate) { c.NotBefore, c.NotAfter = now.AddDate(0, 0, -5), now.AddDate(0, 0, 1) }, []certs.Code{certs.ExpiresSoon}},
		{"of a private CA, for three years", func(c *x509.Certificate) { c.NotAfter = c.NotBefore.AddDate(3, 0, 0) }, []certs.Code{certs.LongLifetime}},
		{"of a private CA, for two years", func(c *x509.Certificate) { c.NotAfter = c.NotBefore.AddDate(2, 0, 0) }, nil},
		{"of a public CA, without timestamps", policy, []certs.Code{certs.NoSCT}},
		{"of a public CA, for 201 days since 2026", func(c *x509.Certificate) {
			policy(c)
			c.ExtraExtensions, c.NotAfter = []pkix.Extension{sct}, c.NotBefore.AddDate(0, 0, 200)
		}, []certs.Code{certs.LongLifetime}},
		{"of a public CA, for 200 days since 2026", func(c *x509.Certificate) {
			policy(c)
			c.ExtraExtensions, c.NotAfter = []pkix.Extension{sct}, c.NotBefore.AddDate(0, 0, 200).Add(-time.Second)
		}, nil},
		{"cannot sign", func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment }, []certs.Code{certs.LeafKeyUsage}},
		{"has no usage", func(c *x509.Certificate) { c.ExtKeyUsage = nil }, []certs.Code{certs.Odd}},
		{"has no subject", func(c *x509.Certificate) { c.Subject = pkix.Name{} }, []certs.Code{certs.NoSubjectWarning}},
		{"has a name that matches nothing", func(c *x509.Certificate) { c.DNSNames = append(c.DNSNames, "https://www.example.com/") }, []certs.Code{certs.Odd}},
		{"has an address for a DNS name", func(c *x509.Certificate) { c.DNSNames = append(c.DNSNames, "10.0.0.1") }, []certs.Code{certs.Odd}},
		{"has a common name that is not among the names", func(c *x509.Certificate) { c.Subject.CommonName = "other.example.com" }, []certs.Code{certs.Odd}},
		{"may sign certificates but is no CA", func(c *x509.Certificate) { c.KeyUsage |= x509.KeyUsageCertSign }, []certs.Code{certs.StrictRefused}},
		{"is a CA", func(c *x509.Certificate) {
			c.IsCA, c.KeyUsage, c.SubjectKeyId = true, x509.KeyUsageCertSign|x509.KeyUsageDigitalSignature, []byte{1}
		}, []certs.Code{certs.Odd}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := check(list(ca), ca.issue(t, "www.example.com", c.edit))
			is(t, r, certs.Trusted)
			if !slices.Equal(warns(r), c.want) {
				t.Errorf("warnings %v, want %v: %+v", warns(r), c.want, r.Warnings)
			}
		})
	}
	t.Run("timestamps that came in the handshake count", func(t *testing.T) {
		in := input(list(ca), ca.issue(t, "www.example.com", policy))
		in.SCTs = 2
		if r := certs.Check(in); len(r.Warnings) != 0 {
			t.Errorf("%+v", r.Warnings)
		}
	})
}

func oid(parts ...uint64) x509.OID {
	o, err := x509.OIDFromInts(parts)
	if err != nil {
		panic(err)
	}
	return o
}

func TestNamesAsText(t *testing.T) {
	ca := root(t, "Root A", nil)
	for _, c := range []struct {
		name pkix.Name
		want string
	}{
		{pkix.Name{CommonName: "www.example.com", Organization: []string{"Example"}, Country: []string{"GB"}}, "CN=www.example.com, O=Example, C=GB"},
		{pkix.Name{CommonName: "a, O=b+c"}, `CN=a\, O=b\+c`},
		{pkix.Name{CommonName: "a\n\x1b\u202eb\\"}, `CN=a\n\x1b\u202eb\\`},
		{pkix.Name{ExtraNames: []pkix.AttributeTypeAndValue{{Type: []int{1, 2, 3}, Value: "x"}}}, "1.2.3=x"},
		{pkix.Name{CommonName: strings.Repeat("é", 300)}, "CN=" + strings.Repeat("é", 236) + "…"},
		{pkix.Name{}, "(no subject)"},
	} {
		leaf := ca.issue(t, "www.example.com", func(x *x509.Certificate) { x.Subject = c.name })
		if got := certs.SubjectText(leaf.Certificate); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	if got := certs.IssuerText(ca.Certificate); got != "CN=Root A" {
		t.Errorf("%q", got)
	}
	if certs.SubjectText(nil) != "(unreadable)" || certs.IssuerText(nil) != "(unreadable)" {
		t.Error("no text for nil")
	}
	if got := certs.NameText(pkix.Name{CommonName: "a", Organization: []string{"b"}}); got != "CN=a, O=b" {
		t.Errorf("a name made in a program: %q", got)
	}
}
