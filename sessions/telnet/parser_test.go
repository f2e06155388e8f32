package telnet

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// parsed writes what a stream is parsed to, an event a line, with data in a row joined.
func parsed(pieces ...string) string {
	var p Parser
	var out []string
	data, from, to := "", int64(0), int64(0)
	flush := func() {
		if data != "" {
			out = append(out, fmt.Sprintf("%d-%d %q", from, to, data))
		}
		data = ""
	}
	take := func(e Event) {
		if e.Kind == Data {
			if data == "" {
				from = e.Offset
			}
			data, to = data+string(e.Bytes), e.End
			return
		}
		flush()
		out = append(out, fmt.Sprintf("%d-%d %s", e.Offset, e.End, strings.TrimPrefix(Describe(Server, e), "server ")))
	}
	for _, piece := range pieces {
		p.Feed([]byte(piece), take)
	}
	p.End(take)
	flush()
	return strings.Join(out, "\n")
}

func TestAStreamIsTakenApart(t *testing.T) {
	tests := []struct{ name, stream, want string }{
		{"nothing", "", ""},
		{"data alone", "hello\r\n", `0-7 "hello\r\n"`},
		{"a doubled 255 as data", "a\xff\xffb", `0-4 "a\xffb"`},
		{"four 255s as two", "\xff\xff\xff\xff", `0-4 "\xff\xff"`},
		{"a negotiation between data", "a\xff\xfb\x01b", "0-1 \"a\"\n1-4 WILL ECHO\n4-5 \"b\""},
		{"every verb", "\xff\xfb\x03\xff\xfc\x18\xff\xfd\x1f\xff\xfe\x22", "0-3 WILL SUPPRESS-GO-AHEAD\n3-6 WONT TTYPE\n6-9 DO NAWS\n9-12 DONT LINEMODE"},
		{"an option without a name", "\xff\xfd\xc8", "0-3 DO option 200"},
		{"option 255, which is not doubled behind a verb", "\xff\xfd\xff", "0-3 DO EXOPL"},
		{"control functions", "\xff\xf4\xff\xf6\xff\xf1", "0-2 IP\n2-4 AYT\n4-6 NOP"},
		{"a byte that is no command", "\xff\x07", "0-2 command 7"},
		{"an SE of nothing", "\xff\xf0", "0-2 SE"},
		{"a subnegotiation", "\xff\xfa\x18\x01\xff\xf0", "0-6 SB TTYPE SEND"},
		{"a subnegotiation with a doubled 255", "\xff\xfa\x1f\x00\xff\xff\x00\x18\xff\xf0", "0-10 SB NAWS 255 x 24"},
		{"a subnegotiation of option 255", "\xff\xfa\xff\xff\x01\xff\xf0", "0-7 SB EXOPL 01"},
		{"a subnegotiation without parameters", "\xff\xfa\x18\xff\xf0", "0-5 SB TTYPE"},
		{"a subnegotiation without an option", "\xff\xfa\xff\xf0x", "0-4 SB (incomplete)\n4-5 \"x\""},
		{"a command in a subnegotiation", "\xff\xfa\x18\x01\xff\xfb\x01x", "0-4 SB TTYPE SEND (incomplete)\n4-7 WILL ECHO\n7-8 \"x\""},
		{"a command in place of its option", "\xff\xfa\xff\xf1x", "0-2 SB (incomplete)\n2-4 NOP\n4-5 \"x\""},
		{"a subnegotiation in another", "\xff\xfa\x18\xff\xfa\x1f\xff\xf0", "0-3 SB TTYPE (incomplete)\n3-8 SB NAWS"},
		{"an IAC at the end", "a\xff", "0-1 \"a\"\n1-2 IAC (incomplete)"},
		{"a verb at the end", "\xff\xfb", "0-2 WILL (incomplete)"},
		{"an SB at the end", "\xff\xfa", "0-2 SB (incomplete)"},
		{"an option at the end", "\xff\xfa\x18", "0-3 SB TTYPE (incomplete)"},
		{"parameters at the end", "\xff\xfa\x18\x00VT", "0-6 SB TTYPE IS \"VT\" (incomplete)"},
		{"half a doubled 255 at the end", "\xff\xfa\x18\x00V\xff", "0-6 SB TTYPE IS \"V\" (incomplete)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := parsed(tt.stream); got != tt.want {
				t.Errorf("at once:\n%s\nwant:\n%s", got, tt.want)
			}
			var bytewise []string
			for i := range len(tt.stream) {
				bytewise = append(bytewise, tt.stream[i:i+1], "")
			}
			if got := parsed(bytewise...); got != tt.want {
				t.Errorf("byte by byte:\n%s\nwant:\n%s", got, tt.want)
			}
		})
	}
}

