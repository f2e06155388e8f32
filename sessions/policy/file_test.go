package policy

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestAFileIsReadWhole(t *testing.T) {
	f, problems := Parse([]byte(`<?xml version="1.0"?>
<!DOCTYPE cross-domain-policy SYSTEM "http://www.adobe.com/xml/dtds/cross-domain-policy.dtd">
<cross-domain-policy>
  <site-control permitted-cross-domain-policies="master-only"/>
  <allow-access-from domain="*.example.com" to-ports="507,516-523"/>
  <allow-http-request-headers-from domain="*" headers="*"/>
  <allow-access-from domain="[2001:db8::1]" to-ports="*" secure="true"></allow-access-from>
</cross-domain-policy>
`))
	want := &File{SiteControl: "master-only", Rules: []Rule{
		{Line: 5, Domain: "*.example.com", ToPorts: "507,516-523", Ports: []PortRange{{507, 507}, {516, 523}}},
		{Line: 7, Domain: "[2001:db8::1]", ToPorts: "*", Ports: []PortRange{{1, 65535}}, Secure: true},
	}}
	if len(problems) != 0 || !reflect.DeepEqual(f, want) {
		t.Errorf("%+v with %v, want %+v", f, problems, want)
	}
}

func TestEveryProblemOfAFileIsTold(t *testing.T) {
	tests := []struct {
		name, file string
		readable   bool
		rules      int
		problems   []string // how each begins, or what is in it
	}{
		{"a good one", rules(domains("*")), true, 1, nil},
		{"one with mistakes in elements", rules("<allow-access-from domain='http://a/' to-ports='1'/>\n<allow-access-from domain='*'/>\n<allow-access-from to-ports='1 2' domain='*'/>\n<site-control permitted-cross-domain-policies='some'/>\n<allow-access/>\ntext\n" + domains("b")), true, 4,
			[]string{"line 2: <allow-access-from>", "line 3: <allow-access-from>: there is no to-ports", "line 4: <allow-access-from>: to-ports", "line 5: <site-control>", "line 6: <allow-access> is unknown inside", `remove "text"`}},
		{"one with elements inside an unknown one", rules("<x>" + domains("a") + "</x>" + domains("b")), true, 1, []string{"line 2: <x> is unknown", "line 2: <allow-access-from> stands inside <x>"}},
		{"one that is cut short", "<cross-domain-policy>\n" + domains("*"), false, 0, []string{"<cross-domain-policy> is never closed"}},
		{"one that is cut short in a tag", "<cross-domain-policy>\n<allow", false, 0, []string{"it ends in the middle"}},
		{"tags that cross", rules("<allow-access-from domain='*' to-ports='1'>"), false, 0, []string{"line 3: </cross-domain-policy> comes before <allow-access-from> is closed"}},
		{"another root", "<policy/>", false, 0, []string{"the outermost element is <policy>"}},
		{"two roots", "<cross-domain-policy/><cross-domain-policy/>", false, 0, []string{"stands behind the end"}},
		{"text in front", "ok <cross-domain-policy/>", false, 0, []string{"there is text between the elements"}},
		{"one that is too long", rules(domains("a") + strings.Repeat(" ", MaxSize)), false, 0, []string{"clients take no notice of more than 20480"}},
		{"UTF-16", "\xff\xfe<\x00", false, 0, []string{"the policy file is in UTF-16"}},
		{"an entity of its own", "<!DOCTYPE cross-domain-policy [<!ENTITY e '*'>]><cross-domain-policy>&e;</cross-domain-policy>", false, 0, []string{"the DOCTYPE makes entities", "the policy file is not XML"}},
		{"elements too deep", rules(strings.Repeat("<x>", 40) + strings.Repeat("</x>", 40)), false, 0, slices.Concat(slices.Repeat([]string{"<x>"}, 31), []string{"<x> stands inside more than 31 others"})},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, problems := Parse([]byte(tt.file))
			if (f != nil) != tt.readable || f != nil && len(f.Rules) != tt.rules {
				t.Errorf("%+v, want readable %v with %d rules", f, tt.readable, tt.rules)
			}
			if !tt.readable && len(problems) == 0 {
				t.Error("nobody is told why")
			}
			if len(problems) != len(tt.problems) {
				t.Fatalf("%v", problems)
			}
			for i, want := range tt.problems {
				if got := problems[i].String(); !strings.Contains(got, want) {
					t.Errorf("%q, want %q", got, want)
				}
			}
		})
	}
}

func TestTheFirstProblemIsTheOneThatCheckTells(t *testing.T) {
	for _, file := range []string{"", "x", rules(""), rules(domains("a b", "c d")), rules("<a/>"), rules(strings.Repeat(" ", MaxSize)), "<cross-domain-policy>\n<a"} {
		err := Check([]byte(file))
		_, problems := Parse([]byte(file))
		switch {
		case err == nil && len(problems) == 0:
		case err == nil || len(problems) == 0 || !strings.HasSuffix(err.Error(), problems[0].Text):
			t.Errorf("%v and %v", err, problems)
		}
	}
}

