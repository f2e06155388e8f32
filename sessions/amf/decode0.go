package amf

// Type markers of AMF0, chapter 2 of its specification.
const (
	marker0Number      = 0x00
	marker0Boolean     = 0x01
	marker0String      = 0x02
	marker0Object      = 0x03
	marker0MovieClip   = 0x04 // reserved
	marker0Null        = 0x05
	marker0Undefined   = 0x06
	marker0Reference   = 0x07
	marker0ECMAArray   = 0x08
	marker0ObjectEnd   = 0x09
	marker0StrictArray = 0x0a
	marker0Date        = 0x0b
	marker0LongString  = 0x0c
	marker0Unsupported = 0x0d
	marker0RecordSet   = 0x0e // reserved
	marker0XMLDocument = 0x0f
	marker0TypedObject = 0x10
	marker0Switched    = 0x11 // avmplus-object
)

// read0 reads what follows a marker of AMF0 into v.
func (d *decoder) read0(marker byte, v *Value) {
	kind := Undefined
	switch marker {
	case marker0Number:
		kind, v.Number = Number, d.float64(named("a Number"))
	case marker0Boolean:
		kind, v.Bool = Boolean, d.byte(named("a Boolean")) != 0
	case marker0String:
		kind, v.Text = String, d.short("a string")
	case marker0LongString:
		kind, v.Text = LongString, d.long("a long string")
	case marker0XMLDocument:
		kind, v.Text = XMLDocument, d.long("an XML document")
	case marker0Null:
		kind = Null
	case marker0Undefined:
	case marker0Unsupported:
		kind = Unsupported
	case marker0Date:
		kind, v.Number, v.Zone = Date, d.float64(named("a date")), int16(d.uint16(named("the time zone of a date")))
	case marker0Reference:
		at := d.pos
		kind, v.Ref = Reference, int(d.uint16(named("a reference")))
		if v.Ref >= d.objects0 {
			d.fail(at, ErrFormat, "a reference to object %d, and %d came before it", v.Ref, d.objects0)
		}
	case marker0Object:
		d.enter0(v, Object)
		d.members0(v)
	case marker0TypedObject:
		name := d.short("the name of a class")
		if d.err != nil {
			return
		}
		v.Class = &Class{Name: name}
		d.enter0(v, Object)
		d.members0(v)
	case marker0ECMAArray:
		if v.Count = d.uint32(named("the length of an ECMA array")); d.err != nil {
			return
		}
		d.enter0(v, ECMAArray)
		d.members0(v)
	case marker0StrictArray:
		n := int64(d.uint32(named("the length of an array")))
		if d.need(n, counted("an array", n, "value")); d.err != nil {
			return
		}
		d.enter0(v, Array)
		d.items(v, n, AMF0)
	case marker0Switched:
		v.Kind = Switched
		d.items(v, 1, AMF3)
	case marker0MovieClip, marker0RecordSet:
		d.fail(v.Offset, ErrFormat, "the type 0x%02x is reserved; the specification does not say what would follow", marker)
	case marker0ObjectEnd:
		d.fail(v.Offset, ErrFormat, "the end of an object where a value is expected")
	default:
		d.fail(v.Offset, ErrFormat, "0x%02x is no type of AMF0", marker)
	}
	if d.err == nil && kind != Undefined {
		v.Kind = kind
	}
}

// enter0 makes v a value that references can mean.
func (d *decoder) enter0(v *Value, kind Kind) {
	v.Kind, v.Ref = kind, d.objects0
	d.objects0++
}

// members0 reads the members of an object up to its end: an empty name and the
// marker of the end. An empty name before another marker is a name.
func (d *decoder) members0(v *Value) {
	for d.err == nil {
		name := d.short("the name of a member")
		if name == "" && d.err == nil {
			if d.need(1, named("the end of an object")); d.err != nil {
				return
			}
			if d.b[d.pos] == marker0ObjectEnd {
				d.pos++
				return
			}
		}
		if d.err == nil {
			v.Members = append(v.Members, Member{Name: name, Value: d.value(AMF0)})
		}
	}
}

// short reads text behind its length in 16 bits.
func (d *decoder) short(what string) string {
	return d.textOf(int64(d.uint16(label{prefix: "the length of ", noun: what})), named(what))
}

// long reads text behind its length in 32 bits.
func (d *decoder) long(what string) string {
	return d.textOf(int64(d.uint32(label{prefix: "the length of ", noun: what})), named(what))
}
