package fields

import (
	"fmt"
	"math/big"
	"strings"

	"wirebench/sessions/inspect"
)

// message is a list on its way to bytes.
type message struct {
	builder *Builder
	nodes   []node
	names   map[string]int // of fields, to nodes
	total   int            // bytes that the fields so far take
	end     int            // of the message, as place found it
	ranges  int            // of all values that are computed
	sums    []int          // the nodes that are checksums, in order
	growing bool           // there are lengths whose own size depends on their value
	out     []byte
}

// node is a field in the order of [List.Walk].
type node struct {
	field  *Field
	kind   *Kind
	parent int // -1 outside groups
	before int // the field before it in the same list, or -1
	behind int // the node behind it and all that is in it
	little bool

	data []byte    // of a value that is not computed, but zeros have none
	size int       // bytes of its own
	calc *computed // or nil
	// Of calc: what its ranges are.
	ranges []nodes

	start, end int    // in the message
	shown      string // Part.Computed
	state      int8   // of a checksum: not yet, under way or done
}

// nodes is a range as it does not depend on sizes: from the start or the end
// of one node (-1: the begin of the message) to that of another (-1: its end).
type nodes struct {
	from, to           int
	fromEnd, untilInto bool // from the end of from; until the start of to
}

func (m *message) fail(i, at int, format string, args ...any) *Error {
	f := m.nodes[i].field
	label := f.Name
	if label == "" {
		label = f.Kind
	}
	if label == "" {
		label = "no kind"
	}
	return &Error{Field: i, Label: label, At: at, Problem: fmt.Sprintf(format, args...)}
}

// flatten makes the nodes of a list and the bytes that depend on nothing.
func (m *message) flatten(l List, parent, depth int) error {
	before := -1
	for n := range l {
		i := len(m.nodes)
		m.nodes = append(m.nodes, node{field: &l[n], parent: parent, before: before})
		before = i
		if i == MaxFields {
			return m.fail(i, 0, "a message can have %d fields at most", MaxFields)
		}
		if err := m.enter(i, depth); err != nil {
			return err
		}
		if len(l[n].Fields) > 0 {
			if err := m.flatten(l[n].Fields, i, depth+1); err != nil {
				return err
			}
		}
		m.nodes[i].behind = len(m.nodes)
	}
	return nil
}

// enter checks the field of a node and writes its value.
func (m *message) enter(i, depth int) error {
	n := &m.nodes[i]
	f := n.field
	if f.Name != "" {
		if why := validName(f.Name); why != "" {
			return m.fail(i, 0, "%s", why)
		}
		if _, twice := m.names[f.Name]; twice {
			return m.fail(i, 0, "another field is called %s already: a range could mean either", f.Name)
		}
		m.names[f.Name] = i
	}
	n.kind = kindOf(f.Kind)
	if n.kind == nil || n.kind.ID != f.Kind {
		return m.fail(i, 0, "there is no kind %s", quoted(f.Kind))
	}
	if n.kind.lex == asGroup {
		if depth == MaxNesting {
			return m.fail(i, 0, "groups can be %d deep at most", MaxNesting)
		}
		if f.Value != "" || f.Order != Default || f.Charset != "" {
			return m.fail(i, 0, "a group has neither a value nor a byte order nor a charset of its own")
		}
		return nil
	}
	switch {
	case len(f.Fields) > 0:
		return m.fail(i, 0, "only a group holds other fields")
	case f.Order > Little || f.Order != Default && !n.kind.Ordered:
		return m.fail(i, 0, "%s is the same in either byte order", f.Kind)
	case f.Charset != "" && !n.kind.Charset:
		return m.fail(i, 0, "%s has no charset to choose", f.Kind)
	case strings.ContainsFunc(f.Charset, func(r rune) bool { return r > 0x7f || !isCharsetPart(byte(r)) }):
		return m.fail(i, 0, "%s is not the name of a charset", quoted(f.Charset))
	}
	n.little = f.Order.In(m.builder.Order) == inspect.Little
	if n.kind.lex == asNumber && calls(f.Value) && (n.kind.fixed != nil || n.kind.varint != nil) {
		return m.compute(i)
	}
	if n.kind.write == nil { // zeros
		v, bad := parseInteger(f.Value)
		if bad == "" && (v.Sign() < 0 || v.Cmp(big.NewInt(MaxMessage)) > 0) {
			bad = fmt.Sprintf("%v does not fit zeros, which are 0 to %d", v, MaxMessage)
		}
		if bad != "" {
			return m.fail(i, 0, "%s", bad)
		}
		n.size = int(v.Int64())
		return m.grow(i, n.size)
	}
	w := writer{kind: n.kind, field: f, little: n.little, b: m.builder}
	data, bad := n.kind.write(&w)
	if bad != "" {
		return m.fail(i, w.at, "%s", bad)
	}
	n.data, n.size = data, len(data)
	return m.grow(i, n.size)
}

