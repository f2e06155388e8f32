package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"wirebench/sessions"
	"wirebench/sessions/capture"
)

// sendCommand is the first argument of this program when it is started as the sender.
const sendCommand = "-send-bytes"

// send listens on a free port, prints it, and pushes so many bytes into the first client, flat out.
func send(amount string) error {
	left, err := strconv.ParseInt(amount, 10, 64)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	conn, err := l.Accept()
	if err != nil {
		return err
	}
	defer conn.Close()
	chunk := make([]byte, 1<<20)
	for i := range chunk {
		chunk[i] = byte(i * 7)
	}
	for left > 0 {
		n, err := conn.Write(chunk[:min(left, int64(len(chunk)))])
		if err != nil {
			return err
		}
		left -= int64(n)
	}
	return nil
}

// sender starts this program as a sender of size bytes and returns its address. wait must be called.
func sender(ctx context.Context, size int64) (address string, wait func() error, err error) {
	self, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	cmd := exec.CommandContext(ctx, self, sendCommand, strconv.FormatInt(size, 10))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		cmd.Wait()
		return "", nil, fmt.Errorf("the sender names no address: %w", err)
	}
	return strings.TrimSpace(line), cmd.Wait, nil
}

// captureThroughput compares a TCP session with its capture on disk with socat writing the bare stream to a file.
func captureThroughput() pair {
	return pair{name: "capture throughput", unit: "MiB/s", peer: "socat to a file", aim: 1, above: true,
		prepare: func(_ context.Context, dir string, scale float64) (sides, error) {
			size := int64(scale * (1 << 30))
			ours := func(ctx context.Context) (float64, error) {
				folder := filepath.Join(dir, "ours")
				defer os.RemoveAll(folder)
				return throughSession(ctx, folder, size)
			}
			peer := func(ctx context.Context) (float64, error) {
				file := filepath.Join(dir, "socat.bin")
				defer os.Remove(file)
				return throughSocat(ctx, file, size)
			}
			return sides{ours: ours, peer: peer}, nil
		}}
}

func throughSession(ctx context.Context, folder string, size int64) (float64, error) {
	address, wait, err := sender(ctx, size)
	if err != nil {
		return 0, err
	}
	defer wait()
	config := sessions.DefaultTCP()
	config.Address = address
	session, err := sessions.NewTCP(config, sessions.Options{Capture: capture.Options{Dir: folder}})
	if err != nil {
		return 0, err
	}
	start := time.Now()
	if err := session.Start(ctx); err != nil {
		return 0, err
	}
	select {
	case <-session.Done():
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	if err := session.Traffic().Flush(ctx); err != nil { // the last byte is readable in the capture
		return 0, err
	}
	took := time.Since(start)
	got := session.Traffic().Stats()
	if err := session.Close(); err != nil {
		return 0, err
	}
	if err := session.Traffic().Delete(); err != nil {
		return 0, err
	}
	if got.InBytes != size || got.LostBytes != 0 {
		return 0, fmt.Errorf("the capture has %d bytes and lost %d, sent were %d", got.InBytes, got.LostBytes, size)
	}
	return mibPerSecond(size, took), nil
}

func throughSocat(ctx context.Context, file string, size int64) (float64, error) {
	address, wait, err := sender(ctx, size)
	if err != nil {
		return 0, err
	}
	defer wait()
	start := time.Now()
	out, err := exec.CommandContext(ctx, "socat", "-u", "-b", "1048576", "TCP:"+address, "CREATE:"+file).CombinedOutput()
	took := time.Since(start)
	if err != nil {
		return 0, fmt.Errorf("socat: %w: %s", err, out)
	}
	if info, err := os.Stat(file); err != nil || info.Size() != size {
		return 0, fmt.Errorf("socat wrote another amount than %d (%v)", size, err)
	}
	return mibPerSecond(size, took), nil
}

// echoRoundTrip compares the time of one message there and back through a session, capture included, with the same
// through two bare connections.
func echoRoundTrip() pair {
	return pair{name: "echo round trip", unit: "µs", peer: "a bare Go loop", aim: 1.2,
		prepare: func(_ context.Context, dir string, scale float64) (sides, error) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return sides{}, err
			}
			go func() { // until the listener is closed
				for {
					conn, err := l.Accept()
					if err != nil {
						return
					}
					go func() {
						defer conn.Close()
						// No io.Copy: it would splice inside the kernel, which no peer that answers can.
						for buf := make([]byte, 4096); ; {
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
			turns := max(100, int(scale*20_000))
			return sides{
				ours: func(ctx context.Context) (float64, error) {
					return echoThroughSession(ctx, filepath.Join(dir, "echo"), l.Addr().String(), turns)
				},
				peer: func(context.Context) (float64, error) { return echoBare(l.Addr().String(), turns) },
				done: func() { l.Close() },
			}, nil
		}}
}

const echoMessage = 64 // bytes

// answers hears what comes back and says when a whole message has.
type answers struct {
	got  int
	back chan struct{}
}

func (a *answers) Event(sessions.Event) {}

func (a *answers) Data(_ capture.Flow, d capture.Direction, p []byte) {
	if d != capture.In {
		return
	}
	for a.got += len(p); a.got >= echoMessage; a.got -= echoMessage {
		a.back <- struct{}{}
	}
}

func echoThroughSession(ctx context.Context, folder, address string, turns int) (float64, error) {
	heard := &answers{back: make(chan struct{}, 1)}
	config := sessions.DefaultTCP()
	config.Address = address
	session, err := sessions.NewTCP(config, sessions.Options{Capture: capture.Options{Dir: folder}, Observer: heard})
	if err != nil {
		return 0, err
	}
	defer session.Traffic().Delete()
	defer session.Close()
	if err := session.Start(ctx); err != nil {
		return 0, err
	}
	for deadline := time.Now().Add(5 * time.Second); session.State() != sessions.Open; {
		if time.Now().After(deadline) {
			return 0, fmt.Errorf("the session is %v: %v", session.State(), session.Info().Err)
		}
		time.Sleep(time.Millisecond)
	}
	message := make([]byte, echoMessage)
	start := time.Now()
	for range turns {
		if err := session.Send(message); err != nil {
			return 0, err
		}
		select {
		case <-heard.back:
		case <-session.Done():
			return 0, io.ErrUnexpectedEOF
		}
	}
	return float64(time.Since(start).Microseconds()) / float64(turns), nil
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
	return float64(time.Since(start).Microseconds()) / float64(turns), nil
}
