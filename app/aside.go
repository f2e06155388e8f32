package app

import (
	"wirebench/widgets"
)

// aside is what stands in the inspector's place for as long as it is looked at:
// the checksums of the selection, a comparison.
type aside struct {
	panel  *widgets.SidePanel
	closed func()
}

// openAside shows a panel in the inspector's place. Another one that is there
// closes; closed is called when this one does.
func (v *trafficView) openAside(p *widgets.SidePanel, closed func()) {
	v.closeAside()
	p.OnClose = v.closeAside
	v.aside = aside{panel: p, closed: closed}
	v.side.Add(p)
	v.arrange()
	v.bench.rebuildMenu()
}

// closeAside brings the inspector back.
func (v *trafficView) closeAside() {
	a := v.aside
	if a.panel == nil {
		return
	}
	v.aside = aside{}
	v.side.Remove(a.panel)
	a.closed()
	v.arrange()
	if c := v.bench.win.Canvas(); v.hexPane.Visible() {
		v.hex.Focus(c)
	} else {
		v.list.Focus(c)
	}
	v.bench.rebuildMenu()
}

// arrangeSide shows the inspector, or what stands in its place.
func (v *trafficView) arrangeSide() {
	on := !v.bench.space.View.HideInspector && !v.bare
	show(v.inspector, on && v.aside.panel == nil)
	show(v.side, on || v.aside.panel != nil)
}
