package describe

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"math"
	"strconv"
	"strings"
)

// extension is how one kind of extension is shown.
type extension struct {
	title string
	read  func(g *group, r *reader) // reads the value; nil for one that is only named
}

// extensionFor finds how an extension is decoded, by its OID. The section numbers are those
// of RFC 5280 where no other document is named.
func extensionFor(oid string) (extension, bool) {
	switch oid {
	case "2.5.29.9":
		return extension{"Subject directory attributes", (*group).directoryAttributes}, true // 4.2.1.8
	case "2.5.29.14":
		return extension{"Subject key identifier", (*group).subjectKeyID}, true // 4.2.1.2
	case "2.5.29.15":
		return extension{"Key usage", (*group).keyUsage}, true // 4.2.1.3
	case "2.5.29.16":
		return extension{"Private key usage period", (*group).privateKeyPeriod}, true // RFC 3280 4.2.1.4
	case "2.5.29.17":
		return extension{"Subject alternative names", (*group).alternativeNames}, true // 4.2.1.6
	case "2.5.29.18":
		return extension{"Issuer alternative names", (*group).issuerNames}, true // 4.2.1.7
	case "2.5.29.19":
		return extension{"Basic constraints", (*group).basicConstraints}, true // 4.2.1.9
	case "2.5.29.30":
		return extension{"Name constraints", (*group).nameConstraints}, true // 4.2.1.10
	case "2.5.29.31":
		return extension{"CRL distribution points", (*group).distributionPoints}, true // 4.2.1.13
	case "2.5.29.32":
		return extension{"Certificate policies", (*group).certificatePolicies}, true // 4.2.1.4
	case "2.5.29.33":
		return extension{"Policy mappings", (*group).policyMappings}, true // 4.2.1.5
	case "2.5.29.35":
		return extension{"Authority key identifier", (*group).authorityKeyID}, true // 4.2.1.1
	case "2.5.29.36":
		return extension{"Policy constraints", (*group).policyConstraints}, true // 4.2.1.11
	case "2.5.29.37":
		return extension{"Extended key usage", (*group).extendedKeyUsage}, true // 4.2.1.12
	case "2.5.29.46":
		return extension{"Freshest CRL", (*group).distributionPoints}, true // 4.2.1.15
	case "2.5.29.54":
		return extension{"Inhibit any policy", (*group).inhibitAnyPolicy}, true // 4.2.1.14
	case "1.3.6.1.5.5.7.1.1":
		return extension{"Authority information access", (*group).informationAccess}, true // 4.2.2.1
	case "1.3.6.1.5.5.7.1.11":
		return extension{"Subject information access", (*group).informationAccess}, true // 4.2.2.2
	case "1.3.6.1.5.5.7.1.3":
		return extension{"Qualified certificate statements", (*group).qcStatements}, true // RFC 3739 3.2.6
	case "1.3.6.1.5.5.7.1.14":
		return extension{"Proxy certificate information", (*group).proxyInformation}, true // RFC 3820 3.8
	case "1.3.6.1.5.5.7.1.24":
		return extension{"TLS features", (*group).tlsFeatures}, true // RFC 7633
	case "1.3.6.1.5.5.7.1.31":
		return extension{"ACME challenge", (*group).acmeIdentifier}, true // RFC 8737 section 3
	case "1.3.6.1.5.5.7.48.1.5":
		return extension{"OCSP: not to be checked", (*group).ocspNoCheck}, true // RFC 6960 4.2.2.2.1
	case "1.3.6.1.4.1.11129.2.4.2":
		return extension{"Signed certificate timestamps", (*group).timestamps}, true // RFC 6962 3.3
	case "1.3.6.1.4.1.11129.2.4.3":
		return extension{"Precertificate poison", (*group).poison}, true // RFC 6962 3.1
	case "1.3.6.1.4.1.44363.44":
		return extension{"Delegated credentials", (*group).delegation}, true // RFC 9345 section 4.2
	case "1.2.840.113549.1.9.15":
		return extension{"S/MIME capabilities", (*group).smimeCapabilities}, true // RFC 4262
	case "2.23.140.3.1":
		return extension{"Organisation identifier", (*group).organisationIdentifier}, true // CA/Browser Forum EV guidelines 9.8.2
	case "2.16.840.1.113730.1.1":
		return extension{"Netscape certificate type", (*group).netscapeType}, true
	case "1.3.6.1.4.1.311.20.2":
		return extension{"Microsoft certificate template name", (*group).single}, true
	case "1.3.6.1.4.1.311.21.1":
		return extension{"Microsoft CA version", (*group).microsoftCAVersion}, true
	case "1.3.6.1.4.1.311.21.7":
		return extension{"Microsoft certificate template", (*group).microsoftTemplate}, true
	case "1.3.6.1.4.1.311.21.10":
		return extension{"Microsoft application policies", (*group).certificatePolicies}, true
	case "1.3.6.1.4.1.311.25.2":
		return extension{"Microsoft security identifier", (*group).issuerNames}, true
	}
	if title, ok := singles[oid]; ok {
		return extension{title, (*group).single}, true
	}
	return extension{}, false
}

