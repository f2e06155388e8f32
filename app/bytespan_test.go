package app

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"wirebench/sessions"
	"wirebench/sessions/capture"
	"wirebench/sessions/framing"
	"wirebench/widgets"
)

func TestWhatIsSaidOfBytesReadsAsASentence(t *testing.T) {
	here, there := netip.MustParseAddrPort("127.0.0.1:40001"), netip.MustParseAddrPort("[::1]:7")
	flow := capture.Flow{Local: here, Remote: there}
	open := sessions.TCPInfo{State: sessions.Open, Local: here, Remote: there}
	halves := func(in, out bool) sessions.TCPInfo {
		i := open
		i.ReadClosed, i.WriteClosed = in, out
		return i
	}
	start := time.Date(2026, 3, 4, 5, 6, 7, 0, time.Local)
	for _, c := range []struct{ got, want string }{
		{byteSpan{off: 0xab, n: 1}.String(), "1 byte at 0xab"},
		{byteSpan{off: 0x40, n: 1234567}.String(), "1,234,567 bytes from 0x40 on"},
		{byteSpan{off: 16, n: 1200, parts: make([]widgets.HexRange, 3)}.String(), "1,200 bytes in 3 places from 0x10 on"},
		{bytesInWords(0), "0 bytes"}, {bytesInWords(1), "1 byte"}, {bytesInWords(4096), "4,096 bytes"},
		{frameInWords(&framing.Frame{Number: 1234, Dir: capture.In, Flow: flow}, 1), "Frame 1,234, from [::1]:7, 1 byte."},
		{frameInWords(&framing.Frame{Number: 2, Dir: capture.Out, Flow: flow}, 2000), "Frame 2, to [::1]:7, 2,000 bytes."},
		{frameInWords(&framing.Frame{Dir: capture.In, Flow: flow}, 9), "A frame that goes on, from [::1]:7, 9 bytes."},
		{frameInWords(&framing.Frame{Dir: capture.Out, Flow: flow}, 9), "A frame that goes on, to [::1]:7, 9 bytes."},
		{detail(open, ""), "[::1]:7 from 127.0.0.1:40001"},
		{detail(halves(true, false), ""), "[::1]:7 from 127.0.0.1:40001, the peer sends no more"},
		{detail(halves(false, true), ""), "[::1]:7 from 127.0.0.1:40001, we send no more"},
		{detail(halves(true, true), ""), "[::1]:7 from 127.0.0.1:40001, both sides have closed"},
		{captureNote(capture.Stats{Err: errors.New("no space left on device"), LostBytes: 2048}), "Capturing stopped, 2.0 KiB not kept: no space left on device"},
		{captureNote(capture.Stats{EvictedBytes: 1536, Budget: 4096}), "oldest 1.5 KiB evicted: the capture's budget is 4.0 KiB"},
		{summary([]string{"a.pcapng"}, capture.Stats{First: 1, Last: 12345, InBytes: 1, OutBytes: 2048}),
			"Read-only   ·   12,345 records   ·   in 1 B   ·   out 2.0 KiB   ·   a.pcapng"},
		{summary([]string{"a", "b", "c"}, capture.Stats{First: 7, Last: 7, Start: start, End: start.Add(90 * time.Second)}),
			"Read-only   ·   1 record   ·   in 0 B   ·   out 0 B   ·   2026-03-04 05:06:07, 00:01:30   ·   a and 2 more"},
		{sentence(errors.New("écrire: no")), "Écrire: no"},
		{sentence(errors.New("12 of 13")), "12 of 13"},
		{sentence(errors.New("data.bin did not get to the disk")), "data.bin did not get to the disk"},
		{sentence(errors.New("c:\\x: no")), "c:\\x: no"},
		{sentence(errors.New("tmp/x: no")), "tmp/x: no"},
		{sentence(errors.New("refused.")), "Refused."},
		{sentence(errors.New("refused: by example.net.")), "Refused: by example.net."},
		{sentence(errors.New("")), ""},
	} {
		if c.got != c.want {
			t.Errorf("says %q, want %q", c.got, c.want)
		}
	}
}
