package certs

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

const (
	// maxFile bounds what is read of a file of certificates or of a revocation list.
	maxFile = 64 << 20
	// maxParsed bounds the certificates taken from one input; the system's own bundles have some 150.
	maxParsed = 10_000
)

// Parse returns the certificates in data as DER, in order: PEM with any number of blocks, of which
// others than certificates are passed over; DER, also several one behind another; or PKCS#7 with
// certificates alone (RFC 5652, as .p7b and .p7c), in either encoding. It looks at the outer shape
// only: what has the shape of a certificate and cannot be parsed comes back too, for [Check] to show.
func Parse(data []byte) ([][]byte, error) {
	text := bytes.TrimSpace(data)
	if len(text) == 0 {
		return nil, errors.New("it is empty: certificates in PEM, DER or PKCS#7 are expected")
	}
	if bytes.Contains(text, []byte("-----BEGIN ")) {
		return parsePEM(text)
	}
	ders, err := parseDER(data)
	if err != nil {
		return nil, err
	}
	return ders, nil
}

func parsePEM(data []byte) ([][]byte, error) {
	var ders [][]byte
	var other []string
	for {
		block, rest := pem.Decode(data)
		if block == nil {
			break
		}
		data = rest
		switch block.Type {
		case "CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE":
			ders = append(ders, firstElement(block.Bytes)) // OpenSSL's trusted form has settings behind it
		case "PKCS7", "CMS":
			inside, err := parsePKCS7(block.Bytes)
			if err != nil {
				return nil, err
			}
			ders = append(ders, inside...)
		default:
			other = append(other, block.Type)
		}
		if len(ders) > maxParsed {
			return nil, fmt.Errorf("it has more than %d certificates", maxParsed)
		}
	}
	if len(ders) == 0 {
		return nil, fmt.Errorf("it has no certificate%s", pemContents(other))
	}
	return ders, nil
}

// pemContents says what a PEM file without a certificate has instead.
func pemContents(types []string) string {
	if len(types) == 0 {
		return ": a PEM block in it is damaged"
	}
	first := fmt.Sprintf("%.40q", types[0])
	if more := len(types) - 1; more > 0 {
		return fmt.Sprintf(": it holds %s and %d more blocks", first, more)
	}
	return fmt.Sprintf(": it holds %s", first)
}

func firstElement(der []byte) []byte {
	s := cryptobyte.String(der)
	var first cryptobyte.String
	if s.ReadASN1Element(&first, cbasn1.SEQUENCE) {
		return first
	}
	return der
}

func parseDER(data []byte) ([][]byte, error) {
	var ders [][]byte
	for rest := cryptobyte.String(data); len(rest) > 0; {
		var one cryptobyte.String
		if !rest.ReadASN1Element(&one, cbasn1.SEQUENCE) {
			if len(ders) > 0 {
				return nil, fmt.Errorf("behind %d certificates stand %d bytes that are none", len(ders), len(rest))
			}
			return nil, errors.New("it is neither PEM nor DER: certificates in PEM, DER or PKCS#7 are expected")
		}
		if len(ders) == 0 {
			if inside, err := parsePKCS7(one); err == nil {
				return inside, nil
			} else if !errors.Is(err, errNoPKCS7) {
				return nil, err
			}
			if what := otherDER(one); what != "" {
				return nil, fmt.Errorf("it is %s and has no certificate that could be read", what)
			}
		}
		if ders = append(ders, one); len(ders) > maxParsed {
			return nil, fmt.Errorf("it has more than %d certificates", maxParsed)
		}
	}
	return ders, nil
}

