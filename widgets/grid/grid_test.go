package grid

import (
	"fmt"
	"image"
	"testing"
	"time"

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

func mouseDown(g *Grid, p fyne.Position) {
	g.MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: p}, Button: desktop.MouseButtonPrimary})
}

func mouseUp(g *Grid, p fyne.Position) {
	g.MouseUp(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: p}, Button: desktop.MouseButtonPrimary})
}

func dragTo(g *Grid, p fyne.Position) {
	g.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: p}})
}

func TestTheScrollBarReachesEveryPartOfATrillionRows(t *testing.T) {
	const rows = 1 << 40
	g, _ := shown(t, &numbers{n: rows}, 1, 400, 300)
	limit := g.maxTop()
	x := g.Size().Width - 5
	mouseDown(g, fyne.NewPos(x, 5))
	if g.dragging != dragVertical {
		t.Fatal("the thumb was not taken hold of")
	}
	dragTo(g, fyne.NewPos(x, 5000))
	if g.Top() != limit || !g.Following() {
		t.Errorf("dragged to the end: top %d of %d, following %v", g.Top(), limit, g.Following())
	}
	dragTo(g, fyne.NewPos(x, 5+float32(g.vertical().span())/thumbUnit/2))
	if d := g.Top() - limit/2; d < -limit/1000 || d > limit/1000 {
		t.Errorf("dragged to the middle: top %d, want about %d", g.Top(), limit/2)
	}
	if g.Following() {
		t.Error("dragged up and still following")
	}
	dragTo(g, fyne.NewPos(x, 5))
	if g.Top() != 0 {
		t.Errorf("dragged back to where it began: top %d", g.Top())
	}
	mouseUp(g, fyne.NewPos(x, 5))
	g.DragEnd()

	g.ScrollToTop(123456789012)
	v := g.vertical()
	y := v.start + float32(v.pos)/thumbUnit + 3
	mouseDown(g, fyne.NewPos(x, y))
	dragTo(g, fyne.NewPos(x, y+40))
	dragTo(g, fyne.NewPos(x, y))
	if g.Top() != 123456789012 {
		t.Errorf("a drag that came back ended at %d", g.Top())
	}
	g.DragEnd()
}

func TestAPressBesideTheThumbPages(t *testing.T) {
	g, _ := shown(t, &numbers{n: 100000}, 1, 400, 300)
	x := g.Size().Width - 5
	mouseDown(g, fyne.NewPos(x, 290))
	mouseUp(g, fyne.NewPos(x, 290))
	if want := int64(g.VisibleRows() - 1); g.Top() != want {
		t.Errorf("paged down to %d, want %d", g.Top(), want)
	}
	mouseDown(g, fyne.NewPos(x, 3))
	if g.Top() != int64(g.VisibleRows()-1) {
		t.Error("a press on the thumb moved it")
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

func wheel(g *Grid, dy float32) { g.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.Delta{DY: dy}}) }

func TestANotchOfTheWheelIsThreeRowsAndSmallMovementsAddUp(t *testing.T) {
	g, _ := shown(t, &numbers{n: 1000}, 1, 400, 300)
	wheel(g, -25)
	if g.Top() != 3 {
		t.Errorf("a notch led to row %d", g.Top())
	}
	for range 10 {
		wheel(g, -2.5)
	}
	if g.Top() < 5 || g.Top() > 6 {
		t.Errorf("ten tenths of a notch led from 3 to row %d", g.Top())
	}
}

func TestKeys(t *testing.T) {
	src := &numbers{n: 1000}
	g, _ := shown(t, src, 1, 400, 300)
	page := int64(g.VisibleRows() - 1)
	for _, step := range []struct {
		key  fyne.KeyName
		want int64
	}{
		{fyne.KeyUp, 0}, {fyne.KeyDown, 1}, {fyne.KeyPageDown, 1 + page}, {fyne.KeyPageUp, 1},
		{fyne.KeyEnd, 1000 - page - 1}, {fyne.KeyDown, 1000 - page - 1}, {fyne.KeyHome, 0},
	} {
		g.TypedKey(&fyne.KeyEvent{Name: step.key})
		if g.Top() != step.want {
			t.Errorf("%s leads to %d, want %d", step.key, g.Top(), step.want)
		}
	}
	g.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyEnd, Modifier: fyne.KeyModifierShortcutDefault})
	if g.Top() != 1000-page-1 {
		t.Error("Ctrl+End did not lead to the end")
	}
}

