package testca

import (
	"crypto"
	"crypto/tls"
	"fmt"
	"net"
	"time"

	"wirebench/sessions/certs"
)

// Case is what a server presents, what the client knows, and what the client must find.
type Case struct {
	Name   string // "self-signed": letters, digits and dashes
	Title  string // what is wrong, or special, in a few words
	Status certs.Status
	Faults []certs.Code // all of them and no other, in the order of the headline's precedence

	Presented []*Cert // leaf first, whose key is the server's
	Roots     []*Cert // trusted
	Host      string  // what the leaf is checked against
	Staple    []byte  // OCSP response sent in the handshake, nil for none
	CRLs      [][]byte
	// MaxVersion is the highest version of TLS in which the server's key can sign, 0 for any.
	MaxVersion uint16
}

// Host is the name the certificates of [Cases] and [Combinations] are for. Beside it they have the
// addresses 127.0.0.1 and ::1, so that practice servers can use them.
const Host = "localhost"

// order is how a headline is chosen among several faults. It is written down here once more, and not
// taken from package certs, which is to be held against it.
var order = []struct {
	status certs.Status
	codes  []certs.Code
}{
	{certs.Invalid, []certs.Code{certs.Unparsable, certs.BadSignature, certs.WeakSignature, certs.UnhandledCritical, certs.WeakKey}},
	{certs.Revoked, []certs.Code{certs.RevokedLeaf, certs.RevokedCA}},
	{certs.UntrustedSigners, []certs.Code{certs.SelfSigned, certs.UntrustedRoot, certs.IssuerMissing}},
	{certs.InvalidChain, []certs.Code{certs.CABadSignature, certs.CAWeakSignature, certs.NotACA, certs.PathTooLong, certs.CAExpired, certs.CANotYetValid,
		certs.CAUnhandledCritical, certs.CAWeakKey, certs.CAWrongUsage, certs.NameConstraints, certs.Policies}},
	{certs.PrincipalMismatch, []certs.Code{certs.NameMismatch, certs.CommonNameOnly, certs.NoNames}},
	{certs.Invalid, []certs.Code{certs.WrongUsage, certs.MustStapleMissing, certs.Malformed}},
	{certs.Expired, []certs.Code{certs.ExpiredLeaf}},
	{certs.NotYetValid, []certs.Code{certs.NotYetValidLeaf}},
}

// headline is the status that a set of faults gives, and the faults in order of precedence.
func headline(faults []certs.Code) (certs.Status, []certs.Code) {
	status := certs.Trusted
	sorted := make([]certs.Code, 0, len(faults))
	for _, group := range order {
		for _, code := range group.codes {
			for _, f := range faults {
				if f != code {
					continue
				}
				if len(sorted) == 0 {
					status = group.status
				}
				sorted = append(sorted, f)
			}
		}
	}
	return status, sorted
}

// Cases makes the certificates of badssl.com and those of every other fault, to be looked at as of at.
// Making them takes a second or three, most of it for the largest key.
func Cases(at time.Time) ([]Case, error) {
	k := newKit(at)
	k.badssl()
	k.names()
	k.uses()
	k.revocation()
	k.chains()
	k.unparsable()
	if k.err != nil {
		return nil, fmt.Errorf("make the practice certificates: %w", k.err)
	}
	return k.cases, nil
}

// kit makes certificates as of one moment. Keys are made once for each role and type. After an error
// nothing is made any more.
type kit struct {
	at    time.Time
	keys  map[string]crypto.Signer
	cases []Case
	err   error

	root, issuing *Cert // a good chain's
}

func newKit(at time.Time) *kit {
	k := &kit{at: at.Truncate(time.Second), keys: map[string]crypto.Signer{}}
	k.root = k.ca(nil, "Practice Root", Spec{})
	k.issuing = k.ca(k.root, "Practice Issuing CA", Spec{PathLen: PathLenZero})
	return k
}

func (k *kit) days(n int) time.Time { return k.at.AddDate(0, 0, n) }

