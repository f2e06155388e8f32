package certs

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// pemKinds names what the labels of PEM blocks stand for (RFC 7468, and what programs write beside it).
var pemKinds = map[string]string{
	"CERTIFICATE": "a certificate", "X509 CERTIFICATE": "a certificate", "TRUSTED CERTIFICATE": "a certificate",
	"PRIVATE KEY": "a private key", "RSA PRIVATE KEY": "a private key", "EC PRIVATE KEY": "a private key", "DSA PRIVATE KEY": "a private key",
	"ENCRYPTED PRIVATE KEY": "an encrypted private key", "PUBLIC KEY": "a public key", "RSA PUBLIC KEY": "a public key",
	"CERTIFICATE REQUEST": "a certificate request (CSR)", "NEW CERTIFICATE REQUEST": "a certificate request (CSR)",
	"X509 CRL": "a revocation list (CRL)", "PKCS7": "PKCS#7", "CMS": "CMS", "PKCS12": "PKCS#12",
	"EC PARAMETERS": "the parameters of a key", "DH PARAMETERS": "the parameters of a key exchange",
	"OPENSSH PRIVATE KEY": "a private key of SSH", "SSH2 PUBLIC KEY": "a public key of SSH",
	"PGP PUBLIC KEY BLOCK": "a key of OpenPGP", "PGP PRIVATE KEY BLOCK": "a private key of OpenPGP",
}

// contents says what a PEM file has instead of what was looked for; types are the labels of its blocks,
// of which there is at least one.
func contents(types []string) string {
	first, ok := pemKinds[types[0]]
	if !ok {
		first = fmt.Sprintf("%.40q", types[0])
	}
	switch more := len(types) - 1; more {
	case 0:
		return first
	case 1:
		return first + " and one more block"
	default:
		return fmt.Sprintf("%s and %d more blocks", first, more)
	}
}

// otherDER names well-formed DER that is something else than a certificate, "" when it may be one.
func otherDER(der []byte) string {
	if _, err := x509.ParseCertificate(der); err == nil {
		return ""
	}
	if _, err := x509.ParseRevocationList(der); err == nil {
		return "a revocation list (CRL)"
	}
	return otherThanBoth(der)
}

// otherThanCRL names well-formed DER that is something else than a revocation list, "" when it may be one.
func otherThanCRL(der []byte) string {
	if _, err := x509.ParseRevocationList(der); err == nil {
		return ""
	}
	if _, err := x509.ParseCertificate(der); err == nil {
		return "a certificate"
	}
	return otherThanBoth(der)
}

func otherThanBoth(der []byte) string {
	if _, err := x509.ParseCertificateRequest(der); err == nil {
		return "a certificate request (CSR)"
	}
	for _, parse := range []func([]byte) error{
		func(p []byte) error { _, err := x509.ParsePKCS8PrivateKey(p); return err },
		func(p []byte) error { _, err := x509.ParsePKCS1PrivateKey(p); return err },
		func(p []byte) error { _, err := x509.ParseECPrivateKey(p); return err },
	} {
		if parse(der) == nil {
			return "a private key"
		}
	}
	if _, err := x509.ParsePKIXPublicKey(der); err == nil {
		return "a public key"
	}
	if IsPKCS12(der) {
		return "a PKCS#12 file, as a client certificate comes with its key"
	}
	s := cryptobyte.String(der)
	var body, skipped cryptobyte.String
	var oid asn1.ObjectIdentifier
	if !s.ReadASN1(&body, cbasn1.SEQUENCE) || !body.ReadASN1(&skipped, cbasn1.SEQUENCE) || !skipped.ReadASN1ObjectIdentifier(&oid) {
		return ""
	}
	if body.ReadASN1(&skipped, cbasn1.OCTET_STRING) && body.Empty() {
		return "an encrypted private key"
	}
	return ""
}

// IsPKCS12 tells whether data has the outer shape of a PKCS#12 file (RFC 7292 section 4): version 3, then
// contents that name their type. Files in BER with indefinite lengths count too.
func IsPKCS12(data []byte) bool {
	if bytes.HasPrefix(data, []byte{derSequence, 0x80, 0x02, 0x01, 0x03, derSequence}) {
		return true
	}
	s := cryptobyte.String(data)
	var body, safe cryptobyte.String
	var version int
	var kind asn1.ObjectIdentifier
	return s.ReadASN1(&body, cbasn1.SEQUENCE) && body.ReadASN1Integer(&version) && version == 3 &&
		body.ReadASN1(&safe, cbasn1.SEQUENCE) && safe.ReadASN1ObjectIdentifier(&kind)
}

// otherFile says what data seems to be that is neither PEM nor DER.
func otherFile(data []byte) string {
	text := bytes.TrimSpace(data[:min(len(data), 1024)])
	lower := strings.ToLower(string(text))
	switch {
	case IsPKCS12(data):
		return "a PKCS#12 file written in BER, as a client certificate comes with its key"
	case bytes.HasPrefix(data, []byte{derSequence, 0x80}):
		return "written in BER with indefinite lengths instead of DER (openssl pkcs7 -inform DER -print_certs makes PEM of it, if it is PKCS#7)"
	case bytes.HasPrefix(data, []byte("\xfe\xed\xfe\xed")), bytes.HasPrefix(data, []byte("\xce\xce\xce\xce")):
		return "a Java keystore (keytool -exportcert -rfc writes its certificates as PEM)"
	case strings.HasPrefix(lower, "<!doctype html"), strings.HasPrefix(lower, "<html"):
		return "a web page"
	case strings.HasPrefix(lower, "ssh-"), strings.HasPrefix(lower, "ecdsa-sha2-"):
		return "a public key of SSH"
	case bytes.HasPrefix(text, []byte("MII")):
		return "base64 without the BEGIN and END lines of PEM, it seems"
	case bytes.Contains(data, pemBegin):
		return "PEM that does not begin its lines with -----BEGIN, it seems (take the indentation away)"
	case len(data) > 0 && data[0] == derSequence:
		return "cut short, or no DER"
	}
	return "neither PEM nor DER"
}
