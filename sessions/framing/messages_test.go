package framing

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

var capturedAt = time.Unix(1_700_000_000, 0)

// said feeds stream in reads that end at ends, and returns the payloads, each with what is wrong with its frame.
func said(t *testing.T, f Framing, stream string, ends ...int) (list []string) {
	t.Helper()
	m, err := NewMessages(f)
	if err != nil {
		t.Fatal(err)
	}
	add := func(f Frame, payload []byte) {
		s := fmt.Sprintf("%q", payload)
		if f.State != Complete {
			s += " " + f.State.String()
		}
		list = append(list, s)
	}
	at := 0
	for _, end := range append(slices.Clone(ends), len(stream)) {
		m.Feed([]byte(stream[at:end]), 1, capturedAt, add)
		at = end
	}
	m.End(add)
	return list
}

func TestMessagesHaveThePayloadsHoweverTheStreamIsSplit(t *testing.T) {
	for _, c := range []struct {
		framing, stream string
		want            []string
	}{
		{"lf", "a\n\nbcd\r\ne", []string{`"a"`, `""`, `"bcd\r"`, `"e" incomplete`}},
		{"lf,keep", "a\nb\n", []string{`"a\n"`, `"b\n"`}},
		{"crlf", "a\r\nb\r\r\n\r", []string{`"a"`, `"b\r"`, `"\r" incomplete`}},
		{"u16be", "\x00\x02ab\x00\x00\x00", []string{`"ab"`, `""`, `"" incomplete`}},
		{"u16be,offset=1,adjust=-3", "\x07\x00\x05ab\x07\x00\x05a", []string{`"ab"`, `"a" incomplete`}},
		{"fixed:3", "abcd", []string{`"abc"`, `"d" incomplete`}},
		{"varint", "\x01a\x82\x00bc", []string{`"a"`, `"bc"`}},
		{"xml", "<a/>\x00<b/>\x00", []string{`"<a/>"`, `"<b/>"`}},
		{"lf,max=4", "abcdef\nab\n", []string{`"abcd" oversize`, `"ab"`}},
	} {
		t.Run(c.framing, func(t *testing.T) {
			f := parsed(t, c.framing)
			for i := range len(c.stream) + 1 {
				for j := i; j <= len(c.stream); j++ {
					if got := said(t, f, c.stream, i, j); !slices.Equal(got, c.want) {
						t.Fatalf("split at %d and %d: %s, want %s", i, j, got, c.want)
					}
				}
			}
		})
	}
}

func TestWhatFollowsALengthThatCannotBeBelievedIsHandedOnReadByRead(t *testing.T) {
	for _, c := range []struct {
		framing, stream string
		ends            []int
		want            []string
	}{
		{"u16be", "\x00\x01a\xff\xffbcdef", nil, []string{`"a"`, `"bcdef" incomplete`}}, // it can be believed
		{"u16be,max=1000", "\x00\x01a\xff\xffbcdef", nil, []string{`"a"`, `"\xff\xffbcdef" oversize`}},
		{"u16be,max=1000", "\x00\x01a\xff\xffbcdef", []int{4, 7, 9}, []string{`"a"`, `"\xff\xffbc" oversize`, `"de" oversize`, `"f" oversize`}},
		{"u16be,max=4", "\xff\xffbcdefgh", []int{1}, []string{`"\xff\xffbcdefgh" oversize`}},
		{"u16be,adjust=-2", "\x00\x01abc\x00\x02", []int{4}, []string{`"\x00\x01ab" malformed`, `"c\x00\x02" malformed`}},
		{"mcvarint", "\x80\x80\x80\x80\x80abc", []int{3, 6}, []string{`"\x80\x80\x80\x80\x80a" malformed`, `"bc" malformed`}},
	} {
		if got := said(t, parsed(t, c.framing), c.stream, c.ends...); !slices.Equal(got, c.want) {
			t.Errorf("%s: %s, want %s", c.framing, got, c.want)
		}
	}
	// The frames say where their bytes lie, and what length it was.
	m, _ := NewMessages(parsed(t, "u8,max=9"))
	var frames []Frame
	for i, p := range []string{"\x01a\x50xy", "z12", "3"} {
		m.Feed([]byte(p), int64(i), capturedAt, func(f Frame, _ []byte) { frames = append(frames, f) })
	}
	if g := m.Growing(); g.Len != 0 {
		t.Errorf("what was handed on is growing: %+v", g)
	}
	at := int64(0)
	for i, f := range frames {
		if f.Offset != at || i > 0 && (f.Declared != 81 || f.Last != int64(i)-1) {
			t.Errorf("frame %d is %+v", i, f)
		}
		at += f.Len
	}
	if len(frames) != 4 || at != 9 {
		t.Errorf("%d frames of %d bytes", len(frames), at)
	}
	// And the next connection is a new beginning.
	m.End(func(f Frame, _ []byte) { t.Errorf("the end tells of %+v", f) })
	m.Feed([]byte("\x01a"), 9, capturedAt, func(f Frame, p []byte) {
		if at = -1; string(p) != "a" || f.State != Complete {
			t.Errorf("%q, %+v", p, f)
		}
	})
	if at != -1 {
		t.Error("after the end nothing comes")
	}
}

func TestMessagesHoldNoMoreThanTheLongestFrame(t *testing.T) {
	for _, name := range []string{"lf,max=1MiB", "xml,max=1MiB", "u32be,max=1MiB", "gap:1h,max=1MiB", "varint,max=1MiB"} {
		m, err := NewMessages(parsed(t, name))
		if err != nil {
			t.Fatal(err)
		}
		p := bytes.Repeat([]byte{0xFE}, 60000)
		most := 0
		for range 2000 { // 120 MB
			m.Feed(p, 1, capturedAt, func(Frame, []byte) {})
			most = max(most, cap(m.buf))
		}
		if most > 2<<20 {
			t.Errorf("%s holds %d bytes", name, most)
		}
		m.End(func(f Frame, payload []byte) {
			if len(payload) > 1<<20 {
				t.Errorf("%s hands on %d bytes", name, len(payload))
			}
		})
		if cap(m.buf) > keptBuffer {
			t.Errorf("%s keeps %d bytes", name, cap(m.buf))
		}
	}
	// Nor does a length reserve what has not come.
	m, _ := NewMessages(parsed(t, "u32be"))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 100 {
		m.Feed([]byte("\x00\xf0\x00\x00abc"), 1, capturedAt, func(Frame, []byte) {})
		m.End(func(Frame, []byte) {})
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 1<<20 {
		t.Errorf("a hundred beginnings of long frames took %d bytes", grown)
	}
}

func TestMessagesEndWithSilence(t *testing.T) {
	m, _ := NewMessages(parsed(t, "gap:50ms"))
	var got []string
	add := func(f Frame, p []byte) { got = append(got, string(p)+f.Trouble()) }
	for i, p := range []string{"ab", "c", "d"} {
		m.Feed([]byte(p), int64(i), capturedAt.Add([]time.Duration{0, 10e6, 200e6}[i]), add)
	}
	if at, ok := m.Deadline(); !ok || !at.Equal(capturedAt.Add(250*time.Millisecond)) {
		t.Errorf("deadline %s, %v", at, ok)
	}
	m.Idle(capturedAt.Add(240*time.Millisecond), add)
	m.Idle(capturedAt.Add(250*time.Millisecond), add)
	m.Idle(capturedAt.Add(350*time.Millisecond), add)
	m.End(add)
	if strings.Join(got, "|") != "abc|d" {
		t.Errorf("%q", got)
	}
}
