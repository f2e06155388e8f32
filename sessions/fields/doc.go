// Package fields makes messages out of typed values: every write of Adobe AIR's
// IDataOutput, integers of other sizes, varints, texts behind their length, and
// lengths and checksums that are computed.
//
// [Parse] reads the notation into a [List], which an editor can show with one
// row a field and write back with [List.String]. [Builder.Build] makes the
// bytes and tells which of them are whose. [Kinds] lists what there is for a
// menu.
//
// # Notation
//
//	u8 1, u16 len(body), body: { u32le 0xDEADBEEF, str8 "ada", utf "hé" }, u16le crc-16/modbus(all)
//
// A field is a kind and a value. Between two fields stands a comma or the end of
// a line. The suffix be or le gives a kind its byte order; without one it has
// that of the tab. A name and a colon before a field let ranges name it. Braces
// make a group, which has bytes only from the fields in it.
//
//	message  = fields .
//	fields   = [ field { separator field } [ separator ] ] .
//	separator = "," | line end | line end "," .           (blank lines do not count)
//	field    = [ name ":" ] ( group | kind [ charset ] value ) .
//	group    = "{" fields "}" .
//	kind     = ID or alias of a kind, in either case, with be or le behind it .
//	name     = letter { letter | digit | "-" | "_" } .
//	value    = number | float | computed | "true" | "false" | text | bytes | object .
//	number   = [ "+" | "-" ] ( decimal | "0x" hex | "0o" octal | "0b" binary ) .
//	computed = "len" ranges [ "/" number ] [ ( "+" | "-" ) number ] | checksum ranges .
//	ranges   = "(" range { "," range } ")" .
//	range    = "all" | "rest" | "before" | "next" | "prev" | name [ ".." name ] | "zeroed" .
//	text     = '"' { character | escape } '"' .
//	bytes    = hex digits | Base64 | '"' any text of these kinds '"' .
//	object   = anything, up to a comma or line end outside its brackets and quotes .
//
// Digits may have single underscores between them. A leading zero is refused,
// because it is octal in some languages. The escapes of a text are those of
// [compose.Text] and \" for a quote; \xHH is that one byte in any charset. A
// charset is one of package charset, by any of its names; one that does not tell
// its byte order, as utf-16, has that of the field. What hex takes is what
// [compose.Hex] takes, dumps and C arrays between quotes. An object is written as
// [amf.ParseText] reads it, and a checksum goes by any of its names in package
// checksum. There are no comments: names say what a field is for, and stay.
//
// # Lengths and checksums
//
// The value of any integer kind can be computed. A length is the sum of its
// ranges in bytes, in units of /n bytes if it says so (what does not come out
// even is an error), and then with n added or taken away:
//
//	u16 len(rest)             the bytes behind this field
//	u16 len(next), { ... }    the group that follows
//	u32 len(all)              the whole message, this field included
//	u8 len(head..options)/4   from the begin of head to the end of options, in words
//	uleb128 len(body)+1       a varint takes the bytes that its value needs
//
// Within a group rest and before end and begin with that group, and next and
// prev are the fields beside this one; all is always the whole message.
//
// A checksum goes over its ranges one after the other, never over its own bytes:
// they are left out, or count as zeros if zeroed is among the ranges, as IP, TCP
// and UDP have it. A checksum that covers another is computed after it; two that
// cover each other are an error. It needs a kind of fixed size.
//
//	u16le crc-16/modbus(before)
//	u16be internet(all, zeroed)
//	u32 crc-32(head, body)
//
// # Numbers that do not fit
//
// AIR cuts them off; here they are errors that say the range. The kinds byte and
// short take what is in range signed or unsigned, as writeByte and writeShort
// do, and the rest either the one or the other.
package fields
