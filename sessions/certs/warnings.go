package certs

// warnSent looks at the list as it was sent.
func (k *checker) warnSent() {}

// warnChain looks at the chain that was chosen.
func (k *checker) warnChain() {}

// revoked adds what is known about revocation.
func (k *checker) revoked() {
	r := k.report
	result := revocation(r.Chain, r.Anchored, k.in.Evidence, k.in.Time)
	r.Revocation = result.Results
	k.fault(result.Revoked...)
}
