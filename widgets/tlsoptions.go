package widgets

import (
	"errors"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/certs"
	"wirebench/widgets/words"
)

// TLSValues are the options of a TLS client that a person sets before connecting. Lists of files are written as the
// system writes a search path, with ':' between them, ';' on Windows.
type TLSValues struct {
	Policy     int // index into TLSChoices.Policies
	ServerName string
	VerifyName string
	ALPN       []string
	StartTLS   int // index into TLSChoices.StartTLS
	MinVersion int // index into TLSChoices.Versions
	MaxVersion int
	Legacy     bool
	Timeout    time.Duration // of the handshake; more than 0

	Trust      int // index into TLSChoices.Trusts
	CAFiles    string
	ExtraFiles string
	AsOf       string // as typed; empty for now
	CRLFiles   string
	AskOCSP    bool
	FetchCRL   bool
	FetchAIA   bool

	CertFile   string
	KeyFile    string
	Passphrase string
	KeyLogFile string
}

// TLSChoices are the texts to choose from.
type TLSChoices struct {
	Policies, StartTLS, Versions, Trusts []string
}

// TLSOptions is the form for [TLSValues], in pages, with the options of the connection as the first one. Bad input
// marks its field, says what to write under it, and is kept.
type TLSOptions struct {
	formPages

	// OnPick asks the person for a file, to be read or to be written, and calls set with its path. It must be set.
	OnPick func(title string, save bool, set func(path string))

	policy, startTLS, minVersion, maxVersion, trust *widget.Select

	serverName, verifyName, alpn, timeout *checkedEntry
	caFiles, extraFiles, asOf, crlFiles   *checkedEntry
	certFile, keyFile, passphrase, keyLog *checkedEntry

	legacy, ocsp, crl, aia *widget.Check

	limit time.Duration
}

var _ fyne.Widget = (*TLSOptions)(nil)

// NewTLSOptions returns the form with connection as its first page, filled with v.
func NewTLSOptions(connection fyne.CanvasObject, c TLSChoices, v TLSValues) *TLSOptions {
	o := &TLSOptions{limit: v.Timeout}
	choose := func(options []string) *widget.Select { return widget.NewSelect(distinct(options), nil) }

	o.policy, o.startTLS, o.trust = choose(c.Policies), choose(c.StartTLS), choose(c.Trusts)
	o.minVersion, o.maxVersion = choose(c.Versions), choose(c.Versions)
	o.serverName = o.line("ServerName", words.Say("as the address"), 220, nil)
	o.verifyName = o.line("VerifyName", words.Say("as the server name"), 220, nil)
	o.alpn = o.line("ALPN", words.Say("none, or like h2, http/1.1"), 200, nil)
	o.timeout = o.line("HandshakeTimeout", "20s", 90, func(s string) error {
		d, err := parseDuration(s, longestTimeout)
		if err == nil {
			o.limit = d
		}
		return err
	})
	o.caFiles = o.line("CAFiles", words.Say("none // no file"), 260, nil)
	o.extraFiles = o.line("ExtraFiles", words.Say("none // no file"), 260, nil)
	o.asOf = o.line("AsOf", words.Say("now, or like 2026-01-31"), 200, func(s string) error {
		_, err := ParseAsOf(s)
		return err
	})
	o.crlFiles = o.line("CRLFiles", words.Say("none // no file"), 260, nil)
	o.certFile = o.line("CertFile", words.Say("none // no file"), 260, nil)
	o.keyFile = o.line("KeyFile", words.Say("in the same file"), 260, nil)
	o.passphrase = o.line("Passphrase", words.Say("none // no passphrase"), 160, nil) // not said: the name of the field
	o.passphrase.entry.Password = true
	o.keyLog = o.line("KeyLogFile", words.Say("none // no file"), 260, nil)
	o.legacy = widget.NewCheck(words.Say("Legacy: also TLS 1.0, 1.1 and weak ciphers"), nil)
	o.ocsp = widget.NewCheck(words.Say("Ask OCSP responders"), nil)
	o.crl = widget.NewCheck(words.Say("Fetch revocation lists"), nil)
	o.aia = widget.NewCheck(words.Say("Fetch missing issuers (AIA)"), nil)

	file := func(e *checkedEntry, title string, several, save bool) fyne.CanvasObject {
		return fileButton(e, title, several, save, func(title string, save bool, set func(string)) { o.OnPick(title, save, set) })
	}
	o.pages = container.NewAppTabs(
		o.form(words.Say("Handshake"), "",
			labelled(words.Say("Policy"), wide(o.policy, 285)), o.put("ServerName", words.Say("Server name (SNI)"), o.serverName), o.put("VerifyName", words.Say("Name to verify"), o.verifyName),
			labelled("STARTTLS", o.startTLS), o.put("ALPN", "ALPN", o.alpn), o.put("MinVersion", words.Say("From // a lowest version"), wide(o.minVersion, 110)),
			o.put("MaxVersion", words.Say("to // a highest version"), wide(o.maxVersion, 110)), o.legacy, o.put("HandshakeTimeout", words.Say("Timeout"), o.timeout)),
		o.form(words.Say("Trust"), "",
			labelled(words.Say("Trust anchors"), wide(o.trust, 200)),
			o.put("CAFiles", words.Say("My roots"), file(o.caFiles, words.Say("Choose a file of root certificates"), true, false)),
			o.put("ExtraFiles", words.Say("More intermediates"), file(o.extraFiles, words.Say("Choose a file of intermediate certificates"), true, false)),
			o.put("AsOf", words.Say("Judge as of"), o.asOf), o.aia),
		o.form(words.Say("Revocation"), words.Say("Asking tells the issuer's servers which certificate you look at, so it is off until you switch it on. What the server staples is always looked at."),
			o.ocsp, o.crl, o.put("CRLFiles", words.Say("My lists (CRL)"), file(o.crlFiles, words.Say("Choose a revocation list"), true, false))),
		o.form(words.Say("Client certificate"), words.Say("The passphrase is kept in memory only."),
			o.put("CertFile", words.Say("Certificate"), file(o.certFile, words.Say("Choose a client certificate (PEM or PKCS#12)"), false, false)),
			o.put("KeyFile", words.Say("Key // of a certificate"), file(o.keyFile, words.Say("Choose its private key"), false, false)),
			o.put("Passphrase", words.Say("Passphrase"), o.passphrase)), // not said: the name of the field
		o.form(words.Say("Key log"), words.Say("Whoever has this file can read a recording of the traffic. In Wireshark: Preferences, Protocols, TLS, (Pre)-Master-Secret log."),
			o.put("KeyLogFile", words.Say("Append session keys to"), file(o.keyLog, words.Say("Append the session keys to"), false, true))),
		container.NewTabItem(words.Say("Connection"), connection),
	)
	o.ExtendBaseWidget(o)
	o.SetValues(v)
	o.spread(usualWidth)
	return o
}

