package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// formPages is what forms in pages share: pages of fields that the engine knows by name, so that what it finds wrong
// is said at the field, on the page that it stands on.
type formPages struct {
	widget.BaseWidget

	pages  *container.AppTabs
	fields map[string]formField
	names  []string       // of the fields, in the order they were made
	at     map[string]int // the page of a field
	loose  []string       // fields not on a page yet
	made   int            // pages
}

// line makes a field for text. A nil verify takes everything.
func (f *formPages) line(name, placeHolder string, width float32, verify func(string) error) *checkedEntry {
	if verify == nil {
		verify = func(string) error { return nil }
	}
	e := newCheckedEntry(placeHolder, width, verify, func() {})
	f.know(name, e)
	return e
}

// know registers a field.
func (f *formPages) know(name string, field formField) {
	if f.fields == nil {
		f.fields, f.at = map[string]formField{}, map[string]int{}
	}
	f.fields[name] = field
	f.names = append(f.names, name)
}

// form is a page of parts side by side with a note under them, "" for none. It gathers the fields that were put since
// the last one.
func (f *formPages) form(title, note string, parts ...fyne.CanvasObject) *container.TabItem {
	content := fyne.CanvasObject(container.New(&flow{}, parts...))
	if note != "" {
		content = container.NewVBox(content, newNote(note))
	}
	return f.page(title, content)
}

// page is a page of any content, with the fields that were put since the last one.
func (f *formPages) page(title string, content fyne.CanvasObject) *container.TabItem {
	for _, name := range f.loose {
		f.at[name] = f.made
	}
	f.loose = nil
	f.made++
	return container.NewTabItem(title, content)
}

// put labels what the engine knows under the name of field.
func (f *formPages) put(field, label string, shown fyne.CanvasObject) fyne.CanvasObject {
	f.loose = append(f.loose, field)
	return labelled(label, shown)
}

// firstBad checks every field that takes part and returns the name of the first that is bad, "" for none.
func (f *formPages) firstBad(takesPart func(name string) bool) (bad string) {
	for _, name := range f.names {
		if takesPart != nil && !takesPart(name) {
			continue
		}
		e := f.fields[name]
		e.check()
		if e.said() != "" && bad == "" {
			bad = name
		}
	}
	return bad
}

// turnTo shows the page of a field.
func (f *formPages) turnTo(field string) { f.pages.SelectIndex(f.at[field]) }

// SetProblem marks the field that the engine refuses, by the name the engine has for it, and shows its page. It
// reports whether there is such a field.
func (f *formPages) SetProblem(field, text string) bool {
	e := f.fields[field]
	if e == nil {
		return false
	}
	f.turnTo(field)
	e.complain(text)
	f.Refresh()
	return true
}

// ShowPage shows the page of that title.
func (f *formPages) ShowPage(title string) {
	for _, p := range f.pages.Items {
		if p.Text == title {
			f.pages.Select(p)
		}
	}
}

// CreateRenderer is part of fyne.Widget.
func (f *formPages) CreateRenderer() fyne.WidgetRenderer {
	r := newFace(f.pages, nil)
	r.layout = func(size fyne.Size) {
		f.spread(size.Width)
		f.pages.Resize(size)
	}
	return r
}

// spread lays out the pages for a width, the hidden ones too: they are not drawn, and still take part in the height.
func (f *formPages) spread(width float32) {
	for _, p := range f.pages.Items {
		for range 2 { // the height that a page needs is known when it has its width
			p.Content.Resize(fyne.NewSize(width-2*theme.Padding(), p.Content.MinSize().Height))
		}
	}
}

// usualWidth is taken for the form's width before that is known.
const usualWidth = 1000

// filePicker asks the person for a file, to be read or to be written, and calls set with its path.
type filePicker func(title string, save bool, set func(path string))

// fileButton puts a button beside e that fills it with a path, or adds one to the list in it.
func fileButton(e *checkedEntry, title string, several, save bool, pick filePicker) fyne.CanvasObject {
	b := widget.NewButtonWithIcon("", theme.FolderOpenIcon(), func() {
		pick(title, save, func(path string) {
			if several && trimBlanks(e.entry.Text) != "" {
				path = e.entry.Text + pathListSeparator + path
			}
			e.entry.SetText(clip(path, lineLimit))
			call(e.onDone)
		})
	})
	b.Importance = widget.LowImportance
	return container.New(&besides{}, e, container.New(&atLeast{}, b)) // the button stays beside the field when a sentence stands under that
}

// newNote is a sentence about a page, under its fields.
func newNote(text string) *widget.Label {
	n := widget.NewLabel(text)
	n.Importance = widget.LowImportance
	n.Wrapping = fyne.TextWrapWord
	return n
}

// wide gives a list the width that its choices need.
func wide(s *widget.Select, width float32) fyne.CanvasObject {
	return container.New(&atLeast{width}, s)
}

type atLeast struct{ width float32 }

func (a *atLeast) MinSize(o []fyne.CanvasObject) fyne.Size {
	s := o[0].MinSize()
	return fyne.NewSize(max(s.Width, a.width), s.Height)
}

func (a *atLeast) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Move(fyne.Position{})
	o[0].Resize(fyne.NewSize(size.Width, o[0].MinSize().Height))
}
