package certs

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"slices"
	"time"
)

// Source is one answer to the question whether certificates were revoked, or why there is none.
type Source struct {
	DER  []byte
	From string // a URL or a file
	Took time.Duration
	Err  error // DER is empty then
}

// Evidence is what is known about revocation before [Check] looks at it.
type Evidence struct {
	Stapled []byte              // the OCSP response of the handshake, nil for none
	OCSP    map[string][]Source // OCSP responses, by the [Fingerprint] of the certificate asked about
	CRLs    []Source            // revocation lists, whoever issued them
	Asked   bool                // others were asked, so that a missing answer is worth a warning
}

// clockTolerance is how far another clock may be ahead of the time as of which is judged.
const clockTolerance = 5 * time.Minute

// maxLinksAsked bounds the certificates of a chain that are looked at.
const maxLinksAsked = 32

// revocationResult is what the evidence says.
type revocationResult struct {
	Results       []Revocation
	Revoked       []Finding
	StapleGood    bool
	StapleProblem string // why a staple is no good; "" when it is, and when there is none
}

// verdict is what one answer says about one certificate.
type verdict struct {
	result Result
	detail string // one sentence without its full stop
	other  bool   // the answer is not about this certificate at all
}

func undetermined(format string, args ...any) verdict {
	return verdict{result: Undetermined, detail: fmt.Sprintf(format, args...)}
}

// revocation weighs the evidence for each certificate of a chain that has its issuer above it. What any
// answer says that can be relied on counts: one "revoked" outweighs every "good".
func revocation(chain []*x509.Certificate, anchored bool, e Evidence, at time.Time) revocationResult {
	var r revocationResult
	lists := make([]*crl, len(e.CRLs))
	for i, s := range e.CRLs {
		if s.Err == nil {
			lists[i] = parseList(s.DER)
		}
	}
	if len(e.Stapled) > 0 && len(chain) == 1 {
		r.StapleProblem = "its issuer is not known, so the OCSP response could not be checked"
		if bytes.Equal(chain[0].RawIssuer, chain[0].RawSubject) {
			r.StapleProblem = "a certificate that is its own issuer has nobody to answer for it"
		}
		r.add(0, chain[0], MethodStaple, "the handshake", 0, undetermined("%s", r.StapleProblem))
		return r
	}
	last := len(chain) - 1
	if !anchored {
		last = len(chain) // the top has no issuer here, and that is said of it
	}
	for depth, c := range chain[:min(last, maxLinksAsked)] {
		if depth+1 == len(chain) {
			if !bytes.Equal(c.RawIssuer, c.RawSubject) {
				r.add(depth, c, MethodNone, "", 0, undetermined("its issuer is not known, so no answer could be checked"))
			}
			continue
		}
		issuer := chain[depth+1]
		some := false
		if depth == 0 && len(e.Stapled) > 0 {
			v := judgeOCSP(e.Stapled, c, issuer, at)
			r.StapleGood = v.result == Good
			if !r.StapleGood {
				r.StapleProblem = v.detail
			}
			r.add(depth, c, MethodStaple, "the handshake", 0, v)
			some = true
		}
		for _, s := range e.OCSP[Fingerprint(c.Raw)] {
			v := undetermined("%v", s.Err)
			if s.Err == nil {
				v = judgeOCSP(s.DER, c, issuer, at)
			}
			r.add(depth, c, MethodOCSP, s.From, s.Took, v)
			some = true
		}
		for i, s := range e.CRLs {
			v := undetermined("%v", s.Err)
			if s.Err == nil {
				v = lists[i].judge(c, issuer, at)
			}
			switch {
			case v.other && namesList(c, s.From):
				v = undetermined("the list that lies there is of another issuer, %s", cut(NameText(lists[i].head.Issuer), maxValueText))
			case v.other, v.result == Undetermined && !concerns(chain, c, s.From) && (s.Err != nil || lists[i].head == nil):
				continue // it is about other certificates
			}
			r.add(depth, c, MethodCRL, s.From, s.Took, v)
			some = true
		}
		if !some {
			r.add(depth, c, MethodNone, "", 0, nothingAsked(c, e.Asked))
		}
	}
	if last > maxLinksAsked {
		r.add(maxLinksAsked, chain[maxLinksAsked], MethodNone, "", 0,
			undetermined("it was not looked at, nor were those above it: there are more than %d of them", maxLinksAsked))
	}
	return r
}

