package certs_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"wirebench/sessions/certs"
)

// is checks the exact set of a report's faults.
func is(t *testing.T, r *certs.Report, status certs.Status, want ...certs.Code) {
	t.Helper()
	wellFormed(t, r)
	if r.Status != status || !slices.Equal(faultsOf(r), want) {
		t.Errorf("%s %v, want %s %v (%s)", r.Status, faultsOf(r), status, want, r.Headline)
	}
}

// names checks who is in the chain.
func names(t *testing.T, r *certs.Report, want ...string) {
	t.Helper()
	var got []string
	for _, c := range r.Chain {
		got = append(got, c.Subject.CommonName)
	}
	if !slices.Equal(got, want) {
		t.Errorf("chain %q, want %q", got, want)
	}
}

func find(t *testing.T, list []certs.Finding, code certs.Code) certs.Finding {
	t.Helper()
	for _, f := range list {
		if f.Code == code {
			return f
		}
	}
	t.Fatalf("no %s among %+v", code, list)
	return certs.Finding{}
}

func TestAGoodChainIsTrusted(t *testing.T) {
	ca := root(t, "Root A", nil)
	mid := ca.issue(t, "CA B", nil)
	r := check(list(ca), mid.issue(t, "www.example.com", nil), mid)
	is(t, r, certs.Trusted)
	names(t, r, "www.example.com", "CA B", "Root A")
	if len(r.Warnings) != 0 {
		t.Errorf("warnings %+v", r.Warnings)
	}
	if r.Err() != nil {
		t.Error(r.Err())
	}
	if want := "the certificate is good for www.example.com until 2027-01-21 03:20 UTC (61 days left), trusted by way of CN=Root A"; r.Headline != want {
		t.Errorf("headline %q, want %q", r.Headline, want)
	}
}

func TestNoCertificateIsUnknown(t *testing.T) {
	r := certs.Check(certs.Input{Time: now})
	if r.Status != certs.Unknown || r.Headline == "" || len(r.Faults) != 0 {
		t.Errorf("%+v", r)
	}
	if r = certs.Check(certs.Input{Time: now, Problem: "the server sent an alert"}); r.Headline != "the server sent an alert" {
		t.Errorf("headline %q", r.Headline)
	}
}

func TestAllFaultsAreToldAtOnce(t *testing.T) {
	stranger := root(t, "Root A", func(c *x509.Certificate) { c.NotAfter = now.Add(-time.Hour) })
	mid := stranger.issue(t, "CA B", func(c *x509.Certificate) {
		c.NotBefore = now.AddDate(1, 0, 0)
		c.PermittedDNSDomains, c.PermittedDNSDomainsCritical = []string{"example.org"}, true
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}
	})
	leaf := mid.issue(t, "old.example.net", func(c *x509.Certificate) {
		c.NotAfter = time.Date(2026, 11, 18, 3, 0, 0, 0, time.UTC)
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
		c.ExtraExtensions = []pkix.Extension{{Id: []int{1, 2, 3, 4}, Critical: true, Value: []byte{5, 0}},
			{Id: []int{1, 3, 6, 1, 5, 5, 7, 1, 24}, Value: []byte{0x30, 3, 2, 1, 5}}}
	})
	r := check(nil, leaf, mid, stranger)
	is(t, r, certs.Invalid, certs.UnhandledCritical, certs.UntrustedRoot, certs.CAExpired, certs.CANotYetValid, certs.CAWrongUsage, certs.NameConstraints,
		certs.NameMismatch, certs.WrongUsage, certs.MustStapleMissing, certs.ExpiredLeaf)
	for code, want := range map[certs.Code]string{
		certs.UnhandledCritical: "it has a critical extension that is not known here: 1.2.3.4",
		certs.CAExpired:         "it ended on 2026-11-21 02:20 UTC, 1 hour before 2026-11-21 03:20 UTC",
		certs.CANotYetValid:     "it begins on 2027-11-21 03:20 UTC, 365 days after 2026-11-21 03:20 UTC",
		certs.CAWrongUsage:      "it may issue certificates for e-mail, not for TLS servers",
		certs.NameConstraints:   `its name constraints forbid a name below it: DNS name "old.example.net" is not permitted by any constraint; it permits example.org`,
		certs.NameMismatch:      "it names old.example.net; not www.example.com",
		certs.WrongUsage:        "it is made for TLS clients, not for TLS servers",
		certs.ExpiredLeaf:       "it ended on 2026-11-18 03:00 UTC, 3 days before 2026-11-21 03:20 UTC",
	} {
		if got := find(t, r.Faults, code).Detail; got != want {
			t.Errorf("%s: %q, want %q", code, got, want)
		}
	}
	if d := find(t, r.Faults, certs.CAExpired).Depth; d != 2 {
		t.Errorf("the expired root is at depth %d, want 2", d)
	}
	if got := r.Err().Error(); !strings.HasSuffix(got, "(and 9 more faults)") || !strings.HasPrefix(got, "certificate invalid: ") {
		t.Errorf("error %q", got)
	}
}

