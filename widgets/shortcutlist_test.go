package widgets

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"
)

var testShortcuts = []ShortcutGroup{
	{"Tabs", []ShortcutRow{{"New tab", "Ctrl+T"}, {"Close the tab", "Ctrl+W"}, {"Next tab", "Ctrl+Tab"}, {"Previous tab", "Ctrl+Shift+Tab"}}},
	{"Connection", []ShortcutRow{{"Go to the address", "Ctrl+L"}, {"Connect", "Enter"}, {"Send", "Ctrl+Enter"}, {"Earlier message", "Ctrl+Up"}}},
	{"Looking", []ShortcutRow{{"Find", "Ctrl+F"}, {"Next match", "F3 or Ctrl+N"}, {"Previous match", "Shift+F3"}, {"Go to an offset", "Ctrl+G"}, {"Larger text", "Ctrl++"}}},
	{"Anything", []ShortcutRow{{"Find a command by its name", "Ctrl+Shift+P"}, {"This list", "F1"}, {"An action with a name that is far too long for its column to hold", "Ctrl+Alt+Shift+F12"}}},
}

func TestShortcutsAreFoundByActionKeyAndGroup(t *testing.T) {
	s := NewShortcutList(testShortcuts)
	stage(t, s, fyne.NewSize(800, 400))
	for query, want := range map[string]int{
		"": 16, "match": 2, "ctrl+l": 1, "TABS": 4, " connect ": 4, "no such thing": 0, "shift": 4,
	} {
		s.entry.SetText(query)
		if s.shown != want {
			t.Errorf("%q shows %d rows, want %d", query, s.shown, want)
		}
		if s.none.Visible() != (want == 0) {
			t.Errorf("%q: says that there is none: %v", query, s.none.Visible())
		}
	}
}

func TestKeysAreTakenApartAtThePlus(t *testing.T) {
	for in, want := range map[string][]string{
		"Ctrl+T": {"Ctrl", "T"}, "Ctrl++": {"Ctrl", "+"}, "F1": {"F1"}, "+": {"+"}, "Ctrl+Shift+P": {"Ctrl", "Shift", "P"}, "": nil,
	} {
		if got := splitKeys(in); !slices.Equal(got, want) {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

func TestTheShortcutListLooksRight(t *testing.T) {
	s := NewShortcutList(testShortcuts)
	w := stage(t, s, fyne.NewSize(820, 420))
	looks(t, w, "shortcuts-wide")
	w.Resize(fyne.NewSize(420, 420))
	looks(t, w, "shortcuts-narrow")
	w.Resize(fyne.NewSize(820, 420))
	s.entry.SetText("nothing at all")
	looks(t, w, "shortcuts-none")
}
