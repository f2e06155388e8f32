package certs

import (
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"strings"
)

var (
	oidSubjectKeyID     = asn1.ObjectIdentifier{2, 5, 29, 14}
	oidKeyUsage         = asn1.ObjectIdentifier{2, 5, 29, 15}
	oidSubjectAltName   = asn1.ObjectIdentifier{2, 5, 29, 17}
	oidBasicConstraints = asn1.ObjectIdentifier{2, 5, 29, 19}
	oidNameConstraints  = asn1.ObjectIdentifier{2, 5, 29, 30}
	oidExtKeyUsage      = asn1.ObjectIdentifier{2, 5, 29, 37}
	oidTLSFeature       = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 24}
	oidSCTs             = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 2}
)

// strictly lists the rules of RFC 5280 that OpenSSL holds a certificate to under X509_V_FLAG_X509_STRICT
// (check_extensions in x509_vfy.c) and that it breaks. Python sets that flag by default since 3.13, so
// that private CAs of long standing suddenly fail.
func strictly(c *x509.Certificate) []string {
	if c.Version != 3 {
		return nil
	}
	var broken []string
	add := func(is bool, what string) {
		if is {
			broken = append(broken, what)
		}
	}
	ca := c.BasicConstraintsValid && c.IsCA
	signs := c.KeyUsage&x509.KeyUsageCertSign != 0
	if ca {
		basic := extension(c, oidBasicConstraints)
		add(basic != nil && !basic.Critical, "its basic constraints are not critical")
		add(extension(c, oidKeyUsage) == nil, "it has no key usage")
		add(c.MaxPathLen >= 0 && !signs, "it limits the path length without the key usage to sign certificates")
		add(emptyName(c.RawSubject), "its subject is empty")
		add(extension(c, oidSubjectKeyID) == nil, "it has no subject key identifier")
	} else {
		add(c.BasicConstraintsValid && c.MaxPathLen >= 0, "it limits the path length though it is no CA")
		add(signs, "its key usage allows it to sign certificates though it is no CA")
		add(extension(c, oidNameConstraints) != nil, "it has name constraints though it is no CA")
	}
	add(emptyName(c.RawIssuer), "its issuer is empty")
	if san := extension(c, oidSubjectAltName); emptyName(c.RawSubject) && !ca {
		add(san == nil, "it has neither a subject nor alternative names")
		add(san != nil && !san.Critical, "its subject is empty and the alternative names are not critical")
	}
	add(!selfIssued(c) && len(c.AuthorityKeyId) == 0, "it has no authority key identifier")
	return broken
}

func emptyName(raw []byte) bool { return len(raw) == 2 }

func (k *checker) warnStrict(depth int, c *x509.Certificate) {
	if broken := strictly(c); len(broken) > 0 {
		k.warn(StrictRefused, depth, c, "verifiers that insist on RFC 5280, such as Python 3.13 and openssl -x509_strict, refuse it: "+list(broken, len(broken)),
			"have it issued anew by a CA whose settings follow RFC 5280")
	}
	if !selfIssued(c) && (c.SerialNumber.Sign() == 0 || c.SerialNumber.BitLen() > 160) {
		detail := "its serial number is 0"
		if c.SerialNumber.Sign() != 0 {
			detail = fmt.Sprintf("its serial number has %d bits, more than the 20 octets that RFC 5280 allows", c.SerialNumber.BitLen())
		}
		k.warn(Odd, depth, c, detail, "have it issued anew with a serial number of at most 20 octets, made at random")
	}
}

// warnNames looks at the subject and the names of the leaf.
func (k *checker) warnNames(leaf *x509.Certificate) {
	if emptyName(leaf.RawSubject) {
		k.warn(NoSubjectWarning, 0, leaf, "its subject is empty, which is allowed as long as it has alternative names; some old programs show nothing or fail", "nothing needs to be done")
	}
	var useless []string
	total := 0
	for _, name := range leaf.DNSNames {
		if !usableName(name) {
			if total++; len(useless) <= maxListed {
				useless = append(useless, name)
			}
		}
	}
	if total > 0 {
		k.warn(Odd, 0, leaf, "it has DNS names that no client will match: "+list(useless, total), "write only the host (example.com, *.example.com): no scheme, port, path, address or blank")
	}
	cn := leaf.Subject.CommonName
	if len(leaf.DNSNames) > 0 && strings.Contains(cn, ".") && usableName(cn) && !covers(leaf, cn) {
		k.warn(Odd, 0, leaf, "its common name "+quote(cn)+" is not among its alternative names, so that clients will not accept it for that host", "have it issued with that host among the alternative names, if it shall serve it")
	}
}

// covers reports whether one of the alternative names is name or a wildcard for it.
func covers(leaf *x509.Certificate, name string) bool {
	for _, dns := range leaf.DNSNames {
		if strings.EqualFold(dns, name) {
			return true
		}
	}
	return leaf.VerifyHostname(name) == nil
}

// usableName reports whether a DNS entry can match a host: letters, digits, hyphens and underscores in
// labels of 1 to 63, at most 253 in all, a wildcard as the whole first label and not alone, and no
// address, which clients look for among the IP addresses.
func usableName(name string) bool {
	rest := strings.TrimPrefix(name, "*.")
	if rest == "" || len(name) > 253 {
		return false
	}
	digits := true
	for label := range strings.SplitSeq(rest, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' {
			return false
		}
		for i := 0; i < len(label); i++ {
			c := label[i]
			switch {
			case c >= '0' && c <= '9':
			case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '_':
				digits = false
			default:
				return false
			}
		}
	}
	return !digits
}
