package amf

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
)

// Limits bound what [Decode] does. A zero field takes its default.
type Limits struct {
	Depth int // values within values: 128, and never more than MaxDepth
	Nodes int // values and names of sealed members: 250,000; the numbers of a vector are none
	Bytes int // bytes read: 16 MiB
	Text  int // bytes of text, those that a reference repeats included: 16 MiB
}

// MaxDepth is how deep values can lie within values whatever the limits.
const MaxDepth = 1000

func (l Limits) filled() Limits {
	for _, f := range []struct {
		field   *int
		initial int
	}{{&l.Depth, 128}, {&l.Nodes, 250_000}, {&l.Bytes, 16 << 20}, {&l.Text, 16 << 20}} {
		if *f.field <= 0 {
			*f.field = f.initial
		}
	}
	l.Depth = min(l.Depth, MaxDepth)
	return l
}

// Decode reads the value that starts b; n of its bytes were read. What follows
// is left alone. The tables of references begin empty, as they do for each
// writeObject; values that AMF0 switches to AMF3 share one set.
//
// Where reading stops, err is an [*Error], and v holds everything before that
// place: an Unread stands where the next value would, and is the last in
// whatever holds it. An object whose class writes itself, and is not one of
// those of Flex that are known, holds the rest of b as Raw; it can be written
// again if nothing holds it.
//
// Encode gives the same n bytes again except for these, which mean the same:
// integers and lengths in more bytes than they need; flags other than 0 and 1
// and bits without meaning; among texts or traits that the table holds more than
// once, which of them is meant; and that some names of a class were sent in full
// though the table held them and others were not.
func Decode(b []byte, version Version, limits Limits) (v Value, n int, err error) {
	d := decoder{limits: limits.filled(), b: b}
	if len(b) > d.limits.Bytes {
		d.b, d.cut = b[:d.limits.Bytes], true
	}
	if version != AMF0 && version != AMF3 {
		return Value{Kind: Unread}, 0, &Error{Problem: fmt.Sprintf("there is no %v", version), Err: ErrFormat}
	}
	v = d.value(version)
	if d.err != nil {
		return v, d.pos, d.err
	}
	return v, d.pos, nil
}

// decoder reads one value. After the first failure err is set, pos stays at the
// place, and every method returns at once.
type decoder struct {
	b      []byte
	pos    int
	cut    bool // b was cut to the limit
	limits Limits
	depth  int
	nodes  int
	text   int
	err    *Error

	objects0 int // how many values the tables of references hold
	objects3 int
	strings  []string
	known    map[string]bool // what strings holds
	classes  []*Class
	traits   map[string]bool // what classes holds, by key
}

func (d *decoder) fail(offset int, kind error, format string, args ...any) {
	if d.err == nil {
		d.pos = offset
		d.err = &Error{Offset: offset, Problem: fmt.Sprintf(format, args...), Err: kind}
	}
}

// value reads one value. It is the only recursion there is.
func (d *decoder) value(version Version) Value {
	start := d.pos
	switch {
	case d.err != nil:
	case d.depth >= d.limits.Depth:
		d.fail(start, ErrLimit, "values lie in each other more than %d deep", d.limits.Depth)
	default:
		d.count(1)
	}
	d.depth++
	v := Value{Offset: start}
	marker := d.byte(label{prefix: "the type of a value in ", noun: version.String()})
	if d.err == nil {
		if version == AMF3 {
			d.read3(marker, &v)
		} else {
			d.read0(marker, &v)
		}
	}
	d.depth--
	v.Size = d.pos - start
	if d.err != nil {
		d.stop(&v)
	}
	return v
}

// stop marks the place where reading stopped in or behind v, whose kind is
// Undefined as long as nothing of it can be kept.
func (d *decoder) stop(v *Value) {
	unread := Value{Kind: Unread, Text: d.err.Problem, Offset: d.pos}
	switch {
	case v.Kind == Undefined:
		unread.Offset, unread.Size = v.Offset, v.Size
		*v = unread
	case v.opaque() || stopped(v):
	case len(v.Items) == 0 && (v.Kind == Object || v.Kind == ECMAArray || len(v.Members) > 0):
		v.Members = append(v.Members, Member{Value: unread})
	default:
		v.Items = append(v.Items, unread)
	}
}

// stopped tells whether the last thing in v is an Unread.
func stopped(v *Value) bool {
	for {
		switch {
		case v.Kind == Unread:
			return true
		case len(v.Items) > 0:
			v = &v.Items[len(v.Items)-1]
		case len(v.Members) > 0:
			v = &v.Members[len(v.Members)-1].Value
		default:
			return false
		}
	}
}

// count takes n from the number of values there may be.
func (d *decoder) count(n int) {
	d.nodes += n
	if d.nodes > d.limits.Nodes {
		d.fail(d.pos, ErrLimit, "there are more than %d values", d.limits.Nodes)
	}
}

// charge takes n from the bytes of text there may be.
func (d *decoder) charge(n int) {
	d.text += n
	if d.text > d.limits.Text {
		d.fail(d.pos, ErrLimit, "the texts have more than %d bytes in all", d.limits.Text)
	}
}

// take gives the next n bytes, which belong to what. They are d.b's own.
func (d *decoder) take(n int64, what label) []byte {
	if d.err != nil {
		return nil
	}
	if d.need(n, what); d.err != nil {
		return nil
	}
	b := d.b[d.pos : d.pos+int(n)]
	d.pos += int(n)
	return b
}

// need fails unless n more bytes are there.
func (d *decoder) need(n int64, what label) {
	have := int64(len(d.b) - d.pos)
	switch {
	case d.err != nil || n <= have: // an int holds n
	case d.cut:
		d.fail(d.pos, ErrLimit, "%s lies beyond the %d bytes that are read", what, d.limits.Bytes)
	default:
		d.fail(d.pos, ErrShort, "%s needs %s more", what, plural(n-have, "byte"))
		d.err.Missing = int(min(n-have, math.MaxInt))
	}
}

// label names what is read. It becomes words only if that fails.
type label struct {
	prefix, noun string
	n            int64
	unit         string // of n
}

func named(noun string) label { return label{noun: noun} }

func counted(noun string, n int64, unit string) label { return label{noun: noun, n: n, unit: unit} }

func (l label) String() string {
	if l.unit == "" {
		return l.prefix + l.noun
	}
	return l.prefix + l.noun + " of " + plural(l.n, l.unit)
}

func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if base, ok := strings.CutSuffix(noun, "y"); ok {
		return fmt.Sprintf("%d %sies", n, base)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func (d *decoder) byte(what label) byte {
	if b := d.take(1, what); b != nil {
		return b[0]
	}
	return 0
}

func (d *decoder) uint16(what label) uint16 {
	if b := d.take(2, what); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

func (d *decoder) uint32(what label) uint32 {
	if b := d.take(4, what); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (d *decoder) float64(what label) float64 {
	if b := d.take(8, what); b != nil {
		return math.Float64frombits(binary.BigEndian.Uint64(b))
	}
	return 0
}

// textOf takes n bytes as text.
func (d *decoder) textOf(n int64, what label) string {
	b := d.take(n, what)
	d.charge(len(b))
	return string(b)
}

// items reads n values into v.
func (d *decoder) items(v *Value, n int64, version Version) {
	v.Items = make([]Value, 0, min(n, 64))
	for range n {
		v.Items = append(v.Items, d.value(version))
		if d.err != nil {
			return
		}
	}
}
