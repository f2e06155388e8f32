package widgets

import (
	"testing"

	"fyne.io/fyne/v2/canvas"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// rasterOf returns the picture within the view, to be painted as a window would.
func rasterOf(v *HexView) *canvas.Raster {
	for _, o := range test.WidgetRenderer(v.grid).Objects() {
		if r, ok := o.(*canvas.Raster); ok {
			return r
		}
	}
	panic("the grid has no raster")
}

// benchmarkHexFrame follows a growing capture: every frame scrolls and reads.
func benchmarkHexFrame(b *testing.B, bytes int64) {
	src := &fakeBytes{size: 1 << 10}
	src.records = bytes / src.size
	v := shownHex(b, src, 760, 880)
	v.SetFollow(true)
	r := rasterOf(v)
	w, h := int(r.Size().Width), int(r.Size().Height)
	b.ReportAllocs()
	for b.Loop() {
		src.records++
		src.version++
		v.Update()
		r.Generator(w, h)
	}
}

func BenchmarkHexFrame1MiB(b *testing.B) { benchmarkHexFrame(b, 1<<20) }
func BenchmarkHexFrame8GiB(b *testing.B) { benchmarkHexFrame(b, 8<<30) }

// BenchmarkHexIdle is an update of a visible view with nothing new.
func BenchmarkHexIdle(b *testing.B) {
	v := shownHex(b, &fakeBytes{size: 1 << 10, records: 8 << 20}, 760, 880)
	for b.Loop() {
		v.Update()
	}
}

// BenchmarkHexCursor moves the cursor by a byte within 8 GiB.
func BenchmarkHexCursor(b *testing.B) {
	v := shownHex(b, &fakeBytes{size: 1 << 10, records: 8 << 20}, 760, 880)
	v.GoTo(4 << 30)
	r := rasterOf(v)
	w, h := int(r.Size().Width), int(r.Size().Height)
	for b.Loop() {
		v.grid.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
		r.Generator(w, h)
	}
}
