//go:build e2e && linux

package test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// said is what one run of the command line came to.
type said struct {
	status         int
	stdout, stderr string
}

func command(t *testing.T, args ...string) said {
	t.Helper()
	path, err := theCommand()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	home := t.TempDir()
	cmd.Env = []string{"PATH=/nonexistent", "HOME=" + home, "LANG=C.UTF-8"} // no display, no configuration
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return said{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

type event struct {
	Event     string
	Direction string
	Data      string
	By        string
	Error     string
	Status    any
	BytesIn   int64
	BytesOut  int64
}

func events(t *testing.T, stdout string) []event {
	t.Helper()
	var all []event
	for lines := bufio.NewScanner(strings.NewReader(stdout)); lines.Scan(); {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatalf("a line of --json is no JSON: %v\n%s", err, lines.Text())
		}
		all = append(all, e)
	}
	if len(all) == 0 || all[len(all)-1].Event != "summary" {
		t.Fatalf("--json does not end with a summary:\n%s", stdout)
	}
	return all
}

func TestHeadlessCommandTalksToARealPeer(t *testing.T) {
	echo, _ := socatEcho(t)
	saved := filepath.Join(t.TempDir(), "saved.pcapng")
	got := command(t, "tcp", echo, "--send", `one\r\n`, "--send-hex", "00 ff", "--expect-hex", "0d0a00ff", "--json", "--save", saved)
	if got.status != 0 {
		t.Fatalf("status %d, stderr:\n%s", got.status, got.stderr)
	}
	want := "one\r\n\x00\xff"
	streams := map[string]string{}
	all := events(t, got.stdout)
	for _, e := range all {
		if e.Event == "socketData" {
			data, err := base64.StdEncoding.DecodeString(e.Data)
			if err != nil {
				t.Fatal(err)
			}
			streams[e.Direction] += string(data)
		}
	}
	if streams["in"] != want || streams["out"] != want {
		t.Errorf("in %q, out %q, want %q both ways", streams["in"], streams["out"], want)
	}
	if sum := all[len(all)-1]; sum.BytesIn != int64(len(want)) || sum.BytesOut != int64(len(want)) {
		t.Errorf("the summary counts %d in and %d out, want %d", sum.BytesIn, sum.BytesOut, len(want))
	}
	var onDisk traffic
	if err := readPackets(saved, onDisk.add); err != nil {
		t.Fatal(err)
	}
	if string(onDisk.in) != want || string(onDisk.out) != want {
		t.Errorf("the saved capture holds %s", onDisk)
	}
	// Wireshark's reader must find the same bytes.
	fields := string(output(t, "tshark", "-r", saved, "-Y", "tcp.len > 0", "-T", "fields", "-e", "tcp.payload"))
	if joined := strings.ReplaceAll(fields, "\n", ""); len(joined) != 4*len(want) {
		t.Errorf("tshark finds the payload %q, want %d bytes each way", joined, len(want))
	}
}

func TestHeadlessCommandSaysHowItWentByItsStatus(t *testing.T) {
	echo, _ := socatEcho(t)
	for _, c := range []struct {
		name   string
		args   []string
		status int
		stderr string
	}{
		{"an expectation that is met", []string{"tcp", echo, "--send", "ping", "--expect", "ping"}, 0, ""},
		{"an expectation that is not met", []string{"tcp", echo, "--send", "ping", "--expect", "pong", "--duration", "300ms"}, 1, "pong"},
		{"a peer that is not there", []string{"tcp", deadAddress(t)}, 1, "refused"},
		{"a name that nobody has", []string{"tcp", "no-such-host.invalid:7"}, 1, "no-such-host.invalid"},
		{"an address without a port", []string{"tcp", "127.0.0.1"}, 2, "port"},
		{"a flag that does not exist", []string{"tcp", echo, "--no-such-flag"}, 2, "no-such-flag"},
		{"hex that is no hex", []string{"tcp", echo, "--send-hex", "0g"}, 2, "g"},
		{"a command that does not exist", []string{"telepathy"}, 2, "telepathy"},
		{"the version", []string{"--version"}, 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := command(t, c.args...)
			if got.status != c.status || !strings.Contains(got.stderr, c.stderr) {
				t.Errorf("status %d, want %d; stderr, which must hold %q:\n%s", got.status, c.status, c.stderr, got.stderr)
			}
		})
	}
}

func TestHeadlessCommandInspectsAndExports(t *testing.T) {
	echo, _ := socatEcho(t)
	saved := filepath.Join(t.TempDir(), "saved.pcapng")
	if got := command(t, "tcp", echo, "--send", "abc", "--expect", "abc", "--save", saved); got.status != 0 {
		t.Fatalf("status %d, stderr:\n%s", got.status, got.stderr)
	}
	if got := command(t, "export", saved, "--as", "raw-in"); got.status != 0 || got.stdout != "abc" {
		t.Errorf("export of what came in: status %d, %q\n%s", got.status, got.stdout, got.stderr)
	}
	if got := command(t, "export", saved, "--as", "hexdump"); got.status != 0 || !strings.Contains(got.stdout, "61 62 63") {
		t.Errorf("export as a hex dump: status %d, %q\n%s", got.status, got.stdout, got.stderr)
	}
}
