package fields

import (
	"fmt"
	"math/big"
	"slices"
	"sort"
)

// maxRounds bounds how often lengths of variable size may make one another
// longer. Lengths within lengths, 32 deep, need fewer than half as many.
const maxRounds = 200

// settle finds the sizes of the lengths that are varints. Each starts with one
// byte and grows as its value asks; sizes never shrink, and a larger size never
// makes a value smaller, so what comes out is the smallest that fits.
func (m *message) settle() error {
	last := 0
	for range maxRounds {
		grown := false
		for i := range m.nodes {
			n := &m.nodes[i]
			if n.calc == nil || n.kind.varint == nil {
				continue
			}
			length, _ := m.length(n)
			v := big.NewInt(length)
			if length < 0 || !n.kind.varint.fit.holds(v) {
				continue // lengths tells, should it stay so
			}
			if size := len(n.kind.varint.put(nil, v)); size > n.size {
				if err := m.grow(i, size-n.size); err != nil {
					return err
				}
				n.size, grown, last = size, true, i
			}
		}
		if !grown {
			return nil
		}
		m.place()
	}
	return m.fail(last, 0, "the sizes of these lengths depend on one another in too long a chain: give some of them a kind of fixed size, such as u32")
}

// length gives the value of a length as the nodes are placed now, in whole
// units, and the bytes that are left over.
func (m *message) length(n *node) (v, left int64) {
	for _, r := range n.ranges {
		from, to := m.bounds(r)
		v += int64(to - from)
	}
	return v/n.calc.divide + n.calc.add, v % n.calc.divide
}

// lengths writes every length.
func (m *message) lengths() error {
	for i := range m.nodes {
		n := &m.nodes[i]
		if n.calc == nil || n.calc.call != lengthOf {
			continue
		}
		length, left := m.length(n)
		if left != 0 {
			return m.fail(i, 0, "the bytes do not come out in units of %d: %d are left over", n.calc.divide, left)
		}
		if length < 0 {
			return m.fail(i, 0, "the length comes to %d, and a length cannot be below zero", length)
		}
		v := big.NewInt(length)
		w := writer{kind: n.kind, field: n.field}
		fixed := n.kind.fixed
		if fixed != nil && !fixed.holds(v) || fixed == nil && !n.kind.varint.fit.holds(v) {
			return m.fail(i, 0, "the length %s", w.outside(v.String()))
		}
		n.shown = v.String()
		if fixed != nil {
			copy(m.out[n.start:], fixed.bytes(v, n.little))
		} else {
			copy(m.out[n.start:], n.kind.varint.put(nil, v))
		}
	}
	return nil
}

// maxSummed bounds the bytes that all checksums of a message go over together,
// as a multiple of those it can have, so that a small text cannot ask for hours.
const maxSummed = 4

// States of a checksum.
const (
	notYet = iota
	underWay
	done
)

// checksums writes every checksum, each behind those that it covers.
func (m *message) checksums() error {
	summed := 0
	for _, i := range m.sums {
		if err := m.checksum(i, &summed); err != nil {
			return err
		}
	}
	return nil
}

func (m *message) checksum(i int, summed *int) error {
	n := &m.nodes[i]
	if n.state == done {
		return nil
	}
	if m.builder.Checksums == nil {
		return m.fail(i, 0, "checksums cannot be computed here")
	}
	algorithm, err := m.builder.Checksums(n.calc.call)
	if err != nil {
		return m.fail(i, 0, "%s", err.Error())
	}
	n.state = underWay
	for _, r := range n.ranges {
		from, to := m.bounds(r)
		if *summed += to - from; *summed > maxSummed*m.builder.max() {
			return m.fail(i, 0, "the checksums of this message go over more than %s together", size(maxSummed*m.builder.max()))
		}
		if err := m.covered(i, from, to, summed); err != nil {
			return err
		}
	}
	sum := algorithm.Sum(m.covering(n))
	if algorithm.Bits < 64 {
		sum &= 1<<algorithm.Bits - 1
	}
	v := new(big.Int).SetUint64(sum)
	n.shown = fmt.Sprintf("0x%0*x", (algorithm.Bits+3)/4, v)
	if !n.kind.fixed.holds(v) {
		w := writer{kind: n.kind, field: n.field}
		return m.fail(i, 0, "the checksum %s: %s needs u%d", w.outside(n.shown), n.calc.call, (algorithm.Bits+7)/8*8)
	}
	copy(m.out[n.start:], n.kind.fixed.bytes(v, n.little))
	n.state = done
	return nil
}

// covered writes the checksums that stand within the bytes that checksum i is
// about to go over.
func (m *message) covered(i, from, to int, summed *int) error {
	first := sort.Search(len(m.sums), func(k int) bool { return m.nodes[m.sums[k]].end > from })
	for _, j := range m.sums[first:] {
		switch other := &m.nodes[j]; {
		case other.start >= to:
			return nil
		case j == i:
		case other.state == underWay:
			return m.fail(i, 0, "this checksum and that of field %d each go over the other: one must leave the other out", j+1)
		default:
			if err := m.checksum(j, summed); err != nil {
				return err
			}
		}
	}
	return nil
}

// covering gives the bytes that a checksum goes over: its ranges one behind the
// other, without its own bytes or with zeros in their place (which they still
// are).
func (m *message) covering(n *node) []byte {
	var pieces [][]byte
	for _, r := range n.ranges {
		from, to := m.bounds(r)
		if n.calc.zeroed || n.end <= from || to <= n.start {
			pieces = append(pieces, m.out[from:to])
			continue
		}
		pieces = append(pieces, m.out[from:max(from, n.start)], m.out[min(to, n.end):to])
	}
	if len(pieces) == 2 && len(pieces[1]) == 0 {
		pieces = pieces[:1]
	}
	if len(pieces) == 1 {
		return pieces[0]
	}
	return slices.Concat(pieces...)
}
