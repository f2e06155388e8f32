package fields

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"wirebench/sessions/amf"
	"wirebench/sessions/checksum"
	"wirebench/sessions/compose"
	"wirebench/sessions/inspect"
)

// NewBuilder returns a builder that computes every checksum of package checksum,
// by its ID, name or alias, and writes objects in the notation of
// [amf.ParseText]. Order is that of the fields that do not say.
func NewBuilder(order inspect.Order) Builder {
	return Builder{Order: order, Checksums: checksumCalled, Objects: object}
}

func checksumCalled(name string) (Checksum, error) {
	a, err := checksum.Lookup(name)
	if err != nil {
		return Checksum{}, errors.New(noChecksum(name))
	}
	return Checksum{Bits: a.Bits, Sum: a.Sum}, nil
}

// noChecksum says that there is no such checksum and offers those with a name
// like it.
func noChecksum(name string) string {
	offer := []string{"crc-16/modbus", "crc-32", "internet"}
	if near := checksumsLike(name); len(near) > 0 {
		offer = near
	}
	last := len(offer) - 1
	if last == 0 {
		return fmt.Sprintf("there is no checksum %s: write %s", quoted(name), offer[0])
	}
	return fmt.Sprintf("there is no checksum %s: write one such as %s or %s", quoted(name), strings.Join(offer[:last], ", "), offer[last])
}

// checksumsLike gives the IDs of up to three checksums of which a name has the
// letters and digits of name in a row, or begins with most of them; the most
// alike first.
func checksumsLike(name string) []string {
	const most = 3
	type found struct {
		id    string
		alike int
	}
	want := plain(name)
	var all []found
	for _, a := range checksum.All() {
		best := 0
		for _, n := range append(a.Aliases, a.ID) {
			have := plain(n)
			switch {
			case have == want:
				best = max(best, 1000)
			case len(want) >= 3 && strings.Contains(have, want):
				best = max(best, 500-len(have))
			default:
				if n := prefix(have, want); 4*n >= 3*len(want) && n > 3 {
					best = max(best, n)
				}
			}
		}
		if best > 0 {
			all = append(all, found{a.ID, best})
		}
	}
	slices.SortStableFunc(all, func(a, b found) int { return b.alike - a.alike })
	var ids []string
	for _, f := range all[:min(len(all), most)] {
		ids = append(ids, f.id)
	}
	return ids
}

// plain is the letters and digits of a name, the letters small.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// prefix is how many bytes a and b begin with alike.
func prefix(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// object writes a value that stands behind amf0 or amf3.
func object(version int, text string) ([]byte, error) {
	v, err := amf.ParseText(text, amf.Version(version))
	var bad *amf.SyntaxError
	if errors.As(err, &bad) {
		return nil, &compose.Error{Pos: bad.Pos, Line: bad.Line, Column: bad.Column, Problem: bad.Problem}
	}
	if err != nil {
		return nil, err
	}
	return amf.Encode(v, amf.Version(version))
}
