package app

import (
	"slices"

	"fyne.io/fyne/v2"

	"wirebench/sessions"
	"wirebench/sessions/capture"
	"wirebench/sessions/compose"
	"wirebench/sessions/telnet"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

var menuOrder = []words.Text{"File", "Session", "View", "Lab", "Help"}

const (
	shift = fyne.KeyModifierShift
	alt   = fyne.KeyModifierAlt
	// control is Ctrl on every system: Cmd+Tab belongs to macOS.
	control = fyne.KeyModifierControl
)

// allActions is the one list of what a person can do. Order is the order in
// the menus.
func (w *workbench) allActions() []*action {
	hasTab := func() bool { return w.strip.current != nil }
	many := func() bool { return len(w.strip.tabs) > 1 }
	// The actions below work on the visible tab's traffic or session; each
	// looks it up when it runs, because tabs come and go.
	onView := func(f func(*trafficView)) func() {
		return func() {
			if t := w.strip.current; t != nil {
				f(t.view())
			}
		}
	}
	hasBytes := func() bool {
		t := w.strip.current
		return t != nil && t.view().log.Stats().Last > 0
	}
	client := func() *clientTab {
		t, _ := w.strip.current.(*clientTab)
		return t
	}
	isClient := func() bool { return client() != nil }
	onClient := func(f func(*clientTab)) func() {
		return func() {
			if t := client(); t != nil {
				f(t)
			}
		}
	}
	speaksTelnet := func() bool { return isClient() && client().telnet.talk.On() }
	telnetFunction := func(name words.Text, c telnet.Command) *action {
		return &action{name: name, menu: "Session", sub: "Telnet",
			enabled: func() bool { return speaksTelnet() && client().info.State == sessions.Open },
			run:     onClient(func(t *clientTab) { t.telnet.function(telnet.ControlFunction{Command: c}) })}
	}
	server := func() *serverTab {
		t, _ := w.strip.current.(*serverTab)
		return t
	}
	isServer := func() bool { return server() != nil }
	onServer := func(f func(*serverTab)) func() {
		return func() {
			if t := server(); t != nil {
				f(t)
			}
		}
	}
	udp := func() *udpTab {
		t, _ := w.strip.current.(*udpTab)
		return t
	}
	isUDP := func() bool { return udp() != nil }
	onUDP := func(f func(*udpTab)) func() {
		return func() {
			if t := udp(); t != nil {
				f(t)
			}
		}
	}
	chosen := func() bool { return isServer() && server().clients.some() }
	onClients := func(f func(*clientPane)) func() { return onServer(func(t *serverTab) { f(t.clients) }) }
	theDesk := func() *desk {
		if t, ok := w.strip.current.(deskTab); ok {
			return t.theDesk()
		}
		return nil
	}
	hasDesk := func() bool { return theDesk() != nil }
	writesFields := func() bool { return hasDesk() && theDesk().composer.Mode() == widgets.ComposeFields }
	onDesk := func(f func(*desk)) func() {
		return func() {
			if d := theDesk(); d != nil {
				f(d)
			}
		}
	}
	// What kinds of sessions have in common by name has one action.
	either := func(onClient func(*clientTab), onServer func(*serverTab), onUDP func(*udpTab)) func() {
		return func() {
			switch t := w.strip.current.(type) {
			case *clientTab:
				onClient(t)
			case *serverTab:
				onServer(t)
			case *udpTab:
				onUDP(t)
			}
		}
	}
	nothing := func(*udpTab) {} // what only a connection can do
	list := func() pane {
		switch t := w.strip.current.(type) {
		case *serverTab:
			return t.clients
		case *udpTab:
			return t.peers
		}
		return nil
	}
	hasList := func() bool { return list() != nil }
	onList := func(f func(pane)) func() {
		return func() {
			if p := list(); p != nil {
				f(p)
			}
		}
	}
	isTLS := func() bool { return isClient() && client().tls != nil }
	onTLS := func(f func(*tlsClient)) func() {
		return func() {
			if isTLS() {
				f(client().tls)
			}
		}
	}
	hasReport := func() bool { return isTLS() && client().tls.tls.Report() != nil }
	in := func(states ...sessions.State) func() bool {
		return func() bool {
			t := client()
			if t == nil {
				return false
			}
			for _, s := range states {
				if t.info.State == s {
					return true
				}
			}
			return false
		}
	}
	open := in(sessions.Open)
	live := in(sessions.Opening, sessions.Open, sessions.Closing)
	export := func(name words.Text, f capture.Format, suffix string) *action {
		return &action{name: name, menu: "File", sub: "Export", enabled: hasBytes,
			run: onView(func(v *trafficView) { v.export(f, suffix) })}
	}
	choice := func(name, sub words.Text, on func() bool, set func()) *action {
		return &action{name: name, menu: "View", sub: sub, checked: on, run: func() {
			set()
			w.viewChanged()
		}}
	}
	c := &w.space.View
	theme := func(name words.Text, a appearance) *action {
		return &action{name: name, menu: "View", sub: "Theme", checked: func() bool { return w.space.Theme == a },
			run: func() { w.setTheme(a) }}
	}
	textSize := func(step float32) func() {
		return func() {
			if step == 0 {
				w.setTextSize(defaultTextSize)
				return
			}
			w.setTextSize(w.space.TextSize + step)
		}
	}
	stream := func(name words.Text, s capture.Stream, key fyne.KeyName) *action {
		return &action{name: name, menu: "View", sub: "Bytes", key: key, mod: primary, enabled: hasTab,
			checked: func() bool { return hasTab() && w.strip.current.view().stream == s },
			run:     onView(func(v *trafficView) { v.setStream(s) })}
	}

	hasFrames := func() bool { return hasTab() && !w.strip.current.view().frames.none }
	framed := func(u widgets.UsualFraming) *action {
		return &action{name: u.Name, menu: "View", sub: "Framing", enabled: hasFrames,
			checked: func() bool {
				return hasTab() && w.strip.current.view().frames.in == u.Framing && w.strip.current.view().frames.out == u.Framing
			},
			run: onView(func(v *trafficView) { v.setFramings(u.Framing, u.Framing) })}
	}
	ending := func(name words.Text, e compose.Ending) *action {
		return &action{name: name, menu: "Session", sub: "End text with", enabled: hasDesk,
			run: onDesk(func(d *desk) { d.endTextWith(e) })}
	}
	sortClients := func(name words.Text, c widgets.ClientColumn, descending bool) *action {
		return &action{name: name, menu: "View", sub: "Sort clients by", enabled: isServer,
			checked: func() bool { return isServer() && server().clients.sortedBy(c) },
			run:     onClients(func(p *clientPane) { p.sortBy(c, descending) })}
	}

	separate := func(a *action) *action {
		a.separate = true
		return a
	}
	grouping := func(name words.Text, n int) *action {
		return choice(name, "Bytes", func() bool { return max(c.Grouping, 1) == n }, func() { c.Grouping = n })
	}

	all := []*action{
		{name: "New TCP client", menu: "File", key: fyne.KeyT, mod: primary, opens: true, kind: "TCP client", run: func() { w.newTCP("") }},
		{name: "New TLS client", menu: "File", key: fyne.KeyT, mod: primary | shift, opens: true, kind: "TLS client", run: func() { w.newTLS("") }},
		{name: "New server", menu: "File", key: fyne.KeyN, mod: primary | shift, opens: true, kind: "Server", run: func() { w.newServer(savedTab{}) }},
		{name: "New UDP socket", menu: "File", key: fyne.KeyU, mod: primary | shift, opens: true, kind: "UDP socket", run: func() { w.newUDP(savedTab{}) }},
		{name: "Open capture...", menu: "File", key: fyne.KeyO, mod: primary, opens: true, kind: "Open a capture", run: w.askOpenCapture},
		{name: "Save capture as...", menu: "File", key: fyne.KeyS, mod: primary, enabled: hasBytes, separate: true,
			run: onView(func(v *trafficView) { v.export(capture.AsPcapng, ".pcapng") })},
		export("Hex dump...", capture.AsHexdump, ".txt"),
		export("JSON Lines...", capture.AsJSONL, ".jsonl"),
		export("Bytes received...", capture.AsRawIn, "-in.bin"),
		export("Bytes sent...", capture.AsRawOut, "-out.bin"),
		{name: "Settings...", menu: "File", key: fyne.KeyComma, mod: primary, separate: true, run: w.showSettings},
		{name: "Close tab", menu: "File", key: fyne.KeyW, mod: primary, enabled: hasTab, separate: true,
			run: func() { w.askClose(w.strip.current) }},
		{name: "Quit", menu: "File", key: fyne.KeyQ, mod: primary, run: w.askQuit},

		{name: "Address", menu: "Session", key: fyne.KeyL, mod: primary, run: w.focusAddress},
		{name: "Connect, listen or bind", menu: "Session", key: fyne.KeyR, mod: primary,
			enabled: func() bool {
				return isClient() && !live() || isServer() && !server().info.Listening && server().info.State != sessions.Opening ||
					isUDP() && !udp().info.State.Live()
			},
			run: either((*clientTab).connectTyped, (*serverTab).startTyped, (*udpTab).startTyped)},
		{name: "Disconnect, stop listening or unbind", menu: "Session", key: fyne.KeyD, mod: primary,
			enabled: func() bool {
				return live() || isServer() && server().info.State.Live() || isUDP() && udp().info.State.Live()
			},
			run: either((*clientTab).disconnect, func(t *serverTab) { t.try(t.server.StopListening()) },
				func(t *udpTab) { t.try(t.session.Disconnect()) })},
		{name: "Half-close (no more to send)", menu: "Session", key: fyne.KeyD, mod: primary | shift,
			enabled: func() bool { return open() && !client().info.WriteClosed || chosen() },
			run:     either((*clientTab).halfClose, func(t *serverTab) { t.clients.halfClose() }, nothing)},
		{name: "Reset the connection", menu: "Session", key: fyne.KeyR, mod: primary | shift,
			enabled: func() bool { return live() || chosen() },
			run:     either((*clientTab).reset, func(t *serverTab) { t.clients.reset() }, nothing)},
		{name: "Connection options", menu: "Session", key: fyne.KeyComma, mod: primary | shift, enabled: func() bool { return isClient() || isServer() || isUDP() },
			checked: func() bool {
				return isClient() && client().optionsShown() || isServer() && server().optionsShown() || isUDP() && udp().optionsShown()
			},
			run: either((*clientTab).toggleOptions, (*serverTab).toggleOptions, (*udpTab).toggleOptions)},
		{name: "Kick the selected clients", menu: "Session", sub: "Clients and peers", key: fyne.KeyK, mod: primary, enabled: chosen, separate: true,
			run: onClients((*clientPane).kick)},
		{name: "Clients or peers", menu: "Session", sub: "Clients and peers", key: fyne.KeyJ, mod: primary, enabled: hasList,
			run: onList(pane.focus)},
		{name: "Find a client or peer...", menu: "Session", sub: "Clients and peers", key: fyne.KeyJ, mod: primary | shift, enabled: hasList,
			run: onList(pane.find)},
		{name: "Only the traffic of the selected", menu: "Session", sub: "Clients and peers", enabled: hasList,
			checked: func() bool { return hasList() && list().onlyChosen() },
			run:     onList(pane.toggleOnly)},
		{name: "Echo", menu: "Session", sub: "Clients and peers", enabled: isServer, checked: func() bool { return isServer() && server().echoes() },
			run: onServer((*serverTab).toggleEcho)},
		{name: "Stop and close every client", menu: "Session", sub: "Clients and peers", enabled: func() bool { return isServer() && server().info.State.Live() },
			run: onServer(func(t *serverTab) { t.try(t.server.Shutdown()) })},
		{name: "Speak Telnet", menu: "Session", sub: "Telnet", key: fyne.KeyY, mod: primary | shift, enabled: isClient, separate: true,
			checked: func() bool { return isClient() && client().telnet.talk.On() }, run: onClient(func(t *clientTab) { t.telnet.toggle() })},
		{name: "Terminal", menu: "Session", sub: "Telnet", key: fyne.KeyY, mod: primary | alt, enabled: speaksTelnet,
			run: onClient(func(t *clientTab) { t.telnet.focus() })},
		{name: "Copy the terminal's text", menu: "Session", sub: "Telnet", enabled: speaksTelnet,
			run: onClient(func(t *clientTab) { t.telnet.copyText() })},
		telnetFunction("Interrupt the server's program", telnet.IP),
		telnetFunction("Break", telnet.BRK),
		telnetFunction("Are you there?", telnet.AYT),
		telnetFunction("Abort output", telnet.AO),
		{name: "Synch (throw away what was not read yet)", menu: "Session", sub: "Telnet",
			enabled: func() bool { return speaksTelnet() && !isTLS() && client().info.State == sessions.Open },
			run:     onClient(func(t *clientTab) { t.telnet.synch() })},
		{name: "Target", menu: "Session", sub: "UDP", key: fyne.KeyL, mod: primary | shift, enabled: isUDP, run: onUDP((*udpTab).focusTarget)},
		{name: "Reply to the sender of the selected datagram", menu: "Session", sub: "UDP", key: fyne.KeyM, mod: primary | shift,
			enabled: isUDP, run: onUDP((*udpTab).reply)},
		{name: "Datagrams of the target alone", menu: "Session", sub: "UDP", enabled: isUDP,
			checked: func() bool { return isUDP() && udp().bar.State().Connected },
			run:     onUDP(func(t *udpTab) { t.connect(!t.bar.State().Connected) })},
		{name: "Repeat the message", menu: "Session", sub: "UDP", key: fyne.KeyReturn, mod: primary | shift, enabled: isUDP,
			checked: func() bool { return isUDP() && udp().repeater != nil }, run: onUDP((*udpTab).toggleRepeating)},
		{name: "Certificate", menu: "Session", sub: "TLS", key: fyne.KeyI, mod: primary, enabled: hasReport,
			checked: func() bool { return hasReport() && client().tls.whole() }, run: onTLS((*tlsClient).toggleCard)},
		{name: "Continue in spite of the certificate", menu: "Session", sub: "TLS", enabled: func() bool { return isTLS() && client().tls.refusedNow() },
			run: onTLS((*tlsClient).continueAnyway)},
		{name: "Check revocation now", menu: "Session", sub: "TLS", key: fyne.KeyI, mod: primary | shift, enabled: hasReport,
			run: onTLS((*tlsClient).checkRevocation)},
		{name: "Test session resumption", menu: "Session", sub: "TLS", enabled: hasReport, run: onTLS((*tlsClient).testResumption)},
		{name: "Copy as an openssl command", menu: "Session", sub: "TLS", enabled: isTLS, run: onTLS((*tlsClient).copyCommand)},
		{name: "Socket policy files of a host...", menu: "Session", run: w.askPolicy},
		{name: "Message", menu: "Session", key: fyne.KeyM, mod: primary, enabled: hasDesk, separate: true,
			run: onDesk((*desk).focusComposer)},
		{name: "Send", menu: "Session", key: fyne.KeyReturn, mod: primary, enabled: hasDesk, run: onDesk((*desk).sendTyped)},
		{name: "Send file...", menu: "Session", key: fyne.KeyS, mod: primary | shift,
			enabled: func() bool {
				return open() || isServer() && server().info.Clients > 0 || isUDP() && udp().info.State == sessions.Open
			}, run: onDesk((*desk).askSendFile)},
		{name: "Saved messages...", menu: "Session", key: fyne.KeyB, mod: primary, enabled: hasDesk, run: onDesk((*desk).savedMessages)},
		{name: "Save the message...", menu: "Session", key: fyne.KeyB, mod: primary | shift, enabled: hasDesk, run: onDesk((*desk).saveMessage)},
		{name: "Switch between text, hex and fields", menu: "Session", sub: "Text, hex, fields", key: fyne.KeyH, mod: primary, enabled: hasDesk,
			run: onDesk((*desk).switchMode)},
		{name: "Add a field...", menu: "Session", sub: "Text, hex, fields", key: fyne.KeyA, mod: primary | shift, enabled: writesFields, run: onDesk((*desk).addField)},
		{name: "Move the field forward", menu: "Session", sub: "Text, hex, fields", key: fyne.KeyUp, mod: alt, enabled: writesFields,
			run: onDesk(func(d *desk) { d.composer.MoveField(-1) })},
		{name: "Move the field back", menu: "Session", sub: "Text, hex, fields", key: fyne.KeyDown, mod: alt, enabled: writesFields,
			run: onDesk(func(d *desk) { d.composer.MoveField(1) })},
		{name: "Delete the field", menu: "Session", sub: "Text, hex, fields", key: fyne.KeyK, mod: primary | shift, enabled: writesFields,
			run: onDesk(func(d *desk) { d.composer.DeleteField() })},
		ending("Nothing", compose.None), ending("LF", compose.LF), ending("CRLF", compose.CRLF), ending("NUL", compose.NUL),
		{name: "Resume capturing", menu: "Session",
			enabled: func() bool { return hasDesk() && theDesk().traffic.log.Stats().Err != nil }, run: onDesk((*desk).resumeCapture)},

		{name: "Find...", menu: "View", key: fyne.KeyF, mod: primary, enabled: hasTab, run: onView((*trafficView).openFind)},
		{name: "Find next", menu: "View", key: fyne.KeyF3, enabled: hasTab, run: onView(func(v *trafficView) { v.findAgain(false) })},
		{name: "Find previous", menu: "View", key: fyne.KeyF3, mod: shift, enabled: hasTab, run: onView(func(v *trafficView) { v.findAgain(true) })},
		{name: "Filter...", menu: "View", key: fyne.KeyF, mod: primary | shift, enabled: hasTab, run: onView((*trafficView).openFilter)},
		{name: "Go to...", menu: "View", key: fyne.KeyG, mod: primary, enabled: hasTab, run: onView((*trafficView).askGoTo)},
		{name: "Newest traffic", menu: "View", key: fyne.KeyE, mod: primary, enabled: hasTab, run: onView((*trafficView).follow)},
		{name: "Checksums of the selection", menu: "View", sub: "Inspect", key: fyne.KeyU, mod: primary, enabled: hasBytes,
			checked: func() bool { return hasTab() && w.strip.current.view().sums != nil }, run: onView((*trafficView).openChecksums)},
		{name: "Remember for comparing", menu: "View", sub: "Inspect", key: fyne.KeyP, mod: primary, enabled: hasBytes, run: onView((*trafficView).rememberSelection)},
		{name: "Compare with the remembered", menu: "View", sub: "Inspect", key: fyne.KeyP, mod: primary | alt,
			enabled: func() bool { return hasBytes() && w.remembered != nil }, run: onView((*trafficView).compareSelection)},
		{name: "Text, wrapped", menu: "View", sub: "Inspect", key: fyne.KeyW, mod: primary | shift, enabled: hasTab, separate: true,
			checked: func() bool { return hasTab() && w.strip.current.view().texts != nil }, run: onView((*trafficView).openText)},
		{name: "XML document, indented", menu: "View", sub: "Inspect", key: fyne.KeyX, mod: primary | shift,
			enabled: func() bool { return hasTab() && w.strip.current.view().framed() != nil },
			checked: func() bool { return hasTab() && w.strip.current.view().frames.document != nil }, run: onView((*trafficView).openDocument)},
		{name: "Inspector rows...", menu: "View", sub: "Inspect", separate: true, run: w.askRows},
		{name: "Back to the inspector", menu: "View", sub: "Inspect", key: fyne.KeyE, mod: primary | shift,
			enabled: func() bool { return hasTab() && w.strip.current.view().aside.panel != nil }, run: onView((*trafficView).closeAside)},
		stream("Both directions", capture.Both, fyne.Key1),
		stream("Received only", capture.InOnly, fyne.Key2),
		stream("Sent only", capture.OutOnly, fyne.Key3),
		separate(choice("As many per row as fit", "Bytes", func() bool { return c.BytesPerRow == 0 }, func() { c.BytesPerRow = 0 })),
		choice("8 per row", "Bytes", func() bool { return c.BytesPerRow == 8 }, func() { c.BytesPerRow = 8 }),
		choice("16 per row", "Bytes", func() bool { return c.BytesPerRow == 16 }, func() { c.BytesPerRow = 16 }),
		choice("32 per row", "Bytes", func() bool { return c.BytesPerRow == 32 }, func() { c.BytesPerRow = 32 }),
		separate(grouping("Groups of 1", 1)), grouping("Groups of 2", 2), grouping("Groups of 4", 4), grouping("Groups of 8", 8),
		{name: "Charset of text...", menu: "View", sub: "Bytes", key: fyne.KeyC, mod: primary | shift, separate: true, run: w.askCharset},
		choice("Big-endian", "Byte order", func() bool { return !c.LittleEndian }, func() { c.LittleEndian = false }),
		choice("Little-endian", "Byte order", func() bool { return c.LittleEndian }, func() { c.LittleEndian = true }),
		choice("Clock time", "Time", func() bool { return !c.RelativeTime }, func() { c.RelativeTime = false }),
		choice("Since the first record", "Time", func() bool { return c.RelativeTime }, func() { c.RelativeTime = true }),
		sortClients("Number", widgets.ColumnNumber, false),
		sortClients("Address", widgets.ColumnAddress, false),
		sortClients("State", widgets.ColumnState, false),
		sortClients("Last seen", widgets.ColumnSeen, false),
		sortClients("Bytes in", widgets.ColumnIn, true),
		sortClients("Bytes out", widgets.ColumnOut, true),
		sortClients("Rate", widgets.ColumnRate, true),
		sortClients("Bytes waiting", widgets.ColumnPending, true),
		sortClients("Ended", widgets.ColumnEnded, true),
		choice("Clients", "Panels", func() bool { return !c.HideClients }, func() { c.HideClients = !c.HideClients }),
		choice("Peers", "Panels", func() bool { return !c.HidePeers }, func() { c.HidePeers = !c.HidePeers }),
		choice("Repeat line", "Panels", func() bool { return !c.HideRepeat }, func() { c.HideRepeat = !c.HideRepeat }),
		choice("Traffic list", "Panels", func() bool { return !c.HideTraffic }, func() { c.HideTraffic = !c.HideTraffic }),
		choice("Bytes", "Panels", func() bool { return !c.HideHex }, func() { c.HideHex = !c.HideHex }),
		choice("Inspector", "Panels", func() bool { return !c.HideInspector }, func() { c.HideInspector = !c.HideInspector }),
		choice("Filter line", "Panels", func() bool { return !c.HideFilter }, func() { c.HideFilter = !c.HideFilter }),
		choice("Composer", "Panels", func() bool { return !c.HideComposer }, func() { c.HideComposer = !c.HideComposer }),
		{name: "Next pane", menu: "View", sub: "Panels", key: fyne.KeyF6, enabled: hasTab, separate: true, run: onView(func(v *trafficView) { v.nextPane() })},
		theme("As the system", followSystem),
		theme("Light", lightTheme),
		theme("Dark", darkTheme),
		{name: "Larger text", menu: "View", sub: "Text size", key: fyne.KeyEqual, mod: primary, run: textSize(1)},
		{name: "Smaller text", menu: "View", sub: "Text size", key: fyne.KeyMinus, mod: primary, run: textSize(-1)},
		{name: "Usual text size", menu: "View", sub: "Text size", key: fyne.Key0, mod: primary, run: textSize(0)},
		{name: "Next tab", menu: "View", key: fyne.KeyTab, mod: control, enabled: many, separate: true, run: func() { w.strip.step(1) }},
		{name: "Previous tab", menu: "View", key: fyne.KeyTab, mod: control | shift, enabled: many, run: func() { w.strip.step(-1) }},

		{name: "Contents", menu: "Help", run: w.showHelp},
		{name: "Help on what has the keyboard", menu: "Help", key: fyne.KeyF1, mod: shift, run: w.helpHere},
		{name: "Keys", menu: "Help", key: fyne.KeyF1, run: w.showKeys},
		{name: "Find a command...", menu: "Help", key: fyne.KeyP, mod: primary | shift, run: func() { w.palette.Show(w.win.Canvas()) }},
		{name: "About Wirebench", menu: "Help", run: w.showAbout},
	}
	var framings []*action
	for _, u := range widgets.UsualFramings() {
		framings = append(framings, framed(u))
	}
	framings[0].separate = true
	framings = append(framings, &action{name: "Another, or one each way...", menu: "View", sub: "Framing", key: fyne.KeyG, mod: primary | shift,
		enabled: hasFrames, run: onView((*trafficView).openFramingForm)})
	all = append(all, w.practiceActions()...)
	at := slices.IndexFunc(all, func(a *action) bool { return a.sub == "Inspect" })
	return slices.Insert(all, at, framings...)
}

// viewChanged shows a changed arrangement in the visible tab; the others take
// it over when they become visible.
func (w *workbench) viewChanged() {
	if t := w.strip.current; t != nil {
		t.view().arrange()
		if t, ok := t.(deskTab); ok {
			t.theDesk().takeOrder()
		}
		if t, ok := t.(interface{ arrange() }); ok {
			t.arrange()
		}
	}
	w.rebuildMenu()
}

// focusAddress puts the cursor into the address, in a new tab if there is none
// that has one.
func (w *workbench) focusAddress() {
	if t, ok := w.strip.current.(interface{ focusAddress() }); ok {
		t.focusAddress()
		return
	}
	w.newTCP("")
}
