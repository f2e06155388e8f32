package app

import (
	"runtime"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"wirebench/widgets/words"
)

// An action is one thing a person can do, said once: the menus, the keys, the
// command palette and the list behind F1 are all drawn from the same table, so
// none can know of something that another does not.
type action struct {
	name words.Text // as shown, with an ellipsis where a question follows
	menu words.Text // top-level menu it stands in
	sub  words.Text // submenu, "" for none
	// key and mod are the shortcut; key "" for none. Function keys go without
	// a modifier, or with Shift; see bare.
	key fyne.KeyName
	mod fyne.KeyModifier
	// enabled says whether run makes sense now; nil means always.
	enabled func() bool
	// checked marks a menu item as the choice in force; nil for plain items.
	checked func() bool
	// separate draws a line above the item, or above its submenu where it is the first there.
	separate bool
	// opens says that the action opens a tab, and so stands behind the strip's +,
	// as what kind says; as its name, if that is "".
	opens bool
	kind  words.Text
	run   func()
}

// usable reports whether the action can be run now.
func (a *action) usable() bool { return a.enabled == nil || a.enabled() }

// invoke runs the action if it makes sense now. Fyne triggers the shortcuts of
// disabled menu items too, so the check belongs here.
func (a *action) invoke() {
	if a.usable() {
		a.run()
	}
}

// separated is a with a line above it.
func separated(a *action) *action {
	a.separate = true
	return a
}

// shortcut is nil for actions without a key and for those with a bare one.
func (a *action) shortcut() fyne.Shortcut {
	if a.key == "" || a.bare() {
		return nil
	}
	return shortcutOf(a.key, a.mod)
}

func shortcutOf(key fyne.KeyName, mod fyne.KeyModifier) fyne.Shortcut {
	return &desktop.CustomShortcut{KeyName: key, Modifier: mod}
}

// bare reports a key that Fyne does not take for a shortcut: one without a
// modifier, or with Shift alone. The window dispatches those itself.
func (a *action) bare() bool { return a.key != "" && a.mod&^fyne.KeyModifierShift == 0 }

// keyText is the shortcut as a person reads it: "Ctrl+Shift+P".
func (a *action) keyText() string {
	if a.key == "" {
		return ""
	}
	return keyText(a.key, a.mod)
}

// primary is Ctrl, or Cmd on macOS.
const primary = fyne.KeyModifierShortcutDefault

func keyText(key fyne.KeyName, mod fyne.KeyModifier) string {
	var parts []string
	if mod&fyne.KeyModifierControl != 0 {
		parts = append(parts, "Ctrl") // not said
	}
	if mod&fyne.KeyModifierSuper != 0 {
		if runtime.GOOS == "darwin" {
			parts = append(parts, "Cmd") // not said
		} else {
			parts = append(parts, "Super") // not said
		}
	}
	if mod&fyne.KeyModifierAlt != 0 {
		parts = append(parts, "Alt") // not said
	}
	if mod&fyne.KeyModifierShift != 0 {
		parts = append(parts, "Shift") // not said
	}
	name := string(key)
	switch key {
	case fyne.KeyReturn, fyne.KeyEnter:
		name = "Enter" // not said
	case fyne.KeyPageUp:
		name = "Page Up" // not said
	case fyne.KeyPageDown:
		name = "Page Down" // not said
	case fyne.KeyEqual:
		name = "+"
	}
	return strings.Join(append(parts, name), "+")
}

// menus builds the main menu from the actions, in their order; invoke is what
// choosing one does.
func menus(order []words.Text, actions []*action, invoke func(*action)) *fyne.MainMenu {
	main := fyne.NewMainMenu()
	for _, title := range order {
		m := fyne.NewMenu(title.String())
		subs := map[words.Text]*fyne.Menu{}
		for _, a := range actions {
			if a.menu != title {
				continue
			}
			item := fyne.NewMenuItem(a.name.String(), func() { invoke(a) })
			item.Shortcut = a.shortcut()
			item.IsQuit = a.name == "Quit" // or Fyne adds one of its own
			item.Disabled = !a.usable()
			item.Checked = a.checked != nil && a.checked()
			// Fyne shows no key it does not dispatch: say it in the label.
			if a.bare() {
				item.Label += "   (" + a.keyText() + ")"
			}
			into := m
			if a.sub != "" {
				into = subs[a.sub]
				if into != nil && a.separate {
					into.Items = append(into.Items, fyne.NewMenuItemSeparator())
				}
				if into == nil {
					into = fyne.NewMenu(a.sub.String())
					subs[a.sub] = into
					parent := fyne.NewMenuItem(a.sub.String(), nil)
					parent.ChildMenu = into
					if a.separate {
						m.Items = append(m.Items, fyne.NewMenuItemSeparator())
					}
					m.Items = append(m.Items, parent)
				}
			} else if a.separate && len(m.Items) > 0 {
				into.Items = append(into.Items, fyne.NewMenuItemSeparator())
			}
			into.Items = append(into.Items, item)
		}
		main.Items = append(main.Items, m)
	}
	return main
}

// label names the action outside its menu, where a submenu's title has to be
// said along: "Theme: Dark".
func (a *action) label() string {
	name := strings.TrimSuffix(a.name.String(), "...")
	if a.sub != "" {
		return a.sub.String() + ": " + name
	}
	return name
}
