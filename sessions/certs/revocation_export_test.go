package certs

import (
	"math/big"
	"time"
)

// SignatureKind is how an OCSP response says it is signed.
var SignatureKind = signatureKind

// ListEntries looks for numbers in a revocation list, whoever signed it; ok is whether it can be parsed.
func ListEntries(der []byte) (find func(serial *big.Int) (at time.Time, reason int, found bool, problem string), ok bool) {
	l := parseList(der)
	return func(serial *big.Int) (time.Time, int, bool, string) {
		e, found, problem := l.find(serial)
		return e.at, e.reason, found, problem
	}, l.head != nil
}
