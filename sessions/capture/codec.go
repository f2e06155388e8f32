package capture

import (
	"encoding/binary"
	"encoding/json"
	"net/netip"
	"strings"
	"unicode/utf8"
)

// What a segment of ours is made of; see draft-ietf-opsawg-pcapng. All numbers are little-endian.
const (
	blockSection   = 0x0A0D0D0A
	blockInterface = 1
	blockPacketOld = 2
	blockSimple    = 3
	blockPacket    = 6

	blockJournal     = 9 // an entry of systemd's journal
	blockCustom      = 0x00000BAD
	blockCustomLocal = 0x40000BAD // that is not to be copied

	optEnd      = 0
	optComment  = 1
	optName     = 2 // of an interface
	optFlags    = 2 // of a packet
	optUserAppl = 4 // of a section
	optTsResol  = 9 // of an interface
	optTsOffset = 14

	byteOrderMagic = 0x1A2B3C4D

	packetHead = 28 // bytes of an enhanced packet block before the packet
	flagsIn    = 1  // epb_flags of a packet that came in
	flagsOut   = 2  // and of one that went out
	userAppl   = "Wirebench"
	maxName    = 256    // bytes of an interface's name
	maxComment = 0xFFF0 // bytes of any option we write
)

// protoNote is what stands in the IP header for everything that is neither a TCP segment nor a UDP datagram: an
// experimental protocol (RFC 3692), so that no reader takes it for traffic. Without a body it is a note that belongs to
// no connection; else the body is noteHead bytes (kind, protocol, two zeros, source and destination port) and payload.
const (
	protoNote = 253
	noteHead  = 8
)

// TCP flags, RFC 9293 section 3.1.
const (
	tcpFIN = 1 << iota
	tcpSYN
	tcpRST
	tcpPSH
	tcpACK
)

const (
	ip4Head = 20
	ip6Head = 40
	tcpHead = 20
	udpHead = 8
	// nativeHead is the most that must be seen of one of our packets to know all but its payload.
	nativeHead = ip6Head + tcpHead
)

// pad4 rounds n up to a multiple of four, as blocks and options are padded.
func pad4(n int) int { return (n + 3) &^ 3 }

// appendOption appends one option with its padding.
func appendOption(b []byte, code uint16, value string) []byte {
	b = binary.LittleEndian.AppendUint16(b, code)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(value)))
	b = append(b, value...)
	return append(b, 0, 0, 0)[:len(b)+pad4(len(value))-len(value)]
}

// closeBlock ends the block that began at start: end of options, and the length at both ends.
func closeBlock(b []byte, start int) []byte {
	b = append(b, 0, 0, 0, 0)
	n := uint32(len(b) - start + 4)
	binary.LittleEndian.PutUint32(b[start+4:], n)
	return binary.LittleEndian.AppendUint32(b, n)
}

// segmentHeader returns what every segment begins with: the section header, whose comment is m, and the one interface.
func segmentHeader(m Meta) []byte {
	m.Name = cut(m.Name, MaxNote)
	m.Kind = cut(m.Kind, maxName)
	comment, err := json.Marshal(m)
	if err != nil || len(comment) > maxComment {
		comment = nil // a year beyond 9999; the capture is still good without
	}
	b := binary.LittleEndian.AppendUint32(nil, blockSection)
	b = append(b, 0, 0, 0, 0)
	b = binary.LittleEndian.AppendUint32(b, byteOrderMagic)
	b = append(b, 1, 0, 0, 0)
	b = append(b, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF) // section length unknown
	b = appendOption(b, optComment, string(comment))
	b = appendOption(b, optUserAppl, userAppl)
	b = closeBlock(b, 0)

	start := len(b)
	b = binary.LittleEndian.AppendUint32(b, blockInterface)
	b = append(b, 0, 0, 0, 0)
	b = append(b, linkRaw, 0, 0, 0)
	b = append(b, 0, 0, 0, 0) // no snapshot length
	b = appendOption(b, optName, cut(strings.TrimSpace(m.Kind+" "+m.Name), maxName))
	b = appendOption(b, optTsResol, "\x09")
	return closeBlock(b, start)
}

