package starttls

import (
	"encoding/binary"
	"fmt"
)

// postgres sends an SSLRequest (PostgreSQL documentation, "Message Formats").
func postgres(t *talk, _ string) error {
	if err := t.send([]byte{0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f}); err != nil {
		return err
	}
	answer, err := t.exactly(1)
	if err != nil {
		return err
	}
	switch answer[0] {
	case 'S':
		return nil
	case 'N':
		return fmt.Errorf("%w: PostgreSQL answered N (ssl is off in its configuration)", ErrRefused)
	case 'E':
		return fmt.Errorf("%w: the server answered the SSLRequest with an error (it may be older than PostgreSQL 7.4, or no PostgreSQL)", ErrRefused)
	}
	return unexpected("PostgreSQL", answer)
}

const (
	mysqlTLS        = 0x0800 // CLIENT_SSL
	mysqlProtocol41 = 0x0200 // CLIENT_PROTOCOL_41
	mysqlSecure     = 0x8000 // CLIENT_SECURE_CONNECTION
)

// mysql reads the initial handshake packet and answers with an SSLRequest (MySQL documentation,
// "Connection Phase Packets").
func mysql(t *talk, _ string) error {
	head, err := t.exactly(4)
	if err != nil {
		return err
	}
	size := int(head[0]) | int(head[1])<<8 | int(head[2])<<16
	if size < 1 || size > 4096 || head[3] != 0 {
		return unexpected("MySQL", head)
	}
	body, err := t.exactly(size)
	if err != nil {
		return err
	}
	if body[0] == 0xff {
		if len(body) < 4 {
			return unexpected("MySQL", body)
		}
		return refused(string(body[3:]), "it takes no one from here now")
	}
	if body[0] != 10 {
		return unexpected("MySQL", append(head, body...))
	}
	// The version ends with NUL; behind it stand the thread, eight bytes of scramble, a NUL and the lower
	// half of what the server can do.
	at := 1
	for at < len(body) && body[at] != 0 {
		at++
	}
	at += 1 + 4 + 8 + 1
	if at+2 > len(body) {
		return unexpected("MySQL", append(head, body...))
	}
	if able := binary.LittleEndian.Uint16(body[at:]); able&mysqlTLS == 0 {
		return fmt.Errorf("%w: MySQL does not offer it (it has no certificate, or TLS is switched off)", ErrRefused)
	}
	request := make([]byte, 4+32)
	request[0], request[3] = 32, 1 // length and sequence number
	binary.LittleEndian.PutUint32(request[4:], mysqlTLS|mysqlProtocol41|mysqlSecure)
	binary.LittleEndian.PutUint32(request[8:], 16<<20) // the largest packet
	request[12] = 45                                   // utf8mb4_general_ci
	return t.send(request)
}

// ldap sends an ExtendedRequest for StartTLS (RFC 4511 section 4.14).
func ldap(t *talk, _ string) error {
	const oid = "1.3.6.1.4.1.1466.20037"
	request := []byte{0x30, byte(3 + 2 + 2 + len(oid)), 0x02, 1, 1, 0x77, byte(2 + len(oid)), 0x80, byte(len(oid))}
	if err := t.send(append(request, oid...)); err != nil {
		return err
	}
	head, err := t.exactly(2)
	if err != nil {
		return err
	}
	if head[0] != 0x30 {
		return unexpected("LDAP", head)
	}
	size := int(head[1])
	if size >= 0x80 {
		more := size & 0x7f
		if more < 1 || more > 3 {
			return unexpected("LDAP", head)
		}
		length, err := t.exactly(more)
		if err != nil {
			return err
		}
		size = 0
		for _, b := range length {
			size = size<<8 | int(b)
		}
	}
	body, err := t.exactly(size)
	if err != nil {
		return err
	}
	code, said, ok := ldapResult(body)
	if !ok {
		return unexpected("LDAP", append(head, body...))
	}
	if code != 0 {
		return refused(said, fmt.Sprintf("LDAP result %d; plain TLS is on port 636", code))
	}
	return nil
}

// ldapResult takes result code and diagnostic message out of an ExtendedResponse.
func ldapResult(body []byte) (code int, said string, ok bool) {
	_, body, ok = element(body, 0x02) // message ID
	if !ok {
		return 0, "", false
	}
	body, _, ok = element(body, 0x78)
	if !ok {
		return 0, "", false
	}
	result, body, ok := element(body, 0x0a)
	if !ok || len(result) != 1 {
		return 0, "", false
	}
	_, body, ok = element(body, 0x04) // matched DN
	if !ok {
		return 0, "", false
	}
	text, _, ok := element(body, 0x04)
	return int(result[0]), string(text), ok
}

// element takes one BER element of that tag and of definite length off the front of p.
func element(p []byte, tag byte) (value, rest []byte, ok bool) {
	if len(p) < 2 || p[0] != tag {
		return nil, nil, false
	}
	size, p := int(p[1]), p[2:]
	if size >= 0x80 {
		more := size & 0x7f
		if more < 1 || more > 3 || more > len(p) {
			return nil, nil, false
		}
		size = 0
		for _, b := range p[:more] {
			size = size<<8 | int(b)
		}
		p = p[more:]
	}
	if size > len(p) {
		return nil, nil, false
	}
	return p[:size], p[size:], true
}
