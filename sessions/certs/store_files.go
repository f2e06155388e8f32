//go:build !windows && !darwin && !ios

package certs

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
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

// Bounds on what is read. What lies beyond them counts as unreadable.
const (
	maxRootFiles = 4096     // of one folder
	maxRootFile  = 16 << 20 // bytes of one file
	maxRootBytes = 64 << 20 // bytes of all files
)

// rootReader reads files of roots, up to a sum.
type rootReader struct{ left int64 }

// loadSystem reads the bundle; the folders, of many small files, are read when its roots do not do. Where
// there is no bundle they are read at once.
func loadSystem() (*Store, error) {
	s := &Store{system: true, bySubject: map[string][]*anchor{}}
	files := rootFiles
	if f := os.Getenv("SSL_CERT_FILE"); f != "" {
		files = []string{f}
	}
	folders := rootFolders
	if named := os.Getenv("SSL_CERT_DIR"); named != "" {
		folders = strings.Split(named, ":")
	}
	var failed []error
	from := &rootReader{left: maxRootBytes}
	for _, f := range files {
		data, err := from.read(f)
		if err == nil {
			s.addPEM(data)
			bundle := filepath.Clean(f)
			s.more = sync.OnceValue(func() *Store {
				whole := s.With()
				whole.more = nil
				whole.addFolders(folders, bundle, from)
				return whole
			})
			return s, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			failed = append(failed, err)
			s.unreadable++
		}
	}
	failed = append(failed, s.addFolders(folders, "", from)...)
	if len(s.anchors) == 0 && len(failed) > 0 {
		return nil, fmt.Errorf("read the system's roots: %w", errors.Join(failed...))
	}
	return s, nil
}

func (s *Store) addFolders(folders []string, bundle string, from *rootReader) (failed []error) {
	for _, dir := range folders {
		if err := s.addFolder(dir, bundle, from); err != nil && !errors.Is(err, fs.ErrNotExist) {
			failed = append(failed, err)
			s.unreadable++
		}
	}
	return failed
}

func (r *rootReader) read(path string) ([]byte, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() || st.Size() > maxRootFile {
		return nil, fmt.Errorf("%s is no file of roots", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	most := min(r.left, maxRootFile)
	data := make([]byte, 0, min(st.Size(), most)+1)
	b := bytes.NewBuffer(data)
	if _, err = b.ReadFrom(io.LimitReader(f, most+1)); err != nil {
		return nil, err
	}
	if int64(b.Len()) > most {
		return nil, fmt.Errorf("%s: there are more than %d MiB of roots", path, maxRootBytes>>20)
	}
	r.left -= int64(b.Len())
	return b.Bytes(), nil
}

// addFolder takes the roots in a folder over, most of which the bundle, which may lie there, has already. Links that stay inside
// it are passed over, as Go does: they are the names by hash that OpenSSL wants.
func (s *Store) addFolder(dir, bundle string, from *rootReader) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	s.unreadable += max(len(entries)-maxRootFiles, 0)
	for _, e := range entries[:min(len(entries), maxRootFiles)] {
		path := filepath.Join(dir, e.Name())
		if e.IsDir() || path == bundle {
			continue
		}
		if e.Type()&fs.ModeSymlink != 0 {
			if target, err := os.Readlink(path); err == nil && !strings.Contains(target, "/") {
				continue
			}
		}
		data, err := from.read(path)
		if err != nil {
			s.unreadable++
			continue
		}
		s.addPEM(data)
	}
	return nil
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
