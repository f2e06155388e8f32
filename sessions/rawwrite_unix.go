//go:build unix

package sessions

import (
	"io"
	"net"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// rawWriter writes to a TCP socket so that each write and what is recorded of it are one step: the
// system call is made with rec held, and never waits, because Go's sockets are non-blocking. Waiting
// for room happens in the runtime's poller, without rec.
type rawWriter struct {
	conn syscall.RawConn
	rec  *sync.Mutex
	p    []byte
	oob  bool // the last byte of p is urgent
	n    int
	err  error
	try  func(fd uintptr) bool // made once, so that a write allocates nothing
	now  func(fd uintptr) bool // the same for once

	reset bool // a write has met an RST; under rec
}

// newRawWriter returns nil for what is not a plain TCP socket.
func newRawWriter(l link, rec *sync.Mutex) *rawWriter {
	tcp, ok := l.conn.(*net.TCPConn)
	if !ok {
		return nil
	}
	conn, err := tcp.SyscallConn()
	if err != nil {
		return nil
	}
	w := &rawWriter{conn: conn, rec: rec}
	w.try = func(fd uintptr) bool {
		w.rec.Lock()
		for {
			if w.oob {
				w.n, w.err = unix.SendmsgN(int(fd), w.p, nil, nil, unix.MSG_OOB)
			} else {
				w.n, w.err = syscall.Write(int(fd), w.p)
			}
			if w.err != syscall.EINTR {
				break
			}
		}
		if w.n > 0 {
			return true // rec stays held until the record is made
		}
		w.reset = w.reset || w.err == syscall.ECONNRESET
		w.rec.Unlock()
		return w.err != syscall.EAGAIN
	}
	w.now = func(fd uintptr) bool {
		w.n, w.err = syscall.Write(int(fd), w.p)
		w.reset = w.reset || w.err == syscall.ECONNRESET
		return true
	}
	return w
}

// sawReset reports whether a write has met an RST. The system tells that once: the reader then sees the
// end of the stream as if a FIN had come. The caller holds rec.
func (w *rawWriter) sawReset() bool { return w != nil && w.reset }

// once writes what the socket takes without waiting. The caller holds rec, and nobody else is in write.
func (w *rawWriter) once(p []byte) int {
	w.p, w.n, w.err = p, 0, nil
	err := w.conn.Write(w.now)
	w.p = nil
	if err != nil || w.n < 0 {
		return 0
	}
	return w.n
}

// write waits until the socket takes at least one byte of p, which is not empty, the last one as urgent if
// it is to be. It returns with rec held if n > 0. Deadlines and closing act as on net.Conn.Write.
func (w *rawWriter) write(p []byte, urgent bool) (n int, err error) {
	w.p, w.oob, w.n, w.err = p, urgent, 0, nil
	err = w.conn.Write(w.try)
	w.p = nil
	switch {
	case w.n > 0:
		return w.n, nil
	case err == nil && w.err != nil:
		err = &net.OpError{Op: "write", Net: "tcp", Err: w.err}
	case err == nil:
		err = io.ErrUnexpectedEOF
	}
	return 0, err
}

// orderedWriter writes to the TCP socket under something like TLS, and tells a writeOrder when the
// system has taken a write whole.
type orderedWriter struct {
	conn  syscall.RawConn
	order *writeOrder
}

// newOrderedWriter returns nil for what is not a TCP socket.
func newOrderedWriter(c net.Conn, o *writeOrder) *orderedWriter {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return nil
	}
	conn, err := tcp.SyscallConn()
	if err != nil {
		return nil
	}
	return &orderedWriter{conn, o}
}

// Write is net.Conn.Write.
func (w *orderedWriter) Write(p []byte) (n int, err error) {
	if len(p) == 0 {
		return 0, nil
	}
	var failed error
	err = w.conn.Write(func(fd uintptr) bool {
		w.order.sys.Lock()
		defer w.order.sys.Unlock()
		for {
			m, err := syscall.Write(int(fd), p[n:])
			if m > 0 {
				n += m
			}
			switch {
			case n == len(p):
				w.order.taken.Store(true)
				return true
			case err == syscall.EAGAIN:
				return false
			case err == nil && m == 0:
				failed = io.ErrUnexpectedEOF
				return true
			case err != nil && err != syscall.EINTR:
				failed = &net.OpError{Op: "write", Net: "tcp", Err: err}
				return true
			}
		}
	})
	if err == nil {
		err = failed
	}
	return n, err
}
