package certs_test

import (
	"crypto/x509"
	"slices"
	"testing"

	"wirebench/sessions/certs"
	"wirebench/sessions/certs/testca"
)

// TestEveryCase holds Check against the cases that testca makes: those of badssl.com and more. The set of
// faults must be exactly the one that was built in.
func TestEveryCase(t *testing.T) {
	cases, err := testca.Cases(now)
	if err != nil {
		t.Fatal(err)
	}
	holdAgainst(t, cases)
}

// TestFaultsInCombination does the same with certificates that have several faults at once.
func TestFaultsInCombination(t *testing.T) {
	cases, err := testca.Combinations(now, 1, 300)
	if err != nil {
		t.Fatal(err)
	}
	holdAgainst(t, cases)
}

func holdAgainst(t *testing.T, cases []testca.Case) {
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			in := certs.Input{Host: c.Host, Time: now, Usage: x509.ExtKeyUsageServerAuth}
			in.Evidence.Stapled = c.Staple
			for _, p := range c.Presented {
				in.Presented = append(in.Presented, p.DER)
			}
			for _, list := range c.CRLs {
				in.Evidence.CRLs = append(in.Evidence.CRLs, certs.Source{DER: list, From: "a file"})
			}
			var roots []*x509.Certificate
			for _, r := range c.Roots {
				roots = append(roots, r.X509)
			}
			in.Store = certs.NewStore(roots...)
			r := certs.Check(in)
			wellFormed(t, r)
			got, want := slices.Sorted(slices.Values(faultsOf(r))), slices.Sorted(slices.Values(c.Faults))
			if r.Status != c.Status || !slices.Equal(got, want) {
				t.Errorf("%s: %s %v, want %s %v\n%s", c.Title, r.Status, got, c.Status, want, r.Text())
			}
			if err := goAccepts(in, r, roots); err != nil && r.Status == certs.Trusted {
				t.Errorf("trusted, but crypto/x509 says: %v", err)
			}
		})
	}
}
