package words

import (
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/build"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/feature/plural"

	"wirebench/sessions/lab"
)

var update = flag.Bool("update", false, "write en.json as the sources have it")

const (
	module = "wirebench"
	here   = module + "/widgets/words"
)

// gatherer reads the sources for what they say. It type-checks this module's packages alone: of all others it knows
// nothing, which leaves types unknown and errors untold, but none of the constants of this package's type.
type gatherer struct {
	files    *token.FileSet
	packages map[string]*types.Package
	said     map[Text]entry
	where    map[Text]string
	faults   []string
	unsaid   []string // literals that read as something said, and are no Text
}

// Import is part of [types.Importer].
func (g *gatherer) Import(path string) (*types.Package, error) {
	if p := g.packages[path]; p != nil {
		return p, nil
	}
	if path != module && !strings.HasPrefix(path, module+"/") {
		p := types.NewPackage(path, filepath.Base(path))
		p.MarkComplete()
		g.packages[path] = p
		return p, nil
	}
	dir := filepath.Join("..", "..", strings.TrimPrefix(strings.TrimPrefix(path, module), "/"))
	context := build.Default
	context.BuildTags = []string{"migrated_fynedo"}
	context.CgoEnabled = true
	listed, err := context.ImportDir(dir, 0)
	if err != nil {
		return nil, err
	}
	var files []*ast.File
	for _, name := range listed.GoFiles {
		f, err := parser.ParseFile(g.files, filepath.Join(dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: g, Error: func(error) {}, FakeImportC: true, DisableUnusedImportCheck: true}
	p, _ := config.Check(path, g.files, files, info) // what it complains of, the compiler does too, or is of others' packages
	g.packages[path] = p
	for _, f := range files {
		g.gather(f, info, path == here)
		if path == module+"/app" || path == module+"/widgets" {
			g.lookForUnsaid(f, info)
		}
	}
	return p, nil
}

func isText(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Name() == "Text" && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == here
}

// gather takes what a file says.
func (g *gatherer) gather(f *ast.File, info *types.Info, own bool) {
	text := func(e ast.Expr) (Text, bool) {
		v, ok := info.Types[e]
		if !ok || v.Value == nil || v.Value.Kind() != constant.String || !isText(v.Type) {
			return "", false
		}
		return Text(constant.StringVal(v.Value)), true
	}
	forms := map[ast.Expr]bool{} // of Many, which are taken together
	ast.Inspect(f, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			g.call(call, info, text, forms)
		}
		if e, ok := n.(ast.Expr); ok && !forms[e] {
			// A name of a constant has been taken where that is declared.
			if _, named := e.(*ast.Ident); named {
				return true
			}
			if t, ok := text(e); ok {
				if !own || t.English() == "English" {
					g.say(t, entry{text: t.English()}, g.at(e))
				}
				return false
			}
		}
		return true
	})
}

// call looks at the calls of this package's functions.
func (g *gatherer) call(call *ast.CallExpr, info *types.Info, text func(ast.Expr) (Text, bool), forms map[ast.Expr]bool) {
	s, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return
	}
	f, ok := info.Uses[s.Sel].(*types.Func)
	if !ok || f.Pkg() == nil || f.Pkg().Path() != here {
		return
	}
	given := len(call.Args)
	switch f.Name() {
	case "Say":
		t, ok := text(call.Args[0])
		if !ok {
			return // a text that was said before it came here
		}
		want, err := verbs(t.English())
		if err != nil && given > 1 {
			g.fault(call, "%v", err)
		}
		if given > 1 && len(want) != given-1 {
			g.fault(call, "%q writes %d values, and %d are given", t, len(want), given-1)
		}
	case "Many":
		if given < 3 {
			return // the compiler says so
		}
		one, ok1 := text(call.Args[1])
		other, ok2 := text(call.Args[2])
		if !ok1 || !ok2 {
			g.fault(call, "Many is called with what is no constant")
			return
		}
		forms[call.Args[1]], forms[call.Args[2]] = true, true
		want, err := verbs(other.English())
		if err != nil || len(want) != given-2 {
			g.fault(call, "%q writes %d values, and %d are given (%v)", other, len(want), given-2, err)
		}
		g.say(other, entry{forms: map[plural.Form]string{plural.One: one.English(), plural.Other: other.English()}}, g.at(call))
	}
}

// notSaid ends a line whose words are not the window's: those of a protocol, a file, or of another program.
const notSaid = "// not said"

// lookForUnsaid takes the literals that read as English and are not of the type Text.
func (g *gatherer) lookForUnsaid(f *ast.File, info *types.Info) {
	exempt := map[ast.Node]bool{}
	lines := map[int]bool{}
	for _, c := range f.Comments {
		if last := c.List[len(c.List)-1]; strings.HasPrefix(last.Text, notSaid) {
			lines[g.files.Position(last.Pos()).Line] = true
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			exempt[n.Tag] = true
		case *ast.CallExpr:
			if name, ok := n.Fun.(*ast.Ident); ok && name.Name == "panic" {
				return false
			}
		case *ast.BasicLit:
			if n.Kind != token.STRING || exempt[n] || isText(info.Types[n].Type) || lines[g.files.Position(n.Pos()).Line] {
				return true
			}
			if s := constant.StringVal(constant.MakeFromLiteral(n.Value, token.STRING, 0)); readsAsEnglish.MatchString(s) {
				g.unsaid = append(g.unsaid, fmt.Sprintf("%s: %s", g.files.Position(n.Pos()), n.Value))
			}
		}
		return true
	})
}

