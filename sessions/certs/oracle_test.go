package certs_test

import (
	"crypto/x509"
	"testing"

	"wirebench/sessions/certs"
)

// goAccepts asks crypto/x509 the question that was put to Check, nothing neutralised.
func goAccepts(in certs.Input, r *certs.Report, roots []*x509.Certificate) error {
	leaf := r.Presented[0].Cert
	if leaf == nil {
		return r.Presented[0].Err
	}
	o := x509.VerifyOptions{Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), CurrentTime: in.Time,
		KeyUsages: []x509.ExtKeyUsage{in.Usage}, DNSName: in.Host}
	for _, root := range roots {
		o.Roots.AddCert(root)
	}
	for _, p := range r.Presented[1:] {
		if p.Cert != nil {
			o.Intermediates.AddCert(p.Cert)
		}
	}
	_, err := leaf.Verify(o)
	return err
}

// verdict compares a report with what an oracle expects. pinned says why they may differ; a pin that is
// not needed is an error too, so that the list stays true.
func verdict(t *testing.T, r *certs.Report, wantTrusted bool, pinned string) {
	t.Helper()
	got := r.Status == certs.Trusted
	switch {
	case got != wantTrusted && pinned == "":
		t.Errorf("the suite wants trusted %v, this is %s: %s", wantTrusted, r.Status, r.Headline)
	case got == wantTrusted && pinned != "":
		t.Errorf("agrees with the suite, but stands among the differences: %s", pinned)
	}
}

// faultsOf lists the codes of a report's faults, for messages.
func faultsOf(r *certs.Report) []certs.Code {
	var codes []certs.Code
	for _, f := range r.Faults {
		codes = append(codes, f.Code)
	}
	return codes
}

// wellFormed checks what must hold of every report, whatever came in.
func wellFormed(t *testing.T, r *certs.Report) {
	t.Helper()
	if r.Headline == "" {
		t.Error("no headline")
	}
	known := false
	for _, s := range certs.Statuses {
		known = known || s == r.Status
	}
	if !known {
		t.Errorf("status %q is none of the nine", r.Status)
	}
	if (len(r.Faults) == 0) != (r.Status == certs.Trusted || r.Status == certs.Unknown) {
		t.Errorf("status %s with %d faults", r.Status, len(r.Faults))
	}
	if len(r.Faults) > 0 && r.Faults[0].Status != r.Status {
		t.Errorf("status %s, but the first fault alone gives %s", r.Status, r.Faults[0].Status)
	}
	if r.Status == certs.Trusted && !r.Anchored {
		t.Error("trusted without an anchor")
	}
	for _, f := range append(append([]certs.Finding(nil), r.Faults...), r.Warnings...) {
		if f.Code == "" || f.Detail == "" || f.Hint == "" {
			t.Errorf("finding without code, evidence or advice: %+v", f)
		}
		if (f.Depth >= 0) != (f.Subject != "" && len(f.SHA256) == 64) {
			t.Errorf("finding at depth %d is about %q, %q", f.Depth, f.Subject, f.SHA256)
		}
		if f.Depth >= max(len(r.Chain), len(r.Presented)) {
			t.Errorf("finding at depth %d of %d", f.Depth, len(r.Chain))
		}
		for _, text := range []string{f.Detail, f.Hint, f.Subject, r.Headline} {
			for _, c := range text {
				if c < ' ' || c == 0x7f || c == 0x202e || c == 0xfffd {
					t.Errorf("character %U in %q", c, text)
				}
			}
			if len(text) > 3000 {
				t.Errorf("text of %d bytes", len(text))
			}
		}
	}
	for _, f := range r.Faults {
		if f.Status == "" {
			t.Errorf("fault %s without a status", f.Code)
		}
	}
	for _, f := range r.Warnings {
		if f.Status != "" {
			t.Errorf("warning %s with status %s", f.Code, f.Status)
		}
	}
}
