package amf_test

import (
	"strings"
	"testing"

	. "wirebench/sessions/amf"
)

// BenchmarkCodec takes an array of a thousand objects of a class, as a game
// sends its state.
func BenchmarkCodec(b *testing.B) {
	text := "[" + strings.Repeat(`Object("org.example.Unit"){"id": 123456, "name": "archer", "x": 12.5, "y": -7.25, "alive": true; "hp": 90}, `, 1000) + "]"
	v, err := ParseText(text, AMF3)
	if err != nil {
		b.Fatal(err)
	}
	bytes, err := Encode(v, AMF3)
	if err != nil {
		b.Fatal(err)
	}
	run := func(name string, size int, f func()) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(size))
			for b.Loop() {
				f()
			}
		})
	}
	run("Decode", len(bytes), func() { Decode(bytes, AMF3, Limits{}) })
	run("Encode", len(bytes), func() { Encode(v, AMF3) })
	run("Format", len(bytes), func() { Format(v, AMF3) })
	run("Text", len(bytes), func() { Text(v, AMF3) })
	run("JSON", len(bytes), func() { JSON(v, AMF3) })
	run("ParseText", len(text), func() { ParseText(text, AMF3) })
}
