package certs

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"slices"
	"strconv"
	"sync"
)

// Store is a set of trust anchors. It does not change once made and may be used from any goroutine.
type Store struct {
	system     bool
	own        int            // how many of the anchors are the person's
	unreadable int            // files of the system's that could not be read
	platform   *x509.CertPool // the system's anchors where they cannot be listed
	anchors    []*anchor      // all that can be listed
	bySubject  map[string][]*anchor
	// more returns the store with the anchors that take longer to read; nil when there are none.
	more func() *Store
}

// anchor is one trust anchor. A system has some 150, of which a check needs one or two, so those are
// parsed when they are asked for.
type anchor struct {
	der   []byte
	parse func() *x509.Certificate // nil when it cannot be parsed
}

// systemStore is loaded once.
var systemStore = sync.OnceValues(loadSystem)

// SystemStore returns the roots that this system trusts. On Unix they are read from the files that Go
// itself uses, with SSL_CERT_FILE and SSL_CERT_DIR honoured. Windows and macOS keep theirs to
// themselves: there [Store.Platform] asks them, and [Store.Anchors] has none. A system without roots is
// no error; the store then says so.
func SystemStore() (*Store, error) { return systemStore() }

// NewStore returns a store of these anchors alone. The slice stays the caller's.
func NewStore(own ...*x509.Certificate) *Store { return (&Store{}).With(own...) }

// With returns a store that has these anchors too.
func (s *Store) With(own ...*x509.Certificate) *Store {
	n := &Store{system: s.system, own: s.own, unreadable: s.unreadable, platform: s.platform}
	n.anchors = slices.Clip(s.anchors)
	n.bySubject = make(map[string][]*anchor, len(s.bySubject)+len(own))
	for subject, list := range s.bySubject {
		n.bySubject[subject] = slices.Clip(list)
	}
	if more := s.more; more != nil {
		own := slices.Clone(own)
		n.more = sync.OnceValue(func() *Store { return more().With(own...) })
	}
	for _, c := range own {
		if c != nil && n.add(c.Raw, c.RawSubject, func() *x509.Certificate { return c }) {
			n.own++
		}
	}
	return n
}

// add takes an anchor over unless it is there already.
func (s *Store) add(der, subject []byte, parse func() *x509.Certificate) bool {
	list := s.bySubject[string(subject)]
	for _, a := range list {
		if bytes.Equal(a.der, der) {
			return false
		}
	}
	a := &anchor{der, parse}
	s.anchors = append(s.anchors, a)
	s.bySubject[string(subject)] = append(list, a)
	return true
}

// quick returns the store without the anchors that take longer to read. Whom it trusts the whole store
// trusts too.
func (s *Store) quick() *Store {
	q := *s
	q.more = nil
	return &q
}

// whole returns the store with everything that is in it read.
func (s *Store) whole() *Store {
	if s.more == nil {
		return s
	}
	return s.more()
}

// String says what is trusted: "the system's 142 roots and 1 of yours".
func (s *Store) String() string {
	text := ""
	if s.system {
		switch n := len(s.anchors) - s.own; {
		case s.platform != nil:
			text = "the system's roots"
		case s.more != nil:
			text = "the system's roots" // how many is not known yet
		case n == 0:
			text = "no roots of the system, which has none"
		default:
			text = "the system's " + roots(n)
		}
		if s.unreadable > 0 {
			text += fmt.Sprintf(" (%d of its files cannot be read)", s.unreadable)
		}
		if s.own > 0 {
			text += fmt.Sprintf(" and %d of yours", s.own)
		}
		return text
	}
	if s.own == 0 {
		return "no roots"
	}
	return roots(s.own) + " of yours"
}

func roots(n int) string {
	if n == 1 {
		return "1 root"
	}
	return strconv.Itoa(n) + " roots"
}

// Anchors returns the anchors that can be listed.
func (s *Store) Anchors() []*x509.Certificate { return parsed(s.whole().anchors) }

func parsed(list []*anchor) []*x509.Certificate {
	certs := make([]*x509.Certificate, 0, len(list))
	for _, a := range list {
		if c := a.parse(); c != nil {
			certs = append(certs, c)
		}
	}
	return certs
}

// Contains reports whether this very certificate is an anchor that can be listed.
func (s *Store) Contains(c *x509.Certificate) bool {
	for _, a := range s.whole().bySubject[string(c.RawSubject)] {
		if bytes.Equal(a.der, c.Raw) {
			return true
		}
	}
	return false
}

// Find returns the anchors with that subject, as DER.
func (s *Store) Find(rawSubject []byte) []*x509.Certificate {
	return parsed(s.whole().bySubject[string(rawSubject)])
}

// Platform returns the system's roots where only the system can verify with them, nil elsewhere and for
// stores without the system's. The person's own are not among them.
func (s *Store) Platform() *x509.CertPool { return s.platform }
