package policy

import (
	"strings"
	"testing"
)

func TestAQueryIsJudgedByTheRules(t *testing.T) {
	rule := func(attributes string) string { return "<allow-access-from " + attributes + "/>\n" }
	all := rule(`domain="*" to-ports="*"`)
	tests := []struct {
		name     string
		inside   string // elements from line 2 on
		fromPort uint16
		query    Query
		granted  bool
		says     string // in the reason behind the first
	}{
		{"everybody everywhere", all, 843, Query{"a.example", 1, false}, true, "line 2: SWFs from anywhere may reach every port"},
		{"an address by the star", all, 843, Query{"192.0.2.1", 5000, false}, true, "anywhere"},

		{"a name", rule(`domain="www.example.com" to-ports="5000"`), 843, Query{"www.example.com", 5000, false}, true, "line 2"},
		{"a name in capitals", rule(`domain="WWW.example.com" to-ports="5000"`), 843, Query{"www.EXAMPLE.com", 5000, false}, true, "line 2"},
		{"a name in ASCII of a rule in letters", rule(`domain="bücher.example" to-ports="5000"`), 843, Query{"xn--bcher-kva.example", 5000, false}, true, "line 2"},
		{"another name", rule(`domain="www.example.com" to-ports="5000"`), 843, Query{"www.example.org", 5000, false}, false, "line 2: the rule is for www.example.com and not www.example.org"},
		{"a name below one", rule(`domain="example.com" to-ports="5000"`), 843, Query{"www.example.com", 5000, false}, false, "those need *.example.com"},
		{"a name above one", rule(`domain="www.example.com" to-ports="5000"`), 843, Query{"example.com", 5000, false}, false, "and not example.com"},

		{"a name below a wildcard", rule(`domain="*.example.com" to-ports="5000"`), 843, Query{"a.b.example.com", 5000, false}, true, "and all names below it"},
		{"a wildcard's own name", rule(`domain="*.example.com" to-ports="5000"`), 843, Query{"example.com", 5000, false}, true, "line 2"},
		{"a name that ends like a wildcard", rule(`domain="*.example.com" to-ports="5000"`), 843, Query{"badexample.com", 5000, false}, false, "badexample.com is none of them"},
		{"an address and a wildcard", rule(`domain="*.com" to-ports="5000"`), 843, Query{"192.0.2.1", 5000, false}, false, "no address is looked up"},

		{"an address", rule(`domain="192.0.2.1" to-ports="5000"`), 843, Query{"192.0.2.1", 5000, false}, true, "line 2"},
		{"another address", rule(`domain="192.0.2.1" to-ports="5000"`), 843, Query{"192.0.2.2", 5000, false}, false, "the rule is for 192.0.2.1 and not 192.0.2.2"},
		{"a name and an address", rule(`domain="127.0.0.1" to-ports="5000"`), 843, Query{"localhost", 5000, false}, false, "no name is looked up"},
		{"an address of version 6 in another form", rule(`domain="[2001:db8:0::1]" to-ports="5000"`), 843, Query{"2001:DB8::1", 5000, false}, true, "line 2"},

		{"a port of a list", rule(`domain="*" to-ports="507,516-523"`), 843, Query{"a", 507, false}, true, "ports 507 and 516 to 523"},
		{"the first port of a range", rule(`domain="*" to-ports="507,516-523"`), 843, Query{"a", 516, false}, true, ""},
		{"the last port of a range", rule(`domain="*" to-ports="507,516-523"`), 843, Query{"a", 523, false}, true, ""},
		{"a port before a range", rule(`domain="*" to-ports="507,516-523"`), 843, Query{"a", 515, false}, false, "may reach ports 507 and 516 to 523, but not 515"},
		{"a port behind a range", rule(`domain="*" to-ports="507,516-523"`), 843, Query{"a", 524, false}, false, "but not 524"},
		{"no to-ports", rule(`domain="*"`), 843, Query{"a", 5000, false}, false, "no to-ports"},
		{"to-ports that make no sense", rule(`domain="*" to-ports="5000 "`), 843, Query{"a", 5000, false}, false, "makes no sense"},
		{"no domain", rule(`to-ports="*"`), 843, Query{"a", 5000, false}, false, "the rule has no domain"},

		{"secure for HTTP", rule(`domain="*" to-ports="*" secure="true"`), 843, Query{"a", 5000, false}, false, "HTTPS"},
		{"secure for HTTPS", rule(`domain="*" to-ports="*" secure="true"`), 843, Query{"a", 5000, true}, true, "that came over HTTPS"},
		{"not secure for HTTPS", rule(`domain="*" to-ports="*" secure="false"`), 843, Query{"a", 5000, true}, true, ""},

		{"a low port by a low port", all, 1023, Query{"a", 1, false}, true, ""},
		{"a high port by a low port", all, 1, Query{"a", 65535, false}, true, ""},
		{"the highest of the low ports by a high port", all, 1024, Query{"a", 1023, false}, false, "the file comes from port 1024: only a file from a port below 1024"},
		{"a low port by a high port that is the same as any", rule(`domain="*" to-ports="80"`), 5000, Query{"a", 80, false}, false, "port 5000"},
		{"the lowest of the high ports by a high port", all, 65535, Query{"a", 1024, false}, true, ""},

		{"none in the master file", `<site-control permitted-cross-domain-policies="none"/>` + all, 843, Query{"a", 5000, false}, false, "this one neither"},
		{"none in another file", `<site-control permitted-cross-domain-policies="none"/>` + all, 5000, Query{"a", 5000, false}, true, ""},
		{"master-only in the master file", `<site-control permitted-cross-domain-policies="master-only"/>` + all, 843, Query{"a", 5000, false}, true, ""},

		{"the second rule", rule(`domain="b" to-ports="*"`) + rule(`domain="a" to-ports="*"`), 843, Query{"a", 5000, false}, true, "line 3"},
		{"a rule that stands behind one that refuses", rule(`domain="*" to-ports="1"`) + all, 843, Query{"a", 5000, false}, true, "line 3"},
		{"no rules", "", 843, Query{"a", 5000, false}, false, "no allow-access-from"},
		{"rules for headers alone", `<allow-http-request-headers-from domain="*" headers="*"/>`, 843, Query{"a", 5000, false}, false, "no allow-access-from"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, _ := Parse([]byte(rules(tt.inside)))
			if f == nil {
				t.Fatal("the file cannot be read")
			}
			r := Explain(f, tt.fromPort, tt.query)
			if r.Granted != tt.granted || !strings.Contains(r.Reasons[1], tt.says) {
				t.Errorf("%v: %s\nwant %v with %q", r.Granted, r, tt.granted, tt.says)
			}
			if r.Granted != (r.Rule != nil) || r.Granted != (r.FromPort == tt.fromPort) || r.Granted == strings.HasPrefix(r.Reasons[0], "nothing lets") {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestEveryRuleIsGoneIntoWhereNoneGrants(t *testing.T) {
	f, _ := Parse([]byte(rules(domains("a", "b", "*.c"))))
	r := Explain(f, 843, Query{"d.example", 5000, false})
	if len(r.Reasons) != 4 || r.Reasons[0] != "nothing lets a SWF from d.example reach port 5000" {
		t.Errorf("%s", r)
	}
	f, _ = Parse([]byte(rules(strings.Repeat(domains("a"), mostReasons+3))))
	r = Explain(f, 843, Query{"d.example", 5000, false})
	if n := len(r.Reasons); n != mostReasons+2 || r.Reasons[n-1] != "and 3 more rules do not either" {
		t.Errorf("%d reasons: %s", n, r)
	}
	if r = Explain(nil, 843, Query{"d.example", 5000, false}); r.Granted || !strings.Contains(r.Reasons[1], "no policy file") {
		t.Errorf("%s", r)
	}
}

func TestQueriesAreChecked(t *testing.T) {
	for _, q := range []Query{{"", 1, false}, {"*", 1, false}, {"*.example.com", 1, false}, {"http://a/", 1, false}, {"a b", 1, false}, {"a:80", 1, false}, {"a", 0, false}} {
		if err := q.Check(); err == nil || !strings.Contains(err.Error(), "write") {
			t.Errorf("%+v gives %v", q, err)
		}
	}
	for _, q := range []Query{{"www.example.com", 1, false}, {"localhost", 65535, true}, {"192.0.2.1", 1, false}, {"::1", 1, false}, {"[::1]", 1, false}, {"bücher.example", 1, false}} {
		if err := q.Check(); err != nil {
			t.Errorf("%+v gives %v", q, err)
		}
	}
}
