package capture

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// tshark runs Wireshark's command line on a file and returns what it prints.
func tshark(t *testing.T, args ...string) []byte {
	t.Helper()
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("tshark is not installed: what Wireshark makes of a capture was not checked")
	}
	var stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "tshark", args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("tshark %v: %v\n%s", args, err, stderr.Bytes())
	}
	return out
}

// followed returns what Wireshark's Follow Stream shows of both nodes.
func followed(t *testing.T, path string, stream int) (nodes [2][]byte) {
	t.Helper()
	out := bufio.NewScanner(bytes.NewReader(tshark(t, "-r", path, "-q", "-z", fmt.Sprintf("follow,tcp,raw,%d", stream))))
	out.Buffer(nil, 16<<20)
	body := false
	for out.Scan() {
		line := out.Text()
		if strings.HasPrefix(line, "Node 1:") {
			body = true
			continue
		}
		if !body || strings.HasPrefix(line, "==") {
			continue
		}
		node := 0
		if strings.HasPrefix(line, "\t") {
			node, line = 1, line[1:]
		}
		b, err := hex.DecodeString(line)
		if err != nil {
			t.Fatalf("follow: %q", line)
		}
		nodes[node] = append(nodes[node], b...)
	}
	return nodes
}

// talk appends a conversation of f from SYN to FIN and returns what each side said.
func talk(l *Log, f Flow, rng *rand.Rand) (said [2][]byte) {
	l.Append(f, Out, Open, nil, "")
	l.Append(f, In, Open, nil, "connected")
	for _, n := range []int{1, 70_000, 5, 1460, 60_000, 3, 200} {
		d := Direction(rng.IntN(2))
		p := make([]byte, n)
		for i := range p {
			p[i] = byte(rng.Uint32())
		}
		l.Append(f, d, Data, p, "")
		said[d] = append(said[d], p...)
		l.Append(f, d, Note, nil, "meanwhile")
	}
	for _, d := range []Direction{In, Out} {
		l.Append(f, d, Data, []byte("bye"), "")
		said[d] = append(said[d], "bye"...)
	}
	l.Append(f, Out, Close, nil, "")
	l.Append(f, In, Close, nil, "")
	l.Append(f, In, Note, nil, "closed by peer")
	return said
}

func TestWiresharkFollowsEveryByteOfBothDirections(t *testing.T) {
	for _, c := range []struct {
		name string
		f    Flow
		next uint32 // sequence number the connection begins at
	}{
		{"over IPv4", flow4, 0},
		{"over IPv6", flow6, 0},
		{"past 4 GiB", flow4, 1<<32 - 66_000},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLog(t, Options{})
			if c.next != 0 {
				// As if so much had been said already.
				e := endsOf(c.f)
				l.in.flows.add(&e, c.next)
			}
			said := talk(l, c.f, rand.New(rand.NewPCG(1, 2)))
			flush(t, l)
			nodes := followed(t, l.Files()[0], 0)
			if !bytes.Equal(nodes[0], said[Out]) || !bytes.Equal(nodes[1], said[In]) {
				t.Errorf("followed %d and %d bytes, said %d and %d", len(nodes[0]), len(nodes[1]), len(said[Out]), len(said[In]))
			}
		})
	}
}

func TestWiresharkKeepsConnectionsOfTheSamePortsApart(t *testing.T) {
	l := newLog(t, Options{})
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range 3 {
		said := talk(l, flow4, rng)
		flush(t, l)
		nodes := followed(t, l.Files()[0], i)
		if !bytes.Equal(nodes[0], said[Out]) || !bytes.Equal(nodes[1], said[In]) {
			t.Errorf("connection %d: followed %d and %d bytes, said %d and %d", i, len(nodes[0]), len(nodes[1]), len(said[Out]), len(said[In]))
		}
	}
}

