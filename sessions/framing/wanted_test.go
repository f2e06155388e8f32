package framing

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"wirebench/sessions/capture"
)

// whole returns all bytes of a frame.
func whole(t *testing.T, x *Index, f *Frame) []byte {
	t.Helper()
	b := make([]byte, f.Len)
	if n, err := x.ReadAt(f, b, 0); n < len(b) {
		t.Fatalf("%+v: %v", f, err)
	}
	return b
}

func TestAListOfSomeFramesIsWhatIsLeftOfAll(t *testing.T) {
	notes := []string{"closed by peer", "half-closed", "connected"}
	m := newModel(t, capture.Options{SegmentSize: 100 << 10}, parsed(t, "u16be"), parsed(t, "lf"))
	a := newTraffic(m, 7, 12)
	for i := range 250 {
		a.pass(5)
		m.log.Append(testFlow(capture.TCP, i%12), capture.Direction(i%2), capture.Note, nil, notes[i%3])
		m.number++
		m.now = m.now.Add(1000)
	}
	all := m.index(Options{Events: true}, usual)
	await(t, m.log, all)
	every := frames(t, all)
	held := make([][]byte, len(every))
	for i := range every {
		held[i] = whole(t, all, &every[i])
	}
	for _, o := range []Options{
		{}, {Events: true}, {Dirs: capture.DirIn}, {Dirs: capture.DirOut, Events: true}, {Hex: []byte{0x41}}, {Hex: []byte{0, 7}, Dirs: capture.DirOut},
		{Text: "CLOSED", FoldCase: true, Events: true}, {Text: "closed", Events: true}, {Text: "10.0.0.2:1003", Events: true}, {Text: "z"},
		{Text: "z", FoldCase: true, Events: true}, {Text: "there is no such thing", Events: true},
	} {
		for _, apart := range []spacing{usual, {bytes: 3000, frames: 50}, apartFew} {
			name := fmt.Sprintf("%+v, %+v", o, apart)
			x := m.index(o, apart)
			st := await(t, m.log, x)
			var want []Frame
			events := int64(0)
			numbers := map[int64]int64{} // by that in the whole list
			for i, f := range every {
				if !wants(t, m.log, o, &f, held[i]) {
					continue
				}
				numbers[f.Number] = int64(len(want) + 1)
				f.Number = int64(len(want) + 1)
				if want = append(want, f); f.Kind != capture.Data {
					events++
				}
			}
			if st.Last != int64(len(want)) || st.Events != events || st.In != all.Stats().In || st.Out != all.Stats().Out {
				t.Fatalf("%s: %+v, want %d listed and %d events", name, st, len(want), events)
			}
			for range 30 {
				if len(want) == 0 {
					break
				}
				from := a.r.IntN(len(want))
				got := make([]Frame, 1+a.r.IntN(70))
				n, err := x.Frames(got, int64(from+1))
				if n != min(len(got), len(want)-from) || (n < len(got)) != errors.Is(err, io.EOF) {
					t.Fatalf("%s: %d frames from %d, %v", name, n, from+1, err)
				}
				for i, f := range got[:n] {
					if diff := same(f, want[from+i]); diff != "" {
						t.Fatalf("%s: %s", name, diff)
					}
				}
			}
			for range 30 {
				f, err := all.Frame(1 + a.r.Int64N(all.Stats().Last))
				if err != nil {
					t.Fatal(err)
				}
				if f.Kind != capture.Data {
					continue
				}
				got, err := x.FrameOf(f.First, f.Start)
				if err != nil || got.Number != numbers[f.Number] || got.Len != f.Len {
					t.Fatalf("%s: the frame of record %d is %+v, %v; want number %d", name, f.First, got, err, numbers[f.Number])
				}
			}
			for _, f := range x.Growing(nil) {
				if !wants(t, m.log, o, &f, whole(t, all, &f)) {
					t.Errorf("%s: %+v grows", name, f)
				}
			}
		}
	}
}