func TestTheEndOfTheChain(t *testing.T) {
	ca, other := root(t, "Root A", nil), root(t, "Root B", nil)
	mid := ca.issue(t, "CA B", nil)
	leaf := mid.issue(t, "www.example.com", func(c *x509.Certificate) { c.IssuingCertificateURL = []string{"http://ca.example/b.cer"} })
	self := (*made)(nil).issue(t, "www.example.com", nil)
	namesake := root(t, "Root A", nil)

	t.Run("a self-signed leaf", func(t *testing.T) {
		r := check(list(ca), self)
		is(t, r, certs.UntrustedSigners, certs.SelfSigned)
		names(t, r, "www.example.com")
	})
	t.Run("a self-signed leaf that is trusted itself", func(t *testing.T) {
		r := check(list(ca, self), self)
		is(t, r, certs.Trusted)
		if !strings.Contains(r.Headline, "is trusted itself") {
			t.Errorf("headline %q", r.Headline)
		}
	})
	t.Run("a leaf that is trusted itself needs no issuer", func(t *testing.T) {
		is(t, check(list(leaf), leaf), certs.Trusted)
	})
	t.Run("a private root that was sent", func(t *testing.T) {
		is(t, check(list(other), leaf, mid, ca), certs.UntrustedSigners, certs.UntrustedRoot)
	})
	t.Run("the intermediate is missing and can be fetched", func(t *testing.T) {
		r := check(list(ca), leaf)
		is(t, r, certs.UntrustedSigners, certs.IssuerMissing)
		find(t, r.Warnings, certs.IssuerByAIA)
	})
	t.Run("the intermediate is missing and given as extra", func(t *testing.T) {
		in := input(list(ca), leaf)
		in.Extra = []*x509.Certificate{nil, mid.Certificate}
		r := certs.Check(in)
		is(t, r, certs.Trusted)
		names(t, r, "www.example.com", "CA B", "Root A")
	})
	t.Run("a root of the same name but with another key is not the issuer", func(t *testing.T) {
		r := check(list(namesake), leaf, mid)
		is(t, r, certs.UntrustedSigners, certs.IssuerMissing)
		if detail := r.Faults[0].Detail; !strings.Contains(detail, "with another key") {
			t.Errorf("detail %q", detail)
		}
	})
	t.Run("a false root of the same name that was sent hides nothing", func(t *testing.T) {
		is(t, check(list(ca), leaf, mid, namesake), certs.Trusted)
		is(t, check(list(namesake), leaf, mid, ca), certs.UntrustedSigners, certs.UntrustedRoot)
	})
	t.Run("CAs that vouch for one another only", func(t *testing.T) {
		x, y := root(t, "CA X", nil), root(t, "CA Y", nil)
		xy := &made{y.issueFor(t, x.key, "CA X", nil).Certificate, x.key}
		yx := &made{x.issueFor(t, y.key, "CA Y", nil).Certificate, y.key}
		r := check(list(ca), xy.issue(t, "www.example.com", nil), xy, yx)
		is(t, r, certs.UntrustedSigners, certs.IssuerMissing)
		if !strings.Contains(r.Headline, "vouch for one another") {
			t.Errorf("headline %q", r.Headline)
		}
	})
}

