package capture

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// byteOrder is either of encoding/binary's.
type byteOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

// builder makes capture files of other programs.
type builder struct {
	order byteOrder
	b     []byte
}

func (f *builder) u16(v uint16) { f.b = f.order.AppendUint16(f.b, v) }
func (f *builder) u32(v uint32) { f.b = f.order.AppendUint32(f.b, v) }

func (f *builder) pad() {
	for len(f.b)%4 != 0 {
		f.b = append(f.b, 0)
	}
}

// block appends a pcapng block whose body is made by body.
func (f *builder) block(kind uint32, body func()) {
	start := len(f.b)
	f.u32(kind)
	f.u32(0)
	body()
	f.pad()
	n := uint32(len(f.b) - start + 4)
	f.order.PutUint32(f.b[start+4:], n)
	f.u32(n)
}

func (f *builder) option(code uint16, value []byte) {
	f.u16(code)
	f.u16(uint16(len(value)))
	f.b = append(f.b, value...)
	f.pad()
}

func (f *builder) section() {
	f.block(blockSection, func() {
		f.u32(byteOrderMagic)
		f.u16(1)
		f.u16(0)
		f.b = append(f.b, bytes.Repeat([]byte{0xFF}, 8)...)
		f.option(optUserAppl, []byte("another program"))
		f.u32(0)
	})
}

func (f *builder) iface(link uint16, options ...func()) {
	f.block(blockInterface, func() {
		f.u16(link)
		f.u16(0)
		f.u32(0)
		for _, o := range options {
			o()
		}
		f.u32(0)
	})
}

func (f *builder) enhanced(iface uint32, ts uint64, frame []byte, wire int, options ...func()) {
	f.block(blockPacket, func() {
		f.u32(iface)
		f.u32(uint32(ts >> 32))
		f.u32(uint32(ts))
		f.u32(uint32(len(frame)))
		f.u32(uint32(wire))
		f.b = append(f.b, frame...)
		f.pad()
		for _, o := range options {
			o()
		}
		f.u32(0)
	})
}

// pcap begins a classic pcap file.
func (f *builder) pcap(magic, link uint32) {
	f.u32(magic)
	f.u16(2)
	f.u16(4)
	f.u32(0)
	f.u32(0)
	f.u32(65535)
	f.u32(link)
}

func (f *builder) pcapPacket(sec, frac uint32, frame []byte, wire int) {
	f.u32(sec)
	f.u32(frac)
	f.u32(uint32(len(frame)))
	f.u32(uint32(wire))
	f.b = append(f.b, frame...)
}

// save writes what was built to a file and returns its path.
func (f *builder) save(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "other.pcap")
	if err := os.WriteFile(path, f.b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// seg is a TCP segment between client 1.1.1.1:1000 and server 2.2.2.2:80.
type seg struct {
	server bool // sent it
	flags  string
	seq    uint32
	data   string
}

// frame returns the segment in an Ethernet frame.
func (s seg) frame(t testing.TB) []byte {
	t.Helper()
	ip := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolTCP, SrcIP: []byte{1, 1, 1, 1}, DstIP: []byte{2, 2, 2, 2}}
	tcp := &layers.TCP{SrcPort: 1000, DstPort: 80, Seq: s.seq, Window: 1000,
		SYN: strings.Contains(s.flags, "S"), ACK: strings.Contains(s.flags, "A"), FIN: strings.Contains(s.flags, "F"), RST: strings.Contains(s.flags, "R")}
	if s.server {
		ip.SrcIP, ip.DstIP = ip.DstIP, ip.SrcIP
		tcp.SrcPort, tcp.DstPort = tcp.DstPort, tcp.SrcPort
	}
	eth := &layers.Ethernet{SrcMAC: make([]byte, 6), DstMAC: make([]byte, 6), EthernetType: layers.EthernetTypeIPv4}
	buf := gopacket.NewSerializeBuffer()
	err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true}, eth, ip, tcp, gopacket.Payload(s.data))
	if err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}
