package cli

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"wirebench/sessions/capture"
	"wirebench/sessions/framing"
)

// said returns the events of one name.
func said(all []map[string]any, event string) (some []map[string]any) {
	for _, e := range all {
		if e["event"] == event {
			some = append(some, e)
		}
	}
	return some
}

// inWords writes frames down as "in hello" with what else there is to say.
func inWords(frames []map[string]any) string {
	var b strings.Builder
	for _, f := range frames {
		data, _ := base64.StdEncoding.DecodeString(f["data"].(string))
		fmt.Fprintf(&b, "%v %s", f["direction"], data)
		if h, ok := f["header"].(string); ok {
			header, _ := base64.StdEncoding.DecodeString(h)
			fmt.Fprintf(&b, " header %x", header)
		}
		if f["complete"] != true {
			fmt.Fprintf(&b, " complete %v: %v", f["complete"], f["trouble"])
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestFramesArePrintedWhereverReadsCutThem(t *testing.T) {
	address := peer(t, func(c net.Conn) {
		for _, p := range []string{"\x07\x00", "\x05he", "llo\x07\x00\x02hi\x07\x00\x04ab"} {
			io.WriteString(c, p)
			time.Sleep(30 * time.Millisecond)
		}
	})
	status, out, errs := wire(t, nil, "tcp", address, "--json", "--framing", "u16be,offset=1", "--wait", patience.String())
	if status != 0 {
		t.Fatalf("status %d: %s", status, errs)
	}
	all := lines(t, out)
	want := "in hello header 070005\nin hi header 070002\nin ab header 070004 complete false: incomplete: 5 of 7 bytes\n"
	if got := inWords(said(all, "socketData")); got != want {
		t.Errorf("frames are\n%swant\n%s", got, want)
	}
	sum := all[len(all)-1]
	if sum["messagesIn"] != 3.0 || sum["bytesIn"] != 18.0 {
		t.Errorf("the summary says %v", sum)
	}
	if last := all[len(all)-2]; last["event"] != "close" {
		t.Errorf("what the end cuts off comes behind the close: %v", last)
	}
}

func TestFramesForPeopleSayWhatIsWrongWithThem(t *testing.T) {
	address := peer(t, func(c net.Conn) { io.WriteString(c, "\xff\xff\xff\xffxy") })
	status, out, errs := wire(t, nil, "tcp", address, "--framing", "u32be", "--wait", patience.String())
	if status != 0 || !strings.Contains(out, `<-      6  \xff\xff\xff\xffxy  (oversize: 6 of 4294967299 bytes)`) || !strings.Contains(out, "6 bytes received in 1 frame") {
		t.Errorf("status %d: %s%s", status, out, errs)
	}
}

func TestSilenceEndsAFrameThoughNothingComes(t *testing.T) {
	t.Parallel()
	address := peer(t, func(c net.Conn) {
		io.WriteString(c, "a")
		time.Sleep(10 * time.Millisecond)
		io.WriteString(c, "b")
		io.Copy(io.Discard, c)
	})
	const gap = 2 * time.Second // a busy machine may put some time between the two
	out, signals := newSpool(""), make(chan struct{})
	go func() {
		defer close(signals)
		out.await(t, `"socketData"`, 1)
	}()
	began := time.Now()
	status, errs := signalled(t, streams{strings.NewReader(""), out, nil}, signals, "tcp", address, "--json", "--framing", "gap:"+gap.String(), "--wait", "1h")
	if status != 0 {
		t.Fatalf("status %d: %s", status, errs)
	}
	frames := said(lines(t, out.String()), "socketData")
	if got := inWords(frames); got != "in ab\n" {
		t.Fatalf("frames are %q", got)
	}
	at, _ := time.Parse(time.RFC3339Nano, frames[0]["time"].(string))
	if d := at.Sub(began); d < gap {
		t.Errorf("it was printed after %s", d)
	}
}

func TestXMLDocumentsAreEvents(t *testing.T) {
	heard := make(chan string, 1)
	address := peer(t, func(c net.Conn) {
		b := make([]byte, 100)
		n, _ := io.ReadAtLeast(c, b, len("<hi/>\x00<a>\x00"))
		heard <- string(b[:n])
		io.WriteString(c, "<chat>h\u00e9llo</chat>\x00<bad\x00<cut")
	})
	status, out, errs := wire(t, nil, "tcp", address, "--json", "--framing", "xml", "--send", "<hi/>", "--send", `<a>\0`, "--wait", patience.String())
	if status != 0 {
		t.Fatalf("status %d: %s", status, errs)
	}
	if got := <-heard; got != "<hi/>\x00<a>\x00" {
		t.Errorf("the peer heard %q", got)
	}
	var b strings.Builder
	for _, e := range said(lines(t, out), "data") {
		fmt.Fprintf(&b, "%v %v wellFormed=%v complete=%v\n", e["direction"], e["text"], e["wellFormed"], e["complete"])
		if (e["problem"] == nil) != (e["wellFormed"] == true) || e["peer"] != address {
			t.Errorf("%v", e)
		}
	}
	want := "out <hi/> wellFormed=true complete=true\nout <a> wellFormed=false complete=true\n" +
		"in <chat>h\u00e9llo</chat> wellFormed=true complete=true\nin <bad wellFormed=false complete=true\nin <cut wellFormed=false complete=false\n"
	if b.String() != want {
		t.Errorf("events are\n%swant\n%s", b.String(), want)
	}
	if len(said(lines(t, out), "socketData")) > 0 {
		t.Error("documents are printed as bytes too")
	}
}

func TestADocumentOfWhichOnlyTheBeginningIsKeptIsNotChecked(t *testing.T) {
	address := peer(t, func(c net.Conn) { io.WriteString(c, "<a>hello, hello</a>\x00<a/>\x00") })
	status, out, errs := wire(t, nil, "tcp", address, "--json", "--framing", "xml,max=8", "--wait", patience.String())
	if status != 0 {
		t.Fatalf("status %d: %s", status, errs)
	}
	docs := said(lines(t, out), "data")
	if len(docs) != 2 || docs[0]["problem"] != "the message has 19 bytes, of which 8 are here" || docs[0]["wellFormed"] != false || docs[1]["wellFormed"] != true {
		t.Errorf("%v", docs)
	}
}

func dialed(t *testing.T, s *served) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestAServersClientsAreCutApart(t *testing.T) {
	s := serve(t, "--json", "--framing", "lf")
	one, two := dialed(t, s), dialed(t, s)
	for _, w := range []struct {
		c      net.Conn
		text   string
		frames int // that have come by then
	}{{one, "he", 0}, {two, "good", 0}, {one, "llo\nx", 1}, {two, " day\n", 2}} {
		io.WriteString(w.c, w.text)
		time.Sleep(20 * time.Millisecond) // so that reads cut the frames
		s.out.await(t, `"socketData"`, w.frames)
	}
	one.Close()
	s.out.await(t, `"event":"close"`, 1)
	two.Close()
	s.out.await(t, `"event":"close"`, 2)
	s.signal()
	s.out.await(t, `"event":"summary"`, 1)
	all := lines(t, s.out.String())
	if got := inWords(said(all, "socketData")); got != "in hello\nin good day\nin x complete false: incomplete: 1 byte\n" {
		t.Errorf("frames are\n%s", got)
	}
	for _, f := range said(all, "socketData") {
		if f["client"] == nil {
			t.Errorf("%v has no client", f)
		}
	}
}

// A thousand clients that begin long frames and go on with none take no more than the budget.
func TestFramesOfAllClientsTogetherTakeABudget(t *testing.T) {
	for _, c := range []struct {
		framing string
		begun   string
		event   string
	}{{"u32be", "\x00\xff\xff\xf0", "socketData"}, {"xml", "<a>", "data"}} {
		by, err := parseFramings(c.framing)
		if err != nil || by.memory() != 256<<20 {
			t.Fatalf("%d bytes, %v", by.memory(), err)
		}
		var out bytes.Buffer
		r := newReporter(streams{nil, &out, io.Discard}, true, func() {})
		r.cut(by)
		const budget = 1 << 20
		r.frames.budget = framing.NewBudget(budget)
		p := append([]byte(c.begun), bytes.Repeat([]byte("x"), 50_000)...)
		for i := range 30 {
			r.data(nthFlow(i), capture.In, p, int64(i+1))
		}
		for i := range 30 {
			r.data(nthFlow(i), capture.In, p[100:200], int64(i+1))
		}
		r.endAllFrames()
		if r.summary(capture.Stats{}, statusDone); r.msgsIn != 30 {
			t.Errorf("%s: %d frames of 30 are counted", c.framing, r.msgsIn)
		}
		printed := strings.Count(out.String(), "part 1 of a frame that there is no memory left for")
		if held := 30 - printed; held < 10 || held > budget/50_000 {
			t.Errorf("%s: of 30 frames %d were held", c.framing, held)
		}
		if again := strings.Count(out.String(), "part 2 of a frame"); again != printed {
			t.Errorf("%s: %d parts follow %d", c.framing, again, printed)
		}
		size := 0
		for _, f := range said(lines(t, out.String()), c.event) {
			text, ok := f["text"].(string)
			if !ok {
				data, _ := base64.StdEncoding.DecodeString(f["data"].(string))
				before, _ := f["header"].(string)
				header, _ := base64.StdEncoding.DecodeString(before)
				text = string(header) + string(data)
			} else if part := strings.Contains(f["trouble"].(string), "part "); (f["problem"] == "this is a part of a message") != part {
				t.Errorf("trouble %v, problem %v", f["trouble"], f["problem"])
			}
			size += len(text)
		}
		if size != 30*(len(p)+100) {
			t.Errorf("%s: %d bytes are printed, want %d", c.framing, size, 30*(len(p)+100))
		}
	}
	if by, _ := parseFramings("in=lf,max=1GiB"); by.memory() != 2<<30 {
		t.Errorf("%d bytes for frames of 1 GiB", by.memory())
	}
}

func TestAFramingThatIsNoneIsAMistake(t *testing.T) {
	for _, args := range [][]string{
		{"tcp", "127.0.0.1:1", "--framing", "u16"}, {"server", "0", "--framing", "fixed:0"}, {"tls", "127.0.0.1:1", "--framing", ""},
	} {
		status, out, errs := wire(t, nil, args...)
		if status != 2 || out != "" || !strings.Contains(errs, "framing") {
			t.Errorf("%v: status %d, %s", args, status, errs)
		}
	}
	if status, _, errs := wire(t, nil, "udp", "0", "--framing", "lf"); status != 2 || !strings.Contains(errs, "unknown flag") {
		t.Errorf("datagrams: status %d, %s", status, errs)
	}
}
