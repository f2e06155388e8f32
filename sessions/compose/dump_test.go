package compose

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// column7 is the text column as every tool here writes it.
func column7(b []byte) string {
	s := make([]byte, len(b))
	for i, c := range b {
		s[i] = '.'
		if c >= ' ' && c < 0x7f {
			s[i] = c
		}
	}
	return string(s)
}

// dumps writes b in the manner of each tool whose dumps are read.
func dumps(b []byte) map[string]string {
	var hexdump, xxd, tcpdump, wireshark, od strings.Builder
	for at := 0; at < len(b); at += 16 {
		row := b[at:min(at+16, len(b))]
		var words, spaced, halves strings.Builder
		for i, c := range row {
			if i > 0 && i%2 == 0 {
				words.WriteByte(' ')
			}
			if i == 8 {
				halves.WriteByte(' ')
			}
			fmt.Fprintf(&words, "%02x", c)
			fmt.Fprintf(&spaced, "%02x ", c)
			fmt.Fprintf(&halves, "%02x ", c)
		}
		text := column7(row)
		fmt.Fprintf(&hexdump, "%08x  %-50s|%s|\n", at, halves.String(), text)
		fmt.Fprintf(&xxd, "%08x: %-39s  %s\n", at, words.String(), text)
		fmt.Fprintf(&tcpdump, "\t0x%04x:  %-39s  %s\n", at, words.String(), text)
		fmt.Fprintf(&wireshark, "%04x  %-48s  %s\n", at, spaced.String(), text)
		fmt.Fprintf(&od, "%06x %-48s>%s<\n", at, spaced.String(), text)
	}
	fmt.Fprintf(&hexdump, "%08x\n", len(b))
	fmt.Fprintf(&od, "%06x\n", len(b))
	return map[string]string{
		"hexdump -C": hexdump.String(), "xxd": xxd.String(), "tcpdump -X": tcpdump.String(),
		"wireshark": wireshark.String(), "od -tx1z": od.String(),
	}
}

func TestDumpsMadeByTheToolsThemselvesAreRead(t *testing.T) {
	want, err := os.ReadFile("testdata/sample.bin")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"hexdump-C.txt", "xxd.txt", "xxd-a.txt", "xxd-g1-c8.txt", "xxd-i.txt", "xxd-p.txt", "od.txt", "tshark-x.txt",
	} {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("testdata", name))
			if err != nil {
				t.Fatal(err)
			}
			got, err := Hex(string(text))
			if err != nil {
				t.Fatal(err)
			}
			if name == "tshark-x.txt" {
				got = got[len(got)-len(want):] // behind the headers of the frame
			}
			if !bytes.Equal(got, want) {
				t.Errorf("read\n% x\nwant\n% x", got, want)
			}
		})
	}
}

func TestDumpsInMachineOrderAreRefused(t *testing.T) {
	for name, says := range map[string]string{
		"hexdump-words.txt": "byte order of the machine",
		"xxd-e.txt":         "little-endian",
	} {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("testdata", name))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := Hex(string(text)); err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("% x, %v", got, err)
			}
		})
	}
}

func TestDumpReads(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"one line of xxd", "00000000: 4865 6c6c 6f                             Hello", "Hello"},
		{"one line of xxd without its text", "00000010: 4865 6c6c 6f", "Hello"},
		{"one line of tcpdump", "\t0x0000:  4865 6c6c 6f                             Hello", "Hello"},
		{"one line of hexdump -C", "00000000  48 65 6c 6c 6f                                    |Hello|", "Hello"},
		{"one line of Wireshark", "0000   48 65 6c 6c 6f   Hello", "Hello"},
		{"a text column of digits", "0000   61 62 63 64   abcd", "abcd"},
		{"a text column that reads like a comment", "0000   23 2f 2f 31   #//1", "#//1"},
		{"a last row whose text looks like more bytes", "00000000: 6162 6364  abcd\n00000004: 6162       ab", "abcdab"},
		{"offsets that begin above zero", "00000100: 4865\n00000102: 6c", "Hel"},
		{"offsets without a text column", "0000 48 65 6c\n0003 6c 6f", "Hello"},
		{"comment lines and blank lines between", "# first\n0000  48 65   He\n\n// then\n0002  6c   l", "Hel"},
		{"a text column that was not edited along", "00000000: 4865 6c6c  Xell\n00000004: 6f         Q", "Hello"},
		{"bars around a text that was not edited along", "00000000  48 65 6c  |xxx|", "Hel"},
		{"white space collapsed in pasting", "0000 48 65 6c Hel\n0003 6c 6f lo", "Hello"},
		{"rows left out at *", "0000  00 00   ..\n*\n0006  01   .", "\x00\x00\x00\x00\x00\x00\x01"},
		{"a text column beyond ASCII", "0000  c3 a9   Ã©\n0002  41   A", "\xc3\xa9A"},
		{"trimmed spaces at the end", "00000000: 4120 2020  A\n00000004: 41", "A   A"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Hex(tt.in)
			if err != nil || string(got) != tt.want {
				t.Errorf("Hex(%q) = % x, %v; want % x", tt.in, got, err, tt.want)
			}
		})
	}
}

func TestDumpPointsAt(t *testing.T) {
	tests := []struct {
		name, in          string
		pos, line, column int
		says              string
	}{
		{"an offset that does not follow", "00000000: 4865\n00000004: 6c", 15, 2, 1, "holds 2 bytes"},
		{"an offset that goes back", "00000010: 4865\n00000000: 6c", 15, 2, 1, "does not follow"},
		{"a line without an offset", "00000000: 4865\nhello", 15, 2, 1, "does not begin with an offset"},
		{"a strange character in a row", "00000000: 48zz\n00000002: 6c", 10, 1, 11, "2 bytes"},
		{"a strange character in the last row", "00000000: 4865\n00000002: 6x", 25, 2, 11, "pair"},
		{"rows left out at the end", "00000000: 0000\n*", 15, 2, 1, "ends with *"},
		{"more repeated rows than are filled in", "00000000: 0000\n*\nfffffffe: 00", 15, 2, 1, "from a file"},
		{"repeated rows that do not fit", "00000000: 0000\n*\n00000005: 00", 17, 3, 1, "does not follow"},
		{"a missing row of a dump with text", "0000  48 65   He\n0010  6c   l", 17, 2, 1, "does not follow"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Hex(tt.in)
			wantError(t, err, tt.pos, tt.line, tt.column, tt.says)
		})
	}
}
