package widgets

import (
	"fmt"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
)

func TestAHandingListIsChosenFromByKeysAndNotByThePointerOnItsWay(t *testing.T) {
	var chosen []int
	l := newHandingList(func() int { return 3 }, func(i int) string { return fmt.Sprint("page ", i) }, func(i int) { chosen = append(chosen, i) })
	w := stage(t, l, fyne.NewSize(200, 200))
	l.Select(0)
	hovered := 0
	for _, o := range test.LaidOutObjects(w.Content()) {
		if h, ok := o.(desktop.Hoverable); ok {
			h.MouseIn(&desktop.MouseEvent{})
			h.MouseOut()
			hovered++
		}
	}
	if hovered < 3 || !slices.Equal(chosen, []int{0}) {
		t.Errorf("over %d rows the pointer has chosen %v", hovered, chosen)
	}
	w.Canvas().Focus(l)
	for _, k := range []fyne.KeyName{fyne.KeyUp, fyne.KeyDown, fyne.KeyDown, fyne.KeyDown, fyne.KeyUp} {
		l.TypedKey(&fyne.KeyEvent{Name: k})
	}
	if !slices.Equal(chosen, []int{0, 1, 2, 1}) {
		t.Errorf("the arrows have chosen %v", chosen)
	}
}
