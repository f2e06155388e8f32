package fields

import (
	"strings"
	"testing"
)

// BenchmarkCompile is what a keystroke costs: a message of the usual size, and
// the longest one that there can be.
func BenchmarkCompile(b *testing.B) {
	usual := `version: u8 1, u16be len(body), body: { u32le 0xDEADBEEF, str8 "ada", f32be 1.5, utf "hé", hex 00ff }, u16le crc-16/modbus(all)`
	for _, bb := range []struct{ name, text string }{
		{"usual", usual},
		{"longest", strings.Repeat("u32 0x12345678\n", MaxFields)},
		{"varints", strings.Repeat("uleb128 len(rest)\n", 10_000)},
	} {
		b.Run(bb.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := testBuilder.Compile(bb.text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
