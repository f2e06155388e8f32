package framing

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Notation lists what Parse reads, one form a line, for help texts.
const Notation = `raw                 reads and writes as they were captured
gap:50ms            a frame ends with 50 ms of silence
fixed:16            frames of 16 bytes
lf, crlf, nul       lines; frames that end with a zero byte
delim:0d0a0d0a      frames that end with these bytes, in hex; delim:0a,keep leaves them in the payload
u8, u16be, u24le    a length first, 1 to 4 bytes, the highest byte (be) or the lowest (le) first:
                    u16be,offset=1 has one byte before it, and adjust=-3 says that it counts those 3 bytes too
varint              a length of up to ten bytes first, as in Protocol Buffers; MQTT is varint,offset=1
mcvarint            a length of up to five bytes first, as in Minecraft
xml                 XML documents that each end with a zero byte (XMLSocket)
...,max=64MiB       frames of more than this are marked (16MiB if not given)`

// Parse reads a framing as a person writes it, and as [Framing.String] does: see [Notation]. Upper and lower case are the
// same. The error says in words what to write instead.
func Parse(s string) (Framing, error) {
	fail := func(err error) (Framing, error) { return Framing{}, fmt.Errorf("framing %q: %w", clip(s), err) }
	if len(s) > 2*MostDelim+200 {
		return fail(fmt.Errorf("it has %d characters, more than any framing", len(s)))
	}
	words := strings.Split(strings.ToLower(strings.TrimSpace(s)), ",")
	name, value, given := strings.Cut(strings.TrimSpace(words[0]), ":")
	f, err := named(strings.TrimSpace(name), strings.TrimSpace(value), given)
	if err != nil {
		return fail(err)
	}
	for i, word := range words[1:] {
		word = strings.TrimSpace(word)
		for _, before := range words[1 : 1+i] {
			if key(before) == key(word) {
				return fail(fmt.Errorf("%s is there twice", key(word)))
			}
		}
		if err := f.option(word); err != nil {
			return fail(err)
		}
	}
	if err := f.Check(); err != nil {
		return fail(errors.New(strings.TrimPrefix(err.Error(), "framing: ")))
	}
	return f, nil
}

// ParseBoth reads the framings of what is received and of what is sent: one for both, as [Parse] reads it, or in= and out=
// with one each, such as in=lf,out=u16be,offset=1. What only one of these is said of is raw the other way.
func ParseBoth(s string) (in, out Framing, err error) {
	if !sided(s) {
		in, err = Parse(s)
		return in, in, err
	}
	given := map[string]bool{}
	words := strings.Split(s, ",")
	for len(words) > 0 {
		n := 1
		for n < len(words) && !sided(words[n]) {
			n++
		}
		side, first, _ := strings.Cut(words[0], "=")
		side = strings.ToLower(strings.TrimSpace(side))
		if given[side] {
			return Framing{}, Framing{}, fmt.Errorf("framing %q: %s= is there twice", clip(s), side)
		}
		given[side] = true
		f, err := Parse(strings.Join(append([]string{first}, words[1:n]...), ","))
		if err != nil {
			return Framing{}, Framing{}, fmt.Errorf("%s: %w", side, err)
		}
		if side == "in" {
			in = f
		} else {
			out = f
		}
		words = words[n:]
	}
	return in, out, nil
}

// sided tells whether s begins with in= or out=.
func sided(s string) bool {
	side, _, ok := strings.Cut(s, "=")
	side = strings.ToLower(strings.TrimSpace(side))
	return ok && (side == "in" || side == "out")
}

// key is what an option sets.
func key(option string) string {
	k, _, _ := strings.Cut(strings.TrimSpace(option), "=")
	return strings.TrimSpace(k)
}

// clip keeps the beginning of what could be long.
func clip(s string) string {
	if len(s) > 60 {
		return strings.ToValidUTF8(s[:60], "") + "..."
	}
	return s
}

// plain are the framings that take no value.
var plain = map[string]Framing{
	"raw": {Kind: Raw}, "lf": LF, "crlf": CRLF, "nul": NUL, "xml": {Kind: XML},
	"varint": {Kind: Varint}, "mcvarint": {Kind: MinecraftVarint}, "u8": {Kind: Prefix, Width: 1},
	"u16be": {Kind: Prefix, Width: 2}, "u16le": {Kind: Prefix, Width: 2, Little: true},
	"u24be": {Kind: Prefix, Width: 3}, "u24le": {Kind: Prefix, Width: 3, Little: true},
	"u32be": {Kind: Prefix, Width: 4}, "u32le": {Kind: Prefix, Width: 4, Little: true},
}

