package app

import (
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
)

// connectedTo opens a tab that is connected to there, until the test ends.
func connectedTo(t *testing.T, w *workbench) (tab *clientTab, there net.Conn) {
	t.Helper()
	l := listenTCP(t)
	tab = connect(t, w, l.Addr().String())
	there, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { there.Close() })
	_ = there.SetDeadline(time.Now().Add(20 * time.Second))
	return tab, there
}

func TestATelnetTabTalksInLines(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab, there := connectedTo(t, w)
	if tab.telnet.terminal.Visible() {
		t.Error("a tab begins with a terminal")
	}
	w.run(t, "Speak Telnet")
	if !tab.telnet.terminal.Visible() {
		t.Error("there is no terminal")
	}
	fmt.Fprint(there, "\xff\xfd\x18login: ") // DO TTYPE
	hear(t, there, "\xff\xfb\x18")           // WILL TTYPE
	if err := tab.telnet.terminal.OnLine("ann"); err != nil {
		t.Fatal(err)
	}
	hear(t, there, "ann\r\n")
	w.run(t, "Are you there?")
	hear(t, there, "\xff\xf6")
	w.run(t, "Synch (throw away what was not read yet)")
	if err := tab.telnet.terminal.OnLine("bob"); err != nil {
		t.Fatal(err)
	}
	hear(t, there, "\xffbob\r\n") // the data mark is urgent, and so no part of the stream
	w.run(t, "Copy the terminal's text")
	if got := fyne.CurrentApp().Clipboard().Content(); got != "login: ann\nbob\n" {
		t.Errorf("copied is %q", got)
	}
	until(t, w, "the line", func() bool {
		l := tab.telnet.talk.Line(0)
		return l.Own && l.Text == "login: ann"
	})
	until(t, w, "the negotiation in words", func() bool {
		for n := int64(1); ; n++ {
			r, err := tab.traffic.log.Record(n)
			if err != nil {
				return false
			}
			if strings.Contains(r.Note, "server DO TTYPE") {
				return true
			}
		}
	})
	s, _ := tab.saved()
	if !s.Telnet {
		t.Error("it comes back without Telnet")
	}
	again, err := newClientTab(w, s)
	if err != nil {
		t.Fatal(err)
	}
	defer again.close()
	if !again.telnet.talk.On() || !again.telnet.terminal.Visible() {
		t.Error("it has come back without Telnet")
	}
	w.run(t, "Speak Telnet")
	if tab.telnet.terminal.Visible() || tab.telnet.terminal.OnLine("x") == nil {
		t.Error("it still speaks Telnet")
	}
}

func TestAPasswordIsNotBroughtBackAndInNoFile(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab, there := connectedTo(t, w)
	w.run(t, "Speak Telnet")
	shown := func(last string) {
		t.Helper()
		until(t, w, last, func() bool {
			_, end := tab.telnet.talk.Lines()
			return tab.telnet.talk.Line(end).Text == last
		})
	}
	fmt.Fprint(there, "\xff\xfb\x01login: ") // WILL ECHO
	hear(t, there, "\xff\xfd\x01")           // DO ECHO
	shown("login: ")
	if err := tab.telnet.terminal.OnLine("ann"); err != nil {
		t.Fatal(err)
	}
	hear(t, there, "ann\r\n")
	fmt.Fprint(there, "ann\r\nPassword: ")
	shown("Password: ")
	if err := tab.telnet.terminal.OnLine("open sesame"); err != nil {
		t.Fatal(err)
	}
	hear(t, there, "open sesame\r\n")
	fmt.Fprint(there, "\r\n$ ")
	shown("$ ")
	w.saveNow()
	b, err := os.ReadFile(w.spacePath)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(b), "open sesame") || !strings.Contains(string(b), `"ann"`) {
		t.Errorf("the workspace holds %s", b)
	}
	if got := tab.telnet.terminal.History(); !slices.Equal(got, []string{"ann"}) {
		t.Errorf("Up brings back %q", got)
	}
}
