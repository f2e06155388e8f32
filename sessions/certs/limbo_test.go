package certs_test

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"os"
	"testing"
	"time"

	"wirebench/sessions/certs"
)

// Why the verdict differs from the suite's.
const (
	onlyStrict  = "strict verifiers alone act on it: a warning (strict-refused) says so"
	onlyWarning = "clients in use take it: a warning says what some refuse"
	baseline    = "a rule of the CA/Browser Forum for what CAs may issue, which no client enforces"
	onlyGo      = "crypto/x509 refuses it, and nothing is called trusted that Go's TLS client refuses"
	crlUseless  = "a list that cannot be relied on leaves the answer undetermined, which is a warning"
	rootOwn     = "a trusted root is trusted for itself; how it was made is for whoever trusts it"
	noPublic    = "there is no list of public suffixes here; crypto/x509 matches such wildcards"
	noDepth     = "there is no option for the depth of a chain"
	cheap       = "the suite wants the cost refused; crypto/x509 checks these in log-linear time, and the answer is right"
)

// limboDifferences are the cases of x509-limbo where the verdict is another on purpose.
var limboDifferences = map[string]string{
	"crl::crlnumber-missing":                                    "a list without a number is its issuer's word all the same, and clients take it",
	"crl::crlnumber-critical":                                   crlUseless,
	"crl::issuer-missing-crlsign":                               crlUseless,
	"pathlen::self-issued-certs-pathlen":                        onlyGo,
	"pathlen::max-chain-depth-0-exhausted":                      noDepth,
	"pathlen::max-chain-depth-1-exhausted":                      noDepth,
	"pathological::nc-dos-1":                                    cheap,
	"pathological::nc-dos-2":                                    cheap,
	"rfc5280::aki::leaf-missing-aki":                            onlyStrict,
	"rfc5280::aki::intermediate-missing-aki":                    onlyStrict,
	"rfc5280::aki::cross-signed-root-missing-aki":               onlyStrict,
	"rfc5280::nc::permitted-dns-match-noncritical":              "the CA/Browser Forum allows it, as the suite's own webpki case of the same name says",
	"rfc5280::nc::permitted-dn-match":                           onlyGo,
	"rfc5280::nc::permitted-self-issued":                        onlyGo,
	"rfc5280::nc::invalid-dnsname-leading-period":               "common in practice and given a meaning by erratum 5997 of RFC 5280",
	"rfc5280::nc::not-allowed-in-ee-noncritical":                onlyStrict,
	"rfc5280::nc::not-allowed-in-ee-critical":                   onlyStrict,
	"rfc5280::nc::nc-forbids-othername-noop":                    onlyGo,
	"rfc5280::pc::ica-noncritical-pc":                           "the constraint is evaluated whether it is marked critical or not",
	"rfc5280::san::noncritical-with-empty-subject":              onlyStrict,
	"rfc5280::san::underscore-dns":                              "hosts with underscores exist, and crypto/x509 matches them",
	"rfc5280::serial::too-long":                                 onlyWarning,
	"rfc5280::serial::zero":                                     onlyWarning,
	"rfc5280::ski::root-missing-ski":                            onlyStrict,
	"rfc5280::ski::intermediate-missing-ski":                    onlyStrict,
	"rfc5280::validity::notafter-fractional":                    onlyGo,
	"rfc5280::ca-empty-subject":                                 onlyStrict,
	"rfc5280::root-non-critical-basic-constraints":              onlyStrict,
	"rfc5280::leaf-ku-keycertsign":                              onlyStrict,
	"webpki::aki::root-with-aki-missing-keyidentifier":          rootOwn,
	"webpki::aki::root-with-aki-authoritycertissuer":            rootOwn,
	"webpki::aki::root-with-aki-authoritycertserialnumber":      rootOwn,
	"webpki::aki::root-with-aki-all-fields":                     rootOwn,
	"webpki::aki::root-with-aki-ski-mismatch":                   rootOwn,
	"webpki::cn::ipv4-hex-mismatch":                             baseline,
	"webpki::cn::ipv4-leading-zeros-mismatch":                   baseline,
	"webpki::cn::ipv6-uppercase-mismatch":                       baseline,
	"webpki::cn::ipv6-uncompressed-mismatch":                    baseline,
	"webpki::cn::ipv6-non-rfc5952-mismatch":                     baseline,
	"webpki::cn::punycode-not-in-san":                           onlyWarning,
	"webpki::cn::utf8-vs-punycode-mismatch":                     baseline,
	"webpki::cn::not-in-san":                                    onlyWarning,
	"webpki::cn::case-mismatch":                                 baseline,
	"webpki::eku::ee-anyeku":                                    baseline,
	"webpki::eku::ee-critical-eku":                              baseline,
	"webpki::eku::ee-without-eku":                               "clients take it; the warning about Apple holds for certificates made since 2019, and this one is of 1970",
	"webpki::eku::root-has-eku":                                 rootOwn,
	"webpki::san::public-suffix-wildcard-san":                   noPublic,
	"webpki::san::public-suffix-multi-label-wildcard-san":       noPublic,
	"webpki::san::public-suffix-private-namespace-wildcard-san": noPublic,
	"webpki::san::san-critical-with-nonempty-subject":           baseline,
	"webpki::forbidden-weak-rsa-key-in-root":                    onlyWarning,
	"webpki::forbidden-weak-rsa-in-leaf":                        onlyWarning,
	"webpki::forbidden-rsa-not-divisible-by-8-in-root":          baseline,
	"webpki::forbidden-rsa-key-not-divisible-by-8-in-leaf":      baseline,
	"webpki::ee-basicconstraints-ca":                            onlyWarning,
	"webpki::ca-as-leaf":                                        "the suite's own case rfc5280::ca-as-leaf wants it trusted: a warning says who refuses it",
}

