package widgets

import (
	"cmp"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"wirebench/widgets/grid"
)

// fact is one labelled value of a [factList]. All its texts are safe to show.
type fact struct {
	name, value string
	note        string // follows the value; what is wrong with it when problem is set
	problem     bool
	tone        grid.Colour // of the value; Default for ordinary text
	raw         []byte      // for copying as hex; may be nil
}

// factGroup is facts that belong together.
type factGroup struct {
	title    string
	kind     string // the title of every group of its kind; "" for the title as far as its count
	critical bool
	problem  string // the first thing wrong in it; "" for none
	facts    []fact
}

// foldedFacts is how many facts a group may have to begin unfolded: the groups behind it should be in reach.
const foldedFacts = 100

// factList shows groups of labelled values in monospaced rows, as many as there are. Long values take several rows;
// groups can be folded. Values are chosen with the mouse or the arrow keys, several of them with Shift, and copied
// with Ctrl+C.
type factList struct {
	widget.BaseWidget

	onCopy func(text string)
	onFind func()        // a letter is being typed; its rune follows to what has the focus then
	onRows func()        // what is shown has changed
	title  func() string // the fixed line above; nil for none

	groups []factGroup
	filter string
	folded map[string]bool // by kind of group: what the person chose

	rows   factRows
	anchor int // first and last of the chosen items, in the order they were chosen; -1 for none
	head   int
	whole  map[factID]bool // long values that are shown in full

	grid *grid.Grid
}

var _ fyne.Widget = (*factList)(nil)

func newFactList(label string) *factList {
	f := &factList{anchor: -1, head: -1, folded: map[string]bool{}, whole: map[factID]bool{}}
	f.grid = grid.New(f)
	f.grid.Label = label
	f.grid.OnTapped = f.tapped
	f.grid.OnDoubleTapped = func(row int64, _ int, _ fyne.KeyModifier) { f.open(f.rows.itemAt(row)) }
	f.grid.OnDragged = func(row int64, _ int) { f.choose(f.rows.itemAt(row), true) }
	f.grid.OnKey = f.key
	f.grid.OnMenu = f.menu
	f.ExtendBaseWidget(f)
	return f
}

// set shows groups. A value stays chosen when there is one of its name in a group of its kind.
func (f *factList) set(groups []factGroup, hint string) {
	was, top := f.identity(f.head), f.grid.Top()
	f.groups = groups
	clear(f.whole)
	f.grid.Hint = hint
	f.layout()
	f.anchor = f.find(was)
	f.head = f.anchor
	f.grid.ScrollToTop(top)
	f.show()
}

// setFilter leaves only the facts whose name or value, or group, contains text.
func (f *factList) setFilter(text string) {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == f.filter {
		return
	}
	was := f.identity(f.head)
	f.filter = text
	f.layout()
	f.anchor = f.find(was)
	f.head = f.anchor
	f.grid.ScrollToTop(0)
	f.show()
}

// layout makes the rows anew, for the width there is.
func (f *factList) layout() {
	f.rows.build(f, max(f.grid.VisibleColumns(), 24))
	if f.onRows != nil {
		f.onRows()
	}
}

// again makes the rows anew and keeps the choice and the place.
func (f *factList) again() {
	anchor, head := f.id(f.anchor), f.id(f.head)
	top := f.id(f.rows.itemAt(f.grid.Top()))
	f.layout()
	f.anchor, f.head = f.rows.indexOf(anchor), f.rows.indexOf(head)
	if at := f.rows.indexOf(top); at >= 0 {
		f.grid.ScrollToTop(int64(f.rows.items[at].row))
	}
	f.show()
}

func (f *factList) show() {
	if f.title != nil { // the line stays when it is empty: the rows keep their place
		f.grid.HeaderLine = grid.AppendText([]grid.Cell{}, fitCells(clip(f.title(), 400), f.rows.width), grid.Cell{Fg: grid.Muted})
	}
	row := int64(-1)
	if f.head >= 0 {
		row = int64(f.rows.items[f.head].row)
	}
	f.grid.SetCursorRow(row)
	f.grid.Update()
}

// folds reports whether a group is folded now. A filter looks into all of them.
func (f *factList) folds(g *factGroup) bool {
	if f.filter != "" {
		return false
	}
	if on, ok := f.folded[g.kindOf()]; ok {
		return on
	}
	return len(g.facts) > foldedFacts
}

// kindOf is a group's title without its count, which differs between certificates.
func (g *factGroup) kindOf() string {
	kind, _, _ := strings.Cut(g.title, " (")
	return cmp.Or(g.kind, kind)
}

func (f *factList) fold(g *factGroup, on bool) {
	f.folded[g.kindOf()] = on
	f.again()
}

