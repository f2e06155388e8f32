package words

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// Bounds on what a file of translations can hold.
const (
	mostBytes  = 4 << 20 // of the file
	mostText   = 4000    // bytes of one text
	mostFaults = 100     // that are told
)

// Fault is something wrong in a file of translations.
type Fault struct {
	Path         string
	Line, Column int // from 1; 0 when it is about the whole file
	Problem      string
}

// Error says where and what.
func (f Fault) Error() string {
	name := filepath.Base(f.Path)
	if f.Line == 0 {
		return name + ": " + f.Problem
	}
	return fmt.Sprintf("%s, line %d, column %d: %s", name, f.Line, f.Column, f.Problem)
}

//go:embed en.json
var enJSON []byte

// Template returns the file of the English texts, which a translator begins with.
func Template() []byte { return slices.Clone(enJSON) }

// source is every text there is, with its forms where it is said with a number.
var source = sync.OnceValue(func() map[Text]entry {
	all := map[Text]entry{}
	p := fileReader{data: enJSON, each: func(k Text, e entry, _ int64) { all[k] = e }}
	p.parse()
	return all
})

// entry is one text, or the forms of one that is said with a number.
type entry struct {
	text  string
	forms map[plural.Form]string
}

// Load reads every file of translations in dir, *.json named by its language: de.json, pt-BR.json. A folder that is not
// there has none. A file that cannot be read at all is a language with faults and no texts.
func Load(dir string) ([]*Language, error) {
	files, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for translations: %w", err)
	}
	var all []*Language
	for _, f := range files {
		if strings.EqualFold(filepath.Ext(f.Name()), ".json") && !strings.HasPrefix(f.Name(), ".") {
			all = append(all, Read(filepath.Join(dir, f.Name())))
		}
	}
	return all, nil
}

// Read reads a file of translations: a JSON object whose keys are the English texts and whose values are what is said
// instead, a text or, for what is said with a number, an object of the forms zero, one, two, few, many and other (those
// of the Unicode CLDR that the language has). It is the form of go-i18n, which Fyne uses too. What is wrong is among the
// language's faults; the rest of the file is used.
func Read(path string) *Language {
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	tag, err := language.Parse(name)
	if err != nil {
		l := newLanguage(language.Und)
		l.Path = path
		l.Faults = []Fault{{Path: path, Problem: fmt.Sprintf("%q names no language; call the file de.json, pt-BR.json or the like", name)}}
		return l
	}
	l := newLanguage(tag)
	l.Path = path
	data, err := readFile(path)
	if err != nil {
		l.Faults = []Fault{{Path: path, Problem: err.Error()}}
		return l
	}
	l.take(data)
	return l
}

func readFile(path string) ([]byte, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, errors.New("it is not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, mostBytes+1))
	if err == nil && len(data) > mostBytes {
		err = fmt.Errorf("it is larger than the %d MiB it can be", mostBytes>>20)
	}
	return data, err
}

// take reads a file's content.
func (l *Language) take(data []byte) {
	p := fileReader{data: data}
	fault := func(at int64, problem string) {
		if len(l.Faults) < mostFaults {
			line, column := place(data, at)
			l.Faults = append(l.Faults, Fault{l.Path, line, column, problem})
		}
	}
	p.fault = fault
	seen := map[Text]bool{}
	p.each = func(k Text, e entry, at int64) {
		english, known := source()[k]
		switch {
		case !known:
			fault(at, fmt.Sprintf("nothing is said as %q; take it out", short(string(k))))
			return
		case seen[k]:
			fault(at, fmt.Sprintf("%q is there twice; the first is used", short(string(k))))
			return
		case (english.forms == nil) != (e.forms == nil):
			if english.forms == nil {
				fault(at, fmt.Sprintf("%q is one text, not an object of forms", short(string(k))))
			} else {
				fault(at, fmt.Sprintf("%q is said with a number: write an object of forms, with \"other\" at least", short(string(k))))
			}
			return
		}
		seen[k] = true
		if e.forms == nil {
			if err := sameVerbs(english.text, e.text, false); err != nil {
				fault(at, err.Error())
			} else {
				l.texts[k] = e.text
			}
			return
		}
		for form, s := range e.forms {
			if err := sameVerbs(english.forms[plural.Other], s, form != plural.Other); err != nil {
				fault(at, err.Error())
				return
			}
		}
		l.forms[k] = e.forms
	}
	p.parse()
}

// place is the line and column of an offset, both from 1; columns count characters.
func place(data []byte, at int64) (line, column int) {
	before := data[:min(at, int64(len(data)))]
	line = 1 + bytes.Count(before, []byte("\n"))
	return line, 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
}

// fileReader reads the form that files of translations have.
type fileReader struct {
	data  []byte
	dec   *json.Decoder
	each  func(k Text, e entry, at int64)
	fault func(at int64, problem string)
}

// here is where the next token begins.
func (p *fileReader) here() int64 {
	at := p.dec.InputOffset()
	for at < int64(len(p.data)) && strings.IndexByte(" \t\r\n,:", p.data[at]) >= 0 {
		at++
	}
	return at
}

func (p *fileReader) complain(at int64, problem string) bool {
	if p.fault != nil {
		p.fault(at, problem)
	}
	return false
}

// token reads the next; false when the file is broken there, which has been told.
func (p *fileReader) token() (t json.Token, at int64, ok bool) {
	at = p.here()
	t, err := p.dec.Token()
	if err == nil {
		return t, at, true
	}
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return nil, at, p.complain(max(syntax.Offset-1, at), syntaxProblem(syntax)+"; what follows is not read")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, at, p.complain(int64(len(p.data)), "the file ends too early: a } is missing")
	}
	return nil, at, p.complain(at, err.Error())
}

