package framing

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"
)

const (
	// MostText is the most bytes that can be looked for in frames.
	MostText = 64 << 10
	// mostFolded is the same for letters beyond ASCII in either case, which take some 1,500 bytes of memory for each.
	mostFolded = 1 << 10
)

// matcher looks for bytes in a stream that comes in pieces: what it has to know of the bytes before is one number. It
// does not change.
type matcher struct {
	want  []byte  // in lower case with fold
	back  []int32 // back[i]: the longest proper suffix of want[:i] that want begins with
	lower *[256]byte
	// Letters beyond ASCII in either case are of several lengths; then this is used instead: by state and byte, the next
	// state. The last state is the end.
	table [][256]int32
}

// newMatcher returns a matcher of at least one byte. With fold, text of ASCII matches ASCII letters of either case, and
// any other matches by Unicode's simple folding, and has to be UTF-8.
func newMatcher(want []byte, fold bool) (*matcher, error) {
	if len(want) > MostText {
		return nil, fmt.Errorf("list frames: %d bytes cannot be looked for; use at most %d", len(want), MostText)
	}
	ascii := !slices.ContainsFunc(want, func(b byte) bool { return b >= utf8.RuneSelf })
	if fold && !ascii {
		if !utf8.Valid(want) {
			// What begins in the middle of a character goes with any of its ways: states without end.
			return nil, errors.New("list frames: what is looked for in either case has to be text in UTF-8; match the case, or look for bytes in hex")
		}
		if len(want) > mostFolded {
			return nil, fmt.Errorf("list frames: %d bytes of text cannot be looked for in either case; use at most %d, or match the case", len(want), mostFolded)
		}
		return &matcher{table: foldedTable(want)}, nil
	}
	m := &matcher{want: bytes.Clone(want), lower: &sameCase}
	if fold {
		m.want, m.lower = bytes.ToLower(want), &lowerCase
	}
	m.back = make([]int32, len(want)+1)
	for i := 2; i <= len(want); i++ {
		k := m.back[i-1]
		for k > 0 && m.want[k] != m.want[i-1] {
			k = m.back[k]
		}
		if m.want[k] == m.want[i-1] {
			k++
		}
		m.back[i] = k
	}
	return m, nil
}

var sameCase, lowerCase = cases()

func cases() (same, lower [256]byte) {
	for i := range same {
		same[i], lower[i] = byte(i), byte(i)
		if 'A' <= i && i <= 'Z' {
			lower[i] += 'a' - 'A'
		}
	}
	return same, lower
}

// feed goes on from a state, at first 0, with the bytes that come next, and returns the state behind them. found says
// that what is looked for has come; the state means nothing then.
func (m *matcher) feed(at int32, p []byte) (next int32, found bool) {
	if m.table != nil {
		end := int32(len(m.table))
		for _, b := range p {
			if at = m.table[at][b]; at == end {
				return 0, true
			}
		}
		return at, false
	}
	for i := 0; i < len(p); i++ {
		if at == 0 {
			j := m.begin(p[i:])
			if j < 0 {
				return 0, false
			}
			i += j
		}
		b := m.lower[p[i]]
		for at > 0 && m.want[at] != b {
			at = m.back[at]
		}
		if m.want[at] == b {
			if at++; int(at) == len(m.want) {
				return 0, true
			}
		}
	}
	return at, false
}

// begin returns where a match can begin in p, -1 if nowhere.
func (m *matcher) begin(p []byte) int {
	low, high := m.want[0], m.want[0]
	if m.lower == &lowerCase && 'a' <= low && low <= 'z' {
		high -= 'a' - 'A'
	}
	if low == high {
		return bytes.IndexByte(p, low)
	}
	for i, b := range p {
		if b == low || b == high {
			return i
		}
	}
	return -1
}

// foldedTable makes the table for text in either case. Its states are what of the text the last bytes may be the
// beginning of, found from the first on. In UTF-8 a character begins in no other's middle, so that there are about as many
// as there are bytes in all the ways to write it.
func foldedTable(want []byte) [][256]int32 {
	// A node is a place within the text, in one of the ways to write it. Node 0 is the beginning; last is the end.
	type edge struct {
		b  byte
		to int
	}
	edges := [][]edge{nil}
	last := 0
	for rest := want; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		ways := [][]byte{rest[:size]}
		for o := unicode.SimpleFold(r); o != r; o = unicode.SimpleFold(o) {
			ways = append(ways, []byte(string(o)))
		}
		rest = rest[size:]
		from := last
		edges = append(edges, nil)
		last = len(edges) - 1
		for _, way := range ways {
			at := from
			for i, b := range way {
				to := last
				if i < len(way)-1 {
					edges = append(edges, nil)
					to = len(edges) - 1
				}
				edges[at] = append(edges[at], edge{b, to})
				at = to
			}
		}
	}
	// States are sets of nodes, each with the beginning in it.
	var table [][256]int32
	sets, known := [][]int{{0}}, map[string]int32{}
	const end = -1
	for i := 0; i < len(sets); i++ {
		var after [256][]int
		for _, node := range sets[i] {
			for _, e := range edges[node] {
				after[e.b] = append(after[e.b], e.to)
			}
		}
		var row [256]int32
		for b, set := range after {
			if len(set) == 0 {
				continue
			}
			if slices.Contains(set, last) {
				row[b] = end
				continue
			}
			set = append(set, 0)
			slices.Sort(set)
			set = slices.Compact(set)
			key := make([]byte, 0, 4*len(set))
			for _, node := range set {
				key = binary.BigEndian.AppendUint32(key, uint32(node))
			}
			state, ok := known[string(key)]
			if !ok {
				state = int32(len(sets))
				known[string(key)] = state
				sets = append(sets, set)
			}
			row[b] = state
		}
		table = append(table, row)
	}
	for i := range table {
		for b := range table[i] {
			if table[i][b] == end {
				table[i][b] = int32(len(table))
			}
		}
	}
	return table
}
