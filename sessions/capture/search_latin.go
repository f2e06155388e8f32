package capture

import "unicode/utf8"

// latinAtOnce is how many bytes are read as ISO-8859-1 without keeping what they are.
const latinAtOnce = 1 << 10

// latinCopy is bytes read as ISO-8859-1, in UTF-8. What is asked for time and again,
// each time a little farther on and up to the end, is written only once.
type latinCopy struct {
	text  []byte // from the first place asked for to the end; nil if nothing was
	buf   []byte // memory for it
	at    int    // a place of the bytes ...
	place int    // ... and the same of text
}

// forget makes the copy ready for other bytes.
func (l *latinCopy) forget() { l.text = nil }

// of returns the bytes of b from begin to hi. Until forget is called, b is the same
// and begin never less than before. The text is good until the next call.
func (l *latinCopy) of(b []byte, begin, hi int) []byte {
	if hi-begin <= latinAtOnce {
		if high(b[begin:hi]) == 0 {
			return b[begin:hi]
		}
		return appendLatin(nil, b[begin:hi])
	}
	if l.text == nil {
		l.at, l.place = begin, 0
		if l.text = b[begin:]; high(l.text) > 0 {
			l.buf = appendLatin(l.buf[:0], l.text)
			l.text = l.buf
		}
	}
	if len(l.text) == len(b)-l.at+l.place { // nothing from there on is beyond ASCII
		return l.text[l.place+begin-l.at:][:hi-begin]
	}
	l.place += begin - l.at + high(b[l.at:begin])
	l.at = begin
	if hi == len(b) { // counting would take as long each time
		return l.text[l.place:]
	}
	return l.text[l.place:][:hi-begin+high(b[begin:hi])]
}

// high counts the bytes beyond ASCII.
func high(b []byte) (n int) {
	for _, c := range b {
		n += int(c >> 7)
	}
	return n
}

// appendLatin appends b, read as ISO-8859-1.
func appendLatin(text, b []byte) []byte {
	for _, c := range b {
		text = utf8.AppendRune(text, rune(c))
	}
	return text
}
