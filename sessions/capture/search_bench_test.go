package capture

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// big makes a log of size payload bytes: text without the word "needle", in
// records of the given length, every fourth one going out.
func big(b *testing.B, size, record int) *Log {
	b.Helper()
	l, err := Create(Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := l.Delete(); err != nil {
			b.Error(err)
		}
	})
	r := rand.New(rand.NewPCG(1, 2))
	text := make([]byte, 1<<20+record)
	const letters = "eeeettaaooiinnsshhrrddllcumwfgypbvkjxqz    \n0123456789.,:=\"{}"
	for i := range text {
		text[i] = letters[r.IntN(len(letters))]
	}
	for n := 0; n < size; n += record {
		at := r.IntN(1 << 20)
		d := In
		if n/record%4 == 3 {
			d = Out
		}
		l.Append(clientFlow(0), d, Data, text[at:at+record], "")
	}
	if err := l.Flush(context.Background()); err != nil {
		b.Fatal(err)
	}
	return l
}

func BenchmarkSearch1GiB(b *testing.B) {
	const size = 1 << 30
	for _, record := range []int{32 << 10, 1400, 64} {
		l := big(b, size, record)
		bench := func(name string, q Query) {
			b.Run(fmt.Sprintf("records=%d/%s", record, name), func(b *testing.B) {
				b.SetBytes(l.Stats().StreamEnd(q.Stream))
				for range b.N {
					if n, err := l.Count(context.Background(), q, nil); err != nil || n != 0 {
						b.Fatal(n, err)
					}
				}
			})
		}
		bench("in", Query{Literal: []byte("needle in a haystack"), Stream: InOnly})
		bench("both", Query{Literal: []byte("needle in a haystack")})
		bench("fold", Query{Literal: []byte("needle in a haystack"), FoldCase: true})
		bench("backward", Query{Literal: []byte("needle in a haystack"), Backward: true, From: math.MaxInt64})
	}
}
