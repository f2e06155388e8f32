package describe

import (
	"strconv"
	"strings"
)

// acmeIdentifier reads the answer to a tls-alpn-01 challenge (RFC 8737 section 3).
func (g *group) acmeIdentifier(r *reader) {
	e, ok := r.want(tagOctetString, "the digest")
	if !ok {
		return
	}
	problem := ""
	if len(e.body) != 32 {
		problem = "a SHA-256 digest has 32 bytes"
	}
	g.check("Digest of the key authorization", hexText(e.body), e.body, problem)
}

// proxyInformation reads ProxyCertInfo (RFC 3820 section 3.8).
func (g *group) proxyInformation(r *reader) {
	seq, ok := r.want(tagSequence, "the proxy information")
	if !ok {
		return
	}
	in := g.inside(seq)
	if in.peek(universal, tagInteger) {
		e, _ := in.next()
		n, problem := integerText(e.body)
		g.check("Path length", n, e.body, problem)
	}
	policy, ok := in.want(tagSequence, "the proxy policy")
	if !ok {
		return
	}
	in.done("the proxy information")
	p := g.inside(policy)
	language, ok := p.want(tagOID, "the language of the proxy policy")
	if !ok {
		return
	}
	oid, problem := oidText(language.body)
	g.check("Policy language", named(oid), language.body, problem)
	if p.more() {
		if e, ok := p.want(tagOctetString, "the proxy policy"); ok {
			g.add("Policy", text(e.body), e.body)
		}
	}
	p.done("the proxy policy")
}

// smimeCapabilities reads SMIMECapabilities (RFC 8551 section 2.5.2).
func (g *group) smimeCapabilities(r *reader) {
	seq, ok := r.want(tagSequence, "the capabilities")
	if !ok {
		return
	}
	for in := g.inside(seq); in.more(); {
		capability, ok := in.want(tagSequence, "a capability")
		if !ok {
			return
		}
		a, ok := g.algorithm(capability)
		if !ok {
			continue
		}
		f := Field{Name: "Capability", Value: named(a.oid), Raw: a.full}
		if a.has && !a.params.constructed {
			if s, _ := treeValue(a.params); s != "" {
				f.Note = "parameter " + s
			}
		}
		g.put(f)
	}
}

// organisationIdentifier reads CABFOrganizationIdentifier: scheme, country,
// state when there is one, number.
func (g *group) organisationIdentifier(r *reader) {
	seq, ok := r.want(tagSequence, "the identifier")
	if !ok {
		return
	}
	in := g.inside(seq)
	for _, label := range []string{"Scheme", "Country", "State or province", "Reference"} {
		var e element
		if label == "State or province" {
			if e, ok = in.optional(0); !ok {
				continue
			}
			g.add(label, text(e.body), e.body)
			continue
		}
		if e, ok = in.next(); !ok {
			return
		}
		s, ok, problem := stringText(e)
		if !ok {
			s, problem = hexUpTo(e.full, maxTreeValue), "it should be a string"
		}
		g.check(label, text([]byte(s)), e.body, problem)
	}
	in.done("the identifier")
}

// microsoftCAVersion reads how often a CA's certificate (the low 16 bits) and
// its key (the high ones) were renewed.
func (g *group) microsoftCAVersion(r *reader) {
	e, ok := r.want(tagInteger, "the version")
	if !ok {
		return
	}
	n, problem := small(e.body, 1<<32-1)
	value := "V" + strconv.FormatInt(n&0xffff, 10) + "." + strconv.FormatInt(n>>16, 10)
	if problem != "" {
		value, _ = integerText(e.body)
	}
	g.check("Version", value, e.body, problem)
}

// microsoftTemplate reads CertificateTemplate: OID, major and minor version
// ([MS-WCCE] section 2.2.2.7.7.2).
func (g *group) microsoftTemplate(r *reader) {
	seq, ok := r.want(tagSequence, "the template")
	if !ok {
		return
	}
	in := g.inside(seq)
	id, ok := in.want(tagOID, "the template's identifier")
	if !ok {
		return
	}
	oid, problem := oidText(id.body)
	g.check("Template", named(oid), id.body, problem)
	var version []string
	for in.more() && len(version) < 2 {
		e, ok := in.want(tagInteger, "the template's version")
		if !ok {
			return
		}
		n, _ := integerText(e.body)
		version = append(version, n)
	}
	if len(version) > 0 {
		g.add("Version", strings.Join(version, "."), nil)
	}
	in.done("the template")
}
