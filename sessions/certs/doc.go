// Package certs says everything that is wrong with a certificate.
//
// [Check] is given what a peer presented, the host, a moment, the trust anchors and what is known about
// revocation, and returns a [Report]: every fault and every warning, each with its evidence and with what
// to do about it, and one of the nine statuses of Adobe AIR's CertificateStatus as the headline.
//
// # Faults and the headline
//
// A verifier that stops at the first error hides the others. Check looks at each property by itself, the
// others neutralised, so that a certificate that is expired, for another host and self-signed is told to
// be all three. The status is that of the first fault present, in this order:
//
//  1. [Invalid]: a certificate that cannot be read ([Unparsable]); the leaf's signature ([BadSignature],
//     [WeakSignature]), its critical extensions ([UnhandledCritical]), its key ([WeakKey])
//  2. [Revoked]: [RevokedLeaf], [RevokedCA]
//  3. [UntrustedSigners]: [SelfSigned], [UntrustedRoot], [IssuerMissing]
//  4. [InvalidChain]: a CA's signature, authority, path length, time, extensions, key and usage, the name
//     constraints and the policies ([CABadSignature] to [Policies])
//  5. [PrincipalMismatch]: [NameMismatch], [CommonNameOnly], [NoNames]
//  6. [Invalid] once more, for the use of the certificate: [WrongUsage], [MustStapleMissing], [Malformed]
//  7. [Expired], [NotYetValid]
//
// Without any it is [Trusted]; where no certificate came, [Unknown].
//
// # The chain
//
// Issuers are looked for among the certificates presented, those given as extra and the anchors, by the
// issuer's name; the key that made the signature decides between several. Of all ways up the one that
// reaches an anchor is taken, then the one with the fewest faults, then the shortest. Where none reaches
// an anchor the chain goes as far as issuers are known, and all its faults are told just the same. An issuer
// whose key did not make the signature is only taken when there is no other of its name and the key
// identifiers agree or are missing: the signature is at fault then, else the issuer counts as missing.
//
// Signatures with MD5 and SHA-1 and with RSA keys below 1,024 bits are computed too, though they are faults
// in any case, to tell the weak from the wrong and to go on up the chain. A trust anchor is trusted for
// itself: its own signature does not count. Its time, its constraints and its usages do, as they do for Go
// and OpenSSL.
//
// # Bounds
//
// Nothing that is called trusted is refused by [crypto/x509.Certificate.Verify]; it has the last word. What comes
// from the wire is hostile: at most 100 presented certificates are looked at, the computing of signatures
// has a budget that also counts the size of keys (RSA up to 16,384 bits) and of certificates, the number of
// chains compared is limited, and texts quote only the first few names, made safe to show.
package certs
