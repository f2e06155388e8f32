package sessions

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// ParseTarget splits what a person types for a peer into host and port: "host:port", "1.2.3.4:5",
// "[::1]:7" and every other literal form of IPv6 in brackets (long, shortened, mapped, with a zone),
// and the same behind "tcp://". The host comes back without brackets; a literal IPv6 address is
// normalised to RFC 5952, a literal mapped IPv4 address stays mapped. The port is 1 to 65535. Errors
// say what to write instead.
func ParseTarget(s string) (host string, port uint16, err error) {
	return ParseTargetOf(TCP, s)
}

// ParseTargetOf is [ParseTarget] for a kind of session: "tls://" stands in front for TLS.
func ParseTargetOf(kind Kind, s string) (host string, port uint16, err error) {
	rest := strings.TrimSpace(s)
	if rest == "" {
		return "", 0, fmt.Errorf("the address is missing: write host:port, for example 127.0.0.1:7777")
	}
	if rest, err = cutScheme(kind, rest); err != nil {
		return "", 0, err
	}
	host, digits, err := splitHostPort(rest)
	if err != nil {
		return "", 0, err
	}
	if port, err = parsePort(digits, rest, 1); err != nil {
		return "", 0, err
	}
	host, err = checkHost(host, rest)
	return host, port, err
}

// cutScheme takes "kind://" and a closing slash off an address that has them.
func cutScheme(kind Kind, s string) (string, error) {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		return s, nil
	}
	if !strings.EqualFold(scheme, kind.String()) {
		return "", fmt.Errorf("%q is not a %s address: write host:port or %s://host:port", s, kind, kind)
	}
	rest = strings.TrimSuffix(rest, "/")
	// A URL writes the zone's percent sign as %25 (RFC 6874).
	rest = strings.Replace(rest, "%25", "%", 1)
	if i := strings.IndexAny(rest, "/?#@"); i >= 0 {
		return "", fmt.Errorf("%q has %q after %s://host:port, where nothing may stand", s, rest[i:], kind)
	}
	return rest, nil
}

// splitHostPort is net.SplitHostPort with errors that say what to write.
func splitHostPort(s string) (host, port string, err error) {
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		switch {
		case end < 0:
			return "", "", fmt.Errorf("%q has no closing bracket: write [address]:port", s)
		case end+1 == len(s):
			return "", "", fmt.Errorf("%q has no port: write %s:port", s, s)
		case s[end+1] != ':':
			return "", "", fmt.Errorf("%q has %q between the bracket and the port: write %s:port", s, s[end+1:], s[:end+1])
		}
		if _, err := netip.ParseAddr(s[1:end]); err != nil || !strings.Contains(s[1:end], ":") {
			return "", "", fmt.Errorf("%q is not an IPv6 address; only those stand in brackets", s[1:end])
		}
		return s[1:end], s[end+2:], nil
	}
	switch strings.Count(s, ":") {
	case 0:
		return "", "", fmt.Errorf("%q has no port: write %s:port", s, s)
	case 1:
		host, port, _ := strings.Cut(s, ":")
		return host, port, nil
	}
	if _, err := netip.ParseAddr(s); err == nil {
		return "", "", fmt.Errorf("%q is an IPv6 address without a port: write [%s]:port", s, s)
	}
	return "", "", fmt.Errorf("%q has more than one colon: write an IPv6 address in brackets, [address]:port", s)
}

