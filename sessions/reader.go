package sessions

import (
	"net"
	"sync"
	"sync/atomic"
)

const (
	// smallRead and readSize are the most that one read takes: little until a peer has shown that it has
	// more. Larger ones gain nothing on loopback (see BenchmarkReadSize), because the kernel seldom has
	// more ready at once.
	smallRead = 16 << 10
	readSize  = 256 << 10
)

// reader reads what arrives on a connection. read returns what one read took; it is the reader's own and
// valid until release, which follows every read.
type reader interface {
	read() ([]byte, error)
	release()
}

// newReader returns the reader of the connection. One of many connections is read with little memory of
// its own.
//
//go:noinline
func (s *stream) newReader() reader {
	if r := newRawReader(s.link); r != nil {
		return r
	}
	size := readSize
	if s.served != nil {
		size = smallRead
	}
	return &plainReader{s.link.conn, make([]byte, size)}
}

// plainReader reads with a buffer of its own what has no better way.
type plainReader struct {
	conn net.Conn
	buf  []byte
}

func (r *plainReader) read() ([]byte, error) {
	n, err := r.conn.Read(r.buf)
	return r.buf[:n], err
}

func (*plainReader) release() {}

// Buffers of rawReaders that have something in their hands.
var (
	smallBuffers = sync.Pool{New: func() any { return new([smallRead]byte) }}
	largeBuffers = sync.Pool{New: func() any { return new([readSize]byte) }}
	largeInUse   atomic.Int64
)

// maxLarge is the most large buffers that are in use at once; who gets none has a small one. Thousands of
// clients that send as fast as they can, to an Observer that can take only so much, would need gigabytes.
const maxLarge = 64
