//go:build unix

package sessions

import (
	"io"
	"net"
	"os"
	"syscall"
)

// rawReader reads from a TCP socket without holding a buffer while there is nothing to read, so that ten
// thousand idle connections need no memory for what they might say. The system call does not wait,
// because Go's sockets are non-blocking; waiting happens in the runtime's poller.
type rawReader struct {
	conn  syscall.RawConn
	try   func(fd uintptr) bool // made once, so that a read allocates nothing
	more  bool                  // the last read filled its buffer
	small *[smallRead]byte      // one of the two while something was read
	large *[readSize]byte
	n     int
	err   error
}

// newRawReader returns nil for what is not a plain TCP socket.
func newRawReader(l link) reader {
	tcp, ok := l.conn.(*net.TCPConn)
	if !ok {
		return nil
	}
	conn, err := tcp.SyscallConn()
	if err != nil {
		return nil
	}
	r := &rawReader{conn: conn}
	r.try = r.once
	return r
}

// once reads if there is something to read.
func (r *rawReader) once(fd uintptr) bool {
	r.take()
	for {
		r.n, r.err = syscall.Read(int(fd), r.buffer())
		if r.err != syscall.EINTR {
			break
		}
	}
	if r.err == syscall.EAGAIN {
		r.release()
		return false
	}
	return true
}

func (r *rawReader) take() {
	if r.more {
		if largeInUse.Add(1) <= maxLarge {
			r.large = largeBuffers.Get().(*[readSize]byte)
			return
		}
		largeInUse.Add(-1)
	}
	r.small = smallBuffers.Get().(*[smallRead]byte)
}

func (r *rawReader) buffer() []byte {
	if r.large != nil {
		return r.large[:]
	}
	return r.small[:]
}

// release gives the buffer back.
func (r *rawReader) release() {
	if r.large != nil {
		largeBuffers.Put(r.large)
		r.large = nil
		largeInUse.Add(-1)
	}
	if r.small != nil {
		smallBuffers.Put(r.small)
		r.small = nil
	}
}

// read waits until something has arrived. Deadlines and closing act as on net.Conn.Read.
func (r *rawReader) read() ([]byte, error) {
	r.n, r.err = 0, nil
	switch err := r.conn.Read(r.try); {
	case err != nil:
		return nil, err
	case r.err != nil:
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", r.err)}
	case r.n == 0:
		return nil, io.EOF
	}
	p := r.buffer()[:r.n]
	r.more = r.n >= smallRead
	return p, nil
}