// isLiteral reports whether host, as ParseTarget returns it, is an IP address.
func isLiteral(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

func parsePort(digits, whole string, least int) (uint16, error) {
	if digits == "" {
		return 0, fmt.Errorf("%q has no port after the colon: write a number from %d to 65535", whole, least)
	}
	for _, r := range digits {
		if r < '0' || r > '9' {
			return 0, fmt.Errorf("port %q is not a number: write one from %d to 65535", digits, least)
		}
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n < least || n > 65535 {
		return 0, fmt.Errorf("port %s is out of range: write a number from %d to 65535", digits, least)
	}
	return uint16(n), nil
}

// checkHost returns the host as the resolver wants it: literals normalised, names in ASCII.
func checkHost(host, whole string) (string, error) {
	if host == "" {
		return "", fmt.Errorf("%q has no host: write host:port, for example 127.0.0.1%s", whole, whole)
	}
	if a, err := netip.ParseAddr(host); err == nil {
		return a.String(), nil
	}
	for _, r := range host {
		if r == utf8.RuneError || unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(`/\?#@[]"<>%,;*`, r) {
			return "", fmt.Errorf("host %q has a character that no name can have: %q", host, r)
		}
	}
	for i := 0; i < len(host); i++ {
		if host[i] >= utf8.RuneSelf {
			ascii, err := idna.Lookup.ToASCII(host)
			if err != nil {
				return "", fmt.Errorf("host %q is not a valid name: %w", host, err)
			}
			host = ascii
			if a, err := netip.ParseAddr(host); err == nil { // it was written in wide digits
				return a.String(), nil
			}
			break
		}
	}
	if allDigitsAndDots(host) {
		return "", fmt.Errorf("%q is not an IPv4 address: write four numbers from 0 to 255 without leading zeros", host)
	}
	name := strings.TrimSuffix(host, ".")
	if len(name) > 253 {
		return "", fmt.Errorf("host name of %d characters is too long: 253 are the most", len(name))
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 {
			return "", fmt.Errorf("host %q has a part between dots that is empty or longer than 63 characters", host)
		}
	}
	return host, nil
}

func allDigitsAndDots(s string) bool {
	return strings.Trim(s, "0123456789.") == ""
}

// parseLocal reads a local address: "" for the system's choice, "address", ":port" or "address:port",
// IPv6 with or without brackets when it stands alone. Port 0 is the system's choice.
func parseLocal(s string) (netip.AddrPort, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return netip.AddrPort{}, nil
	}
	bare := s
	if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
		bare = s[1 : len(s)-1]
	}
	if a, err := netip.ParseAddr(bare); err == nil {
		return netip.AddrPortFrom(a.Unmap(), 0), nil
	}
	if !strings.Contains(s, ":") {
		return netip.AddrPort{}, fmt.Errorf("local address %q is not an IP address of this machine: write one, or :port, or nothing", s)
	}
	host, digits, err := splitHostPort(s)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("local address: %w", err)
	}
	port, err := parsePort(digits, s, 0)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("local %w", err)
	}
	if host == "" {
		return netip.AddrPortFrom(netip.Addr{}, port), nil
	}
	a, err := netip.ParseAddr(host)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("local address %q is not an IP address of this machine: write one, or :port, or nothing", host)
	}
	return netip.AddrPortFrom(a.Unmap(), port), nil
}

// checkZone refuses an address whose zone names no interface, and a link-local one without a zone,
// because the system's own error for both is "invalid argument".
func checkZone(a netip.Addr) error {
	if z := a.Zone(); z != "" {
		if _, err := net.InterfaceByName(z); err == nil {
			return nil
		}
		if n, err := strconv.Atoi(z); err == nil {
			if _, err := net.InterfaceByIndex(n); err == nil {
				return nil
			}
		}
		return fmt.Errorf("address %s: this machine has no interface %q%s", a, z, interfaceList())
	}
	if a.Is6() && a.IsLinkLocalUnicast() {
		return fmt.Errorf("address %s is link-local and needs the interface it is reached through: write %s%%interface%s", a, a, interfaceList())
	}
	return nil
}

// interfaceList returns " (it has eth0, lo)" or nothing.
func interfaceList() string {
	all, err := net.Interfaces()
	if err != nil || len(all) == 0 {
		return ""
	}
	names := make([]string, 0, len(all))
	for _, i := range all {
		names = append(names, i.Name)
	}
	return " (it has " + strings.Join(names, ", ") + ")"
}

// LongText returns an address the way Adobe AIR writes it: IPv4 dotted; IPv6 in brackets, lower case,
// all eight groups without leading zeros and without "::", except for [::], [::1], IPv4-mapped
// [::ffff:a.b.c.d] and IPv4-compatible [::a.b.c.d]. A zone follows its address inside the brackets.
// The short form of RFC 5952 is [netip.Addr.String].
func LongText(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	if a.Is4() {
		return a.String()
	}
	zone := ""
	if a.Zone() != "" {
		zone = "%" + a.Zone()
		a = a.WithZone("")
	}
	b := a.As16()
	v4 := netip.AddrFrom4([4]byte(b[12:]))
	switch {
	case a.IsUnspecified():
		return "[::" + zone + "]"
	case a.IsLoopback() && !a.Is4In6():
		return "[::1" + zone + "]"
	case a.Is4In6():
		return "[::ffff:" + v4.String() + zone + "]"
	case [12]byte(b[:12]) == [12]byte{}:
		return "[::" + v4.String() + zone + "]"
	}
	var t strings.Builder
	t.WriteByte('[')
	for i := 0; i < 16; i += 2 {
		if i > 0 {
			t.WriteByte(':')
		}
		t.WriteString(strconv.FormatUint(uint64(b[i])<<8|uint64(b[i+1]), 16))
	}
	t.WriteString(zone)
	t.WriteByte(']')
	return t.String()
}

// joinHostPort writes host and port the way ParseTarget reads them.
func joinHostPort(host string, port uint16) string {
	return net.JoinHostPort(host, strconv.Itoa(int(port)))
}
