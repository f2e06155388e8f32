package capture

import (
	"encoding/binary"
	"net/netip"
)

// Link types a capture of others may come in, by the numbers of
// https://www.tcpdump.org/linktypes.html. 12 and 14 are what some systems
// write for raw IP instead of 101.
const (
	linkNull     = 0
	linkEthernet = 1
	linkRawBSD   = 12
	linkRawOpen  = 14
	linkRaw      = 101
	linkLoop     = 108
	linkSLL      = 113
	linkIPv4     = 228
	linkIPv6     = 229
	linkSLL2     = 276
)

const (
	etherIPv4 = 0x0800
	etherIPv6 = 0x86dd

	arphrdNetlink = 824 // under it the protocol field of a cooked capture is no EtherType

	// Walks through VLAN tags and IPv6 extension headers end here. Real
	// traffic has two or three of either; a frame made of nothing else is
	// somebody's attempt to keep a reader busy.
	maxVLANTags    = 4
	maxIPv6Headers = 12
)

// decoded is what a frame says about the TCP segment or UDP datagram in it.
// The payload is frame[payloadOff : payloadOff+payloadLen]; payloadWireLen is
// what it measured on the wire, more than payloadLen when the frame was cut.
type decoded struct {
	proto                  Proto
	src, dst               netip.AddrPort
	syn, ack, fin, rst     bool
	seq                    uint32
	payloadOff, payloadLen int
	payloadWireLen         int
}

// decodeFrame finds the TCP segment or UDP datagram in one captured frame of
// the given link type. wireLen is the frame's length on the wire; a value
// below len(frame) is taken as len(frame).
//
// It reports false for anything else: another protocol, a link type it does
// not know, a later fragment, a header that is cut off or contradicts itself.
// It allocates nothing, keeps no reference to frame, and accepts any bytes.
func decodeFrame(linkType uint32, frame []byte, wireLen int) (decoded, bool) {
	f := cursor{frame: frame, end: max(wireLen, len(frame))}
	switch linkType {
	case linkEthernet:
		return f.ethernet()
	case linkSLL:
		return f.sll()
	case linkSLL2:
		return f.sll2()
	case linkNull, linkLoop:
		return f.null()
	case linkRaw, linkRawBSD, linkRawOpen:
		return f.ip()
	case linkIPv4:
		return f.ipv4()
	case linkIPv6:
		return f.ipv6()
	}
	return decoded{}, false
}

// cursor is a place in a frame: headers move off forward, and lengths found
// in them draw end back. off is always within frame; end is an offset on the
// wire and may lie beyond what was captured.
type cursor struct {
	frame []byte
	off   int
	end   int
}

// have reports whether n more bytes were captured and belong to this layer.
func (c *cursor) have(n int) bool {
	return n <= len(c.frame)-c.off && n <= c.end-c.off
}

func (c *cursor) u8(at int) byte    { return c.frame[c.off+at] }
func (c *cursor) u16(at int) uint16 { return binary.BigEndian.Uint16(c.frame[c.off+at:]) }
func (c *cursor) u32(at int) uint32 { return binary.BigEndian.Uint32(c.frame[c.off+at:]) }

// limit says that this layer's bytes end n bytes after off. What lies behind
// them, such as Ethernet padding, is no payload.
func (c *cursor) limit(n int) {
	c.end = min(c.end, c.off+n)
}

func (c *cursor) ethernet() (decoded, bool) {
	if !c.have(14) {
		return decoded{}, false
	}
	kind := c.u16(12)
	c.off += 14
	return c.etherType(kind)
}

// sll reads the 16 bytes of LINKTYPE_LINUX_SLL: packet type, ARPHRD, address
// length, address, protocol.
func (c *cursor) sll() (decoded, bool) {
	if !c.have(16) || c.u16(2) == arphrdNetlink {
		return decoded{}, false
	}
	kind := c.u16(14)
	c.off += 16
	return c.etherType(kind)
}

// sll2 reads the 20 bytes of LINKTYPE_LINUX_SLL2: protocol, two bytes
// reserved, interface, ARPHRD, packet type, address length, address.
func (c *cursor) sll2() (decoded, bool) {
	if !c.have(20) || c.u16(8) == arphrdNetlink {
		return decoded{}, false
	}
	kind := c.u16(0)
	c.off += 20
	return c.etherType(kind)
}

// null reads the four bytes of LINKTYPE_NULL and LINKTYPE_LOOP. The former
// are in the byte order of the machine that captured, the latter in network
// order; an address family is small, so its value tells which it is.
func (c *cursor) null() (decoded, bool) {
	if !c.have(4) {
		return decoded{}, false
	}
	family := c.u32(0)
	if family > 0xffff {
		family = family>>24 | family>>8&0xff00 | family<<8&0xff0000 | family<<24
	}
	c.off += 4
	switch family {
	case 2:
		return c.ipv4()
	case 10, 23, 24, 28, 30: // AF_INET6 of Linux, Windows, NetBSD and OpenBSD, FreeBSD, Darwin
		return c.ipv6()
	}
	return decoded{}, false
}

