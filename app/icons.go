package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"wirebench/widgets"
)

// stateIcons holds one resource for each state, because tabs tell whether
// their icon has changed by comparing resources.
var stateIcons = func() (icons [widgets.StatusFailed + 1]fyne.Resource) {
	for s := range icons {
		icons[s] = widgets.StatusIcon(widgets.StatusState(s))
	}
	return icons
}()

func stateIcon(s widgets.StatusState) fyne.Resource { return stateIcons[s] }

var iconCapture = theme.NewThemedResource(fyne.NewStaticResource("capture.svg", []byte(
	`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path fill="#000" d="M5 3h10l4 4v14H5zM7 5v14h10V8h-3V5zM8.500 11h7v1.600h-7zM8.500 14h7v1.600h-7z"/></svg>`))) // not said

// iconTLS is a closed padlock.
var iconTLS = theme.NewThemedResource(fyne.NewStaticResource("tls.svg", []byte(
	`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path fill="#000" d="M12 2a5 5 0 0 0-5 5v3H5v11h14V10h-2V7a5 5 0 0 0-5-5zm-3 8V7a3 3 0 0 1 6 0v3zm3 3a2 2 0 0 1 1 3.730V19h-2v-2.270A2 2 0 0 1 12 13z"/></svg>`))) // not said

// iconUDP is an arrow that leaves and one that comes, each for itself.
var iconUDP = theme.NewThemedResource(fyne.NewStaticResource("udp.svg", []byte(
	`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path fill="#000" d="M3 7h12V4l6 4.500-6 4.500v-3H3zM21 14H9v-3l-6 4.500L9 20v-3h12z"/></svg>`))) // not said

// iconServer is two units of a rack.
var iconServer = theme.NewThemedResource(fyne.NewStaticResource("server.svg", []byte(
	`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path fill="#000" d="M3 4h18v7H3zM5 6v3h14V6zM3 13h18v7H3zM5 15v3h14v-3zM6.500 6.900h2v1.200h-2zM6.500 15.900h2v1.200h-2z"/></svg>`))) // not said

// iconLab is a flask.
var iconLab = theme.NewThemedResource(fyne.NewStaticResource("lab.svg", []byte(
	`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path fill="#000" d="M8 2h8v2h-1v5l5.500 10.200A2 2 0 0 1 18.700 22H5.300a2 2 0 0 1-1.800-2.800L9 9V4H8zM11 4v5.500L8.600 14h6.800L13 9.500V4z"/></svg>`))) // not said
