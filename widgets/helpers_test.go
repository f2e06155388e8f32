package widgets

import (
	"encoding/json"
	"fmt"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/widgets/words"
)

// fixedTheme is Fyne's own theme in one variant.
type fixedTheme struct{ variant fyne.ThemeVariant }

func (f fixedTheme) Color(n fyne.ThemeColorName, _ fyne.ThemeVariant) color.Color {
	return theme.DefaultTheme().Color(n, f.variant)
}
func (f fixedTheme) Font(s fyne.TextStyle) fyne.Resource     { return theme.DefaultTheme().Font(s) }
func (f fixedTheme) Icon(n fyne.ThemeIconName) fyne.Resource { return theme.DefaultTheme().Icon(n) }
func (f fixedTheme) Size(n fyne.ThemeSizeName) float32       { return theme.DefaultTheme().Size(n) }

// lightTheme is the theme of tests that ask for no other.
var lightTheme = fixedTheme{theme.VariantLight}

// shared is the app of all tests that ask for no other.
var shared fyne.App

func TestMain(m *testing.M) {
	shared = test.NewApp()
	shared.Settings().SetTheme(lightTheme)
	os.Exit(m.Run())
}

// wear makes the shared app the current one, in a theme. Fyne reads its fonts anew for each app and each change of the
// theme, which takes longer than most tests do, so neither happens without need. The light theme comes back at the end
// of the test that first asked for another: of the whole one where that asks before its parts do.
func wear(t testing.TB, look fyne.Theme) {
	t.Helper()
	whole, _, _ := strings.Cut(t.Name(), "/")
	if look != fyne.Theme(lightTheme) && !dressed[whole] {
		dressed[whole] = true
		t.Cleanup(func() {
			delete(dressed, whole)
			wear(t, lightTheme)
		})
	}
	shared.Clipboard().SetContent("")
	if fyne.CurrentApp() == shared && shared.Settings().Theme() == look {
		return
	}
	fyne.SetCurrentApp(shared)
	shared.Settings().SetTheme(look)
}

// dressed are the running tests after which the light theme comes back.
var dressed = map[string]bool{}

// stage shows content in a test window of the given size and returns the window.
func stage(t *testing.T, content fyne.CanvasObject, size fyne.Size) fyne.Window {
	t.Helper()
	wear(t, lightTheme)
	w := test.NewTempWindow(t, content)
	w.SetPadded(false)
	w.Resize(size)
	return w
}

// looks lays the window out and draws it at scale 1 and 2. It fails when a text is wider than its place or sticks out of
// the window, and keeps the pictures in the folder named by the environment variable WIREBENCH_SHOTS, if that is set,
// for somebody to look at: in light and dark. Where nobody looks the theme changes at the first picture of a test alone.
func looks(t *testing.T, w fyne.Window, name string) {
	t.Helper()
	c := w.Canvas().(software.WindowlessCanvas)
	dir := os.Getenv("WIREBENCH_SHOTS")
	for _, v := range []struct {
		name    string
		variant fyne.ThemeVariant
	}{{"dark", theme.VariantDark}, {"light", theme.VariantLight}} {
		if v.variant == theme.VariantDark && dir == "" && seen[t] {
			continue
		}
		wear(t, fixedTheme{v.variant})
		for _, scale := range []float32{1, 2} {
			c.SetScale(scale)
			relayout(c)
			nothingCutOff(t, c, fmt.Sprintf("%s, %s, scale %v", name, v.name, scale))
			if dir == "" && scale > 1 {
				continue // drawing is slow, and tells nothing new at another scale but to somebody who looks
			}
			img := c.Capture()
			if dir == "" {
				continue
			}
			f, err := os.Create(filepath.Join(dir, fmt.Sprintf("%s-%s-%v.png", name, v.name, scale)))
			if err != nil {
				t.Fatal(err)
			}
			if err := png.Encode(f, img); err != nil {
				t.Fatal(err)
			}
			f.Close()
		}
		c.SetScale(1)
	}
	seen[t] = true
	t.Cleanup(func() { delete(seen, t) })
}

// seen are the running tests of which there was a picture in dark.
var seen = map[*testing.T]bool{}

