package certs

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"wirebench/sessions/inspect"
)

// JSONReport is a [Report] as the command line writes it: what its event
// certificate has beside time and event. The names of fields are a contract:
// fields may be added, never renamed. Arrays are never null.
type JSONReport struct {
	Status   Status        `json:"status"`
	Headline string        `json:"headline"`
	Faults   []JSONFinding `json:"faults"`
	Warnings []JSONFinding `json:"warnings"`

	Host  string `json:"host"` // what the leaf was checked against; "" for nothing
	At    string `json:"at"`   // as of when it was judged, RFC 3339
	Store string `json:"store"`

	Presented  []JSONCertificate `json:"presented"`
	Chain      []JSONCertificate `json:"chain"`
	Anchored   bool              `json:"anchored"` // the last of the chain is a trust anchor
	TLS        *JSONHandshake    `json:"tls"`      // null when the certificates did not come from a handshake
	Revocation []JSONRevocation  `json:"revocation"`
}

// JSONFinding is a [Finding].
type JSONFinding struct {
	Status            Status `json:"status"` // "" for a warning
	Code              Code   `json:"code"`
	Depth             int    `json:"depth"`
	Subject           string `json:"subject"`
	FingerprintSHA256 string `json:"fingerprintSHA256"`
	Detail            string `json:"detail"`
	Hint              string `json:"hint"`
}

// JSONCertificate is a certificate. One that cannot be read has an error, its
// fingerprints and PEM, and nothing else.
type JSONCertificate struct {
	Subject            string   `json:"subject"` // one line; "" when it is empty
	Issuer             string   `json:"issuer"`
	SerialNumber       string   `json:"serialNumber"`   // lower-case hex, whole octets
	ValidNotBefore     string   `json:"validNotBefore"` // RFC 3339, UTC
	ValidNotAfter      string   `json:"validNotAfter"`
	DNSNames           []string `json:"dnsNames"`
	IPAddresses        []string `json:"ipAddresses"`
	EmailAddresses     []string `json:"emailAddresses"`
	URIs               []string `json:"uris"`
	CA                 bool     `json:"ca"`
	PublicKey          string   `json:"publicKey"`          // "RSA 2048 bits", "ECDSA P-256"
	SignatureAlgorithm string   `json:"signatureAlgorithm"` // "ECDSA-SHA256"; dotted decimals for one Go does not know
	FingerprintSHA256  string   `json:"fingerprintSHA256"`  // lower-case hex, of the DER
	FingerprintSHA1    string   `json:"fingerprintSHA1"`
	SPKISHA256         string   `json:"spkiSHA256"` // lower-case hex, of the public key with its algorithm
	PEM                string   `json:"pem"`
	Error              string   `json:"error,omitempty"` // why it cannot be read
}

// JSONHandshake is a [Handshake].
type JSONHandshake struct {
	Version       string   `json:"version"`
	CipherSuite   string   `json:"cipherSuite"`
	Curve         string   `json:"curve"`
	ALPN          string   `json:"alpn"`
	Resumed       bool     `json:"resumed"`
	HandshakeMs   float64  `json:"handshakeMs"` // to the microsecond
	Complete      bool     `json:"complete"`
	Problem       string   `json:"problem"`
	ServerName    string   `json:"serverName"`
	ALPNOffered   []string `json:"alpnOffered"`
	HelloRetry    bool     `json:"helloRetry"`
	Signature     string   `json:"signature"`
	ECH           bool     `json:"ech"`
	SCTs          int      `json:"scts"`
	Stapled       bool     `json:"stapled"`
	StartTLS      string   `json:"startTLS"`
	ClientAsked   bool     `json:"clientAsked"`
	ClientSent    string   `json:"clientSent"`
	ClientProblem string   `json:"clientProblem"`
	AcceptableCAs []string `json:"acceptableCAs"`
}

// JSONRevocation is a [Revocation].
type JSONRevocation struct {
	Depth   int     `json:"depth"`
	Subject string  `json:"subject"`
	Method  Method  `json:"method"`
	Result  Result  `json:"result"`
	Detail  string  `json:"detail"`
	From    string  `json:"from"`
	TookMs  float64 `json:"tookMs"` // 0 when nothing was asked
}

// JSON returns the report as the command line writes it. It shares nothing with
// the report.
func (r *Report) JSON() *JSONReport {
	j := &JSONReport{
		Status:     r.Status,
		Headline:   r.Headline,
		Faults:     jsonFindings(r.Faults),
		Warnings:   jsonFindings(r.Warnings),
		Host:       r.Host,
		At:         r.Time.UTC().Format(time.RFC3339Nano),
		Store:      r.Store,
		Presented:  make([]JSONCertificate, 0, len(r.Presented)),
		Chain:      make([]JSONCertificate, 0, len(r.Chain)),
		Anchored:   r.Anchored,
		TLS:        r.Handshake.json(),
		Revocation: make([]JSONRevocation, 0, len(r.Revocation)),
	}
	for _, p := range r.Presented {
		j.Presented = append(j.Presented, p.json())
	}
	for _, c := range r.Chain {
		j.Chain = append(j.Chain, Presented{DER: c.Raw, Cert: c}.json())
	}
	for _, v := range r.Revocation {
		j.Revocation = append(j.Revocation, JSONRevocation{
			Depth: v.Depth, Subject: v.Subject, Method: v.Method, Result: v.Result, Detail: v.Detail, From: v.From, TookMs: Milliseconds(v.Took),
		})
	}
	return j
}

