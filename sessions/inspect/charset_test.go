package inspect_test

import (
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"wirebench/sessions/charset"
	. "wirebench/sessions/inspect"
)

func lookup(t testing.TB, name string) *charset.Charset {
	t.Helper()
	c, err := charset.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func rowIn(t testing.TB, c *charset.Charset, id string) Row {
	t.Helper()
	for _, r := range RowsIn(c) {
		if r.ID == id {
			return r
		}
	}
	t.Fatalf("there is no row %q", id)
	return Row{}
}

func TestTextIsReadInTheCharset(t *testing.T) {
	tests := []struct {
		name, charset, id, bytes string
		big, little              Value
	}{
		{"a Japanese character", "shift_jis", "char", "93fa00", Value{Text: "日  U+65E5", Size: 2}, Value{Text: "日  U+65E5", Size: 2}},
		{"a character in the order of the column", "utf-16", "char", "20ac", Value{Text: "€  U+20AC", Size: 2}, Value{Text: `갠  U+AC20`, Size: 2}},
		{"a character whose order is known", "utf-16le", "char", "ac20", Value{Text: "€  U+20AC", Size: 2}, Value{Text: "€  U+20AC", Size: 2}},
		{"a character beyond 16 bits", "utf-16be", "char", "d83dde00", Value{Text: "😀  U+1F600", Size: 4}, Value{Text: "😀  U+1F600", Size: 4}},
		{"half of it", "utf-16be", "char", "d83d", Value{Missing: 2}, Value{Missing: 2}},
		{"a lead byte alone", "gbk", "char", "d6", Value{Missing: 1}, Value{Missing: 1}},
		{"two characters of one code", "big5", "char", "8862", Value{Text: "Ê̄  U+00CA U+0304", Size: 2}, Value{Text: "Ê̄  U+00CA U+0304", Size: 2}},
		{"a character behind a switch", "iso-2022-jp", "char", "1b2442467c", Value{Text: "日  U+65E5", Size: 5}, Value{Text: "日  U+65E5", Size: 5}},
		{"a byte that is no character", "us-ascii", "char", "e9", Value{Problem: `not us-ascii: \xe9`}, Value{Problem: `not us-ascii: \xe9`}},
		{"a control of another charset", "ibm037", "char", "25", Value{Text: `\n  U+000A`, Size: 1}, Value{Text: `\n  U+000A`, Size: 1}},
		{"text to a NUL of two bytes", "utf-16", "string", "00480069000000ff", Value{Text: "Hi", Size: 6}, Value{Text: "䠀椀", Size: 6}},
		{"no NUL across two units", "utf-16be", "string", "480000410000", Value{Text: "䠀A", Size: 6}, Value{Text: "䠀A", Size: 6}},
		{"an odd byte at the end", "utf-16be", "string", "004800", Value{Text: `H\x00`, Size: 3}, Value{Text: `H\x00`, Size: 3}},
		{"broken bytes", "shift_jis", "string", "93fa8100", Value{Text: `日\x81`, Size: 4}, Value{Text: `日\x81`, Size: 4}},
		{"a length in bytes, of the column's order", "utf-16", "readutf", "0004004800690000", Value{Text: "Hi", Size: 6}, Value{Missing: 1018}},
		{"a length of one byte", "windows-1251", "u8string", "06cff0e8e2e5f2", Value{Text: "Привет", Size: 7}, Value{Text: "Привет", Size: 7}},
		{"a varint length", "utf-8", "varstring", "8100" + "41", Value{Text: "A", Size: 3}, Value{Text: "A", Size: 3}},
		{"a long varint length", "utf-8", "varstring", "ac0241", Value{Missing: 299}, Value{Missing: 299}},
		{"hostile text", "utf-16be", "string", "202e000a200bd800005c0000", Value{Text: `\u202e\n\u200b\xd8\x00\\`, Size: 12}, Value{Text: `\u202e\n\u200b\xd8\x00\\`, Size: 12}},
		{"zero before a digit", "iso-8859-1", "u8string", "03003730", Value{Text: `\x0070`, Size: 4}, Value{Text: `\x0070`, Size: 4}},
	}
	for _, tt := range tests {
		t.Run(tt.name+" in "+tt.charset, func(t *testing.T) {
			r := rowIn(t, lookup(t, tt.charset), tt.id)
			b := unhex(t, tt.bytes)
			if got := r.At(b, 0, Big); got != tt.big {
				t.Errorf("big-endian %+v, want %+v", got, tt.big)
			}
			if got := r.At(b, 0, Little); got != tt.little {
				t.Errorf("little-endian %+v, want %+v", got, tt.little)
			}
			if r.Single && tt.big != tt.little {
				t.Error("said to have no order")
			}
		})
	}
}

func TestTheSelectionIsReadAsText(t *testing.T) {
	// IDataInput.readUTFBytes and readMultiByte take a length in bytes.
	r := rowIn(t, lookup(t, "koi8-r"), "seltext")
	b := unhex(t, "f0d2c9d7c5d400ff")
	if got := r.At(b, 6, Big); got != (Value{Text: "Привет", Size: 6}) {
		t.Errorf("%+v", got)
	}
	if got := r.At(b, 7, Big); got != (Value{Text: `Привет\0`, Size: 7}) {
		t.Errorf("%+v", got)
	}
	if got := r.At(b, 0, Big); got.Problem == "" {
		t.Errorf("no selection is read as %+v", got)
	}
}

func TestTextBeyondWhatIsAtHandIsNotMissing(t *testing.T) {
	head := []byte("\x00\x64Hello")
	tests := []struct {
		name, id string
		place    Place
		want     Value
	}{
		{"the stream has it", "readutf", Place{Bytes: head, Offset: 10, Total: 112}, Value{Text: "Hello…", Size: 102}},
		{"the stream has not all of it", "readutf", Place{Bytes: head, Offset: 10, Total: 111}, Value{Missing: 1}},
		{"nothing is known of the stream", "readutf", Place{Bytes: head, Offset: 10}, Value{Missing: 95}},
		{"text without an end", "string", Place{Bytes: head[2:], Total: 6}, Value{Text: "Hello…", Size: 5}},
		{"text to the end of the stream", "string", Place{Bytes: head[2:], Offset: 1, Total: 6}, Value{Text: "Hello", Size: 5}},
		{"text cut within a character", "string", Place{Bytes: []byte("ab\xe2\x82"), Total: 9}, Value{Text: "ab…", Size: 4}},
	}
	for _, tt := range tests {
		if got := row(t, tt.id).Read(tt.place, Big); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

func TestPreviewsInACharset(t *testing.T) {
	tests := []struct {
		charset, bytes string
		max            int
		want           string
	}{
		{"shift_jis", "93fa967b8cea", 3, "日本語"}, {"shift_jis", "93fa967b8cea", 2, "日…"},
		{"shift_jis", "93fa81", 9, `日\x81`}, {"shift_jis", "93fa810a", 4, "日…"},
		{"utf-16le", "41000a0000002e20", 9, `A␊␀\u202e`}, {"ibm037", "c8250d", 9, "H␊␍"},
		{"iso-2022-jp", "1b2442467c1b284241", 9, "日A"}, {"big5", "8862", 2, "Ê̄"}, {"big5", "8862", 1, "…"},
		{"utf-8", "e282ac", 0, ""}, {"utf-16be", "20ac", 0, ""}, {"koi8-r", "f0d2", -1, ""},
	}
	for _, tt := range tests {
		if got := PreviewIn(lookup(t, tt.charset), unhex(t, tt.bytes), tt.max); got != tt.want {
			t.Errorf("%s %s at most %d: %q, want %q", tt.charset, tt.bytes, tt.max, got, tt.want)
		}
	}
}

func FuzzText(f *testing.F) {
	for n, s := range []string{"日本\u202e\\\x00", "\x93\xfa\x81\x0a\x00\x37", "\x1b$BF|\x1b(B\x1b", "\xd8\x3d\xde\x00\xdc", "a\u0301\u0301\u0301\u0301\u0301\u0301", "\x88\x62~{~}~~"} {
		f.Add([]byte(s), uint8(n*7), n)
	}
	choices := charset.Choices()
	rows := map[string][]Row{}
	for _, c := range choices {
		rows[c.Name] = RowsIn(lookup(f, c.Name))
	}
	f.Fuzz(func(t *testing.T, b []byte, which uint8, max int) {
		c := lookup(t, choices[int(which)%len(choices)].Name)
		s := EscapeIn(c, b)
		wantHarmless(t, s)
		if c.Name() == "utf-8" && s != Escape(b) {
			t.Fatalf("%q is escaped as %q and as %q", b, s, Escape(b))
		}
		// The text of a row is made by other means than Escape is, even in UTF-8.
		if v := rowIn(t, charset.UTF8, "seltext").At(b, len(b), Big); len(b) > 0 && len(b) <= MaxText && v.Text != Escape(b) {
			t.Fatalf("%q is escaped as %q and as %q", b, v.Text, Escape(b))
		}
		p := PreviewIn(c, b, max)
		wantHarmless(t, p)
		if n := utf8.RuneCountInString(p); n > 0 && n > max {
			t.Fatalf("%d characters for at most %d", n, max)
		}
		checkRows(t, rows[c.Name()], b, max)
	})
}

// checkRows reads b with every row in both orders and holds the values to what
// is promised of all of them.
func checkRows(t testing.TB, rows []Row, b []byte, selected int) {
	t.Helper()
	before := slices.Clone(b)
	for _, r := range rows {
		var values [2]Value
		for o := range values {
			v := r.At(b, selected, Order(o))
			values[o] = v
			if v.Missing < 0 || v.Missing > 0 && (v.Text != "" || v.Problem != "" || v.Size != 0) ||
				v.Problem != "" && (v.Text != "" || v.Size != 0) || v.Size < 0 || v.Size > len(b) {
				t.Fatalf("%s in order %d: %+v contradicts itself (%d bytes)", r.ID, o, v, len(b))
			}
			if v.Missing == 0 && v.Problem == "" && v.Size == 0 {
				t.Fatalf("%s in order %d: a value of no bytes: %+v", r.ID, o, v)
			}
			// A value must not depend on bytes behind its end.
			if v.Size > 0 && !r.Selection && r.ID != "string" && r.Prefix == nil {
				if again := r.Value(b[:v.Size], Order(o)); again != v {
					t.Fatalf("%s: %+v from its own bytes, %+v with more behind", r.ID, again, v)
				}
			}
			wantHarmless(t, v.Text)
			wantHarmless(t, v.Problem)
			if len(v.Text) > MaxText*6+8 {
				t.Fatalf("%s: %d bytes of text", r.ID, len(v.Text))
			}
			// In a longer stream nothing is missing that is there.
			far := r.Read(Place{Bytes: b, Selected: selected, Offset: 1 << 40, Total: 1<<40 + int64(len(b)) + 1<<20}, Order(o))
			wantHarmless(t, far.Text)
			if v.Missing == 0 && far.Missing > 0 || len(far.Text) > MaxText*6+64 {
				t.Fatalf("%s: %+v, but %+v in a longer stream", r.ID, v, far)
			}
		}
		if r.Single && values[0] != values[1] {
			t.Fatalf("%s is said to have no order: %+v, %+v", r.ID, values[0], values[1])
		}
	}
	if !slices.Equal(b, before) {
		t.Fatal("the bytes were changed")
	}
}

func TestRowsOfALargeFileTakeLittleTime(t *testing.T) {
	// A window of the largest size without a NUL, in charsets of every kind: what
	// is not shown is not decoded. The bound is on memory, which does not depend
	// on the machine.
	b := []byte(strings.Repeat("\xff\xfeabc\x93\xfa", 9362))
	for _, name := range []string{"utf-8", "utf-16", "shift_jis", "windows-1252"} {
		rows := RowsIn(lookup(t, name))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		const runs = 4
		for range runs {
			for _, r := range rows {
				r.At(b, len(b), Little)
			}
		}
		runtime.ReadMemStats(&after)
		if n := (after.TotalAlloc - before.TotalAlloc) / runs; n > 256<<10 {
			t.Errorf("%s: %d bytes of memory for all rows", name, n)
		}
	}
}
