package widgets

import (
	"fyne.io/fyne/v2"

	"wirebench/widgets/words"
)

var _ fyne.Widget = (*PeerBar)(nil)

// PeerBar is the line over a [PeerList]: which peers are shown, how many there are, and whose traffic is looked at.
type PeerBar struct {
	listBar

	peers, shown     int
	forgotten        int64
	selected, hidden int
}

// NewPeerBar returns a bar without a filter.
func NewPeerBar() *PeerBar {
	b := &PeerBar{}
	b.count = b.words
	b.build(words.Say("Filter peers"))
	b.recount()
	b.ExtendBaseWidget(b)
	return b
}

// SetCounts says how many peers there are, how many of them the list shows, and how many were forgotten because there
// were too many. Call it at most four times a second.
func (b *PeerBar) SetCounts(peers, shown int, forgotten int64) {
	b.peers, b.shown, b.forgotten = peers, shown, forgotten
	b.recount()
}

// SetSelection says how many peers are selected, and how many of those are kept from view.
func (b *PeerBar) SetSelection(n, hidden int) {
	b.selected, b.hidden = n, hidden
	b.recount()
}

// words say how many peers there are, or how many of them are selected or shown, in ever fewer words.
func (b *PeerBar) words() []string {
	all := max(b.peers, b.selected)
	switch {
	case b.selected > 0 && b.hidden > 0:
		return []string{
			words.Say("%d of %d selected, %d hidden // peers", b.selected, all, b.hidden),
			words.Say("%d selected, %d hidden // peers", b.selected, b.hidden),
		}
	case b.selected > 0:
		return []string{words.Say("%d of %d selected // peers", b.selected, all), words.Say("%d selected // peers", b.selected)}
	case b.shown < b.peers:
		return []string{words.Say("%d of %d shown // peers", b.shown, b.peers), words.Say("%d shown // peers", b.shown)}
	}
	whole := words.Many(int64(b.peers), "%d peer", "%d peers")
	if b.forgotten > 0 {
		return []string{
			whole + ", " + words.Many(b.forgotten, "%d longest silent forgotten", "%d longest silent forgotten // peers"),
			whole + ", " + words.Many(b.forgotten, "%d forgotten", "%d forgotten // peers"), whole,
		}
	}
	return []string{whole}
}
