package capture

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// frameOf serialises the layers with lengths and checksums filled in.
func frameOf(t testing.TB, parts ...gopacket.SerializableLayer) []byte {
	t.Helper()
	b := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(b, gopacket.SerializeOptions{FixLengths: true}, parts...); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// parts are the layers the tests put together.
func etherTo(kind layers.EthernetType) *layers.Ethernet {
	return &layers.Ethernet{SrcMAC: []byte{2, 0, 0, 0, 0, 1}, DstMAC: []byte{2, 0, 0, 0, 0, 2}, EthernetType: kind}
}

func ip4To(next layers.IPProtocol) *layers.IPv4 {
	return &layers.IPv4{Version: 4, TTL: 64, Protocol: next, SrcIP: []byte{10, 0, 0, 1}, DstIP: []byte{10, 0, 0, 2}}
}

func ip6To(next layers.IPProtocol) *layers.IPv6 {
	return &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: next,
		SrcIP: netip.MustParseAddr("fd00::1").AsSlice(), DstIP: netip.MustParseAddr("fd00::2").AsSlice()}
}

func tcpSegment() *layers.TCP {
	return &layers.TCP{SrcPort: 1111, DstPort: 2222, Seq: 0xfffffff0, ACK: true, PSH: true, Window: 100}
}

func udpDatagram() *layers.UDP { return &layers.UDP{SrcPort: 1111, DstPort: 2222} }

var (
	payload5 = gopacket.Payload("hello")

	a4, b4 = netip.MustParseAddrPort("10.0.0.1:1111"), netip.MustParseAddrPort("10.0.0.2:2222")
	a6, b6 = netip.MustParseAddrPort("[fd00::1]:1111"), netip.MustParseAddrPort("[fd00::2]:2222")
)

func prefixed(head string, frame []byte) []byte { return append([]byte(head), frame...) }

