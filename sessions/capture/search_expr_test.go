package capture

import (
	"context"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func expression(t testing.TB, text string, fold, latin bool) *Expr {
	t.Helper()
	e, err := NewExpr(text, fold, latin)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// expectedExpr matches re over the bytes of each speaker, all at once.
func expectedExpr(all []said, q Query, re *regexp.Regexp) (found []Match) {
	type lane struct {
		bytes   []byte
		offs    []int64
		numbers []int64
	}
	lanes := map[string]*lane{}
	var off [2]int64
	for i, s := range all {
		key, start := "", off[s.dir]
		if q.Stream == Both {
			key, start = fmt.Sprint(s.client, s.dir), off[In]+off[Out]
		}
		off[s.dir] += int64(len(s.bytes))
		if q.Stream != Both && (q.Stream == InOnly) != (s.dir == In) {
			continue
		}
		l := lanes[key]
		if l == nil {
			l = new(lane)
			lanes[key] = l
		}
		for j, b := range s.bytes {
			l.bytes, l.offs, l.numbers = append(l.bytes, b), append(l.offs, start+int64(j)), append(l.numbers, int64(i+1))
		}
	}
	for _, l := range lanes {
		for _, m := range re.FindAllIndex(l.bytes, -1) {
			if m[0] == m[1] || !q.Backward && l.offs[m[0]] < q.From || q.Backward && l.offs[m[1]-1] >= q.From {
				continue
			}
			found = append(found, Match{Off: l.offs[m[0]], Len: m[1] - m[0], Number: l.numbers[m[0]]})
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

func TestSearchForAnExpressionAgreesWithOneOverAllBytes(t *testing.T) {
	for _, c := range []struct {
		name                            string
		alphabet                        string
		clients, records, most, segment int
		expressions                     []string
	}{
		{"words and lines", "ab \n", 1, 700, 9, 600, []string{`a+b`, `\ba+\b`, `^a`, `b$`, `a.b`, `(?s)b.a`, `\n\n`, `^[ab]{2,3}$`, `[ab]+`, `\S+ \S+`}},
		{"tails that may be there", "ab \n", 2, 120, 5, 300, optional},
		{"tails that may be there, one record a segment", "ab\n", 1, 50, 3, 1, optional},
		{"tails that may be there, with other letters", "aé😀 \xff\x9f\n", 1, 100, 6, 200, []string{`a(é|😀)?`, `[^a]`, `\x{fffd}`, `😀?\xff|é`, `é\B`, `(?s).a??`, `[^a]+?a|.`, `\bé?\x{fffd}$`}},
		{"tails that may be there, in long records", "abcdefgh   \n", 1, 6, 14000, 1, []string{`ab(cd)?`, `abcd|ab`, `a\Bb`, `\Ba`, `a[^\n]{0,40}?d\b|b`, `(?:a|b|c)+(?: \n)?`, `c(?s:.{60}d)?`, `d$`, `(?-m)d$`}},
		{"records of one byte", "ab \n", 1, 900, 1, 700, []string{`a+b`, `^a+`, `b+$`, `ab? b`}},
		{"several speakers", "ab \n", 5, 900, 7, 900, []string{`a+b`, `^a`, `b b`, `[ab]+`}},
		{"one record a segment", "ab\n", 2, 150, 5, 1, []string{`a+`, `b\na`}},
		{"long records", "abcdefgh \n", 2, 60, 5000, 20000, []string{`\w+`, `hg[a-d]`, `^abc?`, `[^h]+h`, `[a-c]hg.?`, `\bab\w{1,3}\b`, `a[bc]{0,2}a`, `gh$`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if raced {
				c.records = max(c.records/4, 2)
			}
			all := atRandom(uint64(len(c.name)), c.alphabet, c.clients, c.records, c.most)
			l := recorded(t, int64(c.segment), all)
			for nth, text := range c.expressions {
				e := expression(t, text, false, false)
				for _, s := range []Stream{Both, InOnly, OutOnly} {
					end := l.Stats().StreamEnd(s)
					// Each expression from a third of the places, and each place for a third of the expressions.
					places := []int64{0, 1, end / 3, end / 2, end, math.MaxInt64}
					for _, from := range []int64{places[nth%3], places[nth%3+3]} {
						for _, back := range []bool{false, true} {
							q := Query{Expr: e, Stream: s, From: from, Backward: back}
							want := expectedExpr(all, q, e.re)
							got := search(t, l, q)
							if !slices.Equal(got, want) {
								i := 0
								for i < min(len(got), len(want)) && got[i] == want[i] {
									i++
								}
								t.Fatalf("%s in %v from %d, backward %v: %d matches, want %d, and from the %d-th on\n got %v\nwant %v", text, s, from, back,
									len(got), len(want), i, got[i:min(i+3, len(got))], want[i:min(i+3, len(want))])
							}
							if n, err := l.Count(context.Background(), q, nil); err != nil || n != int64(len(want)) {
								t.Fatalf("count of %s: %d, %v, want %d", text, n, err, len(want))
							}
						}
					}
				}
			}
		})
	}
}

// optional is expressions of which a match may yet become another one by what
// comes behind it.
var optional = []string{`ab(b*\n)?`, `a(b?a)?`, `ab|aba`, `aba|ab`, `abab|a`, `(?:bab|a)`, `a(?: b)??b?`, `ab*?\b`, `a\B`, `\Ba`, `b\b`, `\Aab`, `b\z`, `(?-m)a$`, `^ab?$`, `a$\n?`, `a+(\n+b)?`, `\b|ab`, `ab|\b`, `(a{2}b)+|a`}

func TestAMatchThatMayYetBecomeAnotherWaitsForWhatComes(t *testing.T) {
	for _, c := range []struct{ text, a, b string }{
		{`GET( \w+ HTTP)?`, "xxGET inde", "x HTTP yy"},
		{`a(b*c)?`, "xxabbb", "bbbcyy"},
		{`ab|abcd`, "xabc", "d"},
		{`abcd|ab`, "xabc", "dzz"},
		{`(?:abcd|b)`, "xabc", "dzz"},
		{`\d+(\.\d+)?`, "x12.", "34 "},
		{`\d+(\.\d+)?`, "x12.\n", "34 "},
		{`(?:[0-9]{900}q)?(?:[a-z]{900}9){0,1}a(bc)?`, "xab", "c"}, // without an automaton
		{`a\B`, "xa", "b"},
		{`a\B`, "xa", " "},
		{`\Ba`, "x", "a"},
		{`aé`, "xa\xc3", "\xa9"},
		{`a[^é]?`, "xa\xc3", "\xa9"},
		{`\x{fffd}`, "x\xc3", "\xa9"},
		{`.`, "x\xf0", "\x9f\x98"},
		{`\Aab`, "ab", "ab"},
		{`b\z`, "ab", "ab"},
	} {
		for _, long := range []int{0, 10_000} { // short enough to be looked at as one, or not
			for _, segment := range []int64{1, 1 << 20} {
				all := []said{{0, In, []byte(strings.Repeat("-", long) + c.a)}, {0, In, []byte(c.b + strings.Repeat("-", long))}}
				l := recorded(t, segment, all)
				e := expression(t, c.text, false, false)
				for _, q := range []Query{{Expr: e}, {Expr: e, Backward: true, From: math.MaxInt64}} {
					if got, want := search(t, l, q), expectedExpr(all, q, e.re); !slices.Equal(got, want) {
						t.Errorf("%s in %q|%q and %d more, segments of %d, backward %v: got %v, want %v", c.text, c.a, c.b, long, segment, q.Backward, got, want)
					}
				}
			}
		}
	}
}

func TestMatchesOnTheBordersOfWhatIsReadAtOnceAreWhatTheyAreElsewhere(t *testing.T) {
	var all []said
	for range 3000 { // more than two runs
		all = append(all, said{0, In, []byte(strings.Repeat("x", 190) + "GET /inde")}, said{0, In, []byte("x HTTP/1.1\r\n")})
	}
	l := recorded(t, 1<<30, all)
	for _, text := range []string{`GET( \S+ HTTP/1\.\d)?`, `GET /index|GET`, `x{3,}(GET)?`} {
		q := Query{Expr: expression(t, text, false, false), Stream: InOnly}
		if got, want := search(t, l, q), expectedExpr(all, q, q.Expr.re); !slices.Equal(got, want) {
			t.Errorf("%s: %d matches, want %d, or others", text, len(got), len(want))
		}
	}
}

func TestAnExpressionReadsBytesAsUTF8OrAsLatin1(t *testing.T) {
	l := recorded(t, 1<<20, []said{{0, In, []byte("gr\xc3\xbc\xc3")}, {0, In, []byte("\x9f|\xff\xd8\xff\xe0|Gr\xfc\xdf|\x80\x80|\xef\xbf\xbd")}})
	for _, c := range []struct {
		text        string
		fold, latin bool
		want        []Match
	}{
		{"grüß", false, false, []Match{{0, 6, 1}}},
		{"GRÜ", true, false, []Match{{0, 4, 1}}},
		{"gr..", true, false, []Match{{0, 6, 1}, {12, 4, 2}}},
		{`\xff\xd8..`, false, true, []Match{{7, 4, 2}}},
		{`[\xfc\xdf]+`, false, true, []Match{{14, 2, 2}}},
		{`gr\xfc`, true, true, []Match{{12, 3, 2}}},
		{`\x80+\|`, false, true, []Match{{17, 3, 2}}},
		{`\xbd$`, false, true, []Match{{22, 1, 2}}},
		{`\x{fffd}$`, false, false, []Match{{20, 3, 2}}},
	} {
		q := Query{Expr: expression(t, c.text, c.fold, c.latin), Stream: InOnly}
		if got := search(t, l, q); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.text, got, c.want)
		}
	}
}

func TestAnExpressionThatMatchesNothingIsRefused(t *testing.T) {
	for _, text := range []string{"", "a*", "(x|)"} {
		if _, err := NewExpr(text, false, false); !errors.Is(err, ErrEmptyMatch) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := NewExpr("(a", false, false); err == nil {
		t.Error("no error for an open bracket")
	}
	l := recorded(t, 1<<20, []said{{0, In, []byte(strings.Repeat("aa ", 20_000) + "bb")}})
	if got := search(t, l, Query{Expr: expression(t, `\b`, false, false)}); got != nil {
		t.Errorf("the places between characters were found: %v", got)
	}
	if got := search(t, l, Query{Expr: expression(t, `\b|bb`, false, false)}); got != nil {
		t.Errorf("the places between characters come first: %v", got)
	}
	if got := search(t, l, Query{Expr: expression(t, `bb|\b`, false, false)}); len(got) != 1 || got[0].Off != 60_000 {
		t.Errorf("behind many places between characters: %v", got)
	}
}

func TestALongMatchOfAnExpressionIsFoundInPieces(t *testing.T) {
	var all []said
	for range 40 {
		all = append(all, said{0, In, []byte(strings.Repeat("a", 50_000))})
	}
	all = append(all, said{0, In, []byte("b")})
	l := recorded(t, 1<<30, all)
	var at int64
	for _, m := range search(t, l, Query{Expr: expression(t, "a+b?", false, false), Stream: InOnly}) {
		if m.Off != at {
			t.Fatalf("a piece at %d, want it at %d", m.Off, at)
		}
		at += int64(m.Len)
	}
	if at != 2_000_001 {
		t.Errorf("the pieces end at %d", at)
	}
	// What has to be in a match is known, and how long it can be.
	e := expression(t, `(?:ab|cd)x{2,3}(?:hello)+[a-z]?`, false, false)
	if len(e.needs.letters) != 5 || e.most != MaxCrossing {
		t.Errorf("needs %q, at most %d", e.needs.letters, e.most)
	}
	if e = expression(t, `[ab]ü(x|y{3})?`, true, true); e.most != 5 || fmt.Sprintf("%q", e.needs.letters) != `[["Ü" "ü"]]` && len(e.needs.letters[0]) != 2 {
		t.Errorf("needs %q, at most %d", e.needs.letters, e.most)
	}
	if e = expression(t, `k9`, true, false); e.most != 4 || len(e.needs.letters) != 2 || len(e.needs.letters[0]) != 3 {
		t.Errorf("needs %q, at most %d", e.needs.letters, e.most)
	}
	if e = expression(t, `a|b`, true, false); e.needs != nil {
		t.Errorf("needs %q", e.needs.letters)
	}
}

func TestManyMatchesOfAnExpressionAreAllHandedOn(t *testing.T) {
	const n = 300_000
	all := []said{{1, In, []byte("a")}}
	for left := n; left > 0; left -= 50_000 {
		all = append(all, said{0, In, []byte(strings.Repeat("ab", 25_000))})
	}
	l := recorded(t, 1<<30, all)
	for _, back := range []bool{false, true} {
		q := Query{Expr: expression(t, "ab|b", false, false), Backward: back}
		if back {
			q.From = math.MaxInt64
		}
		got := search(t, l, q)
		sorted := slices.IsSortedFunc(got, func(a, b Match) int {
			if back {
				a, b = b, a
			}
			return int(a.Off - b.Off)
		})
		if len(got) != n/2 || !sorted {
			t.Errorf("backward %v: %d matches, want %d in order", back, len(got), n/2)
		}
	}
}

func TestASearchForAnExpressionIsCancelledAndTellsOfItsProgress(t *testing.T) {
	var all []said
	for range 700 {
		all = append(all, said{0, In, []byte(strings.Repeat("abcdefgh", 7000))})
	}
	l := recorded(t, 1<<30, all)
	for _, back := range []bool{false, true} {
		q := Query{Expr: expression(t, "[a-h]z", false, false), Backward: back}
		if back {
			q.From = math.MaxInt64
		}
		ctx, cancel := context.WithCancel(context.Background())
		err := l.Search(ctx, q, func(Match) bool { return true }, func(done, total int64) { cancel() })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("backward %v: %v", back, err)
		}
		var dones []int64
		var totals int64
		if err := l.Search(context.Background(), q, func(Match) bool { return true }, func(done, total int64) {
			dones, totals = append(dones, done), total
		}); err != nil {
			t.Fatal(err)
		}
		if len(dones) < 2 || !slices.IsSorted(dones) || dones[len(dones)-1] != totals || totals < 39_000_000 {
			t.Errorf("backward %v: told %v of %d", back, dones, totals)
		}
	}
}
