package cli

import (
	"os"
	"runtime/debug"
	"strings"
	"testing"
)

func TestTheVersionHasTheCommitBehindIt(t *testing.T) {
	was, wasCommit := version, commit
	defer func() { version, commit = was, wasCommit }()
	for _, c := range []struct{ version, commit, want string }{
		{"1.2.3", "0123456789", "1.2.3+0123456789"},
		{"1.2.3", "0123456789.dirty", "1.2.3+0123456789.dirty"},
		{"", "0123456789", release + "+0123456789"},
		{"1.2.3+abc", "0123456789", "1.2.3+abc"},
	} {
		version, commit = c.version, c.commit
		if got := Version(); got != c.want {
			t.Errorf("version %q of commit %q is shown as %q, want %q", c.version, c.commit, got, c.want)
		}
	}
}

func TestTheCommitComesFromTheBuildWhereNobodyNamesIt(t *testing.T) {
	revision := debug.BuildSetting{Key: "vcs.revision", Value: "0123456789abcdef0123456789abcdef01234567"}
	for _, c := range []struct {
		settings []debug.BuildSetting
		want     string
	}{
		{[]debug.BuildSetting{revision, {Key: "vcs.modified", Value: "false"}}, "0123456789"},
		{[]debug.BuildSetting{{Key: "vcs.modified", Value: "true"}, revision}, "0123456789.dirty"},
		{[]debug.BuildSetting{{Key: "vcs.modified", Value: "true"}}, ""},
		{nil, ""},
	} {
		if got := stamped(c.settings); got != c.want {
			t.Errorf("%v gives the commit %q, want %q", c.settings, got, c.want)
		}
	}
}

func TestAllSayTheSameRelease(t *testing.T) {
	toml, err := os.ReadFile("../../FyneApp.toml")
	if err != nil {
		t.Fatal(err)
	}
	if want := `Version = "` + release + `"`; !strings.Contains(string(toml), want) {
		t.Errorf("FyneApp.toml has no line %s, which is what a build without flags calls itself", want)
	}
}
