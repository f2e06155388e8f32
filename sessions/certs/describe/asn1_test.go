package describe_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	. "wirebench/sessions/certs/describe"
)

func TestASN1TellsWhereTheBytesStopMakingSense(t *testing.T) {
	for _, tt := range []struct {
		name string
		der  []byte
		max  int
		want []string
	}{
		{"nothing", nil, 9, nil},
		{"no room", []byte{5, 0}, 0, nil},
		{"a NULL", []byte{5, 0}, 9, []string{"0 0+2+0 NULL  "}},
		{"values of all kinds", slices.Concat(tlv(1, []byte{0xff}), tlv(2, []byte{0x80}), tlv(3, []byte{3, 0xa8}), tlv(4, []byte{0xca, 0xfe}), oid(cn), tlv(12, str("é")),
			tlv(23, str("260101000000Z")), tlv(0x82, str("text")), tlv(0x41, []byte{1}), tlv(9, []byte{0x40})), 99, []string{
			"0 0+2+1 BOOLEAN TRUE ", "0 3+2+1 INTEGER -128 ", "0 6+2+2 BIT STRING A8 (the last 3 bits unused) ", "0 10+2+2 OCTET STRING CA:FE ",
			"0 14+2+3 OBJECT IDENTIFIER commonName (2.5.4.3) ", "0 19+2+2 UTF8String é ", "0 23+2+13 UTCTime 2026-01-01 00:00:00 UTC ", "0 38+2+4 [2] text ",
			"0 44+2+1 [APPLICATION 1] 01 ", "0 47+2+1 REAL 40 "}},
		{"structures inside each other and inside a string", tlv(0x30, tlv(4, tlv(0x30, tlv(5)))), 9, []string{
			"0 0+2+6 SEQUENCE  ", "1 2+2+4 OCTET STRING  ", "2 4+2+2 SEQUENCE  ", "3 6+2+0 NULL  "}},
		{"a long tag", []byte{0xbf, 0x85, 0x01, 0}, 9, []string{"0 0+4+0 [641]  "}},
		{"an indefinite length", []byte{0x30, 0x80, 5, 0, 0, 0, 5, 0}, 9, []string{
			"0 0+2+2 SEQUENCE  the length of the SEQUENCE is indefinite", "1 2+2+0 NULL  ", "0 6+2+0 NULL  "}},
		{"an indefinite length without an end", []byte{0x30, 0x80, 5, 0}, 9, []string{
			"0 0+2+2 SEQUENCE  the end of its indefinite length was not found: byte 4: the bytes end where an element was to follow", "1 2+2+0 NULL  "}},
		{"a length beyond the end", []byte{0x30, 5, 2, 9, 1}, 9, []string{
			"0 0+2+3 SEQUENCE  the SEQUENCE is said to be 5 bytes long, and 3 bytes are left", "1 2+2+1 INTEGER 1 the INTEGER is said to be 9 bytes long, and 1 byte is left"}},
		{"a length of eight bytes", []byte{4, 0x88, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 9, []string{"0 0+10+1 OCTET STRING 09 the OCTET STRING is said to be more than 2 GiB long, and 1 byte is left"}},
		{"a length without sense", []byte{5, 0, 2, 0xff, 1}, 9, []string{"0 0+2+0 NULL  ", "0 2+0+3   the length of the INTEGER begins with FF, which means nothing"}},
		{"more than there is room for", []byte{5, 0, 5, 0, 5, 0}, 2, []string{"0 0+2+0 NULL  ", "0 2+0+4   the rest is left out: more than 2 elements"}},
	} {
		var got []string
		for _, n := range ASN1(tt.der, tt.max) {
			got = append(got, fmt.Sprintf("%d %d+%d+%d %s %s %s", n.Depth, n.Offset, n.Header, n.Length, n.Name, n.Value, n.Problem))
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s:\n%s\nwant\n%s", tt.name, strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
		}
	}
}

func TestASN1IsNotFollowedBeyond64Levels(t *testing.T) {
	der := []byte{5, 0}
	for range 100 {
		der = tlv(0x30, der)
	}
	nodes := ASN1(der, 1000)
	if len(nodes) != 64 || nodes[63].Problem != "nested deeper than 64 levels: not followed" {
		t.Errorf("%d nodes, the last %+v", len(nodes), nodes[len(nodes)-1])
	}
}
