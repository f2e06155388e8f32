package telnet

import (
	"bytes"
	"strings"
	"testing"
)

func TestLineEndsAreEncoded(t *testing.T) {
	for text, want := range map[string]string{
		"":             "",
		"ls\n":         "ls\r\n",
		"ls\r\n":       "ls\r\n",
		"a\n\nb":       "a\r\n\r\nb",
		"\n":           "\r\n",
		"\r":           "\r\x00",
		"a\rb":         "a\r\x00b",
		"a\r\r\n":      "a\r\x00\r\n",
		"\xff":         "\xff\xff",
		"\xff\xff\r":   "\xff\xff\xff\xff\r\x00",
		"caf\xc3\xa9":  "caf\xc3\xa9",
		"\x00\x00\r\n": "\x00\x00\r\n",
	} {
		if got := Encode(nil, []byte(text)); string(got) != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	if got := Encode([]byte("> "), []byte("x\n")); string(got) != "> x\r\n" {
		t.Errorf("appended it is %q", got)
	}
}

func TestLineEndsAreDecodedHoweverTheyAreCut(t *testing.T) {
	for stream, want := range map[string]string{
		"a\r\nb":       "a\nb",
		"a\r\x00b":     "a\rb",
		"a\rb":         "a\rb",
		"a\r\r\n":      "a\r\n",
		"a\n\x00":      "a\n\x00",
		"a\r":          "a\r",
		"\r\x00\r\n\r": "\r\n\r",
	} {
		var whole, cut Decoder
		if got := whole.End(whole.Decode(nil, []byte(stream))); string(got) != want {
			t.Errorf("%q is %q, want %q", stream, got, want)
		}
		var got []byte
		for i := range len(stream) {
			got = cut.Decode(got, []byte(stream[i:i+1]))
		}
		if got = cut.End(got); string(got) != want {
			t.Errorf("%q byte by byte is %q, want %q", stream, got, want)
		}
	}
}

func TestEscapedBytesAreReadAsData(t *testing.T) {
	p := []byte("\xff\xfb\x01 \xff\xff\r\n")
	var got []byte
	for _, e := range events(string(Escape(nil, p))) {
		if e.Kind != Data {
			t.Fatal(Describe(Client, e))
		}
		got = append(got, e.Bytes...)
	}
	if !bytes.Equal(got, p) {
		t.Errorf("%q", got)
	}
}

func TestControlFunctionsAreCommands(t *testing.T) {
	seen := map[Command]bool{}
	for _, f := range Functions() {
		e := events(string(f.Bytes()))
		if len(e) != 1 || e[0].Kind != Function || e[0].Command != f.Command || seen[f.Command] || f.Name == "" || f.Meaning == "" {
			t.Errorf("%+v is %v", f, e)
		}
		seen[f.Command] = true
	}
	for _, c := range []Command{BRK, IP, AO, AYT, EC, EL, GA, NOP, DM} {
		if !seen[c] {
			t.Errorf("%s is not among them", c)
		}
	}
	if e := events(Synch); len(e) != 1 || e[0].Command != DM || !strings.Contains(Meaning(Client, e[0]), "synch") {
		t.Errorf("a synch is %v", e)
	}
}

func FuzzEncode(f *testing.F) {
	f.Add([]byte("a\r\nb\rc\n\xff\r\x00"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var sent []byte
		for _, e := range events(string(Encode(nil, text))) {
			if e.Kind != Data {
				t.Fatalf("%q holds %s", text, Describe(Client, e))
			}
			sent = append(sent, e.Bytes...)
		}
		var d Decoder
		got := d.End(d.Decode(nil, sent))
		if want := bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")); !bytes.Equal(got, want) {
			t.Fatalf("%q is sent as %q and read as %q", text, sent, got)
		}
	})
}
