//go:build !windows && !darwin && !ios

package certs

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// The places where systems keep their roots, as crypto/x509 has them (root_linux.go, root_bsd.go and
// the like): the first file that is there counts, and every folder.
var (
	rootFiles = []string{
		"/etc/ssl/certs/ca-certificates.crt",                // Debian, Ubuntu, Gentoo
		"/etc/pki/tls/certs/ca-bundle.crt",                  // Fedora, RHEL 6
		"/etc/ssl/ca-bundle.pem",                            // openSUSE
		"/etc/pki/tls/cacert.pem",                           // OpenELEC
		"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // CentOS, RHEL 7
		"/etc/ssl/cert.pem",                                 // Alpine, OpenBSD, FreeBSD
		"/usr/local/etc/ssl/cert.pem",                       // FreeBSD
		"/usr/local/share/certs/ca-root-nss.crt",            // DragonFly
		"/etc/openssl/certs/ca-certificates.crt",            // NetBSD
	}
	rootFolders = []string{
		"/etc/ssl/certs", "/etc/pki/tls/certs", "/system/etc/security/cacerts", "/usr/local/share/certs", "/etc/openssl/certs",
	}
)

// Bounds on what is read of a folder of roots.
const (
	maxRootFiles = 4096
	maxRootFile  = 16 << 20
)

func loadSystem() (*Store, error) {
	s := &Store{system: true, bySubject: map[string][]*anchor{}}
	files := rootFiles
	if f := os.Getenv("SSL_CERT_FILE"); f != "" {
		files = []string{f}
	}
	var failed []error
	for _, f := range files {
		data, err := readRoots(f)
		if err == nil {
			s.addPEM(data)
			break
		}
		if !errors.Is(err, fs.ErrNotExist) {
			failed = append(failed, err)
			s.unreadable++
		}
	}
	// Without a bundle the folder is what counts; with one, it holds the same roots again, unless the
	// person named it.
	folders := rootFolders
	named := os.Getenv("SSL_CERT_DIR")
	if named != "" {
		folders = strings.Split(named, ":")
	}
	if len(s.anchors) == 0 || named != "" {
		for _, dir := range folders {
			s.addFolder(dir)
		}
	}
	if len(s.anchors) == 0 && len(failed) > 0 {
		return nil, fmt.Errorf("read the system's roots: %w", errors.Join(failed...))
	}
	return s, nil
}

func readRoots(path string) ([]byte, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() || st.Size() > maxRootFile {
		return nil, fmt.Errorf("%s is no file of roots", path)
	}
	return os.ReadFile(path)
}

// addFolder takes the roots in a folder over. Links that stay inside it are passed over, as Go does:
// they are the names by hash that OpenSSL wants.
func (s *Store) addFolder(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries[:min(len(entries), maxRootFiles)] {
		path := filepath.Join(dir, e.Name())
		if e.IsDir() {
			continue
		}
		if e.Type()&fs.ModeSymlink != 0 {
			if target, err := os.Readlink(path); err == nil && !strings.Contains(target, "/") {
				continue
			}
		}
		data, err := readRoots(path)
		if err != nil {
			s.unreadable++
			continue
		}
		s.addPEM(data)
	}
}

func (s *Store) addPEM(data []byte) {
	for {
		block, rest := pem.Decode(data)
		if block == nil {
			return
		}
		data = rest
		if block.Type != "CERTIFICATE" || len(block.Headers) != 0 {
			continue
		}
		der := block.Bytes
		if subject, ok := subjectOf(der); ok {
			s.add(der, subject, sync.OnceValue(func() *x509.Certificate {
				c, err := x509.ParseCertificate(der)
				if err != nil {
					return nil
				}
				return c
			}))
		}
	}
}

// subjectOf takes the subject out of a certificate without parsing the rest (RFC 5280 section 4.1).
func subjectOf(der []byte) ([]byte, bool) {
	in := cryptobyte.String(der)
	var cert, tbs, subject cryptobyte.String
	ok := in.ReadASN1(&cert, cbasn1.SEQUENCE) && cert.ReadASN1(&tbs, cbasn1.SEQUENCE) &&
		tbs.SkipOptionalASN1(cbasn1.Tag(0).ContextSpecific().Constructed()) && // version
		tbs.SkipASN1(cbasn1.INTEGER) && // serial number
		tbs.SkipASN1(cbasn1.SEQUENCE) && // signature algorithm
		tbs.SkipASN1(cbasn1.SEQUENCE) && // issuer
		tbs.SkipASN1(cbasn1.SEQUENCE) && // validity
		tbs.ReadASN1Element(&subject, cbasn1.SEQUENCE)
	return subject, ok
}