func (c *cursor) etherType(kind uint16) (decoded, bool) {
	for range maxVLANTags + 1 {
		switch kind {
		case etherIPv4:
			return c.ipv4()
		case etherIPv6:
			return c.ipv6()
		case 0x8100, 0x88a8, 0x9100: // 802.1Q, 802.1ad, and QinQ from before it
			if !c.have(4) {
				return decoded{}, false
			}
			kind = c.u16(2)
			c.off += 4
		default:
			return decoded{}, false
		}
	}
	return decoded{}, false
}

func (c *cursor) ip() (decoded, bool) {
	if !c.have(1) {
		return decoded{}, false
	}
	if c.u8(0)>>4 == 6 {
		return c.ipv6()
	}
	return c.ipv4()
}

func (c *cursor) ipv4() (decoded, bool) {
	if !c.have(20) || c.u8(0)>>4 != 4 {
		return decoded{}, false
	}
	header := int(c.u8(0)&15) * 4
	total := int(c.u16(2))
	if header < 20 || !c.have(header) || total != 0 && total < header {
		return decoded{}, false
	}
	if c.u16(6)&0x1fff != 0 {
		return decoded{}, false // a later fragment has no ports
	}
	if total != 0 { // 0 is segmentation offload: the packet was cut up after it was captured
		c.limit(total)
	}
	src := netip.AddrFrom4([4]byte(c.frame[c.off+12 : c.off+16]))
	dst := netip.AddrFrom4([4]byte(c.frame[c.off+16 : c.off+20]))
	proto := c.u8(9)
	c.off += header
	return c.transport(proto, src, dst)
}

func (c *cursor) ipv6() (decoded, bool) {
	if !c.have(40) || c.u8(0)>>4 != 6 {
		return decoded{}, false
	}
	if n := int(c.u16(4)); n != 0 { // 0 is a jumbogram or segmentation offload
		c.limit(40 + n)
	}
	src := netip.AddrFrom16([16]byte(c.frame[c.off+8 : c.off+24]))
	dst := netip.AddrFrom16([16]byte(c.frame[c.off+24 : c.off+40]))
	next := c.u8(6)
	c.off += 40
	for range maxIPv6Headers {
		var n int
		switch next {
		case byte(TCP), byte(UDP):
			return c.transport(next, src, dst)
		case 0, 43, 60, 135, 139, 140: // hop-by-hop, routing, destination, mobility, HIP, shim6
			if !c.have(8) {
				return decoded{}, false
			}
			n = 8 + int(c.u8(1))*8
		case 44: // fragment
			if !c.have(8) || c.u16(2)>>3 != 0 {
				return decoded{}, false
			}
			n = 8
		case 51: // authentication, counted in 4-byte words less two
			if !c.have(8) {
				return decoded{}, false
			}
			n = 8 + int(c.u8(1))*4
		default:
			return decoded{}, false
		}
		if !c.have(n) {
			return decoded{}, false
		}
		next = c.u8(0)
		c.off += n
	}
	return decoded{}, false
}

func (c *cursor) transport(proto byte, src, dst netip.Addr) (decoded, bool) {
	switch Proto(proto) {
	case TCP:
		return c.tcp(src, dst)
	case UDP:
		return c.udp(src, dst)
	}
	return decoded{}, false
}

func (c *cursor) tcp(src, dst netip.Addr) (decoded, bool) {
	if !c.have(20) {
		return decoded{}, false
	}
	header := int(c.u8(12)>>4) * 4
	if header < 20 || header > c.end-c.off {
		return decoded{}, false
	}
	flags := c.u8(13)
	d := decoded{
		proto: TCP,
		src:   netip.AddrPortFrom(src, c.u16(0)),
		dst:   netip.AddrPortFrom(dst, c.u16(2)),
		seq:   c.u32(4),
		fin:   flags&0x01 != 0,
		syn:   flags&0x02 != 0,
		rst:   flags&0x04 != 0,
		ack:   flags&0x10 != 0,
	}
	c.payload(&d, header)
	return d, true
}

func (c *cursor) udp(src, dst netip.Addr) (decoded, bool) {
	if !c.have(8) {
		return decoded{}, false
	}
	if n := int(c.u16(4)); n >= 8 {
		c.limit(n)
	} else if n != 0 { // 0 is a jumbogram (RFC 2675): the IP length decides
		return decoded{}, false
	}
	d := decoded{
		proto: UDP,
		src:   netip.AddrPortFrom(src, c.u16(0)),
		dst:   netip.AddrPortFrom(dst, c.u16(2)),
	}
	c.payload(&d, 8)
	return d, true
}

// payload fills in where the bytes behind the transport header are. The
// header may be cut inside its options: the payload is then known by its
// length on the wire only.
func (c *cursor) payload(d *decoded, header int) {
	start := c.off + header
	d.payloadWireLen = c.end - start
	d.payloadOff = min(start, len(c.frame))
	d.payloadLen = min(c.end, len(c.frame)) - d.payloadOff
}
