package cli

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wirebench/sessions/certs/testca"
)

// program finds a program of the system, or ends the test.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("WIREBENCH_NEED_PEERS") == "1" {
			t.Fatalf("%s is not installed", name)
		}
		t.Skipf("%s is not installed", name)
	}
	return path
}

// talker is another program that talks with a server over its standard input and
// output.
type talker struct {
	t     *testing.T
	cmd   *exec.Cmd
	in    io.WriteCloser
	out   *spool // standard error too
	ended chan error
}

func startTalker(t *testing.T, name string, args ...string) *talker {
	t.Helper()
	p := &talker{t: t, cmd: exec.Command(program(t, name), args...), out: newSpool(""), ended: make(chan error, 1)}
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.ended <- p.cmd.Wait() }()
	t.Cleanup(func() {
		p.cmd.Process.Kill()
		<-p.ended
	})
	return p
}

func (p *talker) says(text string) {
	p.t.Helper()
	if _, err := io.WriteString(p.in, text); err != nil {
		p.t.Fatal(err)
	}
}

func (p *talker) hears(text string) {
	p.t.Helper()
	p.out.await(p.t, text, 1)
}

// end waits until the program has ended, and returns its exit status.
func (p *talker) end() int {
	p.t.Helper()
	select {
	case err := <-p.ended:
		p.ended <- err // for the cleanup
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		p.t.Fatalf("%s does not end; it said\n%s", p.cmd, p.out)
	}
	return -1
}

// runs runs a program to its end and returns what it writes to standard output.
func runs(t *testing.T, in io.Reader, name string, args ...string) (out []byte, status int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, program(t, name), args...)
	var errs bytes.Buffer
	cmd.Stdin, cmd.Stderr = in, &errs
	out, err := cmd.Output()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Logf("%s: %v\n%s", cmd, err, errs.Bytes())
	}
	return out, cmd.ProcessState.ExitCode()
}

func TestNcatTalksWithAServer(t *testing.T) {
	s := serve(t, "--json", "--greet", `Connected.\n`, "--echo", "--echo-prefix", "Echo -- ")
	host, port, _ := net.SplitHostPort(s.address)
	p := startTalker(t, "ncat", host, port)
	p.hears("Connected.\n")
	p.says("hello\n")
	p.hears("Echo -- hello\n")
	p.in.Close() // it half-closes
	if status := p.end(); status != 0 {
		t.Errorf("ncat ended with %d", status)
	}
	s.out.await(t, `"by":"peer"`, 1)
	if got := names(s.inOrder()); got != "listening connect close summary" {
		t.Errorf("the events are %s", got)
	}
}

func TestNcatIsClosedInOrderByASignal(t *testing.T) {
	t.Parallel()
	s := serve(t, "--json", "--greet", "hi")
	host, port, _ := net.SplitHostPort(s.address)
	p := startTalker(t, "ncat", host, port)
	p.hears("hi")
	events := s.inOrder()
	p.in.Close()
	if status := p.end(); status != 0 {
		t.Errorf("ncat ended with %d: %s", status, p.out)
	}
	if e := the(t, events, "close"); e["by"] != "local" {
		t.Errorf("%v", e)
	}
}

func TestSocatGetsItsBytesBackFromAServer(t *testing.T) {
	s := serveInto(t, newSpool(`"socketData"`), "--json", "--echo")
	sent := bytes.Repeat([]byte("0123456789abcde\n"), 1<<20/16*4)
	got, status := runs(t, bytes.NewReader(sent), "socat", "-t", "20", "-", "TCP:"+s.address)
	if status != 0 || !bytes.Equal(got, sent) {
		t.Errorf("socat ended with %d and has %d of %d bytes", status, len(got), len(sent))
	}
	s.out.await(t, `"by":"peer"`, 1)
	if sum := last(t, s.inOrder()); sum["bytesIn"] != float64(len(sent)) || sum["bytesOut"] != float64(len(sent)) {
		t.Errorf("summary %v", sum)
	}
}

func TestSocatThatResetsIsTold(t *testing.T) {
	s := serve(t, "--json", "--greet", "hi")
	p := startTalker(t, "socat", "-", "TCP:"+s.address+",linger=0")
	p.hears("hi")
	p.cmd.Process.Kill() // what is not closed in order is reset
	s.out.await(t, `"close"`, 1)
	if e := the(t, s.inOrder(), "close"); e["by"] != "reset" {
		t.Errorf("%v", e)
	}
}

