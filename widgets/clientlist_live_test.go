package widgets

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// atTop is the number of the client at the top of the screen.
func atTop(l *ClientList) int64 { return l.rows.number(l.grid.Top()) }

func TestTheMiddleOfTheListStaysWhereItIs(t *testing.T) {
	rows := clientsTo(1000)
	l, _ := newTestClients(t, 1000, rows)
	l.SetSort(ColumnIn, true)
	l.grid.ScrollToTop(500)
	was := atTop(l)
	next := clientsTo(1100) // newer ones that sent more come first
	for i := 1000; i < 1100; i++ {
		next[i].BytesIn = 77
	}
	l.SetClients(next, clientsNow)
	if l.grid.Top() != 600 || atTop(l) != was {
		t.Errorf("row %d is at the top with client %d, which was %d", l.grid.Top(), atTop(l), was)
	}
	// the one at the top goes far away, and the others stay
	again := slices.Clone(next)
	again[was-1].BytesIn = 1 << 40
	l.SetClients(again, clientsNow)
	if atTop(l) != was+1 && l.rows.number(l.grid.Top()+1) != was+1 {
		t.Errorf("client %d is at the top, and %d was next", atTop(l), was+1)
	}
	// all of those on screen leave
	l.SetClients(clientsTo(300), clientsNow)
	if l.rows.number(l.grid.Top()) == 0 {
		t.Errorf("row %d of %d is at the top", l.grid.Top(), l.rows.Rows())
	}
}

func TestTheRowThatWasSelectedLastStaysUnderTheEye(t *testing.T) {
	rows := clientsTo(1000)
	l, _ := newTestClients(t, 1000, rows)
	l.SetSort(ColumnRate, true)
	l.grid.ScrollToTop(500)
	l.selectRow(505, false, false)
	chosen := l.rows.number(505)
	for round := range 20 {
		next := clientsTo(1000)
		for i := range next {
			next[i].Rate = float64(rand.IntN(1 << 20))
		}
		next[chosen-1].Rate = 500000 // somewhere in the middle
		l.SetClients(next, clientsNow)
		if row := l.rows.rowOf(chosen); row-l.grid.Top() != 5 {
			t.Fatalf("round %d: the selected row is the %d-th on screen", round, row-l.grid.Top())
		}
	}
	wantNumbers(t, "selected", l.Selected(), chosen)
}

func TestTheBeginningAndTheEndAreKeptToWhileLookedAt(t *testing.T) {
	l, _ := newTestClients(t, 1000, clientsTo(200))
	l.SetSort(ColumnNumber, true)
	l.SetClients(clientsTo(250), clientsNow)
	if atTop(l) != 250 {
		t.Errorf("the newest is 250, and %d is at the top", atTop(l))
	}
	l.SetSort(ColumnNumber, false)
	l.grid.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -100000)})
	l.SetClients(clientsTo(300), clientsNow)
	if last := l.rows.number(l.grid.Top() + int64(l.grid.VisibleRows()) - 1); last != 300 {
		t.Errorf("the newest is 300, and %d is at the bottom", last)
	}
}

func TestAnotherOrderOrFilterIsShownFromItsBeginning(t *testing.T) {
	l, _ := newTestClients(t, 1000, clientsTo(1000))
	l.grid.ScrollToTop(500)
	l.SetSort(ColumnAddress, true)
	if l.grid.Top() != 0 {
		t.Errorf("another order begins with row %d", l.grid.Top())
	}
	l.grid.ScrollToTop(500)
	l.SetFilter("127")
	if l.grid.Top() != 0 {
		t.Errorf("another filter begins with row %d", l.grid.Top())
	}
	l.Select([]int64{500})
	l.SetFilter("open")
	if row := l.rows.rowOf(500); row < l.grid.Top() || row >= l.grid.Top()+int64(l.grid.VisibleRows()) {
		t.Errorf("the selected client is in row %d, and the list begins with row %d", row, l.grid.Top())
	}
}

func TestARowSelectedNearTheEndStaysWhileClientsCome(t *testing.T) {
	l, _ := newTestClients(t, 1000, clientsTo(200))
	l.grid.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -100000)})
	clientClick(l, 4, 0)
	top := l.grid.Top()
	l.SetClients(clientsTo(300), clientsNow)
	if l.grid.Top() != top || l.grid.Following() {
		t.Errorf("the list went from row %d to %d, following %v", top, l.grid.Top(), l.grid.Following())
	}
}

