package main

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wirebench/sessions/capture"
	"wirebench/widgets"
)

// hexViewFrame compares what a frame of the hex view costs over a large capture with what it costs over a small one.
func hexViewFrame() pair {
	return pair{name: "hex view frame", unit: "ms", peer: "1 MiB instead of 8 GiB", aim: 1.1,
		prepare: func(ctx context.Context, dir string, scale float64) (sides, error) {
			test.NewApp()
			large, err := newHexFrames(ctx, filepath.Join(dir, "large"), int64(scale*(8<<30)))
			if err != nil {
				return sides{}, err
			}
			small, err := newHexFrames(ctx, filepath.Join(dir, "small"), 1<<20)
			if err != nil {
				large.close()
				return sides{}, err
			}
			return sides{ours: large.measure, peer: small.measure, done: func() { large.close(); small.close() }}, nil
		}}
}

// hexFrames is a hex view in a window of the test driver, over a capture of its own.
type hexFrames struct {
	log    *capture.Log
	view   *widgets.HexView
	window fyne.Window
	size   int64
	random *rand.Rand
}

func newHexFrames(ctx context.Context, folder string, size int64) (*hexFrames, error) {
	noise := rand.NewChaCha8([32]byte{5})
	log, err := fillLog(ctx, folder, size, func(p []byte, off int64) {
		if off < 1<<20 { // noise once; after that the same block again, because only the amount matters
			noise.Read(p)
		}
	})
	if err != nil {
		return nil, err
	}
	f := &hexFrames{log: log, view: widgets.NewHexView(log), size: size, random: rand.New(rand.NewPCG(1, 2))}
	f.window = test.NewWindow(f.view)
	f.window.Resize(fyne.NewSize(800, 700))
	f.view.Update()
	return f, nil
}

// measure goes to places all over the capture, scrolls on a page from each, and returns the milliseconds a frame takes
// from the change to the finished pixels.
func (f *hexFrames) measure(ctx context.Context) (float64, error) {
	const places, pages = 20, 10
	start := time.Now()
	for range places {
		off := f.random.Int64N(f.size)
		for range pages {
			f.view.GoTo(off)
			f.view.Update()
			f.window.Canvas().Capture()
			from, to := f.view.VisibleRange()
			off = min(off+to-from, f.size-1)
		}
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
	}
	return float64(time.Since(start).Microseconds()) / 1000 / (places * pages), nil
}

func (f *hexFrames) close() {
	f.window.Close()
	f.log.Delete()
}
