package capture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// said is one payload of a made-up capture.
type said struct {
	client int
	dir    Direction
	bytes  []byte
}

// clientFlow is the flow of a client of a made-up server.
func clientFlow(client int) Flow {
	return Flow{Proto: TCP,
		Local:  netip.MustParseAddrPort("127.0.0.1:8087"),
		Remote: netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 2}), uint16(40000+client))}
}

// recorded makes a live log of what was said, in segments of the given size.
func recorded(t testing.TB, segment int64, all []said) *Log {
	t.Helper()
	var ticks int64
	l, err := Create(Options{Dir: t.TempDir(), SegmentSize: segment, Budget: 1 << 40, Clock: func() time.Time {
		ticks++
		return time.Unix(1700000000, ticks)
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Release(); err != nil {
			t.Error(err)
		}
	})
	for _, s := range all {
		l.Append(clientFlow(s.client), s.dir, Data, s.bytes, "")
	}
	if err := l.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	return l
}

// expected finds the matches in what was said by the plainest means: at
// returns the length of a match at the start of some bytes, or 0.
func expected(all []said, q Query, at func(b []byte) int) []Match {
	type lane struct {
		bytes   []byte
		offs    []int64 // of every byte
		numbers []int64
	}
	lanes := map[string]*lane{}
	var off [2]int64
	for i, s := range all {
		key, start := "", off[s.dir]
		switch {
		case q.Stream == Both:
			key, start = fmt.Sprint(s.client, s.dir), off[In]+off[Out]
		case (q.Stream == InOnly) != (s.dir == In):
			off[s.dir] += int64(len(s.bytes))
			continue
		}
		l := lanes[key]
		if l == nil {
			l = new(lane)
			lanes[key] = l
		}
		for j, b := range s.bytes {
			o := start + int64(j)
			if q.Backward == (o < q.From) {
				l.bytes, l.offs, l.numbers = append(l.bytes, b), append(l.offs, o), append(l.numbers, int64(i+1))
			}
		}
		off[s.dir] += int64(len(s.bytes))
	}
	var found []Match
	for _, l := range lanes {
		for i, limit := 0, len(l.bytes); i < len(l.bytes); {
			j := i
			if q.Backward {
				j = len(l.bytes) - 1 - i
			}
			n := at(l.bytes[j:limit])
			if n == 0 {
				i++
				continue
			}
			found = append(found, Match{Off: l.offs[j], Len: n, Number: l.numbers[j]})
			if q.Backward {
				limit = j
				i++
			} else {
				i += n
			}
		}
	}
	slices.SortFunc(found, func(a, b Match) int {
		if q.Backward {
			a, b = b, a
		}
		return int(a.Off - b.Off)
	})
	return found
}

// literally matches the literal of q without Unicode.
func literally(q Query) func(b []byte) int {
	return func(b []byte) int {
		n := len(q.Literal)
		if len(b) < n || !bytes.Equal(b[:n], q.Literal) && !(q.FoldCase && bytes.Equal(asciiLower(b[:n]), asciiLower(q.Literal))) {
			return 0
		}
		return n
	}
}

func asciiLower(b []byte) []byte {
	b = bytes.Clone(b)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] += 'a' - 'A'
		}
	}
	return b
}

