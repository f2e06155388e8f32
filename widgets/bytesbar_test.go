package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wirebench/sessions/capture"
)

func TestTheBytesBarTellsWhichStreamWasChosen(t *testing.T) {
	wear(t, lightTheme)
	b := NewBytesBar()
	w := test.NewTempWindow(t, b)
	w.Resize(fyne.NewSize(600, 40))
	var got []capture.Stream
	b.OnStream = func(s capture.Stream) { got = append(got, s) }
	for i, want := range []capture.Stream{capture.Both, capture.InOnly, capture.OutOnly} {
		b.SetStream((want + 1) % 3)
		b.streams.Tapped(&fyne.PointEvent{Position: fyne.NewPos(b.streams.width()*(float32(i)+0.5), 5)})
		if len(got) != i+1 || got[i] != want || b.streams.chosen != int(want) {
			t.Fatalf("segment %d told %v and shows %d, want %v", i, got, b.streams.chosen, want)
		}
	}
	b.SetStream(capture.Both)
	if len(got) != 3 {
		t.Error("SetStream called back")
	}
}
