package describe

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"math/big"
	"strings"
	"time"
)

const (
	// maxExtensions bounds how many extensions are shown. Certificates in use
	// have about ten.
	maxExtensions = 500
	// maxSerial is the longest serial number that RFC 5280 section 4.1.2.2 allows, in bytes.
	maxSerial = 20
	// maxTitle is how much of a name stands in the title, in bytes.
	maxTitle = 80
)

// describer is one certificate being described.
type describer struct {
	der    []byte
	at     time.Time
	err    *Error
	fields int // put so far, in all groups
	work   int

	general, subject, issuer, validity, public, signature *group
	extensions                                            []*group

	version3              bool   // or a version that does not exist, which is told
	cutAt                 int    // where the bytes ran out; -1 when they did not
	spki, key             []byte // as encoded; the key's own bits
	subjectName, issuedBy name
	firstName             string // of the alternative names, not safe to show
}

// certificate reads Certificate (RFC 5280 section 4.1). What is not nil
// afterwards was found.
func (d *describer) certificate() {
	g := d.group("Certificate")
	d.general = g
	top := &reader{g, 0, len(d.der)}
	if bytes.HasPrefix(bytes.TrimSpace(d.der[:min(len(d.der), 64)]), []byte("-----BEGIN")) {
		g.fail(0, "this is PEM, the text form, and has to be decoded first")
		return
	}
	outer, ok := top.want(tagSequence, "the certificate")
	if !ok {
		return
	}
	top.done("the certificate")
	r := g.inside(outer)
	tbs, ok := r.want(tagSequence, "the signed part of the certificate")
	if !ok {
		return
	}
	inner := d.signed(g.inside(tbs))
	// The signature stands behind what is signed and can be read even if that cannot.
	s := d.group("Signature")
	r.g = s
	id, ok := r.want(tagSequence, "the signature's algorithm")
	if ok {
		d.signature = s
		a, ok := s.algorithm(id)
		value, found := r.want(tagBitString, "the signature")
		if ok && found {
			s.putSignature(a, inner, value)
		} else if ok {
			s.putAlgorithm(a)
		}
	} else {
		d.signature = s
	}
	r.done("the signature")
}

// signed reads TBSCertificate and returns the signature algorithm in it.
func (d *describer) signed(r *reader) (algorithm []byte) {
	g := d.general
	d.version(r)
	serial, ok := r.want(tagInteger, "the serial number")
	if !ok {
		return nil
	}
	d.serial(serial)
	id, ok := r.want(tagSequence, "the signature's algorithm inside what is signed")
	if !ok {
		return nil
	}
	issuer, ok := r.want(tagSequence, "the issuer")
	if !ok {
		return id.full
	}
	d.issuer = d.group("Issuer")
	d.issuedBy = d.issuer.putName(issuer)
	if len(issuer.body) == 0 {
		d.issuer.check("Issuer", "none", nil, "every certificate has to name its issuer")
	}
	validity, ok := r.want(tagSequence, "the validity")
	if !ok {
		return id.full
	}
	d.validity = d.group("Validity")
	d.validity.period(validity)
	subject, ok := r.want(tagSequence, "the subject")
	if !ok {
		return id.full
	}
	d.subject = d.group("Subject")
	d.subjectName = d.subject.putName(subject)
	if bytes.Equal(subject.full, issuer.full) && len(subject.body) > 0 {
		d.issuer.put(Field{Name: "Self-issued", Value: "yes", Note: "subject and issuer are the same name"})
	}
	spki, ok := r.want(tagSequence, "the public key")
	if !ok {
		return id.full
	}
	d.spki = spki.full
	d.public = d.group("Public key")
	d.key = d.public.key(spki)
	d.uniqueID(r, 1, d.issuer)
	d.uniqueID(r, 2, d.subject)
	if w, ok := r.optional(3); ok {
		if !d.version3 {
			g.deviation(w.off, "only certificates of version 3 can have extensions")
		}
		if list, ok := g.explicit(w, tagSequence, "the extensions"); ok {
			d.readExtensions(list)
		}
	}
	r.done("the signed part of the certificate")
	return id.full
}

// version reads the version, which is written only when it is not 1.
func (d *describer) version(r *reader) {
	w, ok := r.optional(0)
	if !ok {
		d.general.put(Field{Name: "Version", Value: "1", Note: "by default"})
		return
	}
	e, ok := d.general.explicit(w, tagInteger, "the version")
	if !ok {
		return
	}
	n, problem := integer(e.body)
	value := hexText(e.body)
	if n != nil {
		value = n.Add(n, big.NewInt(1)).String()
		switch {
		case problem != "":
		case value == "1":
			problem = "version 1 is not to be written"
		case value != "2" && value != "3":
			problem = "there are only the versions 1 to 3"
		}
		d.version3 = value != "2"
	}
	d.general.check("Version", value, e.body, problem)
}

