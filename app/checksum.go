package app

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/checksum"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// checksumPane shows the checksums of what is selected, and follows the
// selection while it is there.
type checksumPane struct {
	view   *trafficView
	panel  *widgets.SidePanel
	list   *widgets.SumList
	cancel context.CancelFunc // of the sums under way
	serial int                // tells late ones from the present ones
}

// checksumWait is how long a selection has to stay for its sums to be worth
// making.
const checksumWait = 60 * time.Millisecond

// summedAtOnce is how many bytes are summed before a person sees it.
const summedAtOnce = 1 << 20

// mostFound is how many checksums beside the bytes are told of in words.
const mostFound = 3

// openChecksums shows the checksums of the selection, or puts them away.
func (v *trafficView) openChecksums() {
	if v.sums != nil {
		v.closeAside()
		return
	}
	p := &checksumPane{view: v, list: widgets.NewSumList(), cancel: func() {}}
	focus := func() { p.list.Focus(v.bench.win.Canvas()) }
	p.panel = widgets.NewSidePanel(words.Say("Checksums"), widgets.NewListFilter(words.Say("Filter: crc-16, modbus, a value…"), p.list.SetFilter, focus), p.list)
	p.list.OnNotice = v.tell
	p.list.OnMenu = func(pos fyne.Position) {
		menu := fyne.NewMenu("", fyne.NewMenuItem(words.Say("Copy the selected rows"), p.list.Copy), fyne.NewMenuItem(words.Say("Select all"), p.list.SelectAll))
		widget.ShowPopUpMenuAtPosition(menu, v.bench.win.Canvas(), pos)
	}
	v.openAside(p.panel, func() {
		p.cancel()
		v.sums = nil
		v.hex.OnSelect = v.bytesSelected
	})
	v.sums = p
	v.hex.OnSelect = func(off, n int64) {
		v.bytesSelected(off, n)
		p.follow()
	}
	v.bench.rebuildMenu()
	focus()
	p.follow()
}

// follow shows the checksums of what is selected now.
func (p *checksumPane) follow() {
	v := p.view
	p.cancel()
	p.serial++
	from, ok := v.span()
	if !ok {
		p.panel.SetNote(words.Say("Select the bytes, or the record, to sum."))
		p.list.SetSums(nil, nil)
		return
	}
	if from.n > summedAtOnce { // else they are there before what was there can mislead
		p.panel.SetNote(words.Say("Summing %s…", from))
		p.list.SetSums(nil, nil)
	}
	serial := p.serial
	var mine context.Context
	mine, p.cancel = context.WithCancel(v.ctx)
	var results []checksum.Result
	var found []checksum.Found
	v.run(words.Say("Checksums of %s", from), func(ctx context.Context, progress func(done, total int64)) error {
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		defer context.AfterFunc(mine, stop)()
		select {
		case <-ctx.Done():
			return context.Canceled
		case <-time.After(checksumWait):
		}
		m := checksum.NewMatcher()
		err := from.each(ctx, func(b []byte, done int64) error {
			progress(done, from.n)
			_, err := m.Write(b)
			return err
		})
		if err != nil {
			return err
		}
		results, found = m.Sums(), append(m.Found(from.around()), m.AtEnd()...)
		slices.SortStableFunc(found, func(a, b checksum.Found) int { return cmp.Compare(b.Algorithm.Bits, a.Algorithm.Bits) })
		return nil
	}, func(err error) {
		if serial != p.serial || v.sums != p {
			return
		}
		switch {
		case errors.Is(err, context.Canceled):
			p.panel.SetNote(words.Say("Cancelled."))
			return
		case err != nil:
			p.panel.SetNote(sentence(err))
			p.list.SetSums(nil, nil)
			return
		}
		p.show(from, results, found)
	})
}

func (p *checksumPane) show(from byteSpan, results []checksum.Result, found []checksum.Found) {
	text := words.Say("Of %s. // checksums of these bytes", from)
	if len(found) == 0 {
		text += " " + words.Say("None of them stands beside the bytes or at their end.")
	}
	for i, f := range found[:min(len(found), mostFound)] {
		if i == 0 || f.Algorithm.Bits > 8 {
			text += "\n" + widgets.SumPlaceSentence(f)
		}
	}
	if len(found) > 0 && found[0].Algorithm.Bits <= 8 {
		text += " " + words.Say("With 8 bits that may be chance.")
	}
	p.panel.SetNote(text)
	p.list.SetSums(results, found)
}
