// Package describe shows every field of a certificate as labelled values for
// people: [Certificate] groups them, [Text] writes them as plain text, [ASN1]
// is the raw structure for what is no certificate, [OID] names the numbers.
//
// It reads what crypto/x509 refuses, too. A certificate that breaks the rules
// of DER or RFC 5280 (a length written in too many bytes, a negative serial
// number, a time that does not exist) is shown with the problem beside the
// value; of one that is cut or garbled everything is shown that can be made
// out. For that the package has its own reader of tags and lengths: those of
// encoding/asn1 and cryptobyte stop at the first deviation and do not say where.
//
// The bytes come from the wire or from a file and are hostile. No function
// panics or takes more than linear time on any input; the number of fields and
// the length of each value are bounded; and every text is safe to show: control
// characters, bidirectional overrides and other invisible characters are
// written out as [inspect.Escape] does, inside distinguished names as RFC 4514
// does.
//
// All functions are pure but for the local time zone, and safe for concurrent
// use. None changes the bytes it is given; what they return refers to them.
package describe

import (
	"time"
)

// Field is one labelled value.
type Field struct {
	Name    string // what it is: "Common name"; the same name can come several times in a group
	Value   string // safe to show, in one line; cut with an ellipsis where it is very long
	Raw     []byte // the bytes behind it, for copying as hex: DER, or the bare digest, key or address; nil when there are none. Part of the certificate: not to be changed
	Note    string // an explanation, or, with Problem, what is wrong with it; safe to show; "" for none
	Problem bool   // Note tells of a rule that is broken
}

// Group is a set of fields that belong together: the subject, the validity, one
// extension.
type Group struct {
	Title    string // "Subject", "Key usage", "Subject alternative names (10,000)"
	Fields   []Field
	Critical bool   // it is an extension marked critical
	Problem  string // the first thing that is wrong in it; "" for none
}

// Document is a certificate described.
type Document struct {
	Title  string  // one line: whose it is and who issued it
	Groups []Group // in the order in which a person asks: names, validity, key, fingerprints, extensions, signature
	// Err is nil when everything could be read, even where it breaks rules
	// (that is in the groups' Problem). Else it is the first thing that could
	// not be, with its offset in bytes: an [*Error]. What was read before and
	// after it is in Groups nevertheless.
	Err error
	DER []byte // the certificate as given
}

// Certificate describes the DER of an X.509 certificate, as of a time, to which
// "ends in 12 days" refers; the zero time leaves that out. It never fails: see
// [Document.Err] for bytes that are no certificate.
func Certificate(der []byte, at time.Time) Document {
	d := &describer{der: der, at: at, work: maxWork, cutAt: -1}
	d.certificate()
	doc := Document{Title: d.title(), Groups: d.groups(), DER: der}
	if d.err != nil {
		doc.Err = d.err
	}
	return doc
}