func TestRowsThatComeBeforeDoNotMakeTheListKeepToItsEnd(t *testing.T) {
	l, _ := newTestClients(t, 1000, clientsTo(200))
	l.SetSort(ColumnNumber, true)
	l.grid.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -100000)})
	clientClick(l, 4, 0)
	l.SetClients(clientsTo(300), clientsNow)
	if last := l.rows.number(l.grid.Top() + int64(l.grid.VisibleRows()) - 1); last != 1 || l.grid.Following() {
		t.Errorf("client %d is at the bottom, following %v", last, l.grid.Following())
	}
}

func TestTheSelectionSurvivesSortingFilteringAndNewRows(t *testing.T) {
	l, _ := newTestClients(t, 1000, clientsTo(50))
	told := 0
	l.OnSelect = func() { told++ }
	l.Select([]int64{40, 7, 7, 999, 12})
	wantNumbers(t, "selected", l.Selected(), 7, 12, 40)
	l.Select([]int64{40, 12, 7}) // is no change
	l.SetSort(ColumnAddress, true)
	l.SetFilter("#12")
	wantNumbers(t, "behind a filter", l.Selected(), 7, 12, 40)
	if n := l.SelectedShown(); n != 1 {
		t.Errorf("%d of them can be seen", n)
	}
	l.SetFilter("")
	l.SetClients(clientsTo(80), clientsNow)
	wantNumbers(t, "among more", l.Selected(), 7, 12, 40)
	if told != 1 {
		t.Errorf("OnSelect was called %d times for one change", told)
	}
	l.SetClients(clientsTo(20), clientsNow)
	wantNumbers(t, "after some are no longer listed", l.Selected(), 7, 12)
	if told != 2 {
		t.Errorf("OnSelect was called %d times for two changes", told)
	}
	got := l.Selected()
	got[0] = 99
	wantNumbers(t, "the list's own", l.Selected(), 7, 12)
}

// clientClick presses the primary button on the i-th row on screen.
func clientClick(l *ClientList, i int, mods fyne.KeyModifier) {
	h := l.grid.CellSize().Height
	l.grid.MouseDown(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary, Modifier: mods,
		PointEvent: fyne.PointEvent{Position: fyne.NewPos(200, h*(float32(i)+2)-2)}})
	l.grid.MouseUp(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary})
}

func clientDrag(l *ClientList, i int) {
	h := l.grid.CellSize().Height
	l.grid.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(200, h*(float32(i)+2)-2)}})
}

func TestClientsAreSelectedWithTheMouse(t *testing.T) {
	const ctrl, shift = fyne.KeyModifierShortcutDefault, fyne.KeyModifierShift
	l, _ := newTestClients(t, 1000, clientsTo(50))
	l.SetSort(ColumnNumber, true) // so that rows and numbers run against each other: row 0 is 50
	for _, step := range []struct {
		what string
		do   func()
		want []int64
	}{
		{"a click", func() { clientClick(l, 1, 0) }, []int64{49}},
		{"shift", func() { clientClick(l, 3, shift) }, []int64{47, 48, 49}},
		{"shift again, from the same end", func() { clientClick(l, 0, shift) }, []int64{49, 50}},
		{"control adds", func() { clientClick(l, 5, ctrl) }, []int64{45, 49, 50}},
		{"control and shift add a range", func() { clientClick(l, 7, ctrl|shift) }, []int64{43, 44, 45, 49, 50}},
		{"control takes one out", func() { clientClick(l, 6, ctrl) }, []int64{43, 45, 49, 50}},
		{"a drag that began so takes more out", func() { clientDrag(l, 7) }, []int64{45, 49, 50}},
		{"and less again", func() { clientDrag(l, 6) }, []int64{43, 45, 49, 50}},
		{"a click forgets the rest", func() { l.grid.DragEnd(); clientClick(l, 2, 0) }, []int64{48}},
		{"a drag", func() { clientDrag(l, 4) }, []int64{46, 47, 48}},
		{"back", func() { clientDrag(l, 1) }, []int64{48, 49}},
		{"control and a drag add", func() { l.grid.DragEnd(); clientClick(l, 8, ctrl); clientDrag(l, 9) }, []int64{41, 42, 48, 49}},
	} {
		step.do()
		wantNumbers(t, step.what, l.Selected(), step.want...)
	}
	for row := range l.rows.Rows() {
		selected := l.rows.Row(row, nil)[0].Bg != 0
		if selected != slices.Contains(l.Selected(), l.rows.number(row)) {
			t.Errorf("row %d looks wrong", row)
		}
	}
}

