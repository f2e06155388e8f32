package messages

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"wirebench/sessions/compose"
	"wirebench/sessions/fields"
	"wirebench/sessions/inspect"
)

// sample has a message of every mode and everything that one can have.
func sample() []Message {
	return []Message{
		{Name: "Log in", Mode: Fields, Body: "u8 1, u16 len(rest)\nstr8 \"ada\"\n", Order: fields.Little, Target: "tcp://127.0.0.1:7777", Note: "the first\nof them"},
		{Name: "Ping <&>", Mode: Text, Body: `PING\n`, Ending: compose.CRLF},
		{Name: "Bytes", Mode: Hex, Body: "00 ff", Target: "udp://[::1]:9"},
		{Name: "größer", Mode: Fields, Body: "u16 1", Order: fields.Big},
		{Name: "Nothing", Mode: Text},
	}
}

func TestACollectionIsKeptAsItDocumentsItself(t *testing.T) {
	s := Open(filepath.Join(t.TempDir(), "messages"))
	c, err := s.Create("Game server")
	if err != nil {
		t.Fatal(err)
	}
	c.Note = "for the lab"
	if err := c.Add(sample()...); err != nil {
		t.Fatal(err)
	}
	if err := c.Save(); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(c.File())
	if err != nil {
		t.Fatal(err)
	}
	const want = `{
	"version": 1,
	"name": "Game server",
	"note": "for the lab",
	"messages": [
		{
			"name": "Log in",
			"mode": "fields",
			"message": [
				"u8 1, u16 len(rest)",
				"str8 \"ada\"",
				""
			],
			"order": "little",
			"target": "tcp://127.0.0.1:7777",
			"note": "the first\nof them"
		},
		{
			"name": "Ping <&>",
			"mode": "text",
			"message": "PING\\n",
			"ending": "CRLF"
		},
		{
			"name": "Bytes",
			"mode": "hex",
			"message": "00 ff",
			"target": "udp://[::1]:9"
		},
		{
			"name": "größer",
			"mode": "fields",
			"message": "u16 1",
			"order": "big"
		},
		{
			"name": "Nothing",
			"mode": "text",
			"message": ""
		}
	]
}
`
	if string(got) != want {
		t.Errorf("the file is\n%s", got)
	}
	again, err := s.Load(filepath.Base(c.File()))
	if err != nil || again.Name != c.Name || again.Note != c.Note || !reflect.DeepEqual(again.Messages, sample()) {
		t.Errorf("it is read as %+v, %v", again, err)
	}
	for path, mode := range map[string]os.FileMode{c.File(): 0o600, s.Folder(): 0o700 | os.ModeDir} {
		if st, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && st.Mode() != mode { // which has no such modes
			t.Errorf("%s: %v, %v; want %v", path, st.Mode(), err, mode)
		}
	}
}

