package fields

import (
	"bytes"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"wirebench/sessions/inspect"
)

// fuzzBuilder knows all there is.
func fuzzBuilder(little bool) Builder {
	if little {
		return NewBuilder(inspect.Little)
	}
	return NewBuilder(inspect.Big)
}

// tooLarge tells whether a message asks for so many zeros that building it
// thousands of times is no use.
func tooLarge(l List) bool {
	large := false
	l.Walk(func(_, _ int, f *Field) bool {
		v, _ := parseInteger(f.Value)
		large = large || f.Kind == "zeros" && v != nil && v.Cmp(big.NewInt(1<<16)) > 0
		return !large
	})
	return large
}

// check holds what was built to what every message is.
func check(t *testing.T, l List, b Builder, built Built) {
	t.Helper()
	if len(built.Parts) != l.Count() {
		t.Fatalf("%d parts of %d fields", len(built.Parts), l.Count())
	}
	at, groups := 0, []int{}
	l.Walk(func(i, depth int, f *Field) bool {
		p := built.Parts[i]
		for ; len(groups) > depth; groups = groups[:len(groups)-1] {
			if g := built.Parts[groups[len(groups)-1]]; g.End != at {
				t.Errorf("field %d, a group, is %+v and what is in it ends at %d", groups[len(groups)-1], g, at)
			}
		}
		if p.Start != at || p.End < p.Start {
			t.Errorf("field %d is %+v, and the one before ends at %d", i, p, at)
		}
		if f.Kind == GroupKind {
			groups = append(groups, i)
			return true
		}
		at = p.End
		if k := kindOf(f.Kind); p.Computed != "" {
			v, bad := parseInteger(p.Computed)
			if bad != "" {
				t.Fatalf("field %d was computed as %s", i, p.Computed)
			}
			var want []byte
			if k.varint != nil {
				want = k.varint.put(nil, v)
			} else {
				want = k.fixed.bytes(v, f.Order.In(b.Order) == inspect.Little)
			}
			if got := built.Bytes[p.Start:p.End]; !bytes.Equal(got, want) {
				t.Errorf("field %d, %s, is % x and not % x", i, p.Computed, got, want)
			}
		}
		return true
	})
	if at != len(built.Bytes) {
		t.Errorf("the last field ends at %d of %d", at, len(built.Bytes))
	}
}

func FuzzParse(f *testing.F) {
	for _, k := range Kinds() {
		f.Add(k.Example, false)
	}
	f.Add("u8 1, a: u16 len(b..c)/2-1,\nb: { utf \"h\u00e9\\\"\\\\\", c: {}\n}, u16le crc-16/modbus(before, a, zeroed)", true)
	f.Add("uleb128 len(rest), sleb128 len(a), a: { mcvarint len(next), zeros 128 }, u8 xor8(all)", false)
	f.Add("hex \"\\\"\\\\x41\\\"\", text utf-16le \"a\\x00\\u20ac\", base64 \"aa\n==\"", true)
	f.Add("amf3 {\"a\": [1, Date(0)]}, amf0 [true, @0], u64 crc-64/xz(all), text iso-2022-jp \"\u3042\\xff\"", true)
	f.Fuzz(func(t *testing.T, text string, little bool) {
		l, places, err := ParseAt(text)
		if err != nil {
			return
		}
		if len(places) != l.Count() {
			t.Fatalf("%d places of %d fields", len(places), l.Count())
		}
		for _, p := range places {
			if p.Start < 0 || p.Value < p.Start || p.End <= p.Value || p.End > len(text) {
				t.Errorf("a field stands at %+v of %d", p, len(text))
			}
		}
		for _, again := range []string{l.String(), l.Lines()} {
			got, err := Parse(again)
			if err != nil || !reflect.DeepEqual(got, l) {
				t.Fatalf("%q\nis written as %q\nwhich is read as %+v, %v\nand not %+v", text, again, got, err, l)
			}
		}
		if tooLarge(l) {
			return
		}
		b := fuzzBuilder(little)
		built, err := b.Build(l)
		if _, err2 := b.Compile(text); (err == nil) != (err2 == nil) {
			t.Errorf("Build says %v, Compile %v", err, err2)
		}
		if err == nil {
			check(t, l, b, built)
		}
	})
}

