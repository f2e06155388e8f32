package cli

import (
	"fmt"
	"strings"

	"wirebench/sessions/certs"
)

// reportText is a report for people.
func reportText(r *certs.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "certificate %s: %s\n", r.Status, r.Headline)
	for _, list := range []struct {
		title string
		of    []certs.Finding
	}{{"fault", r.Faults}, {"warning", r.Warnings}} {
		for _, f := range list.of {
			fmt.Fprintf(&b, "  %s %s: %s: %s\n    %s\n", list.title, f.Code, f.Subject, f.Detail, f.Hint)
		}
	}
	return b.String()
}
