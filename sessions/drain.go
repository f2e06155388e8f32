package sessions

import "time"

const (
	// drainPatience is how long a connection that is closing waits for the peer to take the next bytes.
	drainPatience = 5 * time.Second
	// drainLimit is how long a connection that was asked to disconnect goes on sending to a peer that
	// takes less than drainRate bytes a second on average. Patience alone would let one that takes a byte
	// now and then hold the connection for ever.
	drainLimit = 30 * time.Second
	drainRate  = 16 << 10
)

// drainDeadline is until when the peer has to take the next bytes of a connection that is closing. The
// caller holds mu.
func (s *stream) drainDeadline() time.Time {
	next := time.Now().Add(drainPatience)
	if end := s.drainOver(); !end.IsZero() && end.Before(next) {
		return end
	}
	return next
}

// drainOver is when draining is given up however much the peer goes on taking, as far as can be told by
// now; zero for never. The caller holds mu.
func (s *stream) drainOver() time.Time {
	if s.drainEnd.IsZero() {
		return time.Time{}
	}
	return s.drainEnd.Add(time.Duration((s.outbox.written-s.drainFrom)/drainRate) * time.Second)
}
