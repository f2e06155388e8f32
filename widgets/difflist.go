package widgets

import (
	"fmt"
	"time"

	"fyne.io/fyne/v2"

	"wirebench/widgets/grid"
	"wirebench/widgets/words"
)

// DiffColumn is a column of a [DiffList].
type DiffColumn uint8

const (
	DiffAt DiffColumn = iota
	DiffBytes
	DiffFirst
	DiffSecond
	diffColumns // how many there are
)

var diffColumnKinds = [diffColumns]columnKind{
	DiffAt:     {title: "at", least: 6, numbers: true},
	DiffBytes:  {title: "bytes", right: true, least: 5, amount: true},
	DiffFirst:  {title: "first", least: 8, some: 11},
	DiffSecond: {title: "second", least: 8, some: 11},
}

// DiffRow is a run of bytes that differ in two selections.
type DiffRow struct {
	At, Len       int64  // in either selection, from its beginning
	First, Second string // the first of the bytes in each, such as "48 65 …"; empty where it has none
}

// DiffList shows where two selections differ. Rows can be selected and copied, and sorted by length. All methods belong
// to the UI goroutine.
type DiffList struct {
	rowList[diffRow, DiffColumn]

	// OnChoose is called when a row is selected alone, by key or by click.
	OnChoose func(r DiffRow)

	rows *diffRows
}

type diffRow struct {
	DiffRow
	number int64
}

type diffRows struct {
	rowTable[diffRow, DiffColumn]
}

var (
	_ fyne.Widget = (*DiffList)(nil)
	_ grid.Source = (*diffRows)(nil)

	_ rowContent[diffRow, DiffColumn] = (*diffRows)(nil)
)

// NewDiffList returns a list with nothing in it.
func NewDiffList() *DiffList {
	l := &DiffList{rows: &diffRows{}}
	l.rows.of = l.rows
	l.rows.kinds = diffColumnKinds[:]
	l.noun, l.copyHeader, l.copyRow = "difference", "offset\tbytes\tfirst\tsecond\n", copiedDiff
	l.hint = func() string { return words.Say("No differences") }
	l.OnSelect = l.Choose
	l.build(words.Say("Differences"), &l.rows.rowTable, l.rows)
	l.ExtendBaseWidget(l)
	l.setRows(nil, time.Time{})
	return l
}

// Choose calls OnChoose once more, if a row is selected alone.
func (l *DiffList) Choose() {
	if l.OnChoose == nil || len(l.rows.selected) != 1 {
		return
	}
	for rank := range l.rows.chosen() {
		l.OnChoose(l.rows.ranked(int32(rank)).DiffRow)
	}
}

// SetDiffs shows other differences, which are in the order of their offsets.
func (l *DiffList) SetDiffs(diffs []DiffRow) {
	rows := make([]diffRow, len(diffs))
	for i, d := range diffs {
		rows[i] = diffRow{d, int64(i + 1)}
	}
	l.ClearSelection()
	l.setRows(rows, time.Time{})
}

func (r *diffRow) at() string { return fmt.Sprintf("+0x%x", r.At) }

func (s *diffRows) numberOf(r *diffRow) int64 { return r.number }
func (s *diffRows) title(c DiffColumn) string { return words.Say(diffColumnKinds[c].title) }
func (s *diffRows) words(r *diffRow) string   { return r.First }
func (s *diffRows) keeps(*diffRow) bool       { return true }
func (s *diffRows) like(*diffRow) grid.Cell   { return grid.Cell{Fg: grid.Foreground} }

func (s *diffRows) key(r *diffRow) (k rowKey) {
	switch s.sort {
	case DiffAt:
		k.signed(r.At)
	case DiffBytes:
		k.signed(r.Len)
	}
	return k
}

func (s *diffRows) measure() {
	clear(s.want)
	for _, rank := range s.shown {
		r := s.ranked(rank)
		s.grow(DiffAt, len(r.at()))
		s.grow(DiffBytes, cellsOf(FormatCount(r.Len)))
		s.grow(DiffFirst, cellsOf(r.First))
		s.grow(DiffSecond, cellsOf(r.Second))
	}
}

func (s *diffRows) cell(cells []grid.Cell, r *diffRow, at columnPlace[DiffColumn], like grid.Cell) []grid.Cell {
	switch at.column {
	case DiffAt:
		return s.appendText(cells, append(s.scratch[:0], r.at()...), at, like)
	case DiffBytes:
		return s.appendText(cells, append(s.scratch[:0], FormatCount(r.Len)...), at, like)
	case DiffFirst:
		return grid.AppendText(cells, fitCells(r.First, at.width), like)
	}
	return grid.AppendText(cells, fitCells(r.Second, at.width), like)
}

func copiedDiff(r *diffRow) []string {
	return []string{fmt.Sprint(r.At), fmt.Sprint(r.Len), r.First, r.Second}
}
