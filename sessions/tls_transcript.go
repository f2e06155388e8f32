package sessions

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"io"

	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/crypto/cryptobyte"
)

// transcript is what the server's side of a handshake says, read from the bytes as they came in.
// crypto/tls gives up on a certificate it cannot parse before it shows it to anyone, and keeps the
// server's signature algorithm to itself; here both can be seen.
type transcript struct {
	version      uint16 // 0 when there was no ServerHello
	suite        uint16
	certificates [][]byte            // as in the Certificate message
	staple       []byte              // the OCSP response for the first of them, nil for none
	scts         int                 // signed certificate timestamps that came beside it
	scheme       tls.SignatureScheme // 0 when it cannot be told: before TLS 1.2, and without a key exchange that is signed
}

// Types of records and of handshake messages (RFC 8446 appendix B, RFC 5246 section 7.4).
const (
	recordHandshake   = 22
	recordApplication = 23

	messageServerHello       = 2
	messageCertificate       = 11
	messageServerKeyExchange = 12
	messageCertificateVerify = 15
	messageFinished          = 20
	messageCertificateStatus = 22

	extensionStatusRequest     = 5
	extensionTimestamps        = 18
	extensionSupportedVersions = 43
)

// maxMessages bounds the messages of one handshake; real ones have at most a dozen.
const maxMessages = 64

// readTranscript reads the records of the server, which may end anywhere. secret is its handshake traffic
// secret (RFC 8446 section 7.1), nil when there is none: what TLS 1.3 encrypts then stays closed.
func readTranscript(records, secret []byte) transcript {
	var t transcript
	var open *recordOpener
	var messages []byte
	in := cryptobyte.String(records)
	for seen := 0; ; {
		var kind uint8
		var version uint16
		var body cryptobyte.String
		if !in.ReadUint8(&kind) || !in.ReadUint16(&version) || !in.ReadUint16LengthPrefixed(&body) {
			return t
		}
		switch {
		case kind == recordHandshake && open == nil:
			messages = append(messages, body...)
		case kind == recordApplication && t.version == tls.VersionTLS13:
			if open == nil {
				if open = newRecordOpener(t.suite, secret); open == nil {
					return t
				}
			}
			inner, ok := open.open(kind, version, body)
			if !ok {
				return t
			}
			messages = append(messages, inner...)
		case t.version == tls.VersionTLS13:
			continue // change_cipher_spec for the sake of old boxes on the way (appendix D.4)
		default:
			return t // an alert, or what follows is encrypted
		}
		for len(messages) >= 4 {
			size := 4 + int(binary.BigEndian.Uint32(messages)&0xffffff)
			if size > len(messages) {
				break
			}
			if seen++; seen > maxMessages || messages[0] == messageFinished {
				return t
			}
			t.message(messages[0], messages[4:size])
			messages = messages[size:]
		}
	}
}

func (t *transcript) message(kind uint8, body cryptobyte.String) {
	switch kind {
	case messageServerHello:
		t.serverHello(body)
	case messageCertificate:
		t.certificate(body)
	case messageCertificateStatus:
		t.status(body)
	case messageServerKeyExchange:
		// Only the exchanges over elliptic curves are offered: named curve, public key, then the signature.
		var curveType, scheme = uint8(0), uint16(0)
		var key cryptobyte.String
		if t.version == tls.VersionTLS12 && body.ReadUint8(&curveType) && body.Skip(2) &&
			body.ReadUint8LengthPrefixed(&key) && body.ReadUint16(&scheme) {
			t.scheme = tls.SignatureScheme(scheme)
		}
	case messageCertificateVerify:
		if scheme := uint16(0); body.ReadUint16(&scheme) {
			t.scheme = tls.SignatureScheme(scheme)
		}
	}
}

func (t *transcript) serverHello(body cryptobyte.String) {
	var version, suite uint16
	var session, extensions cryptobyte.String
	if !body.ReadUint16(&version) || !body.Skip(32) || !body.ReadUint8LengthPrefixed(&session) ||
		!body.ReadUint16(&suite) || !body.Skip(1) {
		return
	}
	t.version, t.suite = version, suite
	if !body.ReadUint16LengthPrefixed(&extensions) {
		return
	}
	t.extensions(extensions)
}

// extensions reads those of a ServerHello, or of the first certificate in TLS 1.3.
func (t *transcript) extensions(in cryptobyte.String) {
	for !in.Empty() {
		var kind, version uint16
		var value, list, one cryptobyte.String
		if !in.ReadUint16(&kind) || !in.ReadUint16LengthPrefixed(&value) {
			return
		}
		switch kind {
		case extensionSupportedVersions:
			if value.ReadUint16(&version) {
				t.version = version
			}
		case extensionStatusRequest: // empty in the ServerHello of TLS 1.2
			t.status(value)
		case extensionTimestamps:
			if value.ReadUint16LengthPrefixed(&list) {
				for t.scts = 0; list.ReadUint16LengthPrefixed(&one); {
					t.scts++
				}
			}
		}
	}
}

