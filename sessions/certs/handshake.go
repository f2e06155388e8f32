package certs

import (
	"crypto/tls"
	"slices"
)

// Warnings returns what a careful reader should see of a handshake that is not about a certificate: a
// version of TLS or a cipher suite that is only spoken because the person allowed it.
func (h Handshake) Warnings() []Finding {
	var all []Finding
	if h.Version == tls.VersionName(tls.VersionTLS10) || h.Version == tls.VersionName(tls.VersionTLS11) {
		all = append(all, Finding{Code: OldProtocol, Depth: -1,
			Detail: h.Version + " was agreed on, which RFC 8996 forbids: its hashes are broken, and browsers have refused it since 2020",
			Hint:   "have the server offer TLS 1.2 or 1.3"})
	}
	if slices.ContainsFunc(tls.InsecureCipherSuites(), func(s *tls.CipherSuite) bool { return s.Name == h.CipherSuite }) {
		all = append(all, Finding{Code: WeakSuite, Depth: -1,
			Detail: "the cipher suite " + h.CipherSuite + " was agreed on, which has known weaknesses or no forward secrecy",
			Hint:   "have the server prefer suites with ECDHE and AES-GCM or ChaCha20"})
	}
	return all
}
