package widgets

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

// settingsUnderTest are settings of every kind with what they hold.
type settingsUnderTest struct {
	panel   *SettingsPanel
	win     fyne.Window
	theme   string
	limit   time.Duration
	size    int64
	count   int64
	on      string
	folder  string
	changes int
	beside  SettingRow // of the button that was pressed
}

func stagedSettings(t *testing.T) *settingsUnderTest {
	t.Helper()
	test.NewTempApp(t)
	u := &settingsUnderTest{theme: "0", limit: 20 * time.Second, size: 4 << 30, count: 14, on: "false", folder: "/captures"}
	u.panel = NewSettingsPanel(u.pages())
	u.panel.OnChanged = func() { u.changes++ }
	u.win = stage(t, u.panel, fyne.NewSize(820, 560))
	return u
}

func (u *settingsUnderTest) pages() []SettingsPage {
	hold := func(s *string) (func() string, func(string) error) {
		return func() string { return *s }, func(v string) error {
			if v == "" {
				return errors.New("choose something")
			}
			*s = v
			return nil
		}
	}
	choice := Setting{Label: "Theme", Kind: SettingChoice, Choices: []string{"As the system", "Light", "Dark"}, Usual: "0"}
	choice.Get, choice.Set = hold(&u.theme)
	tick := Setting{Label: "Empty the message field", Kind: SettingTick, Usual: "false"}
	tick.Get, tick.Set = hold(&u.on)
	path := Setting{Label: "Folder", Kind: SettingPath, Usual: "/captures", Hint: "Holds for new sessions.", Note: func() string { return "3 captures are there." },
		Buttons: []SettingButton{{Label: "Choose...", Run: func(r SettingRow) { u.beside = r; r.Try("/elsewhere") }}}}
	path.Get, path.Set = hold(&u.folder)
	return []SettingsPage{
		{Title: "Window", Rows: []Setting{choice, tick}},
		{Title: "Captures", Note: "New tabs begin with these.", Rows: []Setting{path,
			DurationSetting(Setting{Label: "Timeout", Usual: "20s", Hint: "Until connecting is given up."}, time.Hour, "never",
				func() time.Duration { return u.limit }, func(d time.Duration) { u.limit = d }),
			SizeSetting(Setting{Label: "One session", Usual: "4 GiB"}, 64<<20, 1<<50, "", func() int64 { return u.size }, func(n int64) { u.size = n }),
			CountSetting(Setting{Label: "Days", Usual: "14"}, 0, 3650, "", func() int64 { return u.count }, func(n int64) { u.count = n }),
		}},
	}
}

// row is the setting of that label on the page shown.
func (u *settingsUnderTest) row(t *testing.T, label string) *settingsRow {
	t.Helper()
	for _, r := range u.panel.pages[u.panel.shown].rows {
		if r.setting.Label == label {
			return r
		}
	}
	t.Fatalf("there is no setting %q on %s", label, u.panel.Page())
	return nil
}

func TestASettingIsInForceAsSoonAsItIsChosen(t *testing.T) {
	u := stagedSettings(t)
	u.row(t, "Theme").choice.list.SetSelected("Dark")
	u.row(t, "Empty the message field").tick.SetChecked(true)
	u.panel.ShowPage("Captures")
	for label, text := range map[string]string{"Timeout": "1m30s", "One session": "1.5 GiB", "Days": "1,000"} {
		u.row(t, label).line.entry.SetText(text)
	}
	if u.theme != "2" || u.on != "true" || u.limit != 90*time.Second || u.size != 3<<29 || u.count != 1000 || u.changes != 5 {
		t.Errorf("%+v", u)
	}
	u.row(t, "Timeout").line.entry.SetText("Never")
	if u.limit != 0 {
		t.Errorf("never is %v", u.limit)
	}
}

func TestABadSettingIsMarkedAndKeptAndChangesNothing(t *testing.T) {
	u := stagedSettings(t)
	u.panel.ShowPage("Captures")
	for _, c := range []struct{ label, text, say string }{
		{"Timeout", "soon", "or never"}, {"Timeout", "2h", "at most 1h"}, {"One session", "1 MiB", "at least 64 MiB"},
		{"One session", "much", "like 256 KiB"}, {"Days", "-1", "from 0 to 3,650"},
	} {
		r := u.row(t, c.label)
		r.line.entry.SetText(c.text)
		if !strings.Contains(r.said(), c.say) || r.line.entry.Text != c.text {
			t.Errorf("%s %q: says %q and shows %q", c.label, c.text, r.said(), r.line.entry.Text)
		}
	}
	if u.limit != 20*time.Second || u.size != 4<<30 || u.count != 14 || u.changes != 0 {
		t.Errorf("something changed: %+v", u)
	}
	// It is kept while pages are turned, and put right with a good value.
	u.panel.ShowPage("Window")
	u.panel.ShowPage("Captures")
	if r := u.row(t, "Days"); r.line.entry.Text != "-1" || r.said() == "" {
		t.Errorf("turning the page made it %q, %q", r.line.entry.Text, r.said())
	}
	u.row(t, "Days").line.entry.SetText("7")
	if r := u.row(t, "Days"); r.said() != "" || u.count != 7 {
		t.Errorf("%q, %d", r.said(), u.count)
	}
}

