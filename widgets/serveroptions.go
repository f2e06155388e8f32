package widgets

import (
	"reflect"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/reply"
)

// ServerValues are the options of a server that a person sets. Lists of files are written as the system writes a
// search path, with ':' between them, ';' on Windows.
type ServerValues struct {
	Replies reply.Config // what is said without a person

	MaxClients  int           // connected at once, 1 to 1,000,000
	MaxQueue    int64         // bytes that may wait for a client, 1 to 1 GiB
	WhenFull    int           // 0: wait, 1: drop the newest, 2: reset the client
	IdleTimeout time.Duration // 0 is never, else 50 ms or more

	TLS            bool
	OwnCertificate bool   // CertFile and KeyFile; otherwise one of the local test CA, with Names
	CertFile       string // these are kept while OwnCertificate is off
	KeyFile        string
	Passphrase     string
	Names          []string
	ClientAuth     int // 0: not asked for a certificate, 1: asked, 2: required
	ClientCAFiles  string
	MinVersion     int // index into the versions the form was made with
	MaxVersion     int
	ALPN           []string
	KeyLogFile     string

	Backlog      int // 0 is the system's maximum, else 1 to 65,535
	NoDelay      bool
	KeepAlive    time.Duration // 0 sends no probes, else 1 s to 32,767 s
	KeepHalfOpen bool

	PolicyFile string // path of a socket policy file, "" for none
}

// live returns what of v acts at once.
func (v ServerValues) live() ServerValues {
	return ServerValues{
		Replies: v.Replies, MaxClients: v.MaxClients, MaxQueue: v.MaxQueue, WhenFull: v.WhenFull, IdleTimeout: v.IdleTimeout,
		KeepHalfOpen: v.KeepHalfOpen, PolicyFile: v.PolicyFile,
	}
}

// Bounds of the values, and what a zero in ServerValues stands for.
const (
	usualClients = 20_000
	mostClients  = 1_000_000
	usualQueue   = 256 << 10
	mostQueue    = 1 << 30
	leastIdle    = 50 * time.Millisecond
	longestIdle  = 30 * 24 * time.Hour
	mostBacklog  = 65_535
	longestProbe = 32_767 * time.Second
)

// ServerOptions is the form for [ServerValues], in pages: Replies, Limits, TLS, Listener, Policy file. Bad input
// marks its field, says what to write under it, and is kept. All methods belong to the UI goroutine.
//
// SetProblem takes the names that the engine has for its fields: "MaxQueue", "Replies.Rules[3].Pattern",
// "TLS.CertFile", "Policy".
type ServerOptions struct {
	formPages

	// OnChanged is called when the person has changed something that acts at once: replies, limits, the policy file,
	// or what becomes of half-open clients. A text counts when its field is left or Enter is pressed in it, and a new
	// rule when its reply was left. Choosing the same policy file again, or Enter in its field, counts too.
	// It is not called while one of those fields holds something that cannot be used, and as long as it runs, Values
	// is about those fields alone.
	OnChanged func()
	// OnPick asks the person for a file, to be read or to be written, and calls set with its path. It must be set.
	OnPick func(title string, save bool, set func(path string))
	// OnExportRoot writes the local test CA's root to a file of the person's choice.
	OnExportRoot func()
	// OnCheckPolicy says what is wrong with the policy file of that path. It is called on the UI goroutine when the
	// path was changed and by Values. Nil finds nothing wrong.
	OnCheckPolicy func(path string) error

	greeting, prefix *checkedEntry
	echo             *widget.Check
	rules            *ruleList

	maxClients, maxQueue, idle *checkedEntry
	whenFull                   *checkedChoice

	tls                                *widget.Check
	certificate, clientAuth            *checkedChoice
	minVersion, maxVersion             *checkedChoice
	certFile, keyFile, passphrase      *checkedEntry
	certNames, clientCAs, alpn, keyLog *checkedEntry
	tlsFlow                            *fyne.Container
	whileTLS                           []fyne.CanvasObject // shown while TLS is on
	ownParts, caParts, authParts       []fyne.CanvasObject // shown by certificate and clientAuth

	backlog, keepAlive      *checkedEntry
	noDelay, keep, halfOpen *widget.Check

	policy      *checkedEntry
	policyPath  string // the path that policyFault is about
	policyFault error
	policyAgain bool // the person asked for the file to be read again

	values  ServerValues // the last good ones of fields that are not kept as text
	told    ServerValues // what acts at once, as last told
	quiet   bool         // the form is being filled by the program
	telling bool         // OnChanged runs
}

