package framing

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// parsed returns the framing of a notation.
func parsed(t testing.TB, s string) Framing {
	t.Helper()
	f, err := Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// cutAll feeds stream to a new Cutter in reads that end at the offsets in ends, and at its own end. It checks what the
// frames say of where they lie, and that Next takes just the bytes of its frame.
func cutAll(t testing.TB, f Framing, stream []byte, ends ...int) (frames []Frame) {
	t.Helper()
	c, err := NewCutter(f)
	if err != nil {
		t.Fatal(err)
	}
	ends = append(slices.Clone(ends), len(stream))
	begins := make([]int, 0, len(ends)) // of the reads
	taken := int64(0)
	check := func(f Frame) {
		t.Helper()
		frames = append(frames, f)
		if f.Offset != taken-f.Len {
			t.Fatalf("frame %+v ends at %d, and Next has told of %d bytes", f, f.Offset+f.Len, taken)
		}
		if begin := begins[f.First] + f.Start; int64(begin) != f.Offset {
			t.Fatalf("frame %+v begins at %d by its first read", f, begin)
		}
		if end := begins[f.Last] + f.End; int64(end) != f.Offset+f.Len {
			t.Fatalf("frame %+v ends at %d by its last read", f, end)
		}
		if !f.Began.Equal(time.Unix(f.First, 0)) || !f.Time.Equal(time.Unix(f.Last, 0)) {
			t.Fatalf("frame %+v is of another time than its reads", f)
		}
	}
	at := 0
	for _, end := range ends {
		begins = append(begins, at)
		p := stream[at:end]
		c.Feed(p, int64(len(begins)-1), time.Unix(int64(len(begins)-1), 0))
		for at = end; ; {
			f, n, ok := c.Next()
			taken += int64(n)
			if p = p[n:]; ok {
				check(f)
				continue
			}
			if len(p) > 0 {
				t.Fatalf("%d bytes of a read were not taken", len(p))
			}
			if g := c.Growing(); g != f || f.Len > 0 && f.Offset+f.Len != taken {
				t.Fatalf("growing is %+v, and then %+v", f, g)
			}
			break
		}
	}
	if f, ok := c.End(); ok {
		check(f)
	}
	if f := c.Growing(); f.Len != 0 {
		t.Fatalf("behind the end there is %+v", f)
	}
	return frames
}

func whats(frames []Frame) []cutOf {
	list := make([]cutOf, len(frames))
	for i, f := range frames {
		list[i] = whatOf(f)
	}
	return list
}

// line writes what is expected of a frame: its length, its header or else its trailer, and what is wrong.
func line(f Frame) string {
	s := fmt.Sprintf("%d %d+%d", f.Len, f.Header, f.Trailer)
	if f.State != Complete {
		s += " " + f.Trouble()
	}
	return s
}

// What each framing makes of a stream, however the stream is split into reads.
var cuts = []struct {
	name, framing, stream string
	want                  []string
}{
	{"fixed", "fixed:3", "abcdefgh", []string{"3 0+0", "3 0+0", "2 0+0 incomplete: 2 of 3 bytes"}},
	{"fixed of one byte", "fixed:1", "ab", []string{"1 0+0", "1 0+0"}},
	{"lines", "lf", "a\n\nbcd\r\ne", []string{"2 0+1", "1 0+1", "5 0+1", "1 0+0 incomplete: 1 byte"}},
	{"lines with their ends", "lf,keep", "a\nb\n", []string{"2 0+0", "2 0+0"}},
	{"CR LF among single ones", "crlf", "a\r\n\r\r\nb\nc\r\n\n\r", []string{"3 0+2", "3 0+2", "5 0+2", "2 0+0 incomplete: 2 bytes"}},
	{"zero bytes", "nul", "\x00ab\x00", []string{"1 0+1", "3 0+1"}},
	{"XML documents", "xml", "<a/>\x00<b>", []string{"5 0+1", "3 0+0 incomplete: 3 bytes"}},
	{"a blank line", "delim:0d0a0d0a", "GET\r\nx\r\n\r\n\r\n\r\r\n\r\n", []string{"10 0+4", "7 0+4"}},
	{"a delimiter that begins like itself", "delim:61616162", "aaaaab aaaabaaab aab", []string{"6 0+4", "6 0+4", "4 0+4", "4 0+0 incomplete: 4 bytes"}},
	{"a delimiter that ends like it begins", "delim:616261", "ababaaba", []string{"3 0+3", "5 0+3"}},
	{"more than the most before a delimiter", "lf,max=3", "abcd\nab\nabcde", []string{"5 0+1 oversize: 5 bytes", "3 0+1", "5 0+0 oversize: 5 bytes"}},
	{"a byte of length", "u8", "\x00\x01a\x03ab", []string{"1 1+0", "2 1+0", "3 1+0 incomplete: 3 of 4 bytes"}},
	{"two bytes, the high one first", "u16be", "\x00\x02ab\x00\x00\x00", []string{"4 2+0", "2 2+0", "1 1+0 incomplete: 1 byte"}},
	{"two bytes, the low one first", "u16le", "\x02\x00ab\x01", []string{"4 2+0", "1 1+0 incomplete: 1 byte"}},
	{"three bytes, the high one first", "u24be", "\x00\x00\x01a", []string{"4 3+0"}},
	{"three bytes, the low one first", "u24le", "\x01\x00\x00a", []string{"4 3+0"}},
	{"four bytes, the high one first", "u32be", "\x00\x00\x00\x01a", []string{"5 4+0"}},
	{"four bytes, the low one first", "u32le", "\x01\x00\x00\x00a", []string{"5 4+0"}},
	{"a length that counts a version byte and itself", "u16be,offset=1,adjust=-3", "\x07\x00\x05ab\x07\x00\x03\x07\x00", []string{"5 3+0", "3 3+0", "2 2+0 incomplete: 2 bytes"}},
	{"a checksum that the length does not count", "u8,adjust=2", "\x01aCS\x00CS", []string{"4 1+0", "3 1+0"}},
	{"a length below itself", "u16be,adjust=-2", "\x00\x02\x00\x01abc", []string{"2 2+0", "5 2+0 malformed: 5 of 1 byte, of which its length alone takes 2"}},
	{"a length below nothing", "u16be,adjust=-9", "\x00\x01abc", []string{"5 2+0 malformed: 5 of 0 bytes, of which its length alone takes 2"}},
	{"a length above the most", "u16be,max=1000", "\x00\x01a\xff\xffabc", []string{"3 2+0", "5 2+0 oversize: 5 of 65537 bytes"}},
	{"the largest length", "u32be", "\xff\xff\xff\xffabc", []string{"7 4+0 oversize: 7 of 4294967299 bytes"}},
	{"a varint", "varint", "\x00\x01a\x82\x00bc\x80", []string{"1 1+0", "2 1+0", "4 2+0", "1 1+0 incomplete: 1 byte"}},
	{"a varint of ten bytes", "varint", "\x81\x80\x80\x80\x80\x80\x80\x80\x80\x00a", []string{"11 10+0"}},
	{"the largest varint", "varint", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01a", []string{"11 10+0 oversize: 11 of 9223372036854775807 bytes"}},
	{"a varint beyond 64 bits", "varint", "\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02a", []string{"1 1+0", "11 10+0 malformed: 11 bytes, and its length is no number that can be read"}},
	{"a varint of eleven bytes", "varint", "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", []string{"11 10+0 malformed: 11 bytes, and its length is no number that can be read"}},
	{"MQTT: a type, then a varint", "varint,offset=1", "\x30\x03abc\xc0\x00\x30\x80\x01", []string{"5 2+0", "2 2+0", "3 3+0 incomplete: 3 of 131 bytes"}},
	{"Minecraft's varint", "mcvarint", "\x01a\x82\x00bc", []string{"2 1+0", "4 2+0"}},
	{"Minecraft's varint of five bytes", "mcvarint", "\x81\x80\x80\x80\x00a\xff\xff\xff\xff\x07", []string{"6 5+0", "5 5+0 oversize: 5 of 2147483652 bytes"}},
	{"a negative number of Minecraft's", "mcvarint", "\xff\xff\xff\xff\x0fab", []string{"7 5+0 malformed: 7 bytes, and its length is no number that can be read"}},
	{"Minecraft's varint of six bytes", "mcvarint", "\x80\x80\x80\x80\x80\x01ab", []string{"8 5+0 malformed: 8 bytes, and its length is no number that can be read"}},
	{"Minecraft's varint with bits beyond its 32", "mcvarint", "\x81\x80\x80\x80\x10a", []string{"6 5+0"}},
}

func TestEveryFramingCutsTheSameHoweverTheStreamIsSplit(t *testing.T) {
	for _, c := range cuts {
		t.Run(c.name, func(t *testing.T) {
			f, stream := parsed(t, c.framing), []byte(c.stream)
			whole := cutAll(t, f, stream)
			var got []string
			for _, f := range whole {
				got = append(got, line(f))
			}
			if !slices.Equal(got, c.want) {
				t.Fatalf("cut into\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			want := whats(whole)
			if ref := reference(f, stream); !slices.Equal(ref, want) {
				t.Fatalf("by the reference\n%v\nwant\n%v", ref, want)
			}
			split := func(ends ...int) {
				if got := whats(cutAll(t, f, stream, ends...)); !slices.Equal(got, want) {
					t.Fatalf("split at %v into\n%v\nwant\n%v", ends, got, want)
				}
			}
			each := make([]int, len(stream))
			for i := range stream {
				each[i] = i
				for j := i; j <= len(stream); j++ {
					split(i, j)
				}
			}
			split(each...)
		})
	}
}

func TestARawFrameIsARead(t *testing.T) {
	got := cutAll(t, Framing{}, []byte("abcdef"), 1, 4)
	if len(got) != 3 || got[0].Len != 1 || got[1].Len != 3 || got[2].Len != 2 || got[2].Trouble() != "" || got[2].First != 2 {
		t.Errorf("%+v", got)
	}
}

func TestSilenceEndsAFrame(t *testing.T) {
	c, err := NewCutter(parsed(t, "gap:50ms"))
	if err != nil {
		t.Fatal(err)
	}
	ms := func(n int64) time.Time { return time.Unix(0, n*1e6) }
	feed := func(n int64, p string) (ended []Frame) {
		c.Feed([]byte(p), n, ms(n))
		for {
			f, _, ok := c.Next()
			if !ok {
				return ended
			}
			ended = append(ended, f)
		}
	}
	if _, ok := c.Deadline(); ok {
		t.Error("silence is awaited before anything came")
	}
	for _, step := range []struct {
		at   int64
		p    string
		want string
	}{
		{0, "ab", ""}, {49, "c", ""}, {98, "d", ""}, // each within 50 ms of the one before
		{148, "e", "4 at 0, 0 to 98"}, {1000, "f", "1 at 4, 148 to 148"},
		{900, "g", ""}, // the clock was set back
		{960, "h", "2 at 5, 1000 to 900"},
	} {
		got := ""
		for _, f := range feed(step.at, step.p) {
			got += fmt.Sprintf("%d at %d, %d to %d", f.Len, f.Offset, f.Began.UnixMilli(), f.Time.UnixMilli())
		}
		if got != step.want {
			t.Errorf("at %d ms %q has ended, want %q", step.at, got, step.want)
		}
	}
	if at, ok := c.Deadline(); !ok || !at.Equal(ms(1010)) {
		t.Errorf("the frame is over at %s, %v", at, ok)
	}
	if _, ok := c.Idle(ms(1009)); ok {
		t.Error("the frame is over too early")
	}
	if f, ok := c.Idle(ms(1010)); !ok || f.Len != 1 || f.State != Complete || f.Offset != 7 {
		t.Errorf("at its time it is %+v, %v", f, ok)
	}
	if _, ok := c.Idle(ms(5000)); ok {
		t.Error("it ends twice")
	}
	feed(6000, "xyz")
	if f, ok := c.End(); !ok || f.Len != 3 || f.State != Complete {
		t.Errorf("the end of the stream leaves %+v, %v", f, ok)
	}
	const latest = math.MaxInt64 / 1_000_000
	feed(latest, "late")
	if got := feed(-latest, "early"); len(got) != 0 {
		t.Errorf("time that runs backwards ended %+v", got)
	}
	if got := feed(latest, "late"); len(got) != 1 {
		t.Errorf("%d frames ended with the longest silence there is", len(got))
	}
}

func TestACutterGoesOnBehindTheEnd(t *testing.T) {
	c, err := NewCutter(parsed(t, "u16be"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{"\xff\xff\xff", "\x00", "\x00\x05ab"} {
		c.Feed([]byte(p), 1, time.Time{})
		c.Next()
		if _, ok := c.End(); !ok {
			t.Fatalf("%q leaves nothing", p)
		}
	}
	c.Feed([]byte("passed over"), 1, time.Time{})
	c.Feed([]byte("\x00\x01a"), 1, time.Time{})
	if f, _, ok := c.Next(); !ok || f.Len != 3 || f.Offset != 8+11 {
		t.Errorf("%+v, %v", f, ok)
	}
}

func TestACutterTakesNoMoreMemoryForALargeFrame(t *testing.T) {
	for _, name := range []string{"lf", "crlf", "u32be,max=1TiB", "u32be", "varint", "gap:1h"} {
		c, err := NewCutter(parsed(t, strings.Replace(name, "1TiB", "1024GiB", 1)))
		if err != nil {
			t.Fatal(err)
		}
		p := make([]byte, 64<<10)
		for i := range p {
			p[i] = 0xF0 | byte(i&7)
		}
		used := testing.AllocsPerRun(2000, func() {
			c.Feed(p, 1, time.Unix(1, 0))
			for {
				if _, _, ok := c.Next(); !ok {
					break
				}
			}
		})
		if used != 0 {
			t.Errorf("%s: %v allocations a read", name, used)
		}
		if c.Growing().Len < 1<<20 {
			t.Errorf("%s: the frame has %d bytes only", name, c.Growing().Len)
		}
	}
}

// randomFraming returns some framing that is right.
func randomFraming(r *rand.Rand) Framing {
	for {
		f := Framing{Kind: Kind(r.IntN(int(XML) + 1))}
		switch f.Kind {
		case Gap:
			f.Gap = time.Duration(1 + r.Int64N(int64(MostGap)))
		case Fixed:
			f.Size = 1 + r.Int64N(40)
		case Delimiter:
			b := make([]byte, 1+r.IntN(4))
			for i := range b {
				b[i] = "\n\r\x00a"[r.IntN(4)]
			}
			f.Delim, f.Keep = string(b), r.IntN(2) == 0
		case Prefix:
			f.Width = 1 + r.IntN(4)
			f.Little = f.Width > 1 && r.IntN(2) == 0
			fallthrough
		case Varint, MinecraftVarint:
			if r.IntN(2) == 0 {
				f.Offset = r.IntN(5)
			}
			if r.IntN(2) == 0 {
				f.Adjust = int64(r.IntN(14)) - 7
			}
		}
		if r.IntN(3) == 0 {
			f.Max = 1 + r.Int64N(200)
		}
		if f.Check() == nil {
			return f
		}
	}
}

// FuzzCutter holds the Cutter against the reference, over hostile bytes in hostile reads.
func FuzzCutter(f *testing.F) {
	for i, c := range cuts {
		f.Add(uint64(i), []byte(c.stream))
	}
	f.Fuzz(func(t *testing.T, seed uint64, stream []byte) {
		r := rand.New(rand.NewPCG(seed, 1))
		framing := randomFraming(r)
		if seed < uint64(len(cuts)) {
			framing = parsed(t, cuts[seed].framing)
		}
		if framing.Kind == Raw || framing.Kind == Gap {
			return
		}
		var ends []int
		for at := 0; ; {
			if at += r.IntN(1 + r.IntN(20)); at >= len(stream) || len(ends) > 10000 {
				break
			}
			ends = append(ends, at)
		}
		got, want := whats(cutAll(t, framing, stream, ends...)), reference(framing, stream)
		if !slices.Equal(got, want) {
			t.Fatalf("%s cuts %q at %v into\n%v\nwant\n%v", framing, stream, ends, got, want)
		}
	})
}
