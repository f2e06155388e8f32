package amf_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	. "wirebench/sessions/amf"
)

// FuzzDecode holds what is read from any bytes to being shown safely, and to
// being written so that it reads as the same; and what was written once to being
// written as the same bytes.
func FuzzDecode(f *testing.F) {
	forAll(func(version Version, v vector) { f.Add(unhex(f, v.bytes), version == AMF3) })
	for _, v := range repeated {
		f.Add(unhex(f, v.bytes), true)
	}
	for _, v := range normalised {
		f.Add(unhex(f, v.bytes), v.version == 3)
	}
	f.Fuzz(func(t *testing.T, b []byte, three bool) {
		version := AMF0
		if three {
			version = AMF3
		}
		limits := Limits{Nodes: 2000, Text: 1 << 16}
		v, n, err := Decode(b, version, limits)
		if n < 0 || n > len(b) {
			t.Fatalf("%d bytes of %d", n, len(b))
		}
		for _, l := range Format(v, version) {
			visible(t, "a line", l.String(), false)
			if l.Offset < 0 || l.Size < 0 || l.Offset+l.Size > len(b) {
				t.Fatalf("a line at %d+%d of %d", l.Offset, l.Size, len(b))
			}
		}
		text := Text(v, version)
		visible(t, "Text", text, true)
		j := JSON(v, version)
		visible(t, "JSON", string(j), false)
		if !json.Valid(j) {
			t.Fatalf("%s", j)
		}
		out, encodeErr := Encode(v, version)
		if err != nil && !errors.Is(err, ErrOpaque) {
			if encodeErr == nil {
				t.Fatalf("%x, which is cut (%v), is written as %x", b, err, out)
			}
			return
		}
		if err != nil && encodeErr != nil {
			return // an opaque class inside something
		}
		if encodeErr != nil {
			t.Fatalf("%x: %v", b, encodeErr)
		}
		again, m, err := Decode(out, version, limits)
		if err != nil && !errors.Is(err, ErrOpaque) || m != len(out) {
			t.Fatalf("%x is written as %x, which reads %d bytes: %v", b[:n], out, m, err)
		}
		if !equal(&v, &again, false) {
			t.Fatalf("%x is written as %x:\n%s\n%s", b[:n], out, text, Text(again, version))
		}
		twice, err := Encode(again, version)
		if err != nil || !bytes.Equal(out, twice) {
			t.Fatalf("%x is written as %x and then as %x (%v)", b[:n], out, twice, err)
		}
		read, err := ParseText(text, version)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if !equal(&v, &read, false) {
			t.Fatalf("%s is read as %s", text, Text(read, version))
		}
	})
}

// FuzzParseText holds what is read from any text to being written in a way that
// reads as the same.
func FuzzParseText(f *testing.F) {
	forAll(func(version Version, v vector) { f.Add(v.text, version == AMF3) })
	f.Fuzz(func(t *testing.T, s string, three bool) {
		version := AMF0
		if three {
			version = AMF3
		}
		v, err := ParseText(s, version)
		if err != nil {
			visible(t, "the error", err.Error(), false)
			return
		}
		text := Text(v, version)
		again, err := ParseText(text, version)
		if err != nil || !equal(&v, &again, false) {
			t.Fatalf("%q is written as %s, which reads as %s (%v)", s, text, Text(again, version), err)
		}
		b, err := Encode(v, version)
		if err != nil {
			return
		}
		decoded, n, err := Decode(b, version, Limits{})
		if err != nil && !errors.Is(err, ErrOpaque) && !errors.Is(err, ErrLimit) {
			t.Fatalf("%q makes %x, of which %d bytes are read: %v", s, b, n, err)
		}
		if err == nil && !equal(&v, &decoded, false) {
			t.Fatalf("%q makes %x: %s", s, b, Text(decoded, version))
		}
	})
}
