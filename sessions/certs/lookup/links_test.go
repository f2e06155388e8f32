package lookup_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/asn1"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"wirebench/sessions/certs"
	"wirebench/sessions/certs/lookup"
	"wirebench/sessions/certs/testca"
)

// TestAnIntermediateCAAnswersForItself, with its own certificate beside the answer, as openssl sends it.
func TestAnIntermediateCAAnswersForItself(t *testing.T) {
	a := newAuthority(t)
	top := a.root
	a.root = made(t)(top.Issue(testca.Spec{CommonName: "Issuing", CA: true, KeyType: testca.RSA2048}))
	for serial, want := range map[int64]certs.Result{0x1001: certs.Good, 0x1002: certs.RevokedCert} {
		leaf := a.leaf(serial, testca.Spec{OCSP: []string{a.responder(a.root, "-ndays", "7")}})
		e := lookup.Revocation(t.Context(), []*x509.Certificate{leaf.X509, a.root.X509, top.X509}, lookup.Options{OCSP: true})
		r := certs.Check(certs.Input{Presented: [][]byte{leaf.DER, a.root.DER}, Time: time.Now(), Store: certs.NewStore(top.X509), Evidence: e})
		expect(t, one(t, r), want, "")
	}
}

// chain issues leaf, CAs and a root; edit changes what is made at a depth.
func chain(t *testing.T, n int, edit func(depth int, s *testca.Spec)) (list []*x509.Certificate) {
	t.Helper()
	c := made(t)(testca.SelfSigned(testca.Spec{CommonName: "Top", CA: true}))
	list = []*x509.Certificate{c.X509}
	for depth := n - 2; depth >= 0; depth-- {
		s := testca.Spec{CommonName: "CA " + string(rune('a'+depth)), CA: depth > 0}
		edit(depth, &s)
		c = made(t)(c.Issue(s))
		list = append([]*x509.Certificate{c.X509}, list...)
	}
	return list
}

func TestLinksAreAskedAboutBesideEachOtherFourAtATime(t *testing.T) {
	var now, most atomic.Int32
	four := make(chan struct{})
	var once sync.Once
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
			if n >= 4 {
				once.Do(func() { close(four) })
			}
		}
		select {
		case <-four: // once four are there at the same time
		case <-r.Context().Done():
		}
		now.Add(-1)
		w.Write(ocsp.TryLaterErrorResponse)
	}))
	defer server.Close()
	links := chain(t, 10, func(_ int, s *testca.Spec) { s.OCSP = []string{server.URL} })
	e := lookup.Revocation(t.Context(), links, lookup.Options{OCSP: true, Timeout: patience})
	if most.Load() != 4 {
		t.Errorf("%d at a time", most.Load())
	}
	for depth, c := range links[:9] {
		if got := e.OCSP[certs.Fingerprint(c.Raw)]; len(got) != 1 || got[0].Err != nil {
			t.Errorf("depth %d: %+v", depth, got)
		}
	}
	if _, asked := e.OCSP[certs.Fingerprint(links[9].Raw)]; asked {
		t.Error("the anchor was asked about")
	}
}

func TestAListIsFetchedOnceAndAnswersStandInTheOrderOfTheChain(t *testing.T) {
	a := newAuthority(t)
	var fetched atomic.Int32
	list, err := a.root.CRL(testca.CRLSpec{})
	if err != nil {
		t.Fatal(err)
	}
	a.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { fetched.Add(1); w.Write(list) })
	links := chain(t, 5, func(depth int, s *testca.Spec) {
		s.CRLs = []string{a.base + "/shared", a.base + "/" + string(rune('0'+depth))}
	})
	e := lookup.Revocation(t.Context(), links, lookup.Options{CRL: true})
	var from []string
	for _, s := range e.CRLs {
		from = append(from, strings.TrimPrefix(s.From, a.base))
	}
	if got := strings.Join(from, " "); got != "/shared /0 /1 /2 /3" || fetched.Load() != 5 {
		t.Errorf("%q, with %d requests", got, fetched.Load())
	}
}

