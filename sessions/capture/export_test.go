package capture

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

func exported(t testing.TB, l *Log, f Format) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := Export(context.Background(), &out, l, f, nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// shortTalk makes a log of a short conversation.
func shortTalk(t testing.TB, segment int64) *Log {
	t.Helper()
	l := recorded(t, segment, nil)
	f := clientFlow(3)
	l.Append(f, Out, Open, nil, "connect 127.0.0.2:40003")
	l.Append(f, In, Open, nil, "connected in 1.2 ms")
	l.Append(f, Out, Data, []byte("GET / HTTP/1.0\r\n\r\n"), "")
	l.Append(f, In, Data, []byte("HTTP/1.0 200 OK\r\n\r\n\x00\xff"), "a note with \u202e and \"quotes\"")
	l.Append(f, In, Close, nil, "closed by peer (FIN)")
	l.Append(f, Out, Close, nil, "")
	l.Append(Flow{}, Out, Note, nil, "connect 127.0.0.2:40004: connection refused (nothing listens there)")
	l.Append(Flow{}, Out, Note, nil, "connecting was cancelled")
	if err := l.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	return l
}

func TestExportAsHexdumpShowsEachRecord(t *testing.T) {
	const want = `# 1  2023-11-14T22:13:20.000000002Z  ->  127.0.0.2:40003  open  connect 127.0.0.2:40003

# 2  2023-11-14T22:13:20.000000003Z  <-  127.0.0.2:40003  open  connected in 1.2 ms

# 3  2023-11-14T22:13:20.000000004Z  ->  127.0.0.2:40003  18 bytes
00000000  47 45 54 20 2f 20 48 54  54 50 2f 31 2e 30 0d 0a  |GET / HTTP/1.0..|
00000010  0d 0a                                             |..|

# 4  2023-11-14T22:13:20.000000005Z  <-  127.0.0.2:40003  21 bytes  a note with \u202e and "quotes"
00000000  48 54 54 50 2f 31 2e 30  20 32 30 30 20 4f 4b 0d  |HTTP/1.0 200 OK.|
00000010  0a 0d 0a 00 ff                                    |.....|

# 5  2023-11-14T22:13:20.000000006Z  <-  127.0.0.2:40003  close  closed by peer (FIN)

# 6  2023-11-14T22:13:20.000000007Z  ->  127.0.0.2:40003  close

# 7  2023-11-14T22:13:20.000000008Z  ->  -  note  connect 127.0.0.2:40004: connection refused (nothing listens there)

# 8  2023-11-14T22:13:20.000000009Z  ->  -  note  connecting was cancelled

`
	for _, segment := range []int64{1, 1 << 20} {
		if got := string(exported(t, shortTalk(t, segment), AsHexdump)); got != want {
			t.Errorf("segments of %d:\n%s", segment, got)
		}
	}
}

func TestExportAsJSONLTellsTheStory(t *testing.T) {
	got := string(exported(t, shortTalk(t, 1), AsJSONL))
	const want = `{"time":"2023-11-14T22:13:20.000000002Z","event":"connect","local":"127.0.0.1:8087","remote":"127.0.0.2:40003","note":"connect 127.0.0.2:40003"}
{"time":"2023-11-14T22:13:20.000000003Z","event":"state","peer":"127.0.0.2:40003","text":"connected in 1.2 ms"}
{"time":"2023-11-14T22:13:20.000000004Z","event":"socketData","direction":"out","peer":"127.0.0.2:40003","length":18,"data":"R0VUIC8gSFRUUC8xLjANCg0K"}
{"time":"2023-11-14T22:13:20.000000005Z","event":"socketData","direction":"in","peer":"127.0.0.2:40003","length":21,"data":"SFRUUC8xLjAgMjAwIE9LDQoNCgD/","note":"a note with ` + "\u202e" + ` and \"quotes\""}
{"time":"2023-11-14T22:13:20.000000006Z","event":"close","by":"peer","peer":"127.0.0.2:40003","note":"closed by peer (FIN)"}
{"time":"2023-11-14T22:13:20.000000008Z","event":"ioError","error":"connect 127.0.0.2:40004: connection refused (nothing listens there)"}
{"time":"2023-11-14T22:13:20.000000009Z","event":"state","text":"connecting was cancelled"}
{"time":"2023-11-14T22:13:20.000000009Z","event":"summary","bytesIn":21,"bytesOut":18,"messagesIn":1,"messagesOut":1,"kernelDropped":0,"evicted":0,"evictedBytes":0,"lost":0,"lostBytes":0,"durationMs":0,"status":0}
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestExportAsJSONLTellsWhoClosedAndReconnects(t *testing.T) {
	l := recorded(t, 1<<20, nil)
	f := clientFlow(0)
	udp := Flow{Proto: UDP, Local: netip.MustParseAddrPort("[::1]:1"), Remote: netip.MustParseAddrPort("[::1]:2")}
	for _, end := range []struct {
		d Direction
		k Kind
	}{{Out, Close}, {In, Reset}, {Out, Reset}} {
		l.Append(f, Out, Open, nil, "")
		l.Append(f, In, Open, nil, "")
		l.Append(f, end.d, end.k, nil, "")
	}
	l.Append(udp, In, Data, nil, "")
	if err := l.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	var story []string
	for line := range bytes.Lines(exported(t, l, AsJSONL)) {
		var e struct {
			Event, By, Peer string
			Length          *int
			Data            *string
		}
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		length := "none"
		if e.Length != nil {
			length = fmt.Sprint(*e.Length)
		}
		if (e.Data != nil) != (e.Event == "socketData") {
			t.Errorf("data in %s", line) // that of an empty datagram is empty, and there
		}
		story = append(story, strings.TrimSpace(e.Event+" "+e.By+" "+length))
	}
	want := "connect  none, close local none, connect  none, close reset none, connect  none, close local none, socketData  0, summary  none"
	if got := strings.Join(story, ", "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestExportOfRawBytesIsTheStream(t *testing.T) {
	var in, out []byte
	var all []said
	for i := range 500 {
		s := said{i % 3, Direction(i / 2 % 2), bytes.Repeat([]byte{byte(i)}, i*7%900)}
		all = append(all, s)
		if s.dir == In {
			in = append(in, s.bytes...)
		} else {
			out = append(out, s.bytes...)
		}
	}
	l := recorded(t, 9000, all)
	if got := exported(t, l, AsRawIn); !bytes.Equal(got, in) {
		t.Errorf("%d bytes in, want %d", len(got), len(in))
	}
	if got := exported(t, l, AsRawOut); !bytes.Equal(got, out) {
		t.Errorf("%d bytes out, want %d", len(got), len(out))
	}
}

func TestExportAsPcapngIsOneFileWithAllRecords(t *testing.T) {
	l := recorded(t, 5000, nil)
	var want []gopacket.Payload
	for i := range 200 {
		b := bytes.Repeat([]byte{byte(i)}, 1+i*13%700)
		l.Append(clientFlow(0), Direction(i%2), Data, b, fmt.Sprint("note ", i))
		want = append(want, b)
	}
	if err := l.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n := len(l.Files()); n < 5 {
		t.Fatalf("only %d segments", n)
	}
	file := exported(t, l, AsPcapng)
	r, err := pcapgo.NewNgReader(bytes.NewReader(file), pcapgo.NgReaderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range want {
		b, _, err := r.ReadPacketData()
		if err != nil || !bytes.HasSuffix(b, w) {
			t.Fatalf("packet %d: %v", i+1, err)
		}
	}
	if r.NInterfaces() != 1 {
		t.Errorf("%d interfaces", r.NInterfaces())
	}
	if n := bytes.Count(file, []byte{0x0A, 0x0D, 0x0D, 0x0A}); n != 1 {
		t.Errorf("%d section headers", n)
	}
	// And it is a capture of ours again.
	path := filepath.Join(t.TempDir(), "again.pcapng")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := OpenFiles(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Release()
	if again.Meta() != l.Meta() {
		t.Errorf("%v, want %v", again.Meta(), l.Meta())
	}
	for n := int64(1); n <= 200; n++ {
		a, err1 := l.Record(n)
		b, err2 := again.Record(n)
		a.at, b.at = 0, 0
		if err1 != nil || err2 != nil || a != b {
			t.Fatalf("%v %v\n%+v\n%+v", err1, err2, a, b)
		}
	}
	if got := exported(t, again, AsPcapng); !bytes.Equal(got, file) {
		t.Error("exported again it differs")
	}
}

func TestExportIsReadByTshark(t *testing.T) {
	l := shortTalk(t, 1)
	path := filepath.Join(t.TempDir(), "talk.pcapng")
	if err := os.WriteFile(path, exported(t, l, AsPcapng), 0o600); err != nil {
		t.Fatal(err)
	}
	follow := string(tshark(t, "-r", path, "-q", "-z", "follow,tcp,raw,0"))
	sent, got := hex.EncodeToString([]byte("GET / HTTP/1.0\r\n\r\n")), hex.EncodeToString([]byte("HTTP/1.0 200 OK\r\n\r\n\x00\xff"))
	if !strings.Contains(follow, "\n"+sent+"\n\t"+got+"\n") {
		t.Errorf("the stream reads\n%s", follow)
	}
	fields := string(tshark(t, "-r", path, "-T", "fields", "-e", "frame.number", "-e", "frame.comment"))
	if n := strings.Count(fields, "\n"); n < 8 || !strings.Contains(fields, "5\tclosed by peer (FIN)\n") {
		t.Errorf("frames and comments:\n%s", fields)
	}
}

func TestExportTellsWhatWasEvicted(t *testing.T) {
	l, err := Create(Options{Dir: t.TempDir(), SegmentSize: 2 << 10, Budget: 8 << 10})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Release()
	for range 300 {
		l.Append(clientFlow(0), In, Data, make([]byte, 100), "")
	}
	if err := l.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	st := l.Stats()
	sentence := fmt.Sprintf("%d earlier records with %d bytes of payload were deleted", st.EvictedRecords, st.EvictedBytes)
	if st.EvictedRecords == 0 {
		t.Fatal("nothing was evicted")
	}
	if got := string(exported(t, l, AsHexdump)); !strings.HasPrefix(got, "# "+sentence) || !strings.Contains(got, fmt.Sprintf("\n# %d  ", st.First)) {
		t.Errorf("hexdump begins with %.200s", got)
	}
	if got := string(exported(t, l, AsJSONL)); !strings.Contains(got, fmt.Sprintf(`"bytesIn":%d,`, st.InBytes-st.EvictedBytes)) ||
		!strings.Contains(got, fmt.Sprintf(`"evicted":%d,"evictedBytes":%d,`, st.EvictedRecords, st.EvictedBytes)) {
		t.Errorf("the summary is %s", got[strings.LastIndex(got[:len(got)-1], "\n"):])
	}
	file := exported(t, l, AsPcapng)
	r, err := pcapgo.NewNgReader(bytes.NewReader(file), pcapgo.NgReaderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	n := int64(0)
	for ; ; n++ {
		if _, _, err := r.ReadPacketData(); err != nil {
			break
		}
	}
	if want := st.Last - st.First + 1; n != want || !bytes.Contains(file, []byte(sentence)) {
		t.Errorf("%d packets, want %d, and the comment", n, want)
	}
	if got := exported(t, l, AsRawIn); int64(len(got)) != st.InBytes-st.FirstIn {
		t.Errorf("%d raw bytes, want %d", len(got), st.InBytes-st.FirstIn)
	}
}

func TestExportOfAnEmptyLog(t *testing.T) {
	l := recorded(t, 1000, nil)
	for _, f := range Formats() {
		got := exported(t, l, f)
		if lines := bytes.Count(got, []byte("\n")); f == AsJSONL && lines != 1 || (f != AsJSONL && f != AsPcapng) && len(got) != 0 {
			t.Errorf("%s: %q", f, got)
		}
		if f == AsPcapng {
			if _, err := pcapgo.NewNgReader(bytes.NewReader(got), pcapgo.NgReaderOptions{}); err != nil {
				t.Error(err)
			}
		}
	}
}

// failing takes so many bytes and then fails.
type failing struct{ left int }

var errFull = errors.New("the disk is full")

func (f *failing) Write(p []byte) (int, error) {
	if len(p) > f.left {
		return f.left, errFull
	}
	f.left -= len(p)
	return len(p), nil
}

func TestExportSaysWhatWentWrong(t *testing.T) {
	l := recorded(t, 1<<20, []said{{0, In, bytes.Repeat([]byte("x"), 50_000)}, {0, Out, bytes.Repeat([]byte("x"), 50_000)}})
	for _, f := range Formats() {
		err := Export(context.Background(), &failing{40_000}, l, f, nil)
		if !errors.Is(err, errFull) || !strings.Contains(err.Error(), "export as "+string(f)) || !strings.Contains(err.Error(), "write: ") {
			t.Errorf("%s on a full disk: %v", f, err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := Export(ctx, &bytes.Buffer{}, l, f, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("%s cancelled: %v", f, err)
		}
		var told [2]int64
		if err := Export(context.Background(), &bytes.Buffer{}, l, f, func(done, total int64) { told = [2]int64{done, total} }); err != nil || told[0] != told[1] || told[0] < 100_000 {
			t.Errorf("%s: progress %v, %v", f, told, err)
		}
	}
	if err := Export(context.Background(), &bytes.Buffer{}, l, "csv", nil); err == nil || !strings.Contains(err.Error(), "raw-in") {
		t.Errorf("an unknown format: %v", err)
	}
	if err := l.Release(); err != nil {
		t.Fatal(err)
	}
	for _, f := range Formats() {
		if err := Export(context.Background(), &bytes.Buffer{}, l, f, nil); !errors.Is(err, os.ErrClosed) {
			t.Errorf("%s of a released log: %v", f, err)
		}
	}
}

// evictor lets a log evict all it has while it is exported.
type evictor struct {
	bytes.Buffer
	l    *Log
	once bool
}

func (e *evictor) Write(p []byte) (int, error) {
	if !e.once {
		e.once = true
		for range 3000 {
			e.l.Append(clientFlow(0), Out, Data, make([]byte, 1000), "")
		}
		if err := e.l.Flush(context.Background()); err != nil {
			return 0, err
		}
	}
	return e.Buffer.Write(p)
}

func TestExportKeepsWhatIsEvictedMeanwhile(t *testing.T) {
	l, err := Create(Options{Dir: t.TempDir(), SegmentSize: 256 << 10, Budget: 2 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Release()
	for i := range 1000 {
		l.Append(clientFlow(0), In, Data, bytes.Repeat([]byte{byte(i)}, 1000), "")
	}
	if err := l.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	first := l.Files()[0]
	e := &evictor{l: l}
	if err := Export(context.Background(), e, l, AsRawIn, nil); err != nil {
		t.Fatal(err)
	}
	if l.Stats().First <= 1000 {
		t.Fatal("nothing was evicted meanwhile")
	}
	if e.Len() != 1_000_000 {
		t.Errorf("%d bytes, want all", e.Len())
	}
	if err := l.Close(); err != nil { // waits for who else used it
		t.Fatal(err)
	}
	if _, err := os.Stat(first); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the evicted segment is still there: %v", err)
	}
}

// foreignFrames is a small capture of others: a TCP segment each way, and an
// ARP frame between them.
func foreignFrames(t testing.TB) [][]byte {
	back := tcpSegment()
	back.SrcPort, back.DstPort = 2222, 1111
	ip := ip4To(layers.IPProtocolTCP)
	ip.SrcIP, ip.DstIP = ip.DstIP, ip.SrcIP
	return [][]byte{
		frameOf(t, etherTo(layers.EthernetTypeIPv4), ip4To(layers.IPProtocolTCP), tcpSegment(), payload5),
		frameOf(t, etherTo(layers.EthernetTypeARP), gopacket.Payload(make([]byte, 46))),
		frameOf(t, etherTo(layers.EthernetTypeIPv4), ip, back, gopacket.Payload("world")),
	}
}

func TestExportOfAForeignCapture(t *testing.T) {
	var ng, classic bytes.Buffer
	w, err := pcapgo.NewNgWriter(&ng, layers.LinkTypeEthernet)
	if err != nil {
		t.Fatal(err)
	}
	c := pcapgo.NewWriterNanos(&classic)
	if err := c.WriteFileHeader(65535, layers.LinkTypeEthernet); err != nil {
		t.Fatal(err)
	}
	frames := foreignFrames(t)
	for i, f := range frames {
		ci := gopacket.CaptureInfo{Timestamp: time.Unix(1700000000, int64(i)+5), CaptureLength: len(f), Length: len(f)}
		if err := errors.Join(w.WritePacket(ci, f), c.WritePacket(ci, f)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{"a.pcapng": ng.Bytes(), "a.pcap": classic.Bytes()} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), name)
			if err := os.WriteFile(path, file, 0o600); err != nil {
				t.Fatal(err)
			}
			l, err := OpenFiles(context.Background(), path)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Release()
			got := exported(t, l, AsPcapng)
			if name == "a.pcapng" && !bytes.Equal(got, file) {
				t.Error("a pcapng file is not copied as it is")
			}
			r, err := pcapgo.NewNgReader(bytes.NewReader(got), pcapgo.NgReaderOptions{})
			if err != nil {
				t.Fatal(err)
			}
			for i, f := range frames {
				b, ci, err := r.ReadPacketData()
				if err != nil || !bytes.Equal(b, f) {
					t.Fatalf("frame %d: %v", i+1, err)
				}
				if name == "a.pcap" && ci.Timestamp.UnixNano() != 1700000000_000000005+int64(i) {
					t.Errorf("frame %d of %v", i+1, ci.Timestamp)
				}
			}
			if r.LinkType() != layers.LinkTypeEthernet {
				t.Errorf("link type %v", r.LinkType())
			}
			// The other formats, searches and filters read it too.
			if in, out := exported(t, l, AsRawIn), exported(t, l, AsRawOut); string(in)+string(out) != "worldhello" {
				t.Errorf("raw bytes %q in, %q out", in, out)
			}
			if got := string(exported(t, l, AsHexdump)); strings.Count(got, "\n# ") != 2 || !strings.Contains(got, "|hello|") || !strings.Contains(got, "<-  10.0.0.2:2222  5 bytes") {
				t.Errorf("hexdump\n%s", got)
			}
			scan := bufio.NewScanner(bytes.NewReader(exported(t, l, AsJSONL)))
			events := 0
			for scan.Scan() {
				if events++; !json.Valid(scan.Bytes()) {
					t.Errorf("no JSON: %s", scan.Bytes())
				}
			}
			if events != 3 {
				t.Errorf("%d events", events)
			}
			if got := search(t, l, Query{Literal: []byte("WORLD"), FoldCase: true}); len(got) != 1 || got[0] != (Match{Off: 5, Len: 5, Number: 3}) {
				t.Errorf("found %v", got)
			}
			f := NewFilter(l, Criteria{Text: "10.0.0.2:2222", DataOnly: true})
			defer f.Close()
			caughtUp(t, f, l)
			if got := listed(f); len(got) != 2 || got[1] != 3 {
				t.Errorf("filtered %v", got)
			}
		})
	}
}

func TestExportOfACutForeignCaptureIsWhole(t *testing.T) {
	for _, order := range []byteOrder{binary.LittleEndian, binary.BigEndian} {
		f := builder{order: order}
		f.section()
		f.iface(linkEthernet)
		packets := 0
		packet := func() {
			b := seg{false, "A", 2, "abc"}.frame(t)
			f.enhanced(0, 1, b, len(b))
			packets++
		}
		packet()
		f.block(4, func() { f.b = append(f.b, "names"...) })
		ends := map[int]int{len(f.b): packets} // of whole blocks, with the packets until there
		packet()
		ends[len(f.b)] = packets
		f.section()
		ends[len(f.b)] = packets
		f.iface(linkEthernet)
		ends[len(f.b)] = packets
		f.block(5, func() { f.b = append(f.b, "statistics"...) })
		whole, least := f.b, len(f.b)
		ends[len(whole)] = packets
		for end := range ends {
			least = min(least, end)
		}
		for cut := least; cut <= len(whole); cut++ {
			f.b = whole[:cut]
			l, err := OpenFiles(context.Background(), f.save(t))
			if err != nil {
				t.Fatal(err)
			}
			got := exported(t, l, AsPcapng)
			if !bytes.HasPrefix(whole, got) || ends[len(got)] != int(l.Stats().Last) {
				t.Fatalf("%v cut at %d: a copy of %d bytes with %d records", order, cut, len(got), l.Stats().Last)
			}
			for end := range ends {
				if end <= cut && end > len(got) {
					t.Fatalf("%v cut at %d: the copy ends at %d, and a whole block at %d", order, cut, len(got), end)
				}
			}
			l.Release()
		}
	}
}

func TestAForeignCaptureOfLittleButOtherBlocksTakesLittleMemory(t *testing.T) {
	f := builder{order: binary.LittleEndian}
	f.section()
	f.iface(linkEthernet)
	packet := func(seq uint32, data string) {
		b := seg{false, "A", seq, data}.frame(t)
		f.enhanced(0, 1, b, len(b))
	}
	packet(2, "a needle in ha")
	path := f.save(t)
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	at := int64(len(f.b))
	length := binary.LittleEndian.AppendUint32(nil, maxBlock)
	for range 2*mostRun/maxBlock + 1 { // each a hole but for its ends
		head := append([]byte{4, 0, 0, 0}, length...)
		if _, err := file.WriteAt(head, at); err != nil {
			t.Fatal(err)
		}
		at += maxBlock
		if _, err := file.WriteAt(length, at-4); err != nil {
			t.Fatal(err)
		}
	}
	f.b = nil
	packet(16, "y, and another needle")
	if _, err := file.WriteAt(f.b, at); err != nil {
		t.Fatal(err)
	}
	l, err := OpenFiles(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Release()
	runs, err := l.snapshot(0, false)
	if err != nil {
		t.Fatal(err)
	}
	var r runReader
	defer r.close()
	for _, run := range runs {
		if err := r.load(l, run); err != nil {
			t.Fatal(err)
		}
		for r.next() {
		}
		if r.err != nil || cap(r.buf) > mostRun {
			t.Errorf("a run of %d bytes: %v, %d bytes of memory", run.size, r.err, cap(r.buf))
		}
	}
	if got := exported(t, l, AsRawOut); string(got) != "a needle in hay, and another needle" {
		t.Errorf("%q", got)
	}
	if got := search(t, l, Query{Literal: []byte("needle in hay, and another needle"), Stream: OutOnly}); len(got) != 1 || got[0].Off != 2 {
		t.Errorf("found %v", got)
	}
}