func TestOfSeveralWaysUpTheBestIsTaken(t *testing.T) {
	old := root(t, "Root Old", func(c *x509.Certificate) { c.NotAfter = now.AddDate(0, 0, -10) })
	fresh := root(t, "Root New", nil)
	cross := old.issueFor(t, fresh.key, "Root New", nil)
	mid := fresh.issue(t, "CA M", nil)
	leaf := mid.issue(t, "www.example.com", nil)
	t.Run("past an expired root", func(t *testing.T) {
		r := check(list(old, fresh), leaf, mid, cross)
		is(t, r, certs.Trusted)
		names(t, r, "www.example.com", "CA M", "Root New")
		find(t, r.Warnings, certs.AnchorExpired)
	})
	t.Run("to the expired root when there is no other", func(t *testing.T) {
		r := check(list(old), leaf, mid, cross)
		is(t, r, certs.InvalidChain, certs.CAExpired)
		names(t, r, "www.example.com", "CA M", "Root New", "Root Old")
	})
	t.Run("past a CA whose constraints forbid the name", func(t *testing.T) {
		narrow := fresh.issueFor(t, mid.key, "CA M", func(c *x509.Certificate) { c.ExcludedDNSDomains = []string{"example.com"} })
		r := check(list(fresh), leaf, narrow, mid)
		is(t, r, certs.Trusted)
		if !bytes.Equal(r.Chain[1].Raw, mid.Raw) {
			t.Error("the constrained CA is in the chain")
		}
		is(t, check(list(fresh), leaf, narrow), certs.InvalidChain, certs.NameConstraints)
	})
}

func TestFaultsOfCAs(t *testing.T) {
	ca := root(t, "Root A", nil)
	for _, c := range []struct {
		name string
		edit func(*x509.Certificate)
		want certs.Code
	}{
		{"no CA by its basic constraints", func(c *x509.Certificate) { c.IsCA = false }, certs.NotACA},
		{"no basic constraints", func(c *x509.Certificate) { c.BasicConstraintsValid = false }, certs.NotACA},
		{"not for signing certificates", func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCRLSign }, certs.NotACA},
		{"for nothing at all", func(c *x509.Certificate) {
			c.KeyUsage = 0
			c.ExtraExtensions = []pkix.Extension{{Id: []int{2, 5, 29, 15}, Critical: true, Value: []byte{3, 1, 0}}}
		}, certs.NotACA},
		{"expired", func(c *x509.Certificate) { c.NotAfter = now.Add(-time.Second) }, certs.CAExpired},
		{"not yet valid", func(c *x509.Certificate) { c.NotBefore = now.Add(time.Second) }, certs.CANotYetValid},
		{"with a critical extension", func(c *x509.Certificate) {
			c.ExtraExtensions = []pkix.Extension{{Id: []int{1, 2, 3}, Critical: true, Value: []byte{5, 0}}}
		}, certs.CAUnhandledCritical},
		{"for e-mail", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection} }, certs.CAWrongUsage},
		{"demands a policy", func(c *x509.Certificate) {
			c.ExtraExtensions = []pkix.Extension{{Id: []int{2, 5, 29, 36}, Critical: true, Value: []byte{0x30, 3, 0x80, 1, 0}}}
		}, certs.Policies},
		{"with usages that list none", func(c *x509.Certificate) {
			c.ExtraExtensions = []pkix.Extension{{Id: []int{2, 5, 29, 37}, Value: []byte{0x30, 0}}}
		}, certs.Malformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			mid := ca.issue(t, "CA B", c.edit)
			r := check(list(ca), mid.issue(t, "www.example.com", nil), mid)
			is(t, r, find(t, r.Faults, c.want).Status, c.want)
			if r.Faults[0].Depth != 1 {
				t.Errorf("depth %d", r.Faults[0].Depth)
			}
			names(t, r, "www.example.com", "CA B", "Root A")
		})
	}
	t.Run("more CAs below it than it allows", func(t *testing.T) {
		short := ca.issue(t, "CA B", func(c *x509.Certificate) { c.MaxPathLen, c.MaxPathLenZero = 0, true })
		sub := short.issue(t, "CA C", nil)
		r := check(list(ca), sub.issue(t, "www.example.com", nil), sub, short)
		is(t, r, certs.InvalidChain, certs.PathTooLong)
		if want := "it allows no other CA below itself, but 1 stand there"; r.Faults[0].Detail != want || r.Faults[0].Depth != 2 {
			t.Errorf("%+v", r.Faults[0])
		}
	})
}

