package app

import (
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"
)

// saveTo writes path at once.
func (w *workspace) saveTo(path string) error {
	b, err := w.encode()
	if err == nil {
		err = replaceSpace(path, b)
	}
	return err
}

func TestAWorkspaceComesBackAsItWasSaved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "workspace.json")
	w := defaultWorkspace()
	w.Theme = darkTheme
	w.Addresses = []string{"127.0.0.1:7777", "[::1]:80"}
	w.Tabs = []savedTab{{Kind: "tcp", Address: "game:7777", Draft: "héllo\\n", Mode: "hex", Ending: "CRLF",
		Options: &tcpOptions{Timeout: 3 * time.Second, NoDelay: true}}}
	w.View.LittleEndian = true
	if err := w.saveTo(path); err != nil {
		t.Fatal(err)
	}
	got, err := loadWorkspace(path)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, w) {
		t.Fatalf("got  %+v\nwant %+v", got, w)
	}
}

func TestTheWorkspaceIsReadableByItsOwnerAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no mode bits")
	}
	path := filepath.Join(t.TempDir(), "workspace.json")
	if err := defaultWorkspace().saveTo(path); err != nil {
		t.Fatal(err)
	}
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if st.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, want 0600", st.Mode().Perm())
	}
}

func TestTheFirstStartHasDefaultsAndNoError(t *testing.T) {
	w, err := loadWorkspace(filepath.Join(t.TempDir(), "none.json"))
	if err != nil || w.TextSize != defaultTextSize {
		t.Fatalf("%+v, %v", w, err)
	}
}

func TestABrokenWorkspaceOpensWithDefaultsAndSaysSo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "workspace.json")
	if err := os.WriteFile(path, []byte(`{"tabs": [{"kind": 7`), 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := loadWorkspace(path)
	if err == nil || !strings.Contains(err.Error(), path) {
		t.Fatalf("error %v does not name the file", err)
	}
	if len(w.Tabs) != 0 || w.Width == 0 {
		t.Fatalf("not the defaults: %+v", w)
	}
}

func TestValuesOutOfRangeAreBroughtBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "workspace.json")
	text := `{"width": 5, "height": 1e9, "textSize": 400, "view": {"splitList": 7}}`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := loadWorkspace(path)
	if err != nil {
		t.Fatal(err)
	}
	if w.Width != 640 || w.Height != 8000 || w.TextSize != maxTextSize || w.View.SplitList != 0.5 {
		t.Fatalf("%+v", w)
	}
}

func TestRememberKeepsTheNewestFirstOnceWithinTheLimit(t *testing.T) {
	list := []string{"a", "b", "c"}
	for _, c := range []struct {
		add  string
		want []string
	}{
		{"b", []string{"b", "a", "c"}},
		{"d", []string{"d", "a", "b"}},
		{"", []string{"a", "b", "c"}},
	} {
		if got := remember(list, c.add, 3); !reflect.DeepEqual(got, c.want) {
			t.Errorf("remember(%q) = %v, want %v", c.add, got, c.want)
		}
	}
	if !reflect.DeepEqual(list, []string{"a", "b", "c"}) {
		t.Errorf("the list given was changed: %v", list)
	}
}
