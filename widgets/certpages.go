package widgets

import (
	"fmt"
	"strings"
	"time"

	"wirebench/sessions/certs"
	"wirebench/sessions/certs/describe"
)

// certificateFacts are every field of a certificate.
func certificateFacts(der []byte, at time.Time) []factGroup {
	d := describe.Certificate(der, at)
	var groups []factGroup
	if d.Err != nil {
		groups = append(groups, factGroup{title: "What cannot be read", facts: []fact{{name: "Problem", value: d.Err.Error(), problem: true}}})
	}
	for _, g := range d.Groups {
		title := g.Title
		if g.Critical {
			title += ", critical"
		}
		n := factGroup{title: title, problem: g.Problem}
		for _, f := range g.Fields {
			n.facts = append(n.facts, fact{name: f.Name, value: f.Value, note: f.Note, problem: f.Problem, raw: f.Raw})
		}
		groups = append(groups, n)
	}
	return groups
}

// connectionFacts are what the handshake came to.
func connectionFacts(r *certs.Report, resumption string) []factGroup {
	h := r.Handshake
	if h == nil {
		return nil
	}
	yes := func(b bool) string {
		if b {
			return "yes"
		}
		return "no"
	}
	or := func(s, otherwise string) string {
		if s == "" {
			return otherwise
		}
		return plainText(s, factFull, false)
	}
	hello := factGroup{title: "Handshake", facts: []fact{
		{name: "Completed", value: yes(h.Complete), note: "Only a completed handshake proves that the server has the certificate's private key."},
		{name: "Version", value: or(h.Version, "none agreed on")},
		{name: "Cipher suite", value: or(h.CipherSuite, "none agreed on")},
		{name: "Key exchange", value: or(h.Curve, "none agreed on, or RSA")},
		{name: "Hello retry request", value: yes(h.HelloRetry), note: "The server asked for another key share first, which costs a round trip."},
		{name: "Server's signature", value: or(h.Signature, "not told")},
		{name: "ALPN offered", value: or(strings.Join(h.ALPNOffered, ", "), "none")},
		{name: "ALPN chosen", value: or(h.ALPN, "none")},
		{name: "Server name sent", value: or(h.ServerName, "none")},
		{name: "Encrypted client hello", value: yes(h.ECH)},
		{name: "Took", value: milliseconds(h.Took)},
	}}
	if h.Problem != "" {
		hello.facts = append([]fact{{name: "Problem", value: plainText(h.Problem, factFull, false), problem: true}}, hello.facts...)
	}
	if h.StartTLS != "" {
		hello.facts = append(hello.facts, fact{name: "STARTTLS", value: h.StartTLS})
	}
	session := factGroup{title: "Session", facts: []fact{
		{name: "Resumed", value: yes(h.Resumed)},
		{name: "OCSP response stapled", value: yes(h.Stapled)},
		{name: "Timestamps (SCT) in the handshake", value: FormatCount(int64(h.SCTs))},
	}}
	if resumption != "" {
		session.facts = append(session.facts, fact{name: "Resumption test", value: plainText(resumption, factFull, false)})
	}
	client := factGroup{title: "Client certificate", facts: []fact{
		{name: "Asked for", value: yes(h.ClientAsked)},
		{name: "Sent", value: or(h.ClientSent, "none")},
	}}
	for i, ca := range h.AcceptableCAs {
		client.facts = append(client.facts, fact{name: fmt.Sprintf("Acceptable CA %d", i+1), value: plainText(ca, factFull, false)})
	}
	check := factGroup{title: "How it was checked", facts: []fact{
		{name: "Host", value: or(r.Host, "no name was checked")},
		{name: "As of", value: r.Time.UTC().Format("2006-01-02 15:04:05 UTC")},
		{name: "Trust anchors", value: or(r.Store, "none")},
	}}
	return []factGroup{hello, session, client, check}
}

// revocationFacts are the results for each certificate of the chain.
func revocationFacts(r *certs.Report) []factGroup {
	var groups []factGroup
	for _, v := range r.Revocation {
		title := depthText(v.Depth, v.Subject)
		if n := len(groups); n == 0 || groups[n-1].title != title {
			groups = append(groups, factGroup{title: title})
		}
		g := &groups[len(groups)-1]
		f := fact{name: string(v.Method), value: string(v.Result) + ": " + v.Detail, problem: v.Result == certs.RevokedCert}
		if v.Method == certs.MethodNone {
			f.name = "Nothing known"
		}
		if v.From != "" {
			f.note = "From " + plainText(v.From, 400, false)
			if v.Took > 0 {
				f.note += " in " + milliseconds(v.Took)
			}
		}
		g.facts = append(g.facts, f)
	}
	return groups
}

// milliseconds writes a short time: "12.3 ms".
func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}

// daysText says how long a certificate still holds, or since when it does not.
func daysText(r *certs.Report) string {
	if len(r.Chain) == 0 {
		return ""
	}
	leaf := r.Chain[0]
	day := func(d time.Duration) string {
		if d < 48*time.Hour {
			return fmt.Sprintf("%d hours", max(int(d/time.Hour), 0))
		}
		return FormatCount(int64(d/(24*time.Hour))) + " days"
	}
	switch {
	case r.Time.Before(leaf.NotBefore):
		return "begins in " + day(leaf.NotBefore.Sub(r.Time))
	case r.Time.After(leaf.NotAfter):
		return "expired " + day(r.Time.Sub(leaf.NotAfter)) + " ago"
	}
	return day(leaf.NotAfter.Sub(r.Time)) + " left"
}

// negotiated is the connection in a few words.
func negotiated(h *certs.Handshake) string {
	if h == nil {
		return ""
	}
	var parts []string
	for _, p := range []string{h.Version, h.Curve, h.CipherSuite, h.ALPN} {
		if p != "" {
			parts = append(parts, plainText(p, 60, false))
		}
	}
	if h.Resumed {
		parts = append(parts, "resumed")
	}
	if h.Took > 0 {
		parts = append(parts, milliseconds(h.Took))
	}
	return strings.Join(parts, " · ")
}
