package capture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// everyMatch is what package regexp finds in b that is not empty, all at once; with
// latin in the bytes as characters.
func everyMatch(re *regexp.Regexp, b []byte, latin bool) (all []extent) {
	text, places := b, []int(nil)
	if latin {
		text = nil
		for i, c := range b {
			text = utf8.AppendRune(text, rune(c))
			for len(places) < len(text) {
				places = append(places, i)
			}
		}
		places = append(places, len(b))
	}
	for _, m := range re.FindAllIndex(text, -1) {
		if latin {
			m[0], m[1] = places[m[0]], places[m[1]]
		}
		if m[0] < m[1] {
			all = append(all, extent{m[0], m[1]})
		}
	}
	return all
}

// agrees holds a matcher to package regexp, at once and batch by batch.
func agrees(t *testing.T, e *Expr, b []byte) {
	t.Helper()
	want := everyMatch(e.re, b, e.latin)
	for _, most := range []int{1 << 20, 2} {
		m := e.matcher(context.Background())
		var got []extent
		for found := (extents{more: true}); found.more; {
			found = m.find(b, found.at, most, false, found)
			got = append(got, found.list...)
		}
		m.done()
		if !slices.Equal(got, want) {
			i := 0
			for i < min(len(got), len(want)) && got[i] == want[i] {
				i++
			}
			t.Fatalf("%s, latin %v, in batches of %d: the %d-th of %d is %v, want %v of %d, in %.300q", e, e.latin, most, i, len(got), got[i:min(i+2, len(got))], want[i:min(i+2, len(want))], len(want), b)
		}
	}
}

// agreesInPieces holds what a search makes of b, of which size bytes are known at a
// time, to package regexp.
func agreesInPieces(t *testing.T, e *Expr, b []byte, size int) {
	t.Helper()
	ctx := context.Background()
	worker := e.matcher(ctx)
	defer worker.done()
	var got []extent
	s := newExprSearch(nil, Query{Expr: e}, func(m Match) bool {
		got = append(got, extent{int(m.Off), int(m.Off) + m.Len})
		return true
	}, nil)
	s.matcher = e.matcher(ctx)
	defer s.matcher.done()
	lane := new(exprLane)
	for at := 0; at < len(b); at += size {
		piece := b[at:min(at+size, len(b))]
		next := &exprLane{text: piece, parts: []exprPart{{off: int64(at)}}}
		if err := s.join(ctx, lane, next, worker.find(piece, 0, exprBatch, true, extents{})); err != nil {
			t.Fatal(err)
		}
		if open := len(lane.text) - lane.open; open >= mostOpen+utf8.UTFMax || len(lane.text) >= mostOpen+utf8.UTFMax+exprContext {
			t.Fatalf("%s, latin %v: %d bytes of %d are kept, and %d open", e, e.latin, len(lane.text), at+len(piece), open)
		}
	}
	s.finish(laneKey{}, lane)
	s.settle(true)
	if want := everyMatch(e.re, b, e.latin); !slices.Equal(got, want) {
		i := 0
		for i < min(len(got), len(want)) && got[i] == want[i] {
			i++
		}
		t.Fatalf("%s, latin %v, in pieces of %d: the %d-th of %d is %v, want %v of %d, in %.300q", e, e.latin, size, i, len(got), got[i:min(i+2, len(got))], want[i:min(i+2, len(want))], len(want), b)
	}
}

func TestAMatcherFindsWhatRegexpFinds(t *testing.T) {
	expressions := append([]string{
		`a+b`, `\ba+\b`, `^a`, `b$`, `(?s).b`, `.`, `\n\n`, `^$|a`, `a|\b`, `\b|aa`, `\b|ab|b`, `a+?`, `a.*b|a`, `a(?s:.*b)?`, `\Aab`, `ab\z`, `\Ba`, `a\B`,
		`[^a]`, `[^a]b`, `é`, `(?i)k+s`, `(?i)[A-Z]{3}`, `\x{fffd}`, `\x{fffd}a`, `[\x{d000}-\x{f000}]b`, `\pL+`, `\xff`, `\xff.\xfe`, `[\x80-\xff]{2}a`, `(a|ab)(c|bcd)`, `(foo|b|ba)+[0-9]`,
		`a{2,3}`, `(?:a{0,3}b){2,}`, `[a-z]{3} x`, `\w+@\w+`, `^\S+ \S+$`, `\d{3,}`, `\Qa+`, `a\b.`, `\b.\b`, `(?-m)^a`, `(?-m)b$`, `[^\n]+$`, `(?s)a.{2,5}b`, `a*?b`, `x*`, `(?U)a+b`, `[a-fé]{2}9`, `(a{1,30}){1,30}b`, `😀.?`, `[😀-😂]+`, `\x00..\x00`,
	}, optional...)
	for seed, alphabet := range []string{"ab", "ab \n", "abcd @x0179", "kKsſ\u212aS", "aé\n😀 \xff\xf0\x9f\x80\xc3", "\x00\x80\xbf\xc2\xe2\xed\xef\xf4\xfe\xffab\n", "😀😁é世ab"} {
		t.Run(strconv.Quote(alphabet), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(7, uint64(seed)))
			letters := strings.SplitAfter(alphabet, "")
			texts := 18
			if raced {
				texts = 6
			}
			for n := range texts {
				var b []byte
				for range r.IntN([]int{8, 60, 3000}[n%3]) {
					b = append(b, letters[r.IntN(len(letters))]...)
				}
				if n%2 == 1 && len(b) > 1500 { // with long stretches of nothing
					b = append(append(slices.Clone(b[:700]), make([]byte, 2000)...), b[700:]...)
				}
				for _, text := range expressions {
					for _, latin := range []bool{false, true} {
						e, err := NewExpr(text, n%4 == 3, latin)
						if err != nil {
							continue
						}
						agrees(t, e, b)
						agreesInPieces(t, e, b[:min(len(b), 1000)], (1+r.IntN(12))*(1+len(b)/64))
						if e.most < MaxCrossing && n%6 == 5 {
							agreesInPieces(t, e, slices.Repeat(b, 4), mostAhead+1+r.IntN(40))
						}
					}
				}
			}
		})
	}
}

