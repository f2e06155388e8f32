package telnet

// Side is the side of a connection that sent something.
type Side uint8

const (
	Server Side = iota
	Client
)