// cut returns s as valid UTF-8 of at most n bytes.
func cut(s string, n int) string {
	if len(s) > n {
		// Without the rune that the limit would split; a rune has at most four bytes.
		s = s[:n]
		for i := 0; i < utf8.UTFMax-1 && len(s) > 0; i++ {
			if r, size := utf8.DecodeLastRuneInString(s); r != utf8.RuneError || size != 1 {
				break
			}
			s = s[:len(s)-1]
		}
	}
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "?")
}

// ends are a flow in the form that packet headers hold. Whatever was written of two flows, they are the same when their
// ends are equal.
type ends struct {
	local, remote [16]byte // the first four bytes of each when not v6
	lport, rport  uint16
	v6            bool
	proto         Proto
}

// endsOf returns the ends of f: IPv4 when both sides are, else IPv6 with the IPv4 side mapped, and no zones.
func endsOf(f Flow) ends {
	e := ends{lport: f.Local.Port(), rport: f.Remote.Port()}
	if f.Proto == TCP || f.Proto == UDP {
		e.proto = f.Proto
	}
	local, remote := f.Local.Addr(), f.Remote.Addr()
	if e.v6 = onlyV6(local) || onlyV6(remote); e.v6 {
		e.local, e.remote = as16(local), as16(remote)
		return e
	}
	if local.IsValid() {
		*(*[4]byte)(e.local[:]) = local.As4()
	}
	if remote.IsValid() {
		*(*[4]byte)(e.remote[:]) = remote.As4()
	}
	return e
}

// onlyV6 reports whether a is an IPv6 address that stands for no IPv4 one.
func onlyV6(a netip.Addr) bool { return a.Is6() && !a.Is4In6() }

// as16 returns a as IPv6, the unspecified address if it is not valid.
func as16(a netip.Addr) (b [16]byte) {
	if a.IsValid() {
		b = a.As16()
	}
	return b
}

// hash returns a number that is nearly always another for other addresses and ports; its high bits are the best.
func (e *ends) hash() uint64 {
	if e.v6 {
		return hashEnds(fold16(e.local[:]), fold16(e.remote[:]), e.lport, e.rport)
	}
	be := binary.BigEndian
	return hashEnds(uint64(be.Uint32(e.local[:])), uint64(be.Uint32(e.remote[:])), e.lport, e.rport)
}

func hashEnds(local, remote uint64, lport, rport uint16) uint64 {
	// Fibonacci hashing, by the golden ratio and another odd number.
	const a, b = 0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93
	return ((local*a^remote)*b ^ uint64(lport)<<16 ^ uint64(rport)) * a
}

// fold16 makes one number of an IPv6 address, whose halves may be as good as constant.
func fold16(b []byte) uint64 {
	return binary.BigEndian.Uint64(b)*0xD6E8FEB86659FD93 ^ binary.BigEndian.Uint64(b[8:])
}

// packet is one record on its way into a segment.
type packet struct {
	time     int64 // nanoseconds since 1970
	dir      Direction
	kind     Kind
	proto    Proto
	ends     *ends
	seq, ack uint32
	flags    byte // of TCP
	payload  []byte
	note     string
}

// headers returns the length of the packet's IP header and of what follows before the payload.
func (p *packet) headers() (ip, transport int) {
	ip = ip4Head
	if p.ends.v6 {
		ip = ip6Head
	}
	switch {
	case p.proto == TCP:
		return ip, tcpHead
	case p.proto == UDP && p.kind == Data:
		return ip, udpHead
	case p.proto == 0 && p.kind == Note:
		return ip, 0
	}
	return ip, noteHead
}

// maxSize returns the capacity that appendTo needs: the length of the block, and the zeros it pads from.
func (p *packet) maxSize() int {
	n := packetHead + pad4(nativeHead+len(p.payload)) + 8 + 4 + 4 + 4
	if p.note != "" {
		n += 4 + pad4(len(p.note))
	}
	return n
}

