//go:build headless && !windows

package cli

// openWindowBeside knows no other program: only on Windows are there two.
func openWindowBeside([]string, string) error { return errNoWindow }