// FuzzBuild makes lists that an editor could hold, valid or not. What can be
// built can be written as text and comes back the same.
func FuzzBuild(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3}, "a", "12", "", "rest", false)
	f.Add([]byte{20, 60, 61, 13, 14}, "", `x\"\\`, "utf-16le", `len(a)`, true)
	f.Add([]byte{28, 29, 30, 31, 32}, "b", "00 /* \" \\", "latin1", `{"a": [1]}`, true)
	f.Fuzz(func(t *testing.T, plan []byte, name, value, charset, other string, little bool) {
		if len(plan) > 64 || len(value)+len(other) > 4096 {
			return
		}
		var l List
		for i, c := range plan {
			field := Field{Kind: kinds[int(c)%len(kinds)].ID, Value: value, Order: Order(c >> 6)}
			if i%2 == 1 {
				field.Value = other
			}
			switch {
			case i == 0:
				field.Name = name
			case i == 1:
				field.Charset = charset
			}
			if field.Kind == GroupKind {
				field.Value = ""
				if i%3 > 0 {
					field.Fields, l = l, nil
				}
			}
			l = append(l, field)
		}
		b := fuzzBuilder(little)
		text := l.String()
		if tooLarge(l) {
			return
		}
		built, err := b.Build(l)
		if err != nil {
			if e := err.(*Error); e.Field < 0 || e.Field >= l.Count() || e.At < 0 || e.Label == "" || e.Problem == "" {
				t.Errorf("the error is %+v", e)
			}
			return
		}
		check(t, l, b, built)
		again, err := Parse(text)
		if err != nil || !same(again, l) {
			t.Fatalf("%+v\nis written as %q\nwhich is read as %+v, %v", l, text, again, err)
		}
		if rebuilt, err := b.Build(again); err != nil || !bytes.Equal(rebuilt.Bytes, built.Bytes) {
			t.Errorf("built again it is % x, %v\nand not % x", rebuilt.Bytes, err, built.Bytes)
		}
	})
}

// same is [reflect.DeepEqual], but no fields and an empty list of them are one.
func same(a, b List) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, y := a[i], b[i]
		if !same(x.Fields, y.Fields) {
			return false
		}
		x.Fields, y.Fields = nil, nil
		if !reflect.DeepEqual(x, y) {
			return false
		}
	}
	return true
}

// FuzzQuote holds the quotes to giving back what was put between them.
func FuzzQuote(f *testing.F) {
	f.Add(`a"\"\\"\`, 3)
	f.Add(`\\x`, 1)
	f.Fuzz(func(t *testing.T, value string, at int) {
		raw := quote(value, false)
		if got := unquote(raw[1:len(raw)-1], false); got != value {
			t.Errorf("%q became %q and %q", value, raw, got)
		}
		if _, err := Parse("hex " + raw); err != nil && strings.Contains(err.Error(), "not closed") && !strings.ContainsAny(value, `"*`) {
			t.Errorf("%q as %q: %v", value, raw, err)
		}
		if !utf8.ValidString(value) {
			return
		}
		text := quote(strings.ReplaceAll(value, `\`, `\\`), true)
		if l, err := Parse("text " + text); err != nil || l[0].Value != strings.ReplaceAll(value, `\`, `\\`) {
			t.Errorf("%q as %s: %+v, %v", value, text, l, err)
		}
		if at >= 0 && at < len(value) {
			place := placeIn(raw[1:len(raw)-1], false, at)
			if c := raw[1+place]; c != value[at] && c != '\\' {
				t.Errorf("byte %d of %q is placed at %d of %q", at, value, place, raw)
			}
		}
	})
}