func TestCurlGetsWhatItSaidFromAnEcho(t *testing.T) {
	t.Parallel()
	s := serve(t, "--json", "--echo", "--idle", "3s") // the end is what an answer of HTTP/0.9 needs
	got, status := runs(t, nil, "curl", "-sS", "--http0.9", "http://"+s.address+"/a/b")
	if status != 0 || !bytes.HasPrefix(got, []byte("GET /a/b HTTP/1.1\r\n")) || !bytes.Contains(got, []byte("Host: "+s.address+"\r\n")) {
		t.Errorf("curl ended with %d and got %q", status, got)
	}
	if e := the(t, s.inOrder(), "close"); e["by"] != "local" {
		t.Errorf("%v", e)
	}
}

// canned is a greeting that a client of HTTP takes for the answer.
const canned = `HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nhi\n`

func TestCurlTakesAGreetingForAnAnswer(t *testing.T) {
	s := serve(t, "--json", "--greet", canned)
	for range 3 {
		if got, status := runs(t, nil, "curl", "-sS", "--fail", "http://"+s.address+"/"); status != 0 || string(got) != "hi\n" {
			t.Errorf("curl ended with %d and got %q", status, got)
		}
	}
	s.out.await(t, `"close"`, 3)
	own := of(s.inOrder(), 3)
	if got := bytesOf(t, own, "in", own[0]["remote"].(string)); !bytes.HasPrefix(got, []byte("GET / HTTP/1.1\r\n")) {
		t.Errorf("curl said %q", got)
	}
}

func TestCurlTrustsTheTestCA(t *testing.T) {
	ownState(t)
	root := filepath.Join(t.TempDir(), "root.pem")
	s := serve(t, "--json", "--tls", "--ca-out", root, "--tls-name", "server.example", "--greet", canned, "--alpn", "http/1.1")
	_, port, _ := net.SplitHostPort(s.address)
	for _, host := range []string{"127.0.0.1", "localhost", "server.example"} {
		got, status := runs(t, nil, "curl", "-sS", "--fail", "--cacert", root, "--resolve", host+":"+port+":127.0.0.1", "https://"+net.JoinHostPort(host, port)+"/")
		if status != 0 || string(got) != "hi\n" {
			t.Errorf("as %s curl ended with %d and got %q", host, status, got)
		}
	}
	// Without the root, and for a name that the certificate does not have, curl refuses (60).
	for _, args := range [][]string{
		{"https://127.0.0.1:" + port + "/"},
		{"--cacert", root, "--resolve", "other.example:" + port + ":127.0.0.1", "https://other.example:" + port + "/"},
	} {
		if _, status := runs(t, nil, "curl", append([]string{"-sS"}, args...)...); status != 60 {
			t.Errorf("curl %v ended with %d", args, status)
		}
	}
	s.out.await(t, `"ioError"`, 1) // it says with an alert that it does not know the CA
	events := s.inOrder()
	if own := of(events, 1); names(own) != "connect state close" {
		t.Errorf("the first client's events are %v", own)
	}
}

func TestOpenSSLTrustsTheTestCA(t *testing.T) {
	ownState(t)
	root := filepath.Join(t.TempDir(), "root.pem")
	s := serve(t, "--json", "--tls", "--ca-out", root, "--echo")
	base := []string{"s_client", "-connect", s.address, "-verify_return_error", "-quiet"}
	for _, version := range []string{"-tls1_2", "-tls1_3"} {
		p := startTalker(t, "openssl", append(base, version, "-CAfile", root, "-verify_ip", "127.0.0.1", "-no_ign_eof")...)
		p.says("hello openssl\n")
		p.hears("hello openssl\n")
		p.in.Close()
		if status := p.end(); status != 0 {
			t.Errorf("%s: openssl ended with %d\n%s", version, status, p.out)
		}
	}
	s.out.await(t, `"close"`, 2)
	p := startTalker(t, "openssl", base...)
	if status := p.end(); status == 0 {
		t.Errorf("without the root openssl ended with 0\n%s", p.out)
	}
	s.out.await(t, `"client":3,"error"`, 1)
	p = startTalker(t, "openssl", append(base, "-CAfile", root)...)
	p.says("hello\n")
	p.hears("hello\n")
	events := s.inOrder() // with a close_notify, without which openssl complains
	if status := p.end(); status != 0 || strings.Contains(p.out.String(), "error") {
		t.Errorf("after a signal openssl ended with %d\n%s", status, p.out)
	}
	for client := 1; client <= 2; client++ {
		own := of(events, client)
		if got := bytesOf(t, own, "in", own[0]["remote"].(string)); string(got) != "hello openssl\n" {
			t.Errorf("client %d said %q", client, got)
		}
		if e := own[len(own)-1]; e["by"] != "peer" {
			t.Errorf("client %d ends with %v", client, e)
		}
	}
}

