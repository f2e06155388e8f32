package certs

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"unicode/utf16"
)

// PEMBlock is one block of a PEM text (RFC 7468).
type PEMBlock struct {
	*pem.Block
	Line    int  // where it begins, from 1
	Damaged bool // its contents could not be read: Bytes is nil, Type what the first line says
}

func (b PEMBlock) damage(i, of int) error {
	return fmt.Errorf("PEM block %d of %d (%.40q, line %d) is damaged: it is not base64 throughout, or has no END line that matches", i+1, of, b.Type, b.Line)
}

var pemBegin, pemDashes = []byte("-----BEGIN "), []byte("-----")

// PEMBlocks returns every block of data in order, also those that [pem.Decode] passes over because they
// are damaged. Text around the blocks, as openssl writes it, is passed over; a byte order mark, and
// UTF-16 as Windows' shell writes it, are understood. Without any block the result is empty; it ends
// after 10,001 blocks.
func PEMBlocks(data []byte) []PEMBlock {
	data = plainText(data)
	var blocks []PEMBlock
	line := 1
	for at := nextBegin(data, 0); at >= 0 && len(blocks) <= maxParsed; {
		line += bytes.Count(data[:at], []byte("\n"))
		data = data[at:]
		next := nextBegin(data, len(pemBegin))
		one := data
		if next >= 0 {
			one = data[:next]
		}
		b := PEMBlock{Line: line}
		if b.Block, _ = pem.Decode(one); b.Block == nil {
			label, _, _ := bytes.Cut(data[len(pemBegin):], []byte("\n"))
			label, _, _ = bytes.Cut(label, pemDashes)
			b.Damaged, b.Block = true, &pem.Block{Type: string(bytes.TrimSpace(label))}
		}
		blocks = append(blocks, b)
		at = next
	}
	return blocks
}

// nextBegin is where the next line that begins a block stands in data, from offset on, -1 for nowhere.
func nextBegin(data []byte, from int) int {
	for {
		i := bytes.Index(data[from:], pemBegin)
		if i < 0 {
			return -1
		}
		i += from
		if i == 0 || data[i-1] == '\n' {
			return i
		}
		from = i + len(pemBegin)
	}
}

// plainText takes a byte order mark off, and makes UTF-8 of UTF-16. Anything else stays as it is.
func plainText(data []byte) []byte {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		return data[3:]
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		high, low := 1, 0
		if data[0] == 0xfe {
			high, low = 0, 1
		}
		units := make([]uint16, 0, len(data)/2)
		for p := data[2:]; len(p) >= 2; p = p[2:] {
			units = append(units, uint16(p[high])<<8|uint16(p[low]))
		}
		return []byte(string(utf16.Decode(units)))
	}
	return data
}
