package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"wirebench/sessions/amf"
	"wirebench/sessions/charset"
	"wirebench/sessions/inspect"
)

// inspected runs inspect --json and gives its rows by type.
func inspected(t *testing.T, in string, args ...string) map[string]jsonRow {
	t.Helper()
	status, out, errs := wire(t, strings.NewReader(in), append([]string{"inspect", "--json"}, args...)...)
	if status != 0 || errs != "" {
		t.Fatalf("status %d, stderr %q", status, errs)
	}
	rows := map[string]jsonRow{}
	for line := range strings.Lines(out) {
		var r jsonRow
		d := json.NewDecoder(strings.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&r); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if _, twice := rows[r.Type]; twice || r.Type == "" || r.Name == "" || r.Group == "" {
			t.Errorf("row %q is there twice or says too little", line)
		}
		rows[r.Type] = r
	}
	return rows
}

// is tells whether the value is there and want.
func is(value *string, want string) bool { return value != nil && *value == want }

func TestInspectHasEveryRowAsTextAndJSON(t *testing.T) {
	rows := inspected(t, strings.Repeat("\x01", 20), "--length", "16")
	_, text, _ := wire(t, strings.NewReader(strings.Repeat("\x01", 20)), "inspect", "--length", "16")
	all := append(inspect.Rows(), amf.Rows()...)
	for _, r := range all {
		got, ok := rows[r.ID]
		if !ok || got.Name != r.Name || got.Group != r.Group {
			t.Errorf("no row %s in the JSON, or another: %+v", r.ID, got)
		}
		if !strings.Contains(text, "\n"+r.Name+" ") || !strings.Contains(text, "\n"+strings.ToUpper(r.Group)+"\n") {
			t.Errorf("no row %s in the text, or no group %s", r.Name, r.Group)
		}
	}
	if len(rows) != len(all) {
		t.Errorf("%d rows", len(rows))
	}
	for id, want := range map[string]string{
		"selu": "1334440654591915542993625911497130241", "uleb128": "1", "zigzag": "-1", "varint": "1", "u29": "1",
		"uuid": "01010101-0101-0101-0101-010101010101", "ipv4": "1.1.1.1", "mac": "01:01:01:01:01:01", "port": "257",
		"rgba": "#01010101", "u8string": `\x01`, "ntp": "2036-08-20T05:05:05.003921569Z", "u16rest": "0x103 (259), beyond, 243 bytes missing",
		"amf0": "true", "amf3": "null",
	} {
		if !is(rows[id].Big, want) {
			t.Errorf("%s is %+v, want %s", id, rows[id], want)
		}
	}
}

func TestInspectShowsTheOrderThatIsAskedFor(t *testing.T) {
	for order, want := range map[string][2]string{"both": {"258", "513"}, "big": {"258", ""}, "little": {"", "513"}} {
		r := inspected(t, "\x01\x02", "--order", order)["u16"]
		if (r.Big != nil) != (want[0] != "") || r.Big != nil && *r.Big != want[0] ||
			(r.Little != nil) != (want[1] != "") || r.Little != nil && *r.Little != want[1] {
			t.Errorf("%s: %+v", order, r)
		}
		_, out, _ := wire(t, strings.NewReader("\x01\x02"), "inspect", "--order", order)
		for n, column := range []string{"big-endian", "little-endian"} {
			if strings.Contains(out, column) != (want[n] != "") {
				t.Errorf("%s:\n%s", order, out)
			}
		}
	}
	// The problem and the missing bytes are those of the order that is shown.
	in := "\x00\x02\x80\x00"
	if r := inspected(t, in, "--order", "little")["readutf"]; r.Missing != 510 || r.Little != nil {
		t.Errorf("%+v", r)
	}
	if r := inspected(t, in, "--order", "big")["readutf"]; r.Missing != 0 || !is(r.Big, `\x80\0`) {
		t.Errorf("%+v", r)
	}
	if r := inspected(t, "\x00\x21\x00\x00", "--order", "little")["dos"]; !strings.Contains(r.Problem, "no such date") {
		t.Errorf("%+v", r)
	}
}

func TestInspectReadsTextInTheCharset(t *testing.T) {
	if r := inspected(t, "\x93\xfa\x96\x7b\x00", "--charset", "SJIS")["string"]; !is(r.Big, "日本") {
		t.Errorf("%+v", r)
	}
	r := inspected(t, "\x20\xac", "--charset", "utf-16")["char"]
	if !is(r.Big, "€  U+20AC") || !is(r.Little, "갠  U+AC20") {
		t.Errorf("%+v", r)
	}
	_, out, _ := wire(t, strings.NewReader("\xe9\x00"), "inspect", "--charset", "latin1")
	if !strings.Contains(out, "text in iso-8859-1") || !strings.Contains(out, "é  U+00E9") {
		t.Errorf("%s", out)
	}
}

func TestInspectListsTheCharsets(t *testing.T) {
	_, text, _ := wire(t, nil, "inspect", "--charsets")
	_, out, _ := wire(t, nil, "inspect", "--charsets", "--json")
	names := map[string]bool{}
	for line := range strings.Lines(out) {
		var c struct{ Name, Script string }
		if err := json.Unmarshal([]byte(line), &c); err != nil || c.Script == "" {
			t.Fatalf("%s: %v", line, err)
		}
		names[c.Name] = true
	}
	for _, c := range charset.Choices() {
		if !names[c.Name] || !strings.Contains(text, c.Name+" ") {
			t.Errorf("%s is not listed", c.Name)
		}
	}
}

