package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// lowWindow is the height below which a window may have no room for the traffic
// list and the bytes at the same time.
const lowWindow = 640

// lowPanes lays out the traffic list, the bytes and the inspector. Where a low
// window has no room for both, list and bytes take turns, so that it still has
// the composer whole.
type lowPanes struct{ v *trafficView }

// MinSize is part of fyne.Layout.
func (l *lowPanes) MinSize(o []fyne.CanvasObject) fyne.Size {
	m := o[0].MinSize()
	if l.yields() {
		m.Height = min(m.Height, max(l.v.listPane.MinSize().Height, l.v.hexPane.MinSize().Height, l.v.side.MinSize().Height))
	}
	return m
}

// Layout is part of fyne.Layout.
func (l *lowPanes) Layout(o []fyne.CanvasObject, size fyne.Size) {
	both := l.v.listPane.MinSize().Height + l.v.hexPane.MinSize().Height + 2*theme.Padding()
	if low := l.yields() && size.Height < both; low != l.v.low {
		l.v.low = low
		l.v.showPanes()
		l.v.bytesSplit.Refresh()
	}
	o[0].Resize(size)
	o[0].Move(fyne.Position{})
}

// yields reports whether list and bytes may have to take turns.
func (l *lowPanes) yields() bool {
	c := l.v.bench.space.View
	return !c.HideTraffic && !c.HideHex && !l.v.bare && l.v.bench.win.Canvas().Size().Height < lowWindow
}

// showPanes shows the list and the bytes if the person wants them, and of both
// the one whose turn it is where there is no room.
func (v *trafficView) showPanes() {
	c := v.bench.space.View
	show(v.listPane, !c.HideTraffic && !(v.low && v.bytesTurn))
	show(v.hexPane, !c.HideHex && !v.bare && !(v.low && !v.bytesTurn))
}

// turn gives the bytes their turn, or the list.
func (v *trafficView) turn(bytes bool) {
	if v.bytesTurn == bytes {
		return
	}
	v.bytesTurn = bytes
	if v.low {
		v.showPanes()
		v.bytesSplit.Refresh()
	}
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
