package widgets

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/widgets/words"
)

// SettingKind is how a setting is chosen.
type SettingKind int

// The kinds of settings.
const (
	SettingText   SettingKind = iota // a line of text that Set may refuse
	SettingChoice                    // one of Choices; the value is its place among them, "0" for the first
	SettingTick                      // "true" or "false"
	SettingPath                      // a path that is read, and chosen with the buttons
)

// Setting is one thing to choose. Its value is a string whatever the kind.
type Setting struct {
	Label       string
	Hint        string // a sentence under it; may be empty
	Kind        SettingKind
	Choices     []string
	PlaceHolder string
	Width       float32 // of a text field; 0 is usual

	// Get returns the value in force, and Set puts another in force. Its error is a sentence that says what to write
	// instead: it stands at the field, which keeps what was typed, and nothing changes.
	Get func() string
	Set func(value string) error
	// Usual is the value that restoring the defaults gives.
	Usual string
	// Note tells more under the hint, as it is now: what a folder holds. Nil for nothing.
	Note func() string
	// Buttons stand right of the field.
	Buttons []SettingButton
}

// SettingButton is an action beside a setting. Run is told which, for what it finds later, and must not keep a page or a
// label to find it by: another page may be shown by then, in another language.
type SettingButton struct {
	Label string
	Icon  fyne.Resource
	Run   func(beside SettingRow)
}

// SettingsPage is a titled list of settings.
type SettingsPage struct {
	Title string
	Note  string // under the settings; may be empty
	Rows  []Setting
}

// SettingsPanel shows settings in pages. A change is in force as soon as it is made; it can be undone, and a page's
// defaults restored. All methods belong to the UI goroutine.
type SettingsPanel struct {
	widget.BaseWidget

	// OnChanged is called after each change that is in force.
	OnChanged func()
	// OnPage is called when another page is shown; nil for nothing.
	OnPage func(title string)

	pages  []*settingsSheet // at least one
	titles []string
	shown  int
	past   []settingsStep // what can be undone, the latest last

	list   *handingList
	sheet  *container.Scroll
	title  *widget.Label
	undo   *HandingButton
	usual  *HandingButton
	said   *widget.Label
	root   *fyne.Container
	silent bool // values are being shown, not changed
}

var _ fyne.Widget = (*SettingsPanel)(nil)

// settingsStep is one change, of one setting or of a page's all. It has its settings as they were then: what they were
// is written in the language of then.
type settingsStep struct {
	page  int
	rows  []int
	from  []Setting
	was   []string
	whole bool // the page's defaults were restored
}

// mostSteps bounds what can be undone.
const mostSteps = 100