func TestAFileWrittenByHandIsRead(t *testing.T) {
	tests := []struct {
		name, in string
		want     []Message
	}{
		{"no messages", `{"messages": []}`, nil},
		{"only what is needed", `{"messages": [{"name": "a"}]}`, []Message{{Name: "a", Mode: Text}}},
		{"any case and order", `{"messages": [{"mode": "HEX", "message": "00", "name": "a"}, {"order": "Big", "mode": "Fields", "name": "b", "ending": "none"}]}`,
			[]Message{{Name: "a", Mode: Hex, Body: "00"}, {Name: "b", Mode: Fields, Order: fields.Big}}},
		{"lines and no lines", `{"messages": [{"name": "a", "message": ["x", "", "y"]}, {"name": "b", "message": []}, {"name": "c", "message": ["x"]}]}`,
			[]Message{{Name: "a", Mode: Text, Body: "x\n\ny"}, {Name: "b", Mode: Text}, {Name: "c", Mode: Text, Body: "x"}}},
		{"a mark at the begin and CRLF", "\ufeff{\r\n\"version\": 1,\r\n\"messages\": [{\"name\": \"a\"}]\r\n}\r\n", []Message{{Name: "a", Mode: Text}}},
		{"the replacement character", `{"messages": [{"name": "a", "message": "\uFFFD\ufffd` + "\ufffd" + `"}]}`, []Message{{Name: "a", Mode: Text, Body: "\ufffd\ufffd\ufffd"}}},
		{"a message that is wrong in its notation", `{"messages": [{"name": "a", "mode": "hex", "message": "zz"}]}`, []Message{{Name: "a", Mode: Hex, Body: "zz"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := decode([]byte(tt.in))
			if err != nil || !reflect.DeepEqual(c.Messages, tt.want) {
				t.Errorf("%+v, %v", c, err)
			}
		})
	}
}

func TestAFileThatIsWrongIsPointedAt(t *testing.T) {
	tests := []struct {
		name, in string
		line     int
		says     string
	}{
		{"what is no JSON", "{\n\"name\": \"a\",\n}", 3, "not JSON"},
		{"nothing", "", 1, "not JSON"},
		{"half a file", "{\n\"name\": \"a\",\n\"mess", 3, "not JSON"},
		{"two files", "{}\n{}", 2, "not JSON"},
		{"a list", "[]", 1, "an object"},
		{"what is not UTF-8", "{\n\"name\": \"\xff\"}", 2, "UTF-8"},
		{"a newer version", "{\n\"version\": 2}", 2, "newer"},
		{"a version that is none", `{"version": "1.0"}`, 1, "newer"},
		{"an unknown key", "{\n\n\"mesages\": []}", 3, `"mesages" is no key of the file: there are version, name`},
		{"an unknown key of a message", "{\"messages\": [\n{\"name\": \"a\",\n\"endng\": \"lf\"}]}", 3, `"endng" is no key of a message`},
		{"a key twice", "{\"name\": \"a\",\n\"name\": \"b\"}", 2, "there twice"},
		{"an unknown ending", "{\"messages\": [{\"name\": \"a\",\n\"ending\": \"cr\"}]}", 2, "crlf"},
		{"an unknown mode", "{\"messages\": [{\"name\": \"a\",\n\"mode\": \"morse\"}]}", 2, "text, hex and fields"},
		{"an unknown order", "{\"messages\": [{\"name\": \"a\",\n\"order\": \"middle\"}]}", 2, "big or little"},
		{"a target that is none", "{\"messages\": [{\"name\": \"a\",\n\"target\": \"localhost:7\"}]}", 2, "tcp://127.0.0.1:7777"},
		{"a message without a name", "{\"messages\": [{\"name\": \"a\"},\n\n{\n\"mode\": \"hex\"}]}", 3, "needs a name"},
		{"an invisible name", "{\"messages\": [\n{\"name\": \"a\\u202eb\"}]}", 2, "cannot be seen"},
		{"a number for a name", "{\"name\":\n7}", 2, "between double quotes"},
		{"a number for a message", "{\"messages\": [{\n\"message\": 7}]}", 2, "list of its lines"},
		{"a number for a line", "{\"messages\": [{\"message\": [\n7]}]}", 2, "between double quotes"},
		{"an object for a message", "{\"messages\": [{\"message\":\n{}}]}", 2, "list of its lines"},
		{"a text in the list", "{\"messages\": [\n\"a\"]}", 2, "a message must be an object"},
		{"half a surrogate pair", "{\"messages\": [{\"name\": \"a\",\n\"message\": \"x\\ud800\"}]}", 2, "surrogate"},
		{"half a surrogate pair in a line", "{\"messages\": [{\"name\": \"a\", \"message\": [\"\ufffd\",\n\"\\udc00\"]}]}", 2, "surrogate"},
		{"an object with nothing in it", "\n{\n}", 2, "no collection of messages"},
		{"another program's object", "{\n\"name\": \"package\", \"version\": 1\n}", 1, `no list "messages"`},
		{"null for the messages", "{\n\"messages\": null}", 2, "must be a list"},
		{"no list", "{\n\"messages\": {}}", 2, "must be a list"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			folder := t.TempDir()
			if err := os.WriteFile(filepath.Join(folder, "x.json"), []byte(tt.in), 0o600); err != nil {
				t.Fatal(err)
			}
			c, err := Open(folder).Load("x.json")
			var bad *FileError
			if !errors.As(err, &bad) || bad.Line != tt.line || bad.Path != filepath.Join(folder, "x.json") || !strings.Contains(bad.Problem, tt.says) {
				t.Errorf("%+v, %v; want line %d: %s", c, err, tt.line, tt.says)
			}
		})
	}
}

