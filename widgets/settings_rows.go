package widgets

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// usualField is the width of a setting's text field.
const usualField = 130

// settingsRow is one setting on its page.
type settingsRow struct {
	setting  Setting
	page, at int // where it stands
	label    *widget.Label
	input    fyne.CanvasObject
	hint     *widget.RichText // nil for none
	note     *SelectableLabel // nil for none

	line   *checkedEntry  // of text
	choice *checkedChoice // of a list
	tick   *HandingCheck
	path   *SelectableLabel
	fault  string            // why a path was refused
	flows  fyne.CanvasObject // the part of the input whose height goes by its width; nil for none

	typing bool // the step that can be undone is still being typed
}

func newSettingsRow(s *SettingsPanel, page, at int, setting Setting) *settingsRow {
	r := &settingsRow{setting: setting, page: page, at: at}
	text := setting.Label
	switch setting.Kind {
	case SettingText:
		width := setting.Width
		if width == 0 {
			width = usualField
		}
		r.line = newCheckedEntry(setting.PlaceHolder, width, func(string) error { return nil }, func() {
			if !s.silent {
				s.change(r, r.line.text())
			}
		})
		// A field forgets a complaint at each edit; change says it anew.
		r.line.onDone = func() { r.typing = false }
		r.input = r.line
	case SettingChoice:
		r.choice = newCheckedChoice(setting.Choices, nil, func() {
			if !s.silent {
				s.change(r, strconv.Itoa(r.choice.index()))
			}
		})
		r.input = r.choice
	case SettingTick:
		r.tick = NewHandingCheck(text, func(on bool) {
			if !s.silent {
				s.change(r, strconv.FormatBool(on))
			}
		})
		r.input = container.NewHBox(r.tick)
		text = "" // it stands beside the tick
	case SettingPath:
		r.path = NewSelectableLabel("")
		r.path.Truncation = fyne.TextTruncateEllipsis
		r.input = r.path
	}
	if len(setting.Buttons) > 0 {
		row := container.New(&flow{})
		if r.path == nil {
			row.Add(r.input)
		}
		for _, b := range setting.Buttons {
			row.Add(NewHandingButton(b.Label, b.Icon, func() { b.Run(SettingRow{s, page, at}) }))
		}
		r.input, r.flows = row, row
		if r.path != nil {
			r.input = container.NewVBox(r.path, row)
		}
	}
	r.label = widget.NewLabel(text)
	if setting.Hint != "" {
		r.hint = mutedText(setting.Hint, false, fyne.TextWrapWord)
	}
	if setting.Note != nil || r.path != nil {
		r.note = NewSelectableLabel("")
		r.note.Wrapping = fyne.TextWrapWord
	}
	return r
}

// focusable is what of the row has the keyboard, nil for nothing.
func (r *settingsRow) focusable() fyne.Focusable {
	switch {
	case r.line != nil:
		return r.line.entry
	case r.choice != nil:
		return r.choice.keys
	case r.tick != nil:
		return r.tick
	}
	return nil
}

// show fills the field with the value in force.
func (r *settingsRow) show() {
	value := r.setting.Get()
	switch r.setting.Kind {
	case SettingText:
		if r.line.said() == "" && r.line.text() != value && !r.typing {
			r.line.set(value)
		}
	case SettingChoice:
		i, _ := strconv.Atoi(value)
		r.choice.set(i)
	case SettingTick:
		r.tick.SetChecked(value == "true")
	case SettingPath:
		r.path.SetText(value)
	}
}

// tell renews the note.
func (r *settingsRow) tell() {
	if r.note != nil {
		text, importance := wholeSentence(r.fault), widget.DangerImportance
		if text == "" {
			importance = widget.MediumImportance
			if r.setting.Note != nil {
				text = r.setting.Note()
			}
		}
		r.note.Importance = importance
		r.note.SetText(plainText(text, noticeRunes, true))
		setVisible(r.note, text != "")
	}
}

func (r *settingsRow) complain(text string) {
	switch {
	case r.line != nil:
		r.line.complain(text)
	case r.choice != nil:
		r.choice.complain(text)
	case r.path != nil:
		r.fault = text
		r.tell()
	}
}

