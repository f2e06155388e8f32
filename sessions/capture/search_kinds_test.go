package capture

import (
	"bytes"
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// said at random: records of up to most bytes out of the alphabet.
func atRandom(seed uint64, alphabet string, clients, records, most int) (all []said) {
	r := rand.New(rand.NewPCG(9, seed))
	for range records {
		s := said{client: r.IntN(clients), dir: Direction(r.IntN(2)), bytes: make([]byte, 1+r.IntN(most))}
		for i := range s.bytes {
			s.bytes[i] = alphabet[r.IntN(len(alphabet))]
		}
		all = append(all, s)
	}
	return all
}

// everywhere checks a query in all streams, both ways, from several offsets.
func everywhere(t testing.TB, l *Log, all []said, q Query, at func(b []byte) int) {
	t.Helper()
	st := l.Stats()
	for _, s := range []Stream{Both, InOnly, OutOnly} {
		end := st.StreamEnd(s)
		for _, from := range []int64{0, 1, end / 3, end / 2, end - 1, math.MaxInt64} {
			for _, back := range []bool{false, true} {
				q.Stream, q.From, q.Backward = s, from, back
				checkSearch(t, l, all, q, at)
			}
		}
	}
}

func TestSearchFindsBytesWithWildcards(t *testing.T) {
	all := atRandom(1, "\x00\x04\x14\x40\x4a\xff", 3, 500, 9)
	l := recorded(t, 700, all)
	for _, c := range []struct{ lit, mask string }{
		{"\x04", "\xff"},
		{"\x04\x00\x4a", "\xff\x00\xff"},                 // 04 ?? 4a
		{"\x00\x4a", "\x00\xff"},                         // ?? 4a
		{"\x40\x00", "\xf0\x00"},                         // 4? ??
		{"\x04\x40", "\x0f\xf0"},                         // ?4 4?
		{"\x00\x40\x00\x04\x00", "\x00\xf0\x00\xff\x00"}, // ?? 4? ?? 04 ??
		{"\xff\xff\x00\x00\xff", "\xff\xff\x00\x00\xff"},
		{"\x05\x4b", "\xfe\xfe"}, // bits, not only digits; what does not count in the literal is not obeyed
	} {
		q := Query{Literal: []byte(c.lit), Mask: []byte(c.mask)}
		everywhere(t, l, all, q, func(b []byte) int {
			for i := range c.lit {
				if i == len(b) || (b[i]^c.lit[i])&c.mask[i] != 0 {
					return 0
				}
			}
			return len(c.lit)
		})
	}
}

func TestSearchFindsAnyOfSeveralLiterals(t *testing.T) {
	all := atRandom(2, "abc", 3, 500, 9)
	l := recorded(t, 700, all)
	for _, any := range [][]string{
		{"ab", "ba"}, {"abc", "cba", "ccc", "bb"}, {"a"}, {"aaab", "b", "ccc"},
		{"aab", "ab", "xabx"}, // one holds another: found is the one within
		{"ca", "ca"},
	} {
		var q Query
		var inner []string
		for _, s := range any {
			q.AnyOf = append(q.AnyOf, []byte(s))
		}
		for _, s := range innermost(q.AnyOf) {
			inner = append(inner, string(s))
		}
		everywhere(t, l, all, q, func(b []byte) int {
			for _, s := range inner {
				if strings.HasPrefix(string(b), s) {
					return len(s)
				}
			}
			return 0
		})
	}
}

func TestSearchFindsLettersInAnyOfTheirWays(t *testing.T) {
	all := atRandom(3, "\x00\x41\x61\x42\xc4\xe4", 2, 500, 9)
	l := recorded(t, 700, all)
	letters := func(all ...[]string) (q Query) {
		for _, ways := range all {
			var w [][]byte
			for _, s := range ways {
				w = append(w, []byte(s))
			}
			q.Letters = append(q.Letters, w)
		}
		return q
	}
	for _, q := range []Query{
		letters([]string{"A", "a"}, []string{"\xc4", "\xe4"}),
		letters([]string{"A\x00", "a\x00"}, []string{"B\x00"}),
		letters([]string{"\xc4\xe4", "a"}, []string{"B"}, []string{"A", "\x00\x00"}),
	} {
		everywhere(t, l, all, q, func(b []byte) (n int) {
		next:
			for _, ways := range q.Letters {
				for _, w := range ways {
					if bytes.HasPrefix(b[n:], w) {
						n += len(w)
						continue next
					}
				}
				return 0
			}
			return n
		})
	}
}

func TestSearchRefusesWhatLooksForNothingOrForTwoThings(t *testing.T) {
	l := recorded(t, 1000, []said{{0, In, []byte("a")}})
	any := func(n int) (q Query) {
		for range n {
			q.AnyOf = append(q.AnyOf, []byte("a"))
		}
		return q
	}
	for _, c := range []struct {
		q    Query
		want string
	}{
		{Query{Literal: []byte("ab"), Mask: []byte{255}}, "mask of 1 bytes"},
		{Query{Literal: []byte("ab"), Mask: []byte{0, 0}}, "everywhere"},
		{Query{AnyOf: [][]byte{nil, []byte("a")}}, "nothing to search for"},
		{any(65), "65 literals"},
		{Query{Literal: []byte("a"), AnyOf: [][]byte{[]byte("b")}}, "one thing at a time"},
		{Query{Letters: [][][]byte{{[]byte("a")}, {}}}, "no way to be written"},
		{Query{Letters: [][][]byte{{[]byte("a"), nil}}}, "no byte"},
		{Query{Letters: [][][]byte{{make([]byte, maxLiteral)}, {[]byte("a")}}}, "65537 bytes"},
	} {
		if err := l.Search(context.Background(), c.q, func(Match) bool { return true }, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want it to say %q", err, c.want)
		}
	}
}