func TestProblemsWithoutEndAreCounted(t *testing.T) {
	_, problems := Parse([]byte(rules(strings.Repeat("<a/>", 500) + "<")))
	if n := len(problems); n != mostProblems+1 || problems[n-2].Text != "there are 401 problems more in between" || !strings.Contains(problems[n-1].Text, "not XML") {
		t.Errorf("%d problems, the last are %v", n, problems[n-2:])
	}
}

func TestRulesArePutInWords(t *testing.T) {
	for attributes, want := range map[string]string{
		`domain="*" to-ports="*"`:                                           "SWFs from anywhere may reach every port",
		`domain="*.example.com" to-ports="507,516-523"`:                     "SWFs from example.com and all names below it may reach ports 507 and 516 to 523",
		`domain="www.example.com" to-ports="80" secure="true"`:              "SWFs from www.example.com that came over HTTPS may reach port 80",
		`domain="192.0.2.1" to-ports="1-2" secure="false"`:                  "SWFs from 192.0.2.1 may reach ports 1 to 2",
		`domain="a" to-ports="7-7,1-65535"`:                                 "SWFs from a may reach every port",
		`domain="a"`:                                                        "SWFs from a may reach no port",
		`domain="a" to-ports="x"`:                                           "SWFs from a may reach no port",
		`to-ports="1"`:                                                      "SWFs from nowhere may reach port 1",
		"domain=\"a\u202e\" to-ports=\"1\"":                                 "SWFs from a&#x202e; may reach port 1",
		`domain="a" to-ports="1,2,3,4,5,6,7,8,9,10"`:                        "SWFs from a may reach ports 1, 2, 3, 4, 5, 6, 7, 8 and 2 more ranges",
		`domain="a" to-ports="1,3" secure="yes"`:                            "SWFs from a may reach ports 1 and 3",
		`domain="a" to-ports="1" domain="b"`:                                "SWFs from a may reach port 1",
		`domain="bücher.example" to-ports="1" x:domain="c" unknown="d"`:     "SWFs from bücher.example may reach port 1",
		`domain="` + strings.Repeat("a", 100) + `.example" to-ports="5-10"`: "SWFs from " + strings.Repeat("a", 60) + "... may reach ports 5 to 10",
	} {
		f, problems := Parse([]byte(rules("<allow-access-from " + attributes + "/>")))
		if f == nil || len(f.Rules) != 1 {
			t.Fatalf("%s: %+v %v", attributes, f, problems)
		}
		if got := f.Rules[0].Words(); got != want {
			t.Errorf("%s: %q, want %q", attributes, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(rules(domains("*", "*.example.com", "192.0.2.1"))), uint16(843), "www.example.com", uint16(507), false)
	f.Add([]byte(rules("<allow-access-from domain='a' to-ports='1-2,3' secure='true'/><x><y/></x>")), uint16(5000), "[::1]", uint16(2), true)
	f.Add([]byte("<cross-domain-policy><site-control permitted-cross-domain-policies='none'/>"), uint16(843), "a", uint16(1), true)
	f.Fuzz(func(t *testing.T, file []byte, fromPort uint16, domain string, port uint16, secure bool) {
		read, problems := Parse(file)
		err := Check(file)
		if (err == nil) != (len(problems) == 0) || read == nil && err == nil || len(problems) > mostProblems+1 {
			t.Fatalf("%v, %v and %+v", err, problems, read)
		}
		for _, p := range problems {
			fitToBeShown(t, fmt.Errorf("%s", p))
		}
		r := Explain(read, fromPort, Query{domain, port, secure})
		for _, s := range r.Reasons {
			fitToBeShown(t, fmt.Errorf("%s", s))
		}
		if len(r.Reasons) < 2 || len(r.Reasons) > mostReasons+2 {
			t.Fatalf("%q", r.Reasons)
		}
		if !r.Granted {
			if r.Rule != nil || r.FromPort != 0 {
				t.Fatalf("%+v", r)
			}
			return
		}
		// What is granted is so by a rule of the file, and not against the two rules of thumb.
		if !slices.ContainsFunc(read.Rules, func(x Rule) bool { return x.Line == r.Rule.Line }) || r.FromPort != fromPort ||
			port < 1024 && fromPort >= 1024 || r.Rule.Secure && !secure || fromPort == MasterPort && read.SiteControl == "none" {
			t.Fatalf("%+v by %+v", r, read)
		}
		for _, x := range read.Rules {
			fitToBeShown(t, fmt.Errorf("%s %s", x, x.Words()))
		}
	})
}