// named returns the framing of what comes before the first comma.
func named(name, value string, given bool) (f Framing, err error) {
	f, known := plain[name]
	switch {
	case known && given:
		return f, fmt.Errorf("%s has no value; leave out what follows it", name)
	case known:
		return f, nil
	}
	switch name {
	case "gap":
		f.Kind = Gap
		if f.Gap, err = time.ParseDuration(value); err != nil {
			return f, fmt.Errorf("%q is no length of time; write gap:50ms, gap:1.5s or the like", clip(value))
		}
	case "fixed":
		f.Kind = Fixed
		if f.Size, err = size(value); err != nil {
			return f, fmt.Errorf("%w; write fixed:16 or the like", err)
		}
	case "delim":
		b, err := hex.DecodeString(strings.ReplaceAll(value, " ", ""))
		if err != nil || len(b) == 0 {
			return f, fmt.Errorf("%q are no bytes; write each as two hex digits: delim:0d0a", clip(value))
		}
		f.Kind, f.Delim = Delimiter, string(b)
	case "u16", "u24", "u32":
		return f, fmt.Errorf("which byte comes first? Write %sbe for the highest, %sle for the lowest", name, name)
	case "u8be", "u8le":
		return f, errors.New("one byte has no order; write u8")
	case "":
		return f, errors.New("nothing is there; write raw, lf, u16be or another")
	default:
		return f, fmt.Errorf("there is no %q; choose raw, gap, fixed, lf, crlf, nul, delim, u8, u16be, u16le, u24be, "+
			"u24le, u32be, u32le, varint, mcvarint or xml", clip(name))
	}
	return f, nil
}

// option adds what stands between two commas.
func (f *Framing) option(word string) error {
	name, value, given := strings.Cut(word, "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if name == "keep" && f.Kind == Delimiter && !given {
		f.Keep = true
		return nil
	}
	switch {
	case name == "keep" && !given:
		return errors.New("keep is about delimiters; there is none")
	case (name == "offset" || name == "adjust") && !f.counts():
		return fmt.Errorf("%s is about a length at the beginning of a frame; there is none", name)
	case name == "offset" && given:
		n, err := strconv.ParseUint(value, 10, 31)
		if err != nil {
			return fmt.Errorf("%q is no number of bytes before the length; write offset=1 or the like", clip(value))
		}
		f.Offset = int(n)
	case name == "adjust" && given:
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return fmt.Errorf("%q is no number of bytes to add to the length; write adjust=-2 or the like", clip(value))
		}
		f.Adjust = n
	case name == "max" && given:
		n, err := size(value)
		if err != nil {
			return fmt.Errorf("%w; write max=64MiB or the like", err)
		}
		if f.Max = n; n == 0 {
			return errors.New("frames of at most no bytes; write max=64MiB or the like")
		}
		if n == DefaultMax {
			f.Max = 0
		}
	default:
		return fmt.Errorf("%q says nothing; there are keep, offset=, adjust= and max=", clip(word))
	}
	return nil
}

// units are the multiples of bytes, the largest first.
var units = []struct {
	name  string
	short string
	bytes int64
}{{"gib", "g", 1 << 30}, {"mib", "m", 1 << 20}, {"kib", "k", 1 << 10}}

// size reads a number of bytes: 4096, 4KiB, 16m.
func size(s string) (int64, error) {
	digits, times := s, int64(1)
	for _, u := range units {
		for _, name := range []string{u.name, u.short} {
			if d, ok := strings.CutSuffix(s, name); ok && times == 1 {
				digits, times = strings.TrimSpace(d), u.bytes
			}
		}
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 0 || n > MostMax/times {
		return 0, fmt.Errorf("%q is no number of bytes", clip(s))
	}
	return n * times, nil
}

// String returns the framing as [Parse] reads it.
func (f Framing) String() string {
	var b strings.Builder
	b.WriteString(f.name())
	if f.Kind == Delimiter && f.Keep {
		b.WriteString(",keep")
	}
	if f.counts() && f.Offset != 0 {
		fmt.Fprintf(&b, ",offset=%d", f.Offset)
	}
	if f.counts() && f.Adjust != 0 {
		fmt.Fprintf(&b, ",adjust=%d", f.Adjust)
	}
	if f.Max == 0 {
		return b.String()
	}
	n, unit := f.Max, ""
	for i, name := range []string{"GiB", "MiB", "KiB"} {
		if n%units[i].bytes == 0 {
			n, unit = n/units[i].bytes, name
			break
		}
	}
	fmt.Fprintf(&b, ",max=%d%s", n, unit)
	return b.String()
}

// name is what comes before the first comma.
func (f Framing) name() string {
	switch f.Kind {
	case Gap:
		return "gap:" + f.Gap.String()
	case Fixed:
		return "fixed:" + strconv.FormatInt(f.Size, 10)
	case Delimiter:
		for _, name := range []string{"lf", "crlf", "nul"} {
			if plain[name].Delim == f.Delim {
				return name
			}
		}
		return "delim:" + hex.EncodeToString([]byte(f.Delim))
	case Prefix:
		order := "be"
		if f.Little {
			order = "le"
		}
		if f.Width == 1 {
			order = ""
		}
		return fmt.Sprintf("u%d%s", 8*f.Width, order)
	}
	for _, name := range []string{"raw", "varint", "mcvarint", "xml"} {
		if plain[name].Kind == f.Kind {
			return name
		}
	}
	return fmt.Sprintf("kind %d", f.Kind)
}
