package widgets

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"wirebench/widgets/grid"
)

// rasterIn returns the picture within a grid, to be painted as a window would.
func rasterIn(g *grid.Grid) *canvas.Raster {
	for _, o := range test.WidgetRenderer(g).Objects() {
		if r, ok := o.(*canvas.Raster); ok {
			return r
		}
	}
	panic("the grid has no raster")
}

// benchClients is a list as large as a server's usual bounds allow, on a screen, and twice the rows to show in turn,
// with the busy ones changed.
func benchClients(b *testing.B) (*ClientList, [2][]ClientRow) {
	test.NewTempApp(b)
	l := NewClientList()
	l.CreateRenderer().Layout(fyne.NewSize(1200, 700))
	rows := [2][]ClientRow{someClients(11000, true), someClients(11000, true)}
	for i := range rows[1] {
		if r := &rows[1][i]; r.Rate > 0 {
			r.BytesIn, r.Seen, r.Rate = r.BytesIn+1000, clientsNow, r.Rate*1.1
		}
	}
	return l, rows
}

// BenchmarkSetClients has to stay far below the quarter of a second between two calls.
func BenchmarkSetClients(b *testing.B) {
	for c := range clientColumns {
		b.Run(clientColumnKinds[c].title.English(), func(b *testing.B) {
			l, rows := benchClients(b)
			l.SetSort(c, true)
			l.SetClients(rows[0], clientsNow)
			l.SetClients(rows[1], clientsNow)
			now := clientsNow
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				now = now.Add(250 * time.Millisecond)
				l.SetClients(rows[i%2], now)
			}
		})
	}
}

// BenchmarkSetClientsFiltered looks for words in every row, with all of them selected.
func BenchmarkSetClientsFiltered(b *testing.B) {
	l, rows := benchClients(b)
	l.SetClients(rows[0], clientsNow)
	l.SelectAll()
	l.SetFilter("O=plant open 10.")
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		l.SetClients(rows[i%2], clientsNow)
	}
}

// BenchmarkClientsRepaint paints every row on screen anew, as when the list is scrolled by a page.
func BenchmarkClientsRepaint(b *testing.B) {
	l, rows := benchClients(b)
	l.SetClients(rows[0], clientsNow)
	raster := rasterIn(l.grid)
	raster.Generator(1200, 700)
	b.ReportMetric(float64(l.grid.VisibleRows()), "rows")
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		l.grid.ScrollToTop(int64(i%100) * 100)
		raster.Generator(1200, 700)
	}
}
