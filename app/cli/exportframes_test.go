package cli

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEachDirectionIsCutItsOwnWay(t *testing.T) {
	address := peer(t, func(c net.Conn) {
		io.ReadFull(c, make([]byte, 8))
		io.WriteString(c, "one\ntwo\n")
	})
	status, out, errs := wire(t, nil, "tcp", address, "--json", "--framing", "in=lf,out=u16be", "--send", `\0\x02hi\0\x02yo`, "--wait", patience.String())
	if status != 0 {
		t.Fatalf("status %d: %s", status, errs)
	}
	want := "out hi header 0002\nout yo header 0002\nin one\nin two\n"
	if got := inWords(said(lines(t, out), "socketData")); got != want {
		t.Errorf("frames are\n%swant\n%s", got, want)
	}
}

// captured is the capture of a connection that carries what the two sides say.
func captured(t *testing.T, sent, received string) string {
	t.Helper()
	address := peer(t, func(c net.Conn) {
		io.ReadFull(c, make([]byte, len(sent)))
		for len(received) > 0 { // in reads that cut the frames
			n := min(5, len(received))
			io.WriteString(c, received[:n])
			received = received[n:]
		}
	})
	name := filepath.Join(t.TempDir(), "x.pcapng")
	if status, _, errs := wire(t, nil, "tcp", address, "--send", escaped(sent), "--save", name, "--wait", patience.String()); status != 0 {
		t.Fatalf("status %d: %s", status, errs)
	}
	return name
}

// escaped is text as --send reads it.
func escaped(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		fmt.Fprintf(&b, `\x%02x`, c)
	}
	return b.String()
}

func TestACaptureIsExportedAsFrames(t *testing.T) {
	name := captured(t, "\x00\x02hi", "first line\nsecond line\nthe third is cut")
	status, out, errs := wire(t, nil, "export", name, "--as", "jsonl", "--framing", "in=lf,out=u16be")
	if status != 0 {
		t.Fatalf("status %d: %s", status, errs)
	}
	all := lines(t, out)
	want := "out hi header 0002\nin first line\nin second line\nin the third is cut complete false: incomplete: 16 bytes\n"
	if got := inWords(said(all, "socketData")); got != want {
		t.Errorf("frames are\n%swant\n%s", got, want)
	}
	if n := len(all); all[0]["event"] != "connect" || all[n-2]["event"] == "socketData" || all[n-1]["event"] != "summary" {
		t.Errorf("the story is told in another order:\n%s", out)
	}
	if sum := all[len(all)-1]; sum["messagesIn"] != 3.0 || sum["messagesOut"] != 1.0 || sum["bytesIn"] != 39.0 || sum["bytesOut"] != 4.0 {
		t.Errorf("the summary says %v", sum)
	}

	to := filepath.Join(t.TempDir(), "frames.txt")
	if status, _, errs = wire(t, nil, "export", name, "--as", "hexdump", "--framing", "in=lf", "-o", to); status != 0 {
		t.Fatalf("status %d: %s", status, errs)
	}
	text, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"# frame 3  ", "  11 bytes\n00000000  66 69 72 73 74", "  16 bytes  incomplete: 16 bytes\n", "->"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	for _, form := range []string{"pcapng", "raw-in"} {
		if status, _, errs := wire(t, nil, "export", name, "--as", form, "--framing", "lf"); status != 2 || !strings.Contains(errs, "no place for frames") {
			t.Errorf("%s: status %d, %s", form, status, errs)
		}
	}
}

func TestXMLDocumentsOfACaptureAreEvents(t *testing.T) {
	name := captured(t, "<hi/>\x00", "<a><b/></a>\x00<a>\n<b></a>\x00<cut")
	status, out, errs := wire(t, nil, "export", name, "--as", "jsonl", "--framing", "xml")
	if status != 0 {
		t.Fatalf("status %d: %s", status, errs)
	}
	var b strings.Builder
	for _, e := range said(lines(t, out), "data") {
		fmt.Fprintf(&b, "%v %q wellFormed=%v complete=%v %v\n", e["direction"], e["text"], e["wellFormed"], e["complete"], e["problem"])
	}
	want := `out "<hi/>" wellFormed=true complete=true <nil>
in "<a><b/></a>" wellFormed=true complete=true <nil>
in "<a>\n<b></a>" wellFormed=false complete=true line 2, column 4: </a> comes before <b> of line 2 is closed
in "<cut" wellFormed=false complete=false line 1, column 1: what begins here is never ended: the message is cut short, or a quote or > is missing
`
	if b.String() != want {
		t.Errorf("events are\n%swant\n%s", b.String(), want)
	}
}
