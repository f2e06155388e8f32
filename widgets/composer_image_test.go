package widgets

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"wirebench/sessions/messages"
)

// composerPictures are the composer in Fields mode, and the saved messages.
func composerPictures(t *testing.T) []udpPicture {
	fields := func(text, behind string) func() (fyne.CanvasObject, func()) {
		return func() (fyne.CanvasObject, func()) {
			c := NewComposer()
			c.OnSendFile, c.OnSaved = func() {}, func() {}
			c.SetMode(ComposeFields)
			return c, func() {
				c.SetText(text)
				c.entry.setCursor(strings.Index(text, behind) + len(behind))
			}
		}
	}
	several := "version: u8 1\nu16be len(body)\nbody: {\n  u32le 10000, u32le 1000\n  str8 \"ada\", zeros 100\n}\nu16le crc-16/modbus(all)"
	return []udpPicture{
		{"fields-length", 130, fields(aMove, "len")},
		{"fields-group", 300, fields(several, "body: ")},
		{"fields-bad", 130, fields(aMove+" u8 2", "u8 2")},
		{"messages-all", 420, func() (fyne.CanvasObject, func()) {
			p := NewSavedMessages(messageStore(t))
			return p, func() { p.list.choose(2) }
		}},
		{"messages-form", 260, func() (fyne.CanvasObject, func()) {
			f := NewMessageForm(messageStore(t), messages.Message{Body: "x"}, MessageOrigin{"game-server.json", "Log in"}, "tcp://127.0.0.1:9000")
			return f, func() {}
		}},
	}
}

func TestTheComposersFieldsAndTheSavedMessagesAreReadableAtEverySize(t *testing.T) {
	wear(t, denseTheme{lightTheme})
	for _, v := range []struct {
		width, taller float32
		look          fyne.Theme
		scale         float32
	}{
		{1024, 1, denseTheme{fixedTheme{theme.VariantDark}}, 2}, {620, 1, denseTheme{lightTheme}, 1},
		{1024, 1.4, largeTheme{denseTheme{lightTheme}}, 1},
	} {
		t.Run(fmt.Sprintf("%v wide, scale %v", v.width, v.scale), func(t *testing.T) {
			for _, p := range composerPictures(t) {
				p.height *= v.taller
				drawUDP(t, p, v.width, v.look, v.scale)
			}
		})
	}
}

// TestTheComposersFieldsAndTheSavedMessagesLookAsTheyDid compares pictures with those in testdata; look at
// testdata/failed when it fails, and move the picture from there when it is right.
func TestTheComposersFieldsAndTheSavedMessagesLookAsTheyDid(t *testing.T) {
	wear(t, denseTheme{lightTheme})
	all := composerPictures(t)
	for _, c := range []struct {
		picture string
		variant fyne.ThemeVariant
		scale   float32
	}{{"fields-length", theme.VariantLight, 1}, {"fields-group", theme.VariantDark, 2}, {"fields-bad", theme.VariantDark, 1}, {"messages-all", theme.VariantLight, 1}, {"messages-form", theme.VariantDark, 1}} {
		name := fmt.Sprintf("composer-%s-%s-%v", c.picture, map[fyne.ThemeVariant]string{theme.VariantLight: "light", theme.VariantDark: "dark"}[c.variant], c.scale)
		t.Run(name, func(t *testing.T) {
			i := slices.IndexFunc(all, func(p udpPicture) bool { return p.name == c.picture })
			test.AssertImageMatches(t, name+".png", drawUDP(t, all[i], 1024, denseTheme{fixedTheme{c.variant}}, c.scale).Capture())
		})
	}
}
