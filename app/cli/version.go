package cli

import "runtime/debug"

// version is set by the build: -ldflags "-X wirebench/app/cli.version=1.2.3".
var version = ""

// release is what a build without that flag calls itself.
const release = "0.1.0"

// Version returns the version of this build, with the commit where it is known.
func Version() string {
	if version != "" {
		return version
	}
	v := release
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 7 {
			v += "+" + s.Value[:7]
		}
	}
	return v
}
