//go:build e2e && linux

package test

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// This file reads captures independently of the product's own reader: only what the product writes is understood
// (little-endian sections, nanoseconds, LINKTYPE_RAW with TCP or UDP), and anything else is an error.

const (
	flagFIN = 1 << 0
	flagSYN = 1 << 1
	flagRST = 1 << 2
)

// packet is one Enhanced Packet Block. Payload is valid only while it is handed out.
type packet struct {
	at       time.Time
	src, dst netip.AddrPort
	flags    byte
	payload  []byte
	comment  string
	inbound  bool
	datagram bool // of UDP
}

// segments are the captures below dir, in order by name.
func segments(dir string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case !d.IsDir() && filepath.Ext(path) == ".pcapng":
			files = append(files, path)
		}
		return nil
	})
	slices.Sort(files)
	return files, err
}

// readPackets hands out the packets of one file in order. A file that ends inside a block, as one being written may,
// ends there without an error.
func readPackets(path string, each func(packet) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	r := bufio.NewReaderSize(f, 1<<20)
	var block []byte
	for {
		var head [8]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return cut(err)
		}
		kind, size := binary.LittleEndian.Uint32(head[:]), binary.LittleEndian.Uint32(head[4:])
		if size < 12 || size%4 != 0 || size > 1<<20 {
			return fmt.Errorf("%s: a block of type %#x has the length %d", path, kind, size)
		}
		block = slices.Grow(block[:0], int(size))[:size-8]
		if _, err := io.ReadFull(r, block); err != nil {
			return cut(err)
		}
		if tail := binary.LittleEndian.Uint32(block[len(block)-4:]); tail != size {
			return fmt.Errorf("%s: a block of type %#x begins with the length %d and ends with %d", path, kind, size, tail)
		}
		if kind != 6 {
			continue
		}
		p, err := parsePacket(block[:len(block)-4])
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if err := each(p); err != nil {
			return err
		}
	}
}

func cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// parsePacket reads the body of an Enhanced Packet Block.
func parsePacket(b []byte) (packet, error) {
	var p packet
	if len(b) < 20 {
		return p, errors.New("a packet block of less than 20 bytes")
	}
	p.at = time.Unix(0, int64(binary.LittleEndian.Uint32(b[4:]))<<32|int64(binary.LittleEndian.Uint32(b[8:])))
	held := int(binary.LittleEndian.Uint32(b[12:]))
	padded := (held + 3) &^ 3
	if 20+padded > len(b) {
		return p, fmt.Errorf("a packet of %d bytes in a block of %d", held, len(b))
	}
	data, options := b[20:20+held], b[20+padded:]
	for len(options) >= 4 {
		code, n := binary.LittleEndian.Uint16(options), int(binary.LittleEndian.Uint16(options[2:]))
		if code == 0 || 4+n > len(options) {
			break
		}
		switch value := options[4 : 4+n]; code {
		case 1:
			p.comment = string(value)
		case 2:
			p.inbound = binary.LittleEndian.Uint32(value)&3 == 1
		}
		options = options[min(len(options), 4+(n+3)&^3):]
	}
	if len(data) == 0 {
		return p, nil // a note alone
	}
	var src, dst netip.Addr
	var protocol byte
	switch data[0] >> 4 {
	case 4:
		if len(data) < 20 {
			return p, errors.New("an IPv4 header is cut")
		}
		src, _ = netip.AddrFromSlice(data[12:16])
		dst, _ = netip.AddrFromSlice(data[16:20])
		protocol, data = data[9], data[20:]
	case 6:
		if len(data) < 40 {
			return p, errors.New("an IPv6 header is cut")
		}
		src, _ = netip.AddrFromSlice(data[8:24])
		dst, _ = netip.AddrFromSlice(data[24:40])
		protocol, data = data[6], data[40:]
	default:
		return p, fmt.Errorf("a packet begins with %#x, which is no IP version", data[0])
	}
	if protocol == 17 && len(data) >= 8 {
		p.src = netip.AddrPortFrom(src, binary.BigEndian.Uint16(data))
		p.dst = netip.AddrPortFrom(dst, binary.BigEndian.Uint16(data[2:]))
		p.payload, p.datagram = data[8:], true
		return p, nil
	}
	if protocol != 6 || len(data) < 20 {
		return p, nil // a note without a connection
	}
	p.src = netip.AddrPortFrom(src, binary.BigEndian.Uint16(data))
	p.dst = netip.AddrPortFrom(dst, binary.BigEndian.Uint16(data[2:]))
	p.flags = data[13]
	offset := int(data[12]>>4) * 4
	if offset > len(data) {
		return p, errors.New("a TCP header is cut")
	}
	p.payload = data[offset:]
	return p, nil
}

// traffic is what all captures of a window hold, in small tests.
type traffic struct {
	in, out  []byte
	comments []string
	events   []string // "SYN out", "FIN in" and so on, in order
}

func readTraffic(dir string) (traffic, error) {
	var t traffic
	files, err := segments(dir)
	if err != nil {
		return t, err
	}
	for _, file := range files {
		if err := readPackets(file, t.add); err != nil {
			return t, err
		}
	}
	return t, nil
}

// add takes over one packet.
func (t *traffic) add(p packet) error {
	side := "out"
	if p.inbound {
		side = "in"
		t.in = append(t.in, p.payload...)
	} else {
		t.out = append(t.out, p.payload...)
	}
	for _, f := range []struct {
		flag byte
		name string
	}{{flagSYN, "SYN "}, {flagFIN, "FIN "}, {flagRST, "RST "}} {
		if p.flags&f.flag != 0 {
			t.events = append(t.events, f.name+side)
		}
	}
	if p.comment != "" {
		t.comments = append(t.comments, p.comment)
	}
	return nil
}

// said reports whether a comment holds every one of parts.
func (t traffic) said(parts ...string) bool {
	return slices.ContainsFunc(t.comments, func(c string) bool {
		return !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(c, part) })
	})
}

// count is how often an event happened.
func (t traffic) count(event string) int {
	n := 0
	for _, e := range t.events {
		if e == event {
			n++
		}
	}
	return n
}

func (t traffic) String() string {
	return fmt.Sprintf("%d bytes in %.80q, %d out %.80q, events %q, comments %q", len(t.in), t.in, len(t.out), t.out, t.events, t.comments)
}
