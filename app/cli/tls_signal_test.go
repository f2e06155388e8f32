package cli

import (
	"bytes"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"wirebench/sessions/certs/testca"
)

func TestASignalEndsAHandshakeThatStalls(t *testing.T) {
	began := make(chan struct{})
	var once sync.Once
	address := peer(t, func(c net.Conn) {
		c.Read(make([]byte, 1)) // the beginning of the ClientHello
		once.Do(func() { close(began) })
		io.Copy(io.Discard, c)
	})
	var out bytes.Buffer
	status, errs := signalled(t, streams{out: &out}, began, "tls", address, "--json")
	if status != 1 || !strings.Contains(errs, "ended before") {
		t.Errorf("status %d, stderr %q", status, errs)
	}
	if s := last(t, lines(t, out.String())); s["status"] != 1.0 {
		t.Errorf("summary %v", s)
	}
}

func TestASignalEndsATLSRunInOrder(t *testing.T) {
	c := newCA(t)
	began := make(chan struct{})
	ended := make(chan error, 1)
	var once sync.Once
	address := tlsPeer(t, serving(c.leaf(t, testca.Spec{})), func(c net.Conn) {
		io.ReadFull(c, make([]byte, 1))
		once.Do(func() { close(began) })
		_, err := io.Copy(io.Discard, c) // nil after a close_notify, an error when the connection is cut
		ended <- err
	})
	var out bytes.Buffer
	status, errs := signalled(t, streams{out: &out}, began, "tls", address, "--json", "--ca", c.file, "--send", "x", "--wait", "1h", "--resumption")
	if status != 0 || errs != "" {
		t.Errorf("status %d, stderr %q", status, errs)
	}
	events := lines(t, out.String())
	if got := names(events); got != "certificate connect close summary" {
		t.Errorf("the events are %s", got)
	}
	if err := <-ended; err != nil {
		t.Errorf("the peer saw %v, not an end in order", err)
	}
}

func TestASignalEndsCertsWhileItWaitsForAFile(t *testing.T) {
	in, path := fifo(t)
	var out bytes.Buffer
	status, errs := signalled(t, streams{out: &out}, in, "certs", path, "--json")
	if status != 1 || !strings.Contains(errs, "ended after 0 of 1 files") {
		t.Errorf("status %d, stderr %q", status, errs)
	}
	if s := last(t, lines(t, out.String())); s["status"] != 1.0 {
		t.Errorf("summary %v", s)
	}
}
