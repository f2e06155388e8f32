package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"wirebench/sessions"
	"wirebench/sessions/capture"
)

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

// captureThroughput compares a TCP session with its capture on disk with socat writing the bare stream to a file.
func captureThroughput() pair {
	return pair{name: "capture throughput", unit: "MiB/s", peer: "socat to a file", aim: 1, above: true, often: 2,
		prepare: func(_ context.Context, dir string, scale float64) (sides, error) {
			size := int64(scale * (1 << 30))
			ours := func(ctx context.Context) (float64, error) {
				folder := filepath.Join(dir, "ours")
				defer os.RemoveAll(folder)
				settleDisk(ctx)
				return throughSession(ctx, folder, size)
			}
			peer := func(ctx context.Context) (float64, error) {
				file := filepath.Join(dir, "socat.bin")
				defer os.Remove(file)
				settleDisk(ctx)
				return throughSocat(ctx, file, size)
			}
			return sides{ours: ours, peer: peer}, nil
		}}
}

func throughSession(ctx context.Context, folder string, size int64) (float64, error) {
	address, end, err := helper(ctx, sendCommand, strconv.FormatInt(size, 10))
	if err != nil {
		return 0, err
	}
	defer end()
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
	address, end, err := helper(ctx, sendCommand, strconv.FormatInt(size, 10))
	if err != nil {
		return 0, err
	}
	defer end()
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

// settleDisk writes back what an earlier measure left in the page cache, which would otherwise slow down the next.
// Where there is no sync command it does nothing.
func settleDisk(ctx context.Context) {
	_ = exec.CommandContext(ctx, "sync").Run()
}
