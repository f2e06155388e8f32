package fields

import "strings"

// String writes the list in the notation, in one line but for the line breaks
// that values have. [Parse] reads it as the same list if every field is one
// that [Builder.Build] takes; otherwise it is what is there, for a person to
// see.
func (l List) String() string {
	var b strings.Builder
	l.format(&b, ", ", "")
	return b.String()
}

// Lines is [List.String] with one field a line and groups indented.
func (l List) Lines() string {
	var b strings.Builder
	l.format(&b, "\n", "")
	return b.String()
}

func (l List) format(b *strings.Builder, between, indent string) {
	lines := between == "\n"
	for i := range l {
		if i > 0 {
			b.WriteString(between)
		}
		b.WriteString(indent)
		f := &l[i]
		if f.Name != "" {
			b.WriteString(f.Name)
			b.WriteString(": ")
		}
		switch {
		case f.Kind != GroupKind:
			f.format(b)
		case len(f.Fields) == 0:
			b.WriteString("{}")
		case lines:
			b.WriteString("{\n")
			f.Fields.format(b, between, indent+"\t")
			b.WriteString("\n" + indent + "}")
		default:
			b.WriteString("{ ")
			f.Fields.format(b, between, "")
			b.WriteString(" }")
		}
	}
}

// format writes a field that is no group, without its name.
func (f *Field) format(b *strings.Builder) {
	b.WriteString(f.Kind)
	b.WriteString(f.Order.String())
	b.WriteByte(' ')
	if f.Charset != "" {
		b.WriteString(f.Charset)
		b.WriteByte(' ')
	}
	b.WriteString(f.written())
}

// written is the value as it stands in the notation.
func (f *Field) written() string {
	k := kindOf(f.Kind)
	if k == nil {
		return f.Value
	}
	switch k.lex {
	case asQuoted:
		return quote(f.Value, true)
	case asHex, asBase64:
		for i := range len(f.Value) {
			if !isPlain(k.lex, f.Value[i]) {
				return quote(f.Value, false)
			}
		}
		if strings.Trim(f.Value, " \t") != f.Value || f.Value == "" {
			return quote(f.Value, false)
		}
	}
	return f.Value
}
