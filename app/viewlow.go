package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// lowPanes lays out the traffic list, the bytes and the inspector. Where the
// window is too low for both, the bytes make way for the list, so that a screen
// of few lines shows the composer whole.
type lowPanes struct{ v *trafficView }

// MinSize is part of fyne.Layout.
func (l *lowPanes) MinSize(o []fyne.CanvasObject) fyne.Size {
	m := o[0].MinSize()
	if l.yields() {
		m.Height = min(m.Height, max(l.v.listPane.MinSize().Height, l.v.side.MinSize().Height))
	}
	return m
}

// Layout is part of fyne.Layout.
func (l *lowPanes) Layout(o []fyne.CanvasObject, size fyne.Size) {
	both := l.v.listPane.MinSize().Height + l.v.hexPane.MinSize().Height + 2*theme.Padding()
	if low := l.yields() && size.Height < both; low != l.v.low {
		l.v.low = low
		l.v.showBytes()
		l.v.bytesSplit.Refresh()
	}
	o[0].Resize(size)
	o[0].Move(fyne.Position{})
}

// yields reports whether the bytes have something to make way for.
func (l *lowPanes) yields() bool { return !l.v.bench.space.View.HideTraffic }

// showBytes shows the bytes if the person wants them and there is room.
func (v *trafficView) showBytes() {
	show(v.hexPane, !v.bench.space.View.HideHex && !v.bare && !v.low)
}

// leastHeight is what a screen of 540 leaves a window's content, whichever tab
// of many would like more.
const leastHeight = 460

// lowest lays out one object, and lets it be as low as leastHeight.
type lowest struct{}

// MinSize is part of fyne.Layout.
func (lowest) MinSize(o []fyne.CanvasObject) fyne.Size {
	m := o[0].MinSize()
	m.Height = min(m.Height, leastHeight)
	return m
}

// Layout is part of fyne.Layout.
func (lowest) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Resize(size)
	o[0].Move(fyne.Position{})
}