var _ fyne.Widget = (*ServerOptions)(nil)

// NewServerOptions returns the form, filled with v. versions are the names of TLS versions, the oldest first.
func NewServerOptions(versions []string, v ServerValues) *ServerOptions {
	o := &ServerOptions{}
	o.build(versions)
	o.ExtendBaseWidget(o)
	o.SetValues(v)
	o.spread(usualWidth)
	return o
}

// SetValues fills the form. It does not call OnChanged. Where only more than 0 can be, 0 stands for what is usual.
func (o *ServerOptions) SetValues(v ServerValues) {
	o.quiet = true
	defer func() { o.quiet = false }()
	if v.MaxClients <= 0 {
		v.MaxClients = usualClients
	}
	if v.MaxQueue <= 0 {
		v.MaxQueue = usualQueue
	}
	o.values = v
	o.greeting.set(v.Replies.Greeting)
	o.prefix.set(v.Replies.Prefix)
	o.echo.SetChecked(v.Replies.Echo)
	able(o.prefix.entry, v.Replies.Echo)
	o.rules.set(v.Replies.Rules)

	o.maxClients.set(FormatCount(int64(v.MaxClients)))
	o.maxQueue.set(exactSize(v.MaxQueue))
	o.whenFull.set(v.WhenFull)
	o.idle.set(durationOr(v.IdleTimeout, ""))

	o.certificate.set(map[bool]int{true: ownCertificate}[v.OwnCertificate])
	o.certFile.set(v.CertFile)
	o.keyFile.set(v.KeyFile)
	o.passphrase.set(v.Passphrase)
	o.certNames.set(strings.Join(v.Names, ", "))
	o.clientAuth.set(v.ClientAuth)
	o.clientCAs.set(v.ClientCAFiles)
	o.minVersion.set(v.MinVersion)
	o.maxVersion.set(v.MaxVersion)
	o.alpn.set(strings.Join(v.ALPN, ", "))
	o.keyLog.set(v.KeyLogFile)
	o.tls.SetChecked(v.TLS)
	o.arrangeTLS()

	o.backlog.set("")
	if v.Backlog > 0 {
		o.backlog.set(FormatCount(int64(v.Backlog)))
	}
	o.noDelay.SetChecked(v.NoDelay)
	o.keep.SetChecked(v.KeepAlive > 0)
	able(o.keepAlive.entry, v.KeepAlive > 0)
	o.keepAlive.set(durationOr(v.KeepAlive, shortDuration(defaultKeepAlive)))
	o.halfOpen.SetChecked(v.KeepHalfOpen)

	o.policy.set(v.PolicyFile)
	o.told = o.collect(true).live()
}

// Values returns the options and whether every field that takes part holds something that can be used; otherwise the
// page of one that does not is shown. What SetProblem said is forgotten: whoever asks tries again. A number or a time
// that cannot be read is returned as it was before.
//
// As long as OnChanged runs, only the fields that act at once take part, and no page is turned.
func (o *ServerOptions) Values() (v ServerValues, valid bool) {
	if o.telling {
		return o.Live()
	}
	o.rules.settle()
	o.lookAtPolicy()
	bad := o.firstBad(o.takesPart)
	if bad != "" && !o.badShown() {
		o.turnTo(bad)
	}
	return o.collect(false), bad == ""
}

// Live is Values for what acts at once: valid is about those fields alone, and no page is turned.
func (o *ServerOptions) Live() (v ServerValues, valid bool) {
	bad := o.firstBad(actsAtOnce)
	return o.collect(true), bad == ""
}

func actsAtOnce(name string) bool {
	switch name {
	case "MaxClients", "MaxQueue", "WhenFull", "IdleTimeout", "Policy": // not said: the name of the field
		return true
	}
	return strings.HasPrefix(name, "Replies") // not said: the name of the field
}