func TestClientsAreSelectedWithTheKeyboard(t *testing.T) {
	const shift = fyne.KeyModifierShift
	l, _ := newTestClients(t, 1000, clientsTo(100))
	page := int64(l.grid.VisibleRows() - 1)
	for _, step := range []struct {
		key  fyne.KeyName
		mods fyne.KeyModifier
		head int64
		n    int
	}{
		{fyne.KeyDown, 0, 1, 1}, // the first press selects what is there
		{fyne.KeyDown, 0, 2, 1},
		{fyne.KeyDown, shift, 3, 2},
		{fyne.KeyDown, shift, 4, 3},
		{fyne.KeyUp, shift, 3, 2},
		{fyne.KeyUp, 0, 2, 1},
		{fyne.KeyEnd, shift, 100, 99},
		{fyne.KeyHome, 0, 1, 1},
		{fyne.KeyUp, 0, 1, 1},
		{fyne.KeyPageDown, 0, 1 + page, 1},
		{fyne.KeyPageUp, shift, 1, int(page) + 1},
	} {
		l.grid.OnKey(&fyne.KeyEvent{Name: step.key}, step.mods)
		if l.head != step.head || len(l.Selected()) != step.n {
			t.Errorf("%s+%d: at %d with %d selected, want %d with %d", step.key, step.mods, l.head, len(l.Selected()), step.head, step.n)
		}
		if row := l.rows.rowOf(l.head); row < l.grid.Top() || row >= l.grid.Top()+int64(l.grid.VisibleRows()) {
			t.Errorf("%s+%d: row %d is out of sight", step.key, step.mods, row)
		}
	}
	l.SetFilter("#3")
	l.grid.OnKey(&fyne.KeyEvent{Name: fyne.KeyA}, fyne.KeyModifierShortcutDefault)
	wantNumbers(t, "all that is shown", l.Selected(), 3)
	if !l.grid.OnKey(&fyne.KeyEvent{Name: fyne.KeyEscape}, 0) || len(l.Selected()) != 0 {
		t.Error("Escape did not clear the selection")
	}
	if l.grid.OnKey(&fyne.KeyEvent{Name: fyne.KeyEscape}, 0) {
		t.Error("Escape was kept from the window with nothing to clear")
	}
	l.SetFilter("")
	l.SelectAll()
	if n := len(l.Selected()); n != 100 {
		t.Errorf("%d selected", n)
	}
	l.SetClients(nil, clientsNow)
	for _, k := range []fyne.KeyName{fyne.KeyDown, fyne.KeyEnd, fyne.KeyDelete, fyne.KeyReturn} {
		l.key(&fyne.KeyEvent{Name: k}, 0) // in an empty list
	}
	l.SelectAll()
	if len(l.Selected()) != 0 || l.head != 0 {
		t.Errorf("%v selected in an empty list, at %d", l.Selected(), l.head)
	}
}

func TestKeysAndDoubleClicksActOnTheSelection(t *testing.T) {
	l, _ := newTestClients(t, 1000, clientsTo(50))
	kicks := 0
	var opened []int64
	l.OnKick = func() { kicks++ }
	l.OnActivate = func(n int64) { opened = append(opened, n) }
	key := func(k fyne.KeyName) bool { return l.grid.OnKey(&fyne.KeyEvent{Name: k}, 0) }
	if key(fyne.KeyDelete) || key(fyne.KeyReturn) {
		t.Error("keys were used up with nothing selected")
	}
	l.Select([]int64{3, 5})
	key(fyne.KeyDelete)
	key(fyne.KeyReturn)
	key(fyne.KeyEnter)
	if kicks != 1 {
		t.Errorf("kicked %d times", kicks)
	}
	wantNumbers(t, "opened with Enter", opened, 3, 3)
	opened = nil
	clientClick(l, 7, 0)
	clientClick(l, 7, 0)
	wantNumbers(t, "opened with a double click", opened, 8)
}

func TestADoubleClickThatHitsAnotherClientTheSecondTimeOpensNone(t *testing.T) {
	l, _ := newTestClients(t, 1000, clientsTo(50))
	l.OnActivate = func(n int64) { t.Errorf("client %d was opened", n) }
	l.SetSort(ColumnNumber, true)
	clientClick(l, 2, 0)
	l.SetClients(clientsTo(51), clientsNow) // another is first now, and all go down by a row
	clientClick(l, 2, 0)
	wantNumbers(t, "selected", l.Selected(), 49)
}

