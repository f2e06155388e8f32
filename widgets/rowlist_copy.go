package widgets

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"wirebench/widgets/words"
)

// Copy puts the selected rows on the clipboard as text.
func (l *rowList[R, C]) Copy() {
	text, rows, left := l.CopyText()
	if rows == 0 {
		return
	}
	fyne.CurrentApp().Clipboard().SetContent(text)
	if left > 0 && l.OnNotice != nil {
		l.OnNotice(partCopied(l.noun, int64(rows), int64(rows+left)))
	}
}

// partCopied says that only the first of the rows were copied.
func partCopied(noun string, rows, all int64) string {
	switch noun {
	case "address":
		return words.Many(rows, "copied the first %d address of %d; select fewer to get them all", "copied the first %d addresses of %d; select fewer to get them all", all)
	case "checksum":
		return words.Many(rows, "copied the first %d checksum of %d; select fewer to get them all", "copied the first %d checksums of %d; select fewer to get them all", all)
	case "client":
		return words.Many(rows, "copied the first %d client of %d; select fewer to get them all", "copied the first %d clients of %d; select fewer to get them all", all)
	case "difference":
		return words.Many(rows, "copied the first %d difference of %d; select fewer to get them all", "copied the first %d differences of %d; select fewer to get them all", all)
	case "peer":
		return words.Many(rows, "copied the first %d peer of %d; select fewer to get them all", "copied the first %d peers of %d; select fewer to get them all", all)
	}
	return words.Many(rows, "copied the first %d row of %d; select fewer to get them all", "copied the first %d rows of %d; select fewer to get them all", all)
}

// CopyText returns the selected rows as text with tabs between the columns and a line with their names first: those
// that are shown, in their order, and then those that are not. It is bounded; left is how many rows it leaves out.
func (l *rowList[R, C]) CopyText() (text string, rows, left int) {
	t := l.table
	if len(t.selected) == 0 {
		return "", 0, 0
	}
	var b strings.Builder
	b.WriteString(l.copyHeader)
	write := func(r *R) {
		if rows == copiedRows || b.Len() > copiedBytes {
			left++
			return
		}
		for i, v := range l.copyRow(r) {
			if i > 0 {
				b.WriteByte('\t')
			}
			b.WriteString(v)
		}
		b.WriteByte('\n')
		rows++
	}
	for _, rank := range t.shown {
		if r := t.ranked(rank); t.holds(t.of.numberOf(r)) {
			write(r)
		}
	}
	for rank := range t.chosen() {
		if t.place[rank] < 0 {
			write(t.ranked(int32(rank)))
		}
	}
	return b.String(), rows, left
}

// copiedMoment writes a time to the millisecond, and nothing for none.
func copiedMoment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format("2006-01-02 15:04:05.000")
}
