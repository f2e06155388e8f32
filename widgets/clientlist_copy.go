package widgets

import (
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
)

// clientCopyHeader names the columns of copied rows. They are always the same and hold exact numbers, so that a
// spreadsheet can go on with them.
const clientCopyHeader = "#\taddress\tlocal\tsince\tlast seen\tended\tbytes in\tbytes out\tmessages in\tmessages out\t" +
	"bytes/s\tbytes waiting\tmessages dropped\tstate\tended by\twhy\tTLS\n"

// Copy puts the selected rows on the clipboard as text.
func (l *ClientList) Copy() {
	text, rows, left := l.CopyText()
	if rows == 0 {
		return
	}
	fyne.CurrentApp().Clipboard().SetContent(text)
	if left > 0 && l.OnNotice != nil {
		l.OnNotice("copied the first " + plural(int64(rows), "client") + " of " + FormatCount(int64(rows+left)) + "; select fewer to get them all")
	}
}

// CopyText returns the selected rows as text with tabs between the columns and a line with their names first: those
// that are shown, in their order, and then those that are not. It is bounded; left is how many rows it leaves out.
func (l *ClientList) CopyText() (text string, rows, left int) {
	if len(l.rows.selected) == 0 {
		return "", 0, 0
	}
	var b strings.Builder
	b.WriteString(clientCopyHeader)
	write := func(r *ClientRow) {
		if rows == copiedRows || b.Len() > copiedBytes {
			left++
			return
		}
		writeClient(&b, r)
		rows++
	}
	for _, rank := range l.rows.shown {
		if r := l.rows.ranked(rank); l.rows.holds(r.Number) {
			write(r)
		}
	}
	for _, number := range l.rows.selected {
		if rank, _ := l.rows.rankOf(number); l.rows.place[rank] < 0 {
			write(l.rows.ranked(int32(rank)))
		}
	}
	return b.String(), rows, left
}

func writeClient(b *strings.Builder, r *ClientRow) {
	moment := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.Local().Format("2006-01-02 15:04:05.000")
	}
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	words := func(s string) string { return plainText(s, 400, false) }
	for i, v := range [...]string{
		number(r.Number), words(r.Address), words(r.Local), moment(r.Since), moment(r.Seen), moment(r.Ended),
		number(r.BytesIn), number(r.BytesOut), number(r.MessagesIn), number(r.MessagesOut),
		number(rateOf(r.Rate)), number(r.Pending), number(r.Dropped),
		r.State.String(), words(r.By), words(r.Why), words(r.TLS),
	} {
		if i > 0 {
			b.WriteByte('\t')
		}
		b.WriteString(v)
	}
	b.WriteByte('\n')
}
