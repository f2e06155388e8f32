package cli

import (
	"runtime/debug"
	"strings"
)

// version and commit are set by the build:
// -ldflags "-X wirebench/app/cli.version=1.2.3 -X wirebench/app/cli.commit=0123456789".
// A commit that ends in ".dirty" was built with changes that are in no commit.
var version, commit string

// release is what a build without those flags calls itself.
const release = "0.1.0"

// commitDigits is how much of a commit is shown: enough to be the only one, and the same in every clone.
const commitDigits = 10

// Version returns the version of this build as Semantic Versioning writes it, with the commit behind a plus
// sign where it is known: "0.1.0+0123456789".
func Version() string {
	v := version
	if v == "" {
		v = release
	}
	c := commit
	if info, ok := debug.ReadBuildInfo(); ok && c == "" {
		c = stamped(info.Settings)
	}
	if c == "" || strings.Contains(v, "+") {
		return v
	}
	return v + "+" + c
}

// stamped is the commit that the go command wrote into the build, or nothing.
func stamped(settings []debug.BuildSetting) string {
	var c, dirty string
	for _, s := range settings {
		switch {
		case s.Key == "vcs.revision" && len(s.Value) >= commitDigits:
			c = s.Value[:commitDigits]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = ".dirty"
		}
	}
	if c == "" {
		return ""
	}
	return c + dirty
}
