package amf

import (
	"encoding/binary"
	"fmt"
)

// plain tells whether the class is that of plain objects.
func (c *Class) plain() bool {
	return c.Name == "" && len(c.Sealed) == 0 && c.Dynamic && !c.Externalizable
}

// class gives the class of an object, or nil for a plain one.
func (v *Value) class() *Class {
	if v.Kind != Object || v.Class == nil || v.Class.plain() {
		return nil
	}
	return v.Class
}

// key is the same for classes that AMF3 cannot tell apart.
func (c *Class) key() string {
	flags := byte(0)
	if c.Dynamic {
		flags |= 1
	}
	if c.Externalizable {
		flags |= 2
	}
	b := append(binary.AppendUvarint([]byte{flags}, uint64(len(c.Name))), c.Name...)
	for _, name := range c.Sealed {
		b = append(binary.AppendUvarint(b, uint64(len(name))), name...)
	}
	return string(b)
}

// An external form says what a class that writes itself is known to write:
// values, or groups of values that flags announce.
type external struct {
	values int64      // this many values, as Items
	groups [][]string // or these names of the bits of each group, as Members with the flags as Raw
}

// The names of the bits in the flags of Flex's small messages: seven to a byte,
// with the eighth saying that another byte follows.
var (
	abstractMessage = []string{
		"body", "clientId", "destination", "headers", "messageId", "timestamp", "timeToLive",
		"clientIdBytes", "messageIdBytes",
	}
	asyncMessage = []string{"correlationId", "correlationIdBytes"}
)

// externals are the classes of Flex whose way of writing themselves is public.
var externals = map[string]external{
	"flex.messaging.io.ArrayCollection": {values: 1},
	"flex.messaging.io.ArrayList":       {values: 1},
	"flex.messaging.io.ObjectProxy":     {values: 1},
	"DSA":                               {groups: [][]string{abstractMessage, asyncMessage}},                // AsyncMessageExt
	"DSK":                               {groups: [][]string{abstractMessage, asyncMessage, nil}},           // AcknowledgeMessageExt
	"DSC":                               {groups: [][]string{abstractMessage, asyncMessage, {"operation"}}}, // CommandMessageExt
}

// opaque tells whether v is an object whose class writes itself in a way that
// is not known.
func (v *Value) opaque() bool {
	if v.Kind != Object || v.Class == nil || !v.Class.Externalizable {
		return false
	}
	_, known := externals[v.Class.Name]
	return !known
}

// external3 reads what an externalizable class wrote.
func (d *decoder) external3(v *Value) {
	form, known := externals[v.Class.Name]
	switch {
	case !known:
		v.Raw = append([]byte{}, d.b[d.pos:]...)
		d.fail(len(d.b), ErrOpaque, "the class %s writes itself, and only its own program knows where it ends", short(v.Class.Name, maxName))
	case form.groups == nil:
		d.items(v, form.values, AMF3)
	default:
		for _, names := range form.groups {
			d.group3(v, names)
		}
	}
}

// group3 reads flags, and a value for each that is set.
func (d *decoder) group3(v *Value, names []string) {
	start := d.pos
	for d.byte(named("the flags of a message")) >= 0x80 {
		d.count(1)
	}
	if d.err != nil {
		return
	}
	flags := d.b[start:d.pos]
	v.Raw = append(v.Raw, flags...)
	for bit := range flagged(flags) {
		v.Members = append(v.Members, Member{Name: nameOfBit(names, bit), Value: d.value(AMF3)})
		if d.err != nil {
			return
		}
	}
}

// flagged goes through the numbers of the bits that are set, without the one in
// each byte that says that another follows.
func flagged(flags []byte) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for i, f := range flags {
			for k := range 7 {
				if f>>k&1 == 1 && !yield(7*i+k) {
					return
				}
			}
		}
	}
}

func nameOfBit(names []string, bit int) string {
	if bit < len(names) {
		return names[bit]
	}
	return fmt.Sprintf("flag %d", bit)
}
