package words

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/language"
)

// some text of each kind, whatever en.json holds.
const (
	plainText  Text = "Copy the topic"
	noted      Text = "never // sending probes"
	valued     Text = "As the system (%s)"
	many       Text = "%d finished captures are there: %s."
	one        Text = "%d finished capture is there: %s."
	threefold  Text = "%s (%d of %d texts)"
	isNotThere Text = "said nowhere but here"
)

// speak uses a language until the test ends.
func speak(t *testing.T, l *Language) {
	t.Helper()
	before := InUse()
	Use(l)
	t.Cleanup(func() { Use(before) })
}

// file writes a file of translations and reads it.
func file(t *testing.T, name, text string) *Language {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Read(path)
}

func TestEnglishIsSaidAsItIsWritten(t *testing.T) {
	speak(t, English())
	for got, want := range map[string]string{
		Say(plainText): "Copy the topic", Say(noted): "never", noted.String(): "never", Say(valued, "x"): "As the system (x)",
		Many(1, one, many, "1 B"): "1 finished capture is there: 1 B.", Many(1234, one, many, "1 B"): "1,234 finished captures are there: 1 B.",
		Many(0, one, many, "0 B"): "0 finished captures are there: 0 B.", Count(1234567): "1,234,567", Say(isNotThere): string(isNotThere),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if n, all := English().Has(); n != all || n < 100 {
		t.Errorf("English has %d of %d texts", n, all)
	}
	if English().Name() != "English" {
		t.Errorf("English is called %q", English().Name())
	}
}

func TestATranslationIsSaidAndTheRestIsEnglish(t *testing.T) {
	l := file(t, "de.json", `{
	"English // the name of your language, in itself": "Deutsch",
	"Copy the topic": "Thema kopieren",
	"never // sending probes": "nie",
	"%s (%d of %d texts)": "%[2]d von %[3]d Texten: %[1]s",
	"%d finished captures are there: %s.": {"one": "Eine Aufzeichnung: %[2]s.", "other": "%d Aufzeichnungen: %s.", "description": "for translators"}
}`)
	if len(l.Faults) > 0 {
		t.Fatal(l.Faults)
	}
	speak(t, l)
	for got, want := range map[string]string{
		l.Name(): "Deutsch", Say(plainText): "Thema kopieren", Say(noted): "nie", Say(valued, "x"): "As the system (x)",
		Say(threefold, "de", 1234, 5678): "1.234 von 5.678 Texten: de", Many(1, one, many, "1 B"): "Eine Aufzeichnung: 1 B.",
		Many(12345, one, many, "1 B"): "12.345 Aufzeichnungen: 1 B.", Count(-1234567): "-1.234.567",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if n, all := l.Has(); n != 5 || all < 100 {
		t.Errorf("it has %d of %d", n, all)
	}
}

func TestAFormIsChosenAsTheLanguageDoes(t *testing.T) {
	l := file(t, "pl.json", `{"%d finished captures are there: %s.": {"one": "%d plik: %s", "few": "%d pliki: %s", "many": "%d plików: %s", "other": "%d pliku: %s"}}`)
	if len(l.Faults) > 0 {
		t.Fatal(l.Faults)
	}
	speak(t, l)
	for n, want := range map[int64]string{1: "1 plik: x", 2: "2 pliki: x", 5: "5 plików: x", 22: "22 pliki: x", 112: "112 plików: x", 0: "0 plików: x", 3_000_000_004: "pliki: x", -2: "-2 pliki: x"} {
		if got := Many(n, one, many, "x"); !strings.HasSuffix(got, want) {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestABrokenFileSaysWhereAndKeepsTheRest(t *testing.T) {
	good := "{\n\t\"Copy the topic\": \"Thema kopieren\",\n"
	for name, c := range map[string]struct {
		text, say    string
		line, column int
		kept         bool // Copy the topic is translated all the same
	}{
		"a comma is missing":    {good + "\t\"Undo\": \"Zurück\"\n\t\"Close\": \"Zu\"\n}", "a comma is missing", 4, 2, true},
		"it ends too early":     {good + "\t\"Undo\": \"Zurück\"", "a } is missing", 3, 18, true},
		"a number":              {good + "\t\"Undo\": 7}", "in quotes", 3, 10, true},
		"a list":                {"[1]", "begins with {", 1, 1, false},
		"nothing":               {"", "a } is missing", 1, 1, false},
		"an unknown text":       {good + "\t\"No such text\": \"x\"}", "nothing is said as", 3, 2, true},
		"twice":                 {good + "\t\"Copy the topic\": \"x\"}", "there twice", 3, 2, true},
		"a value is missing":    {good + "\t\"As the system (%s)\": \"Wie das System\"}", "does not write the values", 3, 2, true},
		"another value":         {good + "\t\"As the system (%s)\": \"Wie %d\"}", "does not write the values", 3, 2, true},
		"no value at all":       {good + "\t\"As the system (%s)\": \"Wie %\"}", "in the middle", 3, 2, true},
		"no verb":               {good + "\t\"As the system (%s)\": \"Wie %y\"}", "writes no value", 3, 2, true},
		"a value too far":       {good + "\t\"As the system (%s)\": \"Wie %[99]s\"}", "no number of a value", 3, 2, true},
		"a form where none is":  {good + "\t\"Undo\": {\"other\": \"x\"}}", "one text", 3, 2, true},
		"none where a form is":  {good + "\t\"%d finished captures are there: %s.\": \"x\"}", "object of forms", 3, 2, true},
		"no other":              {good + "\t\"%d finished captures are there: %s.\": {\"one\": \"%d %s\"}}", "lack \"other\"", 3, 41, true},
		"an unknown form":       {good + "\t\"%d finished captures are there: %s.\": {\"some\": \"%d %s\", \"other\": \"%d %s\"}}", "no form \"some\"", 3, 42, true},
		"an empty text":         {good + "\t\"Undo\": \" \"}", "nothing is said here", 3, 10, true},
		"a control character":   {good + "\t\"Undo\": \"a\\u001b[31m\"}", "control character", 3, 10, true},
		"too long":              {good + "\t\"Undo\": \"" + strings.Repeat("x", mostText+1) + "\"}", "longer than", 3, 10, true},
		"something behind":      {good + "\t\"Undo\": \"x\"}\n}", "can follow", 4, 1, true},
		"no UTF-8":              {good + "\t\"Undo\": \"\xff\"}", "no UTF-8", 3, 11, false},
		"deep":                  {good + strings.Repeat("\"Undo\": {", 3) + "}", "text in quotes", 3, 18, true},
		"many levels of nested": {strings.Repeat("[", 100000), "begins with {", 1, 1, false},
	} {
		l := file(t, "de.json", c.text)
		if len(l.Faults) != 1 || !strings.Contains(l.Faults[0].Problem, c.say) || l.Faults[0].Line != c.line || l.Faults[0].Column != c.column {
			t.Errorf("%s: %v; want %q at %d:%d", name, l.Faults, c.say, c.line, c.column)
			continue
		}
		if said := l.Faults[0].Error(); !strings.HasPrefix(said, "de.json, line ") {
			t.Errorf("%s is told as %q", name, said)
		}
		if _, kept := l.texts[plainText]; kept != c.kept {
			t.Errorf("%s: the other text is kept %v", name, kept)
		}
	}
}

func TestAFolderHasALanguageForEachFile(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"de.json": `{"Undo": "Zurück"}`, "pt-BR.json": "{}", "no language at all.json": "{}", "README.txt": "x", ".hidden.json": "{"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "fr.json"), 0o700); err != nil {
		t.Fatal(err)
	}
	all, err := Load(dir)
	if err != nil || len(all) != 4 {
		t.Fatal(all, err)
	}
	if all[0].Tag != language.German || len(all[0].Faults) != 0 || all[3].Tag != language.BrazilianPortuguese {
		t.Errorf("%v, %v", all[0].Tag, all[3].Tag)
	}
	for i, say := range map[int]string{1: "not a regular file", 2: "names no language"} {
		if len(all[i].Faults) != 1 || !strings.Contains(all[i].Faults[0].Error(), say) {
			t.Errorf("%s: %v, want %q", all[i].Path, all[i].Faults, say)
		}
	}
	if none, err := Load(filepath.Join(dir, "none")); err != nil || len(none) != 0 {
		t.Errorf("a folder that is not there: %v, %v", none, err)
	}
	if _, err := Load(filepath.Join(dir, "README.txt")); err == nil {
		t.Error("a file is no folder")
	}
}

func TestTheTemplateIsAWholeTranslation(t *testing.T) {
	l := file(t, "fr.json", string(Template()))
	if n, all := l.Has(); n != all || len(l.Faults) > 0 {
		t.Errorf("%d of %d; %v", n, all, l.Faults)
	}
	Template()[0] = 'x'
	if Template()[0] != '{' {
		t.Error("the template can be changed")
	}
}

func FuzzNoFileBreaksWhatIsSaid(f *testing.F) {
	f.Add([]byte(`{"Undo": "x", "As the system (%s)": "%[1]s"}`))
	f.Add([]byte(`{"%d finished captures are there: %s.": {"one": "%[2]s", "other": "%d%%%s"}}`))
	f.Add([]byte("\xef\xbb\xbf{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		l := newLanguage(language.German)
		l.Path = "de.json"
		l.take(data)
		for _, fault := range l.Faults {
			if fault.Line < 1 || fault.Column < 1 {
				t.Errorf("%+v is nowhere", fault)
			}
		}
		for k, s := range l.texts {
			want, err := verbs(k.English())
			if err != nil || len(want) == 0 {
				continue
			}
			values := make([]any, len(want))
			for i := range values {
				values[i] = "v"
				if want[i+1] == 'd' {
					values[i] = 7
				}
			}
			if said := l.printer.Sprintf(s, values...); strings.Contains(said, "%!") {
				t.Errorf("%q says %q", s, said)
			}
		}
	})
}
