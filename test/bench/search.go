package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"wirebench/sessions/capture"
	"wirebench/sessions/pattern"
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

// leastSearch is what every search but that for an expression is held to, in GiB/s on a file in the page cache.
const leastSearch = 3

// searchKinds measure the searches a person can ask for, over frames of a game and noise in turn: against the aim itself,
// and against grep looking for the same.
func searchKinds() (all []pair) {
	for _, k := range []struct {
		name   string
		kind   pattern.Kind
		text   string
		grep   string // the same for grep -P
		chance bool   // noise holds it by chance, many times
	}{
		{"literal", pattern.Text, needle, `NEEDLE in 7 GiB\?`, false},
		{"number in both orders", pattern.Number, fmt.Sprint(numberPlanted), `\xde\xad\xbe\xef|\xef\xbe\xad\xde`, false},
		{"number of any width", pattern.Number, "1234567", `\x12\xd6\x87|\x87\xd6\x12|\x49\x96\xb4\x38|\x38\xb4\x96\x49|\x41\x32\xd6\x87|\x87\xd6\x32\x41`, true},
		{"number of two bytes", pattern.Number, "1234", `\x04\xd2|\xd2\x04|\x44\x9a\x40\x00|\x00\x40\x9a\x44|\x40\x93\x48\x00|\x00\x48\x93\x40`, true},
		{"hex with wildcards", pattern.Hex, "4e 45 ?? 44 4c 4? ?0 69 ?? 20 37", `NE(?s:.)DL[\x40-\x4f][\x00\x10\x20\x30\x40\x50\x60\x70\x80\x90\xa0\xb0\xc0\xd0\xe0\xf0]i(?s:.) 7`, false},
		{"hex without a whole byte", pattern.Hex, "4? ?a", `[\x40-\x4f][\x0a\x1a\x2a\x3a\x4a\x5a\x6a\x7a\x8a\x9a\xaa\xba\xca\xda\xea\xfa]`, true},
		{"hex of high digits", pattern.Hex, "0? 0? 0?", `[\x00-\x0f]{3}`, true},
	} {
		prepare := func(peer searchPeer) func(ctx context.Context, dir string, scale float64) (sides, error) {
			return func(ctx context.Context, dir string, scale float64) (sides, error) {
				return searchSides(ctx, dir, scale, k.kind, k.text, k.chance, peer)
			}
		}
		all = append(all, pair{name: "search, " + k.name, unit: "GiB/s", peer: "3 GiB/s", aim: 1, above: true,
			prepare: prepare(func(context.Context, string, int64) (float64, error) { return leastSearch, nil })})
		all = append(all, pair{name: "search, " + k.name, unit: "GiB/s", peer: "grep -c -P", aim: 1, above: true,
			prepare: prepare(grepFor("-P", k.grep))})
	}
	for _, k := range []struct{ name, text string }{
		{"regular expression", `NEED+LE in [0-9]{1,2} GiB`},
		{"regular expression, no literal", `[A-Z]{6} [a-z]{2} [0-9]+`},
	} {
		all = append(all, pair{name: "search, " + k.name, unit: "GiB/s", peer: "grep -c -E", aim: 0.5, above: true,
			prepare: func(ctx context.Context, dir string, scale float64) (sides, error) {
				return searchSides(ctx, dir, scale, pattern.Expr, k.text, false, grepFor("-E", k.text))
			}})
	}
	return all
}

// searchPeer says how fast another searches the size bytes of a file, in GiB/s.
type searchPeer func(ctx context.Context, plain string, size int64) (float64, error)

// grepFor counts the lines that hold an expression.
func grepFor(syntax, expression string) searchPeer {
	return func(ctx context.Context, plain string, size int64) (float64, error) {
		start := time.Now()
		cmd := exec.CommandContext(ctx, "grep", "-c", "-a", syntax, "-e", expression, plain)
		cmd.Env = append(os.Environ(), "LC_ALL=C")
		if out, err := cmd.Output(); err != nil {
			return 0, fmt.Errorf("grep: %w: %s", err, out)
		}
		return mibPerSecond(size, time.Since(start)) / 1024, nil
	}
}

// countPlainly tries at each place of the file what q looks for: bytes with open digits, or any of several literals.
func countPlainly(q capture.Query, plain string) (n int64, err error) {
	b, err := os.ReadFile(plain)
	if err != nil {
		return 0, err
	}
	lits := slices.DeleteFunc(slices.Clone(q.AnyOf), func(lit []byte) bool {
		return slices.ContainsFunc(q.AnyOf, func(o []byte) bool { return len(o) < len(lit) && bytes.Contains(lit, o) })
	})
	if q.Literal != nil {
		lits = [][]byte{q.Literal}
	}
	for i := 0; i < len(b); i++ {
	next:
		for _, lit := range lits {
			if len(lit) > len(b)-i {
				continue
			}
			for j, c := range lit {
				if d := b[i+j] ^ c; d != 0 && (q.Mask == nil || d&q.Mask[j] != 0) {
					continue next
				}
			}
			n++
			i += len(lit) - 1
			break
		}
	}
	return n, nil
}

// numberPlanted stands big-endian behind every needle, and nowhere else but by chance: it has four bytes.
const numberPlanted = 3_735_928_559

// searchSides measures how fast a pattern is counted in a GiB that holds it once every plantEvery, and with chance
// elsewhere too.
func searchSides(ctx context.Context, dir string, scale float64, kind pattern.Kind, text string, chance bool, peer searchPeer) (sides, error) {
	p, err := pattern.Parse(kind, text, pattern.Options{MatchCase: true})
	if err != nil {
		return sides{}, err
	}
	size := max(1, int64(scale*(1<<30))/plantEvery) * plantEvery
	plain := filepath.Join(dir, "plain.bin")
	noise := rand.NewChaCha8([32]byte{5})
	frame := func(b []byte, at int64) {
		if at/(32<<10)%2 == 1 {
			noise.Read(b)
		} else {
			for n := 0; n < len(b); at++ {
				n += copy(b[n:], fmt.Appendf(nil, "\x01\x00%012d MOVE player=%d x=%d y=%d NEED more input\r\n", at, at%97, at%640, at%480))
			}
		}
		if at%plantEvery < 32<<10 {
			copy(b[len(b)/3+len("\n"+needle+"\n"):], binary.BigEndian.AppendUint32(nil, numberPlanted))
		}
	}
	log, err := makeHaystack(ctx, filepath.Join(dir, "capture"), plain, size, frame)
	if err != nil {
		return sides{}, err
	}
	want := size / plantEvery
	most := want + want/8 + 1 // noise may hold a short thing by chance
	if chance {
		if want, err = countPlainly(p.Query(capture.InOnly), plain); err != nil {
			return sides{}, errors.Join(err, log.Delete())
		}
		most = want
	}
	return sides{
		ours: func(ctx context.Context) (float64, error) {
			start, searched := time.Now(), int64(0)
			for searched == 0 || time.Since(start) < time.Second {
				told := 0
				got, err := log.Count(ctx, p.Query(capture.InOnly), func(done, total int64) { told++ })
				if err != nil {
					return 0, err
				}
				if got < want || got > most || int64(told) < size>>25 {
					return 0, fmt.Errorf("%d matches found, there are %d; told %d times how far it got", got, want, told)
				}
				searched += size
			}
			return mibPerSecond(searched, time.Since(start)) / 1024, nil
		},
		peer: func(ctx context.Context) (float64, error) { return peer(ctx, plain, size) },
		done: func() { log.Delete() },
	}, nil
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
