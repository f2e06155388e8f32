package lab

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"time"

	"golang.org/x/crypto/ocsp"

	"wirebench/sessions"
	"wirebench/sessions/certs"
	"wirebench/sessions/certs/testca"
	"wirebench/sessions/compose"
	"wirebench/sessions/messages"
)

// tlsCatalogue is the TLS servers: first one for each status, in the order of package certs' documentation, then
// those with other or with several faults.
func tlsCatalogue() []practice {
	one := func(spec func(*pki) testca.Spec) func(*pki) (presented, error) {
		return func(p *pki) (presented, error) { return p.good(spec(p)) }
	}
	plain := func(*pki) testca.Spec { return testca.Spec{} }
	expired := func(p *pki) testca.Spec { return p.over(testca.Spec{}) }
	other := []string{"other.practice.example"}
	all := []practice{
		secure("tls-trusted", "nothing is wrong", certs.Trusted, nil,
			"The status is trusted: the chain ends in the lab's root, which this tab alone trusts.",
			"The card has what was agreed on, both chains and all fields; what you send comes back.",
			one(plain)),
		secure("tls-expired", "expired", certs.Expired, []certs.Code{certs.ExpiredLeaf},
			"The time of the certificate is over; the fault says since when.",
			"With a time put in under Options the certificate is looked at as of then, and is trusted.",
			one(expired)),
		secure("tls-notYetValid", "not valid yet", certs.NotYetValid, []certs.Code{certs.NotYetValidLeaf},
			"The time of the certificate has not begun; a clock that is wrong looks the same.",
			"The fault says when it will begin.",
			one(func(p *pki) testca.Spec {
				return testca.Spec{NotBefore: p.days(30), NotAfter: p.days(120)}
			})),
		secure("tls-principalMismatch", "for another host", certs.PrincipalMismatch, []certs.Code{certs.NameMismatch},
			"The certificate is good, but not for this host; the fault lists the names it has.",
			"Put one of those in as the name to verify, and it is trusted.",
			one(func(*pki) testca.Spec { return testca.Spec{DNSNames: other} })),
		secure("tls-revoked", "revoked (stapled OCSP)", certs.Revoked, []certs.Code{certs.RevokedLeaf},
			"The server sends an OCSP answer along (stapled), and that says it was revoked.",
			"The fault says when and why; nobody else had to be asked for it.",
			func(p *pki) (presented, error) {
				shown, err := p.good(testca.Spec{})
				if err != nil {
					return shown, err
				}
				return p.stapled(shown, testca.OCSPSpec{Status: ocsp.Revoked, Reason: ocsp.KeyCompromise, RevokedAt: p.days(-2)})
			}),
		secure("tls-untrustedSigners", "an unknown root", certs.UntrustedSigners, []certs.Code{certs.UntrustedRoot},
			"The chain is complete, but its root is nobody this tab trusts.",
			"Sending a root along, as this server does, makes nobody trust it.",
			func(p *pki) (presented, error) {
				root, err := testca.SelfSigned(testca.Spec{CommonName: "Somebody's Root", CA: true, NotBefore: p.days(-300)})
				if err != nil {
					return presented{}, err
				}
				leaf, err := p.leaf(root, testca.Spec{})
				return presented{chain: []*testca.Cert{leaf, root}}, err
			}),
		secure("tls-invalidChain", "the authority's own certificate has expired", certs.InvalidChain, []certs.Code{certs.CAExpired},
			"The server's certificate is good; the one above it, of the authority that issued it, is over.",
			"Each fault says in which certificate of the chain it is, by depth.",
			below(testca.Spec{}, func(p *pki) testca.Spec { return testca.Spec{NotAfter: p.days(-3)} })),
		secure("tls-invalid", "the signature is wrong", certs.Invalid, []certs.Code{certs.BadSignature},
			"One bit of the signature is flipped: this is not what the authority signed.",
			"Nothing else in such a certificate can be relied on, which is why invalid comes first.",
			one(func(*pki) testca.Spec { return testca.Spec{BreakSignature: true} })),
		{refusing("tls-unknown", "no TLS at all",
			"What answers is SSH, as an address with a wrong port does: there is no certificate to judge.",
			"The error names what answered, instead of only saying that the handshake failed."),
			startRefusing([]byte("SSH-2.0-Practice\r\n"), true)},

		secure("tls-expired-wrong-name", "expired, and for another host", certs.PrincipalMismatch, []certs.Code{certs.NameMismatch, certs.ExpiredLeaf},
			"Both faults are listed; most programs tell only the first one they meet.",
			"The status is that of the worse one, the name.",
			one(func(p *pki) testca.Spec { return p.over(testca.Spec{DNSNames: other}) })),
		secure("tls-self-signed", "self-signed", certs.UntrustedSigners, []certs.Code{certs.SelfSigned},
			"The certificate is its own issuer, as servers make them while they are installed.",
			"Name it as an authority of yours under Options, and it is trusted.",
			func(p *pki) (presented, error) {
				leaf, err := p.leaf(nil, testca.Spec{})
				return presented{chain: []*testca.Cert{leaf}}, err
			}),
		secure("tls-device", "an old device, with three faults", certs.UntrustedSigners,
			[]certs.Code{certs.SelfSigned, certs.NameMismatch, certs.ExpiredLeaf},
			"Three faults at once, as printers and routers have them.",
			"Each has its evidence and what to do about it.",
			func(p *pki) (presented, error) {
				leaf, err := p.leaf(nil, p.over(testca.Spec{DNSNames: []string{"router.practice.example"}}))
				return presented{chain: []*testca.Cert{leaf}}, err
			}),
		secure("tls-everything-wrong", "four faults at once", certs.Invalid,
			[]certs.Code{certs.BadSignature, certs.NameMismatch, certs.WrongUsage, certs.ExpiredLeaf},
			"Four faults: read them from the top, which is in the order they matter.",
			"Ask another program about this server, and see which one it tells.",
			one(func(p *pki) testca.Spec {
				return p.over(testca.Spec{DNSNames: other, Usages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, BreakSignature: true})
			})),
		secure("tls-missing-intermediate", "the intermediate certificate was not sent", certs.UntrustedSigners, []certs.Code{certs.IssuerMissing},
			"The commonest mistake of servers: browsers know the missing certificate and hide it.",
			"Allow fetching issuers (AIA) under Options: the chain is then complete.",
			func(p *pki) (presented, error) {
				leaf, err := p.leaf(p.issuing, testca.Spec{})
				return presented{chain: []*testca.Cert{leaf}}, err
			}),
		secure("tls-weak-key", "a key of 512 bits", certs.Invalid, []certs.Code{certs.WeakKey},
			"Whoever wants can compute this RSA key in hours, and be this server.",
			"The key's size stands among the fields of the certificate.",
			func(p *pki) (presented, error) {
				shown, err := p.good(testca.Spec{KeyType: testca.RSA512})
				shown.max = tls.VersionTLS12 // a signature of TLS 1.3 does not fit into such a key
				return shown, err
			}),
		secure("tls-sha1", "signed with SHA-1", certs.Invalid, []certs.Code{certs.WeakSignature},
			"SHA-1 is broken: a certificate signed with it may have been forged.",
			"The signature's algorithm stands among the fields of the certificate.",
			one(func(*pki) testca.Spec { return testca.Spec{Digest: crypto.SHA1} })),
		secure("tls-revoked-crl", "revoked (in the revocation list)", certs.Revoked, []certs.Code{certs.RevokedLeaf},
			"This tab fetches the list that the certificate names, over HTTP from the lab, and finds it there.",
			"Without fetching lists, which is off unless asked for, it would pass for good.",
			revoked, func(c *sessions.TLSConfig) { c.LookCRL = true }),
		secure("tls-revoked-ocsp", "revoked (the OCSP responder says)", certs.Revoked, []certs.Code{certs.RevokedLeaf},
			"This tab asks the responder that the certificate names, which is the lab's.",
			"Under revocation stands who was asked, what the answer was, and how long it took.",
			revoked, func(c *sessions.TLSConfig) { c.LookOCSP = true }),
		secure("tls-must-staple", "the OCSP answer it demands is missing", certs.Invalid, []certs.Code{certs.MustStapleMissing},
			"The certificate demands an OCSP answer in the handshake (must-staple), and none is sent.",
			"The server's fault, not the certificate's: see tls-stapled for one that sends it.",
			one(func(*pki) testca.Spec { return testca.Spec{MustStaple: true} })),
		secure("tls-stapled", "the OCSP answer it demands is sent", certs.Trusted, nil,
			"As tls-must-staple, with the answer: good, and signed by the authority.",
			"It stands under revocation, with when it was made and until when it holds.",
			func(p *pki) (presented, error) {
				shown, err := p.good(testca.Spec{MustStaple: true})
				if err != nil {
					return shown, err
				}
				return p.stapled(shown, testca.OCSPSpec{})
			}),
		secure("tls-wrong-usage", "made for clients", certs.Invalid, []certs.Code{certs.WrongUsage},
			"The certificate may prove who a client is, not who a server is.",
			"What it is for stands among its extensions (extended key usage).",
			one(func(*pki) testca.Spec {
				return testca.Spec{Usages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
			})),
		secure("tls-common-name-only", "the name stands in the common name alone", certs.PrincipalMismatch, []certs.Code{certs.CommonNameOnly},
			"The host is named the way of the nineties; no program looks there any more.",
			"A new certificate with the name as a subject alternative name is the way out.",
			one(func(*pki) testca.Spec {
				return testca.Spec{CommonName: testca.Host, DNSNames: []string{}}
			})),
		secure("tls-not-a-ca", "issued by a server's certificate", certs.InvalidChain, []certs.Code{certs.NotACA},
			"Somebody with a good certificate issued another with it, which it may not do.",
			"The fault is at depth 1: the certificate in the middle is no authority.",
			func(p *pki) (presented, error) {
				shop, err := p.leaf(p.root, testca.Spec{CommonName: "Practice Shop", DNSNames: []string{"shop.practice.example"}})
				if err != nil {
					return presented{}, err
				}
				leaf, err := p.leaf(shop, testca.Spec{})
				return presented{chain: []*testca.Cert{leaf, shop}}, err
			}),
		secure("tls-name-constraints", "its authority may not issue for this host", certs.InvalidChain, []certs.Code{certs.NameConstraints},
			"The authority in the middle is bound to names below elsewhere.example, and this is none.",
			"What it is bound to stands among its extensions (name constraints).",
			below(testca.Spec{}, func(*pki) testca.Spec { return testca.Spec{PermittedDNS: []string{"elsewhere.example"}} })),
		secure("tls-reversed-chain", "the chain was sent in a wrong order", certs.Trusted, nil,
			"Trusted, with a warning: some programs do not put such a chain in order.",
			"What was presented stands beside the chain as it was built.",
			func(p *pki) (presented, error) {
				upper, err := p.ca(p.root, "Practice Upper Authority", testca.Spec{})
				if err != nil {
					return presented{}, err
				}
				lower, err := p.ca(upper, "Practice Lower Authority", testca.Spec{})
				if err != nil {
					return presented{}, err
				}
				leaf, err := p.leaf(lower, testca.Spec{})
				return presented{chain: []*testca.Cert{leaf, upper, lower}}, err
			}),
		secure("tls-client-certificate", "a client certificate is required", certs.Trusted, nil,
			"The server asks who you are; this tab has the lab's client certificate and sends it.",
			"Take it out under Options to see how a server refuses a client without one.",
			func(p *pki) (presented, error) {
				shown, err := p.good(testca.Spec{})
				shown.client = true
				return shown, err
			}, func(c *sessions.TLSConfig) { c.CertFile, c.KeyFile = ClientFile, ClientKeyFile }),
		secure("tls-old-protocol", "TLS 1.0", certs.Trusted, nil,
			"The certificate is good; a warning says that this version of TLS is not.",
			"Switch off old versions under Options, and there is no connection any more.",
			func(p *pki) (presented, error) {
				shown, err := p.good(testca.Spec{KeyType: testca.RSA2048})
				shown.min, shown.max = tls.VersionTLS10, tls.VersionTLS10
				return shown, err
			}, func(c *sessions.TLSConfig) { c.Legacy = true }),
		{refusing("tls-refused", "the handshake is refused",
			"The server ends the handshake with an alert before it shows a certificate.",
			"The error explains the alert (handshake_failure) and says what to try."),
			// Alert, TLS 1.2, two bytes: fatal, handshake_failure (RFC 8446 section 6).
			startRefusing([]byte{21, 3, 3, 0, 2, 2, 40}, false)},
	}
	return all
}

// secure is an entry whose server presents a certificate.
func secure(id, title string, expect certs.Status, faults []certs.Code, look1, look2 string, present func(*pki) (presented, error), set ...func(*sessions.TLSConfig)) practice {
	c := sessions.DefaultTLS()
	for _, s := range set {
		s(&c)
	}
	return practice{Entry{ID: id, Kind: sessions.TLS, Title: "TLS: " + title, Look: [2]string{look1, look2},
		Messages: []messages.Message{
			text("Hello", `Hello, TLS!`, compose.LF),
			text("As a browser", `GET / HTTP/1.0\r\n\r\n`, compose.None),
		},
		TLS: &c, Expect: expect, Faults: faults}, startTLS(present)}
}

// refusing is an entry whose server shows no certificate.
func refusing(id, title, look1, look2 string) Entry {
	return Entry{ID: id, Kind: sessions.TLS, Title: "TLS: " + title, Look: [2]string{look1, look2}, Expect: certs.Unknown}
}

// good presents a leaf of the good chain.
func (p *pki) good(s testca.Spec) (presented, error) {
	leaf, err := p.leaf(p.issuing, s)
	return presented{chain: []*testca.Cert{leaf, p.issuing}}, err
}

// below presents a leaf of an authority that is under the root, and what is wrong with that.
func below(leaf testca.Spec, ca func(*pki) testca.Spec) func(*pki) (presented, error) {
	return func(p *pki) (presented, error) {
		between, err := p.ca(p.root, "Practice Other Authority", ca(p))
		if err != nil {
			return presented{}, err
		}
		made, err := p.leaf(between, leaf)
		return presented{chain: []*testca.Cert{made, between}}, err
	}
}

// revoked presents a leaf that is in the issuing authority's list.
func revoked(p *pki) (presented, error) {
	shown, err := p.good(testca.Spec{})
	if err == nil {
		err = p.revoke(shown.chain[0])
	}
	return shown, err
}

// stapled adds the issuing authority's OCSP answer.
func (p *pki) stapled(shown presented, s testca.OCSPSpec) (presented, error) {
	s.ThisUpdate, s.NextUpdate = p.at.Add(-time.Hour), p.days(life)
	var err error
	shown.staple, err = p.issuing.OCSP(shown.chain[0], s)
	return shown, err
}

// over is s with a time that has passed.
func (p *pki) over(s testca.Spec) testca.Spec {
	s.NotBefore, s.NotAfter = p.days(-120), p.days(-30)
	return s
}
