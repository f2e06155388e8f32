package certs_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"wirebench/sessions/certs"
	"wirebench/sessions/certs/testca"
)

const listURL = "http://lists.example/issuing.crl"

// lists is the evidence of these revocation lists.
func lists(from string, ders ...[]byte) certs.Evidence {
	e := certs.Evidence{Asked: true}
	for _, der := range ders {
		e.CRLs = append(e.CRLs, certs.Source{DER: der, From: from})
	}
	return e
}

// naming returns i with a leaf that says where its list lies.
func (i issuing) naming(t testing.TB, urls ...string) issuing {
	t.Helper()
	i.leaf = own(t)(i.ca.Issue(testca.Spec{CommonName: "leaf", CRLs: urls}))
	return i
}

func TestARevocationListCountsOnlyWhenAllOfItIsRight(t *testing.T) {
	i := newIssuing(t).naming(t, listURL)
	serial := i.leaf.X509.SerialNumber
	stranger := own(t)(testca.SelfSigned(testca.Spec{CommonName: "Issuing", CA: true}))
	at := time.Now()
	day := 24 * time.Hour
	entry := func(since time.Time, reason int, extra ...pkix.Extension) testca.CRLSpec {
		return testca.CRLSpec{Entries: []x509.RevocationListEntry{{SerialNumber: serial, RevocationTime: since, ReasonCode: reason, ExtraExtensions: extra}}}
	}
	elsewhere := func(extra ...pkix.Extension) testca.CRLSpec {
		return testca.CRLSpec{Entries: []x509.RevocationListEntry{{SerialNumber: big.NewInt(9), RevocationTime: at, ExtraExtensions: extra}}}
	}
	scoped := func(p testca.Partition, s testca.CRLSpec) testca.CRLSpec {
		s.Extra = append(s.Extra, p.Extension())
		return s
	}
	invalidity := pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 24}, Critical: true, Value: append([]byte{0x18, 15}, "20260101000000Z"...)}
	for _, c := range []struct {
		name   string
		spec   testca.CRLSpec
		at     time.Time
		result certs.Result
		says   string
	}{
		{"not on it", testca.CRLSpec{}, at, certs.Good, "which holds until"},
		{"on it", entry(at.Add(-day), 3), at, certs.RevokedCert, "the affiliation changed"},
		{"on it without a reason", entry(at.Add(-day), 0), at, certs.RevokedCert, "without a reason given"},
		{"on hold", entry(at.Add(-day), 6), at, certs.RevokedCert, "may be lifted again"},
		{"taken off again", entry(at.Add(-day), 8), at, certs.Good, "not on the list"},
		{"on it from later on", entry(at.Add(3*day), 1), at, certs.Good, "is revoked from"},
		{"on it among others", testca.CRLSpec{Revoked: []*big.Int{big.NewInt(1), big.NewInt(-5), serial, big.NewInt(3)}}, at, certs.RevokedCert, "revoked since"},
		{"on it with the time of invalidity", entry(at.Add(-day), 1, invalidity), at, certs.RevokedCert, "compromised"},
		{"on it with a critical extension nobody knows", entry(at.Add(-day), 1, testca.UnknownCritical()), at, certs.Undetermined, "1.3.6.1.4.1.32473.1"},
		{"another's entry has a critical extension nobody knows", elsewhere(testca.UnknownCritical()), at, certs.Undetermined, "an entry of the revocation list has a critical"},
		{"a critical extension nobody knows", testca.CRLSpec{Extra: []pkix.Extension{testca.UnknownCritical()}}, at, certs.Undetermined, "critical extension that is not known"},
		{"over", testca.CRLSpec{}, at.Add(8 * day), certs.Undetermined, "held until"},
		{"over, with it on", testca.CRLSpec{Revoked: []*big.Int{serial}}, at.Add(8 * day), certs.Undetermined, "; it has the certificate as revoked since"},
		{"not begun", testca.CRLSpec{ThisUpdate: at.Add(time.Hour)}, at, certs.Undetermined, "which is later than"},
		{"a little early, by the clock of another", testca.CRLSpec{ThisUpdate: at.Add(4 * time.Minute)}, at, certs.Good, "not on the list"},
		{"of a stranger of the same name", testca.CRLSpec{Signer: stranger}, at, certs.Undetermined, "is not signed by the issuer"},
		{"with a wrong signature", testca.CRLSpec{BreakSignature: true, Revoked: []*big.Int{serial}}, at, certs.Undetermined, "is not signed by the issuer"},
		{"of changes", testca.CRLSpec{Extra: []pkix.Extension{testca.Delta(1)}, Revoked: []*big.Int{serial}}, at, certs.Undetermined, "delta CRL"},
		{"of several issuers", scoped(testca.Partition{Indirect: true}, testca.CRLSpec{}), at, certs.Undetermined, "indirect CRL"},
		{"of attribute certificates", scoped(testca.Partition{OnlyAttrs: true}, testca.CRLSpec{}), at, certs.Undetermined, "attribute certificates only"},
		{"of CAs", scoped(testca.Partition{OnlyCAs: true}, testca.CRLSpec{}), at, certs.Undetermined, "about CAs only"},
		{"of users", scoped(testca.Partition{OnlyUsers: true}, testca.CRLSpec{}), at, certs.Good, "not on the list"},
		{"of some reasons", scoped(testca.Partition{OnlyReasons: []byte{0x40}}, testca.CRLSpec{}), at, certs.Undetermined, "some reasons"},
		{"of some reasons, with it on", scoped(testca.Partition{OnlyReasons: []byte{0x40}}, entry(at.Add(-day), 1)), at, certs.RevokedCert, "compromised"},
		{"of the part it names", scoped(testca.Partition{URL: listURL}, testca.CRLSpec{}), at, certs.Good, "not on the list"},
		{"of another part", scoped(testca.Partition{URL: listURL + "2"}, testca.CRLSpec{}), at, certs.Undetermined, "a part of the issuer's certificates"},
		{"of another part, with it on", scoped(testca.Partition{URL: listURL + "2"}, entry(at.Add(-day), 1)), at, certs.RevokedCert, "compromised"},
		{"of a part that is named relative to the issuer", testca.CRLSpec{Extra: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 28}, Critical: true,
			Value: []byte{0x30, 4, 0xa0, 2, 0xa1, 0}}}}, at, certs.Undetermined, "a part of the issuer's certificates"},
		{"of a part that cannot be read", testca.CRLSpec{Extra: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 28}, Critical: true,
			Value: []byte{0x30, 2, 5, 0}}}}, at, certs.Undetermined, "in a way that can be read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			der, err := i.ca.CRL(c.spec)
			if err != nil {
				t.Fatal(err)
			}
			r := i.report(lists("list.crl", der), c.at)
			found := about(r, 0)
			if len(found) != 1 || found[0].Result != c.result || found[0].Method != certs.MethodCRL || !strings.Contains(found[0].Detail, c.says) {
				t.Errorf("got %+v; want %s, %q", found, c.result, c.says)
			}
			if r.Has(certs.RevokedLeaf) != (c.result == certs.RevokedCert) {
				t.Errorf("faults %v", r.Faults)
			}
			if ca := about(r, 1); len(ca) != 1 || ca[0].Method != certs.MethodNone {
				t.Errorf("of the CA it says %+v", ca)
			}
		})
	}
}

