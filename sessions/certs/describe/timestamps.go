package describe

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"time"

	"golang.org/x/crypto/cryptobyte"
)

// timestamps reads SignedCertificateTimestampList (RFC 6962 section 3.3): in
// the notation of TLS inside a string of bytes.
func (g *group) timestamps(r *reader) {
	e, ok := r.want(tagOctetString, "the list of timestamps")
	if !ok {
		return
	}
	whole := cryptobyte.String(e.body)
	// at is where the rest of a piece begins, in bytes of the certificate: the
	// pieces are parts of one array, and each ends where the piece around it went on.
	end := e.at + len(e.body)
	var list cryptobyte.String
	if !whole.ReadUint16LengthPrefixed(&list) {
		g.fail(e.at, "the list of timestamps is shorter than it says")
		return
	}
	if len(whole) > 0 {
		g.deviation(end-len(whole), bytesText(len(whole))+" too many behind the list of timestamps")
	}
	end -= len(whole)
	if len(list) == 0 {
		g.check("Timestamps", "none", nil, "the list is empty")
	}
	for !list.Empty() {
		at := end - len(list)
		var sct cryptobyte.String
		if !list.ReadUint16LengthPrefixed(&sct) {
			g.fail(at, "a timestamp is shorter than it says")
			return
		}
		g.count++
		g.timestamp(sct, at+2, strconv.Itoa(g.count)+". ")
	}
}

// timestamp reads one SignedCertificateTimestamp (RFC 6962 section 3.2) that
// begins at an offset.
func (g *group) timestamp(s cryptobyte.String, at int, prefix string) {
	var version uint8
	if !s.ReadUint8(&version) {
		g.fail(at, "a timestamp is empty")
		return
	}
	if version != 0 {
		g.check(prefix+"Version", strconv.Itoa(int(version)+1), []byte(s), "only version 1 is known")
		return
	}
	var (
		log         []byte
		millis      uint64
		extensions  cryptobyte.String
		hash, kind  uint8
		signature   cryptobyte.String
		before      = len(s)
		ok          = s.ReadBytes(&log, 32)
		timePresent = ok && s.ReadUint64(&millis)
	)
	if ok {
		g.put(Field{Name: prefix + "Log", Value: base64.StdEncoding.EncodeToString(log), Raw: log, Note: "SHA-256 of the log's key in Base64, version 1"})
	}
	if timePresent {
		f := Field{Name: prefix + "Time"}
		if t := time.UnixMilli(int64(millis)); millis < 1<<48 && t.Year() < 10000 {
			f.Value = timeText(t)
			f.Note = localText(t)
			if !g.d.at.IsZero() && t.After(g.d.at) {
				f.Note = "later than " + timeText(g.d.at)
			}
		} else {
			f.Value, f.Note, f.Problem = strconv.FormatUint(millis, 10)+" ms since 1970", "no time that makes sense", true
		}
		g.put(f)
	}
	if !timePresent || !s.ReadUint16LengthPrefixed(&extensions) || !s.ReadUint8(&hash) || !s.ReadUint8(&kind) || !s.ReadUint16LengthPrefixed(&signature) {
		g.fail(at+1+before-len(s), "a timestamp ends too early")
		return
	}
	if len(extensions) > 0 {
		g.add(prefix+"Extensions", hexText(extensions), extensions)
	}
	g.put(Field{Name: prefix + "Signature", Value: hexText(signature), Raw: signature, Note: tlsSignature(hash, kind)})
	if len(s) > 0 {
		g.deviation(at+1+before-len(s), bytesText(len(s))+" too many behind a timestamp")
	}
}

// tlsSignature names SignatureAndHashAlgorithm (RFC 5246 section 7.4.1.4.1).
func tlsSignature(hash, kind uint8) string {
	hashes := [...]string{"none", "MD5", "SHA-1", "SHA-224", "SHA-256", "SHA-384", "SHA-512"}
	kinds := [...]string{"anonymous", "RSA", "DSA", "ECDSA"}
	if int(hash) < len(hashes) && int(kind) < len(kinds) {
		return kinds[kind] + " with " + hashes[hash]
	}
	return fmt.Sprintf("hash algorithm %d, signature algorithm %d", hash, kind)
}

// poison reads the mark of a certificate that was only made to be logged.
func (g *group) poison(r *reader) {
	if g.null(r, "the poison") {
		g.put(Field{Name: "Poison", Value: "this is a precertificate", Note: "made for certificate transparency logs; no client may accept it"})
	}
}

func (g *group) ocspNoCheck(r *reader) {
	if g.null(r, "the mark") {
		g.put(Field{Name: "Revocation", Value: "not to be checked", Note: "for the certificates of OCSP responders, which live shortly"})
	}
}

func (g *group) delegation(r *reader) {
	if g.null(r, "the mark") {
		g.put(Field{Name: "Delegation", Value: "allowed", Note: "the server may use keys that this certificate signs for a few days (RFC 9345)"})
	}
}

// null reads a NULL.
func (g *group) null(r *reader, what string) bool {
	e, ok := r.want(tagNull, what)
	if ok && len(e.body) > 0 {
		g.deviation(e.off, "a NULL with content")
	}
	return ok
}

// tlsFeatures reads Features (RFC 7633): TLS extensions that the server
// promises to use.
func (g *group) tlsFeatures(r *reader) {
	seq, ok := r.want(tagSequence, "the features")
	if !ok {
		return
	}
	for in := g.inside(seq); in.more(); {
		e, ok := in.want(tagInteger, "a feature")
		if !ok {
			return
		}
		n, problem := small(e.body, 0xffff)
		f := Field{Name: "Feature", Value: "TLS extension " + strconv.FormatInt(n, 10), Raw: e.body, Note: problem, Problem: problem != ""}
		switch {
		case problem != "":
			f.Value, _ = integerText(e.body)
		case n == 5:
			f.Value = "status_request (5)"
			f.Note = "must staple: the server has to send an OCSP response along"
		case n == 17:
			f.Value = "status_request_v2 (17)"
			f.Note = "must staple: the server has to send OCSP responses along"
		}
		g.put(f)
	}
}
