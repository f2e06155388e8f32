package inspect

import (
	"net/netip"
	"slices"
	"strconv"
)

// inOrder gives b with its most significant byte first.
func inOrder(b []byte, o Order) []byte {
	if o == Big {
		return b
	}
	b = slices.Clone(b)
	slices.Reverse(b)
	return b
}

// uuidRFC reads the sixteen bytes in the order they are written in (RFC 9562
// section 4).
func uuidRFC(b []byte, _ Order) Value {
	out := make([]byte, 0, 36)
	for i, c := range b {
		switch i {
		case 4, 6, 8, 10:
			out = append(out, '-')
		}
		out = append(out, hexDigits[c>>4], hexDigits[c&15])
	}
	return Value{Text: string(out)}
}

// uuidMicrosoft reads the GUID structure of MS-DTYP section 2.3.4.2: a number of
// 32 bits and two of 16, little-endian, and eight bytes.
func uuidMicrosoft(b []byte, o Order) Value {
	b = slices.Clone(b)
	slices.Reverse(b[:4])
	slices.Reverse(b[4:6])
	slices.Reverse(b[6:8])
	return uuidRFC(b, o)
}

// ipv4 reads an address in network order; the other order is what a program
// sends that takes it for a number.
func ipv4(b []byte, o Order) Value {
	return Value{Text: netip.AddrFrom4([4]byte(inOrder(b, o))).String()}
}

// ipv6 writes as RFC 5952 has it.
func ipv6(b []byte, _ Order) Value {
	return Value{Text: netip.AddrFrom16([16]byte(b)).String()}
}

// mac reads a hardware address of 48 bits. Bluetooth sends it reversed.
func mac(b []byte, o Order) Value {
	var out []byte
	for i, c := range inOrder(b, o) {
		if i > 0 {
			out = append(out, ':')
		}
		out = append(out, hexDigits[c>>4], hexDigits[c&15])
	}
	return Value{Text: string(out)}
}

// port reads a port and names the service that is registered for it, for the
// best known ones.
func port(b []byte, o Order) Value {
	n := uint16(load64(b, o))
	text := strconv.Itoa(int(n))
	if name := services[n]; name != "" {
		text += "  " + name
	}
	return Value{Text: text}
}

// services are names from the IANA Service Name and Transport Protocol Port
// Number Registry.
var services = map[uint16]string{
	7: "echo", 9: "discard", 13: "daytime", 19: "chargen", 20: "ftp-data", 21: "ftp", 22: "ssh", 23: "telnet",
	25: "smtp", 37: "time", 43: "whois", 53: "domain", 67: "bootps", 68: "bootpc", 69: "tftp", 70: "gopher",
	79: "finger", 80: "http", 88: "kerberos", 110: "pop3", 113: "auth", 119: "nntp", 123: "ntp", 135: "epmap",
	137: "netbios-ns", 138: "netbios-dgm", 139: "netbios-ssn", 143: "imap", 161: "snmp", 162: "snmptrap",
	179: "bgp", 194: "irc", 389: "ldap", 443: "https", 445: "microsoft-ds", 465: "submissions", 500: "isakmp",
	514: "syslog", 515: "printer", 554: "rtsp", 587: "submission", 631: "ipp", 636: "ldaps", 853: "domain-s",
	873: "rsync", 989: "ftps-data", 990: "ftps", 992: "telnets", 993: "imaps", 995: "pop3s", 1080: "socks",
	1194: "openvpn", 1433: "ms-sql-s", 1900: "ssdp", 1935: "macromedia-fcs", 2049: "nfs", 3306: "mysql",
	3389: "ms-wbt-server", 5060: "sip", 5061: "sips", 5222: "xmpp-client", 5269: "xmpp-server", 5353: "mdns",
	5432: "postgresql", 5672: "amqp", 5683: "coap", 5900: "rfb", 6379: "redis", 8883: "secure-mqtt", 1883: "mqtt",
}

// rgba reads a colour whose first byte, in the order o, is red and whose last is
// alpha, and writes it as CSS Color Module Level 4 does: #rrggbbaa.
func rgba(b []byte, o Order) Value {
	out := []byte{'#'}
	for _, c := range inOrder(b, o) {
		out = append(out, hexDigits[c>>4], hexDigits[c&15])
	}
	return Value{Text: string(out)}
}

// argb reads a colour whose first byte is alpha, as ActionScript's and
// Windows' numbers of 32 bits have it; little-endian they are the bytes B, G, R
// and A. It is written as rgba is.
func argb(b []byte, o Order) Value {
	b = inOrder(b, o)
	return rgba([]byte{b[1], b[2], b[3], b[0]}, Big)
}
