package grid

import (
	"fmt"
	"image"
	"image/color"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

// numbers is a source of n rows that say their own number.
type numbers struct {
	n, from int64
	salt    int // changes every row
	asked   int // rows asked for
	only    int64
}

func (s *numbers) Rows() int64  { return s.n }
func (s *numbers) First() int64 { return s.from }
func (s *numbers) Row(n int64, cells []Cell) []Cell {
	s.asked++
	salt := s.salt
	if s.only > 0 && n != s.only {
		salt = 0
	}
	return AppendText(cells, fmt.Sprintf("%016x row %d", n, salt), Cell{})
}

// shown puts a grid of the given size into a test window.
func shown(t testing.TB, src Source, scale float32, w, h float32) (*Grid, fyne.Window) {
	t.Helper()
	test.NewTempApp(t)
	win := test.NewTempWindow(t, nil)
	win.SetPadded(false)
	win.Canvas().(interface{ SetScale(float32) }).SetScale(scale)
	g := New(src)
	win.SetContent(g)
	win.Resize(fyne.NewSize(w, h))
	frame(g)
	return g, win
}

// frame paints what is to be painted, as the driver would.
func frame(g *Grid) painted {
	w, h := pixels(g)
	if g.view.stale(g.Size()) {
		g.generate(w, h)
	}
	return g.paintAll(w, h)
}

func pixels(g *Grid) (int, int) {
	return round(g.Size().Width * g.metrics.scale), round(g.Size().Height * g.metrics.scale)
}

func snapshot(g *Grid) *image.RGBA {
	c := *g.paint.img
	c.Pix = append([]uint8(nil), c.Pix...)
	return &c
}

// fresh paints the same state from nothing.
func fresh(g *Grid) *image.RGBA {
	old := g.paint
	defer func() { g.paint = old }()
	g.paint = painter{}
	w, h := pixels(g)
	g.paintAll(w, h)
	return g.paint.img
}

func mustMatchFresh(t *testing.T, g *Grid) {
	t.Helper()
	frame(g)
	a, b := g.paint.img, fresh(g)
	for i := range a.Pix {
		if a.Pix[i] != b.Pix[i] {
			p := i / 4
			t.Fatalf("pixel %d,%d is %v, painted from nothing it is %v", p%a.Rect.Dx(), p/a.Rect.Dx(), a.Pix[i&^3:i&^3+4], b.Pix[i&^3:i&^3+4])
		}
	}
}

func TestOnlyTheVisibleRowsAreAskedFor(t *testing.T) {
	src := &numbers{n: 1 << 40}
	g, _ := shown(t, src, 1, 400, 300)
	src.asked = 0
	g.Update()
	if limit := g.VisibleRows() + 1; src.asked > limit {
		t.Errorf("asked for %d rows, %d are visible", src.asked, limit)
	}
}

func TestAnUpdateWithoutAChangePaintsAndRefreshesNothing(t *testing.T) {
	g, win := shown(t, &numbers{n: 1000}, 1, 400, 300)
	win.Canvas().Capture()
	g.Update()
	if g.dirty() {
		t.Error("the grid wants to be painted again")
	}
	if st := frame(g); st != (painted{}) {
		t.Errorf("painted %+v", st)
	}
}

func TestAChangedRowAloneIsPainted(t *testing.T) {
	src := &numbers{n: 1000, only: 3}
	g, _ := shown(t, src, 1, 400, 300)
	src.salt++
	g.Update()
	if !g.dirty() {
		t.Fatal("the change went unnoticed")
	}
	if st := frame(g); st.rows != 1 {
		t.Errorf("painted %d rows", st.rows)
	}
	mustMatchFresh(t, g)
}

func TestScrollingByARowMovesThePixelsAndPaintsTheNewRowsOnly(t *testing.T) {
	for _, scale := range []float32{1, 1.5, 2} {
		g, _ := shown(t, &numbers{n: 1 << 40}, scale, 400, 307)
		g.ScrollToTop(1000)
		frame(g)
		for _, d := range []int64{1, -1, 2, -3, 5, -4} {
			g.scrollBy(d)
			if st := frame(g); st.moved != int(d) || st.rows > int(max(d, -d))+1 {
				t.Errorf("scale %v: scrolled by %d: %+v", scale, d, st)
			}
			mustMatchFresh(t, g)
		}
		g.scrollBy(1 << 30)
		mustMatchFresh(t, g)
	}
}

func TestRowsBeyondAnInt32StayExact(t *testing.T) {
	const rows = 1 << 40
	g, _ := shown(t, &numbers{n: rows}, 1, 400, 300)
	g.ScrollToTop(rows / 3)
	for i := int64(1); i <= 5; i++ {
		g.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
		if g.Top() != rows/3+i {
			t.Fatalf("after %d steps down the top is %d", i, g.Top())
		}
	}
	g.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEnd})
	if want := int64(rows) - int64(g.VisibleRows()); g.Top() != want || !g.Following() {
		t.Errorf("End leads to %d, want %d; following: %v", g.Top(), want, g.Following())
	}
	var tapped int64
	g.OnTapped = func(row int64, _ int, _ fyne.KeyModifier) { tapped = row }
	mouseDown(g, fyne.NewPos(50, float32(g.VisibleRows())*g.CellSize().Height-3))
	if tapped != rows-1 {
		t.Errorf("the last row answers to %d", tapped)
	}
	g.TypedKey(&fyne.KeyEvent{Name: fyne.KeyHome})
	if g.Top() != 0 || g.Following() {
		t.Errorf("Home leads to %d; following: %v", g.Top(), g.Following())
	}
}

