package framing

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"wirebench/sessions/capture"
)

// benchFlow is the n-th connection.
func benchFlow(n int) capture.Flow {
	return capture.Flow{
		Proto: capture.TCP, Local: netip.MustParseAddrPort("127.0.0.1:8087"),
		Remote: netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, byte(n >> 8), 1}), uint16(20000+n&0xFF)),
	}
}

// benchStream is a piece of a stream that every framing cuts into messages of about n bytes.
func benchStream(f Framing, n int) []byte {
	var b []byte
	payload := make([]byte, n)
	for i := range payload {
		payload[i] = 'a' + byte(i%26)
	}
	for len(b) < 1<<20 {
		if next, err := f.Append(b, payload); err == nil {
			b = next
			continue
		}
		b = append(b, payload...) // Fixed of another size
	}
	return b
}

// benchLog is a live log of size bytes that came in, in records of n bytes, over so many connections in turn.
func benchLog(b *testing.B, stream []byte, size, n, flows int) *capture.Log {
	b.Helper()
	now, ticks := time.Unix(1, 0), 0
	clock := func() time.Time { // a silence now and then
		if now, ticks = now.Add(time.Microsecond), ticks+1; ticks%4 == 0 {
			now = now.Add(60 * time.Millisecond)
		}
		return now
	}
	l, err := capture.Create(capture.Options{Dir: b.TempDir(), Clock: clock})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Delete() })
	at := make([]int, flows)
	for i := range flows {
		l.Append(benchFlow(i), capture.Out, capture.Open, nil, "")
		l.Append(benchFlow(i), capture.In, capture.Open, nil, "")
	}
	for i := 0; i < size; i += n {
		k := i / n % flows
		end := min(at[k]+n, len(stream))
		l.Append(benchFlow(k), capture.In, capture.Data, stream[at[k]:end], "")
		if at[k] = end; end == len(stream) {
			at[k] = 0
		}
	}
	if err := l.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
	return l
}

// BenchmarkIndex cuts a GiB, and says what that costs and how long it takes until there is something to show.
func BenchmarkIndex(b *testing.B) {
	const size = 1 << 30
	for _, c := range []struct {
		framing         string
		frame, n, flows int
	}{
		{"raw", 64, 1460, 1}, {"gap:50ms", 64, 1460, 1}, {"fixed:16", 16, 1460, 1},
		{"lf", 80, 1460, 1}, {"crlf", 80, 1460, 1}, {"nul", 1000, 1460, 1}, {"xml", 200, 1460, 1}, {"delim:0d0a0d0a", 500, 1460, 1},
		{"u8", 60, 1460, 1}, {"u16be", 60, 1460, 1}, {"u16be", 60, 60000, 1}, {"u32le,offset=1,adjust=-5", 1000, 1460, 1},
		{"u16be", 16, 60000, 1}, {"u16be", 0, 60000, 1}, {"u16be", 60, 64, 1}, {"u16be", 60, 1460, 1000}, {"varint", 60, 1460, 1}, {"mcvarint", 300, 1460, 1},
	} {
		b.Run(fmt.Sprintf("%s/frames of %d/reads of %d/%d connections", c.framing, c.frame, c.n, c.flows), func(b *testing.B) {
			f, err := Parse(c.framing)
			if err != nil {
				b.Fatal(err)
			}
			l := benchLog(b, benchStream(f, c.frame), size, c.n, c.flows)
			b.SetBytes(size)
			var first, page, found time.Duration
			rows := make([]Frame, 1000)
			for b.Loop() {
				x, err := NewIndex(l, Options{In: f, Out: f})
				if err != nil {
					b.Fatal(err)
				}
				begun := time.Now()
				for x.Stats().Last < 1000 {
					time.Sleep(10 * time.Microsecond)
				}
				if _, err := x.Frames(rows, 1); err != nil {
					b.Fatal(err)
				}
				first = max(first, time.Since(begun))
				<-x.Ready()
				b.StopTimer()
				st := x.Stats()
				if st.Broken > 0 {
					b.Fatalf("%+v", st)
				}
				for i := range int64(20) {
					begun = time.Now()
					if _, err := x.Frames(rows[:60], max(1, st.Last*i/20)); err != nil {
						b.Fatal(err)
					}
					page = max(page, time.Since(begun))
					begun = time.Now()
					if _, err := x.FrameAt(capture.InOnly, size/20*i); err != nil {
						b.Fatal(err)
					}
					found = max(found, time.Since(begun))
				}
				x.mu.RLock()
				memory := int64(0)
				for _, c := range x.points {
					memory += c.size()
				}
				b.ReportMetric(float64(memory)/(1<<20), "MiB")
				x.mu.RUnlock()
				b.ReportMetric(float64(st.Last)/1e6, "Mframes")
				x.Close()
				b.StartTimer()
			}
			b.ReportMetric(float64(first.Microseconds())/1000, "ms-first")
			b.ReportMetric(float64(page.Microseconds())/1000, "ms-page")
			b.ReportMetric(float64(found.Microseconds())/1000, "ms-find")
		})
	}
}

// BenchmarkCutter cuts a stream that is in memory.
func BenchmarkCutter(b *testing.B) {
	for _, name := range []string{"fixed:16", "lf", "crlf", "u16be", "varint", "mcvarint", "xml"} {
		b.Run(name, func(b *testing.B) {
			f, err := Parse(name)
			if err != nil {
				b.Fatal(err)
			}
			c, err := NewCutter(f)
			if err != nil {
				b.Fatal(err)
			}
			stream := benchStream(f, 60)
			b.SetBytes(int64(len(stream)))
			b.ReportAllocs()
			at := time.Now()
			for b.Loop() {
				for p := range len(stream) / 1460 {
					c.Feed(stream[p*1460:(p+1)*1460], int64(p), at)
					for ok := true; ok; {
						_, _, ok = c.Next()
					}
				}
			}
		})
	}
}
