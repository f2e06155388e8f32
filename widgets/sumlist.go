package widgets

import (
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"wirebench/sessions/checksum"
	"wirebench/sessions/inspect"
	"wirebench/widgets/grid"
)

// SumColumn is a column of a [SumList].
type SumColumn uint8

const (
	SumName SumColumn = iota
	SumValue
	SumPlace
	sumColumns // how many there are
)

var sumColumnKinds = [sumColumns]columnKind{
	SumName:  {title: "checksum", least: 12, some: 20, words: true},
	SumValue: {title: "value", least: 8},
	SumPlace: {title: "stands", least: 6, some: 28},
}

// SumList shows what every checksum gives over some bytes, those first whose value stands beside the bytes. Rows can be
// sorted, filtered, selected and copied. All methods belong to the UI goroutine.
type SumList struct {
	rowList[sumRow, SumColumn]
	rows *sumRows
}

// sumRow is an algorithm with its value.
type sumRow struct {
	checksum.Result
	number int64
	found  []checksum.Found // where the value stands
}

// sumRows are the checksums in the order they are shown.
type sumRows struct {
	rowTable[sumRow, SumColumn]
	filter *wordFilter
}

var (
	_ fyne.Widget = (*SumList)(nil)
	_ grid.Source = (*sumRows)(nil)

	_ rowContent[sumRow, SumColumn] = (*sumRows)(nil)
)

// NewSumList returns a list with nothing in it.
func NewSumList() *SumList {
	l := &SumList{rows: &sumRows{}}
	l.rows.filter = &l.filter
	l.rows.of = l.rows
	l.rows.kinds = sumColumnKinds[:]
	l.rows.sort = SumPlace
	l.noun, l.copyHeader, l.copyRow = "checksum", "checksum\tvalue\tstands\n", copiedSum
	l.hint = func() string {
		if len(l.rows.rows) == 0 {
			return "Select bytes"
		}
		return "No checksum has these words"
	}
	l.build("Checksums", &l.rows.rowTable, l.rows)
	l.ExtendBaseWidget(l)
	l.setRows(nil, time.Time{})
	return l
}

// SetSums shows other values; found are those of them that stand beside the bytes.
func (l *SumList) SetSums(sums []checksum.Result, found []checksum.Found) {
	rows := make([]sumRow, len(sums))
	for i, s := range sums {
		rows[i] = sumRow{Result: s, number: int64(i + 1)}
		for _, f := range found {
			if f.Algorithm.ID == s.Algorithm.ID {
				rows[i].found = append(rows[i].found, f)
			}
		}
	}
	l.setRows(rows, time.Time{})
}

// SetFilter shows only the checksums that have every word of text in their name, an alias or the value.
func (l *SumList) SetFilter(text string) { l.setFilter(text) }

// place says where the value stands: "behind, little-endian".
func (r *sumRow) place() string {
	var words []string
	for _, f := range r.found {
		w := "right behind"
		if f.Before {
			w = "right before"
		}
		if !f.Single && f.Algorithm.Size() > 1 {
			w += map[inspect.Order]string{inspect.Big: ", big-endian", inspect.Little: ", little-endian"}[f.Order]
		}
		words = append(words, w)
	}
	return strings.Join(words, "; ")
}

func (r *sumRow) value() string { return r.Algorithm.Format(r.Value) }

func (s *sumRows) numberOf(r *sumRow) int64 { return r.number }
func (s *sumRows) title(c SumColumn) string { return sumColumnKinds[c].title }
func (s *sumRows) words(r *sumRow) string   { return r.Algorithm.Name }

func (s *sumRows) keeps(r *sumRow) bool {
	return s.filter.matches(0, append(slices.Clone(r.Algorithm.Aliases), r.Algorithm.Name, r.value(), r.place())...)
}

// key sorts those that stand beside the bytes by how much that says: a wide one is no chance.
func (s *sumRows) key(r *sumRow) (k rowKey) {
	switch s.sort {
	case SumValue:
		k.high = r.Value
	case SumPlace:
		k.none = len(r.found) == 0
		k.high = uint64(64 - r.Algorithm.Bits)
	}
	return k
}

func (s *sumRows) measure() {
	clear(s.want)
	for _, rank := range s.shown {
		r := s.ranked(rank)
		s.grow(SumName, cellsOf(r.Algorithm.Name))
		s.grow(SumValue, len(r.value()))
		s.grow(SumPlace, len(r.place()))
	}
}

// like sets what stands beside the bytes apart; a word says so too.
func (s *sumRows) like(r *sumRow) grid.Cell {
	if len(r.found) > 0 {
		return grid.Cell{Fg: grid.Success, Bold: true}
	}
	return grid.Cell{Fg: grid.Foreground}
}

func (s *sumRows) cell(cells []grid.Cell, r *sumRow, at columnPlace[SumColumn], like grid.Cell) []grid.Cell {
	text := ""
	switch at.column {
	case SumName:
		text = r.Algorithm.Name
	case SumValue:
		text = r.value()
	case SumPlace:
		text = r.place()
	}
	return grid.AppendText(cells, fitCells(text, at.width), like)
}

func copiedSum(r *sumRow) []string {
	return []string{r.Algorithm.Name, r.value(), r.place()}
}
