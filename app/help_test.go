package app

import (
	"encoding/hex"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"fyne.io/fyne/v2"

	"wirebench/sessions/certs"
	"wirebench/sessions/framing"
	"wirebench/widgets"
)

func TestEveryTopicOfTheHelpSaysWhatItMeans(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	w.opts.LanguageDir = "/somewhere"
	topics, faults := w.helpTopics()
	for _, f := range faults {
		t.Error(f)
	}
	ids := map[string]bool{}
	for _, p := range topics {
		if ids[p.ID] || p.Title == "" || strings.TrimSpace(p.Text) == "" {
			t.Errorf("topic %q, %q is there twice or says nothing", p.ID, p.Title)
		}
		ids[p.ID] = true
	}
	link := regexp.MustCompile(`\]\(([^)]*)\)`)
	linked := map[string]bool{topics[0].ID: true}
	for _, p := range topics {
		for _, m := range link.FindAllStringSubmatch(p.Text, -1) {
			u, err := url.Parse(m[1])
			if err != nil || u.Scheme != "topic" || !ids[u.Opaque] {
				t.Errorf("%s: the link to %q leads nowhere", p.ID, m[1])
				continue
			}
			linked[u.Opaque] = true
		}
	}
	for _, p := range topics {
		if !linked[p.ID] && p.ID != "keys" {
			t.Errorf("no link leads to %q", p.ID)
		}
	}
}

// inFields are the keys that are no action's: fields and lists have them.
var inFields = []string{"Ctrl+Up", "Ctrl+Down", "Alt+Left", "Alt+Right", "Shift"}

func TestTheHelpNamesNoKeyButAnActions(t *testing.T) {
	raw := regexp.MustCompile(`\b(?:(?:Ctrl|Cmd|Alt|Shift)\+\S+|F[0-9]+)`)
	files, err := fs.Glob(helpFiles, "help/*.md")
	if err != nil || len(files) < 20 {
		t.Fatal(len(files), err)
	}
	for _, name := range files {
		b, err := helpFiles.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text := directive.ReplaceAllString(string(b), "")
		for _, key := range raw.FindAllString(text, -1) {
			if !slices.Contains(inFields, strings.TrimRight(key, "*.,;:)")) {
				t.Errorf("%s writes the key %q itself: write {key:...} with the action's name", name, key)
			}
		}
	}
	// And what is written for an action is its key.
	w, _ := newBenchUnderTest(t)
	if got, ok := w.direct(directive.FindStringSubmatch("{key:Send}")); !ok || got != "**"+keyText(fyne.KeyReturn, primary)+"**" {
		t.Errorf("the key of Send is %s, %v", got, ok)
	}
	for _, d := range []string{"{key:No such action}", "{key:Contents}", "{folder:nowhere}", "{menu:No such item}"} {
		if got, ok := w.direct(directive.FindStringSubmatch(d)); ok {
			t.Errorf("%s is taken for %s", d, got)
		}
	}
}

func topic(t *testing.T, id string) string {
	t.Helper()
	w, _ := newBenchUnderTest(t)
	topics, _ := w.helpTopics()
	i := slices.IndexFunc(topics, func(p widgets.HelpTopic) bool { return p.ID == id })
	if i < 0 {
		t.Fatalf("there is no topic %q", id)
	}
	return topics[i].Text
}

func TestEveryCertificateStatusIsExplained(t *testing.T) {
	text := topic(t, "certificates")
	at := 0
	for _, s := range certs.Statuses {
		i := strings.Index(text, "\n## "+string(s)+"\n")
		if i < at {
			t.Errorf("%s is not explained, or not in the engine's order", s)
			continue
		}
		at = i
		section, _, _ := strings.Cut(text[i+4:], "\n## ")
		if s != certs.Trusted && !strings.Contains(section, "\n*To do:* ") {
			t.Errorf("nothing is said to do about %s", s)
		}
	}
}

// engineTexts are the string literals of package certs, and its codes.
func engineTexts(t *testing.T) (literals []string, codes map[string]string) {
	t.Helper()
	files, err := filepath.Glob("../sessions/certs/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(len(files), err)
	}
	codes = map[string]string{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				if id, ok := n.Type.(*ast.Ident); ok && id.Name == "Code" && len(n.Values) == 1 {
					s, _ := strconv.Unquote(n.Values[0].(*ast.BasicLit).Value)
					codes[s] = n.Names[0].Name
				}
			case *ast.BasicLit:
				if s, err := strconv.Unquote(n.Value); err == nil {
					literals = append(literals, s)
				}
			}
			return true
		})
	}
	return literals, codes
}

func TestEveryFaultAndWarningIsExplainedInTheEnginesWords(t *testing.T) {
	literals, codes := engineTexts(t)
	if len(codes) < 40 {
		t.Fatalf("only %d codes were found", len(codes))
	}
	text := topic(t, "faults") + topic(t, "warnings")
	for code := range codes {
		if !strings.Contains(text, "`"+code+"`") {
			t.Errorf("%s is not explained", code)
		}
	}
	named := regexp.MustCompile("`([a-z-]+)`")
	hints := 0
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "- ") {
			continue
		}
		for _, m := range named.FindAllStringSubmatch(line, -1) {
			if codes[m[1]] == "" {
				t.Errorf("the engine has no code %s", m[1])
			}
		}
		_, hint, ok := strings.Cut(strings.TrimSpace(line), "*To do:* ")
		if !ok {
			continue
		}
		hints++
		hint = strings.TrimSuffix(hint, ".")
		// What the engine writes about the certificate at hand stands behind its text or at a %.
		if !slices.ContainsFunc(literals, func(s string) bool {
			begin, _, _ := strings.Cut(s, "%")
			return strings.Contains(s, hint) || len(begin) >= 20 && strings.HasPrefix(hint, begin)
		}) {
			t.Errorf("the engine does not say %q", hint)
		}
	}
	if hints < 40 {
		t.Errorf("only %d hints were compared", hints)
	}
}

