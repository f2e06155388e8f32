package capture

import (
	"cmp"
	"slices"
)

// choice is the bytes that can stand in a place of every match.
type choice struct {
	at  int // distance from the start of the match
	can []byte
}

// choose fills in the places of a literal: the first ones, and of the others those
// where something can stand that does not in many before. What counts in part
// only is met often, and not much of it is of use.
func (n *needle) choose() {
	const enough = 3 // as many as digits looks at
	var known []uint8
	if len(n.lit) > anchorPlaces {
		known = make([]uint8, 1<<16)
	}
	for i, b := range n.lit {
		mask := byte(0xff)
		if n.mask != nil {
			mask = n.mask[i]
		}
		if mask == 0 {
			continue
		}
		if known != nil {
			key := int(b)<<8 | int(mask)
			if len(n.places) >= anchorPlaces && (known[key] >= enough || mask != 0xff && len(n.places) >= 4*anchorPlaces) {
				continue
			}
			known[key] = min(known[key]+1, enough)
		}
		can := []byte{b}
		switch {
		case n.fold:
			can = bothCases(b)
		case mask != 0xff:
			can = masked(b, mask)
		}
		n.places = append(n.places, choice{i, can})
	}
}

// masked lists the bytes that are lit in the bits of mask.
func masked(lit, mask byte) (set []byte) {
	for b := range 256 {
		if byte(b)&mask == lit {
			set = append(set, byte(b))
		}
	}
	return set
}

// tune chooses the anchor that is rarest in sample, which stands for the
// bytes to be searched next.
func (n *needle) tune(sample []byte) {
	if n.any != nil {
		for i := range n.any {
			n.any[i].tune(sample)
		}
		return
	}
	var seen [256]int32
	for _, b := range sample {
		seen[b]++
	}
	// A byte of many values is looked for only where there is no other.
	best := int32(-1)
	few := false
	for _, p := range n.places {
		cost := int32(len(p.can)) // among bytes not seen at all, fewer to look for
		for _, b := range p.can {
			cost += seen[b] * 8
		}
		if fits := len(p.can) <= anchorBytes; best < 0 || fits && !few || fits == few && cost < best {
			best, n.anchorAt, n.anchor, few = cost, p.at, p.can, fits
		}
	}
	n.table = nil
	if !few {
		n.table = new([256]bool)
		for _, b := range n.anchor {
			n.table[b] = true
		}
	}
	n.dense = len(n.core) > 0 && (!few || len(n.anchor) == 1 && int(best/8) > len(sample)/denseAnchor)
	if n.byDigits = n.mask != nil && (n.dense || !few); n.byDigits {
		n.dense = false
		n.digits = n.rarest(&seen)
	}
}

// rarest chooses the three places of a mask where it is met least often.
func (n *needle) rarest(seen *[256]int32) (d digits) {
	type place struct{ at, cost int }
	var all []place
	for _, p := range n.places {
		cost := len(p.can)
		for _, b := range p.can {
			cost += int(seen[b]) * 8
		}
		all = append(all, place{p.at, cost})
	}
	slices.SortStableFunc(all, func(a, b place) int { return cmp.Compare(a.cost, b.cost) })
	for i := range d.at {
		at := all[min(i, len(all)-1)].at
		d.at[i], d.want[i], d.mask[i] = at, everyByte*uint64(n.lit[at]), everyByte*uint64(n.mask[at])
	}
	return d
}
