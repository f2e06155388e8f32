package widgets

import (
	"sort"
	"strings"

	"wirebench/widgets/grid"
	"wirebench/widgets/words"
)

const (
	factIndent  = 2  // cells before a fact's name, and the room of a title's fold mark
	factNameMax = 26 // cells of a name
	factLines   = 3  // rows of a long value until it is opened
)

// factID names a fact by its group and its place there; fact is -1 for the group's title.
type factID struct{ group, fact int }

// factItem is what can be chosen: a title or a fact.
type factItem struct {
	factID
	row, rows int  // where it is shown
	long      bool // it has more rows than are shown until it is opened
}

// factRow is one row of the grid. Most facts have one.
type factRow struct {
	item     int
	from, to int  // of the value, or of value and note one after the other
	more     bool // the value goes on
	note     bool // from and to are of the note, which is a problem
}

// factRows is what a [factList] shows at one width.
type factRows struct {
	rows  []factRow
	items []factItem
	width int // cells of a row
	names int // cells of the names
	facts int // that there are
	shown int // that the filter lets through
}

// build lays the groups out in rows of so many cells. Its work is linear in what there is.
func (r *factRows) build(f *factList, width int) {
	r.rows, r.items, r.width, r.facts, r.shown = r.rows[:0], r.items[:0], width, 0, 0
	r.names = 8
	for _, g := range f.groups {
		for _, one := range g.facts[:min(len(g.facts), 1000)] { // names repeat
			r.names = max(r.names, cellsOf(one.name))
		}
	}
	r.names = min(r.names, factNameMax, max(width*2/5, 8))
	for i := range f.groups {
		g := &f.groups[i]
		r.facts += len(g.facts)
		whole := strings.Contains(strings.ToLower(g.title), f.filter)
		begun := false
		title := func() {
			begun = true
			r.items = append(r.items, factItem{factID: factID{i, -1}, row: len(r.rows), rows: 1})
			r.rows = append(r.rows, factRow{item: len(r.items) - 1})
		}
		if whole {
			title()
		}
		for k := range g.facts {
			if !whole && !g.facts[k].matches(f.filter) {
				continue
			}
			r.shown++
			if f.folds(g) {
				continue
			}
			if !begun {
				title()
			}
			r.add(factID{i, k}, &g.facts[k], f.whole[factID{i, k}])
		}
	}
}

func (o *fact) matches(filter string) bool {
	return strings.Contains(strings.ToLower(o.value), filter) || strings.Contains(strings.ToLower(o.name), filter) ||
		o.note != "" && strings.Contains(strings.ToLower(o.note), filter)
}

// shownText is what stands behind the name: the value, and the note unless that is a problem, which has its own rows.
func (o *fact) shownText() string {
	if o.note == "" || o.problem {
		return o.value
	}
	return o.value + "  " + o.note
}

// valueAt is the column where values begin.
func (r *factRows) valueAt() int { return factIndent + r.names + 2 }

func (r *factRows) add(id factID, o *fact, open bool) {
	room := max(r.width-r.valueAt(), 8)
	it := factItem{factID: id, row: len(r.rows)}
	n := len(r.items)
	text := o.shownText()
	for from, lines := 0, 0; ; lines++ {
		if lines == factLines-1 && !open && len(text)-from > room && cellsOver(text[from:], room) {
			it.long = true
			r.rows = append(r.rows, factRow{item: n, from: from, to: from + wrapAt(text[from:], room-2), more: true})
			break
		}
		to := from + wrapAt(text[from:], room)
		r.rows = append(r.rows, factRow{item: n, from: from, to: to})
		if lines == factLines {
			it.long = true
		}
		if from = to; from >= len(text) {
			break
		}
	}
	if o.problem {
		for from := 0; from < len(o.note); {
			to := from + wrapAt(o.note[from:], room-2)
			r.rows = append(r.rows, factRow{item: n, from: from, to: to, note: true})
			from = to
		}
	}
	it.rows = len(r.rows) - it.row
	r.items = append(r.items, it)
}

// itemAt is the item shown in a row, -1 for none.
func (r *factRows) itemAt(row int64) int {
	if row < 0 || row >= int64(len(r.rows)) {
		return -1
	}
	return r.rows[row].item
}