func search(t testing.TB, l *Log, q Query) []Match {
	t.Helper()
	var found []Match
	err := l.Search(context.Background(), q, func(m Match) bool { found = append(found, m); return true }, nil)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// checkSearch compares Search and Count with the plainest means.
func checkSearch(t testing.TB, l *Log, all []said, q Query, at func(b []byte) int) {
	t.Helper()
	want := expected(all, q, at)
	if got := search(t, l, q); !slices.Equal(got, want) {
		i := 0
		for i < min(len(got), len(want)) && got[i] == want[i] {
			i++
		}
		t.Fatalf("search for %q in %v from %d, backward %v, fold %v: %d matches, want %d, and from the %d-th on\n got %v\nwant %v",
			q.Literal, q.Stream, q.From, q.Backward, q.FoldCase, len(got), len(want), i, got[i:min(i+3, len(got))], want[i:min(i+3, len(want))])
	}
	n, err := l.Count(context.Background(), q, nil)
	if err != nil || n != int64(len(want)) {
		t.Fatalf("count of %q in %v from %d, backward %v, fold %v: %d, %v; want %d", q.Literal, q.Stream, q.From, q.Backward, q.FoldCase, n, err, len(want))
	}
}

// everyWay checks a literal in all streams, both ways, from several offsets.
func everyWay(t testing.TB, l *Log, all []said, literal string, fold bool, at func(q Query) func([]byte) int) {
	t.Helper()
	st := l.Stats()
	for _, s := range []Stream{Both, InOnly, OutOnly} {
		end := st.StreamEnd(s)
		for _, from := range []int64{math.MinInt64, 0, 1, end / 3, end/3 + 1, end / 2, end - 1, end, math.MaxInt64} {
			for _, back := range []bool{false, true} {
				q := Query{Literal: []byte(literal), FoldCase: fold, Stream: s, From: from, Backward: back}
				checkSearch(t, l, all, q, at(q))
			}
		}
	}
}

func TestSearchAgreesWithPlainBytes(t *testing.T) {
	for _, c := range []struct {
		name              string
		alphabet          string
		clients, most     int
		records, segments int
		literals          []string
	}{
		{"one connection, few letters", "ab", 1, 9, 400, 600, []string{"a", "ab", "aa", "aba", "abab", "aabaa", "aaaaaaaaaaaaa", "bbabaabbabab"}},
		{"records of one byte", "ab", 1, 1, 900, 700, []string{"a", "ab", "abab", "aaaa", "babbab"}},
		{"many connections", "ab", 7, 5, 900, 700, []string{"a", "ab", "aab", "abba", "abababab"}},
		{"one record a segment", "abc", 2, 4, 150, 1, []string{"a", "cab", "abcabc", "aa"}},
		{"every letter the same", "a", 2, 20, 120, 500, []string{"a", "aa", "aaa", "aaaaaaa", strings.Repeat("a", 300)}},
		{"capitals", "aAbB-", 2, 7, 500, 600, []string{"a", "aB", "Ab-", "bb", "aAaA", "-a-"}},
		{"long records", "abcdefgh", 2, 5000, 60, 20000, []string{"abc", "hgf", "aaaa", "bcdefg"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(3, uint64(len(c.name))))
			var all []said
			for range c.records {
				s := said{client: r.IntN(c.clients), dir: Direction(r.IntN(2)), bytes: make([]byte, 1+r.IntN(c.most))}
				for i := range s.bytes {
					s.bytes[i] = c.alphabet[r.IntN(len(c.alphabet))]
				}
				all = append(all, s)
			}
			l := recorded(t, int64(c.segments), all)
			for _, literal := range c.literals {
				for _, fold := range []bool{false, true} {
					everyWay(t, l, all, literal, fold, literally)
				}
			}
		})
	}
}

func TestSearchFindsWhatCrossesRecordsAndSegmentsOfOneSpeakerOnly(t *testing.T) {
	all := []said{
		{0, In, []byte("xx nee")},
		{0, Out, []byte("dle")}, // goes on in the other direction only
		{1, In, []byte("dle")},  // and with another speaker
		{1, In, []byte(" n")},
		{0, In, []byte("dl")},
		{1, In, []byte("eed")},
		{0, In, []byte("e yy")},
		{1, In, []byte("le")},
	}
	for _, segment := range []int64{1, 1 << 20} {
		l := recorded(t, segment, all)
		want := []Match{{Off: 3, Len: 6, Number: 1}, {Off: 13, Len: 6, Number: 4}}
		if got := search(t, l, Query{Literal: []byte("needle")}); !slices.Equal(got, want) {
			t.Errorf("both directions, segments of %d: %v, want %v", segment, got, want)
		}
		slices.Reverse(want)
		if got := search(t, l, Query{Literal: []byte("needle"), From: math.MaxInt64, Backward: true}); !slices.Equal(got, want) {
			t.Errorf("backward, segments of %d: %v, want %v", segment, got, want)
		}
		// One direction is one row of bytes: "xx needle ndleede yyle".
		want = []Match{{Off: 3, Len: 6, Number: 1}}
		if got := search(t, l, Query{Literal: []byte("needle"), Stream: InOnly}); !slices.Equal(got, want) {
			t.Errorf("one direction, segments of %d: %v, want %v", segment, got, want)
		}
	}
}

