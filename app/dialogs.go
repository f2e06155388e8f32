package app

import (
	"fmt"
	"runtime"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"wirebench/widgets"
	"wirebench/widgets/words"
)

// showKeys lists every key, group by group, as the menus have them.
func (w *workbench) showKeys() {
	var groups []widgets.ShortcutGroup
	for _, menu := range menuOrder {
		g := widgets.ShortcutGroup{Title: menu.String()}
		for _, a := range w.actions {
			if a.menu == menu && a.key != "" {
				g.Rows = append(g.Rows, widgets.ShortcutRow{Action: a.label(), Keys: a.keyText()})
			}
		}
		groups = append(groups, g)
	}
	groups = append(groups, widgets.ShortcutGroup{Title: words.Say("In the traffic list and the bytes"), Rows: []widgets.ShortcutRow{
		{Action: words.Say("Move; extend the selection with Shift"), Keys: words.Say("Arrows or Page Up or Page Down")},
		{Action: words.Say("First and last of all"), Keys: words.Say("%s or %s // keys", keyText(fyne.KeyHome, control), keyText(fyne.KeyEnd, control))},
		{Action: words.Say("Select everything"), Keys: keyText(fyne.KeyA, primary)},
		{Action: words.Say("Copy what is selected"), Keys: keyText(fyne.KeyC, primary)},
	}}, widgets.ShortcutGroup{Title: words.Say("In the fields"), Rows: []widgets.ShortcutRow{
		{Action: words.Say("Connect, from the address"), Keys: "Enter"}, // not said
		{Action: words.Say("Recent addresses"), Keys: "Down"},           // not said
		{Action: words.Say("Earlier and later messages, in the composer"), Keys: words.Say("%s or %s // keys", keyText(fyne.KeyUp, control), keyText(fyne.KeyDown, control))},
		{Action: words.Say("Close what is open: find, filter, a list"), Keys: "Esc"}, // not said
	}})
	list := widgets.NewShortcutList(groups)
	w.panel(words.Say("Keys"), list, w.fitting(900, 640))
	list.FocusSearch(w.win.Canvas())
}

// fitting bounds a dialog's size by the window's.
func (w *workbench) fitting(width, height float32) fyne.Size {
	c := w.win.Canvas().Size()
	return fyne.NewSize(min(width, c.Width-40), min(height, c.Height-60))
}

// commands is every action as the palette shows it now.
func (w *workbench) commands() []widgets.Command {
	var list []widgets.Command
	for _, a := range w.actions {
		if a.menu == "Help" && a.key == fyne.KeyP {
			continue // the palette itself
		}
		list = append(list, widgets.Command{Name: a.label(), Shortcut: a.keyText(), Enabled: a.usable(), Run: a.invoke})
	}
	return list
}

// showAbout says what this is, which version, and where things are kept.
func (w *workbench) showAbout() {
	icon := widget.NewIcon(w.app.Icon())
	box := container.NewGridWrap(fyne.NewSize(64, 64), icon)
	name := widget.NewLabelWithStyle("Wirebench "+w.opts.Version, fyne.TextAlignCenter, fyne.TextStyle{Bold: true}) // not said
	text := widget.NewLabelWithStyle(words.Say("The network workbench: see every byte, and why."), fyne.TextAlignCenter, fyne.TextStyle{})
	where := widget.NewForm(
		widget.NewFormItem(words.Say("Captures"), selectable(w.captureDir())),
		widget.NewFormItem(words.Say("Messages"), selectable(w.messages.Folder())),
		widget.NewFormItem(words.Say("Workspace"), selectable(w.spacePath)),
		widget.NewFormItem(words.Say("Built with"), selectable(fmt.Sprintf("%s, %s/%s", runtime.Version(), runtime.GOOS, runtime.GOARCH))),
	)
	w.panel(words.Say("About"), container.NewVBox(container.NewCenter(box), name, text, where), w.fitting(560, 350))
}

func selectable(text string) *widgets.SelectableLabel {
	l := widgets.NewSelectableLabel(text)
	l.Truncation = fyne.TextTruncateEllipsis
	return l
}

// askGoTo asks for an offset or a record and goes there.
func (v *trafficView) askGoTo() {
	v.bench.prompt(words.Say("Go to"), "4096, 0x1000, +16, #12",
		words.Say("An offset in the bytes, from the cursor with + or -, or # and a record's number."), words.Say("Go // to a place in the bytes"),
		func(text string) error {
			p, err := parsePlace(text)
			if err == nil {
				err = v.goTo(p)
			}
			if err == nil {
				v.hex.Focus(v.bench.win.Canvas())
			}
			return err
		})
}
