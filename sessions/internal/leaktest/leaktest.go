// Package leaktest holds a test run to this: no goroutine of the engine outlives the tests. A package asks for it with
//
//	func TestMain(m *testing.M) { leaktest.Main(m) }
package leaktest

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// engine is in the stack of every goroutine that runs code of the engine.
const engine = "wirebench/sessions"

// grace is how long goroutines have to end after the tests, on a busy machine too.
const grace = 30 * time.Second

// Main runs the tests of a package and exits: with 1 when they passed but left goroutines of the engine, whose stacks
// it prints to standard error.
func Main(m *testing.M) {
	code := m.Run()
	if left := Left(grace); code == 0 && left != "" {
		fmt.Fprintf(os.Stderr, "goroutines outlive the tests:\n%s\n", left)
		code = 1
	}
	os.Exit(code)
}

// Left returns the stacks of the goroutines, other than the caller's, that run code of the engine, and "" as soon as
// there are none. What has been told to end needs the scheduler, so it is asked for again until within is over.
func Left(within time.Duration) string {
	end := time.Now().Add(within)
	for {
		var left []string
		for _, g := range others() {
			if strings.Contains(g, engine) {
				left = append(left, g)
			}
		}
		if len(left) == 0 || time.Now().After(end) {
			return strings.Join(left, "\n\n")
		}
		time.Sleep(time.Millisecond)
	}
}

// others are the stacks of all goroutines but the caller's.
func others() []string {
	buf := make([]byte, 1<<20)
	for {
		n := runtime.Stack(buf, true)
		if n < len(buf) {
			return strings.Split(string(buf[:n]), "\n\n")[1:] // the first is the caller's
		}
		buf = make([]byte, 2*len(buf)) // cut off; those left out could be the ones that count
	}
}
