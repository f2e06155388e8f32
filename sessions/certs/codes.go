package certs

// Code names a fault or a warning. Codes are part of the JSON of the command line.
type Code string

// Faults, in the order in which a headline is chosen: the first one present gives the status.
const (
	// invalid, the certificate itself
	Unparsable        Code = "unparsable"         // a presented certificate is no X.509 that can be read
	BadSignature      Code = "bad-signature"      // the leaf's signature does not verify with its issuer's key
	WeakSignature     Code = "weak-signature"     // the leaf is signed with MD5 or SHA-1
	UnhandledCritical Code = "unhandled-critical" // the leaf has a critical extension nobody knows
	WeakKey           Code = "weak-key"           // the leaf's RSA key is below 1024 bits, or its curve is broken
	// revoked
	RevokedLeaf Code = "revoked"
	RevokedCA   Code = "ca-revoked"
	// untrustedSigners
	SelfSigned    Code = "self-signed"    // the leaf is its own issuer and no anchor
	UntrustedRoot Code = "untrusted-root" // the chain ends in a root that is no anchor
	IssuerMissing Code = "issuer-missing" // the issuer of the last certificate was neither sent nor is it an anchor
	// invalidChain
	CABadSignature      Code = "ca-bad-signature"
	CAWeakSignature     Code = "ca-weak-signature"
	NotACA              Code = "not-a-ca"      // an issuer that may not sign certificates
	PathTooLong         Code = "path-too-long" // more CAs below one than it allows
	CAExpired           Code = "ca-expired"    // the anchor's time counts too, as it does for Go and OpenSSL
	CANotYetValid       Code = "ca-not-yet-valid"
	CAUnhandledCritical Code = "ca-unhandled-critical"
	CAWeakKey           Code = "ca-weak-key"
	CAWrongUsage        Code = "ca-wrong-usage"   // a CA whose extended key usage excludes this use
	NameConstraints     Code = "name-constraints" // the leaf has a name that a CA may not issue
	Policies            Code = "policies"         // the certificate policies required are not met
	// principalMismatch
	NameMismatch   Code = "name-mismatch"    // it has names, and this host is none of them
	CommonNameOnly Code = "common-name-only" // the host stands in the common name only, which no verifier reads any more
	NoNames        Code = "no-names"         // it names no host at all
	// invalid, the use of the certificate
	WrongUsage        Code = "wrong-usage"         // not made for servers
	MustStapleMissing Code = "must-staple-missing" // it asks for a stapled OCSP response, and none good came
	Malformed         Code = "malformed"           // it breaks a rule of RFC 5280 that verifiers act on
	// expired, notYetValid
	ExpiredLeaf     Code = "expired"
	NotYetValidLeaf Code = "not-yet-valid"
)

// Warnings, which leave the status alone.
const (
	ChainOutOfOrder     Code = "chain-out-of-order"
	DuplicateSent       Code = "duplicate-sent"
	RootSent            Code = "root-sent"        // the anchor came along, which is of no use
	SuperfluousSent     Code = "superfluous-sent" // a certificate that is no part of the chain
	IssuerByAIA         Code = "issuer-by-aia"    // the missing issuer can be fetched from the certificate's AIA URL
	LongLifetime        Code = "long-lifetime"    // longer than browsers accept
	ExpiresSoon         Code = "expires-soon"
	NoSCT               Code = "no-sct"
	SmallKey            Code = "small-key"      // RSA of 1024 to 2047 bits
	LeafKeyUsage        Code = "leaf-key-usage" // the key usage lacks what the handshake needs
	NoSubjectWarning    Code = "no-subject"     // an empty subject (allowed, when a name stands in the alternative names)
	RevocationUnknown   Code = "revocation-undetermined"
	AnchorExpired       Code = "anchor-expired"        // another way up, which the chain did without, ends in an anchor whose time is over
	AnchorWeakSignature Code = "anchor-weak-signature" // harmless: an anchor is trusted for itself
	StrictRefused       Code = "strict-refused"        // verifiers that insist on every rule of RFC 5280 refuse it: Python 3.13 and later, openssl -x509_strict
	OldProtocol         Code = "old-protocol"          // TLS 1.0 or 1.1 was agreed on
	WeakSuite           Code = "weak-suite"            // a cipher suite with known weaknesses was
	Odd                 Code = "odd"                   // something a careful reader should see; Detail says what
)

// order is the precedence of the faults, see the package's documentation.
var order = []struct {
	status Status
	codes  []Code
}{
	{Invalid, []Code{Unparsable, BadSignature, WeakSignature, UnhandledCritical, WeakKey}},
	{Revoked, []Code{RevokedLeaf, RevokedCA}},
	{UntrustedSigners, []Code{SelfSigned, UntrustedRoot, IssuerMissing}},
	{InvalidChain, []Code{CABadSignature, CAWeakSignature, NotACA, PathTooLong, CAExpired, CANotYetValid, CAUnhandledCritical, CAWeakKey, CAWrongUsage, NameConstraints, Policies}},
	{PrincipalMismatch, []Code{NameMismatch, CommonNameOnly, NoNames}},
	{Invalid, []Code{WrongUsage, MustStapleMissing, Malformed}},
	{Expired, []Code{ExpiredLeaf}},
	{NotYetValid, []Code{NotYetValidLeaf}},
}

// statusOf is the status a fault of this code gives alone, "" for a warning.
func statusOf(code Code) Status {
	status, _ := place(code)
	return status
}

// place is the status of a fault and its place in the precedence, 0 first.
func place(code Code) (Status, int) {
	n := 0
	for _, group := range order {
		for _, c := range group.codes {
			if c == code {
				return group.status, n
			}
			n++
		}
	}
	return "", n
}
