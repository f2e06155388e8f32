package cli

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"wirebench/sessions/capture"
)

// savedAs is a capture that was made by hand.
func savedAs(t *testing.T, fill func(l *capture.Log)) (name string) {
	t.Helper()
	l, err := capture.Create(capture.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Delete()
	fill(l)
	if err := l.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	name = filepath.Join(t.TempDir(), "x.pcapng")
	if err := capture.ExportFile(t.Context(), name, l, capture.AsPcapng, nil); err != nil {
		t.Fatal(err)
	}
	return name
}

// nthFlow is the n-th of many connections.
func nthFlow(n int) capture.Flow {
	local, remote := netip.MustParseAddrPort("127.0.0.1:80"), netip.AddrPortFrom(netip.MustParseAddr("127.0.0.2"), uint16(10000+n))
	return capture.Flow{Proto: capture.TCP, Local: local, Remote: remote}
}

// exported is what is written of a capture cut by a framing, and its summary.
func exported(t *testing.T, name, framing, event string) (frames []map[string]any, summary map[string]any) {
	t.Helper()
	status, out, errs := wire(t, nil, "export", name, "--as", "jsonl", "--framing", framing)
	if status != 0 {
		t.Fatalf("status %d: %s", status, errs)
	}
	all := lines(t, out)
	return said(all, event), all[len(all)-1]
}

func TestNoFrameThatNeverEndedIsLeftOut(t *testing.T) {
	name := savedAs(t, func(l *capture.Log) {
		for i := range 1500 {
			l.Append(nthFlow(i), capture.In, capture.Open, nil, "")
			l.Append(nthFlow(i), capture.In, capture.Data, []byte("cut off"), "")
		}
	})
	frames, sum := exported(t, name, "lf", "socketData")
	if len(frames) != 1500 || sum["messagesIn"] != 1500.0 {
		t.Errorf("%d of 1,500 frames are exported, %v are counted", len(frames), sum["messagesIn"])
	}
	for i, f := range frames {
		if f["complete"] != false || f["peer"] != nthFlow(i).Remote.String() {
			t.Fatalf("frame %d is %v", i, f)
		}
	}
}

// saying is a capture of a connection on which that comes in.
func saying(t *testing.T, text string) (name string) {
	return savedAs(t, func(l *capture.Log) {
		l.Append(nthFlow(1), capture.In, capture.Open, nil, "")
		for p := []byte(text); len(p) > 0; {
			n := min(len(p), 60001)
			l.Append(nthFlow(1), capture.In, capture.Data, p[:n], "")
			p = p[n:]
		}
	})
}

func TestAFrameThatIsExportedInPartsIsOneFrame(t *testing.T) {
	for _, c := range []struct {
		name, framing, text, payload, header string
		parts                                int
	}{
		{"a line", "lf,max=100", strings.Repeat("x", 2_400_000) + "end\n", strings.Repeat("x", 2_400_000) + "end", "", 3},
		{"with its end", "lf,keep,max=100", strings.Repeat("x", 2_400_000) + "\n", strings.Repeat("x", 2_400_000) + "\n", "", 3},
		{"its end by itself", "crlf,max=100", strings.Repeat("x", framePart) + "\r\n", strings.Repeat("x", framePart), "", 1},
		{"no length", "u16be,max=100", "\xff\xff" + strings.Repeat("x", framePart), "\xff\xff" + strings.Repeat("x", framePart), "", 2},
	} {
		name := saying(t, c.text)
		frames, sum := exported(t, name, c.framing, "socketData")
		var all []byte
		for i, f := range frames {
			data, _ := base64.StdEncoding.DecodeString(f["data"].(string))
			part := fmt.Sprintf("bytes %d to %d of the %d of its payload", len(all)+1, len(all)+len(data), len(c.payload))
			all = append(all, data...)
			if said := f["trouble"].(string); !strings.HasPrefix(said, "oversize: ") || strings.HasSuffix(said, "; "+part) != (c.parts > 1) {
				t.Errorf("%s: part %d: %q, want %q", c.name, i, said, part)
			}
		}
		if len(frames) != c.parts || string(all) != c.payload {
			t.Errorf("%s: %d parts of %d bytes, want %d of %d", c.name, len(frames), len(all), c.parts, len(c.payload))
		}
		if sum["messagesIn"] != 1.0 {
			t.Errorf("%s: %v frames are counted", c.name, sum["messagesIn"])
		}
		_, out, _ := wire(t, nil, "export", name, "--as", "hexdump", "--framing", c.framing)
		last := (len(c.text) - 1) &^ 15
		end := fmt.Sprintf("\n%08x  %02x", last, c.text[last])
		if strings.Count(out, "# frame 1  ") != c.parts || strings.Contains(out, "# frame 2") || c.parts > 1 && !strings.Contains(out, end) {
			t.Errorf("%s: %d parts as text, of which none ends with%q", c.name, strings.Count(out, "# frame 1  "), end)
		}
	}
}

func TestADocumentIsCheckedAsAWholeOrNotAtAll(t *testing.T) {
	long := "<a>" + strings.Repeat("é", framePart) + "</a>"
	for _, c := range []struct {
		name, framing, text string
		parts               int
		wellFormed          bool
		problem             string
	}{
		{"longer than is wanted", "xml,max=100", "<a>" + strings.Repeat("é", 200) + "</a>", 1, true, ""},
		{"too large to be checked", "xml,max=100", long, 3, false, fmt.Sprintf("the message has %d bytes, of which ", len(long))},
		{"a large one", "xml", long, 1, false, fmt.Sprintf("the message has %d bytes, and only ", len(long))},
	} {
		docs, sum := exported(t, saying(t, c.text+"\x00"), c.framing, "data")
		var all strings.Builder
		for _, d := range docs {
			all.WriteString(d["text"].(string))
			problem, _ := d["problem"].(string)
			if d["wellFormed"] != c.wellFormed || !strings.Contains(problem, c.problem) || c.wellFormed && problem != "" {
				t.Errorf("%s: well-formed: %v, %s", c.name, d["wellFormed"], problem)
			}
		}
		if len(docs) != c.parts || all.String() != c.text || sum["messagesIn"] != 1.0 {
			t.Errorf("%s: %d parts of %d bytes, %v counted; want %d of %d", c.name, len(docs), all.Len(), sum["messagesIn"], c.parts, len(c.text))
		}
	}
}
