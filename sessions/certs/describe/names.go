package describe

import (
	"slices"
	"strings"
)

const (
	// maxLineParts bounds how many attributes stand in the one-line form of a name.
	maxLineParts = 200
	// maxAttributes bounds how many attributes of a name are read at all.
	maxAttributes = 10_000
)

// attribute is a kind of attribute in distinguished names.
type attribute struct {
	short string // as in the one-line form; RFC 4514 section 3 and usage
	label string
}

var attributes = map[string]attribute{
	"2.5.4.3":                    {"CN", "Common name"},
	"2.5.4.4":                    {"SN", "Surname"},
	"2.5.4.5":                    {"serialNumber", "Serial number"},
	"2.5.4.6":                    {"C", "Country"},
	"2.5.4.7":                    {"L", "Locality"},
	"2.5.4.8":                    {"ST", "State or province"},
	"2.5.4.9":                    {"STREET", "Street"},
	"2.5.4.10":                   {"O", "Organisation"},
	"2.5.4.11":                   {"OU", "Organisational unit"},
	"2.5.4.12":                   {"title", "Title"},
	"2.5.4.13":                   {"description", "Description"},
	"2.5.4.15":                   {"businessCategory", "Business category"},
	"2.5.4.16":                   {"postalAddress", "Postal address"},
	"2.5.4.17":                   {"postalCode", "Postal code"},
	"2.5.4.18":                   {"postOfficeBox", "Post office box"},
	"2.5.4.20":                   {"telephoneNumber", "Telephone number"},
	"2.5.4.41":                   {"name", "Name"},
	"2.5.4.42":                   {"GN", "Given name"},
	"2.5.4.43":                   {"initials", "Initials"},
	"2.5.4.44":                   {"generationQualifier", "Generation"},
	"2.5.4.45":                   {"x500UniqueIdentifier", "Unique identifier"},
	"2.5.4.46":                   {"dnQualifier", "Name qualifier"},
	"2.5.4.65":                   {"pseudonym", "Pseudonym"},
	"2.5.4.72":                   {"role", "Role"},
	"2.5.4.97":                   {"organizationIdentifier", "Organisation identifier"},
	"0.9.2342.19200300.100.1.1":  {"UID", "User ID"},
	"0.9.2342.19200300.100.1.3":  {"mail", "Mail"},
	"0.9.2342.19200300.100.1.25": {"DC", "Domain component"},
	"1.2.840.113549.1.9.1":       {"emailAddress", "Email address"},
	"1.2.840.113549.1.9.2":       {"unstructuredName", "Unstructured name"},
	"1.2.840.113549.1.9.8":       {"unstructuredAddress", "Unstructured address"},
	"1.3.6.1.4.1.311.60.2.1.1":   {"jurisdictionL", "Locality of incorporation"},
	"1.3.6.1.4.1.311.60.2.1.2":   {"jurisdictionST", "State or province of incorporation"},
	"1.3.6.1.4.1.311.60.2.1.3":   {"jurisdictionC", "Country of incorporation"},
	"1.3.6.1.5.5.7.9.1":          {"dateOfBirth", "Date of birth"},
	"1.3.6.1.5.5.7.9.2":          {"placeOfBirth", "Place of birth"},
	"1.3.6.1.5.5.7.9.3":          {"gender", "Gender"},
	"1.3.6.1.5.5.7.9.4":          {"countryOfCitizenship", "Country of citizenship"},
	"1.3.6.1.5.5.7.9.5":          {"countryOfResidence", "Country of residence"},
}

// name is a distinguished name as read.
type name struct {
	attrs []nameAttribute // in the order in which they are encoded
	der   []byte
}

type nameAttribute struct {
	oid     string
	value   string // UTF-8, not safe to show; where it is no string, hex behind a "#"
	isText  bool
	raw     []byte // content of the value
	joined  bool   // in one set with the attribute before it
	problem string
}

// name reads the RDNSequence in e (RFC 5280 section 4.1.2.4).
func (g *group) name(e element) name {
	n := name{der: e.full}
	for rdns := g.inside(e); rdns.more(); {
		if len(n.attrs) >= maxAttributes {
			g.fail(rdns.pos, "the name has more than %s attributes; the rest is left out", number(maxAttributes))
			break
		}
		rdn, ok := rdns.want(tagSet, "a part of the name")
		if !ok {
			break
		}
		if len(rdn.body) == 0 {
			g.deviation(rdn.off, "an empty part of a name")
		}
		n.attrs = g.attributes(n.attrs, rdn)
	}
	return n
}

