//go:build !unix

package sessions

import (
	"net"
	"sync"
)

// rawWriter is not available here: the system's sockets have no write that returns instead of waiting.
// The record of a write is made after it; writeOrder keeps its answer from being recorded first.
type rawWriter struct{}

func newRawWriter(link, *sync.Mutex) *rawWriter { return nil }

func (*rawWriter) write([]byte, bool) (int, error) {
	panic("sessions: no rawWriter is ever made on this system")
}

func (*rawWriter) once([]byte) int { panic("sessions: no rawWriter is ever made on this system") }

func (*rawWriter) sawReset() bool { return false }

// orderedWriter is not available here either.
type orderedWriter struct{}

func newOrderedWriter(net.Conn, *writeOrder) *orderedWriter { return nil }

func (*orderedWriter) Write([]byte) (int, error) {
	panic("sessions: no orderedWriter is ever made on this system")
}