func TestSignatures(t *testing.T) {
	ca := root(t, "Root A", nil)
	mid := ca.issue(t, "CA B", nil)
	leaf := mid.issue(t, "www.example.com", nil)
	broken := func(m *made) []byte {
		der := bytes.Clone(m.Raw)
		der[len(der)-1] ^= 1
		return der
	}
	t.Run("of the leaf", func(t *testing.T) {
		in := input(list(ca), leaf, mid)
		in.Presented[0] = broken(leaf)
		r := certs.Check(in)
		is(t, r, certs.Invalid, certs.BadSignature)
		names(t, r, "www.example.com", "CA B", "Root A")
	})
	t.Run("of a CA", func(t *testing.T) {
		in := input(list(ca), leaf, mid)
		in.Presented[1] = broken(mid)
		is(t, certs.Check(in), certs.InvalidChain, certs.CABadSignature)
	})
	t.Run("of a self-signed leaf", func(t *testing.T) {
		in := input(list(ca), (*made)(nil).issue(t, "www.example.com", nil))
		in.Presented[0] = broken(&made{Certificate: mustParse(t, in.Presented[0])})
		is(t, certs.Check(in), certs.Invalid, certs.BadSignature, certs.SelfSigned)
	})
	t.Run("of an anchor do not count", func(t *testing.T) {
		der := broken(ca)
		in := input(nil, leaf, mid)
		in.Store = certs.NewStore(mustParse(t, der))
		is(t, certs.Check(in), certs.Trusted)
	})
}

func mustParse(t *testing.T, der []byte) *x509.Certificate {
	t.Helper()
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWhatCannotBeReadIsToldAtItsPlace(t *testing.T) {
	ca := root(t, "Root A", nil)
	mid := ca.issue(t, "CA B", nil)
	leaf := mid.issue(t, "www.example.com", nil)
	for _, c := range []struct {
		name, detail string
		der          []byte
	}{
		{"nothing", "it is empty", nil},
		{"PEM", "it is PEM text where DER is due", []byte("-----BEGIN CERTIFICATE-----\n")},
		{"one octet too many", "(1 octet too many at its end)", append(bytes.Clone(mid.Raw), 0)},
		{"cut short", "no certificate that can be read", mid.Raw[:100]},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := input(list(ca), leaf)
			in.Presented = [][]byte{leaf.Raw, mid.Raw, c.der}
			r := certs.Check(in)
			is(t, r, certs.Invalid, certs.Unparsable)
			if f := r.Faults[0]; f.Depth != 2 || !strings.Contains(f.Detail, c.detail) {
				t.Errorf("%+v", f)
			}
			names(t, r, "www.example.com", "CA B", "Root A")
			in.Presented = [][]byte{c.der, mid.Raw}
			r = certs.Check(in)
			is(t, r, certs.Invalid, certs.Unparsable)
			if len(r.Chain) != 0 || r.Presented[0].Err == nil || r.Presented[1].Cert == nil {
				t.Errorf("chain %d, presented %+v", len(r.Chain), r.Presented[0].Err)
			}
		})
	}
}

