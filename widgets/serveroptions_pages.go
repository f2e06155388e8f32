package widgets

import (
	"errors"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/reply"
	"wirebench/widgets/words"
)

// ownCertificate is the place of the person's files among the choices of a certificate.
const ownCertificate = 1

// What the example of ServerSocket in the AIR documentation says.
const (
	airGreeting = "Connected." // not said
	airPrefix   = "Echo -- "   // not said
)

// build makes the pages.
func (o *ServerOptions) build(versions []string) {
	o.pages = container.NewAppTabs(o.repliesPage(), o.limitsPage(), o.tlsPage(versions), o.listenerPage(), o.policyPage())
}

// tells makes fields tell of a change when they are left.
func (o *ServerOptions) tells(fields ...*checkedEntry) {
	for _, e := range fields {
		e.onDone = o.commit
	}
}

// choice makes a list to choose from.
func (o *ServerOptions) choice(name string, options []string, verify func(int) error, changed func()) *checkedChoice {
	c := newCheckedChoice(options, verify, changed)
	o.know(name, c)
	return c
}

// file is a field for a path with its button.
func (o *ServerOptions) file(e *checkedEntry, title string, several, save bool) fyne.CanvasObject {
	return fileButton(e, title, several, save, func(title string, save bool, set func(string)) { o.OnPick(title, save, set) })
}

func (o *ServerOptions) repliesPage() *container.TabItem {
	o.greeting = o.line("Replies.Greeting", words.Say("none // no greeting"), 200, func(s string) error { return replyFault(reply.Config{Greeting: s}) }) // not said: the name of the field
	o.prefix = o.line("Replies.Prefix", words.Say("none // no text in front"), 120, func(s string) error { return replyFault(reply.Config{Prefix: s}) })  // not said: the name of the field
	o.tells(o.greeting, o.prefix)
	o.echo = widget.NewCheck(words.Say("Echo what no rule answers"), func(on bool) {
		able(o.prefix.entry, on)
		o.commit()
	})
	air := widget.NewButton(words.Say("As in the AIR documentation"), func() {
		o.quiet = true
		o.greeting.set(airGreeting)
		o.prefix.set(airPrefix)
		o.echo.SetChecked(true)
		able(o.prefix.entry, true)
		o.quiet = false
		o.commit()
	})
	o.rules = newRuleList(o.commit)
	o.know("Replies.Rules", o.rules)           // not said: the name of the field
	o.loose = append(o.loose, "Replies.Rules") // not said: the name of the field
	return o.page(words.Say("Replies"), container.NewVBox(
		container.New(&flow{}, o.put("Replies.Greeting", words.Say("Greeting"), o.greeting), // not said: the name of the field
			container.New(&besides{}, o.echo, o.put("Replies.Prefix", words.Say("with this in front"), o.prefix)), air), // not said: the name of the field
		o.rules))
}

// replyFault returns what is wrong with a configuration of one field, in words for it.
func replyFault(c reply.Config) error {
	_, err := reply.Compile(c)
	var bad *reply.FieldError
	if errors.As(err, &bad) {
		return errors.New(bad.Problem)
	}
	return err
}

func (o *ServerOptions) limitsPage() *container.TabItem {
	o.maxClients = o.line("MaxClients", FormatCount(usualClients), 110, func(s string) error {
		n, err := parseCount(s, 1, mostClients)
		if err == nil {
			o.values.MaxClients = int(n)
		}
		return err
	})
	o.maxQueue = o.line("MaxQueue", exactSize(usualQueue), 110, func(s string) error {
		n, err := parseSize(s, mostQueue)
		if err == nil {
			o.values.MaxQueue = n
		}
		return err
	})
	o.idle = o.line("IdleTimeout", words.Say("never // closing idle clients"), 110, func(s string) error {
		switch trimBlanks(s) {
		case "", "never", "0", words.Say("never // closing idle clients"):
			o.values.IdleTimeout = 0
			return nil
		}
		d, err := parseDuration(s, longestIdle)
		if err == nil && d < leastIdle {
			err = errors.New(words.Say("write %s or more, or never", shortDuration(leastIdle)))
		}
		if err == nil {
			o.values.IdleTimeout = d
		}
		return err
	})
	o.tells(o.maxClients, o.maxQueue, o.idle)
	o.whenFull = o.choice("WhenFull", []string{words.Say("the message waits"), words.Say("the message is dropped"), words.Say("the client is reset")}, nil, o.commit)
	return o.form(words.Say("Limits"), words.Say("Limits act at once. Clients beyond the most are reset; a client that is idle for the time is closed in order. While a reply has to wait for room, its client is not read from."),
		o.put("MaxClients", words.Say("Most clients"), o.maxClients), o.put("MaxQueue", words.Say("Waiting for a client at most"), o.maxQueue),
		o.put("WhenFull", words.Say("and then // the message waits, is dropped"), o.whenFull), o.put("IdleTimeout", words.Say("Close idle clients after"), o.idle))
}

