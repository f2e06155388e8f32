package amf_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	. "wirebench/sessions/amf"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	return b
}

// equal tells whether two trees mean the same; exactly also whether they are
// written as the same bytes.
func equal(a, b *Value, exactly bool) bool {
	plain := func(c *Class) bool {
		return c == nil || c.Name == "" && len(c.Sealed) == 0 && c.Dynamic && !c.Externalizable
	}
	switch {
	case a.Kind != b.Kind || a.Bool != b.Bool || a.Fixed != b.Fixed || a.Weak != b.Weak || a.Zone != b.Zone ||
		a.Int != b.Int || a.Count != b.Count || math.Float64bits(a.Number) != math.Float64bits(b.Number) ||
		a.Text != b.Text || !bytes.Equal(a.Raw, b.Raw) || len(a.Items) != len(b.Items) || len(a.Members) != len(b.Members):
		return false
	case a.Kind == Reference && (a.Ref != b.Ref || exactly && a.Of != b.Of):
		return false
	case exactly && a.Literal != b.Literal:
		return false
	case plain(a.Class) != plain(b.Class):
		return false
	}
	if ca, cb := a.Class, b.Class; !plain(ca) {
		if ca.Name != cb.Name || ca.Dynamic != cb.Dynamic || ca.Externalizable != cb.Externalizable ||
			!slices.Equal(ca.Sealed, cb.Sealed) || exactly && ca.Literal != cb.Literal {
			return false
		}
	}
	for i := range a.Items {
		if !equal(&a.Items[i], &b.Items[i], exactly) {
			return false
		}
	}
	for i := range a.Members {
		if a.Members[i].Name != b.Members[i].Name || exactly && a.Members[i].Literal != b.Members[i].Literal ||
			!equal(&a.Members[i].Value, &b.Members[i].Value, exactly) {
			return false
		}
	}
	return true
}

// forAll goes through the vectors of both versions.
func forAll(f func(version Version, v vector)) {
	for _, v := range vectors0 {
		f(AMF0, v)
	}
	for _, v := range vectors3 {
		f(AMF3, v)
	}
}

func opaque(v *Value) bool {
	return v.Class != nil && v.Class.Name == "abc.xyz" && v.Class.Externalizable
}

func TestKnownValuesAreReadAndWrittenAgain(t *testing.T) {
	for _, v := range repeated {
		checkVector(t, AMF3, v)
	}
	forAll(func(version Version, v vector) { checkVector(t, version, v) })
}

func checkVector(t *testing.T, version Version, v vector) {
	t.Helper()
	b := unhex(t, v.bytes)
	got, n, err := Decode(slices.Concat(b, []byte{0xff, 0xff}), version, Limits{})
	if opaque(&got) {
		got, n, err = Decode(b, version, Limits{})
		if !errors.Is(err, ErrOpaque) {
			t.Errorf("%v %s: %v", version, v.bytes, err)
		}
		err = nil
	}
	if err != nil || n != len(b) || got.Offset != 0 || got.Size != n {
		t.Errorf("%v %s (%s): %d bytes from %d, of %d: %v", version, v.bytes, v.source, got.Size, got.Offset, n, err)
		return
	}
	if text := Summary(got, version, 1<<20); text != v.text {
		t.Errorf("%v %s (%s) reads\n%s and not\n%s", version, v.bytes, v.source, text, v.text)
	}
	again, err := Encode(got, version)
	if err != nil || !bytes.Equal(again, b) {
		t.Errorf("%v %s (%s) is written as\n%x (%v)", version, v.bytes, v.source, again, err)
	}
}

func TestTheNotationOfKnownValuesMakesTheirBytes(t *testing.T) {
	forAll(func(version Version, v vector) {
		b := unhex(t, v.bytes)
		decoded, _, _ := Decode(b, version, Limits{})
		for _, text := range []string{v.text, Text(decoded, version)} {
			got, err := ParseText(text, version)
			if err != nil {
				t.Errorf("%v %s: %v", version, text, err)
				continue
			}
			if !equal(&got, &decoded, false) {
				t.Errorf("%v %s is read as %s", version, text, Text(got, version))
			}
			if again, err := Encode(got, version); err != nil || !bytes.Equal(again, b) {
				t.Errorf("%v %s makes\n%x and not\n%x (%v)", version, text, again, b, err)
			}
		}
	})
}

func TestWhatMeansTheSameBecomesOneForm(t *testing.T) {
	for _, test := range normalised {
		v, _, err := Decode(unhex(t, test.bytes), Version(test.version), Limits{})
		if err != nil && !errors.Is(err, ErrOpaque) {
			t.Errorf("%s: %v", test.source, err)
			continue
		}
		got, err := Encode(v, Version(test.version))
		if err != nil || !bytes.Equal(got, unhex(t, test.become)) {
			t.Errorf("%s: %s becomes %x (%v)", test.source, test.bytes, got, err)
		}
	}
}

func TestEveryValueOfAMF0AndAMF3HasAVector(t *testing.T) {
	seen := map[Version]map[Kind]bool{AMF0: {}, AMF3: {}}
	var walk func(v *Value, version Version)
	walk = func(v *Value, version Version) {
		seen[version][v.Kind] = true
		if v.Kind == Switched {
			version = AMF3
		}
		for i := range v.Items {
			walk(&v.Items[i], version)
		}
		for i := range v.Members {
			walk(&v.Members[i].Value, version)
		}
	}
	forAll(func(version Version, vec vector) {
		v, _, _ := Decode(unhex(t, vec.bytes), version, Limits{})
		walk(&v, version)
	})
	for version, kinds := range map[Version][]Kind{
		AMF0: {Undefined, Null, Boolean, Number, String, LongString, XMLDocument, Date, Array, ECMAArray, Object, Reference, Unsupported, Switched},
		AMF3: {Undefined, Null, Boolean, Integer, Number, String, XMLDocument, XML, Date, Array, Object, ByteArray,
			VectorInt, VectorUint, VectorNumber, VectorObject, Dictionary, Reference},
	} {
		for _, k := range kinds {
			if !seen[version][k] {
				t.Errorf("no vector of %v has a %v", version, k)
			}
		}
	}
}

