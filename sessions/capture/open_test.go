package capture

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestOpenFilesWorksOutAForeignConversation(t *testing.T) {
	for _, c := range []struct {
		name    string
		segs    []seg
		want    []string // direction kind "payload" note
		in, out string
	}{
		{"from SYN to FIN", []seg{
			{false, "S", 100, ""}, {true, "SA", 500, ""}, {false, "A", 101, ""},
			{false, "A", 101, "hello"}, {true, "A", 501, "hi"}, {false, "FA", 106, ""}, {true, "FA", 503, "last"}, {false, "A", 107, ""},
		}, []string{
			`out open "" `, `in open "" `, `out note "" ACK`, `out data "hello" `, `in data "hi" `, `out close "" `, `in data "last" FIN`, `out note "" ACK`,
		}, "hilast", "hello"},
		{"joined in the middle: the first to speak is local", []seg{
			{true, "A", 1000, "one"}, {false, "A", 7, "two"}, {true, "R", 1003, ""},
		}, []string{`out data "one" `, `in data "two" `, `out reset "" `}, "two", "one"},
		{"joined at the SYN-ACK: who it answers is local", []seg{
			{true, "SA", 1000, ""}, {false, "A", 7, "two"},
		}, []string{`in open "" `, `out data "two" `}, "", "two"},
		{"segments sent again", []seg{
			{false, "S", 100, ""}, {false, "S", 100, ""}, {false, "A", 101, "abc"}, {false, "A", 101, "abc"}, {false, "A", 101, "abcdef"}, {false, "A", 107, "g"}, {false, "A", 106, "x"},
		}, []string{
			`out open "" `, `out note "" retransmission`, `out data "abc" `, `out note "" retransmission`,
			`out data "def" without 3 bytes repeated from before`, `out data "g" `, `out note "" retransmission`,
		}, "", "abcdefg"},
		{"segments that were not captured, and one that came late", []seg{
			{false, "A", 100, "abc"}, {false, "A", 109, "jkl"}, {false, "A", 103, "def"}, {false, "A", 103, "def"}, {false, "A", 112, "m"},
		}, []string{
			`out data "abc" `, `out data "jkl" 6 bytes missing before this`, `out data "def" out of order`, `out note "" retransmission`, `out data "m" `,
		}, "", "abcjkldefm"},
		{"sequence numbers that begin again at zero", []seg{
			{false, "S", 1<<32 - 3, ""}, {false, "A", 1<<32 - 2, "abcd"}, {false, "A", 2, "ef"}, {false, "A", 1<<32 - 2, "abcd"},
		}, []string{`out open "" `, `out data "abcd" `, `out data "ef" `, `out note "" retransmission`}, "", "abcdef"},
		{"ports used again", []seg{
			{false, "S", 5000, ""}, {false, "A", 5001, "abc"}, {false, "S", 100, ""}, {true, "SA", 9, ""}, {false, "A", 101, "def"}, {true, "A", 10, "x"},
		}, []string{`out open "" `, `out data "abc" `, `out open "" `, `in open "" `, `out data "def" `, `in data "x" `}, "x", "abcdef"},
		{"joined in the middle, then opened from the other side", []seg{
			{true, "A", 1, "a"}, {false, "S", 5, ""}, {true, "SA", 8, ""}, {true, "A", 9, "b"},
		}, []string{`out data "a" `, `out open "" `, `in open "" `, `in data "b" `}, "b", "a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := builder{order: binary.LittleEndian}
			f.pcap(0xA1B2C3D4, linkEthernet)
			for i, s := range c.segs {
				b := s.frame(t)
				f.pcapPacket(1000, uint32(i), b, len(b))
			}
			l := openFiles(t, f.save(t))
			for i, r := range allRecords(t, l) {
				p := make([]byte, r.Len)
				if _, err := l.Payload(r, p, 0); err != nil {
					t.Fatal(err)
				}
				if got := fmt.Sprintf("%v %v %q %s", r.Dir, r.Kind, p, r.Note); got != c.want[i] {
					t.Errorf("frame %d is %s, want %s", i+1, got, c.want[i])
				}
				if want := time.Unix(1000, int64(i)*1000); !r.Time.Equal(want) {
					t.Errorf("frame %d is of %v", i+1, r.Time)
				}
			}
			for s, want := range map[Stream]string{InOnly: c.in, OutOnly: c.out} {
				p := make([]byte, len(want))
				if _, err := l.ReadAt(s, p, 0); err != nil || string(p) != want || l.Stats().StreamEnd(s) != int64(len(want)) {
					t.Errorf("%v is %q, want %q (%v)", s, p, want, err)
				}
			}
			if m := l.Meta(); m.Kind != "file" || m.Name != "other.pcap" {
				t.Errorf("%+v", m)
			}
		})
	}
}

