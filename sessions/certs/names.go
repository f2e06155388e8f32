package certs

import (
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"wirebench/sessions/inspect"
)

const (
	maxNameText  = 240 // runes of a distinguished name as text; a longer one is cut
	maxValueText = 80  // runes of one value quoted in a sentence
	maxListed    = 3   // names listed in one sentence before "and N more"
)

// attributes are the short names of RFC 4519 and the ones people know, by OID.
var attributes = map[string]string{
	"2.5.4.3": "CN", "2.5.4.4": "SN", "2.5.4.5": "serialNumber", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST",
	"2.5.4.9": "street", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.12": "title", "2.5.4.15": "businessCategory",
	"2.5.4.17": "postalCode", "2.5.4.42": "GN", "2.5.4.97": "organizationIdentifier",
	"0.9.2342.19200300.100.1.1": "UID", "0.9.2342.19200300.100.1.25": "DC", "1.2.840.113549.1.9.1": "emailAddress",
	"1.3.6.1.4.1.311.60.2.1.1": "jurisdictionL", "1.3.6.1.4.1.311.60.2.1.2": "jurisdictionST", "1.3.6.1.4.1.311.60.2.1.3": "jurisdictionC",
}

// NameText is a distinguished name as one line that is safe to show, the most particular part first:
// "CN=www.example.com, O=Example, C=GB". Attributes without a short name stand by their OID, commas and
// plus signs inside a value behind a backslash, control characters as [inspect.Escape] writes them. It is
// cut after 240 characters, and "" for an empty name.
func NameText(n pkix.Name) string {
	names := n.Names
	if len(names) == 0 { // made in a program, not read from a certificate
		for _, set := range n.ToRDNSequence() {
			names = append(names, set...)
		}
	}
	var b strings.Builder
	for i := len(names) - 1; i >= 0; i-- {
		if b.Len() > 4*maxNameText {
			break // cut below anyway
		}
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		oid := names[i].Type.String()
		if short, ok := attributes[oid]; ok {
			oid = short
		}
		b.WriteString(oid)
		b.WriteByte('=')
		value, ok := names[i].Value.(string)
		if !ok {
			value = fmt.Sprint(names[i].Value)
		}
		if len(value) > 4*maxNameText {
			value = value[:4*maxNameText]
		}
		b.WriteString(nameEscaper.Replace(inspect.Escape([]byte(value))))
	}
	return cut(b.String(), maxNameText)
}

var nameEscaper = strings.NewReplacer(",", `\,`, "+", `\+`)

// SubjectText is the subject of c as [NameText] writes it, "(no subject)" when it is empty and
// "(unreadable)" for nil.
func SubjectText(c *x509.Certificate) string {
	if c == nil {
		return "(unreadable)"
	}
	if text := NameText(c.Subject); text != "" {
		return text
	}
	return "(no subject)"
}

// IssuerText is the issuer of c as [NameText] writes it, "(no issuer)" when it is empty and
// "(unreadable)" for nil.
func IssuerText(c *x509.Certificate) string {
	if c == nil {
		return "(unreadable)"
	}
	if text := NameText(c.Issuer); text != "" {
		return text
	}
	return "(no issuer)"
}

// Fingerprint is the SHA-256 of a certificate's DER in lower-case hex, as findings carry it.
func Fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}

// quote makes a value from a certificate or a person fit for a sentence: safe to show, and short.
func quote(s string) string {
	if len(s) > 8*maxValueText {
		s = s[:8*maxValueText]
	}
	return cut(inspect.Escape([]byte(s)), maxValueText)
}

// cut shortens s to at most n runes, the last one "…" when something is missing.
func cut(s string, n int) string {
	if len(s) <= n || utf8.RuneCountInString(s) <= n {
		return s
	}
	for i := range s {
		if n--; n == 0 {
			return s[:i] + "…"
		}
	}
	return s
}

// list joins quoted items for a sentence: "a", "a and b", "a, b and 9,998 more". total may be more than
// len(items).
func list(items []string, total int) string {
	shown := min(len(items), maxListed)
	if total == maxListed+1 && len(items) == total {
		shown = total // "and 1 more" would take as much room as the item itself
	}
	quoted := make([]string, 0, shown+1)
	for _, item := range items[:shown] {
		quoted = append(quoted, quote(item))
	}
	if total > shown {
		quoted = append(quoted, count(total-shown)+" more")
	}
	if len(quoted) < 2 {
		return strings.Join(quoted, "")
	}
	return strings.Join(quoted[:len(quoted)-1], ", ") + " and " + quoted[len(quoted)-1]
}

// count writes n with commas: 9,998.
func count(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// plural is "1 day", "3 days".
func plural(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return count(n) + " " + unit + "s"
}

// between is the time from one moment to a later one in its largest whole unit: "3 days", "2 years".
// Certificates may be centuries off, which no [time.Duration] can hold.
func between(from, to time.Time) string {
	const minute, hour, day, year = 60, 3600, 24 * 3600, 365 * 24 * 3600
	switch s := to.Unix() - from.Unix(); {
	case s >= 2*year:
		return plural(int(s/year), "year")
	case s >= day:
		return plural(int(s/day), "day")
	case s >= hour:
		return plural(int(s/hour), "hour")
	case s >= minute:
		return plural(int(s/minute), "minute")
	case s >= 1:
		return plural(int(s), "second")
	}
	return "less than a second"
}

// stamp is a point in time in UTC: "2026-11-18 12:00 UTC", with seconds when it has any.
func stamp(t time.Time) string {
	t = t.UTC()
	if t.Second() == 0 {
		return t.Format("2006-01-02 15:04 UTC")
	}
	return t.Format("2006-01-02 15:04:05 UTC")
}

// stampNow is the time of the check, without seconds unless what it is compared with is near.
func stampNow(at, other time.Time) string {
	if d := at.Unix() - other.Unix(); d >= 3600 || d <= -3600 {
		at = at.Truncate(time.Minute)
	}
	return stamp(at)
}
