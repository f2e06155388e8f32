package app

import (
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// readFonts reads the fonts that the first picture needs beside the UI
// goroutine, which waits for the display meanwhile: each of the two takes some
// 30 ms. Until wait has returned nothing else may measure or draw text,
// because Fyne's font caches have no locks; making a window does neither.
func readFonts() (wait func()) {
	var reading sync.WaitGroup
	size := theme.TextSize()
	reading.Go(func() {
		for _, style := range []fyne.TextStyle{{}, {Bold: true}} {
			fyne.MeasureText("W", size, style)
		}
	})
	return reading.Wait
}
