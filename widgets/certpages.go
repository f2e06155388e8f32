package widgets

import (
	"fmt"
	"strings"
	"time"

	"wirebench/sessions/certs"
	"wirebench/sessions/certs/describe"
	"wirebench/widgets/grid"
)

// certificateFacts are every field of a certificate.
func certificateFacts(d describe.Document) []factGroup {
	var groups []factGroup
	if d.Err != nil {
		groups = append(groups, factGroup{title: "Not all of it can be read", facts: []fact{{name: "Problem", value: d.Err.Error(), tone: grid.Warning}}})
	}
	for _, g := range d.Groups {
		n := factGroup{title: g.Title, critical: g.Critical, problem: g.Problem}
		for _, f := range g.Fields {
			n.facts = append(n.facts, fact{name: f.Name, value: f.Value, note: f.Note, problem: f.Problem, raw: f.Raw})
		}
		groups = append(groups, n)
	}
	return groups
}

// factText bounds a value that comes from elsewhere than a description, in characters.
const factText = 4096

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// said is a text that is safe to show, or what to say when it is empty.
func said(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return plainText(s, factText, false)
}

// connectionFacts are what the handshake came to.
func connectionFacts(r *certs.Report, resumption string) []factGroup {
	h := r.Handshake
	if h == nil {
		return nil
	}
	hello := factGroup{title: "Handshake"}
	add := func(g *factGroup, name, value, note string) {
		g.facts = append(g.facts, fact{name: name, value: value, note: note})
	}
	if h.Problem != "" {
		hello.facts = append(hello.facts, fact{name: "Problem", value: plainText(h.Problem, factText, false), tone: grid.Error})
	}
	if h.Complete {
		add(&hello, "Completed", "yes", "so the server has the certificate's private key")
	} else {
		hello.facts = append(hello.facts, fact{name: "Completed", value: "no", tone: grid.Warning, note: "so nothing proves that the server has the certificate's private key"})
	}
	if h.StartTLS != "" {
		add(&hello, "STARTTLS", said(h.StartTLS, ""), "")
	}
	add(&hello, "Version", said(h.Version, "none agreed on"), "")
	add(&hello, "Cipher suite", said(h.CipherSuite, "none agreed on"), "")
	exchange := "none agreed on"
	if h.Version != "" {
		exchange = "RSA, or not told"
	}
	add(&hello, "Key exchange", said(h.Curve, exchange), "")
	retry := ""
	if h.HelloRetry {
		retry = "the server asked for another key share, which cost a round trip"
	}
	add(&hello, "Hello retry request", yesNo(h.HelloRetry), retry)
	add(&hello, "Server's signature", said(h.Signature, "not told"), "")
	add(&hello, "Server name sent (SNI)", said(h.ServerName, "none"), "")
	add(&hello, "ALPN offered", said(strings.Join(h.ALPNOffered, ", "), "none"), "")
	add(&hello, "ALPN chosen", said(h.ALPN, "none"), "")
	add(&hello, "Encrypted client hello", yesNo(h.ECH), "")
	add(&hello, "Took", milliseconds(h.Took), "")

	session := factGroup{title: "Session"}
	add(&session, "Resumed", yesNo(h.Resumed), "")
	if resumption != "" {
		add(&session, "Resumption test", plainText(resumption, factText, false), "")
	}
	add(&session, "OCSP response stapled", yesNo(h.Stapled), "")
	add(&session, "Timestamps (SCT)", FormatCount(int64(h.SCTs)), "in the handshake")

	client := factGroup{title: "Client certificate"}
	add(&client, "Asked for", yesNo(h.ClientAsked), "")
	client.facts = append(client.facts, fact{name: "Sent", value: said(h.ClientSent, "none"), note: plainText(h.ClientProblem, factText, false), problem: h.ClientProblem != ""})
	groups := []factGroup{hello, session, client}
	if n := len(h.AcceptableCAs); n > 0 {
		accepted := factGroup{title: fmt.Sprintf("CAs the server accepts (%s)", FormatCount(int64(n)))}
		for _, ca := range h.AcceptableCAs {
			add(&accepted, "Name", plainText(ca, factText, false), "")
		}
		groups = append(groups, accepted)
	}
	check := factGroup{title: "How it was checked"}
	add(&check, "Host", said(r.Host, "no name was checked"), "")
	add(&check, "As of", r.Time.UTC().Format("2006-01-02 15:04:05 UTC"), "")
	add(&check, "Trust anchors", said(r.Store, "none"), "")
	return append(groups, check)
}

// revocationFacts are the results for each certificate of the chain.
func revocationFacts(r *certs.Report) []factGroup {
	tones := map[certs.Result]grid.Colour{certs.Good: grid.Success, certs.RevokedCert: grid.Error, certs.Undetermined: grid.Warning}
	var groups []factGroup
	for _, v := range r.Revocation {
		title := depthText(v.Depth, v.Subject)
		if n := len(groups); n == 0 || groups[n-1].title != title {
			groups = append(groups, factGroup{title: title})
		}
		g := &groups[len(groups)-1]
		put := func(name, value string, tone grid.Colour) {
			if value != "" {
				g.facts = append(g.facts, fact{name: name, value: value, tone: tone})
			}
		}
		if v.Method == certs.MethodNone {
			put("Result", said(string(v.Result), ""), grid.Muted)
			put("Why", said(v.Detail, ""), grid.Default)
			continue
		}
		put(string(v.Method), said(string(v.Result), ""), tones[v.Result])
		put("  Evidence", said(v.Detail, ""), grid.Default)
		from := said(v.From, "")
		if v.Took > 0 {
			from += ", " + milliseconds(v.Took)
		}
		put("  From", from, grid.Default)
	}
	return groups
}

// milliseconds writes a short time: "12.3 ms".
func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}

// daysText says how long the leaf still holds, or since when it does not.
func daysText(r *certs.Report) string {
	if len(r.Chain) == 0 {
		return ""
	}
	leaf := r.Chain[0]
	// Counted in seconds: certificates may be centuries off, which no [time.Duration] can hold.
	long := func(from, to time.Time) string {
		const minute, hour, day = 60, 3600, 24 * 3600
		switch s := to.Unix() - from.Unix(); {
		case s >= 2*day:
			return plural(s/day, "day")
		case s >= 2*hour:
			return plural(s/hour, "hour")
		default:
			return plural(s/minute, "minute")
		}
	}
	switch {
	case r.Time.Before(leaf.NotBefore):
		return "begins in " + long(r.Time, leaf.NotBefore)
	case r.Time.After(leaf.NotAfter):
		return "expired " + long(leaf.NotAfter, r.Time) + " ago"
	}
	return "expires in " + long(r.Time, leaf.NotAfter)
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
	if h.StartTLS != "" {
		parts = append(parts, "after "+plainText(h.StartTLS, 20, false))
	}
	if h.Resumed {
		parts = append(parts, "resumed")
	}
	if h.Took > 0 && len(parts) > 0 {
		parts = append(parts, milliseconds(h.Took))
	}
	return strings.Join(parts, " · ")
}

// judgedText says for which name a report holds, as of when, and against which anchors.
func judgedText(r *certs.Report) string {
	host := "no name checked"
	if r.Host != "" {
		host = "checked for " + plainText(r.Host, 100, false)
	}
	return joinDot(host, "as of "+r.Time.UTC().Format("2006-01-02 15:04 UTC"), plainText(r.Store, 120, false))
}
