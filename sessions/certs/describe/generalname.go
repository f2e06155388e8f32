package describe

import (
	"fmt"
	"net/netip"
	"strings"

	"golang.org/x/net/idna"

	"wirebench/sessions/inspect"
)

// generalName reads one of the nine kinds of names (RFC 5280 section 4.2.1.6) as
// a field.
func (g *group) generalName(e element) Field { return g.generalNameOr(e, false) }

// generalNameOr also reads the form that name constraints have, where an
// address is followed by its mask.
func (g *group) generalNameOr(e element, constraint bool) Field {
	f := Field{Raw: e.body}
	var problem string
	if e.class != contextSpecific {
		f.Name, f.Value = "Name", hexText(e.full)
		f.Raw = e.full
		f.Note, f.Problem = "no kind of name has the tag "+e.name(), true
		return f
	}
	switch e.tag {
	case 0:
		g.otherName(e, &f)
		return f
	case 1:
		f.Name = "Email address"
		f.Value, problem = ia5(e.body)
	case 2:
		f.Name = "DNS name"
		f.Value, problem = ia5(e.body)
		if problem == "" {
			f.Note = unicodeHost(e.body)
		}
	case 3:
		f.Name, f.Value = "X.400 address", hexText(e.full)
	case 4:
		f.Name = "Directory name"
		if in, ok := g.explicit(e, tagSequence, "a directory name"); ok {
			n := g.name(in)
			f.Value, f.Raw = n.line(false), n.der
		}
	case 5:
		f.Name, f.Value = "EDI party name", hexText(e.full)
	case 6:
		f.Name = "URI"
		f.Value, problem = ia5(e.body)
	case 7:
		f.Name = "IP address"
		f.Value, problem = addressText(e.body, constraint)
	case 8:
		f.Name = "Registered ID"
		var oid string
		oid, problem = oidText(e.body)
		f.Value = named(oid)
	default:
		f.Name, f.Value = "Name", hexText(e.full)
		problem = "no kind of name has the tag " + e.name()
	}
	if problem != "" {
		f.Note, f.Problem = problem, true
	}
	return f
}

// generalNames reads a sequence of names into fields whose names get a prefix.
func (g *group) generalNames(r *reader, prefix string) int {
	n := 0
	for ; r.more(); n++ {
		e, ok := r.next()
		if !ok {
			break
		}
		f := g.generalName(e)
		f.Name = prefixed(prefix, f.Name)
		g.put(f)
	}
	return n
}

// prefixed puts a word in front of a label, which keeps its abbreviations.
func prefixed(prefix, label string) string {
	if prefix == "" {
		return label
	}
	if len(label) > 1 && label[1] >= 'a' && label[1] <= 'z' {
		label = strings.ToLower(label[:1]) + label[1:]
	}
	return prefix + " " + label
}

// ia5 reads the content of an IA5String whose tag is another.
func ia5(b []byte) (value, problem string) {
	switch {
	case len(b) == 0:
		return "", "it is empty"
	case !ascii(b):
		problem = "it has bytes beyond ASCII"
	default:
		problem = suspicious(string(b[:min(len(b), maxValue)]))
	}
	return text(b), problem
}

// unicodeHost says how a host name with "xn--" reads (RFC 5891).
func unicodeHost(b []byte) string {
	if len(b) > 253 || !strings.Contains(strings.ToLower(string(b)), "xn--") {
		return ""
	}
	name, err := idna.Display.ToUnicode(string(b))
	if err != nil || name == string(b) {
		return ""
	}
	return "reads " + inspect.Escape([]byte(name))
}

// addressText writes an IP address, or one with its mask.
func addressText(b []byte, constraint bool) (value, problem string) {
	if !constraint {
		if a, ok := netip.AddrFromSlice(b); ok {
			return a.String(), ""
		}
		return hexText(b), "an IP address has 4 or 16 bytes, not " + number(len(b))
	}
	if len(b) != 8 && len(b) != 32 {
		return hexText(b), "an IP address and its mask have 8 or 32 bytes, not " + number(len(b))
	}
	a, _ := netip.AddrFromSlice(b[:len(b)/2])
	mask := b[len(b)/2:]
	ones := 8*len(mask) - bitLength(inverted(mask))
	for i, m := range mask {
		if want := byte(0xff << (8 - min(max(ones-8*i, 0), 8))); m != want {
			m, _ := netip.AddrFromSlice(mask)
			return a.String() + " mask " + m.String(), "the mask has gaps"
		}
	}
	return fmt.Sprintf("%s/%d", a, ones), ""
}

