//go:build race

package capture

// raced says that the race detector is on, under which the machine is a twentieth as fast.
const raced = true