// appendTo appends the packet as an enhanced packet block. b has room for maxSize more bytes.
func (p *packet) appendTo(b []byte) []byte {
	ip, transport := p.headers()
	length := ip + transport + len(p.payload)
	start := len(b)
	b = b[:start+packetHead+ip+transport]
	h := b[start:]
	le := binary.LittleEndian
	le.PutUint32(h, blockPacket)
	le.PutUint32(h[8:], 0)
	le.PutUint32(h[12:], uint32(uint64(p.time)>>32))
	le.PutUint32(h[16:], uint32(uint64(p.time)))
	le.PutUint32(h[20:], uint32(length))
	le.PutUint32(h[24:], uint32(length))
	p.putIP(h[packetHead:packetHead+ip], length)
	p.putTransport(h[packetHead+ip:])
	b = append(b, p.payload...)
	b = append(b, 0, 0, 0)[:len(b)+pad4(length)-length]

	flags := byte(flagsIn)
	if p.dir == Out {
		flags = flagsOut
	}
	b = append(b, optFlags, 0, 4, 0, flags, 0, 0, 0)
	if p.note != "" {
		b = appendOption(b, optComment, p.note)
	}
	return closeBlock(b, start)
}

// putIP fills in the IP header h of a packet of length bytes.
func (p *packet) putIP(h []byte, length int) {
	proto := byte(protoNote)
	if p.proto == TCP || p.proto == UDP && p.kind == Data {
		proto = byte(p.proto)
	}
	src, dst := &p.ends.local, &p.ends.remote
	if p.dir == In {
		src, dst = dst, src
	}
	be := binary.BigEndian
	if p.ends.v6 {
		be.PutUint32(h, 6<<28)
		be.PutUint16(h[4:], uint16(length-ip6Head))
		h[6], h[7] = proto, 64
		copy(h[8:], src[:])
		copy(h[24:], dst[:])
		return
	}
	be.PutUint32(h, 0x45<<24|uint32(length))
	be.PutUint32(h[4:], 0x4000) // do not fragment
	h[8], h[9], h[10], h[11] = 64, proto, 0, 0
	copy(h[12:16], src[:4])
	copy(h[16:20], dst[:4])
	var sum uint32
	for i := 0; i < ip4Head; i += 2 {
		sum += uint32(be.Uint16(h[i:]))
	}
	sum = sum>>16 + sum&0xFFFF
	sum += sum >> 16
	be.PutUint16(h[10:], ^uint16(sum))
}

// putTransport fills in what lies between the IP header and the payload. Checksums are zero: a reader takes that for
// offloaded work, and for UDP over IPv4 zero means there is none (RFC 768).
func (p *packet) putTransport(h []byte) {
	if len(h) == 0 {
		return
	}
	sport, dport := p.ends.lport, p.ends.rport
	if p.dir == In {
		sport, dport = dport, sport
	}
	be := binary.BigEndian
	switch len(h) {
	case tcpHead:
		be.PutUint16(h, sport)
		be.PutUint16(h[2:], dport)
		be.PutUint32(h[4:], p.seq)
		be.PutUint32(h[8:], p.ack)
		h[12], h[13] = tcpHead/4<<4, p.flags
		be.PutUint16(h[14:], 0xFFFF)
		be.PutUint32(h[16:], 0)
	case udpHead: // as long as noteHead
		if p.proto == UDP && p.kind == Data {
			be.PutUint16(h, sport)
			be.PutUint16(h[2:], dport)
			be.PutUint16(h[4:], uint16(udpHead+len(p.payload)))
			be.PutUint16(h[6:], 0)
			return
		}
		h[0], h[1], h[2], h[3] = byte(p.kind), byte(p.proto), 0, 0
		be.PutUint16(h[4:], sport)
		be.PutUint16(h[6:], dport)
	}
}

// native is what one of our own packets says about itself, addresses aside.
type native struct {
	kind  Kind
	proto Proto
	off   int // of the payload in the packet
	n     int // payload bytes
	ports int // offset of the ports in the packet, 0 if there are none
}

