package inspect

// Order is the order of the bytes of a number.
type Order uint8

const (
	Big    Order = iota // most significant byte first, the network's order
	Little              // least significant byte first
)

// String gives the order as a word a person reads.
func (o Order) String() string {
	if o == Little {
		return "little-endian"
	}
	return "big-endian"
}

// Groups of rows, in the order they are shown.
const (
	Integers = "integers"
	Floats   = "floats"
	Text     = "text"
	Time     = "time"
)

// Value is what one row says about the bytes. Exactly one of these holds:
// Missing is above zero, Problem is set, or Text is the value (for a text it
// may be empty).
type Value struct {
	Text    string // safe to show: one line, and what is hostile in it escaped
	Missing int    // how many more bytes the value needs
	Problem string // why these bytes have no such value
	Size    int    // bytes the value takes up, its length prefix and NUL included
}

// Row is one way to read bytes.
type Row struct {
	ID    string // stable name for preferences and for machines, such as "u16"
	Name  string // as shown
	Group string
	// Single says that the byte order makes no difference.
	Single bool
	// Selection says that the value is that of all the bytes given and of no
	// more, and not of the first few: the caller gives the selected bytes.
	Selection bool
	// Value reads b in the order o.
	Value func(b []byte, o Order) Value
}

// At reads the row at the start of b, of whose bytes the first selected ones
// are selected. Selected is brought within 0 and len(b).
func (r Row) At(b []byte, selected int, o Order) Value {
	if r.Selection {
		b = b[:max(0, min(selected, len(b)))]
	}
	return r.Value(b, o)
}

// fixed makes the reader of a value of n bytes out of one that is given exactly
// as many.
func fixed(n int, read func(b []byte, o Order) Value) func([]byte, Order) Value {
	return func(b []byte, o Order) Value {
		if len(b) < n {
			return Value{Missing: n - len(b)}
		}
		v := read(b[:n], o)
		if v.Problem == "" {
			v.Size = n
		}
		return v
	}
}

// Rows lists every row in the order it is shown. The slice is the caller's.
// A new row is one line here.
func Rows() []Row {
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

		{ID: "f16", Name: "f16", Group: Floats, Value: fixed(2, float16)},
		{ID: "bf16", Name: "bf16", Group: Floats, Value: fixed(2, bfloat16)},
		{ID: "f32", Name: "f32", Group: Floats, Value: fixed(4, float32Value)},
		{ID: "f64", Name: "f64", Group: Floats, Value: fixed(8, float64Value)},
		{ID: "fixed16.16", Name: "fixed 16.16", Group: Floats, Value: fixed(4, fixed1616)},

		{ID: "char", Name: "character", Group: Text, Single: true, Value: character},
		{ID: "string", Name: "string to NUL", Group: Text, Single: true, Value: untilNUL},
		{ID: "u8string", Name: "u8 + string", Group: Text, Single: true, Value: prefixed(1)},
		{ID: "readutf", Name: "readUTF", Group: Text, Value: prefixed(2)},
		{ID: "u32string", Name: "u32 + string", Group: Text, Value: prefixed(4)},

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
