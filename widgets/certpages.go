package widgets

import (
	"fmt"
	"strings"
	"time"

	"wirebench/sessions/certs"
	"wirebench/sessions/certs/describe"
	"wirebench/widgets/grid"
	"wirebench/widgets/words"
)

// certificateFacts are every field of a certificate.
func certificateFacts(d describe.Document) []factGroup {
	var groups []factGroup
	if d.Err != nil {
		groups = append(groups, factGroup{title: words.Say("Not all of it can be read"), facts: []fact{{name: words.Say("Problem"), value: d.Err.Error(), tone: grid.Warning}}})
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

func yesNo(b bool) string {
	if b {
		return words.Say("yes")
	}
	return words.Say("no")
}

// connectionFacts are what the handshake came to.
func connectionFacts(r *certs.Report, resumption string) []factGroup {
	h := r.Handshake
	if h == nil {
		return nil
	}
	hello := factGroup{title: words.Say("Handshake")}
	add := func(g *factGroup, name, value, note string) {
		g.facts = append(g.facts, fact{name: name, value: value, note: note})
	}
	if h.Problem != "" {
		hello.facts = append(hello.facts, fact{name: words.Say("Problem"), value: plainText(h.Problem, factText, false), tone: grid.Error})
	}
	if h.Complete {
		add(&hello, words.Say("Completed // a handshake"), words.Say("yes"), words.Say("so the server has the certificate's private key"))
	} else {
		hello.facts = append(hello.facts, fact{name: words.Say("Completed // a handshake"), value: words.Say("no"), tone: grid.Warning, note: words.Say("so nothing proves that the server has the certificate's private key")})
	}
	if h.StartTLS != "" {
		add(&hello, "STARTTLS", said(h.StartTLS, ""), "")
	}
	add(&hello, words.Say("Version // of TLS"), said(h.Version, words.Say("none agreed on")), "")
	add(&hello, words.Say("Cipher suite"), said(h.CipherSuite, words.Say("none agreed on")), "")
	exchange := words.Say("none agreed on")
	if h.Version != "" {
		exchange = words.Say("RSA, or not told")
	}
	add(&hello, words.Say("Key exchange"), said(h.Curve, exchange), "")
	retry := ""
	if h.HelloRetry {
		retry = words.Say("the server asked for another key share, which cost a round trip")
	}
	add(&hello, words.Say("Hello retry request"), yesNo(h.HelloRetry), retry)
	add(&hello, words.Say("Server's signature"), said(h.Signature, words.Say("not told")), "")
	add(&hello, words.Say("Server name sent (SNI)"), said(h.ServerName, words.Say("none")), "")
	add(&hello, words.Say("ALPN offered"), said(strings.Join(h.ALPNOffered, ", "), words.Say("none")), "")
	add(&hello, words.Say("ALPN chosen"), said(h.ALPN, words.Say("none")), "")
	add(&hello, words.Say("Encrypted client hello"), yesNo(h.ECH), "")
	add(&hello, words.Say("Took // a handshake some time"), milliseconds(h.Took), "")

	session := factGroup{title: words.Say("Session // of TLS")}
	add(&session, words.Say("Resumed // a TLS session"), yesNo(h.Resumed), "")
	if resumption != "" {
		add(&session, words.Say("Resumption test"), plainText(resumption, factText, false), "")
	}
	add(&session, words.Say("OCSP response stapled"), yesNo(h.Stapled), "")
	add(&session, words.Say("Timestamps (SCT)"), FormatCount(int64(h.SCTs)), words.Say("in the handshake"))

	client := factGroup{title: words.Say("Client certificate")}
	add(&client, words.Say("Asked for // a client certificate"), yesNo(h.ClientAsked), "")
	client.facts = append(client.facts, fact{name: words.Say("Sent // a client certificate"), value: said(h.ClientSent, words.Say("none")), note: plainText(h.ClientProblem, factText, false), problem: h.ClientProblem != ""})
	groups := []factGroup{hello, session, client}
	if n := len(h.AcceptableCAs); n > 0 {
		accepted := factGroup{title: words.Many(int64(n), "CAs the server accepts (%d)", "CAs the server accepts (%d)"), kind: "accepted"}
		for _, ca := range h.AcceptableCAs {
			add(&accepted, words.Say("Name // of an issuer"), plainText(ca, factText, false), "")
		}
		groups = append(groups, accepted)
	}
	check := factGroup{title: words.Say("How it was checked")}
	add(&check, words.Say("Host // a certificate was checked for"), said(r.Host, words.Say("no name was checked")), "")
	add(&check, words.Say("As of // the time a certificate was checked for"), r.Time.UTC().Format("2006-01-02 15:04:05 UTC"), "")
	add(&check, words.Say("Trust anchors"), said(r.Store, words.Say("none")), "")
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
			put(words.Say("Result // of asking whether a certificate is revoked"), said(string(v.Result), ""), grid.Muted)
			put(words.Say("Why // a certificate was not checked"), said(v.Detail, ""), grid.Default)
			continue
		}
		put(string(v.Method), said(string(v.Result), ""), tones[v.Result])
		put("  "+words.Say("Evidence"), said(v.Detail, ""), grid.Default)
		from := said(v.From, "")
		if v.Took > 0 {
			from += ", " + milliseconds(v.Took)
		}
		put("  "+words.Say("From // a server that answered"), from, grid.Default)
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
	const minute, hour, day = 60, 3600, 24 * 3600
	long := func(from, to time.Time) (n, unit int64) {
		switch s := to.Unix() - from.Unix(); {
		case s >= 2*day:
			return s / day, day
		case s >= 2*hour:
			return s / hour, hour
		default:
			return s / minute, minute
		}
	}
	switch {
	case r.Time.Before(leaf.NotBefore):
		switch n, unit := long(r.Time, leaf.NotBefore); unit {
		case day:
			return words.Many(n, "begins in %d day", "begins in %d days")
		case hour:
			return words.Many(n, "begins in %d hour", "begins in %d hours")
		default:
			return words.Many(n, "begins in %d minute", "begins in %d minutes")
		}
	case r.Time.After(leaf.NotAfter):
		switch n, unit := long(leaf.NotAfter, r.Time); unit {
		case day:
			return words.Many(n, "expired %d day ago", "expired %d days ago")
		case hour:
			return words.Many(n, "expired %d hour ago", "expired %d hours ago")
		default:
			return words.Many(n, "expired %d minute ago", "expired %d minutes ago")
		}
	}
	switch n, unit := long(r.Time, leaf.NotAfter); unit {
	case day:
		return words.Many(n, "expires in %d day", "expires in %d days")
	case hour:
		return words.Many(n, "expires in %d hour", "expires in %d hours")
	default:
		return words.Many(n, "expires in %d minute", "expires in %d minutes")
	}
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
		parts = append(parts, words.Say("after %s // STARTTLS of this protocol", plainText(h.StartTLS, 20, false)))
	}
	if h.Resumed {
		parts = append(parts, words.Say("resumed // a TLS session"))
	}
	if h.Took > 0 && len(parts) > 0 {
		parts = append(parts, milliseconds(h.Took))
	}
	return strings.Join(parts, " · ")
}

// judgedText says for which name a report holds, as of when, and against which anchors.
func judgedText(r *certs.Report) string {
	host := words.Say("no name checked")
	if r.Host != "" {
		host = words.Say("checked for %s", plainText(r.Host, 100, false))
	}
	return joinDot(host, words.Say("as of %s", r.Time.UTC().Format("2006-01-02 15:04 UTC")), plainText(r.Store, 120, false))
}
