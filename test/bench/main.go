// Bench measures Wirebench against what a person would otherwise use, on the same machine, in the same run. Each
// measure is a pair: ours and the peer's are taken in turn, round by round, and their medians make a ratio that is
// held against an aim.
//
//	go run -tags migrated_fynedo ./test/bench [-run pattern] [-rounds n] [-scale f]
//
// It ends with status 1 when an aim is missed. Peers: socat, grep, openssl, packetsender, a bare Go loop, an empty Fyne window.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// A pair is one thing measured on both sides. Measures are taken one at a time.
type pair struct {
	name  string
	unit  string
	peer  string  // what is compared with
	aim   float64 // ours divided by the peer's
	above bool    // more is better, so the ratio must be at least the aim; otherwise at most
	often int     // rounds are multiplied by this, for what is short and scatters; 0 is 1
	// calm compares the fastest tenth of the rounds instead of the medians. It is for what is so short that waking a
	// sleeping processor takes longer than the work, which makes the medians fall into either of two heaps.
	calm bool
	once bool // a single round, for what takes long and is a median in itself
	// prepare makes what both sides need below dir and returns how each is measured and what puts all away.
	prepare func(ctx context.Context, dir string, scale float64) (sides, error)
}

type sides struct {
	ours, peer func(context.Context) (float64, error)
	done       func()
}

func pairs() []pair {
	return slices.Concat([]pair{captureThroughput(), echoRoundTrip(), searchNoise(), searchText(), hexViewFrame(), firstWindow(), certificateReport(), serverConnections(), serverMemory()},
		searchKinds(), udpReceive(), udpSend(), udpRepeat())
}

func main() {
	if ok, err := serve(os.Args[1:]); ok {
		if err != nil {
			fmt.Fprintln(os.Stderr, strings.Join(os.Args[1:], " ")+":", err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	met, err := benches(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
	if !met {
		os.Exit(1)
	}
}

func benches(ctx context.Context) (met bool, err error) {
	pattern := flag.String("run", ".", "measure only the pairs whose name matches this regular expression")
	rounds := flag.Int("rounds", 5, "how often each side is measured")
	scale := flag.Float64("scale", 1, "multiply the amounts of data by this")
	flag.Parse()
	wanted, err := regexp.Compile(*pattern)
	if err != nil {
		return false, err
	}

	met = true
	var rows []string
	for _, p := range pairs() {
		if !wanted.MatchString(p.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "%s ...\n", p.name)
		ours, peer, err := measure(ctx, p, max(1, *rounds)*max(1, p.often), *scale)
		if err != nil {
			return false, fmt.Errorf("%s: %w", p.name, err)
		}
		ratio := ours / peer
		verdict, sign := "met", ">="
		if !p.above {
			sign = "<="
		}
		if (p.above && ratio < p.aim) || (!p.above && ratio > p.aim) {
			verdict, met = "MISSED", false
		}
		rows = append(rows, fmt.Sprintf("%s\t%.4g %s\t%.4g %s\t%s\t%.2f\t%s %.2f\t%s",
			p.name, ours, p.unit, peer, p.unit, p.peer, ratio, sign, p.aim, verdict))
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "name\tours\tpeer\tthe peer is\tratio\taim\tverdict")
	fmt.Fprintln(table, strings.Join(rows, "\n"))
	return met, table.Flush()
}

// measure takes a round on each side in turn, changing who begins, after one round of each that does not count.
func measure(ctx context.Context, p pair, rounds int, scale float64) (ours, peer float64, err error) {
	dir, err := os.MkdirTemp("", "wirebench-bench-")
	if err != nil {
		return 0, 0, err
	}
	defer os.RemoveAll(dir)
	both, err := p.prepare(ctx, dir, scale)
	if err != nil {
		return 0, 0, err
	}
	if both.done != nil {
		defer both.done()
	}
	var taken [2][]float64
	from := 0
	if p.once {
		from, rounds = 1, 1
	}
	for round := from; round <= rounds; round++ {
		for turn := range 2 {
			side := (round + turn) % 2
			run := both.ours
			if side == 1 {
				run = both.peer
			}
			value, err := run(ctx)
			if err != nil {
				return 0, 0, fmt.Errorf("%s: %w", []string{"ours", p.peer}[side], err)
			}
			if round > 0 {
				taken[side] = append(taken[side], value)
			}
		}
	}
	for side, name := range []string{"ours", p.peer} {
		slices.Sort(taken[side])
		fmt.Fprintf(os.Stderr, "  %s: %.4g to %.4g %s in %d rounds\n", name, taken[side][0], taken[side][len(taken[side])-1], p.unit, len(taken[side]))
	}
	if p.calm {
		return taken[0][len(taken[0])/10], taken[1][len(taken[1])/10], nil
	}
	return median(taken[0]), median(taken[1]), nil
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// mibPerSecond is a rate in MiB a second.
func mibPerSecond(bytes int64, took time.Duration) float64 {
	return float64(bytes) / (1 << 20) / took.Seconds()
}