func TestTheReportIsForAMoment(t *testing.T) {
	ca := root(t, "Root A", nil)
	leaf := ca.issue(t, "www.example.com", nil)
	for _, c := range []struct {
		at   time.Time
		want certs.Status
	}{
		{leaf.NotBefore.Add(-time.Nanosecond), certs.InvalidChain}, // the root begins then too
		{leaf.NotBefore, certs.Trusted},
		{leaf.NotAfter, certs.Trusted},
		{leaf.NotAfter.Add(time.Nanosecond), certs.Expired},
		{time.Time{}, certs.InvalidChain},
		{time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), certs.InvalidChain},
	} {
		in := input(list(ca), leaf)
		in.Time = c.at
		r := certs.Check(in)
		wellFormed(t, r)
		if r.Status != c.want {
			t.Errorf("%s: %s %v, want %s", c.at, r.Status, faultsOf(r), c.want)
		}
	}
}

func TestUsageAnyChecksNone(t *testing.T) {
	ca := root(t, "Root A", nil)
	leaf := ca.issue(t, "www.example.com", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} })
	in := input(list(ca), leaf)
	is(t, certs.Check(in), certs.Invalid, certs.WrongUsage)
	in.Usage = x509.ExtKeyUsageClientAuth
	is(t, certs.Check(in), certs.Trusted)
	in.Usage = x509.ExtKeyUsageAny
	is(t, certs.Check(in), certs.Trusted)
}

func TestAMustStapleCertificateFromAFileHasNoFault(t *testing.T) {
	ca := root(t, "Root A", nil)
	in := input(list(ca), ca.issue(t, "www.example.com", func(c *x509.Certificate) {
		c.ExtraExtensions = []pkix.Extension{{Id: []int{1, 3, 6, 1, 5, 5, 7, 1, 24}, Value: []byte{0x30, 3, 2, 1, 5}}}
	}))
	is(t, certs.Check(in), certs.Invalid, certs.MustStapleMissing)
	in.NoHandshake = true
	is(t, certs.Check(in), certs.Trusted)
}

