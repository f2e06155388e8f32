package amf_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	. "wirebench/sessions/amf"
	"wirebench/sessions/inspect"
)

func parse(t testing.TB, s string, version Version) Value {
	t.Helper()
	v, err := ParseText(s, version)
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return v
}

// roundTrip gives the value as it is read from the bytes of a text.
func roundTrip(t testing.TB, s string, version Version) Value {
	t.Helper()
	b, err := Encode(parse(t, s, version), version)
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	v, _, err := Decode(b, version, Limits{})
	if err != nil {
		t.Fatalf("%s: %x: %v", s, b, err)
	}
	return v
}

func TestATreeIsShownAValueALine(t *testing.T) {
	v := roundTrip(t, `["kind": "all", {"a": 1, "b": @0}, Object("org.example.Point"){"x": 0.5; "y": NaN},
		Vector.<int>(fixed)[7, -1], Dictionary(weak){"k": null, [1]: @2}, ByteArray("00ff"), Date("1970-01-01T00:00:00.000Z"),
		Vector.<"org.example.Point">[], Externalizable("flex.messaging.io.ArrayCollection")[[]], XML("<a/>"), undefined]`, AMF3)
	want := `0+157 Array 10 items, 1 member #0
7+5   kind: String "all"
13+12   [0]: Object 2 members
18+2     a: int 1
22+2     b: reference #0
25+43   [1]: org.example.Point 2 members, dynamic #2
47+9     x: Number 0.5
58+9     y: Number NaN
68+11   [2]: Vector.<int> 2 numbers, fixed
71+4     [0]: int 7
75+4     [1]: int -1
79+14   [3]: Dictionary 2 entries, weak keys
85+1     ["k"]: null
86+5     key: Array 1 item
89+2       [0]: int 1
91+2     value: reference #2
93+4   [4]: ByteArray 2 bytes: 00ff
97+10   [5]: Date 1970-01-01T00:00:00.000Z
107+4   [6]: Vector.<org.example.Point> 0 items
111+39   [7]: flex.messaging.io.ArrayCollection writes itself
147+3     [0]: Array 0 items
150+6   [8]: XML "<a/>"
156+1   [9]: undefined
`
	var got strings.Builder
	for _, l := range Format(v, AMF3) {
		fmt.Fprintf(&got, "%d+%d %s\n", l.Offset, l.Size, l)
	}
	if got.String() != want {
		t.Errorf("got\n%swant\n%s", got.String(), want)
	}
}