func TestWhatCannotBeKeptIsRefused(t *testing.T) {
	many := make([]Message, MaxMessages)
	for i := range many {
		many[i].Name = "x"
	}
	tests := []struct {
		name string
		m    []Message
		says string
	}{
		{"a message without a name", []Message{{}}, "needs a name"},
		{"a name with a line break", []Message{{Name: "a\nb"}}, "cannot be seen"},
		{"a name with a blank at its end", []Message{{Name: "a "}}, "blank"},
		{"a long name", []Message{{Name: strings.Repeat("x", MaxName+1)}}, "200 bytes"},
		{"a mode that there is not", []Message{{Name: "a", Mode: "morse"}}, "no mode"},
		{"an ending that there is not", []Message{{Name: "a", Ending: 9}}, "no ending"},
		{"an order that there is not", []Message{{Name: "a", Order: 9}}, "no byte order"},
		{"a long message", []Message{{Name: "a", Body: strings.Repeat("x", MaxBody+1)}}, "16 MiB"},
		{"a message that is not UTF-8", []Message{{Name: "a", Body: "\xff"}}, "UTF-8"},
		{"a long note", []Message{{Name: "a", Note: strings.Repeat("x", MaxNote+1)}}, "64 KiB"},
		{"a target of a kind that there is not", []Message{{Name: "a", Target: "http://x:1"}}, "no target"},
		{"a target without an address", []Message{{Name: "a", Target: "tcp://"}}, "no target"},
		{"more messages than there can be", append(many, Message{Name: "x"}), "10000"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := Open(t.TempDir()).Create("c")
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Add(tt.m...); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("added: %v", err)
			}
			c.Messages = tt.m
			if err := c.Save(); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("saved: %v", err)
			}
		})
	}
	c := &Collection{Name: "c", Messages: many}
	if _, err := encode(c); err != nil {
		t.Errorf("%d messages: %v", MaxMessages, err)
	}
	c.Messages = []Message{{Name: "a", Body: strings.Repeat("\x01", MaxFile/6+1)}}
	if c.Messages[0].check() == "" {
		if _, err := encode(c); err == nil || !strings.Contains(err.Error(), "64 MiB") {
			t.Errorf("a file that is too large: %v", err)
		}
	}
	for _, name := range []string{"", " ", "a\x00", strings.Repeat("x", 201)} {
		if c, err := Open(t.TempDir()).Create(name); err == nil {
			t.Errorf("there is a collection called %q", c.Name)
		}
	}
}

func TestAMessageHasItsBytes(t *testing.T) {
	b := fields.Builder{Order: inspect.Big}
	tests := []struct {
		in   Message
		want string
	}{
		{Message{Body: `a\n`}, "a\n"},
		{Message{Mode: Text, Body: "a", Ending: compose.CRLF}, "a\r\n"},
		{Message{Mode: Hex, Body: "0x41 42", Ending: compose.CRLF}, "AB"},
		{Message{Mode: Fields, Body: "u16 1, u16le 1"}, "\x00\x01\x01\x00"},
		{Message{Mode: Fields, Body: "u16 1, u16be 1", Order: fields.Little}, "\x01\x00\x00\x01"},
	}
	for _, tt := range tests {
		if got, err := tt.in.Bytes(b); err != nil || string(got) != tt.want {
			t.Errorf("%+v: %q, %v; want %q", tt.in, got, err, tt.want)
		}
	}
	for _, m := range []Message{{Body: `\q`}, {Mode: Hex, Body: "0"}, {Mode: Fields, Body: "u8 1, u8 256"}} {
		var bad *compose.Error
		if got, err := m.Bytes(b); !errors.As(err, &bad) {
			t.Errorf("%+v: %q, %v", m, got, err)
		}
	}
	if kind, address := (Message{Target: "udp://[::1]:9"}).Peer(); kind != "udp" || address != "[::1]:9" {
		t.Error(kind, address)
	}
	if kind, address := (Message{}).Peer(); kind+address != "" {
		t.Error(kind, address)
	}
}

func FuzzDecode(f *testing.F) {
	c := &Collection{Name: "a", Note: "b", Messages: sample()}
	b, err := encode(c)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"messages": [{"name": "a", "message": ["x", "\ud800"], "ending": "nul"}]}`))
	f.Add([]byte("{\"a\":[[[[{}]]]]}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := decode(data)
		if err != nil {
			var bad *FileError
			if !errors.As(err, &bad) || bad.Line < 1 || bad.Line > 1+strings.Count(string(data), "\n") {
				t.Errorf("%T %v", err, err)
			}
			return
		}
		if c.Name == "" {
			c.Name = "x"
		}
		b, err := encode(c)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, err := decode(b)
		if err != nil || fmt.Sprint(again) != fmt.Sprint(c) {
			t.Errorf("%+v is written as\n%s\nwhich is read as %+v, %v", c, b, again, err)
		}
	})
}
