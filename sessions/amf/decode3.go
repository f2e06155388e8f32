package amf

// Type markers of AMF3, chapter 3 of its specification.
const (
	marker3Undefined    = 0x00
	marker3Null         = 0x01
	marker3False        = 0x02
	marker3True         = 0x03
	marker3Integer      = 0x04
	marker3Double       = 0x05
	marker3String       = 0x06
	marker3XMLDocument  = 0x07
	marker3Date         = 0x08
	marker3Array        = 0x09
	marker3Object       = 0x0a
	marker3XML          = 0x0b
	marker3ByteArray    = 0x0c
	marker3VectorInt    = 0x0d
	marker3VectorUint   = 0x0e
	marker3VectorDouble = 0x0f
	marker3VectorObject = 0x10
	marker3Dictionary   = 0x11
)

// kinds3 gives the kind behind each marker of AMF3 that may be a reference.
var kinds3 = [...]Kind{
	marker3XMLDocument: XMLDocument, marker3Date: Date, marker3Array: Array, marker3Object: Object,
	marker3XML: XML, marker3ByteArray: ByteArray, marker3VectorInt: VectorInt, marker3VectorUint: VectorUint,
	marker3VectorDouble: VectorNumber, marker3VectorObject: VectorObject, marker3Dictionary: Dictionary,
}

// read3 reads what follows a marker of AMF3 into v.
func (d *decoder) read3(marker byte, v *Value) {
	kind := Undefined
	switch marker {
	case marker3Undefined:
	case marker3Null:
		kind = Null
	case marker3False, marker3True:
		kind, v.Bool = Boolean, marker == marker3True
	case marker3Integer:
		kind, v.Int = Integer, signed29(d.uint29(named("an integer")))
	case marker3Double:
		kind, v.Number = Number, d.float64(named("a Number"))
	case marker3String:
		kind = String
		v.Text, v.Literal = d.string3("a string")
	default:
		if marker > marker3Dictionary {
			d.fail(v.Offset, ErrFormat, "0x%02x is no type of AMF3", marker)
			return
		}
		d.complex3(kinds3[marker], v)
	}
	if d.err == nil && kind != Undefined {
		v.Kind = kind
	}
}

// complex3 reads a value that is a reference or can be referred to. Its first
// integer has the lowest bit clear and the place in the table above it, or the
// bit set and mostly a length.
func (d *decoder) complex3(kind Kind, v *Value) {
	at := d.pos
	u := d.uint29(label{prefix: "the header of ", noun: articles[kind]})
	n := int64(u >> 1)
	switch {
	case d.err != nil:
		return
	case u&1 == 0:
		if n >= int64(d.objects3) {
			d.fail(at, ErrFormat, "a reference to object %d, and %d came before it", n, d.objects3)
			return
		}
		v.Kind, v.Ref, v.Of = Reference, int(n), kind
		return
	}
	v.Ref = d.objects3
	d.objects3++
	switch kind {
	case Date:
		v.Number = d.float64(named("a date"))
	case XMLDocument, XML:
		v.Text = d.textOf(n, named(articles[kind]))
	case ByteArray:
		v.Raw = append([]byte{}, d.take(n, named(articles[kind]))...)
	case VectorInt, VectorUint:
		d.vector3(v, n, 4, kind)
	case VectorNumber:
		d.vector3(v, n, 8, kind)
	case VectorObject:
		v.Fixed = d.byte(named("the flag of a vector")) != 0
		v.Text, v.Literal = d.string3("the class of a vector")
		if d.need(n, counted("a vector", n, "value")); d.err == nil {
			v.Kind = kind
			d.items(v, n, AMF3)
		}
	case Dictionary:
		v.Weak = d.byte(named("the flag of a dictionary")) != 0
		if d.need(2*n, counted("a dictionary", n, "entry")); d.err == nil {
			v.Kind = kind
			d.items(v, 2*n, AMF3)
		}
	case Array:
		if d.need(n, counted("an array", n, "value")); d.err == nil {
			v.Kind = kind
			d.members3(v)
			if d.err == nil {
				d.items(v, n, AMF3)
			}
		}
	case Object:
		d.object3(v, u)
	}
	if d.err == nil {
		v.Kind = kind
	}
}

