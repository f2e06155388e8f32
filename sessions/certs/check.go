package certs

import (
	"crypto/x509"
	"time"
)

// Input is what [Check] looks at. Nothing in it is changed.
type Input struct {
	// Presented are the certificates as the peer sent them, DER, the leaf first. Only the first 100 are
	// looked at; a warning counts the rest.
	Presented [][]byte
	// Host is the name or the IP literal (with or without brackets) the leaf is checked against. A name may
	// be in Unicode or end in a dot. "" checks none.
	Host string
	// Time is the moment the certificates are judged for. The zero time is a moment too: it must be set.
	Time time.Time
	// Store holds the trust anchors. nil holds none.
	Store *Store
	// Extra are more certificates to build the chain with. They are not trusted.
	Extra []*x509.Certificate
	// Usage is what the leaf must be made for: the TLS client passes [x509.ExtKeyUsageServerAuth]. The zero
	// value, [x509.ExtKeyUsageAny], checks none.
	Usage x509.ExtKeyUsage
	// Evidence is what is known about revocation.
	Evidence Evidence
	// SCTs is how many signed certificate timestamps came beside the certificate in the handshake.
	SCTs int
	// NoHandshake says that the certificates come from a file, so that nothing can be said about a stapled
	// OCSP response; without it a certificate that demands one and got none has a fault.
	NoHandshake bool
	// Problem says why no certificate came when Presented is empty. It becomes the headline.
	Problem string
}

// maxPresented is how many presented certificates are looked at. Real chains have two to five; RFC 8446
// puts no limit, and each one costs parsing and at worst a signature check.
const maxPresented = 100

// Check tells everything that is wrong with the certificates of in. It never returns nil and never panics,
// whatever bytes come in; its work is bounded for hostile ones. It uses no network and no clock, and no
// files but the system's folders of roots, which are read once, when the store has no anchor without
// them. It may be called from many goroutines. The report shares Presented's bytes and the store's and Extra's
// certificates; nobody may change them afterwards.
func Check(in Input) *Report {
	if in.Store == nil {
		in.Store = NewStore()
	}
	if in.Store.more == nil {
		return check(in)
	}
	first := in
	first.Store = in.Store.quick()
	if r := check(first); r.Status == Trusted || len(in.Presented) == 0 {
		r.Store = in.Store.String()
		return r
	}
	in.Store = in.Store.whole()
	return check(in)
}

func check(in Input) *Report {
	k := &checker{in: in, report: &Report{Host: in.Host, Time: in.Time, Store: in.Store.String()}}
	if len(in.Presented) == 0 {
		k.report.Status = Unknown
		k.report.Headline = in.Problem
		if in.Problem == "" {
			k.report.Headline = "no certificate came"
		}
		return k.report
	}
	k.parse()
	if k.report.Presented[0].Cert != nil {
		k.build()
		k.checkChain()
	}
	k.warnSent()
	k.conclude()
	return k.report
}

// checker is one call of [Check].
type checker struct {
	in      Input
	report  *Report
	builder *builder
	paths   []path // every way up that was found, the one chosen first
}

func (k *checker) fault(f ...Finding) { k.report.Faults = append(k.report.Faults, f...) }

func (k *checker) warn(code Code, depth int, c *x509.Certificate, detail, hint string) {
	k.report.Warnings = append(k.report.Warnings, finding(code, depth, c, detail, hint))
}

// parse reads the presented certificates; what cannot be read is a fault at its place.
func (k *checker) parse() {
	for i, der := range k.in.Presented[:min(len(k.in.Presented), maxPresented)] {
		p := Presented{DER: der}
		if p.Cert, p.Err = x509.ParseCertificate(der); p.Err != nil {
			p.Cert = nil
			k.fault(Finding{Status: Invalid, Code: Unparsable, Depth: i, Subject: SubjectText(nil), SHA256: Fingerprint(der),
				Detail: unreadable(der, p.Err), Hint: unreadableHint(der, p.Err)})
		}
		k.report.Presented = append(k.report.Presented, p)
	}
	if more := len(k.in.Presented) - maxPresented; more > 0 {
		k.report.Warnings = append(k.report.Warnings, Finding{Code: SuperfluousSent, Depth: -1,
			Detail: "the first " + plural(maxPresented, "certificate") + " were looked at; " + count(more) + " more came",
			Hint:   "let the server send only the certificates of its chain; clients refuse lists as long as this"})
	}
}

// checkChain looks for every fault of the chain that was built and adds what deserves a warning.
func (k *checker) checkChain() {
	r := k.report
	leaf := r.Chain[0]
	k.fault(k.pathFaults(r.Chain, r.Anchored)...)
	k.fault(k.paths[0].names...)
	k.fault(hostFaults(leaf, k.in.Host)...)
	k.revoked()
	if len(r.Faults) == 0 {
		k.fault(k.lastWord()...)
	}
	k.warnChain()
}
