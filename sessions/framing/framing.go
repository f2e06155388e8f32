package framing

import (
	"fmt"
	"time"
)

// Kind is a way to tell where a frame ends.
type Kind uint8

const (
	// Raw makes a frame of each read and each write, as they were captured.
	Raw Kind = iota
	// Gap ends a frame with a silence of a certain length.
	Gap
	// Fixed makes all frames the same size.
	Fixed
	// Delimiter ends a frame with certain bytes.
	Delimiter
	// Prefix has frames begin with their length, in one to four bytes.
	Prefix
	// Varint has frames begin with their length in groups of seven bits, the least first (LEB128), of up to ten bytes:
	// delimited Protocol Buffers, and with Offset 1 MQTT.
	Varint
	// MinecraftVarint is Varint of up to five bytes, holding a signed number of 32 bits.
	MinecraftVarint
	// XML ends each document with a zero byte, as the XMLSocket of ActionScript does.
	XML
)

const (
	// DefaultMax is the most bytes a frame may have where a Framing says nothing else: 16 MiB.
	DefaultMax int64 = 16 << 20
	// MostMax is the most that Max may be: 1 TiB.
	MostMax int64 = 1 << 40
	// MostDelim is the most bytes a delimiter may have.
	MostDelim = 256
	// MostOffset is the most bytes that may lie ahead of a length.
	MostOffset = 1 << 16
	// MostGap is the longest silence that may be asked for.
	MostGap = time.Hour
)

// Framing says how bytes in a row are cut into frames. The zero value is [Raw]. Framings compare with ==.
//
// Only the fields that the Kind's comment names mean anything; the others are to be zero.
type Framing struct {
	Kind Kind
	// Gap is the silence that ends a frame of kind Gap: more than 0, up to MostGap.
	Gap time.Duration
	// Size is how many bytes a frame of kind Fixed has: from 1 to Max.
	Size int64
	// Delim are the bytes that end a frame of kind Delimiter: from 1 to MostDelim. The delimiter is part of the frame.
	Delim string
	// Keep makes the delimiter part of the frame's payload as well.
	Keep bool
	// Width is the size of the length of kind Prefix: 1 to 4 bytes.
	Width int
	// Little says that the least byte of the length comes first. It is false where Width is 1.
	Little bool
	// Offset is how many bytes of the frame come before the length, of kinds Prefix, Varint and MinecraftVarint.
	Offset int
	// Adjust is what the frame has beyond what the length says, not counting the length itself and what is before it:
	// a frame has Offset + the size of the length + its value + Adjust bytes. It is 0 where the length counts what
	// follows it, and the opposite of Offset plus Width where it counts the whole frame.
	Adjust int64
	// Max is the most bytes a frame may have, headers and delimiter included; 0 stands for DefaultMax. See [Oversize].
	Max int64
}

// The common framings by name.
var (
	LF   = Framing{Kind: Delimiter, Delim: "\n"}
	CRLF = Framing{Kind: Delimiter, Delim: "\r\n"}
	NUL  = Framing{Kind: Delimiter, Delim: "\x00"}
)

// Most returns the most bytes a frame may have.
func (f Framing) Most() int64 {
	if f.Max == 0 {
		return DefaultMax
	}
	return f.Max
}

// delim returns the bytes that end a frame, "" if none do.
func (f Framing) delim() string {
	if f.Kind == XML {
		return "\x00"
	}
	return f.Delim
}

// counts reports whether frames tell their length.
func (f Framing) counts() bool {
	return f.Kind == Prefix || f.Kind == Varint || f.Kind == MinecraftVarint
}

// Check returns what is wrong with the framing, in words; nil if it can be used. What [Parse] returned is right.
func (f Framing) Check() error {
	fail := func(format string, args ...any) error { return fmt.Errorf("framing: "+format, args...) }
	if f.Max < 0 || f.Max > MostMax {
		return fail("the most bytes a frame may have are %d; choose from 1 to %d", f.Max, MostMax)
	}
	alone := Framing{Kind: f.Kind, Max: f.Max} // and the fields of the kind
	switch f.Kind {
	case Raw, XML:
	case Gap:
		if alone.Gap = f.Gap; f.Gap <= 0 || f.Gap > MostGap {
			return fail("a silence of %s ends no frame; choose more than 0, up to %s", f.Gap, MostGap)
		}
	case Fixed:
		if alone.Size = f.Size; f.Size < 1 || f.Size > f.Most() {
			return fail("frames of %d bytes; choose from 1 to %d", f.Size, f.Most())
		}
	case Delimiter:
		if alone.Delim, alone.Keep = f.Delim, f.Keep; len(f.Delim) < 1 || len(f.Delim) > MostDelim {
			return fail("a delimiter of %d bytes; choose from 1 to %d", len(f.Delim), MostDelim)
		}
	case Prefix, Varint, MinecraftVarint:
		alone.Offset, alone.Adjust = f.Offset, f.Adjust
		if f.Offset < 0 || f.Offset > MostOffset {
			return fail("%d bytes before the length; choose from 0 to %d", f.Offset, MostOffset)
		}
		if f.Adjust < -MostMax || f.Adjust > MostMax {
			return fail("an adjustment of %d bytes; choose from %d to %d", f.Adjust, -MostMax, MostMax)
		}
		if f.Kind != Prefix {
			break
		}
		if alone.Width, alone.Little = f.Width, f.Little; f.Width < 1 || f.Width > 4 {
			return fail("a length of %d bytes; choose from 1 to 4", f.Width)
		}
		if f.Width == 1 && f.Little {
			return fail("one byte has no byte order")
		}
	default:
		return fail("there is no kind %d", f.Kind)
	}
	if f != alone {
		return fail("%s says more than its kind has: %+v", alone, f)
	}
	return nil
}
