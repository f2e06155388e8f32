package amf

import (
	"encoding/hex"
	"strconv"
	"strings"
)

// Text writes v, a tree of the version given, in the notation that [ParseText]
// reads and describes, on as many lines as it takes; what is short stays on one. It is safe to show, and
// exact: what is read back is written as the same bytes, except that Literal and
// Of are not kept. An Unread, which is not to be written, shows as
// unread("why"), and is not read back.
func Text(v Value, version Version) string {
	t := texter{version: version, lines: true}
	t.value(&v, version, 0)
	return string(t.out)
}

// Summary writes the start of what [Text] writes on one line, and no more than
// about max bytes of it.
func Summary(v Value, version Version, max int) string {
	t := texter{version: version, limit: max}
	t.value(&v, version, 0)
	if len(t.out) > max {
		return head(string(t.out), max) + "…"
	}
	return string(t.out)
}

// maxIndent bounds the indentation, which would be most of a very deep tree.
const maxIndent = 64

func note(on bool, s string) string {
	if on {
		return s
	}
	return ""
}

type texter struct {
	out     []byte
	version Version
	lines   bool // each value on a line of its own
	limit   int  // without lines: to stop soon after so many bytes
}

func (t *texter) full() bool { return !t.lines && len(t.out) > t.limit }

func (t *texter) string(s string) { t.out = append(t.out, s...) }

// quoted writes a text. A summary has no room for all of a long one.
func (t *texter) quoted(s string) {
	if !t.lines {
		s = head(s, t.limit+4)
	}
	t.string(quote(s))
}

func (t *texter) hex(b []byte) {
	if !t.lines {
		b = b[:min(len(b), t.limit)]
	}
	t.string(`"` + hex.EncodeToString(b) + `"`)
}

// list writes n parts between brackets.
func (t *texter) list(brackets string, n, depth int, part func(i int)) {
	t.string(brackets[:1])
	for i := 0; i < n && !t.full(); i++ {
		t.next(i, ',', depth+1)
		part(i)
	}
	if n > 0 && t.lines {
		t.newline(depth)
	}
	t.string(brackets[1:])
}

// next goes to where part i begins.
func (t *texter) next(i int, separator byte, depth int) {
	if i > 0 {
		t.out = append(t.out, separator)
	}
	switch {
	case t.lines:
		t.newline(depth)
	case i > 0:
		t.string(" ")
	}
}

func (t *texter) newline(depth int) {
	t.string("\n")
	for range min(depth, maxIndent) {
		t.string("  ")
	}
}

// compact writes v on the line it is on if that keeps the line short.
func (t *texter) compact(v *Value, version Version, depth int) bool {
	const short = 60
	if len(v.Members)+len(v.Items)+len(v.Raw) == 0 {
		return false // it has one line in any case
	}
	c := texter{version: t.version, limit: short}
	c.value(v, version, depth)
	if len(c.out) > short {
		return false
	}
	t.out = append(t.out, c.out...)
	return true
}

func (t *texter) value(v *Value, version Version, depth int) {
	if depth >= MaxDepth {
		t.string(`unread("too deep")`)
		return
	}
	if t.lines && t.compact(v, version, depth) {
		return
	}
	inner := v.inner(version)
	item := func(i int) { t.value(&v.Items[i], inner, depth+1) }
	switch v.Kind {
	case Undefined, Null, Unsupported:
		t.string(v.Kind.String())
	case Boolean:
		t.string(strconv.FormatBool(v.Bool))
	case Integer:
		t.string(strconv.Itoa(int(v.Int)))
	case Number:
		t.number(v.Number, version)
	case String:
		t.quoted(v.Text)
	case LongString, XMLDocument, XML:
		t.string(v.Kind.String() + "(")
		t.quoted(v.Text)
		t.string(")")
	case Unread:
		t.string("unread(")
		t.quoted(v.Text)
		t.string(")")
	case Date:
		t.date(v)
	case Array:
		t.list("[]", len(v.Members)+len(v.Items), depth, func(i int) {
			if i < len(v.Members) {
				t.member(&v.Members[i], inner, depth+1)
				return
			}
			item(i - len(v.Members))
		})
	case ECMAArray:
		t.string("ECMAArray(" + strconv.FormatUint(uint64(v.Count), 10) + ")")
		t.list("{}", len(v.Members), depth, func(i int) { t.member(&v.Members[i], inner, depth+1) })
	case Object:
		t.object(v, inner, depth)
	case ByteArray:
		t.string("ByteArray(")
		t.hex(v.Raw)
		t.string(")")
	case VectorInt, VectorUint, VectorNumber:
		t.string(v.Kind.String() + note(v.Fixed, "(fixed)"))
		t.elements(v, depth)
	case VectorObject:
		t.string("Vector.<")
		t.quoted(v.Text)
		t.string(">" + note(v.Fixed, "(fixed)"))
		t.list("[]", len(v.Items), depth, item)
	case Dictionary:
		t.string("Dictionary" + note(v.Weak, "(weak)"))
		t.list("{}", len(v.Items)/2, depth, func(i int) {
			item(2 * i)
			t.string(": ")
			item(2*i + 1)
		})
	case Reference:
		t.string("@" + strconv.Itoa(v.Ref))
	case Switched:
		t.string("AMF3(")
		if version == AMF0 && len(v.Items) > 0 {
			t.value(&v.Items[0], AMF3, depth) // indented like what holds it
		}
		t.string(")")
	}
}

