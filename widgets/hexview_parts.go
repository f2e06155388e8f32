package widgets

import "sort"

// SelectParts adds parts to the selection, whose first is what is selected now: the bytes of a message lie between others
// then. They are in order, and go as soon as anything else is selected. OnSelect is called.
func (h *HexView) SelectParts(parts []HexRange) {
	if off, n := h.Selection(); len(parts) < 2 || parts[0].Off != off || parts[0].Len != n {
		return
	}
	h.parts = append([]HexRange(nil), parts...)
	if h.OnSelect != nil {
		h.OnSelect(h.Selection())
	}
	h.show()
}

// Parts returns the ranges that are selected, in order: one of them, or those of SelectParts; none while nothing is
// selected.
func (h *HexView) Parts() []HexRange {
	if h.parts != nil {
		return h.parts
	}
	if off, n := h.Selection(); n > 0 {
		return []HexRange{{off, n}}
	}
	return nil
}

// inParts tells whether off is in a part of the selection.
func (h *HexView) inParts(off int64) bool {
	i := sort.Search(len(h.parts), func(i int) bool { return h.parts[i].Off > off })
	return i > 0 && hexInRange(h.parts[i-1], off)
}