func TestDecodeFrameFindsThePayload(t *testing.T) {
	vlan := func(kind layers.EthernetType) *layers.Dot1Q {
		return &layers.Dot1Q{VLANIdentifier: 7, Type: kind}
	}
	tcp4 := frameOf(t, ip4To(layers.IPProtocolTCP), tcpSegment(), payload5)
	tcp6 := frameOf(t, ip6To(layers.IPProtocolTCP), tcpSegment(), payload5)
	udp4 := frameOf(t, ip4To(layers.IPProtocolUDP), udpDatagram(), payload5)
	udp6 := frameOf(t, ip6To(layers.IPProtocolUDP), udpDatagram(), payload5)

	options4 := ip4To(layers.IPProtocolTCP)
	options4.Options = []layers.IPv4Option{{OptionType: 148, OptionLength: 4, OptionData: []byte{0, 0}}, {OptionType: 1}}
	firstFragment := ip4To(layers.IPProtocolUDP)
	firstFragment.Flags = layers.IPv4MoreFragments
	stamped := tcpSegment()
	stamped.Options = []layers.TCPOption{
		{OptionType: layers.TCPOptionKindNop}, {OptionType: layers.TCPOptionKindNop},
		{OptionType: layers.TCPOptionKindTimestamps, OptionLength: 10, OptionData: make([]byte, 8)}}

	// Segmentation offload leaves the length fields of IP at nothing.
	offload4 := bytes.Clone(tcp4)
	offload4[2], offload4[3] = 0, 0
	offload6 := bytes.Clone(tcp6)
	offload6[4], offload6[5] = 0, 0

	chain := bytes.Clone(tcp6[:40])
	chain[6] = 0
	for _, h := range [][]byte{
		{60, 0, 1, 4, 0, 0, 0, 0},                          // hop-by-hop
		{43, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, // destination options, 16 bytes
		{44, 0, 4, 0, 0, 0, 0, 0},                          // routing
		{51, 0, 0, 1, 0, 0, 0, 9},                          // the first of several fragments
		{6, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2},               // authentication, 12 bytes
	} {
		chain = append(chain, h...)
	}
	chain = append(chain, tcp6[40:]...)
	binary.BigEndian.PutUint16(chain[4:], uint16(len(chain)-40))

	cases := []struct {
		name     string
		link     uint32
		frame    []byte
		proto    Proto
		src, dst netip.AddrPort
	}{
		{"TCP over IPv4 on Ethernet", 1, frameOf(t, etherTo(layers.EthernetTypeIPv4), ip4To(layers.IPProtocolTCP), tcpSegment(), payload5), TCP, a4, b4},
		{"UDP over IPv6 on Ethernet", 1, frameOf(t, etherTo(layers.EthernetTypeIPv6), ip6To(layers.IPProtocolUDP), udpDatagram(), payload5), UDP, a6, b6},
		{"one VLAN tag", 1, frameOf(t, etherTo(layers.EthernetTypeDot1Q), vlan(layers.EthernetTypeIPv4), ip4To(layers.IPProtocolTCP), tcpSegment(), payload5), TCP, a4, b4},
		{"two VLAN tags", 1, frameOf(t, etherTo(layers.EthernetTypeQinQ), vlan(layers.EthernetTypeDot1Q), vlan(layers.EthernetTypeIPv6), ip6To(layers.IPProtocolTCP), tcpSegment(), payload5), TCP, a6, b6},
		{"padding of a short Ethernet frame is no payload", 1, append(frameOf(t, etherTo(layers.EthernetTypeIPv4), ip4To(layers.IPProtocolUDP), udpDatagram(), payload5), make([]byte, 13)...), UDP, a4, b4},
		{"cooked capture", 113, prefixed("\x00\x00\x00\x01\x00\x06\x02\x00\x00\x00\x00\x01\x00\x00\x08\x00", tcp4), TCP, a4, b4},
		{"cooked capture, second version", 276, prefixed("\x86\xdd\x00\x00\x00\x00\x00\x01\x00\x01\x00\x06\x02\x00\x00\x00\x00\x01\x00\x00", udp6), UDP, a6, b6},
		{"null link, little-endian family", 0, prefixed("\x02\x00\x00\x00", tcp4), TCP, a4, b4},
		{"null link, big-endian family", 0, prefixed("\x00\x00\x00\x02", udp4), UDP, a4, b4},
		{"null link, IPv6 of Darwin", 0, prefixed("\x1e\x00\x00\x00", tcp6), TCP, a6, b6},
		{"null link, IPv6 of FreeBSD, big-endian", 0, prefixed("\x00\x00\x00\x1c", tcp6), TCP, a6, b6},
		{"loop link, IPv6 of OpenBSD", 108, prefixed("\x00\x00\x00\x18", udp6), UDP, a6, b6},
		{"raw IPv4", 101, tcp4, TCP, a4, b4},
		{"raw IPv6", 101, udp6, UDP, a6, b6},
		{"raw by its BSD number", 12, tcp6, TCP, a6, b6},
		{"raw by its OpenBSD number", 14, udp4, UDP, a4, b4},
		{"IPv4 link", 228, udp4, UDP, a4, b4},
		{"IPv6 link", 229, tcp6, TCP, a6, b6},
		{"IPv4 options", 101, frameOf(t, options4, tcpSegment(), payload5), TCP, a4, b4},
		{"TCP options", 101, frameOf(t, ip4To(layers.IPProtocolTCP), stamped, payload5), TCP, a4, b4},
		{"first of several IPv4 fragments", 101, frameOf(t, firstFragment, udpDatagram(), payload5), UDP, a4, b4},
		{"IPv4 without a length", 101, offload4, TCP, a4, b4},
		{"IPv6 without a length", 101, offload6, TCP, a6, b6},
		{"five IPv6 extension headers", 101, chain, TCP, a6, b6},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d, ok := decodeFrame(c.link, c.frame, len(c.frame))
			if !ok {
				t.Fatal("not decoded")
			}
			if d.proto != c.proto || d.src != c.src || d.dst != c.dst {
				t.Errorf("decoded as %v %v > %v, want %v %v > %v", d.proto, d.src, d.dst, c.proto, c.src, c.dst)
			}
			if got := string(c.frame[d.payloadOff : d.payloadOff+d.payloadLen]); got != "hello" || d.payloadWireLen != 5 {
				t.Errorf("payload %q of %d on the wire, want hello of 5", got, d.payloadWireLen)
			}
			if c.proto == TCP && (d.seq != 0xfffffff0 || !d.ack || d.syn || d.fin || d.rst) {
				t.Errorf("TCP header read as %+v", d)
			}
		})
	}
}

