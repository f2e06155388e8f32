package app

import (
	"testing"

	"fyne.io/fyne/v2"
)

// A screen of 1920 by 1080 pixels at scale 2 has 960 by 540, and menu and title of the window take some of it.
func TestALowWindowHasRoomForTheComposer(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	const low, high = 500, 800
	tabs := map[string]deskTab{
		"TCP": w.newTCP(""), "TLS": w.newTLS(""), "server": w.newServer(savedTab{}), "UDP": w.newUDP(savedTab{}),
		"practice": practised(t, w, "game"),
	}
	for name, tab := range tabs {
		w.strip.choose(tab)
		for _, height := range []float32{high, low, high} {
			w.win.Resize(fyne.NewSize(960, height))
			w.update()
			w.win.Resize(fyne.NewSize(960, height)) // as panels have made way
			if h := w.win.Content().MinSize().Height; h > height {
				t.Errorf("%s: a window %v high would have to be %v high", name, height, h)
			}
			if c := tab.theDesk().composer; c.Size().Height < c.MinSize().Height {
				t.Errorf("%s: in a window %v high the composer has %v", name, height, c.Size().Height)
			}
			if got, want := tab.view().hexPane.Visible(), height == high; name == "practice" && got != want {
				t.Errorf("%s: in a window %v high the bytes are shown: %v", name, height, got)
			}
		}
	}

	// Where there is no room for both, list and bytes take turns.
	v := tabs["practice"].view()
	w.strip.choose(tabs["practice"])
	w.win.Resize(fyne.NewSize(960, low))
	shows := func(after string, bytes bool) {
		t.Helper()
		w.win.Resize(fyne.NewSize(960, low))
		if v.hexPane.Visible() != bytes || v.listPane.Visible() == bytes {
			t.Errorf("after %s the list is shown: %v, the bytes: %v", after, v.listPane.Visible(), v.hexPane.Visible())
		}
	}
	shows("the beginning", false)
	w.run(t, "Find...")
	shows("Find", true)
	w.run(t, "Filter...")
	shows("Filter", false)
	v.list.Focus(w.win.Canvas())
	w.run(t, "Next pane")
	shows("the next pane", true)
	if !v.hex.HasFocus(w.win.Canvas()) {
		t.Error("the bytes have not got the keyboard")
	}
}
