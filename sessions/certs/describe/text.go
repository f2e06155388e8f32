package describe

import "strings"

// Text writes the whole document as plain text of many lines, indented by four
// spaces a level, in the manner of "openssl x509 -text". What is wrong stands
// behind the value in square brackets, an explanation in round ones.
func Text(d Document) string {
	var out strings.Builder
	out.WriteString("Certificate: " + d.Title + "\n")
	if d.Err != nil {
		out.WriteString("    It could not be read in full: " + d.Err.Error() + "\n")
	}
	for _, g := range d.Groups {
		out.WriteString("    " + g.Title)
		if g.Critical {
			out.WriteString(" (critical)")
		}
		out.WriteString("\n")
		for _, f := range g.Fields {
			out.WriteString("        " + f.Name + ":")
			if f.Value != "" {
				out.WriteString(" " + f.Value)
			}
			switch {
			case f.Note == "":
			case f.Problem:
				out.WriteString(" [" + f.Note + "]")
			default:
				out.WriteString(" (" + f.Note + ")")
			}
			out.WriteString("\n")
		}
	}
	return out.String()
}
