// Package inspect shows bytes to a person: as values in either byte order
// ([Rows]), as text that cannot misbehave ([Escape], [Preview]) and as a hex
// dump ([HexDump]). It writes them down for other programs ([Formats]) and
// compares two selections ([Compare]).
//
// The bytes come from the wire or from a file and are hostile: no function
// panics on any input, what is returned is bounded, and text is shown, never
// obeyed: control characters, bidirectional controls, zero-width characters
// and broken UTF-8 are written out.
//
// The functions are safe for concurrent use. None keeps the slice it
// is given, nor changes it. The charset is UTF-8 where none is given ([RowsIn],
// [EscapeIn]).
package inspect