func TestUndoTakesChangesBackOneByOne(t *testing.T) {
	u := stagedSettings(t)
	if !u.panel.undo.Disabled() {
		t.Error("there is something to undo at first")
	}
	u.row(t, "Theme").choice.list.SetSelected("Dark")
	u.row(t, "Theme").choice.list.SetSelected("Light")
	u.panel.ShowPage("Captures")
	r := u.row(t, "Days")
	u.win.Canvas().Focus(r.line.entry)
	for _, text := range []string{"1", "12", "123"} { // typed in one go
		r.line.entry.SetText(text)
	}
	u.win.Canvas().Unfocus()
	u.panel.Undo()
	if u.count != 14 || r.line.entry.Text != "14" {
		t.Errorf("%d, %q: what was typed in one go is more than one step", u.count, r.line.entry.Text)
	}
	u.panel.Undo()
	if u.theme != "2" || u.panel.Page() != "Window" || u.row(t, "Theme").choice.list.Selected != "Dark" {
		t.Errorf("theme %s on page %s", u.theme, u.panel.Page())
	}
	u.panel.Undo()
	u.panel.Undo() // there is nothing more
	if u.theme != "0" || !u.panel.undo.Disabled() {
		t.Errorf("theme %s", u.theme)
	}
}

func TestRestoringDefaultsIsForThePageShownAndCanBeUndone(t *testing.T) {
	u := stagedSettings(t)
	u.row(t, "Theme").choice.list.SetSelected("Dark")
	u.panel.ShowPage("Captures")
	test.Tap(handingButtonsIn(u.row(t, "Folder").input)[0])
	u.row(t, "Days").line.entry.SetText("7")
	u.row(t, "One session").line.entry.SetText("nonsense")
	u.panel.Restore()
	if u.folder != "/captures" || u.count != 14 || u.row(t, "One session").line.entry.Text != "4 GiB" || u.row(t, "One session").said() != "" || u.theme != "2" {
		t.Errorf("%+v", u)
	}
	u.panel.Undo()
	if u.folder != "/elsewhere" || u.count != 7 || u.row(t, "Folder").path.Text != "/elsewhere" {
		t.Errorf("undone: %+v", u)
	}
}

func handingButtonsIn(o fyne.CanvasObject) (found []*HandingButton) {
	if b, ok := o.(*HandingButton); ok {
		return []*HandingButton{b}
	}
	if c, ok := o.(*fyne.Container); ok {
		for _, child := range c.Objects {
			found = append(found, handingButtonsIn(child)...)
		}
	}
	return found
}

func TestAPathThatIsRefusedSaysSo(t *testing.T) {
	u := stagedSettings(t)
	u.panel.ShowPage("Captures")
	r, _ := u.panel.Row("Captures", "Folder")
	if r.Try("") || u.folder != "/captures" {
		t.Error("it was taken")
	}
	if got := u.row(t, "Folder").said(); got != "choose something" {
		t.Errorf("it says %q", got)
	}
}

// A button asks, and is answered when another page is shown.
func TestWhatAButtonFindsLaterGoesToItsSetting(t *testing.T) {
	u := stagedSettings(t)
	u.panel.ShowPage("Captures")
	test.Tap(handingButtonsIn(u.row(t, "Folder").input)[0])
	u.panel.ShowPage("Window")
	if !u.beside.Try("/later") || u.folder != "/later" || u.panel.Page() != "Window" {
		t.Errorf("the folder is %s, with page %s shown", u.folder, u.panel.Page())
	}
	if u.beside.Complain("it has gone"); u.panel.Page() != "Captures" || u.row(t, "Folder").said() != "it has gone" {
		t.Errorf("on page %s it says %q", u.panel.Page(), u.row(t, "Folder").said())
	}
	u.panel.ShowPage("Window")
	if u.beside.Try("") || u.panel.Page() != "Captures" || u.row(t, "Folder").said() != "choose something" {
		t.Errorf("refused, on page %s it says %q", u.panel.Page(), u.row(t, "Folder").said())
	}
	u.panel.ShowPage("Window")
	u.panel.Undo()
	if u.folder != "/elsewhere" || u.panel.Page() != "Captures" {
		t.Errorf("undone: %s, on page %s", u.folder, u.panel.Page())
	}
}

