package policy

import (
	"encoding/xml"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"wirebench/sessions/inspect"
)

// kind is a kind of element.
type kind struct {
	name, inside string // inside: the names of the elements around it, the root first
	attributes   []attribute
}

// attribute is one that an element may have.
type attribute struct {
	name    string
	missing string // what to write when it is not there; "" where it need not be
	check   func(value string) (problem string)
}

const root = "cross-domain-policy"

// elements are those of the specification. Fingerprints and headers are for files on web servers; a socket's
// client takes no notice of them, nor does this package look into them.
var elements = []kind{
	{root, "", nil},
	{"site-control", root, []attribute{
		{"permitted-cross-domain-policies", `write permitted-cross-domain-policies="all", "master-only" or "none"`, siteControl},
	}},
	{"allow-access-from", root, []attribute{
		{"domain", `write domain="*", "*.example.com", "www.example.com" or an IP address`, domain},
		{"to-ports", `write to-ports="*", or ports like to-ports="507,516-523", which a socket's policy needs`, toPorts},
		{"secure", "", trueOrFalse},
	}},
	{"allow-http-request-headers-from", root, []attribute{
		{"domain", `write domain="*", "*.example.com", "www.example.com" or an IP address`, domain},
		{"headers", `write headers="*", or names like headers="Authorization,X-*"`, anything},
		{"secure", "", trueOrFalse},
	}},
	{"allow-access-from-identity", root, nil},
	{"signatory", root + " allow-access-from-identity", nil},
	{"certificate", root + " allow-access-from-identity signatory", []attribute{
		{"fingerprint", `write the SHA-1 fingerprint, as in fingerprint="01:23:45:..."`, anything},
		{"fingerprint-algorithm", `write fingerprint-algorithm="sha-1"`, anything},
	}},
}

// check gives the problem of an element's attributes.
func (k kind) check(attributes []xml.Attr) string {
	given := make(map[string]bool, len(attributes))
	for _, a := range attributes {
		name := fullName(a.Name)
		if given[name] {
			return fmt.Sprintf("%s is there twice: keep one", shown(name))
		}
		given[name] = true
		if name == "xmlns" || a.Name.Space != "" {
			continue // declares or names a schema, as in xsi:noNamespaceSchemaLocation
		}
		i := slices.IndexFunc(k.attributes, func(known attribute) bool { return known.name == name })
		if i < 0 {
			return k.unknown(name)
		}
		if problem := k.attributes[i].check(a.Value); problem != "" {
			return fmt.Sprintf("%s=%s: %s", name, quoted(a.Value), problem)
		}
	}
	for _, a := range k.attributes {
		if a.missing != "" && !given[a.name] {
			return fmt.Sprintf("there is no %s: %s", a.name, a.missing)
		}
	}
	return ""
}

// unknown is the problem of an attribute that the element does not have.
func (k kind) unknown(name string) string {
	if len(k.attributes) == 0 {
		return fmt.Sprintf("%s is unknown here: remove it, this element has no attributes", shown(name))
	}
	var known []string
	for _, a := range k.attributes {
		known = append(known, a.name)
	}
	return fmt.Sprintf("%s is unknown here: write %s", shown(name), listed(known))
}

func anything(string) string { return "" }

func trueOrFalse(v string) string {
	if v == "true" || v == "false" {
		return ""
	}
	return "write true or false"
}

func siteControl(v string) string {
	switch v {
	case "all", "master-only", "none":
		return ""
	case "by-content-type", "by-ftp-filename":
		return "that is for web and FTP servers: write all, master-only or none"
	}
	return "write all, master-only or none"
}

// domain checks the names that a rule is for: all, one, or one and everything below it.
func domain(v string) string {
	switch name := strings.TrimPrefix(v, "*."); {
	case v == "*":
		return ""
	case name == "":
		return "write a name, an IP address or * for all"
	case strings.Contains(v, "/"):
		return "write the name alone, without http:// and without a path"
	case strings.ContainsFunc(v, unicode.IsSpace), strings.ContainsAny(v, ",;"):
		return "write one name without spaces, and an element for each name"
	case strings.Contains(name, "*"):
		return "a * stands alone or as *. at the begin: write * or *.example.com"
	case isAddress(v):
		return ""
	case strings.Contains(v, ":"):
		return "write the name without a port: the ports are in to-ports"
	case strings.HasPrefix(name, "."), strings.HasSuffix(name, "."), strings.Contains(name, ".."):
		return "there is a dot with no name beside it: write it like www.example.com"
	case name != v && strings.Trim(name, "0123456789.") == "":
		return "a * does not go with an IP address: write the whole address"
	}
	return ""
}

// isAddress reports whether v is an IP address. One of version 6 may be in brackets.
func isAddress(v string) bool {
	if inner, ok := strings.CutPrefix(v, "["); ok {
		if v, ok = strings.CutSuffix(inner, "]"); !ok || !strings.Contains(v, ":") {
			return false
		}
	}
	a, err := netip.ParseAddr(v)
	return err == nil && a.Zone() == ""
}

// toPorts checks a list of ports and ranges of them.
func toPorts(v string) string {
	if v == "*" {
		return ""
	}
	for item := range strings.SplitSeq(v, ",") {
		low, high, isRange := strings.Cut(item, "-")
		from, ok := port(low)
		to := from
		if isRange && ok {
			to, ok = port(high)
		}
		switch {
		case ok && from > to:
			return fmt.Sprintf("the range %d-%d is the wrong way round: write %[2]d-%[1]d", from, to)
		case ok:
		case v == "":
			return `write * for every port, or ports like 507,516-523`
		case item == "":
			return "there is a comma with no port beside it: write ports like 507,516-523"
		case item == "*":
			return "a * stands alone: write * for every port, or only the ports"
		case strings.ContainsFunc(v, unicode.IsSpace):
			return "write it without spaces, as in 507,516-523"
		default:
			return fmt.Sprintf("%s is no port and no range: write 1 to 65535, as in 507,516-523", quoted(item))
		}
	}
	return ""
}

// port reads the number of a port.
func port(s string) (n int, ok bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 1 && n <= 65535
}

// listed makes "a", "a or b", "a, b or c" of them.
func listed(s []string) string {
	if len(s) == 1 {
		return s[0]
	}
	return strings.Join(s[:len(s)-1], ", ") + " or " + s[len(s)-1]
}

// mostShown is how many characters of a file are repeated in a message.
const mostShown = 60

// shown gives the begin of s so that it can be put in a message, with everything invisible written out.
func shown(s string) string {
	var out strings.Builder
	n := 0
	for _, r := range s {
		if n++; n > mostShown {
			return out.String() + "..."
		}
		if inspect.Visible(r) {
			out.WriteRune(r)
		} else {
			fmt.Fprintf(&out, "&#x%x;", r)
		}
	}
	return out.String()
}

// quoted is shown in the quotes that a value of an attribute has.
func quoted(s string) string { return `"` + shown(s) + `"` }
