package app

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"wirebench/sessions/capture"
)

const (
	// A list of clients or peers is brought up to date so often, and less often
	// when that takes longer.
	fewEvery  = 50 * time.Millisecond
	manyEvery = 250 * time.Millisecond
	// ageEvery is how often it is when nothing but the time has moved.
	ageEvery = time.Second
)

// listPane is what the panes of a server's clients and of a datagram socket's
// peers share: a list with a line above it, which can narrow the tab's traffic
// down to that of the selected rows.
type listPane[L paneList, B paneBar] struct {
	desk *desk
	list L
	bar  B
	root *fyne.Container

	hidden func() *bool              // where the view says that the pane is
	chosen func() []capture.FlowSpan // what the selected rows carry

	seen   uint64 // the session's version, as of the last look
	looked time.Time
	only   bool // the traffic of the selected rows alone is shown
	spans  []capture.FlowSpan
}

type paneList interface{ Focus(on fyne.Canvas) }

type paneBar interface {
	FocusFilter(on fyne.Canvas)
	SetTraffic(selectedOnly bool)
}

// A pane is a list pane of any kind, as the commands on either work on it.
type pane interface {
	focus()
	find()
	toggleOnly()
	onlyChosen() bool
}

var (
	_ pane = (*clientPane)(nil)
	_ pane = (*peerPane)(nil)
)

// due reports whether the list is to be brought up to date, now that the session
// has that version: not more often than every, nor when there is nothing new.
func (p *listPane[L, B]) due(version uint64, every time.Duration) (now time.Time, ok bool) {
	if version == p.seen {
		every = ageEvery
	}
	now = time.Now()
	if now.Sub(p.looked) < every {
		return now, false
	}
	p.seen, p.looked = version, now
	return now, true
}

// filter shows the traffic of the selected rows, or of all.
func (p *listPane[L, B]) filter() {
	var spans []capture.FlowSpan
	if p.only {
		spans = p.chosen()
	}
	if slices.Equal(spans, p.spans) {
		return
	}
	p.spans = spans
	p.desk.traffic.setOnly(spans)
}

// onlyChosen reports whether the traffic list shows the selected rows alone.
func (p *listPane[L, B]) onlyChosen() bool { return p.only }

// showOnly chooses whether the traffic list shows the selected rows alone.
func (p *listPane[L, B]) showOnly(on bool) {
	p.only = on
	p.filter()
	p.desk.bench.rebuildMenu()
}

// toggleOnly is showOnly for a menu.
func (p *listPane[L, B]) toggleOnly() {
	p.bar.SetTraffic(!p.only)
	p.showOnly(!p.only)
}

// focus gives the list the keyboard.
func (p *listPane[L, B]) focus() {
	p.show()
	p.focusList()
}

// focusList gives the list the keyboard where it is to be seen.
func (p *listPane[L, B]) focusList() { p.list.Focus(p.desk.bench.win.Canvas()) }

// find gives the filter the keyboard.
func (p *listPane[L, B]) find() {
	p.show()
	p.bar.FocusFilter(p.desk.bench.win.Canvas())
}

// show brings the pane back.
func (p *listPane[L, B]) show() {
	if hidden := p.hidden(); *hidden {
		*hidden = false
		p.desk.bench.viewChanged()
	}
}
