package sessions

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"syscall"
	"time"
)

// reasonError says what was being done, why it failed, and in brackets what to try.
type reasonError struct {
	op, text string
	err      error
}

func (e *reasonError) Error() string { return e.op + ": " + e.text }
func (e *reasonError) Unwrap() error { return e.err }

// explained is an error that has been put in words where more was known about it.
type explained struct {
	text string
	err  error
}

func (e *explained) Error() string { return e.text }
func (e *explained) Unwrap() error { return e.err }

// because wraps err with what was being done and the reason in words.
func because(op string, err error) error { return &reasonError{op, reason(err), err} }

// reasons are the words for what a system says about a connection. They are looked through in order.
var reasons = []struct {
	err  error
	text string
}{
	{errRefused, "connection refused (nothing listens there)"},
	{errReset, "connection reset by peer"},
	{errAborted, "connection aborted by this machine (the network or a firewall gave it up)"},
	{errPipe, "the connection is closed"},
	{errTimedOut, "no answer (the host is off, or a firewall drops the packets)"},
	{errHostUnreach, "no route to host (check the address; a gateway or firewall may refuse it)"},
	{errHostDown, "the host is down (check the address)"},
	{errNetUnreach, "network is unreachable (this machine has no route there)"},
	{errNetDown, "the network is down (check the cable, the Wi-Fi or the interface)"},
	{errAccess, "permission denied (a firewall or the system forbids the connection)"},
	{errPerm, "permission denied (a firewall or the system forbids the connection)"},
	{errAddrInUse, "the local address is in use (no free local port is left, or another program has it)"},
	{errAddrNotAvail, "no local address can reach it (the address is not one of this machine's, or no local port is free)"},
	{errNoFamily, "this system does not speak that address family (IPv6 may be switched off)"},
	{errInvalid, "the system calls the address invalid (check its zone and port)"},
	{errTooManyFiles, "too many open files (close other connections, or raise the limit)"},
	{errNoBuffers, "the system has no buffers left (try again in a moment)"},
	{net.ErrClosed, "the connection is closed"},
	{io.ErrClosedPipe, "the connection is closed"},
	{io.ErrUnexpectedEOF, "the connection ended in the middle"},
	{context.Canceled, "cancelled"},
}

// reason puts err in words.
func reason(err error) string {
	var words *explained
	if errors.As(err, &words) {
		return words.text
	}
	var alert *alertError
	if errors.As(err, &alert) {
		return alert.text
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		switch {
		case dns.IsNotFound:
			return "no such host (check the spelling, or write the address in numbers)"
		case dns.IsTimeout:
			return "the name server did not answer (check the network, or write the address in numbers)"
		}
		return "the name server failed: " + dns.Err
	}
	for _, r := range reasons {
		if errors.Is(err, r.err) {
			return r.text
		}
	}
	var timeout net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		return "no answer in time (the host is off, or a firewall drops the packets)"
	}
	// What is left says enough by itself, without the layers that repeat the operation and the addresses.
	var op *net.OpError
	if errors.As(err, &op) && op.Err != nil {
		err = op.Err
	}
	var sys *os.SyscallError
	if errors.As(err, &sys) {
		err = sys.Err
	}
	var no syscall.Errno
	if errors.As(err, &no) {
		return no.Error()
	}
	return err.Error()
}

// brokenOff reports whether err means an RST, or that the connection was found gone after one.
func brokenOff(err error) bool {
	return errors.Is(err, errReset) || errors.Is(err, errPipe) || errors.Is(err, errAborted)
}

// timedOut reports whether a deadline set by this package ended a read or write.
func timedOut(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }

// milliseconds writes a duration as "0.3 ms" or "1,234 ms".
func milliseconds(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	if ms < 100 {
		return strconv.FormatFloat(ms, 'f', 1, 64) + " ms"
	}
	return thousands(d.Milliseconds()) + " ms"
}

// roundTime writes a time that was allowed: "20 s", "6.7 s", "20 ms".
func roundTime(d time.Duration) string {
	if d < 995*time.Millisecond {
		return strconv.FormatInt(d.Round(time.Millisecond).Milliseconds(), 10) + " ms"
	}
	return strconv.FormatFloat(d.Round(100*time.Millisecond).Seconds(), 'f', -1, 64) + " s"
}

// thousands writes a number with commas between groups of three digits.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	first := 0
	if n < 0 {
		first = 1
	}
	for i := len(s) - 3; i > first; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// countBytes writes "1 byte" or "1,234 bytes".
func countBytes(n int64) string {
	if n == 1 {
		return "1 byte"
	}
	return thousands(n) + " bytes"
}
