//go:build headless

package cli

func openWindow([]string, string) error {
	return usage("this build has no window; it has the commands that --help lists")
}
