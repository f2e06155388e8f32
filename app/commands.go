package app

import (
	"slices"

	"fyne.io/fyne/v2"

	"wirebench/sessions/capture"
	"wirebench/widgets/words"
)

var menuOrder = []words.Text{"File", "Session", "View", "Lab", "Help"}

const (
	shift = fyne.KeyModifierShift
	alt   = fyne.KeyModifierAlt
	// control is Ctrl on every system: Cmd+Tab belongs to macOS.
	control = fyne.KeyModifierControl
)

// allActions is the one list of what a person can do. Order is the order in
// the menus.
func (w *workbench) allActions() []*action {
	return slices.Concat(w.fileActions(), w.sessionActions(), w.viewActions(), w.helpActions(), w.practiceActions())
}

func (w *workbench) fileActions() []*action {
	export := func(name words.Text, f capture.Format, suffix string) *action {
		return &action{name: name, menu: "File", sub: "Export", enabled: w.hasBytes,
			run: w.onView(func(v *trafficView) { v.export(f, suffix) })}
	}
	return []*action{
		{name: "New TCP client", menu: "File", key: fyne.KeyT, mod: primary, opens: true, kind: "TCP client", run: func() { w.newTCP("") }},
		{name: "New TLS client", menu: "File", key: fyne.KeyT, mod: primary | shift, opens: true, kind: "TLS client", run: func() { w.newTLS("") }},
		{name: "New server", menu: "File", key: fyne.KeyN, mod: primary | shift, opens: true, kind: "Server", run: func() { w.newServer(savedTab{}) }},
		{name: "New UDP socket", menu: "File", key: fyne.KeyU, mod: primary | shift, opens: true, kind: "UDP socket", run: func() { w.newUDP(savedTab{}) }},
		{name: "Open capture...", menu: "File", key: fyne.KeyO, mod: primary, opens: true, kind: "Open a capture", run: w.askOpenCapture},
		{name: "Save capture as...", menu: "File", key: fyne.KeyS, mod: primary, enabled: w.hasBytes, separate: true,
			run: w.onView(func(v *trafficView) { v.export(capture.AsPcapng, ".pcapng") })},
		export("Hex dump...", capture.AsHexdump, ".txt"),
		export("JSON Lines...", capture.AsJSONL, ".jsonl"),
		export("Bytes received...", capture.AsRawIn, "-in.bin"),
		export("Bytes sent...", capture.AsRawOut, "-out.bin"),
		{name: "Settings...", menu: "File", key: fyne.KeyComma, mod: primary, separate: true, run: w.showSettings},
		{name: "Close tab", menu: "File", key: fyne.KeyW, mod: primary, enabled: w.hasTab, separate: true,
			run: func() { w.askClose(w.strip.current) }},
		{name: "Quit", menu: "File", key: fyne.KeyQ, mod: primary, run: w.askQuit},
	}
}

func (w *workbench) helpActions() []*action {
	return []*action{
		{name: "Contents", menu: "Help", run: w.showHelp},
		{name: "Help on what has the keyboard", menu: "Help", key: fyne.KeyF1, mod: shift, run: w.helpHere},
		{name: "Keys", menu: "Help", key: fyne.KeyF1, run: w.showKeys},
		{name: "Find a command...", menu: "Help", key: fyne.KeyP, mod: primary | shift, run: func() { w.palette.Show(w.win.Canvas()) }},
		{name: "About Wirebench", menu: "Help", run: w.showAbout},
	}
}

// viewChanged shows a changed arrangement in the visible tab; the others take
// it over when they become visible.
func (w *workbench) viewChanged() {
	if t := w.strip.current; t != nil {
		arrange(t)
	}
	w.rebuildMenu()
}

// arrange has a tab follow the arrangement.
func arrange(t tab) {
	if v := t.view(); v != nil {
		v.arrange()
	}
	if t, ok := t.(deskTab); ok {
		t.theDesk().takeOrder()
	}
	if t, ok := t.(interface{ arrange() }); ok {
		t.arrange()
	}
}

// focusAddress puts the cursor into the address, in a new tab if there is none
// that has one.
func (w *workbench) focusAddress() {
	if t, ok := w.strip.current.(deskTab); ok {
		t.focusAddress()
		return
	}
	w.newTCP("")
}
