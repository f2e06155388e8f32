package policy

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
)

// MasterPort is where a client asks first. What is served there, the master policy file, also says
// whether files from other ports count.
const MasterPort = 843

// File is what a policy file says as far as sockets go.
type File struct {
	// SiteControl is what a site-control says of the files on this host: "all", "master-only", "none", or ""
	// where the file has none, which for sockets is as good as "all". Only a master's counts.
	SiteControl string
	// Rules are the allow-access-from elements, in order.
	Rules []Rule
}

// Rule is one allow-access-from element.
type Rule struct {
	Line    int    // where it is, from 1
	Domain  string // "*", "*.example.com", "www.example.com" or an IP address; "" where it is missing
	ToPorts string // as it is written; "" where it is missing
	// Ports are those of ToPorts, in order. There are none where that makes no sense, and the rule lets
	// nobody reach anything.
	Ports  []PortRange
	Secure bool // secure="true": only for SWFs that came over HTTPS
}

// String writes the rule as the file has it, safe to show.
func (r Rule) String() string {
	var s strings.Builder
	fmt.Fprintf(&s, "domain=%s", quoted(r.Domain))
	if r.ToPorts != "" {
		fmt.Fprintf(&s, " to-ports=%s", quoted(r.ToPorts))
	}
	if r.Secure {
		s.WriteString(` secure="true"`)
	}
	return s.String()
}

// Words says in a sentence what the rule allows, safe to show: `SWFs from example.com and all names below it
// may reach ports 507 and 516 to 523`.
func (r Rule) Words() string {
	who := "from " + shown(r.Domain)
	switch below, wild := strings.CutPrefix(r.Domain, "*."); {
	case r.Domain == "":
		who = "from nowhere"
	case r.Domain == "*":
		who = "from anywhere"
	case wild:
		who = fmt.Sprintf("from %s and all names below it", shown(below))
	}
	if r.Secure {
		who += " that came over HTTPS"
	}
	return fmt.Sprintf("SWFs %s may reach %s", who, portWords(r.Ports))
}

// PortRange is a range of ports with both ends in it. The to-ports "*" is 1 to 65535.
type PortRange struct{ From, To uint16 }

// portWords is how ports are named in a sentence. It names a few, and how many ranges there are more.
func portWords(ports []PortRange) string {
	const most = 8
	var words []string
	for i, p := range ports {
		switch {
		case p.From == 1 && p.To == 65535:
			return "every port"
		case i == most:
			words = append(words, fmt.Sprintf("%d more ranges", len(ports)-most))
		case i > most:
		case p.From == p.To:
			words = append(words, strconv.Itoa(int(p.From)))
		default:
			words = append(words, fmt.Sprintf("%d to %d", p.From, p.To))
		}
	}
	switch len(words) {
	case 0:
		return "no port"
	case 1:
		if ports[0].From == ports[0].To {
			return "port " + words[0]
		}
		return "ports " + words[0]
	}
	return "ports " + strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// Problem is something wrong with a policy file, or with how it is served.
type Problem struct {
	Line int    // from 1; 0 for the file as a whole
	Text string // what is wrong and what to do, safe to show
}

// String puts the line in front, where there is one.
func (p Problem) String() string {
	if p.Line == 0 {
		return p.Text
	}
	return fmt.Sprintf("line %d: %s", p.Line, p.Text)
}

// mostProblems is how many are listed of a file.
const mostProblems = 100

// Parse reads a policy file, and says everything that is wrong with it as [Check] says the first thing; of more
// than 100 problems it gives the first ones, how many there are between, and the last. The file is nil where a client would take no notice of it, one of
// the problems being that it is no XML, no policy file, or too long.
//
// What it means that an attribute is missing or makes no sense is not specified. Here such a rule lets nobody
// reach anything, or is not for HTTPS alone.
func Parse(file []byte) (*File, []Problem) {
	var f File
	var problems []Problem
	var last Problem
	more := 0
	readable := scan(file, func(line int, text string) bool {
		last = Problem{line, text}
		if len(problems) < mostProblems-1 {
			problems = append(problems, last)
		} else {
			more++
		}
		return true
	}, f.add)
	if more > 1 {
		problems = append(problems, Problem{0, fmt.Sprintf("there are %d problems more in between", more-1)})
	}
	if more > 0 {
		problems = append(problems, last)
	}
	if !readable {
		return nil, problems
	}
	return &f, problems
}

// add takes an element of the specification.
func (f *File) add(line int, e xml.StartElement) {
	switch fullName(e.Name) {
	case "site-control":
		if v := value(e, "permitted-cross-domain-policies"); f.SiteControl == "" && siteControl(v) == "" {
			f.SiteControl = v
		}
	case "allow-access-from":
		r := Rule{Line: line, Domain: value(e, "domain"), ToPorts: value(e, "to-ports"), Secure: value(e, "secure") == "true"}
		if toPorts(r.ToPorts) == "" {
			r.Ports = portRanges(r.ToPorts)
		}
		f.Rules = append(f.Rules, r)
	}
}

// value gives an attribute, the first where there are several, or "".
func value(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if fullName(a.Name) == name {
			return a.Value
		}
	}
	return ""
}

// portRanges reads what toPorts finds no mistake in.
func portRanges(v string) []PortRange {
	if v == "*" {
		return []PortRange{{1, 65535}}
	}
	var ports []PortRange
	for item := range strings.SplitSeq(v, ",") {
		low, high, isRange := strings.Cut(item, "-")
		from, _ := port(low)
		to := from
		if isRange {
			to, _ = port(high)
		}
		ports = append(ports, PortRange{uint16(from), uint16(to)})
	}
	return ports
}
