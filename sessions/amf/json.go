package amf

import (
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf8"

	"wirebench/sessions/inspect"
)

// JSON writes v, a tree of the version given, for machines, on one line.
//
// What JSON has is written as it is: null, true and false, numbers, texts, an
// array without named members, an object without a class. Anything else is an
// object with the name of its type as $type:
//
//	{"$type":"Date","ms":0,"time":"1970-01-01T00:00:00.000Z","zone":60}
//	{"$type":"Object","class":"org.example.Point","dynamic":true,"sealed":1,"members":{"x":1,"y":2}}
//	{"$type":"Array","members":{"name":1},"items":[2]}
//	{"$type":"Dictionary","weak":true,"entries":[["key","value"]]}
//	{"$type":"Vector.<int>","fixed":true,"items":[1,2]}
//	{"$type":"ByteArray","hex":"00ff"}
//	{"$type":"reference","ref":"#3"}
//
// A value that a reference means has that mark as $ref, and then always a $type.
// Members whose names repeat or begin with a dollar sign come as a list of pairs
// instead of an object. A text that is not UTF-8 is {"$type":"String","hex":…}, in
// a name the bytes that are not are U+FFFD. NaN and the infinities are
// {"$type":"Number","value":"NaN"}. All texts are safe to show.
func JSON(v Value, version Version) []byte {
	j := jsoner{places: newPlaces(&v, version)}
	j.value(&v, version, 0)
	return j.out
}

type jsoner struct {
	out    []byte
	places places
}

func (j *jsoner) string(s string) { j.out = append(j.out, s...) }

// text writes a JSON string in which everything invisible is escaped.
func (j *jsoner) text(s string) {
	j.string(`"`)
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			j.out = append(j.out, '\\', byte(r))
		case inspect.Visible(r):
			j.out = utf8.AppendRune(j.out, r)
		default:
			j.out = appendEscaped(j.out, r)
		}
	}
	j.string(`"`)
}

// appendEscaped writes r as \uHHHH, in two where it lies beyond 16 bits.
func appendEscaped(out []byte, r rune) []byte {
	const digits = "0123456789abcdef"
	unit := func(u rune) {
		out = append(out, '\\', 'u', digits[u>>12&15], digits[u>>8&15], digits[u>>4&15], digits[u&15])
	}
	if r > 0xffff {
		r -= 0x10000
		unit(0xd800 + r>>10)
		unit(0xdc00 + r&0x3ff)
		return out
	}
	unit(r)
	return out
}

func (j *jsoner) value(v *Value, version Version, depth int) {
	if depth >= MaxDepth {
		j.string(`{"$type":"unread","problem":"too deep"}`)
		return
	}
	mark := j.places.mark(v, version)
	inner := v.inner(version)
	plain := mark == ""
	switch {
	case v.Kind == Null:
		j.string("null")
	case v.Kind == Boolean:
		j.string(strconv.FormatBool(v.Bool))
	case v.Kind == Integer:
		j.string(strconv.Itoa(int(v.Int)))
	case v.Kind == Number && finite(v.Number):
		j.string(formatNumber(v.Number))
	case (v.Kind == String || v.Kind == LongString) && utf8.ValidString(v.Text):
		j.text(v.Text)
	case v.Kind == Array && plain && len(v.Members) == 0:
		j.items(v.Items, inner, depth)
	case v.Kind == Object && plain && v.class() == nil && !stoppedHere(v) && unique(v.Members):
		j.members(v.Members, inner, depth)
	default:
		j.string(`{"$type":"` + v.Kind.String() + `"`)
		if v.Kind == Reference {
			j.string(`,"ref":"` + mark + `"`)
		} else if mark != "" {
			j.string(`,"$ref":"` + mark + `"`)
		}
		j.fields(v, inner, depth)
		j.string("}")
	}
}

// finite tells whether JSON has the number f.
func finite(f float64) bool { return f-f == 0 }

// stoppedHere tells whether reading stopped among the members of v.
func stoppedHere(v *Value) bool {
	n := len(v.Members)
	return n > 0 && v.Members[n-1].Value.Kind == Unread
}

// unique tells whether members can be an object of JSON.
func unique(members []Member) bool {
	seen := make(map[string]bool, len(members))
	for i := range members {
		name := members[i].Name
		if seen[name] || strings.HasPrefix(name, "$") || !utf8.ValidString(name) {
			return false
		}
		seen[name] = true
	}
	return true
}

