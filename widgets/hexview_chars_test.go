package widgets

import (
	"strings"
	"testing"

	"wirebench/sessions/capture"
	"wirebench/sessions/charset"
	"wirebench/sessions/inspect"
	"wirebench/widgets/grid"
)

func charsetNamed(t testing.TB, name string) *charset.Charset {
	t.Helper()
	c, err := charset.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// textOf returns the text column of a row, with _ for a byte within a character.
func textOf(v *HexView, row int64) string {
	_, cells := hexRow(v, row)
	var s strings.Builder
	for _, c := range cells[v.layout.text : v.layout.text+v.layout.perRow] {
		if c.Rune == 0 {
			c.Rune = '_'
		}
		s.WriteRune(c.Rune)
	}
	return strings.TrimRight(s.String(), " ")
}

func TestTheTextColumnIsInTheChosenCharset(t *testing.T) {
	for _, c := range []struct {
		charset string
		order   inspect.Order
		data    string
		want    string
	}{
		{"utf-8", inspect.Big, "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf6 \xe6", "grü_ß_ €__ . ."},
		{"utf-8", inspect.Big, "a\xe2\x80\xaeb\xcc\x81c\xf0\x9f\x98\x80", "a...b..c😀___"},
		{"utf-8", inspect.Big, "\xe6\x97\xa5\xe6\x9c\xac\x00", "日__本__."},
		{"windows-1251", inspect.Big, "\xcc\xe8\xf0\x98!", "Мир.!"},
		{"shift_jis", inspect.Big, "\x93\xfa\x96\x7b\xb1.\x93", "日_本_ｱ.."},
		{"utf-16", inspect.Big, "\x00H\x00i\x20\xac\x00", "H_i_€_."},
		{"utf-16", inspect.Little, "H\x00i\x00\xac\x20\x00", "H_i_€_."},
		{"utf-16le", inspect.Big, "H\x00i\x00\xac\x20\x00", "H_i_€_."},
		{"ibm037", inspect.Big, "\xc8\xc9\x40\xf1", "HI 1"},
		{"iso-2022-jp", inspect.Big, "\x1b$BF|K\\\x1b(Bok", "...日_本_...ok"},
	} {
		src := &fakeBytes{records: 1, size: int64(len(c.data)), at: again(c.data)}
		v := shownHex(t, src, 900, 300)
		v.SetCharset(charsetNamed(t, c.charset), c.order)
		if got := textOf(v, 0); got != c.want {
			t.Errorf("%s, %v: %q, want %q", c.charset, c.order, got, c.want)
		}
		v.SetCharset(nil, inspect.Big)
		if got := textOf(v, 0); strings.Contains(got, "_") {
			t.Errorf("without a charset: %q", got)
		}
	}
}

func TestACharacterCutByRowsScreensAndRecordsIsReadWhole(t *testing.T) {
	// Records of seven bytes of one speaker, characters of three.
	text := "日本語テキスト"
	src := &fakeBytes{records: 4000, size: 7, at: func(both int64) byte {
		in := both/14*7 + both%7 // records alternate in direction
		return text[in%int64(len(text))]
	}}
	v := shownHex(t, src, 900, 300)
	v.SetBytesPerRow(8)
	v.SetCharset(charset.UTF8, inspect.Big)
	v.SetStream(capture.InOnly)
	for _, row := range []int64{0, 1, 2, 900, 901, 1700} {
		v.grid.ScrollToTop(row)
		want := []rune{}
		for i := row * 8; i < row*8+8; i++ {
			if r := '_'; i%3 == 0 {
				want = append(want, []rune(text)[i/3%7])
			} else {
				want = append(want, r)
			}
		}
		if got := textOf(v, row); got != string(want) {
			t.Errorf("row %d: %q, want %q", row, got, string(want))
		}
	}
	// In both directions the other speaker's bytes stand between, and are not taken into a character.
	v.SetStream(capture.Both)
	v.SetBytesPerRow(16)
	v.grid.ScrollToTop(0)
	if got := textOf(v, 0); got != "日__本__.日__本__..." {
		t.Errorf("both directions: %q", got)
	}
}

func TestUTF16StaysInStepWithTheRecordItIsIn(t *testing.T) {
	src := &fakeBytes{records: 2, size: 2001, at: func(both int64) byte { return "a\x00"[both%2001%2] }}
	v := shownHex(t, src, 900, 300)
	v.SetCharset(charsetNamed(t, "utf-16le"), inspect.Big)
	for _, row := range []int64{0, 100, 124} {
		v.grid.ScrollToTop(row)
		if got := textOf(v, row); got != strings.Repeat("a_", 8) {
			t.Errorf("row %d: %q", row, got)
		}
	}
	// The second record begins at 2001, behind half a unit.
	for row, want := range map[int64]string{125: "." + strings.Repeat("a_", 7) + "a", 126: strings.Repeat("_a", 8)} {
		v.grid.ScrollToTop(row)
		if got := textOf(v, row); got != want {
			t.Errorf("row %d: %q, want %q", row, got, want)
		}
	}
}

func TestTextIsCopiedInTheCharset(t *testing.T) {
	data := "\x93\xfa\r\n\x96\x7b\r\t\\\x81\x00"
	src := &fakeBytes{records: 1, size: int64(len(data)), at: again(data)}
	v := shownHex(t, src, 900, 300)
	v.SetCharset(charsetNamed(t, "shift_jis"), inspect.Big)
	v.SelectAll()
	if got, want := v.CopyAsText(), "日\n本\\r\t\\\\x81\\0"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestAWideCharacterAtTheEndOfARowHasRoom(t *testing.T) {
	data := "1234567日"
	src := &fakeBytes{records: 1, size: int64(len(data)), at: again(data)}
	v := shownHex(t, src, 900, 300)
	v.SetBytesPerRow(8)
	v.SetCharset(charset.UTF8, inspect.Big)
	_, cells := hexRow(v, 0)
	at := v.layout.text + 7
	if cells[at].Rune != '日' || len(cells) < at+2 || cells[at+1].Rune != ' ' && cells[at+1].Rune != 0 || grid.RuneWidth('日') != 2 {
		t.Errorf("the row ends with %v", cells[at:])
	}
}
