package lab

import (
	"context"
	"fmt"
	"io"
	"time"

	"wirebench/sessions"
)

func startEcho(l *Lab, e *Entry) (server, error) {
	return l.listen(e.ID, func(_ context.Context, c *conn) {
		if echo(c) == nil {
			c.hangUp()
		}
	})
}

// echo sends back what comes until that ends. It has its own loop because io.Copy would hand the sockets to the
// system, past the time limits.
func echo(c io.ReadWriter) error {
	buf := make([]byte, readChunk)
	for {
		n, err := c.Read(buf)
		if n > 0 {
			if _, err := c.Write(buf[:n]); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

const (
	// slowRead is how much the slow peer reads every slowPause, and slowBuffer what the system may hold for it.
	slowRead   = 256
	slowBuffer = 4 << 10
	slowPause  = 100 * time.Millisecond
)

// slowText is what the slow peer says, a character at a time, over and over.
const slowText = "I speak slowly, and I read slowly: what you send waits on your side. "

func startSlow(l *Lab, e *Entry) (server, error) {
	return l.listen(e.ID, func(ctx context.Context, c *conn) {
		c.SetReadBuffer(slowBuffer)
		buf := make([]byte, slowRead)
		heard := time.Now()
		for i := 0; sleep(ctx, slowPause) && time.Since(heard) < l.o.Idle; i++ {
			if _, err := c.Write([]byte{slowText[i%len(slowText)]}); err != nil {
				return
			}
			c.TCPConn.SetReadDeadline(time.Now().Add(time.Millisecond))
			n, err := c.read(buf)
			if err == io.EOF {
				return
			}
			if n > 0 {
				heard = time.Now()
			}
		}
	})
}

func startReset(l *Lab, e *Entry) (server, error) {
	return l.listen(e.ID, func(ctx context.Context, c *conn) {
		buf := make([]byte, readChunk)
		if _, err := c.Read(buf); err != nil {
			return
		}
		if _, err := io.WriteString(c, "This answer is cut off in the mid"); err != nil {
			return
		}
		// What was written is to arrive: a reset overtakes what the other side has not read yet.
		sleep(ctx, 50*time.Millisecond)
		c.reset()
	})
}

func startHalfClose(l *Lab, e *Entry) (server, error) {
	return l.listen(e.ID, func(_ context.Context, c *conn) {
		if _, err := io.WriteString(c, "This is all I say. I go on listening, and count.\n"); err != nil {
			return
		}
		if c.CloseWrite() != nil {
			return
		}
		buf := make([]byte, readChunk)
		told, next := int64(0), int64(1)
		for {
			_, err := c.Read(buf)
			if n := c.in.Load(); n != told && (err != nil || n >= next) { // again when it has doubled
				told, next = n, 2*n
				c.tell(sessions.EventState, fmt.Sprintf("%d %s heard since this side ended", n, plural(n, "byte")))
			}
			if err != nil {
				return
			}
		}
	})
}

func plural(n int64, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}