func TestWiresharkSeesEachRecordAsAFrame(t *testing.T) {
	l := newLog(t, Options{})
	var m model
	l.Append(flow4, In, Open, nil, "a client came") // a server's: the peer sends the SYN
	m.add(flow4, In, Open, nil, "a client came")
	scribble(l, &m, rand.New(rand.NewPCG(5, 6)), 300)
	flush(t, l)
	out := tshark(t, "-r", l.Files()[0], "-T", "fields", "-o", "ip.check_checksum:TRUE", "-e", "frame.number", "-e", "frame.len", "-e", "tcp.len",
		"-e", "tcp.flags", "-e", "frame.packet_flags_direction", "-e", "frame.comment", "-e", "_ws.malformed", "-e", "ip.checksum.status", "-e", "udp.length")
	rows := strings.Split(strings.TrimRight(string(out), "\n"), "\n")
	records := allRecords(t, l)
	if len(rows) != len(records) {
		t.Fatalf("%d frames, %d records", len(rows), len(records))
	}
	for i, r := range records {
		f := strings.Split(rows[i], "\t")
		if f[0] != strconv.FormatInt(r.Number, 10) {
			t.Fatalf("frame %s is record %d", f[0], r.Number)
		}
		if r.Flow.Proto == TCP && f[2] != strconv.Itoa(r.Len) || r.Flow.Proto == UDP && r.Kind == Data && f[8] != strconv.Itoa(r.Len+8) {
			t.Errorf("frame %s: %v, record %+v", f[0], f, r)
		}
		if want := map[Direction]string{In: "0x00000001", Out: "0x00000002"}[r.Dir]; f[4] != want {
			t.Errorf("frame %s has direction %s, record %v", f[0], f[4], r.Dir)
		}
		if f[5] != r.Note {
			t.Errorf("frame %s has comment %q, record %q", f[0], f[5], r.Note)
		}
		if f[6] != "" || f[7] != "" && f[7] != "1" {
			t.Errorf("frame %s: malformed %q, header checksum %q", f[0], f[6], f[7])
		}
	}
	first := strings.Split(rows[0], "\t")
	if flags, _ := strconv.ParseUint(first[3], 0, 16); flags != tcpSYN {
		t.Errorf("the first Open has flags %s", first[3])
	}
}

func TestAnotherReaderReadsEveryPacket(t *testing.T) {
	l := newLog(t, Options{SegmentSize: 400 << 10})
	var m model
	scribble(l, &m, rand.New(rand.NewPCG(7, 8)), 300)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	records := allRecords(t, l)
	for _, path := range l.Files() {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		ng, err := pcapgo.NewNgReader(f, pcapgo.NgReaderOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if s := ng.SectionInfo(); s.Application != userAppl || !strings.Contains(s.Comment, l.Meta().Session.String()) {
			t.Errorf("section %+v", s)
		}
		if i, err := ng.Interface(0); err != nil || i.Name != "tcp 127.0.0.1:7777" {
			t.Errorf("interface %+v, %v", i, err)
		}
		for {
			b, ci, err := ng.ReadPacketData()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			r := records[0]
			records = records[1:]
			if !ci.Timestamp.Equal(r.Time) {
				t.Errorf("record %d is of %v, packet of %v", r.Number, r.Time, ci.Timestamp)
			}
			payload := make([]byte, r.Len)
			if _, err := l.Payload(r, payload, 0); err != nil {
				t.Fatal(err)
			}
			if r.Len == 0 || r.Flow.Proto == 0 {
				continue
			}
			first := layers.LayerTypeIPv4
			if b[0]>>4 == 6 {
				first = layers.LayerTypeIPv6
			}
			p := gopacket.NewPacket(b, first, gopacket.NoCopy)
			if p.TransportLayer() == nil || !bytes.Equal(p.TransportLayer().LayerPayload(), payload) {
				t.Errorf("packet %d has another payload", r.Number)
			}
		}
	}
	if len(records) > 0 {
		t.Errorf("%d records are in no file", len(records))
	}
}

// What reads foreign files must understand ours as well: they come back as foreign ones when Wireshark saved them.
func TestBothDecodersAgreeOnOurPackets(t *testing.T) {
	e4, e6 := endsOf(flow4), endsOf(flow6)
	for _, p := range []packet{
		{kind: Data, proto: TCP, ends: &e4, flags: tcpPSH | tcpACK, payload: []byte("abc"), seq: 7},
		{kind: Data, proto: TCP, ends: &e6, flags: tcpPSH | tcpACK, payload: []byte("abcde"), dir: Out},
		{kind: Open, proto: TCP, ends: &e4, flags: tcpSYN},
		{kind: Close, proto: TCP, ends: &e6, flags: tcpFIN | tcpACK, dir: Out},
		{kind: Reset, proto: TCP, ends: &e4, flags: tcpRST | tcpACK},
		{kind: Note, proto: TCP, ends: &e4, flags: tcpACK, note: "n"},
		{kind: Data, proto: UDP, ends: &e4, payload: []byte("datagram")},
		{kind: Data, proto: UDP, ends: &e6, dir: Out},
	} {
		b := p.appendTo(make([]byte, 0, p.maxSize()))[packetHead:]
		ip, transport := p.headers()
		b = b[:ip+transport+len(p.payload)]
		n, ok := decodeNative(b, len(b))
		d, ok2 := decodeFrame(linkRaw, b, len(b))
		if !ok || !ok2 || n.kind != p.kind || n.n != len(p.payload) || n.off != d.payloadOff || n.n != d.payloadLen ||
			n.flow(b, p.dir) != d.flow(p.dir) || d.seq != p.seq || d.syn != (p.kind == Open) || d.fin != (p.kind == Close) || d.rst != (p.kind == Reset) {
			t.Errorf("%v %v: %+v %v, %+v %v", p.proto, p.kind, n, ok, d, ok2)
		}
	}
}
