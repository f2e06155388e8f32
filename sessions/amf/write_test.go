package amf_test

import (
	"errors"
	"strings"
	"testing"

	. "wirebench/sessions/amf"
)

func TestWhatAMFHasNoBytesForIsRefused(t *testing.T) {
	long := strings.Repeat("a", 65536)
	for _, test := range []struct {
		version Version
		v       Value
		problem string
	}{
		{AMF0, Value{Kind: Integer}, "AMF0 has no int"},
		{AMF0, Value{Kind: XML}, "AMF0 has no XML"},
		{AMF0, Value{Kind: ByteArray}, "AMF0 has no ByteArray"},
		{AMF0, Value{Kind: Dictionary}, "AMF0 has no Dictionary"},
		{AMF0, Value{Kind: VectorInt}, "AMF0 has no Vector.<int>"},
		{AMF0, Value{Kind: String, Text: long}, "65536 bytes"},
		{AMF0, Value{Kind: Object, Members: []Member{{Name: long}}}, "65536 bytes"},
		{AMF0, Value{Kind: Object, Class: &Class{Name: long}}, "65536 bytes"},
		{AMF0, Value{Kind: Object, Class: &Class{Name: "X", Externalizable: true}}, "externalizable"},
		{AMF0, Value{Kind: Array, Members: []Member{{Name: "a"}}}, "ECMA array"},
		{AMF0, Value{Kind: Reference}, "a reference to object 0, and 0 came before it"},
		{AMF0, Value{Kind: Array, Items: []Value{{Kind: Reference, Ref: 1}}}, "in item 0: a reference to object 1, and 1 came"},
		{AMF0, Value{Kind: Array, Items: []Value{{Kind: Reference, Ref: -1}}}, "a reference to object -1"},
		{AMF0, Value{Kind: Switched}, "holds 0 values"},
		{AMF0, Value{Kind: Switched, Items: []Value{{Kind: ECMAArray}}}, "AMF3 has no ECMA array"},
		{AMF3, Value{Kind: ECMAArray}, "AMF3 has no ECMA array"},
		{AMF3, Value{Kind: LongString}, "AMF3 has no LongString"},
		{AMF3, Value{Kind: Unsupported}, "AMF3 has no unsupported"},
		{AMF3, Value{Kind: Switched, Items: make([]Value, 1)}, "AMF3 has no AMF3"},
		{AMF3, Value{Kind: Kind(200)}, "AMF3 has no Kind(200)"},
		{AMF3, Value{Kind: Unread, Text: "why"}, "not read to its end: why"},
		{AMF3, Value{Kind: Integer, Int: MaxInteger + 1}, "268435456"},
		{AMF3, Value{Kind: Integer, Int: MinInteger - 1}, "-268435457"},
		{AMF3, Value{Kind: Object, Members: []Member{{Name: ""}}}, "without a name"},
		{AMF3, Value{Kind: Array, Members: []Member{{Name: "a", Value: Value{Kind: Object, Members: []Member{{}}}}}}, `in member "a": a member without a name`},
		{AMF3, Value{Kind: Object, Class: &Class{Name: "C", Sealed: []string{"a"}}}, "1 sealed members, and its object has 0"},
		{AMF3, Value{Kind: Object, Class: &Class{Name: "C"}, Members: []Member{{Name: "a"}}}, "0 sealed members, and its object has 1"},
		{AMF3, Value{Kind: Object, Class: &Class{Name: "C", Sealed: []string{"a"}}, Members: []Member{{Name: "b"}}}, `member 0 is called "b"`},
		{AMF3, Value{Kind: Object, Class: &Class{Name: "C", Externalizable: true, Sealed: []string{"a"}}}, "no sealed members"},
		{AMF3, Value{Kind: Object, Class: &Class{Name: "C", Externalizable: true}, Items: make([]Value, 1)}, "bytes alone"},
		{AMF3, Value{Kind: Object, Class: &Class{Name: "flex.messaging.io.ObjectProxy", Externalizable: true}}, "holds values alone, 1 of them, and not 0"},
		{AMF3, Value{Kind: Object, Class: &Class{Name: "DSA", Externalizable: true}, Raw: []byte{0x80}}, "more flags than there are"},
		{AMF3, Value{Kind: Object, Class: &Class{Name: "DSA", Externalizable: true}, Raw: []byte{1, 0}}, "more members than its 0"},
		{AMF3, Value{Kind: Object, Class: &Class{Name: "DSA", Externalizable: true}, Raw: []byte{0, 0, 0}}, "other members"},
		{AMF3, Value{Kind: Object, Class: &Class{Name: "flex.messaging.io.ObjectProxy", Externalizable: true}, Raw: []byte{1}, Items: make([]Value, 1)}, "holds values alone"},
		{AMF3, Value{Kind: Object, Class: &Class{Name: "DSA", Externalizable: true}, Raw: []byte{0, 0}, Items: make([]Value, 1)}, "named members alone"},
		{AMF3, Value{Kind: Object, Class: &Class{Name: "DSA", Externalizable: true}, Raw: []byte{1, 0}, Members: []Member{{Name: "soul"}}}, `announce the member body, and it is called "soul"`},
		{AMF3, Value{Kind: Date, Zone: 60}, "the time zone 60"},
		{AMF3, Value{Kind: VectorInt, Raw: make([]byte, 5)}, "5 bytes"},
		{AMF3, Value{Kind: VectorNumber, Raw: make([]byte, 12)}, "12 bytes"},
		{AMF3, Value{Kind: Dictionary, Items: make([]Value, 1)}, "a key without a value"},
		{AMF3, Value{Kind: Array, Items: []Value{{Kind: Reference, Of: Number}}}, "a reference to a Number"},
		{AMF3, Value{Kind: ByteArray, Raw: make([]byte, 1<<28)}, "a length or place of 268435456"},
		{Version(2), Value{}, "Version(2)"},
	} {
		b, err := Encode(test.v, test.version)
		if !errors.Is(err, ErrValue) || !strings.Contains(err.Error(), test.problem) {
			t.Errorf("%v, wanted %q: %x, %v", test.version, test.problem, b[:min(len(b), 16)], err)
		}
	}
}