// limboWarned are differences for which the report must carry a warning of this code.
var limboWarned = map[string]certs.Code{
	onlyStrict: certs.StrictRefused,
	crlUseless: certs.RevocationUnknown,
}

// limboCase is a case of the suite.
type limboCase struct {
	ID        string                        `json:"id"`
	Kind      string                        `json:"validation_kind"`
	Trusted   []string                      `json:"trusted_certs"`
	Untrusted []string                      `json:"untrusted_intermediates"`
	Peer      string                        `json:"peer_certificate"`
	Time      string                        `json:"validation_time"`
	Result    string                        `json:"expected_result"`
	Name      *struct{ Kind, Value string } `json:"expected_peer_name"`
	CRLs      []string                      `json:"crls"`
}

func readLimbo(t testing.TB, file string) []limboCase {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var suite struct {
		Testcases []limboCase `json:"testcases"`
	}
	if err := json.Unmarshal(data, &suite); err != nil {
		t.Fatal(err)
	}
	if len(suite.Testcases) < 200 {
		t.Fatalf("%d cases in %s, want at least 200", len(suite.Testcases), file)
	}
	return suite.Testcases
}

// TestLimbo runs the core suite of x509-limbo (github.com/C2SP/x509-limbo) from the file that X509_LIMBO
// names.
func TestLimbo(t *testing.T) {
	file := os.Getenv("X509_LIMBO")
	if file == "" {
		t.Skip("X509_LIMBO names no file: the x509-limbo suite was not run")
	}
	seen := map[string]bool{}
	for _, c := range readLimbo(t, file) {
		seen[c.ID] = true
		t.Run(c.ID, func(t *testing.T) {
			in := certs.Input{Usage: x509.ExtKeyUsageServerAuth, Presented: [][]byte{fromPEM(t, c.Peer)}}
			if c.Kind == "CLIENT" {
				in.Usage = x509.ExtKeyUsageClientAuth
			}
			for _, text := range c.Untrusted {
				in.Presented = append(in.Presented, fromPEM(t, text))
			}
			var roots []*x509.Certificate
			for _, text := range c.Trusted {
				if root, err := x509.ParseCertificate(fromPEM(t, text)); err == nil {
					roots = append(roots, root)
				}
			}
			in.Store = certs.NewStore(roots...)
			in.Time = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC) // when the suite was made
			if c.Time != "" {
				at, err := time.Parse(time.RFC3339, c.Time)
				if err != nil {
					t.Fatal(err)
				}
				in.Time = at
			}
			if c.Name != nil {
				in.Host = c.Name.Value
			}
			for _, text := range c.CRLs {
				in.Evidence.CRLs = append(in.Evidence.CRLs, certs.Source{DER: fromPEM(t, text), From: "the suite"})
			}
			in.Evidence.Asked = len(c.CRLs) > 0

			r := certs.Check(in)
			wellFormed(t, r)
			pinned := limboDifferences[c.ID]
			verdict(t, r, c.Result == "SUCCESS", pinned)
			if err := goAccepts(in, r, roots); err != nil && r.Status == certs.Trusted {
				t.Errorf("trusted, but crypto/x509 says: %v", err)
			}
			if code := limboWarned[pinned]; code != "" && !warned(r, code) {
				t.Errorf("no warning %s", code)
			}
			if pinned == onlyWarning && len(r.Warnings) == 0 {
				t.Error("no warning")
			}
		})
	}
	for id := range limboDifferences {
		if !seen[id] {
			t.Errorf("the suite has no case %s any more", id)
		}
	}
}

func warned(r *certs.Report, code certs.Code) bool {
	for _, w := range r.Warnings {
		if w.Code == code {
			return true
		}
	}
	return false
}

func fromPEM(t testing.TB, text string) []byte {
	t.Helper()
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		t.Fatalf("no PEM: %.60q", text)
	}
	return block.Bytes
}
