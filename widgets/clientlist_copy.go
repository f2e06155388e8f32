package widgets

import "strconv"

// clientCopyHeader names the columns of copied rows. They are always the same and hold exact numbers, so that a
// spreadsheet can go on with them.
const clientCopyHeader = "#\taddress\tlocal\tsince\tlast seen\tended\tbytes in\tbytes out\tmessages in\tmessages out\t" + // not said
	"bytes/s\tbytes waiting\tmessages dropped\tstate\tended by\twhy\tTLS\n" // not said

func copiedClient(r *ClientRow) []string {
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	words := func(s string) string { return plainText(s, 400, false) }
	return []string{
		number(r.Number), words(r.Address), words(r.Local), copiedMoment(r.Since), copiedMoment(r.Seen), copiedMoment(r.Ended),
		number(r.BytesIn), number(r.BytesOut), number(r.MessagesIn), number(r.MessagesOut),
		number(rateOf(r.Rate)), number(r.Pending), number(r.Dropped),
		r.State.word().English(), words(r.By), words(r.Why), words(r.TLS),
	}
}
