package amf

import (
	"errors"
	"fmt"
)

// What an [*Error] is about, for [errors.Is].
var (
	// ErrShort says that the bytes end inside the value: it may be whole once
	// more have come.
	ErrShort = errors.New("more bytes are needed")
	// ErrFormat says that no such value exists.
	ErrFormat = errors.New("not AMF")
	// ErrLimit says that the value is beyond what Limits allow.
	ErrLimit = errors.New("beyond the limit")
	// ErrOpaque says that a class writes itself in a way only its own program
	// knows, so that nothing behind it can be read either.
	ErrOpaque = errors.New("the class writes itself")
	// ErrValue says that a tree cannot be written.
	ErrValue = errors.New("cannot be written as AMF")
)

// Error tells where reading stopped and why.
type Error struct {
	Offset  int    // of the byte that could not be read
	Problem string // what was expected there, or what is wrong
	Missing int    // bytes that are needed at least, when it is ErrShort
	Err     error  // ErrShort, ErrFormat, ErrLimit or ErrOpaque
}

// Error gives the place and the problem.
func (e *Error) Error() string { return fmt.Sprintf("AMF, byte %d: %s", e.Offset, e.Problem) }

// Unwrap gives Err.
func (e *Error) Unwrap() error { return e.Err }
