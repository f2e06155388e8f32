package widgets

import (
	"encoding/hex"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"wirebench/widgets/words"
)

func (f *factList) copy(text string) {
	if text != "" && f.onCopy != nil {
		f.onCopy(text)
	}
}

// copied is a value as it is copied.
func (o fact) copied() string { return o.value }

// line is a fact with everything that is shown of it.
func (o fact) line() string {
	s := o.name + ": " + o.value
	switch {
	case o.note == "":
	case o.problem:
		s += " [" + o.note + "]"
	default:
		s += " (" + o.note + ")"
	}
	return s
}

func (o fact) hex() string { return hex.EncodeToString(o.raw) }

// text is the chosen facts, one a line. A chosen title alone stands for its whole group, by name and value.
func (f *factList) text(of func(fact) string) string {
	if f.head < 0 {
		return ""
	}
	from, to := min(f.anchor, f.head), max(f.anchor, f.head)
	if it := f.rows.items[from]; from == to && it.fact < 0 {
		return f.groups[it.group].text()
	}
	var lines []string
	for _, it := range f.rows.items[from : to+1] {
		if it.fact >= 0 {
			lines = append(lines, of(f.groups[it.group].facts[it.fact]))
		}
	}
	return strings.Join(lines, "\n")
}

func (g *factGroup) text() string {
	var b strings.Builder
	b.WriteString(g.title + "\n")
	for _, one := range g.facts {
		b.WriteString("    " + one.line() + "\n")
	}
	return b.String()
}

// all is every fact as text, also those that the filter leaves out.
func (f *factList) all() string {
	var b strings.Builder
	for i := range f.groups {
		b.WriteString(f.groups[i].text())
	}
	return b.String()
}

// menu offers what can be done with what is under the pointer.
func (f *factList) menu(row int64, _ int, at fyne.Position) {
	if item := f.rows.itemAt(row); !f.holds(item) {
		f.choose(item, false)
	}
	if c := canvasOf(f); c != nil && f.head >= 0 {
		widget.ShowPopUpMenuAtPosition(f.offers(), c, at)
	}
}

func (f *factList) offers() *fyne.Menu {
	it := f.rows.items[f.head]
	one := f.anchor == f.head
	item := func(label string, run func()) *fyne.MenuItem { return fyne.NewMenuItem(label, run) }
	copies := func(of func(fact) string) func() { return func() { f.copy(f.text(of)) } }
	var items []*fyne.MenuItem
	switch {
	case one && it.fact < 0:
		word := words.Say("Fold the group")
		if f.folds(&f.groups[it.group]) {
			word = words.Say("Unfold the group")
		}
		items = append(items, item(words.Say("Copy the group"), copies(fact.line)), item(word, func() { f.open(f.head) }))
	case !one:
		items = append(items, item(words.Say("Copy values"), copies(fact.copied)), item(words.Say("Copy names and values"), copies(fact.line)))
	default:
		items = append(items, item(words.Say("Copy value"), copies(fact.copied)), item(words.Say("Copy name and value"), copies(fact.line)))
		if o := f.groups[it.group].facts[it.fact]; len(o.raw) > 0 {
			items = append(items, item(words.Say("Copy as hex"), copies(fact.hex)))
		}
		if it.long {
			word := words.Say("Show the whole value")
			if f.whole[it.factID] {
				word = words.Say("Show less of the value")
			}
			items = append(items, item(word, func() { f.open(f.head) }))
		}
	}
	items = append(items, fyne.NewMenuItemSeparator(), item(words.Say("Copy everything"), func() { f.copy(f.all()) }))
	return fyne.NewMenu("", items...)
}
