package app

import (
	"fmt"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// plainTab is a tab without a session.
type plainTab struct {
	tab  // panics when a test needs more than it should
	name string
	obj  fyne.CanvasObject
}

func (p *plainTab) title() string              { return p.name }
func (p *plainTab) icon() fyne.Resource        { return theme.ComputerIcon() }
func (p *plainTab) content() fyne.CanvasObject { return p.obj }

func newStripUnderTest(t *testing.T, n int) (*tabStrip, []*plainTab, *[]string) {
	t.Helper()
	test.NewTempApp(t)
	var log []string
	s := newTabStrip(func() {}, func(x tab) {
		if x == nil {
			log = append(log, "none")
			return
		}
		log = append(log, x.title())
	}, func(tab) {})
	w := test.NewTempWindow(t, s.root)
	w.Resize(fyne.NewSize(900, 300))
	var tabs []*plainTab
	for i := range n {
		p := &plainTab{name: fmt.Sprint(i), obj: widget.NewLabel(fmt.Sprint("content ", i))}
		tabs = append(tabs, p)
		s.add(p)
	}
	log = nil
	return s, tabs, &log
}

// agree checks that the model and what DocTabs shows are the same.
func agree(t *testing.T, s *tabStrip, want *plainTab) {
	t.Helper()
	if s.current != tab(want) {
		t.Fatalf("the model's tab is %v, want %s", s.current, want.name)
	}
	if got := s.doc.Selected(); got == nil || got.Text != want.name {
		t.Fatalf("DocTabs shows %v, want %s", got, want.name)
	}
	if !want.obj.Visible() {
		t.Fatalf("the content of %s is hidden", want.name)
	}
	if len(s.doc.Items) != len(s.tabs) {
		t.Fatalf("DocTabs has %d items, the model %d", len(s.doc.Items), len(s.tabs))
	}
}

func TestRemovingAnyTabLeavesTheRightOneSelected(t *testing.T) {
	const n = 4
	for selected := range n {
		for removed := range n {
			t.Run(fmt.Sprintf("selected %d, removed %d", selected, removed), func(t *testing.T) {
				s, tabs, log := newStripUnderTest(t, n)
				s.choose(tabs[selected])
				*log = nil
				s.remove(tabs[removed])
				want := tabs[selected]
				if selected == removed {
					if want = tabs[min(removed+1, n-1)]; removed == n-1 {
						want = tabs[n-2]
					}
					if !slices.Equal(*log, []string{want.name}) {
						t.Fatalf("onSelect was told %v, want %s once", *log, want.name)
					}
				} else if len(*log) != 0 {
					t.Fatalf("onSelect was told %v although the selection stayed", *log)
				}
				agree(t, s, want)
			})
		}
	}
}

func TestRemovingTheLastTabSaysThatNoneIsLeft(t *testing.T) {
	s, tabs, log := newStripUnderTest(t, 1)
	s.remove(tabs[0])
	if s.current != nil || !slices.Equal(*log, []string{"none"}) {
		t.Fatalf("current %v, told %v", s.current, *log)
	}
	p := &plainTab{name: "new", obj: widget.NewLabel("new")}
	s.add(p)
	agree(t, s, p)
}

func TestAClickOnATabSelectsIt(t *testing.T) {
	s, tabs, log := newStripUnderTest(t, 3)
	s.doc.SelectIndex(0) // what DocTabs does on a click
	agree(t, s, tabs[0])
	if !slices.Equal(*log, []string{"0"}) {
		t.Fatalf("onSelect was told %v", *log)
	}
}

func TestSteppingGoesRound(t *testing.T) {
	s, tabs, _ := newStripUnderTest(t, 3)
	s.choose(tabs[2])
	s.step(1)
	agree(t, s, tabs[0])
	s.step(-1)
	agree(t, s, tabs[2])
}

func TestClosingAsksTheWindow(t *testing.T) {
	s, tabs, _ := newStripUnderTest(t, 2)
	var asked tab
	s.onClose = func(x tab) { asked = x }
	s.doc.CloseIntercept(s.items[tabs[0]])
	if asked != tab(tabs[0]) || len(s.tabs) != 2 {
		t.Fatalf("asked for %v, %d tabs left", asked, len(s.tabs))
	}
}

func TestRelabelChangesWhatTheTabSays(t *testing.T) {
	s, tabs, _ := newStripUnderTest(t, 1)
	tabs[0].name = "renamed"
	s.relabel(tabs[0])
	item := s.doc.Items[0]
	if item.Text != "renamed" {
		t.Fatalf("the tab says %q", item.Text)
	}
}

// refreshed counts how often it is refreshed.
type refreshed struct {
	widget.Label
	times int
}

func (r *refreshed) Refresh() {
	r.times++
	r.Label.Refresh()
}

// With many tabs, a window that refreshes all their contents for each key that goes from one to the next stands still.
func TestATabThatIsNotChosenIsNotRefreshed(t *testing.T) {
	s, tabs, _ := newStripUnderTest(t, 2)
	other := &refreshed{}
	other.ExtendBaseWidget(other)
	s.add(&plainTab{name: "other", obj: other})
	s.choose(tabs[0])
	other.times = 0
	s.choose(tabs[1])
	tabs[1].name = "says something else"
	s.relabel(tabs[1])
	s.remove(tabs[0])
	if other.times != 0 {
		t.Errorf("a tab that is not seen was refreshed %d times", other.times)
	}
}

func TestATabHasTheSizeThatIsLeftForIt(t *testing.T) {
	s, tabs, _ := newStripUnderTest(t, 3)
	for _, p := range tabs[:2] {
		if p.obj.Visible() {
			t.Errorf("%s is seen beside %s", p.name, tabs[2].name)
		}
	}
	s.root.Resize(fyne.NewSize(700, 500))
	s.choose(tabs[0])
	top := s.doc.Size().Height
	if top <= 0 || tabs[0].obj.Position() != fyne.NewPos(0, top) || tabs[0].obj.Size() != fyne.NewSize(700, 500-top) {
		t.Errorf("under tabs of %v it is at %v with %v", s.doc.Size(), tabs[0].obj.Position(), tabs[0].obj.Size())
	}
	if tabs[2].obj.Visible() {
		t.Error("the one before is still seen")
	}
	s.remove(tabs[0])
	if len(s.root.Objects) != 3 {
		t.Errorf("%d objects are left of the strip and two tabs", len(s.root.Objects))
	}
}
