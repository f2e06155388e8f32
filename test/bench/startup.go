//go:build linux

package main

import (
	"context"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"wirebench/test/desktop"
)

// firstWindow compares the time from starting the program to its first picture with that of a Fyne window that has
// nothing in it.
func firstWindow() pair {
	return pair{name: "first window", unit: "ms", peer: "an empty Fyne window", aim: 1.5,
		prepare: func(ctx context.Context, dir string, _ float64) (sides, error) {
			side := func(name, title, source string) (func(context.Context) (float64, error), error) {
				path := filepath.Join(dir, name)
				build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-tags", "migrated_fynedo", "-o", path, source)
				if out, err := build.CombinedOutput(); err != nil {
					return nil, fmt.Errorf("build %s: %w\n%s", source, err, out)
				}
				return func(ctx context.Context) (float64, error) {
					return untilDrawn(ctx, path, title, filepath.Join(dir, "home-"+name))
				}, nil
			}
			ours, err := side("wirebench", "Wirebench", ".")
			if err != nil {
				return sides{}, err
			}
			peer, err := side("emptywindow", "Empty window", "./test/bench/emptywindow")
			return sides{ours: ours, peer: peer}, err
		}}
}

// untilDrawn starts a program on a fresh screen and returns the milliseconds until the middle of the screen is no
// longer the black of the bare screen, measured five times, in a new home each time; the median.
func untilDrawn(ctx context.Context, path, title, home string) (float64, error) {
	screen, err := desktop.Open(ctx)
	if err != nil {
		return 0, err
	}
	defer screen.Close()
	var taken []float64
	for range 5 {
		if err := os.RemoveAll(home); err != nil {
			return 0, err
		}
		middle := image.Rect(desktop.Width/2-8, desktop.Height-40, desktop.Width/2+8, desktop.Height-32)
		drawn := func() (bool, error) {
			img, err := screen.Pixels(middle)
			return err == nil && img.Pix[0] > 128, err
		}
		if err := desktop.Until(ctx, 5*time.Second, "the screen to be bare", func() (bool, error) {
			there, err := drawn()
			return !there, err
		}); err != nil {
			return 0, err
		}
		start := time.Now()
		app, err := screen.Launch(desktop.Command{Path: path, Home: home, Name: title})
		if err != nil {
			return 0, err
		}
		for there := false; !there; {
			if there, err = drawn(); err != nil || time.Since(start) > time.Minute {
				return 0, fmt.Errorf("%s draws nothing (%w)\n%s", path, err, app.Stderr())
			}
			time.Sleep(200 * time.Microsecond)
		}
		taken = append(taken, float64(time.Since(start).Microseconds())/1000)
		if err := app.Kill(); err != nil {
			return 0, err
		}
	}
	return median(taken), nil
}
