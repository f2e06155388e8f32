package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"wirebench/sessions"
	"wirebench/sessions/capture"
	"wirebench/sessions/reply"
)

const (
	// crowd is how many clients are connected at once.
	crowd = 10_000
	// dialers is how many of them connect at the same time.
	dialers = 64
	// perClient is how much memory a client may take, in KiB.
	perClient = 20
)

// serverConnections compares how fast clients get in and have their first echo, all of them staying connected, with a
// server that is nothing but an echo. Ours keeps everything that is said, and a list of the clients.
func serverConnections() pair {
	return pair{name: "server connections", unit: "1/s", peer: "a bare Go echo server", aim: 0.8, above: true,
		prepare: func(ctx context.Context, dir string, scale float64) (sides, error) {
			clients := max(100, int(scale*crowd))
			side := func(command string) func(context.Context) (float64, error) {
				return func(ctx context.Context) (float64, error) {
					rate, _, err := crowdOf(ctx, command, dir, clients)
					return rate, err
				}
			}
			return sides{ours: side(serverCommand), peer: side(echoesCommand)}, nil
		}}
}

// serverMemory holds what a connected client takes, above what the server takes without one, against a bound.
func serverMemory() pair {
	return pair{name: "server memory a client", unit: "KiB", peer: "the bound", aim: 1,
		prepare: func(ctx context.Context, dir string, scale float64) (sides, error) {
			return sides{
				ours: func(ctx context.Context) (float64, error) {
					_, memory, err := crowdOf(ctx, serverCommand, dir, max(1000, int(scale*crowd)))
					return memory, err
				},
				peer: func(context.Context) (float64, error) { return perClient, nil },
			}, nil
		}}
}

// crowdOf connects clients to a server in a process of its own, each of which says something, has it back and stays.
// It returns how many got in a second, and how many KiB of the server's memory each takes.
func crowdOf(ctx context.Context, command, dir string, clients int) (rate, memory float64, err error) {
	s, err := startServer(ctx, command, filepath.Join(dir, "capture"))
	if err != nil {
		return 0, 0, err
	}
	defer s.end()
	idle, err := s.resident()
	if err != nil {
		return 0, 0, err
	}
	conns := make([]net.Conn, clients)
	defer func() {
		for _, c := range conns {
			if c != nil {
				c.(*net.TCPConn).SetLinger(0) // a port that waits would be missing in the next round
				c.Close()
			}
		}
	}()
	began := time.Now()
	if err := join(ctx, s.address, conns); err != nil {
		return 0, 0, err
	}
	took := time.Since(began)
	full, err := s.resident()
	if err != nil {
		return 0, 0, err
	}
	return float64(clients) / took.Seconds(), float64(full-idle) / float64(clients), nil
}

// join fills conns with connections that have had their echo.
func join(ctx context.Context, address string, conns []net.Conn) error {
	var next sync.Mutex
	at := 0
	var wg sync.WaitGroup
	errs := make(chan error, dialers)
	for range dialers {
		wg.Go(func() {
			message, back := make([]byte, echoMessage), make([]byte, echoMessage)
			for ctx.Err() == nil {
				next.Lock()
				i := at
				at++
				next.Unlock()
				if i >= len(conns) {
					return
				}
				c, err := net.Dial("tcp", address)
				if err == nil {
					conns[i] = c
					if _, err = c.Write(message); err == nil {
						_, err = io.ReadFull(c, back)
					}
				}
				if err != nil {
					errs <- fmt.Errorf("client %d: %w", i+1, err)
					return
				}
			}
		})
	}
	wg.Wait()
	select {
	case err := <-errs:
		return err
	default:
		return ctx.Err()
	}
}

// serverProcess is a server in a process of its own. It prints its address, and its resident memory in KiB for each line
// it reads.
type serverProcess struct {
	address string
	in      io.Writer
	out     *bufio.Reader
	end     func()
}

func startServer(ctx context.Context, command, argument string) (*serverProcess, error) {
	s := &serverProcess{}
	in, out, end, err := helperPipes(ctx, command, argument)
	if err != nil {
		return nil, err
	}
	s.in, s.out, s.end = in, out, end
	if s.address, err = s.line(); err != nil {
		end()
		return nil, fmt.Errorf("the helper %s names no address: %w", command, err)
	}
	return s, nil
}

func (s *serverProcess) line() (string, error) {
	line, err := s.out.ReadString('\n')
	return strings.TrimSpace(line), err
}

// resident returns the process's resident memory in KiB.
func (s *serverProcess) resident() (int64, error) {
	if _, err := io.WriteString(s.in, "\n"); err != nil {
		return 0, err
	}
	line, err := s.line()
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(line, 10, 64)
}

// report answers the questions of a [serverProcess] until there are no more.
func report() error {
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		debug.FreeOSMemory() // what the collector has freed is nobody's
		kib, err := residentMemory()
		if err != nil {
			return err
		}
		fmt.Println(kib)
	}
	return in.Err()
}

// residentMemory is VmRSS of this process, in KiB.
func residentMemory() (int64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			return strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
		}
	}
	return 0, errors.New("/proc/self/status has no VmRSS")
}

// echoAll is the bare echo server.
func echoAll() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				buf := make([]byte, 4096)
				for {
					n, err := conn.Read(buf)
					if err != nil {
						return
					}
					if _, err := conn.Write(buf[:n]); err != nil {
						return
					}
				}
			}()
		}
	}()
	return report()
}

// serveAll is the same by a session, capture included, as a tab of the window has it.
func serveAll(folder string) error {
	config := sessions.DefaultServer()
	config.Address = "127.0.0.1:0"
	config.Replies = reply.Config{Echo: true}
	listens := &listener{listening: make(chan string, 1)}
	s, err := sessions.NewServer(config, sessions.Options{Capture: capture.Options{Dir: folder}, Observer: listens})
	if err != nil {
		return err
	}
	defer s.Traffic().Delete()
	defer s.Close()
	if err := s.Start(context.Background()); err != nil {
		return err
	}
	fmt.Println(<-listens.listening)
	return report()
}

// listener hears where a server listens.
type listener struct{ listening chan string }

func (l *listener) Event(e sessions.Event) {
	if e.Name == sessions.EventListening {
		l.listening <- e.Local.String()
	}
}

func (*listener) Data(capture.Flow, capture.Direction, []byte) {}
