// Package xmlsocket looks at the messages of AIR's and Flash Player's XMLSocket: each an XML document in
// UTF-8, ended by a zero byte, any number of them in either direction.
//
// [Check] says whether one is well formed, and if not where and why; [Pretty] lays it out for reading. Both
// take a message without its zero byte.
//
// A message is hostile: size, depth and number of parts are bounded, no entity is expanded beyond the five
// that XML has by itself and numbers, and a DOCTYPE is passed over, so that nothing in it is ever fetched.
//
// All functions are pure and safe for concurrent use. None keeps the slice it is given, nor changes it.
package xmlsocket

import (
	"bytes"
	"unicode/utf8"
)

// The bounds of what is checked. A message beyond them may be well formed; it is not known.
const (
	MaxSize       = 1 << 20 // bytes of a message
	MaxDepth      = 256     // elements inside one another
	MaxTokens     = 1 << 17 // tags, texts, comments and instructions
	MaxAttributes = 4096    // of one element
)

// Report is what [Check] finds.
type Report struct {
	WellFormed bool
	// Unchecked is set where a bound of this package ended the check, and it is not known whether the
	// message is well formed. Problem says which bound.
	Unchecked bool
	// Root is the name of the root element with its prefix, "" where there is none. It is from the wire.
	Root string
	// Doctype is set where there is a DOCTYPE, which is passed over.
	Doctype bool
	// Line and Column say where the problem is, both from 1; 0 where there is none. Columns count
	// characters, and a byte that is not UTF-8 as one.
	Line, Column int
	// Problem says what is wrong, in one line that is safe to show; "" where nothing is.
	Problem string
}

// Check reports on one message: whether it is one well-formed document of XML 1.0 in UTF-8, as far as that can
// be told without reading its DOCTYPE. A reference to an entity that a DOCTYPE may have declared counts as a
// problem, as what stands for it is never put in.
func Check(doc []byte) Report {
	r, _ := read(doc, nil)
	return r
}

// place gives line and column of an offset.
func place(doc []byte, at int) (line, column int) {
	at = min(max(at, 0), len(doc))
	for back := 0; back < utf8.UTFMax && at-back >= 0 && at < len(doc); back++ { // to the begin of a character that at is in
		if _, size := utf8.DecodeRune(doc[at-back:]); size > back && size > 1 {
			at -= back
			break
		}
	}
	before := doc[:at]
	begin := bytes.LastIndexByte(before, '\n') + 1
	return 1 + bytes.Count(before, []byte{'\n'}), 1 + utf8.RuneCount(before[begin:])
}
