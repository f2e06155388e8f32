package policy

import (
	"bytes"
	"testing"
)

func TestResponderTells(t *testing.T) {
	tests := []struct {
		name    string
		pieces  []string
		verdict Verdict
		rest    string // of all pieces together
	}{
		{"nothing as undecided", nil, Undecided, ""},
		{"empty reads as undecided", []string{"", ""}, Undecided, ""},
		{"the request in one piece", []string{Request}, Asked, ""},
		{"the request byte by byte", bytewise(Request), Asked, ""},
		{"the request without its zero byte as undecided", []string{Request[:len(Request)-1]}, Undecided, ""},
		{"what follows the request in the same read", []string{Request + "more"}, Asked, "more"},
		{"what follows the request in later reads", []string{Request[:5], Request[5:] + "a", "b", ""}, Asked, "ab"},
		{"a second request as bytes behind the first", []string{Request, Request}, Asked, Request},
		{"another protocol at its first byte", []string{"GET / HTTP/1.1\r\n"}, Other, "GET / HTTP/1.1\r\n"},
		{"XML that begins like the request", []string{"<policy", "-file/>", "<a/>"}, Other, "<policy-file/><a/>"},
		{"a line end in place of the zero byte", []string{Request[:len(Request)-1], "\n"}, Other, Request[:len(Request)-1] + "\n"},
		{"a request that is not at the begin", []string{" ", Request}, Other, " " + Request},
		{"other bytes one by one", bytewise("<policy?" + Request), Other, "<policy?" + Request},
		{"capitals as something else", []string{"<Policy-File-Request/>\x00"}, Other, "<Policy-File-Request/>\x00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var r Responder
			verdict, rest := Undecided, ""
			for _, p := range tt.pieces {
				var more []byte
				verdict, more = r.Feed([]byte(p))
				rest += string(more)
			}
			if verdict != tt.verdict || rest != tt.rest {
				t.Errorf("%q is %v with %q left, want %v with %q", tt.pieces, verdict, rest, tt.verdict, tt.rest)
			}
		})
	}
}

func TestResponderKeepsNothingOfWhatItIsFed(t *testing.T) {
	var r Responder
	p := []byte("<policy")
	r.Feed(p)
	copy(p, "XXXXXXX")
	if verdict, rest := r.Feed([]byte("!")); verdict != Other || string(rest) != "<policy!" {
		t.Errorf("after its buffer was used again it is %v with %q", verdict, rest)
	}
}

func TestResponderAllocatesOnlyForBytesHeldBack(t *testing.T) {
	other, request := []byte("hello"), []byte(Request)
	if n := testing.AllocsPerRun(100, func() {
		var a, b Responder
		a.Feed(other)
		b.Feed(request[:7])
		b.Feed(request[7:])
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestVerdictNamesItself(t *testing.T) {
	for v, want := range map[Verdict]string{Undecided: "undecided", Asked: "asked", Other: "other", 9: "Verdict(9)"} {
		if got := v.String(); got != want {
			t.Errorf("%d is %q, want %q", uint8(v), got, want)
		}
	}
}

func bytewise(s string) (pieces []string) {
	for i := range len(s) {
		pieces = append(pieces, s[i:i+1])
	}
	return pieces
}

// FuzzFeed cuts a stream into pieces of the lengths in cuts and wants what the stream in one piece gives:
// the verdict, and every byte that is not the request's.
func FuzzFeed(f *testing.F) {
	f.Add([]byte(Request), []byte{1, 2, 3})
	f.Add([]byte(Request+Request), []byte{22, 1, 0, 23})
	f.Add([]byte("<policy-file-request/>\nhello"), []byte{5, 5, 20})
	f.Add([]byte("hello"), []byte{})
	f.Fuzz(func(t *testing.T, stream, cuts []byte) {
		var whole, cut Responder
		wantVerdict, wantRest := whole.Feed(bytes.Clone(stream))
		var verdict Verdict
		var rest []byte
		at := 0
		feed := func(n int) {
			piece := bytes.Clone(stream[at : at+n])
			before := verdict
			var more []byte
			verdict, more = cut.Feed(piece)
			rest = append(rest, more...)
			clear(piece) // belongs to somebody else again
			at += n
			if before != Undecided && verdict != before {
				t.Fatalf("%v became %v", before, verdict)
			}
			if verdict == Undecided && len(more) > 0 {
				t.Fatalf("undecided, and %q are to be read", more)
			}
		}
		for _, n := range cuts {
			feed(min(int(n), len(stream)-at))
		}
		feed(len(stream) - at)
		if verdict != wantVerdict || !bytes.Equal(rest, wantRest) {
			t.Fatalf("in pieces %v with %q, at once %v with %q", verdict, rest, wantVerdict, wantRest)
		}
		var want Verdict
		lost := rest
		switch {
		case bytes.HasPrefix(stream, []byte(Request)):
			want, lost = Asked, append([]byte(Request), rest...)
		case bytes.HasPrefix([]byte(Request), stream):
			want, lost = Undecided, stream
		default:
			want = Other
		}
		if verdict != want || !bytes.Equal(lost, stream) {
			t.Fatalf("%q is %v with %q left, want %v", stream, verdict, rest, want)
		}
	})
}