func TestInspectTellsWhetherAFrameEndsInTheFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "large")
	if err := os.WriteFile(file, []byte("junk\x00\x01\x00\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	const size = 5 << 30 // sparse: only what is looked at may be read
	if err := os.Truncate(file, size); err != nil {
		t.Skip(err)
	}
	rows := inspected(t, "", file, "--offset", "4")
	if f := rows["u32rest"].BigFrame; f == nil || *f != (jsonFrame{4, 1<<16 + 4, 1<<16 + 8, size - 1<<16 - 8}) {
		t.Errorf("%+v", f)
	}
	if !is(rows["u32rest"].Big, "0x10008 (65544), inside, 5368643576 bytes behind it") {
		t.Errorf("%s", *rows["u32rest"].Big)
	}
	// A text that the file has is not missing, even where it is not read whole.
	if r := rows["u32string"]; r.Missing != 0 || r.Big == nil || !strings.HasSuffix(*r.Big, "…") {
		t.Errorf("%+v", r)
	}
	// At the end of the file, and with a length that ends before the frame does.
	if f := inspected(t, "", file, "--offset", "5368709119")["u8rest"].BigFrame; f == nil || *f != (jsonFrame{1, 1, size, 0}) {
		t.Errorf("%+v", f)
	}
	if f := inspected(t, "", file, "--offset", "4", "--length", "10")["u32rest"].BigFrame; f == nil || f.Left != 10-(1<<16+4) {
		t.Errorf("%+v", f)
	}
	if status, _, errs := wire(t, nil, "inspect", file, "--offset", "5368709121"); status != 1 || !strings.Contains(errs, "behind its end at 5368709120") {
		t.Errorf("status %d, %q", status, errs)
	}
	// Standard input is counted to its end, and no further than asked.
	in := "\x00\x01\x00\x00" + strings.Repeat("x", 100_000)
	if f := inspected(t, in)["u32rest"].BigFrame; f == nil || f.Left != 100_000-1<<16 {
		t.Errorf("%+v", f)
	}
	if f := inspected(t, in, "--length", "80000")["u32rest"].BigFrame; f == nil || f.Left != 80_000-1<<16-4 {
		t.Errorf("%+v", f)
	}
	if f := inspected(t, "ff ff 03 41 42", "--hex", "--offset", "2")["u8rest"].LittleFrame; f == nil || *f != (jsonFrame{1, 4, 6, -1}) {
		t.Errorf("%+v", f)
	}
}

func TestInspectReadsFilesThatHaveNoSize(t *testing.T) {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip(err)
	}
	if r := inspected(t, "", "/proc/self/status", "--offset", "1", "--length", "3")["seltext"]; !is(r.Big, string(b[1:4])) {
		t.Errorf("%+v", r)
	}
}

func TestInspectIsHarmlessWhateverItReads(t *testing.T) {
	in := "\x1b[2J\u202e\u2066\x07\n\r\u200b\x9b\xff" + strings.Repeat("\x1b", 60)
	for _, c := range charset.Choices() {
		for _, args := range [][]string{nil, {"--json"}, {"--length", "12"}} {
			_, out, _ := wire(t, strings.NewReader(in), append([]string{"inspect", "--charset", c.Name}, args...)...)
			for _, r := range out {
				if r != '\n' && !inspect.Visible(r) {
					t.Fatalf("%s: %U in %q", c.Name, r, out)
				}
			}
			if rows := len(inspect.Rows()); strings.Count(out, "\n") < rows-3 || strings.Count(out, "\n") > 2*rows {
				t.Fatalf("%s: %d lines", c.Name, strings.Count(out, "\n"))
			}
		}
	}
}

func TestALongTextDoesNotDrawTheColumnsApart(t *testing.T) {
	_, out, _ := wire(t, strings.NewReader("\x00\xf0"+strings.Repeat("long ", 60)), "inspect")
	lines := strings.Split(out, "\n")
	for n, l := range lines {
		if strings.HasPrefix(l, "u16  ") && len(l) > 80 {
			t.Errorf("%q", l)
		}
		if strings.HasPrefix(l, "readUTF") && (!strings.Contains(l, "long long") || !strings.HasPrefix(strings.TrimSpace(lines[n+1]), "(needs")) {
			t.Errorf("%q, then %q", l, lines[n+1])
		}
		if l != strings.TrimRight(l, " ") {
			t.Errorf("%q ends in spaces", l)
		}
	}
}

func TestInspectRefusesWhatMakesNoSense(t *testing.T) {
	for _, tt := range []struct {
		args []string
		says string
	}{
		{[]string{"--order", "middle"}, "write big, little or both"},
		{[]string{"--charset", "utf-15"}, "did you mean utf-16"},
		{[]string{"--charset", ""}, "not known"},
		{[]string{"--length", "-1"}, "negative"},
		{[]string{"--charsets", "somefile"}, "leave somefile out"},
		{[]string{"a", "b"}, "takes one file"},
	} {
		if status, out, errs := wire(t, strings.NewReader("x"), append([]string{"inspect"}, tt.args...)...); status != 2 || out != "" || !strings.Contains(errs, tt.says) {
			t.Errorf("%q: status %d, %q, stdout %q", tt.args, status, errs, out)
		}
	}
	if status, _, errs := wire(t, iotest.ErrReader(os.ErrDeadlineExceeded), "inspect"); status != 1 || !strings.Contains(errs, "read standard input") {
		t.Errorf("status %d, %q", status, errs)
	}
	if status, _, errs := wire(t, nil, "inspect", t.TempDir()); status != 1 || errs == "" {
		t.Errorf("a folder: status %d, %q", status, errs)
	}
}
