package policy

import (
	"encoding/xml"
	"strings"
	"testing"
	"unicode/utf8"

	"wirebench/sessions/inspect"
)

// rules puts elements into a policy file of several lines; they begin on line 2.
func rules(s string) string { return "<cross-domain-policy>\n" + s + "\n</cross-domain-policy>\n" }

func TestCheckAccepts(t *testing.T) {
	const access = `<allow-access-from domain="*" to-ports="*"/>`
	tests := []struct{ name, file string }{
		{"the example of the documentation", `<cross-domain-policy><allow-access-from domain="*" to-ports="507,516-523"/></cross-domain-policy>`},
		{"a file with a declaration and a DOCTYPE", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE cross-domain-policy SYSTEM \"http://www.adobe.com/xml/dtds/cross-domain-policy.dtd\">\n" + rules(access)},
		{"a byte order mark of UTF-8", "\xef\xbb\xbf<?xml version=\"1.0\"?>" + rules(access)},
		{"a DOCTYPE with parts of its own", `<!DOCTYPE cross-domain-policy [ <!ELEMENT x EMPTY> <!-- <!ENTITY --> ]>` + rules(access)},
		{"a file that names its schema", `<cross-domain-policy xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="http://www.adobe.com/xml/schemas/PolicyFileSocket.xsd">` + access + `</cross-domain-policy>`},
		{"comments and instructions anywhere", "<!-- a --><?x y?>" + rules("<!-- b -->"+access+"<?x y?>") + "<!-- c -->"},
		{"a file that allows nothing", "<cross-domain-policy/>"},
		{"every element there is, in any order", rules(access + `<allow-http-request-headers-from domain="*.example.com" headers="*" secure="false"/><site-control permitted-cross-domain-policies="master-only"/><allow-access-from-identity><signatory><certificate fingerprint="01:23" fingerprint-algorithm="sha-1"/></signatory></allow-access-from-identity>`)},
		{"elements that are closed by a tag", rules(`<allow-access-from domain="*" to-ports="1"> </allow-access-from>`)},
		{"values in single quotes and with references", rules(`<allow-access-from domain='&#42;' to-ports='1&#x2d;2'/>`)},
		{"secure either way", rules(`<allow-access-from domain="a" to-ports="1" secure="true"/><allow-access-from domain="b" to-ports="1" secure="false"/>`)},
		{"domains and addresses of every kind", rules(domains("*", "*.example.com", "localhost", "www.example.com", "127.0.0.1", "::1", "[2001:db8::1]", "bücher.example", "xn--bcher-kva.example"))},
		{"the first and the last port", rules(`<allow-access-from domain="*" to-ports="1,65535,1-65535,7-7"/>`)},
		{"CRLF line ends", strings.ReplaceAll(rules(access), "\n", "\r\n")},
		{"as much as clients read", rules(access + strings.Repeat(" ", MaxSize-len(rules(access))))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := Check([]byte(tt.file)); err != nil {
				t.Errorf("%v, in:\n%s", err, tt.file)
			}
		})
	}
}

func domains(names ...string) string {
	var s strings.Builder
	for _, n := range names {
		s.WriteString(`<allow-access-from domain="` + n + `" to-ports="*"/>`)
	}
	return s.String()
}

