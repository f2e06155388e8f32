// Package xmlsocket looks at the messages of AIR's and Flash Player's XMLSocket: each an XML document in
// UTF-8, ended by a zero byte, any number of them in either direction.
//
// [Check] says whether one is well formed, and if not where and why; [Pretty] lays it out for reading. Both
// take a message without its zero byte.
//
// A message is hostile: size, depth and number of tokens are bounded, no entity is expanded beyond the five
// that XML has by itself and numbers, and a DOCTYPE is passed over, so that nothing in it is ever fetched.
//
// All functions are pure and safe for concurrent use. None keeps the slice it is given, nor changes it.
package xmlsocket

// The bounds of what is checked. A message beyond them may be well formed; it is not known.
const (
	MaxSize   = 4 << 20 // bytes of a message
	MaxDepth  = 256     // elements inside one another
	MaxTokens = 1 << 20 // tags, texts, comments and instructions
)

// Report is what Check finds.
type Report struct {
	WellFormed bool
	// Unchecked is set where a bound of this package ended the check, and it is not known whether the
	// message is well formed. Problem says which bound.
	Unchecked bool
	// Root is the name of the root element with its prefix, "" where there is none. It is from the wire.
	Root string
	// Line and Column say where the problem is, both from 1; 0 where there is none. Columns count
	// characters, and a byte that is not UTF-8 as one.
	Line, Column int
	// Problem says what is wrong, in one line that is safe to show; "" where nothing is.
	Problem string
	// Doctype is set where there is a DOCTYPE, which is shown and passed over.
	Doctype bool
}

// Check reports on one message.
func Check(doc []byte) Report { return Report{} }

// Pretty gives the message as text.
func Pretty(doc []byte) string { return "" }
