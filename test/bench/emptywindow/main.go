// Emptywindow shows a Fyne window with nothing in it: what any Fyne program has to pay before its own first line.
package main

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
)

func main() {
	app.SetMetadata(fyne.AppMetadata{ID: "io.wirebench.empty", Name: "Empty", Migrations: map[string]bool{"fyneDo": true}})
	w := app.NewWithID("io.wirebench.empty").NewWindow("Empty window")
	w.Resize(fyne.NewSize(1100, 720))
	w.ShowAndRun()
}
