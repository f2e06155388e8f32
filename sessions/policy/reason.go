package policy

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"
)

// reasonError says what was being done and why it failed, in words.
type reasonError struct {
	op, text string
	err      error
}

func (e *reasonError) Error() string { return e.op + ": " + e.text }
func (e *reasonError) Unwrap() error { return e.err }

// reasons are what a system says most about a connection, with the number that Windows has for it.
var reasons = []struct {
	err     syscall.Errno
	windows syscall.Errno
	text    string
}{
	{syscall.ECONNREFUSED, 10061, "connection refused (nothing listens there)"},
	{syscall.ECONNRESET, 10054, "connection reset by peer"},
	{syscall.EHOSTUNREACH, 10065, "no route to host (check the address; a firewall may refuse it)"},
	{syscall.ENETUNREACH, 10051, "network is unreachable (this machine has no route there)"},
	{syscall.ETIMEDOUT, 10060, "no answer (the host is off, or a firewall drops the packets)"},
	{syscall.EPIPE, 10058, "the connection is closed"},
}

// because wraps err with what was being done and the reason in words.
func because(op string, err error, limit time.Duration) error {
	var timeout net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		return &reasonError{op, fmt.Sprintf("no answer within %s (the host is off, a firewall drops the packets, or it serves no policy files)", limit), err}
	}
	for _, r := range reasons {
		if errors.Is(err, r.err) || errors.Is(err, r.windows) {
			return &reasonError{op, r.text, err}
		}
	}
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return &reasonError{op, "no such host (check the spelling, or write the address in numbers)", err}
	case errors.Is(err, context.Canceled):
		return &reasonError{op, "cancelled", err}
	case errors.Is(err, net.ErrClosed):
		return &reasonError{op, "the connection is closed", err}
	}
	return &reasonError{op, err.Error(), err}
}
