package capture

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// benchLog returns a live log with size payload bytes in records of n bytes.
func benchLog(b *testing.B, size, n int) *Log {
	b.Helper()
	l, err := Create(Options{Dir: b.TempDir(), Meta: Meta{Kind: "tcp", Name: "bench"}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Delete() })
	payload := make([]byte, n)
	for i := range payload {
		payload[i] = byte(i)
	}
	l.Append(flow4, Out, Open, nil, "")
	for i := 0; i < size; i += n {
		l.Append(flow4, Direction(i/n&1), Data, payload, "")
	}
	if err := l.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
	return l
}

func BenchmarkAppend(b *testing.B) {
	for _, n := range []int{64, MaxPayload} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			l, err := Create(Options{Dir: b.TempDir()})
			if err != nil {
				b.Fatal(err)
			}
			payload := make([]byte, n)
			b.SetBytes(int64(n))
			b.ReportAllocs()
			for b.Loop() {
				l.Append(flow4, In, Data, payload, "")
			}
			if err := l.Flush(b.Context()); err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			if err := l.Delete(); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// readSizes are how much there is to read from, and in records of how many bytes.
var readSizes = []struct {
	name    string
	size, n int
}{
	{"1MiB/64", 1 << 20, 64},
	{"1MiB/60000", 1 << 20, MaxPayload},
	{"1GiB/64", 1 << 30, 64},
	{"1GiB/60000", 1 << 30, MaxPayload},
}

func BenchmarkRecords(b *testing.B) {
	for _, s := range readSizes {
		b.Run(s.name, func(b *testing.B) {
			l := benchLog(b, s.size, s.n)
			last := l.Stats().Last
			rows := make([]Record, min(50, last))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := l.Records(1+rand.Int64N(last-int64(len(rows))+1), rows); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkReadAt(b *testing.B) {
	for _, s := range readSizes {
		b.Run(s.name, func(b *testing.B) {
			l := benchLog(b, s.size, s.n)
			end := l.Stats().InBytes
			p := make([]byte, 1<<10)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := l.ReadAt(InOnly, p, rand.Int64N(end-int64(len(p)))); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkReadAll reads a capture through in large pieces, as a search does.
func BenchmarkReadAll(b *testing.B) {
	for _, s := range readSizes[2:] {
		b.Run(s.name, func(b *testing.B) {
			l := benchLog(b, s.size, s.n)
			st := l.Stats()
			p := make([]byte, 1<<20)
			b.SetBytes(st.InBytes + st.OutBytes)
			for b.Loop() {
				for off := int64(0); off < st.InBytes+st.OutBytes; off += int64(len(p)) {
					if n, err := l.ReadAt(Both, p, off); n == 0 {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