// attributes appends what a RelativeDistinguishedName holds, which is one
// attribute in all but rare names.
func (g *group) attributes(to []nameAttribute, rdn element) []nameAttribute {
	for in, first := g.inside(rdn), true; in.more() && len(to) < maxAttributes; first = false {
		pair, ok := in.want(tagSequence, "an attribute of the name")
		if !ok {
			break
		}
		r := g.inside(pair)
		typ, ok := r.want(tagOID, "the type of an attribute")
		if !ok {
			break
		}
		v, ok := r.next()
		if !ok {
			break
		}
		r.done("an attribute of the name")
		a := nameAttribute{joined: !first, raw: v.body}
		a.oid, a.problem = oidText(typ.body)
		var problem string
		a.value, a.isText, problem = stringText(v)
		if !a.isText {
			a.value = "#" + strings.ReplaceAll(hexUpTo(v.full, maxTreeValue), ":", "")
		}
		if problem != "" {
			a.problem = problem
		}
		to = append(to, a)
	}
	return to
}

// line writes the name in one line: as RFC 4514 has it, the part encoded last in
// front, or in the order in which it is encoded.
func (n name) line(encoded bool) string {
	var out strings.Builder
	total := len(n.attrs)
	for i := range min(total, maxLineParts) {
		at := i
		if !encoded {
			at = total - 1 - i
		}
		a := n.attrs[at]
		if i > 0 {
			// Attributes of one set are joined by a plus sign, in either order.
			joined := a.joined
			if !encoded {
				joined = n.attrs[at+1].joined
			}
			out.WriteByte(",+"[btoi(joined)])
			if encoded && !joined {
				out.WriteByte(' ')
			}
		}
		key := a.oid
		if known, ok := attributes[a.oid]; ok {
			key = known.short
		}
		out.WriteString(key)
		out.WriteByte('=')
		if a.isText {
			value := a.value
			if len(value) > maxTreeValue {
				value = strings.ToValidUTF8(value[:maxTreeValue], "") + "…"
			}
			out.WriteString(escapeDN(value))
		} else {
			out.WriteString(a.value)
		}
	}
	if total > maxLineParts {
		out.WriteString(",… (" + plural(total, "attribute") + " in all)")
	}
	return out.String()
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// last returns the last value of an attribute, which is the most specific one.
func (n name) last(oid string) string {
	for _, a := range slices.Backward(n.attrs) {
		if a.oid == oid && a.isText && a.value != "" {
			return a.value
		}
	}
	return ""
}

// short is what people call the owner of the name: the common name, else the
// organisation, else all of it. It is not safe to show.
func (n name) short() string {
	for _, oid := range []string{"2.5.4.3", "2.5.4.10", "2.5.4.11"} {
		if s := n.last(oid); s != "" {
			return s
		}
	}
	return n.line(false)
}

// putName adds a distinguished name: in one line as RFC 4514 has it, the last
// part first, in one line as it is encoded, then each attribute in the
// order in which it is encoded.
func (g *group) putName(e element) name {
	n := g.name(e)
	if len(n.attrs) == 0 && !g.failed {
		g.put(Field{Name: "Name", Raw: n.der, Note: "the name is empty"})
		return n
	}
	g.add("Name", n.line(false), n.der)
	if len(n.attrs) > 1 {
		g.add("Name in the order sent", n.line(true), n.der)
	}
	for _, a := range n.attrs {
		f := Field{Name: OID(a.oid), Value: text([]byte(a.value)), Raw: a.raw}
		if known, ok := attributes[a.oid]; ok {
			f.Name = known.label
		} else if f.Name == "" {
			f.Name = a.oid
		}
		switch {
		case a.problem != "":
			f.Note, f.Problem = a.problem, true
		case a.oid == "2.5.4.6" && len(a.value) != 2:
			f.Note, f.Problem = "a country is written in two letters", true
		case a.joined:
			f.Note = "belongs together with the line above"
		}
		g.put(f)
	}
	return n
}
