package widgets

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// ConnectValues are the options of a connection that a person sets before it is opened.
type ConnectValues struct {
	Timeout      time.Duration // until connecting is given up; more than 0
	LocalAddress string        // "" for any, else an IP address, with or without a port, or ":port"
	NoDelay      bool          // send small writes at once
	KeepAlive    time.Duration // between probes of an idle connection; 0 sends none
	HalfOpen     bool          // keep sending after the peer has closed its side
	ResetOnClose bool          // end with RST instead of FIN
}

const (
	longestTimeout   = time.Hour
	longestKeepAlive = 24 * time.Hour
	defaultKeepAlive = 15 * time.Second
)

// ConnectOptions is the form for [ConnectValues]. Bad input marks its field, says what to write under it, and is
// kept; until it is put right, Values returns the last good value of that field.
type ConnectOptions struct {
	widget.BaseWidget

	// OnChanged is called after each change by the person, with the values and whether every field is good.
	OnChanged func(v ConnectValues, valid bool)

	values    ConnectValues
	timeout   *checkedEntry
	local     *checkedEntry
	keepAlive *checkedEntry
	noDelay   *widget.Check
	keep      *widget.Check
	halfOpen  *widget.Check
	reset     *widget.Check
	root      *fyne.Container
	quiet     bool
}

var _ fyne.Widget = (*ConnectOptions)(nil)

// NewConnectOptions returns the form, filled with v.
func NewConnectOptions(v ConnectValues) *ConnectOptions {
	o := &ConnectOptions{}
	o.timeout = newCheckedEntry("20s", 90, func(s string) error {
		d, err := parseDuration(s, longestTimeout)
		if err == nil {
			o.values.Timeout = d
		}
		return err
	}, o.changed)
	o.local = newCheckedEntry("any", 200, func(s string) error {
		s = trimBlanks(s)
		err := checkLocal(s)
		if err == nil {
			o.values.LocalAddress = s
		}
		return err
	}, o.changed)
	o.keepAlive = newCheckedEntry("15s", 90, func(s string) error {
		if !o.keep.Checked {
			o.values.KeepAlive = 0
			return nil
		}
		d, err := parseDuration(s, longestKeepAlive)
		if err == nil {
			o.values.KeepAlive = d
		}
		return err
	}, o.changed)
	check := func(label string, to func() *bool) *widget.Check {
		return widget.NewCheck(label, func(on bool) {
			*to() = on
			o.changed()
		})
	}
	o.noDelay = check("Send small writes at once (no delay)", func() *bool { return &o.values.NoDelay })
	o.halfOpen = check("Stay half-open when the peer closes", func() *bool { return &o.values.HalfOpen })
	o.reset = check("Reset on close (RST, not FIN)", func() *bool { return &o.values.ResetOnClose })
	o.keep = widget.NewCheck("Keep alive every", func(on bool) {
		if on {
			o.keepAlive.entry.Enable()
		} else {
			o.keepAlive.entry.Disable()
		}
		o.keepAlive.check()
		o.changed()
	})
	o.root = container.New(&flow{},
		labelled("Connect timeout", o.timeout), labelled("Local address", o.local),
		container.New(&besides{}, o.keep, o.keepAlive), o.noDelay, o.halfOpen, o.reset)
	o.ExtendBaseWidget(o)
	o.SetValues(v)
	return o
}

// SetValues fills the form. It does not call OnChanged.
func (o *ConnectOptions) SetValues(v ConnectValues) {
	o.quiet = true
	defer func() { o.quiet = false }()
	if v.Timeout <= 0 {
		v.Timeout = 20 * time.Second
	}
	o.values = v
	o.timeout.entry.SetText(shortDuration(v.Timeout))
	o.local.entry.SetText(clip(v.LocalAddress, 200))
	o.noDelay.SetChecked(v.NoDelay)
	o.halfOpen.SetChecked(v.HalfOpen)
	o.reset.SetChecked(v.ResetOnClose)
	if v.KeepAlive > 0 {
		o.keepAlive.entry.SetText(shortDuration(v.KeepAlive))
	} else {
		o.keepAlive.entry.SetText(shortDuration(defaultKeepAlive))
	}
	o.keep.SetChecked(v.KeepAlive > 0)
	if v.KeepAlive > 0 {
		o.keepAlive.entry.Enable()
	} else {
		o.keepAlive.entry.Disable()
	}
	o.values = v
	for _, e := range o.fields() {
		e.check()
	}
}

// Values returns the options and whether every field holds something good.
func (o *ConnectOptions) Values() (v ConnectValues, valid bool) {
	valid = true
	for _, e := range o.fields() {
		valid = valid && e.problem.text == ""
	}
	return o.values, valid
}

func (o *ConnectOptions) fields() []*checkedEntry {
	return []*checkedEntry{o.timeout, o.local, o.keepAlive}
}

func (o *ConnectOptions) changed() {
	if o.quiet || o.OnChanged == nil {
		return
	}
	o.OnChanged(o.Values())
}

// CreateRenderer is part of fyne.Widget.
func (o *ConnectOptions) CreateRenderer() fyne.WidgetRenderer { return newFace(o.root, nil) }