// number writes a Number. In AMF3 it needs a point or an exponent, without which
// it would be an int.
func (t *texter) number(f float64, version Version) {
	s := formatNumber(f)
	t.string(s)
	if version == AMF3 && !strings.ContainsAny(s, ".eNI") {
		t.string(".0")
	}
}

func (t *texter) date(v *Value) {
	t.string("Date(")
	if s, ok := moment(v.Number); ok {
		t.string(`"` + s + `"`)
	} else {
		t.string(formatNumber(v.Number))
	}
	if v.Zone != 0 {
		t.string(", " + strconv.Itoa(int(v.Zone)))
	}
	t.string(")")
}

func (t *texter) member(m *Member, version Version, depth int) {
	t.quoted(m.Name)
	t.string(": ")
	t.value(&m.Value, version, depth)
}

func (t *texter) object(v *Value, version Version, depth int) {
	class := v.class()
	brackets := "{}"
	switch {
	case class == nil:
	case class.Externalizable:
		t.string("Externalizable(")
		t.quoted(class.Name)
		if len(v.Raw) > 0 {
			t.string(", ")
			t.hex(v.Raw)
		}
		t.string(note(class.Dynamic, ", dynamic") + ")")
		brackets = "[]"
	default:
		t.string("Object(")
		t.quoted(class.Name)
		t.string(")")
	}
	if class != nil && class.Externalizable {
		if v.opaque() && len(v.Members)+len(v.Items) == 0 {
			return
		}
		t.list(brackets, len(v.Members)+len(v.Items), depth, func(i int) {
			if i < len(v.Members) {
				t.member(&v.Members[i], version, depth+1)
				return
			}
			t.value(&v.Items[i-len(v.Members)], version, depth+1)
		})
		return
	}
	sealed := len(v.Members)
	if class != nil && class.Dynamic {
		sealed = min(len(class.Sealed), len(v.Members))
	}
	t.string("{")
	for i := range v.Members {
		if t.full() {
			break
		}
		separator := byte(',')
		if i == sealed {
			separator = ';'
		}
		if i == 0 && sealed == 0 && class != nil && class.Dynamic {
			t.string(";")
			t.string(note(!t.lines, " "))
		}
		t.next(i, separator, depth+1)
		t.member(&v.Members[i], version, depth+1)
	}
	if len(v.Members) > 0 && t.lines {
		t.newline(depth)
	}
	if class != nil && class.Dynamic && sealed == len(v.Members) {
		t.string(";")
	}
	t.string("}")
}

// elements writes the numbers of a vector, in lines of sixteen.
func (t *texter) elements(v *Value, depth int) {
	t.string("[")
	n := v.Len()
	for i := 0; i < n && !t.full(); i++ {
		switch {
		case i > 0 && (i%16 != 0 || !t.lines):
			t.string(", ")
		case i > 0:
			t.string(",")
		}
		if t.lines && n > 16 && i%16 == 0 {
			t.newline(depth + 1)
		}
		t.string(v.element(i))
	}
	if t.lines && n > 16 {
		t.newline(depth)
	}
	t.string("]")
}
