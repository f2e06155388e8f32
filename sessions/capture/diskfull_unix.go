//go:build unix

package capture

import (
	"errors"
	"syscall"
)

// diskFull reports whether err says that there is no more room.
func diskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
