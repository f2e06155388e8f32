package app

import (
	"context"
	"errors"

	"fyne.io/fyne/v2"

	"wirebench/sessions/compose"
	"wirebench/sessions/framing"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// maxCopied is how much of a payload is copied at once.
const maxCopied = 1 << 20

// frameBytes reads bytes of a frame, as far as they are kept: limit at most.
func frameBytes(index *framing.Index, f *framing.Frame, from, to, limit int64) ([]byte, error) {
	if from = max(from, f.Lost); to-from > limit {
		return nil, errors.New(words.Say("these are %s, and at most %s can be taken at once", widgets.FormatSize(to-from), widgets.FormatSize(limit)))
	}
	b := make([]byte, max(to-from, 0))
	if n, err := index.ReadAt(f, b, from); n < len(b) {
		return nil, err
	}
	return b, nil
}

// frameMenu is what can be done with the frame under the pointer.
func (v *trafficView) frameMenu(f framing.Frame, pos fyne.Position) {
	index := v.framed()
	if index == nil {
		return
	}
	with := func(from, to, limit int64, do func([]byte)) func() {
		return func() {
			var b []byte
			v.run(words.Say("Reading the frame"), func(context.Context, func(done, total int64)) (err error) {
				b, err = frameBytes(index, &f, from, to, limit)
				return err
			}, func(err error) {
				if err != nil {
					v.complain(err)
					return
				}
				do(b)
			})
		}
	}
	toClipboard := func(b []byte) { fyne.CurrentApp().Clipboard().SetContent(compose.FormatHex(b)) }
	from, to := f.Payload()
	items := []*fyne.MenuItem{
		fyne.NewMenuItem(words.Say("Copy the selected rows"), v.list.Copy),
		fyne.NewMenuItem(words.Say("Copy the frame's bytes as hex"), with(0, f.Len, maxCopied, toClipboard)),
		fyne.NewMenuItem(words.Say("Copy the payload as hex"), with(from, to, maxCopied, toClipboard)),
	}
	if v.toComposer != nil {
		items = append(items, fyne.NewMenuItem(words.Say("Copy the payload to the composer"), with(from, to, maxComposed, func(b []byte) { v.toComposer(b) })))
	}
	items = append(items, fyne.NewMenuItemSeparator(), fyne.NewMenuItem(words.Say("Show as an XML document"), func() {
		if v.frames.document == nil {
			v.openDocument()
		}
	}))
	v.popUp(items, pos, true)
}
