package lookup

import (
	"context"
	"crypto"
	"crypto/x509"
	"fmt"
	"sync"

	"golang.org/x/crypto/ocsp"

	"wirebench/sessions/certs"
)

// Revocation asks, as o says, about each certificate of the chain but the last, which is the anchor or
// has no issuer to ask. Links are asked about beside each other, a few at a time. What goes wrong
// becomes a [certs.Source] with its error, so that the report shows it. It returns when all answers are
// there, or soon after ctx has ended.
func Revocation(ctx context.Context, chain []*x509.Certificate, o Options) certs.Evidence {
	e := certs.Evidence{OCSP: map[string][]certs.Source{}, Asked: o.OCSP || o.CRL}
	if !e.Asked {
		return e
	}
	c := newClient(o)
	var mu sync.Mutex // guards e and lists
	lists := map[string]bool{}
	var work sync.WaitGroup
	tokens := make(chan struct{}, concurrentLinks)
	for i := 0; i+1 < min(len(chain), maxLinks); i++ {
		cert, issuer := chain[i], chain[i+1]
		work.Go(func() {
			tokens <- struct{}{}
			defer func() { <-tokens }()
			if o.OCSP {
				answers := c.ocsp(ctx, cert, issuer)
				mu.Lock()
				e.OCSP[certs.Fingerprint(cert.Raw)] = append(e.OCSP[certs.Fingerprint(cert.Raw)], answers...)
				mu.Unlock()
			}
			if !o.CRL {
				return
			}
			for n, u := range cert.CRLDistributionPoints {
				mu.Lock()
				known := lists[u]
				lists[u] = true
				mu.Unlock()
				if known {
					continue
				}
				var s certs.Source
				if n < maxURLs {
					s = c.list(ctx, u)
				} else {
					s = passedOver(u)
				}
				mu.Lock()
				e.CRLs = append(e.CRLs, s)
				mu.Unlock()
				if n >= maxURLs {
					break
				}
			}
		})
	}
	work.Wait()
	return e
}

func passedOver(u string) certs.Source {
	return certs.Source{From: u, Err: fmt.Errorf("not asked: the certificate names more than %d such addresses", maxURLs)}
}

// ocsp asks the responders that cert names until one gives an answer that says something.
func (c *client) ocsp(ctx context.Context, cert, issuer *x509.Certificate) (answers []certs.Source) {
	question, err := ocsp.CreateRequest(cert, issuer, &ocsp.RequestOptions{Hash: crypto.SHA1}) // which every responder knows
	for n, u := range cert.OCSPServer {
		if n == maxURLs {
			return append(answers, passedOver(u))
		}
		s := certs.Source{From: u, Err: err}
		if err == nil {
			s.DER, s.Took, s.Err = c.fetch(ctx, request{what: "OCSP", url: u, body: question,
				contentType: "application/ocsp-request", accept: "application/ocsp-response", limit: maxOCSP})
		}
		answers = append(answers, s)
		if s.Err == nil || ctx.Err() != nil {
			return answers
		}
	}
	return answers
}

// list fetches a revocation list.
func (c *client) list(ctx context.Context, u string) certs.Source {
	s := certs.Source{From: u}
	var body []byte
	body, s.Took, s.Err = c.fetch(ctx, request{what: "revocation list", url: u, accept: "application/pkix-crl", limit: maxList})
	if s.Err != nil {
		return s
	}
	found, err := certs.ParseCRLs(body)
	if err != nil {
		s.Err = err
		return s
	}
	s.DER = found[0]
	return s
}

// Issuers follows the caIssuers addresses of top and of what they give, up to a certificate that is its
// own issuer, eight hops at most. What was found until something failed comes back beside the error; a
// certificate that names no address gives nothing and no error.
func Issuers(ctx context.Context, top *x509.Certificate, o Options) ([]*x509.Certificate, error) {
	c := newClient(o)
	var found []*x509.Certificate
	for range maxHops {
		if string(top.RawIssuer) == string(top.RawSubject) || len(top.IssuingCertificateURL) == 0 {
			return found, nil
		}
		next, err := c.issuer(ctx, top)
		if err != nil {
			return found, err
		}
		found = append(found, next...)
		top = next[0]
	}
	return found, fmt.Errorf("fetch issuers: the chain of them is longer than %d", maxHops)
}

// issuer returns the issuer of cert first, and what else lay beside it.
func (c *client) issuer(ctx context.Context, cert *x509.Certificate) ([]*x509.Certificate, error) {
	var last error
	for _, u := range cert.IssuingCertificateURL[:min(len(cert.IssuingCertificateURL), maxURLs)] {
		body, _, err := c.fetch(ctx, request{what: "issuer", url: u, limit: maxCertificate})
		if err != nil {
			last = fmt.Errorf("fetch the issuer of %s from %s: %w", certs.SubjectText(cert), u, err)
			if ctx.Err() != nil {
				return nil, last
			}
			continue
		}
		ders, err := certs.Parse(body)
		if err != nil {
			last = fmt.Errorf("fetch the issuer of %s from %s: %w", certs.SubjectText(cert), u, err)
			continue
		}
		var issuer *x509.Certificate
		var others []*x509.Certificate
		for _, der := range ders[:min(len(ders), maxLinks)] {
			p, err := x509.ParseCertificate(der)
			switch {
			case err != nil:
			case issuer == nil && string(p.RawSubject) == string(cert.RawIssuer):
				issuer = p
			default:
				others = append(others, p)
			}
		}
		if issuer == nil {
			last = fmt.Errorf("fetch the issuer of %s from %s: what lies there is another certificate", certs.SubjectText(cert), u)
			continue
		}
		return append([]*x509.Certificate{issuer}, others...), nil
	}
	return nil, last
}
