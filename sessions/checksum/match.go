package checksum

import "wirebench/sessions/inspect"

// Found is a checksum that stands beside the bytes it belongs to.
type Found struct {
	Algorithm Algorithm
	Value     uint64
	Before    bool          // it stands before the bytes, and not behind them
	Order     inspect.Order // of the value's own bytes
	Single    bool          // in both orders the value is the same
}

// Match tells which presets give, over b, the value that ends before or that
// starts after. Wide values come first: among the presets of 8 bits one in ten
// selections finds a match by chance.
func Match(before, b, after []byte) []Found {
	m := NewMatcher()
	m.Write(b)
	return m.Found(before, after)
}

// Matcher is [Match] for bytes that come in pieces.
type Matcher struct{}

// NewMatcher starts with no bytes.
func NewMatcher() *Matcher { return &Matcher{} }

// Write adds p to the bytes whose checksum is searched for. It never fails.
func (m *Matcher) Write(p []byte) (int, error) { return len(p), nil }

// Found tells which presets give the value that ends before or starts after.
func (m *Matcher) Found(before, after []byte) []Found { return nil }
