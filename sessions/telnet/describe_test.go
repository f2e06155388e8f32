package telnet

import (
	"strings"
	"testing"

	"wirebench/sessions/inspect"
)

func visible(r rune) bool { return inspect.Visible(r) }

// events parses a stream whole.
func events(stream string) (all []Event) {
	var p Parser
	take := func(e Event) {
		e.Bytes = []byte(string(e.Bytes))
		all = append(all, e)
	}
	p.Feed([]byte(stream), take)
	p.End(take)
	return all
}

func TestCommandsAreDescribed(t *testing.T) {
	tests := []struct {
		from           Side
		stream         string
		describe, says string // says: a part of the meaning
	}{
		{Server, "\xff\xfb\x01", "server WILL ECHO", "the server offers, or agrees, to echo what it receives"},
		{Client, "\xff\xfd\x03", "client DO SUPPRESS-GO-AHEAD", "the client asks the server to send no go-aheads"},
		{Server, "\xff\xfc\x18", "server WONT TTYPE", "the server will not tell what terminal it is"},
		{Server, "\xff\xfe\x1f", "server DONT NAWS", "the server wants the client not to tell the size of its window"},
		{Server, "\xff\xfd\xc8", "server DO option 200", "perform option 200"},
		{Server, "\xff\xfa\x18\x01\xff\xf0", "server SB TTYPE SEND", ""},
		{Client, "\xff\xfa\x18\x00XTERM-256COLOR\xff\xf0", `client SB TTYPE IS "XTERM-256COLOR"`, ""},
		{Client, "\xff\xfa\x18\x00\x1b\xe2\x80\xae\xff\xf0", `client SB TTYPE IS "\x1b\u202e"`, ""},
		{Client, "\xff\xfa\x1f\x00\x50\x00\x18\xff\xf0", "client SB NAWS 80 x 24", ""},
		{Client, "\xff\xfa\x1f\x00\x50\xff\xf0", "client SB NAWS 0050", ""},
		{Client, "\xff\xfa\x20\x0038400,38400\xff\xf0", `client SB TSPEED IS "38400,38400"`, ""},
		{Server, "\xff\xfa\x05\x01\xff\xf0", "server SB STATUS SEND", ""},
		{Server, "\xff\xfa\x05\x00\xfb\x01\xff\xf0", "server SB STATUS IS FB01", ""},
		{Server, "\xff\xfa\x22\x01\x03\xff\xf0", "server SB LINEMODE 0103", ""},
		{Server, "\xff\xfa\x27\x01\xff\xf0", "server SB NEW-ENVIRON 01", ""},
		{Server, "\xff\xfa\x2a\x01;UTF-8\xff\xf0", "server SB CHARSET 013B5554462D38", ""},
		{Server, "\xff\xfa\x2a" + strings.Repeat("a", 70) + "\xff\xf0", "server SB CHARSET " + strings.Repeat("61", 64) + "... (70 bytes)", ""},
		{Client, "\xff\xfa\x18\x00" + strings.Repeat("a", 65) + "\xff\xf0", `client SB TTYPE IS "` + strings.Repeat("a", 64) + `"...`, ""},
		{Client, "\xff\xf6", "client AYT", "asks for a sign that somebody is there"},
		{Server, "\xff\xf2", "server DM", "the end of a synch"},
		{Server, "\xff\x00", "server command 0", "no command of Telnet"},
		{Server, "\xff", "server IAC (incomplete)", "nothing came behind the 255"},
		{Server, "\xff\xfd", "server DO (incomplete)", "never came"},
		{Server, "\xff\xfa", "server SB (incomplete)", "without an option"},
		{Server, "\xff\xfa\x18", "server SB TTYPE (incomplete)", "not ended by IAC SE"},
		{Server, "a", "server 1 byte of data", ""},
		{Server, "ab", "server 2 bytes of data", ""},
	}
	for _, tt := range tests {
		e := events(tt.stream)
		if len(e) != 1 {
			t.Fatalf("%q is %d events", tt.stream, len(e))
		}
		if got := Describe(tt.from, e[0]); got != tt.describe {
			t.Errorf("%q is %q, want %q", tt.stream, got, tt.describe)
		}
		if got := Meaning(tt.from, e[0]); !strings.Contains(got, tt.says) || got != "" && tt.says == "" {
			t.Errorf("%q means %q, want %q in it", tt.stream, got, tt.says)
		}
	}
}

func TestDroppedParametersAreDescribed(t *testing.T) {
	e := events("\xff\xfa\x18\x00" + strings.Repeat("a", MaxSubnegotiation) + "\xff\xf0")[0]
	if got := Describe(Server, e); !strings.HasSuffix(got, `a"... (and 1 byte more)`) {
		t.Errorf("it is %q", got)
	}
}

func TestSidesAndStatesNameThemselves(t *testing.T) {
	for got, want := range map[string]string{
		Server.String(): "server", Client.String(): "client", Side(7).String(): "Side(7)",
		No.String(): "NO", Yes.String(): "YES", WantNo.String(): "WANTNO", WantYes.String(): "WANTYES", State(9).String(): "State(9)",
		Command(12).String(): "command 12", IAC.String(): "IAC", EOF.String(): "EOF", SE.String(): "SE", GA.String(): "GA", WILL.String(): "WILL", DONT.String(): "DONT",
		Option(34).String(): "LINEMODE", Option(200).String(): "option 200",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
