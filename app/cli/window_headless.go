//go:build headless

package cli

var errNoWindow = usage("this build has no window; it has the commands that --help lists")

func openWindow(urls []string, captureDir string, _ func(error)) error {
	return openWindowBeside(urls, captureDir)
}
