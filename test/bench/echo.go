package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"time"

	"wirebench/sessions"
	"wirebench/sessions/capture"
)

const echoMessage = 64 // bytes

// echoRoundTrip compares the time of one message there and back through a session, capture included, with the same
// through a bare connection. The peer that answers is a process of its own, as peers are. Both sides answer from where
// they read: the bare loop in its one goroutine, the session's client in its Observer, where whatever reacts by itself
// would. Both clocks run from the moment the connection stands, so that making it, and the capture's folder, is no part
// of a turn; everything the capture writes meanwhile is.
func echoRoundTrip() pair {
	return pair{name: "echo round trip", unit: "µs", peer: "a bare Go loop", aim: 1.2, often: 10, calm: true,
		prepare: func(ctx context.Context, dir string, scale float64) (sides, error) {
			address, end, err := helper(ctx, echoCommand, "-")
			if err != nil {
				return sides{}, err
			}
			turns := max(100, int(scale*2_000))
			return sides{
				ours: func(ctx context.Context) (float64, error) {
					return echoThroughSession(ctx, filepath.Join(dir, "echo"), address, turns)
				},
				peer: func(context.Context) (float64, error) { return echoBare(address, turns) },
				done: end,
			}, nil
		}}
}

// answer listens on a free port, prints it, and sends back what each client in turn says. It ends when it is killed.
func answer() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	buf := make([]byte, 4096)
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		// Not io.Copy, which would splice inside the kernel, as no peer that thinks can.
		for {
			n, err := conn.Read(buf)
			if err != nil {
				break
			}
			if _, err := conn.Write(buf[:n]); err != nil {
				break
			}
		}
		conn.Close()
	}
}

// pingPong sends the next message as soon as the last one is back whole.
type pingPong struct {
	session *sessions.TCPSession
	message [echoMessage]byte
	got     int
	left    int
	began   time.Time     // when the connection stood
	took    time.Duration // of all turns, set ahead of over
	over    chan error    // receives once: nil, or why it ended early
}

func (p *pingPong) Event(e sessions.Event) {
	switch e.Name {
	case sessions.EventConnect:
		p.began = time.Now()
		p.send()
	case sessions.EventClose, sessions.EventIOError:
		p.end(fmt.Errorf("%s: %w", e.Name, io.ErrUnexpectedEOF))
	}
}

func (p *pingPong) Data(_ capture.Flow, d capture.Direction, b []byte) {
	if d != capture.In {
		return
	}
	for p.got += len(b); p.got >= echoMessage; p.got -= echoMessage {
		if p.left--; p.left == 0 {
			p.took = time.Since(p.began)
			p.end(nil)
		} else if p.left > 0 {
			p.send()
		}
	}
}

func (p *pingPong) send() {
	if err := p.session.Send(p.message[:]); err != nil {
		p.end(err)
	}
}

func (p *pingPong) end(err error) {
	select {
	case p.over <- err:
	default:
	}
}

func echoThroughSession(ctx context.Context, folder, address string, turns int) (float64, error) {
	turn := &pingPong{left: turns, over: make(chan error, 1)}
	config := sessions.DefaultTCP()
	config.Address = address
	session, err := sessions.NewTCP(config, sessions.Options{Capture: capture.Options{Dir: folder}, Observer: turn})
	if err != nil {
		return 0, err
	}
	defer session.Traffic().Delete()
	defer session.Close()
	turn.session = session
	if err := session.Start(ctx); err != nil {
		return 0, err
	}
	select {
	case err = <-turn.over:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		return 0, err
	}
	return float64(turn.took.Nanoseconds()) / 1e3 / float64(turns), nil
}

func echoBare(address string, turns int) (float64, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	message := make([]byte, echoMessage)
	start := time.Now()
	for range turns {
		if _, err := conn.Write(message); err != nil {
			return 0, err
		}
		if _, err := io.ReadFull(conn, message); err != nil {
			return 0, err
		}
	}
	return float64(time.Since(start).Nanoseconds()) / 1e3 / float64(turns), nil
}
