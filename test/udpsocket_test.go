//go:build e2e && linux

package test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// datagram is one that the command line told of.
type datagram struct {
	direction, peer, payload string
}

// socket is `wirebench udp --json` as a process, which talks with other programs.
type socket struct {
	*testing.T
	cmd     *exec.Cmd
	address string
	port    string
	errs    bytes.Buffer

	mu        sync.Mutex
	datagrams []datagram
	summary   map[string]any
	drained   chan struct{}
}

// openSocket starts it and waits until it is bound.
func openSocket(t *testing.T, args ...string) *socket {
	t.Helper()
	path, err := theCommand()
	if err != nil {
		t.Fatal(err)
	}
	s := &socket{T: t, cmd: exec.Command(path, append([]string{"udp", "--json"}, args...)...), drained: make(chan struct{})}
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	s.cmd.Stderr = &s.errs
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	listening := make(chan string, 1)
	go func() {
		defer close(s.drained)
		lines := bufio.NewScanner(out)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			s.told(lines.Bytes(), listening)
		}
	}()
	t.Cleanup(func() {
		s.cmd.Process.Kill()
		<-s.drained
		s.cmd.Wait()
	})
	select {
	case s.address = <-listening:
	case <-s.drained:
		t.Fatalf("it ended at once: %s", s.errs.String())
	case <-time.After(patience):
		t.Fatal("it is not bound")
	}
	if _, s.port, err = net.SplitHostPort(s.address); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *socket) told(line []byte, listening chan<- string) {
	var e map[string]any
	if err := json.Unmarshal(line, &e); err != nil {
		s.Errorf("a line of --json is no JSON: %v: %s", err, line)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e["event"] {
	case "listening":
		listening <- e["local"].(string)
	case "socketData":
		p, _ := base64.StdEncoding.DecodeString(e["data"].(string))
		if e["length"] != float64(len(p)) {
			s.Errorf("length %v, and %d bytes", e["length"], len(p))
		}
		s.datagrams = append(s.datagrams, datagram{e["direction"].(string), e["peer"].(string), string(p)})
	case "summary":
		s.summary = e
	}
}

// payloads are those of one direction.
func (s *socket) payloads(direction string) (all []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.datagrams {
		if d.direction == direction {
			all = append(all, d.payload)
		}
	}
	return all
}

// await waits until so many datagrams have come in.
func (s *socket) await(n int) {
	s.Helper()
	await(s.T, fmt.Sprintf("%d datagrams", n), func() bool { return len(s.payloads("in")) >= n })
}

// end ends it with SIGTERM and expects that nothing was wrong.
func (s *socket) end() map[string]any {
	s.Helper()
	s.cmd.Process.Signal(syscall.SIGTERM)
	return s.over()
}

// over waits until it has ended by itself, and expects that nothing was wrong.
func (s *socket) over() map[string]any {
	s.Helper()
	select {
	case <-s.drained:
	case <-time.After(patience):
		s.Fatal("it does not end")
	}
	if err := s.cmd.Wait(); err != nil {
		s.Errorf("it ended with %v: %s", err, s.errs.String())
	}
	if s.summary == nil {
		s.Fatal("there is no summary")
	}
	return s.summary
}

// await waits for what takes milliseconds.
func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// datagramPeer starts a program that binds a port, and waits until it has.
func datagramPeer(t *testing.T, port, name string, args ...string) *client {
	t.Helper()
	c := startClient(t, name, args...)
	var n int
	fmt.Sscan(port, &n)
	await(t, name+" to bind its port", func() bool {
		for _, table := range []string{"/proc/net/udp", "/proc/net/udp6"} {
			text, _ := os.ReadFile(table)
			for line := range strings.Lines(string(text)) {
				if f := strings.Fields(line); len(f) > 1 && strings.HasSuffix(f[1], fmt.Sprintf(":%04X", n)) {
					return true
				}
			}
		}
		if c.gone() {
			t.Fatalf("%s ended at once", name)
		}
		return false
	})
	return c
}

// says writes to a program's standard input.
func (c *client) says(t *testing.T, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
}
