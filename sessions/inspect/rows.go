package inspect

import (
	"slices"

	"wirebench/sessions/charset"
)

// Groups of rows, in the order they are shown.
const (
	Integers  = "integers"
	Floats    = "floats"
	Varints   = "varints"
	Text      = "text"
	Time      = "time"
	Addresses = "addresses"
	Colours   = "colours"
	Frames    = "as a length prefix: the frame ends at"
)

// Rows lists every row in the order it is shown, with text in UTF-8. The slice
// is the caller's.
func Rows() []Row { return RowsIn(charset.UTF8) }

// RowsIn is [Rows] with text in the charset c. One that leaves its byte order
// open, as utf-16 does, is read in the order of the column.
//
// A new row is one line in the list of its group, a new group one line here.
func RowsIn(c *charset.Charset) []Row {
	return slices.Concat(
		integerRows(),
		floatRows(),
		varintRows(),
		textRows(c),
		timeRows(),
		addressRows(),
		colourRows(),
		frameRows(),
	)
}

func integerRows() []Row {
	return []Row{
		{ID: "selu", Name: "selection, u", Group: Integers, Selection: true, Value: selection(unsigned)},
		{ID: "seli", Name: "selection, i", Group: Integers, Selection: true, Value: selection(signed)},
		{ID: "u8", Name: "u8", Group: Integers, Single: true, Value: fixed(1, unsigned)},
		{ID: "i8", Name: "i8", Group: Integers, Single: true, Value: fixed(1, signed)},
		{ID: "u16", Name: "u16", Group: Integers, Value: fixed(2, unsigned)},
		{ID: "i16", Name: "i16", Group: Integers, Value: fixed(2, signed)},
		{ID: "u24", Name: "u24", Group: Integers, Value: fixed(3, unsigned)},
		{ID: "i24", Name: "i24", Group: Integers, Value: fixed(3, signed)},
		{ID: "u32", Name: "u32", Group: Integers, Value: fixed(4, unsigned)},
		{ID: "i32", Name: "i32", Group: Integers, Value: fixed(4, signed)},
		{ID: "u48", Name: "u48", Group: Integers, Value: fixed(6, unsigned)},
		{ID: "i48", Name: "i48", Group: Integers, Value: fixed(6, signed)},
		{ID: "u64", Name: "u64", Group: Integers, Value: fixed(8, unsigned)},
		{ID: "i64", Name: "i64", Group: Integers, Value: fixed(8, signed)},
		{ID: "u128", Name: "u128", Group: Integers, Value: fixed(16, unsigned)},
		{ID: "i128", Name: "i128", Group: Integers, Value: fixed(16, signed)},
		{ID: "bool", Name: "Boolean", Group: Integers, Single: true, Value: fixed(1, boolean)},
		{ID: "binary", Name: "binary", Group: Integers, Single: true, Value: fixed(1, binary)},
		{ID: "octal", Name: "octal", Group: Integers, Single: true, Value: fixed(1, octal)},
	}
}

func floatRows() []Row {
	return []Row{
		{ID: "f16", Name: "f16", Group: Floats, Value: fixed(2, float16)},
		{ID: "bf16", Name: "bf16", Group: Floats, Value: fixed(2, bfloat16)},
		{ID: "f32", Name: "f32", Group: Floats, Value: fixed(4, float32Value)},
		{ID: "f64", Name: "f64", Group: Floats, Value: fixed(8, float64Value)},
		{ID: "fixed16.16", Name: "fixed 16.16", Group: Floats, Value: fixed(4, fixed1616)},
	}
}

func varintRows() []Row {
	return []Row{
		{ID: "uleb128", Name: "ULEB128", Group: Varints, Single: true, Value: uleb128},
		{ID: "sleb128", Name: "SLEB128", Group: Varints, Single: true, Value: sleb128},
		{ID: "pbint", Name: "protobuf int", Group: Varints, Single: true, Value: protobufInt},
		{ID: "zigzag", Name: "protobuf zigzag", Group: Varints, Single: true, Value: zigzag},
		{ID: "varint", Name: "Minecraft VarInt", Group: Varints, Single: true, Value: minecraftVarInt},
		{ID: "varlong", Name: "Minecraft VarLong", Group: Varints, Single: true, Value: minecraftVarLong},
		{ID: "u29", Name: "AMF U29", Group: Varints, Single: true, Value: amfU29},
		{ID: "i29", Name: "AMF integer", Group: Varints, Single: true, Value: amfI29},
	}
}

func timeRows() []Row {
	return []Row{
		{ID: "unix32", Name: "Unix s, u32", Group: Time, Value: fixed(4, unixSeconds32)},
		{ID: "unix64", Name: "Unix s, i64", Group: Time, Value: fixed(8, unixSeconds)},
		{ID: "unixms", Name: "Unix ms", Group: Time, Value: fixed(8, unixMillis)},
		{ID: "unixus", Name: "Unix µs", Group: Time, Value: fixed(8, unixMicros)},
		{ID: "unixns", Name: "Unix ns", Group: Time, Value: fixed(8, unixNanos)},
		{ID: "filetime", Name: "FILETIME", Group: Time, Value: fixed(8, fileTime)},
		{ID: "ticks", Name: ".NET ticks", Group: Time, Value: fixed(8, dotNetTicks)},
		{ID: "ole", Name: "OLE date", Group: Time, Value: fixed(8, oleDate)},
		{ID: "dos", Name: "DOS time", Group: Time, Value: fixed(4, dosTime)},
		{ID: "ntp", Name: "NTP", Group: Time, Value: fixed(8, ntpTime)},
	}
}

func addressRows() []Row {
	return []Row{
		{ID: "uuid", Name: "UUID, RFC 9562", Group: Addresses, Single: true, Value: fixed(16, uuidRFC)},
		{ID: "guid", Name: "UUID, Microsoft", Group: Addresses, Single: true, Value: fixed(16, uuidMicrosoft)},
		{ID: "ipv4", Name: "IPv4", Group: Addresses, Value: fixed(4, ipv4)},
		{ID: "ipv6", Name: "IPv6", Group: Addresses, Single: true, Value: fixed(16, ipv6)},
		{ID: "mac", Name: "MAC", Group: Addresses, Value: fixed(6, mac)},
		{ID: "port", Name: "port", Group: Addresses, Value: fixed(2, port)},
	}
}

func colourRows() []Row {
	return []Row{
		{ID: "rgba", Name: "RGBA", Group: Colours, Value: fixed(4, rgba)},
		{ID: "argb", Name: "ARGB", Group: Colours, Value: fixed(4, argb)},
	}
}