func TestFollowingKeepsToTheEndUntilThePersonScrollsUp(t *testing.T) {
	src := &numbers{n: 1000}
	g, _ := shown(t, src, 1, 400, 300)
	g.SetFollow(true)
	atEnd := func() bool { return g.Top() == src.n-int64(g.VisibleRows()) }
	if !atEnd() {
		t.Fatal("does not show the end")
	}
	src.n += 17
	g.Update()
	if !atEnd() {
		t.Error("did not follow")
	}
	wheel(g, 25)
	top := g.Top()
	src.n += 17
	g.Update()
	if g.Following() || g.Top() != top {
		t.Errorf("scrolled up, following is %v and the top moved from %d to %d", g.Following(), top, g.Top())
	}
	for range 20 {
		wheel(g, -25)
	}
	src.n++
	g.Update()
	if !g.Following() || !atEnd() {
		t.Error("scrolling to the end did not resume following")
	}
}

// listener is a window's canvas that hears shortcuts, which the test driver's does not.
type listener struct {
	fyne.Canvas
	fyne.ShortcutHandler
}

func (l *listener) AddShortcut(s fyne.Shortcut, f func(fyne.Shortcut)) {
	l.ShortcutHandler.AddShortcut(s, f)
}
func (l *listener) RemoveShortcut(s fyne.Shortcut) { l.ShortcutHandler.RemoveShortcut(s) }

func TestAShortcutTheGridHasNoUseForReachesTheWindow(t *testing.T) {
	s := &desktop.CustomShortcut{KeyName: fyne.KeyT, Modifier: fyne.KeyModifierControl}
	c := &listener{}
	reached := false
	c.AddShortcut(s, func(fyne.Shortcut) { reached = true })
	forward(c, s)
	if !reached {
		t.Error("the window's shortcut was swallowed")
	}
	forward(nil, s) // outside a window
}

func TestSidewaysScrolling(t *testing.T) {
	src := &numbers{n: 1000}
	g, _ := shown(t, src, 1, 400, 300)
	if g.horizontal().shown {
		t.Fatal("a bar without need")
	}
	rows := g.VisibleRows()
	g.Columns = 200
	g.Refresh()
	if !g.horizontal().shown || g.VisibleRows() > rows {
		t.Fatalf("bar %v, rows %d", g.horizontal().shown, g.VisibleRows())
	}
	g.ScrollToColumn(150, 3)
	if g.Left() > 150 || g.Left()+g.VisibleColumns() < 153 {
		t.Errorf("columns %d to %d are visible", g.Left(), g.Left()+g.VisibleColumns())
	}
	g.ScrollToColumn(0, 1)
	if g.Left() != 0 {
		t.Errorf("left is %d", g.Left())
	}
	y := g.Size().Height - 5
	mouseDown(g, fyne.NewPos(5, y))
	dragTo(g, fyne.NewPos(500, y))
	if g.Left() != 200-g.VisibleColumns() {
		t.Errorf("dragged to the end: left is %d", g.Left())
	}
	g.DragEnd()
	mustMatchFresh(t, g)
}

func TestRowsGivenUpWhileVisibleStayUntilThePersonScrolls(t *testing.T) {
	src := &numbers{n: 1000}
	g, _ := shown(t, src, 1, 400, 300)
	g.ScrollToTop(100)
	src.from = 500
	g.Update()
	if g.Top() != 100 {
		t.Errorf("the view jumped to %d", g.Top())
	}
	g.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	if g.Top() != 500 {
		t.Errorf("a step down leads to %d, want the first row there is, 500", g.Top())
	}
	g.TypedKey(&fyne.KeyEvent{Name: fyne.KeyHome})
	if g.Top() != 500 {
		t.Errorf("Home leads to %d", g.Top())
	}
}

func TestAShorterSourceKeepsTheViewWithinIt(t *testing.T) {
	src := &numbers{n: 1000}
	g, _ := shown(t, src, 1, 400, 300)
	g.ScrollToTop(900)
	src.n = 5
	g.Update()
	if g.Top() != 0 {
		t.Errorf("top is %d", g.Top())
	}
	mustMatchFresh(t, g)
	src.n = 0
	g.Hint = "nothing"
	g.Update()
	mustMatchFresh(t, g)
	g.OnTapped = func(int64, int, fyne.KeyModifier) { t.Error("a row that is not there was tapped") }
	mouseDown(g, fyne.NewPos(50, 50))
	src.n = 3
	g.Update()
	mustMatchFresh(t, g)
}

