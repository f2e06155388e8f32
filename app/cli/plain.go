package cli

import (
	"io"
	"strings"

	"wirebench/sessions/inspect"
)

// plain returns text so that a terminal shows it and obeys nothing in it but the
// ends of lines. Backslashes stay single, as in paths.
func plain(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		parts := strings.Split(line, `\`)
		for k, part := range parts {
			parts[k] = inspect.Escape([]byte(part))
		}
		lines[i] = strings.Join(parts, `\`)
	}
	return strings.Join(lines, "\n")
}

// plainWriter writes messages as plain has them: the names of files, and what a
// capture says of itself, are other people's. Each message is one Write.
type plainWriter struct{ w io.Writer }

func (p plainWriter) Write(message []byte) (int, error) {
	if _, err := io.WriteString(p.w, plain(string(message))); err != nil {
		return 0, err
	}
	return len(message), nil
}
