package widgets

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// clientFilter is the words that a client must have, each of them somewhere.
type clientFilter struct {
	words []clientWord
}

type clientWord struct {
	text   string // in lower case
	number int64  // of the one client that "#12" stands for; 0 for none
	digits bool   // may be part of a number
	ascii  bool
}

func newClientFilter(text string) (f clientFilter) {
	for _, word := range strings.Fields(strings.ToLower(clip(text, lineLimit))) {
		w := clientWord{text: word, digits: true, ascii: true}
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

func (f *clientFilter) empty() bool { return len(f.words) == 0 }

// matches tells whether a client has all words.
func (f *clientFilter) matches(r *ClientRow) bool {
	for i := range f.words {
		if !f.words[i].in(r) {
			return false
		}
	}
	return true
}

func (w *clientWord) in(r *ClientRow) bool {
	if w.number > 0 {
		return r.Number == w.number
	}
	if w.digits {
		var b [20]byte
		if strings.Contains(string(strconv.AppendInt(b[:0], r.Number, 10)), w.text) {
			return true
		}
	}
	return w.within(r.Address) || w.within(r.State.String()) || w.within(r.TLS)
}

// within tells whether s contains the word, whatever the case of letters.
func (w *clientWord) within(s string) bool {
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
