//go:build unix

package capture

import "syscall"

// errDiskFull is what a write to a full disk returns.
const errDiskFull = syscall.ENOSPC