func TestMoreAddressesThanIsReasonableArePassedOverAndNamed(t *testing.T) {
	a := newAuthority(t)
	var urls []string
	for n := range 9 {
		urls = append(urls, a.base+"/"+string(rune('0'+n)))
	}
	links := chain(t, 2, func(_ int, s *testca.Spec) { s.CRLs, s.OCSP, s.AIA = urls, urls, urls })
	e := lookup.Revocation(t.Context(), links, lookup.Options{CRL: true, OCSP: true})
	for what, got := range map[string][]certs.Source{"lists": e.CRLs, "responders": e.OCSP[certs.Fingerprint(links[0].Raw)]} {
		if len(got) != 5 || got[4].From != urls[4] || !strings.Contains(got[4].Err.Error(), "more than 4 such addresses") || !strings.Contains(got[3].Err.Error(), "404") {
			t.Errorf("%s: %+v", what, got)
		}
	}
	if _, err := lookup.Issuers(t.Context(), links[0], lookup.Options{}); err == nil || !strings.Contains(err.Error(), "more than 4 such addresses") {
		t.Errorf("issuers: %v", err)
	}
}

// TestAListOfManyMegabytesComesWhole with a million entries, and one beyond the limit does not.
func TestAListOfManyMegabytesComesWhole(t *testing.T) {
	a := newAuthority(t)
	entry, err := asn1.Marshal(struct {
		Serial *big.Int
		At     time.Time `asn1:"utc"`
	}{new(big.Int).Lsh(big.NewInt(1), 120), time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	entries := asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: bytes.Repeat(entry, 1_000_000)}
	der, err := asn1.Marshal(struct {
		Inner struct{ Entries asn1.RawValue }
	}{struct{ Entries asn1.RawValue }{entries}})
	if err != nil {
		t.Fatal(err)
	}
	links := chain(t, 2, func(_ int, s *testca.Spec) { s.CRLs = []string{a.serve("/large", der)} })
	e := lookup.Revocation(t.Context(), links, lookup.Options{CRL: true, Timeout: patience})
	if len(e.CRLs) != 1 || e.CRLs[0].Err != nil || !bytes.Equal(e.CRLs[0].DER, der) {
		t.Errorf("a list of %d bytes: %v", len(der), e.CRLs[0].Err)
	}
	e = lookup.Revocation(t.Context(), links, lookup.Options{CRL: true, Timeout: patience, MaxBytes: int64(len(der) - 1)})
	if len(e.CRLs) != 1 || e.CRLs[0].Err == nil || !strings.Contains(e.CRLs[0].Err.Error(), "too large") || e.CRLs[0].DER != nil {
		t.Errorf("a list beyond the limit: %v", e.CRLs[0].Err)
	}
}

func TestWhatIsNoListIsRefusedWithWhatItSaysItIs(t *testing.T) {
	a := newAuthority(t)
	a.mux.HandleFunc("/page", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Write([]byte("<!DOCTYPE html><p>Log in to the hotel's network"))
	})
	list, err := a.root.CRL(testca.CRLSpec{})
	if err != nil {
		t.Fatal(err)
	}
	a.mux.HandleFunc("/odd", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain") // which many servers say of a list
		w.Write(list)
	})
	for path, says := range map[string]string{"/page": `a web page: a revocation list in PEM or DER is expected (it says that it is "text/html")`, "/odd": ""} {
		links := chain(t, 2, func(_ int, s *testca.Spec) { s.CRLs = []string{a.base + path} })
		e := lookup.Revocation(t.Context(), links, lookup.Options{CRL: true})
		if got := e.CRLs[0].Err; (got == nil) != (says == "") || got != nil && !strings.Contains(got.Error(), says) {
			t.Errorf("%s: %v, want %q", path, got, says)
		}
	}
}

