package sessions

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"

	"wirebench/sessions/capture"
)

// echoServer echoes on loopback until the test ends.
func echoServer(tb testing.TB) string {
	return serve(tb, "127.0.0.1:0", func(c net.Conn) {
		buf := make([]byte, 64<<10)
		for {
			n, err := c.Read(buf)
			if _, werr := c.Write(buf[:n]); err != nil || werr != nil {
				return
			}
		}
	})
}

const echoSize = 64

// BenchmarkEchoBare is the floor: one goroutine that writes and reads.
func BenchmarkEchoBare(b *testing.B) {
	conn, err := net.Dial("tcp", echoServer(b))
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	p, buf := make([]byte, echoSize), make([]byte, readSize)
	for b.Loop() {
		if _, err := conn.Write(p); err != nil {
			b.Fatal(err)
		}
		for got := 0; got < echoSize; {
			n, err := conn.Read(buf)
			if err != nil {
				b.Fatal(err)
			}
			got += n
		}
	}
}

// echoed passes on how many bytes came in.
type echoed struct {
	nobody
	in chan int
}

func (o *echoed) Data(_ capture.Flow, d capture.Direction, p []byte) {
	if d == capture.In {
		o.in <- len(p)
	}
}

// answering sends the next message from within the call that brings the answer to the one before, as
// anything automatic does.
type answering struct {
	nobody
	t    *TCPSession
	p    []byte
	got  int
	left int
	done chan error
}

func (o *answering) Data(_ capture.Flow, d capture.Direction, p []byte) {
	if d == capture.Out {
		return
	}
	if o.got += len(p); o.got < echoSize {
		return
	}
	o.got = 0
	if o.left--; o.left == 0 {
		o.done <- nil
	} else if err := o.t.Send(o.p); err != nil {
		o.done <- err
	}
}

// BenchmarkEchoRoundTrip is Send to Observer.Data, with the capture written. It is to stay within 1.2
// times of BenchmarkEchoBare.
func BenchmarkEchoRoundTrip(b *testing.B) {
	o := &answering{p: make([]byte, echoSize), done: make(chan error, 1)}
	o.t = openTo(b, echoServer(b), o)
	b.ReportAllocs()
	b.ResetTimer()
	o.left = b.N
	if err := o.t.Send(o.p); err != nil {
		b.Fatal(err)
	}
	if err := <-o.done; err != nil {
		b.Fatal(err)
	}
}

// BenchmarkEchoBareHandOver is the floor for a goroutine that waits for what another one reads, which is
// what waiting for an Observer means.
func BenchmarkEchoBareHandOver(b *testing.B) {
	conn, err := net.Dial("tcp", echoServer(b))
	if err != nil {
		b.Fatal(err)
	}
	in := make(chan int, 16)
	go func() {
		defer close(in)
		buf := make([]byte, readSize)
		for {
			n, err := conn.Read(buf)
			if err != nil {
				return
			}
			in <- n
		}
	}()
	p := make([]byte, echoSize)
	for b.Loop() {
		if _, err := conn.Write(p); err != nil {
			b.Fatal(err)
		}
		for got := 0; got < echoSize; {
			got += <-in
		}
	}
	conn.Close()
	for range in {
	}
}

// BenchmarkEchoHandOver is BenchmarkEchoRoundTrip with a goroutine that waits for the Observer.
func BenchmarkEchoHandOver(b *testing.B) {
	o := &echoed{in: make(chan int, 16)}
	t := openTo(b, echoServer(b), o)
	p := make([]byte, echoSize)
	b.ReportAllocs()
	for b.Loop() {
		if err := t.Send(p); err != nil {
			b.Fatal(err)
		}
		for got := 0; got < echoSize; {
			got += <-o.in
		}
	}
}

// BenchmarkReadSize compares sizes of a reader's buffer on a bare connection.
func BenchmarkReadSize(b *testing.B) {
	for _, size := range []int{16 << 10, 64 << 10, 128 << 10, 256 << 10, 512 << 10, 1 << 20} {
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) {
			const whole = 64 << 20
			addr := serve(b, "127.0.0.1:0", func(c net.Conn) {
				p := make([]byte, 1<<20)
				for {
					if _, err := c.Write(p); err != nil {
						return
					}
				}
			})
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				b.Fatal(err)
			}
			defer conn.Close()
			buf := make([]byte, size)
			b.SetBytes(whole)
			for b.Loop() {
				for got := 0; got < whole; {
					n, err := conn.Read(buf)
					if err != nil {
						b.Fatal(err)
					}
					got += n
				}
			}
		})
	}
}

// counted lets the benchmark wait for a number of bytes without holding the session up.
type counted struct {
	nobody
	mu   sync.Mutex
	more sync.Cond
	in   int64
}

func newCounted() *counted {
	o := new(counted)
	o.more.L = &o.mu
	return o
}

func (o *counted) Data(_ capture.Flow, d capture.Direction, p []byte) {
	if d == capture.In {
		o.mu.Lock()
		o.in += int64(len(p))
		o.mu.Unlock()
		o.more.Signal()
	}
}

func (o *counted) await(n int64) {
	o.mu.Lock()
	for o.in < n {
		o.more.Wait()
	}
	o.mu.Unlock()
}

// BenchmarkReceive is the whole way in: socket, capture, observer.
func BenchmarkReceive(b *testing.B) {
	const whole = 64 << 20
	addr := serve(b, "127.0.0.1:0", func(c net.Conn) {
		p := make([]byte, 1<<20)
		for {
			if _, err := c.Write(p); err != nil {
				return
			}
		}
	})
	o := newCounted()
	openTo(b, addr, o)
	b.SetBytes(whole)
	b.ReportAllocs()
	want := int64(0)
	for b.Loop() {
		want += whole
		o.await(want)
	}
}

// BenchmarkSendFile is the whole way out.
func BenchmarkSendFile(b *testing.B) {
	const whole = 64 << 20
	addr := serve(b, "127.0.0.1:0", func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	t := openTo(b, addr, nobody{})
	path := fileOf(b, whole)
	b.SetBytes(whole)
	for b.Loop() {
		f, err := t.SendFile(path)
		if err != nil {
			b.Fatal(err)
		}
		<-f.Done()
		if f.Err() != nil {
			b.Fatal(f.Err())
		}
	}
}

// openTo returns an open session that the end of the test closes.
func openTo(tb testing.TB, addr string, o Observer) *TCPSession {
	tb.Helper()
	c := DefaultTCP()
	c.Address = addr
	w := newWatch(o)
	t, err := NewTCP(c, Options{Capture: capture.Options{Dir: tb.TempDir()}, Observer: w})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { closeSession(tb, t) })
	if err := t.Start(context.Background()); err != nil {
		tb.Fatal(err)
	}
	w.await(tb, "the connection", func(e Event) bool { return e.Name == EventConnect })
	return t
}
