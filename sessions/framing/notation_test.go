package framing

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

func TestAFramingIsWrittenAsItIsRead(t *testing.T) {
	for _, c := range []struct {
		in, out string
		want    Framing
	}{
		{"raw", "", Framing{}},
		{"gap:50ms", "", Framing{Kind: Gap, Gap: 50 * time.Millisecond}},
		{"gap: 1500us", "gap:1.5ms", Framing{Kind: Gap, Gap: 1500 * time.Microsecond}},
		{"fixed:16", "", Framing{Kind: Fixed, Size: 16}},
		{"fixed:4k", "fixed:4096", Framing{Kind: Fixed, Size: 4096}},
		{"lf", "", LF}, {"crlf", "", CRLF}, {"nul", "", NUL},
		{"LF , Keep", "lf,keep", Framing{Kind: Delimiter, Delim: "\n", Keep: true}},
		{"delim:0d0a0d0a", "", Framing{Kind: Delimiter, Delim: "\r\n\r\n"}},
		{"delim:0D 0A", "crlf", CRLF},
		{"delim:ff,keep", "", Framing{Kind: Delimiter, Delim: "\xff", Keep: true}},
		{"u8", "", Framing{Kind: Prefix, Width: 1}},
		{"u16be", "", Framing{Kind: Prefix, Width: 2}},
		{"u16le", "", Framing{Kind: Prefix, Width: 2, Little: true}},
		{"u24be", "", Framing{Kind: Prefix, Width: 3}},
		{"u24le", "", Framing{Kind: Prefix, Width: 3, Little: true}},
		{" U32BE ", "u32be", Framing{Kind: Prefix, Width: 4}},
		{"u32le", "", Framing{Kind: Prefix, Width: 4, Little: true}},
		{"u16be,offset=1", "", Framing{Kind: Prefix, Width: 2, Offset: 1}},
		{"u16be,offset=1,adjust=-3", "", Framing{Kind: Prefix, Width: 2, Offset: 1, Adjust: -3}},
		{"u16be, adjust = +2 , offset = 0", "u16be,adjust=2", Framing{Kind: Prefix, Width: 2, Adjust: 2}},
		{"varint", "", Framing{Kind: Varint}},
		{"varint,offset=1", "", Framing{Kind: Varint, Offset: 1}},
		{"mcvarint", "", Framing{Kind: MinecraftVarint}},
		{"xml", "", Framing{Kind: XML}},
		{"xml,max=64MiB", "", Framing{Kind: XML, Max: 64 << 20}},
		{"lf,max=1g", "lf,max=1GiB", Framing{Kind: Delimiter, Delim: "\n", Max: 1 << 30}},
		{"lf,max=1000", "", Framing{Kind: Delimiter, Delim: "\n", Max: 1000}},
		{"lf,max=1024", "lf,max=1KiB", Framing{Kind: Delimiter, Delim: "\n", Max: 1024}},
		{"lf,max=16MiB", "lf", LF},
	} {
		if c.out == "" {
			c.out = c.in
		}
		f, err := Parse(c.in)
		if err != nil || f != c.want {
			t.Errorf("%q is read as %+v, %v; want %+v", c.in, f, err, c.want)
			continue
		}
		if f.String() != c.out {
			t.Errorf("%q is written as %q, want %q", c.in, f, c.out)
		}
	}
}

func TestTheNotationThatIsShownIsTheOneThatIsRead(t *testing.T) {
	for _, word := range []string{"raw", "gap:50ms", "fixed:16", "lf", "crlf", "nul", "delim:0d0a0d0a", "delim:0a,keep", "u8", "u16be", "u24le",
		"u16be,offset=1", "varint,offset=1", "mcvarint", "xml"} {
		if parsed(t, word); !strings.Contains(Notation, word) {
			t.Errorf("%s is not shown", word)
		}
	}
}

