package amf

import (
	"fmt"
	"slices"
)

// markers3 gives the marker of each kind that may be a reference.
var markers3 = func() (m [kinds]byte) {
	for marker, kind := range kinds3 {
		m[kind] = byte(marker)
	}
	return m
}()

// write3 writes v in AMF3.
func (e *encoder) write3(v *Value, depth int) error {
	switch v.Kind {
	case Undefined:
		e.byte(marker3Undefined)
		return nil
	case Null:
		e.byte(marker3Null)
		return nil
	case Boolean:
		e.flag(marker3False, v.Bool)
		return nil
	case Integer:
		if v.Int < MinInteger || v.Int > MaxInteger {
			return fmt.Errorf("the int %d does not fit 29 bits; a Number holds it", v.Int)
		}
		e.byte(marker3Integer)
		e.uint29(uint32(v.Int))
		return nil
	case Number:
		e.byte(marker3Double)
		e.float64(v.Number)
		return nil
	case String:
		e.byte(marker3String)
		return e.string3(v.Text, v.Literal)
	case Reference:
		return e.reference3(v)
	}
	if !v.Kind.referable(AMF3) {
		return fmt.Errorf("AMF3 has no %v", v.Kind)
	}
	e.objects3 = append(e.objects3, v.Kind)
	e.byte(markers3[v.Kind])
	switch v.Kind {
	case Date:
		if v.Zone != 0 {
			return fmt.Errorf("a Date has the time zone %d, and AMF3 has none", v.Zone)
		}
		e.uint29(1)
		e.float64(v.Number)
	case XMLDocument, XML:
		return e.bytes3(v.Text)
	case ByteArray:
		return e.bytes3(string(v.Raw))
	case VectorInt, VectorUint:
		return e.vector3(v, 4)
	case VectorNumber:
		return e.vector3(v, 8)
	case VectorObject:
		if err := e.length3(len(v.Items)); err != nil {
			return err
		}
		e.flag(0, v.Fixed)
		if err := e.string3(v.Text, v.Literal); err != nil {
			return err
		}
		return e.items(v, AMF3, depth)
	case Dictionary:
		if len(v.Items)%2 != 0 {
			return fmt.Errorf("a Dictionary has a key without a value")
		}
		if err := e.length3(len(v.Items) / 2); err != nil {
			return err
		}
		e.flag(0, v.Weak)
		return e.items(v, AMF3, depth)
	case Array:
		if err := e.length3(len(v.Items)); err != nil {
			return err
		}
		if err := e.members3(v.Members, depth); err != nil {
			return err
		}
		return e.items(v, AMF3, depth)
	case Object:
		return e.object3(v, depth)
	}
	return nil
}

// reference3 writes a reference, with the marker of what it refers to.
func (e *encoder) reference3(v *Value) error {
	if v.Ref < 0 || v.Ref >= len(e.objects3) {
		return fmt.Errorf("a reference to object %d, and %d came before it", v.Ref, len(e.objects3))
	}
	kind := v.Of
	if kind == Undefined {
		kind = e.objects3[v.Ref]
	}
	if !kind.referable(AMF3) {
		return fmt.Errorf("a reference to a %v, which is never referred to", kind)
	}
	e.byte(markers3[kind])
	return e.header3(v.Ref, 1, 0)
}

func (e *encoder) vector3(v *Value, size int) error {
	if len(v.Raw)%size != 0 {
		return fmt.Errorf("a %v has %d bytes, and each number takes %d", v.Kind, len(v.Raw), size)
	}
	if err := e.length3(len(v.Raw) / size); err != nil {
		return err
	}
	e.flag(0, v.Fixed)
	e.out = append(e.out, v.Raw...)
	return nil
}

func (e *encoder) members3(members []Member, depth int) error {
	for i := range members {
		m := &members[i]
		if m.Name == "" {
			return fmt.Errorf("a member without a name, which ends the object in AMF3")
		}
		if err := e.string3(m.Name, m.Literal); err != nil {
			return err
		}
		if err := e.value(&m.Value, AMF3, depth+1); err != nil {
			return within("member "+short(m.Name, maxName), depth, err)
		}
	}
	return e.string3("", false)
}

// plainClass is the class of objects without one.
var plainClass = Class{Dynamic: true}

func (e *encoder) object3(v *Value, depth int) error {
	class := v.Class
	if class == nil {
		class = &plainClass
	}
	if err := e.class3(class, v.Literal); err != nil {
		return err
	}
	if class.Externalizable {
		return e.external3(v, depth)
	}
	if len(v.Members) < len(class.Sealed) || len(v.Members) > len(class.Sealed) && !class.Dynamic {
		return fmt.Errorf("the class %s has %d sealed members, and its object has %d", short(class.Name, maxName), len(class.Sealed), len(v.Members))
	}
	for i, name := range class.Sealed {
		m := &v.Members[i]
		if m.Name != name {
			return fmt.Errorf("member %d is called %s, and in the class %s it is %s", i, short(m.Name, maxName), short(class.Name, maxName), short(name, maxName))
		}
		if err := e.value(&m.Value, AMF3, depth+1); err != nil {
			return within("member "+short(m.Name, maxName), depth, err)
		}
	}
	if !class.Dynamic {
		return nil
	}
	return e.members3(v.Members[len(class.Sealed):], depth)
}

