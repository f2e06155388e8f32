package certs

import (
	"bytes"
	"crypto/x509"
	"slices"
)

// Bounds on the search for a chain, which hostile certificates can make branch at every step.
const (
	maxSignatureCost = 200    // see signatureCost; crypto/x509 allows itself 100 checks
	maxSteps         = 300    // certificates tried as the next of some path
	maxPaths         = 64     // whole paths compared
	maxExtra         = 20_000 // more certificates than any bundle holds
)

// path is one way from the leaf up.
type path struct {
	chain    []*x509.Certificate
	anchored bool
	faults   int       // how many checker.pathFaults finds
	names    []Finding // constraintFaults, for the chosen path and those it was compared with
}

// builder finds the chain. It follows names (issuer to subject, byte by byte, as crypto/x509 does), prefers
// issuers whose key made the signature, and gives up one certificate only for a better one: a link whose
// signature is wrong is taken only where no other issuer of that name is known and the key identifiers do
// not contradict it, because then it is the signature that is at fault and not the choice of issuer.
type builder struct {
	store     *Store
	bySubject map[string][]*x509.Certificate // presented and extra ones, each once
	links     map[[2]*x509.Certificate]link
	cost      int
	steps     int
	paths     []path
	exhausted bool // a bound was met: there may be chains that were not tried
}

func newBuilder(store *Store, presented []Presented, extra []*x509.Certificate) *builder {
	b := &builder{store: store, bySubject: map[string][]*x509.Certificate{}, links: map[[2]*x509.Certificate]link{}}
	seen := map[string]bool{}
	add := func(c *x509.Certificate) {
		if c == nil || seen[string(c.Raw)] {
			return
		}
		seen[string(c.Raw)] = true
		b.bySubject[string(c.RawSubject)] = append(b.bySubject[string(c.RawSubject)], c)
	}
	for _, p := range presented {
		add(p.Cert)
	}
	for _, c := range extra[:min(len(extra), maxExtra)] {
		add(c)
	}
	return b
}

// find collects the paths that start at leaf. There is always at least one: the leaf alone.
func (b *builder) find(leaf *x509.Certificate) []path {
	if b.store.Contains(leaf) {
		b.paths = []path{{chain: []*x509.Certificate{leaf}, anchored: true}}
	} else {
		b.search([]*x509.Certificate{leaf})
	}
	return b.paths
}

func (b *builder) search(chain []*x509.Certificate) {
	if b.steps++; b.steps > maxSteps || len(b.paths) >= maxPaths {
		b.exhausted = true
		if len(b.paths) == 0 {
			b.paths = append(b.paths, path{chain: slices.Clone(chain)})
		}
		return
	}
	child := chain[len(chain)-1]
	var good, doubtful []*x509.Certificate
	for _, parent := range b.issuers(child) {
		if inChain(parent, chain) {
			continue
		}
		if b.link(child, parent).state == linkGood {
			good = append(good, parent)
		} else if keyMatch(child, parent) != keyDiffers {
			doubtful = append(doubtful, parent)
		}
	}
	if len(good) == 0 && len(doubtful) > 0 && !(selfIssued(child) && b.link(child, child).state == linkGood) {
		good = []*x509.Certificate{slices.MinFunc(doubtful, func(x, y *x509.Certificate) int { // the first of the likeliest
			return int(keyMatch(child, x)) - int(keyMatch(child, y))
		})}
	}
	var further [][]*x509.Certificate
	for _, parent := range good {
		next := append(chain[:len(chain):len(chain)], parent)
		if b.store.Contains(parent) {
			b.paths = append(b.paths, path{chain: next, anchored: true})
		} else {
			further = append(further, next)
		}
	}
	for _, next := range further { // after the anchors, which no crowd of other certificates may keep from being found
		b.search(next)
	}
	if len(good) == 0 {
		b.paths = append(b.paths, path{chain: chain})
	}
}

