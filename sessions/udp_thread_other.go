//go:build !linux

package sessions

// ownThread does nothing: the system offers threads nothing that would be worth it.
func ownThread() {}