// key is the key of a role; roles that may meet in one chain have different names.
func (k *kit) key(role string, t KeyType) crypto.Signer {
	id := fmt.Sprint(role, " ", t)
	if k.keys[id] == nil && k.err == nil {
		k.keys[id], k.err = NewKey(t)
	}
	return k.keys[id]
}

// issue makes a certificate; by nil makes it its own issuer.
func (k *kit) issue(by *Cert, s Spec) *Cert {
	if k.err != nil {
		return &Cert{}
	}
	c, err := issue(by, s)
	if err != nil {
		k.err = err
		return &Cert{}
	}
	return c
}

// ca makes the certificate of a CA, changed by s.
func (k *kit) ca(by *Cert, name string, s Spec) *Cert {
	s.CommonName, s.CA = name, true
	if s.Key == nil {
		s.Key = k.key(name, s.KeyType)
	}
	if s.NotBefore.IsZero() {
		s.NotBefore = k.days(-365)
	}
	if s.NotAfter.IsZero() {
		s.NotAfter = k.days(3650)
	}
	return k.issue(by, s)
}

// leaf makes a server's certificate, changed by s. Without any names in s it is good for [Host].
func (k *kit) leaf(by *Cert, s Spec) *Cert {
	if len(s.DNSNames) == 0 && len(s.IPs) == 0 {
		s = s.named(Host)
	}
	return k.nameless(by, s)
}

// nameless is leaf with the alternative names of s alone.
func (k *kit) nameless(by *Cert, s Spec) *Cert {
	if s.CommonName == "" && s.Subject == nil && !s.NoSubject {
		s.CommonName = "Practice Server"
	}
	if s.Key == nil {
		s.Key = k.key("leaf", s.KeyType)
	}
	if s.NotBefore.IsZero() {
		s.NotBefore = k.days(-20)
	}
	if s.NotAfter.IsZero() {
		s.NotAfter = k.days(60)
	}
	return k.issue(by, s)
}

// named returns s for one host; for [Host] with its addresses.
func (s Spec) named(host string) Spec {
	s.DNSNames, s.IPs = []string{host}, nil
	if host == Host {
		s.IPs = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	}
	return s
}

// crl is a list of by's with these certificates in it.
func (k *kit) crl(by *Cert, s CRLSpec, revoked ...*Cert) []byte {
	if k.err != nil {
		return nil
	}
	for _, c := range revoked {
		s.Revoked = append(s.Revoked, c.X509.SerialNumber)
	}
	s.ThisUpdate, s.NextUpdate = k.orAt(s.ThisUpdate, -time.Hour), k.orAt(s.NextUpdate, 7*24*time.Hour)
	der, err := by.CRL(s)
	k.err = err
	return der
}

// ocsp is an answer of by's about one certificate.
func (k *kit) ocsp(by, about *Cert, s OCSPSpec) []byte {
	if k.err != nil {
		return nil
	}
	s.ThisUpdate, s.NextUpdate = k.orAt(s.ThisUpdate, -time.Hour), k.orAt(s.NextUpdate, 7*24*time.Hour)
	der, err := by.OCSP(about, s)
	k.err = err
	return der
}

func (k *kit) orAt(t time.Time, offset time.Duration) time.Time {
	if t.IsZero() {
		return k.at.Add(offset)
	}
	return t
}

// add adds a case. What c leaves out: the host is [Host], and the good chain's root is trusted.
func (k *kit) add(name, title string, c Case, faults ...certs.Code) {
	c.Name, c.Title = name, title
	c.Status, c.Faults = headline(faults)
	if c.Host == "" {
		c.Host = Host
	}
	if c.Roots == nil {
		c.Roots = []*Cert{k.root}
	}
	if len(c.Faults) != len(faults) && k.err == nil {
		k.err = fmt.Errorf("%s: not all of %v have a place in the headline's precedence", name, faults)
	}
	k.cases = append(k.cases, c)
}

// good adds a case whose leaf is issued by the good chain.
func (k *kit) good(name, title string, s Spec, faults ...certs.Code) {
	c := Case{Presented: []*Cert{k.leaf(k.issuing, s), k.issuing}}
	if s.KeyType == RSA512 {
		c.MaxVersion = tls.VersionTLS12
	}
	k.add(name, title, c, faults...)
}