// readsAsEnglish finds two words, and one that begins with a capital letter.
var readsAsEnglish = regexp.MustCompile(`[A-Za-z]{2,}[,.:;]? [A-Za-z(]|^[A-Z][a-z]+\b|%[sdqv] [a-z]{2,}`)

// sayLab takes what is said of the practice servers. Their package knows nothing of this one, nor of any window: its
// texts are said where they are shown.
func (g *gatherer) sayLab() {
	for _, e := range lab.Catalogue() {
		texts := append([]string{e.Title}, e.Look[:]...)
		for _, m := range e.Messages {
			texts = append(texts, m.Name)
		}
		for _, s := range texts {
			t := Text(s)
			if t.English() != s {
				g.faults = append(g.faults, fmt.Sprintf("the practice server %s says %q, whose end nobody sees", e.ID, s))
			}
			g.say(t, entry{text: s}, "the practice server "+e.ID)
		}
	}
}

// say takes a text, said at that place.
func (g *gatherer) say(t Text, e entry, at string) {
	if !strings.ContainsFunc(t.English(), unicode.IsLetter) {
		return // numbers and signs are the same everywhere
	}
	if before, ok := g.said[t]; ok && (before.text != e.text || !maps.Equal(before.forms, e.forms)) {
		g.faults = append(g.faults, fmt.Sprintf("%s: %q is said with a number in one place and without, or otherwise, in another: %s", at, t, g.where[t]))
	}
	g.said[t], g.where[t] = e, at
}

func (g *gatherer) fault(at ast.Node, format string, values ...any) {
	g.faults = append(g.faults, g.at(at)+": "+fmt.Sprintf(format, values...))
}

// at is where something stands in the sources.
func (g *gatherer) at(n ast.Node) string { return g.files.Position(n.Pos()).String() }

// gathered is what the sources say.
func gathered(t *testing.T) *gatherer {
	t.Helper()
	g := &gatherer{files: token.NewFileSet(), packages: map[string]*types.Package{}, said: map[Text]entry{}, where: map[Text]string{}}
	for _, p := range []string{here, module + "/widgets", module + "/app"} {
		if _, err := g.Import(p); err != nil {
			t.Fatal(err)
		}
	}
	g.sayLab()
	return g
}

func TestTheEnglishFileHoldsWhatTheSourcesSay(t *testing.T) {
	g := gathered(t)
	for _, f := range g.faults {
		t.Error(f)
	}
	if len(g.said) < 100 {
		t.Fatalf("only %d texts were found: the sources are not read as they are written", len(g.said))
	}
	if *update {
		if err := os.WriteFile("en.json", written(g.said), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, k := range slices.Sorted(maps.Keys(g.said)) {
		e, want := source()[k], g.said[k]
		if e.text != want.text || !maps.Equal(e.forms, want.forms) {
			t.Errorf("%s says %q, which en.json does not have so; write it with: go test ./widgets/words -update", g.where[k], k)
		}
	}
	for k := range source() {
		if _, ok := g.said[k]; !ok {
			t.Errorf("en.json has %q, which nothing says; write it with: go test ./widgets/words -update", k)
		}
	}
}

func TestEverythingTheWindowSaysCanBeTranslated(t *testing.T) {
	for _, s := range gathered(t).unsaid {
		t.Errorf("%s is no words.Text; if it is not said to a person, end its line with %q", s, notSaid)
	}
}

// written is the file of these texts, in their order.
func written(said map[Text]entry) []byte {
	var b strings.Builder
	quote := func(s string) string {
		var q strings.Builder
		e := json.NewEncoder(&q)
		e.SetEscapeHTML(false)
		_ = e.Encode(s) // a string always can be
		return strings.TrimSuffix(q.String(), "\n")
	}
	b.WriteString("{")
	keys := slices.SortedFunc(maps.Keys(said), func(a, b Text) int {
		if c := strings.Compare(strings.ToLower(string(a)), strings.ToLower(string(b))); c != 0 {
			return c
		}
		return strings.Compare(string(a), string(b))
	})
	for i, k := range keys {
		if i > 0 {
			b.WriteString(",")
		}
		e := said[k]
		if e.forms == nil {
			fmt.Fprintf(&b, "\n\t%s: %s", quote(string(k)), quote(e.text))
		} else {
			fmt.Fprintf(&b, "\n\t%s: {\"one\": %s, \"other\": %s}", quote(string(k)), quote(e.forms[plural.One]), quote(e.forms[plural.Other]))
		}
	}
	b.WriteString("\n}\n")
	return []byte(b.String())
}