// singles are extensions that hold one text, number or string of bytes.
var singles = map[string]string{
	"2.16.840.1.113730.1.2":  "Netscape base URL",
	"2.16.840.1.113730.1.3":  "Netscape revocation URL",
	"2.16.840.1.113730.1.4":  "Netscape CA revocation URL",
	"2.16.840.1.113730.1.7":  "Netscape renewal URL",
	"2.16.840.1.113730.1.8":  "Netscape CA policy URL",
	"2.16.840.1.113730.1.12": "Netscape server name",
	"2.16.840.1.113730.1.13": "Netscape comment",
	"1.3.6.1.4.1.311.21.2":   "Microsoft previous CA certificate",
	"1.3.6.1.4.1.52266.1":    "Legal entity identifier",
}

// readExtensions reads Extensions (RFC 5280 section 4.1.2.9).
func (d *describer) readExtensions(list element) {
	g := d.general
	seen := map[string]bool{}
	r := g.inside(list)
	if !r.more() {
		g.deviation(list.off, "the list of extensions is empty, which is not to be written")
	}
	for r.more() {
		if len(d.extensions) == maxExtensions {
			g.check("Extensions", number(maxExtensions)+" shown", nil, bytesText(r.end-r.pos)+" of more extensions are left out")
			return
		}
		e, ok := r.want(tagSequence, "an extension")
		if !ok {
			return
		}
		d.extension(e, seen)
	}
}

// extension reads one extension as a group of its own.
func (d *describer) extension(e element, seen map[string]bool) {
	g := d.group("Extension")
	d.extensions = append(d.extensions, g)
	r := g.inside(e)
	id, ok := r.want(tagOID, "the identifier of the extension")
	if !ok {
		g.add("Bytes", hexText(e.full), e.full)
		return
	}
	oid, problem := oidText(id.body)
	known, decoded := extensionFor(oid)
	switch {
	case decoded:
		g.Title = known.title
	case OID(oid) != "":
		g.Title = OID(oid)
	default:
		g.Title = "Extension " + oid
	}
	if r.peek(universal, tagBoolean) {
		b, _ := r.next()
		_, wrong := booleanText(b.body)
		g.Critical = bytes.Count(b.body, []byte{0}) < len(b.body)
		if wrong != "" {
			g.deviation(b.off, wrong)
		} else if !g.Critical {
			g.deviation(b.off, "that it is not critical is not to be written")
		}
	}
	value, ok := r.want(tagOctetString, "the value of the extension")
	if ok {
		r.done("the value of the extension")
		in := g.inside(value)
		if decoded {
			known.read(g, in)
			in.done("the extension")
		} else {
			g.unknown(value)
		}
	}
	if seen[oid] && problem == "" {
		problem = "this extension is there more than once"
	}
	seen[oid] = true
	if g.failed || !decoded {
		g.add("Value", hexText(value.body), value.body)
	}
	f := Field{Name: "Identifier", Value: named(oid), Raw: e.full, Note: problem, Problem: problem != ""}
	g.put(f)
}

// unknown shows what a value is in itself when it is a single text, number or
// the like; the caller shows the bytes.
func (g *group) unknown(value element) {
	work := 0
	e, err := scan(value.body, 0, len(value.body), &work)
	if err != nil || e.cut != "" || len(e.full) != len(value.body) || e.constructed || e.class != universal {
		return
	}
	if s, problem := treeValue(e); s != "" && problem == "" && e.tag != tagOctetString && e.tag != tagBitString {
		g.add(e.name(), s, e.body)
	}
}

// single reads an extension that is one value.
func (g *group) single(r *reader) {
	e, ok := r.next()
	if !ok {
		return
	}
	if s, ok, problem := stringText(e); ok {
		g.check("Text", text([]byte(s)), e.body, problem)
		return
	}
	if e.constructed || e.class != universal {
		g.add("Bytes", hexText(e.full), e.full)
		return
	}
	s, problem := treeValue(e)
	g.check("Value", s, e.body, problem)
}

func (g *group) subjectKeyID(r *reader) {
	e, ok := r.want(tagOctetString, "the key identifier")
	if !ok {
		return
	}
	f := Field{Name: "Key identifier", Value: hexText(e.body), Raw: e.body}
	if len(e.body) == 0 {
		f.Note, f.Problem = "it is empty", true
	} else if g.d.key != nil {
		s1, s256 := sha1.Sum(g.d.key), sha256.Sum256(g.d.key)
		switch {
		case bytes.Equal(e.body, s1[:]):
			f.Note = "SHA-1 of the public key"
		case bytes.Equal(e.body, s256[:20]), bytes.Equal(e.body, s256[:]):
			f.Note = "SHA-256 of the public key" // RFC 7093
		}
	}
	g.put(f)
}