func TestSettingsInOtherWordsKeepTheirPast(t *testing.T) {
	u := stagedSettings(t)
	u.row(t, "Theme").choice.list.SetSelected("Dark")
	u.panel.ShowPage("Captures")
	u.row(t, "Timeout").line.entry.SetText("never")
	u.row(t, "Timeout").line.entry.SetText("7s")
	folder, _ := u.panel.Row("Captures", "Folder")
	pages := u.pages()
	for i := range pages {
		pages[i].Title += "!"
		for j := range pages[i].Rows {
			pages[i].Rows[j].Label += "!"
		}
	}
	pages[1].Rows[1] = DurationSetting(pages[1].Rows[1], time.Hour, "nie", func() time.Duration { return u.limit }, func(d time.Duration) { u.limit = d })
	u.panel.Resay(pages)
	if u.panel.Page() != "Captures!" || u.row(t, "Timeout!").line.entry.Text != "7s" {
		t.Errorf("shown is %s", u.panel.Page())
	}
	if !folder.Try("/later") || u.folder != "/later" || u.row(t, "Folder!").path.Text != "/later" {
		t.Errorf("the folder is %s and shown as %s", u.folder, u.row(t, "Folder!").path.Text)
	}
	row, ok := u.panel.Row("Window!", "Theme!")
	if row.Focus(u.win.Canvas()); !ok || u.win.Canvas().Focused() != u.row(t, "Theme!").choice.keys {
		t.Errorf("%T has the keyboard", u.win.Canvas().Focused())
	}
	for _, want := range []struct {
		folder string
		limit  time.Duration
		theme  string
	}{{"/captures", 7 * time.Second, "2"}, {"/captures", 20 * time.Second, "2"}, {"/captures", 20 * time.Second, "0"}} {
		if u.panel.Undo(); u.folder != want.folder || u.limit != want.limit || u.theme != want.theme {
			t.Errorf("undone are %s, %v, %s, want %+v", u.folder, u.limit, u.theme, want)
		}
	}
	// What was in force is put back as it was written then.
	u.row(t, "Theme!").choice.list.SetSelected("Light")
	u.limit = 0
	u.panel.ShowPage("Captures!")
	u.row(t, "Timeout!").line.entry.SetText("9s")
	u.panel.Resay(u.pages())
	if u.panel.Undo(); u.limit != 0 || u.row(t, "Timeout").line.entry.Text != "never" || u.row(t, "Timeout").said() != "" {
		t.Errorf("undone, it is %v and says %q", u.limit, u.row(t, "Timeout").said())
	}
}

func TestTheArrowKeysTurnThePages(t *testing.T) {
	u := stagedSettings(t)
	u.panel.FocusFirst(u.win.Canvas())
	press(u.win, fyne.KeyDown)
	if u.panel.Page() != "Captures" {
		t.Errorf("the page is %s", u.panel.Page())
	}
}

func TestTheSettingsLookRight(t *testing.T) {
	u := stagedSettings(t)
	for _, page := range []string{"Window", "Captures"} {
		u.panel.ShowPage(page)
		if page == "Captures" {
			u.row(t, "Timeout").line.entry.SetText("soon")
		}
		for _, size := range []fyne.Size{fyne.NewSize(820, 520), fyne.NewSize(600, 420)} {
			u.win.Resize(size)
			looks(t, u.win, fmt.Sprintf("settings-%s-%v", strings.ToLower(page), size.Width))
		}
	}
}

func TestTheSettingsAreDrawnAsBefore(t *testing.T) {
	u := stagedSettings(t)
	c := u.win.Canvas().(software.WindowlessCanvas)
	for _, p := range []struct {
		name, page, bad string
		variant         fyne.ThemeVariant
		scale           float32
	}{{"settings-window-dark-2", "Window", "", theme.VariantDark, 2}, {"settings-bad-light-1", "Captures", "soon", theme.VariantLight, 1}} {
		u.panel.ShowPage(p.page)
		if p.bad != "" {
			u.row(t, "Timeout").line.entry.SetText(p.bad)
		}
		fyne.CurrentApp().Settings().SetTheme(denseTheme{fixedTheme{p.variant}})
		c.SetScale(p.scale)
		relayout(c)
		test.AssertImageMatches(t, p.name+".png", c.Capture())
	}
}
