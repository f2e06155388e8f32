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

// SettingButton is an action beside a setting.
type SettingButton struct {
	Label string
	Icon  fyne.Resource
	Run   func()
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

	pages  []*settingsSheet
	titles []string
	shown  int
	past   []settingsStep // what can be undone, the latest last

	list   *handingList
	sheet  *container.Scroll
	title  *widget.Label
	undo   *handingButton
	usual  *handingButton
	said   *widget.Label
	root   *fyne.Container
	silent bool // values are being shown, not changed
}

var _ fyne.Widget = (*SettingsPanel)(nil)

// settingsStep is one change, of one setting or of a page's all.
type settingsStep struct {
	label string
	rows  []*settingsRow
	was   []string
}

// mostSteps bounds what can be undone.
const mostSteps = 100

// NewSettingsPanel returns a panel of these pages.
func NewSettingsPanel(pages []SettingsPage) *SettingsPanel {
	s := &SettingsPanel{shown: -1}
	for _, p := range pages {
		s.titles = append(s.titles, p.Title)
		s.pages = append(s.pages, newSettingsSheet(s, p))
	}
	s.list = newHandingList(func() int { return len(s.titles) }, func(i int) string { return s.titles[i] }, s.show)
	s.title = widget.NewLabelWithStyle("", fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	s.title.SizeName = theme.SizeNameSubHeadingText
	s.sheet = container.NewVScroll(container.NewStack())
	s.undo = newHandingButton(words.Say("Undo"), theme.ContentUndoIcon(), s.Undo)
	s.usual = newHandingButton(words.Say("Restore this page's defaults"), nil, s.Restore)
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

// Try sets the setting of that label on the page shown to a value, as if the person had, and reports whether it took
// it: for what a button beside it has found.
func (s *SettingsPanel) Try(label, value string) bool {
	for _, r := range s.pages[s.shown].rows {
		if r.setting.Label == label {
			ok := s.change(r, value)
			s.Renew()
			return ok
		}
	}
	return false
}

// Complain says at the setting of that label on the page shown what is wrong with it.
func (s *SettingsPanel) Complain(label, text string) {
	for _, r := range s.pages[s.shown].rows {
		if r.setting.Label == label {
			r.complain(text)
			s.pages[s.shown].Refresh()
		}
	}
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
		s.pages[s.shown].Refresh()
		return false
	}
	r.complain("")
	if r.setting.Get() == was { // the same, written otherwise
		return true
	}
	last := len(s.past) - 1
	if r.setting.Kind != SettingText || last < 0 || !slices.Equal(s.past[last].rows, []*settingsRow{r}) || !r.typing {
		s.push(settingsStep{r.setting.Label, []*settingsRow{r}, []string{was}})
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
	for i, p := range s.pages {
		if slices.Contains(p.rows, step.rows[0]) {
			s.list.Select(i)
		}
	}
	s.put(step.rows, step.was)
	s.said.SetText(words.Say("Taken back: %s", step.label))
}

// Restore gives every setting of the page shown its usual value.
func (s *SettingsPanel) Restore() {
	step := settingsStep{label: s.titles[s.shown]}
	var usual []string
	for _, r := range s.pages[s.shown].rows {
		if was := r.setting.Get(); was != r.setting.Usual || r.said() != "" {
			step.rows, step.was, usual = append(step.rows, r), append(step.was, was), append(usual, r.setting.Usual)
		}
	}
	if len(step.rows) == 0 {
		return
	}
	s.push(step)
	s.put(step.rows, usual)
	s.said.SetText(words.Say("Defaults restored: %s", step.label))
}

func (s *SettingsPanel) put(rows []*settingsRow, values []string) {
	for i, r := range rows {
		r.typing = false
		if err := r.setting.Set(values[i]); err != nil {
			r.complain(err.Error())
			continue
		}
		r.complain("")
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