// NewSettingsPanel returns a panel of these pages.
func NewSettingsPanel(pages []SettingsPage) *SettingsPanel {
	s := &SettingsPanel{shown: -1}
	s.build(pages)
	s.list = newHandingList(func() int { return len(s.titles) }, func(i int) string { return s.titles[i] }, s.show)
	s.title = widget.NewLabelWithStyle("", fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	s.title.SizeName = theme.SizeNameSubHeadingText
	s.sheet = container.NewVScroll(container.NewStack())
	s.undo = NewHandingButton("", theme.ContentUndoIcon(), s.Undo)
	s.usual = NewHandingButton("", nil, s.Restore)
	s.sayButtons()
	s.said = widget.NewLabel("")
	s.said.Importance = widget.LowImportance
	s.said.Truncation = fyne.TextTruncateEllipsis
	bar := container.NewBorder(nil, nil, nil, container.NewHBox(s.undo, s.usual), s.said)
	page := container.NewBorder(s.title, container.NewVBox(widget.NewSeparator(), bar), nil, nil, s.sheet)
	s.root = container.New(&asideList{}, s.list, widget.NewSeparator(), page)
	s.ExtendBaseWidget(s)
	s.list.Select(0)
	s.follow()
	return s
}

func (s *SettingsPanel) build(pages []SettingsPage) {
	s.titles, s.pages = nil, nil
	for i, p := range pages {
		s.titles = append(s.titles, p.Title)
		s.pages = append(s.pages, newSettingsSheet(s, i, p))
	}
}

func (s *SettingsPanel) sayButtons() {
	s.undo.SetText(words.Say("Undo"))
	s.usual.SetText(words.Say("Restore this page's defaults"))
}

// Resay takes the same settings in the same places in other words: another language was chosen. The page shown stays,
// and what was changed can still be undone.
func (s *SettingsPanel) Resay(pages []SettingsPage) {
	s.build(pages)
	s.sayButtons()
	s.list.Refresh()
	at := s.shown
	s.shown = -1
	s.show(at)
}

// Row is the setting of that label on the page of that title; false where there is none.
func (s *SettingsPanel) Row(title, label string) (SettingRow, bool) {
	if page := slices.Index(s.titles, title); page >= 0 {
		for i, r := range s.pages[page].rows {
			if r.setting.Label == label {
				return SettingRow{s, page, i}, true
			}
		}
	}
	return SettingRow{}, false
}

// SettingRow is one setting of a panel, whichever page is shown, and in whatever language.
type SettingRow struct {
	panel    *SettingsPanel
	page, at int
}

func (r SettingRow) row() *settingsRow { return r.panel.pages[r.page].rows[r.at] }

// Try sets the setting to a value, as if the person had, and reports whether it took it.
func (r SettingRow) Try(value string) bool {
	ok := r.panel.change(r.row(), value)
	if !ok {
		r.turn()
	}
	r.panel.Renew()
	return ok
}

// Complain says at the setting what is wrong with it, and turns to its page.
func (r SettingRow) Complain(text string) {
	r.turn()
	r.row().complain(text)
	r.panel.pages[r.page].Refresh()
}

// Focus turns to the page of the setting and puts the keyboard there.
func (r SettingRow) Focus(c fyne.Canvas) {
	r.turn()
	if f := r.row().focusable(); f != nil {
		c.Focus(f)
	}
}

func (r SettingRow) turn() { r.panel.list.Select(r.page) }

// ShowPage turns to the page of that title.
func (s *SettingsPanel) ShowPage(title string) {
	if i := slices.Index(s.titles, title); i >= 0 {
		s.list.Select(i)
	}
}

// Page returns the title of the page shown.
func (s *SettingsPanel) Page() string { return s.titles[s.shown] }

// FocusFirst puts the keyboard into the list of pages.
func (s *SettingsPanel) FocusFirst(c fyne.Canvas) { c.Focus(s.list) }

func (s *SettingsPanel) show(i int) {
	if s.shown == i {
		return
	}
	s.shown = i
	s.title.SetText(s.titles[i])
	s.sheet.Content = s.pages[i]
	s.sheet.ScrollToTop()
	s.sheet.Refresh()
	s.Renew()
	if s.OnPage != nil {
		s.OnPage(s.titles[i])
	}
}

// Renew shows the values in force, which something else may have changed. A field with something bad in it keeps that.
func (s *SettingsPanel) Renew() {
	s.silent = true
	defer func() { s.silent = false }()
	for _, r := range s.pages[s.shown].rows {
		r.show()
	}
	s.follow()
}

// change puts a value in force. Several in a row of one setting are one step.
func (s *SettingsPanel) change(r *settingsRow, value string) bool {
	was := r.setting.Get()
	if was == value {
		r.complain("")
		return true
	}
	if err := r.setting.Set(value); err != nil {
		r.complain(err.Error())
		s.pages[r.page].Refresh()
		return false
	}
	r.complain("")
	if r.setting.Get() == was { // the same, written otherwise
		return true
	}
	same := false // as was changed last
	if len(s.past) > 0 {
		last := s.past[len(s.past)-1]
		same = last.page == r.page && slices.Equal(last.rows, []int{r.at})
	}
	if r.setting.Kind != SettingText || !same || !r.typing {
		s.push(settingsStep{page: r.page, rows: []int{r.at}, from: []Setting{r.setting}, was: []string{was}})
	}
	r.typing = true
	s.changed()
	return true
}

func (s *SettingsPanel) push(step settingsStep) {
	s.past = append(s.past, step)
	if len(s.past) > mostSteps {
		s.past = s.past[1:]
	}
}

func (s *SettingsPanel) changed() {
	s.follow()
	call(s.OnChanged)
}

// Undo takes the latest change back and shows the page it was on.
func (s *SettingsPanel) Undo() {
	if len(s.past) == 0 {
		return
	}
	step := s.past[len(s.past)-1]
	s.past = s.past[:len(s.past)-1]
	s.list.Select(step.page)
	s.put(step.page, step.rows, step.from, step.was)
	what := s.titles[step.page]
	if !step.whole {
		what = s.pages[step.page].rows[step.rows[0]].setting.Label
	}
	s.said.SetText(words.Say("Taken back: %s", what))
}

// Restore gives every setting of the page shown its usual value.
func (s *SettingsPanel) Restore() {
	step := settingsStep{page: s.shown, whole: true}
	var usual []string
	for _, r := range s.pages[s.shown].rows {
		if was := r.setting.Get(); was != r.setting.Usual || r.said() != "" {
			step.rows, step.from = append(step.rows, r.at), append(step.from, r.setting)
			step.was, usual = append(step.was, was), append(usual, r.setting.Usual)
		}
	}
	if len(step.rows) == 0 {
		return
	}
	s.push(step)
	s.put(step.page, step.rows, step.from, usual)
	s.said.SetText(words.Say("Defaults restored: %s", s.titles[step.page]))
}

// put puts values in force in the rows of a page, by the settings that wrote the values.
func (s *SettingsPanel) put(page int, rows []int, by []Setting, values []string) {
	for i, at := range rows {
		text := ""
		if err := by[i].Set(values[i]); err != nil {
			text = err.Error()
		}
		r := s.pages[page].rows[at]
		r.typing = false
		r.complain(text)
	}
	s.Renew()
	call(s.OnChanged)
}

// follow brings what tells about the settings in line with them.
func (s *SettingsPanel) follow() {
	s.said.SetText("")
	if len(s.past) == 0 {
		s.undo.Disable()
	} else {
		s.undo.Enable()
	}
	if s.shown < 0 {
		return
	}
	for _, r := range s.pages[s.shown].rows {
		r.tell()
	}
	s.pages[s.shown].Refresh()
}

// CreateRenderer is part of fyne.Widget.
func (s *SettingsPanel) CreateRenderer() fyne.WidgetRenderer { return newFace(s.root, nil) }

// asideList puts a narrow list, a line and what the list chooses side by side.
type asideList struct{ width float32 }

// listWidth is for the titles of a panel's pages; 0 in asideList.
const listWidth = 170

func (a *asideList) list() float32 {
	w := a.width
	if w == 0 {
		w = listWidth
	}
	return w * theme.TextSize() / 13
}

func (a *asideList) MinSize(o []fyne.CanvasObject) fyne.Size {
	page := o[2].MinSize()
	return fyne.NewSize(a.list()+3*theme.InnerPadding()+max(page.Width, 300), max(page.Height, 200))
}

func (a *asideList) Layout(o []fyne.CanvasObject, size fyne.Size) {
	w, gap := min(a.list(), size.Width/3), theme.InnerPadding()
	o[0].Resize(fyne.NewSize(w, size.Height))
	o[1].Move(fyne.NewPos(w+gap, 0))
	o[1].Resize(fyne.NewSize(theme.SeparatorThicknessSize(), size.Height))
	x := w + 2*gap + theme.SeparatorThicknessSize()
	o[2].Move(fyne.NewPos(x, 0))
	o[2].Resize(fyne.NewSize(size.Width-x, size.Height))
}
