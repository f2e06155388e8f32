package app

import (
	"strings"

	"fyne.io/fyne/v2"

	"wirebench/sessions"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

func (t *clientTab) title() string {
	if t.practice != nil {
		return t.practice.entry.Title
	}
	kind := strings.ToUpper(t.session.Kind().String())
	if a := t.kind.address(); a != "" {
		return tabTitle(kind + " " + a)
	}
	return words.Say("%s client", kind)
}

func (t *clientTab) icon() fyne.Resource { return stateIcon(clientBadge(t.info)) }

// clientBadge is the badge for a connection.
func clientBadge(i sessions.TCPInfo) widgets.StatusState {
	if i.ReadClosed || i.WriteClosed {
		return badge(i.State, widgets.StatusHalfClosed)
	}
	return badge(i.State, widgets.StatusOpen)
}

// addressState says which of the address bar's buttons make sense.
func addressState(i sessions.TCPInfo) widgets.AddressState {
	return widgets.AddressState{Phase: phase(i.State), WriteClosed: i.WriteClosed, CanReconnect: i.State != sessions.Idle}
}

// statusNow is what the status line shows.
func (t *clientTab) statusNow() widgets.Status {
	i, c := t.session.Info(), t.session.Traffic().Stats()
	return widgets.Status{
		State:   clientBadge(i),
		Detail:  detail(i, t.ending),
		InBytes: c.InBytes, Incoming: c.InRecords,
		OutBytes: c.OutBytes, Outgoing: c.OutRecords,
		Pending: i.PendingBytes,
		Elapsed: t.elapsed(i.Since, i.State.Live()),
		Note:    captureNote(c),
	}
}

// detail says in a few words whom the connection is with, or how it ended, as
// the session told it.
func detail(i sessions.TCPInfo, ending string) string {
	switch i.State {
	case sessions.Open:
		switch {
		case i.ReadClosed && i.WriteClosed:
			return words.Say("%s from %s, both sides have closed", i.Remote, i.Local)
		case i.ReadClosed:
			return words.Say("%s from %s, the peer sends no more", i.Remote, i.Local)
		case i.WriteClosed:
			return words.Say("%s from %s, we send no more", i.Remote, i.Local)
		}
		return words.Say("%s from %s // the far end of a connection and the near one", i.Remote, i.Local)
	case sessions.Closed, sessions.Failed:
		if i.ClosedBy != "" { // else it was never open
			return strings.TrimPrefix(ending, "closed ") // the badge says that
		}
	}
	return ""
}

func (t *clientTab) busy() string {
	switch t.info.State {
	case sessions.Open:
		return words.Say("It is connected to %s. Closing the tab closes the connection; what was captured is kept.", t.info.Remote)
	case sessions.Opening:
		return words.Say("It is connecting.")
	case sessions.Closing:
		return words.Say("It is still sending what was queued.")
	}
	return t.traffic.busy()
}