func TestSearchFoldsUnicodeCase(t *testing.T) {
	const text = "Zürich ZÜRICH zürich | straße STRASSE | ΣΊΣΥΦΟΣ σίσυφος | \u212aelvin kelvin K\u00e9 k\u00c9 \u212a\u00c9 | \u00e9\xc3\x28\xff"
	var all []said
	for i := range len(text) { // cut within letters too
		all = append(all, said{0, In, []byte(text[i : i+1])})
	}
	fold := func(q Query) func([]byte) int {
		runes := len([]rune(string(q.Literal)))
		return func(b []byte) int {
			s, n := string(b), 0
			for range runes {
				_, size := utf8.DecodeRuneInString(s[n:])
				n += size
			}
			if strings.EqualFold(s[:n], string(q.Literal)) && len([]rune(s[:n])) == runes {
				return n
			}
			return 0
		}
	}
	for _, segment := range []int64{1, 1 << 20} {
		l := recorded(t, segment, all)
		for literal, n := range map[string]int{"zÜrIch": 3, "sTRaße": 1, "σίσυφοσ": 2, "ké": 3, "É": 4, "Ké ": 3, "нет": 0} {
			q := Query{Literal: []byte(literal), FoldCase: true, Stream: InOnly}
			if got := search(t, l, q); len(got) != n {
				t.Errorf("%q: %v, want %d", literal, got, n)
			}
			everyWay(t, l, all, literal, true, fold)
		}
		if got := search(t, l, Query{Literal: []byte("kELVIN"), FoldCase: true, Stream: InOnly}); len(got) != 1 {
			t.Errorf("an ASCII literal folds ASCII only: %v", got)
		}
		if got := search(t, l, Query{Literal: []byte("\u00c9\xc3("), FoldCase: true, Stream: InOnly}); len(got) != 1 || got[0].Len != 4 {
			t.Errorf("bytes that are no UTF-8 stand for themselves: %v", got)
		}
	}
}

func TestSearchOfAnEvictedLogFindsWhatIsKept(t *testing.T) {
	l, err := Create(Options{Dir: t.TempDir(), SegmentSize: 4 << 10, Budget: 16 << 10})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Release()
	var stream []byte
	for i := range 2000 {
		b := fmt.Appendf(nil, "record %d;", i)
		stream = append(stream, b...)
		l.Append(clientFlow(0), In, Data, b, "")
	}
	if err := l.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	st := l.Stats()
	if st.EvictedRecords == 0 {
		t.Fatal("nothing was evicted")
	}
	want := bytes.Count(stream[st.FirstIn:], []byte("record"))
	if n, err := l.Count(context.Background(), Query{Literal: []byte("record"), Stream: InOnly}, nil); err != nil || n != int64(want) {
		t.Errorf("%d, %v; want %d", n, err, want)
	}
	got := search(t, l, Query{Literal: []byte("record"), Stream: InOnly})
	if first := int64(bytes.Index(stream[st.FirstIn:], []byte("record"))) + st.FirstIn; len(got) == 0 || got[0].Off != first || got[0].Number != st.First {
		t.Errorf("first match %v, want offset %d in record %d", got[:1], first, st.First)
	}
}

