package app

import (
	"slices"

	"fyne.io/fyne/v2"

	"wirebench/sessions/capture"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

func (w *workbench) viewActions() []*action {
	return slices.Concat(w.trafficActions(), w.framingActions(), w.inspectActions(), w.bytesActions(), w.listActions(), w.panelActions(), w.windowActions())
}

func (w *workbench) trafficActions() []*action {
	return []*action{
		{name: "Find...", menu: "View", key: fyne.KeyF, mod: primary, enabled: w.hasView, run: w.onView((*trafficView).openFind)},
		{name: "Find next", menu: "View", key: fyne.KeyF3, enabled: w.hasView, run: w.onView(func(v *trafficView) { v.findAgain(false) })},
		{name: "Find previous", menu: "View", key: fyne.KeyF3, mod: shift, enabled: w.hasView, run: w.onView(func(v *trafficView) { v.findAgain(true) })},
		{name: "Filter...", menu: "View", key: fyne.KeyF, mod: primary | shift, enabled: w.hasView, run: w.onView((*trafficView).openFilter)},
		{name: "Go to...", menu: "View", key: fyne.KeyG, mod: primary, enabled: w.hasView, run: w.onView((*trafficView).askGoTo)},
		{name: "Newest traffic", menu: "View", key: fyne.KeyE, mod: primary, enabled: w.hasView, run: w.onView((*trafficView).follow)},
	}
}

func (w *workbench) framingActions() (list []*action) {
	hasFrames := w.whenView(func(v *trafficView) bool { return !v.frames.none })
	for _, u := range widgets.UsualFramings() {
		list = append(list, &action{name: u.Name, menu: "View", sub: "Framing", enabled: hasFrames,
			checked: w.whenView(func(v *trafficView) bool { return v.frames.in == u.Framing && v.frames.out == u.Framing }),
			run:     w.onView(func(v *trafficView) { v.setFramings(u.Framing, u.Framing) })})
	}
	list[0].separate = true
	return append(list, &action{name: "Another, or one each way...", menu: "View", sub: "Framing", key: fyne.KeyG, mod: primary | shift,
		enabled: hasFrames, run: w.onView((*trafficView).openFramingForm)})
}

func (w *workbench) inspectActions() []*action {
	return []*action{
		{name: "Checksums of the selection", menu: "View", sub: "Inspect", key: fyne.KeyU, mod: primary, enabled: w.hasBytes,
			checked: w.whenView(func(v *trafficView) bool { return v.sums != nil }), run: w.onView((*trafficView).openChecksums)},
		{name: "Remember for comparing", menu: "View", sub: "Inspect", key: fyne.KeyP, mod: primary, enabled: w.hasBytes, run: w.onView((*trafficView).rememberSelection)},
		{name: "Compare with the remembered", menu: "View", sub: "Inspect", key: fyne.KeyP, mod: primary | alt,
			enabled: func() bool { return w.hasBytes() && w.remembered != nil }, run: w.onView((*trafficView).compareSelection)},
		{name: "Text, wrapped", menu: "View", sub: "Inspect", key: fyne.KeyW, mod: primary | shift, enabled: w.hasView, separate: true,
			checked: w.whenView(func(v *trafficView) bool { return v.texts != nil }), run: w.onView((*trafficView).openText)},
		{name: "XML document, indented", menu: "View", sub: "Inspect", key: fyne.KeyX, mod: primary | shift,
			enabled: w.whenView(func(v *trafficView) bool { return v.framed() != nil }),
			checked: w.whenView(func(v *trafficView) bool { return v.frames.document != nil }), run: w.onView((*trafficView).openDocument)},
		{name: "Inspector rows...", menu: "View", sub: "Inspect", separate: true, run: w.askRows},
		{name: "Back to the inspector", menu: "View", sub: "Inspect", key: fyne.KeyE, mod: primary | shift,
			enabled: w.whenView(func(v *trafficView) bool { return v.aside.panel != nil }), run: w.onView((*trafficView).closeAside)},
	}
}

// choice is one of several ways to see things.
func (w *workbench) choice(name, sub words.Text, on func() bool, set func()) *action {
	return &action{name: name, menu: "View", sub: sub, checked: on, run: func() {
		set()
		w.viewChanged()
	}}
}

func (w *workbench) bytesActions() []*action {
	v := &w.space.View
	stream := func(name words.Text, s capture.Stream, key fyne.KeyName) *action {
		return &action{name: name, menu: "View", sub: "Bytes", key: key, mod: primary, enabled: w.hasView,
			checked: w.whenView(func(v *trafficView) bool { return v.stream == s }),
			run:     w.onView(func(v *trafficView) { v.setStream(s) })}
	}
	perRow := func(name words.Text, n int) *action {
		return w.choice(name, "Bytes", func() bool { return v.BytesPerRow == n }, func() { v.BytesPerRow = n })
	}
	grouping := func(name words.Text, n int) *action {
		return w.choice(name, "Bytes", func() bool { return max(v.Grouping, 1) == n }, func() { v.Grouping = n })
	}
	return []*action{
		stream("Both directions", capture.Both, fyne.Key1),
		stream("Received only", capture.InOnly, fyne.Key2),
		stream("Sent only", capture.OutOnly, fyne.Key3),
		separated(perRow("As many per row as fit", 0)),
		perRow("8 per row", 8),
		perRow("16 per row", 16),
		perRow("32 per row", 32),
		separated(grouping("Groups of 1", 1)), grouping("Groups of 2", 2), grouping("Groups of 4", 4), grouping("Groups of 8", 8),
		{name: "Charset of text...", menu: "View", sub: "Bytes", key: fyne.KeyC, mod: primary | shift, separate: true, run: w.askCharset},
	}
}

// listActions are about how lists write and order what they show.
func (w *workbench) listActions() []*action {
	v := &w.space.View
	isServer := is[*serverTab](w)
	sortClients := func(name words.Text, c widgets.ClientColumn, descending bool) *action {
		return &action{name: name, menu: "View", sub: "Sort clients by", enabled: isServer,
			checked: when(w, func(t *serverTab) bool { return t.clients.sortedBy(c) }),
			run:     on(w, func(t *serverTab) { t.clients.sortBy(c, descending) })}
	}
	return []*action{
		w.choice("Big-endian", "Byte order", func() bool { return !v.LittleEndian }, func() { v.LittleEndian = false }),
		w.choice("Little-endian", "Byte order", func() bool { return v.LittleEndian }, func() { v.LittleEndian = true }),
		w.choice("Clock time", "Time", func() bool { return !v.RelativeTime }, func() { v.RelativeTime = false }),
		w.choice("Since the first record", "Time", func() bool { return v.RelativeTime }, func() { v.RelativeTime = true }),
		sortClients("Number", widgets.ColumnNumber, false),
		sortClients("Address", widgets.ColumnAddress, false),
		sortClients("State", widgets.ColumnState, false),
		sortClients("Last seen", widgets.ColumnSeen, false),
		sortClients("Bytes in", widgets.ColumnIn, true),
		sortClients("Bytes out", widgets.ColumnOut, true),
		sortClients("Rate", widgets.ColumnRate, true),
		sortClients("Bytes waiting", widgets.ColumnPending, true),
		sortClients("Ended", widgets.ColumnEnded, true),
	}
}

func (w *workbench) panelActions() []*action {
	v := &w.space.View
	panel := func(name words.Text, hidden *bool) *action {
		return w.choice(name, "Panels", func() bool { return !*hidden }, func() { *hidden = !*hidden })
	}
	return []*action{
		panel("Clients", &v.HideClients),
		panel("Peers", &v.HidePeers),
		panel("Repeat line", &v.HideRepeat),
		panel("Traffic list", &v.HideTraffic),
		panel("Bytes", &v.HideHex),
		panel("Inspector", &v.HideInspector),
		panel("Filter line", &v.HideFilter),
		panel("Composer", &v.HideComposer),
		{name: "Next pane", menu: "View", sub: "Panels", key: fyne.KeyF6, enabled: w.hasView, separate: true, run: w.onView(func(v *trafficView) { v.nextPane() })},
	}
}

// windowActions are about the window as a whole.
func (w *workbench) windowActions() []*action {
	theme := func(name words.Text, a appearance) *action {
		return &action{name: name, menu: "View", sub: "Theme", checked: func() bool { return w.space.Theme == a },
			run: func() { w.setTheme(a) }}
	}
	step := func(by float32) func() { return func() { w.setTextSize(w.space.TextSize + by) } }
	return []*action{
		theme("As the system", followSystem),
		theme("Light", lightTheme),
		theme("Dark", darkTheme),
		{name: "Larger text", menu: "View", sub: "Text size", key: fyne.KeyEqual, mod: primary, run: step(1)},
		{name: "Smaller text", menu: "View", sub: "Text size", key: fyne.KeyMinus, mod: primary, run: step(-1)},
		{name: "Usual text size", menu: "View", sub: "Text size", key: fyne.Key0, mod: primary, run: func() { w.setTextSize(defaultTextSize) }},
		{name: "Next tab", menu: "View", key: fyne.KeyTab, mod: control, enabled: w.hasTabs, separate: true, run: func() { w.strip.step(1) }},
		{name: "Previous tab", menu: "View", key: fyne.KeyTab, mod: control | shift, enabled: w.hasTabs, run: func() { w.strip.step(-1) }},
	}
}
