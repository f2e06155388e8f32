package app

import (
	"cmp"
	"context"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/app/filepick"
	"wirebench/sessions/capture"
	"wirebench/sessions/messages"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// saveEvery bounds how much of the workspace a crash can take along.
const saveEvery = 5 * time.Second

// workbench is the window and all it holds. Its fields belong to the UI
// goroutine unless they are atomic.
type workbench struct {
	app  fyne.App
	win  fyne.Window
	opts Options
	pick filepick.Picker

	space     *workspace
	spacePath string
	spaceFile *spaceFile
	spaceErr  error
	spaceLock *os.File // nil where another window keeps the workspace, or nothing can be locked
	guest     bool     // another window keeps it
	lastSave  time.Time
	restoring bool // not all of its tabs are there again

	lab       practiceLab
	practised string // the practice server that was chosen last
	languages spoken
	help      *helpWindow // nil while it is closed

	messages   *messages.Store
	collection string // the file of the saved messages that were shown last

	strip   *tabStrip
	start   *widgets.StartPage
	notice  *widgets.Banner
	body    *fyne.Container
	palette *widgets.Palette
	actions []*action
	// remembered is what the next selection is to be compared with, nil for
	// nothing.
	remembered *byteSpan
	menu       string // state the menu was last built for

	offering bool             // the notice is about orphans
	orphans  []capture.Orphan // left by a program that was killed, newest first
	finished []capture.Orphan // ended in order, newest first

	pump    *pump
	visible atomic.Pointer[tab]
	all     atomic.Pointer[[]tab]

	// work is everything that runs beside the window and must have ended
	// before the process does; ctx tells it to.
	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup
	named  namedWork // of that, what has a name
	// patience is how long the end waits for work, and stderr where it says what
	// it did not wait for.
	patience time.Duration
	stderr   io.Writer
	once     sync.Once
	leave    func()   // ends the process, last of all
	modals   []*modal // what lies over the window, the topmost last
	asking   bool     // a question is among them
}

func newWorkbench(a fyne.App, o Options, spacePath string) *workbench {
	w := &workbench{app: a, opts: o, spacePath: spacePath, spaceFile: newSpaceFile(spacePath), leave: a.Quit, patience: endPatience, stderr: os.Stderr}
	w.ctx, w.cancel = context.WithCancel(context.Background())
	if o.MessagesDir == "" {
		o.MessagesDir = filepath.Join(filepath.Dir(spacePath), "messages")
	}
	w.messages = messages.Open(o.MessagesDir)
	w.languages = loadLanguages(o.LanguageDir)
	words.Use(w.languages.choose("")) // until it is known which was chosen
	w.claimSpace()
	w.space, w.spaceErr = loadWorkspace(spacePath)
	if w.guest {
		w.space.Tabs = nil // they are open there
	}
	w.applyLanguage()
	w.applyLook()
	fonts := readFonts()
	w.win = a.NewWindow("Wirebench") // not said
	fonts()
	w.win.SetMaster()
	w.win.SetPadded(false)
	w.win.Resize(fyne.NewSize(w.space.Width, w.space.Height))

	w.strip = newTabStrip(w.chooseKind, w.selected, w.askClose)
	w.notice = widgets.NewBanner()
	w.start = widgets.NewStartPage(widgets.StartContent{})
	w.body = container.NewStack()
	w.palette = widgets.NewPalette(w.commands)
	w.actions = w.allActions()
	w.publish()
	w.win.SetContent(container.NewBorder(w.notice, nil, nil, nil, container.New(lowest{}, w.body)))
	w.showBody()
	w.rebuildMenu()
	w.win.Canvas().SetOnTypedKey(w.typedKey)
	w.win.SetCloseIntercept(w.askQuit)
	w.win.SetOnDropped(w.dropped)
	return w
}

// open shows the window with what the last start left, or what the command
// line asked for, and begins to follow the engine.
func (w *workbench) open() {
	if w.guest {
		w.notice.SetNotice(widgets.Notice{Kind: widgets.NoticeInfo, Text: words.Say("Another window of Wirebench is open, and keeps tabs and settings. Those of this one end with it; captures are kept.")})
	}
	if w.spaceErr != nil {
		w.notice.SetNotice(widgets.Notice{Kind: widgets.NoticeWarning, Text: words.Say("%s. The window starts with its defaults; the file is replaced when something changes.", w.spaceErr)})
	}
	w.restoreAll()
	for _, u := range w.opts.URLs {
		w.openURL(u)
	}
	w.pump = startPump(w.versions, w.update)
	w.win.Show()
	if t := w.strip.current; t != nil {
		t.focusFirst()
	}
	w.lookForCaptures(true)
	w.housekeeping()
}

// publish gives other goroutines the present tabs.
func (w *workbench) publish() {
	tabs := append([]tab(nil), w.strip.tabs...)
	w.all.Store(&tabs)
	current := w.strip.current
	w.visible.Store(&current)
}

// versions sums counters that only grow, so the sum moves when any of them
// does: everything of the visible tab, and the state alone of the others.
func (w *workbench) versions() uint64 {
	var v uint64
	for _, t := range *w.all.Load() {
		v += t.stateVersion()
	}
	if t := *w.visible.Load(); t != nil {
		v += t.version()
	}
	return v
}

// update is the pump's one visit a frame.
func (w *workbench) update() {
	if w.ctx.Err() != nil {
		return // asked for before the end, and come to it after
	}
	for _, t := range w.strip.tabs {
		if t == w.strip.current {
			t.tick()
		} else {
			t.tickState()
		}
		w.strip.relabel(t)
	}
	w.retitle()
	w.rebuildMenu()
	if time.Since(w.lastSave) > saveEvery {
		w.saveSpace()
	}
	if err := w.spaceFile.trouble(); err != nil {
		w.complainOfSpace(err)
	}
}

// selected follows the strip.
func (w *workbench) selected(t tab) {
	w.publish()
	w.showBody()
	w.retitle()
	w.rebuildMenu()
	if t == nil {
		w.win.Canvas().Unfocus() // what has gone hears no more keys
		return
	}
	arrange(t)
	t.tick()
	t.focusFirst()
}

// showBody shows the tabs, or the start page while there are none.
func (w *workbench) showBody() {
	var want fyne.CanvasObject = w.strip.root
	if len(w.strip.tabs) == 0 {
		w.fillStart()
		if w.offering { // the start page offers the same
			w.offering = false
			w.notice.Clear()
		}
		want = w.start
	}
	if len(w.body.Objects) == 1 && w.body.Objects[0] == want {
		return
	}
	w.body.Objects = []fyne.CanvasObject{want}
	w.body.Refresh()
}

func (w *workbench) retitle() {
	title := "Wirebench" // not said
	if t := w.strip.current; t != nil {
		title = t.title() + " - Wirebench"
	}
	if w.win.Title() != title {
		w.win.SetTitle(title)
	}
}

// rebuildMenu draws the menu anew when an item's state has changed, because
// Fyne shows a menu as it was when set.
func (w *workbench) rebuildMenu() {
	state := make([]byte, 0, 2*len(w.actions))
	for _, a := range w.actions {
		state = append(state, flag(a.usable()), flag(a.checked != nil && a.checked()))
	}
	if string(state) == w.menu {
		return
	}
	w.menu = string(state)
	w.win.SetMainMenu(menus(menuOrder, w.actions, w.invoke))
}

func flag(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// typedKey dispatches function keys, and Escape and Enter to what lies over
// the window; widgets with the focus hand on those they have no use for.
func (w *workbench) typedKey(ev *fyne.KeyEvent) {
	var held fyne.KeyModifier
	if d, ok := w.app.Driver().(desktop.Driver); ok {
		held = d.CurrentKeyModifiers()
	}
	if w.modalKey(ev.Name) {
		return
	}
	for _, a := range w.actions {
		if a.bare() && a.key == ev.Name && a.mod == held {
			w.invoke(a)
			return
		}
	}
}

// invoke runs an action asked for with a key or in a menu. What lies over the
// window comes first: a shortcut must not work behind a question.
func (w *workbench) invoke(a *action) {
	on := w.win.Canvas()
	if on.Overlays().Top() == nil {
		a.invoke()
		return
	}
	// Fyne asks the menu before what has the focus, which may have a use of its own for the key.
	if focused, ok := on.Focused().(fyne.Shortcutable); ok && a.shortcut() != nil {
		focused.TypedShortcut(a.shortcut())
	}
}

func (w *workbench) applyLook() {
	w.app.Settings().SetTheme(newLook(w.space.Theme, w.space.TextSize))
}

// addTab shows a new tab.
func (w *workbench) addTab(t tab) {
	w.strip.add(t)
	w.publish()
	w.showBody()
	w.saveSpace()
}

// chooseKind asks, under the strip's +, which kind of tab is to be opened.
func (w *workbench) chooseKind() {
	var items []*fyne.MenuItem
	for _, a := range w.actions {
		if a.opens {
			item := fyne.NewMenuItem(cmp.Or(a.kind, a.name).String(), a.invoke)
			item.Shortcut = a.shortcut()
			items = append(items, item)
		}
	}
	m := widget.NewPopUpMenu(fyne.NewMenu("", items...), w.win.Canvas())
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(w.strip.doc)
	m.ShowAtPosition(fyne.NewPos(at.X+w.strip.doc.Size().Width-m.MinSize().Width-theme.Padding(), at.Y+theme.IconInlineSize()+2*theme.InnerPadding()))
}

// askClose closes t, after a question when it has something open.
func (w *workbench) askClose(t tab) {
	why := t.busy()
	if why == "" {
		w.closeTab(t)
		return
	}
	w.ask(words.Say("Close %s?", t.title()), why, words.Say("Close the tab"), words.Say("Keep it"), func() { w.closeTab(t) })
}

// closeTab removes t at once and ends it beside the window.
func (w *workbench) closeTab(t tab) {
	t.saved() // for where its dividers were moved to
	if v := t.view(); v != nil {
		v.stop() // at once: its end takes a while, and nothing is begun in it any more
	}
	w.strip.remove(t)
	w.publish()
	w.showBody()
	w.begin(t.title(), func() {
		t.close()
		fyne.Do(func() {
			if w.ctx.Err() == nil {
				w.lookForCaptures(false) // its capture is a recent one now
			}
		})
	})
	w.saveSpace()
}

// dropped opens capture files that were dragged onto the window.
func (w *workbench) dropped(_ fyne.Position, uris []fyne.URI) {
	for _, u := range uris {
		if u.Scheme() == "file" {
			w.openCapture(filepath.FromSlash(u.Path()))
		}
	}
}

// housekeeping removes finished captures past their time, beside the window.
func (w *workbench) housekeeping() {
	days, size := w.space.KeepDays, w.space.KeepBytes
	dirs := w.captureDirs()
	w.begin(words.Say("Old captures"), func() {
		var removed []capture.Orphan
		var err error
		for _, dir := range dirs {
			r, err1 := capture.Prune(dir, time.Duration(days)*24*time.Hour, size)
			removed, err = append(removed, r...), cmp.Or(err, err1)
		}
		if err == nil && len(removed) == 0 {
			return
		}
		var bytes int64
		for _, r := range removed {
			bytes += r.Bytes
		}
		fyne.Do(func() {
			n := widgets.Notice{Kind: widgets.NoticeInfo, Text: removedText(int64(len(removed)), bytes, days, size)}
			if err != nil {
				n = widgets.Notice{Kind: widgets.NoticeWarning, Text: words.Say("Old captures could not be removed: %s", err)}
			}
			w.notice.SetNotice(n)
		})
	})
}
