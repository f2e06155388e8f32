package lookup

import (
	"bytes"
	"context"
	"crypto/x509"
	"fmt"

	"wirebench/sessions/certs"
)

// Issuers follows the caIssuers addresses (RFC 5280 section 4.2.2.1) of top and of what they give, up to a
// certificate that is its own issuer, eight hops at most. What was found until something failed comes
// back beside the error; a certificate that names no address gives nothing and no error. Nothing that
// is found is to be trusted for it.
func Issuers(ctx context.Context, top *x509.Certificate, o Options) ([]*x509.Certificate, error) {
	c := newClient(o)
	defer c.close()
	var found []*x509.Certificate
	seen := map[string]bool{string(top.Raw): true}
	for hop := 0; ; hop++ {
		if bytes.Equal(top.RawIssuer, top.RawSubject) || len(top.IssuingCertificateURL) == 0 {
			return found, nil
		}
		if hop == maxHops {
			return found, fmt.Errorf("fetch issuers: the chain of them is longer than %d", maxHops)
		}
		next, err := c.issuer(ctx, top)
		if err != nil {
			return found, err
		}
		if top = next[0]; seen[string(top.Raw)] {
			return found, nil // CAs that certify each other
		}
		for _, p := range next {
			if !seen[string(p.Raw)] {
				seen[string(p.Raw)] = true
				found = append(found, p)
			}
		}
	}
}

// issuer returns the issuer of cert first, and what else lay beside it.
func (c *client) issuer(ctx context.Context, cert *x509.Certificate) ([]*x509.Certificate, error) {
	var last error
	for n, u := range cert.IssuingCertificateURL {
		var found []*x509.Certificate
		var err error
		if n < maxURLs {
			_, _, err = c.fetch(ctx, request{what: "issuer", url: u, limit: maxCertificate,
				check: func(body []byte) (err error) { found, err = pick(body, cert); return err }})
		} else {
			err = passedOver(u).Err
		}
		if err == nil {
			return found, nil
		}
		last = fmt.Errorf("fetch the issuer of %s from %.200q: %w", certs.SubjectText(cert), u, err)
		if n == maxURLs || ctx.Err() != nil {
			break
		}
	}
	return nil, last
}

// pick takes cert's issuer out of what came, and the others behind it: by its name, and if several have
// that, by its key.
func pick(body []byte, cert *x509.Certificate) ([]*x509.Certificate, error) {
	ders, err := certs.Parse(body)
	if err != nil {
		return nil, err
	}
	var all []*x509.Certificate
	issuer, signed := -1, false
	for _, der := range ders[:min(len(ders), maxLinks)] {
		p, err := x509.ParseCertificate(der)
		if err != nil {
			continue
		}
		if bytes.Equal(p.RawSubject, cert.RawIssuer) && !signed {
			if signed = cert.CheckSignatureFrom(p) == nil; signed || issuer < 0 {
				issuer = len(all)
			}
		}
		all = append(all, p)
	}
	if issuer < 0 {
		return nil, fmt.Errorf("what lies there is another certificate")
	}
	all[0], all[issuer] = all[issuer], all[0]
	return all, nil
}
