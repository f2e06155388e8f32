package lab

import (
	"bytes"
	"strings"
	"testing"

	"wirebench/sessions"
	"wirebench/sessions/telnet"
)

func TestTheHostNegotiatesWithATab(t *testing.T) {
	l := started(t, Options{}, "telnet")
	e := entry(t, l, "telnet")
	if !e.Telnet {
		t.Fatal("the tab is not to speak Telnet")
	}
	c := &client{came: make(chan struct{}, 1)}
	talk := sessions.NewTelnetTalk(c)
	talk.SetOn(true)
	session := openObserved(t, e, c, talk)
	talk.Bind(session.(sessions.TelnetLink))
	defer talk.Close()
	if err := session.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	line := func(text, answer string) {
		t.Helper()
		if err := talk.SendLine(text); err != nil {
			t.Fatal(err)
		}
		c.hears(t, answer)
	}
	c.hears(t, "login: ")
	c.hears(t, "\xff\xfa\x18\x01\xff\xf0") // it wants to know the terminal, so all is agreed on
	line("ada", "password: ")
	line("secret", "Welcome, ada.")
	c.hears(t, "login: \xff\xfa\x18\x01\xff\xf0ada\r\npassword: \r\nWelcome") // the name is echoed, the password is not
	line("size", "80 columns, 24 rows.")
	line("terminal", "DUMB")
	line("colours", "\x1b[31mred")
	line("what", "I do not know that.")
	if bytes.Contains(c.in, []byte("secret")) {
		t.Error("the password was echoed")
	}
	for _, f := range telnet.Functions() {
		if err := talk.SendFunction(f); err != nil {
			t.Fatal(err)
		}
		if f.Command == telnet.IP {
			c.hears(t, "[interrupted]")
		}
	}
	c.hears(t, "[yes, I am here]")
	line("size", "80 columns, 24 rows.\r\n> ")
	line("bye", "Goodbye.")
	<-session.Done()
}

func TestTheHostTakesWhatEveryClientSends(t *testing.T) {
	l := started(t, Options{}, "telnet")
	for name, sent := range map[string]string{
		"plain text and line feeds": "ada\nx\nbye\n",
		"carriage returns alone":    "ada\rx\rbye\r",
		"CR NUL":                    "ada\r\x00x\r\x00bye\r\x00",
		"a line with mistakes":      "ada\r\nx\r\nbzz\b\x7fye\r\n",
		"an erased line":            "ada\r\nx\r\nnonsense\xff\xf8bye\r\n",
		"a line that has no end":    strings.Repeat("x", 100_000) + "\nx\nbye\n",
	} {
		c := dial(t, entry(t, l, "telnet"))
		if _, err := c.Write([]byte(sent)); err != nil {
			t.Fatal(err)
		}
		if got := readAll(t, c); !bytes.HasSuffix(got, []byte("Goodbye.\r\n")) {
			t.Errorf("%s: %.300q", name, got)
		}
	}
}

func FuzzTelnetHost(f *testing.F) {
	f.Add([]byte("ada\r\nsecret\r\nsize\r\ncolours\r\nbye\r\n"))
	f.Add([]byte("\xff\xfd\x01\xff\xfb\x18\xff\xfa\x18\x00VT100\xff\xf0\xff\xfa\x1f\x00\x50\x00\x18\xff\xf0\xff\xf6\xff\xf4"))
	f.Fuzz(func(t *testing.T, p []byte) {
		h := newTelnetHost(nil)
		var parser telnet.Parser
		parser.Feed(p, h.event)
		if len(h.line) > maxLine || len(h.out) > 1000+len(telnetHelp)*(1+len(p)) {
			t.Fatalf("%d bytes are a line, %d an answer", len(h.line), len(h.out))
		}
	})
}