func inverted(b []byte) []byte {
	out := make([]byte, len(b))
	for i, c := range b {
		out[i] = ^c
	}
	return out
}

// otherName reads a name of a kind that an OID gives.
func (g *group) otherName(e element, f *Field) {
	f.Name = "Other name"
	r := g.inside(e)
	typ, ok := r.want(tagOID, "the kind of an other name")
	if !ok {
		return
	}
	oid, problem := oidText(typ.body)
	f.Name, f.Note, f.Problem = "Other name "+named(oid), problem, problem != ""
	if known, ok := otherNames[oid]; ok {
		f.Name = known
		f.Note = oid
	}
	wrapped, ok := r.optional(0)
	if !ok {
		g.fail(r.pos, "it ends before the value of an other name")
		return
	}
	r.done("an other name")
	in := g.inside(wrapped)
	v, ok := in.next()
	if !ok {
		return
	}
	f.Raw = v.full
	if oid == "1.3.6.1.5.2.2" {
		if s, ok := g.kerberosName(v); ok {
			f.Value = s
			return
		}
	}
	s, ok, problem := stringText(v)
	switch {
	case ok:
		f.Value = text([]byte(s))
	case oid == objectSID && v.is(tagOctetString) && printable(v.body):
		f.Value = text(v.body)
	case v.constructed:
		f.Value = hexText(v.full)
	default:
		f.Value, problem = treeValue(v)
	}
	if problem != "" {
		f.Note, f.Problem = problem, true
	}
}

// objectSID is Microsoft's security identifier, written as text in a string of bytes.
const objectSID = "1.3.6.1.4.1.311.25.2.1"

// otherNames are kinds of other names with a label of their own.
var otherNames = map[string]string{
	"1.3.6.1.4.1.311.20.2.3": "User principal name",
	"1.3.6.1.4.1.311.25.1":   "Active Directory GUID",
	objectSID:                "Security identifier",
	"1.3.6.1.5.2.2":          "Kerberos principal",
	"1.3.6.1.5.5.7.8.3":      "Permanent identifier",
	"1.3.6.1.5.5.7.8.4":      "Hardware module name",
	"1.3.6.1.5.5.7.8.5":      "XMPP address",
	"1.3.6.1.5.5.7.8.7":      "SRV name",
	"1.3.6.1.5.5.7.8.8":      "NAI realm",
	"1.3.6.1.5.5.7.8.9":      "Email address (UTF-8)",
}

// kerberosName reads KRB5PrincipalName (RFC 4556 section 3.2.2) as name@REALM.
func (g *group) kerberosName(v element) (string, bool) {
	if !v.is(tagSequence) || !v.constructed {
		return "", false
	}
	r := g.inside(v)
	realmIn, ok := r.optional(0)
	if !ok {
		return "", false
	}
	realm, ok := g.explicit(realmIn, tagGeneralString, "the Kerberos realm")
	if !ok {
		return "", false
	}
	nameIn, ok := r.optional(1)
	if !ok {
		return "", false
	}
	name, ok := g.explicit(nameIn, tagSequence, "the Kerberos name")
	if !ok {
		return "", false
	}
	in := g.inside(name)
	if _, ok := in.optional(0); !ok {
		return "", false
	}
	listIn, ok := in.optional(1)
	if !ok {
		return "", false
	}
	list, ok := g.explicit(listIn, tagSequence, "the parts of the Kerberos name")
	if !ok {
		return "", false
	}
	var out strings.Builder
	for parts, first := g.inside(list), true; parts.more() && out.Len() < maxValue; first = false {
		part, ok := parts.want(tagGeneralString, "a part of the Kerberos name")
		if !ok {
			break
		}
		if !first {
			out.WriteByte('/')
		}
		out.WriteString(text(part.body))
	}
	return out.String() + "@" + text(realm.body), true
}
