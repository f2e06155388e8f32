//go:build !windows

package cli

func underWine() bool { return false }
