package certs

import (
	"fmt"
	"slices"
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
	text += fmt.Sprintf(" until %s (%s more)", stamp(leaf.NotAfter), between(r.Time, leaf.NotAfter))
	if len(r.Chain) == 1 {
		return text + " and is trusted itself"
	}
	return text + ", trusted by way of " + SubjectText(top)
}

// subjects of the sentences whose evidence begins with "it".
var headlines = map[Code]string{
	Unparsable:          "a certificate cannot be read",
	BadSignature:        "the certificate's signature is wrong",
	WeakSignature:       "the certificate's signature is worthless",
	UnhandledCritical:   "the certificate makes a demand that is not understood",
	WeakKey:             "the certificate's key can be broken",
	RevokedLeaf:         "the certificate was revoked",
	RevokedCA:           "the certificate of a CA in the chain was revoked",
	SelfSigned:          "the certificate vouches only for itself",
	UntrustedRoot:       "the certificate comes from a root that is not trusted",
	IssuerMissing:       "the chain is incomplete",
	CABadSignature:      "the signature on a CA's certificate is wrong",
	CAWeakSignature:     "the signature on a CA's certificate is worthless",
	NotACA:              "the certificate was issued by one that is no CA",
	PathTooLong:         "the chain is longer than a CA allows",
	CAExpired:           "the time of a CA's certificate is over",
	CANotYetValid:       "the time of a CA's certificate has not begun",
	CAUnhandledCritical: "a CA's certificate makes a demand that is not understood",
	CAWeakKey:           "a CA's key can be broken",
	CAWrongUsage:        "a CA in the chain may not issue certificates for this use",
	NameConstraints:     "a CA in the chain may not issue for a name of the certificate",
	Policies:            "the certificate policies that a CA demands are not met",
	NameMismatch:        "the certificate is for another host",
	CommonNameOnly:      "the certificate has the host only where no client looks",
	NoNames:             "the certificate is for no host",
	WrongUsage:          "the certificate is made for another use",
	MustStapleMissing:   "the certificate demands a stapled OCSP response, and no good one came",
	Malformed:           "a certificate breaks the rules of its format",
	ExpiredLeaf:         "the certificate's time is over",
	NotYetValidLeaf:     "the certificate's time has not begun",
}

func headline(f Finding) string {
	text := headlines[f.Code]
	if f.Detail != "" {
		text += ": " + f.Detail
	}
	return text
}