func (o *ServerOptions) tlsPage(versions []string) *container.TabItem {
	arrange := func() { o.arrangeTLS() }
	o.tls = widget.NewCheck("TLS", func(bool) { o.arrangeTLS() })
	o.certificate = o.choice("TLS.Certificate", []string{words.Say("of the local test CA"), words.Say("from my files")}, nil, arrange)
	o.certNames = o.line("TLS.Names", words.Say("none // no names"), 220, nil)
	o.certFile = o.line("TLS.CertFile", words.Say("PEM or PKCS#12"), 220, func(s string) error {
		if trimBlanks(s) == "" && o.tls.Checked && o.certificate.index() == ownCertificate && !o.quiet {
			return errors.New(words.Say("choose the file with the certificate, or take one of the local test CA"))
		}
		return nil
	})
	o.keyFile = o.line("TLS.KeyFile", words.Say("in the same file"), 220, nil)
	o.passphrase = o.line("TLS.Passphrase", words.Say("none // no passphrase"), 120, nil)
	o.passphrase.entry.Password = true
	o.clientAuth = o.choice("TLS.ClientAuth", []string{words.Say("not asked for // clients' certificates"), words.Say("asked for // clients' certificates"), words.Say("required // clients' certificates")}, nil, arrange)
	o.clientCAs = o.line("TLS.ClientCAFiles", words.Say("none: taken as it is"), 220, nil)
	o.minVersion = o.choice("TLS.MinVersion", versions, nil, func() { o.maxVersion.check() })
	o.maxVersion = o.choice("TLS.MaxVersion", versions, func(i int) error {
		if i < o.minVersion.index() {
			return errors.New(words.Say("choose one that is not below the lowest"))
		}
		return nil
	}, func() {})
	o.alpn = o.line("TLS.ALPN", words.Say("none, or like h2, http/1.1"), 200, nil)
	o.keyLog = o.line("TLS.KeyLogFile", words.Say("none // no file"), 220, nil)

	root := widget.NewButton(words.Say("Export the CA's root…"), func() { call(o.OnExportRoot) })
	o.caParts = []fyne.CanvasObject{o.put("TLS.Names", words.Say("and for these names"), o.certNames), root}
	o.ownParts = []fyne.CanvasObject{
		o.put("TLS.CertFile", words.Say("File // of a certificate"), o.file(o.certFile, words.Say("Choose the server's certificate (PEM or PKCS#12)"), false, false)),
		o.put("TLS.KeyFile", words.Say("Key // of a certificate"), o.file(o.keyFile, words.Say("Choose its private key"), false, false)),
		o.put("TLS.Passphrase", words.Say("Passphrase"), o.passphrase),
	}
	o.authParts = []fyne.CanvasObject{o.put("TLS.ClientCAFiles", words.Say("verified by // roots"), o.file(o.clientCAs, words.Say("Choose a file of root certificates"), true, false))}
	certificate := o.put("TLS.Certificate", words.Say("Certificate"), o.certificate)
	auth := o.put("TLS.ClientAuth", words.Say("Clients' certificates"), o.clientAuth)
	rest := []fyne.CanvasObject{
		o.put("TLS.MinVersion", words.Say("From // a lowest version"), o.minVersion), o.put("TLS.MaxVersion", words.Say("to // a highest version"), o.maxVersion), o.put("TLS.ALPN", "ALPN", o.alpn),
		o.put("TLS.KeyLogFile", words.Say("Append session keys to"), o.file(o.keyLog, words.Say("Append the session keys to"), false, true)),
	}
	o.whileTLS = append([]fyne.CanvasObject{certificate, auth}, rest...)
	o.tlsFlow = container.New(&flow{}, o.tls, certificate)
	for _, part := range [][]fyne.CanvasObject{o.caParts, o.ownParts, {auth}, o.authParts, rest} {
		o.tlsFlow.Objects = append(o.tlsFlow.Objects, part...)
	}
	return o.page("TLS", container.NewVBox(o.tlsFlow,
		newNote(words.Say("TLS acts when listening begins. The local test CA is made on this machine and trusted by nobody but those who import its root. The passphrase is kept in memory only."))))
}

