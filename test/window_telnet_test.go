//go:build e2e && linux

package test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// telnetLogin is what telnetd runs in place of the system's login. It knows one person and a few commands, and so is no
// shell for whoever else finds the port.
const telnetLogin = `#!/bin/sh
printf 'login: '; read -r name
stty -echo; printf 'Password: '; read -r word; stty echo; echo
[ "$name/$word" = ann/secret ] || { echo 'Login incorrect'; exit 1; }
echo "Welcome to arena, $name"
trap 'stop=yes' INT
while printf 'arena$ '; read -r line; do
	case $line in
	players) printf 'player   score\n\033[1mada\033[0m      1,204\ngrace      987\nlinus       12\n' ;;
	term) echo "$TERM" ;;
	size) stty size ;;
	simulate) stop=; echo simulating; while [ -z "$stop" ]; do sleep 0.05; done; echo interrupted ;;
	exit) exit ;;
	'') ;;
	*) echo "$line: no such command" ;;
	esac
done
`

// telnetServer serves the telnetd of GNU inetutils with that login, and returns its address.
func telnetServer(t *testing.T) string {
	t.Helper()
	path := ""
	for _, name := range []string{"../build/peers/usr/sbin/telnetd", "/usr/sbin/telnetd", "/usr/libexec/telnetd"} {
		if version, _ := exec.Command(name, "--version").Output(); bytes.Contains(version, []byte("inetutils")) {
			path = name
			break
		}
	}
	if path == "" {
		if _, err := exec.LookPath("apt-get"); err == nil && os.Getenv("WIREBENCH_NEED_PEERS") == "1" {
			t.Fatal("the telnetd of GNU inetutils is not there; run test/setup.sh test")
		}
		t.Skip("the telnetd of GNU inetutils is not installed")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(t.TempDir(), "login")
	if err := os.WriteFile(script, []byte(telnetLogin), 0o700); err != nil {
		t.Fatal(err)
	}
	// Without nofork socat would stand between and lose what is urgent.
	address, _ := socatServer(t, "EXEC:"+path+" -h -E "+script+",nofork")
	return address
}

// line types a line into the terminal and sends it.
func (w *window) line(text string) {
	w.Helper()
	w.key("ctrl+alt+y")
	w.typeText(text)
	w.key("Return")
}

// reads waits until what came in ends like this.
func (w *window) reads(end string) traffic {
	w.Helper()
	return w.captured("the server to say "+end, func(c traffic) bool { return bytes.HasSuffix(c.in, []byte(end)) })
}

// terminal copies what the terminal shows, once it ends like this.
func (w *window) terminal(end string) (text string) {
	w.Helper()
	w.until("the terminal to show "+end, func() bool {
		text = w.copiedBy(func() { w.action("Copy the terminal") })
		return strings.HasSuffix(text, end)
	})
	return text
}

// logIn logs in to [telnetServer] in a tab that speaks Telnet, and runs a command there.
func (w *window) logIn(address string) {
	w.Helper()
	w.key("ctrl+t", "ctrl+shift+y")
	w.connect(address)
	w.reads("login: ")
	w.line("ann")
	w.reads("Password: ")
	w.line("secret")
	w.reads("arena$ ")
	w.line("players")
	w.reads("12\r\narena$ ")
}

// TestWindowLogsInToTelnetd logs in to a real Telnet server in the window's terminal, runs commands there, interrupts
// one by the menu of control functions, and leaves.
func TestWindowLogsInToTelnetd(t *testing.T) {
	address := telnetServer(t)
	w := openWindow(t)
	w.logIn(address)
	if got, want := w.terminal("12\narena$ \n"), "login: ann\nPassword: \nWelcome to arena, ann\narena$ players\nplayer   score\nada      1,204\ngrace      987\nlinus       12\narena$ \n"; got != want {
		t.Errorf("the terminal shows\n%s\nwant\n%s", got, want)
	}
	w.picture("telnet-01-logged-in")
	w.line("size")
	w.reads("24 80\r\narena$ ")

	w.line("simulate")
	w.reads("simulating\r\n")
	w.control(1, "telnet-02-control-functions")
	got := w.reads("interrupted\r\narena$ ")
	if !bytes.HasSuffix(got.out, []byte("\xff\xf4")) || !bytes.Contains(got.in, []byte("\xff\xf2")) {
		t.Errorf("an interrupt is % x, and answered by % x", tail(got.out), tail(got.in))
	}
	if !strings.HasSuffix(w.terminal("interrupted\narena$ \n"), "arena$ simulate\nsimulating\n^Cinterrupted\narena$ \n") {
		t.Errorf("the terminal shows\n%s", w.terminal("\n"))
	}
	w.action("Telnet: Are you there?")
	w.reads("[Yes]\r\n")
	w.control(9, "") // a synch
	got = w.captured("the synch", func(c traffic) bool { return bytes.HasSuffix(c.out, []byte("\xff\xf6\xff\xf2")) })
	w.captured("the synch in words", func(c traffic) bool { return c.said("client SYNCH", "urgent") })
	w.line("term")
	w.reads("dumb\r\narena$ ")
	w.picture("telnet-03-interrupted")

	w.line("exit")
	w.captured("the server to hang up", func(c traffic) bool { return c.count("FIN in") == 1 })
	rows := strings.Join(w.listed(), "\n")
	for _, words := range []string{"Telnet: server DO TTYPE: WILL TTYPE", "Telnet: server WILL ECHO", "Telnet: server DM"} {
		if !strings.Contains(rows, words) {
			t.Errorf("%q does not stand among\n%s", words, rows)
		}
	}
	w.action("Panels: Bytes")
	w.action("Panels: Composer")
	w.action("Panels: Inspector")
	w.key("F6", "Home")
	w.picture("telnet-04-negotiation")
}

// control chooses from the menu of control functions.
func (w *window) control(n int, picture string) {
	w.Helper()
	w.key("ctrl+alt+y", "Tab", "Tab", "space") // from the line over its button to that of the menu
	w.settle()
	for range n {
		w.key("Down")
	}
	if picture != "" {
		w.picture(picture)
	}
	w.key("Return")
}

// tail is the end of what may be long.
func tail(p []byte) []byte { return p[max(0, len(p)-40):] }
