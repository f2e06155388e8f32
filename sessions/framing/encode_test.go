package framing

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestAppendMakesTheBytesOfAFrame(t *testing.T) {
	for _, c := range []struct{ framing, payload, want string }{
		{"raw", "ab", "ab"},
		{"raw", "", ""},
		{"gap:1s", "ab", "ab"},
		{"fixed:2", "ab", "ab"},
		{"lf", "ab", "ab\n"},
		{"lf", "", "\n"},
		{"crlf", "a\nb\r", "a\nb\r\r\n"},
		{"nul", "ab", "ab\x00"},
		{"xml", "<a/>", "<a/>\x00"},
		{"lf,keep", "ab\n", "ab\n"},
		{"lf,keep", "ab", "ab\n"},
		{"u8", "ab", "\x02ab"},
		{"u16be", "ab", "\x00\x02ab"},
		{"u16le", "ab", "\x02\x00ab"},
		{"u24be", "ab", "\x00\x00\x02ab"},
		{"u24le", "", "\x00\x00\x00"},
		{"u32be", "ab", "\x00\x00\x00\x02ab"},
		{"u32le", "ab", "\x02\x00\x00\x00ab"},
		{"u16be,offset=1,adjust=-3", "\x07ab", "\x07\x00\x05ab"},
		{"u8,adjust=2", "abCS", "\x02abCS"},
		{"varint", strings.Repeat("a", 300), "\xac\x02" + strings.Repeat("a", 300)},
		{"mcvarint", strings.Repeat("a", 300), "\xac\x02" + strings.Repeat("a", 300)},
		{"varint,offset=1", "\xc0", "\xc0\x00"},
	} {
		before := []byte("before ")
		got, err := parsed(t, c.framing).Append(before, []byte(c.payload))
		if err != nil || string(got) != "before "+c.want {
			t.Errorf("%s makes %q of %q, %v; want %q", c.framing, got, c.payload, err, c.want)
		}
	}
}

func TestAppendRefusesWhatTheOtherSideWouldCutInAnotherWay(t *testing.T) {
	for _, c := range []struct{ framing, payload, want string }{
		{"fixed:2", "abc", "it has 3 bytes, and fixed:2 sends 2 at a time"},
		{"lf", "a\nb", "it has the delimiter of lf in it, at byte 1"},
		{"lf", "ab\n", "it has the delimiter of lf in it, at byte 2"},
		{"lf,keep", "a\nb\n", "it has the delimiter of lf,keep in it, at byte 1"},
		{"crlf", "a\r\nb", "it has the delimiter of crlf in it, at byte 1"},
		{"delim:6161", "ba", "its last bytes and the first of the delimiter make the delimiter of delim:6161, at byte 1"},
		{"xml", "<a/>\x00", "it has the zero byte that ends a document in it, at byte 4"},
		{"u8", strings.Repeat("a", 256), "its length would be 256, and the most that fits into the prefix of u8 is 255"},
		{"u8,adjust=-1", strings.Repeat("a", 255), "its length would be 256"},
		{"u16be,offset=2", "a", "it has 1 byte, and u16be,offset=2 has 2 before the length"},
		{"u8,adjust=2", "a", "1 byte behind the length: that is less than the 2 that u8,adjust=2 adds to it"},
		{"u16be,max=10", strings.Repeat("a", 9), "a frame of 11 bytes is longer than the 10 that u16be,max=10 allows"},
		{"lf,max=10", strings.Repeat("a", 10), "a frame of 11 bytes is longer"},
	} {
		before := []byte("before ")
		got, err := parsed(t, c.framing).Append(before, []byte(c.payload))
		if err == nil || !strings.HasPrefix(err.Error(), "frame a message: "+c.want) {
			t.Errorf("%s takes %q: %v, want %q", c.framing, c.payload, err, c.want)
		}
		if string(got) != "before " {
			t.Errorf("%s leaves %q", c.framing, got)
		}
	}
}

// FuzzRoundTrip frames messages, and cuts what comes of it in random reads. What is refused is held against the
// reference: it must indeed be cut in another way.
func FuzzRoundTrip(f *testing.F) {
	f.Add(uint64(1), []byte("hello\nworld\r\n\x00and more"))
	f.Fuzz(func(t *testing.T, seed uint64, data []byte) {
		r := rand.New(rand.NewPCG(seed, 2))
		framing := randomFraming(r)
		if framing.Kind == Raw || framing.Kind == Gap {
			return
		}
		var stream []byte
		var sent [][]byte
		for len(data) > 0 && len(sent) < 100 {
			n := min(1+r.IntN(30), len(data))
			if framing.Kind == Fixed {
				n = min(int(framing.Size), len(data))
			}
			payload := data[:n]
			data = data[n:]
			next, err := framing.Append(stream, payload)
			if err != nil {
				if len(next) != len(stream) {
					t.Fatalf("what is refused leaves %d bytes", len(next)-len(stream))
				}
				if d := framing.delim(); d != "" && !strings.Contains(string(payload)+d, d) {
					t.Fatalf("%s refuses %q: %v", framing, payload, err)
				}
				continue
			}
			stream = next
			if d := framing.delim(); framing.Keep && !strings.HasSuffix(string(payload), d) {
				payload = append(bytes.Clone(payload), d...)
			}
			sent = append(sent, payload)
		}
		m, err := NewMessages(framing)
		if err != nil {
			t.Fatal(err)
		}
		var got [][]byte
		for at := 0; at < len(stream); {
			n := min(1+r.IntN(40), len(stream)-at)
			m.Feed(stream[at:at+n], 1, capturedAt, func(f Frame, payload []byte) {
				if f.State != Complete {
					t.Fatalf("%s makes %q, of which %+v is cut", framing, stream, f)
				}
				// What comes before the length is not payload here.
				got = append(got, append(bytes.Clone(stream[f.Offset:f.Offset+int64(framing.Offset)]), payload...))
			})
			at += n
		}
		m.End(func(f Frame, _ []byte) { t.Fatalf("%s makes %q, which ends with %+v", framing, stream, f) })
		if len(got) != len(sent) {
			t.Fatalf("%s: %d messages became %d", framing, len(sent), len(got))
		}
		for i := range got {
			if !bytes.Equal(got[i], sent[i]) {
				t.Fatalf("%s: message %d was %q and is %q", framing, i, sent[i], got[i])
			}
		}
	})
}
