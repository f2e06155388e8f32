package sessions

import (
	"bytes"
	"crypto/tls"
	"net"
	"testing"
)

func FuzzTranscript(f *testing.F) {
	f.Add(serverHello(tls.VersionTLS10), []byte(nil))
	f.Add(append(serverHello(tls.VersionTLS12), 22, 3, 3, 0, 10, 11, 0, 0, 6, 0, 0, 3, 0, 0, 0), noise(32))
	hello := []byte{22, 3, 3, 0, 46, 2, 0, 0, 42, 3, 3}
	hello = append(append(hello, noise(32)...), 0, 0x13, 0x01, 0, 0, 6, 0, 43, 0, 2, 3, 4)
	f.Add(append(bytes.Clone(hello), 23, 3, 3, 0, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20), noise(32))
	f.Fuzz(func(t *testing.T, records, secret []byte) {
		got := readTranscript(records, secret)
		total := 0
		for _, c := range got.certificates {
			total += len(c)
		}
		if total+len(got.staple) > len(records) {
			t.Errorf("%d bytes of certificates from %d", total, len(records))
		}
	})
}

func TestTheTranscriptOfEveryCutHandshakeIsRead(t *testing.T) {
	ca := newAuthority(t)
	for _, v := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		leaf := ca.leaf(t, nil)
		addr, _ := echoTLS(t, &tls.Config{Certificates: []tls.Certificate{leaf}, MaxVersion: v})
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		w, secrets := &wire{Conn: conn, recording: true}, &secretLog{}
		if err := tls.Client(w, &tls.Config{InsecureSkipVerify: true, KeyLogWriter: secrets}).HandshakeContext(t.Context()); err != nil {
			t.Fatal(err)
		}
		conn.Close()
		got := readTranscript(w.recorded, secrets.server)
		if got.version != v || len(got.certificates) != 1 || !bytes.Equal(got.certificates[0], leaf.Certificate[0]) || got.scheme != tls.ECDSAWithP256AndSHA256 {
			t.Errorf("%s: %+v", tls.VersionName(v), got)
		}
		for n := range len(w.recorded) {
			cut := readTranscript(w.recorded[:n], secrets.server)
			if len(cut.certificates) == 1 && !bytes.Equal(cut.certificates[0], leaf.Certificate[0]) {
				t.Fatalf("%s cut at %d has another certificate", tls.VersionName(v), n)
			}
		}
		if closed := readTranscript(w.recorded, nil); v == tls.VersionTLS13 && (closed.version != v || closed.certificates != nil) {
			t.Errorf("without the secret: %+v", closed)
		}
	}
}
