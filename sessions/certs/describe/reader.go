package describe

import "fmt"

// Error is something in a certificate that could not be read.
type Error struct {
	Offset int    // where, in bytes from the certificate's first
	Text   string // what, safe to show
}

func (e *Error) Error() string { return fmt.Sprintf("byte %d: %s", e.Offset, e.Text) }
