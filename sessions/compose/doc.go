// Package compose turns what a person types into the bytes that are sent, and
// bytes back into something a person can edit.
//
// There are two notations. [Text] reads UTF-8 with a handful of backslash
// escapes and adds a line [Ending]; [Hex] reads hexadecimal in every shape it
// is commonly pasted in, from spaced pairs to the output of hexdump, xxd,
// tcpdump and Wireshark. [FormatText] and [FormatHex] are their inverses.
//
// Nothing is guessed: what cannot be read one way only is refused with an
// [*Error] that names the place and what to write there.
//
// All functions are pure and safe for concurrent use. Input is hostile (it was
// pasted from anywhere): every function is linear in its input, and the output
// is never more than [MaxRepeat] bytes longer than the input.
package compose