// TestEveryBeginningOfAValueSaysWhatIsMissing cuts every vector everywhere.
func TestEveryBeginningOfAValueSaysWhatIsMissing(t *testing.T) {
	forAll(func(version Version, vec vector) {
		b := unhex(t, vec.bytes)
		for cut := range b {
			v, n, err := Decode(b[:cut], version, Limits{})
			if opaque(&v) {
				continue // whatever is there is its own
			}
			var e *Error
			if !errors.As(err, &e) || !errors.Is(err, ErrShort) || e.Missing < 1 || e.Missing > len(b)-cut || n != e.Offset || n > cut {
				t.Fatalf("%v %x, %d bytes short: %d %#v", version, b[:cut], len(b)-cut, n, err)
			}
			if _, err := Encode(v, version); !errors.Is(err, ErrValue) {
				t.Fatalf("%v %x: half a value is written (%v)", version, b[:cut], err)
			}
			lines := Format(v, version)
			if last := lines[len(lines)-1]; last.Type != "unread" || last.Text != e.Problem {
				t.Fatalf("%v %x: the last line is %v", version, b[:cut], last)
			}
		}
	})
}

func TestWhatIsNotAMFIsRefusedWithItsPlace(t *testing.T) {
	for _, test := range []struct {
		version Version
		bytes   string
		offset  int
		problem string
	}{
		{AMF0, "04", 0, "reserved"},
		{AMF0, "0e", 0, "reserved"},
		{AMF0, "09", 0, "the end of an object"},
		{AMF0, "12", 0, "0x12 is no type of AMF0"},
		{AMF0, "ff", 0, "0xff is no type of AMF0"},
		{AMF0, "07 0000", 1, "a reference to object 0, and 0 came before it"},
		{AMF0, "0a 00000002 05 20", 6, "0x20 is no type"},
		{AMF0, "0a 00000001 09", 5, "the end of an object"},
		{AMF0, "11 12", 1, "0x12 is no type of AMF3"},
		{AMF0, "0a 00000001 11 09 02", 7, "a reference to object 1, and 0 came before it"},
		{AMF3, "12", 0, "0x12 is no type of AMF3"},
		{AMF3, "06 00", 1, "a reference to text 0"},
		{AMF3, "09 00", 1, "a reference to object 0"},
		{AMF3, "0a 05", 2, "a reference to class 1"},
		{AMF3, "09 03 01 0a 0b 01 03 61 20", 8, "0x20 is no type"},
		{Version(1), "01", 0, "there is no Version(1)"},
	} {
		v, n, err := Decode(unhex(t, test.bytes), test.version, Limits{})
		var e *Error
		if !errors.As(err, &e) || !errors.Is(err, ErrFormat) || e.Offset != test.offset || n != e.Offset || !strings.Contains(e.Problem, test.problem) {
			t.Errorf("%v %s: %d %v", test.version, test.bytes, n, err)
		}
		if _, err := Encode(v, test.version); !errors.Is(err, ErrValue) {
			t.Errorf("%v %s is written: %v", test.version, test.bytes, err)
		}
	}
}

func TestWhatWasReadBeforeAnErrorIsKept(t *testing.T) {
	v, _, err := Decode(unhex(t, "0a 0b 03 43 03 61 04 05 03 62 09 05 01 03 20"), AMF3, Limits{})
	want := `Object("C"){; "a": 5, "b": [true, unread("0x20 is no type of AMF3")]}`
	if got := Summary(v, AMF3, 1000); got != want {
		t.Errorf("%s (%v)", got, err)
	}
	if _, err := ParseText(want, AMF3); err == nil {
		t.Error("what was not read is accepted")
	}
}

// TestAClassThatWritesItselfEndsWhatCanBeRead has an unknown class in an array.
func TestAClassThatWritesItselfEndsWhatCanBeRead(t *testing.T) {
	v, n, err := Decode(unhex(t, "09 05 01 0a 07 03 58 aabbcc 03"), AMF3, Limits{})
	if !errors.Is(err, ErrOpaque) || n != 11 || !strings.Contains(err.Error(), `the class "X" writes itself`) {
		t.Errorf("%d %v", n, err)
	}
	if len(v.Items) != 2 || !bytes.Equal(v.Items[0].Raw, unhex(t, "aabbcc03")) || v.Items[1].Kind != Unread {
		t.Errorf("%s", Text(v, AMF3))
	}
	if _, err := Encode(v, AMF3); !errors.Is(err, ErrValue) {
		t.Errorf("an array without its end is written: %v", err)
	}
	if b, err := Encode(v.Items[0], AMF3); err != nil || !bytes.Equal(b, unhex(t, "0a 07 03 58 aabbcc 03")) {
		t.Errorf("%x %v", b, err)
	}
}

func TestJSONOfEveryVectorIsJSON(t *testing.T) {
	forAll(func(version Version, vec vector) {
		v, _, _ := Decode(unhex(t, vec.bytes), version, Limits{})
		if b := JSON(v, version); !json.Valid(b) {
			t.Errorf("%v %s: %s", version, vec.text, b)
		}
	})
}
