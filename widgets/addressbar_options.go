package widgets

import (
	"errors"
	"net/netip"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"wirebench/widgets/words"
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
	o.local = newCheckedEntry(words.Say("any // local address"), 200, func(s string) error {
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
	o.noDelay = check(words.Say("Send small writes at once (no delay)"), func() *bool { return &o.values.NoDelay })
	o.halfOpen = check(words.Say("Stay half-open when the peer closes"), func() *bool { return &o.values.HalfOpen })
	o.reset = check(words.Say("Reset on close (RST, not FIN)"), func() *bool { return &o.values.ResetOnClose })
	o.keep = widget.NewCheck(words.Say("Keep alive every"), func(on bool) {
		if on {
			o.keepAlive.entry.Enable()
		} else {
			o.keepAlive.entry.Disable()
		}
		o.keepAlive.check()
		o.changed()
	})
	o.root = container.New(&flow{},
		labelled(words.Say("Connect timeout"), o.timeout), labelled(words.Say("Local address"), o.local),
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
			return errors.New(words.Say("write a port from 1 to 65535 after the colon, like :4000"))
		}
		return nil
	}
	if _, err := netip.ParseAddr(s); err == nil {
		return nil
	}
	if _, err := netip.ParseAddrPort(s); err == nil {
		return nil
	}
	return errors.New(words.Say("write an address of this machine, like 127.0.0.1, 192.168.1.5:4000 or [::1]:4000, or leave it empty"))
}