// issuers are the certificates that bear the name of child's issuer: anchors first, then those whose key
// identifier is the one child asks for, then those that have none.
func (b *builder) issuers(child *x509.Certificate) []*x509.Certificate {
	found := slices.Clone(b.store.Find(child.RawIssuer))
	anchors := len(found)
	for _, c := range b.bySubject[string(child.RawIssuer)] {
		if !b.store.Contains(c) {
			found = append(found, c)
		}
	}
	for _, group := range [][]*x509.Certificate{found[:anchors], found[anchors:]} {
		slices.SortStableFunc(group, func(x, y *x509.Certificate) int {
			return int(keyMatch(child, x)) - int(keyMatch(child, y))
		})
	}
	return found
}

// link verifies child's signature with parent's key, once for each pair, as long as the budget lasts.
func (b *builder) link(child, parent *x509.Certificate) link {
	pair := [2]*x509.Certificate{child, parent}
	if l, ok := b.links[pair]; ok {
		return l
	}
	l := link{linkUnchecked, "too many certificates of the same name would have to be tried"}
	if cost := signatureCost(child, parent); b.cost+cost <= maxSignatureCost {
		b.cost += cost
		l = verifySignature(child, parent)
	} else {
		b.exhausted = true
	}
	b.links[pair] = l
	return l
}

type keyRelation int

const (
	keySame    keyRelation = iota // the authority key identifier is the issuer's subject key identifier
	keyUnknown                    // one of them is missing
	keyDiffers
)

func keyMatch(child, parent *x509.Certificate) keyRelation {
	switch {
	case len(child.AuthorityKeyId) == 0 || len(parent.SubjectKeyId) == 0:
		return keyUnknown
	case bytes.Equal(child.AuthorityKeyId, parent.SubjectKeyId):
		return keySame
	}
	return keyDiffers
}

// inChain reports whether the same name with the same key stands in the chain already, though perhaps in
// another certificate: going on with it would lead round in a circle. crypto/x509 draws the same line.
func inChain(c *x509.Certificate, chain []*x509.Certificate) bool {
	san := extension(c, oidSubjectAltName)
	for _, other := range chain {
		if bytes.Equal(c.RawSubject, other.RawSubject) &&
			bytes.Equal(c.RawSubjectPublicKeyInfo, other.RawSubjectPublicKeyInfo) {
			theirs := extension(other, oidSubjectAltName)
			if (san == nil) == (theirs == nil) && (san == nil || bytes.Equal(san.Value, theirs.Value)) {
				return true
			}
		}
	}
	return false
}

// selfIssued reports whether c names itself as its issuer.
func selfIssued(c *x509.Certificate) bool { return bytes.Equal(c.RawSubject, c.RawIssuer) }

// build picks the chain among the paths: one that reaches an anchor, then the fewest faults, then the
// shortest. Name constraints and policies are costly to check and looked at only where they can decide.
func (k *checker) build() {
	leaf := k.report.Presented[0].Cert
	k.builder = newBuilder(k.in.Store, k.report.Presented, k.in.Extra)
	paths := k.builder.find(leaf)
	if verdict, ok := k.platform(k.in.Store.Platform(), paths); ok {
		paths = []path{verdict}
	}
	for i := range paths {
		paths[i].faults = len(k.pathFaults(paths[i].chain, paths[i].anchored))
	}
	slices.SortStableFunc(paths, func(x, y path) int {
		switch {
		case x.anchored != y.anchored && x.anchored:
			return -1
		case x.anchored != y.anchored:
			return 1
		case x.faults != y.faults:
			return x.faults - y.faults
		}
		return len(x.chain) - len(y.chain)
	})
	best, least := 0, -1
	for i := range paths[:min(len(paths), maxCompared)] {
		if paths[i].anchored != paths[0].anchored || least >= 0 && paths[i].faults >= least {
			break
		}
		paths[i].names = constraintFaults(paths[i].chain)
		if all := paths[i].faults + len(paths[i].names); least < 0 || all < least {
			best, least = i, all
		}
	}
	paths[0], paths[best] = paths[best], paths[0]
	k.paths = paths
	k.report.Chain, k.report.Anchored = paths[0].chain, paths[0].anchored
}

// maxCompared is how many paths are checked in full to find the best.
const maxCompared = 6
