package widgets

import (
	"fmt"

	"fyne.io/fyne/v2"
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
	b.build("Filter peers")
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
		few := fmt.Sprintf("%s selected, %s hidden", counted(b.selected), counted(b.hidden))
		return []string{fmt.Sprintf("%s of %s selected, %s hidden", counted(b.selected), counted(all), counted(b.hidden)), few}
	case b.selected > 0:
		return []string{fmt.Sprintf("%s of %s selected", counted(b.selected), counted(all)), counted(b.selected) + " selected"}
	case b.shown < b.peers:
		return []string{fmt.Sprintf("%s of %s shown", counted(b.shown), counted(b.peers)), counted(b.shown) + " shown"}
	case b.forgotten > 0:
		whole := plural(int64(b.peers), "peer")
		return []string{whole + ", " + FormatCount(b.forgotten) + " longest silent forgotten", whole + ", " + FormatCount(b.forgotten) + " forgotten", whole}
	}
	return []string{plural(int64(b.peers), "peer")}
}
