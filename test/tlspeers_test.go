//go:build e2e && linux

package test

import (
	"crypto/tls"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"wirebench/sessions/certs/testca"
	"wirebench/sessions/certs/testca/opensslserver"
)

// opensslServer starts openssl s_server with a chain, leaf first, and returns its address. It sends back each line
// reversed (-rev), which shows that the application data of both directions went through it.
func opensslServer(t *testing.T, chain []*testca.Cert, args ...string) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name string, data []byte, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	key, err := chain[0].KeyPEM()
	args = append([]string{"s_server", "-accept", "127.0.0.1:0", "-rev", "-cipher", "DEFAULT:@SECLEVEL=0",
		"-cert", write("leaf.pem", testca.PEM(chain[0]), nil), "-key", write("key.pem", key, err)}, args...)
	if len(chain) > 1 {
		args = append(args, "-cert_chain", write("chain.pem", testca.PEM(chain[1:]...), nil))
	}
	cmd := exec.Command("openssl", args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return opensslserver.Start(t, cmd)
}

// goServer serves a chain that openssl would not load, and echoes.
func goServer(t *testing.T, cert tls.Certificate) string {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}})
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, l, func(c net.Conn) { io.Copy(c, c) })
}

// plainServer answers each connection as handle does.
func plainServer(t *testing.T, handle func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, l, handle)
}

func serve(t *testing.T, l net.Listener, handle func(net.Conn)) string {
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { c.Close() })
			go func() {
				defer c.Close()
				handle(c)
			}()
		}
	}()
	return l.Addr().String()
}
