//go:build linux

package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"wirebench/sessions"
)

// sink is a socket that nobody reads, whose buffer is full at once: what is sent to it is taken and dropped, so that
// a flood costs its sender alone.
func sink() (*net.UDPConn, netip.AddrPort, error) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, netip.AddrPort{}, err
	}
	return conn, conn.LocalAddr().(*net.UDPAddr).AddrPort(), conn.SetReadBuffer(1)
}

// sendBare sends "address count" and prints how many nanoseconds that took.
func sendBare(argument string) error {
	start := time.Now()
	if err := floodTo(argument); err != nil {
		return err
	}
	fmt.Println(time.Since(start).Nanoseconds())
	return nil
}

// sendSession does the same by a session's repetition, for "folder address count".
func sendSession(argument string) error {
	r, end, err := startRepeat(argument, 0)
	if err != nil {
		return err
	}
	defer end()
	<-r.Done()
	t := r.Stats()
	if t.Err != nil || t.Failed > 0 {
		return fmt.Errorf("%d of %d could not be sent: %w", t.Failed, t.Failed+t.Sent, t.Err)
	}
	fmt.Println(t.Took.Nanoseconds())
	return nil
}

// startRepeat begins a repetition for "folder address count".
func startRepeat(argument string, every time.Duration) (r *sessions.Repeater, end func(), err error) {
	folder, rest, _ := strings.Cut(argument, " ")
	to, n, err := addressCount(rest)
	if err != nil {
		return nil, nil, err
	}
	s, _, _, err := openSession(folder)
	if err != nil {
		return nil, nil, err
	}
	end = func() {
		s.Close()
		s.Traffic().Delete()
	}
	if r, err = s.Repeat(sessions.RepeatConfig{To: to, Every: every, Count: n}, make([]byte, datagramSize)); err != nil {
		end()
		return nil, nil, err
	}
	return r, end, nil
}

// udpSend compares how many datagrams a repetition sends in a second, flat out and into the capture, with a loop that
// only sends, and with packetsender's command line.
func udpSend() []pair {
	send := func(peer func(ctx context.Context, to netip.AddrPort, n int64) (time.Duration, error)) func(context.Context, string, float64) (sides, error) {
		return func(ctx context.Context, dir string, scale float64) (sides, error) {
			conn, to, err := sink()
			if err != nil {
				return sides{}, err
			}
			n := max(1000, int64(scale*flood))
			rate := func(f func(context.Context, netip.AddrPort, int64) (time.Duration, error)) func(context.Context) (float64, error) {
				return func(ctx context.Context) (float64, error) {
					took, err := f(ctx, to, n)
					return float64(n) / took.Seconds(), err
				}
			}
			ours := func(ctx context.Context, to netip.AddrPort, n int64) (time.Duration, error) {
				return took(runHelper(ctx, udpSendSessionCommand, fmt.Sprintf("%s %s %d", filepath.Join(dir, "udp"), to, n)))
			}
			return sides{ours: rate(ours), peer: rate(peer), done: func() { conn.Close() }}, nil
		}
	}
	pairs := []pair{{name: "udp send", unit: "1/s", peer: "a bare Go loop", aim: 0.8, above: true,
		prepare: send(func(ctx context.Context, to netip.AddrPort, n int64) (time.Duration, error) {
			return took(runHelper(ctx, udpSendBareCommand, fmt.Sprintf("%s %d", to, n)))
		})}}
	if _, err := exec.LookPath("packetsender"); err != nil {
		fmt.Fprintln(os.Stderr, "packetsender is not installed: it is left out")
		return pairs
	}
	return append(pairs, pair{name: "udp send, command line", unit: "1/s", peer: "packetsender", aim: 1, above: true, prepare: send(packetSender)})
}

// took reads nanoseconds.
func took(text string, err error) (time.Duration, error) {
	if err != nil {
		return 0, err
	}
	ns, err := strconv.ParseInt(text, 10, 64)
	return time.Duration(ns), err
}

var packetSenderTook = regexp.MustCompile(`Run time: (\d+) milliseconds\s+Sent (\d+) packets`)

