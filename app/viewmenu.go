package app

import (
	"context"
	"errors"
	"fmt"
	"os"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"wirebench/app/filepick"
	"wirebench/sessions/capture"
	"wirebench/sessions/inspect"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// bytesMenu is what can be done with the bytes under the pointer.
func (v *trafficView) bytesMenu(off int64, pos fyne.Position) {
	w := v.bench
	as := fyne.NewMenuItem(words.Say("Copy as"), nil)
	as.ChildMenu = fyne.NewMenu("", fyne.NewMenuItem(words.Say("text in %s // a charset, behind: Copy as", w.space.View.charset().Name()), v.hex.CopyText))
	save := fyne.NewMenuItem(words.Say("Save the selection as"), nil)
	save.ChildMenu = fyne.NewMenu("")
	for _, f := range inspect.Formats() {
		if f.ID != "raw" { // which is no text
			as.ChildMenu.Items = append(as.ChildMenu.Items, fyne.NewMenuItem(f.Name, func() { v.hex.Copy(f) }))
		}
		save.ChildMenu.Items = append(save.ChildMenu.Items, fyne.NewMenuItem(f.Name+"...", func() { v.saveSelection(f) }))
	}
	items := []*fyne.MenuItem{
		fyne.NewMenuItem(words.Say("Copy as hex"), func() { v.hex.Copy(hexWords) }),
		as, save,
	}
	if v.toComposer != nil {
		items = append(items, fyne.NewMenuItem(words.Say("Copy to the composer"), v.composeSelection))
	}
	compare := fyne.NewMenuItem(words.Say("Compare with the remembered"), v.compareSelection)
	compare.Disabled = w.remembered == nil
	items = append(items, fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem(words.Say("Find these bytes"), v.findSelection),
		fyne.NewMenuItem(words.Say("Checksums of the selection"), v.openChecksums),
		fyne.NewMenuItem(words.Say("Remember for comparing"), v.rememberSelection),
		compare)
	v.popUp(items, pos, off >= 0)
}

// hexWords is how bytes are copied that nothing else is said about.
var hexWords = func() inspect.Format {
	f, err := inspect.FormatByID("hex-spaced")
	if err != nil {
		panic("app: " + err.Error())
	}
	return f
}()

// recordMenu is what can be done with the record under the pointer.
func (v *trafficView) recordMenu(r capture.Record, pos fyne.Position) {
	items := []*fyne.MenuItem{
		fyne.NewMenuItem(words.Say("Copy the selected rows"), v.list.Copy),
		fyne.NewMenuItem(words.Say("Copy the record's bytes as hex"), func() {
			v.recordChosen(r)
			v.hex.Copy(hexWords)
		}),
	}
	if v.toComposer != nil {
		items = append(items, fyne.NewMenuItem(words.Say("Copy to the composer"), func() {
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
	from := byteSpan{view: v, src: v.bytes(), stream: v.stream, off: max(v.hex.Cursor(), 0), n: 1}
	if _, n := v.hex.Selection(); n > 0 {
		from, _ = v.span()
	}
	if n := from.n; n > limit {
		return nil, errors.New(words.Say("%s are selected, and at most %s can be taken at once", widgets.FormatSize(n), widgets.FormatSize(limit)))
	}
	b := make([]byte, from.n)
	got, err := from.ReadAt(b, 0)
	if got == 0 && err != nil {
		return nil, err
	}
	return b[:got], nil
}

// saveSelection asks for a file and writes the selected bytes there as f says,
// however many they are.
func (v *trafficView) saveSelection(f inspect.Format) {
	w := v.bench
	from, ok := v.span()
	if !ok {
		v.tell(words.Say("Nothing is selected."))
		return
	}
	r := filepick.Request{
		Title: words.Say("Save %s as %s // bytes, and a format", from, f.Name), Dir: w.space.Folder,
		Name: fmt.Sprintf("bytes-%x%s", from.off, f.Extension), Extension: f.Extension,
	}
	w.pick.Save(r, v.choosing(func(path string) {
		v.runSave(path, func(ctx context.Context, progress func(done, total int64)) error {
			return writeSpan(ctx, path, from, f, progress)
		})
	}))
}

// writeSpan writes bytes into the file path as f says, all or nothing.
func writeSpan(ctx context.Context, path string, from byteSpan, f inspect.Format, progress func(done, total int64)) error {
	err := replaceFile(path, func(out *os.File) error {
		w := f.Writer(out, uint64(from.off))
		err := from.each(ctx, func(b []byte, done int64) error {
			progress(done, from.n)
			_, err := w.Write(b)
			return err
		})
		if err != nil {
			return err
		}
		return w.Close()
	})
	if err != nil {
		return fmt.Errorf("%s: %w", words.Say("save the selection"), err)
	}
	return nil
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