// concerns reports whether an answer that does not tell what it is about is to be shown with c: when c
// names the place it came from, or no certificate of the chain does.
func concerns(chain []*x509.Certificate, c *x509.Certificate, from string) bool {
	return namesList(c, from) || !slices.ContainsFunc(chain, func(other *x509.Certificate) bool { return namesList(other, from) })
}

// nothingAsked says why there is no answer about a certificate.
func nothingAsked(c *x509.Certificate, asked bool) verdict {
	switch {
	case len(c.OCSPServer) == 0 && len(c.CRLDistributionPoints) == 0:
		return undetermined("it names no OCSP responder and no revocation list, so there is nobody to ask")
	case !asked:
		return undetermined("nobody was asked")
	case len(c.OCSPServer) == 0:
		return undetermined("it names no OCSP responder, and its revocation list was not asked for")
	case len(c.CRLDistributionPoints) == 0:
		return undetermined("it names no revocation list, and its OCSP responder was not asked")
	}
	return undetermined("there was no answer")
}

// namesList reports whether c says that its revocation list lies there.
func namesList(c *x509.Certificate, from string) bool {
	return slices.Contains(c.CRLDistributionPoints, from)
}

func (r *revocationResult) add(depth int, c *x509.Certificate, m Method, from string, took time.Duration, v verdict) {
	r.Results = append(r.Results, Revocation{Depth: depth, Subject: SubjectText(c), Method: m, From: from, Result: v.result, Detail: v.detail, Took: took})
	if v.result != RevokedCert {
		return
	}
	for _, f := range r.Revoked {
		if f.Depth == depth {
			return // two sources that agree are one fault
		}
	}
	code, hint := RevokedLeaf, "have a new certificate issued, with a new key, and find out from the CA why this one was revoked"
	if depth > 0 {
		code, hint = RevokedCA, "have a new certificate issued under another intermediate: everything below this one is void"
	}
	r.Revoked = append(r.Revoked, finding(code, depth, c, fmt.Sprintf("%s says: %s", sourceText(m, from), v.detail), hint))
}

func sourceText(m Method, from string) string {
	if m == MethodStaple {
		return "the OCSP response that the server stapled"
	}
	if m == MethodOCSP {
		return "the OCSP responder " + from
	}
	return "the revocation list " + from
}

// fresh holds an answer's times against the time as of which is judged. most is how old an answer
// without a nextUpdate may be.
func fresh(what string, this, next, at time.Time, most time.Duration) (problem string) {
	switch {
	case this.After(at.Add(clockTolerance)):
		return fmt.Sprintf("%s is of %s, which is later than %s", what, stamp(this), stamp(at))
	case !next.IsZero() && next.Before(this):
		return fmt.Sprintf("%s would have to be renewed before it was made", what)
	case !next.IsZero() && at.After(next):
		return fmt.Sprintf("%s held until %s only", what, stamp(next))
	case next.IsZero() && at.Sub(this) > most:
		return fmt.Sprintf("%s is of %s and does not say how long it holds", what, stamp(this))
	}
	return ""
}

// revocationReasons are the names of CRLReason (RFC 5280 section 5.3.1).
var revocationReasons = map[int]string{
	1: "the key was compromised", 2: "the CA was compromised", 3: "the affiliation changed", 4: "it was superseded",
	5: "its owner ceased operation", 6: "it is on hold, which may be lifted again", 8: "it was taken off the list", 9: "the privilege was withdrawn",
	10: "the attribute authority was compromised",
}

// revokedText says when and why.
func revokedText(since time.Time, reason int) string {
	text := "revoked since " + stamp(since)
	if why := revocationReasons[reason]; why != "" {
		return text + ": " + why
	}
	return text + ", without a reason given"
}

// notYetRevoked is said of a certificate whose revocation begins after the time as of which is judged.
func notYetRevoked(from time.Time) string {
	return "it is revoked from " + stamp(from) + " on, which is later than the time it is judged as of"
}
