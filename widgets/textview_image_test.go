package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

// TestADocumentLooksAsItDid compares pictures with those in testdata; look at testdata/failed when it fails, and move the
// picture from there when it is right.
func TestADocumentLooksAsItDid(t *testing.T) {
	for _, c := range []struct {
		name    string
		variant fyne.ThemeVariant
		scale   float32
	}{{"light-1", theme.VariantLight, 1}, {"dark-2", theme.VariantDark, 2}} {
		t.Run(c.name, func(t *testing.T) {
			test.NewTempApp(t).Settings().SetTheme(fixedTheme{c.variant})
			v := NewTextView("XML document", "Nothing")
			p := NewSidePanel("XML document", nil, v)
			w := test.NewTempWindow(t, p)
			w.SetPadded(false)
			w.Canvas().(software.WindowlessCanvas).SetScale(c.scale)
			w.Resize(fyne.NewSize(330, 320))
			p.SetNote("Frame 5, from 127.0.0.1:7777, 93 bytes. Not well-formed: line 1, column 75: </b> comes before <a> of line 1 is closed.")
			p.Resize(fyne.NewSize(330, 319))
			w.Resize(fyne.NewSize(330, 320))
			v.SetText("<chat room=\"größe\">\n  <msg from=\"ann\" at=\"12:01\">a text that is longer than there is room</msg>\n  <a>\n</b></chat>", 4)
			v.selectLine(2, false)
			test.AssertImageMatches(t, "document-"+c.name+".png", w.Canvas().Capture())
		})
	}
}
