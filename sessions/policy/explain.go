package policy

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"golang.org/x/net/idna"
)

// Query is a connection that a SWF wants to make.
type Query struct {
	Domain string // where the SWF is from: a name or an IP address
	Port   uint16 // the port it wants to reach
	Secure bool   // the SWF came over HTTPS
}

// Check says what makes no sense in a query, or gives nil.
func (q Query) Check() error {
	switch problem := domain(q.Domain); {
	case q.Domain == "" || strings.Contains(q.Domain, "*"):
		return errors.New("the domain is where one SWF is from: write a name like www.example.com, or an IP address")
	case problem != "":
		return fmt.Errorf("the domain %s: %s", quoted(q.Domain), problem)
	case q.Port == 0:
		return errors.New("the port that is to be reached is missing: write 1 to 65535")
	}
	return nil
}

// Ruling is what becomes of a [Query].
type Ruling struct {
	Granted bool
	// FromPort is the port whose file grants the query, and Rule the rule of it; 0 and nil where nothing does.
	FromPort uint16
	Rule     *Rule
	// Reasons say why in sentences that are safe to show. The first one is the ruling; where nothing grants
	// the query there is one behind it for each thing that could have.
	Reasons []string
}

// String gives the reasons, one a line.
func (r Ruling) String() string { return strings.Join(r.Reasons, "\n") }

// mostReasons is how many rules are gone into of a file that grants nothing.
const mostReasons = 50

// Explain says whether a policy file that comes from a port lets a SWF make a connection to a port of the same
// host, by which rule, or why none does. The file is nil where there is none that a client would use.
//
// The rules are Adobe's. One rule is enough. "*" is anywhere, "*.example.com" is example.com and every name below
// it, and an IP address is only that address: no name is looked up. A file from a port of 1024 or more lets
// nobody reach a port below. One with a site-control of "none" on port 843 lets nobody reach anything, itself
// included; from another port a site-control says nothing.
func Explain(file *File, fromPort uint16, q Query) Ruling {
	no := fmt.Sprintf("nothing lets a SWF from %s reach port %d", shown(q.Domain), q.Port)
	if file == nil {
		return Ruling{Reasons: []string{no, "there is no policy file that a client would use"}}
	}
	if fromPort == MasterPort && file.SiteControl == "none" {
		return Ruling{Reasons: []string{no, `site-control says permitted-cross-domain-policies="none": no policy file on this host counts, this one neither`}}
	}
	reasons := []string{no}
	for i := range file.Rules {
		r := &file.Rules[i]
		why := r.against(fromPort, q)
		if why == "" {
			return Ruling{Granted: true, FromPort: fromPort, Rule: r, Reasons: []string{
				fmt.Sprintf("a SWF from %s may reach port %d", shown(q.Domain), q.Port),
				fmt.Sprintf("line %d: %s", r.Line, r.Words()),
			}}
		}
		if i < mostReasons {
			reasons = append(reasons, fmt.Sprintf("line %d: %s", r.Line, why))
		}
	}
	if n := len(file.Rules); n > mostReasons {
		reasons = append(reasons, fmt.Sprintf("and %d more rules do not either", n-mostReasons))
	} else if n == 0 {
		reasons = append(reasons, "there is no allow-access-from in the policy file")
	}
	return Ruling{Reasons: reasons}
}

// against says why the rule does not grant a query, or gives "".
func (r *Rule) against(fromPort uint16, q Query) string {
	if r.Domain == "" {
		return "the rule has no domain"
	}
	if why := mismatch(r.Domain, q.Domain); why != "" {
		return why
	}
	switch {
	case r.ToPorts == "":
		return "the rule has no to-ports, and lets nobody reach a socket without"
	case len(r.Ports) == 0:
		return fmt.Sprintf("to-ports=%s makes no sense, and lets nobody reach a port", quoted(r.ToPorts))
	case !r.reaches(q.Port):
		return fmt.Sprintf("the domain fits, and it may reach %s, but not %d", portWords(r.Ports), q.Port)
	case r.Secure && !q.Secure:
		return "domain and port fit, but the rule is for SWFs that came over HTTPS"
	case fromPort >= 1024 && q.Port < 1024:
		return fmt.Sprintf("domain and port fit, but the file comes from port %d: only a file from a port below 1024, such as %d, lets anybody reach a port below 1024", fromPort, MasterPort)
	}
	return ""
}

// reaches reports whether the rule has a port.
func (r *Rule) reaches(port uint16) bool {
	for _, p := range r.Ports {
		if p.From <= port && port <= p.To {
			return true
		}
	}
	return false
}

// mismatch says why a rule for a domain is not for a SWF from another, or gives "".
func mismatch(rule, from string) string {
	if rule == "*" {
		return ""
	}
	ruleAddress, isRule := address(rule)
	fromAddress, isFrom := address(from)
	switch {
	case isRule && isFrom && ruleAddress == fromAddress:
		return ""
	case isRule && isFrom:
		return fmt.Sprintf("the rule is for %s and not %s", shown(rule), shown(from))
	case isRule:
		return fmt.Sprintf("the rule is for %s: a SWF from %s is not, whatever that name's address is, as no name is looked up", shown(rule), shown(from))
	case isFrom:
		return fmt.Sprintf("the rule is for %s: a SWF from %s is not, whatever names that address has, as no address is looked up", shown(rule), shown(from))
	}
	if below, ok := strings.CutPrefix(rule, "*."); ok {
		below, name := plainName(below), plainName(from)
		if name == below || strings.HasSuffix(name, "."+below) {
			return ""
		}
		return fmt.Sprintf("the rule is for %s and the names below it, and %s is none of them", shown(below), shown(from))
	}
	name, wanted := plainName(rule), plainName(from)
	switch {
	case name == wanted:
		return ""
	case strings.HasSuffix(wanted, "."+name):
		return fmt.Sprintf("the rule is for %s alone, and not for names below it: those need *.%[1]s", shown(rule))
	}
	return fmt.Sprintf("the rule is for %s and not %s", shown(rule), shown(from))
}

// address reads an IP address, one of version 6 in brackets or not.
func address(s string) (netip.Addr, bool) {
	if !isAddress(s) {
		return netip.Addr{}, false
	}
	a, err := netip.ParseAddr(strings.Trim(s, "[]"))
	return a, err == nil
}

// plainName writes a name as it is compared: in ASCII where that can be (RFC 5891), and in small letters.
func plainName(s string) string {
	if a, err := idna.Lookup.ToASCII(s); err == nil {
		return strings.ToLower(a)
	}
	return strings.ToLower(s)
}