// wants reports whether a frame or an event is one of those asked for.
func wants(t *testing.T, l *capture.Log, o Options, f *Frame, b []byte) bool {
	t.Helper()
	if f.Kind != capture.Data && !o.Events || o.Dirs != 0 && o.Dirs>>f.Dir&1 == 0 {
		return false
	}
	switch {
	case len(o.Hex) > 0:
		return f.Kind == capture.Data && bytes.Contains(b, o.Hex)
	case o.Text == "":
		return true
	}
	if f.Kind != capture.Data {
		r, err := l.Record(f.First)
		if err != nil || r.Kind != f.Kind || !r.Time.Equal(f.Time) {
			t.Fatalf("record %d is %+v, %v, and the event %+v", f.First, r, err, f)
		}
		b = []byte(r.Note)
	}
	hay, needle := string(b), o.Text
	peer := f.Flow.Remote.String()
	if !f.Flow.Remote.IsValid() {
		peer = ""
	}
	if o.FoldCase {
		hay, needle = string(asciiLower(hay)), string(asciiLower(needle))
	}
	return strings.Contains(hay, needle) || strings.Contains(peer, needle)
}

func TestAnEventStandsBehindTheFramesThatEndWithIt(t *testing.T) {
	m := newModel(t, capture.Options{}, LF, LF)
	x := m.index(Options{Events: true}, usual)
	opened(m, one)
	m.append(one, capture.In, capture.Data, []byte("whole\ncut"))
	m.append(one, capture.In, capture.Note, nil)
	m.append(one, capture.In, capture.Close, nil)
	m.append(one, capture.Out, capture.Reset, nil)
	await(t, m.log, x)
	var got []string
	for _, f := range frames(t, x) {
		if f.Kind != capture.Data {
			got = append(got, fmt.Sprintf("%s %d", f.Kind, f.First))
			continue
		}
		got = append(got, fmt.Sprintf("%q", whole(t, x, &f)))
	}
	if want := `open 1 open 2 "whole\n" note 4 "cut" close 5 reset 6`; strings.Join(got, " ") != want {
		t.Errorf("listed are %s, want %s", strings.Join(got, " "), want)
	}
	if st := x.Stats(); st.Events != 5 || st.In != 2 {
		t.Errorf("%+v", st)
	}
	for record, want := range map[int64]int64{1: 1, 3: 3, 4: 4, 5: 5, 6: 7, 7: 8} {
		if n, err := x.IndexOf(record); n != want || err != nil {
			t.Errorf("record %d is listed from number %d on, %v; want %d", record, n, err, want)
		}
	}
}

func TestAFrameIsFoundByTextThatReadsCut(t *testing.T) {
	m := newModel(t, capture.Options{}, parsed(t, "u16be"), LF)
	x := m.index(Options{Text: "needle"}, usual)
	opened(m, one)
	two := testFlow(capture.TCP, 2)
	opened(m, two)
	for _, p := range []string{"\x00\x08xxnee", "dle\x00\x07nee", "dl\x00e\x00\x06", "needle\x00\x09needle.."} {
		m.append(one, capture.In, capture.Data, []byte(p))
		m.append(two, capture.In, capture.Data, []byte("needl")) // an oversize length, of another connection
	}
	await(t, m.log, x)
	wantTold(t, x, `1 in "xxneedle"`, `2 in "needle"`, `0 in "needle.." growing: 10 of 11 bytes`)
}

// BenchmarkFilter goes through a GiB for a thousand frames.
func BenchmarkFilter(b *testing.B) {
	f := LF
	stream := benchStream(f, 80)
	l := benchLog(b, stream, 1<<30, 1460, 1)
	for i := range 1000 { // and a few others, in their own direction
		l.Append(benchFlow(0), capture.Out, capture.Data, fmt.Appendf(nil, "needle %d\n", i), "")
	}
	if err := l.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
	for _, o := range []Options{{Dirs: capture.DirOut}, {Text: "needle"}, {Text: "NEEDLE", FoldCase: true}, {Text: "é", FoldCase: true}} {
		b.Run(fmt.Sprintf("%+v", o), func(b *testing.B) {
			o.In, o.Out = f, f
			b.SetBytes(1 << 30)
			for b.Loop() {
				x, err := NewIndex(l, o)
				if err != nil {
					b.Fatal(err)
				}
				<-x.Ready()
				x.Close()
			}
		})
	}
}
