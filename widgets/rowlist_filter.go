package widgets

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// wordFilter is the words that a row must have, each of them somewhere.
type wordFilter struct {
	words []filterWord
}

type filterWord struct {
	text   string // in lower case
	number int64  // of the one row that "#12" stands for; 0 for none
	digits bool   // may be part of a number
	ascii  bool
}

func newWordFilter(text string) (f wordFilter) {
	for _, word := range strings.Fields(strings.ToLower(clip(text, lineLimit))) {
		w := filterWord{text: word, digits: true, ascii: true}
		for i := range len(word) {
			w.digits = w.digits && word[i] >= '0' && word[i] <= '9'
			w.ascii = w.ascii && word[i] < utf8.RuneSelf
		}
		if n, err := strconv.ParseInt(strings.TrimPrefix(word, "#"), 10, 64); err == nil && word[0] == '#' && n > 0 {
			w.number = n
		}
		f.words = append(f.words, w)
	}
	return f
}

func (f *wordFilter) empty() bool { return len(f.words) == 0 }

// matches tells whether each word is in one of the texts or in the number, 0 for none.
func (f *wordFilter) matches(number int64, texts ...string) bool {
	for i := range f.words {
		if !f.words[i].in(number, texts) {
			return false
		}
	}
	return true
}

func (w *filterWord) in(number int64, texts []string) bool {
	if w.number > 0 {
		return number == w.number
	}
	if w.digits && number > 0 {
		var b [20]byte
		if strings.Contains(string(strconv.AppendInt(b[:0], number, 10)), w.text) {
			return true
		}
	}
	for _, text := range texts {
		if w.within(text) {
			return true
		}
	}
	return false
}

// within tells whether s contains the word, whatever the case of letters.
func (w *filterWord) within(s string) bool {
	if !w.ascii {
		return strings.Contains(strings.ToLower(s), w.text)
	}
	for i := 0; i+len(w.text) <= len(s); i++ {
		n := 0
		for n < len(w.text) && lower(s[i+n]) == w.text[n] {
			n++
		}
		if n == len(w.text) {
			return true
		}
	}
	return false
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
