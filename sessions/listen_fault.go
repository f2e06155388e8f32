package sessions

import (
	"errors"
	"net"
	"slices"
)

// acceptFault says in words why a connection could not be accepted, and whether the listener may take
// others: after a pause, because what is missing must come free, or because only that one client has
// gone. Other errors would come again for ever.
func acceptFault(err error) (text string, retry bool) {
	if text, hint, ok := tooMany(err); ok {
		return text + ", and clients that wait get in when others leave (" + hint + ")", true
	}
	switch {
	case errors.Is(err, net.ErrClosed):
		return "the listener is closed", false
	case errors.Is(err, errPerm):
		return "permission denied (a firewall on this machine forbids the connection)", true
	case errors.Is(err, errAborted):
		return "a client went away before its connection was taken", true
	}
	if slices.ContainsFunc(passingFaults, func(e error) bool { return errors.Is(err, e) }) {
		return "a connection failed before it was taken: " + reason(err), true
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return "no connection came in time", true
	}
	return reason(err), false
}

// tooMany says which of the things that sockets are made of has run out, and what to do about it.
func tooMany(err error) (text, hint string, ok bool) {
	switch {
	case errors.Is(err, errTooManyFiles):
		text, hint = "too many open files", raiseFiles
		if n, known := fileLimit(); known {
			text += ": " + thousands(n) + " is this process's limit"
		}
	case errors.Is(err, errSystemFiles):
		text, hint = "too many open files in the whole system", raiseSystemFiles
	case errors.Is(err, errNoBuffers), errors.Is(err, errNoMemory):
		text, hint = "the system has no memory left for connections", "close some, or end other programs"
	default:
		return "", "", false
	}
	return text, hint, true
}