// indexOf finds an item, or its group's title when it is not shown, or -1.
func (r *factRows) indexOf(id factID) int {
	if id.group < 0 {
		return -1
	}
	for _, want := range []factID{id, {id.group, -1}} {
		i := sort.Search(len(r.items), func(i int) bool {
			have := r.items[i].factID
			return have.group > want.group || have.group == want.group && have.fact >= want.fact
		})
		if i < len(r.items) && r.items[i].factID == want {
			return i
		}
	}
	return -1
}

// id is the fact an item shows.
func (f *factList) id(item int) factID {
	if item < 0 || item >= len(f.rows.items) {
		return factID{-1, -1}
	}
	return f.rows.items[item].factID
}

// identity is what an item is called, so that it can be found again in another certificate.
func (f *factList) identity(item int) (names [2]string) {
	if id := f.id(item); id.group >= 0 && id.group < len(f.groups) {
		names[0] = f.groups[id.group].kindOf()
		if id.fact >= 0 {
			names[1] = f.groups[id.group].facts[id.fact].name
		}
	}
	return names
}

func (f *factList) find(names [2]string) int {
	if names[0] == "" {
		return -1
	}
	for i, it := range f.rows.items {
		if g := &f.groups[it.group]; g.kindOf() == names[0] && (it.fact < 0) == (names[1] == "") && (it.fact < 0 || g.facts[it.fact].name == names[1]) {
			return i
		}
	}
	return -1
}

// Rows is part of grid.Source.
func (f *factList) Rows() int64 { return int64(len(f.rows.rows)) }

// Row is part of grid.Source.
func (f *factList) Row(n int64, cells []grid.Cell) []grid.Cell {
	r := f.rows.rows[n]
	it := f.rows.items[r.item]
	like := grid.Cell{}
	if f.holds(r.item) {
		like.Bg = grid.Selection
	}
	g := &f.groups[it.group]
	if it.fact < 0 {
		return f.titleRow(g, cells, like)
	}
	o := &g.facts[it.fact]
	name := like
	name.Fg = grid.Muted
	cells = grid.Pad(cells, factIndent, like)
	if int(n) == it.row {
		cells = grid.AppendText(cells, fitCells(o.name, f.rows.names), name)
	}
	cells = grid.Pad(cells, f.rows.valueAt(), like)
	like.Fg = o.tone
	if r.note {
		like.Fg = grid.Warning
		mark := "  "
		if r.from == 0 {
			mark = "! "
		}
		cells = grid.AppendText(cells, mark, like)
		return endRow(grid.AppendText(cells, o.note[r.from:r.to], like), like)
	}
	text := o.shownText()
	value := min(max(len(o.value), r.from), r.to)
	cells = grid.AppendText(cells, text[r.from:value], like)
	cells = grid.AppendText(cells, text[value:r.to], name)
	if r.more {
		like.Fg, like.Bold = grid.Accent, true
		cells = grid.AppendText(cells, " …", like)
	}
	return endRow(cells, like)
}

func (f *factList) titleRow(g *factGroup, cells []grid.Cell, like grid.Cell) []grid.Cell {
	mark := like
	mark.Fg = grid.Muted
	arrow := "▾ "
	if f.folds(g) {
		arrow = "▸ "
	}
	cells = grid.AppendText(cells, arrow, mark)
	like.Bold = true
	cells = grid.AppendText(cells, g.title, like)
	like.Bold = false
	if g.critical {
		cells = grid.AppendText(grid.AppendText(cells, "  ", mark), words.Say("critical // a certificate's extension"), mark)
	}
	if g.problem != "" {
		mark.Fg = grid.Warning
		cells = grid.AppendText(cells, "  ! ", mark)
		if f.folds(g) {
			cells = grid.AppendText(cells, g.problem, mark)
		}
	}
	if len(cells) > f.rows.width && f.rows.width > 1 {
		cells = grid.Pad(cells, f.rows.width-1, mark)
		cells = grid.AppendText(cells, "…", mark)
	}
	return endRow(cells, like)
}

// endRow takes the background of the last cell to the edge of the row.
func endRow(cells []grid.Cell, like grid.Cell) []grid.Cell {
	like.Rune, like.Bold = ' ', false
	return append(cells, like)
}
