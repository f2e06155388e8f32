package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

// TestTheHexViewLooksAsItDid compares pictures with those in testdata; look at
// testdata/failed when it fails, and move the picture from there when it is right.
func TestTheHexViewLooksAsItDid(t *testing.T) {
	for _, c := range []struct {
		name    string
		variant fyne.ThemeVariant
		scale   float32
	}{{"light-1", theme.VariantLight, 1}, {"dark-2", theme.VariantDark, 2}} {
		t.Run(c.name, func(t *testing.T) {
			test.NewTempApp(t).Settings().SetTheme(fixedTheme{c.variant})
			text := "HTTP/1.1 200 OK\r\nServer: caf\xe9\r\n\r\n\x00\x01\xfe\xff binary"
			src := &fakeBytes{records: 12, size: 37, at: again(text)}
			v := NewHexView(src)
			w := test.NewTempWindow(t, v)
			w.SetPadded(false)
			w.Canvas().(software.WindowlessCanvas).SetScale(c.scale)
			w.Resize(fyne.NewSize(650, 190))
			src.evicted, src.version = 1, 1 // the first record goes while it is on screen
			v.Update()
			v.SetMatches([]HexRange{{76, 6}})
			v.Highlight(113, 6)
			v.SetSelection(0x31, 0x14)
			v.Focus(w.Canvas())
			test.AssertImageMatches(t, "hexview-"+c.name+".png", w.Canvas().Capture())
		})
	}
}
