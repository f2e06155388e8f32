package grid

import (
	"fmt"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
)

func mouseDown(g *Grid, p fyne.Position) {
	g.MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: p}, Button: desktop.MouseButtonPrimary})
}

func mouseUp(g *Grid, p fyne.Position) {
	g.MouseUp(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: p}, Button: desktop.MouseButtonPrimary})
}

func dragTo(g *Grid, p fyne.Position) {
	g.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: p}})
}

func wheel(g *Grid, dy float32) { g.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.Delta{DY: dy}}) }

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

// headed shows a grid with a header row and returns the header's height too.
func headed(t *testing.T, src Source) (*Grid, float32) {
	g, _ := shown(t, src, 1, 400, 300)
	g.HeaderLine = AppendText(nil, "0123456789", Cell{})
	g.Refresh()
	frame(g)
	return g, g.body().y
}

func TestAPressOnTheHeaderTellsTheColumnAndTouchesNoRow(t *testing.T) {
	g, head := headed(t, &numbers{n: 1000})
	g.Columns = 200
	g.Refresh()
	g.scrollSideways(5)
	var got []string
	g.OnHeaderTapped = func(col int, mods fyne.KeyModifier) { got = append(got, fmt.Sprintf("%d+%d", col, mods)) }
	g.OnTapped = func(int64, int, fyne.KeyModifier) { t.Error("a row was tapped") }
	g.OnDoubleTapped = g.OnTapped
	g.OnDragged = func(int64, int) { t.Error("rows were dragged over") }
	at := fyne.NewPos(g.body().x+2.5*g.CellSize().Width, head/2)
	mouseDown(g, at)
	mouseDown(g, at) // a second press is not swallowed as half of a double one
	dragTo(g, fyne.NewPos(at.X, 200))
	g.DragEnd()
	g.MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: at}, Button: desktop.MouseButtonPrimary, Modifier: fyne.KeyModifierShift})
	if want := fmt.Sprintf("[7+0 7+0 7+%d]", fyne.KeyModifierShift); fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
	if g.Top() != 0 {
		t.Errorf("the header was dragged and the rows scrolled to %d", g.Top())
	}
	g.OnHeaderTapped = nil
	mouseDown(g, at)
}

func TestAHeaderWithoutRowsCanBeTapped(t *testing.T) {
	g, head := headed(t, &numbers{})
	col := -1
	g.OnHeaderTapped = func(c int, _ fyne.KeyModifier) { col = c }
	mouseDown(g, fyne.NewPos(g.body().x+1, head-1))
	if col != 0 {
		t.Errorf("column %d", col)
	}
	col = -1
	mouseDown(g, fyne.NewPos(g.body().x+1, head+1))
	if col != -1 {
		t.Error("a press below the header counted for it")
	}
}

func TestAPressOnTheHeaderIsNotTheFirstOfADoubleOne(t *testing.T) {
	g, head := headed(t, &numbers{n: 1000})
	now := time.Unix(1000, 0)
	g.now = func() time.Time { return now }
	taps := 0
	g.OnTapped = func(int64, int, fyne.KeyModifier) { taps++ }
	g.OnDoubleTapped = func(int64, int, fyne.KeyModifier) { t.Error("a double tap") }
	row := fyne.NewPos(g.body().x+1, head+2)
	mouseDown(g, row)
	mouseDown(g, fyne.NewPos(row.X, head/2))
	mouseDown(g, row)
	if taps != 2 {
		t.Errorf("%d taps", taps)
	}
}

func TestTheHandPointsAtAHeaderThatCanBeTapped(t *testing.T) {
	g, head := headed(t, &numbers{n: 1000})
	g.Pointer = desktop.TextCursor
	over := func(x, y float32) desktop.Cursor {
		g.MouseMoved(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(x, y)}})
		return g.Cursor()
	}
	if c := over(50, head/2); c != desktop.TextCursor {
		t.Errorf("without a use for it: %v", c)
	}
	g.OnHeaderTapped = func(int, fyne.KeyModifier) {}
	if c := over(50, head/2); c != desktop.PointerCursor {
		t.Errorf("over the header: %v", c)
	}
	if c := over(50, head+1); c != desktop.TextCursor {
		t.Errorf("over the rows: %v", c)
	}
	if c := over(g.Size().Width-3, head/2); c != desktop.DefaultCursor {
		t.Errorf("over the bar: %v", c)
	}
	over(50, head/2)
	g.MouseOut()
	if g.onHeader {
		t.Error("the pointer left and still is over the header")
	}
}

func TestASecondaryClickOnAHeaderThatCanBeTappedIsOnNoRow(t *testing.T) {
	g, head := headed(t, &numbers{n: 1000})
	var got []int64
	g.OnMenu = func(row int64, _ int, _ fyne.Position) { got = append(got, row) }
	test.TapSecondaryAt(g, fyne.NewPos(30, head/2))
	g.OnHeaderTapped = func(int, fyne.KeyModifier) {}
	test.TapSecondaryAt(g, fyne.NewPos(30, head/2))
	test.TapSecondaryAt(g, fyne.NewPos(30, head+1))
	if fmt.Sprint(got) != "[0 -1 0]" {
		t.Errorf("rows %v", got)
	}
}
