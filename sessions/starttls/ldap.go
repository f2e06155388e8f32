package starttls

import (
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// oidStartTLS names the operation (RFC 4511 section 4.14.1).
const oidStartTLS = "1.3.6.1.4.1.1466.20037"

// Tags of RFC 4511 sections 4.2 and 4.12.
const (
	ldapExtendedRequest  = 0x77
	ldapExtendedResponse = 0x78
	ldapRequestName      = 0x80
)

// ldap sends an ExtendedRequest for StartTLS (RFC 4511 section 4.14).
func ldap(t *talk, _ string) error {
	const title = "LDAP"
	request := []byte{0x30, byte(3 + 2 + 2 + len(oidStartTLS)), 0x02, 1, 1, ldapExtendedRequest, byte(2 + len(oidStartTLS)), ldapRequestName, byte(len(oidStartTLS))}
	if err := t.send(append(request, oidStartTLS...), "the answer to StartTLS"); err != nil {
		return err
	}
	tag, err := t.next()
	if err != nil {
		return err
	}
	if tag != 0x30 {
		return t.unexpected(title)
	}
	size, err := t.berLength()
	if err != nil {
		return err
	}
	if size < 0 {
		return t.unexpected(title)
	}
	message, err := t.exactly(size)
	if err != nil {
		return err
	}
	r, ok := ldapAnswer(message)
	switch {
	case !ok:
		return t.unexpected(title)
	case r.notice:
		return fmt.Errorf("%w: it ends the connection: %s (try port 636, with TLS from the start)", ErrRefused, r)
	case r.code != 0:
		return fmt.Errorf("%w: %s (%s)", ErrRefused, r, r.try())
	}
	return nil
}

// berLength takes the length of an element, -1 for one that LDAP does not allow (RFC 4511 section 5.1
// wants the definite form; leading zeros are allowed).
func (t *talk) berLength() (int, error) {
	first, err := t.next()
	if err != nil || first < 0x80 {
		return int(first), err
	}
	if first == 0x80 || first > 0x84 {
		return -1, nil
	}
	size := 0
	for range first & 0x7f {
		b, err := t.next()
		if err != nil {
			return 0, err
		}
		if size > maxAnswers {
			return -1, nil
		}
		size = size<<8 | int(b)
	}
	return size, nil
}

// ldapResponse is what an ExtendedResponse says.
type ldapResponse struct {
	notice bool // nobody asked: message 0 is a notice of disconnection (section 4.4.1)
	code   int
	text   string
}

// ldapResults are the result codes that StartTLS may meet (RFC 4511 sections 4.14.1 and A.2).
var ldapResults = map[int]string{
	1: "operationsError", 2: "protocolError", 8: "strongerAuthRequired", 10: "referral", 12: "unavailableCriticalExtension",
	13: "confidentialityRequired", 50: "insufficientAccessRights", 51: "busy", 52: "unavailable", 53: "unwillingToPerform", 80: "other",
}

// String is the result in words, safe to show.
func (r ldapResponse) String() string {
	s := fmt.Sprintf("LDAP result %d", r.code)
	if name := ldapResults[r.code]; name != "" {
		s += ", " + name
	}
	if r.text != "" {
		s += ": " + quote(r.text)
	}
	return s
}

func (r ldapResponse) try() string {
	switch r.code {
	case 1:
		return "TLS may be running on this connection already"
	case 2:
		return "it does not know StartTLS, or is not set up for it; port 636 may have TLS from the start"
	case 51, 52:
		return "it cannot do it for the time being, or has no certificate; try again later, or port 636 with TLS from the start"
	}
	return "port 636 may have TLS from the start"
}

// ldapAnswer reads the contents of an LDAPMessage with an ExtendedResponse. BER that is not DER is read as
// far as lengths go.
func ldapAnswer(message []byte) (r ldapResponse, ok bool) {
	s := cryptobyte.String(message)
	var response, result, matched, text cryptobyte.String
	var id int
	if !s.ReadASN1Integer(&id) || id != 0 && id != 1 || !berElement(&s, &response, ldapExtendedResponse) {
		return r, false
	}
	if !berElement(&response, &result, cbasn1.ENUM) || len(result) != 1 ||
		!berElement(&response, &matched, cbasn1.OCTET_STRING) || !berElement(&response, &text, cbasn1.OCTET_STRING) {
		return r, false
	}
	r = ldapResponse{notice: id == 0, code: int(result[0]), text: string(text)}
	return r, true
}

// berElement takes one element of that tag off s. Where cryptobyte wants lengths in the fewest bytes, BER
// allows more.
func berElement(s, out *cryptobyte.String, tag cbasn1.Tag) bool {
	var first, size uint8
	if !s.ReadUint8(&first) || first != uint8(tag) || !s.ReadUint8(&size) {
		return false
	}
	length := int(size)
	if size >= 0x80 {
		if size == 0x80 || size > 0x84 {
			return false
		}
		length = 0
		for range size & 0x7f {
			var b uint8
			if !s.ReadUint8(&b) || length > maxAnswers {
				return false
			}
			length = length<<8 | int(b)
		}
	}
	return s.ReadBytes((*[]byte)(out), length)
}