func TestAListOfAPartSaysNothingOfACertificateThatNamesNone(t *testing.T) {
	i := newIssuing(t)
	der, err := i.ca.CRL(testca.CRLSpec{Extra: []pkix.Extension{testca.Partition{URL: listURL}.Extension()}})
	if err != nil {
		t.Fatal(err)
	}
	if found := about(i.report(lists("list.crl", der), time.Now()), 0); len(found) != 1 || found[0].Result != certs.Undetermined {
		t.Errorf("%+v", found)
	}
}

func TestAListOfCAsTellsOfCAs(t *testing.T) {
	i := newIssuing(t)
	for _, c := range []struct {
		part    testca.Partition
		revoked []*big.Int
		result  certs.Result
	}{
		{testca.Partition{OnlyCAs: true}, nil, certs.Good},
		{testca.Partition{OnlyUsers: true}, nil, certs.Undetermined},
		{testca.Partition{OnlyCAs: true}, []*big.Int{i.ca.X509.SerialNumber}, certs.RevokedCert},
	} {
		der, err := i.root.CRL(testca.CRLSpec{Extra: []pkix.Extension{c.part.Extension()}, Revoked: c.revoked})
		if err != nil {
			t.Fatal(err)
		}
		r := i.report(lists("list.crl", der), time.Now())
		if found := about(r, 1); len(found) != 1 || found[0].Result != c.result || r.Has(certs.RevokedCA) != (c.result == certs.RevokedCert) {
			t.Errorf("%+v: %+v, %v", c.part, found, r.Faults)
		}
	}
}