func TestOpenFilesReadsEveryFormOfFile(t *testing.T) {
	frame := seg{false, "A", 1, "payload"}.frame(t)
	raw := frame[14:]
	for _, c := range []struct {
		name  string
		build func(f *builder)
		n     int           // records, each with the payload
		since time.Duration // 1970, of the last
		note  string        // of the last
	}{
		{"pcap with microseconds", func(f *builder) { f.pcap(0xA1B2C3D4, linkEthernet); f.pcapPacket(5, 7, frame, len(frame)) }, 1, 5*time.Second + 7*time.Microsecond, ""},
		{"pcap with nanoseconds", func(f *builder) { f.pcap(0xA1B23C4D, linkRaw); f.pcapPacket(5, 7, raw, len(raw)) }, 1, 5*time.Second + 7, ""},
		{"pcap that tells of checksums behind frames", func(f *builder) { f.pcap(0xA1B2C3D4, 0x4<<28|linkEthernet); f.pcapPacket(5, 0, frame, len(frame)) }, 1, 5 * time.Second, ""},
		{"pcapng with microseconds and a comment", func(f *builder) {
			f.section()
			f.iface(linkEthernet)
			f.enhanced(0, 5_000_007, frame, len(frame), func() { f.option(optComment, []byte("look")) })
		}, 1, 5*time.Second + 7*time.Microsecond, "look"},
		{"pcapng with times in 1/1024 seconds and an offset", func(f *builder) {
			f.section()
			f.iface(linkRaw, func() { f.option(optTsResol, []byte{0x80 | 10}) }, func() {
				f.option(optTsOffset, f.order.AppendUint64(nil, 100))
			})
			f.enhanced(0, 512, raw, len(raw))
		}, 1, 100*time.Second + 500*time.Millisecond, ""},
		{"pcapng with several interfaces and sections", func(f *builder) {
			f.section()
			f.iface(linkEthernet)
			f.iface(linkRaw, func() { f.option(optTsResol, []byte{9}) })
			f.enhanced(1, 1, raw, len(raw))
			f.enhanced(0, 1, seg{false, "A", 8, "payload"}.frame(t), len(frame))
			f.section()
			f.iface(linkRaw)
			f.enhanced(0, 3, seg{false, "A", 15, "payload"}.frame(t)[14:], len(raw))
		}, 3, 3 * time.Microsecond, ""},
		{"pcapng with an obsolete packet block and unknown ones", func(f *builder) {
			f.section()
			f.block(0x7777, func() { f.u32(1) })
			f.iface(linkEthernet)
			f.block(5, func() { f.u32(0); f.u32(0); f.u32(0) })
			f.block(blockPacketOld, func() {
				f.u16(0)
				f.u16(0)
				f.u32(0)
				f.u32(9)
				f.u32(uint32(len(frame)))
				f.u32(uint32(len(frame)))
				f.b = append(f.b, frame...)
			})
			f.block(5, func() { f.u32(0); f.u32(0); f.u32(0) })
		}, 1, 9 * time.Microsecond, ""},
		{"pcapng with a simple packet block", func(f *builder) {
			f.section()
			f.iface(linkEthernet)
			f.block(blockSimple, func() { f.u32(uint32(len(frame))); f.b = append(f.b, frame...) })
		}, 1, 0, ""},
	} {
		for _, order := range []byteOrder{binary.LittleEndian, binary.BigEndian} {
			t.Run(fmt.Sprint(c.name, " ", order), func(t *testing.T) {
				f := builder{order: order}
				c.build(&f)
				path := f.save(t)
				l := openFiles(t, path)
				rs := allRecords(t, l)
				if len(rs) != c.n || len(l.Warnings()) > 0 {
					t.Fatalf("%d records, warnings %q", len(rs), l.Warnings())
				}
				want := flowOf("1.1.1.1:1000", "2.2.2.2:80")
				for _, r := range rs {
					p := make([]byte, r.Len)
					if _, err := l.Payload(r, p, 0); err != nil || string(p) != "payload" || r.Flow != want {
						t.Errorf("%+v: %q, %v", r, p, err)
					}
				}
				last := rs[len(rs)-1]
				if !last.Time.Equal(time.Unix(0, int64(c.since))) || last.Note != c.note {
					t.Errorf("%+v", last)
				}
				if _, err := exec.LookPath("tshark"); err == nil {
					if n := strings.Count(string(tshark(t, "-r", path)), "\n"); n != c.n {
						t.Errorf("tshark sees %d frames", n)
					}
				}
			})
		}
	}
}