// packetSender sends with packetsender's command line, and returns the time that it says it took.
func packetSender(ctx context.Context, to netip.AddrPort, n int64) (time.Duration, error) {
	cmd := exec.CommandContext(ctx, "packetsender", "-u", "--num", strconv.FormatInt(n, 10), "--usdelay", "0",
		to.Addr().String(), strconv.Itoa(int(to.Port())), strings.TrimSpace(strings.Repeat("2a ", datagramSize)))
	cmd.Env = append(os.Environ(), "QT_QPA_PLATFORM=offscreen")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("packetsender: %w: %s", err, out)
	}
	said := packetSenderTook.FindSubmatch(out)
	if said == nil || string(said[2]) != strconv.FormatInt(n, 10) {
		return 0, fmt.Errorf("packetsender does not say that it sent %d: %s", n, out)
	}
	ms, err := strconv.ParseInt(string(said[1]), 10, 64)
	return time.Duration(ms) * time.Millisecond, err
}

const (
	// repeatEvery and repeatFor are the repetition that is measured.
	repeatEvery = time.Millisecond
	repeatFor   = time.Minute
	// latest is how late one datagram in a hundred may be, in milliseconds.
	latest = 1
	// most of one processor that a repetition may take, in percent.
	repeatShare = 20
)

// repeatTicker sends "address count", one at each tick, and prints the processor time and the time it took.
func repeatTicker(argument string) error {
	to, n, err := addressCount(argument)
	if err != nil {
		return err
	}
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return err
	}
	defer conn.Close()
	p := make([]byte, datagramSize)
	return timed(func() error {
		t := time.NewTicker(repeatEvery)
		defer t.Stop()
		for range n {
			<-t.C
			if _, err := conn.WriteToUDPAddrPort(p, to); err != nil {
				return err
			}
		}
		return nil
	})
}

// repeatSession does the same by a session's repetition, for "folder address count".
func repeatSession(argument string) error {
	return timed(func() error {
		r, end, err := startRepeat(argument, repeatEvery)
		if err != nil {
			return err
		}
		defer end()
		<-r.Done()
		t := r.Stats()
		fmt.Fprintf(os.Stderr, "  the repetition says: %d sent, %d failed, %.2f/s, late by %v, p99 %v, at most %v\n",
			t.Sent, t.Failed, t.Rate, t.JitterP50, t.JitterP99, t.JitterMax)
		return t.Err
	})
}

func timed(f func() error) error {
	before, err := processorTime()
	if err != nil {
		return err
	}
	start := time.Now()
	if err := f(); err != nil {
		return err
	}
	took := time.Since(start)
	after, err := processorTime()
	fmt.Println(int64(after-before), took.Nanoseconds())
	return err
}

// regular is how a repetition went, as the one sees it who receives it.
type regular struct {
	p50, p99, max float64 // how late datagrams came, in milliseconds
	rate          float64 // datagrams a second
	share         float64 // of one processor, in percent
}

// repeatRun is a repetition that is measured once, for several pairs.
type repeatRun struct {
	name, command string
	once          sync.Once
	regular       regular
	err           error
}

func (run *repeatRun) measured(ctx context.Context, dir string, scale float64) (regular, error) {
	run.once.Do(func() {
		n := max(1000, int64(scale*float64(repeatFor/repeatEvery)))
		before := ""
		if run.command == udpRepeatCommand {
			before = filepath.Join(dir, "udp") + " "
		}
		run.regular, run.err = regularity(ctx, run.command, before, n)
		if r := run.regular; run.err == nil {
			fmt.Fprintf(os.Stderr, "  %s: %d datagrams, %.2f/s, late by %.3f ms, p99 %.3f ms, at most %.3f ms, %.1f %% of a processor\n",
				run.name, n, r.rate, r.p50, r.p99, r.max, r.share)
		}
	})
	return run.regular, run.err
}

