package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"wirebench/sessions/capture"
)

// needle is looked for; it stands in the bytes once every plantEvery.
const (
	needle     = "NEEDLE in 7 GiB?"
	plantEvery = 16 << 20
)

// flowUsed is the connection that made-up captures claim to be.
var flowUsed = capture.Flow{
	Proto:  capture.TCP,
	Local:  netip.MustParseAddrPort("127.0.0.1:40000"),
	Remote: netip.MustParseAddrPort("127.0.0.1:7777"),
}

func searchNoise() pair {
	return searchPair("search, noise", func(p []byte, _ int64) {
		rand.NewChaCha8([32]byte{3}).Read(p)
	})
}

func searchText() pair {
	return searchPair("search, text", func(p []byte, at int64) {
		for n := 0; n < len(p); at++ {
			n += copy(p[n:], fmt.Appendf(nil, "%012d MOVE player=%d x=%d y=%d NEED more input\r\n", at, at%97, at%640, at%480))
		}
	})
}

// searchPair compares counting a literal in a capture with grep counting the lines that hold it in the bare bytes.
// fill makes the bytes of one chunk; the same go into the capture and into the file. Both are in the page cache.
func searchPair(name string, fill func(p []byte, at int64)) pair {
	return pair{name: name, unit: "MiB/s", peer: "grep -c", aim: 1, above: true,
		prepare: func(ctx context.Context, dir string, scale float64) (sides, error) {
			size := max(1, int64(scale*(1<<30))/plantEvery) * plantEvery
			plain := filepath.Join(dir, "plain.bin")
			log, err := makeHaystack(ctx, filepath.Join(dir, "capture"), plain, size, fill)
			if err != nil {
				return sides{}, err
			}
			want := size / plantEvery
			// One search of a GiB is over before idle cores have woken up, so a round repeats it for a second.
			sustained := func(count func() (int64, error)) (float64, error) {
				start, searched := time.Now(), int64(0)
				for time.Since(start) < time.Second {
					got, err := count()
					if err != nil {
						return 0, err
					}
					if got != want {
						return 0, fmt.Errorf("%d matches found, there are %d", got, want)
					}
					searched += size
				}
				return mibPerSecond(searched, time.Since(start)), nil
			}
			return sides{
				ours: func(ctx context.Context) (float64, error) {
					return sustained(func() (int64, error) {
						return log.Count(ctx, capture.Query{Literal: []byte(needle), Stream: capture.InOnly}, nil)
					})
				},
				peer: func(ctx context.Context) (float64, error) {
					return sustained(func() (int64, error) {
						cmd := exec.CommandContext(ctx, "grep", "-c", "-a", "-F", "-e", needle, plain)
						cmd.Env = append(os.Environ(), "LC_ALL=C")
						out, err := cmd.Output()
						if err != nil {
							return 0, fmt.Errorf("grep: %w", err)
						}
						return strconv.ParseInt(string(bytes.TrimSpace(out)), 10, 64)
					})
				},
				done: func() { log.Delete() },
			}, nil
		}}
}

// makeHaystack writes the same size bytes into a new capture, as received, and into the file plain.
func makeHaystack(ctx context.Context, folder, plain string, size int64, fill func(p []byte, at int64)) (_ *capture.Log, err error) {
	file, err := os.Create(plain)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	out := bufio.NewWriterSize(file, 1<<20)
	log, err := fillLog(ctx, folder, size, func(p []byte, off int64) {
		fill(p, off)
		if off%plantEvery == 0 {
			copy(p[len(p)/3:], "\n"+needle+"\n")
		}
		out.Write(p) // a failure stays and is told by Flush
	})
	if err != nil {
		return nil, err
	}
	return log, out.Flush()
}

// fillLog makes a capture of size received bytes in chunks of 32 KiB, as reads from a socket bring them.
func fillLog(ctx context.Context, folder string, size int64, fill func(p []byte, off int64)) (*capture.Log, error) {
	log, err := capture.Create(capture.Options{Dir: folder, Budget: 2*size + 1<<30})
	if err != nil {
		return nil, err
	}
	chunk := make([]byte, 32<<10)
	for off := int64(0); off < size && ctx.Err() == nil; off += int64(len(chunk)) {
		p := chunk[:min(int64(len(chunk)), size-off)]
		fill(p, off)
		log.Append(flowUsed, capture.In, capture.Data, p, "")
	}
	if err := log.Flush(ctx); err != nil {
		return nil, errors.Join(err, log.Delete())
	}
	if got := log.Stats(); got.InBytes != size || got.LostBytes != 0 {
		return nil, errors.Join(fmt.Errorf("the capture has %d of %d bytes and lost %d: %w", got.InBytes, size, got.LostBytes, io.ErrShortWrite), log.Delete())
	}
	return log, nil
}
