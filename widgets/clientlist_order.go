package widgets

import (
	"net/netip"
	"time"
)

// clientRows are the clients in the order they are shown.
type clientRows struct {
	rowTable[ClientRow, ClientColumn]

	filter   *wordFilter
	liveOnly bool
	mode     TimeMode
}

func (s *clientRows) numberOf(r *ClientRow) int64 { return r.Number }

func (s *clientRows) keeps(r *ClientRow) bool {
	return !(s.liveOnly && r.over()) && (s.filter.empty() || s.filter.matches(r.Number, r.Address, r.State.String(), r.TLS))
}

// words is the text that a row is sorted by.
func (s *clientRows) words(r *ClientRow) string {
	if s.sort == ColumnTLS {
		return r.TLS
	}
	if r.Why == "" {
		return r.By
	}
	return r.Why
}

func (s *clientRows) key(r *ClientRow) (k rowKey) {
	switch s.sort {
	case ColumnNumber:
		k.signed(r.Number)
	case ColumnAddress:
		a, err := netip.ParseAddrPort(r.Address)
		k.none = err != nil
		k.address(a)
	case ColumnSince:
		if s.mode == TimeRelative {
			k.signed(int64(r.lasted(s.now)))
		} else {
			k.moment(r.Since)
		}
	case ColumnSeen:
		k.latest(r.Seen)
	case ColumnIn:
		k.signed(r.BytesIn)
	case ColumnOut:
		k.signed(r.BytesOut)
	case ColumnMessagesIn:
		k.signed(r.MessagesIn)
	case ColumnMessagesOut:
		k.signed(r.MessagesOut)
	case ColumnRate:
		k.rate(r.Rate)
	case ColumnPending:
		k.signed(r.Pending)
	case ColumnDropped:
		k.signed(r.Dropped)
	case ColumnState:
		k.high = uint64(r.State)
	case ColumnEnded:
		k.moment(r.Ended)
	case ColumnWhy, ColumnTLS:
		w := s.words(r)
		var b [16]byte
		k.none = copy(b[:], w) == 0
		k.beginning(b)
	}
	return k
}

// over tells whether the connection has ended.
func (r *ClientRow) over() bool { return r.State >= ClientClosed || !r.Ended.IsZero() }

// lasted returns how long the connection has lasted, or did.
func (r *ClientRow) lasted(now time.Time) time.Duration {
	if r.Since.IsZero() {
		return 0
	}
	if !r.Ended.IsZero() {
		now = r.Ended
	}
	return max(now.Sub(r.Since), 0)
}