func TestCheckRefuses(t *testing.T) {
	tests := []struct {
		name, file string
		says       []string
	}{
		{"nothing", "", []string{"empty", `to-ports="*"`}},
		{"white space", " \r\n\t", []string{"empty"}},
		{"one byte too many", rules(strings.Repeat(" ", MaxSize+1-len(rules("")))), []string{"20481 bytes", "20480"}},
		{"text", "allow all", []string{"text between the elements", `"allow all"`}},
		{"a comment alone", "<!-- -->", []string{"no element"}},
		{"UTF-16", "\xff\xfe<\x00c\x00", []string{"UTF-16", "save it as UTF-8"}},
		{"UTF-16 without a mark", "<\x00c\x00", []string{"UTF-16"}},
		{"the zero byte that is sent", "<cross-domain-policy/>\x00", []string{"zero byte", "leave it out"}},
		{"bytes of Latin-1", rules("\n<!-- \xe9 -->"), []string{"line 3", "0xe9", "UTF-8"}},
		{"another encoding", `<?xml version="1.0" encoding="ISO-8859-1"?>` + rules(""), []string{`"ISO-8859-1"`, `encoding="UTF-8"`}},
		{"XML 1.1", `<?xml version="1.1"?>` + rules(""), []string{"1.1", "1.0"}},
		{"a version that is too long to be shown", `<?xml version="` + strings.Repeat("M", 2000) + `"?>` + rules(""), []string{"not XML", "MMM..."}},
		{"a blank line before the declaration", "\n<?xml version=\"1.0\"?>" + rules(""), []string{"line 2", "begin", "blank lines"}},
		{"an HTML page", "<!DOCTYPE html><html></html>", []string{"<html>", "<cross-domain-policy>"}},
		{"the root in capitals", "<Cross-Domain-Policy/>", []string{"<Cross-Domain-Policy>", "write <cross-domain-policy>"}},
		{"the request", Request[:len(Request)-1], []string{"<policy-file-request>", "<cross-domain-policy>"}},
		{"a second root", "<cross-domain-policy/><cross-domain-policy/>", []string{"behind the end", "inside"}},
		{"text behind the root", "<cross-domain-policy/>x", []string{`"x"`}},
		{"text among the elements", rules("allow"), []string{`"allow"`, "remove"}},
		{"a root that is never closed", "<cross-domain-policy>\n", []string{"<cross-domain-policy> is never closed", "</cross-domain-policy>"}},
		{"an element that is never closed", rules(`<allow-access-from domain="*" to-ports="*">`), []string{"</cross-domain-policy> comes before <allow-access-from>", "/>"}},
		{"an element inside one that is never closed", rules(domains("*")[:len(domains("*"))-2] + ">" + domains("*")), []string{"inside <allow-access-from>", "/>"}},
		{"a tag that closes nothing", "</cross-domain-policy>", []string{"closes no element"}},
		{"a tag that is cut off", "<cross-domain-policy><allow-access-from domain=\"*", []string{"not XML", "in the middle"}},
		{"a value without quotes", rules("<allow-access-from domain=*/>"), []string{"line 2", "not XML", "quote"}},
		{"a mistake lines behind the begin of its element", rules("<allow-access-from\n domain=\"*\"\n to-ports/>"), []string{"line 4", "not XML"}},
		{"a comment that is never closed, where it begins", rules("\n<!--\n"), []string{"line 3", "never closed"}},
		{"an attribute where there is one alone", rules(`<site-control all="true"/>`), []string{"all is unknown", "write permitted-cross-domain-policies"}},
		{"a value that is too long to be shown", rules(domains(strings.Repeat("a", 1000) + ":1")), []string{"aaa...\": write"}},
		{"an unknown element", rules("\n<allow-from/>"), []string{"line 3", "<allow-from> is unknown inside <cross-domain-policy>", "<site-control>, <allow-access-from>", "<allow-http-request-headers-from>"}},
		{"an element with a prefix", rules(`<x:site-control permitted-cross-domain-policies="all"/>`), []string{"<x:site-control> is unknown"}},
		{"an attribute of the root", `<cross-domain-policy domain="*"/>`, []string{"<cross-domain-policy>: domain is unknown", "no attributes"}},
		{"an unknown attribute", rules(`<allow-access-from domain="*" ports="*"/>`), []string{"line 2", "<allow-access-from>", "ports is unknown", "domain, to-ports or secure"}},
		{"an attribute twice", rules(`<allow-access-from domain="a" domain="b" to-ports="*"/>`), []string{"domain is there twice"}},
		{"no domain", rules(`<allow-access-from to-ports="*"/>`), []string{"<allow-access-from>", "no domain", `domain="*"`}},
		{"no ports", rules(`<allow-access-from domain="*"/>`), []string{"no to-ports", `to-ports="*"`}},
		{"no headers", rules(`<allow-http-request-headers-from domain="*"/>`), []string{"<allow-http-request-headers-from>", "no headers"}},
		{"no meta-policy", rules(`<site-control/>`), []string{"<site-control>", `permitted-cross-domain-policies="all"`}},
		{"an unknown meta-policy", rules(`<site-control permitted-cross-domain-policies="some"/>`), []string{`"some"`, "all, master-only or none"}},
		{"a meta-policy of web servers", rules(`<site-control permitted-cross-domain-policies="by-content-type"/>`), []string{"web", "all, master-only or none"}},
		{"two meta-policies", rules(strings.Repeat(`<site-control permitted-cross-domain-policies="all"/>`, 2)), []string{"second <site-control>"}},
		{"secure in another word", rules(`<allow-access-from domain="*" to-ports="*" secure="yes"/>`), []string{`secure="yes"`, "true or false"}},

		{"an empty domain", rules(domains("")), []string{`domain=""`, "write a name"}},
		{"a domain that is only a dot", rules(domains("*.")), []string{"write a name"}},
		{"an address of a page", rules(domains("http://example.com")), []string{"http://"}},
		{"a domain with a port", rules(domains("example.com:80")), []string{"without a port", "to-ports"}},
		{"several domains", rules(domains("a.com, b.com")), []string{"an element for each"}},
		{"a star inside a name", rules(domains("www.*.com")), []string{"*.example.com"}},
		{"a star without its dot", rules(domains("*example.com")), []string{"*.example.com"}},
		{"a star in an address", rules(domains("10.0.0.*")), []string{"a * stands alone"}},
		{"a star before an address", rules(domains("*.0.0.1")), []string{"the whole address"}},
		{"a dot too many", rules(domains("www..com")), []string{"dot"}},
		{"an address with half its brackets", rules(domains("[::1")), []string{`"[::1"`}},

		{"no port in to-ports", rules(`<allow-access-from domain="*" to-ports=""/>`), []string{`to-ports=""`, "507,516-523"}},
		{"port 0", rules(`<allow-access-from domain="*" to-ports="0"/>`), []string{`"0"`, "1 to 65535"}},
		{"a port past the last", rules(`<allow-access-from domain="*" to-ports="80,65536"/>`), []string{`"65536" is no port`, "1 to 65535"}},
		{"a port of many digits", rules(`<allow-access-from domain="*" to-ports="99999999999999999999"/>`), []string{"1 to 65535"}},
		{"a port with a sign", rules(`<allow-access-from domain="*" to-ports="+80"/>`), []string{`"+80"`}},
		{"a range backwards", rules(`<allow-access-from domain="*" to-ports="1,523-516"/>`), []string{"523-516", "write 516-523"}},
		{"half a range", rules(`<allow-access-from domain="*" to-ports="516-"/>`), []string{`"516-"`}},
		{"a range of three", rules(`<allow-access-from domain="*" to-ports="1-2-3"/>`), []string{`"1-2-3"`}},
		{"a comma at the end", rules(`<allow-access-from domain="*" to-ports="1,"/>`), []string{"comma"}},
		{"spaces among the ports", rules(`<allow-access-from domain="*" to-ports="507, 516"/>`), []string{"without spaces"}},
		{"a star among the ports", rules(`<allow-access-from domain="*" to-ports="507,*"/>`), []string{"stands alone"}},
		{"a port by name", rules(`<allow-access-from domain="*" to-ports="http"/>`), []string{`"http"`, "507,516-523"}},

		{"an entity of its own", `<!DOCTYPE x [<!ENTITY all "*">]>` + rules(domains("&all;")), []string{"makes entities"}},
		{"an entity from a file", "<!DOCTYPE x [\n<!ENTITY a SYSTEM \"file:///etc/passwd\">\n]>" + rules(""), []string{"line 1", "makes entities"}},
		{"an entity that nobody made", rules(domains("&all;")), []string{"line 2", "&all;", "&amp;"}},
		{"a bare ampersand", rules(domains("a&b")), []string{"&amp;"}},
		{"a DOCTYPE inside the root", rules(`<!DOCTYPE x>`), []string{"line 2", "DOCTYPE", "top"}},
		{"what would turn a message around", rules("<a\u202e/>"), []string{"not XML"}},
		{"a value that would turn a message around", rules(`<allow-access-from domain="*" to-ports="&#x202e;"/>`), []string{"&#x202e;"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := Check([]byte(tt.file))
			if err == nil {
				t.Fatalf("nothing is wrong with:\n%q", tt.file)
			}
			fitToBeShown(t, err)
			for _, s := range tt.says {
				if !strings.Contains(err.Error(), s) {
					t.Errorf("%q does not say %q", err, s)
				}
			}
		})
	}
}

