package amf

import (
	"fmt"
	"strconv"
	"strings"

	"wirebench/sessions/inspect"
)

// MaxElements is how many numbers of a vector [Format] lists, and maxElements
// of all vectors together.
const (
	MaxElements = 1000
	maxElements = 100_000
)

// Line is one value of a tree, ready to be shown: every text is one line in
// which nothing hostile is left.
type Line struct {
	Depth  int    // 0 for the root
	Name   string // of a member as it is, "[3]" for an item, empty for the root
	Type   string // such as "Number", or the name of a class
	Text   string // the value, or what there is in it
	Mark   string // such as "#3", if a reference means this value; a reference has it as its Text
	Offset int    // of its first byte in what was decoded
	Size   int    // bytes it takes up there
}

// String gives the line as text, indented by two spaces for each level.
func (l Line) String() string {
	var b strings.Builder
	b.WriteString(strings.Repeat("  ", l.Depth))
	if l.Name != "" {
		b.WriteString(l.Name + ": ")
	}
	b.WriteString(l.Type)
	if l.Text != "" {
		b.WriteString(" " + l.Text)
	}
	if l.Mark != "" {
		b.WriteString(" " + l.Mark)
	}
	return b.String()
}

// Format lists v, a tree of the version given, and all that is in it: a value a
// line, in the order of the bytes. A text is cut after MaxText bytes and a
// vector of numbers after MaxElements, or after fewer where there are many vectors.
func Format(v Value, version Version) []Line {
	f := formatter{places: newPlaces(&v, version)}
	f.add(&v, "", version, 0)
	return f.lines
}

type formatter struct {
	lines    []Line
	places   places
	elements int // numbers of vectors listed so far
}

func (f *formatter) add(v *Value, name string, version Version, depth int) {
	line := Line{Depth: depth, Name: name, Type: v.Kind.String(), Offset: v.Offset, Size: v.Size}
	if depth >= MaxDepth {
		line.Text = "…"
		f.lines = append(f.lines, line)
		return
	}
	if line.Mark = f.places.mark(v, version); v.Kind == Reference {
		line.Text, line.Mark = line.Mark, ""
	} else {
		line.Text = v.summary()
	}
	switch {
	case v.class() != nil && v.Class.Name != "":
		line.Type = unquoted(v.Class.Name)
	case v.Kind == VectorObject && v.Text != "":
		line.Type = "Vector.<" + unquoted(v.Text) + ">"
	}
	f.lines = append(f.lines, line)
	inner := v.inner(version)
	for i := range v.Members {
		m := &v.Members[i]
		f.add(&m.Value, nameOfMember(m), inner, depth+1)
	}
	if v.Kind == Dictionary {
		f.entries(v, depth+1)
		return
	}
	for i := range v.Items {
		f.add(&v.Items[i], "["+strconv.Itoa(i)+"]", inner, depth+1)
	}
	if v.numeric() {
		f.numbers(v, depth+1)
	}
}

// numbers lists those of a vector.
func (f *formatter) numbers(v *Value, depth int) {
	n, size, kind := v.Len(), 4, "int"
	switch v.Kind {
	case VectorUint:
		kind = "uint"
	case VectorNumber:
		size, kind = 8, "Number"
	}
	start := v.Offset + v.Size - len(v.Raw)
	listed := min(n, MaxElements, maxElements-f.elements)
	f.elements += listed
	for i := range listed {
		f.lines = append(f.lines, Line{Depth: depth, Name: "[" + strconv.Itoa(i) + "]", Type: kind, Text: v.element(i), Offset: start + i*size, Size: size})
	}
	if left := n - listed; left > 0 {
		f.lines = append(f.lines, Line{Depth: depth, Name: "…", Text: fmt.Sprintf("%d more", left), Offset: start + listed*size, Size: left * size})
	}
}

// entries lists keys and values; a simple key is the name of its value.
func (f *formatter) entries(v *Value, depth int) {
	for i := 0; i < len(v.Items); i += 2 {
		key := &v.Items[i]
		if i+1 < len(v.Items) && simple(key) {
			f.add(&v.Items[i+1], "["+nameOfKey(key)+"]", AMF3, depth)
			continue
		}
		f.add(key, "key", AMF3, depth)
		if i+1 < len(v.Items) {
			f.add(&v.Items[i+1], "value", AMF3, depth)
		}
	}
}

// simple tells whether v is a value that one word can say.
func simple(v *Value) bool {
	switch v.Kind {
	case Undefined, Null, Boolean, Integer, Number:
		return true
	case String:
		return len(v.Text) <= MaxHex
	}
	return false
}

// nameOfKey writes a simple value alone.
func nameOfKey(v *Value) string {
	if v.Kind == Undefined || v.Kind == Null {
		return v.Kind.String()
	}
	return v.summary()
}

func nameOfMember(m *Member) string {
	if m.Name == "" {
		if m.Value.Kind == Unread {
			return ""
		}
		return `""`
	}
	return unquoted(m.Name)
}

// unquoted writes a name without quotes around it.
func unquoted(s string) string {
	if cut := head(s, MaxText); len(cut) < len(s) {
		return inspect.Escape([]byte(cut)) + "…"
	}
	return inspect.Escape([]byte(s))
}

// summary says in a few words what v is, apart from its type.
func (v *Value) summary() string {
	switch v.Kind {
	case Boolean:
		return strconv.FormatBool(v.Bool)
	case Integer:
		return strconv.Itoa(int(v.Int))
	case Number:
		return formatNumber(v.Number)
	case String, LongString, XML, XMLDocument:
		return short(v.Text, MaxText)
	case Unread:
		return v.Text
	case Date:
		s, ok := moment(v.Number)
		if !ok {
			s = formatNumber(v.Number) + " ms"
		}
		if v.Zone != 0 {
			s += fmt.Sprintf(", zone %d min", v.Zone)
		}
		return s
	case ByteArray:
		return strings.TrimRight(plural(int64(len(v.Raw)), "byte")+": "+shortHex(v.Raw), ": ")
	case ECMAArray:
		if int(v.Count) == len(v.Members) {
			return plural(int64(len(v.Members)), "member")
		}
		return fmt.Sprintf("%s, announced as %d", plural(int64(len(v.Members)), "member"), v.Count)
	case Array:
		s := plural(int64(len(v.Items)), "item")
		if len(v.Members) > 0 {
			s += ", " + plural(int64(len(v.Members)), "member")
		}
		return s
	case Dictionary:
		return with(plural(int64(v.Len()), "entry"), v.Weak, "weak keys")
	case VectorObject:
		return with(plural(int64(v.Len()), "item"), v.Fixed, "fixed")
	case VectorInt, VectorUint, VectorNumber:
		return with(plural(int64(v.Len()), "number"), v.Fixed, "fixed")
	case Object:
		switch {
		case v.opaque():
			return "writes itself, " + plural(int64(len(v.Raw)), "byte") + ": " + shortHex(v.Raw)
		case v.class() != nil && v.Class.Externalizable:
			return "writes itself"
		}
		return with(plural(int64(len(v.Members)), "member"), v.class() != nil && v.Class.Dynamic, "dynamic")
	}
	return ""
}

func with(s string, on bool, word string) string {
	if on {
		return s + ", " + word
	}
	return s
}