func TestDecodeFrameReadsEachTCPFlag(t *testing.T) {
	cases := []struct {
		name               string
		syn, ack, fin, rst bool
	}{
		{"SYN", true, false, false, false},
		{"SYN and ACK", true, true, false, false},
		{"FIN and ACK", false, true, true, false},
		{"RST", false, false, false, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := frameOf(t, ip4To(layers.IPProtocolTCP), &layers.TCP{SYN: c.syn, ACK: c.ack, FIN: c.fin, RST: c.rst})
			d, ok := decodeFrame(linkRaw, f, len(f))
			if !ok || d.syn != c.syn || d.ack != c.ack || d.fin != c.fin || d.rst != c.rst || d.payloadLen != 0 {
				t.Errorf("%v %+v", ok, d)
			}
		})
	}
}

func TestDecodeFrameOfACutFrameTellsBothLengths(t *testing.T) {
	whole := frameOf(t, etherTo(layers.EthernetTypeIPv4), ip4To(layers.IPProtocolTCP), tcpSegment(), gopacket.Payload(make([]byte, 1000)))
	for _, c := range []struct{ captured, held int }{{len(whole), 1000}, {54 + 10, 10}, {54, 0}} {
		d, ok := decodeFrame(linkEthernet, whole[:c.captured], len(whole))
		if !ok || d.payloadOff != 54 || d.payloadLen != c.held || d.payloadWireLen != 1000 {
			t.Errorf("cut at %d: %v %+v", c.captured, ok, d)
		}
	}
	optioned := tcpSegment()
	optioned.Options = []layers.TCPOption{{OptionType: layers.TCPOptionKindTimestamps, OptionLength: 10, OptionData: make([]byte, 8)}}
	whole = frameOf(t, ip4To(layers.IPProtocolTCP), optioned, payload5)
	if d, ok := decodeFrame(linkRaw, whole[:44], len(whole)); !ok || d.payloadLen != 0 || d.payloadWireLen != 5 || d.payloadOff != 44 {
		t.Errorf("cut inside the TCP options: %v %+v", ok, d)
	}
	if d, ok := decodeFrame(linkRaw, whole, 3); !ok || d.payloadWireLen != 5 {
		t.Errorf("a length on the wire below what was captured: %v %+v", ok, d)
	}
}

