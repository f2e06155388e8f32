package describe

import "strings"

// certificatePolicies reads CertificatePolicies (RFC 5280 section 4.2.1.4).
func (g *group) certificatePolicies(r *reader) {
	seq, ok := r.want(tagSequence, "the policies")
	if !ok {
		return
	}
	in := g.inside(seq)
	if !in.more() {
		g.check("Policy", "none", nil, "the list of policies is empty")
	}
	seen := map[string]bool{}
	for ; in.more(); g.count++ {
		info, ok := in.want(tagSequence, "a policy")
		if !ok {
			return
		}
		p := g.inside(info)
		id, ok := p.want(tagOID, "the policy's identifier")
		if !ok {
			continue
		}
		oid, problem := oidText(id.body)
		if seen[oid] && problem == "" {
			problem = "this policy is there more than once"
		}
		if len(seen) < 1000 {
			seen[oid] = true
		}
		g.check("Policy", named(oid), id.body, problem)
		if p.more() {
			if list, ok := p.want(tagSequence, "the policy's qualifiers"); ok {
				for q := g.inside(list); q.more(); {
					e, ok := q.want(tagSequence, "a qualifier")
					if !ok {
						break
					}
					g.qualifier(e)
				}
			}
		}
		p.done("the policy")
	}
}

// qualifier reads PolicyQualifierInfo: where the practice statement is, or a
// notice to the user.
func (g *group) qualifier(e element) {
	r := g.inside(e)
	id, ok := r.want(tagOID, "the kind of qualifier")
	if !ok {
		return
	}
	oid, _ := oidText(id.body)
	v, ok := r.next()
	if !ok {
		return
	}
	r.done("the qualifier")
	switch {
	case oid == "1.3.6.1.5.5.7.2.1":
		if s, ok, problem := stringText(v); ok {
			g.check("Practice statement", text([]byte(s)), v.body, problem)
			return
		}
	case oid == "1.3.6.1.5.5.7.2.2" && v.is(tagSequence) && v.constructed:
		g.notice(v)
		return
	}
	g.add(prefixed("Qualifier", named(oid)), hexText(v.full), v.full)
}

// notice reads UserNotice.
func (g *group) notice(e element) {
	for r := g.inside(e); r.more(); {
		part, ok := r.next()
		if !ok {
			return
		}
		if s, ok, problem := stringText(part); ok {
			g.check("Notice", text([]byte(s)), part.body, problem)
			continue
		}
		if !part.is(tagSequence) || !part.constructed {
			g.fail(part.off, "a notice: expected a string or a reference to one, found %s", part.described())
			return
		}
		ref := g.inside(part)
		who, ok := ref.next()
		if !ok {
			return
		}
		s, ok, problem := stringText(who)
		if !ok {
			s = hexUpTo(who.full, maxTreeValue)
		}
		list, ok := ref.want(tagSequence, "the numbers of the notices")
		if !ok {
			return
		}
		var numbers []string
		for in := g.inside(list); in.more() && len(numbers) < 100; {
			n, ok := in.want(tagInteger, "the number of a notice")
			if !ok {
				break
			}
			value, _ := integerText(n.body)
			numbers = append(numbers, value)
		}
		g.check("Notice reference", text([]byte(s))+", number "+strings.Join(numbers, ", "), part.full, problem)
	}
}

// policyMappings reads PolicyMappings (RFC 5280 section 4.2.1.5).
func (g *group) policyMappings(r *reader) {
	seq, ok := r.want(tagSequence, "the policy mappings")
	if !ok {
		return
	}
	for in := g.inside(seq); in.more(); g.count++ {
		pair, ok := in.want(tagSequence, "a policy mapping")
		if !ok {
			return
		}
		p := g.inside(pair)
		from, ok := p.want(tagOID, "the issuer's policy")
		if !ok {
			continue
		}
		to, ok := p.want(tagOID, "the subject's policy")
		if !ok {
			continue
		}
		p.done("the policy mapping")
		issuer, problem := oidText(from.body)
		subject, second := oidText(to.body)
		if problem == "" {
			problem = second
		}
		if problem == "" && (issuer == anyPolicy || subject == anyPolicy) {
			problem = "any policy may not be mapped"
		}
		g.check("Mapping", "the issuer's "+named(issuer)+" is the subject's "+named(subject), pair.full, problem)
	}
}

const anyPolicy = "2.5.29.32.0"

// policyConstraints reads PolicyConstraints (RFC 5280 section 4.2.1.11).
func (g *group) policyConstraints(r *reader) {
	seq, ok := r.want(tagSequence, "the policy constraints")
	if !ok {
		return
	}
	in := g.inside(seq)
	if e, ok := in.optional(0); ok {
		g.skip("Explicit policy required", e)
	}
	if e, ok := in.optional(1); ok {
		g.skip("Policy mapping forbidden", e)
	}
	in.done("the policy constraints")
	if len(seq.body) == 0 {
		g.check("Constraints", "none", nil, "at least one has to be given")
	}
}

// inhibitAnyPolicy reads InhibitAnyPolicy (RFC 5280 section 4.2.1.14).
func (g *group) inhibitAnyPolicy(r *reader) {
	if e, ok := r.want(tagInteger, "the number of certificates"); ok {
		g.skip("Any policy forbidden", e)
	}
}

// qcStatements reads QCStatements (RFC 3739 section 3.2.6, ETSI EN 319 412-5).
func (g *group) qcStatements(r *reader) {
	seq, ok := r.want(tagSequence, "the statements")
	if !ok {
		return
	}
	for in := g.inside(seq); in.more(); {
		statement, ok := in.want(tagSequence, "a statement")
		if !ok {
			return
		}
		s := g.inside(statement)
		id, ok := s.want(tagOID, "the kind of statement")
		if !ok {
			continue
		}
		oid, problem := oidText(id.body)
		g.check("Statement", named(oid), id.body, problem)
		if s.more() {
			if e, ok := s.next(); ok {
				g.statement(oid, e)
			}
		}
		s.done("the statement")
	}
}

// statementLabels tell what the values of a statement are, in their order.
var statementLabels = map[string]string{
	"0.4.0.1862.1.2":     "Limit (currency, amount, power of ten)",
	"0.4.0.1862.1.3":     "Kept for (years)",
	"0.4.0.1862.1.5":     "Disclosure statement (URL, language)",
	"0.4.0.1862.1.6":     "Kind of certificate",
	"0.4.0.1862.1.7":     "Legislation of",
	"0.4.0.19495.2":      "Payment services (roles, authority)",
	"1.3.6.1.5.5.7.11.2": "Semantics",
	"1.3.6.1.5.5.7.11.1": "Semantics",
}

// statement adds what belongs to a statement: all values in it.
func (g *group) statement(oid string, e element) {
	label, ok := statementLabels[oid]
	if !ok {
		label = "Value"
	}
	values, ok := g.leaves(e, nil, 0)
	if !ok {
		g.add(label, hexText(e.full), e.full)
		return
	}
	g.add(label, strings.Join(values, ", "), e.full)
}

// leaves collects the texts of the primitive elements in e. It gives up, which
// ok tells, on structures larger than any statement has.
func (g *group) leaves(e element, to []string, depth int) (values []string, ok bool) {
	if !e.constructed {
		s, _ := treeValue(e)
		return append(to, s), len(to) < 50
	}
	if depth > 6 {
		return to, false
	}
	for r := g.inside(e); r.more(); {
		in, ok := r.next()
		if !ok {
			return to, false
		}
		if to, ok = g.leaves(in, to, depth+1); !ok {
			return to, false
		}
	}
	return to, true
}
