package sessions

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

func init() { holderTime = patience } // a busy machine has no time to look everywhere in less

func TestTheBacklogIsTheSockets(t *testing.T) {
	if _, err := exec.LookPath("ss"); err != nil {
		t.Skip("ss, which shows it, is not installed")
	}
	most := 4096
	if b, err := os.ReadFile("/proc/sys/net/core/somaxconn"); err == nil {
		most, _ = strconv.Atoi(strings.TrimSpace(string(b)))
	}
	for _, c := range []struct{ backlog, want int }{{0, most}, {1, 1}, {7, min(7, most)}, {65535, min(65535, most)}} {
		for _, host := range []string{"127.0.0.1", everyAddress} {
			ln, err := listen(t.Context(), host, 0, c.backlog, 0, nil)
			if err != nil {
				t.Fatal(err)
			}
			port := addrPort(ln.Addr()).Port()
			out, err := exec.CommandContext(t.Context(), "ss", "-ltnH", "sport", "=", fmt.Sprintf(":%d", port)).Output()
			_ = ln.Close()
			if err != nil {
				t.Fatal(err)
			}
			// State, Recv-Q, Send-Q: for a listener the last is its backlog.
			field := strings.Fields(string(out))
			if len(field) < 4 || field[2] != strconv.Itoa(c.want) {
				t.Errorf("a backlog of %d on %s is shown as %q; want %d", c.backlog, host, out, c.want)
			}
		}
	}
}

func TestThisProgramIsNamedWhenItHasThePort(t *testing.T) {
	for _, c := range []struct{ has, wants string }{
		{"127.0.0.1:0", "127.0.0.1"}, {"127.0.0.1:0", "*"}, {"127.0.0.1:0", "0.0.0.0"},
		{"*:0", "*"}, {"*:0", "127.0.0.1"}, {"*:0", "::"}, {"[::1]:0", "::1"}, {"[::1]:0", "*"}, {"[::]:0", "::1"},
	} {
		if strings.Contains(c.has+c.wants, "::") && !hasIPv6(t) {
			continue
		}
		_, port := listener(t, c.has, nil)
		err := cannotListen(t, joinHostPort(c.wants, port), nil)
		want := fmt.Sprintf("port %d is in use by Wirebench itself (stop that listener, or choose another port; 0 is any that is free)", port)
		if !strings.HasSuffix(err.Error(), ": "+want) {
			t.Errorf("%s is held: %v\nwant %s", c.has, err, want)
		}
	}
}

func TestAnotherProgramIsNamedWhenItHasThePort(t *testing.T) {
	const mark = "WIREBENCH_TEST_LISTENER"
	if os.Getenv(mark) != "" {
		ln, _ := listener(t, "127.0.0.1:0", nil)
		fmt.Println("PORT", addrPort(ln.Addr()).Port())
		_, _ = os.Stdin.Read(make([]byte, 1)) // until the parent ends it
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), self, "-test.run=^"+t.Name()+"$")
	c.Env = append(os.Environ(), mark+"=1")
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = in.Close()
		_ = c.Wait()
	}()
	port := uint16(0)
	for lines := bufio.NewScanner(out); port == 0 && lines.Scan(); {
		_, _ = fmt.Sscanf(lines.Text(), "PORT %d", &port)
	}
	if port == 0 {
		t.Fatal("the other program does not listen")
	}
	name := filepath.Base(self)
	name = name[:min(len(name), 15)] // what Linux keeps of it
	want := fmt.Sprintf("port %d is in use by %s, process %d (end it, or choose another port; 0 is any that is free)", port, name, c.Process.Pid)
	for _, host := range []string{"127.0.0.1", "*", "0.0.0.0"} {
		began := time.Now()
		if err := cannotListen(t, joinHostPort(host, port), nil); !strings.HasSuffix(err.Error(), ": "+want) {
			t.Errorf("got  %v\nwant %s", err, want)
		}
		t.Logf("found in %v", time.Since(began))
	}
}

func TestAddressesOfTheKernelsTablesAreRead(t *testing.T) {
	// As /proc/net/tcp and tcp6 of a little-endian machine have them.
	for _, c := range []struct{ in, want string }{
		{"0100007F:1F97", "127.0.0.1:8087"},
		{"00000000:0016", "0.0.0.0:22"},
		{"00000000000000000000000001000000:1F97", "[::1]:8087"},
		{"000080FE00000000FF00FC02010000FE:1F97", "[fe80::2fc:ff:fe00:1]:8087"},
		{"0000000000000000FFFF00000100007F:1F97", "[::ffff:127.0.0.1]:8087"},
	} {
		got, err := parseProcAddr(c.in)
		if want := netip.MustParseAddrPort(c.want); littleEndian() && (err != nil || got != want) {
			t.Errorf("%s is %v, %v; want %v", c.in, got, err, want)
		}
	}
	for _, in := range []string{"", ":", "0100007F", "0100007F:", "0100007F:10000", "01:1F97", "xx00007F:1F97", "0100007F0100007F:1F97"} {
		if got, err := parseProcAddr(in); err == nil {
			t.Errorf("%q is %v", in, got)
		}
	}
}

func littleEndian() bool { return binary.NativeEndian.Uint16([]byte{1, 0}) == 1 }
