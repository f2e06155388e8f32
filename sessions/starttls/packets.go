package starttls

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
)

// postgres sends an SSLRequest (PostgreSQL documentation, "Message Formats" and "SSL Session Encryption").
func postgres(t *talk, _ string) error {
	if err := t.send([]byte{0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f}, "the answer to the SSLRequest"); err != nil {
		return err
	}
	answer, err := t.next()
	if err != nil {
		return err
	}
	switch said := t.said(); {
	case answer == 'S':
		return nil
	case answer == 'N' && len(said) == 1:
		return fmt.Errorf("%w: it answered N to the SSLRequest (TLS is switched off in its configuration, or needs a certificate there)", ErrRefused)
	case answer == 'E' && len(said) > 4 && said[1] != 0 && bytes.IndexByte(said, 0) < 0:
		return t.unexpected("PostgreSQL") // the beginning of a word
	case answer == 'E':
		return fmt.Errorf("%w: it answered the SSLRequest with an error: %s (it may be too busy, or older than PostgreSQL 7.4)", ErrRefused, quote(postgresMessage(said)))
	}
	return t.unexpected("PostgreSQL")
}

// postgresMessage takes the message out of as much of an ErrorResponse as came with its first byte. Very
// old servers send text alone, and so may one that is no longer able to do better.
func postgresMessage(said []byte) string {
	if len(said) < 5 || said[1] != 0 {
		return strings.TrimRight(string(said[1:]), "\r\n\x00")
	}
	for _, field := range bytes.Split(said[5:], []byte{0}) {
		if len(field) > 1 && field[0] == 'M' {
			return string(field[1:])
		}
	}
	return string(said[5:])
}

// Capabilities of MySQL's protocol (MySQL documentation, "Capabilities Flags").
const (
	mysqlProtocol41 = 0x0200 // CLIENT_PROTOCOL_41
	mysqlTLS        = 0x0800 // CLIENT_SSL
	mysqlSecure     = 0x8000 // CLIENT_SECURE_CONNECTION
)

// maxGreeting bounds the initial packet of MySQL; real ones have about a hundred bytes.
const maxGreeting = 4096

// mysql takes the initial handshake packet and answers with an SSLRequest, to which no answer comes: TLS
// begins at once (MySQL documentation, "Connection Phase Packets").
func mysql(t *talk, _ string) error {
	const title = "MySQL"
	t.awaited = greeting
	head, err := t.exactly(4)
	if err != nil {
		return err
	}
	size := int(head[0]) | int(head[1])<<8 | int(head[2])<<16
	if size < 1 || size > maxGreeting || head[3] > 1 {
		return t.unexpected(title)
	}
	body, err := t.exactly(size)
	if err != nil {
		return err
	}
	switch {
	case body[0] == 0xff && len(body) > 3:
		return fmt.Errorf("%w: it takes no one from here now: %s (it may be too busy, or not let this address in)", ErrRefused, quote(mysqlMessage(body[3:])))
	case body[0] == 9:
		return t.refused("it speaks MySQL's protocol of before version 3.21, which has no TLS", "such a server has to be renewed")
	case body[0] != 10 || head[3] != 0:
		return t.unexpected(title)
	}
	// The server's version ends with NUL; behind it stand the number of the connection, eight bytes of
	// scramble, a NUL, the lower half of the capabilities, and the server's character set.
	version := bytes.IndexByte(body, 0)
	at := version + 1 + 4 + 8 + 1
	if version < 0 || at+2 > len(body) {
		return t.unexpected(title)
	}
	if binary.LittleEndian.Uint16(body[at:])&mysqlTLS == 0 {
		return fmt.Errorf("%w: %s does not offer it (TLS is switched off, or it has no certificate)", ErrRefused, quote(body[1:version]))
	}
	charset := byte(33) // utf8_general_ci, which every version knows
	if at+2 < len(body) && body[at+2] != 0 {
		charset = body[at+2]
	}
	request := make([]byte, 4+32)
	request[0], request[3] = 32, head[3]+1 // length and sequence number
	binary.LittleEndian.PutUint32(request[4:], mysqlTLS|mysqlProtocol41|mysqlSecure)
	binary.LittleEndian.PutUint32(request[8:], 16<<20) // the largest packet
	request[12] = charset
	if len(t.unread) > 0 { // it may say no more before the client does
		return t.nothingBehind()
	}
	return t.send(request, "TLS")
}

// mysqlMessage takes the state of SQL off a message, where there is one.
func mysqlMessage(p []byte) []byte {
	if len(p) > 6 && p[0] == '#' {
		return p[6:]
	}
	return p
}
