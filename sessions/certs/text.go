package certs

import (
	"fmt"
	"strings"

	"wirebench/sessions/inspect"
)

// Text returns the report as plain text for people: the headline, every fault and warning with its
// evidence and what to do, the chains, how it was checked, what was negotiated, and what is known about
// revocation. It ends with a line feed and is safe to print.
func (r *Report) Text() string {
	w := &textWriter{}
	w.line("certificate %s: %s", r.Status, printable(r.Headline))
	for _, f := range r.Faults {
		w.finding(fmt.Sprintf("fault    %s (%s)", f.Code, f.Status), f)
	}
	for _, f := range r.Warnings {
		w.finding(fmt.Sprintf("warning  %s", f.Code), f)
	}
	w.chains(r)
	host := "no name"
	if r.Host != "" {
		host = printable(r.Host)
	}
	w.line("checked for %s as of %s against %s", host, stamp(r.Time), r.Store)
	w.handshake(r.Handshake)
	w.revocation(r.Revocation)
	return w.String()
}

// Misplaced tells, by [Fingerprint], which certificates of the chain were sent elsewhere than their place
// among those of the chain that were sent. What was sent twice counts where it came first, and what is not
// used does not count.
func (r *Report) Misplaced() map[string]bool {
	came, used := map[string]bool{}, map[string]bool{}
	for _, p := range r.Presented {
		came[Fingerprint(p.DER)] = true
	}
	var order []string // of the chain, without what was not sent
	for _, c := range r.Chain {
		if sum := Fingerprint(c.Raw); came[sum] && !used[sum] {
			used[sum] = true
			order = append(order, sum)
		}
	}
	misplaced := map[string]bool{}
	for _, p := range r.Presented {
		sum := Fingerprint(p.DER)
		if !used[sum] {
			continue
		}
		used[sum] = false
		if order[0] != sum {
			misplaced[sum] = true
		}
		order = order[1:]
	}
	return misplaced
}

// textWriter writes the lines of [Report.Text].
type textWriter struct{ strings.Builder }

func (w *textWriter) line(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }

// printable makes any text one line that is safe to show, as much of it as anybody will read. Backslashes
// stay as they are: most texts come escaped already.
func printable(s string) string {
	const most = 2000
	if len(s) > 4*most {
		s = s[:4*most]
	}
	parts := strings.Split(s, `\`)
	for i, part := range parts {
		parts[i] = inspect.Escape([]byte(part))
	}
	return cut(strings.Join(parts, `\`), most)
}

func (w *textWriter) finding(what string, f Finding) {
	if f.Depth >= 0 {
		what += fmt.Sprintf(" at %d, %s", f.Depth, printable(f.Subject))
	}
	w.line("  %s", what)
	w.line("           %s", printable(f.Detail))
	if f.Hint != "" {
		w.line("           -> %s", printable(f.Hint))
	}
}

// chains writes the chain as it was built with what is remarkable about where each certificate came from,
// and then what was sent, in its order.
func (w *textWriter) chains(r *Report) {
	sent := map[string][]int{}
	for i, p := range r.Presented {
		sum := Fingerprint(p.DER)
		sent[sum] = append(sent[sum], i)
	}
	built, misplaced := map[string]bool{}, r.Misplaced()
	if len(r.Chain) > 0 {
		w.line("chain as built")
	}
	for i, c := range r.Chain {
		sum := Fingerprint(c.Raw)
		built[sum] = true
		marks := []string{fmt.Sprintf("%s to %s", stamp(c.NotBefore), stamp(c.NotAfter))}
		if r.Anchored && i == len(r.Chain)-1 {
			marks = append(marks, "trust anchor")
		} else if len(sent[sum]) == 0 {
			marks = append(marks, "not sent")
		}
		w.line("  %d  %s  %s", i, SubjectText(c), strings.Join(marks, ", "))
	}
	if n := len(r.Chain); n > 0 && !r.Anchored {
		top := r.Chain[n-1]
		if string(top.RawSubject) == string(top.RawIssuer) {
			w.line("     it ends here, in no trust anchor")
		} else {
			w.line("  %d  %s  not found", n, IssuerText(top))
		}
	}
	if len(r.Presented) > 0 {
		w.line("chain as sent")
	}
	for i, p := range r.Presented {
		sum := Fingerprint(p.DER)
		marks := []string{"SHA-256 " + sum}
		switch {
		case p.Cert == nil:
			marks = append(marks, "cannot be parsed")
		case sent[sum][0] != i:
			marks = append(marks, fmt.Sprintf("the same as %d", sent[sum][0]))
		case !built[sum]:
			marks = append(marks, "not used")
		case misplaced[sum]:
			marks = append(marks, "out of order")
		}
		w.line("  %d  %s  %s", i, SubjectText(p.Cert), strings.Join(marks, ", "))
	}
}

func (w *textWriter) handshake(h *Handshake) {
	if h == nil {
		return
	}
	var parts []string
	for _, p := range []string{h.Version, h.CipherSuite, h.Curve, h.ALPN} {
		if p != "" {
			parts = append(parts, printable(p))
		}
	}
	if h.HelloRetry {
		parts = append(parts, "after a hello retry request")
	}
	if h.ECH {
		parts = append(parts, "encrypted client hello")
	}
	if h.Resumed {
		parts = append(parts, "resumed")
	}
	if len(parts) > 0 {
		after := ""
		if h.StartTLS != "" {
			after = " after STARTTLS of " + printable(h.StartTLS)
		}
		w.line("negotiated %s in %.1f ms%s", strings.Join(parts, ", "), Milliseconds(h.Took), after)
	}
	if h.Problem != "" {
		w.line("handshake %s", printable(h.Problem))
	}
	if h.ClientAsked {
		given := "none was sent"
		if h.ClientSent != "" {
			given = "sent " + printable(h.ClientSent)
		}
		w.line("the server asked for a client certificate: %s", given)
		if h.ClientProblem != "" {
			w.line("           %s", printable(h.ClientProblem))
		}
	}
}

func (w *textWriter) revocation(all []Revocation) {
	if len(all) > 0 {
		w.line("revocation")
	}
	for _, v := range all {
		what := string(v.Method)
		if v.Method == MethodNone {
			what = "no answer"
		}
		if v.From != "" {
			what += " from " + printable(v.From)
		}
		if v.Took > 0 {
			what += fmt.Sprintf(" in %.1f ms", Milliseconds(v.Took))
		}
		w.line("  %d  %s: %s, %s", v.Depth, what, v.Result, printable(v.Detail))
	}
}
