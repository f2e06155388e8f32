package lookup

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
	"golang.org/x/crypto/ocsp"

	"wirebench/sessions/certs"
)

// question is what is asked about one link of a chain, and what came.
type question struct {
	cert, issuer *x509.Certificate
	lists        []string // of its lists those that no certificate below names too
	ocsp, crls   []certs.Source
}

// Revocation asks, as o says, about each certificate of the chain but the last, which is the anchor or
// has no issuer to ask. Links are asked about beside each other, four at a time. What goes wrong becomes
// a [certs.Source] with its error, so that the report shows it; answers stand in the order of the chain.
// It returns when all answers are there, or soon after ctx has ended.
func Revocation(ctx context.Context, chain []*x509.Certificate, o Options) certs.Evidence {
	e := certs.Evidence{OCSP: map[string][]certs.Source{}, Asked: o.OCSP || o.CRL}
	if !e.Asked {
		return e
	}
	c := newClient(o)
	defer c.close()
	questions := plan(chain, o)
	var work sync.WaitGroup
	tokens := make(chan struct{}, concurrentLinks)
	for _, q := range questions[:min(len(questions), maxLinks)] {
		work.Go(func() {
			tokens <- struct{}{}
			defer func() { <-tokens }()
			if o.OCSP {
				q.ocsp = c.ocsp(ctx, q.cert, q.issuer)
			}
			for n, u := range q.lists {
				if n == maxURLs {
					q.crls = append(q.crls, passedOver(u))
					break
				}
				q.crls = append(q.crls, c.lists(ctx, u)...)
			}
		})
	}
	work.Wait()
	for i, q := range questions {
		if i >= maxLinks {
			q.ocsp = append(q.ocsp, certs.Source{Err: fmt.Errorf("not asked: the chain has more than %d certificates", maxLinks)})
		}
		if len(q.ocsp) > 0 {
			of := certs.Fingerprint(q.cert.Raw)
			e.OCSP[of] = append(e.OCSP[of], q.ocsp...)
		}
		e.CRLs = append(e.CRLs, q.crls...)
	}
	return e
}

// plan says what to ask, each list once.
func plan(chain []*x509.Certificate, o Options) (questions []*question) {
	seen := map[string]bool{}
	for i := 0; i+1 < len(chain); i++ {
		q := &question{cert: chain[i], issuer: chain[i+1]}
		for _, u := range q.cert.CRLDistributionPoints {
			if o.CRL && !seen[u] && len(q.lists) <= maxURLs { // one too many, to be named
				q.lists = append(q.lists, u)
				seen[u] = len(q.lists) <= maxURLs
			}
		}
		questions = append(questions, q)
	}
	return questions
}

func passedOver(u string) certs.Source {
	return certs.Source{From: u, Err: fmt.Errorf("not asked: the certificate names more than %d such addresses", maxURLs)}
}

// ocsp asks the responders that cert names until one knows the answer.
func (c *client) ocsp(ctx context.Context, cert, issuer *x509.Certificate) (answers []certs.Source) {
	body, err := ocsp.CreateRequest(cert, issuer, &ocsp.RequestOptions{Hash: crypto.SHA1}) // which every responder knows
	for n, u := range cert.OCSPServer {
		if n == maxURLs {
			return append(answers, passedOver(u))
		}
		s := certs.Source{From: u, Err: err}
		if err == nil {
			s.DER, s.Took, s.Err = c.fetch(ctx, request{what: "OCSP", url: u, body: body, contentType: "application/ocsp-request",
				accept: "application/ocsp-response", limit: maxOCSP, check: checkOCSP})
		}
		answers = append(answers, s)
		if s.Err == nil && knows(s.DER, cert) || ctx.Err() != nil {
			return answers
		}
	}
	return answers
}

func checkOCSP(body []byte) error {
	if !oneSequence(body) {
		return errors.New("what came cannot be parsed: it is no OCSP response")
	}
	return nil
}

func oneSequence(body []byte) bool {
	s := cryptobyte.String(body)
	return s.SkipASN1(cbasn1.SEQUENCE) && s.Empty()
}

// knows reports whether a response seems to say good or revoked. What it is worth is for [certs.Check].
func knows(der []byte, cert *x509.Certificate) bool {
	r, err := ocsp.ParseResponseForCert(der, cert, nil)
	return err == nil && r.Status != ocsp.Unknown
}

// lists fetches a revocation list; in PEM, there may be several.
func (c *client) lists(ctx context.Context, u string) (answers []certs.Source) {
	var found [][]byte
	_, took, err := c.fetch(ctx, request{what: "revocation list", url: u, accept: "application/pkix-crl", limit: maxList,
		check: func(body []byte) (err error) { found, err = splitLists(body); return err }})
	if err != nil {
		return []certs.Source{{From: u, Took: took, Err: err}}
	}
	for _, der := range found[:min(len(found), maxURLs)] {
		answers = append(answers, certs.Source{DER: der, From: u, Took: took})
	}
	return answers
}

// splitLists takes the lists out of what came. A long one is not parsed to find out whether it is
// something else: that would make a structure of each of its entries.
func splitLists(body []byte) ([][]byte, error) {
	const long = 1 << 20
	if len(body) > long && oneSequence(body) {
		return [][]byte{body}, nil
	}
	if trimmed := bytes.TrimSpace(body); len(trimmed) == 0 {
		return nil, errors.New("the answer is empty")
	}
	return certs.ParseCRLs(body)
}
