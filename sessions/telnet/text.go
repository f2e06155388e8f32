package telnet

// MaxLine is how many characters a [Line] of a [Text] has at most. A longer one is broken.
const MaxLine = 16 << 10

// Line is a line of what a server showed.
type Line struct {
	// Text has no line end. It may hold control characters, broken UTF-8 and whatever else a server
	// sends: it is shown only by way of inspect.Escape or the like.
	Text string
	// Sequences is how many escape sequences and bells stood in the line and were left out.
	Sequences int
	// Broken is set on a line that goes on in the next one, being too long.
	Broken bool
}

// Text makes lines of the data that a server sends, as of a [Parser]'s Data events. The zero value is ready.
type Text struct {
}