func TestOnKeyComesFirstAndSeesShortcutsAndModifiers(t *testing.T) {
	g, _ := shown(t, &numbers{n: 1000}, 1, 400, 300)
	var seen []string
	take := true
	g.OnKey = func(ev *fyne.KeyEvent, mods fyne.KeyModifier) bool {
		seen = append(seen, fmt.Sprintf("%s+%d", ev.Name, mods))
		return take
	}
	g.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	g.KeyDown(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	g.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	g.KeyUp(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	g.TypedShortcut(&fyne.ShortcutCopy{})
	if g.Top() != 0 {
		t.Error("a key that was taken scrolled all the same")
	}
	want := fmt.Sprintf("[Down+0 Down+%d C+%d]", fyne.KeyModifierShift, fyne.KeyModifierShortcutDefault)
	if got := fmt.Sprint(seen); got != want {
		t.Errorf("saw %s, want %s", got, want)
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

func TestASecondPressOnTheSameCellIsADoubleTap(t *testing.T) {
	g, _ := shown(t, &numbers{n: 1000}, 1, 400, 300)
	now := time.Unix(1000, 0)
	g.now = func() time.Time { return now }
	var got string
	g.OnTapped = func(row int64, col int, _ fyne.KeyModifier) { got += fmt.Sprintf("tap %d,%d ", row, col) }
	g.OnDoubleTapped = func(row int64, col int, _ fyne.KeyModifier) { got += fmt.Sprintf("double %d,%d ", row, col) }
	b, c := g.body(), g.CellSize()
	at := func(row, col int) fyne.Position {
		return fyne.NewPos(b.x+(float32(col)+0.5)*c.Width, b.y+(float32(row)+0.5)*c.Height)
	}
	mouseDown(g, at(2, 7))
	mouseDown(g, at(2, 7))
	mouseDown(g, at(2, 7)) // a first again
	mouseDown(g, at(2, 8))
	now = now.Add(time.Minute)
	mouseDown(g, at(2, 8))
	if want := "tap 2,7 double 2,7 tap 2,7 tap 2,8 tap 2,8 "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestADragBeyondTheEdgeScrolls(t *testing.T) {
	g, _ := shown(t, &numbers{n: 1000}, 1, 400, 300)
	var last int64
	ended := false
	g.OnDragged = func(row int64, _ int) { last = row }
	g.OnDragEnd = func() { ended = true }
	mouseDown(g, fyne.NewPos(50, 50))
	dragTo(g, fyne.NewPos(50, 100))
	if g.Top() != 0 || last != int64((100)/g.CellSize().Height) {
		t.Errorf("inside: top %d, row %d", g.Top(), last)
	}
	dragTo(g, fyne.NewPos(50, 305))
	dragTo(g, fyne.NewPos(50, 305))
	if g.Top() != 2 || last < int64(g.VisibleRows())+1 {
		t.Errorf("below: top %d, row %d", g.Top(), last)
	}
	dragTo(g, fyne.NewPos(50, -1))
	if g.Top() != 1 || last != 1 {
		t.Errorf("above: top %d, row %d", g.Top(), last)
	}
	g.DragEnd()
	if !ended {
		t.Error("the end was not reported")
	}
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
	test.ApplyTheme(t, theme.LightTheme()) //nolint:staticcheck // the fixed variants are what a test needs
	g.Refresh()
	mustMatchFresh(t, g)
	light := snapshot(g)
	test.ApplyTheme(t, theme.DarkTheme()) //nolint:staticcheck
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

func TestFocusShowsTheRingAndAPressTakesIt(t *testing.T) {
	g, win := shown(t, &numbers{n: 1000}, 1, 400, 300)
	mouseDown(g, fyne.NewPos(50, 50))
	if win.Canvas().Focused() != fyne.Focusable(g) || !g.ring.Visible() {
		t.Error("a press did not take the focus")
	}
	win.Canvas().Unfocus()
	if g.ring.Visible() {
		t.Error("the ring stayed")
	}
}

func TestMenuReportsThePlace(t *testing.T) {
	g, _ := shown(t, &numbers{n: 3}, 1, 400, 300)
	var got int64
	g.OnMenu = func(row int64, _ int, _ fyne.Position) { got = row }
	test.TapSecondaryAt(g, fyne.NewPos(30, 200))
	if got != 2 {
		t.Errorf("below the last row: %d", got)
	}
}
