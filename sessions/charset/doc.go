// Package charset turns bytes into characters and back, in the character
// encodings the world has used.
//
// [Lookup] finds a charset by name and [Choices] lists those worth offering. A
// name means what the IANA registry says it means; names that the registry does
// not have, or that nothing implements, are looked up among the labels of the
// WHATWG Encoding Standard. So iso-8859-1 is ISO 8859-1 here, and not
// windows-1252 as in a browser.
//
// A [Decoder] cuts bytes into characters one at a time, each with the number of
// bytes it took, and says of bytes that are no character that they are none:
// there is no replacement character and no fallback. [Charset.Encode] refuses a
// text the charset cannot hold and names the place.
//
// Nothing here makes a character safe to show; that is package inspect's work.
package charset