// status reads a CertificateStatus (RFC 6066 section 8).
func (t *transcript) status(body cryptobyte.String) {
	const ocsp = 1
	var kind uint8
	var response cryptobyte.String
	if body.ReadUint8(&kind) && kind == ocsp && body.ReadUint24LengthPrefixed(&response) && len(response) > 0 {
		t.staple = bytes.Clone(response)
	}
}

func (t *transcript) certificate(body cryptobyte.String) {
	var context, list cryptobyte.String
	if t.version == tls.VersionTLS13 && !body.ReadUint8LengthPrefixed(&context) || !body.ReadUint24LengthPrefixed(&list) {
		return
	}
	t.certificates = nil
	for !list.Empty() {
		var der, extensions cryptobyte.String
		if !list.ReadUint24LengthPrefixed(&der) ||
			t.version == tls.VersionTLS13 && !list.ReadUint16LengthPrefixed(&extensions) {
			return
		}
		if len(t.certificates) == 0 {
			t.extensions(extensions)
		}
		t.certificates = append(t.certificates, bytes.Clone(der))
	}
}

// recordOpener decrypts the records of a TLS 1.3 handshake (RFC 8446 section 5.2).
type recordOpener struct {
	aead cipher.AEAD
	iv   []byte
	seq  uint64
}

// newRecordOpener returns nil for a suite that is not one of TLS 1.3 and for a secret that does not fit.
func newRecordOpener(suite uint16, secret []byte) *recordOpener {
	var h func() hash.Hash = sha256.New
	size := 16
	switch suite {
	case tls.TLS_AES_128_GCM_SHA256:
	case tls.TLS_AES_256_GCM_SHA384:
		h, size = sha512.New384, 32
	case tls.TLS_CHACHA20_POLY1305_SHA256:
		size = 32
	default:
		return nil
	}
	if len(secret) != h().Size() {
		return nil
	}
	key, err := expandLabel(h, secret, "key", size)
	if err != nil {
		return nil
	}
	o := &recordOpener{}
	if o.iv, err = expandLabel(h, secret, "iv", 12); err != nil {
		return nil
	}
	if suite == tls.TLS_CHACHA20_POLY1305_SHA256 {
		o.aead, err = chacha20poly1305.New(key)
	} else {
		var block cipher.Block
		if block, err = aes.NewCipher(key); err == nil {
			o.aead, err = cipher.NewGCM(block)
		}
	}
	if err != nil {
		return nil
	}
	return o
}

// open returns the handshake messages of one record, nothing for a record of another kind.
func (o *recordOpener) open(kind uint8, version uint16, body []byte) (inner []byte, ok bool) {
	nonce := bytes.Clone(o.iv)
	for i := range 8 {
		nonce[4+i] ^= byte(o.seq >> (56 - 8*i))
	}
	header := []byte{kind, byte(version >> 8), byte(version), byte(len(body) >> 8), byte(len(body))}
	plain, err := o.aead.Open(nil, nonce, body, header)
	if err != nil {
		return nil, false
	}
	o.seq++
	plain = bytes.TrimRight(plain, "\x00") // padding
	if len(plain) == 0 || plain[len(plain)-1] != recordHandshake {
		return nil, len(plain) > 0
	}
	return plain[:len(plain)-1], true
}

// expandLabel is HKDF-Expand-Label with an empty context (RFC 8446 section 7.1).
func expandLabel(h func() hash.Hash, secret []byte, label string, size int) ([]byte, error) {
	label = "tls13 " + label
	info := append([]byte{byte(size >> 8), byte(size), byte(len(label))}, label...)
	return hkdf.Expand(h, secret, string(append(info, 0)), size)
}

// secretLog takes the secrets of one handshake as crypto/tls writes them for a key log file, keeps the
// one that opens the server's side of it, and passes all of them on.
type secretLog struct {
	to     io.Writer // nil for nobody
	server []byte
}

func (l *secretLog) Write(line []byte) (int, error) {
	if f := bytes.Fields(line); len(f) == 3 && string(f[0]) == "SERVER_HANDSHAKE_TRAFFIC_SECRET" {
		l.server, _ = hex.DecodeString(string(f[2]))
	}
	if l.to == nil {
		return len(line), nil
	}
	return l.to.Write(line)
}