func TestCheckNamesALineOnlyWhenThereAreSeveral(t *testing.T) {
	if err := Check([]byte("<x/>\n")); err == nil || strings.HasPrefix(err.Error(), "line") {
		t.Errorf("on the only line: %v", err)
	}
	if err := Check([]byte("\n<x/>")); err == nil || !strings.HasPrefix(err.Error(), "line 2: ") {
		t.Errorf("on the second line: %v", err)
	}
}

func fitToBeShown(t *testing.T, err error) {
	t.Helper()
	if len(err.Error()) > 1000 || !utf8.ValidString(err.Error()) {
		t.Errorf("message is not fit to be shown: %q", err)
	}
	for _, r := range err.Error() {
		if !inspect.Visible(r) {
			t.Errorf("%q has the invisible character %U", err, r)
		}
	}
}

// FuzzCheck wants that a file that is accepted is one to Go's strict XML decoder too, with the rules in it,
// and that a message about any other can be shown.
func FuzzCheck(f *testing.F) {
	f.Add([]byte(`<cross-domain-policy><allow-access-from domain="*" to-ports="507,516-523"/></cross-domain-policy>`))
	f.Add([]byte("<?xml version=\"1.0\"?>\n<!DOCTYPE cross-domain-policy SYSTEM \"x\">\n" + rules(`<site-control permitted-cross-domain-policies="all"/>`)))
	f.Add([]byte(`<!DOCTYPE x [<!ENTITY a "b">]><cross-domain-policy>&a;</cross-domain-policy>`))
	f.Add([]byte("\xff\xfe<\x00"))
	f.Fuzz(func(t *testing.T, file []byte) {
		if err := Check(file); err != nil {
			fitToBeShown(t, err)
			return
		}
		var read struct {
			XMLName xml.Name `xml:"cross-domain-policy"`
			Access  []struct {
				Domain string `xml:"domain,attr"`
				Ports  string `xml:"to-ports,attr"`
			} `xml:"allow-access-from"`
		}
		if err := xml.Unmarshal(file, &read); err != nil {
			t.Fatalf("accepted %q: %v", file, err)
		}
		if len(file) > MaxSize {
			t.Fatalf("accepted %d bytes", len(file))
		}
		for _, a := range read.Access {
			if a.Domain == "" || a.Ports == "" || strings.Trim(a.Ports, "0123456789,-*") != "" {
				t.Fatalf("accepted %+v in %q", a, file)
			}
		}
	})
}