func TestTheNotationSaysWhereItIsWrong(t *testing.T) {
	for _, test := range []struct {
		text    string
		line    int
		column  int
		problem string
	}{
		{``, 1, 1, "a value is missing"},
		{`  // nothing`, 1, 13, "a value is missing"},
		{`hello`, 1, 1, `"hello" is the name of no type`},
		{`"hello`, 1, 1, `no " at its end`},
		{`"\q"`, 1, 2, "no escape begins like this"},
		{`"\x1"`, 1, 2, "two hexadecimal digits"},
		{`"\u12"`, 1, 2, "four hexadecimal digits"},
		{`"\ud800"`, 1, 2, "half of a surrogate pair"},
		{`"\ud800\u0041"`, 1, 2, "half of a surrogate pair"},
		{`"\`, 1, 2, "a backslash is the last character"},
		{`[1 2]`, 1, 4, `a comma or ] is missing before this "2"`},
		{"[1,\n  2,\n  ä]", 3, 3, `this "ä" begins no value`},
		{`[1, "a": 2]`, 1, 5, "come before the others"},
		{`[1: 2]`, 1, 2, "has to be a text"},
		{`{1: 2}`, 1, 2, "the name of a member is missing"},
		{`{"a" 2}`, 1, 6, ": is missing behind the name of a member"},
		{`{"a": 2`, 1, 8, `end of the text`},
		{`1 2`, 1, 3, "the value ends before this"},
		{`12a`, 1, 1, `"12a" is no number`},
		{`0x10`, 1, 1, `is no number`},
		{`1e999`, 1, 1, `is no number`},
		{`-`, 1, 1, `is no number`},
		{`@`, 1, 2, "the place of a reference is a whole number"},
		{`@999999999`, 1, 2, "at most 268435456"},
		{`NaN(1)`, 1, 5, "the bits of a NaN"},
		{`ByteArray("0")`, 1, 10, "pairs of hexadecimal digits"},
		{`Date("yesterday")`, 1, 6, "a time is written like"},
		{`Date(0, 99999)`, 1, 9, "a time zone is"},
		{`Vector.<String>[]`, 1, 9, "a vector is of int"},
		{`Vector.<int>[0.5]`, 1, 14, "whole numbers from -2147483648 to 2147483647"},
		{`Vector.<uint>[-1]`, 1, 15, "whole numbers from 0 to 4294967295"},
		{`Vector.<uint>(static)[]`, 1, 15, "fixed is all that can stand here"},
		{`Vector.<"C">["a": 1]`, 1, 21, "no named members"},
		{`Dictionary{1}`, 1, 13, ": is missing behind the key"},
		{`Object{}`, 1, 7, "( is missing behind Object"},
		{`ECMAArray(4294967296){}`, 1, 11, "at most 4294967295"},
		{`unread("x")`, 1, 1, "no type"},
		{`[AMF3(1)]`, 1, 2, "among values of AMF0"},
	} {
		_, err := ParseText(test.text, AMF3)
		var e *SyntaxError
		if !errors.As(err, &e) || e.Line != test.line || e.Column != test.column || !strings.Contains(e.Problem, test.problem) {
			t.Errorf("%s: %v", test.text, err)
		}
	}
}

func TestTheNotationForgives(t *testing.T) {
	for _, test := range []struct {
		version    Version
		text, want string
	}{
		{AMF3, " [ 1 , 2 , ] // two\n", `[1, 2]`},
		{AMF3, "{a: 1, $b_2: 2,}", `{"a": 1, "$b_2": 2}`},
		{AMF3, `"\/\b\f\u00e4\ud83d\ude00\x41"`, `"/\x08\x0cä😀A"`},
		{AMF3, "\"a\nb\"", `"a\nb"`},
		{AMF3, `268435456`, `268435456.0`},
		{AMF3, `-268435457`, `-268435457.0`},
		{AMF3, `1e3`, `1000.0`},
		{AMF3, `-0`, `-0.0`},
		{AMF0, `5`, `5`},
		{AMF0, `[5, AMF3(5), AMF3(5.0)]`, `[5, AMF3(5), AMF3(5.0)]`},
		{AMF0, `ECMAArray{a: 1, b: 2}`, `ECMAArray(2){"a": 1, "b": 2}`},
		{AMF3, `Date("2013-01-31T13:00:00+01:00")`, `Date("2013-01-31T12:00:00.000Z")`},
		{AMF3, `Date(-62167219200001)`, `Date(-62167219200001)`},
		{AMF3, `Object("C"){a: 1, b: 2;}`, `Object("C"){"a": 1, "b": 2;}`},
		{AMF3, `Object("C"){;}`, `Object("C"){;}`},
		{AMF3, `Object("C"){; a: 1}`, `Object("C"){; "a": 1}`},
		{AMF3, `Externalizable("X", dynamic)`, `Externalizable("X", dynamic)`},
		{AMF3, `ByteArray("0 1 ab")`, `ByteArray("01ab")`},
	} {
		v, err := ParseText(test.text, test.version)
		if got := Summary(v, test.version, 1000); err != nil || got != test.want {
			t.Errorf("%s is read as %s (%v)", test.text, got, err)
		}
	}
	v, err := ParseText(`"`+strings.Repeat("a", 65536)+`"`, AMF0)
	if err != nil || v.Kind != LongString {
		t.Errorf("%v (%v)", v.Kind, err)
	}
}