// takesPart leaves out what another choice makes meaningless.
func (o *ServerOptions) takesPart(name string) bool {
	own := o.certificate.index() == ownCertificate
	switch name {
	case "TLS.CertFile", "TLS.KeyFile", "TLS.Passphrase":
		return o.tls.Checked && own
	case "TLS.Names":
		return o.tls.Checked && !own
	case "TLS.ClientCAFiles":
		return o.tls.Checked && o.clientAuth.index() > 0
	}
	return o.tls.Checked || !strings.HasPrefix(name, "TLS.")
}

// badShown reports whether the page that is shown has a bad field.
func (o *ServerOptions) badShown() bool {
	for name, e := range o.fields {
		if e.said() != "" && o.takesPart(name) && o.at[name] == o.pages.SelectedIndex() {
			return true
		}
	}
	return false
}

// collect reads the fields; now leaves out a rule that is still being written.
func (o *ServerOptions) collect(now bool) ServerValues {
	path := func(e *checkedEntry) string { return trimBlanks(e.text()) }
	v := o.values // the numbers and times
	v.Replies = reply.Config{Greeting: o.greeting.text(), Echo: o.echo.Checked, Prefix: o.prefix.text(), Rules: o.rules.rules(now)}
	v.WhenFull = o.whenFull.index()
	v.TLS, v.OwnCertificate = o.tls.Checked, o.certificate.index() == ownCertificate
	v.CertFile, v.KeyFile, v.Passphrase = path(o.certFile), path(o.keyFile), o.passphrase.text()
	v.Names, v.ALPN = listed(o.certNames.text()), listed(o.alpn.text())
	v.ClientAuth, v.ClientCAFiles = o.clientAuth.index(), path(o.clientCAs)
	v.MinVersion, v.MaxVersion = o.minVersion.index(), o.maxVersion.index()
	v.KeyLogFile = path(o.keyLog)
	v.NoDelay, v.KeepHalfOpen = o.noDelay.Checked, o.halfOpen.Checked
	v.PolicyFile = path(o.policy)
	return v
}

// listed splits a list at its commas.
func listed(s string) (list []string) {
	for p := range strings.SplitSeq(s, ",") {
		if p = trimBlanks(p); p != "" {
			list = append(list, p)
		}
	}
	return list
}

// commit tells of a change that acts at once, if there is one and it is good.
func (o *ServerOptions) commit() {
	if o.quiet || o.telling {
		return
	}
	v, ok := o.Live()
	if !ok || reflect.DeepEqual(v.live(), o.told) && !o.policyAgain {
		return
	}
	o.told, o.policyAgain = v.live(), false
	o.telling = true
	defer func() { o.telling = false }()
	call(o.OnChanged)
}

// lookAtPolicy has the policy file checked, and says at the field what is wrong with it.
func (o *ServerOptions) lookAtPolicy() {
	o.policyPath, o.policyFault = trimBlanks(o.policy.text()), nil
	if o.policyPath != "" && o.OnCheckPolicy != nil {
		o.policyFault = o.OnCheckPolicy(o.policyPath)
	}
	o.policy.check()
}

// SetProblem marks the field that the engine refuses, by the name the engine has for it, and shows its page. It
// reports whether there is such a field.
func (o *ServerOptions) SetProblem(field, text string) bool {
	switch {
	case strings.HasPrefix(field, "Replies.Rules["): // not said: the name of the field
		o.turnTo("Replies.Rules")                                              // not said: the name of the field
		return o.rules.setProblem(strings.TrimPrefix(field, "Replies."), text) // not said: the name of the field
	case field == "Replies": // not said: the name of the field
		field = "Replies.Rules" // not said: the name of the field
	case field == "TLS", field == "TLS.CADir":
		field = "TLS.Certificate"
	}
	return o.formPages.SetProblem(field, text)
}

// durationOr writes d, and none for 0.
func durationOr(d time.Duration, none string) string {
	if d <= 0 {
		return none
	}
	return shortDuration(d)
}
