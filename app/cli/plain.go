package cli

import (
	"io"
	"strings"

	"wirebench/sessions/inspect"
)

// plainWriter writes messages so that a terminal shows them and obeys nothing
// in them: the names of files, and what a capture says of itself, are other
// people's. Each message is one Write. Backslashes stay single, as in paths.
type plainWriter struct{ w io.Writer }

func (p plainWriter) Write(message []byte) (int, error) {
	lines := strings.Split(string(message), "\n")
	for i, line := range lines {
		parts := strings.Split(line, `\`)
		for k, part := range parts {
			parts[k] = inspect.Escape([]byte(part))
		}
		lines[i] = strings.Join(parts, `\`)
	}
	if _, err := io.WriteString(p.w, strings.Join(lines, "\n")); err != nil {
		return 0, err
	}
	return len(message), nil
}