func TestOnScrolledIsCalledOncePerChange(t *testing.T) {
	g, _ := shown(t, &numbers{n: 1000}, 1, 400, 300)
	n := 0
	g.OnScrolled = func() { n++; g.Update() }
	g.ScrollTo(500)
	g.ScrollTo(500)
	g.Update()
	if n != 1 {
		t.Errorf("called %d times", n)
	}
	g.SetFollow(true)
	if n != 2 {
		t.Errorf("called %d times after following began", n)
	}
}

func TestScrollToMovesNoFurtherThanNeeded(t *testing.T) {
	g, _ := shown(t, &numbers{n: 1000}, 1, 400, 300)
	n := int64(g.VisibleRows())
	g.ScrollTo(n - 1)
	if g.Top() != 0 {
		t.Errorf("a visible row moved the view to %d", g.Top())
	}
	g.ScrollTo(n)
	if g.Top() != 1 {
		t.Errorf("the row below moved the view to %d", g.Top())
	}
	g.ScrollTo(0)
	if g.Top() != 0 {
		t.Errorf("row 0 moved the view to %d", g.Top())
	}
}

func TestThePixelsFollowThemeScaleAndTextSize(t *testing.T) {
	g, win := shown(t, &numbers{n: 1000}, 1, 400, 300)
	test.ApplyTheme(t, fixedTheme{theme.VariantLight, 14})
	g.Refresh()
	mustMatchFresh(t, g)
	light := snapshot(g)
	test.ApplyTheme(t, fixedTheme{theme.VariantDark, 14})
	g.Refresh()
	mustMatchFresh(t, g)
	if light.Pix[len(light.Pix)-4] == g.paint.img.Pix[len(light.Pix)-4] {
		t.Error("the background did not change with the theme")
	}
	cell := g.CellSize()
	win.Canvas().(interface{ SetScale(float32) }).SetScale(2)
	g.Update()
	w, h := pixels(g)
	g.generate(w, h)
	if g.metrics.scale != 2 || g.paint.img.Rect.Dx() != 800 {
		t.Errorf("scale is %v, the picture %d pixels wide", g.metrics.scale, g.paint.img.Rect.Dx())
	}
	if d := g.CellSize().Width - cell.Width; d > 0.6 || d < -0.6 {
		t.Errorf("a cell is %v wide at scale 2, %v at scale 1", g.CellSize().Width, cell.Width)
	}
	mustMatchFresh(t, g)
	test.ApplyTheme(t, fixedTheme{theme.VariantDark, 20})
	g.Refresh()
	if g.CellSize().Width < cell.Width*1.3 {
		t.Errorf("larger text gives a cell of %v, before it was %v", g.CellSize(), cell)
	}
	mustMatchFresh(t, g)
}

// fixedTheme is Fyne's own theme in one variant and text size.
type fixedTheme struct {
	variant  fyne.ThemeVariant
	textSize float32
}

func (f fixedTheme) Color(n fyne.ThemeColorName, _ fyne.ThemeVariant) color.Color {
	return theme.DefaultTheme().Color(n, f.variant)
}
func (f fixedTheme) Font(s fyne.TextStyle) fyne.Resource     { return theme.DefaultTheme().Font(s) }
func (f fixedTheme) Icon(n fyne.ThemeIconName) fyne.Resource { return theme.DefaultTheme().Icon(n) }
func (f fixedTheme) Size(n fyne.ThemeSizeName) float32 {
	if n == theme.SizeNameText {
		return f.textSize
	}
	return theme.DefaultTheme().Size(n)
}

func TestANewRendererShowsWhatWasPainted(t *testing.T) {
	g, _ := shown(t, &numbers{n: 1000}, 1, 400, 300)
	g.ScrollTo(500)
	frame(g)
	before := snapshot(g)
	g.CreateRenderer().Destroy()
	r := g.CreateRenderer()
	r.Layout(g.Size())
	img := r.Objects()[0].(interface{ Size() fyne.Size })
	if img.Size() != g.Size() {
		t.Errorf("the picture is %v", img.Size())
	}
	w, h := pixels(g)
	if string(g.generate(w, h).(*image.RGBA).Pix) != string(before.Pix) {
		t.Error("the picture changed")
	}
}

func TestASizeBetweenPixelsIsBroughtDownToWholeOnes(t *testing.T) {
	for _, c := range []struct{ scale, given, want float32 }{{1, 200.52, 200}, {1, 199.999, 200}, {2, 200.52, 200.5}, {1.5, 200.5, 200}} {
		g, _ := shown(t, &numbers{n: 100}, c.scale, 300, 300)
		g.Resize(fyne.NewSize(c.given, c.given))
		if got := g.Size(); got.Width != c.want || got.Height != c.want {
			t.Errorf("at scale %v, %v became %v, want %v", c.scale, c.given, got, c.want)
		}
	}
}