func (j *jsoner) items(items []Value, version Version, depth int) {
	j.string("[")
	for i := range items {
		if i > 0 {
			j.string(",")
		}
		j.value(&items[i], version, depth+1)
	}
	j.string("]")
}

// members writes an object, or a list of pairs where an object would lose some.
func (j *jsoner) members(members []Member, version Version, depth int) {
	open, between, end := "", ":", ""
	brackets := "{}"
	if !unique(members) {
		open, between, end, brackets = "[", ",", "]", "[]"
	}
	j.string(brackets[:1])
	for i := range members {
		if i > 0 {
			j.string(",")
		}
		j.string(open)
		j.text(members[i].Name)
		j.string(between)
		j.value(&members[i].Value, version, depth+1)
		j.string(end)
	}
	j.string(brackets[1:])
}

func (j *jsoner) hex(name string, b []byte) {
	j.string(`,"` + name + `":"` + hex.EncodeToString(b) + `"`)
}

func (j *jsoner) flag(name string, on bool) {
	if on {
		j.string(`,"` + name + `":true`)
	}
}

// fields writes what follows the type of v.
func (j *jsoner) fields(v *Value, inner Version, depth int) {
	list := func(name string) {
		j.string(`,"` + name + `":`)
		j.items(v.Items, inner, depth)
	}
	named := func() {
		j.string(`,"members":`)
		j.members(v.Members, inner, depth)
	}
	switch v.Kind {
	case Number:
		j.string(`,"value":"` + formatNumber(v.Number) + `"`)
	case String, LongString, XML, XMLDocument:
		if !utf8.ValidString(v.Text) {
			j.hex("hex", []byte(v.Text))
			return
		}
		j.string(`,"value":`)
		j.text(v.Text)
	case Unread:
		j.string(`,"problem":`)
		j.text(v.Text)
	case Date:
		j.date(v)
	case Array:
		if len(v.Members) > 0 {
			named()
		}
		list("items")
	case ECMAArray:
		j.string(`,"count":` + strconv.FormatUint(uint64(v.Count), 10))
		named()
	case Object:
		j.class(v)
		switch {
		case v.opaque():
			j.hex("hex", v.Raw)
		case len(v.Items) > 0:
			list("items")
		default:
			if len(v.Raw) > 0 {
				j.hex("flags", v.Raw)
			}
			named()
		}
	case ByteArray:
		j.hex("hex", v.Raw)
	case VectorInt, VectorUint, VectorNumber:
		j.flag("fixed", v.Fixed)
		j.string(`,"items":[`)
		for i := range v.Len() {
			if i > 0 {
				j.string(",")
			}
			j.element(v.element(i))
		}
		j.string("]")
	case VectorObject:
		j.flag("fixed", v.Fixed)
		j.string(`,"class":`)
		j.text(v.Text)
		list("items")
	case Dictionary:
		j.flag("weak", v.Weak)
		j.string(`,"entries":[`)
		for i := 0; i < len(v.Items); i += 2 {
			if i > 0 {
				j.string(",")
			}
			j.items(v.Items[i:min(i+2, len(v.Items))], inner, depth)
		}
		j.string("]")
	case Switched:
		list("items")
	}
}

// element writes a number of a vector: as a text if JSON does not have it.
func (j *jsoner) element(s string) {
	if strings.ContainsAny(s, "NI") {
		s = `"` + s + `"`
	}
	j.string(s)
}

func (j *jsoner) date(v *Value) {
	j.string(`,"ms":`)
	j.element(formatNumber(v.Number))
	if s, ok := moment(v.Number); ok {
		j.string(`,"time":"` + s + `"`)
	}
	if v.Zone != 0 {
		j.string(`,"zone":` + strconv.Itoa(int(v.Zone)))
	}
}

func (j *jsoner) class(v *Value) {
	c := v.class()
	if c == nil {
		return
	}
	j.string(`,"class":`)
	j.text(c.Name)
	j.flag("externalizable", c.Externalizable)
	j.flag("dynamic", c.Dynamic)
	if c.Dynamic {
		j.string(`,"sealed":` + strconv.Itoa(len(c.Sealed)))
	}
}