// otherDER names well-formed DER that is something else than a certificate, "" when it may be one.
func otherDER(der []byte) string {
	if _, err := x509.ParseCertificate(der); err == nil {
		return ""
	}
	if _, err := x509.ParseRevocationList(der); err == nil {
		return "a revocation list (CRL)"
	}
	if _, err := x509.ParseCertificateRequest(der); err == nil {
		return "a certificate request (CSR)"
	}
	if _, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return "a private key"
	}
	if _, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return "a private key"
	}
	if _, err := x509.ParseECPrivateKey(der); err == nil {
		return "a private key"
	}
	if _, err := x509.ParsePKIXPublicKey(der); err == nil {
		return "a public key"
	}
	s := cryptobyte.String(der)
	var body, safe cryptobyte.String
	var version int
	if s.ReadASN1(&body, cbasn1.SEQUENCE) && body.ReadASN1Integer(&version) && version == 3 && body.ReadASN1(&safe, cbasn1.SEQUENCE) {
		return "a PKCS#12 file"
	}
	return ""
}

var (
	errNoPKCS7 = errors.New("not PKCS#7")
	oidSigned  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	certSet    = cbasn1.Tag(0).ContextSpecific().Constructed()
)

// parsePKCS7 returns the certificates of a SignedData (RFC 5652 section 5.1), whatever else is in it.
func parsePKCS7(der []byte) ([][]byte, error) {
	s := cryptobyte.String(der)
	var info, content, signed, skipped, list cryptobyte.String
	var kind asn1.ObjectIdentifier
	if !s.ReadASN1(&info, cbasn1.SEQUENCE) || !info.ReadASN1ObjectIdentifier(&kind) || !kind.Equal(oidSigned) {
		return nil, errNoPKCS7
	}
	var version int
	if !info.ReadASN1(&content, certSet) || !content.ReadASN1(&signed, cbasn1.SEQUENCE) || !signed.ReadASN1Integer(&version) ||
		!signed.ReadASN1(&skipped, cbasn1.SET) || !signed.ReadASN1(&skipped, cbasn1.SEQUENCE) {
		return nil, errors.New("its PKCS#7 structure is damaged, or written in BER instead of DER")
	}
	var some bool
	if !signed.ReadOptionalASN1(&list, &some, certSet) || !some || len(list) == 0 {
		return nil, errors.New("its PKCS#7 structure has no certificates")
	}
	var ders [][]byte
	for len(list) > 0 {
		var one cryptobyte.String
		if !list.ReadASN1Element(&one, cbasn1.SEQUENCE) {
			return nil, errors.New("its PKCS#7 structure is damaged: one of its certificates is no sequence")
		}
		if ders = append(ders, one); len(ders) > maxParsed {
			return nil, fmt.Errorf("it has more than %d certificates", maxParsed)
		}
	}
	return ders, nil
}

// ReadFile is [Parse] for a file or a named pipe of at most 64 MiB.
func ReadFile(path string) ([][]byte, error) {
	data, err := readBounded(path)
	if err != nil {
		return nil, err
	}
	ders, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return ders, nil
}

// ReadCRLFile returns the revocation lists in a file, as DER: PEM with any number of blocks, or DER.
func ReadCRLFile(path string) ([][]byte, error) {
	data, err := readBounded(path)
	if err != nil {
		return nil, err
	}
	lists, err := ParseCRLs(data)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return lists, nil
}

// ParseCRLs returns the revocation lists in data as DER.
func ParseCRLs(data []byte) ([][]byte, error) {
	if !bytes.Contains(data, []byte("-----BEGIN ")) {
		s := cryptobyte.String(data)
		var one cryptobyte.String
		if !s.ReadASN1Element(&one, cbasn1.SEQUENCE) {
			return nil, errors.New("it is no revocation list: PEM or DER is expected")
		}
		return [][]byte{one}, nil
	}
	var lists [][]byte
	var other []string
	for {
		block, rest := pem.Decode(data)
		if block == nil {
			break
		}
		data = rest
		if block.Type == "X509 CRL" {
			lists = append(lists, block.Bytes)
		} else {
			other = append(other, block.Type)
		}
	}
	if len(lists) == 0 {
		return nil, fmt.Errorf("it has no revocation list%s", pemContents(other))
	}
	return lists, nil
}

func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("read %s: it is larger than %d MiB", path, maxFile>>20)
	}
	return data, nil
}
