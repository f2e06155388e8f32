package cli

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"wirebench/sessions/capture"
	"wirebench/sessions/certs"
	"wirebench/sessions/jsonl"
	"wirebench/sessions/policy"
)

// The events of the policy command. Field names are a contract.
type (
	policyFileEvent struct {
		jsonl.Head
		File        string          `json:"file,omitempty"` // where it stood
		Port        uint16          `json:"port"`           // where it came from, or is to
		Master      bool            `json:"master"`         // that is the place of the master policy file
		Peer        string          `json:"peer,omitempty"` // who was connected to
		DurationMs  float64         `json:"durationMs"`
		Ending      string          `json:"ending"`          // how the answer ended: zero byte, closed, too long, timed out, broken, unanswered
		Length      int             `json:"length"`          // in bytes, without the zero byte
		Text        string          `json:"text"`            // the file
		Usable      bool            `json:"usable"`          // clients take notice of it
		Error       string          `json:"error,omitempty"` // or why they do not
		SiteControl string          `json:"siteControl"`     // all, master-only, none; "" where it has none
		Rules       []policyRule    `json:"rules"`
		Problems    []policyProblem `json:"problems"`
	}
	policyRule struct {
		Line    int      `json:"line"`
		Domain  string   `json:"domain"`
		ToPorts string   `json:"toPorts"`
		Ports   [][2]int `json:"ports"` // ranges with both ends in them
		Secure  bool     `json:"secure"`
		Text    string   `json:"text"`
	}
	policyProblem struct {
		Line int    `json:"line,omitempty"` // missing for the file as a whole
		Text string `json:"text"`
	}
	verdictEvent struct {
		jsonl.Head
		Domain   string   `json:"domain"`
		ToPort   uint16   `json:"toPort"`
		HTTPS    bool     `json:"https"`
		Granted  bool     `json:"granted"`
		FromPort uint16   `json:"fromPort,omitempty"` // whose file grants it
		Line     int      `json:"line,omitempty"`     // of the rule that does
		Reasons  []string `json:"reasons"`
	}
)

// exchanged counts what went over the connection to one place: the request and
// the answer, as far as they went, are a message each.
func (r *reporter) exchanged(s policy.Source) {
	r.carried(capture.In, s.Received, min(s.Received, 1))
	r.carried(capture.Out, s.Sent, min(s.Sent, 1))
}

// policyFile reports on one place; file is its name where it was read.
func (r *reporter) policyFile(s policy.Source, file string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.json {
		r.emit(policyEvent(s, file), time.Time{}, "")
		return
	}
	var t strings.Builder
	switch {
	case file != "":
		fmt.Fprintf(&t, "%s, as from port %d: %s\n", file, s.Port, counted(int64(len(s.Raw)), "byte"))
	case s.Address == "":
		fmt.Fprintf(&t, "port %d\n", s.Port)
	default:
		fmt.Fprintf(&t, "port %d (%s): %s in %.1f ms\n", s.Port, s.Address, counted(int64(len(s.Raw)), "byte"), certs.Milliseconds(s.Took))
	}
	if f := s.File; f != nil {
		switch {
		case f.SiteControl != "" && s.Master:
			fmt.Fprintf(&t, "  site-control: policy files on this host: %s\n", f.SiteControl)
		case f.SiteControl != "":
			fmt.Fprintf(&t, "  site-control: %s, which says nothing from this port\n", f.SiteControl)
		}
		for _, rule := range f.Rules {
			fmt.Fprintf(&t, "  line %d: %s\n", rule.Line, rule.Words())
		}
		if len(f.Rules) == 0 {
			fmt.Fprintln(&t, "  it lets nobody reach anything")
		}
	}
	said := ""
	for _, p := range s.Problems {
		fmt.Fprintf(&t, "  problem: %s\n", p)
		said += p.String()
	}
	// The problem that makes a file useless has been said.
	if s.Err != nil && !strings.Contains(said, strings.TrimPrefix(s.Err.Error(), fmt.Sprintf("port %d: ", s.Port))) {
		fmt.Fprintf(&t, "  %v\n", s.Err)
	} else if s.Err != nil {
		fmt.Fprintln(&t, "  clients take no notice of this file")
	}
	r.out.put([]byte(plain(t.String())))
}

func policyEvent(s policy.Source, file string) policyFileEvent {
	e := policyFileEvent{
		Head: jsonl.At(time.Now(), "policyFile"), File: file, Port: s.Port, Master: s.Master, Peer: s.Address,
		DurationMs: certs.Milliseconds(s.Took), Ending: s.Ending.String(), Length: len(s.Raw),
		Text: string(bytes.ToValidUTF8(s.Raw, []byte("\ufffd"))), Usable: s.Usable() != nil,
		Rules: []policyRule{}, Problems: []policyProblem{},
	}
	if s.Err != nil {
		e.Error = s.Err.Error()
	}
	for _, p := range s.Problems {
		e.Problems = append(e.Problems, policyProblem{p.Line, p.Text})
	}
	if s.File == nil {
		return e
	}
	e.SiteControl = s.File.SiteControl
	for _, rule := range s.File.Rules {
		ports := [][2]int{}
		for _, p := range rule.Ports {
			ports = append(ports, [2]int{int(p.From), int(p.To)})
		}
		e.Rules = append(e.Rules, policyRule{rule.Line, rule.Domain, rule.ToPorts, ports, rule.Secure, rule.Words()})
	}
	return e
}

// verdict reports what becomes of a SWF's connection.
func (r *reporter) verdict(q policy.Query, ruling policy.Ruling) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if !r.json {
		word := "no"
		if ruling.Granted {
			word = "yes"
		}
		r.out.put([]byte(plain(word + ": " + strings.Join(ruling.Reasons, "\n  ") + "\n")))
		return
	}
	e := verdictEvent{
		Head: jsonl.At(now, "verdict"), Domain: q.Domain, ToPort: q.Port, HTTPS: q.Secure,
		Granted: ruling.Granted, FromPort: ruling.FromPort, Reasons: ruling.Reasons,
	}
	if ruling.Rule != nil {
		e.Line = ruling.Rule.Line
	}
	r.emit(e, now, "")
}