func TestAnIssuerThatMayNotSignListsIsNotHeard(t *testing.T) {
	i := newIssuing(t)
	i.ca = own(t)(i.root.Issue(testca.Spec{CommonName: "Issuing", CA: true, KeyUsage: x509.KeyUsageCertSign}))
	i.leaf = own(t)(i.ca.Issue(testca.Spec{CommonName: "leaf"}))
	der, err := i.ca.CRL(testca.CRLSpec{Revoked: []*big.Int{i.leaf.X509.SerialNumber}})
	if err != nil {
		t.Fatal(err)
	}
	if found := about(i.report(lists("list.crl", der), time.Now()), 0); len(found) != 1 || !strings.Contains(found[0].Detail, "does not let it sign revocation lists") {
		t.Errorf("%+v", found)
	}
}

func TestWhatCameForAListIsToldWhereItBelongs(t *testing.T) {
	i := newIssuing(t).naming(t, listURL)
	theirs, err := i.root.CRL(testca.CRLSpec{})
	if err != nil {
		t.Fatal(err)
	}
	failed := errors.New("the host is down")
	for _, c := range []struct {
		name     string
		source   certs.Source
		leaf, ca string // what is said, "" for nothing
	}{
		{"a failure at its place", certs.Source{From: listURL, Err: failed}, "the host is down", ""},
		{"a failure elsewhere", certs.Source{From: "list.crl", Err: failed}, "the host is down", "the host is down"},
		{"garbage at its place", certs.Source{From: listURL, DER: []byte("<html>")}, "cannot be parsed", ""},
		{"garbage elsewhere", certs.Source{From: "list.crl", DER: []byte("<html>")}, "cannot be parsed", "cannot be parsed"},
		{"another's list at its place", certs.Source{From: listURL, DER: theirs}, "is of another issuer, CN=Root", "not on the list"},
		{"another's list elsewhere", certs.Source{From: "list.crl", DER: theirs}, "", "not on the list"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := i.report(certs.Evidence{CRLs: []certs.Source{c.source}, Asked: true}, time.Now())
			for depth, says := range []string{c.leaf, c.ca} {
				found := about(r, depth)
				if len(found) != 1 || (found[0].Method == certs.MethodCRL) != (says != "") || !strings.Contains(found[0].Detail, says) {
					t.Errorf("at depth %d: %+v, want %q", depth, found, says)
				}
			}
		})
	}
}