func TestOpenSSLShowsItsClientCertificate(t *testing.T) {
	c := newCA(t)
	leaf, client := c.leaf(t, testca.Spec{}), c.leaf(t, testca.Spec{CommonName: "client of the tests", Usages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	cert, key := c.write(t, "leaf.pem", testca.PEM(leaf)), c.keyFile(t, "leaf.key", leaf)
	own, ownKey := c.write(t, "client.pem", testca.PEM(client)), c.keyFile(t, "client.key", client)
	s := serve(t, "--json", "--tls-cert", cert, "--tls-key", key, "--client-cert", "require", "--client-ca", c.file, "--echo")
	base := []string{"s_client", "-connect", s.address, "-CAfile", c.file, "-verify_return_error", "-quiet"}
	p := startTalker(t, "openssl", append(base, "-cert", own, "-key", ownKey, "-no_ign_eof")...)
	p.says("hello\n")
	p.hears("hello\n")
	p.in.Close()
	if status := p.end(); status != 0 {
		t.Errorf("openssl ended with %d\n%s", status, p.out)
	}
	s.out.await(t, "client certificate CN=client of the tests, verified", 1)
	s.out.await(t, `"close"`, 1)
	p = startTalker(t, "openssl", base...)
	p.hears("certificate required")
	if status := p.end(); status == 0 {
		t.Errorf("without a certificate openssl ended with 0\n%s", p.out)
	}
	s.out.await(t, `"client":2,"error"`, 1)
	if got := names(of(s.inOrder(), 2)); got != "ioError" {
		t.Errorf("the events of the client without a certificate are %s", got)
	}
}

func TestTsharkOpensWhatAServerSaves(t *testing.T) {
	t.Parallel()
	program(t, "tshark")
	save, dir := filepath.Join(t.TempDir(), "saved.pcapng"), t.TempDir()
	s := serve(t, "--json", "--save", save, "--capture-dir", dir, "--greet", "hi ", "--echo")
	const clients = 5
	var remotes []string
	for i := range clients {
		c := s.call()
		c.says(fmt.Sprint("I am ", i))
		c.hears(fmt.Sprint("hi I am ", i))
		remotes = append(remotes, c.LocalAddr().String())
		if i%2 == 0 {
			c.CloseWrite()
			c.hearsTheEnd()
		}
	}
	s.out.await(t, `"close"`, (clients+1)/2)
	s.inOrder()
	segments, _ := filepath.Glob(filepath.Join(dir, "*.pcapng"))
	for _, path := range append(segments, save) {
		out, status := runs(t, nil, "tshark", "-r", path, "-Y", "tcp", "-T", "fields", "-o", "tcp.relative_sequence_numbers:TRUE",
			"-e", "tcp.stream", "-e", "ip.src", "-e", "tcp.srcport", "-e", "tcp.flags.syn", "-e", "tcp.flags.fin", "-e", "tcp.payload", "-e", "tcp.analysis.flags", "-e", "_ws.malformed")
		if status != 0 {
			t.Fatalf("tshark ended with %d", status)
		}
		said, streams, ends := map[string]string{}, map[string]string{}, map[string]int{}
		for line := range strings.Lines(string(out)) {
			f := strings.Split(strings.TrimRight(line, "\n"), "\t")
			if len(f) != 8 || f[6] != "" || f[7] != "" {
				t.Fatalf("tshark shows %q", line)
			}
			from := f[1] + ":" + f[2]
			payload, err := hex.DecodeString(f[5])
			if err != nil {
				t.Fatal(err)
			}
			said[f[0]+" "+from] += string(payload)
			if from != s.address {
				streams[from] = f[0]
			}
			if f[4] == "True" || f[4] == "1" {
				ends[f[0]]++
			}
		}
		if len(said) != 2*clients || len(streams) != clients {
			t.Errorf("%s: %d streams of %d clients", path, len(said)/2, len(streams))
		}
		for i, remote := range remotes {
			stream := streams[remote]
			if in, out := said[stream+" "+remote], said[stream+" "+s.address]; in != fmt.Sprint("I am ", i) || out != fmt.Sprint("hi I am ", i) {
				t.Errorf("%s: stream %s of %s is %q and %q", path, stream, remote, in, out)
			}
			if want := 2 - i%2; ends[stream] != want { // the others were closed by us, and said nothing to it
				t.Errorf("%s: stream %s has %d FINs, want %d", path, stream, ends[stream], want)
			}
		}
	}
}