// arrangeTLS shows the parts that the choices leave room for.
func (o *ServerOptions) arrangeTLS() {
	if o.tlsFlow == nil {
		return // still being made
	}
	on, own := o.tls.Checked, o.certificate.index() == ownCertificate
	for _, s := range []struct {
		parts []fyne.CanvasObject
		shown bool
	}{{o.whileTLS, on}, {o.caParts, on && !own}, {o.ownParts, on && own}, {o.authParts, on && o.clientAuth.index() > 0}} {
		for _, part := range s.parts {
			if s.shown {
				part.Show()
			} else {
				part.Hide()
			}
		}
	}
	o.tlsFlow.Refresh()
	o.Refresh()
}

func (o *ServerOptions) listenerPage() *container.TabItem {
	o.backlog = o.line("Backlog", words.Say("system's maximum"), 150, func(s string) error { // not said: the name of the field
		n := int64(0)
		var err error
		if trimBlanks(s) != "" {
			n, err = parseCount(s, 0, mostBacklog)
		}
		if err != nil {
			return errors.New(words.Say("write 1 to %s, or nothing for the system's maximum", FormatCount(mostBacklog)))
		}
		o.values.Backlog = int(n)
		return nil
	})
	o.keepAlive = o.line("KeepAlive", shortDuration(defaultKeepAlive), 90, func(s string) error {
		if !o.keep.Checked {
			o.values.KeepAlive = 0
			return nil
		}
		d, err := parseDuration(s, longestProbe)
		if err == nil && d < time.Second {
			err = errors.New(words.Say("write 1s or more"))
		}
		if err == nil {
			o.values.KeepAlive = d
		}
		return err
	})
	o.noDelay = widget.NewCheck(words.Say("Send small writes at once (no delay)"), nil)
	o.keep = widget.NewCheck(words.Say("Keep alive every"), func(on bool) {
		able(o.keepAlive.entry, on)
		o.keepAlive.check()
	})
	o.halfOpen = widget.NewCheck(words.Say("Keep clients half-open when they close their side"), func(bool) { o.commit() })
	o.loose = append(o.loose, "KeepAlive")
	return o.form(words.Say("Listener"), words.Say("What becomes of half-open clients acts at once, the rest when listening begins. The backlog is how many connections the system completes before they are taken."),
		o.put("Backlog", words.Say("Backlog"), o.backlog), o.noDelay, container.New(&besides{}, o.keep, o.keepAlive), o.halfOpen) // not said: the name of the field
}

func (o *ServerOptions) policyPage() *container.TabItem {
	o.policy = o.line("Policy", words.Say("none // no file"), 420, func(s string) error { // not said: the name of the field
		if trimBlanks(s) == o.policyPath {
			return o.policyFault
		}
		return nil
	})
	o.policy.onDone = func() {
		if trimBlanks(o.policy.text()) != o.policyPath {
			o.lookAtPolicy()
		}
		o.commit()
	}
	o.policy.entry.OnSubmitted = func(string) { o.readPolicyAgain() }
	button := fileButton(o.policy, words.Say("Choose a socket policy file (XML)"), false, false, func(title string, save bool, set func(string)) {
		o.OnPick(title, save, func(path string) {
			o.policyPath = "" // the same path may hold something else by now
			o.policyAgain = true
			set(path)
		})
	})
	return o.form(words.Say("Policy file"), words.Say("A client whose first bytes are <policy-file-request/> and a zero byte gets this file and is closed; all others are served as ever. Flash and AIR ask on port 843, and then on the port they want. Enter reads the file again."),
		o.put("Policy", words.Say("Socket policy file"), button)) // not said: the name of the field
}

// readPolicyAgain looks at the file and tells of it although its path is the same.
func (o *ServerOptions) readPolicyAgain() {
	o.lookAtPolicy()
	o.policyAgain = o.policyPath != ""
	o.commit()
}