func TestASecondaryClickSelectsWhatIsUnderIt(t *testing.T) {
	l, _ := newTestClients(t, 1000, clientsTo(50))
	menus := 0
	l.OnMenu = func(fyne.Position) { menus++ }
	l.Select([]int64{2, 4})
	l.grid.OnMenu(3, 0, fyne.Position{}) // client 4 is one of them
	wantNumbers(t, "on a selected row", l.Selected(), 2, 4)
	l.grid.OnMenu(9, 0, fyne.Position{})
	wantNumbers(t, "on another row", l.Selected(), 10)
	l.grid.OnMenu(-1, 0, fyne.Position{})
	if menus != 2 {
		t.Errorf("%d menus", menus)
	}
}

func TestSelectedClientsAreCopiedAsATable(t *testing.T) {
	l, _ := newTestClients(t, 300, []ClientRow{ // however few columns there is room for
		client(1, func(r *ClientRow) { r.BytesIn, r.Rate = 12345678, 1.6 }),
		client(2, nil),
		client(3, func(r *ClientRow) {
			r.State, r.By, r.Why, r.Ended = ClientClosed, "peer", "closed by\tpeer", clientsNow
		}),
	})
	l.Copy() // nothing selected
	l.SetSort(ColumnNumber, true)
	l.Select([]int64{1, 3})
	l.key(&fyne.KeyEvent{Name: fyne.KeyC}, fyne.KeyModifierShortcutDefault)
	want := clientCopyHeader +
		"3\t127.0.0.1:50003\t127.0.0.1:7777\t2024-05-06 14:04:05.000\t2024-05-06 15:04:02.000\t2024-05-06 15:04:05.000\t0\t0\t0\t0\t0\t0\t0\tclosed\tpeer\tclosed by\\tpeer\t\n" +
		"1\t127.0.0.1:50001\t127.0.0.1:7777\t2024-05-06 14:04:05.000\t2024-05-06 15:04:02.000\t\t12345678\t0\t0\t0\t2\t0\t0\topen\t\t\t\n"
	if got := fyne.CurrentApp().Clipboard().Content(); got != want {
		t.Errorf("copied\n%q, want\n%q", got, want)
	}
	l.SetFilter("#1")
	if text, rows, left := l.CopyText(); rows != 2 || left != 0 || text[len(clientCopyHeader)] != '1' {
		t.Errorf("behind a filter: %d rows, %d left out, %q", rows, left, text)
	}
	many, _ := newTestClients(t, 1000, clientsTo(copiedRows+20))
	notice := ""
	many.OnNotice = func(text string) { notice = text }
	many.SelectAll()
	many.Copy()
	if notice != "copied the first 5,000 clients of 5,020; select fewer to get them all" {
		t.Errorf("the notice is %q", notice)
	}
}

func TestRowsInAnyOrderAndOfAnyKindAreTakenByNumber(t *testing.T) {
	rows := someClients(2000, true)
	rand.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	l, _ := newTestClients(t, 1000, rows)
	for c := range clientColumns {
		for _, descending := range []bool{false, true} {
			l.SetSort(c, descending)
			got := order(l)
			slices.Sort(got)
			if len(got) != 2000 || got[0] != 1 || got[1999] != 2000 {
				t.Fatalf("column %q: rows are lost", clientColumnKinds[c].title)
			}
			for row := range l.rows.Rows() {
				if l.rows.rowOf(l.rows.number(row)) != row {
					t.Fatalf("column %q: client %d is not found in its row", clientColumnKinds[c].title, l.rows.number(row))
				}
			}
			again := order(l)
			l.SetClients(rows, clientsNow)
			if !slices.Equal(again, order(l)) {
				t.Fatalf("column %q: the same clients come in another order", clientColumnKinds[c].title)
			}
		}
	}
}

func TestAnotherLookAtTheSameClientsTakesNoMemoryOfTheirNumber(t *testing.T) {
	l, _ := newTestClients(t, 1000, nil)
	rows := someClients(11000, true)
	for _, c := range []ClientColumn{ColumnNumber, ColumnAddress, ColumnRate, ColumnTLS} {
		l.SetSort(c, true)
		l.SetClients(rows, clientsNow)
		now := clientsNow
		allocs := testing.AllocsPerRun(5, func() {
			now = now.Add(time.Second)
			l.SetClients(rows, now)
		})
		if allocs > 2000 { // the rows on screen are written anew
			t.Errorf("column %q: %.0f allocations", clientColumnKinds[c].title, allocs)
		}
	}
}

func TestAListThatHasNotChangedIsNotPaintedAgain(t *testing.T) {
	l, w := newTestClients(t, 1000, clientsTo(100))
	w.Canvas().Capture()
	before := l.grid.HeaderLine
	l.SetClients(clientsTo(100), clientsNow)
	if &before[0] != &l.grid.HeaderLine[0] {
		t.Error("the header was made anew")
	}
}
