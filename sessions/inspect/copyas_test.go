package inspect_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"go/format"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"wirebench/sessions/compose"
	. "wirebench/sessions/inspect"
)

func formatByID(t testing.TB, id string) Format {
	t.Helper()
	f, err := FormatByID(id)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestBytesAreWrittenDownInEveryFormat(t *testing.T) {
	in := "Hi\"\\\n\x00\xff\xe2\x82\xac012345"
	want := map[string]string{
		"hex":        "4869225c0a00ffe282ac303132333435",
		"hex-spaced": "48 69 22 5c 0a 00 ff e2 82 ac 30 31 32 33 34 35",
		"hexdump": "00000020  48 69 22 5c 0a 00 ff e2  82 ac 30 31 32 33 34 35  |Hi\"\\......012345|\n" +
			"00000030\n",
		// xxd -i lays it out like this, but for the comma behind the last byte.
		"c": "unsigned char data[] = {\n  0x48, 0x69, 0x22, 0x5c, 0x0a, 0x00, 0xff, 0xe2, 0x82, 0xac, 0x30, 0x31,\n" +
			"  0x32, 0x33, 0x34, 0x35,\n};\nunsigned int data_len = 16;\n",
		"escaped": `Hi"\\\n\0\xff€012345`,
		"go": "var data = []byte{\n\t0x48, 0x69, 0x22, 0x5c, 0x0a, 0x00, 0xff, 0xe2, 0x82, 0xac, 0x30, 0x31,\n" +
			"\t0x32, 0x33, 0x34, 0x35,\n}\n",
		"python": "data = (\n" + `    b"\x48\x69\x22\x5c\x0a\x00\xff\xe2\x82\xac\x30\x31\x32\x33\x34\x35"` + "\n)\n",
		"javascript": "const data = new Uint8Array([\n  0x48, 0x69, 0x22, 0x5c, 0x0a, 0x00, 0xff, 0xe2, 0x82, 0xac, 0x30, 0x31,\n" +
			"  0x32, 0x33, 0x34, 0x35,\n]);\n",
		"as3": "var data:ByteArray = new ByteArray();\nfor each (var b:int in [\n" +
			"\t0x48, 0x69, 0x22, 0x5c, 0x0a, 0x00, 0xff, 0xe2, 0x82, 0xac, 0x30, 0x31,\n" +
			"\t0x32, 0x33, 0x34, 0x35,\n]) data.writeByte(b);\n",
		"base64": base64.StdEncoding.EncodeToString([]byte(in)),
		"raw":    in,
	}
	for _, f := range Formats() {
		w, ok := want[f.ID]
		if !ok || f.Name == "" || !strings.HasPrefix(f.Extension, ".") {
			t.Errorf("the format %q is not known here, or has no name or extension", f.ID)
		}
		if got := f.Text(0x20, []byte(in)); got != w {
			t.Errorf("%s:\n%s\nwant\n%s", f.ID, got, w)
		}
		delete(want, f.ID)
	}
	if len(want) > 0 {
		t.Errorf("there are no formats %v", want)
	}
	if _, err := FormatByID("morse"); err == nil || !strings.Contains(err.Error(), "hexdump") {
		t.Errorf("%v", err)
	}
}

// readBack is how the composer reads the formats that it reads.
var readBack = map[string]func(string) ([]byte, error){
	"hex": compose.Hex, "hex-spaced": compose.Hex, "hexdump": compose.Hex, "c": compose.Hex,
	"escaped": func(s string) ([]byte, error) { return compose.Text(s, compose.None) },
	"base64":  base64.StdEncoding.DecodeString,
	"raw":     func(s string) ([]byte, error) { return []byte(s), nil },
}

// checkFormats writes b in every format, in pieces cut where cuts says, and
// reads it back where something can.
func checkFormats(t testing.TB, b []byte, cuts func() int) {
	t.Helper()
	for _, f := range Formats() {
		whole := f.Text(7, b)
		var out bytes.Buffer
		w := f.Writer(&out, 7)
		for rest := b; len(rest) > 0; {
			n := max(0, min(cuts(), len(rest)))
			if got, err := w.Write(rest[:n]); got != n || err != nil {
				t.Fatalf("%s: wrote %d of %d bytes, %v", f.ID, got, n, err)
			}
			rest = rest[n:]
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if out.String() != whole {
			t.Fatalf("%s of % x: in pieces %q, at once %q", f.ID, b, out.String(), whole)
		}
		switch f.ID {
		case "escaped":
			if whole != Escape(b) {
				t.Fatalf("%q is not what Escape writes, %q", whole, Escape(b))
			}
		case "hexdump":
			if whole != HexDump(7, b) {
				t.Fatalf("%q is not what HexDump writes", whole)
			}
		}
		if read := readBack[f.ID]; read != nil {
			// Of a dump of up to sixteen bytes the composer wants the text column to agree.
			if back, err := read(whole); err != nil || !bytes.Equal(back, b) {
				t.Fatalf("%s: %q reads back as % x, %v, want % x", f.ID, whole, back, err, b)
			}
		}
	}
}

func TestPiecesMakeNoDifference(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	const tricky = "\x00\x00019\\\n\xe2\x82\xac\xcc\x81e\xf0\x9f\x98\x80\xff"
	for range 300 {
		b := make([]byte, random.IntN(200))
		for i := range b {
			b[i] = tricky[random.IntN(len(tricky))]
		}
		checkFormats(t, b, func() int { return random.IntN(5) })
	}
	big := make([]byte, 300<<10) // more than is gathered before it is written
	for i := range big {
		big[i] = byte(random.Uint32())
	}
	checkFormats(t, big, func() int { return random.IntN(70 << 10) })
	checkFormats(t, nil, nil)
}

func FuzzFormats(f *testing.F) {
	f.Add([]byte("Hello\x00\x000 \xe2\x82\xac e\u0301\u0301\u0301\u0301\u0301"), uint8(1))
	f.Add([]byte{}, uint8(0))
	f.Fuzz(func(t *testing.T, b []byte, cut uint8) {
		if len(b) > 1<<14 {
			return
		}
		checkFormats(t, b, func() int { return 1 + int(cut) })
	})
}

func TestProgramsAreAcceptedByTheirCompilers(t *testing.T) {
	b := make([]byte, 300)
	for i := range b {
		b[i] = byte(i)
	}
	for _, data := range [][]byte{b, nil} {
		if src, err := format.Source([]byte("package p\n\n" + formatByID(t, "go").Text(0, data))); err != nil {
			t.Error(err)
		} else if !strings.Contains(string(src), formatByID(t, "go").Text(0, data)) && len(data) > 0 {
			t.Errorf("gofmt would write\n%s", src)
		}
		tests := []struct {
			id, tool, file, after string
			run                   func(file string) *exec.Cmd
		}{
			{"python", "python3", "p.py", "import sys\nsys.stdout.buffer.write(data)\n", func(f string) *exec.Cmd { return exec.Command("python3", f) }},
			{"javascript", "node", "p.js", "process.stdout.write(data);\n", func(f string) *exec.Cmd { return exec.Command("node", f) }},
			{"c", "gcc", "p.c", "#include <stdio.h>\nint main(void) { return fwrite(data, 1, data_len, stdout) != data_len; }\n", func(f string) *exec.Cmd {
				return exec.Command("sh", "-c", `gcc -Wall -Werror -o "$1.out" "$1" && "$1.out"`, "sh", f)
			}},
		}
		for _, tt := range tests {
			if _, err := exec.LookPath(tt.tool); err != nil {
				t.Logf("%s is not here", tt.tool)
				continue
			}
			file := filepath.Join(t.TempDir(), tt.file)
			if err := os.WriteFile(file, []byte(formatByID(t, tt.id).Text(0, data)+tt.after), 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := tt.run(file).Output()
			if err != nil || !bytes.Equal(out, data) {
				var exit *exec.ExitError
				errors.As(err, &exit)
				t.Errorf("%s of %d bytes: % x, %v", tt.id, len(data), out[:min(20, len(out))], err)
			}
		}
	}
}

// full is a disk that takes no more than room.
type full struct{ room int }

var errFull = errors.New("no space left on device")

func (f *full) Write(b []byte) (int, error) {
	if len(b) > f.room {
		return 0, errFull
	}
	f.room -= len(b)
	return len(b), nil
}

func TestAFullDiskIsReported(t *testing.T) {
	for _, f := range Formats() {
		w := f.Writer(&full{100 << 10}, 0)
		var err error
		written := 0
		for range 1000 {
			if _, err = w.Write(make([]byte, 1<<10)); err != nil {
				break
			}
			written++
		}
		if err == nil {
			err = w.Close()
		}
		if !errors.Is(err, errFull) || written == 1000 {
			t.Errorf("%s: %v after %d KiB", f.ID, err, written)
		}
		if f.ID != "raw" && f.ID != "base64" {
			if err := w.Close(); !errors.Is(err, errFull) {
				t.Errorf("%s: closing gives %v", f.ID, err)
			}
		}
		w = f.Writer(&full{0}, 0)
		_, err = w.Write([]byte("hello"))
		if closed := w.Close(); err == nil {
			err = closed
		}
		if !errors.Is(err, errFull) {
			t.Errorf("%s: the error of the last piece is %v", f.ID, err)
		}
	}
}

func TestALongStreamTakesLittleMemory(t *testing.T) {
	piece := []byte(strings.Repeat("some bytes \x00\xff", 20000))
	for _, f := range Formats() {
		w := f.Writer(io.Discard, 0)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range 32 { // 8 MB
			if _, err := w.Write(piece); err != nil {
				t.Fatal(err)
			}
		}
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 512<<10 {
			t.Errorf("%s: %d bytes of memory for %d", f.ID, n, 32*len(piece))
		}
	}
}

func BenchmarkFormats(b *testing.B) {
	data := make([]byte, 1<<20)
	random := rand.New(rand.NewPCG(5, 6))
	for i := range data {
		data[i] = byte(random.Uint32())
	}
	for _, f := range Formats() {
		b.Run(f.ID, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				w := f.Writer(io.Discard, 0)
				w.Write(data)
				w.Close()
			}
		})
	}
}
