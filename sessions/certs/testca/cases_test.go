package testca_test

import (
	"crypto/x509"
	"slices"
	"strings"
	"testing"
	"time"

	"wirebench/sessions/certs"
	"wirebench/sessions/certs/testca"
)

// at is when the certificates of these tests are looked at; long ago, so that nothing hangs on the clock.
var at = time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)

func cases(t *testing.T) []testca.Case {
	t.Helper()
	all, err := testca.Cases(at)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func combinations(t *testing.T, seed uint64, n int) []testca.Case {
	t.Helper()
	all, err := testca.Combinations(at, seed, n)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// check is what package certs finds in a case.
func check(c testca.Case) *certs.Report {
	in := certs.Input{Host: c.Host, Time: at, Usage: x509.ExtKeyUsageServerAuth, Evidence: certs.Evidence{Stapled: c.Staple}}
	for _, p := range c.Presented {
		in.Presented = append(in.Presented, p.DER)
	}
	var roots []*x509.Certificate
	for _, r := range c.Roots {
		roots = append(roots, r.X509)
	}
	in.Store = certs.NewStore(roots...)
	for _, der := range c.CRLs {
		in.Evidence.CRLs = append(in.Evidence.CRLs, certs.Source{DER: der, From: "a file"})
	}
	return certs.Check(in)
}

// codes are the codes of faults, each once, sorted as the headline is chosen.
func codes(r *certs.Report) []certs.Code {
	var out []certs.Code
	for _, f := range r.Faults {
		if !slices.Contains(out, f.Code) {
			out = append(out, f.Code)
		}
	}
	return out
}

func TestCheckFindsTheFaultsOfEveryCaseAndNoOther(t *testing.T) {
	for _, c := range cases(t) {
		t.Run(c.Name, func(t *testing.T) { agree(t, c) })
	}
}

func TestCheckFindsAllFaultsOfCombinations(t *testing.T) {
	n := 600
	if testing.Short() {
		n = 100
	}
	for _, c := range combinations(t, 1, n) {
		t.Run(c.Name, func(t *testing.T) { agree(t, c) })
	}
}

func agree(t *testing.T, c testca.Case) {
	t.Helper()
	if r := check(c); r.Status != c.Status || !slices.Equal(codes(r), c.Faults) {
		t.Errorf("%s: certs says %s %v, the case %s %v (%s)", c.Title, r.Status, codes(r), c.Status, c.Faults, r.Headline)
	}
}

func TestCasesHaveNamesOfTheirOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range append(cases(t), combinations(t, 1, 100)...) {
		if seen[c.Name] || c.Title == "" || c.Host == "" || len(c.Presented) == 0 || len(c.Roots) == 0 && !strings.Contains(c.Name, "root") && !strings.Contains(c.Name, "+") {
			t.Errorf("%q, %q: %d presented, %d roots, host %q", c.Name, c.Title, len(c.Presented), len(c.Roots), c.Host)
		}
		seen[c.Name] = true
	}
}
