package amf

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Encode writes v, with tables of references that begin empty.
//
// What AMF3 can say once is said once: a text, the name of a member or the
// traits of a class that the table holds is written as its place there. Literal
// has it written in full again, as some programs do. Values are never made
// references by themselves: that is for a Reference to say, and it can only mean
// a value that began before it.
//
// A tree that AMF has no bytes for is refused with an error that wraps
// [ErrValue] and says where in the tree it is: a kind of the other version, an
// Unread, a text that is too long, members that do not fit their class.
func Encode(v Value, version Version) ([]byte, error) {
	if version != AMF0 && version != AMF3 {
		return nil, fmt.Errorf("%w: there is no %v", ErrValue, version)
	}
	e := encoder{}
	if err := e.value(&v, version, 0); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrValue, err)
	}
	return e.out, nil
}

type encoder struct {
	out      []byte
	objects0 int
	objects3 []Kind // what stands at each place
	strings  table
	classes  table          // by key
	traits   map[*Class]int // the place of what was decoded, or used before
}

// table gives places to what was written.
type table struct {
	place map[string]int
	n     int
}

// add gives s the next place. What is in the table already means that one from
// now on, as in what Flash Player writes.
func (t *table) add(s string) {
	if t.place == nil {
		t.place = make(map[string]int)
	}
	t.place[s] = t.n
	t.n++
}

// value writes v, which lies in depth others.
func (e *encoder) value(v *Value, version Version, depth int) error {
	if depth >= MaxDepth {
		return fmt.Errorf("values lie in each other more than %d deep", MaxDepth)
	}
	if v.Kind == Unread {
		return fmt.Errorf("it was not read to its end: %s", v.Text)
	}
	if version == AMF3 {
		return e.write3(v, depth)
	}
	return e.write0(v, depth)
}

// within says where err is, as far as that helps.
func within(where string, depth int, err error) error {
	if depth >= 8 {
		return err
	}
	return fmt.Errorf("in %s: %w", where, err)
}

// items writes the items of v.
func (e *encoder) items(v *Value, version Version, depth int) error {
	for i := range v.Items {
		if err := e.value(&v.Items[i], version, depth+1); err != nil {
			return within(fmt.Sprintf("item %d", i), depth, err)
		}
	}
	return nil
}

func (e *encoder) byte(b byte)     { e.out = append(e.out, b) }
func (e *encoder) uint16(v uint16) { e.out = binary.BigEndian.AppendUint16(e.out, v) }
func (e *encoder) uint32(v uint32) { e.out = binary.BigEndian.AppendUint32(e.out, v) }
func (e *encoder) float64(v float64) {
	e.out = binary.BigEndian.AppendUint64(e.out, math.Float64bits(v))
}
func (e *encoder) flag(marker byte, on bool) {
	if on {
		marker++
	}
	e.byte(marker)
}

// short writes text behind its length in 16 bits.
func (e *encoder) short(s, what string) error {
	if len(s) > math.MaxUint16 {
		return fmt.Errorf("%s has %d bytes, and AMF0 allows %d there", what, len(s), math.MaxUint16)
	}
	e.uint16(uint16(len(s)))
	e.out = append(e.out, s...)
	return nil
}

// long writes text behind its length in 32 bits.
func (e *encoder) long(s string) error {
	if uint64(len(s)) > math.MaxUint32 {
		return fmt.Errorf("a text has %d bytes, and AMF0 allows %d there", len(s), uint32(math.MaxUint32))
	}
	e.uint32(uint32(len(s)))
	e.out = append(e.out, s...)
	return nil
}

// write0 writes v in AMF0.
func (e *encoder) write0(v *Value, depth int) error {
	if v.Kind.referable(AMF0) {
		e.objects0++
	}
	switch v.Kind {
	case Undefined:
		e.byte(marker0Undefined)
	case Null:
		e.byte(marker0Null)
	case Boolean:
		e.byte(marker0Boolean)
		e.flag(0, v.Bool)
	case Number:
		e.byte(marker0Number)
		e.float64(v.Number)
	case String:
		e.byte(marker0String)
		return e.short(v.Text, "a string (a LongString has no such limit)")
	case LongString:
		e.byte(marker0LongString)
		return e.long(v.Text)
	case XMLDocument:
		e.byte(marker0XMLDocument)
		return e.long(v.Text)
	case Date:
		e.byte(marker0Date)
		e.float64(v.Number)
		e.uint16(uint16(v.Zone))
	case Unsupported:
		e.byte(marker0Unsupported)
	case Reference:
		if v.Ref < 0 || v.Ref >= e.objects0 || v.Ref > math.MaxUint16 {
			return fmt.Errorf("a reference to object %d, and %d came before it", v.Ref, e.objects0)
		}
		e.byte(marker0Reference)
		e.uint16(uint16(v.Ref))
	case Array:
		if len(v.Members) > 0 {
			return fmt.Errorf("an Array has named members, which AMF0 keeps in an ECMA array")
		}
		if uint64(len(v.Items)) > math.MaxUint32 {
			return fmt.Errorf("an Array has %d items, and AMF0 allows %d", len(v.Items), uint32(math.MaxUint32))
		}
		e.byte(marker0StrictArray)
		e.uint32(uint32(len(v.Items)))
		return e.items(v, AMF0, depth)
	case ECMAArray:
		e.byte(marker0ECMAArray)
		e.uint32(v.Count)
		return e.members0(v, depth)
	case Object:
		if v.class() == nil {
			e.byte(marker0Object)
			return e.members0(v, depth)
		}
		e.byte(marker0TypedObject)
		if v.Class.Externalizable {
			return fmt.Errorf("the class %s is externalizable, which AMF0 does not have", short(v.Class.Name, maxName))
		}
		if err := e.short(v.Class.Name, "the name of a class"); err != nil {
			return err
		}
		return e.members0(v, depth)
	case Switched:
		if len(v.Items) != 1 {
			return fmt.Errorf("a switch to AMF3 holds %d values and not one", len(v.Items))
		}
		e.byte(marker0Switched)
		return e.items(v, AMF3, depth)
	default:
		return fmt.Errorf("AMF0 has no %v; a switch to AMF3 may hold one", v.Kind)
	}
	return nil
}

// members0 writes the members of v and the end of the object.
func (e *encoder) members0(v *Value, depth int) error {
	for i := range v.Members {
		m := &v.Members[i]
		if err := e.short(m.Name, "the name of a member"); err != nil {
			return err
		}
		if err := e.value(&m.Value, AMF0, depth+1); err != nil {
			return within("member "+short(m.Name, maxName), depth, err)
		}
	}
	e.uint16(0)
	e.byte(marker0ObjectEnd)
	return nil
}
