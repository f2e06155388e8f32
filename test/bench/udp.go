//go:build linux

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"wirebench/sessions"
	"wirebench/sessions/capture"
)

const (
	// datagramSize is how long the datagrams of a flood are: a game's usual update.
	datagramSize = 64
	// flood is how many datagrams are sent flat out; -scale 10 makes two million of them.
	flood = 200_000
	// udpBuffer is the receive buffer of every side, as a session asks for.
	udpBuffer = 64 << 20
)

// udpHelp runs the helper processes of the datagram measures; ok is false for other commands.
func udpHelp(command, argument string) (ok bool, err error) {
	switch command {
	case floodCommand:
		err = floodTo(argument)
	case udpBareCommand:
		err = receiveBare()
	case udpSessionCommand:
		err = receiveSession(argument)
	case udpSendBareCommand:
		err = sendBare(argument)
	case udpSendSessionCommand:
		err = sendSession(argument)
	case udpTickCommand:
		err = repeatTicker(argument)
	case udpRepeatCommand:
		err = repeatSession(argument)
	default:
		return false, nil
	}
	return true, err
}

// floodTo sends "address count", in one bare loop. Where the socket's own buffer is full it waits, as sendto does.
func floodTo(argument string) error {
	to, n, err := addressCount(argument)
	if err != nil {
		return err
	}
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return err
	}
	defer conn.Close()
	var p [datagramSize]byte
	for i := range n {
		for j := range 8 {
			p[j] = byte(i >> (56 - 8*j))
		}
		if _, err := conn.WriteToUDPAddrPort(p[:], to); err != nil {
			return err
		}
	}
	return nil
}

func addressCount(argument string) (netip.AddrPort, int64, error) {
	address, count, _ := strings.Cut(argument, " ")
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return to, 0, err
	}
	n, err := strconv.ParseInt(count, 10, 64)
	return to, n, err
}

// receiver is a process that receives datagrams.
type receiver struct{ *serverProcess }

// received is what a receiver says of itself when it is asked.
type received struct {
	datagrams int64
	dropped   int64         // by the kernel, for want of room
	cpu       time.Duration // of the whole process so far
}

// ask has a receiver look at its counters.
func (r receiver) ask() (got received, err error) {
	if _, err := io.WriteString(r.in, "\n"); err != nil {
		return got, err
	}
	line, err := r.line()
	if err == nil {
		_, err = fmt.Sscan(line, &got.datagrams, &got.dropped, (*int64)(&got.cpu))
	}
	return got, err
}

// tellReceived answers ask until there are no more questions.
func tellReceived(look func() (datagrams, dropped int64, err error)) error {
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		n, dropped, err := look()
		if err != nil {
			return err
		}
		cpu, err := processorTime()
		if err != nil {
			return err
		}
		fmt.Println(n, dropped, int64(cpu))
	}
	return in.Err()
}

// processorTime is what this process has used, of all its threads, in user and kernel mode.
func processorTime() (time.Duration, error) {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return 0, err
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), nil
}

// loopbackSocket is a bare socket with the buffer that a session has.
func loopbackSocket() (*net.UDPConn, error) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, err
	}
	rc, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	var failed error
	err = rc.Control(func(fd uintptr) {
		if unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, udpBuffer) != nil {
			failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, udpBuffer)
		}
	})
	return conn, errors.Join(err, failed)
}

// receiveBare is the bare loop: it counts.
func receiveBare() error {
	conn, err := loopbackSocket()
	if err != nil {
		return err
	}
	fmt.Println(conn.LocalAddr())
	var n atomic.Int64
	go func() {
		buf := make([]byte, 64<<10)
		for {
			if _, _, err := conn.ReadFromUDPAddrPort(buf); err != nil {
				return
			}
			n.Add(1)
		}
	}()
	inode, err := socketInode(conn)
	if err != nil {
		return err
	}
	return tellReceived(func() (int64, int64, error) {
		dropped, err := dropsOf(inode)
		return n.Load(), dropped, err
	})
}

// socketInode names a socket as /proc/net/udp does.
func socketInode(conn *net.UDPConn) (string, error) {
	rc, err := conn.SyscallConn()
	if err != nil {
		return "", err
	}
	var st unix.Stat_t
	var failed error
	err = rc.Control(func(fd uintptr) { failed = unix.Fstat(int(fd), &st) })
	return strconv.FormatUint(st.Ino, 10), errors.Join(err, failed)
}

// dropsOf reads how many datagrams the kernel had no room for in the socket's life.
func dropsOf(inode string) (int64, error) {
	table, err := os.ReadFile("/proc/net/udp")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(table)) {
		if f := strings.Fields(line); len(f) > 12 && f[9] == inode {
			return strconv.ParseInt(f[12], 10, 64)
		}
	}
	return 0, fmt.Errorf("/proc/net/udp has no socket %s", inode)
}

// counter is an observer as light as the window's: the capture counts, and it only says where the socket is bound.
type counter struct {
	bound chan string
	data  atomic.Int64
}

