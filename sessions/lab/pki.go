package lab

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"wirebench/sessions/certs/testca"
)

// The files in [Lab.Dir].
const (
	RootFile      = "lab-root.pem"   // what to trust
	CRLFile       = "lab-crl.pem"    // what the issuing authority has revoked
	ClientFile    = "lab-client.pem" // a client certificate
	ClientKeyFile = "lab-client.key" // its private key, PKCS#8, not encrypted
)

// life is how many days a lab's good certificates, revocation lists and OCSP answers hold.
const life = 60

// pki is the lab's certificate authority.
type pki struct {
	at            time.Time
	url           string // of the authority's HTTP server, with / at the end
	root, issuing *testca.Cert
	dir           string

	mu      sync.Mutex
	issued  map[string]*testca.Cert // by serial number, in hexadecimal
	revoked []*big.Int
}

// newPKI makes the authority.
func newPKI(at time.Time, url, dir string) (*pki, error) {
	p := &pki{at: at.Truncate(time.Second), url: url, dir: dir, issued: map[string]*testca.Cert{}}
	var err error
	p.root, err = testca.SelfSigned(testca.Spec{CommonName: "Wirebench Practice Root", CA: true, NotBefore: p.days(-365), NotAfter: p.days(3650)})
	if err != nil {
		return nil, err
	}
	if p.issuing, err = p.ca(p.root, "Wirebench Practice Authority", testca.Spec{PathLen: testca.PathLenZero}); err != nil {
		return nil, err
	}
	return p, p.write(RootFile, testca.PEM(p.root), 0o600)
}

func (p *pki) days(n int) time.Time { return p.at.AddDate(0, 0, n) }

// ca makes the certificate of an authority below by, with a life of its own where s gives none.
func (p *pki) ca(by *testca.Cert, name string, s testca.Spec) (*testca.Cert, error) {
	s.CommonName, s.CA = name, true
	s.NotBefore, s.NotAfter = orDay(s.NotBefore, p.days(-300)), orDay(s.NotAfter, p.days(3000))
	return p.issue(by, s)
}

// leaf makes a server's certificate; by nil makes it its own issuer. Without names in s it is good for the lab's.
func (p *pki) leaf(by *testca.Cert, s testca.Spec) (*testca.Cert, error) {
	if s.CommonName == "" {
		s.CommonName = "Practice Server"
	}
	if s.DNSNames == nil {
		s.DNSNames, s.IPs = []string{testca.Host}, []net.IP{net.IPv4(127, 0, 0, 1)}
	}
	s.NotBefore, s.NotAfter = orDay(s.NotBefore, p.days(-20)), orDay(s.NotAfter, p.days(life))
	return p.issue(by, s)
}

// issue makes a certificate that names where by's revocation lists and answers are to be had.
func (p *pki) issue(by *testca.Cert, s testca.Spec) (*testca.Cert, error) {
	if by == nil {
		return testca.SelfSigned(s)
	}
	switch by {
	case p.root:
		s.CRLs, s.AIA, s.OCSP = []string{p.url + "root.crl"}, []string{p.url + "root.crt"}, []string{p.url + "ocsp"}
	case p.issuing:
		s.CRLs, s.AIA, s.OCSP = []string{p.url + "issuing.crl"}, []string{p.url + "issuing.crt"}, []string{p.url + "ocsp"}
	}
	c, err := by.Issue(s)
	if err == nil && c.X509 != nil {
		p.mu.Lock()
		p.issued[c.X509.SerialNumber.Text(16)] = c
		p.mu.Unlock()
	}
	return c, err
}

// revoke revokes a certificate of the issuing authority's, and writes the list anew.
func (p *pki) revoke(c *testca.Cert) error {
	p.mu.Lock()
	p.revoked = append(p.revoked, c.X509.SerialNumber)
	p.mu.Unlock()
	return p.writeCRL()
}

// crl is the issuing authority's list, as DER.
func (p *pki) crl() ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.issuing.CRL(testca.CRLSpec{Revoked: p.revoked, ThisUpdate: p.at.Add(-time.Hour), NextUpdate: p.days(life), Number: int64(1 + len(p.revoked))})
}

// rootCRL is the root's list, which is empty.
func (p *pki) rootCRL() ([]byte, error) {
	return p.root.CRL(testca.CRLSpec{ThisUpdate: p.at.Add(-time.Hour), NextUpdate: p.days(life)})
}

// find is a certificate by its serial number, and whether it was revoked; nil where there is none.
func (p *pki) find(serial *big.Int) (c *testca.Cert, revoked bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.revoked {
		revoked = revoked || r.Cmp(serial) == 0
	}
	return p.issued[serial.Text(16)], revoked
}

// client makes the client certificate and writes it, once.
func (p *pki) client() error {
	c, err := p.leaf(p.issuing, testca.Spec{CommonName: "Practice Client", DNSNames: []string{"client.practice.example"},
		Usages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	if err != nil {
		return err
	}
	key, err := c.KeyPEM()
	if err != nil {
		return err
	}
	if err := p.write(ClientKeyFile, key, 0o600); err != nil {
		return err
	}
	return p.write(ClientFile, testca.PEM(c, p.issuing), 0o600)
}

// write writes a file for clients. One that is there, with whatever mode or as a link to elsewhere, is replaced.
func (p *pki) write(name string, data []byte, mode os.FileMode) error {
	path := filepath.Join(p.dir, name)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("replace the practice authority's file: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err == nil {
		_, err = f.Write(data)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return fmt.Errorf("write the practice authority's file: %w", err)
	}
	return nil
}

func orDay(t, otherwise time.Time) time.Time {
	if t.IsZero() {
		return otherwise
	}
	return t
}

// RootPEM is the authority's root as PEM, and makes the authority if there is none yet.
func (l *Lab) RootPEM() ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p, err := l.authority()
	if err != nil {
		return nil, err
	}
	return testca.PEM(p.root), nil
}

// CRLPEM is the list of what the authority has revoked so far, as PEM.
func (l *Lab) CRLPEM() ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p, err := l.authority()
	if err != nil {
		return nil, err
	}
	der, err := p.crl()
	if err != nil {
		return nil, err
	}
	return crlPEM(der), nil
}

// authority is the lab's; the server it needs is started too. l.mu is held.
func (l *Lab) authority() (*pki, error) {
	if l.pki == nil {
		if l.closed {
			return nil, ErrClosed
		}
		place, err := find("authority")
		if err != nil {
			return nil, err
		}
		if _, err := l.open(place); err != nil {
			return nil, err
		}
	}
	return l.pki, nil
}