// TestListsThatOpenSSLMakes includes those of version 1, which openssl makes when neither extensions nor a file
// of numbers are configured.
func TestListsThatOpenSSLMakes(t *testing.T) {
	program, err := exec.LookPath("openssl")
	if err != nil {
		if os.Getenv("WIREBENCH_NEED_PEERS") == "1" {
			t.Fatal("openssl is not installed")
		}
		t.Skip("openssl is not installed: its lists were not read")
	}
	i := newIssuing(t)
	dir := t.TempDir()
	write := func(name string, data []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	key, err := i.ca.KeyPEM()
	if err != nil {
		t.Fatal(err)
	}
	write("key.pem", key)
	write("ca.pem", testca.PEM(i.ca))
	write("number", []byte("01\n"))
	number := strings.ToUpper(i.leaf.X509.SerialNumber.Text(16))
	for _, c := range []struct {
		name, extensions, entry string
		result                  certs.Result
		says                    string
	}{
		{"version 1, not on it", "", "V\t400101000000Z\t\t", certs.Good, "not on the list"},
		{"version 1, on it", "", "R\t400101000000Z\t260101000000Z\t", certs.RevokedCert, "revoked since 2026-01-01"},
		{"version 2, on it with a reason", "crl_extensions=x\ncrlnumber=number\n", "R\t400101000000Z\t260101000000Z,CACompromise\t", certs.RevokedCert, "the CA was compromised"},
		{"version 2, on hold", "crl_extensions=x\ncrlnumber=number\n", "R\t400101000000Z\t260101000000Z,holdInstruction,holdInstructionReject\t", certs.RevokedCert, "on hold"},
		{"version 2, with the time of invalidity", "crl_extensions=x\ncrlnumber=number\n", "R\t400101000000Z\t260101000000Z,keyTime,20251201000000Z\t", certs.RevokedCert, "the key was compromised"},
		{"version 2, of another part", "crl_extensions=y\ncrlnumber=number\n", "V\t400101000000Z\t\t", certs.Undetermined, "a part of the issuer's certificates"},
	} {
		t.Run(c.name, func(t *testing.T) {
			write("index", []byte(c.entry+number+"\tunknown\t/CN=leaf\n"))
			write("conf", []byte("[ca]\ndefault_ca=c\n[c]\ndatabase=index\ndefault_md=sha256\ndefault_crl_days=7\n"+c.extensions+
				"[x]\nauthorityKeyIdentifier=keyid\n[y]\nissuingDistributionPoint=critical,@p\n[p]\nfullname=URI:"+listURL+"\n"))
			cmd := exec.Command(program, "ca", "-gencrl", "-config", "conf", "-keyfile", "key.pem", "-cert", "ca.pem", "-out", "list.pem")
			cmd.Dir = dir
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			data, err := os.ReadFile(filepath.Join(dir, "list.pem"))
			if err != nil {
				t.Fatal(err)
			}
			ders, err := certs.ParseCRLs(data)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := x509.ParseRevocationList(ders[0]); (err == nil) == strings.HasPrefix(c.name, "version 1") {
				t.Errorf("the list is of the other version: %v", err)
			}
			if found := about(i.report(lists("list.pem", ders...), time.Now()), 0); len(found) != 1 || found[0].Result != c.result || !strings.Contains(found[0].Detail, c.says) {
				t.Errorf("got %+v; want %s, %q", found, c.result, c.says)
			}
		})
	}
}

// TestALongListIsSearchedWithoutACopyOfEachEntry makes one by hand around the head of a short one.
func TestALongListIsSearchedWithoutACopyOfEachEntry(t *testing.T) {
	i := newIssuing(t)
	entry := append([]byte{0x30, 0x20, 0x02, 0x0f, 0x40}, make([]byte, 14)...)
	entry = append(entry, "\x17\x0d260101000000Z"...)
	var entries []byte
	for n := range 300_000 {
		entry[18], entry[17], entry[16] = byte(n), byte(n>>8), byte(n>>16)
		entries = append(entries, entry...)
	}
	body := append([]byte{0x30, 0x83, byte(len(entries) >> 16), byte(len(entries) >> 8), byte(len(entries))}, entries...)
	for _, c := range []struct {
		serial int64
		result certs.Result
	}{{299_999, certs.RevokedCert}, {300_001, certs.Good}} {
		serial := new(big.Int).Lsh(big.NewInt(0x40), 14*8)
		i.leaf = own(t)(i.ca.Issue(testca.Spec{CommonName: "leaf", Serial: serial.Add(serial, big.NewInt(c.serial))}))
		der := signList(t, i.ca, body)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r := i.report(lists("list.crl", der), time.Now())
		runtime.ReadMemStats(&after)
		if found := about(r, 0); len(found) != 1 || found[0].Result != c.result {
			t.Errorf("%+v", found)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
			t.Errorf("%d bytes were taken to look at a list of %d", used, len(der))
		}
	}
}

func TestNumbersThatAreWrittenTooLongAreFound(t *testing.T) {
	i := newIssuing(t)
	i.leaf = own(t)(i.ca.Issue(testca.Spec{CommonName: "leaf", Serial: big.NewInt(0x7777)}))
	entry := append([]byte{0x30, 0x14, 0x02, 0x03, 0, 0x77, 0x77}, "\x17\x0d260101000000Z"...)
	der := signList(t, i.ca, append([]byte{0x30, byte(len(entry))}, entry...))
	if found := about(i.report(lists("list.crl", der), time.Now()), 0); len(found) != 1 || found[0].Result != certs.RevokedCert {
		t.Errorf("%+v", found)
	}
	broken := signList(t, i.ca, append([]byte{0x30, 4}, 0x30, 2, 0x05, 0))
	if found := about(i.report(lists("list.crl", broken), time.Now()), 0); len(found) != 1 || !strings.Contains(found[0].Detail, "an entry of the revocation list cannot be parsed") {
		t.Errorf("%+v", found)
	}
}

// signList makes a list of version 2 with these entries, a SEQUENCE.
func signList(t *testing.T, ca *testca.Cert, entries []byte) []byte {
	t.Helper()
	at := time.Now().UTC()
	marshal := func(v any) []byte {
		der, err := asn1.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	algorithm := pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}}
	tbs := marshal(struct {
		Version    int
		Algorithm  pkix.AlgorithmIdentifier
		Issuer     asn1.RawValue
		This, Next time.Time `asn1:"utc"`
		Entries    asn1.RawValue
	}{1, algorithm, asn1.RawValue{FullBytes: ca.X509.RawSubject}, at.Add(-time.Hour), at.Add(time.Hour), asn1.RawValue{FullBytes: entries}})
	return marshal(struct {
		TBS       asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}{asn1.RawValue{FullBytes: tbs}, algorithm, signECDSA(t, ca, tbs)})
}