func TestHosts(t *testing.T) {
	ca := root(t, "Root A", nil)
	leaf := func(edit func(*x509.Certificate)) *made {
		return ca.issue(t, "www.example.com", edit)
	}
	wild := leaf(func(c *x509.Certificate) { c.DNSNames = []string{"*.example.com", "xn--bcher-kva.example"} })
	ips := leaf(func(c *x509.Certificate) {
		c.DNSNames = []string{"10.0.0.9"}
		c.IPAddresses = []net.IP{net.ParseIP("192.0.2.1"), net.ParseIP("2001:db8::1"), net.ParseIP("fe80::1")}
	})
	commonOnly := leaf(func(c *x509.Certificate) { c.DNSNames = nil })
	none := leaf(func(c *x509.Certificate) { c.DNSNames, c.Subject = nil, pkix.Name{Organization: []string{"Nobody"}} })
	many := leaf(func(c *x509.Certificate) {
		c.DNSNames = nil
		for i := range 9999 {
			c.DNSNames = append(c.DNSNames, "h"+strings.Repeat("x", i%7)+".example.org")
		}
		c.DNSNames = append(c.DNSNames, "b.example.com")
	})
	for _, c := range []struct {
		name   string
		cert   *made
		host   string
		want   certs.Code // "" for none
		detail string
		hint   string
	}{
		{"a wildcard stands for one label", wild, "www.example.com", "", "", ""},
		{"capitals do not count", wild, "WWW.Example.COM", "", "", ""},
		{"a dot at the end does not count", wild, "www.example.com.", "", "", ""},
		{"a wildcard does not stand for two labels", wild, "a.b.example.com", certs.NameMismatch, "it names *.example.com and xn--bcher-kva.example; not a.b.example.com", "*.b.example.com"},
		{"a wildcard does not stand for the bare domain", wild, "example.com", certs.NameMismatch, "", "bare domain"},
		{"a Unicode host is compared in its ASCII form", wild, "bücher.example", "", "", ""},
		{"a Unicode host that is not there", wild, "bäcker.example", certs.NameMismatch, "not bäcker.example (xn--bcker-gra.example)", ""},
		{"an IPv4 address", ips, "192.0.2.1", "", "", ""},
		{"an IPv6 address in another form", ips, "2001:DB8:0::1", "", "", ""},
		{"an IPv6 address in brackets", ips, "[2001:db8::1]", "", "", ""},
		{"an IPv6 address with a zone", ips, "fe80::1%eth0", "", "", ""},
		{"an IPv6 address with a zone in brackets", ips, "[fe80::1%25eth0]", "", "", ""},
		{"an address that is not there", ips, "192.0.2.2", certs.NameMismatch, "not 192.0.2.2", "IP address"},
		{"an address that stands there as a DNS name", ips, "10.0.0.9", certs.NameMismatch, "not 10.0.0.9", "as a DNS name"},
		{"a host that stands in the common name only", commonOnly, "www.example.com", certs.CommonNameOnly, "www.example.com stands in the common name only", ""},
		{"a common name that is another host", commonOnly, "other.example.com", certs.NoNames, "a common name, which does not count: www.example.com", ""},
		{"no names", none, "www.example.com", certs.NoNames, "it names no host at all; not www.example.com", ""},
		{"of many names those most alike are told", many, "c.example.com", certs.NameMismatch, "it names b.example.com, ", ""},
		{"the others are counted", many, "c.example.com", certs.NameMismatch, "and 9,997 more; not c.example.com", ""},
		{"with and without www", leaf(nil), "example.com", certs.NameMismatch, "", "with www."},
		{"no host is not checked", none, "", "", "", ""},
		{"control characters are not obeyed", wild, "a\x1b[31m\u202e.example.com", certs.NameMismatch, `a\x1b[31m\u202e.example.com`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := input(list(ca), c.cert)
			in.Host = c.host
			r := certs.Check(in)
			if c.want == "" {
				is(t, r, certs.Trusted)
				return
			}
			is(t, r, certs.PrincipalMismatch, c.want)
			if f := r.Faults[0]; !strings.Contains(f.Detail, c.detail) || !strings.Contains(f.Hint, c.hint) {
				t.Errorf("%q, %q; want %q, %q", f.Detail, f.Hint, c.detail, c.hint)
			}
		})
	}
}

func TestHeadlinesStandByThemselves(t *testing.T) {
	ca, stranger := root(t, "Root A", nil), root(t, "Root S", nil)
	mid := ca.issue(t, "CA B", nil)
	old := ca.issue(t, "CA Old", func(c *x509.Certificate) { c.NotAfter = now.Add(-48 * time.Hour) })
	good := mid.issue(t, "www.example.com", nil)
	for _, c := range []struct {
		presented []*made
		want      string
	}{
		{list(mid.issue(t, "www.example.com", func(c *x509.Certificate) { c.NotAfter = now.Add(-72 * time.Hour) }), mid),
			"the certificate ended on 2026-11-18 03:20 UTC, 3 days before 2026-11-21 03:20 UTC"},
		{list(mid.issue(t, "a.example", nil), mid), "the certificate names a.example; not www.example.com"},
		{list(old.issue(t, "www.example.com", nil), old), "the CA certificate CN=CA Old: it ended on 2026-11-19 03:20 UTC, 2 days before 2026-11-21 03:20 UTC"},
		{list(good), "the certificate's issuer CN=CA B was neither sent nor is it among the trusted roots (" + certs.NewStore(ca.Certificate).String() + ")"},
		{list(stranger.issue(t, "www.example.com", nil), stranger), "the chain ends in the root CN=Root S, which is not among the trusted roots (" + certs.NewStore(ca.Certificate).String() + ")"},
	} {
		r := check(list(ca), c.presented...)
		if r.Headline != c.want {
			t.Errorf("%q, want %q", r.Headline, c.want)
		}
		if got := r.Err().Error(); got != "certificate "+string(r.Status)+": "+c.want {
			t.Errorf("error %q", got)
		}
	}
}
