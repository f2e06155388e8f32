package certs

import (
	"crypto/ed25519"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"wirebench/sessions/inspect"
)

// Name constraints and policies are evaluated by crypto/x509 itself, which alone knows its own rules. It
// reports only the first thing it does not like, so it is given shallow copies of the chain in which
// everything else is neutral: the dates, the usages, the CA bits, critical extensions, the names of issuers
// and even the signatures, which are replaced by good ones of keys made up for the occasion.

// keep names what of a certificate stays as it is.
type keep struct {
	constraints bool
	policies    bool
}

// ablated verifies chain with all but what keeps says for each depth neutralised.
func ablated(chain []*x509.Certificate, keeps func(depth int) keep) error {
	now := time.Unix(1_000_000_000, 0)
	tbs := []byte("wirebench")
	top := len(chain) - 1
	copies := make([]*x509.Certificate, len(chain))
	signer := ed25519.PrivateKey(nil)
	names := neutralNames(chain)
	for i := top; i >= 0; i-- {
		c := *chain[i]
		kept := keeps(i)
		c.NotBefore, c.NotAfter = now.Add(-time.Hour), now.Add(time.Hour)
		c.UnhandledCriticalExtensions = nil
		c.KeyUsage, c.ExtKeyUsage, c.UnknownExtKeyUsage = 0, nil, nil
		c.Version, c.BasicConstraintsValid, c.IsCA, c.MaxPathLen, c.MaxPathLenZero = 3, true, true, -1, false
		c.AuthorityKeyId, c.SubjectKeyId = nil, nil
		if !kept.constraints {
			c.Extensions = slices.DeleteFunc(slices.Clone(c.Extensions), func(e pkix.Extension) bool { return e.Id.Equal(oidNameConstraints) })
		}
		if !kept.policies {
			c.Policies, c.PolicyMappings = nil, nil
			c.RequireExplicitPolicy, c.RequireExplicitPolicyZero = 0, false
			c.InhibitAnyPolicy, c.InhibitAnyPolicyZero = 0, false
			c.InhibitPolicyMapping, c.InhibitPolicyMappingZero = 0, false
		}
		c.RawSubject, c.RawIssuer = names[i], names[i+1]
		key := positionKey(i)
		if signer == nil {
			signer = key
		}
		c.PublicKeyAlgorithm, c.PublicKey, c.RawSubjectPublicKeyInfo = x509.Ed25519, key.Public(), []byte{byte(i)}
		c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature = x509.PureEd25519, tbs, ed25519.Sign(signer, tbs)
		signer = key
		copies[i] = &c
	}
	options := x509.VerifyOptions{Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}
	options.Roots.AddCert(copies[top])
	for _, c := range copies[min(1, top):top] {
		options.Intermediates.AddCert(c)
	}
	_, err := copies[0].Verify(options)
	return err
}

// neutralNames gives each certificate of the chain a name of its own, so that it can be verified in this
// order only; names[i] is the subject at depth i and names[i+1] its issuer. Certificates that are
// self-issued stay so, because policies count them differently.
func neutralNames(chain []*x509.Certificate) [][]byte {
	names := make([][]byte, len(chain)+1)
	for i := range chain {
		if names[i] == nil {
			names[i] = fmt.Appendf(nil, "%d", i)
		}
		if selfIssued(chain[i]) {
			names[i+1] = names[i]
		}
	}
	if names[len(chain)] == nil {
		names[len(chain)] = []byte("nobody")
	}
	return names
}

// positionKey is a key for the certificate at a depth. It protects nothing: the signatures of ablated
// copies only have to fit together in one way.
func positionKey(depth int) ed25519.PrivateKey {
	seed := make([]byte, ed25519.SeedSize)
	seed[0], seed[1] = byte(depth), byte(depth>>8)
	return ed25519.NewKeyFromSeed(seed)
}

const (
	maxConstrained = 4       // CAs whose constraints are looked at one by one
	maxNameChecks  = 200_000 // names times CAs with constraints, for telling the CAs apart
)

