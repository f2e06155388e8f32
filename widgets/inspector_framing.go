package widgets

import (
	"fmt"

	"wirebench/sessions/inspect"
)

// mostBefore is how many bytes of a frame may come before its length.
const mostBefore = 1 << 16

// framings are the ways to cut a stream that the row implies, read in the order o, in the notation of package framing,
// the likeliest first; none where the bytes are no length of a frame.
func (i *Inspector) framings(r *inspect.Row, o inspect.Order) (all []string) {
	l := r.Prefix
	if l == nil || l.Bytes == 0 && l.Included { // a length of changing size cannot be counted along
		return nil
	}
	if _, _, ok := l.Frame(i.place(), o); !ok {
		return nil
	}
	name := fmt.Sprintf("u%d", 8*l.Bytes)
	switch {
	case l.Bytes == 0:
		name = "varint"
	case l.Bytes > 1 && o == inspect.Little:
		name += "le"
	case l.Bytes > 1:
		name += "be"
	}
	adjust := ""
	if l.Included {
		adjust = fmt.Sprintf(",adjust=%d", -l.Bytes)
	}
	if before := i.offset - i.start; before > 0 && before <= mostBefore {
		all = append(all, fmt.Sprintf("%s,offset=%d%s", name, before, adjust))
	}
	return append(all, name+adjust)
}

// chosenFramings are those of the chosen value, nil while nobody wants to know.
func (i *Inspector) chosenFramings() []string {
	l, _, ok := i.table.chosen()
	if !ok || i.OnFraming == nil {
		return nil
	}
	return i.framings(&i.rows[l.row], i.table.chosenOrder())
}
