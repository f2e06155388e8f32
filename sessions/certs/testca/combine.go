package testca

import (
	"crypto/tls"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"wirebench/sessions/certs"
)

// Combinations makes n certificates that each have two to four of the faults that can stand together, to
// be looked at as of at. No two of them have the same faults. The same seed chooses the same combinations;
// small n cover sizes two, three and four alike. More than there are is an error.
func Combinations(at time.Time, seed uint64, n int) ([]Case, error) {
	var bySize [5][][]*fault
	combine(nil, 0, &bySize)
	random := rand.New(rand.NewPCG(seed, 0))
	total := 0
	for _, sets := range bySize {
		random.Shuffle(len(sets), func(i, j int) { sets[i], sets[j] = sets[j], sets[i] })
		total += len(sets)
	}
	if n > total {
		return nil, fmt.Errorf("make %d combinations of faults: there are %d", n, total)
	}
	k := newKit(at)
	for size := 2; len(k.cases) < n && k.err == nil; size = 2 + (size-1)%3 {
		if sets := bySize[size]; len(sets) > 0 {
			k.combination(sets[0])
			bySize[size] = sets[1:]
		}
	}
	if k.err != nil {
		return nil, fmt.Errorf("make combinations of faults: %w", k.err)
	}
	return k.cases, nil
}

// combine appends every set of two to four faults that can stand together and begins with chosen, by size.
func combine(chosen []*fault, next int, bySize *[5][][]*fault) {
	if len(chosen) >= 2 {
		bySize[len(chosen)] = append(bySize[len(chosen)], append([]*fault(nil), chosen...))
	}
	if len(chosen) == len(bySize)-1 {
		return
	}
	for i := next; i < len(faults); i++ {
		f := &faults[i]
		fits := true
		for _, c := range chosen {
			fits = fits && together(c, f)
		}
		if fits {
			combine(append(chosen, f), i+1, bySize)
		}
	}
}

// together reports whether two faults can be had and seen at once.
func together(x, y *fault) bool {
	if x.part == y.part {
		return false
	}
	for _, a := range apart {
		if a.one.has(x.name) && a.other.has(y.name) || a.one.has(y.name) && a.other.has(x.name) {
			return false
		}
	}
	return true
}

// design is a chain of four certificates, root, upper CA, issuing CA and leaf, before it is made.
type design struct {
	upper, issuing, leaf Spec
	names                bool // the leaf has names of its own, or none: it does not get those of Host

	noCA          bool // the issuing CA is none
	selfSigned    bool
	untrustedRoot bool // the root is sent, and another one trusted
	noRoot        bool // the root is not sent, and another one trusted
	noIssuing     bool // no CA is sent
	garbage       bool // something unparsable is sent too
	revoked       bool
	revokedCA     bool
}

// combination adds the case of one set of faults.
func (k *kit) combination(set []*fault) {
	d := &design{leaf: Spec{NotBefore: k.days(-20), NotAfter: k.days(60)}}
	var names, titles []string
	var codes []certs.Code
	for _, f := range set {
		f.apply(k, d)
		names, titles, codes = append(names, f.name), append(titles, f.title), append(codes, f.code)
	}
	var c Case
	if !d.names {
		d.leaf = d.leaf.named(Host)
	}
	if d.leaf.KeyType == RSA512 {
		c.MaxVersion = tls.VersionTLS12
	}
	root := k.ca(nil, "Combined Root", Spec{})
	upper := k.ca(root, "Combined Upper CA", d.upper)
	issuing := k.ca(upper, "Combined Issuing CA", d.issuing)
	if d.noCA {
		s := d.issuing
		s.CommonName, s.Key, s.NoUsages = "Combined Issuing CA", k.key("Combined Issuing CA", s.KeyType), s.Usages == nil
		if s.NotBefore.IsZero() {
			s.NotBefore = k.days(-365)
		}
		s.NotAfter = k.days(365)
		issuing = k.issue(upper, s)
	}
	by := issuing
	if d.selfSigned {
		by = nil
	}
	leaf := k.nameless(by, d.leaf)
	c.Presented = []*Cert{leaf}
	if !d.noIssuing && !d.selfSigned {
		c.Presented = append(c.Presented, issuing, upper)
	}
	if d.untrustedRoot {
		c.Presented = append(c.Presented, root)
	}
	if !d.untrustedRoot && !d.noRoot {
		c.Roots = []*Cert{root}
	}
	if d.garbage {
		c.Presented = append(c.Presented, k.leaf(root, Spec{Damage: Garbage}))
	}
	if d.revoked {
		c.CRLs = append(c.CRLs, k.crl(issuing, CRLSpec{}, leaf))
	}
	if d.revokedCA {
		c.CRLs = append(c.CRLs, k.crl(upper, CRLSpec{}, issuing))
	}
	k.add(strings.Join(names, "+"), strings.Join(titles, "; "), c, codes...)
}
