package telnet

import (
	"fmt"
	"strings"
	"testing"
)

// answers writes what is sent in answer to a stream, described, with ", " between the commands.
func answers(n *Negotiator, stream string) string {
	var out []string
	for _, e := range events(stream) {
		for _, a := range events(string(n.Receive(e).Bytes)) {
			out = append(out, strings.TrimPrefix(Describe(Client, a), "client "))
		}
	}
	return strings.Join(out, ", ")
}

func TestAServerIsAnswered(t *testing.T) {
	tests := []struct{ name, stream, want string }{
		{"ECHO is accepted", "\xff\xfb\x01", "DO ECHO"},
		{"SUPPRESS-GO-AHEAD is accepted", "\xff\xfb\x03", "DO SUPPRESS-GO-AHEAD"},
		{"SUPPRESS-GO-AHEAD is performed", "\xff\xfd\x03", "WILL SUPPRESS-GO-AHEAD"},
		{"the window's size is told", "\xff\xfd\x1f", "WILL NAWS, SB NAWS 80 x 24"},
		{"the terminal type is told when it is asked for", "\xff\xfd\x18\xff\xfa\x18\x01\xff\xf0", `WILL TTYPE, SB TTYPE IS "DUMB"`},
		{"the terminal type is not told before that is agreed", "\xff\xfa\x18\x01\xff\xf0", ""},
		{"another subnegotiation of it is not answered", "\xff\xfd\x18\xff\xfa\x18\x00X\xff\xf0\xff\xfa\x18\x01\x01\xff\xf0", "WILL TTYPE"},
		{"echoing for the server is refused", "\xff\xfd\x01", "WONT ECHO"},
		{"what it does not know is refused", "\xff\xfb\x05\xff\xfb\xc8\xff\xfd\x22\xff\xfd\x27\xff\xfd\x2a", "DONT STATUS, DONT option 200, WONT LINEMODE, WONT NEW-ENVIRON, WONT CHARSET"},
		{"an offer that is repeated is answered once", "\xff\xfb\x01\xff\xfb\x01\xff\xfb\x01", "DO ECHO"},
		{"off is agreed to, and on again", "\xff\xfb\x01\xff\xfc\x01\xff\xfc\x01\xff\xfb\x01", "DO ECHO, DONT ECHO, DO ECHO"},
		{"a refusal of what is off is not answered", "\xff\xfc\x01\xff\xfe\x1f", ""},
		{"a stopped window size is told no more", "\xff\xfd\x1f\xff\xfe\x1f", "WILL NAWS, SB NAWS 80 x 24, WONT NAWS"},
		{"functions and data are not answered", "\xff\xf6\xff\xf1hello", ""},
		{"half a command is not answered", "\xff\xfb", ""},
		{"a subnegotiation with no end is not answered", "\xff\xfd\x18\xff\xfa\x18\x01\xff\xf1", "WILL TTYPE"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := answers(NewNegotiator(DefaultConfig()), tt.stream); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// The table of section 7 of RFC 1143. A queue bit is written as a plus sign.
func TestTheQMethodIsKeptTo(t *testing.T) {
	put := func(s string) option {
		o := option{opposite: strings.HasSuffix(s, "+")}
		for _, state := range []State{No, Yes, WantNo, WantYes} {
			if state.String() == strings.TrimSuffix(s, "+") {
				o.state = state
			}
		}
		return o
	}
	tests := []struct{ before, event, after, sends string }{
		{"NO", "on", "YES", "yes"}, // where it is agreed to
		{"NO", "off", "NO", ""},
		{"YES", "on", "YES", ""},
		{"YES", "off", "NO", "no"},
		{"WANTNO", "on", "NO", ""},
		{"WANTNO+", "on", "YES", ""},
		{"WANTNO", "off", "NO", ""},
		{"WANTNO+", "off", "WANTYES", "yes"},
		{"WANTYES", "on", "YES", ""},
		{"WANTYES+", "on", "WANTNO", "no"},
		{"WANTYES", "off", "NO", ""},
		{"WANTYES+", "off", "NO", ""},

		{"NO", "ask on", "WANTYES", "yes"},
		{"YES", "ask on", "YES", ""},
		{"WANTNO", "ask on", "WANTNO+", ""},
		{"WANTNO+", "ask on", "WANTNO+", ""},
		{"WANTYES", "ask on", "WANTYES", ""},
		{"WANTYES+", "ask on", "WANTYES", ""},
		{"NO", "ask off", "NO", ""},
		{"YES", "ask off", "WANTNO", "no"},
		{"WANTNO", "ask off", "WANTNO", ""},
		{"WANTNO+", "ask off", "WANTNO", ""},
		{"WANTYES", "ask off", "WANTYES+", ""},
		{"WANTYES+", "ask off", "WANTYES+", ""},
	}
	for _, us := range []bool{true, false} {
		name := map[Command]string{DO: "yes", WILL: "yes", DONT: "no", WONT: "no"}
		on, off := WILL, WONT
		if us {
			on, off = DO, DONT
		}
		for _, tt := range tests {
			n := NewNegotiator(DefaultConfig())
			state := &n.them[SuppressGoAhead]
			ask := n.Ask
			if us {
				state, ask = &n.us[SuppressGoAhead], n.Offer
			}
			*state = put(tt.before)
			var sent []byte
			switch tt.event {
			case "on":
				sent = n.Receive(Event{Kind: Negotiation, Command: on, Option: SuppressGoAhead}).Bytes
			case "off":
				sent = n.Receive(Event{Kind: Negotiation, Command: off, Option: SuppressGoAhead}).Bytes
			default:
				sent = ask(SuppressGoAhead, tt.event == "ask on")
			}
			said := ""
			if sent != nil {
				e := events(string(sent))[0]
				said = name[e.Command]
				if e.Option != SuppressGoAhead || (e.Command == WILL || e.Command == WONT) != us {
					t.Errorf("us=%v, %s in %s: sends %s", us, tt.event, tt.before, Describe(Client, e))
				}
			}
			if *state != put(tt.after) || said != tt.sends {
				t.Errorf("us=%v, %s in %s: becomes %+v and sends %q, want %s and %q", us, tt.event, tt.before, *state, said, tt.after, tt.sends)
			}
		}
	}
}

func TestTerminalTypesAreToldInTurn(t *testing.T) {
	c := DefaultConfig()
	c.TerminalTypes = []string{"XTERM", "VT100"}
	n := NewNegotiator(c)
	answers(n, "\xff\xfd\x18")
	var got []string
	for range 5 {
		got = append(got, answers(n, "\xff\xfa\x18\x01\xff\xf0"))
	}
	want := []string{"XTERM", "VT100", "VT100", "XTERM", "VT100"}
	for i := range want {
		if got[i] != fmt.Sprintf("SB TTYPE IS %q", want[i]) {
			t.Fatalf("%q, want %q", got, want)
		}
	}
}

func TestANewSizeIsToldToAServerThatAskedForIt(t *testing.T) {
	n := NewNegotiator(DefaultConfig())
	if b := n.Resize(100, 40); b != nil {
		t.Errorf("a server that asked for nothing is told %q", b)
	}
	if got := answers(n, "\xff\xfd\x1f"); got != "WILL NAWS, SB NAWS 100 x 40" {
		t.Error(got)
	}
	if b := n.Resize(255, 65535); string(b) != "\xff\xfa\x1f\x00\xff\xff\xff\xff\xff\xff\xff\xf0" {
		t.Errorf("255 x 65535 is %q", b)
	}
	if b := n.Resize(255, 65535); b != nil {
		t.Errorf("the same size again is %q", b)
	}
	answers(n, "\xff\xfe\x1f")
	if b := n.Resize(80, 24); b != nil {
		t.Errorf("a server that wants it no more is told %q", b)
	}
}

func TestWhatCannotBeToldIsRefused(t *testing.T) {
	c := DefaultConfig()
	c.Columns, c.Rows, c.TerminalTypes = 0, 0, nil
	if got := answers(NewNegotiator(c), "\xff\xfd\x1f\xff\xfd\x18\xff\xfa\x18\x01\xff\xf0"); got != "WONT NAWS, WONT TTYPE" {
		t.Error(got)
	}
}

func TestAnOfferThatIsAcceptedIsKept(t *testing.T) {
	n := NewNegotiator(DefaultConfig())
	if got := string(n.Offer(NAWS, true)); got != "\xff\xfb\x1f" || n.Us(NAWS) != WantYes {
		t.Errorf("offered with %q, and it is %s", got, n.Us(NAWS))
	}
	if got := answers(n, "\xff\xfd\x1f"); got != "SB NAWS 80 x 24" || n.Us(NAWS) != Yes {
		t.Errorf("agreed to with %q, and it is %s", got, n.Us(NAWS))
	}
	if got := string(n.Ask(Echo, true)); got != "\xff\xfd\x01" || n.Them(Echo) != WantYes {
		t.Errorf("asked with %q, and it is %s", got, n.Them(Echo))
	}
	if got := answers(n, "\xff\xfc\x01"); got != "" || n.Them(Echo) != No {
		t.Errorf("refused with %q, and it is %s", got, n.Them(Echo))
	}
}

func TestEveryNegotiationHasANote(t *testing.T) {
	n := NewNegotiator(DefaultConfig())
	for _, tt := range []struct{ stream, note string }{
		{"\xff\xfb\x01", "DO ECHO: accepted"},
		{"\xff\xfb\x01", "no answer: so it is already"},
		{"\xff\xfd\x22", "WONT LINEMODE: refused"},
		{"\xff\xfd\x18", "WILL TTYPE: on, as the other side asks"},
		{"\xff\xfa\x18\x01\xff\xf0", "told the terminal type DUMB"},
		{"\xff\xfa\x1f\x01\xff\xf0", "no answer: nothing was asked that this side tells"},
		{"\xff\xf1", ""},
	} {
		if got := n.Receive(events(tt.stream)[0]).Note; got != tt.note {
			t.Errorf("%q: %q, want %q", tt.stream, got, tt.note)
		}
	}
}

func TestTerminalTypesAreNames(t *testing.T) {
	for _, name := range []string{"", "a b", "é", "x\xff", strings.Repeat("a", 41)} {
		if err := (Config{TerminalTypes: []string{name}}).Check(); err == nil || !strings.Contains(err.Error(), "write") {
			t.Errorf("%q gives %v", name, err)
		}
	}
	for _, name := range []string{"DUMB", "xterm-256color", "IBM-3278/2", "vt100+x", strings.Repeat("a", 40)} {
		if err := (Config{TerminalTypes: []string{name}}).Check(); err != nil {
			t.Errorf("%q gives %v", name, err)
		}
	}
}

// FuzzNegotiators has two sides, each with a config and requests of its own, talk until nothing is on its
// way. They come to rest soon, and then agree on every option.
func FuzzNegotiators(f *testing.F) {
	f.Add([]byte{1, 3, 31}, []byte{24, 31}, []byte{0x01, 0x82, 0x43, 0xc4, 0x01, 0x41})
	f.Add([]byte{}, []byte{1}, []byte{0, 0x40, 0x80, 0xc0, 0, 0x40, 0x80, 0xc0})
	f.Fuzz(func(t *testing.T, as, bs, script []byte) {
		config := func(options []byte) Config {
			c := DefaultConfig()
			for i, o := range options {
				if i%2 == 0 {
					c.Perform = append(c.Perform, Option(o%40))
				} else {
					c.Accept = append(c.Accept, Option(o%40))
				}
			}
			return c
		}
		if len(as)+len(bs)+len(script) > 300 {
			return
		}
		sides := [2]*Negotiator{NewNegotiator(config(as)), NewNegotiator(config(bs))}
		var parsers [2]Parser
		var wire [2][]byte // to that side
		total := 0
		send := func(to int, b []byte) {
			wire[to] = append(wire[to], b...)
			total += len(b)
		}
		deliver := func(to, n int) {
			n = min(n, len(wire[to]))
			b := wire[to][:n:n]
			wire[to] = wire[to][n:]
			parsers[to].Feed(b, func(e Event) { send(1-to, sides[to].Receive(e).Bytes) })
		}
		for _, step := range script {
			side, o, on := int(step>>7), Option(step&0x1f), step&0x20 != 0
			switch {
			case step&0x5f == 0x5f:
				deliver(side, 1+int(step>>5&1)*4)
			case step&0x40 == 0:
				send(1-side, sides[side].Ask(o, on))
			default:
				send(1-side, sides[side].Offer(o, on))
			}
		}
		for len(wire[0])+len(wire[1]) > 0 {
			deliver(0, 3)
			deliver(1, 3)
			// Each request makes for a few answers of three bytes, and a size.
			if total > 100+len(script)*60 {
				t.Fatalf("%d bytes for %d requests", total, len(script))
			}
		}
		for o := range 256 {
			for i, n := range sides {
				us, them := n.Us(Option(o)), sides[1-i].Them(Option(o))
				if us != them || us != No && us != Yes {
					t.Fatalf("%s: one side is %s, the other thinks %s", Option(o), us, them)
				}
			}
		}
	})
}

// FuzzNegotiator has a hostile peer: the answers to what it sends are bounded by it, and whole commands.
func FuzzNegotiator(f *testing.F) {
	f.Add([]byte("\xff\xfb\x01\xff\xfd\x1f\xff\xfd\x18\xff\xfa\x18\x01\xff\xf0\xff\xfc\x01"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		n := NewNegotiator(DefaultConfig())
		for _, e := range events(string(stream)) {
			r := n.Receive(e)
			fitToBeShown(t, r.Note)
			if len(r.Bytes) > 20 {
				t.Fatalf("%s is answered by %d bytes", Describe(Server, e), len(r.Bytes))
			}
			for _, a := range events(string(r.Bytes)) {
				if a.Kind == Data || a.Incomplete {
					t.Fatalf("%s is answered by %s", Describe(Server, e), Describe(Client, a))
				}
			}
		}
	})
}