func TestEveryFramingIsExplained(t *testing.T) {
	text := topic(t, "framing")
	if !strings.Contains(text, framing.Notation) {
		t.Error("the notation is not the engine's")
	}
	_, pictures, _ := strings.Cut(text, "\n## ")
	word := regexp.MustCompile(`[a-z][a-z0-9]*`)
	for line := range strings.Lines(framing.Notation) {
		names, _, _ := strings.Cut(line, "  ")
		for _, name := range strings.Split(names, ",") {
			name = word.FindString(strings.TrimSpace(name))
			if name == "" {
				continue // what may follow any of them
			}
			if !regexp.MustCompile(`\b` + name + `\b`).MatchString(pictures) {
				t.Errorf("%s is not explained with a picture", name)
			}
		}
	}
	for _, u := range widgets.UsualFramings() {
		name, _, _ := strings.Cut(u.Framing.String(), ":")
		if !regexp.MustCompile(`\b` + name + `\b`).MatchString(pictures) {
			t.Errorf("%s (%s) is not explained", name, u.Name)
		}
	}
	// The pictures are true: what is drawn as one frame is one.
	for notation, frames := range map[string][]string{
		"lf": {"48656c6c6f0a", "596f750a"}, "nul": {"3c612f3e00", "3c622f3e00"}, "delim:0d0a0d0a": {"41420d0a0d0a"},
		"u8": {"0548656c6c6f", "024869"}, "u16be": {"000548656c6c6f", "00024869"}, "u16le": {"050048656c6c6f", "02004869"},
		"u24be": {"00000548656c6c6f"}, "u32be": {"0000000548656c6c6f"}, "u16be,offset=1": {"07000548656c6c6f"}, "u16be,offset=1,adjust=-3": {"07000848656c6c6f"},
		"varint": {"0548656c6c6f"}, "varint,offset=1": {"300568656c6c6f"}, "fixed:4": {"01020304", "05060708"}, "xml": {"3c612f3e00", "3c622f3e00"},
	} {
		f, err := framing.Parse(notation)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, want := range frames {
			if !strings.Contains(strings.ReplaceAll(pictures, " ", ""), want) {
				t.Errorf("the picture of %s lacks %s", notation, want)
			}
		}
		checkCut(t, f, frames)
	}
}

func TestEveryKindOfFieldStandsInTheHelp(t *testing.T) {
	if text := topic(t, "fields"); !strings.Contains(text, "u8 ") || !strings.Contains(text, "amf3 ") {
		t.Error("the kinds of fields are not listed")
	}
}

func TestTheHelpOpensInAWindowAndFollowsWhatHasTheKeyboard(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	w.run(t, "Contents")
	if w.help == nil || w.help.view.Shown() != "first" {
		t.Fatal("the help did not open at its first topic")
	}
	first := w.help.win
	for _, c := range []struct {
		open func()
		want string
	}{
		{func() { w.newTCP("") }, "tcp"},
		{func() { w.strip.current.(*clientTab).composer.FocusEntry(w.win.Canvas()) }, "composer"},
		{func() { w.strip.current.view().list.Focus(w.win.Canvas()) }, "traffic"},
		{func() { w.strip.current.view().hex.Focus(w.win.Canvas()) }, "bytes"},
		{func() { w.win.Canvas().Focus(w.strip.current.view().inspector) }, "inspector"},
		{func() { w.newTLS("") }, "tls"},
		{func() { w.newServer(savedTab{}) }, "server"},
		{func() { w.newUDP(savedTab{}) }, "udp"},
	} {
		c.open()
		w.run(t, "Help on what has the keyboard")
		if got := w.help.view.Shown(); got != c.want || w.help.win != first {
			t.Errorf("the help shows %q, want %q (the same window: %v)", got, c.want, w.help.win == first)
		}
	}
	w.help.win.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if w.help != nil {
		t.Error("Escape did not close the help")
	}
}

func TestTheHelpOfTheCommandLineIsWhatItPrints(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	w.opts.Commands = []CommandHelp{{"tcp", "Connect and ```whatever```"}}
	topics, _ := w.helpTopics()
	last := topics[len(topics)-1]
	if last.ID != "command-tcp" || !strings.Contains(last.Text, "Connect and") {
		t.Errorf("%+v", last)
	}
}

func TestTheHelpIsWrittenInOneHand(t *testing.T) {
	files, _ := fs.Glob(helpFiles, "help/*.md")
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(b), "# ") || strings.Count("\n"+string(b), "\n# ") != 1 {
			t.Errorf("%s does not begin with its one title", name)
		}
		if len(b) > 7000 {
			t.Errorf("%s has %d bytes: Fyne takes long over long texts; make two topics of it", name, len(b))
		}
		if i := strings.IndexFunc(string(b), func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }); i >= 0 {
			t.Errorf("%s has a control character at byte %d", name, i)
		}
	}
}

// checkCut cuts frames that stand one behind the other.
func checkCut(t *testing.T, f framing.Framing, frames []string) {
	t.Helper()
	c, err := framing.NewCutter(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := hex.DecodeString(strings.Join(frames, ""))
	if err != nil {
		t.Fatal(err)
	}
	c.Feed(b, 1, time.Unix(0, 0))
	for _, want := range frames {
		got, _, ok := c.Next()
		if !ok || got.Len != int64(len(want)/2) || got.Trouble() != "" {
			t.Errorf("%s is cut into %+v, %v; want %d bytes", f, got, ok, len(want)/2)
		}
	}
}
