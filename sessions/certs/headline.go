package certs

import (
	"fmt"
	"slices"
	"strings"
)

// conclude puts the faults in order and makes the status and the headline of the first.
func (k *checker) conclude() {
	r := k.report
	slices.SortStableFunc(r.Faults, func(x, y Finding) int {
		_, a := place(x.Code)
		_, b := place(y.Code)
		if a != b {
			return a - b
		}
		return x.Depth - y.Depth
	})
	if len(r.Faults) == 0 {
		r.Status = Trusted
		r.Headline = k.trustedHeadline()
		return
	}
	r.Status = r.Faults[0].Status
	r.Headline = headline(r.Faults[0])
}

// trustedHeadline is the sentence of a certificate without faults.
func (k *checker) trustedHeadline() string {
	r := k.report
	leaf, top := r.Chain[0], r.Chain[len(r.Chain)-1]
	text := "the certificate is good"
	if r.Host != "" {
		text += " for " + quote(r.Host)
	}
	text += fmt.Sprintf(" until %s (%s left)", stamp(leaf.NotAfter), between(r.Time, leaf.NotAfter))
	if len(r.Chain) == 1 {
		return text + " and is trusted itself"
	}
	return text + ", trusted by way of " + SubjectText(top)
}

// headline makes the evidence of a fault a sentence that stands by itself: "it ended on ..." becomes "the
// certificate ended on ...".
func headline(f Finding) string {
	who := "the certificate"
	switch {
	case f.Code == Unparsable && f.Depth > 0:
		return fmt.Sprintf("certificate %d of those sent: %s", f.Depth+1, f.Detail)
	case f.Code == UntrustedRoot:
		return strings.Replace(f.Detail, "this root", "the root "+f.Subject, 1)
	case f.Depth > 0:
		return "the CA certificate " + f.Subject + ": " + f.Detail
	}
	if rest, ok := strings.CutPrefix(f.Detail, "it "); ok {
		return who + " " + rest
	}
	if rest, ok := strings.CutPrefix(f.Detail, "its "); ok {
		return who + "'s " + rest
	}
	if f.Code == RevokedLeaf && !strings.Contains(f.Detail, "certificate") {
		return who + " was revoked: " + f.Detail
	}
	return f.Detail
}
