package sessions

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestALineIsEchoedOnlyIfItComesBackBeforeAnythingElse(t *testing.T) {
	for what, c := range map[string]struct {
		sent []string
		back string // what the server sends then
		want []string
	}{
		"an echo":                        {[]string{"ls -l"}, "ls -l\r\ntotal 0\r\n$ ", []string{"ls -l"}},
		"an echo with style":             {[]string{"ls"}, "\x1b[1ml\x1b[0ms\x1b[?2004l\r\n", []string{"ls"}},
		"an echo that is corrected":      {[]string{"ls"}, "lx\bs\r\n", []string{"ls"}},
		"an echo not ended yet":          {[]string{"ls"}, "ls", nil},
		"a password":                     {[]string{"secret"}, "\r\nWelcome\r\nsecret\r\n", nil},
		"a password shown as stars":      {[]string{"secret"}, "******\r\nWelcome\r\n", nil},
		"a password that the server has": {[]string{"root"}, "\r\nyou are root\r\n", nil},
		"a password in what is said":     {[]string{"login"}, "Last login\r\nlogin\r\n", nil},
		"lines sent at once":             {[]string{"a", "b"}, "a\r\nb\r\n", []string{"a", "b"}},
		"a password, and a line":         {[]string{"secret", "ls"}, "ls\r\nsecret\r\n", []string{"ls"}},
		"bytes of no character":          {[]string{"\xff"}, "\xff\r\n", []string{"\xff"}},
		"a line with a line end":         {[]string{"a\nb"}, "a\nb\r\n", nil},
		"an empty line":                  {[]string{""}, "\r\n", nil},
	} {
		for _, cut := range []int{1, len(c.back)} {
			var e echoes
			for _, text := range c.sent {
				e.await(text)
			}
			for p := range slices.Chunk([]byte(c.back), cut) {
				e.hear(p)
			}
			if !slices.Equal(e.seen, c.want) {
				t.Errorf("%s in pieces of %d: %q, want %q", what, cut, e.seen, c.want)
			}
		}
	}
}

func TestEchoesAreBounded(t *testing.T) {
	var e echoes
	for n := range 1000 {
		e.await(fmt.Sprint("line ", n))
	}
	if len(e.awaited) > echoesAwaited {
		t.Errorf("%d lines are awaited", len(e.awaited))
	}
	for n := range 1000 {
		e.see(fmt.Sprint("line ", n))
	}
	if len(e.seen) != echoesSeen || e.seen[echoesSeen-1] != "line 999" {
		t.Errorf("%d lines were seen", len(e.seen))
	}
}

func TestAPasswordIsNoneOfTheLinesSentInSight(t *testing.T) {
	talk, _, w, there := talking(t)
	send := func(text string) {
		t.Helper()
		if err := talk.SendLine(text); err != nil {
			t.Fatal(err)
		}
		hears(t, there, text+"\r\n")
	}
	prompt := func(text string) {
		t.Helper()
		fmt.Fprint(there, text)
		lines := strings.Split(text, "\n")
		last := lines[len(lines)-1]
		w.until(t, text, func() bool { l := shownLines(talk); return strings.HasSuffix(l[len(l)-1], last) })
	}
	send("here") // nobody has said who echoes: this side does
	fmt.Fprint(there, "\xff\xfb\x01")
	hears(t, there, "\xff\xfd\x01")
	prompt("login: ")
	send("ann")
	prompt("ann\r\nPassword: ")
	send("secret")
	prompt("\r\nWelcome\r\n$ ")
	send("ls")
	prompt("ls\r\nsecret.txt\r\n# ")
	if got, want := talk.Echoed(), []string{"here", "ann", "ls"}; !slices.Equal(got, want) {
		t.Errorf("in sight were %q, want %q", got, want)
	}
	if got := talk.Echoed(); got != nil {
		t.Errorf("%q once more", got)
	}
}