func TestOpenFilesKeepsADirectionAFileNames(t *testing.T) {
	f := builder{order: binary.LittleEndian}
	f.section()
	f.iface(linkEthernet)
	for _, flags := range []byte{flagsIn, flagsOut} {
		s := seg{flags == flagsOut, "A", 1, "x"} // the server is the local one
		f.enhanced(0, 1, s.frame(t), 60, func() { f.option(optFlags, []byte{flags, 0, 0, 0}) })
	}
	rs := allRecords(t, openFiles(t, f.save(t)))
	if rs[0].Dir != In || rs[1].Dir != Out || rs[0].Flow != rs[1].Flow || rs[0].Flow.Local.Port() != 80 {
		t.Errorf("%+v", rs)
	}
}

func TestOpenFilesShowsWhatIsNotTCPOrUDP(t *testing.T) {
	f := builder{order: binary.LittleEndian}
	f.pcap(0xA1B2C3D4, linkEthernet)
	f.pcapPacket(1, 0, append(make([]byte, 12), 8, 6, 0, 1), 16) // ARP
	cut := seg{false, "A", 1, "payload"}.frame(t)
	f.pcapPacket(1, 0, cut[:len(cut)-3], len(cut))
	rs := allRecords(t, openFiles(t, f.save(t)))
	if rs[0].Kind != Note || rs[0].Note != "not TCP or UDP" || rs[0].Flow != (Flow{}) {
		t.Errorf("%+v", rs[0])
	}
	if rs[1].Number != 2 || rs[1].Len != 4 || rs[1].WireLen != 7 {
		t.Errorf("%+v", rs[1])
	}
}

func TestFramesAreNumberedAsWiresharkDoes(t *testing.T) {
	f := builder{order: binary.LittleEndian}
	f.section()
	f.iface(linkEthernet)
	frame := seg{false, "A", 1, "payload"}.frame(t)
	for _, kind := range []uint32{blockCustom, blockCustomLocal, blockJournal, 5, 4, 0x0A, 0x7777} {
		f.block(kind, func() {
			switch kind {
			case blockJournal:
				f.b = append(f.b, "__REALTIME_TIMESTAMP=1700000000000000\n"...)
			case 4: // name resolution: an end of records
				f.u32(0)
			default:
				f.u32(0)
				f.u32(0)
				f.u32(0)
			}
		})
		f.enhanced(0, 1, frame, len(frame))
	}
	path := f.save(t)
	got := ""
	for _, r := range allRecords(t, openFiles(t, path)) {
		if r.Flow.Proto == TCP {
			got += fmt.Sprintln(r.Number)
		}
	}
	if want := string(tshark(t, "-r", path, "-Y", "tcp", "-T", "fields", "-e", "frame.number")); got != want {
		t.Errorf("the packets are %q, to Wireshark %q", got, want)
	}
}

func TestACaptureOfOursSavedByAnotherProgramIsReadAsForeign(t *testing.T) {
	if _, err := exec.LookPath("editcap"); err != nil {
		t.Skip("editcap is not installed: reading what it saves was not checked")
	}
	l := newLog(t, Options{})
	said := talk(l, flow6, rand.New(rand.NewPCG(1, 2)))
	flush(t, l)
	path := filepath.Join(t.TempDir(), "saved.pcapng")
	if out, err := exec.CommandContext(t.Context(), "editcap", l.Files()[0], path).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	o := openFiles(t, path)
	for s, want := range map[Stream][]byte{InOnly: said[In], OutOnly: said[Out]} {
		p := make([]byte, len(want))
		if _, err := o.ReadAt(s, p, 0); err != nil || !bytes.Equal(p, want) {
			t.Errorf("%v differs (%v)", s, err)
		}
	}
	mine, theirs := allRecords(t, l), allRecords(t, o)
	for i := range mine {
		a, b := plain(mine[i]), plain(theirs[i])
		if a != b || !mine[i].Time.Equal(theirs[i].Time) {
			t.Errorf("record %d:\n mine %+v\nsaved %+v", i+1, a, b)
		}
	}
}

