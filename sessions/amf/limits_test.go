package amf_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	. "wirebench/sessions/amf"
)

func TestLimitsHold(t *testing.T) {
	nested := func(open string, n int) []byte { return bytes.Repeat([]byte(open), n) }
	for _, test := range []struct {
		name    string
		version Version
		b       []byte
		limits  Limits
		err     error
	}{
		{"arrays in arrays", AMF0, append(nested("\x0a\x00\x00\x00\x01", 128), 5), Limits{}, ErrLimit},
		{"one array fewer", AMF0, append(nested("\x0a\x00\x00\x00\x01", 127), 5), Limits{}, nil},
		{"objects in objects", AMF0, nested("\x03\x00\x01a", 1<<20), Limits{}, ErrLimit},
		{"arrays in arrays of AMF3", AMF3, nested("\x09\x03\x01", 1<<20), Limits{}, ErrLimit},
		{"a depth beyond all", AMF3, nested("\x09\x03\x01", 1<<20), Limits{Depth: 1 << 30}, ErrLimit},
		{"dictionaries as keys", AMF3, nested("\x11\x03\x00", 1<<20), Limits{Depth: 1 << 30}, ErrLimit},
		{"known classes in each other", AMF3, append([]byte("\x0a\x07\x43flex.messaging.io.ArrayCollection"), nested("\x0a\x01", 1<<20)...), Limits{Depth: 1 << 30}, ErrLimit},
		{"many values", AMF3, append([]byte("\x09\xbd\x84\x41\x01"), nested("\x01", 1<<20)...), Limits{}, ErrLimit},
		{"five values of five", AMF3, []byte("\x09\x09\x01\x01\x01\x01\x01"), Limits{Nodes: 5}, nil},
		{"five values of four", AMF3, []byte("\x09\x09\x01\x01\x01\x01\x01"), Limits{Nodes: 4}, ErrLimit},
		{"sealed members", AMF3, append([]byte("\x0a\x82\x80\x80\x03\x01"), nested("\x01", 1<<20)...), Limits{}, ErrLimit},
		{"eight bytes of eight", AMF3, []byte("\x06\x0dabcdef"), Limits{Bytes: 8}, nil},
		{"eight bytes of seven", AMF3, []byte("\x06\x0dabcdef"), Limits{Bytes: 7}, ErrLimit},
		{"more follows than is read", AMF3, append([]byte("\x01"), make([]byte, 100)...), Limits{Bytes: 7}, nil},
		{"texts that references repeat", AMF3, append([]byte("\x09\x0b\x01\x06\x15abcdefghij"), nested("\x06\x00", 4)...), Limits{Text: 49}, ErrLimit},
		{"as many as are allowed", AMF3, append([]byte("\x09\x0b\x01\x06\x15abcdefghij"), nested("\x06\x00", 4)...), Limits{Text: 50}, nil},
		{"names of a class that references repeat", AMF3, append([]byte("\x09\x0b\x01\x0a\x13\x15abcdefghij\x15klmnopqrst\x01"), nested("\x0a\x01\x01", 4)...), Limits{Text: 110}, ErrLimit},
	} {
		v, n, err := Decode(test.b, test.version, test.limits)
		if !errors.Is(err, test.err) || (err == nil) != (test.err == nil) {
			t.Errorf("%s: %v", test.name, err)
		}
		if n > len(test.b) {
			t.Errorf("%s: %d bytes of %d", test.name, n, len(test.b))
		}
		// What there is can be shown all the same.
		Format(v, test.version)
		Text(v, test.version)
		JSON(v, test.version)
	}
}

// TestAnnouncedLengthsTakeNoMemory has headers that promise what does not come.
func TestAnnouncedLengthsTakeNoMemory(t *testing.T) {
	huge := "\xff\xff\xff\xff" // 29 bits set, the lowest too
	for _, b := range []string{
		"\x06" + huge, "\x07" + huge, "\x09" + huge + "\x01", "\x0a" + huge + "\x01", "\x0b" + huge, "\x0c" + huge,
		"\x0d" + huge + "\x00", "\x0e" + huge + "\x00", "\x0f" + huge + "\x00", "\x10" + huge + "\x00\x01", "\x11" + huge + "\x00",
		"\x0a\xbf\xff\xff\xf3\x01",
	} {
		checkSmall(t, AMF3, b)
	}
	for _, b := range []string{"\x0a\xff\xff\xff\xff", "\x0c\xff\xff\xff\xff", "\x0f\xff\xff\xff\xff", "\x02\xff\xff", "\x08\xff\xff\xff\xff"} {
		checkSmall(t, AMF0, b)
	}
}

func checkSmall(t *testing.T, version Version, b string) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _, err := Decode([]byte(b), version, Limits{})
	runtime.ReadMemStats(&after)
	if !errors.Is(err, ErrShort) && !errors.Is(err, ErrOpaque) {
		t.Errorf("%v %x: %v", version, b, err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 64<<10 {
		t.Errorf("%v %x takes %d bytes", version, b, used)
	}
}

// TestTheWorstInputIsShownInTime builds inputs as large as is read that make the
// most of what the limits allow.
func TestTheWorstInputIsShownInTime(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a second")
	}
	vectors := []byte("\x09\xff\x7f\x01") // 8,191 items
	for range 8191 {
		vectors = append(vectors, 0x0d, 0x80|500>>6, 500<<1&0x7f|1, 0)
		vectors = append(vectors, make([]byte, 4*500)...)
	}
	deep := bytes.Repeat([]byte("\x09\x03\x01"), 126)
	deep = binary.BigEndian.AppendUint16(append(deep, 0x09, 0x87), 0xff7f)
	deep = append(deep[:len(deep)-2], 0xff, 0x7f, 1)
	deep = append(deep, bytes.Repeat([]byte{1}, 1<<18)...)
	for name, b := range map[string][]byte{"vectors": vectors, "deep": deep} {
		start := time.Now()
		v, _, err := Decode(b, AMF3, Limits{})
		lines := Format(v, AMF3)
		text := Text(v, AMF3)
		j := JSON(v, AMF3)
		t.Logf("%s: %d bytes make %d lines, %d bytes of text, %d of JSON in %v (%v)", name, len(b), len(lines), len(text), len(j), time.Since(start), err)
		if len(lines) > 400_000 || len(text) > 256<<20 || len(j) > 256<<20 {
			t.Errorf("%s: %d lines, %d bytes of text, %d of JSON", name, len(lines), len(text), len(j))
		}
	}
}

func TestATreeWithoutEndIsNotFollowed(t *testing.T) {
	items := make([]Value, 1)
	v := Value{Kind: Array, Items: items}
	items[0] = v
	if _, err := Encode(v, AMF3); !errors.Is(err, ErrValue) || !strings.Contains(err.Error(), "deep") {
		t.Errorf("%v", err)
	}
	Format(v, AMF3)
	Text(v, AMF0)
	JSON(v, AMF3)
	if _, err := ParseText(strings.Repeat("[", 1<<20), AMF3); err == nil || !strings.Contains(err.Error(), "deep") {
		t.Errorf("%v", err)
	}
}