func TestAnAutomatonThatDoesNotPayIsGivenUp(t *testing.T) {
	// A match may begin at every a, and the states tell all their distances.
	e := expression(t, `a[ab]{40}c|b[ab]{41}cd`, false, false)
	r := rand.New(rand.NewPCG(1, 1))
	b := make([]byte, 200_000)
	for i := range b {
		b[i] = "abababababababababababababababababababababababc"[r.IntN(47)]
	}
	if raced {
		agrees(t, e, b[:10_000])
	} else {
		agrees(t, e, b)
	}
	m := e.matcher(context.Background())
	m.find(b, 0, 1<<20, false, extents{})
	if !m.auto.failed || len(m.auto.moves) > mostMoves {
		t.Errorf("failed %v with %d moves", m.auto.failed, len(m.auto.moves))
	}
	if m.find([]byte("nothing"), 0, 1, false, extents{}); m.auto.failed {
		t.Error("it is given up for all times")
	}
	if e = expression(t, `[a-z]{900}[0-9]{900}[a-z]{300}`, false, false); e.plan != nil {
		t.Error("there is a plan of any size")
	}
	agrees(t, e, b[:1000])
}

func TestBytesAreReadAsLatin1OnceHoweverManyMatchesThereAre(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 3))
	b := make([]byte, 120_000)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	// The states tell all the places where a match may have begun.
	e := expression(t, `(?s)[\x80-\xff].{15}[\x00-\x0f]`, false, true)
	agrees(t, e, b)
	m := e.matcher(context.Background())
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	found := m.find(b, 0, 1<<20, false, extents{})
	runtime.ReadMemStats(&after)
	if !m.auto.failed || len(found.list) < 1000 {
		t.Fatalf("failed %v, %d matches", m.auto.failed, len(found.list))
	}
	// The automaton takes some, and so does package regexp, more under the race detector. Each time anew it is 7000.
	if took := after.TotalAlloc - before.TotalAlloc; took > 1000*uint64(len(b)) {
		t.Errorf("%d bytes of memory for %d matches in %d bytes", took, len(found.list), len(b))
	}
	// Long stretches in which there is nothing beyond ASCII, and matches longer than what is read at once.
	for i := range b {
		if i/3000%2 == 0 {
			b[i] &= 0x7f
		}
	}
	for _, text := range []string{`(?s)[\x80-\xff].{15}[\x00-\x0f]`, `(?s)\xff.{900}.{200,300}?\x00`, `(?s)\x7f.{990}[\x00-\x7f]{190}`, `\xfe[^\xff]+\xff`} {
		e := expression(t, text, false, true)
		agrees(t, e, b)
		agrees(t, e, b[:3500])
		agrees(t, e, b[2500:])
	}
}

func TestASearchThatWouldTakeHoursIsCancelled(t *testing.T) {
	// Each a may be the beginning of a match that goes to the end.
	var all []said
	for range 64 {
		all = append(all, said{0, In, []byte(strings.Repeat("a", 60_000))})
	}
	l := recorded(t, 1<<30, all)
	for _, back := range []bool{false, true} {
		q := Query{Expr: expression(t, `a(?s:.*b)?`, false, false), Backward: back}
		if back {
			q.From = math.MaxInt64
		}
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		if n, err := l.Count(ctx, q, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("backward %v: %d, %v", back, n, err)
		}
		cancel()
	}
}

func FuzzMatcher(f *testing.F) {
	f.Add(`a+b|\bx`, "aab x\n", false, false, uint8(1))
	f.Add(`[^a].\xff$`, "a\xff\xff\n", true, true, uint8(2))
	f.Add(`(?i)k\b|.s^`, "\u212as\ns", true, false, uint8(0))
	f.Add(`GET( \S+ H)?`, "xGET y HGET y", false, false, uint8(4))
	f.Add(`abcd|ab`, "xabcdzz", false, true, uint8(3))
	f.Add(`a.*?b??|\Ba`, "aab\naa", false, false, uint8(2))
	f.Add(`[^é]\B|^a$`, "aé\na", false, false, uint8(1))
	for i, text := range optional {
		f.Add(text, "ab\nab ba aab", i%2 == 0, i%3 == 0, uint8(i))
	}
	f.Fuzz(func(t *testing.T, text, body string, fold, latin bool, size uint8) {
		if len(text) > 60 || len(body) > 4000 {
			return
		}
		e, err := NewExpr(text, fold, latin)
		if err != nil {
			return
		}
		b := []byte(body)
		agrees(t, e, b)
		agrees(t, e, []byte(fmt.Sprint(body, strings.Repeat("\x00", 700), body)))
		agreesInPieces(t, e, b, 1+int(size))
		if n := len(b); e.most < MaxCrossing && n > 0 {
			agreesInPieces(t, e, bytes.Repeat(b, 1+9000/n), mostAhead+int(size))
		}
	})
}
