package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/widgets/words"
)

// Phase is what a session is doing, as far as the buttons beside its address care.
type Phase uint8

const (
	PhaseReady   Phase = iota // nothing is open
	PhaseOpening              // looking a name up, connecting, binding
	PhaseOpen
	PhaseClosing // what was begun is being ended in order
)

// addressLine is what the bars at the top of a tab share: protocol, address with a list of recent ones, a sentence
// about what is wrong with it, and buttons. What was typed stays in the field whatever happens.
type addressLine struct {
	widget.BaseWidget
	addressField

	OnOptions func(open bool) // the options button was switched
	OnEnter   func()          // Enter in the field, before anything is done: the state is to be set as it is by now

	protocol *widget.Label
	main     *widget.Button
	more     *widget.Button // nil where there are no rarer actions
	options  *widget.Button
	opened   bool  // options shown
	phase    Phase // the one shown
	buttons  *fyne.Container
	root     *fyne.Container
	rarer    func() *fyne.Menu // what the button of the rarer actions opens
}

// build makes the parts. The main button calls act, Enter calls enter, the rarer actions come from menu, nil for none,
// and beside stands right of the field.
func (a *addressLine) build(protocol, placeHolder string, act, enter func(), menu func() *fyne.Menu, beside ...fyne.CanvasObject) {
	a.protocol = widget.NewLabelWithStyle(protocol, fyne.TextAlignCenter, fyne.TextStyle{Bold: true})
	a.rarer = menu
	a.addressField.build(placeHolder, func() {
		call(a.OnEnter) // what happened while keys were waiting to be heard is no reason to refuse
		enter()
	}, func() { a.Refresh() })
	a.main = widget.NewButton("", act)
	a.options = widget.NewButtonWithIcon(words.Say("Options"), theme.MenuDropDownIcon(), func() { a.SetOptionsOpen(!a.opened, true) })
	a.options.IconPlacement = widget.ButtonIconTrailingText
	a.buttons = container.NewHBox(append(beside, a.main)...)
	if menu != nil {
		a.more = widget.NewButtonWithIcon("", theme.MoreVerticalIcon(), a.showMore)
		a.buttons.Add(a.more)
	}
	a.buttons.Add(a.options)
	a.root = a.line(a.protocol, a.buttons)
}

// showPhase has the main button say what it does in a phase, and takes away what was refused because of another.
func (a *addressLine) showPhase(p Phase, label string) {
	if p != a.phase && a.waits {
		a.addressField.SetError("")
	}
	a.phase = p
	a.main.Importance = widget.MediumImportance
	switch p {
	case PhaseReady:
		a.main.Importance = widget.HighImportance
	case PhaseOpening:
		a.main.Importance = widget.WarningImportance
	}
	a.main.SetText(label)
	able(a.main, p != PhaseClosing)
}

// SetOptionsOpen shows whether the options panel is open; tell asks for OnOptions to be called.
func (a *addressLine) SetOptionsOpen(open, tell bool) {
	a.opened = open
	icon := theme.MenuDropDownIcon()
	if open {
		icon = theme.MenuDropUpIcon()
	}
	a.options.SetIcon(icon)
	if tell && a.OnOptions != nil {
		a.OnOptions(open)
	}
}

func (a *addressLine) showMore() { popUnder(a.more, a.rarer()) }

// actionItem offers an action; one that makes no sense now says why.
func actionItem(label string, run func(), enabled bool, why string) *fyne.MenuItem {
	if !enabled && why != "" {
		label = words.Say("%s (%s) // an action, and why there is nothing to do now", label, why)
	}
	m := fyne.NewMenuItem(label, func() { call(run) })
	m.Disabled = !enabled
	return m
}

// CreateRenderer is part of fyne.Widget.
func (a *addressLine) CreateRenderer() fyne.WidgetRenderer { return newFace(a.root, nil) }
