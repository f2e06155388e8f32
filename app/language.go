package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"golang.org/x/text/language"

	"wirebench/app/filepick"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// spoken are the languages there are, and what is wrong with the rest.
type spoken struct {
	all     []*words.Language // English first
	problem string            // why the folder could not be read; "" for none
}

func loadLanguages(dir string) spoken {
	s := spoken{all: []*words.Language{words.English()}}
	if dir == "" {
		return s
	}
	found, err := words.Load(dir)
	if err != nil {
		s.problem = sentence(err)
	}
	s.all = append(s.all, found...)
	return s
}

// systemLocale is the system's language as it was at the start: later it is
// what was chosen that the system's variables say, see applyLanguage.
var systemLocale = sync.OnceValue(func() string { return string(lang.SystemLocale()) })

// choose returns the language of that tag, "" for the system's, and English
// where there is none.
func (s spoken) choose(tag string) *words.Language {
	want := tag
	if want == "" {
		want = systemLocale()
	}
	var tags []language.Tag
	var usable []*words.Language
	for _, l := range s.all {
		if n, _ := l.Has(); n > 0 {
			tags, usable = append(tags, l.Tag), append(usable, l)
		}
	}
	wanted, err := language.Parse(want)
	if err != nil {
		return usable[0]
	}
	_, i, confidence := language.NewMatcher(tags).Match(wanted)
	if confidence < language.High {
		i = 0
	}
	return usable[i]
}

// applyLanguage has everything that is said from now on said so.
func (w *workbench) applyLanguage() {
	systemLocale() // before it is overruled
	words.Use(w.languages.choose(w.space.Language))
	// Fyne's own texts follow the system's languages, which this variable
	// overrules except on Windows and macOS.
	if runtime.GOOS != "windows" && runtime.GOOS != "darwin" {
		os.Setenv("LANGUAGE", words.InUse().Tag.String())
		// Adding nothing has it looked at again.
		_ = lang.AddTranslationsForLocale([]byte("{}"), fyne.Locale("en"))
	}
}

// languageSetting chooses what the window speaks.
func (s *settingsWindow) languageSetting() widgets.Setting {
	w := s.bench
	tags := []string{""}
	names := []string{words.Say("As the system (%s)", w.languages.choose("").Name())}
	for _, l := range w.languages.all {
		n, all := l.Has()
		if n == 0 {
			continue // it is among the problems
		}
		name := l.Name()
		if n < all {
			name = words.Say("%s (%d of %d texts)", name, n, all)
		}
		tags, names = append(tags, l.Tag.String()), append(names, name)
	}
	set := choiceSetting(words.Say(languageLabel), names, 0,
		func() int { return max(slices.Index(tags, w.space.Language), 0) },
		func(i int) { s.speak(tags[i]) })
	set.Hint = words.Say("Menus and settings change at once, tabs that are open with the next start. Translations are read from %s.", w.opts.LanguageDir)
	set.Note = func() string {
		lines := []string{s.saved, w.languages.faults()}
		return strings.Join(slices.DeleteFunc(lines, func(l string) bool { return l == "" }), "\n")
	}
	set.Buttons = []widgets.SettingButton{{Label: words.Say("Save the English texts..."), Run: s.saveTemplate}}
	return set
}

// speak changes the language, and the settings with it.
func (s *settingsWindow) speak(tag string) {
	w := s.bench
	w.space.Language = tag
	w.applyLanguage()
	w.menu = "" // its state is the same, and its words are not
	w.rebuildMenu()
	w.fillStart()
	fyne.Do(s.again) // once the change has been kept
}

// again shows the settings in the language that was chosen, with the keyboard
// where it is chosen. What was changed before can still be undone.
func (s *settingsWindow) again() {
	if s.hide == nil {
		return
	}
	s.panel.Resay(s.pages())
	s.hide()
	s.show() // with its title and its button in other words
	if row, ok := s.panel.Row(words.Say("Window"), words.Say(languageLabel)); ok {
		row.Focus(s.bench.win.Canvas())
	}
}

const languageLabel words.Text = "Language"

// mostFaults bounds the faults of translations that are shown.
const mostFaults = 4

// faults says what is wrong with the translations, and where.
func (s spoken) faults() string {
	var lines []string
	if s.problem != "" {
		lines = append(lines, s.problem)
	}
	for _, l := range s.all {
		for _, f := range l.Faults {
			lines = append(lines, f.Error())
		}
	}
	if more := len(lines) - mostFaults; more > 0 {
		lines = append(lines[:mostFaults], words.Many(int64(more), "and %d more", "and %d more"))
	}
	return strings.Join(lines, "\n")
}

// saveTemplate saves what a translator begins with, beside the window, and says
// at the setting what came of it.
func (s *settingsWindow) saveTemplate(at widgets.SettingRow) {
	w := s.bench
	w.pick.Save(filepick.Request{Title: words.Say("Save the English texts"), Dir: w.space.Folder, Name: "xx.json", Extension: ".json"}, func(path string, err error) {
		if errors.Is(err, filepick.ErrCancelled) {
			return
		}
		done := func(err error) {
			s.saved = ""
			if err == nil {
				s.saved = words.Say("Saved as %s", path)
				w.space.Folder = filepath.Dir(path)
			}
			s.panel.Renew()
			if err != nil {
				at.Complain(sentence(fmt.Errorf("%s: %w", words.Say("save %s", words.Say("the English texts")), err)))
			}
		}
		if err != nil {
			done(err)
			return
		}
		s.beside(func() {
			err := writeWhole(path, words.Template())
			fyne.Do(func() {
				if w.ctx.Err() == nil {
					done(err)
				}
			})
		})
	})
}