func TestAFileCutAnywhereOpensUpToTheCut(t *testing.T) {
	l := newLog(t, Options{})
	var m model
	scribbleSmall(l, &m)
	flush(t, l)
	whole, err := os.ReadFile(l.Files()[0])
	if err != nil {
		t.Fatal(err)
	}
	var foreign builder
	foreign.order = binary.BigEndian
	foreign.section()
	foreign.iface(linkEthernet)
	for i := range 5 {
		foreign.enhanced(0, 1, seg{false, "A", uint32(1 + 3*i), "abc"}.frame(t), 60)
	}
	path := filepath.Join(t.TempDir(), "cut.pcapng")
	for _, b := range [][]byte{whole, foreign.b} {
		last := int64(0)
		for n := 4; n <= len(b); n++ {
			if err := os.WriteFile(path, b[:n], 0o600); err != nil {
				t.Fatal(err)
			}
			c, err := OpenFiles(t.Context(), path)
			if err != nil {
				t.Fatalf("cut at %d: %v", n, err)
			}
			st := c.Stats()
			grown := st.Last > last
			if st.Last < last || st.Last > last+1 {
				t.Fatalf("cut at %d: %d records after %d", n, st.Last, last)
			}
			if w := c.Warnings(); len(w) > 1 || grown && len(w) != 0 || len(w) == 1 && !strings.Contains(w[0], "ends in the middle of a packet at offset ") {
				t.Fatalf("cut at %d: %q", n, w)
			}
			if grown {
				allRecords(t, c)
			}
			last = st.Last
			c.Release()
		}
		if bytes.Equal(b, whole) && last != int64(len(m.recs)) {
			t.Errorf("%d of %d records", last, len(m.recs))
		}
	}
}

// scribbleSmall appends a few small records.
func scribbleSmall(l *Log, m *model) {
	for i, k := range []Kind{Open, Open, Data, Note, Data, Close, Reset} {
		p := []byte(nil)
		if k == Data {
			p = make([]byte, i)
		}
		l.Append(flow4, Direction(i&1), k, p, strings.Repeat("n", i))
		m.add(flow4, Direction(i&1), k, p, strings.Repeat("n", i))
	}
}

func TestADamagedFileIsReadUpToTheDamage(t *testing.T) {
	l := newLog(t, Options{})
	var m model
	scribbleSmall(l, &m)
	flush(t, l)
	whole, err := os.ReadFile(l.Files()[0])
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "damaged.pcapng")
	// As the power going off may leave it: room was made for more, nothing was written there.
	if err := os.WriteFile(path, append(bytes.Clone(whole), make([]byte, 4096)...), 0o600); err != nil {
		t.Fatal(err)
	}
	c := openFiles(t, path)
	m.check(t, c)
	if w := c.Warnings(); len(w) != 1 || !strings.Contains(w[0], fmt.Sprintf("read up to offset %d", len(whole))) {
		t.Errorf("%q", w)
	}
}

func TestOpenFilesRefuses(t *testing.T) {
	dir := t.TempDir()
	big := builder{order: binary.LittleEndian}
	big.section()
	big.u32(blockPacket)
	big.u32(maxBlock + 4)
	noIface := builder{order: binary.LittleEndian}
	noIface.section()
	noIface.enhanced(3, 0, []byte("frame"), 5)
	for _, c := range []struct {
		name    string
		content []byte
		want    string
	}{
		{"an empty file", nil, "is empty"},
		{"a text", []byte("this is no capture at all, is it?"), "is no pcapng or pcap file"},
		{"a compressed file", []byte{0x1F, 0x8B, 8, 0}, "unpack it first"},
		{"a block that is too large", big.b, fmt.Sprintf("at offset %d", len(big.b)-8)},
		{"a packet of an interface that there is not", noIface.b, "interface 3, which there is not"},
		{"a section of neither byte order", append([]byte{0x0A, 0x0D, 0x0D, 0x0A, 28, 0, 0, 0}, make([]byte, 20)...), "at offset 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(dir, "f")
			if err := os.WriteFile(path, c.content, 0o600); err != nil {
				t.Fatal(err)
			}
			if l, err := OpenFiles(t.Context(), path); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("OpenFiles = %v, %v", l, err)
			}
		})
	}
	if _, err := OpenFiles(t.Context(), filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := OpenFiles(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "no ordinary file") {
		t.Errorf("a folder: %v", err)
	}
	if _, err := OpenFiles(t.Context()); err == nil {
		t.Error("nothing was opened")
	}
}

func TestOpenFilesEndsWithItsContext(t *testing.T) {
	l := newLog(t, Options{})
	for range 2 * checkEvery {
		l.Append(flow4, Out, Data, []byte("x"), "")
	}
	flush(t, l)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := OpenFiles(ctx, l.Files()...); !errors.Is(err, context.Canceled) {
		t.Errorf("OpenFiles = %v", err)
	}
}

func TestOneBadFileOfSeveralIsLeftOut(t *testing.T) {
	l := newLog(t, Options{SegmentSize: 1})
	l.Append(flow4, Out, Data, []byte("a"), "")
	l.Append(flow4, Out, Data, []byte("b"), "")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(l.Files()[1], 0); err != nil {
		t.Fatal(err)
	}
	o := openFiles(t, l.Files()...)
	if w := o.Warnings(); len(w) != 1 || !strings.Contains(w[0], "is empty") || o.Stats().Last != 1 {
		t.Errorf("%q, %+v", w, o.Stats())
	}
}
