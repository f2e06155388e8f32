package inspect_test

import (
	"math"
	"strings"
	"testing"

	. "wirebench/sessions/inspect"
)

func TestALengthPrefixTellsWhereTheFrameEnds(t *testing.T) {
	tests := []struct {
		name, id, bytes string
		offset, total   int64
		big, little     string
	}{
		{"inside", "u8rest", "03aabbccdd", 0, 0, "0x4 (4), inside, 1 byte behind it", ""},
		{"exactly at the end", "u8rest", "04aabbccdd", 0, 0, "0x5 (5), exactly at the end", ""},
		{"beyond", "u8rest", "06aabbccdd", 0, 0, "0x7 (7), beyond, 2 bytes missing", ""},
		{"an empty frame", "u8rest", "00", 0, 0, "0x1 (1), exactly at the end", ""},
		{"the header counted", "u8whole", "05aabbccdd", 0, 0, "0x5 (5), exactly at the end", ""},
		{"only the header", "u16whole", "0002", 0, 0, "0x2 (2), exactly at the end", "0x200 (512), beyond, 510 bytes missing"},
		{"in the middle of a stream", "u16rest", "0010", 0x100, 0x200, "0x112 (274), inside, 238 bytes behind it", "0x1102 (4354), beyond, 3842 bytes missing"},
		{"in the middle, the header counted", "u16whole", "0010", 0x100, 0x110, "0x110 (272), exactly at the end", "0x1100 (4352), beyond, 4080 bytes missing"},
		{"three bytes", "u24rest", "000102", 0, 300, "0x105 (261), inside, 39 bytes behind it", "0x20103 (131331), beyond, 131031 bytes missing"},
		{"three bytes, counted", "u24whole", "000102", 0, 300, "0x102 (258), inside, 42 bytes behind it", "0x20100 (131328), beyond, 131028 bytes missing"},
		{"four bytes", "u32rest", "00000000", 0, 4, "0x4 (4), exactly at the end", "0x4 (4), exactly at the end"},
		{"the largest", "u32rest", "ffffffff", 0, 0, "0x100000003 (4294967299), beyond, 4294967295 bytes missing", "0x100000003 (4294967299), beyond, 4294967295 bytes missing"},
		{"four bytes, counted", "u32whole", "00000008aabbccdd", 0, 0, "0x8 (8), exactly at the end", "0x8000000 (134217728), beyond, 134217720 bytes missing"},
		{"a varint", "varintrest", "8002", 1, 259, "0x103 (259), exactly at the end", ""},
		{"a varint, counted", "varintwhole", "8002", 1, 259, "0x101 (257), inside, 2 bytes behind it", ""},
	}
	for _, tt := range tests {
		p := Place{Bytes: unhex(t, tt.bytes), Offset: tt.offset, Total: tt.total}
		r := row(t, tt.id)
		if tt.little == "" {
			tt.little = tt.big
		}
		if got := r.Read(p, Big); got.Text != tt.big {
			t.Errorf("%s: %+v, want %s", tt.name, got, tt.big)
		}
		if got := r.Read(p, Little); got.Text != tt.little {
			t.Errorf("%s little-endian: %+v, want %s", tt.name, got, tt.little)
		}
		f, _, ok := r.Prefix.Frame(p, Big)
		if !ok || f.End != tt.offset+f.Length || f.End+f.Left != max(tt.total, tt.offset+int64(len(p.Bytes))) {
			t.Errorf("%s: %+v", tt.name, f)
		}
	}
}

func TestALengthThatIsNoneSaysWhy(t *testing.T) {
	tests := []struct {
		id, bytes string
		offset    int64
		want      Value
		says      string
	}{
		{"u16rest", "00", 0, Value{Missing: 1}, ""},
		{"u32whole", "", 0, Value{Missing: 4}, ""},
		{"varintrest", "ff", 0, Value{Missing: 1}, ""},
		{"u8whole", "00", 0, Value{}, "a frame of 0 bytes is shorter than its prefix of 1 byte"},
		{"u32whole", "00000003", 0, Value{}, "a frame of 3 bytes is shorter than its prefix of 4 bytes"},
		{"varintwhole", "8100", 0, Value{}, "a frame of 1 byte is shorter than its prefix of 2 bytes"},
		{"varintrest", "ffffffffffffffffff01", 0, Value{}, "longer than any stream"},
		{"varintwhole", "ffffffffffffffff7f", 1, Value{}, "longer than any stream"},
		{"u8rest", "01", math.MaxInt64 - 1, Value{}, "longer than any stream"},
	}
	for _, tt := range tests {
		got := row(t, tt.id).Read(Place{Bytes: unhex(t, tt.bytes), Offset: tt.offset}, Big)
		if tt.says == "" && got != tt.want || !strings.Contains(got.Problem, tt.says) || got.Text != "" {
			t.Errorf("%s %s: %+v, want %+v %s", tt.id, tt.bytes, got, tt.want, tt.says)
		}
	}
}

func TestWhereTheStreamWasNotCountedToItsEndNoMoreIsSaidThanIsKnown(t *testing.T) {
	for total, want := range map[int64]string{
		300: "0x104 (260), inside, at least 40 bytes behind it",
		260: "0x104 (260), inside or exactly at the end",
		250: "0x104 (260), at most 10 bytes missing",
	} {
		p := Place{Bytes: unhex(t, "0102"), Total: total, AtLeast: true}
		if got := row(t, "u16rest").Read(p, Big); got.Text != want {
			t.Errorf("of at least %d bytes it is %q, want %q", total, got.Text, want)
		}
	}
	if got := row(t, "readutf").Read(Place{Bytes: unhex(t, "010241"), Total: 250, AtLeast: true}, Big); got.Missing != 0 || got.Problem != "of 258 bytes, more than were counted so far" {
		t.Errorf("a text that may be whole is %+v", got)
	}
}

func TestOnlyTheRowsOfFramesHaveAPrefix(t *testing.T) {
	found := map[LengthPrefix]bool{}
	for _, r := range Rows() {
		if (r.Prefix != nil) != (r.Group == Frames) {
			t.Errorf("%s has the prefix %v", r.ID, r.Prefix)
		}
		if r.Prefix != nil {
			found[*r.Prefix] = true
		}
	}
	for _, bytes := range []int{0, 1, 2, 3, 4} {
		for _, included := range []bool{false, true} {
			if !found[LengthPrefix{Bytes: bytes, Included: included}] {
				t.Errorf("no row for a prefix of %d bytes, included %v", bytes, included)
			}
		}
	}
}
