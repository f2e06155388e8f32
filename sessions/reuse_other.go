//go:build !unix

package sessions

import (
	"context"
	"syscall"
)

// reuseLocalPort does nothing: on Windows SO_REUSEADDR would let another program's port be taken over.
func reuseLocalPort(context.Context, string, string, syscall.RawConn) error { return nil }
