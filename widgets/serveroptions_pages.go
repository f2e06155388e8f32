package widgets

import (
	"errors"
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/reply"
)

// ownCertificate is the place of the person's files among the choices of a certificate.
const ownCertificate = 1

// What the example of ServerSocket in the AIR documentation says.
const (
	airGreeting = "Connected."
	airPrefix   = "Echo -- "
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
	o.greeting = o.line("Replies.Greeting", "none", 200, func(s string) error { return replyFault(reply.Config{Greeting: s}) })
	o.prefix = o.line("Replies.Prefix", "none", 120, func(s string) error { return replyFault(reply.Config{Prefix: s}) })
	o.tells(o.greeting, o.prefix)
	o.echo = widget.NewCheck("Echo what no rule answers", func(on bool) {
		able(o.prefix.entry, on)
		o.commit()
	})
	air := widget.NewButton("As in the AIR documentation", func() {
		o.quiet = true
		o.greeting.set(airGreeting)
		o.prefix.set(airPrefix)
		o.echo.SetChecked(true)
		able(o.prefix.entry, true)
		o.quiet = false
		o.commit()
	})
	o.rules = newRuleList(o.commit)
	o.know("Replies.Rules", o.rules)
	o.loose = append(o.loose, "Replies.Rules")
	return o.page("Replies", container.NewVBox(
		container.New(&flow{}, o.put("Replies.Greeting", "Greeting", o.greeting),
			container.New(&besides{}, o.echo, o.put("Replies.Prefix", "with this in front", o.prefix)), air),
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
	o.idle = o.line("IdleTimeout", "never", 110, func(s string) error {
		switch trimBlanks(s) {
		case "", "never", "0":
			o.values.IdleTimeout = 0
			return nil
		}
		d, err := parseDuration(s, longestIdle)
		if err == nil && d < leastIdle {
			err = fmt.Errorf("write %s or more, or never", shortDuration(leastIdle))
		}
		if err == nil {
			o.values.IdleTimeout = d
		}
		return err
	})
	o.tells(o.maxClients, o.maxQueue, o.idle)
	o.whenFull = o.choice("WhenFull", []string{"the message waits", "the message is dropped", "the client is reset"}, nil, o.commit)
	return o.form("Limits", "Limits act at once. Clients beyond the most are reset; a client that is idle for the time is closed in order. While a reply has to wait for room, its client is not read from.",
		o.put("MaxClients", "Most clients", o.maxClients), o.put("MaxQueue", "Waiting for a client at most", o.maxQueue),
		o.put("WhenFull", "and then", o.whenFull), o.put("IdleTimeout", "Close idle clients after", o.idle))
}

func (o *ServerOptions) tlsPage(versions []string) *container.TabItem {
	arrange := func() { o.arrangeTLS() }
	o.tls = widget.NewCheck("TLS", func(bool) { o.arrangeTLS() })
	o.certificate = o.choice("TLS.Certificate", []string{"of the local test CA", "from my files"}, nil, arrange)
	o.certNames = o.line("TLS.Names", "none", 220, nil)
	o.certFile = o.line("TLS.CertFile", "PEM or PKCS#12", 220, func(s string) error {
		if trimBlanks(s) == "" && o.tls.Checked && o.certificate.index() == ownCertificate && !o.quiet {
			return errNoCertificate
		}
		return nil
	})
	o.keyFile = o.line("TLS.KeyFile", "in the same file", 220, nil)
	o.passphrase = o.line("TLS.Passphrase", "none", 120, nil)
	o.passphrase.entry.Password = true
	o.clientAuth = o.choice("TLS.ClientAuth", []string{"not asked for", "asked for", "required"}, nil, arrange)
	o.clientCAs = o.line("TLS.ClientCAFiles", "none: taken as it is", 220, nil)
	o.minVersion = o.choice("TLS.MinVersion", versions, nil, func() { o.maxVersion.check() })
	o.maxVersion = o.choice("TLS.MaxVersion", versions, func(i int) error {
		if i < o.minVersion.index() {
			return errors.New("choose one that is not below the lowest")
		}
		return nil
	}, func() {})
	o.alpn = o.line("TLS.ALPN", "none, or like h2, http/1.1", 200, nil)
	o.keyLog = o.line("TLS.KeyLogFile", "none", 220, nil)

	root := widget.NewButton("Export the CA's root…", func() { call(o.OnExportRoot) })
	o.caParts = []fyne.CanvasObject{o.put("TLS.Names", "and for these names", o.certNames), root}
	o.ownParts = []fyne.CanvasObject{
		o.put("TLS.CertFile", "File", o.file(o.certFile, "Choose the server's certificate (PEM or PKCS#12)", false, false)),
		o.put("TLS.KeyFile", "Key", o.file(o.keyFile, "Choose its private key", false, false)),
		o.put("TLS.Passphrase", "Passphrase", o.passphrase),
	}
	o.authParts = []fyne.CanvasObject{o.put("TLS.ClientCAFiles", "verified by", o.file(o.clientCAs, "Choose a file of root certificates", true, false))}
	certificate := o.put("TLS.Certificate", "Certificate", o.certificate)
	auth := o.put("TLS.ClientAuth", "Clients' certificates", o.clientAuth)
	rest := []fyne.CanvasObject{
		o.put("TLS.MinVersion", "From", o.minVersion), o.put("TLS.MaxVersion", "to", o.maxVersion), o.put("TLS.ALPN", "ALPN", o.alpn),
		o.put("TLS.KeyLogFile", "Append session keys to", o.file(o.keyLog, "Append the session keys to", false, true)),
	}
	o.whileTLS = append([]fyne.CanvasObject{certificate, auth}, rest...)
	o.tlsFlow = container.New(&flow{}, o.tls, certificate)
	for _, part := range [][]fyne.CanvasObject{o.caParts, o.ownParts, {auth}, o.authParts, rest} {
		o.tlsFlow.Objects = append(o.tlsFlow.Objects, part...)
	}
	return o.page("TLS", container.NewVBox(o.tlsFlow,
		newNote("TLS acts when listening begins. The local test CA is made on this machine and trusted by nobody but those who import its root. The passphrase is kept in memory only.")))
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
	o.backlog = o.line("Backlog", "system's maximum", 150, func(s string) error {
		n := int64(0)
		var err error
		if trimBlanks(s) != "" {
			n, err = parseCount(s, 0, mostBacklog)
		}
		if err != nil {
			return fmt.Errorf("write 1 to %s, or nothing for the system's maximum", FormatCount(mostBacklog))
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
			err = errors.New("write 1s or more")
		}
		if err == nil {
			o.values.KeepAlive = d
		}
		return err
	})
	o.noDelay = widget.NewCheck("Send small writes at once (no delay)", nil)
	o.keep = widget.NewCheck("Keep alive every", func(on bool) {
		able(o.keepAlive.entry, on)
		o.keepAlive.check()
	})
	o.halfOpen = widget.NewCheck("Keep clients half-open when they close their side", func(bool) { o.commit() })
	o.loose = append(o.loose, "KeepAlive")
	return o.form("Listener", "What becomes of half-open clients acts at once, the rest when listening begins. The backlog is how many connections the system completes before they are taken.",
		o.put("Backlog", "Backlog", o.backlog), o.noDelay, container.New(&besides{}, o.keep, o.keepAlive), o.halfOpen)
}

func (o *ServerOptions) policyPage() *container.TabItem {
	o.policy = o.line("Policy", "none", 420, func(s string) error {
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
	button := fileButton(o.policy, "Choose a socket policy file (XML)", false, false, func(title string, save bool, set func(string)) {
		o.OnPick(title, save, func(path string) {
			o.policyPath = "" // the same path may hold something else by now
			o.policyAgain = true
			set(path)
		})
	})
	return o.form("Policy file", "A client whose first bytes are <policy-file-request/> and a zero byte gets this file and is closed; all others are served as ever. Flash and AIR ask on port 843, and then on the port they want. Enter reads the file again.",
		o.put("Policy", "Socket policy file", button))
}

// readPolicyAgain looks at the file and tells of it although its path is the same.
func (o *ServerOptions) readPolicyAgain() {
	o.lookAtPolicy()
	o.policyAgain = o.policyPath != ""
	o.commit()
}
