package cli

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"
)

// child is the program in a process of its own.
type child struct {
	*exec.Cmd
	address   string
	out, errs *spool
	ended     chan error
}

// spawn starts a server in a process of its own and waits until it listens.
// launch comes before the program, and may be empty.
func spawn(t *testing.T, out *spool, launch []string, args ...string) *child {
	t.Helper()
	all := slices.Concat(launch, []string{os.Args[0], "server", "127.0.0.1:0"}, args)
	c := &child{Cmd: exec.Command(all[0], all[1:]...), out: out, errs: newSpool(""), ended: make(chan error, 1)}
	c.Env = append(os.Environ(), "WIREBENCH_TEST_MAIN=1")
	c.Stderr = c.errs
	pipe, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		for r := bufio.NewReaderSize(pipe, 1<<20); ; {
			line, err := r.ReadBytes('\n')
			c.out.Write(line)
			if err != nil {
				c.ended <- c.Wait()
				return
			}
		}
	}()
	t.Cleanup(func() {
		c.Process.Kill()
		<-c.ended
	})
	out.await(t, "listening", 1)
	c.address = listensOn.FindStringSubmatch(out.String())[1]
	return c
}

// end waits until the process has ended.
func (c *child) end(t *testing.T) {
	t.Helper()
	select {
	case err := <-c.ended:
		c.ended <- nil // for the cleanup
		if err != nil {
			t.Errorf("it ended with %v; stderr %q", err, c.errs)
		}
	case <-time.After(patience):
		t.Fatal("it does not end")
	}
}

// raced reports whether the race detector is in this program, which makes it slow
// and large.
func raced() bool {
	info, _ := debug.ReadBuildInfo()
	return info != nil && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// residentMost is the most memory that a process has had, in bytes; 0 when that is
// not known.
func residentMost(pid int) int64 {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	var kib int64
	if _, line, ok := strings.Cut(string(status), "VmHWM:"); ok {
		fmt.Sscan(line, &kib)
	}
	return kib << 10
}
