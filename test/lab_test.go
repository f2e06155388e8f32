//go:build e2e && linux

package test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"wirebench/sessions/lab"
)

// practice is `wirebench lab` while it runs.
type practice struct {
	dir     string // with the authority's files
	servers map[string]string
	stop    func() (rest []string, status int)
}

// startPractice starts every practice server.
func startPractice(t *testing.T, args ...string) practice {
	t.Helper()
	path, err := theCommand()
	if err != nil {
		t.Fatal(err)
	}
	p := practice{dir: filepath.Join(t.TempDir(), "files"), servers: map[string]string{}}
	cmd := exec.Command(path, append([]string{"lab", "--json", "--dir", p.dir}, args...)...)
	cmd.Env = []string{"PATH=/nonexistent", "HOME=" + t.TempDir(), "LANG=C.UTF-8"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said, ended := bufio.NewScanner(out), false
	p.stop = func() (rest []string, status int) {
		if ended {
			return nil, 0
		}
		ended = true
		cmd.Process.Signal(os.Interrupt)
		for said.Scan() {
			rest = append(rest, said.Text())
		}
		cmd.Wait()
		return rest, cmd.ProcessState.ExitCode()
	}
	t.Cleanup(func() { p.stop() })
	for len(p.servers) < len(lab.Catalogue()) && said.Scan() {
		var e struct{ Event, Name, Local string }
		if err := json.Unmarshal(said.Bytes(), &e); err != nil || e.Event != "listening" {
			t.Fatalf("%q: %v", said.Text(), err)
		}
		p.servers[e.Name] = e.Local
	}
	if len(p.servers) < len(lab.Catalogue()) {
		t.Fatalf("only %d servers are listed", len(p.servers))
	}
	return p
}

func (p practice) file(name string) string { return filepath.Join(p.dir, name) }

// peer runs another program, and returns what it printed and its exit status. It has half a minute.
func peer(t *testing.T, input string, name string, args ...string) (out string, status int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdin = strings.NewReader(input)
	b, err := cmd.CombinedOutput()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) || ctx.Err() != nil {
		t.Fatalf("%s %s: %v %v\n%s", name, strings.Join(args, " "), err, ctx.Err(), b)
	}
	return string(b), cmd.ProcessState.ExitCode()
}

// OpenSSL's verdict about each certificate, which knows nothing of the lab but its root: X509_V_ERR_ of x509_vfy.h.
func TestOpenSSLFindsTheFaultsOfThePracticeServers(t *testing.T) {
	p := startPractice(t)
	for name, x := range map[string]struct {
		code string
		args []string
	}{
		"tls-trusted":              {"0", nil},
		"tls-stapled":              {"0", nil},
		"tls-expired":              {"10", nil},
		"tls-notYetValid":          {"9", nil},
		"tls-principalMismatch":    {"62", nil},
		"tls-untrustedSigners":     {"19", nil},
		"tls-invalidChain":         {"10", nil},
		"tls-invalid":              {"7", nil},
		"tls-self-signed":          {"18", nil},
		"tls-missing-intermediate": {"20", nil},
		"tls-wrong-usage":          {"26", nil},
		"tls-name-constraints":     {"47", nil},
		"tls-not-a-ca":             {"79", nil},
		"tls-reversed-chain":       {"0", nil},
		"tls-client-certificate":   {"0", []string{"-cert", p.file(lab.ClientFile), "-key", p.file(lab.ClientKeyFile)}},
		"tls-revoked-crl":          {"23", []string{"-crl_check", "-CRL", p.file(lab.CRLFile)}},
		"tls-revoked-ocsp":         {"23", []string{"-crl_check", "-CRL", p.file(lab.CRLFile)}},
		"tls-sha1":                 {"68", nil},
		"tls-weak-key":             {"66", []string{"-auth_level", "1"}},
		"tls-old-protocol":         {"0", []string{"-tls1", "-cipher", "DEFAULT:@SECLEVEL=0"}},
	} {
		t.Run(name, func(t *testing.T) {
			args := []string{"s_client", "-connect", p.servers[name], "-CAfile", p.file(lab.RootFile), "-servername", "localhost", "-verify_hostname", "localhost",
				"-purpose", "sslserver", "-ign_eof"}
			out, _ := peer(t, "GET / HTTP/1.0\r\n\r\n", "openssl", append(args, x.args...)...)
			want := "verify error:num=" + x.code + ":" // it tells each that it meets
			if x.code == "0" {
				want = "Verify return code: 0 ("
			}
			if !strings.Contains(out, want) {
				t.Errorf("not %s: %s", x.code, out)
			}
			if !strings.Contains(out, "200 OK") {
				t.Errorf("no page came: %s", out)
			}
		})
	}
	out, _ := peer(t, "", "openssl", "s_client", "-connect", p.servers["tls-revoked"], "-status", "-CAfile", p.file(lab.RootFile))
	if !strings.Contains(out, "Cert Status: revoked") || !strings.Contains(out, "Revocation Reason: keyCompromise") {
		t.Errorf("the stapled answer: %s", out)
	}
	if out, status := peer(t, "", "openssl", "s_client", "-connect", p.servers["tls-refused"]); status == 0 || !strings.Contains(out, "handshake failure") {
		t.Errorf("refusing: status %d, %s", status, out)
	}
}

