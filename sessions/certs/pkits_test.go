package certs_test

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wirebench/sessions/certs"
)

// Why the verdict differs from that of NIST's suite.
const (
	noCRLs   = "falsely accepted: the fault is in a CRL, and Go's copy of the suite has none"
	bytewise = "refused: names are compared byte by byte, as crypto/x509 does"
	dnOnly   = "refused: crypto/x509 does not evaluate constraints on directory names, and they are critical"
	goDSA    = "refused: DSA signatures are not computed any more, and crypto/x509 refuses them too"
	goLength = "refused: crypto/x509 counts self-issued CAs too"
	goParser = "refused: crypto/x509 cannot read the certificate"
	goNames  = "crypto/x509 takes the domain in a constraint for itself and everything below it, RFC 5280 for mailboxes or hosts of just that name"
)

// pkitsDifferences are the vectors of which the verdict differs, by the beginning of their name.
var pkitsDifferences = map[string]string{
	"4.1.4 ": goDSA, "4.1.5 ": goParser,
	"4.3.3 ": bytewise, "4.3.4 ": bytewise, "4.3.5 ": bytewise, "4.3.10 ": bytewise, "4.3.11 ": bytewise,

	"4.4.1 ": noCRLs, "4.4.2 ": noCRLs, "4.4.3 ": noCRLs, "4.4.4 ": noCRLs, "4.4.5 ": noCRLs, "4.4.6 ": noCRLs, "4.4.8 ": noCRLs,
	"4.4.9 ": noCRLs, "4.4.10 ": noCRLs, "4.4.11 ": noCRLs, "4.4.12 ": noCRLs, "4.4.18 ": noCRLs, "4.4.20 ": noCRLs, "4.4.21 ": noCRLs,
	"4.5.2 ": noCRLs, "4.5.5 ": noCRLs, "4.5.7 ": noCRLs, "4.7.4 ": noCRLs, "4.7.5 ": noCRLs,
	"4.14.2 ": noCRLs, "4.14.3 ": noCRLs, "4.14.8 ": noCRLs, "4.14.9 ": noCRLs, "4.14.11 ": noCRLs, "4.14.12 ": noCRLs, "4.14.14 ": noCRLs,
	"4.14.15 ": noCRLs, "4.14.16 ": noCRLs, "4.14.17 ": noCRLs, "4.14.20 ": noCRLs, "4.14.21 ": noCRLs, "4.14.23 ": noCRLs, "4.14.26 ": noCRLs,
	"4.14.27 ": noCRLs, "4.14.31 ": noCRLs, "4.14.32 ": noCRLs, "4.14.34 ": noCRLs, "4.14.35 ": noCRLs,
	"4.15.1 ": noCRLs, "4.15.3 ": noCRLs, "4.15.4 ": noCRLs, "4.15.6 ": noCRLs, "4.15.9 ": noCRLs, "4.15.10 ": noCRLs,

	"4.6.15 ": goLength, "4.6.17 ": goLength,
	"4.13.1 ": dnOnly, "4.13.4 ": dnOnly, "4.13.5 ": dnOnly, "4.13.6 ": dnOnly, "4.13.11 ": dnOnly, "4.13.14 ": dnOnly,
	"4.13.18 ": dnOnly, "4.13.19 ": dnOnly, "4.13.27 ": dnOnly,
	"4.13.24 ": "falsely accepted: " + goNames, "4.13.25 ": "refused: " + goNames, "4.13.36 ": "refused: " + goNames,
	"4.14.4 ": goParser, "4.14.5 ": goParser, "4.14.29 ": goParser,
}

// TestPKITS runs NIST's Public Key Interoperability Test Suite from the copy that comes with Go's source.
// The vectors that begin with other policies than any are left out: Check has no such input.
func TestPKITS(t *testing.T) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Skipf("no go command to ask for GOROOT: NIST's suite was not run (%v)", err)
	}
	dir := filepath.Join(strings.TrimSpace(string(root)), "src", "crypto", "x509", "testdata", "nist-pkits")
	data, err := os.ReadFile(filepath.Join(dir, "vectors.json"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("this GOROOT has no %s: NIST's suite was not run", dir)
	}
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Name                                                                        string
		CertPath                                                                    []string
		InitialPolicySet                                                            []string
		InitialPolicyMappingInhibit, InitialExplicitPolicy, InitialAnyPolicyInhibit bool
		ShouldValidate                                                              bool
	}
	if err := json.Unmarshal(data, &vectors); err != nil {
		t.Fatal(err)
	}
	used, ran := map[string]bool{}, 0
	for _, v := range vectors {
		if v.InitialPolicyMappingInhibit || v.InitialExplicitPolicy || v.InitialAnyPolicyInhibit || !slices.Equal(v.InitialPolicySet, []string{"anyPolicy"}) {
			continue
		}
		ran++
		t.Run(v.Name, func(t *testing.T) {
			var presented [][]byte
			for _, name := range v.CertPath {
				der, err := os.ReadFile(filepath.Join(dir, "certs", name))
				if err != nil {
					t.Fatal(err)
				}
				presented = append(presented, der)
			}
			slices.Reverse(presented)
			anchor, err := x509.ParseCertificate(presented[len(presented)-1])
			if err != nil {
				t.Fatal(err)
			}
			in := certs.Input{Presented: presented[:len(presented)-1], Store: certs.NewStore(anchor), Time: time.Date(2012, 1, 1, 0, 0, 0, 0, time.UTC)}
			r := certs.Check(in)
			wellFormed(t, r)
			pinned := ""
			for begin, reason := range pkitsDifferences {
				if strings.HasPrefix(v.Name, begin) {
					pinned, used[begin] = reason, true
				}
			}
			verdict(t, r, v.ShouldValidate, pinned)
			if err := goAccepts(in, r, []*x509.Certificate{anchor}); (err == nil) != (r.Status == certs.Trusted) {
				t.Errorf("%s with %v, but crypto/x509 says: %v", r.Status, faultsOf(r), err)
			}
		})
	}
	if ran < 200 {
		t.Errorf("%d vectors, want at least 200", ran)
	}
	for begin := range pkitsDifferences {
		if !used[begin] {
			t.Errorf("the suite has no vector %sany more", begin)
		}
	}
}