func jsonFindings(all []Finding) []JSONFinding {
	out := make([]JSONFinding, 0, len(all))
	for _, f := range all {
		out = append(out, JSONFinding{f.Status, f.Code, f.Depth, f.Subject, f.SHA256, f.Detail, f.Hint})
	}
	return out
}

func (h *Handshake) json() *JSONHandshake {
	if h == nil {
		return nil
	}
	return &JSONHandshake{
		Version: h.Version, CipherSuite: h.CipherSuite, Curve: h.Curve, ALPN: h.ALPN, Resumed: h.Resumed,
		HandshakeMs: Milliseconds(h.Took), Complete: h.Complete, Problem: h.Problem,
		ServerName: h.ServerName, ALPNOffered: notNil(h.ALPNOffered), HelloRetry: h.HelloRetry, Signature: h.Signature,
		ECH: h.ECH, SCTs: h.SCTs, Stapled: h.Stapled, StartTLS: h.StartTLS,
		ClientAsked: h.ClientAsked, ClientSent: h.ClientSent, ClientProblem: h.ClientProblem, AcceptableCAs: notNil(h.AcceptableCAs),
	}
}

// notNil returns a copy of list that is not nil, which JSON would write as null.
func notNil(list []string) []string { return append([]string{}, list...) }

// Milliseconds returns d as a number for JSON, to the microsecond.
func Milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func (p Presented) json() JSONCertificate {
	sum := sha1.Sum(p.DER)
	j := JSONCertificate{
		DNSNames: []string{}, IPAddresses: []string{}, EmailAddresses: []string{}, URIs: []string{},
		FingerprintSHA256: Fingerprint(p.DER),
		FingerprintSHA1:   hex.EncodeToString(sum[:]),
		PEM:               string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.DER})),
	}
	c := p.Cert
	if c == nil {
		j.Error = "it cannot be read"
		if p.Err != nil {
			j.Error = inspect.Escape([]byte(p.Err.Error()))
		}
		return j
	}
	j.Subject, j.Issuer = NameText(c.Subject), NameText(c.Issuer)
	j.SerialNumber = serialText(c.SerialNumber)
	j.ValidNotBefore, j.ValidNotAfter = c.NotBefore.UTC().Format(time.RFC3339), c.NotAfter.UTC().Format(time.RFC3339)
	j.DNSNames, j.EmailAddresses = notNil(c.DNSNames), notNil(c.EmailAddresses)
	for _, ip := range c.IPAddresses {
		j.IPAddresses = append(j.IPAddresses, ip.String())
	}
	for _, u := range c.URIs {
		j.URIs = append(j.URIs, u.String())
	}
	j.CA = c.BasicConstraintsValid && c.IsCA
	j.PublicKey = KeyText(c)
	j.SignatureAlgorithm = signatureText(c)
	j.SPKISHA256 = Fingerprint(c.RawSubjectPublicKeyInfo)
	return j
}

// serialText is a serial number in hex, in whole octets, with a minus where one
// is negative against all rules.
func serialText(n *big.Int) string {
	if n == nil {
		return ""
	}
	text := hex.EncodeToString(new(big.Int).Abs(n).Bytes())
	if text == "" {
		text = "00"
	}
	if n.Sign() < 0 {
		text = "-" + text
	}
	return text
}

// KeyText names the public key of a certificate: "RSA 2048 bits", "ECDSA P-256",
// "Ed25519". A kind that Go does not know stands by its OID.
func KeyText(c *x509.Certificate) string {
	switch k := c.PublicKey.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d bits", k.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA " + k.Curve.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	}
	if c.PublicKeyAlgorithm != x509.UnknownPublicKeyAlgorithm {
		return c.PublicKeyAlgorithm.String()
	}
	return algorithmOID(c.RawSubjectPublicKeyInfo, 0)
}

// signatureText names the algorithm a certificate is signed with, as [KeyText]
// does for its key.
func signatureText(c *x509.Certificate) string {
	if c.SignatureAlgorithm != x509.UnknownSignatureAlgorithm {
		return c.SignatureAlgorithm.String()
	}
	return algorithmOID(c.Raw, 1) // behind tbsCertificate, RFC 5280 section 4.1
}

// algorithmOID is the OID of the AlgorithmIdentifier that stands in the SEQUENCE
// der behind skip other SEQUENCEs; "unknown" when there is none.
func algorithmOID(der []byte, skip int) string {
	const unknown = "unknown"
	whole := cryptobyte.String(der)
	var body, algorithm cryptobyte.String
	if !whole.ReadASN1(&body, cbasn1.SEQUENCE) {
		return unknown
	}
	for range skip {
		if !body.SkipASN1(cbasn1.SEQUENCE) {
			return unknown
		}
	}
	var oid asn1.ObjectIdentifier
	if !body.ReadASN1(&algorithm, cbasn1.SEQUENCE) || !algorithm.ReadASN1ObjectIdentifier(&oid) {
		return unknown
	}
	return oid.String()
}
