package app

import (
	"fmt"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"wirebench/sessions"
	"wirebench/widgets"
)

// title names where it is bound, or whom it talks to alone.
func (t *udpTab) title() string {
	if t.practice != nil {
		return t.practice.entry.Title
	}
	i := t.info
	switch {
	case i.Local.IsValid() && i.State != sessions.Failed && t.bar.State().Connected && i.Remote.IsValid():
		return "UDP " + i.Remote.String()
	case i.Local.IsValid() && i.State != sessions.Failed:
		return "UDP " + listenName(i.Local, t.session.Config().Address)
	case t.bar.Text() != "" && t.bar.Text() != anyPort:
		return "UDP " + t.bar.Text()
	}
	return "UDP"
}

func (t *udpTab) icon() fyne.Resource { return stateIcon(udpBadge(t.info)) }

// udpBadge is the badge for a datagram socket.
func udpBadge(i sessions.UDPInfo) widgets.StatusState {
	switch i.State {
	case sessions.Opening:
		return widgets.StatusOpening
	case sessions.Open:
		return widgets.StatusBound
	case sessions.Closing:
		return widgets.StatusClosing
	case sessions.Closed:
		return widgets.StatusClosed
	case sessions.Failed:
		return widgets.StatusFailed
	}
	return widgets.StatusIdle
}

// statusNow is what the status line shows.
func (t *udpTab) statusNow() widgets.Status {
	i, c := t.info, t.session.Traffic().Stats()
	if i.State == sessions.Open {
		t.lasted = time.Since(i.Since)
	}
	s := widgets.Status{
		State:   udpBadge(i),
		Detail:  udpDetail(i, t.session.Config()),
		InBytes: i.BytesIn, Incoming: i.In,
		OutBytes: i.BytesOut, Outgoing: i.Out,
		Note: captureNote(c),
	}
	if !i.Since.IsZero() {
		s.Elapsed = t.lasted
	}
	if note := udpNote(i); note != "" {
		s.Note = strings.TrimPrefix(s.Note+"; "+note, "; ")
	}
	return s
}

// udpDetail says in a few words where it is bound and what it hears.
func udpDetail(i sessions.UDPInfo, c sessions.UDPConfig) string {
	if i.State != sessions.Open {
		return ""
	}
	where := i.Local.String()
	if i.Local.Addr().IsUnspecified() {
		where = listenName(i.Local, c.Address) + ", on every interface of this machine"
	}
	parts := []string{where}
	if c.Connect && i.Remote.IsValid() {
		parts = append(parts, "only from "+i.Remote.String())
	}
	switch len(i.Groups) {
	case 0:
	case 1:
		parts = append(parts, "in "+i.Groups[0].String())
	default:
		parts = append(parts, counted(len(i.Groups), "group"))
	}
	return strings.Join(parts, ", ")
}

// udpNote says what did not get through.
func udpNote(i sessions.UDPInfo) string {
	var parts []string
	if i.KernelDropped > 0 {
		parts = append(parts, fmt.Sprintf("%s dropped by the system, which had %s of room", counted(int(i.KernelDropped), "datagram"), widgets.FormatSize(int64(i.ReceiveBuffer))))
	}
	if i.Filtered > 0 {
		parts = append(parts, counted(int(i.Filtered), "datagram")+" of others not taken")
	}
	if i.SendErrors > 0 {
		parts = append(parts, counted(int(i.SendErrors), "error")+" of sending")
	}
	return strings.Join(parts, "; ")
}

func (t *udpTab) busy() string {
	i := t.session.Info()
	switch {
	case t.repeater != nil:
		return fmt.Sprintf("It is sending to %s again and again. Closing the tab ends that; what was captured is kept.", i.Remote)
	case i.State == sessions.Open:
		return fmt.Sprintf("It is bound to %s. Closing the tab ends that; what was captured is kept.", i.Local)
	case i.State == sessions.Opening:
		return "It is being bound."
	}
	return t.traffic.busy()
}
