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
	// Prefix is set on a row that takes the bytes for the length of a frame.
	Prefix *LengthPrefix
	// Value reads b in the order o, as if nothing stood before b or behind it.
	Value func(b []byte, o Order) Value
	// placed reads what depends on what is around the bytes; nil where Value
	// says all there is.
	placed func(p Place, o Order) Value
}

// Place is where a row is read: the bytes at hand from the cursor on, and what
// is known of the stream or file they are from.
type Place struct {
	Bytes    []byte
	Selected int   // how many of Bytes are selected; brought within 0 and len(Bytes)
	Offset   int64 // of Bytes[0] in the stream, at least zero
	Total    int64 // bytes the stream has so far; what is below Offset+len(Bytes) counts as that
	AtLeast  bool  // it has at least so many, and was not counted to its end
}

// rest is how many bytes the stream has from the cursor on.
func (p Place) rest() uint64 {
	return uint64(max(p.Total-p.Offset, int64(len(p.Bytes))))
}

// Read reads the row at p.
func (r Row) Read(p Place, o Order) Value {
	if r.Selection {
		p.Bytes = p.Bytes[:max(0, min(p.Selected, len(p.Bytes)))]
		return r.Value(p.Bytes, o)
	}
	if r.placed != nil {
		return r.placed(p, o)
	}
	return r.Value(p.Bytes, o)
}

// At reads the row at the start of b, of whose bytes the first selected ones
// are selected, as if b were all there is.
func (r Row) At(b []byte, selected int, o Order) Value {
	return r.Read(Place{Bytes: b, Selected: selected}, o)
}

// around makes a row's reader of one that looks around.
func around(read func(p Place, o Order) Value) func([]byte, Order) Value {
	return func(b []byte, o Order) Value { return read(Place{Bytes: b}, o) }
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
