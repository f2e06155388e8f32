package grid

import (
	"testing"
)

// screen is 75 columns of text, as a hex view has them.
type screen struct{ salt int }

func (s *screen) Rows() int64 { return 1 << 40 }
func (s *screen) Row(n int64, cells []Cell) []Cell {
	const digits = "0123456789abcdef"
	for i := range 75 {
		c := Cell{Rune: rune(digits[(int(n)*7+i+s.salt)&15]), Fg: Colour(i/16) % 4}
		if i%3 == 2 {
			c.Rune = ' '
		}
		cells = append(cells, c)
	}
	return cells
}

// benchGrid shows 45 rows.
func benchGrid(b *testing.B, scale float32) (*Grid, *screen) {
	src := &screen{}
	g, _ := shown(b, src, scale, 640, 100)
	g.Resize(g.Size().AddWidthHeight(0, 45*g.CellSize().Height-100))
	frame(g)
	if g.VisibleRows() != 45 {
		b.Fatalf("%d rows", g.VisibleRows())
	}
	b.ReportAllocs()
	b.ResetTimer()
	return g, src
}

func benchmarkAllRowsChange(b *testing.B, scale float32) {
	g, src := benchGrid(b, scale)
	for b.Loop() {
		src.salt++
		g.Update()
		if st := frame(g); st.rows != 45 {
			b.Fatalf("%d rows were painted", st.rows)
		}
	}
}

func BenchmarkAllRowsChange1x(b *testing.B) { benchmarkAllRowsChange(b, 1) }
func BenchmarkAllRowsChange2x(b *testing.B) { benchmarkAllRowsChange(b, 2) }

func BenchmarkNothingChanged(b *testing.B) {
	g, _ := benchGrid(b, 1)
	for b.Loop() {
		g.Update()
		if g.dirty() {
			b.Fatal("painted")
		}
	}
}

func BenchmarkScrollByOne(b *testing.B) {
	g, _ := benchGrid(b, 1)
	for b.Loop() {
		g.scrollBy(1)
		if st := frame(g); st.moved != 1 || st.rows > 2 {
			b.Fatalf("%+v", st)
		}
	}
}