// parseDuration reads "20s", "1m30s", "500ms", or a plain number of seconds.
func parseDuration(s string, longest time.Duration) (time.Duration, error) {
	s = trimBlanks(s)
	if s == "" {
		return 0, errors.New("write a time, like 20s")
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		n, numErr := strconv.ParseFloat(s, 64)
		if numErr != nil || n != n {
			return 0, errors.New("write a time with its unit, like 20s, 500ms or 1m30s")
		}
		if n > longest.Seconds() {
			return 0, fmt.Errorf("write at most %s", shortDuration(longest))
		}
		d = time.Duration(n * float64(time.Second))
	}
	switch {
	case d < time.Millisecond:
		return 0, errors.New("write a time of 1ms or more")
	case d > longest:
		return 0, fmt.Errorf("write at most %s", shortDuration(longest))
	}
	return d, nil
}

// shortDuration writes d without the zero parts that time.Duration puts at the end: "1h", not "1h0m0s".
func shortDuration(d time.Duration) string {
	s := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if n := len(s) - len(zero); n > 0 && s[n:] == zero {
			s = s[:n+1]
		}
	}
	return s
}

// checkLocal accepts what a socket can be bound to: nothing, an address, an address and a port, or a port.
func checkLocal(s string) error {
	if s == "" {
		return nil
	}
	if s[0] == ':' {
		if n, err := strconv.ParseUint(s[1:], 10, 16); err == nil && n > 0 {
			return nil
		}
		if _, err := netip.ParseAddr(s); err != nil {
			return errors.New("write a port from 1 to 65535 after the colon, like :4000")
		}
		return nil
	}
	if _, err := netip.ParseAddr(s); err == nil {
		return nil
	}
	if _, err := netip.ParseAddrPort(s); err == nil {
		return nil
	}
	return errors.New("write an address of this machine, like 127.0.0.1, 192.168.1.5:4000 or [::1]:4000, or leave it empty")
}

// checkedEntry is a short field that checks itself at each edit and says under itself what is wrong.
type checkedEntry struct {
	widget.BaseWidget
	entry   *lineEntry
	field   *field
	problem *problem
	width   float32
	verify  func(string) error
}

func newCheckedEntry(placeHolder string, width float32, verify func(string) error, changed func()) *checkedEntry {
	e := &checkedEntry{entry: newLineEntry(placeHolder), problem: newProblem(), width: width, verify: verify}
	e.field = newField(e.entry)
	e.entry.OnChanged = func(string) {
		e.check()
		changed()
	}
	e.entry.onTooLong = func(n int) { e.complain(FormatSize(int64(n)) + " is too much for this field") }
	e.ExtendBaseWidget(e)
	return e
}

func (e *checkedEntry) check() {
	if err := e.verify(e.entry.Text); err != nil {
		e.complain(err.Error())
	} else {
		e.complain("")
	}
}

func (e *checkedEntry) complain(text string) {
	e.field.mark(text != "")
	if e.problem.say(text) {
		e.Refresh()
	}
}

func (e *checkedEntry) CreateRenderer() fyne.WidgetRenderer {
	arrange := func(size fyne.Size) {
		h := e.entry.MinSize().Height
		e.field.Resize(fyne.NewSize(e.width, h))
		e.problem.Move(fyne.NewPos(0, h))
		e.problem.Resize(fyne.NewSize(size.Width, size.Height-h))
	}
	return &faceRenderer{
		objects: []fyne.CanvasObject{e.field, e.problem},
		layout:  arrange,
		minSize: func() fyne.Size {
			s := fyne.NewSize(e.width, e.entry.MinSize().Height)
			if e.problem.text != "" {
				s.Width = max(s.Width, 260) // room for the sentence
				s.Height += e.problem.MinSize().Height
			}
			return s
		},
		refresh: func() {
			arrange(e.Size())
			e.field.Refresh()
			e.problem.Refresh()
		},
	}
}

func labelled(label string, o fyne.CanvasObject) fyne.CanvasObject {
	return container.New(&besides{}, widget.NewLabel(label), o)
}

// besides puts the second object right of the first, both at the top and as small as they are.
type besides struct{}

func (besides) MinSize(o []fyne.CanvasObject) fyne.Size {
	a, b := o[0].MinSize(), o[1].MinSize()
	return fyne.NewSize(a.Width+b.Width, max(a.Height, b.Height))
}

func (besides) Layout(o []fyne.CanvasObject, size fyne.Size) {
	a, b := o[0].MinSize(), o[1].MinSize()
	o[0].Resize(a)
	o[1].Move(fyne.NewPos(a.Width, 0))
	o[1].Resize(fyne.NewSize(b.Width, size.Height))
}

// flow sets objects side by side at their least size and starts a new line where the width ends. Its least height
// is that for the width it was last given.
type flow struct{ width float32 }

func (f *flow) arrange(objects []fyne.CanvasObject, width float32, place bool) fyne.Size {
	gap := theme.InnerPadding()
	var x, y, line, widest float32
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		s := o.MinSize()
		widest = max(widest, s.Width)
		if x > 0 && x+s.Width > width {
			x, y, line = 0, y+line+theme.Padding(), 0
		}
		if place {
			o.Move(fyne.NewPos(x, y))
			o.Resize(s)
		}
		x += s.Width + gap
		line = max(line, s.Height)
	}
	return fyne.NewSize(widest, y+line)
}

func (f *flow) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return f.arrange(objects, max(f.width, 300), false)
}

func (f *flow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	f.width = size.Width
	f.arrange(objects, size.Width, true)
}