func TestParametersAreKeptUpToABoundAndCounted(t *testing.T) {
	var p Parser
	var got Event
	emit := func(e Event) { got = e }
	p.Feed([]byte("\xff\xfa\x27"), emit)
	piece := bytes.Repeat([]byte("x"), 1000)
	for range 1000 {
		p.Feed(piece, emit)
	}
	if p.Pending() != 1_000_003 {
		t.Errorf("%d bytes pending", p.Pending())
	}
	p.Feed([]byte("\xff\xf0"), emit)
	if len(got.Bytes) != MaxSubnegotiation || got.Dropped != 1_000_000-MaxSubnegotiation || got.End != 1_000_005 || p.Pending() != 0 {
		t.Errorf("%d bytes kept, %d dropped, end at %d", len(got.Bytes), got.Dropped, got.End)
	}
	if n := cap(p.params); n > 2*MaxSubnegotiation {
		t.Errorf("%d bytes of memory", n)
	}
	p.Feed([]byte("\xff\xfa\x27y\xff\xf0"), emit)
	if string(got.Bytes) != "y" || got.Dropped != 0 {
		t.Errorf("the next one is %q with %d dropped", got.Bytes, got.Dropped)
	}
}

func TestDataIsParsedWithoutAllocations(t *testing.T) {
	var p Parser
	b := []byte("text \xff\xff and \xff\xf1 more")
	if n := testing.AllocsPerRun(100, func() { p.Feed(b, func(Event) {}) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzParser(f *testing.F) {
	f.Add([]byte("a\xff\xffb\xff\xfb\x01\xff\xfa\x18\x01\xff\xf0\xff\xf4"), []byte{1, 2, 3})
	f.Add([]byte("\xff\xfa\x18\xff\xfa\x1f\xff\xf0\xff"), []byte{1, 1, 1, 1, 1, 1})
	f.Fuzz(func(t *testing.T, stream, cuts []byte) {
		var pieces []string
		rest := string(stream)
		for _, n := range cuts {
			n := min(int(n), len(rest))
			pieces, rest = append(pieces, rest[:n]), rest[n:]
		}
		whole, cut := parsed(string(stream)), parsed(append(pieces, rest)...)
		if whole != cut {
			t.Fatalf("at once:\n%s\nin pieces:\n%s", whole, cut)
		}
		// The events cover the stream without a gap, and written again they are the stream.
		var p Parser
		var again []byte
		at, complete := int64(0), true
		take := func(e Event) {
			if e.Offset != at || e.End <= at {
				t.Fatalf("%s is at %d-%d, and the last one ended at %d", Describe(Client, e), e.Offset, e.End, at)
			}
			at = e.End
			complete = complete && !e.Incomplete
			fitToBeShown(t, Describe(Client, e), Meaning(Client, e))
			switch e.Kind {
			case Data:
				again = Escape(again, e.Bytes)
			case Function:
				again = append(again, byte(IAC), byte(e.Command))
			case Negotiation:
				again = append(again, byte(IAC), byte(e.Command), byte(e.Option))
			case Subnegotiation:
				again = AppendSubnegotiation(again, e.Option, e.Bytes)
			}
		}
		p.Feed(stream, take)
		p.End(take)
		if at != int64(len(stream)) || p.Pending() != 0 {
			t.Fatalf("%d of %d bytes were parsed, %d are pending", at, len(stream), p.Pending())
		}
		if complete && len(stream) < MaxSubnegotiation && !bytes.Equal(again, stream) {
			t.Fatalf("%q written again is %q", stream, again)
		}
	})
}

func fitToBeShown(t *testing.T, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if i := slices.IndexFunc([]rune(s), func(r rune) bool { return !visible(r) }); i >= 0 || len(s) > 600 {
			t.Fatalf("not fit to be shown: %q", s)
		}
	}
}
