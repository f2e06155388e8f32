//go:build !unix

package sessions

// newRawReader returns nil: the system's sockets have no read that returns instead of waiting.
func newRawReader(link) reader { return nil }
