package inspect

import (
	"encoding/base64"
	"fmt"
	"io"
	"strings"
)

// Format is a way to write bytes down, for the clipboard or a file.
type Format struct {
	ID        string // stable name for preferences and the command line, such as "c"
	Name      string // as shown
	Extension string // of a file, with its dot
	// writer makes the writer; offset is that of the first byte in its stream.
	writer func(w io.Writer, offset uint64) io.WriteCloser
}

// Formats lists every way to write bytes down, in the order to offer them. The
// slice is the caller's.
//
// The composer reads hex, dumps and C arrays back as hexadecimal and the escaped
// string as text. The programs stand in a source file as they are.
func Formats() []Format {
	return []Format{
		{"hex", "hex", ".txt", func(w io.Writer, _ uint64) io.WriteCloser { return newLines(w, hexForm) }},
		{"hex-spaced", "hex with spaces", ".txt", func(w io.Writer, _ uint64) io.WriteCloser { return newLines(w, spacedForm) }},
		{"hexdump", "hexdump -C", ".txt", newDumper},
		{"c", "C array", ".h", func(w io.Writer, _ uint64) io.WriteCloser { return newLines(w, cForm) }},
		{"escaped", "escaped string", ".txt", newEscaper},
		{"go", "Go", ".go", func(w io.Writer, _ uint64) io.WriteCloser { return newLines(w, goForm) }},
		{"python", "Python", ".py", func(w io.Writer, _ uint64) io.WriteCloser { return newLines(w, pythonForm) }},
		{"javascript", "JavaScript", ".js", func(w io.Writer, _ uint64) io.WriteCloser { return newLines(w, javascriptForm) }},
		{"as3", "ActionScript 3", ".as", func(w io.Writer, _ uint64) io.WriteCloser { return newLines(w, as3Form) }},
		{"base64", "base64", ".b64", func(w io.Writer, _ uint64) io.WriteCloser { return base64.NewEncoder(base64.StdEncoding, w) }},
		{"raw", "raw", ".bin", func(w io.Writer, _ uint64) io.WriteCloser { return rawWriter{w} }},
	}
}

// FormatByID finds a format, or says which there are.
func FormatByID(id string) (Format, error) {
	var ids []string
	for _, f := range Formats() {
		if f.ID == id {
			return f, nil
		}
		ids = append(ids, f.ID)
	}
	return Format{}, fmt.Errorf("the format %q is not known: choose one of %s", id, strings.Join(ids, ", "))
}

// Writer gives a writer that writes what it is given to w, in this format.
// Close writes the end and leaves w open; nothing is complete before it. Offset
// is that of the first byte, for the formats that show offsets.
//
// The memory it takes does not grow with what is written. An error of w is
// returned by the call that met it and by every later one.
func (f Format) Writer(w io.Writer, offset uint64) io.WriteCloser {
	return f.writer(w, offset)
}

// Text writes b down in one piece.
func (f Format) Text(offset uint64, b []byte) string {
	var out strings.Builder
	w := f.Writer(&out, offset)
	w.Write(b) // a Builder has no errors
	w.Close()
	return out.String()
}

type rawWriter struct{ io.Writer }

func (rawWriter) Close() error { return nil }

// form is a format whose bytes stand one after the other, perhaps in lines.
type form struct {
	head, tail string
	count      string // Printf format of the line behind tail that takes the number of bytes
	perLine    int    // bytes in a line; 0 for no lines
	first      string // before the first byte of a line
	between    string // between the bytes of a line
	last       string // behind the last byte of a line
	lone       string // instead of the lines when there is no byte
	prefix     string // before the digits of each byte
}

// The forms. Programs are laid out as their formatters do it.
var (
	hexForm    = form{}
	spacedForm = form{between: " "}
	// cForm is laid out as by xxd -i.
	cForm = form{
		head: "unsigned char data[] = {\n", tail: "};\n", count: "unsigned int data_len = %d;\n",
		perLine: 12, first: "  ", between: ", ", last: ",\n", prefix: "0x",
	}
	goForm = form{
		head: "var data = []byte{\n", tail: "}\n",
		perLine: 12, first: "\t", between: ", ", last: ",\n", prefix: "0x",
	}
	pythonForm = form{
		head: "data = (\n", tail: ")\n",
		perLine: 16, first: "    b\"", last: "\"\n", lone: "    b\"\"\n", prefix: `\x`,
	}
	javascriptForm = form{
		head: "const data = new Uint8Array([\n", tail: "]);\n",
		perLine: 12, first: "  ", between: ", ", last: ",\n", prefix: "0x",
	}
	as3Form = form{
		head: "var data:ByteArray = new ByteArray();\nfor each (var b:int in [\n", tail: "]) data.writeByte(b);\n",
		perLine: 12, first: "\t", between: ", ", last: ",\n", prefix: "0x",
	}
)