func TestOpenSSLAsksThePracticeAuthority(t *testing.T) {
	p := startPractice(t)
	authority := "http://" + p.servers["authority"]
	issuing := filepath.Join(t.TempDir(), "issuing.pem")
	der, _ := peer(t, "", "curl", "-sS", authority+"/issuing.crt")
	pem, _ := peer(t, der, "openssl", "x509", "-inform", "DER")
	if err := os.WriteFile(issuing, []byte(pem), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"tls-trusted": "good", "tls-revoked-ocsp": "revoked"} {
		shown, _ := peer(t, "", "openssl", "s_client", "-connect", p.servers[name], "-showcerts")
		cert := filepath.Join(t.TempDir(), "cert.pem")
		leaf, _ := peer(t, shown, "openssl", "x509")
		if err := os.WriteFile(cert, []byte(leaf), 0o600); err != nil {
			t.Fatal(err)
		}
		out, _ := peer(t, "", "openssl", "ocsp", "-issuer", issuing, "-cert", cert, "-url", authority+"/ocsp", "-CAfile", p.file(lab.RootFile), "-no_nonce")
		if !strings.Contains(out, "Response verify OK") || !strings.Contains(out, cert+": "+want) {
			t.Errorf("%s: %s", name, out)
		}
	}
	list, _ := peer(t, "", "curl", "-sS", authority+"/issuing.crl")
	if out, _ := peer(t, list, "openssl", "crl", "-inform", "DER", "-noout", "-text", "-CAfile", issuing); !strings.Contains(out, "verify OK") || strings.Count(out, "Serial Number:") != 2 {
		t.Errorf("the list: %s", out)
	}
}

func TestCurlAndNcatTalkWithThePracticeServers(t *testing.T) {
	p := startPractice(t)
	https := func(name string) (string, int) {
		_, port, _ := strings.Cut(p.servers[name], ":")
		return peer(t, "", "curl", "-sS", "--cacert", p.file(lab.RootFile), "--resolve", "localhost:"+port+":127.0.0.1", "https://localhost:"+port+"/")
	}
	if out, status := https("tls-trusted"); status != 0 || !strings.Contains(out, "the lab's root") {
		t.Errorf("status %d: %s", status, out)
	}
	if out, status := https("tls-expired"); status != 60 || !strings.Contains(out, "expired") {
		t.Errorf("expired: status %d, %s", status, out)
	}
	ncat := func(name, send string, args ...string) string {
		host, port, _ := strings.Cut(p.servers[name], ":")
		out, _ := peer(t, send, "ncat", append(args, host, port)...)
		return out
	}
	long := strings.Repeat("all that comes goes back\n", 40_000)
	if got := ncat("echo", long); got != long {
		t.Errorf("the echo sent %d bytes back of %d", len(got), len(long))
	}
	// ncat ends with its input, and does not wait for datagrams.
	if got, _ := peer(t, "a datagram", "socat", "-t", "2", "-", "UDP:"+p.servers["udp"]); got != "a datagram" {
		t.Errorf("the datagram echo says %q", got)
	}
	if got := ncat("policy", "<policy-file-request/>\x00"); !strings.HasSuffix(got, "</cross-domain-policy>\n\x00") {
		t.Errorf("the policy file is %q", got)
	}
	if got := ncat("chat", "<message>hi</message>\x00"); !strings.Contains(got, `<heard by="0"/>`) {
		t.Errorf("the chat says %q", got)
	}
	if got := ncat("reset", "x"); !strings.Contains(got, "cut off in the mid") || !strings.Contains(got, "reset by peer") {
		t.Errorf("the resetting peer says %q", got)
	}
	if got := ncat("telnet", "ada\r\nx\r\nhelp\r\nbye\r\n", "-t"); !strings.Contains(got, "Welcome, ada.") || !strings.HasSuffix(got, "Goodbye.\r\n") {
		t.Errorf("the Telnet host says %q", got)
	}
	if got := ncat("tls-trusted", "over TLS\n", "--ssl", "--ssl-verify", "--ssl-trustfile", p.file(lab.RootFile), "--ssl-servername", "localhost"); !strings.Contains(got, "over TLS\n") {
		t.Errorf("the TLS server says %q", got)
	}
}

func TestAnInterruptEndsThePracticeServers(t *testing.T) {
	p := startPractice(t)
	if got, status := peer(t, "once", "ncat", "127.0.0.1", strings.TrimPrefix(p.servers["echo"], "127.0.0.1:")); status != 0 || got != "once" {
		t.Errorf("status %d, %q", status, got)
	}
	rest, status := p.stop()
	if status != 0 || len(rest) == 0 || !strings.Contains(rest[len(rest)-1], `"event":"summary","bytesIn":4,"bytesOut":4`) {
		t.Errorf("status %d, and it said %q", status, rest)
	}
	if _, err := os.Stat(p.file(lab.RootFile)); err != nil {
		t.Errorf("a folder that was named is kept: %v", err)
	}
	key, err := os.ReadFile(p.file(lab.ClientKeyFile))
	if err != nil || !bytes.Contains(key, []byte("PRIVATE KEY")) {
		t.Errorf("the client's key: %v", err)
	}
	if st, err := os.Stat(p.file(lab.ClientKeyFile)); err != nil || st.Mode().Perm() != fs.FileMode(0o600) {
		t.Errorf("the client's key: %v, %v", st.Mode(), err)
	}
}
