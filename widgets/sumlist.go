package widgets

import (
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"wirebench/sessions/checksum"
	"wirebench/sessions/inspect"
	"wirebench/widgets/grid"
	"wirebench/widgets/words"
)

// SumColumn is a column of a [SumList].
type SumColumn uint8

const (
	SumName    SumColumn = iota
	SumValue             // and where it stands
	sumColumns           // how many there are
)

var sumColumnKinds = [sumColumns]columnKind{
	SumName:  {title: "checksum", least: 12, some: 20, numbers: true},
	SumValue: {title: "value", least: 8},
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
	l.noun, l.copyHeader, l.copyRow = "checksum", "checksum\tvalue\tstands\n", copiedSum
	l.hint = func() string {
		if len(l.rows.rows) == 0 {
			return words.Say("No sums yet")
		}
		return words.Say("No checksum has these words")
	}
	l.build(words.Say("Checksums"), &l.rows.rowTable, l.rows)
	l.ExtendBaseWidget(l)
	l.setRows(nil, time.Time{})
	return l
}

// SetSums shows other values; found are those of them that stand beside the bytes, the most telling first.
func (l *SumList) SetSums(sums []checksum.Result, found []checksum.Found) {
	rows := make([]sumRow, len(sums))
	for i, s := range sums {
		rows[i] = sumRow{Result: s, number: int64(i + 1 + len(found))}
		for n, f := range found {
			if f.Algorithm.ID == s.Algorithm.ID {
				if len(rows[i].found) == 0 {
					rows[i].number = int64(n + 1)
				}
				rows[i].found = append(rows[i].found, f)
			}
		}
	}
	l.setRows(rows, time.Time{})
}

// SetFilter shows only the checksums that have every word of text in their name, an alias or the value.
func (l *SumList) SetFilter(text string) { l.setFilter(text) }

// SumPlaceWords says where a value stands: "right behind, little-endian".
func SumPlaceWords(f checksum.Found) string {
	return words.Say(sumPlaces[sideOf(f)][orderOf(f)])
}

// SumPlaceSentence says it of the checksum as a sentence: "CRC-32 stands right behind, little-endian."
func SumPlaceSentence(f checksum.Found) string {
	return words.Say(sumSentences[sideOf(f)][orderOf(f)], f.Algorithm.Name)
}

// What is said of where a value stands: behind the bytes, before them or as the last of them, and with its own bytes in
// either order.
var (
	sumPlaces = [3][3]words.Text{
		{"right behind", "right behind, big-endian", "right behind, little-endian"},
		{"right before", "right before, big-endian", "right before, little-endian"},
		{"the last of them, over those before", "the last of them, over those before, big-endian", "the last of them, over those before, little-endian"},
	}
	// sumSentences are for a text.
	sumSentences = [3][3]words.Text{
		{"%s stands right behind. // a checksum, behind its bytes", "%s stands right behind, big-endian. // a checksum, behind its bytes",
			"%s stands right behind, little-endian. // a checksum, behind its bytes"},
		{"%s stands right before. // a checksum, before its bytes", "%s stands right before, big-endian. // a checksum, before its bytes",
			"%s stands right before, little-endian. // a checksum, before its bytes"},
		{"The last bytes are the %s of those before. // a checksum within the bytes", "The last bytes are the %s of those before, big-endian. // a checksum within the bytes",
			"The last bytes are the %s of those before, little-endian. // a checksum within the bytes"},
	}
	// shortSumPlaces are for narrow lists.
	shortSumPlaces = [3][3]words.Text{
		{"behind // the bytes stands their checksum", "behind BE // big-endian", "behind LE // little-endian"},
		{"before // the bytes stands their checksum", "before BE // big-endian", "before LE // little-endian"},
		{"at end // of the bytes stands the checksum of those before", "at end BE // big-endian", "at end LE // little-endian"},
	}
)

func sideOf(f checksum.Found) int {
	switch {
	case f.Within:
		return 2
	case f.Before:
		return 1
	}
	return 0
}

func orderOf(f checksum.Found) int {
	switch {
	case f.Single || f.Algorithm.Size() <= 1:
		return 0
	case f.Order == inspect.Little:
		return 2
	}
	return 1
}

// place is that of all places.
func (r *sumRow) place() string {
	var places []string
	for _, f := range r.found {
		places = append(places, SumPlaceWords(f))
	}
	return strings.Join(places, "; ")
}

// short is the value, and where it stands in as few letters as a narrow list has room for.
func (r *sumRow) short() string {
	if len(r.found) == 0 {
		return r.value()
	}
	var places []string
	for _, f := range r.found {
		places = append(places, words.Say(shortSumPlaces[sideOf(f)][orderOf(f)]))
	}
	return r.value() + " " + strings.Join(places, "; ")
}

func (r *sumRow) value() string { return r.Algorithm.Format(r.Value) }

func (s *sumRows) numberOf(r *sumRow) int64 { return r.number }
func (s *sumRows) title(c SumColumn) string { return words.Say(sumColumnKinds[c].title) }
func (s *sumRows) words(r *sumRow) string   { return r.Algorithm.Name }

func (s *sumRows) keeps(r *sumRow) bool {
	return s.filter.matches(0, append(slices.Clone(r.Algorithm.Aliases), r.Algorithm.Name, r.value(), r.place())...)
}

func (s *sumRows) key(r *sumRow) (k rowKey) {
	k.high = r.Value
	return k
}

func (s *sumRows) measure() {
	clear(s.want)
	for _, rank := range s.shown {
		r := s.ranked(rank)
		s.grow(SumName, cellsOf(r.Algorithm.Name))
		s.grow(SumValue, cellsOf(r.short()))
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
	text := r.Algorithm.Name
	if at.column == SumValue {
		text = r.short()
	}
	return grid.AppendText(cells, fitCells(text, at.width), like)
}

func copiedSum(r *sumRow) []string {
	return []string{r.Algorithm.Name, r.value(), r.place()}
}
