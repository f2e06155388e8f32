package cli

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"
)

// TestARunLosesNothingWhereItsReaderComesLateAfterItsDuration has a reader as slow as a pager whose first page is being
// read: it takes the first line only when output that is stuck would long have been given up.
func TestARunLosesNothingWhereItsReaderComesLateAfterItsDuration(t *testing.T) {
	for name, args := range map[string][]string{
		"a server": {"server", "127.0.0.1:0", "--json"},
		"a lab":    {"lab", "echo", "--json"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			late, comes := context.WithTimeout(t.Context(), stuckOutput+time.Second)
			defer comes()
			var out bytes.Buffer
			slow := writing(func(b []byte) (int, error) {
				<-late.Done()
				return out.Write(b)
			})
			var errs bytes.Buffer
			status := run(t.Context(), append(args, "--duration", "1ms"), streams{strings.NewReader(""), slow, &errs}, func() {})
			if status != 0 || errs.Len() != 0 {
				t.Errorf("status %d: %s", status, &errs)
			}
			if lines := strings.Split(strings.TrimSpace(out.String()), "\n"); !strings.Contains(lines[len(lines)-1], `"summary"`) {
				t.Errorf("the last line is %s", lines[len(lines)-1])
			}
		})
	}
}