// relayout does what a real window does before each frame: lay everything out for the sizes it asks for now.
func relayout(c fyne.Canvas) {
	for range 2 {
		for _, o := range append([]fyne.CanvasObject{c.Content()}, c.Overlays().List()...) {
			relayoutTree(o)
		}
	}
}

func relayoutTree(o fyne.CanvasObject) {
	switch o := o.(type) {
	case *fyne.Container:
		if o.Layout != nil {
			o.Layout.Layout(o.Objects, o.Size())
		}
		for _, child := range o.Objects {
			relayoutTree(child)
		}
	case fyne.Widget:
		r := test.WidgetRenderer(o)
		r.Layout(o.Size())
		for _, child := range r.Objects() {
			relayoutTree(child)
		}
	}
}

// nothingCutOff checks every visible text against its own place and the canvas.
func nothingCutOff(t *testing.T, c fyne.Canvas, what string) {
	t.Helper()
	d := fyne.CurrentApp().Driver()
	for _, root := range append([]fyne.CanvasObject{c.Content()}, c.Overlays().List()...) {
		visible(root, func(o fyne.CanvasObject) {
			text, ok := o.(*canvas.Text)
			if !ok || text.Text == "" {
				return
			}
			need := text.MinSize()
			if text.Size().Width+0.5 < need.Width && text.Alignment == fyne.TextAlignLeading {
				t.Errorf("%s: %q has %v of width and needs %v", what, text.Text, text.Size().Width, need.Width)
			}
			at := d.AbsolutePositionForObject(text)
			if at.X < -0.5 || at.X+need.Width > c.Size().Width+0.5 {
				t.Errorf("%s: %q runs from %v to %v and the window is %v wide", what, text.Text, at.X, at.X+need.Width, c.Size().Width)
			}
		})
	}
}

// visible walks what can be seen; what lies in a scroller or a field may stick out of it and is left alone.
func visible(o fyne.CanvasObject, see func(fyne.CanvasObject)) {
	if !o.Visible() {
		return
	}
	see(o)
	switch o := o.(type) {
	case *fyne.Container:
		for _, child := range o.Objects {
			visible(child, see)
		}
	case *widget.Entry, *lineEntry:
	case fyne.Widget:
		for _, child := range test.WidgetRenderer(o).Objects() {
			visible(child, see)
		}
	}
}

// press types keys into what has the focus.
func press(w fyne.Window, keys ...fyne.KeyName) {
	for _, k := range keys {
		if f := w.Canvas().Focused(); f != nil {
			f.TypedKey(&fyne.KeyEvent{Name: k})
		}
	}
}

// typing writes text into what has the focus.
func typing(w fyne.Window, text string) {
	for _, r := range text {
		if f := w.Canvas().Focused(); f != nil {
			f.TypedRune(r)
		}
	}
}

func wantLog(t *testing.T, log *[]string, want ...string) {
	t.Helper()
	if !slices.Equal(*log, want) {
		t.Errorf("called back %q, want %q", *log, want)
	}
	*log = nil
}

// wantItems checks which items of a menu can be chosen, and a part of what each says.
func wantItems(t *testing.T, when string, menu *fyne.Menu, enabled []bool, words []string) {
	t.Helper()
	items := slices.DeleteFunc(slices.Clone(menu.Items), func(i *fyne.MenuItem) bool { return i.IsSeparator })
	if len(items) != len(enabled) {
		t.Fatalf("%s: %d items, want %d", when, len(items), len(enabled))
	}
	for i, item := range items {
		if item.Disabled == enabled[i] {
			t.Errorf("%s: %q disabled is %v", when, item.Label, item.Disabled)
		}
		if !strings.Contains(item.Label, words[i]) {
			t.Errorf("%s: %q does not say %q", when, item.Label, words[i])
		}
	}
}

// inLanguage chooses a language that says some texts otherwise: strings, or objects of forms.
func inLanguage(t *testing.T, tag string, says map[words.Text]any) {
	t.Helper()
	data, err := json.Marshal(says)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), tag+".json")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	l := words.Read(path)
	for _, f := range l.Faults {
		t.Fatal(f)
	}
	before := words.InUse()
	t.Cleanup(func() { words.Use(before) })
	words.Use(l)
}
