package widgets

import (
	"cmp"
	"slices"
	"unicode"
)

const (
	fuzzyQuery = 64  // runes of a query that count
	fuzzyName  = 200 // runes of a name that are looked at
)

// fuzzyRank returns the indices of the names that have the letters of query in order, the best match first and
// equals in their own order. An empty query matches everything.
func fuzzyRank(query string, names []string) []int {
	q := foldRunes(query, fuzzyQuery, true)
	type hit struct{ index, score int }
	var hits []hit
	for i, name := range names {
		if score, ok := fuzzyScore(q, name); ok {
			hits = append(hits, hit{i, score})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(b.score, a.score) })
	out := make([]int, len(hits))
	for i, h := range hits {
		out[i] = h.index
	}
	return out
}

func foldRunes(s string, limit int, dropBlanks bool) []rune {
	var out []rune
	for _, r := range s {
		if len(out) == limit {
			break
		}
		if dropBlanks && unicode.IsSpace(r) {
			continue
		}
		out = append(out, unicode.ToLower(r))
	}
	return out
}

// fuzzyScore tells how well the folded query fits a name: letters at the start of a word and letters in a row count
// most, skipped ones count against it, and of two names that fit equally the shorter is better. It finds the best way to place the letters, not the
// first one.
func fuzzyScore(query []rune, name string) (score int, ok bool) {
	if len(query) == 0 {
		return 0, true
	}
	raw := []rune(clip(name, fuzzyName))
	text := foldRunes(string(raw), fuzzyName, false)
	if len(query) > len(text) {
		return 0, false
	}
	const never = -1 << 30
	// best[j] is the best score with the present letter placed at j.
	best := make([]int, len(text))
	next := make([]int, len(text))
	for i, want := range query {
		reach := never // the best score of the letters before, placed before j-1, less one for each rune skipped
		for j, have := range text {
			if j >= 2 && i > 0 {
				reach = max(reach, best[j-2]) - 1
			}
			next[j] = never
			if have != want {
				continue
			}
			gain := 1
			start := j == 0 || !unicode.IsLetter(text[j-1]) && !unicode.IsDigit(text[j-1])
			if start {
				gain += 8
			}
			if j == 0 {
				gain += 4
			}
			switch {
			case i == 0:
				next[j] = gain
			default:
				if j > 0 && best[j-1] > never/2 {
					next[j] = best[j-1] + gain + 6 // in a row
				}
				if reach > never/2 {
					next[j] = max(next[j], reach+gain)
				}
			}
		}
		best, next = next, best
	}
	top := slices.Max(best)
	if top < never/2 {
		return 0, false
	}
	return top*256 - len(text), true
}
