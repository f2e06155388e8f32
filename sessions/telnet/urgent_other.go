//go:build !unix && !windows

package telnet

import "errors"

var errNoUrgent = errors.New("this system has no urgent data")

func inlineUrgent(uintptr) error { return errNoUrgent }

func sendUrgent(uintptr, []byte) (n int, again bool, err error) { return 0, false, errNoUrgent }
