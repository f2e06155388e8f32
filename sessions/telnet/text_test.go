package telnet

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// lines gives the lines of a stream, the one that is not ended behind a ">".
func lines(t *Text, pieces ...string) string {
	var out []string
	for _, piece := range pieces {
		t.Feed([]byte(piece), func(l Line) {
			s := l.Text
			if l.Broken {
				s += "+"
			}
			out = append(out, s)
		})
	}
	return strings.Join(append(out, ">"+t.Line().Text), "|")
}

func TestLinesAreReadAsAPrinterWouldPrintThem(t *testing.T) {
	tests := []struct{ name, stream, want string }{
		{"nothing", "", ">"},
		{"CR LF", "a\r\nb", "a|>b"},
		{"LF alone", "a\nb", "a|>b"},
		{"CR CR LF", "a\r\r\nb", "a|>b"},
		{"empty lines", "\r\n\r\n", "||>"},
		{"a prompt", "login: ", ">login: "},
		{"CR that writes the line again", "10%\r25%\r\n", "25%|>"},
		{"CR NUL", "abc\r\x00X", ">Xbc"},
		{"CR before a line that is shorter", "abc\rX\r\n", "Xbc|>"},
		{"BS", "ab\b\bcd\b \b", ">c "},
		{"BS at the begin", "\b\bx", ">x"},
		{"BS over a character of several bytes", "caf\u00e9\be", ">cafe"},
		{"NUL", "a\x00b", ">ab"},
		{"a tab and other controls, which stay", "a\tb\x0bc\x7f", ">a\tb\x0bc\x7f"},
		{"UTF-8", "\u65e5\u672c \U0001f600\n", "\u65e5\u672c \U0001f600|>"},
		{"bytes that are not UTF-8", "a\xffb\xe2\x82c\xc0\x80\n", "a\xffb\xe2\x82c\xc0\x80|>"},
		{"half a character at the end", "a\xe2\x82", ">a\xe2\x82"},
		{"a replacement character that was sent", "\ufffd\n", "\ufffd|>"},
		{"colours", "\x1b[1;31mred\x1b[0m\n", "red|>"},
		{"a title", "\x1b]0;title\x07$ ", ">$ "},
		{"a title that ST ends", "\x1b]0;t\u00eftle\x1b\\$ ", ">$ "},
		{"a device control string, in which BEL means nothing", "\x1bPq\x07#\x1b\\x", ">x"},
		{"character sets", "\x1b(B\x1b)0x\x1b%G\x1b#8", ">x"},
		{"cursor and screen, not obeyed", "a\x1b[2J\x1b[H\x1b[3Ab\x1bM\x1b7\x1b8\x1bc", ">ab"},
		{"private modes", "\x1b[?2004hx\x1b[?25l\x1b[>c\x1b[!p\x1b[ q", ">x"},
		{"a sequence that CAN ends", "\x1b[12\x18x", ">x"},
		{"a sequence that another begins in", "\x1b[1\x1b[1mx", ">x"},
		{"a sequence that a line end breaks", "\x1b[1\r\nx", "|>x"},
		{"a sequence that another byte breaks", "\x1b[1\u00e9x\x1b\xc3\xa9", ">\u00e9x\u00e9"},
		{"a title that a sequence begins in", "\x1b]0;t\x1b[mx", ">x"},
		{"an ESC at the end", "x\x1b", ">x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := lines(&Text{}, tt.stream); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
			if got := lines(&Text{}, strings.Split(tt.stream, "")...); utf8.ValidString(tt.stream) && got != tt.want {
				t.Errorf("character by character %q, want %q", got, tt.want)
			}
			var bytewise []string
			for i := range len(tt.stream) {
				bytewise = append(bytewise, tt.stream[i:i+1])
			}
			if got := lines(&Text{}, bytewise...); got != tt.want {
				t.Errorf("byte by byte %q, want %q", got, tt.want)
			}
		})
	}
}

func TestSequencesAreCountedByName(t *testing.T) {
	var text Text
	lines(&text, "\x1b[1mbold\x1b[0m\a\x1b[K\x1b[?25h\x1b[?25l\x1b[5n\x1b[c\x1bZ\x1b]2;t\a\x1b(B\x1b[1;2~\x1b[1\x18\x1bPx\x1b[m")
	got := map[string]int64{}
	for _, c := range text.Counts() {
		got[c.Name] = c.N
	}
	want := map[string]int64{
		"colours and style (SGR)": 3, "bell": 1, "erase the line (EL)": 1, "set a private mode (DECSET)": 1,
		"reset a private mode (DECRST)": 1, "asks for the terminal's state (DSR)": 1, "asks what terminal it is (DA)": 1,
		"asks what terminal it is (DECID)": 1, "title, colours or other settings (OSC)": 1, "character set (SCS)": 1,
		"other control sequence (CSI)": 1, "cancelled sequence": 1, "unfinished string": 1,
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v\nwant %v", got, want)
	}
	if n := text.Line().Sequences; n != 15 {
		t.Errorf("%d in the line", n)
	}
	if got := Summary(text.Counts(), 1); got != "3 colours and style (SGR), 12 others" {
		t.Error(got)
	}
	if got := Summary(nil, 3); got != "" {
		t.Error(got)
	}
	lines(&text, "\n")
	if n := text.Line().Sequences; n != 0 {
		t.Errorf("%d in the next line", n)
	}
}

func TestAStringWithoutAnEndHidesOnlySoMuch(t *testing.T) {
	got := lines(&Text{}, "\x1b]0;"+strings.Repeat("x", 2*maxString)+"\nvisible\n")
	if !strings.HasSuffix(got, "|visible|>") || strings.Count(got, "x") < maxString {
		t.Errorf("%d bytes, the end is %q", len(got), got[max(0, len(got)-20):])
	}
	if got := lines(&Text{}, "\x1b["+strings.Repeat("1", 2*maxSequence)+"m"); strings.Count(got, "1") < maxSequence {
		t.Errorf("%q", got)
	}
}

func TestALineWithoutAnEndIsBroken(t *testing.T) {
	var text Text
	got := strings.Split(lines(&text, strings.Repeat("x", 2*MaxLine+5)), "|")
	if len(got) != 3 || len(got[0]) != MaxLine+1 || !strings.HasSuffix(got[0], "+") || got[2] != ">xxxxx" {
		t.Errorf("%d lines, the first of %d", len(got), len(got[0]))
	}
	if c := cap(text.cells); c > 2*MaxLine {
		t.Errorf("%d cells of memory", c)
	}
}

func FuzzText(f *testing.F) {
	f.Add([]byte("a\r\nb\x1b[1mc\x1b]0;t\x07\b\xff\xe2\x82"), []byte{1, 2, 3})
	f.Fuzz(func(t *testing.T, stream, cuts []byte) {
		var pieces []string
		rest := string(stream)
		for _, n := range cuts {
			n := min(int(n), len(rest))
			pieces, rest = append(pieces, rest[:n]), rest[n:]
		}
		var whole, cut Text
		at, inPieces := lines(&whole, string(stream)), lines(&cut, append(pieces, rest)...)
		if at != inPieces || fmt.Sprint(whole.Counts()) != fmt.Sprint(cut.Counts()) {
			t.Fatalf("at once %q %v, in pieces %q %v", at, whole.Counts(), inPieces, cut.Counts())
		}
		if strings.ContainsAny(at, "\x1b\r\n\b\a\x00") {
			t.Fatalf("%q comes out as %q", stream, at)
		}
		for _, c := range whole.Counts() {
			fitToBeShown(t, c.Name)
		}
	})
}