func TestAnAddressWithControlCharactersIsToldSafely(t *testing.T) {
	links := chain(t, 2, func(_ int, s *testca.Spec) { s.CRLs = []string{"http://x/\x1b[2J"} })
	told := 0
	e := lookup.Revocation(t.Context(), links, lookup.Options{CRL: true, Progress: func(s lookup.Step) {
		told++
		if strings.ContainsRune(s.URL, 0x1b) || s.Err != nil && strings.ContainsRune(s.Err.Error(), 0x1b) {
			t.Errorf("%+v", s)
		}
	}})
	if told != 2 || len(e.CRLs) != 1 || e.CRLs[0].Err == nil {
		t.Errorf("told %d times, %+v", told, e.CRLs)
	}
}

func TestDialIsUsedAndNoneIsUnderWayInTheEnd(t *testing.T) {
	links := chain(t, 3, func(_ int, s *testca.Spec) {
		s.OCSP, s.CRLs = []string{"http://responder.example"}, []string{"http://lists.example"}
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var under, dialled atomic.Int32
	e := lookup.Revocation(ctx, links, lookup.Options{OCSP: true, CRL: true, Timeout: patience, Dial: func(ctx context.Context, _, address string) (net.Conn, error) {
		under.Add(1)
		defer under.Add(-1)
		if address != "responder.example:80" {
			t.Errorf("dialled %s", address)
		}
		if dialled.Add(1) == 2 {
			cancel()
		}
		<-ctx.Done()
		return nil, ctx.Err()
	}})
	if under.Load() != 0 || dialled.Load() != 2 {
		t.Errorf("%d of %d dials are under way", under.Load(), dialled.Load())
	}
	for _, c := range links[:2] {
		if got := e.OCSP[certs.Fingerprint(c.Raw)]; len(got) != 1 || got[0].Err == nil || got[0].Err.Error() != "cancelled before it answered" {
			t.Errorf("%+v", got)
		}
	}
}

func TestIssuersThatCertifyEachOtherComeToAnEnd(t *testing.T) {
	a := newAuthority(t)
	one := made(t)(testca.SelfSigned(testca.Spec{CommonName: "One", CA: true}))
	two := made(t)(testca.SelfSigned(testca.Spec{CommonName: "Two", CA: true}))
	byTwo := made(t)(two.Issue(testca.Spec{CommonName: "One", CA: true, Key: one.Key, AIA: []string{a.base + "/two"}}))
	byOne := made(t)(one.Issue(testca.Spec{CommonName: "Two", CA: true, Key: two.Key, AIA: []string{a.base + "/one"}}))
	impostor := made(t)(testca.SelfSigned(testca.Spec{CommonName: "One", CA: true}))
	a.serve("/one", testca.PEM(impostor, byTwo)) // the first has the name alone
	a.serve("/two", byOne.DER)
	leaf := made(t)(one.Issue(testca.Spec{CommonName: "leaf", AIA: []string{a.base + "/one"}}))
	found, err := lookup.Issuers(t.Context(), leaf.X509, lookup.Options{})
	if err != nil || len(found) != 3 || !found[0].Equal(byTwo.X509) || !found[2].Equal(byOne.X509) {
		t.Errorf("%d found, %v", len(found), err)
	}
}

func TestIssuersAreFollowedForEightHops(t *testing.T) {
	for cas, fails := range map[int]bool{8: false, 9: true} { // above the leaf, the root included
		a := newAuthority(t)
		links := chain(t, cas+1, func(depth int, s *testca.Spec) { s.AIA = []string{a.base + "/" + string(rune('a'+depth+1))} })
		for depth, c := range links[1:] {
			a.serve("/"+string(rune('a'+depth+1)), c.Raw)
		}
		found, err := lookup.Issuers(t.Context(), links[0], lookup.Options{})
		if len(found) != 8 || (err != nil) != fails {
			t.Errorf("of %d: %d found, %v", cas, len(found), err)
		}
	}
}
