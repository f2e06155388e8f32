//go:build !headless

package cli

import "wirebench/app"

func openWindow(urls []string, captureDir string) error {
	return app.Run(app.Options{URLs: urls, CaptureDir: captureDir, Version: Version()})
}
