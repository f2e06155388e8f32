package describe

import (
	"bytes"
	"fmt"
	"strconv"
)

// key reads SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7) into the group. It
// returns the bits of the key itself, which the key identifier is made of.
func (g *group) key(spki element) (key []byte) {
	r := g.inside(spki)
	id, ok := r.want(tagSequence, "the algorithm of the public key")
	if !ok {
		return nil
	}
	a, ok := g.algorithm(id)
	if !ok {
		return nil
	}
	g.putAlgorithm(a)
	value, ok := r.want(tagBitString, "the public key")
	if !ok {
		return nil
	}
	r.done("the public key")
	key, unused, problem := bitString(value.body)
	if problem == "" && unused > 0 {
		problem = plural(unused, "unused bit") + " at the end of the key"
	}
	if problem != "" {
		g.deviation(value.off, problem)
	}
	content := element{at: value.at + len(value.body) - len(key), body: key}
	switch a.oid {
	case "1.2.840.113549.1.1.1", "1.2.840.113549.1.1.10", "1.2.840.113549.1.1.7":
		g.rsaKey(content)
	case "1.2.840.10045.2.1":
		g.ecKey(a, content)
	case "1.2.840.10040.4.1":
		g.dsaKey(a, content)
	default:
		if size, ok := keySizes[a.oid]; ok {
			g.check("Size", bytesText(len(key)), nil, wrongSize(size, len(key)))
		}
	}
	g.add("Key", hexText(key), key)
	g.put(Field{Name: "Encoded", Value: bytesText(len(spki.full)), Raw: spki.full, Note: "SubjectPublicKeyInfo in DER"})
	return key
}

// keySizes are the sizes in bytes of keys that have only one.
var keySizes = map[string]int{
	"1.3.101.110":             32, // X25519
	"1.3.101.111":             56, // X448
	"1.3.101.112":             32, // Ed25519
	"1.3.101.113":             57, // Ed448
	"2.16.840.1.101.3.4.3.17": 1312,
	"2.16.840.1.101.3.4.3.18": 1952,
	"2.16.840.1.101.3.4.3.19": 2592,
	"2.16.840.1.101.3.4.4.1":  800,
	"2.16.840.1.101.3.4.4.2":  1184,
	"2.16.840.1.101.3.4.4.3":  1568,
}

func wrongSize(want, got int) string {
	if want == got {
		return ""
	}
	return "a key of this kind has " + bytesText(want)
}

// rsaKey reads RSAPublicKey (RFC 8017 appendix A.1.1).
func (g *group) rsaKey(content element) {
	in := g.inside(content)
	seq, ok := in.want(tagSequence, "the RSA key")
	if !ok {
		return
	}
	in.done("the RSA key")
	r := g.inside(seq)
	modulus, ok := r.want(tagInteger, "the modulus")
	if !ok {
		return
	}
	size := bitLength(modulus.body)
	f := Field{Name: "Size", Value: plural(size, "bit")}
	switch {
	case size < 1024:
		f.Note = "can be factored with today's means"
	case size < 2048:
		f.Note = "smaller than the 2,048 bits that CAs have to ask for"
	}
	g.put(f)
	f = Field{Name: "Modulus", Value: hexText(bytes.TrimLeft(modulus.body, "\x00")), Raw: modulus.body}
	switch b := modulus.body; {
	case size == 0:
		f.Note = "it is zero"
	case b[0] >= 0x80:
		f.Note = "it is negative"
	case b[len(b)-1]&1 == 0:
		f.Note = "it is even, and so no product of two large primes"
	default:
		_, f.Note = integer(b)
	}
	f.Problem = f.Note != ""
	g.put(f)
	exponent, ok := r.want(tagInteger, "the exponent")
	if !ok {
		return
	}
	value, problem := integerText(exponent.body)
	if problem == "" {
		switch b := exponent.body; {
		case b[0] >= 0x80 || bitLength(b) < 2:
			problem = "no exponent that can be used"
		case b[len(b)-1]&1 == 0:
			problem = "an exponent may not be even"
		}
	}
	g.check("Exponent", value, exponent.body, problem)
	r.done("the RSA key's exponent")
}

// curve is a named elliptic curve.
type curve struct {
	name string
	bits int
}

