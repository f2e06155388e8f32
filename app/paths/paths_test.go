package paths

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestStateDirFollowsEachSystemsCustom(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the expectations are written with slashes")
	}
	home := func() (string, error) { return "/home/u", nil }
	for _, c := range []struct {
		name, system string
		env          map[string]string
		want         string
	}{
		{"Linux without XDG", "linux", nil, "/home/u/.local/state/wirebench"},
		{"Linux with XDG", "linux", map[string]string{"XDG_STATE_HOME": "/x"}, "/x/wirebench"},
		{"Linux with a relative XDG", "linux", map[string]string{"XDG_STATE_HOME": "x"}, "/home/u/.local/state/wirebench"},
		{"macOS", "darwin", map[string]string{"XDG_STATE_HOME": "/x"}, "/home/u/Library/Application Support/Wirebench"},
		{"Windows", "windows", map[string]string{"LocalAppData": "/l"}, "/l/Wirebench"},
	} {
		got, err := stateDir(c.system, func(k string) string { return c.env[k] }, home)
		if err != nil || got != c.want {
			t.Errorf("%s: %q, %v; want %q", c.name, got, err, c.want)
		}
	}
	if _, err := stateDir("windows", func(string) string { return "" }, home); err == nil {
		t.Error("Windows without %LocalAppData% gave no error")
	}
	if _, err := stateDir("linux", func(string) string { return "" }, func() (string, error) { return "", errors.New("no home") }); err == nil {
		t.Error("Linux without a home gave no error")
	}
}

func TestTheStateFolderIsTheUsersAlone(t *testing.T) {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("XDG_STATE_HOME steers Linux only")
	}
	t.Setenv("XDG_STATE_HOME", filepath.Join(t.TempDir(), "deep"))
	dir, err := CaptureDir()
	if err != nil {
		t.Fatal(err)
	}
	st, err := os.Stat(filepath.Dir(dir))
	if err != nil || st.Mode().Perm() != 0o700 {
		t.Fatalf("%v, %v", st, err)
	}
}

func TestEachKindOfFileHasItsFolder(t *testing.T) {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("XDG_STATE_HOME steers Linux only")
	}
	root := t.TempDir()
	t.Setenv("XDG_STATE_HOME", root)
	for want, f := range map[string]func() (string, error){"captures": CaptureDir, "messages": MessagesDir, "testca": TestCADir} {
		if dir, err := f(); err != nil || dir != filepath.Join(root, "wirebench", want) {
			t.Errorf("%s: %q, %v", want, dir, err)
		}
	}
}

func TestTranslationsAreInTheConfigurationFolder(t *testing.T) {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("XDG_CONFIG_HOME steers Linux only")
	}
	root := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", root)
	if dir, err := LanguageDir(); err != nil || dir != filepath.Join(root, "wirebench", "languages") {
		t.Errorf("%q, %v", dir, err)
	}
	if _, err := os.Stat(filepath.Join(root, "wirebench")); err == nil {
		t.Error("the folder was made, and nothing is in it")
	}
}
