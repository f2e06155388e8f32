//go:build e2e && linux

package test

import (
	"bytes"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wirebench/sessions/certs/testca"
)

// tlsTab is a tab as the workspace keeps it.
type tlsTab struct {
	Kind    string         `json:"kind"`
	Address string         `json:"address"`
	TLS     map[string]any `json:"tls"`
}

// statusCases are certificates of which each has one of the statuses, by the name of a case of the test CA.
var statusCases = []string{
	"good", "expired", "not-yet-valid", "wrong-host", "self-signed", "incomplete-chain", "ca-expired", "revoked", "sha1-leaf", "broken-san", "10000-sans",
}

// TestWindowShowsEveryCertificateStatus connects a tab to a server for each status, strictly. The capture of each
// must say the status, and hold not one byte of application data.
func TestWindowShowsEveryCertificateStatus(t *testing.T) {
	all, err := testca.Cases(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]testca.Case{}
	for _, c := range all {
		byName[c.Name] = c
	}
	var tabs []tlsTab
	var wanted []string
	for _, name := range statusCases {
		c, ok := byName[name]
		if !ok {
			t.Fatalf("the test CA has no case %q", name)
		}
		dir := t.TempDir()
		roots := filepath.Join(dir, "roots.pem")
		if err := os.WriteFile(roots, testca.PEM(c.Roots...), 0o600); err != nil {
			t.Fatal(err)
		}
		settings := map[string]any{"trust": "mine", "caFiles": []string{roots}, "serverName": c.Host}
		var lists []string
		for i, crl := range c.CRLs {
			path := filepath.Join(dir, string(rune('a'+i))+".crl")
			if err := os.WriteFile(path, crl, 0o600); err != nil {
				t.Fatal(err)
			}
			lists = append(lists, path)
		}
		settings["crlFiles"] = lists
		var address string
		if c.Presented[0].X509 == nil {
			address = goServer(t, testca.TLS(c.Presented...))
		} else {
			address = opensslServer(t, c.Presented)
		}
		tabs = append(tabs, tlsTab{"tls", address, settings})
		wanted = append(wanted, string(c.Status))
	}
	w := openWindowIn(t, homeWithTabs(t, tabs...))
	seen := map[string]int{}
	for i, status := range wanted {
		seen[status]++
		w.title(tabs[i].Address)
		w.key("ctrl+r")
		w.captured("the certificate to be "+status, func(c traffic) bool {
			if len(c.in)+len(c.out) > 0 {
				w.Fatalf("application data went over a connection on which nothing was sent: in %q, out %q", c.in, c.out)
			}
			said := 0
			for _, comment := range c.comments {
				if strings.Contains(comment, "certificate "+status) {
					said++
				}
			}
			return said >= seen[status]
		})
		w.picture("51-tls-" + statusCases[i])
		w.key("ctrl+Tab")
	}
}

// TestWindowNamesWhatIsNoTLSServer connects to servers that never get as far as a certificate.
func TestWindowNamesWhatIsNoTLSServer(t *testing.T) {
	hold := func(c net.Conn) { c.Read(make([]byte, 4096)); c.Read(make([]byte, 4096)) }
	cases := []struct {
		name, says string
		address    string
	}{
		{"ssh", "SSH", plainServer(t, func(c net.Conn) { c.Write([]byte("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")); hold(c) })},
		{"smtp", "SMTP", plainServer(t, func(c net.Conn) { c.Write([]byte("220 mail.example ESMTP Postfix\r\n")); hold(c) })},
		{"http", "HTTP", plainServer(t, func(c net.Conn) { c.Read(make([]byte, 4096)); c.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")) })},
		{"silent", "said nothing", plainServer(t, func(c net.Conn) { io.Copy(io.Discard, c) })},
		{"reset", "reset", plainServer(t, func(c net.Conn) { c.Read(make([]byte, 16)); c.(*net.TCPConn).SetLinger(0) })},
		{"tls10", "legacy", opensslServer(t, []*testca.Cert{selfSigned(t)}, "-tls1")},
	}
	var tabs []tlsTab
	for _, c := range cases {
		tabs = append(tabs, tlsTab{"tls", c.address, map[string]any{"timeout": int64(2 * time.Second)}})
	}
	w := openWindowIn(t, homeWithTabs(t, tabs...))
	for _, c := range cases {
		w.title(c.address)
		w.key("ctrl+r")
		w.captured("the words "+c.says, func(got traffic) bool {
			for _, comment := range got.comments {
				if strings.Contains(comment, c.address) && strings.Contains(comment, c.says) {
					return true
				}
			}
			return false
		})
		w.picture("54-tls-" + c.name)
		w.key("ctrl+Tab")
	}
}

func selfSigned(t *testing.T) *testca.Cert {
	t.Helper()
	c, err := testca.SelfSigned(testca.Spec{CommonName: "server.example", DNSNames: []string{"server.example"}, KeyType: testca.RSA2048})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestWindowTLSByHand opens a TLS tab by hand, is refused, goes on in spite of it, and talks.
func TestWindowTLSByHand(t *testing.T) {
	address := opensslServer(t, []*testca.Cert{selfSigned(t)})
	w := openWindow(t)
	w.key("ctrl+shift+t")
	w.title("TLS")
	w.picture("55-tls-new")
	w.connect(address)
	w.captured("the refusal", func(c traffic) bool { return strings.Contains(strings.Join(c.comments, "\n"), "untrustedSigners") })
	w.picture("56-tls-refused")
	w.key("ctrl+shift+comma")
	w.picture("57-tls-options")
	w.key("ctrl+shift+p")
	w.typeText("continue in spite")
	w.key("Return")
	w.captured("a connection that stands", func(c traffic) bool { return c.count("SYN in") == 2 })
	w.key("ctrl+m")
	w.send(`stressed\n`)
	w.captured("the answer", func(c traffic) bool { return bytes.Contains(c.in, []byte("desserts")) })
	w.picture("58-tls-continued")
	w.key("ctrl+i")
	w.picture("59-tls-card-folded")
}