// syntaxProblem says what is wrong in words that help whoever wrote the file.
func syntaxProblem(err *json.SyntaxError) string {
	text := err.Error()
	for part, problem := range map[string]string{
		"after object key:value pair":         "a comma is missing before this",
		"after object key":                    "a colon is missing before this",
		"looking for beginning of object key": "a text in quotes is missing here",
		"looking for beginning of value":      "a text in quotes is missing here",
		"in string literal":                   "a quote or a line end is in a text: write \\\" for a quote, \\n for a line end",
		"in string escape code":               "there is no such escape: write \\\\ for a backslash",
	} {
		if strings.Contains(text, part) && !(part == "after object key" && strings.Contains(text, "key:value")) {
			return problem
		}
	}
	return strings.TrimPrefix(text, "json: ")
}

func (p *fileReader) parse() {
	p.data = bytes.TrimPrefix(p.data, []byte("\xef\xbb\xbf"))
	p.dec = json.NewDecoder(bytes.NewReader(p.data))
	if !utf8.Valid(p.data) {
		at := int64(0)
		for len(p.data[at:]) > 0 {
			r, n := utf8.DecodeRune(p.data[at:])
			if r == utf8.RuneError && n == 1 {
				break
			}
			at += int64(n)
		}
		p.complain(at, "this is no UTF-8; save the file as UTF-8")
		return
	}
	t, at, ok := p.token()
	if !ok {
		return
	}
	if t != json.Delim('{') {
		p.complain(at, "a file of translations begins with {")
		return
	}
	for p.dec.More() {
		t, at, ok := p.token()
		if !ok {
			return
		}
		key, _ := t.(string)
		if e, ok := p.value(key); ok {
			p.each(Text(key), e, at)
		} else if e.text == stop {
			return
		}
	}
	if _, _, ok := p.token(); !ok { // the last }
		return
	}
	if at := p.here(); at < int64(len(p.data)) {
		p.complain(at, "nothing can follow the last }")
	}
}

// stop is the text of an entry behind which nothing can be read.
const stop = "\x00"

// value reads what is said instead of key.
func (p *fileReader) value(key string) (entry, bool) {
	t, at, ok := p.token()
	if !ok {
		return entry{text: stop}, false
	}
	switch t := t.(type) {
	case string:
		return entry{text: t}, p.fits(t, at)
	case json.Delim:
		if t == '{' {
			return p.forms(key, at)
		}
	}
	p.complain(at, "write a text in quotes, or an object of forms; what follows is not read")
	return entry{text: stop}, false
}

var forms = map[string]plural.Form{"zero": plural.Zero, "one": plural.One, "two": plural.Two, "few": plural.Few, "many": plural.Many, "other": plural.Other}

// forms reads the forms of a text with a number.
func (p *fileReader) forms(key string, at int64) (entry, bool) {
	e, good := entry{forms: map[plural.Form]string{}}, true
	for p.dec.More() {
		name, at, ok := p.token()
		if !ok {
			return entry{text: stop}, false
		}
		t, valueAt, ok := p.token()
		if !ok {
			return entry{text: stop}, false
		}
		s, isText := t.(string)
		if !isText {
			p.complain(valueAt, "write a text in quotes; what follows is not read")
			return entry{text: stop}, false
		}
		word, _ := name.(string)
		form, known := forms[word]
		switch {
		case word == "description": // for translators
		case !known:
			good = p.complain(at, fmt.Sprintf("there is no form %q; there are zero, one, two, few, many and other", short(word)))
		case !p.fits(s, valueAt):
			good = false
		default:
			e.forms[form] = s
		}
	}
	if _, _, ok := p.token(); !ok {
		return entry{text: stop}, false
	}
	if _, ok := e.forms[plural.Other]; !ok && good {
		good = p.complain(at, fmt.Sprintf("the forms of %q lack \"other\"", short(key)))
	}
	return e, good
}

// fits refuses what the window could not show.
func (p *fileReader) fits(s string, at int64) bool {
	switch {
	case strings.TrimSpace(s) == "":
		return p.complain(at, "nothing is said here; take the entry out to have it in English")
	case len(s) > mostText:
		return p.complain(at, fmt.Sprintf("this is longer than the %d bytes a text can have", mostText))
	case strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 && r != '\n' || r >= 0x7f && r < 0xa0 }):
		return p.complain(at, "a control character is in this text")
	}
	return true
}

// short keeps the beginning of what could be long.
func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return s
}