func TestReferencesOfTheTwoVersionsAreToldApart(t *testing.T) {
	v := roundTrip(t, `[AMF3([[], @1]), {"a": AMF3(@0)}, @1]`, AMF0)
	var got []string
	for _, l := range Format(v, AMF0) {
		got = append(got, strings.TrimSpace(l.String()))
	}
	want := []string{
		"Array 3 items", "[0]: AMF3", "[0]: Array 2 items AMF3 #0", "[0]: Array 0 items AMF3 #1", "[1]: reference AMF3 #1",
		"[1]: Object 1 member #1", "a: AMF3", "[0]: reference AMF3 #0", "[2]: reference #1",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
	const wantJSON = `[{"$type":"AMF3","items":[{"$type":"Array","$ref":"AMF3 #0","items":[{"$type":"Array","$ref":"AMF3 #1","items":[]},` +
		`{"$type":"reference","ref":"AMF3 #1"}]}]},{"$type":"Object","$ref":"#1","members":{"a":{"$type":"AMF3","items":` +
		`[{"$type":"reference","ref":"AMF3 #0"}]}}},{"$type":"reference","ref":"#1"}]`
	if j := JSON(v, AMF0); string(j) != wantJSON {
		t.Errorf("%s", j)
	}
}

func TestJSONSaysWhatItCannotHold(t *testing.T) {
	for _, test := range []struct {
		version    Version
		text, want string
	}{
		{AMF3, `null`, `null`},
		{AMF3, `[true, 1, 1.5, -0.0, "a\"b\\\u202e\0😀"]`, `[true,1,1.5,-0,"a\"b\\\u202e\u0000😀"]`},
		{AMF3, `"\xff"`, `{"$type":"String","hex":"ff"}`},
		{AMF3, `undefined`, `{"$type":"undefined"}`},
		{AMF3, `-Infinity`, `{"$type":"Number","value":"-Infinity"}`},
		{AMF3, `{"a": 1, "b": {}}`, `{"a":1,"b":{}}`},
		{AMF3, `{"$type": 1}`, `{"$type":"Object","members":[["$type",1]]}`},
		{AMF3, `{"a": 1, "a": 2}`, `{"$type":"Object","members":[["a",1],["a",2]]}`},
		{AMF3, `["a": 1, 2]`, `{"$type":"Array","members":{"a":1},"items":[2]}`},
		{AMF3, `Object("P"){"x": 1, "y": 2}`, `{"$type":"Object","class":"P","members":{"x":1,"y":2}}`},
		{AMF3, `Object("P"){"x": 1; "y": 2}`, `{"$type":"Object","class":"P","dynamic":true,"sealed":1,"members":{"x":1,"y":2}}`},
		{AMF3, `Externalizable("DSA", "0100")["body": 1]`, `{"$type":"Object","class":"DSA","externalizable":true,"flags":"0100","members":{"body":1}}`},
		{AMF3, `Vector.<Number>[NaN, 1]`, `{"$type":"Vector.<Number>","items":["NaN",1]}`},
		{AMF3, `Vector.<"C">(fixed)[null]`, `{"$type":"Vector.<Object>","fixed":true,"class":"C","items":[null]}`},
		{AMF3, `Dictionary(weak){[]: 1}`, `{"$type":"Dictionary","weak":true,"entries":[[[],1]]}`},
		{AMF3, `ByteArray("00 FF")`, `{"$type":"ByteArray","hex":"00ff"}`},
		{AMF0, `Date(NaN, 60)`, `{"$type":"Date","ms":"NaN","zone":60}`},
		{AMF0, `Date("1970-01-01T00:00:00Z")`, `{"$type":"Date","ms":0,"time":"1970-01-01T00:00:00.000Z"}`},
		{AMF0, `ECMAArray(7){"0": 1}`, `{"$type":"ECMA array","count":7,"members":{"0":1}}`},
		{AMF0, `LongString("a")`, `"a"`},
		{AMF0, `XMLDocument("<a/>")`, `{"$type":"XMLDocument","value":"<a/>"}`},
		{AMF0, `unsupported`, `{"$type":"unsupported"}`},
	} {
		got := JSON(roundTrip(t, test.text, test.version), test.version)
		if string(got) != test.want {
			t.Errorf("%s is\n%s and not\n%s", test.text, got, test.want)
		}
	}
	v, _, _ := Decode([]byte{0x09, 0x05, 0x01, 0x20}, AMF3, Limits{})
	if got := JSON(v, AMF3); string(got) != `[{"$type":"unread","problem":"an array of 2 values needs 1 byte more"}]` &&
		string(got) != `[{"$type":"unread","problem":"0x20 is no type of AMF3"}]` {
		t.Errorf("%s", got)
	}
}

// visible fails if s holds something that is not seen as itself.
func visible(t testing.TB, what, s string, lines bool) {
	t.Helper()
	for _, r := range s {
		if !inspect.Visible(r) && !(lines && r == '\n') {
			t.Fatalf("%s shows %q in %q", what, r, s)
		}
	}
}

func TestHostileTextsAreShownAndNotObeyed(t *testing.T) {
	hostile := "\x1b[2J\u202egnp.exe\u200b\r\n\x00\"\\\xff\u2028"
	v := Value{Kind: Array, Members: []Member{{Name: hostile, Value: Value{Kind: String, Text: hostile}}}, Items: []Value{
		{Kind: Object, Class: &Class{Name: hostile, Sealed: []string{hostile}}, Members: []Member{{Name: hostile}}},
		{Kind: VectorObject, Text: hostile},
		{Kind: Dictionary, Items: []Value{{Kind: String, Text: hostile}, {}}},
		{Kind: Object, Class: &Class{Name: hostile, Externalizable: true}},
	}}
	b, err := Encode(v, AMF3)
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := Decode(b, AMF3, Limits{})
	visible(t, "the error", err.Error(), false)
	for _, l := range Format(got, AMF3) {
		visible(t, "a line", l.String(), false)
	}
	visible(t, "Text", Text(got, AMF3), true)
	visible(t, "Summary", Summary(got, AMF3, 100), false)
	visible(t, "JSON", string(JSON(got, AMF3)), false)
	if !json.Valid(JSON(got, AMF3)) {
		t.Errorf("%s", JSON(got, AMF3))
	}
	for _, bad := range []Value{
		{Kind: Object, Class: &Class{Name: hostile, Sealed: []string{"a"}}},
		{Kind: Object, Members: []Member{{Name: hostile, Value: Value{Kind: Unread, Text: "x"}}}},
	} {
		if _, err := Encode(bad, AMF3); err == nil {
			t.Error("it is written")
		} else {
			visible(t, "the error", err.Error(), false)
		}
	}
}

func TestLongThingsAreShortened(t *testing.T) {
	long := strings.Repeat("ä", MaxText)
	v := Value{Kind: Object, Class: &Class{Name: long, Dynamic: true}, Members: []Member{
		{Name: long, Value: Value{Kind: String, Text: long}},
		{Name: "b", Value: Value{Kind: ByteArray, Raw: make([]byte, 1000)}},
		{Name: "v", Value: Value{Kind: VectorUint, Raw: make([]byte, 4*(MaxElements+5))}},
	}}
	lines := Format(v, AMF3)
	if len(lines) != 4+MaxElements+1 {
		t.Fatalf("%d lines", len(lines))
	}
	for _, l := range lines {
		if len(l.Name) > MaxText+8 || len(l.Type) > MaxText+8 || len(l.Text) > MaxText+8 {
			t.Errorf("a line of %d, %d and %d bytes", len(l.Name), len(l.Type), len(l.Text))
		}
	}
	if last := lines[len(lines)-1]; last.Text != "5 more" || last.Size != 20 {
		t.Errorf("the last line is %v", last)
	}
	for _, max := range []int{0, 1, 10, 100, 5000} {
		if s := Summary(v, AMF3, max); len(s) > max+len("…") {
			t.Errorf("a summary of %d bytes in %d: %s", max, len(s), s)
		}
	}
}

func TestTheRowsReadObjects(t *testing.T) {
	rows := Rows()
	amf0, amf3 := rows[0], rows[1]
	for _, test := range []struct {
		row  inspect.Row
		b    string
		want inspect.Value
	}{
		{amf0, "03 0001 61 02 0001 61 0000 09 ff", inspect.Value{Text: `{"a": "a"}`, Size: 11}},
		{amf3, "0a 0b 01 09 7370616d 06 09 65676773 01 ff", inspect.Value{Text: `{"spam": "eggs"}`, Size: 15}},
		{amf3, "0a 0b 01 09 7370", inspect.Value{Missing: 2}},
		{amf3, "", inspect.Value{Missing: 1}},
		{amf3, "20", inspect.Value{Problem: "AMF, byte 0: 0x20 is no type of AMF3"}},
		{amf3, "0a 07 03 58 aabb", inspect.Value{Text: `Externalizable("X", "aabb")`, Size: 6}},
	} {
		for _, order := range []inspect.Order{inspect.Big, inspect.Little} {
			if got := test.row.At(unhex(t, test.b), 0, order); got != test.want {
				t.Errorf("%s of %s: %+v", test.row.ID, test.b, got)
			}
		}
	}
}
