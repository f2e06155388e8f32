package sessions

import (
	"context"
	"fmt"
	"io"
	"net"
	"runtime"
	"slices"
	"strings"
	"testing"

	"wirebench/sessions/capture"
	"wirebench/sessions/telnet"
)

// talking is a client that speaks Telnet, and the other end of its connection.
func talking(t *testing.T) (*TelnetTalk, *TCPSession, *watch, net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	w := newWatch(nil)
	talk := NewTelnetTalk(w)
	c := DefaultTCP()
	c.Address = l.Addr().String()
	s, err := NewTCP(c, Options{Observer: talk, Capture: capture.Options{Dir: t.TempDir()}})
	if err != nil {
		t.Fatal(err)
	}
	talk.Bind(s)
	talk.SetOn(true)
	t.Cleanup(func() {
		_ = s.Close()
		talk.Close()
		_ = s.Traffic().Release()
	})
	if err := s.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	there, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { there.Close() })
	w.await(t, "the connection", func(e Event) bool { return e.Name == EventConnect })
	return talk, s, w, there
}

func hears(t *testing.T, c net.Conn, want string) {
	t.Helper()
	b := make([]byte, len(want))
	if _, err := io.ReadFull(c, b); err != nil || string(b) != want {
		t.Fatalf("the server heard %q, %v; want %q", b, err, want)
	}
}

func shownLines(talk *TelnetTalk) (lines []string) {
	first, end := talk.Lines()
	for n := first; n <= end; n++ {
		l := talk.Line(n)
		if l.Own {
			l.Text = "own " + l.Text
		}
		lines = append(lines, l.Text)
	}
	return lines
}

func TestATelnetTalkAnswersAndShowsLines(t *testing.T) {
	talk, s, w, there := talking(t)
	fmt.Fprint(there, "login: ")
	w.awaitIn(t, len("login: "))
	if err := talk.SendLine("ann"); err != nil {
		t.Fatal(err)
	}
	hears(t, there, "ann\r\n")
	fmt.Fprint(there, "\xff\xfb\x01Password: ") // WILL ECHO
	hears(t, there, "\xff\xfd\x01")             // DO ECHO
	if err := talk.SendLine("secret\xff"); err != nil {
		t.Fatal(err)
	}
	hears(t, there, "secret\xff\xff\r\n")
	fmt.Fprint(there, "\r\nWelcome\x1b[1m, ann\x1b[0m\r\n$ ")
	w.until(t, "the prompt", func() bool { l := shownLines(talk); return l[len(l)-1] == "$ " })
	// Without the server's echo the line is this side's own; with it, nothing is shown twice.
	if got, want := shownLines(talk), []string{"own login: ann", "Password: ", "Welcome, ann", "$ "}; !slices.Equal(got, want) {
		t.Errorf("shown are %q, want %q", got, want)
	}
	if got := talk.Summary(); !strings.Contains(got, "SGR") {
		t.Errorf("left out was %q", got)
	}
	tell := strings.Join(story(records(t, s)), "\n")
	has(t, tell, "Telnet: server WILL ECHO")
	for _, f := range telnet.Functions() {
		if f.Command == telnet.AYT {
			if err := talk.SendFunction(f); err != nil {
				t.Fatal(err)
			}
		}
	}
	hears(t, there, "\xff\xf6")
	talk.SetOn(false)
	if err := talk.SendLine("x"); err == nil {
		t.Error("a line goes out although no Telnet is spoken")
	}
}

func TestATelnetTalkIsBounded(t *testing.T) {
	talk, _, w, there := talking(t)
	go func() { _, _ = io.Copy(io.Discard, there) }()
	total := 0
	for range 30 {
		p := []byte(strings.Repeat("x\r\n", 1000))
		total += len(p)
		if _, err := there.Write(p); err != nil {
			t.Fatal(err)
		}
	}
	w.awaitIn(t, total)
	w.until(t, "every line", func() bool { _, end := talk.Lines(); return end == 30_000 })
	if first, end := talk.Lines(); end-first != telnetLines || talk.Line(first-1).Text != "" || talk.Line(first).Text != "x" {
		t.Errorf("lines %d to %d are kept", first, end)
	}
	long := strings.Repeat("y", telnet.MaxLine)
	for range telnetBytes/telnet.MaxLine + 10 {
		if _, err := fmt.Fprint(there, long+"\r\n"); err != nil {
			t.Fatal(err)
		}
	}
	w.until(t, "long lines", func() bool {
		first, end := talk.Lines()
		return end > 30_000 && (end-first)*telnet.MaxLine <= telnetBytes+telnet.MaxLine
	})
}

// fullLink is a session that has too much to send already.
type fullLink struct {
	log   *capture.Log
	asked chan struct{}
}

func (l *fullLink) Send([]byte) error {
	l.asked <- struct{}{}
	return fmt.Errorf("send: %w", ErrBacklog)
}
func (l *fullLink) SendSynch() error      { return nil }
func (l *fullLink) Traffic() *capture.Log { return l.log }

func TestACommandIsToldOnceHoweverOftenItComes(t *testing.T) {
	talk := NewTelnetTalk(newWatch(nil))
	defer talk.Close()
	talk.Bind(&fullLink{})
	talk.SetOn(true)
	nop, ayt := "\xff\xf1", "\xff\xf6"
	for said, want := range map[string][]string{
		nop:                            {"server NOP"},
		strings.Repeat(nop, 30000):     {"server NOP, 30000 times"},
		strings.Repeat(nop, 3) + ayt:   {"server NOP, 3 times", "server AYT"},
		ayt + nop + nop + "text" + nop: {"server AYT", "server NOP, 3 times"},
		nop + ayt:                      {"server NOP", "server AYT"},
	} {
		got := talk.hear([]byte(said))
		if !slices.Equal(got, want) {
			t.Errorf("of %d bytes is told %q, want %q", len(said), got, want)
		}
	}
	many := talk.hear([]byte(strings.Repeat(nop+ayt, 10000)))
	if len(many) != telnetNotes+1 || many[telnetNotes] != fmt.Sprintf("%d commands more in the same read", 20000-telnetNotes) {
		t.Errorf("of 20,000 commands %d notes are told, the last %q", len(many), many[len(many)-1])
	}
}

func TestAnswersThatFindTheQueueFullAreCounted(t *testing.T) {
	talk := NewTelnetTalk(newWatch(nil))
	defer talk.Close()
	link := &fullLink{asked: make(chan struct{}, 1)}
	talk.Bind(link)
	talk.SetOn(true)
	talk.hear([]byte("\xff\xfd\x03")) // DO SUPPRESS-GO-AHEAD
	<-link.asked
	for talk.Summary() == "" {
		runtime.Gosched()
	}
	if got := talk.Summary(); !strings.HasPrefix(got, "3 B of answers not sent") && !strings.HasPrefix(got, "3 bytes of answers not sent") {
		t.Errorf("the summary is %q", got)
	}
}
