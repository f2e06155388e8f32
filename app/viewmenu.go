package app

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/capture"
	"wirebench/widgets"
)

// bytesMenu is what can be done with the bytes under the pointer.
func (v *trafficView) bytesMenu(off int64, pos fyne.Position) {
	copyAs := func(name string, kind widgets.HexCopy) *fyne.MenuItem {
		return fyne.NewMenuItem(name, func() { v.hex.Copy(kind) })
	}
	items := []*fyne.MenuItem{
		copyAs("Copy as hex", widgets.CopyHex),
		copyAs("Copy as text", widgets.CopyPlain),
		copyAs("Copy as hex dump", widgets.CopyHexDump),
		copyAs("Copy as escaped text", widgets.CopyEscaped),
	}
	if v.toComposer != nil {
		items = append(items, fyne.NewMenuItemSeparator(), fyne.NewMenuItem("Copy to the composer", v.composeSelection))
	}
	items = append(items, fyne.NewMenuItemSeparator(), fyne.NewMenuItem("Find these bytes", v.findSelection))
	v.popUp(items, pos, off >= 0)
}

// recordMenu is what can be done with the record under the pointer.
func (v *trafficView) recordMenu(r capture.Record, pos fyne.Position) {
	items := []*fyne.MenuItem{
		fyne.NewMenuItem("Copy the selected rows", v.list.Copy),
		fyne.NewMenuItem("Copy the record's bytes as hex", func() {
			v.recordChosen(r)
			v.hex.Copy(widgets.CopyHex)
		}),
	}
	if v.toComposer != nil {
		items = append(items, fyne.NewMenuItem("Copy to the composer", func() {
			v.recordChosen(r)
			v.composeSelection()
		}))
	}
	if r.Kind != capture.Data {
		items = items[:1]
	}
	v.popUp(items, pos, true)
}

func (v *trafficView) popUp(items []*fyne.MenuItem, pos fyne.Position, some bool) {
	if some {
		widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", items...), v.bench.win.Canvas(), pos)
	}
}

// selection reads what is selected in the bytes, at most limit of them.
func (v *trafficView) selection(limit int64) ([]byte, error) {
	off, n := v.hex.Selection()
	if n == 0 {
		n = 1
	}
	if n > limit {
		return nil, fmt.Errorf("%s are selected, and at most %s can be taken at once", widgets.FormatSize(n), widgets.FormatSize(limit))
	}
	b := make([]byte, n)
	got, err := v.bytes().ReadAt(v.stream, b, off)
	if got == 0 && err != nil {
		return nil, err
	}
	return b[:got], nil
}

// maxComposed is what the composer takes; more comes from a file.
const maxComposed = 4 << 10

func (v *trafficView) composeSelection() {
	b, err := v.selection(maxComposed)
	if err != nil {
		v.complain(err)
		return
	}
	v.toComposer(b)
}

// maxFound bounds the bytes that are looked for.
const maxFound = 512

func (v *trafficView) findSelection() {
	b, err := v.selection(maxFound)
	if err != nil {
		v.complain(err)
		return
	}
	v.findValue(b)
}