// udpRepeat compares how late the datagrams of a repetition come, and what it costs, with a loop around a time.Ticker
// and with bounds. All pairs share one run of a minute on each side.
func udpRepeat() []pair {
	ours := &repeatRun{name: "ours", command: udpRepeatCommand}
	ticker := &repeatRun{name: "a time.Ticker", command: udpTickCommand}
	// A bound of 0 compares with the ticker.
	prepare := func(pick func(regular) float64, bound float64) func(context.Context, string, float64) (sides, error) {
		return func(_ context.Context, dir string, scale float64) (sides, error) {
			side := func(run *repeatRun) func(context.Context) (float64, error) {
				return func(ctx context.Context) (float64, error) {
					r, err := run.measured(ctx, dir, scale)
					return pick(r), err
				}
			}
			s := sides{ours: side(ours), peer: side(ticker)}
			if bound > 0 {
				s.peer = func(context.Context) (float64, error) { return bound, nil }
			}
			return s, nil
		}
	}
	p99 := func(r regular) float64 { return r.p99 }
	share := func(r regular) float64 { return r.share }
	rate := func(r regular) float64 { return r.rate }
	return []pair{
		{name: "udp repeat p99", unit: "ms late", peer: "a time.Ticker", aim: 1, once: true, prepare: prepare(p99, 0)},
		{name: "udp repeat p99, bound", unit: "ms late", peer: "the bound", aim: 1, once: true, prepare: prepare(p99, latest)},
		{name: "udp repeat rate", unit: "1/s", peer: "what was asked", aim: 0.999, above: true, once: true,
			prepare: prepare(rate, float64(time.Second/repeatEvery))},
		{name: "udp repeat CPU", unit: "% of one", peer: "the bound", aim: 1, once: true, prepare: prepare(share, repeatShare)},
	}
}

// regularity has a helper send n datagrams, and holds the kernel's time of each against the time it should have come:
// as far behind the first as its number says, the punctual ones counting as not late.
func regularity(ctx context.Context, command, before string, n int64) (r regular, err error) {
	conn, err := loopbackSocket()
	if err != nil {
		return r, err
	}
	defer conn.Close()
	rc, err := conn.SyscallConn()
	if err != nil {
		return r, err
	}
	if err := rc.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
	}); err != nil {
		return r, err
	}
	times := make([]int64, 0, n)
	heard := make(chan error, 1)
	go func() {
		buf, oob := make([]byte, datagramSize), make([]byte, 64)
		for int64(len(times)) < n {
			_, with, _, _, err := conn.ReadMsgUDPAddrPort(buf, oob)
			if err != nil {
				heard <- err
				return
			}
			times = append(times, stampOf(oob[:with]))
		}
		heard <- nil
	}()
	said, err := runHelper(ctx, command, fmt.Sprintf("%s%s %d", before, conn.LocalAddr(), n))
	if err != nil {
		return r, err
	}
	_ = conn.SetReadDeadline(time.Now().Add(time.Second))
	if err := <-heard; err != nil {
		return r, fmt.Errorf("%d of %d arrived: %w", len(times), n, err)
	}
	var cpu, took time.Duration
	if _, err := fmt.Sscan(said, (*int64)(&cpu), (*int64)(&took)); err != nil {
		return r, err
	}
	late, least := make([]float64, n), math.Inf(1)
	for i, at := range times {
		late[i] = float64(at-times[0]-int64(i)*int64(repeatEvery)) / 1e6
		least = min(least, late[i])
	}
	slices.Sort(late)
	return regular{
		p50: late[n/2] - least, p99: late[n*99/100] - least, max: late[n-1] - least,
		rate:  float64(n-1) / (float64(times[n-1]-times[0]) / 1e9),
		share: float64(cpu) / float64(took) * 100,
	}, nil
}

// stampOf reads when the kernel took a datagram, in nanoseconds since 1970.
func stampOf(oob []byte) int64 {
	messages, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return 0
	}
	for _, m := range messages {
		if m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SCM_TIMESTAMPNS && len(m.Data) >= 16 {
			return int64(binary.NativeEndian.Uint64(m.Data))*1e9 + int64(binary.NativeEndian.Uint64(m.Data[8:]))
		}
	}
	return 0
}