func TestAWrongNotationSaysWhatToWrite(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", "nothing is there; write raw"},
		{"  ", "nothing is there"},
		{"lines", `there is no "lines"; choose raw, gap, fixed, lf`},
		{"gap", "write gap:50ms"},
		{"gap:50", "write gap:50ms"},
		{"gap:0s", "choose more than 0"},
		{"gap:-1s", "choose more than 0"},
		{"gap:61m", "up to 1h0m0s"},
		{"fixed", "write fixed:16"},
		{"fixed:0", "choose from 1 to 16777216"},
		{"fixed:-1", "no number of bytes"},
		{"fixed:20MiB", "choose from 1 to 16777216"},
		{"fixed:9999999999999g", "no number of bytes"},
		{"delim", "write each as two hex digits"},
		{"delim:", "write each as two hex digits"},
		{"delim:0", "write each as two hex digits"},
		{"delim:0g", "write each as two hex digits"},
		{"delim:" + strings.Repeat("00", 257), "choose from 1 to 256"},
		{"delim:" + strings.Repeat("00", 5000), "more than any framing"},
		{"lf:1", "leave out what follows it"},
		{"u16", "Write u16be for the highest"},
		{"u8be", "write u8"},
		{"u64be", `there is no "u64be"`},
		{"lf,offset=1", "there is none"},
		{"u16be,keep", "there is none"},
		{"u16be,offset", "says nothing"},
		{"u16be,offset=", "write offset=1"},
		{"u16be,offset=-1", "write offset=1"},
		{"u16be,offset=65537", "choose from 0 to 65536"},
		{"u16be,adjust=x", "write adjust=-2"},
		{"u16be,adjust=9223372036854775807", "choose from -1099511627776"},
		{"u16be,offset=1,offset=1", "offset is there twice"},
		{"lf,keep,keep", "keep is there twice"},
		{"lf,max=0", "write max=64MiB"},
		{"lf,max=2000g", "write max=64MiB"},
		{"lf,max=x", "write max=64MiB"},
		{"lf,", "says nothing"},
		{"lf,strip", `"strip" says nothing`},
	} {
		f, err := Parse(c.in)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q gives %+v, %v; want %q", clip(c.in), f, err, c.want)
			continue
		}
		if f != (Framing{}) {
			t.Errorf("%q gives %+v with its error", c.in, f)
		}
		if len(err.Error()) > 400 || !strings.HasPrefix(err.Error(), "framing ") {
			t.Errorf("the error is %q", err)
		}
	}
}

func TestAFramingThatMakesNoSenseIsRefusedEverywhere(t *testing.T) {
	for _, f := range []Framing{
		{Kind: 99}, {Kind: Gap}, {Kind: Fixed}, {Kind: Fixed, Size: 5, Max: 4}, {Kind: Delimiter}, {Kind: Prefix}, {Kind: Prefix, Width: 5},
		{Kind: Prefix, Width: 1, Little: true}, {Kind: Prefix, Width: 2, Offset: -1}, {Kind: Varint, Adjust: 1 << 60}, {Max: -1}, {Max: 1 << 60},
		{Size: 1}, {Kind: XML, Delim: "\x00"}, {Kind: Varint, Width: 1},
	} {
		if f.Check() == nil {
			t.Errorf("%+v is right", f)
		}
		if _, err := NewCutter(f); err == nil {
			t.Errorf("a cutter takes %+v", f)
		}
		if _, err := NewMessages(f); err == nil {
			t.Errorf("messages take %+v", f)
		}
		if _, err := f.Append(nil, []byte("x")); err == nil {
			t.Errorf("%+v frames", f)
		}
		_ = f.String()
	}
}

func TestEveryFramingIsReadAsItIsWritten(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		f := randomFraming(r)
		if got, err := Parse(f.String()); err != nil || got != f {
			t.Fatalf("%q is read as %+v, %v; want %+v", f, got, err, f)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"raw", "gap:50ms", "fixed:16", "lf,keep", "delim:0d0a", "u16be,offset=1,adjust=-3", "varint", "xml,max=1KiB"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := Parse(s)
		if err != nil {
			return
		}
		if err := got.Check(); err != nil {
			t.Fatalf("%q is read as what is wrong: %v", s, err)
		}
		if again, err := Parse(got.String()); err != nil || again != got {
			t.Fatalf("%q is written as %q, and read as %+v, %v", s, got, again, err)
		}
		if in, out, err := ParseBoth("out=" + s + ",in=" + got.String()); err != nil || in != got || out != got {
			t.Fatalf("%q each way is read as %+v and %+v, %v", s, in, out, err)
		}
	})
}

func TestEachDirectionMayHaveAFramingOfItsOwn(t *testing.T) {
	for _, c := range []struct{ text, in, out, problem string }{
		{text: "lf", in: "lf", out: "lf"},
		{text: "u16be,offset=1", in: "u16be,offset=1", out: "u16be,offset=1"},
		{text: "in=lf,out=u16be,offset=1,adjust=-3", in: "lf", out: "u16be,offset=1,adjust=-3"},
		{text: " OUT = u8 , max=1KiB , IN = delim:0d0a,keep", in: "crlf,keep", out: "u8,max=1KiB"},
		{text: "out=xml", in: "raw", out: "xml"},
		{text: "in=lf,in=crlf", problem: "in= is there twice"},
		{text: "lf,out=crlf", problem: `"out=crlf" says nothing`},
		{text: "in=lf,out=u16", problem: "out: framing \"u16\": which byte comes first?"},
		{text: "in=", problem: "nothing is there"},
	} {
		in, out, err := ParseBoth(c.text)
		switch {
		case c.problem != "":
			if err == nil || !strings.Contains(err.Error(), c.problem) {
				t.Errorf("%q: %v, want %q", c.text, err, c.problem)
			}
		case err != nil || in.String() != c.in || out.String() != c.out:
			t.Errorf("%q is %s and %s, %v; want %s and %s", c.text, in, out, err, c.in, c.out)
		}
	}
}
