package cli

import "testing"

func fifo(t *testing.T) (read <-chan struct{}, path string) {
	t.Helper()
	t.Skip("Windows has no named pipes in folders")
	return nil, ""
}
