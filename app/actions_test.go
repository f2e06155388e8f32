package app

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// TestEveryMenuFitsALowScreen holds each menu, opened under the menu bar, to a screen of 700 pixels.
func TestEveryMenuFitsALowScreen(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	const bar, screen = 40, 700
	var fits func(name string, m *fyne.Menu)
	fits = func(name string, m *fyne.Menu) {
		if h := widget.NewMenu(m).MinSize().Height; h > screen-bar {
			t.Errorf("%s is %.0f high", name, h)
		}
		for _, item := range m.Items {
			if item.ChildMenu != nil {
				fits(name+" > "+item.Label, item.ChildMenu)
			}
		}
	}
	for _, m := range menus(menuOrder, w.actions, func(*action) {}).Items {
		fits(m.Label, m)
	}
}