// constraintFaults are the faults of the names and the policies of a chain.
func constraintFaults(chain []*x509.Certificate) []Finding {
	return append(nameFaults(chain), policyFaults(chain)...)
}

// nameFaults checks every name of every certificate against the name constraints above it (RFC 5280,
// section 4.2.1.10).
func nameFaults(chain []*x509.Certificate) []Finding {
	var constrained []int
	names := 0
	for i, c := range chain {
		names += len(c.DNSNames) + len(c.IPAddresses) + len(c.EmailAddresses) + len(c.URIs)
		if i > 0 && extension(c, oidNameConstraints) != nil {
			constrained = append(constrained, i)
		}
	}
	if len(constrained) == 0 {
		return nil
	}
	all := ablated(chain, func(int) keep { return keep{constraints: true} })
	if all == nil {
		return nil
	}
	var faults []Finding
	if names*len(constrained) <= maxNameChecks {
		for _, depth := range constrained {
			err := ablated(chain, func(i int) keep { return keep{constraints: i == depth} })
			if err == nil {
				continue
			}
			if faults = append(faults, nameFault(depth, chain[depth], err)); len(faults) == maxConstrained {
				break
			}
		}
	}
	if len(faults) == 0 {
		faults = append(faults, nameFault(constrained[0], chain[constrained[0]], all))
	}
	return faults
}

func nameFault(depth int, ca *x509.Certificate, err error) Finding {
	var invalid x509.CertificateInvalidError
	why := err.Error()
	if errors.As(err, &invalid) && invalid.Detail != "" {
		why = invalid.Detail
	}
	why = cut(inspect.Escape([]byte(strings.TrimPrefix(why, "x509: "))), maxNameText)
	detail := "its name constraints forbid a name below it: " + why
	if permitted := permittedNames(ca); permitted != "" {
		detail += "; it permits " + permitted
	}
	return finding(NameConstraints, depth, ca, detail, "have the certificate issued by a CA that may issue for this name, or leave the name out of it")
}

// permittedNames lists what a CA's name constraints permit, "" when they only exclude.
func permittedNames(ca *x509.Certificate) string {
	names := slices.Clone(ca.PermittedDNSDomains)
	for _, n := range ca.PermittedIPRanges {
		names = append(names, n.String())
	}
	names = append(append(names, ca.PermittedEmailAddresses...), ca.PermittedURIDomains...)
	return list(names, len(names))
}

// policyFaults checks the certificate policies (RFC 5280, section 6.1, as RFC 9618 has it). Any policy
// will do; a fault can only come from a CA that demands one, or from a broken mapping.
func policyFaults(chain []*x509.Certificate) []Finding {
	demanding := -1
	for i, c := range chain[:len(chain)-1] { // what the anchor says about policies counts for nothing
		if c.RequireExplicitPolicy > 0 || c.RequireExplicitPolicyZero || len(c.PolicyMappings) > 0 {
			demanding = i
		}
	}
	if demanding < 0 || ablated(chain, func(int) keep { return keep{policies: true} }) == nil {
		return nil
	}
	c := chain[demanding]
	detail := "it demands that all certificates below it are issued under a common policy, and they are not"
	if len(chain[0].Policies) == 0 {
		detail += ": the leaf names none"
	} else {
		oids := make([]string, 0, maxListed+1)
		for _, p := range chain[0].Policies[:min(len(chain[0].Policies), maxListed+1)] {
			oids = append(oids, p.String())
		}
		detail += ": the leaf names " + list(oids, len(chain[0].Policies))
	}
	return []Finding{finding(Policies, demanding, c, detail, "have the certificate issued under a policy that the CAs above it share")}
}

// extension is the extension of c with this OID, nil when it has none.
func extension(c *x509.Certificate, oid asn1.ObjectIdentifier) *pkix.Extension {
	for i := range c.Extensions {
		if c.Extensions[i].Id.Equal(oid) {
			return &c.Extensions[i]
		}
	}
	return nil
}
