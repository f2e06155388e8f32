package certs

import (
	"fmt"
	"strings"
	"time"
)

// Text returns the report as plain text for people: the headline, every fault and warning with its
// evidence and what to do, the chains, what was negotiated, and what is known about revocation. It ends
// with a line feed and is safe to print.
func (r *Report) Text() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("certificate %s: %s", r.Status, r.Headline)
	for _, f := range r.Faults {
		line("  fault    %s (%s)%s", f.Code, f.Status, whose(f))
		explain(line, f)
	}
	for _, f := range r.Warnings {
		line("  warning  %s%s", f.Code, whose(f))
		explain(line, f)
	}
	if len(r.Chain) > 0 {
		line("chain as built")
		for i, c := range r.Chain {
			mark := ""
			if r.Anchored && i == len(r.Chain)-1 {
				mark = ", trust anchor"
			}
			line("  %d  %s  %s to %s%s", i, SubjectText(c), c.NotBefore.UTC().Format(time.DateOnly), c.NotAfter.UTC().Format(time.DateOnly), mark)
		}
	}
	if len(r.Presented) > 0 {
		line("chain as sent")
		for i, p := range r.Presented {
			name := "unreadable certificate"
			if p.Cert != nil {
				name = SubjectText(p.Cert)
			}
			line("  %d  %s  SHA-256 %s", i, name, Fingerprint(p.DER))
		}
	}
	host := r.Host
	if host == "" {
		host = "no name"
	}
	line("checked for %s as of %s against %s", host, r.Time.UTC().Format(time.RFC3339), r.Store)
	r.Handshake.text(line)
	if len(r.Revocation) > 0 {
		line("revocation")
		for _, v := range r.Revocation {
			from := ""
			if v.From != "" {
				from = " from " + quote(v.From)
			}
			line("  %d  %s%s: %s, %s", v.Depth, v.Method, from, v.Result, v.Detail)
		}
	}
	return b.String()
}

func explain(line func(string, ...any), f Finding) {
	line("           %s", f.Detail)
	if f.Hint != "" {
		line("           -> %s", f.Hint)
	}
}

func whose(f Finding) string {
	if f.Depth < 0 {
		return ""
	}
	return fmt.Sprintf(" at %d, %s", f.Depth, f.Subject)
}

func (h *Handshake) text(line func(string, ...any)) {
	if h == nil {
		return
	}
	var parts []string
	for _, p := range []string{h.Version, h.CipherSuite, h.Curve, h.ALPN} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	if h.Resumed {
		parts = append(parts, "resumed")
	}
	if len(parts) > 0 {
		line("negotiated %s in %.1f ms", quote(strings.Join(parts, ", ")), Milliseconds(h.Took))
	}
	if h.Problem != "" {
		line("handshake %s", quote(h.Problem))
	}
	if h.ClientAsked {
		sent := "none was sent"
		if h.ClientSent != "" {
			sent = "sent " + quote(h.ClientSent)
		}
		line("the server asked for a client certificate: %s", sent)
	}
}
