package certs

import (
	"bytes"
	"encoding/asn1"
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
// A damaged PEM block of a certificate is an error, so that no certificate goes missing unseen. Where
// there is no certificate at all, the error says what the data seems to be instead. The result may
// share memory with data.
func Parse(data []byte) ([][]byte, error) {
	data = plainText(data)
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, errors.New("it is empty: certificates in PEM, DER or PKCS#7 are expected")
	}
	if blocks := PEMBlocks(data); len(blocks) > 0 {
		ders, err := fromPEM(blocks)
		if err == nil || data[0] != derSequence {
			return ders, err
		} // else a certificate in DER may quote PEM in one of its texts
		if ders, err := fromDER(data); err == nil {
			return ders, nil
		}
		return nil, err
	}
	return fromDER(data)
}

// tooMany bounds what is taken from one input.
func tooMany(n int) error {
	if n > maxParsed {
		return fmt.Errorf("it has more than %d certificates or other blocks", maxParsed)
	}
	return nil
}

func fromPEM(blocks []PEMBlock) ([][]byte, error) {
	var ders [][]byte
	var other []string
	if err := tooMany(len(blocks)); err != nil {
		return nil, err
	}
	for i, b := range blocks {
		switch b.Type {
		case "CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE", "PKCS7", "CMS":
			if b.Damaged {
				return nil, b.damage(i, len(blocks))
			}
		default:
			other = append(other, b.Type)
			continue
		}
		switch b.Type {
		case "PKCS7", "CMS":
			inside, err := parsePKCS7(b.Bytes)
			if err != nil {
				return nil, err
			}
			ders = append(ders, inside...)
		case "TRUSTED CERTIFICATE":
			ders = append(ders, firstElement(b.Bytes)) // OpenSSL has its settings behind it
		default:
			ders = append(ders, b.Bytes)
		}
		if err := tooMany(len(ders)); err != nil {
			return nil, err
		}
	}
	if len(ders) == 0 {
		return nil, fmt.Errorf("it has no certificate: it holds %s", contents(other))
	}
	return ders, nil
}

func firstElement(der []byte) []byte {
	s := cryptobyte.String(der)
	var first cryptobyte.String
	if s.ReadASN1Element(&first, cbasn1.SEQUENCE) {
		return first
	}
	return der
}

// derSequence is the first byte of every certificate, list and key in DER.
const derSequence = 0x30

func fromDER(data []byte) ([][]byte, error) {
	var ders [][]byte
	for rest := cryptobyte.String(data); len(rest) > 0; {
		var one cryptobyte.String
		if !rest.ReadASN1Element(&one, cbasn1.SEQUENCE) {
			if len(ders) == 0 {
				return nil, fmt.Errorf("it is %s: certificates in PEM, DER or PKCS#7 are expected", otherFile(data))
			}
			if len(bytes.TrimSpace(rest)) == 0 {
				break // an editor or a shell put a line end there
			}
			return nil, fmt.Errorf("behind the first %d in DER stand %d bytes that are no certificate", len(ders), len(rest))
		}
		if len(ders) == 0 {
			inside, err := parsePKCS7(one)
			if err == nil || !errors.Is(err, errNoPKCS7) {
				return inside, err
			}
		}
		if what := otherDER(one); what != "" {
			if len(ders) == 0 {
				return nil, fmt.Errorf("it has no certificate: it is %s", what)
			}
			return nil, fmt.Errorf("behind the first %d in DER stands %s", len(ders), what)
		}
		ders = append(ders, one)
		if err := tooMany(len(ders)); err != nil {
			return nil, err
		}
	}
	return ders, nil
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
		return nil, errors.New("its PKCS#7 structure is damaged, or written in BER instead of DER (openssl pkcs7 -print_certs makes PEM of it)")
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
		ders = append(ders, one)
		if err := tooMany(len(ders)); err != nil {
			return nil, err
		}
	}
	return ders, nil
}

// ReadFile is [Parse] for a file or a named pipe of at most 64 MiB. Errors name the file.
func ReadFile(path string) ([][]byte, error) { return readWith(path, Parse) }

// ReadCRLFile is [ParseCRLs] for a file or a named pipe of at most 64 MiB. Errors name the file.
func ReadCRLFile(path string) ([][]byte, error) { return readWith(path, ParseCRLs) }

// ParseCRLs returns the revocation lists in data as DER, in order: PEM with any number of blocks, of
// which others than lists are passed over, or DER, also several one behind another. What is said of
// [Parse] about damage and shape holds here too.
func ParseCRLs(data []byte) ([][]byte, error) {
	data = plainText(data)
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, errors.New("it is empty: a revocation list in PEM or DER is expected")
	}
	blocks := PEMBlocks(data)
	if err := tooMany(len(blocks)); err != nil {
		return nil, err
	}
	var lists [][]byte
	var other []string
	for i, b := range blocks {
		if b.Type != "X509 CRL" {
			other = append(other, b.Type)
			continue
		}
		if b.Damaged {
			return nil, b.damage(i, len(blocks))
		}
		lists = append(lists, b.Bytes)
	}
	switch {
	case len(lists) > 0:
		return lists, nil
	case len(blocks) > 0:
		return nil, fmt.Errorf("it has no revocation list: it holds %s", contents(other))
	}
	for rest := cryptobyte.String(data); len(bytes.TrimSpace(rest)) > 0; {
		var one cryptobyte.String
		if !rest.ReadASN1Element(&one, cbasn1.SEQUENCE) {
			if len(lists) > 0 {
				return nil, fmt.Errorf("behind the first %d in DER stand %d bytes that are no revocation list", len(lists), len(rest))
			}
			return nil, fmt.Errorf("it is %s: a revocation list in PEM or DER is expected", otherFile(data))
		}
		if what := otherThanCRL(one); what != "" {
			return nil, fmt.Errorf("it has no revocation list: it is %s", what)
		}
		lists = append(lists, one)
		if err := tooMany(len(lists)); err != nil {
			return nil, err
		}
	}
	return lists, nil
}

func readWith(path string, parse func([]byte) ([][]byte, error)) ([][]byte, error) {
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
	found, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return found, nil
}
