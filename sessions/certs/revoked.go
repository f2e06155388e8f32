package certs

import (
	"crypto/x509"
	"encoding/asn1"
)

// revoked adds what is known about revocation, and the fault of a certificate that demands a stapled OCSP
// response when none good came.
func (k *checker) revoked() {
	r := k.report
	result := revocation(r.Chain, r.Anchored, k.in.Evidence, k.in.Time)
	r.Revocation = result.Results
	k.fault(result.Revoked...)
	leaf := r.Chain[0]
	if mustStaple(leaf) && !k.in.NoHandshake && !result.StapleGood {
		detail := "it demands that the server staples an OCSP response (TLS feature status_request), and "
		switch {
		case len(k.in.Evidence.Stapled) == 0:
			detail += "none came"
		case result.StapleProblem != "":
			detail += "the one that came is no good: " + result.StapleProblem
		default:
			detail += "the one that came is no good"
		}
		k.fault(finding(MustStapleMissing, 0, leaf, detail, "switch OCSP stapling on in the server and see that it can reach the CA's OCSP responder; or have a certificate issued without the demand"))
	}
	if !k.in.Evidence.Asked {
		return
	}
	for depth, c := range r.Chain {
		known, why := false, ""
		for _, answer := range r.Revocation {
			if answer.Depth != depth {
				continue
			}
			known = known || answer.Result != Undetermined
			if why == "" {
				why = answer.Detail
			}
		}
		if !known && why != "" {
			k.warn(RevocationUnknown, depth, c, "whether it was revoked could not be found out: "+why, "ask again later, or give a CRL of its issuer as a file")
		}
	}
}

// mustStaple reports whether a certificate has the TLS feature extension (RFC 7633) with status_request.
func mustStaple(c *x509.Certificate) bool {
	e := extension(c, oidTLSFeature)
	if e == nil {
		return false
	}
	var features []int
	if _, err := asn1.Unmarshal(e.Value, &features); err != nil {
		return false
	}
	for _, f := range features {
		if f == 5 {
			return true
		}
	}
	return false
}
