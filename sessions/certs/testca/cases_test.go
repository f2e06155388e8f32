package testca

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wirebench/sessions/certs"
)

// at is when the certificates of these tests are looked at; long ago, so that nothing hangs on the clock.
var at = time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)

// allCases makes the cases once for all tests.
var allCases = sync.OnceValues(func() ([]Case, error) { return Cases(at) })

// unseen are the faults that openssl verify does not look for, or not without being told of the evidence.
// It still reads the common name.
var unseen = []certs.Code{certs.RevokedLeaf, certs.RevokedCA, certs.MustStapleMissing, certs.CommonNameOnly}

func TestOpensslRefusesTheCasesWithFaultsAndNoOther(t *testing.T) {
	program, err := exec.LookPath("openssl")
	if err != nil {
		if os.Getenv("WIREBENCH_NEED_PEERS") == "1" {
			t.Fatal("openssl is not installed")
		}
		t.Skip("openssl is not installed: what it makes of the cases was not checked")
	}
	all, err := allCases()
	if err != nil {
		t.Fatal(err)
	}
	verified := 0
	for _, c := range all {
		if slices.ContainsFunc(c.Presented, func(p *Cert) bool { return p.X509 == nil }) {
			continue
		}
		verified++
		t.Run(c.Name, func(t *testing.T) {
			dir := t.TempDir()
			file := func(name string, of ...*Cert) string {
				path := filepath.Join(dir, name)
				if err := os.WriteFile(path, PEM(of...), 0o600); err != nil {
					t.Fatal(err)
				}
				return path
			}
			args := []string{"verify", "-attime", fmt.Sprint(at.Unix()), "-purpose", "sslserver", "-auth_level", "1", "-policy_check",
				"-no-CApath", "-no-CAstore", "-CAfile", file("roots.pem", c.Roots...)}
			if strings.HasPrefix(c.Host, "127.") {
				args = append(args, "-verify_ip", c.Host)
			} else {
				args = append(args, "-verify_hostname", c.Host)
			}
			if len(c.Presented) > 1 {
				args = append(args, "-untrusted", file("chain.pem", c.Presented[1:]...))
			}
			if c.Name == "any-usage" {
				args[4] = "any" // openssl wants servers named; "any use" does not name them
			}
			out, err := exec.Command(program, append(args, file("leaf.pem", c.Presented[0]))...).CombinedOutput()
			faulty := slices.ContainsFunc(c.Faults, func(f certs.Code) bool { return !slices.Contains(unseen, f) })
			if faulty != (err != nil) {
				t.Errorf("faults %v; openssl: %v\n%s", c.Faults, err, out)
			}
		})
	}
	if verified < 60 {
		t.Errorf("openssl saw %d cases only", verified)
	}
}

func TestEveryCaseHasANameOfItsOwnAndWhatAServerNeeds(t *testing.T) {
	all, err := allCases()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, c := range all {
		if seen[c.Name] || strings.Trim(c.Name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || c.Title == "" || c.Host == "" || len(c.Roots) == 0 {
			t.Errorf("%q, %q for %q with %d roots", c.Name, c.Title, c.Host, len(c.Roots))
		}
		seen[c.Name] = true
		if pair := TLS(c.Presented...); len(pair.Certificate) != len(c.Presented) || pair.PrivateKey == nil {
			t.Errorf("%s: nothing to present", c.Name)
		}
	}
	for _, name := range strings.Fields("expired not-yet-valid wrong-host self-signed untrusted-root incomplete-chain reversed-chain revoked no-common-name no-subject " +
		"1000-sans 10000-sans sha1-leaf sha1-intermediate md5 rsa512 rsa1024 rsa8192 ecc256 ecc384 must-staple superfish") {
		if !seen[name] {
			t.Errorf("there is no %s", name)
		}
	}
}

func TestTheHeadlineIsTheFirstInOrderOfPrecedence(t *testing.T) {
	for _, c := range []struct {
		want   certs.Status
		faults []certs.Code
	}{
		{certs.Trusted, nil},
		{certs.Invalid, list(certs.ExpiredLeaf, certs.RevokedLeaf, certs.Unparsable)},
		{certs.Revoked, list(certs.SelfSigned, certs.RevokedCA)},
		{certs.UntrustedSigners, list(certs.CAExpired, certs.IssuerMissing, certs.NameMismatch)},
		{certs.InvalidChain, list(certs.NoNames, certs.Policies)},
		{certs.PrincipalMismatch, list(certs.WrongUsage, certs.NameMismatch, certs.ExpiredLeaf)},
		{certs.Invalid, list(certs.NotYetValidLeaf, certs.MustStapleMissing)},
		{certs.Expired, list(certs.ExpiredLeaf)},
		{certs.NotYetValid, list(certs.NotYetValidLeaf)},
	} {
		got, sorted := headline(c.faults)
		if got != c.want || len(sorted) != len(c.faults) {
			t.Errorf("%v: %s %v, want %s", c.faults, got, sorted, c.want)
		}
	}
}

func TestCombinationsAreDistinctChosenBySeedAndUseEveryFault(t *testing.T) {
	names := func(seed uint64, n int) []string {
		all, err := Combinations(at, seed, n)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, c := range all {
			if parts := strings.Split(c.Name, "+"); len(parts) != len(c.Faults) || len(parts) < 2 || len(parts) > 4 {
				t.Errorf("%s: %v", c.Name, c.Faults)
			}
			names = append(names, c.Name)
		}
		return names
	}
	first := names(1, 200)
	if !slices.Equal(first, names(1, 200)) {
		t.Error("the same seed chose other combinations")
	}
	if slices.Equal(first, names(2, 200)) {
		t.Error("another seed chose the same combinations")
	}
	distinct, sizes := map[string]bool{}, map[int]int{}
	for _, name := range first {
		distinct[name] = true
		sizes[strings.Count(name, "+")+1]++
	}
	if len(distinct) != 200 || sizes[2] < 60 || sizes[3] < 60 || sizes[4] < 60 {
		t.Errorf("%d are distinct, of sizes %v", len(distinct), sizes)
	}
	for _, f := range faults {
		if !slices.ContainsFunc(first, func(name string) bool { return slices.Contains(strings.Split(name, "+"), f.name) }) {
			t.Errorf("%s does not occur", f.name)
		}
	}
	if _, err := Combinations(at, 1, 1_000_000); err == nil {
		t.Error("there are a million combinations")
	}
}

func TestWhatCannotBeCombinedIsNamedRightly(t *testing.T) {
	known := map[string]bool{}
	for _, f := range faults {
		if known[f.name] {
			t.Errorf("%s is there twice", f.name)
		}
		known[f.name] = true
	}
	for _, a := range apart {
		for _, name := range slices.Concat(a.one, a.other) {
			if !known[name] {
				t.Errorf("%q is no fault (%s)", name, a.why)
			}
		}
	}
}