var curves = map[string]curve{
	"1.2.840.10045.3.1.1":   {"P-192 (prime192v1)", 192},
	"1.3.132.0.33":          {"P-224 (secp224r1)", 224},
	"1.2.840.10045.3.1.7":   {"P-256 (prime256v1)", 256},
	"1.3.132.0.34":          {"P-384 (secp384r1)", 384},
	"1.3.132.0.35":          {"P-521 (secp521r1)", 521},
	"1.3.132.0.10":          {"secp256k1", 256},
	"1.3.36.3.3.2.8.1.1.7":  {"brainpoolP256r1", 256},
	"1.3.36.3.3.2.8.1.1.11": {"brainpoolP384r1", 384},
	"1.3.36.3.3.2.8.1.1.13": {"brainpoolP512r1", 512},
	"1.2.156.10197.1.301":   {"SM2", 256},
}

// ecKey reads the curve and the point of an EC key (RFC 5480 section 2).
func (g *group) ecKey(a algorithm, content element) {
	var c curve
	switch {
	case !a.has:
		g.check("Curve", "none", nil, "the key does not say on which curve it lies")
	case a.params.is(tagOID):
		oid, problem := oidText(a.params.body)
		known, ok := curves[oid]
		if c = known; ok {
			g.check("Curve", c.name+", "+oid, a.params.full, problem)
			g.add("Size", plural(c.bits, "bit"), nil)
		} else {
			g.check("Curve", named(oid), a.params.full, problem)
		}
	case a.params.is(tagNull):
		g.check("Curve", "inherited from the issuer", a.params.full, "certificates have to name the curve")
	default:
		f := Field{Name: "Curve", Value: "explicit parameters", Raw: a.params.full, Note: "certificates have to name the curve; own parameters can hide a weak one", Problem: true}
		if size := g.fieldSize(a.params); size > 0 {
			f.Value += " over a field of " + plural(size, "bit")
		}
		g.put(f)
	}
	n := (c.bits + 7) / 8
	p := content.body
	var form, problem string
	switch {
	case len(p) == 0:
		form, problem = "none", "the key is empty"
	case p[0] == 4 && len(p)%2 == 1:
		form = "uncompressed"
		if n > 0 && len(p) != 1+2*n {
			problem = fmt.Sprintf("a point of this curve has %d bytes in this form, not %d", 1+2*n, len(p))
		}
		half := len(p) / 2
		defer func() {
			g.add("X", hexText(p[1:1+half]), p[1:1+half])
			g.add("Y", hexText(p[1+half:]), p[1+half:])
		}()
	case p[0] == 2 || p[0] == 3:
		form = "compressed"
		if n > 0 && len(p) != 1+n {
			problem = fmt.Sprintf("a point of this curve has %d bytes in this form, not %d", 1+n, len(p))
		}
	default:
		form, problem = "unknown", "a point begins with 02, 03 or 04"
	}
	g.check("Point", form, nil, problem)
}

// fieldSize reads the size of the prime of explicit curve parameters (RFC 3279
// section 2.3.5): version, then the field's type and prime. They are wrong
// anyway, so what does not fit is not told.
func (g *group) fieldSize(params element) int {
	b, work := g.d.der, 0
	step := func(pos, end, tag int) (element, bool) {
		e, err := scan(b, pos, end, &work)
		return e, err == nil && e.is(tag)
	}
	after := func(e element) int { return e.off + len(e.full) }
	if !params.is(tagSequence) {
		return 0
	}
	end := params.at + len(params.body)
	version, ok := step(params.at, end, tagInteger)
	if !ok {
		return 0
	}
	field, ok := step(after(version), end, tagSequence)
	if !ok {
		return 0
	}
	end = after(field)
	typ, ok := step(field.at, end, tagOID)
	if !ok {
		return 0
	}
	prime, ok := step(after(typ), end, tagInteger)
	if !ok {
		return 0
	}
	return bitLength(prime.body)
}

// dsaKey reads a DSA key and its parameters (RFC 3279 section 2.3.2).
func (g *group) dsaKey(a algorithm, content element) {
	in := g.inside(content)
	if y, ok := in.want(tagInteger, "the DSA key"); ok {
		in.done("the DSA key")
		_, problem := integer(y.body)
		g.check("Y", hexText(y.body), y.body, problem)
	}
	if !a.has || !a.params.is(tagSequence) || !a.params.constructed {
		g.add("Domain parameters", "inherited from the issuer", nil)
		return
	}
	r := g.inside(a.params)
	for _, name := range []string{"P", "Q", "G"} {
		n, ok := r.want(tagInteger, "a DSA parameter")
		if !ok {
			return
		}
		if name == "P" {
			g.add("Size", strconv.Itoa(bitLength(n.body))+" bits", nil)
		}
		g.add(name, hexText(n.body), n.body)
	}
	r.done("the DSA parameters")
}
