package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"wirebench/sessions/amf"
	"wirebench/sessions/charset"
	"wirebench/sessions/inspect"
)

// inspectRows are all the rows there are, with text in the charset c.
func inspectRows(c *charset.Charset) []inspect.Row {
	return append(inspect.RowsIn(c), amf.Rows()...)
}

// jsonRow is one row as a line of JSON. A value, which may be the empty text,
// is there whenever the bytes have it and the order was asked for. One that
// needs more bytes than there are has missing instead, the larger number where
// the orders differ, and one that these bytes do not have has a problem.
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
	// The frames of the rows that take the bytes for a length.
	BigFrame    *jsonFrame `json:"bigFrame,omitempty"`
	LittleFrame *jsonFrame `json:"littleFrame,omitempty"`
}

// jsonFrame is [inspect.Frame].
type jsonFrame struct {
	Prefix int   `json:"prefix"`
	Length int64 `json:"length"`
	End    int64 `json:"end"`
	Left   int64 `json:"left"`
}

// jsonValue is the value as jsonRow has it.
func jsonValue(v inspect.Value) *string {
	if v.Missing > 0 || v.Problem != "" {
		return nil
	}
	return &v.Text
}

// frameOf is the frame the row's bytes imply, nil for none.
func frameOf(r inspect.Row, p inspect.Place, o inspect.Order) *jsonFrame {
	if r.Prefix == nil {
		return nil
	}
	f, _, ok := r.Prefix.Frame(p, o)
	if !ok {
		return nil
	}
	return &jsonFrame{f.Prefix, f.Length, f.End, f.Left}
}

func printRowsJSON(w io.Writer, p inspect.Place, c *charset.Charset, orders []inspect.Order) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	for _, r := range inspectRows(c) {
		if r.Selection && p.Selected == 0 {
			continue
		}
		row := jsonRow{Type: r.ID, Name: r.Name, Group: r.Group}
		for n, o := range orders {
			v := r.Read(p, o)
			row.Missing = max(row.Missing, v.Missing)
			if o == inspect.Big {
				row.Big, row.BigFrame = jsonValue(v), frameOf(r, p, o)
			} else {
				row.Little, row.LittleFrame = jsonValue(v), frameOf(r, p, o)
			}
			if n == 0 {
				row.Problem = v.Problem
			} else if v.Problem != row.Problem {
				row.LittleProblem = v.Problem
			}
		}
		if err := e.Encode(row); err != nil {
			return err
		}
	}
	return nil
}

// textRow is a row for a person.
type textRow struct {
	group, name string
	values      []string // one for each order; just one where they do not differ
}

// widestColumn is how many characters the first of two values may have for the
// second to stand beside it, and not below.
const widestColumn = 48

// printRows prints a table. It is laid out by hand so that one long text does
// not draw all values apart.
func printRows(w io.Writer, p inspect.Place, c *charset.Charset, orders []inspect.Order) error {
	var rows []textRow
	head := textRow{name: "type"}
	for _, o := range orders {
		head.values = append(head.values, o.String())
	}
	rows = append(rows, head)
	for _, r := range inspectRows(c) {
		if r.Selection && p.Selected == 0 {
			continue
		}
		row := textRow{group: r.Group, name: r.Name}
		for _, o := range orders {
			if len(row.values) == 0 || !r.Single {
				row.values = append(row.values, valueText(r.Read(p, o)))
			}
		}
		rows = append(rows, row)
	}
	names, values := 0, 0
	for _, r := range rows {
		names = max(names, utf8.RuneCountInString(r.name))
		if n := utf8.RuneCountInString(r.values[0]); len(r.values) == 2 && n <= widestColumn {
			values = max(values, n)
		}
	}
	var out strings.Builder
	left := max(p.Total-p.Offset, int64(len(p.Bytes)))
	fmt.Fprintf(&out, "offset %#x (%d), %s, text in %s\n", p.Offset, p.Offset, counted(left, "byte"), c.Name())
	group := ""
	for _, r := range rows {
		if r.group != group {
			group = r.group
			fmt.Fprintf(&out, "%s\n", strings.ToUpper(group))
		}
		line, below := pad(r.name, names)+"  ", ""
		switch {
		case len(r.values) == 1:
			line += r.values[0]
		case utf8.RuneCountInString(r.values[0]) <= widestColumn:
			line += pad(r.values[0], values) + "  " + r.values[1]
		default:
			line += r.values[0]
			below = pad("", names+2+values) + "  " + r.values[1] + "\n"
		}
		fmt.Fprintf(&out, "%s\n%s", strings.TrimRight(line, " "), below)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// pad fills s up to n characters.
func pad(s string, n int) string {
	return s + strings.Repeat(" ", max(0, n-utf8.RuneCountInString(s)))
}

// printCharsets lists the charsets there are.
func printCharsets(w io.Writer, asJSON bool) error {
	choices := charset.Choices()
	if asJSON {
		e := json.NewEncoder(w)
		for _, c := range choices {
			if err := e.Encode(struct {
				Name   string `json:"name"`
				Script string `json:"script"`
				Note   string `json:"note,omitempty"`
			}{c.Name, c.Script, c.Note}); err != nil {
				return err
			}
		}
		return nil
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	scripts := []string{}
	for _, c := range choices {
		if !slices.Contains(scripts, c.Script) {
			scripts = append(scripts, c.Script)
		}
	}
	for _, script := range scripts {
		for _, c := range choices {
			if c.Script != script {
				continue
			}
			shown := c.Script
			if c.Note != "" {
				shown += "; " + c.Note
			}
			fmt.Fprintf(t, "%s\t%s\n", c.Name, shown)
		}
	}
	return t.Flush()
}
