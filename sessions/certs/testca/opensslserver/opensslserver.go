// Package opensslserver runs openssl s_server for tests, as a peer that shares no code with the program.
package opensslserver

import (
	"bufio"
	"bytes"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// patience is how long the server may take to listen.
const patience = time.Minute

// Start starts cmd, which is an openssl s_server that says where it listens: without -quiet, and as a rule with
// "-accept 127.0.0.1:0". It returns that address; the end of the test kills the server and waits for it. Standard
// output and standard error of cmd are taken.
func Start(tb testing.TB, cmd *exec.Cmd) (address string) {
	tb.Helper()
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	found, drained := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(drained)
		for s := bufio.NewScanner(out); s.Scan(); {
			if at, ok := strings.CutPrefix(s.Text(), "ACCEPT "); ok {
				select {
				case found <- at:
				default: // it says so again after each connection
				}
			}
		}
	}()
	tb.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended by itself
		<-drained
		_ = cmd.Wait()
	})
	select {
	case at := <-found:
		return at
	case <-drained:
		_ = cmd.Wait()
		tb.Fatalf("openssl s_server ended: %s", complaint.String())
	case <-time.After(patience):
		tb.Fatal("openssl s_server does not listen")
	}
	return ""
}
