package certs

import (
	"bytes"
	"crypto/x509"
	"time"
)

// maxAsked is how many certificates of a chain the platform is asked about. Each question may take the
// platform some time, and below the third only the leaf of a strange chain is left.
const maxAsked = 4

// platform asks the system's own verifier for an anchor, where the system keeps its anchors to itself
// (Windows, macOS). Its errors are too vague to be of use, and it knows nothing of ablation; so it is asked
// from the leaf up whether it can lead a certificate of the chain to an anchor, each time at a moment when
// everything is valid, and only a yes counts: all faults are found by ourselves on the chain it names.
func (k *checker) platform(roots *x509.CertPool, paths []path) (path, bool) {
	if roots == nil || len(paths) == 0 {
		return path{}, false
	}
	for _, p := range paths {
		if p.anchored {
			return path{}, false
		}
	}
	longest := paths[0].chain
	for _, p := range paths[1:] {
		if len(p.chain) > len(longest) {
			longest = p.chain
		}
	}
	pool := x509.NewCertPool()
	for _, list := range k.builder.bySubject {
		for _, c := range list {
			pool.AddCert(c)
		}
	}
	for i, c := range longest[:min(len(longest), maxAsked)] {
		if i > 0 && k.builder.link(longest[i-1], c).state != linkGood {
			break // what is above a wrong signature says nothing about the leaf
		}
		chains, err := c.Verify(x509.VerifyOptions{Roots: roots, Intermediates: pool, CurrentTime: validMoment(longest[i:], k.in.Time),
			KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
		if err != nil || len(chains) == 0 {
			continue
		}
		chain := append(longest[:i:i], chains[0]...)
		for j := range chain { // our own parsed copy, so that a certificate is one pointer everywhere
			for _, known := range k.builder.bySubject[string(chain[j].RawSubject)] {
				if bytes.Equal(known.Raw, chain[j].Raw) {
					chain[j] = known
				}
			}
		}
		return path{chain: chain, anchored: true}, true
	}
	return path{}, false
}

// validMoment is at when all certificates are valid then, else a moment when as many as possible from the
// first on are.
func validMoment(chain []*x509.Certificate, at time.Time) time.Time {
	var from, to time.Time
	for _, c := range chain {
		begin, end := c.NotBefore, c.NotAfter
		if from.After(begin) {
			begin = from
		}
		if !to.IsZero() && to.Before(end) {
			end = to
		}
		if begin.After(end) {
			break
		}
		from, to = begin, end
	}
	switch {
	case at.Before(from):
		return from
	case at.After(to):
		return to
	}
	return at
}

// lastWord lets crypto/x509 verify a chain that was found faultless, with nothing neutralised. It is never
// expected to object; should it know a rule that is not known here, its word counts, so that nothing is
// called trusted that Go's own TLS client refuses.
func (k *checker) lastWord() []Finding {
	chain := k.report.Chain
	if !k.report.Anchored {
		return nil
	}
	top := len(chain) - 1
	options := x509.VerifyOptions{Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), CurrentTime: k.in.Time,
		KeyUsages: []x509.ExtKeyUsage{k.in.Usage}}
	options.Roots.AddCert(chain[top])
	for _, c := range chain[min(1, top):top] {
		options.Intermediates.AddCert(c)
	}
	if k.in.Time.IsZero() {
		options.CurrentTime = time.Unix(0, 0) // the zero time would mean now to crypto/x509
	}
	if k.in.Host != "" {
		options.DNSName, _ = checkedHost(k.in.Host)
	}
	if _, err := chain[0].Verify(options); err != nil {
		return []Finding{finding(Malformed, 0, chain[0], "Go's own verifier refuses it: "+quote(err.Error()), "compare what another client says, such as openssl verify")}
	}
	return nil
}