// SetValues fills the form.
func (o *TLSOptions) SetValues(v TLSValues) {
	if v.Timeout <= 0 {
		v.Timeout = 20 * time.Second
	}
	for _, s := range []struct {
		list *widget.Select
		at   int
	}{{o.policy, v.Policy}, {o.startTLS, v.StartTLS}, {o.minVersion, v.MinVersion}, {o.maxVersion, v.MaxVersion}, {o.trust, v.Trust}} {
		s.list.SetSelectedIndex(min(max(s.at, 0), len(s.list.Options)-1))
	}
	for _, s := range []struct {
		field *checkedEntry
		text  string
	}{
		{o.serverName, v.ServerName}, {o.verifyName, v.VerifyName}, {o.alpn, strings.Join(v.ALPN, ", ")},
		{o.timeout, shortDuration(v.Timeout)}, {o.caFiles, v.CAFiles}, {o.extraFiles, v.ExtraFiles}, {o.asOf, v.AsOf},
		{o.crlFiles, v.CRLFiles}, {o.certFile, v.CertFile}, {o.keyFile, v.KeyFile}, {o.passphrase, v.Passphrase}, {o.keyLog, v.KeyLogFile},
	} {
		s.field.entry.SetText(clip(s.text, lineLimit))
		s.field.check()
	}
	o.legacy.SetChecked(v.Legacy)
	o.ocsp.SetChecked(v.AskOCSP)
	o.crl.SetChecked(v.FetchCRL)
	o.aia.SetChecked(v.FetchAIA)
}

// Values returns the options and whether every field holds something that can be used. What SetProblem
// said is forgotten: whoever asks tries again.
func (o *TLSOptions) Values() (v TLSValues, valid bool) {
	bad := o.firstBad(nil)
	if bad != "" {
		o.turnTo(bad)
	}
	text := func(e *checkedEntry) string { return trimBlanks(e.entry.Text) }
	v = TLSValues{
		Policy: o.policy.SelectedIndex(), StartTLS: o.startTLS.SelectedIndex(), Trust: o.trust.SelectedIndex(),
		MinVersion: o.minVersion.SelectedIndex(), MaxVersion: o.maxVersion.SelectedIndex(), Legacy: o.legacy.Checked,
		ServerName: text(o.serverName), VerifyName: text(o.verifyName), Timeout: o.limit,
		CAFiles: text(o.caFiles), ExtraFiles: text(o.extraFiles), AsOf: text(o.asOf), CRLFiles: text(o.crlFiles),
		AskOCSP: o.ocsp.Checked, FetchCRL: o.crl.Checked, FetchAIA: o.aia.Checked,
		CertFile: text(o.certFile), KeyFile: text(o.keyFile), Passphrase: o.passphrase.entry.Text, KeyLogFile: text(o.keyLog),
	}
	for p := range strings.SplitSeq(o.alpn.entry.Text, ",") {
		if p = trimBlanks(p); p != "" {
			v.ALPN = append(v.ALPN, p)
		}
	}
	return v, bad == ""
}

// ParseAsOf reads the time as of which a certificate is judged; empty is now, the zero time.
func ParseAsOf(s string) (time.Time, error) {
	s = trimBlanks(s)
	if s == "" {
		return time.Time{}, nil
	}
	t, err := certs.ParseTime(s)
	if err != nil {
		return time.Time{}, errors.New(words.Say("write a date like 2026-01-31, a time like 2026-01-31T12:00:00Z, or nothing for now"))
	}
	return t, nil
}
