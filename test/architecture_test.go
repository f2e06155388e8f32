// Package test holds the product to its promises from outside: the import rules, the real window driven as a person
// drives it (build tag e2e), and the command line. Benchmarks against peers are in test/bench.
package test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "wirebench"

// listed is what `go list -json` says about one package.
type listed struct {
	ImportPath   string
	Standard     bool
	CgoFiles     []string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

// goList asks the go command for packages, run at the module's root with env added.
func goList(t *testing.T, env []string, args ...string) []listed {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Standard,CgoFiles,Imports,TestImports,XTestImports"}, args...)...)
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %s: %v\n%s", strings.Join(args, " "), err, stderr.Bytes())
	}
	var packages []listed
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatalf("read the answer of go list: %v", err)
		}
		packages = append(packages, p)
	}
}

// graphical reports whether a package belongs to Fyne, its drivers, or the GTK dialog.
func graphical(path string) bool {
	for _, prefix := range []string{"fyne.io/", "github.com/fyne-io/", "github.com/go-gl/", "github.com/sqweek/dialog"} {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}

// below reports whether path is the package root or lies under it.
func below(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }

var systems = []string{"linux", "windows", "darwin"}

func TestSessionsKnowNoScreenAndNoCgo(t *testing.T) {
	for _, system := range systems {
		for _, p := range goList(t, []string{"GOOS=" + system, "CGO_ENABLED=1"}, "-deps", "-tags", "migrated_fynedo", "./sessions/...") {
			switch {
			case p.Standard:
			case graphical(p.ImportPath):
				t.Errorf("%s: sessions depends on %s", system, p.ImportPath)
			case below(p.ImportPath, module) && !below(p.ImportPath, module+"/sessions"):
				t.Errorf("%s: sessions depends upward on %s", system, p.ImportPath)
			case len(p.CgoFiles) > 0:
				t.Errorf("%s: sessions depends on %s, which needs cgo (%s)", system, p.ImportPath, strings.Join(p.CgoFiles, " "))
			}
		}
	}
}

func TestLeafPackagesOfTheEngineDoNotKnowTheEngine(t *testing.T) {
	for _, p := range goList(t, nil, "./sessions/...") {
		if p.ImportPath == module+"/sessions" || p.ImportPath == module+"/sessions/lab" {
			continue
		}
		if slices.Contains(p.Imports, module+"/sessions") {
			t.Errorf("%s imports %s/sessions", p.ImportPath, module)
		}
	}
}

func TestWidgetsShowLeafPackagesAndOpenNoSocket(t *testing.T) {
	leaves := []string{"amf", "capture", "certs", "charset", "checksum", "compose", "fields", "framing", "inspect", "messages", "pattern", "reply"}
	for _, p := range goList(t, nil, "-tags", "migrated_fynedo", "./widgets/...") {
		for _, imported := range p.Imports {
			switch {
			case slices.Contains([]string{"net", "net/http", "net/rpc", "net/smtp", "crypto/tls", "syscall", "os/exec"}, imported),
				strings.HasPrefix(imported, "golang.org/x/net"), strings.HasPrefix(imported, "golang.org/x/sys"):
				t.Errorf("%s imports %s; a widget opens no socket and starts no process", p.ImportPath, imported)
			case below(imported, module+"/widgets"), imported == module+"/assets", !below(imported, module):
			default:
				leaf := strings.TrimPrefix(imported, module+"/sessions/")
				if leaf == imported || !slices.Contains(leaves, strings.Split(leaf, "/")[0]) {
					t.Errorf("%s imports %s; of the product's packages a widget may use %v", p.ImportPath, imported, leaves)
				}
			}
		}
	}
}

func TestHeadlessBinaryLinksNoFyne(t *testing.T) {
	for _, system := range systems {
		for _, p := range goList(t, []string{"GOOS=" + system, "CGO_ENABLED=0"}, "-deps", "-tags", "headless", ".") {
			if graphical(p.ImportPath) {
				t.Errorf("%s: the headless binary links %s", system, p.ImportPath)
			}
			if p.ImportPath == module+"/app" || below(p.ImportPath, module+"/widgets") {
				t.Errorf("%s: the headless binary links %s", system, p.ImportPath)
			}
		}
	}
}

func TestMainKnowsOnlyTheCommandLine(t *testing.T) {
	for _, p := range goList(t, nil, "-tags", "migrated_fynedo", ".") {
		for _, imported := range p.Imports {
			if below(imported, module) && imported != module+"/app/cli" {
				t.Errorf("main imports %s; it hands its arguments to app/cli and knows no more", imported)
			}
		}
	}
	text, err := os.ReadFile("../main.go")
	if err != nil {
		t.Fatal(err)
	}
	if lines := bytes.Count(text, []byte("\n")); lines > 40 {
		t.Errorf("main.go has %d lines, 40 are allowed", lines)
	}
}

func TestOnlyFilepickImportsTheNativeDialog(t *testing.T) {
	for _, system := range systems {
		for _, p := range goList(t, []string{"GOOS=" + system, "CGO_ENABLED=1"}, "-tags", "migrated_fynedo", "./...") {
			if p.ImportPath == module+"/app/filepick" {
				continue
			}
			for _, imported := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
				if below(imported, "github.com/sqweek/dialog") {
					t.Errorf("%s: %s imports %s", system, p.ImportPath, imported)
				}
			}
		}
	}
}

func TestTopLevelHoldsOnlyWhatTheHousePlanNames(t *testing.T) {
	allowed := []string{
		"main.go", "app", "widgets", "sessions", "assets", "test",
		"FyneApp.toml", "README.md", "go.mod", "go.sum", "Makefile", "LICENSE",
	}
	// Made by building and testing, and ignored by git.
	made := []string{"build", "wirebench", "wirebench.exe"}
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		name := entry.Name()
		if strings.HasPrefix(name, ".") || slices.Contains(allowed, name) || slices.Contains(made, name) {
			continue
		}
		if ext := filepath.Ext(name); ext == ".test" || ext == ".prof" {
			continue
		}
		t.Errorf("%s does not belong at the top level", name)
	}
}