// compute reads the value of a node that is computed, and reserves room.
func (m *message) compute(i int) error {
	n := &m.nodes[i]
	c, bad := computedValue(n.field.Value)
	if bad != nil {
		return m.fail(i, bad.at, "%s", bad.what)
	}
	n.calc = c
	if m.ranges += len(c.ranges); m.ranges > MaxFields {
		return m.fail(i, 0, "the values of a message can name %d ranges at most", MaxFields)
	}
	if c.call != lengthOf {
		m.sums = append(m.sums, i)
	}
	switch {
	case n.kind.fixed != nil:
		n.size = n.kind.fixed.size
	case c.call != lengthOf:
		return m.fail(i, 0, "a checksum needs a kind of fixed size, such as u16, and the size of %s depends on the value", n.kind.ID)
	default:
		n.size = 1
		m.growing = true
	}
	return m.grow(i, n.size)
}

// grow counts bytes and refuses too many.
func (m *message) grow(i, by int) error {
	if most := m.builder.max(); by > most-m.total {
		return m.fail(i, 0, "with this field the message is longer than %s: send it from a file", size(most))
	}
	m.total += by
	return nil
}

// size writes a bound of bytes.
func size(n int) string {
	if n%(1<<20) == 0 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d bytes", n)
}

// layOut gives every node its place, once the sizes of all are known, and
// writes what is not computed.
func (m *message) layOut() error {
	for i := range m.nodes {
		n := &m.nodes[i]
		if n.calc == nil {
			continue
		}
		for _, r := range n.calc.ranges {
			resolved, at, bad := m.resolve(i, r)
			if bad != "" {
				return m.fail(i, at, "%s", bad)
			}
			n.ranges = append(n.ranges, resolved)
		}
	}
	m.place()
	if m.growing {
		if err := m.settle(); err != nil {
			return err
		}
	}
	m.out = make([]byte, m.end)
	for i := range m.nodes {
		copy(m.out[m.nodes[i].start:], m.nodes[i].data)
	}
	return nil
}

// place sets start and end of every node from the sizes.
func (m *message) place() {
	at := 0
	for i := range m.nodes {
		m.nodes[i].start = at
		at += m.nodes[i].size
		m.nodes[i].end = at
	}
	m.end = at
	for i := range m.nodes {
		if n := &m.nodes[i]; n.behind > i+1 {
			n.end = m.nodes[n.behind-1].end // of the last leaf in it, or of an empty group
		}
	}
}

// resolve finds the nodes that a range of node i means, or what is wrong with it
// and where in the value.
func (m *message) resolve(i int, r byteRange) (n nodes, at int, bad string) {
	here := &m.nodes[i]
	if r.word() {
		switch r.from {
		case rangeAll:
			return nodes{from: -1, to: -1}, 0, ""
		case rangeRest:
			return nodes{from: i, fromEnd: true, to: here.parent}, 0, ""
		case rangeBefore:
			return nodes{from: here.parent, to: i, untilInto: true}, 0, ""
		case rangePrev:
			if here.before < 0 {
				return nodes{}, r.at, "there is no field before this one for prev to mean"
			}
			return nodes{from: here.before, to: here.before}, 0, ""
		}
		end := len(m.nodes)
		if here.parent >= 0 {
			end = m.nodes[here.parent].behind
		}
		if here.behind == end {
			return nodes{}, r.at, "there is no field behind this one for next to mean"
		}
		return nodes{from: here.behind, to: here.behind}, 0, ""
	}
	from, ok := m.names[r.from]
	if !ok {
		return nodes{}, r.at, "no field is called " + r.from
	}
	to, ok := m.names[r.to]
	if !ok {
		return nodes{}, r.toAt, "no field is called " + r.to
	}
	if to < from {
		return nodes{}, r.at, fmt.Sprintf("%s comes before %s: write %s..%s", r.to, r.from, r.to, r.from)
	}
	return nodes{from: from, to: to}, 0, ""
}

// bounds gives the bytes of a range as the nodes are placed now.
func (m *message) bounds(r nodes) (from, to int) {
	to = m.end
	if r.from >= 0 {
		from = m.nodes[r.from].start
		if r.fromEnd {
			from = m.nodes[r.from].end
		}
	}
	if r.to >= 0 {
		to = m.nodes[r.to].end
		if r.untilInto {
			to = m.nodes[r.to].start
		}
	}
	return from, max(from, to)
}
