package cli

import (
	"strings"
	"testing"
	"time"
)

// TestARunEndsAtItsTimeThoughNobodyReadsItsOutputs has both outputs in one pipe that is full, as of `2>&1 | less`.
func TestARunEndsAtItsTimeThoughNobodyReadsItsOutputs(t *testing.T) {
	for name, args := range map[string][]string{
		"a server": {"server", "127.0.0.1:0", "--json"},
		"a lab":    {"lab", "echo", "--json"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stuck := writing(func([]byte) (int, error) { select {} })
			status := make(chan int, 1)
			go func() {
				status <- run(t.Context(), append(args, "--duration", "1ms"), streams{strings.NewReader(""), stuck, stuck}, func() {})
			}()
			select {
			case got := <-status:
				if got != 1 {
					t.Errorf("status %d", got)
				}
			case <-time.After(30 * time.Second):
				t.Fatal("the run did not end")
			}
		})
	}
}