// serial adds the serial number in hex and in decimal.
func (d *describer) serial(e element) {
	b := e.body
	n, problem := integer(b)
	f := Field{Name: "Serial number", Raw: b, Value: hexText(trimZeros(b))}
	if n != nil {
		f.Value = hexText(trimZeros(n.Bytes()))
		if n.Sign() == 0 {
			f.Value = "00"
		}
		if n.Sign() < 0 {
			f.Value = "-" + f.Value
		}
	}
	switch {
	case problem != "":
	case b[0] >= 0x80:
		problem = "it is negative"
	case n != nil && n.Sign() == 0:
		problem = "it is zero"
	case len(b) > maxSerial:
		problem = "it has " + bytesText(len(b)) + ", and 20 are allowed"
	}
	f.Note, f.Problem = problem, problem != ""
	d.general.put(f)
	if n != nil {
		d.general.add("Serial number in decimal", n.String(), b)
	}
}

// trimZeros removes leading zeros but leaves one byte.
func trimZeros(b []byte) []byte {
	for len(b) > 1 && b[0] == 0 {
		b = b[1:]
	}
	return b
}

// uniqueID adds issuerUniqueID or subjectUniqueID, which stand in few
// certificates of the 1990s, to the group of that name.
func (d *describer) uniqueID(r *reader, tag int, g *group) {
	e, ok := r.optional(tag)
	if !ok {
		return
	}
	data, _, problem := bitString(e.body)
	g.check("Unique identifier", hexText(data), data, problem)
}

// period reads Validity (RFC 5280 section 4.1.2.5).
func (g *group) period(e element) {
	r := g.inside(e)
	begin, ok := g.moment(r, "Not before")
	if !ok {
		return
	}
	end, ok := g.moment(r, "Not after")
	if !ok {
		return
	}
	r.done("the validity")
	if begin.IsZero() || end.IsZero() {
		return
	}
	if end.Before(begin) {
		g.check("Lifetime", "none", nil, "it ends before it begins")
		return
	}
	// Both ends belong to it.
	g.add("Lifetime", between(begin, end.Add(time.Second)), nil)
	if g.d.at.IsZero() {
		return
	}
	f := Field{Name: "State", Note: "as of " + timeText(g.d.at.Truncate(time.Second))}
	switch at := g.d.at; {
	case at.Before(begin):
		f.Value = "begins in " + between(at, begin)
	case at.After(end):
		f.Value = "ended " + between(end, at) + " ago"
	default:
		f.Value = between(at, end) + " left"
	}
	g.put(f)
}

// moment reads a Time and adds it. It is zero when it cannot be read.
func (g *group) moment(r *reader, name string) (time.Time, bool) {
	e, ok := r.next()
	if !ok {
		return time.Time{}, false
	}
	if !e.is(tagUTCTime) && !e.is(tagGeneralizedTime) || e.constructed {
		g.fail(e.off, "%q: expected a UTCTime or a GeneralizedTime, found %s", name, e.described())
		return time.Time{}, true
	}
	t, problem := parseTime(e)
	f := Field{Name: name, Value: text(e.body), Raw: e.body, Note: problem, Problem: problem != ""}
	if !t.IsZero() {
		f.Value = timeText(t)
		switch {
		case problem != "":
		case e.tag == tagGeneralizedTime && t.Year() >= 1950 && t.Year() < 2050:
			f.Note = "before 2050 RFC 5280 wants a UTCTime" // which all verifiers overlook
		case string(e.body) == "99991231235959Z":
			f.Note = "no end that is known (RFC 5280)"
		default:
			f.Note = localText(t)
		}
	}
	g.put(f)
	return t, true
}

// fingerprints makes the digests by which certificates and keys are known.
func (d *describer) fingerprints() *group {
	g := d.group("Fingerprints")
	s256, s1, m5 := sha256.Sum256(d.der), sha1.Sum(d.der), md5.Sum(d.der)
	g.add("SHA-256", hexText(s256[:]), s256[:])
	g.add("SHA-1", hexText(s1[:]), s1[:])
	g.add("MD5", hexText(m5[:]), m5[:])
	if d.spki != nil {
		pin := sha256.Sum256(d.spki)
		g.put(Field{Name: "Public key pin", Value: base64.StdEncoding.EncodeToString(pin[:]), Raw: pin[:],
			Note: "SHA-256 of the public key in Base64, as for curl --pinnedpubkey sha256//…"})
	}
	return g
}

// groups puts the groups in the order in which a person asks.
func (d *describer) groups() []Group {
	d.general.put(Field{Name: "Encoded", Value: bytesText(len(d.der)), Raw: d.der, Note: "the whole certificate in DER"})
	all := []*group{d.subject, d.issuer, d.validity, d.general, d.public, d.fingerprints()}
	all = append(append(all, d.extensions...), d.signature)
	var out []Group
	for _, g := range all {
		if g != nil {
			out = append(out, g.finish())
		}
	}
	return out
}

// title says in one line whose certificate it is and who issued it.
func (d *describer) title() string {
	if d.subject == nil {
		return "unreadable certificate of " + bytesText(len(d.der))
	}
	short := func(s string) string {
		if len(s) > maxTitle {
			s = strings.ToValidUTF8(s[:maxTitle], "") + "…"
		}
		return text([]byte(s))
	}
	owner := d.subjectName.short()
	if owner == "" {
		owner = d.firstName
	}
	if owner == "" {
		owner = "certificate without a name"
	}
	if bytes.Equal(d.subjectName.der, d.issuedBy.der) {
		return short(owner) + ", self-issued"
	}
	by := d.issuedBy.short()
	if by == "" {
		by = "nobody named"
	}
	return short(owner) + ", issued by " + short(by)
}
