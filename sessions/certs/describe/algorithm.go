package describe

// algorithm is an AlgorithmIdentifier (RFC 5280 section 4.1.1.2).
type algorithm struct {
	oid    string
	full   []byte
	params element // when has
	has    bool
}

// algorithm reads the AlgorithmIdentifier in e.
func (g *group) algorithm(e element) (algorithm, bool) {
	a := algorithm{full: e.full}
	r := g.inside(e)
	id, ok := r.want(tagOID, "the algorithm's identifier")
	if !ok {
		return a, false
	}
	var problem string
	if a.oid, problem = oidText(id.body); problem != "" {
		g.deviation(id.off, problem)
	}
	if r.more() {
		if a.params, a.has = r.next(); !a.has {
			return a, false
		}
		r.done("the algorithm's parameters")
	}
	return a, true
}

// What the parameters of an algorithm have to be.
type paramRule uint8

const (
	paramsAny paramRule = iota
	paramsNull
	paramsAbsent
	paramsPSS
	paramsCurve
)

var paramRules = map[string]paramRule{
	"1.2.840.113549.1.1.1":  paramsNull, // RFC 3279 section 2.3.1
	"1.2.840.113549.1.1.2":  paramsNull,
	"1.2.840.113549.1.1.4":  paramsNull,
	"1.2.840.113549.1.1.5":  paramsNull,
	"1.2.840.113549.1.1.11": paramsNull, // RFC 4055 section 5
	"1.2.840.113549.1.1.12": paramsNull,
	"1.2.840.113549.1.1.13": paramsNull,
	"1.2.840.113549.1.1.14": paramsNull,
	"1.2.840.113549.1.1.10": paramsPSS,
	"1.2.840.10045.2.1":     paramsCurve,
	"1.2.840.10045.4.1":     paramsAbsent, // RFC 3279 section 2.2.3
	"1.2.840.10045.4.3.1":   paramsAbsent, // RFC 5758 section 3.2
	"1.2.840.10045.4.3.2":   paramsAbsent,
	"1.2.840.10045.4.3.3":   paramsAbsent,
	"1.2.840.10045.4.3.4":   paramsAbsent,
	"1.3.101.110":           paramsAbsent, // RFC 8410 section 3
	"1.3.101.111":           paramsAbsent,
	"1.3.101.112":           paramsAbsent,
	"1.3.101.113":           paramsAbsent,
	// RFC 9881 section 2
	"2.16.840.1.101.3.4.3.17": paramsAbsent,
	"2.16.840.1.101.3.4.3.18": paramsAbsent,
	"2.16.840.1.101.3.4.3.19": paramsAbsent,
}

// putAlgorithm adds the algorithm and its parameters.
func (g *group) putAlgorithm(a algorithm) {
	g.put(Field{Name: "Algorithm", Value: named(a.oid), Raw: a.full, Note: weaknesses[a.oid]})
	f := Field{Name: "Parameters", Value: "none"}
	null := a.has && a.params.is(tagNull)
	if a.has {
		f.Raw = a.params.full
		switch {
		case null:
			f.Value = "NULL"
		case a.params.constructed:
			f.Value = hexText(a.params.full)
		default:
			f.Value, f.Note = treeValue(a.params)
			f.Problem = f.Note != ""
		}
	}
	switch paramRules[a.oid] {
	case paramsNull:
		if !null {
			f.Note, f.Problem = "this algorithm's parameters have to be NULL", true
		}
	case paramsAbsent:
		if a.has {
			f.Note, f.Problem = "this algorithm may have no parameters", true
		}
	case paramsPSS:
		if a.has && a.params.is(tagSequence) && a.params.constructed {
			g.pss(a.params)
			return
		}
	case paramsCurve:
		return // shown as the key's curve
	}
	if null && len(a.params.body) > 0 {
		f.Note, f.Problem = "a NULL with content", true
	}
	g.put(f)
}

// weaknesses says what is known against signature algorithms.
var weaknesses = map[string]string{
	"1.2.840.113549.1.1.2": "MD2 is broken",
	"1.2.840.113549.1.1.4": "MD5 is broken: two certificates with the same signature can be made",
	"1.2.840.113549.1.1.5": "SHA-1 is broken: two certificates with the same signature can be made",
	"1.3.14.3.2.29":        "SHA-1 is broken: two certificates with the same signature can be made",
	"1.2.840.10040.4.3":    "SHA-1 is broken: two certificates with the same signature can be made",
	"1.2.840.10045.4.1":    "SHA-1 is broken: two certificates with the same signature can be made",
}

// pss adds the parameters of RSASSA-PSS (RFC 4055 section 3.1).
func (g *group) pss(e element) {
	const byDefault = "by default"
	hash, mask := Field{Name: "Hash", Value: "sha1", Note: byDefault}, Field{Name: "Mask generation", Value: "mgf1 with sha1", Note: byDefault}
	salt, trailer := Field{Name: "Salt length", Value: "20 bytes", Note: byDefault}, Field{}
	r := g.inside(e)
	if w, ok := r.optional(0); ok {
		if id, ok := g.explicit(w, tagSequence, "the hash of RSASSA-PSS"); ok {
			if a, ok := g.algorithm(id); ok {
				hash = Field{Name: hash.Name, Value: named(a.oid), Raw: a.full}
			}
		}
	}
	if w, ok := r.optional(1); ok {
		if id, ok := g.explicit(w, tagSequence, "the mask generation of RSASSA-PSS"); ok {
			if a, ok := g.algorithm(id); ok {
				mask = Field{Name: mask.Name, Value: named(a.oid), Raw: a.full}
				if a.has && a.params.is(tagSequence) && a.params.constructed {
					if inner, ok := g.algorithm(a.params); ok {
						mask.Value += " with " + named(inner.oid)
					}
				}
			}
		}
	}
	if w, ok := r.optional(2); ok {
		if n, ok := g.explicit(w, tagInteger, "the salt length of RSASSA-PSS"); ok {
			value, problem := integerText(n.body)
			salt = Field{Name: salt.Name, Value: value + " bytes", Raw: n.body, Note: problem, Problem: problem != ""}
		}
	}
	if w, ok := r.optional(3); ok {
		if n, ok := g.explicit(w, tagInteger, "the trailer field of RSASSA-PSS"); ok {
			if value, _ := integerText(n.body); value != "1" {
				trailer = Field{Name: "Trailer field", Value: value, Raw: n.body, Note: "only 1 is known", Problem: true}
			}
		}
	}
	r.done("the parameters of RSASSA-PSS")
	for _, f := range []Field{hash, mask, salt, trailer} {
		if f.Name != "" {
			g.put(f)
		}
	}
}

// putSignature adds the signature, and says when the certificate names two
// algorithms (RFC 5280 section 4.1.1.2).
func (g *group) putSignature(outer algorithm, inner []byte, e element) {
	g.putAlgorithm(outer)
	if inner != nil && string(inner) != string(outer.full) {
		g.check("Signed algorithm", hexText(inner), inner, "the algorithm inside what is signed is another than the one beside the signature")
	}
	data, unused, problem := bitString(e.body)
	if problem == "" && unused > 0 {
		problem = plural(unused, "unused bit") + " at the end of the signature"
	}
	g.check("Value", hexText(data), data, problem)
	g.add("Size", plural(len(data)*8-unused, "bit"), nil)
}
