//go:build !linux

package main

import (
	"context"
	"errors"
)

// firstWindow needs a virtual X display.
func firstWindow() pair {
	return pair{name: "first window", unit: "ms", peer: "an empty Fyne window", aim: 1.5,
		prepare: func(context.Context, string, float64) (sides, error) {
			return sides{}, errors.New("measured on Linux only")
		}}
}
