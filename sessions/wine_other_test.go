//go:build !windows

package sessions

func underWine() bool { return false }
