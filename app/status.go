package app

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"strings"
	"time"

	"wirebench/sessions"
	"wirebench/sessions/capture"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// badge is the badge for a session in a state, open for one that is open.
func badge(s sessions.State, open widgets.StatusState) widgets.StatusState {
	switch s {
	case sessions.Opening:
		return widgets.StatusOpening
	case sessions.Open:
		return open
	case sessions.Closing:
		return widgets.StatusClosing
	case sessions.Closed:
		return widgets.StatusClosed
	case sessions.Failed:
		return widgets.StatusFailed
	}
	return widgets.StatusIdle
}

// phase is how far a session is, for the bar with its address.
func phase(s sessions.State) widgets.Phase {
	switch s {
	case sessions.Opening:
		return widgets.PhaseOpening
	case sessions.Open:
		return widgets.PhaseOpen
	case sessions.Closing:
		return widgets.PhaseClosing
	}
	return widgets.PhaseReady
}

// elapsed is how long a session has been open since then, or was, when it no
// longer is.
func (d *desk) elapsed(since time.Time, open bool) time.Duration {
	if since.IsZero() {
		return 0
	}
	if open {
		d.lasted = time.Since(since)
	}
	return d.lasted
}

// listenName shortens where a server listens: loopback is usual, and what is
// not says so. address is as it was typed.
func listenName(local netip.AddrPort, address string) string {
	switch a := local.Addr(); {
	case a == netip.AddrFrom4([4]byte{127, 0, 0, 1}):
		return fmt.Sprintf(":%d", local.Port())
	case a.IsUnspecified() && !strings.Contains(address, a.String()):
		return fmt.Sprintf("*:%d", local.Port()) // both families
	}
	return local.String()
}

// listenPlace is where a server or a datagram socket is bound, for the status
// line.
func listenPlace(local netip.AddrPort, address string) string {
	if local.Addr().IsUnspecified() {
		return words.Say("%s, on every interface of this machine", listenName(local, address))
	}
	return local.String()
}

// captureNote says what is wrong with the capture, for the status line.
func captureNote(c capture.Stats) string {
	switch {
	case c.Err != nil:
		return words.Say("Capturing stopped, %s not kept: %s", widgets.FormatSize(c.LostBytes), cause(c.Err))
	case c.EvictedBytes > 0:
		return words.Say("oldest %s evicted: the capture's budget is %s", widgets.FormatSize(c.EvictedBytes), widgets.FormatSize(c.Budget))
	}
	return ""
}

// cause is the reason at the bottom of a file error, without the path: "no
// space left on device".
func cause(err error) string {
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}
