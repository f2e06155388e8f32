package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"wirebench/sessions/compose"
	"wirebench/sessions/inspect"
)

// inspectLimit is how much of a file is looked at from the offset on: the
// longest value there is, a string, ends far earlier.
const inspectLimit = 64 << 10

// hexLimit bounds hex text, which has to be read whole.
const hexLimit = 64 << 20

func inspectCommand(s streams) *cobra.Command {
	var (
		offset, length int64
		charset        string
		hex, asJSON    bool
	)
	c := &cobra.Command{
		Use:   "inspect [FILE|-]",
		Short: "Show bytes as values in both byte orders",
		Long: `Reads FILE, or standard input for - or nothing, and shows the bytes at --offset as
integers, floats, strings and times, big-endian beside little-endian. With --length
those bytes are taken for one integer too, when there are 1 to 16 of them.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("inspect takes one file, and %d were given", len(args))
			}
			return nil
		},
	}
	f := c.Flags()
	f.Int64Var(&offset, "offset", 0, "where to look, in bytes")
	f.Int64Var(&length, "length", 0, "how many bytes there are to look at; 0 for all")
	f.StringVar(&charset, "charset", "utf-8", "charset of strings: utf-8")
	f.BoolVar(&hex, "hex", false, "the input is hex text in any form, not bytes")
	f.BoolVar(&asJSON, "json", false, "print one JSON object a line")
	c.RunE = func(c *cobra.Command, args []string) error {
		switch {
		case offset < 0:
			return usage("--offset %d is negative", offset)
		case length < 0:
			return usage("--length %d is negative", length)
		case !strings.EqualFold(charset, "utf-8") && !strings.EqualFold(charset, "utf8"):
			return usage("--charset %s: only utf-8 is known", charset)
		}
		name := "-"
		if len(args) == 1 {
			name = args[0]
		}
		return interruptible(c.Context(), 0, func() error {
			b, err := readBytes(s, name, hex, offset, length)
			if err != nil {
				return err
			}
			selected := 0
			if length > 0 {
				selected = len(b)
			}
			if asJSON {
				return printRowsJSON(s.out, b, selected)
			}
			return printRows(s.out, offset, b, selected)
		})
	}
	return c
}

// readBytes returns what stands at offset, at most length bytes if that is not
// zero, and never more than inspectLimit.
func readBytes(s streams, name string, hex bool, offset, length int64) ([]byte, error) {
	in, title := s.in, "standard input"
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in, title = f, name
	}
	limit := int64(inspectLimit)
	if length > 0 {
		limit = min(limit, length)
	}
	if hex {
		text, err := io.ReadAll(io.LimitReader(in, hexLimit+1))
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", title, err)
		}
		if len(text) > hexLimit {
			return nil, fmt.Errorf("read %s: more than %d bytes of hex text", title, hexLimit)
		}
		b, err := compose.Hex(string(text))
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", title, err)
		}
		if offset > int64(len(b)) {
			return nil, fmt.Errorf("read %s: offset %d is behind its end at %d", title, offset, len(b))
		}
		return b[offset:min(offset+limit, int64(len(b)))], nil
	}
	if skipped, err := io.CopyN(io.Discard, in, offset); errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read %s: offset %d is behind its end at %d", title, offset, skipped)
	} else if err != nil {
		return nil, fmt.Errorf("read %s: %w", title, err)
	}
	b, err := io.ReadAll(io.LimitReader(in, limit))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", title, err)
	}
	return b, nil
}

// jsonRow is one row as a line of JSON. A value, which may be the empty text,
// is there whenever the bytes have it. One that needs more bytes than there are
// has missing instead, the larger number where the orders differ, and one that
// these bytes do not have has a problem.
type jsonRow struct {
	Type    string  `json:"type"`
	Name    string  `json:"name"`
	Group   string  `json:"group"`
	Big     *string `json:"big,omitempty"`
	Little  *string `json:"little,omitempty"`
	Missing int     `json:"missing,omitempty"`
	Problem string  `json:"problem,omitempty"`
	// LittleProblem is set where little-endian has a problem of its own.
	LittleProblem string `json:"littleProblem,omitempty"`
}

// jsonValue is the value as jsonRow has it.
func jsonValue(v inspect.Value) *string {
	if v.Missing > 0 || v.Problem != "" {
		return nil
	}
	return &v.Text
}

func printRowsJSON(w io.Writer, b []byte, selected int) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	for _, r := range inspect.Rows() {
		if r.Selection && selected == 0 {
			continue
		}
		big, little := r.At(b, selected, inspect.Big), r.At(b, selected, inspect.Little)
		row := jsonRow{
			Type: r.ID, Name: r.Name, Group: r.Group, Big: jsonValue(big), Little: jsonValue(little),
			Missing: max(big.Missing, little.Missing), Problem: big.Problem,
		}
		if little.Problem != big.Problem {
			row.LittleProblem = little.Problem
		}
		if err := e.Encode(row); err != nil {
			return err
		}
	}
	return nil
}

func printRows(w io.Writer, offset int64, b []byte, selected int) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "offset %#x (%d), %d bytes\n", offset, offset, len(b))
	fmt.Fprintln(t, "type\tbig-endian\tlittle-endian")
	group := ""
	for _, r := range inspect.Rows() {
		if r.Selection && selected == 0 {
			continue
		}
		if r.Group != group {
			group = r.Group
			fmt.Fprintf(t, "%s\t\t\n", strings.ToUpper(group))
		}
		big := valueText(r.At(b, selected, inspect.Big))
		if r.Single {
			fmt.Fprintf(t, "%s\t%s\t\n", r.Name, big)
			continue
		}
		fmt.Fprintf(t, "%s\t%s\t%s\n", r.Name, big, valueText(r.At(b, selected, inspect.Little)))
	}
	return t.Flush()
}

func valueText(v inspect.Value) string {
	switch {
	case v.Missing == 1:
		return "(needs 1 more byte)"
	case v.Missing > 1:
		return fmt.Sprintf("(needs %d more bytes)", v.Missing)
	case v.Problem != "":
		return "(" + v.Problem + ")"
	}
	return v.Text
}