// vector3 keeps the numbers as they are. Their size bounds their memory.
func (d *decoder) vector3(v *Value, n, size int64, kind Kind) {
	v.Fixed = d.byte(named("the flag of a vector")) != 0
	v.Raw = append([]byte{}, d.take(n*size, counted(articles[kind], n, "number"))...)
}

// articles gives the names of the kinds with their article.
var articles = func() (names [kinds]string) {
	for k, name := range kindNames {
		switch Kind(k) {
		case Array, Object, XML, XMLDocument:
			names[k] = "an " + name
		default:
			names[k] = "a " + name
		}
	}
	return names
}()

// members3 reads dynamic members up to the empty name.
func (d *decoder) members3(v *Value) {
	for d.err == nil {
		name, literal := d.string3("the name of a member")
		if d.err != nil || name == "" {
			return
		}
		v.Members = append(v.Members, Member{Name: name, Literal: literal, Value: d.value(AMF3)})
	}
}

// object3 reads an object behind its header u, whose low bits say whether the
// class comes by reference.
func (d *decoder) object3(v *Value, u uint32) {
	class := d.class3(v, u)
	if d.err != nil {
		return
	}
	v.Kind, v.Class = Object, class
	d.charge(len(class.Name))
	if class.Externalizable {
		d.external3(v)
		return
	}
	for _, name := range class.Sealed {
		if d.charge(len(name)); d.err != nil {
			return
		}
		v.Members = append(v.Members, Member{Name: name, Value: d.value(AMF3)})
	}
	if class.Dynamic {
		d.members3(v)
	}
}

// class3 reads the traits of v, or takes them from the table.
func (d *decoder) class3(v *Value, u uint32) *Class {
	if u&2 == 0 {
		n := int(u >> 2)
		if n >= len(d.classes) {
			d.fail(d.pos, ErrFormat, "a reference to class %d, and %d came before it", n, len(d.classes))
			return nil
		}
		return d.classes[n]
	}
	class := &Class{Externalizable: u&4 != 0, Dynamic: u&8 != 0}
	var again bool
	class.Name, again = d.string3("the name of a class")
	class.Literal = again
	if !class.Externalizable {
		n := int64(u >> 4)
		d.need(n, counted("a class", n, "member"))
		d.count(int(n))
		for range n {
			name, again := d.string3("the name of a member")
			if d.err != nil {
				return nil
			}
			class.Sealed = append(class.Sealed, name)
			class.Literal = class.Literal || again
		}
	}
	if d.err != nil {
		return nil
	}
	key := class.key()
	if v.Literal = d.traits[key]; !v.Literal {
		if d.traits == nil {
			d.traits = make(map[string]bool)
		}
		d.traits[key] = true
	}
	d.classes = append(d.classes, class)
	return class
}

// string3 reads a text or takes it from the table, and tells whether it was sent
// in full although the table held it. The empty one is never in the table.
func (d *decoder) string3(what string) (s string, literal bool) {
	at := d.pos
	u := d.uint29(label{prefix: "the length of ", noun: what})
	n := int64(u >> 1)
	switch {
	case d.err != nil:
		return "", false
	case u&1 == 0:
		if n >= int64(len(d.strings)) {
			d.fail(at, ErrFormat, "a reference to text %d, and %d came before it", n, len(d.strings))
			return "", false
		}
		d.charge(len(d.strings[n]))
		return d.strings[n], false
	case n == 0:
		return "", false
	}
	if s = d.textOf(n, named(what)); d.err != nil {
		return "", false
	}
	if d.known == nil {
		d.known = make(map[string]bool)
	}
	literal = d.known[s]
	d.known[s] = true
	d.strings = append(d.strings, s)
	return s, literal
}

// uint29 reads an unsigned integer of 29 bits: seven in each of up to three
// bytes whose highest bit says that another follows, and eight in a fourth.
func (d *decoder) uint29(what label) uint32 {
	var u uint32
	for i := range 4 {
		c := d.byte(what)
		if d.err != nil {
			return 0
		}
		if i == 3 {
			return u<<8 | uint32(c)
		}
		u = u<<7 | uint32(c&0x7f)
		if c < 0x80 {
			return u
		}
	}
	return u
}

// signed29 reads 29 bits as two's complement.
func signed29(u uint32) int32 { return int32(u<<3) >> 3 }
