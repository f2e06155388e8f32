package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// cardSplits are the dividers of a [CertificateCard]: findings over the chain at the left, fields at the right; in a
// wide and low card, findings and chain stand beside each other. Until the person moves a divider it stands where
// what there is to show has room.
type cardSplits struct {
	findings *findingList
	chain    *chainView

	outer  *container.Split // left, and the fields
	left   *container.Split // findings, and the chain
	across divider
	down   divider
	beside divider
}

// divider is where a split's bar stands.
type divider struct {
	wish float64 // by the person; 0 for none
	auto float64 // set last by itself
}

// keep takes over where the person has moved the bar.
func (d *divider) keep(s *container.Split) {
	if d.auto != 0 && s.Offset != d.auto {
		d.wish = s.Offset
	}
}

// set puts the bar where the person wants it, or else at auto, and tells whether that is elsewhere than before.
func (d *divider) set(s *container.Split, auto float64) (moved bool) {
	if d.wish != 0 {
		auto = d.wish
	}
	moved = s.Offset != auto
	d.auto, s.Offset = auto, auto
	return moved
}

// share is a part from 0 to 1; 0 for what is none.
func share(f float64) float64 {
	if f > 0 && f < 1 {
		return f
	}
	return 0
}

// A card wider than this, and so many times wider than high, has three columns.
const (
	besideWidth = 1200
	besideRatio = 3.5
)

func (s *cardSplits) build(findings *findingList, chain *chainView, pages fyne.CanvasObject) {
	s.findings, s.chain = findings, chain
	s.left = container.NewVSplit(findings, chain)
	s.outer = container.NewHSplit(s.left, pages)
}

// keep takes over the bars that the person has moved.
func (s *cardSplits) keep() {
	s.across.keep(s.outer)
	if s.left.Horizontal {
		s.beside.keep(s.left)
	} else {
		s.down.keep(s.left)
	}
}

// forget makes the next layout set the bars.
func (s *cardSplits) forget() { s.across.auto, s.down.auto, s.beside.auto = 0, 0, 0 }

func (s *cardSplits) arrange(size fyne.Size) {
	s.keep()
	wide := size.Width >= besideWidth && size.Width > besideRatio*size.Height
	moved := wide != s.left.Horizontal
	s.left.Horizontal = wide
	if wide {
		moved = s.across.set(s.outer, 0.6) || moved
		moved = s.beside.set(s.left, 0.55) || moved
		s.down.auto = 0
	} else {
		moved = s.across.set(s.outer, 0.46) || moved
		width := size.Width * float32(s.outer.Offset)
		moved = s.down.set(s.left, downShare(size.Height, s.findings.need(width), s.chain.need())) || moved
		s.beside.auto = 0
	}
	s.outer.Resize(size)
	if moved {
		s.outer.Refresh() // which lays out even where the size is as before
	}
}

// downShare is the part of a height for what stands above, when above and below need so much. Where it is not enough
// for both, below keeps up to two fifths.
func downShare(height, above, below float32) float64 {
	const bar = 6
	room := height - bar
	if room <= 0 {
		return 0.5
	}
	below = max(min(below, room*2/5), min(below, room-above))
	return min(max(float64((room-below)/room), 0.1), 0.9)
}
