package lab

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"time"

	"wirebench/sessions"
	"wirebench/sessions/certs/testca"
	"wirebench/sessions/inspect"
)

// handshakeWait bounds a handshake.
const handshakeWait = 20 * time.Second

// presented is what a TLS server shows.
type presented struct {
	chain    []*testca.Cert // leaf first
	staple   []byte         // an OCSP response, nil for none
	min, max uint16         // versions of TLS, 0 for the usual ones
	client   bool           // a client certificate is required
}

// startTLS returns how a server is started that presents what present makes.
func startTLS(present func(*pki) (presented, error)) func(*Lab, *Entry) (server, error) {
	return func(l *Lab, e *Entry) (server, error) {
		p, err := l.authority()
		if err != nil {
			return nil, err
		}
		shown, err := present(p)
		if err != nil {
			return nil, err
		}
		cert := testca.TLS(shown.chain...)
		cert.OCSPStaple = shown.staple
		config := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: shown.min, MaxVersion: shown.max}
		if shown.client {
			if err := p.client(); err != nil {
				return nil, err
			}
			config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
			config.ClientCAs.AddCert(p.root.X509)
			config.ClientCAs.AddCert(p.issuing.X509)
		}
		if shown.min == tls.VersionTLS10 {
			for _, s := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
				config.CipherSuites = append(config.CipherSuites, s.ID)
			}
		}
		e.trust(p)
		about := []byte(fmt.Sprintf("%s\n\n%s\n%s\n", e.Title, e.Look[0], e.Look[1]))
		return l.listen(e.ID, func(ctx context.Context, c *conn) {
			secure := tls.Server(c, config)
			shaking, over := context.WithTimeout(ctx, handshakeWait)
			err := secure.HandshakeContext(shaking)
			over()
			if err != nil {
				c.tell(sessions.EventState, "no handshake: "+inspect.Escape([]byte(err.Error())))
				c.hangUp() // so that the client hears the alert
				return
			}
			if respond(secure, about) == nil && secure.CloseWrite() == nil {
				c.hangUp()
			}
		})
	}
}

// respond sends back what comes, or, if that begins as a browser does, one page.
func respond(c *tls.Conn, about []byte) error {
	buf := make([]byte, readChunk)
	n, err := c.Read(buf)
	if err == io.EOF {
		return nil
	}
	if err != nil {
		return err
	}
	if first := buf[:n]; bytes.HasPrefix(first, []byte("GET ")) || bytes.HasPrefix(first, []byte("HEAD ")) {
		request := io.LimitReader(io.MultiReader(bytes.NewReader(first), c), maxRequest)
		return serveHTTP(c, request, func(*http.Request) page { return textPage(http.StatusOK, string(about)) })
	}
	if _, err := c.Write(buf[:n]); err != nil {
		return err
	}
	return echo(c)
}

// trust has the entry's tab trust the lab's authority and no other, and ask for the lab's name.
func (e *Entry) trust(p *pki) {
	if e.TLS == nil {
		c := sessions.DefaultTLS()
		e.TLS = &c
	}
	e.TLS.Trust, e.TLS.CAFiles = sessions.TrustMine, []string{filepath.Join(p.dir, RootFile)}
	e.TLS.ServerName = testca.Host
	if e.TLS.CertFile != "" { // the names in the catalogue are without a folder
		e.TLS.CertFile, e.TLS.KeyFile = filepath.Join(p.dir, ClientFile), filepath.Join(p.dir, ClientKeyFile)
	}
}

// startRefusing returns how a server is started that says these bytes, at once or after the client's first, and ends.
func startRefusing(say []byte, first bool) func(*Lab, *Entry) (server, error) {
	return func(l *Lab, e *Entry) (server, error) {
		p, err := l.authority()
		if err != nil {
			return nil, err
		}
		e.trust(p)
		return l.listen(e.ID, func(_ context.Context, c *conn) {
			if !first {
				if _, err := c.Read(make([]byte, readChunk)); err != nil {
					return
				}
			}
			if _, err := c.Write(say); err == nil {
				c.hangUp()
			}
		})
	}
}