func (g *group) authorityKeyID(r *reader) {
	seq, ok := r.want(tagSequence, "the authority key identifier")
	if !ok {
		return
	}
	in := g.inside(seq)
	if e, ok := in.optional(0); ok {
		g.add("Key identifier", hexText(e.body), e.body)
	}
	if e, ok := in.optional(1); ok {
		g.generalNames(g.inside(e), "Issuer's")
	}
	if e, ok := in.optional(2); ok {
		_, problem := integer(e.body)
		g.check("Serial number", hexText(trimZeros(e.body)), e.body, problem)
	}
	in.done("the authority key identifier")
	if len(seq.body) == 0 {
		g.put(Field{Name: "Key identifier", Note: "it is empty"})
	}
}

// The bits of KeyUsage in their order.
var keyUsages = []string{"digital signature", "non-repudiation", "key encipherment", "data encipherment", "key agreement",
	"certificate signing", "CRL signing", "encipher only", "decipher only"}

func (g *group) keyUsage(r *reader) { g.flags(r, "Uses", keyUsages) }

var netscapeTypes = []string{"TLS client", "TLS server", "S/MIME", "object signing", "", "TLS CA", "S/MIME CA", "object signing CA"}

func (g *group) netscapeType(r *reader) { g.flags(r, "Types", netscapeTypes) }

// flags reads a BIT STRING whose bits have names.
func (g *group) flags(r *reader, label string, names []string) {
	e, ok := r.want(tagBitString, "the "+strings.ToLower(label))
	if !ok {
		return
	}
	value, problem := flagsText(e.body, names)
	g.check(label, value, e.body, problem)
}

// flagsText names the bits that are set. Zeros at the end, which DER wants
// removed, are common and do no harm.
func flagsText(body []byte, names []string) (value, problem string) {
	data, _, problem := bitString(body)
	var set []string
	const most = 64
	for i := 0; i < 8*len(data) && i < most; i++ {
		if data[i/8]&(0x80>>(i%8)) == 0 {
			continue
		}
		if i < len(names) && names[i] != "" {
			set = append(set, names[i])
			continue
		}
		set = append(set, "bit "+strconv.Itoa(i))
		if problem == "" {
			problem = "bit " + strconv.Itoa(i) + " means nothing"
		}
	}
	if len(set) == 0 {
		if problem == "" {
			problem = "none is set"
		}
		return "none", problem
	}
	return strings.Join(set, ", "), problem
}

func (g *group) basicConstraints(r *reader) {
	seq, ok := r.want(tagSequence, "the basic constraints")
	if !ok {
		return
	}
	in := g.inside(seq)
	ca := "no"
	f := Field{Name: "Certificate authority"}
	if in.peek(universal, tagBoolean) {
		e, _ := in.next()
		ca, f.Note = booleanText(e.body)
		f.Raw = e.body
		if ca == "no" && f.Note == "" {
			f.Note = "the default is not to be written"
		}
		f.Problem = f.Note != ""
	}
	f.Value = ca
	g.put(f)
	if in.more() {
		e, ok := in.want(tagInteger, "the path length")
		if !ok {
			return
		}
		n, problem := small(e.body, math.MaxInt32)
		f := Field{Name: "Path length", Value: strconv.FormatInt(n, 10), Raw: e.body}
		switch {
		case problem != "":
			f.Value, _ = integerText(e.body)
			f.Note, f.Problem = problem, true
		case ca == "no":
			f.Note, f.Problem = "only a certificate authority has one", true
		case n == 0:
			f.Note = "no other authority may stand below this one"
		default:
			f.Note = "so many authorities may stand below this one"
		}
		g.put(f)
	} else if ca == "yes" {
		g.add("Path length", "not limited", nil)
	}
	in.done("the basic constraints")
}

func (g *group) extendedKeyUsage(r *reader) {
	seq, ok := r.want(tagSequence, "the extended key usage")
	if !ok {
		return
	}
	in := g.inside(seq)
	if !in.more() {
		g.check("Purpose", "none", nil, "the list of purposes is empty")
	}
	for in.more() {
		e, ok := in.want(tagOID, "a purpose")
		if !ok {
			return
		}
		oid, problem := oidText(e.body)
		g.check("Purpose", named(oid), e.body, problem)
	}
}

func (g *group) alternativeNames(r *reader) {
	seq, ok := r.want(tagSequence, "the alternative names")
	if !ok {
		return
	}
	from := len(g.Fields)
	g.count = g.generalNames(g.inside(seq), "")
	if g.count == 0 && !g.failed {
		g.check("Names", "none", nil, "the list of names is empty")
	}
	if len(g.Fields) > from && g.Fields[from].Value != "" {
		g.d.firstName = string(g.Fields[from].Raw)
		if name := g.Fields[from].Name; name != "DNS name" && name != "Email address" && name != "URI" {
			g.d.firstName = g.Fields[from].Value
		}
	}
}

func (g *group) issuerNames(r *reader) {
	if seq, ok := r.want(tagSequence, "the list of names"); ok {
		g.count = g.generalNames(g.inside(seq), "")
	}
}
