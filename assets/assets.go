// Package assets holds the files that are built into the binary. It imports no Fyne, so that both faces may use it.
package assets

import _ "embed" // for the go:embed directives below

//go:generate go run icongen.go -size 512 -o icon.png

// IconName is the name under which [Icon] is handed to the window.
const IconName = "icon.png"

// Icon is the application's icon: a PNG of 512 by 512 pixels with a transparent border. Callers must not change it.
//
//go:embed icon.png
var Icon []byte
