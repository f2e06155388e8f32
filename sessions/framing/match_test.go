package framing

import (
	"bytes"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// foundIn feeds a matcher with pieces of b, each of some bytes.
func foundIn(m *matcher, b []byte, some func(most int) int) bool {
	at, found := int32(0), false
	for len(b) > 0 && !found {
		n := some(len(b))
		at, found = m.feed(at, b[:n])
		b = b[n:]
	}
	return found
}

func TestAMatcherFindsWhatIsThereWhereverItIsSplit(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	letters := []string{"a", "A", "b", "B", "s", "S", "ſ", "é", "É", "ß", "ẞ", "k", "K", "K", "σ", "ς", "Σ", "\xc3", "\xa9", "\x00"}
	made := func(from []string, n int) string {
		var b strings.Builder
		for range n {
			b.WriteString(from[r.IntN(len(from))])
		}
		return b.String()
	}
	hits := [4]int{}
	for range 30_000 {
		from := letters[r.IntN(15):]
		from = from[:1+r.IntN(min(4, len(from)))]
		want, text := made(from, 1+r.IntN(5)), made(from, r.IntN(30))
		fold := r.IntN(2) == 0
		m, err := newMatcher([]byte(want), fold)
		if fold && !utf8.ValidString(want) {
			if err == nil || !strings.Contains(err.Error(), "UTF-8") {
				t.Fatalf("%q is looked for in either case: %v", want, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		kind, expected := 0, strings.Contains(text, want)
		if fold && strings.IndexFunc(want, func(c rune) bool { return c >= utf8.RuneSelf }) < 0 {
			kind, expected = 1, bytes.Contains(asciiLower(text), asciiLower(want))
		} else if fold {
			if !utf8.ValidString(text) {
				continue // the reference reads characters
			}
			kind, expected = 2, regexp.MustCompile("(?i)"+regexp.QuoteMeta(want)).MatchString(text)
		}
		if expected {
			hits[kind]++
		}
		if got := foundIn(m, []byte(text), func(most int) int { return 1 + r.IntN(most) }); got != expected {
			t.Fatalf("%q in %q, fold %v: %v", want, text, fold, got)
		}
	}
	for kind, n := range hits[:3] {
		if n < 200 {
			t.Errorf("%d matches of kind %d are no test", n, kind)
		}
	}
}

func asciiLower(s string) []byte {
	b := []byte(s)
	for i, c := range b {
		b[i] = lowerCase[c]
	}
	return b
}

func TestTextThatCannotBeLookedForInEitherCaseIsRefusedInWords(t *testing.T) {
	if _, err := newMatcher(bytes.Repeat([]byte("a"), MostText+1), false); err == nil || !strings.Contains(err.Error(), "65536") {
		t.Errorf("%v", err)
	}
	long := []byte(strings.Repeat("é", mostFolded/2+1))
	if _, err := newMatcher(long, true); err == nil || !strings.Contains(err.Error(), "match the case") {
		t.Errorf("%v", err)
	}
	m, err := newMatcher(long[:mostFolded], true)
	if err != nil || len(m.table) > 3*mostFolded {
		t.Errorf("%d states, %v", len(m.table), err)
	}
	if _, err := newMatcher([]byte("\xaa"+strings.Repeat("k", 12)), true); err == nil || !strings.Contains(err.Error(), "UTF-8") {
		t.Errorf("%v", err)
	}
	for _, want := range []string{strings.Repeat("k", mostFolded-2) + "é", strings.Repeat("ſKsk", mostFolded/8), strings.Repeat("ß\ufffd", 200)} {
		if m, err := newMatcher([]byte(want), true); err != nil || len(m.table) > 3*len(want) {
			t.Errorf("%.20q...: %d states, %v", want, len(m.table), err)
		}
	}
	if _, err := NewIndex(nil, Options{Text: "a", Hex: []byte{1}}); err == nil {
		t.Error("text and bytes are looked for at once")
	}
}

func FuzzMatcher(f *testing.F) {
	f.Add([]byte("aab"), []byte("aaab"), 2)
	f.Fuzz(func(t *testing.T, want, text []byte, cut int) {
		if len(want) == 0 || len(want) > 1000 {
			return
		}
		m, err := newMatcher(want, false)
		if err != nil {
			t.Fatal(err)
		}
		cut = max(cut, 1)
		if got := foundIn(m, text, func(most int) int { return min(cut, most) }); got != bytes.Contains(text, want) {
			t.Errorf("%q in %q: %v", want, text, got)
		}
		ascii := !slices.ContainsFunc(want, func(b byte) bool { return b >= utf8.RuneSelf })
		if m, err = newMatcher(want, true); (err == nil) != (ascii || utf8.Valid(want)) {
			t.Fatal(err)
		}
		if err == nil && len(m.table) > 3*len(want) {
			t.Errorf("%d states for %q", len(m.table), want)
		}
		if err == nil && bytes.Contains(text, want) && !foundIn(m, text, func(most int) int { return min(cut, most) }) {
			t.Errorf("%q is not found in %q in either case", want, text)
		}
	})
}
