package app

import (
	"slices"

	"fyne.io/fyne/v2"

	"wirebench/sessions/compose"
	"wirebench/sessions/telnet"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

func (w *workbench) sessionActions() []*action {
	return slices.Concat(w.connectionActions(), w.clientActions(), w.telnetActions(), w.udpActions(), w.tlsActions(), w.messageActions())
}

// What kinds of sessions have in common by name has one action.
func (w *workbench) connectionActions() []*action {
	return []*action{
		{name: "Address", menu: "Session", key: fyne.KeyL, mod: primary, run: w.focusAddress},
		{name: "Connect, listen or bind", menu: "Session", key: fyne.KeyR, mod: primary,
			enabled: when(w, deskTab.canStart), run: on(w, deskTab.startTyped)},
		{name: "Disconnect, stop listening or unbind", menu: "Session", key: fyne.KeyD, mod: primary,
			enabled: when(w, func(t deskTab) bool { return t.state().Live() }), run: on(w, deskTab.disconnect)},
		{name: "Half-close (no more to send)", menu: "Session", key: fyne.KeyD, mod: primary | shift,
			enabled: when(w, streamTab.canHalfClose), run: on(w, streamTab.halfClose)},
		{name: "Reset the connection", menu: "Session", key: fyne.KeyR, mod: primary | shift,
			enabled: when(w, streamTab.canReset), run: on(w, streamTab.reset)},
		{name: "Connection options", menu: "Session", key: fyne.KeyComma, mod: primary | shift, enabled: w.hasDesk,
			checked: when(w, deskTab.optionsShown), run: on(w, func(t deskTab) { t.showOptions(!t.optionsShown()) })},
	}
}

func (w *workbench) clientActions() []*action {
	isServer, hasList := is[*serverTab](w), is[listTab](w)
	chosen := when(w, func(t *serverTab) bool { return t.clients.some() })
	onPane := func(f func(pane)) func() { return on(w, func(t listTab) { f(t.pane()) }) }
	return []*action{
		{name: "Kick the selected clients", menu: "Session", sub: "Clients and peers", key: fyne.KeyK, mod: primary, enabled: chosen, separate: true,
			run: on(w, func(t *serverTab) { t.clients.kick() })},
		{name: "Clients or peers", menu: "Session", sub: "Clients and peers", key: fyne.KeyJ, mod: primary, enabled: hasList,
			run: onPane(pane.focus)},
		{name: "Find a client or peer...", menu: "Session", sub: "Clients and peers", key: fyne.KeyJ, mod: primary | shift, enabled: hasList,
			run: onPane(pane.find)},
		{name: "Only the traffic of the selected", menu: "Session", sub: "Clients and peers", enabled: hasList,
			checked: when(w, func(t listTab) bool { return t.pane().onlyChosen() }), run: onPane(pane.toggleOnly)},
		{name: "Echo", menu: "Session", sub: "Clients and peers", enabled: isServer, checked: when(w, func(t *serverTab) bool { return t.echoes() }),
			run: on(w, (*serverTab).toggleEcho)},
		{name: "Stop and close every client", menu: "Session", sub: "Clients and peers", enabled: when(w, func(t *serverTab) bool { return t.info.State.Live() }),
			run: on(w, func(t *serverTab) { t.try(t.server.Shutdown()) })},
	}
}

func (w *workbench) telnetActions() []*action {
	isClient := is[*clientTab](w)
	speaks := when(w, func(t *clientTab) bool { return t.telnet.talk.On() })
	function := func(name words.Text, c telnet.Command) *action {
		return &action{name: name, menu: "Session", sub: "Telnet",
			enabled: when(w, func(t *clientTab) bool { return t.telnet.ready() }),
			run:     on(w, func(t *clientTab) { t.telnet.function(telnet.ControlFunction{Command: c}) })}
	}
	return []*action{
		{name: "Speak Telnet", menu: "Session", sub: "Telnet", key: fyne.KeyY, mod: primary | shift, enabled: isClient, separate: true,
			checked: when(w, func(t *clientTab) bool { return t.telnet.talk.On() }), run: on(w, func(t *clientTab) { t.telnet.toggle() })},
		{name: "Terminal", menu: "Session", sub: "Telnet", key: fyne.KeyY, mod: primary | alt, enabled: speaks,
			run: on(w, func(t *clientTab) { t.telnet.focus() })},
		{name: "Copy the terminal's text", menu: "Session", sub: "Telnet", enabled: speaks,
			run: on(w, func(t *clientTab) { t.telnet.copyText() })},
		function("Interrupt the server's program", telnet.IP),
		function("Break", telnet.BRK),
		function("Are you there?", telnet.AYT),
		function("Abort output", telnet.AO),
		{name: "Synch (throw away what was not read yet)", menu: "Session", sub: "Telnet",
			enabled: when(w, func(t *clientTab) bool { return t.tls == nil && t.telnet.ready() }),
			run:     on(w, func(t *clientTab) { t.telnet.synch() })},
	}
}

func (w *workbench) udpActions() []*action {
	isUDP := is[*udpTab](w)
	return []*action{
		{name: "Target", menu: "Session", sub: "UDP", key: fyne.KeyL, mod: primary | shift, enabled: isUDP, run: on(w, (*udpTab).focusTarget)},
		{name: "Reply to the sender of the selected datagram", menu: "Session", sub: "UDP", key: fyne.KeyM, mod: primary | shift,
			enabled: isUDP, run: on(w, (*udpTab).reply)},
		{name: "Datagrams of the target alone", menu: "Session", sub: "UDP", enabled: isUDP,
			checked: when(w, func(t *udpTab) bool { return t.bar.State().Connected }),
			run:     on(w, func(t *udpTab) { t.connect(!t.bar.State().Connected) })},
		{name: "Repeat the message", menu: "Session", sub: "UDP", key: fyne.KeyReturn, mod: primary | shift, enabled: isUDP,
			checked: when(w, func(t *udpTab) bool { return t.repeater != nil }), run: on(w, (*udpTab).toggleRepeating)},
	}
}

func (w *workbench) tlsActions() []*action {
	onTLS := func(f func(*tlsClient)) func() {
		return on(w, func(t *clientTab) {
			if t.tls != nil {
				f(t.tls)
			}
		})
	}
	whenTLS := func(f func(*tlsClient) bool) func() bool {
		return when(w, func(t *clientTab) bool { return t.tls != nil && f(t.tls) })
	}
	isTLS := whenTLS(func(*tlsClient) bool { return true })
	hasReport := whenTLS(func(k *tlsClient) bool { return k.tls.Report() != nil })
	return []*action{
		{name: "Certificate", menu: "Session", sub: "TLS", key: fyne.KeyI, mod: primary, enabled: hasReport,
			checked: whenTLS(func(k *tlsClient) bool { return k.tls.Report() != nil && k.whole() }), run: onTLS((*tlsClient).toggleCard)},
		{name: "Continue in spite of the certificate", menu: "Session", sub: "TLS", enabled: whenTLS((*tlsClient).refusedNow),
			run: onTLS((*tlsClient).continueAnyway)},
		{name: "Check revocation now", menu: "Session", sub: "TLS", key: fyne.KeyI, mod: primary | shift, enabled: hasReport,
			run: onTLS((*tlsClient).checkRevocation)},
		{name: "Test session resumption", menu: "Session", sub: "TLS", enabled: hasReport, run: onTLS((*tlsClient).testResumption)},
		{name: "Copy as an openssl command", menu: "Session", sub: "TLS", enabled: isTLS, run: onTLS((*tlsClient).copyCommand)},
	}
}

func (w *workbench) messageActions() []*action {
	writesFields := w.whenDesk(func(d *desk) bool { return d.composer.Mode() == widgets.ComposeFields })
	ending := func(name words.Text, e compose.Ending) *action {
		return &action{name: name, menu: "Session", sub: "End text with", enabled: w.hasDesk,
			run: w.onDesk(func(d *desk) { d.endTextWith(e) })}
	}
	return []*action{
		{name: "Socket policy files of a host...", menu: "Session", run: w.askPolicy},
		{name: "Message", menu: "Session", key: fyne.KeyM, mod: primary, enabled: w.hasDesk, separate: true,
			run: w.onDesk((*desk).focusComposer)},
		{name: "Send", menu: "Session", key: fyne.KeyReturn, mod: primary, enabled: w.hasDesk, run: w.onDesk((*desk).sendTyped)},
		{name: "Send file...", menu: "Session", key: fyne.KeyS, mod: primary | shift,
			enabled: when(w, deskTab.canSendFile), run: w.onDesk((*desk).askSendFile)},
		{name: "Saved messages...", menu: "Session", key: fyne.KeyB, mod: primary, enabled: w.hasDesk, run: w.onDesk((*desk).savedMessages)},
		{name: "Save the message...", menu: "Session", key: fyne.KeyB, mod: primary | shift, enabled: w.hasDesk, run: w.onDesk((*desk).saveMessage)},
		{name: "Switch between text, hex and fields", menu: "Session", sub: "Text, hex, fields", key: fyne.KeyH, mod: primary, enabled: w.hasDesk,
			run: w.onDesk((*desk).switchMode)},
		{name: "Add a field...", menu: "Session", sub: "Text, hex, fields", key: fyne.KeyA, mod: primary | shift, enabled: writesFields, run: w.onDesk((*desk).addField)},
		{name: "Move the field forward", menu: "Session", sub: "Text, hex, fields", key: fyne.KeyUp, mod: alt, enabled: writesFields,
			run: w.onDesk(func(d *desk) { d.composer.MoveField(-1) })},
		{name: "Move the field back", menu: "Session", sub: "Text, hex, fields", key: fyne.KeyDown, mod: alt, enabled: writesFields,
			run: w.onDesk(func(d *desk) { d.composer.MoveField(1) })},
		{name: "Delete the field", menu: "Session", sub: "Text, hex, fields", key: fyne.KeyK, mod: primary | shift, enabled: writesFields,
			run: w.onDesk(func(d *desk) { d.composer.DeleteField() })},
		ending("Nothing", compose.None), ending("LF", compose.LF), ending("CRLF", compose.CRLF), ending("NUL", compose.NUL),
		{name: "Resume capturing", menu: "Session",
			enabled: w.whenDesk(func(d *desk) bool { return d.traffic.log.Stats().Err != nil }), run: w.onDesk((*desk).resumeCapture)},
	}
}