func TestSearchStopsWhenToldTo(t *testing.T) {
	l := recorded(t, 300, slices.Repeat([]said{{0, In, []byte("abcabc")}}, 500))
	for _, back := range []bool{false, true} {
		calls := 0
		err := l.Search(context.Background(), Query{Literal: []byte("bc"), From: 1500, Backward: back}, func(Match) bool { calls++; return calls < 3 }, nil)
		if err != nil || calls != 3 {
			t.Errorf("backward %v: %d calls, %v", back, calls, err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		calls = 0
		err = l.Search(ctx, Query{Literal: []byte("bc"), From: 1500, Backward: back}, func(Match) bool { calls++; cancel(); return true }, nil)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("backward %v, cancelled: %v after %d calls", back, err, calls)
		}
	}
}

func TestSearchTellsOfItsProgress(t *testing.T) {
	l := recorded(t, 8<<20, slices.Repeat([]said{{0, Out, make([]byte, 50000)}}, 800))
	for _, back := range []bool{false, true} {
		var dones []int64
		var totals int64
		q := Query{Literal: []byte("x"), Backward: back}
		if back {
			q.From = math.MaxInt64
		}
		_, err := l.Count(context.Background(), q, func(done, total int64) { dones, totals = append(dones, done), total })
		if err != nil {
			t.Fatal(err)
		}
		if len(dones) < 2 || len(dones) > 4 || !slices.IsSorted(dones) || dones[len(dones)-1] != totals || totals < 40_000_000 {
			t.Errorf("backward %v: told %v of %d", back, dones, totals)
		}
	}
}

func TestSearchRefusesAQueryWithoutSense(t *testing.T) {
	l := recorded(t, 1000, nil)
	for _, c := range []struct {
		q    Query
		want string
	}{
		{Query{}, "nothing to search for"},
		{Query{Literal: make([]byte, maxLiteral+1)}, "65537 bytes"},
		{Query{Literal: []byte("a"), Stream: 3}, "no stream 3"},
	} {
		if err := l.Search(context.Background(), c.q, nil, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want it to say %q", err, c.want)
		}
		if _, err := l.Count(context.Background(), c.q, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want it to say %q", err, c.want)
		}
	}
	if got := search(t, l, Query{Literal: []byte("a")}); got != nil {
		t.Errorf("found %v in an empty log", got)
	}
}

func TestSearchHandsOnMoreMatchesThanItKeeps(t *testing.T) {
	const n = 300_000
	all := []said{{1, In, []byte("a")}} // the beginning of an "ab" that never comes
	for left := n; left > 0; left -= 50_000 {
		all = append(all, said{0, In, bytes.Repeat([]byte("ab"), 25_000)})
	}
	l := recorded(t, 1<<30, all)
	got := search(t, l, Query{Literal: []byte("ab")})
	if len(got) != n/2 || !slices.IsSortedFunc(got, func(a, b Match) int { return int(a.Off - b.Off) }) {
		t.Errorf("%d matches, want %d in order", len(got), n/2)
	}
}

func FuzzSearch(f *testing.F) {
	f.Add([]byte("hello, hello"), []byte("llo"), []byte{3, 1, 4}, int64(0), uint8(0))
	f.Add([]byte("aaaaaaaaaaaa"), []byte("aa"), []byte{1}, int64(5), uint8(7))
	f.Add([]byte("AbaBaBabAb"), []byte("BAB"), []byte{2, 1, 1, 9}, int64(8), uint8(3))
	f.Add([]byte("\x00\x00\x01\x00"), []byte("\x00"), []byte{0, 200}, int64(-1), uint8(4))
	f.Fuzz(func(t *testing.T, data, literal, cuts []byte, from int64, how uint8) {
		if len(literal) == 0 || len(literal) > maxLiteral || len(cuts) == 0 || len(data) > 20_000 {
			return
		}
		q := Query{Literal: literal, Stream: Stream(how & 1), Backward: how&2 != 0, FoldCase: how&4 != 0, From: from}
		if q.FoldCase && !isASCII(literal) {
			return
		}
		var all []said
		for i := 0; len(data) > 0; i++ {
			c := cuts[i%len(cuts)]
			n := min(int(c&31)+1, len(data))
			all = append(all, said{client: int(c >> 6 & 1), dir: Direction(c >> 7), bytes: data[:n]})
			data = data[n:]
		}
		checkSearch(t, recorded(t, 1+int64(how)*8, all), all, q, literally(q))
	})
}
