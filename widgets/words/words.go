// Package words says what the window says, in the language of the person.
//
// Every text is written in English where it is said, as a constant of the type [Text]; that English is also its name in
// the files of translations:
//
//	words.Say("Open a capture")
//	words.Say("Saved as %s", path)
//	words.Many(n, "%d capture was removed", "%d captures were removed")
//	action{name: "Open capture..."} // where name is a Text
//
// A test walks the sources, finds every constant of that type, and holds en.json, which translators begin with, to it.
// What a language does not have is said in English.
//
// Formats are those of [fmt] with a difference: %d writes a number as the language groups its digits, "1,234" in
// English. Ports, codes and years are no counts: give them as strings. A translation that puts the values in another
// order numbers them, as in fmt: "%[2]s: %[1]d".
package words

import (
	"strings"
	"sync/atomic"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"
)

// Text is something the window says, in English. What follows " // " is not shown: it tells translators, and this
// package, two meanings of the same English apart ("Open // of a connection").
type Text string

// String says the text as it is, in the language chosen, so that fmt prints it so.
func (t Text) String() string { return current.Load().lookUp(t) }

// English returns the text as it was written, without the note for translators.
func (t Text) English() string {
	s, _, _ := strings.Cut(string(t), noteMark)
	return s
}

const noteMark = " // "

// Say says t in the language chosen. With values it is a format. Safe for concurrent use.
func Say(t Text, values ...any) string {
	l := current.Load()
	s := l.lookUp(t)
	if len(values) == 0 {
		return s
	}
	return l.printer.Sprintf(s, values...)
}

// Many says one for a single thing, other for n of them, or what the language has for n. Both are formats for n and
// the values after it; one may leave n out by writing "1". Safe for concurrent use.
func Many(n int64, one, other Text, values ...any) string {
	l := current.Load()
	format, known := l.form(n, other)
	switch {
	case known:
	case n == 1:
		format = one.English()
	default:
		format = other.English()
	}
	return l.printer.Sprintf(format, append([]any{n}, values...)...)
}

// Count writes a whole number with its digits grouped as the language does. Safe for concurrent use.
func Count(n int64) string { return current.Load().printer.Sprintf("%d", n) }

// current is the language chosen. There is one screen and one person before it, as there is one [fyne.CurrentApp].
var current atomic.Pointer[Language]

func init() { current.Store(English()) }

// Use makes l the language of everything said from now on. What has been said already stays as it is.
func Use(l *Language) { current.Store(l) }

// InUse returns the language chosen.
func InUse() *Language { return current.Load() }

// Language is the translations for one language. It does not change once made, and is safe for concurrent use.
type Language struct {
	// Tag names the language: "de", "pt-BR".
	Tag language.Tag
	// Path is the file it was read from, "" for English.
	Path string
	// Faults are what is wrong with the file, in its order.
	Faults []Fault

	texts   map[Text]string
	forms   map[Text]map[plural.Form]string // of what is said with a number, by its English for many
	printer *message.Printer
}

// English returns the language of the sources.
func English() *Language { return newLanguage(language.English) }

// noTranslations keeps the printer from looking for any: it is given formats that are translated already.
var noTranslations = catalog.NewBuilder()

func newLanguage(tag language.Tag) *Language {
	return &Language{Tag: tag, texts: map[Text]string{}, forms: map[Text]map[plural.Form]string{},
		printer: message.NewPrinter(tag, message.Catalog(noTranslations))}
}

// Name is what the language calls itself, or its tag if its file does not say.
func (l *Language) Name() string {
	const name Text = "English // the name of your language, in itself"
	if s, ok := l.texts[name]; ok {
		return s
	}
	if l.Path == "" {
		return name.English()
	}
	return l.Tag.String()
}

// Has returns how many of the texts there are in l, and how many there are at all.
func (l *Language) Has() (n, all int) {
	all = len(source())
	if l.Path == "" {
		return all, all
	}
	return len(l.texts) + len(l.forms), all
}

func (l *Language) lookUp(t Text) string {
	if s, ok := l.texts[t]; ok {
		return s
	}
	return t.English()
}

func (l *Language) form(n int64, other Text) (string, bool) {
	forms := l.forms[other]
	if forms == nil {
		return "", false
	}
	if n < 0 {
		n = -n
	}
	// The last digits alone decide: see the plural rules of the Unicode CLDR.
	of := int(n % 10_000_000)
	if n >= 10_000_000 {
		of += 10_000_000
	}
	if s, ok := forms[plural.Cardinal.MatchPlural(l.Tag, of, 0, 0, 0, 0)]; ok {
		return s, true
	}
	s, ok := forms[plural.Other]
	return s, ok
}
