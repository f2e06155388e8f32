package telnet

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// login is what telnetd runs in place of the system's, which only root may. It knows one person and a few
// commands, and so is no shell for whoever else finds the port.
const login = `#!/bin/sh
printf 'login: '; read -r name
stty -echo; printf 'Password: '; read -r word; stty echo; echo
[ "$name/$word" = ann/secret ] || { echo 'Login incorrect'; exit 1; }
echo "Welcome, $name"
trap 'stop=yes' INT
while printf '$ '; read -r line; do
	case $line in
	term) echo "$TERM" ;;
	size) stty size ;;
	bytes) printf 'a\377b\033[1mc\n' ;;
	busy) stop=; echo working; while [ -z "$stop" ]; do sleep 0.05; done; echo interrupted ;;
	exit) exit ;;
	esac
done
`

// telnetd starts the telnetd of GNU inetutils for one connection, as inetd would, and gives this side of it.
// Nobody else gets at it: some versions let anybody in. test/setup.sh puts it under build/ where it is Debian's.
func telnetd(t *testing.T) *net.TCPConn {
	t.Helper()
	path := ""
	for _, name := range []string{"../../build/peers/usr/sbin/telnetd", "telnetd", "/usr/sbin/telnetd", "/usr/libexec/telnetd"} {
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
	script := filepath.Join(t.TempDir(), "login")
	if err := os.WriteFile(script, []byte(login), 0o700); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	here, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	there, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer there.Close()
	f, err := there.(*net.TCPConn).File()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	cmd := exec.Command(path, "-h", "-E", script)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = f, f, f
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		here.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return here.(*net.TCPConn)
}

// terminal is a person at a keyboard.
type terminal struct {
	t        *testing.T
	conn     *net.TCPConn
	parser   Parser
	text     Text
	answer   *Negotiator
	screen   []string // lines
	commands []string // of the server, described
}

// sees reads until the screen, with the line that is not ended, ends in want.
func (w *terminal) sees(want string) {
	w.t.Helper()
	w.reads(want, func() bool { return strings.HasSuffix(w.shown(), want) })
}

func (w *terminal) shown() string { return strings.Join(append(w.screen, w.text.Line().Text), "\n") }

func (w *terminal) reads(what string, until func() bool) {
	w.t.Helper()
	if err := w.conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		w.t.Fatal(err)
	}
	buf := make([]byte, 4096)
	for !until() {
		n, err := w.conn.Read(buf)
		w.parser.Feed(buf[:n], func(e Event) {
			if e.Kind == Data {
				w.text.Feed(e.Bytes, func(l Line) { w.screen = append(w.screen, l.Text) })
				return
			}
			w.commands = append(w.commands, Describe(Server, e))
			w.sends(w.answer.Receive(e).Bytes)
		})
		if err != nil && !until() {
			w.t.Fatalf("waiting for %q: %v; the screen is\n%s\nand the commands\n%s", what, err, w.shown(), strings.Join(w.commands, "\n"))
		}
	}
}

func (w *terminal) sends(b []byte) {
	w.t.Helper()
	if _, err := w.conn.Write(b); err != nil {
		w.t.Fatal(err)
	}
}

func (w *terminal) types(line string) { w.t.Helper(); w.sends(Encode(nil, []byte(line+"\n"))) }

func TestAPersonLogsInToTelnetd(t *testing.T) {
	w := &terminal{t: t, conn: telnetd(t), answer: NewNegotiator(DefaultConfig())}
	if err := InlineUrgent(w.conn); err != nil {
		t.Fatal(err)
	}
	w.sees("login: ")
	if w.answer.Them(Echo) != Yes || w.answer.Them(SuppressGoAhead) != Yes || w.answer.Us(NAWS) != Yes || w.answer.Us(TerminalType) != Yes || w.answer.Us(34) != No {
		t.Errorf("negotiated:\n%s", strings.Join(w.commands, "\n"))
	}
	w.types("ann")
	w.sees("\nPassword: ")
	w.types("secret")
	w.sees("\nWelcome, ann\n$ ")
	if strings.Contains(w.shown(), "secret") {
		t.Errorf("the password is shown:\n%s", w.shown())
	}
	w.types("term")
	w.sees("$ term\ndumb\n$ ")
	w.types("size")
	w.sees("$ size\n24 80\n$ ")
	w.sends(w.answer.Resize(100, 40))
	w.types("size")
	w.sees("$ size\n40 100\n$ ")
	w.types("bytes")
	w.sees("$ bytes\na\xffbc\n$ ")
	if c := w.text.Counts(); len(c) != 1 || c[0] != (Count{"colours and style (SGR)", 1}) {
		t.Errorf("counted %v", c)
	}

	w.types("busy")
	w.sees("$ busy\nworking\n")
	w.sends(Functions()[0].Bytes())
	w.reads("a synch", func() bool { return strings.Contains(w.shown(), "interrupted\n$ ") })
	if last := w.commands[len(w.commands)-1]; last != "server DM" || strings.Contains(w.shown(), "\xf2") {
		t.Errorf("the last command is %q; the screen is\n%q", last, w.shown())
	}
	w.sends([]byte{byte(IAC), byte(AYT)})
	w.sees("[Yes]\n")
	if err := SendSynch(w.conn); err != nil {
		t.Fatal(err)
	}
	w.types("size") // what came before the data mark is thrown away, and this is behind it
	w.sees("\nsize\n40 100\n$ ")

	w.types("exit")
	_, err := io.Copy(io.Discard, w.conn) // until the deadline of the last read
	var late net.Error
	if errors.As(err, &late) && late.Timeout() {
		t.Errorf("telnetd has not hung up: %v", err)
	}
}
