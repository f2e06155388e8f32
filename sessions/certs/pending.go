// This file only stands in until store.go and revocation.go are there: whoever adds them deletes it.
package certs

import (
	"crypto/x509"
	"time"
)

type Source struct {
	DER  []byte
	From string
	Took time.Duration
	Err  error
}
type Evidence struct {
	Stapled []byte
	OCSP    map[string][]Source
	CRLs    []Source
	Asked   bool
}
type revocationResult struct {
	Results       []Revocation
	Revoked       []Finding
	StapleGood    bool
	StapleProblem string
}

func revocation(chain []*x509.Certificate, anchored bool, e Evidence, at time.Time) revocationResult {
	return revocationResult{}
}
