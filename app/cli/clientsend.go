package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"wirebench/sessions"
)

const (
	// readStdin is how much of standard input goes into one message.
	readStdin = 64 << 10
	// idleInput is how long standard input may give nothing, once the peer has
	// said its last, before the run ends.
	idleInput = 200 * time.Millisecond
)

// send queues m; a file is waited for, so that a failure is known here. told
// says that the failure is also an ioError, which the session tells.
func (r *clientRun) send(ctx context.Context, session clientSession, m message) (told bool, err error) {
	if m.file == "" {
		return false, session.Send(m.bytes)
	}
	t, err := session.SendFile(m.file)
	if err != nil {
		return false, err
	}
	select {
	case <-t.Done():
		return true, t.Err()
	case <-ctx.Done():
		t.Cancel()
		// The writer has to notice before the connection is told to drain, or it
		// finishes the piece it is at first. Its observer may be held up.
		wait := time.NewTimer(time.Second)
		defer wait.Stop()
		select {
		case <-t.Done():
		case <-wait.C:
		}
		return false, fmt.Errorf("send %s: ended before all of it was sent", m.file)
	}
}

// pump sends what comes in on standard input, as it comes, and half-closes at
// its end if there was any.
func (r *clientRun) pump(session clientSession, in io.Reader) {
	buf := make([]byte, readStdin)
	some := false
	for {
		n, err := in.Read(buf)
		r.holding.Store(n > 0)
		r.reads.Add(1)
		for n > 0 {
			sendErr := session.Send(buf[:n])
			if sendErr == nil {
				some = true
				r.holding.Store(false)
				break
			}
			if !errors.Is(sendErr, sessions.ErrBacklog) {
				return // the connection has ended, which talk tells
			}
			// Standard input is faster than the peer: wait for it to take some.
			select {
			case <-session.Done():
				return
			case <-r.taken:
			}
		}
		if err != nil {
			if err != io.EOF {
				r.failed.Store(true)
				r.report.problem(fmt.Errorf("read standard input: %w", err))
			}
			if some {
				_ = session.CloseWrite() // fails only when the connection has ended
			}
			close(r.pumped)
			return
		}
	}
}

// finishInput waits for standard input to be queued, as long as there is some.
func (r *clientRun) finishInput(ctx context.Context, session clientSession) {
	t := time.NewTicker(idleInput)
	defer t.Stop()
	for last := int64(-1); ; {
		select {
		case <-r.pumped:
			return
		case <-session.Done():
			return
		case <-ctx.Done():
			return
		case <-t.C:
			reads := r.reads.Load()
			if reads == last && !r.holding.Load() {
				return
			}
			last = reads
		}
	}
}