// open is what Enter and a double click do: fold a group or unfold it, show a long value in full or not any more.
func (f *factList) open(item int) {
	if item < 0 {
		return
	}
	it := f.rows.items[item]
	if it.fact < 0 {
		g := &f.groups[it.group]
		f.fold(g, !f.folds(g))
		return
	}
	if it.long {
		f.whole[it.factID] = !f.whole[it.factID]
		f.again()
		f.reveal()
	}
}

func (f *factList) tapped(row int64, col int, mods fyne.KeyModifier) {
	item := f.rows.itemAt(row)
	f.choose(item, mods&fyne.KeyModifierShift != 0)
	if item < 0 || mods != 0 {
		return
	}
	if it := f.rows.items[item]; it.fact < 0 && col < factIndent || f.rows.rows[row].more {
		f.open(item)
	}
}

// choose moves the end of the choice to an item, and its beginning too unless it is to be extended.
func (f *factList) choose(item int, extend bool) {
	if item < 0 || item >= len(f.rows.items) {
		return
	}
	f.head = item
	if !extend || f.anchor < 0 {
		f.anchor = item
	}
	f.reveal()
	f.show()
}

// reveal scrolls to what was chosen last, its end first, so that its beginning is in sight when not all of it fits.
func (f *factList) reveal() {
	if f.head >= 0 {
		it := f.rows.items[f.head]
		f.grid.ScrollTo(int64(it.row + it.rows - 1))
		f.grid.ScrollTo(int64(it.row))
	}
}

func (f *factList) holds(item int) bool {
	return f.head >= 0 && item >= min(f.anchor, f.head) && item <= max(f.anchor, f.head)
}

func (f *factList) key(ev *fyne.KeyEvent, mods fyne.KeyModifier) bool {
	if mods&fyne.KeyModifierShortcutDefault != 0 {
		switch {
		case ev.Name == fyne.KeyC || ev.Name == fyne.KeyInsert:
			f.copy(f.text(fact.copied))
		case ev.Name == fyne.KeyA && len(f.rows.items) > 0:
			f.anchor, f.head = 0, len(f.rows.items)-1
			f.show()
		default:
			return false
		}
		return true
	}
	if mods&^fyne.KeyModifierShift != 0 || len(f.rows.items) == 0 {
		return false
	}
	to := f.head
	switch ev.Name {
	case fyne.KeyUp:
		to--
	case fyne.KeyDown:
		to++
	case fyne.KeyPageUp, fyne.KeyPageDown:
		page := int64(max(1, f.grid.VisibleRows()-1))
		if ev.Name == fyne.KeyPageUp {
			page = -page
		}
		at := f.grid.Top()
		if f.head >= 0 {
			at = int64(f.rows.items[f.head].row)
		}
		to = f.rows.itemAt(min(max(at+page, 0), f.Rows()-1))
	case fyne.KeyHome:
		to = 0
	case fyne.KeyEnd:
		to = len(f.rows.items) - 1
	case fyne.KeyLeft, fyne.KeyRight:
		f.sideways(ev.Name == fyne.KeyRight)
		return true
	case fyne.KeyReturn, fyne.KeyEnter:
		f.open(f.head)
		return f.head >= 0
	case fyne.KeyEscape:
		if f.head < 0 {
			return false
		}
		f.anchor, f.head = -1, -1
		f.show()
		return true
	default:
		if len(ev.Name) != 1 || f.onFind == nil {
			return false
		}
		f.onFind() // so that typing finds
		return true
	}
	f.choose(min(max(to, 0), len(f.rows.items)-1), mods&fyne.KeyModifierShift != 0)
	return true
}

// sideways folds with Left and unfolds with Right; Left on a value goes to its group first.
func (f *factList) sideways(right bool) {
	if f.head < 0 {
		return
	}
	it := f.rows.items[f.head]
	g := &f.groups[it.group]
	switch {
	case it.fact < 0:
		if f.filter == "" && f.folds(g) == right {
			f.fold(g, !right)
		}
	case it.long && f.whole[it.factID] != right:
		f.open(f.head)
	case !right:
		f.choose(f.rows.indexOf(factID{it.group, -1}), false)
	}
}

// CreateRenderer is part of fyne.Widget.
func (f *factList) CreateRenderer() fyne.WidgetRenderer {
	return &faceRenderer{
		objects: []fyne.CanvasObject{f.grid},
		layout: func(size fyne.Size) {
			f.grid.Resize(size)
			if max(f.grid.VisibleColumns(), 24) != f.rows.width {
				f.again()
			}
		},
		minSize: func() fyne.Size { return fyne.NewSize(160, 2*f.grid.CellSize().Height) },
		refresh: func() {
			f.grid.Refresh()
			if max(f.grid.VisibleColumns(), 24) != f.rows.width {
				f.again()
			}
		},
	}
}