// decodeNative undoes what appendTo did. b is the packet, or its first nativeHead bytes or more; length is the whole
// packet's. It reports false for everything that appendTo does not write.
func decodeNative(b []byte, length int) (native, bool) {
	if len(b) < ip4Head {
		return native{}, false
	}
	be := binary.BigEndian
	ip, proto := ip4Head, b[9]
	switch b[0] {
	case 0x45:
		if int(be.Uint16(b[2:])) != length || be.Uint16(b[6:])&0x3FFF != 0 {
			return native{}, false
		}
	case 0x60:
		if ip, proto = ip6Head, b[6]; len(b) < ip6Head || ip6Head+int(be.Uint16(b[4:])) != length {
			return native{}, false
		}
	default:
		return native{}, false
	}
	t := b[ip:]
	n := native{ports: ip}
	switch {
	case proto == byte(TCP) && len(t) >= tcpHead && t[12] == tcpHead/4<<4:
		n.proto, n.off = TCP, ip+tcpHead
		switch flags := t[13]; {
		case flags&tcpRST != 0:
			n.kind = Reset
		case flags&tcpSYN != 0:
			n.kind = Open
		case flags&tcpFIN != 0:
			n.kind = Close
		case flags&tcpPSH == 0:
			n.kind = Note
		}
	case proto == byte(UDP) && len(t) >= udpHead && int(be.Uint16(t[4:])) == length-ip:
		n.proto, n.off = UDP, ip+udpHead
	case proto == protoNote && length == ip:
		return native{kind: Note, off: ip}, true
	case proto == protoNote && len(t) >= noteHead && Kind(t[0]) <= Note && (Proto(t[1]) == UDP || t[1] == 0):
		n.kind, n.proto, n.off, n.ports = Kind(t[0]), Proto(t[1]), ip+noteHead, ip+4
	default:
		return native{}, false
	}
	if n.n = length - n.off; n.n < 0 || n.n > 0 && n.kind != Data {
		return native{}, false
	}
	return n, true
}

// flow returns the flow of a packet that decodeNative accepted.
func (n native) flow(b []byte, d Direction) Flow {
	if n.ports == 0 {
		return Flow{}
	}
	var src, dst netip.Addr
	if b[0]>>4 == 6 {
		src = netip.AddrFrom16([16]byte(b[8:24])).Unmap()
		dst = netip.AddrFrom16([16]byte(b[24:40])).Unmap()
	} else {
		src = netip.AddrFrom4([4]byte(b[12:16]))
		dst = netip.AddrFrom4([4]byte(b[16:20]))
	}
	f := Flow{
		Proto:  n.proto,
		Local:  netip.AddrPortFrom(src, binary.BigEndian.Uint16(b[n.ports:])),
		Remote: netip.AddrPortFrom(dst, binary.BigEndian.Uint16(b[n.ports+2:])),
	}
	if d == In {
		f.Local, f.Remote = f.Remote, f.Local
	}
	return f
}

// ends returns the ends of a packet that decodeNative accepted and that has ports.
func (n native) ends(b []byte, d Direction) ends {
	e := ends{
		lport: binary.BigEndian.Uint16(b[n.ports:]), rport: binary.BigEndian.Uint16(b[n.ports+2:]),
		v6: b[0]>>4 == 6, proto: n.proto,
	}
	if e.v6 {
		e.local, e.remote = [16]byte(b[8:24]), [16]byte(b[24:40])
	} else {
		copy(e.local[:], b[12:16])
		copy(e.remote[:], b[16:20])
	}
	if d == In {
		e.local, e.remote, e.lport, e.rport = e.remote, e.local, e.rport, e.lport
	}
	return e
}

// hash returns the hash of the packet's ends, without making them.
func (n native) hash(b []byte, d Direction) uint64 {
	be := binary.BigEndian
	lport, rport := be.Uint16(b[n.ports:]), be.Uint16(b[n.ports+2:])
	var local, remote uint64
	if b[0]>>4 == 6 {
		local, remote = fold16(b[8:24]), fold16(b[24:40])
	} else {
		local, remote = uint64(be.Uint32(b[12:])), uint64(be.Uint32(b[16:]))
	}
	if d == In {
		local, remote, lport, rport = remote, local, rport, lport
	}
	return hashEnds(local, remote, lport, rport)
}
