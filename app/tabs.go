package app

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"wirebench/widgets"
)

// A tab is one thing the window holds: a session or an opened capture.
// Methods are called on the UI goroutine, except where they say otherwise.
type tab interface {
	// title names the tab in the strip, in the window's title and in questions.
	title() string
	// icon shows the state by its shape.
	icon() fyne.Resource
	// content is the same object for the tab's whole life.
	content() fyne.CanvasObject
	// version moves when the visible tab must be redrawn; any goroutine, cheap.
	version() uint64
	// stateVersion moves when the title or icon may have changed, also while
	// the tab is not visible; any goroutine, cheap.
	stateVersion() uint64
	// tick brings the visible tab up to date.
	tick()
	// tickState takes over state changes of a tab that is not visible.
	tickState()
	// view is the traffic shown, for the actions that work on it; nil while
	// there is none to show.
	view() *trafficView
	// busy says why closing needs a question, "" when it needs none.
	busy() string
	// focusFirst puts the focus where a person would begin.
	focusFirst()
	// saved is what brings the tab back at the next start; false for none. It
	// also keeps, for every tab to come, where its dividers were moved to.
	saved() (savedTab, bool)
	// close ends everything the tab started. It may take as long as ending a
	// connection takes and is called on a goroutine of its own.
	close()
}

// tabTitle makes a title of a name that may be anything: it came from a file, or
// was typed. A longer one would leave no room for the tab's own button.
func tabTitle(name string) string { return widgets.PlainLine(name, longestTitle) }

// longestTitle is how many runes a title has.
const longestTitle = 60

// tabStrip is the window's own model of its tabs over container.DocTabs. The
// model is the truth: DocTabs 2.8.1 selects the wrong tab when one left of the
// selected is removed, and reports no selection when the selected one is. Nor
// has it the contents: it refreshes those of all tabs whenever one is selected
// or says something else, which takes longer than a frame for each.
type tabStrip struct {
	root    *fyne.Container // doc, and under it the contents, of which that of current is visible
	doc     *container.DocTabs
	tabs    []tab
	items   map[tab]*container.TabItem
	current tab
	// settling is true while DocTabs is being brought in line with the model,
	// when what it reports as selected is its own idea.
	settling bool

	onSelect func(tab) // nil tab when the last one went
	onClose  func(tab) // a person asked; the strip closes nothing by itself
}

func newTabStrip(create func(), onSelect, onClose func(tab)) *tabStrip {
	s := &tabStrip{
		doc:      container.NewDocTabs(),
		items:    map[tab]*container.TabItem{},
		onSelect: onSelect,
		onClose:  onClose,
	}
	s.root = container.New(&underTabs{s.doc}, s.doc)
	s.doc.CreateTab = func() *container.TabItem {
		create()
		return nil
	}
	s.doc.CloseIntercept = func(item *container.TabItem) {
		if t := s.find(item); t != nil {
			s.onClose(t)
		}
	}
	s.doc.OnSelected = func(item *container.TabItem) {
		if t := s.find(item); t != nil && !s.settling {
			s.setCurrent(t)
		}
	}
	return s
}

func (s *tabStrip) find(item *container.TabItem) tab {
	for t, i := range s.items {
		if i == item {
			return t
		}
	}
	return nil
}

// add appends t and selects it.
func (s *tabStrip) add(t tab) {
	item := container.NewTabItemWithIcon(t.title(), t.icon(), layout.NewSpacer())
	t.content().Hide()
	s.root.Add(t.content())
	s.tabs = append(s.tabs, t)
	s.items[t] = item
	s.settling = true
	s.doc.Append(item)
	s.settling = false
	s.choose(t)
}

// remove takes t out; the neighbour to its right, else to its left, follows.
func (s *tabStrip) remove(t tab) {
	i := slices.Index(s.tabs, t)
	if i < 0 {
		return
	}
	next := s.current
	if next == t {
		switch {
		case i+1 < len(s.tabs):
			next = s.tabs[i+1]
		case i > 0:
			next = s.tabs[i-1]
		default:
			next = nil
		}
	}
	item := s.items[t]
	s.tabs = slices.Delete(s.tabs, i, i+1)
	delete(s.items, t)
	s.settling = true
	s.doc.Remove(item)
	if next != nil {
		s.doc.Select(s.items[next])
	}
	s.settling = false
	s.setCurrent(next)
	s.root.Remove(t.content())
}

// choose makes t the visible tab.
func (s *tabStrip) choose(t tab) {
	item := s.items[t]
	if item == nil {
		return
	}
	s.settling = true
	s.doc.Select(item)
	s.settling = false
	s.setCurrent(t)
}

func (s *tabStrip) setCurrent(t tab) {
	if s.current == t {
		return
	}
	if s.current != nil {
		s.current.content().Hide()
	}
	if s.current = t; t != nil {
		t.content().Show()
		s.root.Layout.Layout(s.root.Objects, s.root.Size()) // it may have another size since it was hidden
	}
	s.onSelect(t)
}

// step selects the tab n places to the right, going round.
func (s *tabStrip) step(n int) {
	if len(s.tabs) < 2 {
		return
	}
	i := slices.Index(s.tabs, s.current) + n
	s.choose(s.tabs[(i+len(s.tabs))%len(s.tabs)])
}

// relabel shows t's present title and icon, when they changed.
func (s *tabStrip) relabel(t tab) {
	item := s.items[t]
	if item == nil || (item.Text == t.title() && item.Icon == t.icon()) {
		return
	}
	item.Text, item.Icon = t.title(), t.icon()
	s.doc.Refresh()
}

// underTabs puts the tabs at the top, and what is visible of their contents
// under them. The least size is that of the widest and the highest content, so
// that the window stays as it is from tab to tab.
type underTabs struct{ doc *container.DocTabs }

var _ fyne.Layout = (*underTabs)(nil)

func (l *underTabs) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var least fyne.Size
	for _, o := range objects {
		if o != fyne.CanvasObject(l.doc) {
			least = least.Max(o.MinSize())
		}
	}
	top := l.doc.MinSize()
	return fyne.NewSize(max(top.Width, least.Width), top.Height+least.Height)
}

func (l *underTabs) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	top := l.doc.MinSize().Height
	l.doc.Resize(fyne.NewSize(size.Width, top))
	for _, o := range objects {
		if o != fyne.CanvasObject(l.doc) && o.Visible() {
			o.Move(fyne.NewPos(0, top))
			o.Resize(fyne.NewSize(size.Width, max(size.Height-top, 0)))
		}
	}
}
