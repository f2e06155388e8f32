package capture

import "golang.org/x/sys/windows"

// errDiskFull is what a write to a full disk returns.
const errDiskFull = windows.ERROR_DISK_FULL