// class3 writes the header of an object: its traits, or their place.
func (e *encoder) class3(c *Class, literal bool) error {
	// Where the table holds the same class twice, the one that was read is meant.
	if place, ok := e.traits[c]; ok && !literal {
		return e.header3(place, 2, 1)
	}
	key := c.key()
	if place, ok := e.classes.place[key]; ok && !literal {
		return e.header3(place, 2, 1)
	}
	if e.traits == nil {
		e.traits = make(map[*Class]int)
	}
	e.traits[c] = e.classes.n
	e.classes.add(key)
	flags := uint32(3)
	if c.Externalizable {
		flags |= 4
		if len(c.Sealed) > 0 {
			return fmt.Errorf("the class %s writes itself, so it has no sealed members", short(c.Name, maxName))
		}
	}
	if c.Dynamic {
		flags |= 8
	}
	if err := e.header3(len(c.Sealed), 4, flags); err != nil {
		return err
	}
	for _, name := range slices.Concat([]string{c.Name}, c.Sealed) {
		if err := e.string3(name, c.Literal); err != nil {
			return err
		}
	}
	return nil
}

// external3 writes what an externalizable class writes.
func (e *encoder) external3(v *Value, depth int) error {
	form, known := externals[v.Class.Name]
	switch {
	case !known && len(v.Items)+len(v.Members) > 0:
		return fmt.Errorf("the class %s writes itself in an unknown way, so it can hold bytes alone", short(v.Class.Name, maxName))
	case !known:
		e.out = append(e.out, v.Raw...)
		return nil
	case form.groups == nil:
		if len(v.Items) != int(form.values) || len(v.Members)+len(v.Raw) > 0 {
			return fmt.Errorf("the class %s holds values alone, %d of them, and not %d", short(v.Class.Name, maxName), form.values, len(v.Items))
		}
		return e.items(v, AMF3, depth)
	}
	if len(v.Items) > 0 {
		return fmt.Errorf("the class %s holds named members alone", short(v.Class.Name, maxName))
	}
	flags, members := v.Raw, v.Members
	for _, names := range form.groups {
		end := slices.IndexFunc(flags, func(f byte) bool { return f < 0x80 }) + 1
		if end == 0 {
			return fmt.Errorf("the flags of the class %s announce more flags than there are", short(v.Class.Name, maxName))
		}
		e.out = append(e.out, flags[:end]...)
		for bit := range flagged(flags[:end]) {
			if len(members) == 0 {
				return fmt.Errorf("the flags of the class %s announce more members than its %d", short(v.Class.Name, maxName), len(v.Members))
			}
			if name := nameOfBit(names, bit); members[0].Name != name {
				return fmt.Errorf("the flags of the class %s announce the member %s, and it is called %s", short(v.Class.Name, maxName), name, short(members[0].Name, maxName))
			}
			if err := e.value(&members[0].Value, AMF3, depth+1); err != nil {
				return within("member "+short(members[0].Name, maxName), depth, err)
			}
			members = members[1:]
		}
		flags = flags[end:]
	}
	if len(flags) > 0 || len(members) > 0 {
		return fmt.Errorf("the flags of the class %s announce other members than its %d", short(v.Class.Name, maxName), len(v.Members))
	}
	return nil
}

// string3 writes a text, or its place in the table.
func (e *encoder) string3(s string, literal bool) error {
	if s == "" {
		e.uint29(1)
		return nil
	}
	if place, ok := e.strings.place[s]; ok && !literal {
		return e.header3(place, 1, 0)
	}
	e.strings.add(s)
	return e.bytes3(s)
}

// bytes3 writes bytes behind their number.
func (e *encoder) bytes3(s string) error {
	if err := e.length3(len(s)); err != nil {
		return err
	}
	e.out = append(e.out, s...)
	return nil
}

func (e *encoder) length3(n int) error { return e.header3(n, 1, 1) }

// header3 writes n above the low bits given.
func (e *encoder) header3(n, shift int, low uint32) error {
	if n >= 1<<(29-shift) {
		return fmt.Errorf("a length or place of %d, and AMF3 allows %d there", n, 1<<(29-shift)-1)
	}
	e.uint29(uint32(n)<<shift | low)
	return nil
}

// uint29 writes the low 29 bits of u in as few bytes as hold them.
func (e *encoder) uint29(u uint32) {
	u &= 1<<29 - 1
	switch {
	case u < 1<<7:
		e.byte(byte(u))
	case u < 1<<14:
		e.out = append(e.out, 0x80|byte(u>>7), byte(u&0x7f))
	case u < 1<<21:
		e.out = append(e.out, 0x80|byte(u>>14), 0x80|byte(u>>7), byte(u&0x7f))
	default:
		e.out = append(e.out, 0x80|byte(u>>22), 0x80|byte(u>>15), 0x80|byte(u>>8), byte(u))
	}
}
