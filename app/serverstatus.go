package app

import (
	"strings"

	"fyne.io/fyne/v2"

	"wirebench/sessions"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// title names where it listens, without what every new one has, and how many
// clients there are.
func (t *serverTab) title() string {
	i := t.info
	name := words.Say("Server")
	switch {
	case i.Local.IsValid() && i.State != sessions.Failed:
		name += " " + listenName(i.Local, t.server.Config().Address)
	case t.bar.Text() != "":
		name += " " + t.bar.Text()
	}
	name = tabTitle(name)
	if i.Clients > 0 {
		name += " (" + words.Count(int64(i.Clients)) + ")"
	}
	return name
}

func (t *serverTab) icon() fyne.Resource { return stateIcon(serverBadge(t.info)) }

// serverBadge is the badge for a server.
func serverBadge(i sessions.ServerInfo) widgets.StatusState {
	if i.Listening {
		return badge(i.State, widgets.StatusListening)
	}
	return badge(i.State, widgets.StatusNotListening)
}

// statusNow is what the status line shows.
func (t *serverTab) statusNow() widgets.Status {
	i, c := t.info, t.server.Traffic().Stats()
	s := widgets.Status{
		State:   serverBadge(i),
		Detail:  serverDetail(i, t.server.Config()),
		InBytes: i.BytesIn, Incoming: i.MessagesIn,
		OutBytes: i.BytesOut, Outgoing: i.MessagesOut,
		Pending: i.PendingBytes,
		Elapsed: t.elapsed(i.Since, i.Listening),
		Note:    captureNote(c),
	}
	if s.Note == "" {
		s.Note = serverNote(i)
	}
	return s
}

// serverDetail says in a few words where it listens and to whom.
func serverDetail(i sessions.ServerInfo, c sessions.ServerConfig) string {
	var parts []string
	if i.Listening {
		parts = append(parts, listenPlace(i.Local, c.Address))
	}
	if i.State == sessions.Open || i.State == sessions.Closing {
		parts = append(parts, words.Many(int64(i.Clients), "%d client", "%d clients"))
	}
	if i.Listening {
		parts = append(parts, saysByItself(c)...)
	}
	if i.Listening && i.TLS != "" {
		parts = append(parts, words.Say("TLS with %s", i.TLS))
	}
	return strings.Join(parts, ", ")
}

// saysByItself names what a server sends without a person: nobody should wonder
// where it comes from.
func saysByItself(c sessions.ServerConfig) (parts []string) {
	if c.Replies.Greeting != "" {
		parts = append(parts, words.Say("greets // a server, whoever comes in"))
	}
	if c.Replies.Echo {
		parts = append(parts, words.Say("echoes // a server, what it receives"))
	}
	rules := 0
	for _, r := range c.Replies.Rules {
		if !r.Off {
			rules++
		}
	}
	if rules > 0 {
		parts = append(parts, words.Many(int64(rules), "%d rule", "%d rules"))
	}
	if c.Policy != nil {
		parts = append(parts, words.Say("serves a policy file"))
	}
	return parts
}

// serverNote says what did not go well.
func serverNote(i sessions.ServerInfo) string {
	var parts []string
	if i.AcceptErr != nil {
		parts = append(parts, words.Say("no client can come in at the moment: %s", i.AcceptErr))
	}
	if i.Refused > 0 {
		parts = append(parts, words.Many(i.Refused, "%d connection refused", "%d connections refused"))
	}
	if i.Failed > 0 {
		parts = append(parts, words.Many(i.Failed, "%d TLS handshake failed", "%d TLS handshakes failed"))
	}
	if i.DroppedMessages > 0 {
		parts = append(parts, words.Many(i.DroppedMessages, "%d message to slow clients dropped", "%d messages to slow clients dropped"))
	}
	return strings.Join(parts, "; ")
}

func (t *serverTab) busy() string {
	i := t.server.Info()
	switch {
	case i.Clients > 0:
		return words.Many(int64(i.Clients),
			"%d client is connected. Closing the tab closes the connections; what was captured is kept.",
			"%d clients are connected. Closing the tab closes the connections; what was captured is kept.")
	case i.Listening:
		return words.Say("It is listening on %s. Closing the tab ends that; what was captured is kept.", i.Local)
	case i.State == sessions.Opening:
		return words.Say("It is about to listen.")
	}
	return t.traffic.busy()
}
