package certs

import (
	"bytes"
	"encoding/asn1"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// listEntry is what a revocation list says about one certificate (RFC 5280 section 5.3).
type listEntry struct {
	at       time.Time
	reason   int
	critical string // a critical extension that is not known
}

// derTrue is what stands in every critical extension, so that entries without it need no closer look.
var derTrue = []byte{byte(cbasn1.BOOLEAN), 1, 0xff}

// find looks for a serial number in all entries. A problem is one of the whole list: nothing may be
// concluded from a list that has, wherever, a critical extension that is not known (RFC 5280 section
// 5.3). It makes nothing per entry: a list may have millions.
func (l *crl) find(serial *big.Int) (e listEntry, found bool, problem string) {
	const unreadable = "an entry of the revocation list cannot be parsed"
	var b cryptobyte.Builder
	b.AddASN1BigInt(serial)
	var want cryptobyte.String
	if der, err := b.Bytes(); err != nil || !(*cryptobyte.String)(&der).ReadASN1(&want, cbasn1.INTEGER) {
		return e, false, unreadable
	}
	for rest := l.entries; !rest.Empty(); {
		var entry, number cryptobyte.String
		if !rest.ReadASN1(&entry, cbasn1.SEQUENCE) || !entry.ReadASN1(&number, cbasn1.INTEGER) {
			return e, false, unreadable
		}
		ours := !found && bytes.Equal(shortest(number), want)
		if !ours && !bytes.Contains(entry, derTrue) {
			continue
		}
		one, ok := parseEntry(entry)
		switch {
		case !ok:
			return e, false, unreadable
		case one.critical != "":
			return e, false, "an entry of the revocation list has a critical extension that is not known (" + one.critical + ")"
		case ours && one.reason != reasonRemoved: // an entry that was taken back says nothing
			e, found = one, true
		}
	}
	return e, found, ""
}

// shortest is the shortest encoding of a number, which DER demands and not every CA writes.
func shortest(number []byte) []byte {
	for len(number) > 1 && (number[0] == 0 && number[1] < 0x80 || number[0] == 0xff && number[1] >= 0x80) {
		number = number[1:]
	}
	return number
}

// parseEntry reads what stands behind the serial number.
func parseEntry(in cryptobyte.String) (e listEntry, ok bool) {
	if in.PeekASN1Tag(cbasn1.UTCTime) {
		ok = in.ReadASN1UTCTime(&e.at)
	} else {
		ok = in.ReadASN1GeneralizedTime(&e.at)
	}
	if !ok || in.Empty() {
		return e, ok
	}
	var list cryptobyte.String
	if !in.ReadASN1(&list, cbasn1.SEQUENCE) {
		return e, false
	}
	for !list.Empty() {
		var one, value cryptobyte.String
		var oid asn1.ObjectIdentifier
		var critical bool
		if !list.ReadASN1(&one, cbasn1.SEQUENCE) || !one.ReadASN1ObjectIdentifier(&oid) ||
			one.PeekASN1Tag(cbasn1.BOOLEAN) && !one.ReadASN1Boolean(&critical) || !one.ReadASN1(&value, cbasn1.OCTET_STRING) {
			return e, false
		}
		switch {
		case oid.Equal(oidReason):
			if !value.ReadASN1Enum(&e.reason) {
				return e, false
			}
		case oid.Equal(oidInvalidity):
		case critical:
			e.critical = oid.String()
		}
	}
	return e, true
}
