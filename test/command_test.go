//go:build e2e && linux

package test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"
)

// running is the command line with --json as a process, and what it has told so far.
type running struct {
	*testing.T
	cmd     *exec.Cmd
	errs    bytes.Buffer
	drained chan struct{}

	mu  sync.Mutex
	all []map[string]any
}

// startCommand starts it for the time of the test.
func startCommand(t *testing.T, args ...string) *running {
	t.Helper()
	path, err := theCommand()
	if err != nil {
		t.Fatal(err)
	}
	r := &running{T: t, cmd: exec.Command(path, args...), drained: make(chan struct{})}
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	r.cmd.Stderr = &r.errs
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(r.drained)
		lines := bufio.NewScanner(out)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var e map[string]any
			if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
				t.Errorf("a line of --json is no JSON: %v: %s", err, lines.Bytes())
				continue
			}
			r.mu.Lock()
			r.all = append(r.all, e)
			r.mu.Unlock()
		}
	}()
	t.Cleanup(func() {
		r.cmd.Process.Kill()
		<-r.drained
		r.cmd.Wait()
	})
	return r
}

// events are those that were told so far.
func (r *running) events() []map[string]any {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]map[string]any(nil), r.all...)
}

// listening waits until it does, and says where.
func (r *running) listening() (address string) {
	r.Helper()
	await(r.T, "it to listen", func() bool {
		for _, e := range r.events() {
			if e["event"] == "listening" {
				address = e["local"].(string)
			}
		}
		return address != ""
	})
	return address
}

// end ends it with SIGTERM and expects that nothing was wrong.
func (r *running) end() []map[string]any {
	r.Helper()
	r.cmd.Process.Signal(syscall.SIGTERM)
	return r.over(0)
}

// over waits until it has ended by itself, with a status, and returns all it told.
func (r *running) over(status int) []map[string]any {
	r.Helper()
	select {
	case <-r.drained:
	case <-time.After(patience):
		r.Fatal("it does not end")
	}
	r.cmd.Wait() // its status is looked at below
	if got := r.cmd.ProcessState.ExitCode(); got != status {
		r.Errorf("it ended with status %d, want %d: %s", got, status, r.errs.String())
	}
	all := r.events()
	if len(all) == 0 || all[len(all)-1]["event"] != "summary" {
		r.Fatalf("there is no summary: %v", all)
	}
	return all
}
