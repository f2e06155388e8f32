package describe

import (
	"fmt"
	"strings"
)

const (
	// maxFields bounds the fields of a whole document. The largest certificates
	// in use have some thousand names.
	maxFields = 100_000
	// maxDeviations bounds the fields that tell of deviations in one group.
	maxDeviations = 20
)

// group is a [Group] in the making.
type group struct {
	Group
	d          *describer
	count      int // of the things listed, for the title; 0 and 1 are not told
	failed     bool
	deviations []Field
	left       int // fields and deviations left out
}

func (d *describer) group(title string) *group {
	return &group{Group: Group{Title: title}, d: d}
}

// put adds a field.
func (g *group) put(f Field) {
	if f.Problem && g.Problem == "" {
		g.Problem = f.Name + ": " + f.Note
	}
	if g.d.fields >= maxFields {
		g.left++
		return
	}
	g.d.fields++
	g.Fields = append(g.Fields, f)
}

// add adds a field without a note.
func (g *group) add(name, value string, raw []byte) {
	g.put(Field{Name: name, Value: value, Raw: raw})
}

// check adds a field that is wrong when problem is not empty.
func (g *group) check(name, value string, raw []byte, problem string) {
	g.put(Field{Name: name, Value: value, Raw: raw, Note: problem, Problem: problem != ""})
}

// fail tells that something cannot be read.
func (g *group) fail(off int, format string, args ...any) {
	err := &Error{Offset: off, Text: fmt.Sprintf(format, args...)}
	if g.d.err == nil {
		g.d.err = err
	}
	g.failed = true
	g.deviate("Unreadable", err)
}

// deviation tells of something that can be read and yet is not allowed.
func (g *group) deviation(off int, text string) { g.deviate("Encoding", &Error{off, text}) }

func (g *group) deviate(name string, err *Error) {
	if g.Problem == "" {
		g.Problem = err.Error()
	}
	if len(g.deviations) == maxDeviations {
		g.left++
		return
	}
	g.deviations = append(g.deviations, Field{Name: name, Value: fmt.Sprintf("byte %d", err.Offset), Note: err.Text, Problem: true})
}

// finish closes the group: the deviations follow the values.
func (g *group) finish() Group {
	g.Fields = append(g.Fields, g.deviations...)
	if g.left > 0 {
		g.Fields = append(g.Fields, Field{Name: "Left out", Value: number(g.left) + " more"})
	}
	if g.count > 1 {
		g.Title += " (" + number(g.count) + ")"
	}
	return g.Group
}

// number writes n with separators between thousands.
func number(n int) string {
	s := fmt.Sprint(n)
	if n < 0 {
		return s
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// plural writes a count of things whose name takes an s.
func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return number(n) + " " + thing + "s"
}

func bytesText(n int) string { return plural(n, "byte") }

// article puts "a" or "an" before a name by how it is spoken.
func article(name string) string {
	if strings.IndexByte("AEIO[", name[0]) >= 0 {
		return "an " + name
	}
	return "a " + name
}
