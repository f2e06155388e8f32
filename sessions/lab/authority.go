package lab

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/crypto/ocsp"

	"wirebench/sessions/certs/testca"
)

const (
	maxRequest = 64 << 10 // bytes of an HTTP request
	maxOCSP    = 8 << 10  // bytes of an OCSP request
	// requestWait is how long a request may take to come, so that nobody keeps those away who look something up.
	requestWait = 30 * time.Second
)

func startAuthority(l *Lab, e *Entry) (server, error) {
	dir, err := l.folder()
	if err != nil {
		return nil, err
	}
	made := make(chan *pki, 1) // of a client that is here before the authority
	s, err := l.listen(e.ID, func(ctx context.Context, c *conn) {
		select {
		case p := <-made:
			made <- p
			c.last = time.Now().Add(requestWait)
			c.serveHTTP(io.LimitReader(c, maxRequest), p.answer)
		case <-ctx.Done():
		}
	})
	if err != nil {
		return nil, err
	}
	p, err := newPKI(l.o.Clock(), "http://"+s.address().String()+"/", dir)
	if err == nil {
		err = p.writeCRL()
	}
	if err != nil {
		s.close()
		return nil, fmt.Errorf("make the practice authority: %w", err)
	}
	l.pki = p
	made <- p
	return s, nil
}

// page is an answer over HTTP.
type page struct {
	status int
	kind   string
	body   []byte
}

func textPage(status int, text string) page {
	return page{status, "text/plain; charset=utf-8", []byte(text)}
}

// serveHTTP reads one request, answers it and ends the connection, as HTTP/1.0 does.
func serveHTTP(w io.Writer, r io.Reader, answer func(*http.Request) page) error {
	request, err := http.ReadRequest(bufio.NewReader(r))
	var p page
	if err != nil {
		p = textPage(http.StatusBadRequest, "This is no HTTP request.\n")
	} else {
		p = answer(request)
	}
	response := http.Response{StatusCode: p.status, ProtoMajor: 1, ProtoMinor: 1, Request: request, Close: true,
		Header: http.Header{"Content-Type": {p.kind}}, ContentLength: int64(len(p.body)), Body: io.NopCloser(bytes.NewReader(p.body))}
	var b bytes.Buffer // written at once
	if err := response.Write(&b); err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}

func (c *conn) serveHTTP(r io.Reader, answer func(*http.Request) page) {
	if serveHTTP(c, r, answer) == nil {
		c.hangUp()
	}
}

// answer is what the authority's server says.
func (p *pki) answer(r *http.Request) page {
	fail := func(err error) page { return textPage(http.StatusInternalServerError, err.Error()+"\n") }
	der := func(kind string, b []byte, err error) page {
		if err != nil {
			return fail(err)
		}
		return page{http.StatusOK, kind, b}
	}
	if r.Method == http.MethodPost && r.URL.Path == "/ocsp" {
		b, err := io.ReadAll(io.LimitReader(r.Body, maxOCSP+1))
		if err != nil || len(b) > maxOCSP {
			return textPage(http.StatusBadRequest, "The request is not complete, or too long.\n")
		}
		return p.ocsp(b)
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return textPage(http.StatusMethodNotAllowed, "GET is what works here, and POST for /ocsp.\n")
	}
	switch r.URL.Path {
	case "/":
		return textPage(http.StatusOK, "The practice authority\n\n/root.crt /issuing.crt    its certificates\n/root.crl /issuing.crl    its revocation lists\n/ocsp                     its OCSP responder\n")
	case "/root.crt":
		return page{http.StatusOK, "application/pkix-cert", p.root.DER}
	case "/issuing.crt":
		return page{http.StatusOK, "application/pkix-cert", p.issuing.DER}
	case "/root.crl":
		b, err := p.rootCRL()
		return der("application/pkix-crl", b, err)
	case "/issuing.crl":
		b, err := p.crl()
		return der("application/pkix-crl", b, err)
	}
	// RFC 6960 appendix A.1: the request in Base64 behind the responder's address.
	if encoded, ok := strings.CutPrefix(r.URL.EscapedPath(), "/ocsp/"); ok && len(encoded) <= 2*maxOCSP {
		if plain, err := url.PathUnescape(encoded); err == nil {
			if b, err := base64.StdEncoding.DecodeString(plain); err == nil {
				return p.ocsp(b)
			}
		}
	}
	return textPage(http.StatusNotFound, "There is no such thing here.\n")
}

// ocsp answers an OCSP request.
func (p *pki) ocsp(request []byte) page {
	answer := func(b []byte) page { return page{http.StatusOK, "application/ocsp-response", b} }
	r, err := ocsp.ParseRequest(request)
	if err != nil {
		return answer(ocsp.MalformedRequestErrorResponse)
	}
	c, revoked := p.find(r.SerialNumber)
	if c == nil {
		return answer(ocsp.UnauthorizedErrorResponse)
	}
	spec := testca.OCSPSpec{Status: ocsp.Good, Hash: r.HashAlgorithm, ThisUpdate: p.at.Add(-time.Hour), NextUpdate: p.days(life)}
	if revoked {
		spec.Status, spec.Reason = ocsp.Revoked, ocsp.KeyCompromise
	}
	b, err := c.Issuer.OCSP(c, spec)
	if err != nil {
		return answer(ocsp.InternalErrorErrorResponse)
	}
	return answer(b)
}

// writeCRL writes the list beside the root.
func (p *pki) writeCRL() error {
	der, err := p.crl()
	if err != nil {
		return err
	}
	return p.write(CRLFile, crlPEM(der), 0o600)
}

func crlPEM(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der})
}