func (c *counter) Event(e sessions.Event) {
	if e.Name == sessions.EventListening {
		c.bound <- e.Local.String()
	}
}

func (c *counter) Data(capture.Flow, capture.Direction, []byte) { c.data.Add(1) }

// openSession returns a datagram session that is bound on loopback, its capture in folder.
func openSession(folder string) (*sessions.UDPSession, *counter, string, error) {
	config := sessions.DefaultUDP()
	config.Address = "127.0.0.1:0"
	c := &counter{bound: make(chan string, 1)}
	s, err := sessions.NewUDP(config, sessions.Options{Capture: capture.Options{Dir: folder}, Observer: c})
	if err != nil {
		return nil, nil, "", err
	}
	if err := s.Start(context.Background()); err != nil {
		return nil, nil, "", err
	}
	return s, c, <-c.bound, nil
}

// receiveSession is the same by a session. Each look waits until all that arrived is in the capture and readable, so
// that the processor time is that of the whole work.
func receiveSession(folder string) error {
	s, seen, bound, err := openSession(folder)
	if err != nil {
		return err
	}
	defer s.Traffic().Delete()
	defer s.Close()
	fmt.Println(bound)
	return tellReceived(func() (int64, int64, error) {
		i := s.Info()
		if err := s.Traffic().Flush(context.Background()); err != nil {
			return 0, 0, err
		}
		for late := time.Now().Add(time.Second); seen.data.Load() < i.In && time.Now().Before(late); {
			time.Sleep(time.Millisecond) // what has arrived is told a moment later
		}
		if kept := s.Traffic().Stats(); kept.LostRecords > 0 || kept.InRecords+kept.EvictedRecords < i.In || seen.data.Load() < i.In {
			return 0, 0, fmt.Errorf("%d arrived, the capture has %d and the observer heard of %d", i.In, kept.InRecords, seen.data.Load())
		}
		return i.In, i.KernelDropped, nil
	})
}

// udpReceive compares what arrives of a flood, and what each datagram of it costs, with a loop that only counts. Ours
// has each on the disk as well, with its time and addresses.
func udpReceive() []pair {
	// sides of one run; pick chooses what is measured.
	both := func(pick func(got received, sent int64) float64) func(context.Context, string, float64) (sides, error) {
		return func(ctx context.Context, dir string, scale float64) (sides, error) {
			sent := max(1000, int64(scale*flood))
			dropped := map[string]int64{}
			side := func(command string) func(context.Context) (float64, error) {
				return func(ctx context.Context) (float64, error) {
					got, err := floodOf(ctx, command, filepath.Join(dir, "udp"), sent)
					if err != nil {
						return 0, err
					}
					dropped[command] += got.dropped
					return pick(got, sent), nil
				}
			}
			return sides{ours: side(udpSessionCommand), peer: side(udpBareCommand), done: func() {
				fmt.Fprintf(os.Stderr, "  dropped by the kernel in all rounds of %d: ours %d, the bare loop %d\n",
					sent, dropped[udpSessionCommand], dropped[udpBareCommand])
			}}, nil
		}
	}
	const peer = "a bare Go loop"
	return []pair{
		{name: "udp received share", unit: "%", peer: peer, aim: 1, above: true,
			prepare: both(func(got received, sent int64) float64 { return float64(got.datagrams) / float64(sent) * 100 })},
		{name: "udp receive CPU", unit: "µs", peer: peer, aim: 1.5,
			prepare: both(func(got received, _ int64) float64 {
				return float64(got.cpu.Nanoseconds()) / 1e3 / float64(max(1, got.datagrams))
			})},
	}
}

// floodOf sends a flood to a receiver and returns what it says of it.
func floodOf(ctx context.Context, command, folder string, sent int64) (got received, err error) {
	p, err := startServer(ctx, command, folder)
	if err != nil {
		return got, err
	}
	defer p.end()
	r := receiver{p}
	before, err := r.ask()
	if err != nil {
		return got, err
	}
	if _, err := runHelper(ctx, floodCommand, fmt.Sprintf("%s %d", p.address, sent)); err != nil {
		return got, err
	}
	for quiet := 0; got.datagrams+got.dropped < sent && quiet < 20; {
		was := got.datagrams
		time.Sleep(10 * time.Millisecond)
		if got, err = r.ask(); err != nil {
			return got, err
		}
		if quiet++; got.datagrams != was {
			quiet = 0
		}
	}
	if got.datagrams+got.dropped != sent {
		return got, fmt.Errorf("%d datagrams were sent, %d arrived and the kernel counts %d as dropped", sent, got.datagrams, got.dropped)
	}
	got.cpu -= before.cpu
	return got, nil
}

// runHelper starts this program as a peer and returns what it prints until it ends.
func runHelper(ctx context.Context, command, argument string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, self, command, argument)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("the helper %s: %w", command, err)
	}
	return strings.TrimSpace(string(out)), err
}