func (r *settingsRow) said() string {
	switch {
	case r.line != nil:
		return r.line.said()
	case r.choice != nil:
		return r.choice.said()
	}
	return r.fault
}

// settingsSheet lays a page's settings out in two columns, the labels left.
type settingsSheet struct {
	widget.BaseWidget
	rows []*settingsRow
	note *widget.RichText // nil for none
}

func newSettingsSheet(s *SettingsPanel, page int, p SettingsPage) *settingsSheet {
	sheet := &settingsSheet{}
	for i, setting := range p.Rows {
		sheet.rows = append(sheet.rows, newSettingsRow(s, page, i, setting))
	}
	if p.Note != "" {
		sheet.note = mutedText(p.Note, false, fyne.TextWrapWord)
	}
	sheet.ExtendBaseWidget(sheet)
	return sheet
}

// arrange lays the rows out for a width and returns the height they take.
func (s *settingsSheet) arrange(width float32, place bool) float32 {
	inner, pad := theme.InnerPadding(), theme.Padding()
	var labels float32 // the width of their column
	for _, r := range s.rows {
		labels = max(labels, r.label.MinSize().Width)
	}
	labels = max(labels+inner, 150*theme.TextSize()/13)
	stacked := width-labels < 300*theme.TextSize()/13 // no room for the inputs beside their labels
	if stacked {
		labels = 0
	}
	room := max(width-labels-inner, 120)
	y := pad
	under := func(o fyne.CanvasObject) { // a text that wraps, tucked to what is above it
		o.Resize(fyne.NewSize(room, o.MinSize().Height)) // its height is known when it has its width
		h := o.MinSize().Height
		if place {
			o.Move(fyne.NewPos(labels, y-inner))
			o.Resize(fyne.NewSize(room, h))
		}
		y += h - 2*inner + pad
	}
	for _, r := range s.rows {
		if r.flows != nil {
			r.flows.Resize(fyne.NewSize(room, r.flows.MinSize().Height)) // its height is known when it has its width
		}
		least, label := r.input.MinSize(), r.label.MinSize()
		w := min(least.Width, room)
		if r.path != nil || r.flows != nil {
			w = room
		}
		if place {
			r.label.Move(fyne.NewPos(0, y))
			r.label.Resize(fyne.NewSize(min(label.Width, width), label.Height))
		}
		height := max(least.Height, label.Height)
		if stacked {
			if r.label.Text != "" {
				y += label.Height - inner
			}
			height = least.Height
		}
		if place {
			r.input.Move(fyne.NewPos(labels, y))
			r.input.Resize(fyne.NewSize(w, least.Height))
		}
		y += height + pad
		if r.hint != nil {
			under(r.hint)
		}
		if r.note != nil && r.note.Visible() {
			under(r.note)
		}
		y += inner + pad
	}
	if s.note != nil {
		s.note.Resize(fyne.NewSize(width, s.note.MinSize().Height))
		h := s.note.MinSize().Height
		if place {
			s.note.Move(fyne.NewPos(0, y))
			s.note.Resize(fyne.NewSize(width, h))
		}
		y += h
	}
	return y
}

// CreateRenderer is part of fyne.Widget.
func (s *settingsSheet) CreateRenderer() fyne.WidgetRenderer {
	var objects []fyne.CanvasObject
	for _, r := range s.rows {
		objects = append(objects, r.label, r.input)
		if r.hint != nil {
			objects = append(objects, r.hint)
		}
		if r.note != nil {
			objects = append(objects, r.note)
		}
	}
	if s.note != nil {
		objects = append(objects, s.note)
	}
	return &faceRenderer{
		objects: objects,
		layout:  func(size fyne.Size) { s.arrange(size.Width, true) },
		minSize: func() fyne.Size {
			width := s.Size().Width
			if width < 300 {
				width = 560
			}
			return fyne.NewSize(300, s.arrange(width, false))
		},
		refresh: func() {
			s.arrange(s.Size().Width, true)
			for _, o := range objects {
				o.Refresh()
			}
		},
	}
}
