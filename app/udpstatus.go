package app

import (
	"strings"

	"fyne.io/fyne/v2"

	"wirebench/sessions"
	"wirebench/widgets"
	"wirebench/widgets/words"
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
		return tabTitle("UDP " + listenName(i.Local, t.session.Config().Address))
	case t.bar.Text() != "" && t.bar.Text() != anyPort:
		return tabTitle("UDP " + t.bar.Text())
	}
	return "UDP"
}

func (t *udpTab) icon() fyne.Resource { return stateIcon(badge(t.info.State, widgets.StatusBound)) }

// statusNow is what the status line shows.
func (t *udpTab) statusNow() widgets.Status {
	i, c := t.info, t.session.Traffic().Stats()
	s := widgets.Status{
		State:   badge(i.State, widgets.StatusBound),
		Detail:  udpDetail(i, t.session.Config()),
		InBytes: i.BytesIn, Incoming: i.In,
		OutBytes: i.BytesOut, Outgoing: i.Out,
		Elapsed: t.elapsed(i.Since, i.State == sessions.Open),
		Note:    captureNote(c),
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
	parts := []string{listenPlace(i.Local, c.Address)}
	if c.Connect && i.Remote.IsValid() {
		parts = append(parts, words.Say("only from %s // an address", i.Remote))
	}
	switch len(i.Groups) {
	case 0:
	case 1:
		parts = append(parts, words.Say("in %s // a multicast group", i.Groups[0]))
	default:
		parts = append(parts, words.Many(int64(len(i.Groups)), "%d group", "%d groups"))
	}
	return strings.Join(parts, ", ")
}

// udpNote says what did not get through.
func udpNote(i sessions.UDPInfo) string {
	var parts []string
	if i.KernelDropped > 0 {
		parts = append(parts, words.Many(i.KernelDropped,
			"%d datagram dropped by the system, which had %s of room", "%d datagrams dropped by the system, which had %s of room", widgets.FormatSize(int64(i.ReceiveBuffer))))
	}
	if i.Filtered > 0 {
		parts = append(parts, words.Many(i.Filtered, "%d datagram of others not taken", "%d datagrams of others not taken"))
	}
	if i.SendErrors > 0 {
		parts = append(parts, words.Many(i.SendErrors, "%d error of sending", "%d errors of sending"))
	}
	return strings.Join(parts, "; ")
}

func (t *udpTab) busy() string {
	i := t.session.Info()
	switch {
	case t.repeater != nil:
		return words.Say("It is sending to %s again and again. Closing the tab ends that; what was captured is kept.", i.Remote)
	case i.State == sessions.Open:
		return words.Say("It is bound to %s. Closing the tab ends that; what was captured is kept.", i.Local)
	case i.State == sessions.Opening:
		return words.Say("It is being bound.")
	}
	return t.traffic.busy()
}
