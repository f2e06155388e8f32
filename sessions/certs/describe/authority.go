package describe

import (
	"math"
	"strconv"
)

// reasons are the bits of ReasonFlags (RFC 5280 section 4.2.1.13).
var reasons = []string{"unused", "key compromise", "CA compromise", "affiliation changed", "superseded", "cessation of operation",
	"certificate hold", "privilege withdrawn", "AA compromise"}

// distributionPoints reads CRLDistributionPoints (RFC 5280 section 4.2.1.13).
func (g *group) distributionPoints(r *reader) {
	seq, ok := r.want(tagSequence, "the distribution points")
	if !ok {
		return
	}
	in := g.inside(seq)
	if !in.more() {
		g.check("Points", "none", nil, "the list of distribution points is empty")
	}
	for ; in.more(); g.count++ {
		point, ok := in.want(tagSequence, "a distribution point")
		if !ok {
			return
		}
		p := g.inside(point)
		before := len(g.Fields)
		if e, ok := p.optional(0); ok {
			which := g.inside(e)
			if full, ok := which.optional(0); ok {
				g.generalNames(g.inside(full), "")
			} else if relative, ok := which.optional(1); ok {
				n := name{attrs: g.attributes(nil, relative)}
				g.add("Name relative to the issuer", n.line(true), relative.full)
			}
			which.done("the name of the distribution point")
		}
		if e, ok := p.optional(1); ok {
			value, problem := flagsText(e.body, reasons)
			g.check("For the reasons", value, e.body, problem)
		}
		if e, ok := p.optional(2); ok {
			g.generalNames(g.inside(e), "CRL issuer's")
		}
		p.done("the distribution point")
		if len(g.Fields) == before && !g.failed && g.left == 0 {
			g.check("Point", "empty", point.full, "it says neither where the CRL is nor who issues it")
		}
	}
}

// informationAccess reads the two information access extensions (RFC 5280
// section 4.2.2).
func (g *group) informationAccess(r *reader) {
	seq, ok := r.want(tagSequence, "the access descriptions")
	if !ok {
		return
	}
	in := g.inside(seq)
	if !in.more() {
		g.check("Access", "none", nil, "the list of access descriptions is empty")
	}
	for in.more() {
		access, ok := in.want(tagSequence, "an access description")
		if !ok {
			return
		}
		a := g.inside(access)
		method, ok := a.want(tagOID, "the access method")
		if !ok {
			continue
		}
		e, ok := a.next()
		if !ok {
			continue
		}
		a.done("the access description")
		oid, problem := oidText(method.body)
		f := g.generalName(e)
		label := OID(oid)
		if label == "" {
			label = oid
		}
		if f.Name != "URI" {
			label += ", " + prefixed("", f.Name)
		}
		f.Name = label
		if problem != "" {
			f.Note, f.Problem = problem, true
		}
		g.put(f)
	}
}

// nameConstraints reads NameConstraints (RFC 5280 section 4.2.1.10).
func (g *group) nameConstraints(r *reader) {
	seq, ok := r.want(tagSequence, "the name constraints")
	if !ok {
		return
	}
	in := g.inside(seq)
	found := false
	for i, prefix := range []string{"Permitted", "Excluded"} {
		e, ok := in.optional(i)
		if !ok {
			continue
		}
		found = true
		for list := g.inside(e); list.more(); {
			subtree, ok := list.want(tagSequence, "a constraint")
			if !ok {
				break
			}
			t := g.inside(subtree)
			base, ok := t.next()
			if !ok {
				continue
			}
			g.count++
			f := g.generalNameOr(base, true)
			f.Name = prefixed(prefix, f.Name)
			if f.Value == "" && (base.tag == 1 || base.tag == 2 || base.tag == 6) && base.class == contextSpecific {
				f.Value, f.Note, f.Problem = "every one", "", false
			}
			if base.class == contextSpecific && base.tag == 4 && f.Value == "" {
				f.Value = "every one"
			}
			g.put(f)
			if minimum, ok := t.optional(0); ok {
				n, _ := integerText(minimum.body)
				g.check("Minimum", n, minimum.body, "a minimum is not allowed")
			}
			if maximum, ok := t.optional(1); ok {
				n, _ := integerText(maximum.body)
				g.check("Maximum", n, maximum.body, "a maximum is not allowed")
			}
			t.done("the constraint")
		}
	}
	in.done("the name constraints")
	if !found {
		g.check("Names", "none", nil, "neither permitted nor excluded names are given")
	}
}

// privateKeyPeriod reads PrivateKeyUsagePeriod (RFC 3280 section 4.2.1.4).
func (g *group) privateKeyPeriod(r *reader) {
	seq, ok := r.want(tagSequence, "the period")
	if !ok {
		return
	}
	in := g.inside(seq)
	for i, label := range []string{"Not before", "Not after"} {
		e, ok := in.optional(i)
		if !ok {
			continue
		}
		e.class, e.tag = universal, tagGeneralizedTime
		t, problem := parseTime(e)
		value := text(e.body)
		if !t.IsZero() {
			value = timeText(t)
		}
		g.check(label, value, e.body, problem)
	}
	in.done("the period")
}

// directoryAttributes reads SubjectDirectoryAttributes (RFC 5280 section
// 4.2.1.8).
func (g *group) directoryAttributes(r *reader) {
	seq, ok := r.want(tagSequence, "the attributes")
	if !ok {
		return
	}
	for in := g.inside(seq); in.more(); {
		attr, ok := in.want(tagSequence, "an attribute")
		if !ok {
			return
		}
		a := g.inside(attr)
		typ, ok := a.want(tagOID, "the type of an attribute")
		if !ok {
			continue
		}
		oid, _ := oidText(typ.body)
		label := named(oid)
		if known, ok := attributes[oid]; ok {
			label = known.label
		}
		set, ok := a.want(tagSet, "the values of an attribute")
		if !ok {
			continue
		}
		for values := g.inside(set); values.more(); {
			e, ok := values.next()
			if !ok {
				break
			}
			if e.constructed {
				g.add(label, hexText(e.full), e.full)
				continue
			}
			value, problem := treeValue(e)
			g.check(label, value, e.body, problem)
		}
	}
}

// skip adds the INTEGER of the policy extensions: how many certificates may
// follow before something holds.
func (g *group) skip(label string, e element) {
	n, problem := small(e.body, math.MaxInt32)
	f := Field{Name: label, Value: strconv.FormatInt(n, 10), Raw: e.body}
	switch {
	case problem != "":
		f.Value, _ = integerText(e.body)
		f.Note, f.Problem = problem, true
	case n == 0:
		f.Value = "at once"
	default:
		f.Value = "after " + plural(int(n), "further certificate")
	}
	g.put(f)
}
