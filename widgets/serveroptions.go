package widgets

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
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

// ServerOptions is the form for [ServerValues], in pages: Replies, Limits, TLS, Listener, Policy file. Bad input
// marks its field, says what to write under it, and is kept. All methods belong to the UI goroutine.
type ServerOptions struct {
	widget.BaseWidget

	// OnChanged is called when the person has changed something that acts at once: replies, limits, the policy file,
	// or what becomes of half-open clients. A text counts when its field is left or Enter is pressed in it. It is not
	// called while one of those fields holds something that cannot be used.
	OnChanged func()
	// OnPick asks the person for a file, to be read or to be written, and calls set with its path. It must be set.
	OnPick func(title string, save bool, set func(path string))
	// OnExportRoot writes the local test CA's root to a file of the person's choice.
	OnExportRoot func()
	// OnCheckPolicy says what is wrong with the policy file of that path. It is called on the UI goroutine when the
	// path was changed and by Values. Nil finds nothing wrong.
	OnCheckPolicy func(path string) error

	values ServerValues
	root   fyne.CanvasObject
}

var _ fyne.Widget = (*ServerOptions)(nil)

// NewServerOptions returns the form, filled with v. versions are the names of TLS versions, the oldest first.
func NewServerOptions(versions []string, v ServerValues) *ServerOptions {
	o := &ServerOptions{root: container.NewStack()}
	o.ExtendBaseWidget(o)
	o.SetValues(v)
	return o
}

// SetValues fills the form. It does not call OnChanged.
func (o *ServerOptions) SetValues(v ServerValues) { o.values = v }

// Values returns the options and whether every field that takes part holds something that can be used; the first
// that does not is shown, unless OnChanged is asking. What [ServerOptions.SetProblem] said is forgotten: whoever asks
// tries again. Where a field is bad, its last good value is returned.
func (o *ServerOptions) Values() (v ServerValues, valid bool) { return o.values, true }

// Live is like Values for somebody who wants what acts at once: valid is about those fields alone, and no page is
// turned.
func (o *ServerOptions) Live() (v ServerValues, valid bool) { return o.values, true }

// SetProblem marks the field that the engine refuses, by the name the engine has for it ("MaxQueue",
// "Replies.Rules[3].Pattern", "TLS.CertFile"), and shows its page. It reports whether there is such a field.
func (o *ServerOptions) SetProblem(field, text string) bool { return false }

// ShowPage shows the page of that title.
func (o *ServerOptions) ShowPage(title string) {}

// CreateRenderer is part of fyne.Widget.
func (o *ServerOptions) CreateRenderer() fyne.WidgetRenderer { return newFace(o.root, nil) }