func TestDecodeFrameRefuses(t *testing.T) {
	change := func(f []byte, at int, to ...byte) []byte {
		f = bytes.Clone(f)
		copy(f[at:], to)
		return f
	}
	tcp4 := frameOf(t, ip4To(layers.IPProtocolTCP), tcpSegment(), payload5)
	udp4 := frameOf(t, ip4To(layers.IPProtocolUDP), udpDatagram(), payload5)
	tcp6 := frameOf(t, ip6To(layers.IPProtocolTCP), tcpSegment(), payload5)
	endless := change(tcp6, 6, 60)
	endless = append(endless[:40], bytes.Repeat([]byte{60, 0, 1, 4, 0, 0, 0, 0}, 1000)...)
	tagged := append(make([]byte, 12), bytes.Repeat([]byte{0x81, 0, 0, 7}, 1000)...)
	laterFragment6 := change(tcp6, 6, 44)
	laterFragment6 = append(laterFragment6[:40:40], append([]byte{6, 0, 0, 8, 0, 0, 0, 9}, tcp6[40:]...)...)
	laterFragment6 = change(laterFragment6, 4, 0, byte(len(laterFragment6)-40))

	for _, c := range []struct {
		name  string
		link  uint32
		frame []byte
	}{
		{"nothing", 1, nil},
		{"an unknown link type", 147, tcp4},
		{"ARP", 1, frameOf(t, etherTo(layers.EthernetTypeARP), gopacket.Payload(make([]byte, 46)))},
		{"ICMP", 101, frameOf(t, ip4To(layers.IPProtocolICMPv4), payload5)},
		{"netlink in a cooked capture", 113, prefixed("\x00\x00\x03\x38\x00\x06\x02\x00\x00\x00\x00\x01\x00\x00\x08\x00", tcp4)},
		{"an address family without meaning", 0, prefixed("\x63\x00\x00\x00", tcp4)},
		{"IP version 5", 101, change(tcp4, 0, 0x55)},
		{"IPv6 on an IPv4 link", 228, tcp6},
		{"IPv4 on an IPv6 link", 229, tcp4},
		{"an IPv4 header length below 20", 101, change(tcp4, 0, 0x44)},
		{"an IPv4 header longer than the frame", 101, change(tcp4[:24], 0, 0x4f)},
		{"an IPv4 length below its header", 101, change(tcp4, 2, 0, 19)},
		{"an IPv4 length that cuts the TCP header", 101, change(tcp4, 2, 0, 39)},
		{"a later IPv4 fragment", 101, change(tcp4, 6, 0, 1)},
		{"a later IPv6 fragment", 101, laterFragment6},
		{"a TCP header length below 20", 101, change(tcp4, 32, 0x40)},
		{"a TCP header longer than the packet", 101, change(tcp4, 32, 0xf0)},
		{"a UDP length below its header", 101, change(udp4, 24, 0, 7)},
		{"a TCP header cut off", 101, tcp4[:39]},
		{"a UDP header cut off", 101, udp4[:27]},
		{"an endless chain of IPv6 extension headers", 101, endless},
		{"an endless row of VLAN tags", 1, tagged},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d, ok := decodeFrame(c.link, c.frame, len(c.frame)); ok {
				t.Errorf("decoded as %+v", d)
			}
		})
	}
}

func TestDecodeFrameAllocatesNothing(t *testing.T) {
	f := frameOf(t, etherTo(layers.EthernetTypeIPv6), ip6To(layers.IPProtocolTCP), tcpSegment(), payload5)
	if n := testing.AllocsPerRun(100, func() { decodeFrame(linkEthernet, f, len(f)) }); n != 0 {
		t.Errorf("%v allocations a frame", n)
	}
}

var everyLink = []uint32{0, 1, 12, 14, 101, 108, 113, 228, 229, 276}

func FuzzDecodeFrame(f *testing.F) {
	tcp4 := frameOf(f, ip4To(layers.IPProtocolTCP), tcpSegment(), payload5)
	udp6 := frameOf(f, ip6To(layers.IPProtocolUDP), udpDatagram(), payload5)
	for i := range everyLink {
		f.Add(uint8(i), tcp4, 100)
		f.Add(uint8(i), udp6, 0)
		f.Add(uint8(i), prefixed("\x02\x00\x00\x00", tcp4), 1<<31-1)
	}
	f.Add(uint8(1), frameOf(f, etherTo(layers.EthernetTypeIPv6), ip6To(layers.IPProtocolUDP), udpDatagram(), payload5), 70)
	f.Fuzz(func(t *testing.T, link uint8, frame []byte, wireLen int) {
		d, ok := decodeFrame(everyLink[int(link)%len(everyLink)], frame, wireLen)
		if !ok {
			if d != (decoded{}) {
				t.Fatalf("refused, but with %+v", d)
			}
			return
		}
		if d.payloadOff < 0 || d.payloadLen < 0 || d.payloadOff+d.payloadLen > len(frame) {
			t.Fatalf("payload outside of the %d bytes: %+v", len(frame), d)
		}
		if d.payloadWireLen < d.payloadLen || d.payloadWireLen > max(wireLen, len(frame)) {
			t.Fatalf("wire length out of range: %+v", d)
		}
		if d.proto != TCP && d.proto != UDP || !d.src.IsValid() || !d.dst.IsValid() {
			t.Fatalf("no flow: %+v", d)
		}
	})
}
