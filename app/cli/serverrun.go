package cli

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"wirebench/sessions"
	"wirebench/sessions/capture"
	"wirebench/sessions/jsonl"
)

// serverRun hears what a server tells.
type serverRun struct {
	config  sessions.ServerConfig
	report  *reporter
	session *sessions.ServerSession
	failed  atomic.Bool

	mu      sync.Mutex
	clients map[capture.Flow]int64 // the numbers of those that are there
}

var _ sessionRun = (*serverRun)(nil)

func newServerRun(c sessions.ServerConfig, r *reporter) *serverRun {
	return &serverRun{config: c, report: r, clients: map[capture.Flow]int64{}}
}

func (r *serverRun) open(o sessions.Options) (sessions.Session, error) {
	session, err := sessions.NewServer(r.config, o)
	r.session = session
	return session, err
}

func (r *serverRun) mistake(bad *sessions.ConfigError) error { return serverMistake(bad) }

// Event implements [sessions.Observer].
func (r *serverRun) Event(e sessions.Event) {
	r.follow(e)
	if errors.As(e.Err, new(*sessions.ConfigError)) {
		e.Err = serverMistake(e.Err) // in a file that could be read but once
	}
	if e.Name == sessions.EventIOError && e.Client == 0 && r.session.Info().Err != nil {
		r.failed.Store(true)
	}
	text := r.inWords(e)
	if text != "" && e.Name == sessions.EventClose {
		r.report.state(e, text) // the close itself is the last that is told of a client
	}
	r.report.event(e, r.config.Address)
	if text != "" && e.Name != sessions.EventClose {
		r.report.state(e, text)
	}
}

// follow keeps the numbers of clients. An address may come again before the end
// of the client that had it is told.
func (r *serverRun) follow(e sessions.Event) {
	if e.Client == 0 {
		return
	}
	flow := capture.Flow{Proto: capture.TCP, Local: e.Local, Remote: e.Remote}
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.State.Live() {
		r.clients[flow] = e.Client
	} else if r.clients[flow] == e.Client {
		delete(r.clients, flow)
	}
}

// inWords returns what only the text of an event tells, "" for nothing.
func (r *serverRun) inWords(e sessions.Event) string {
	switch e.Name {
	case sessions.EventConnect:
		if r.config.TLS != nil {
			return e.Text // what was agreed on
		}
	case sessions.EventClose:
		if e.By == sessions.ByLocal && e.Text != "closed by us (FIN)" {
			return e.Text
		}
	case sessions.EventState:
		if e.Client == 0 && r.session.Info().Listening {
			return e.Text // of a connection that is refused, and of those that are taken again
		}
		if i, _ := r.session.Client(e.Client); i.ReadClosed && e.State == sessions.Open {
			return e.Text // it says no more, and is kept
		}
	}
	return ""
}

// state tells what only the text of an event tells.
func (r *reporter) state(e sessions.Event, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.endFrames(e)
	s := jsonl.State{Head: jsonl.At(e.Time, sessions.EventState), Client: e.Client, Text: text}
	if e.Remote.IsValid() {
		s.Peer = e.Remote.String()
	}
	who := ""
	if e.Client != 0 {
		who = fmt.Sprintf("client %d: ", e.Client)
	}
	r.emit(s, e.Time, "%s%s", who, plain(text))
}

// Data implements [sessions.Observer].
func (r *serverRun) Data(f capture.Flow, d capture.Direction, p []byte) {
	r.mu.Lock()
	client := r.clients[f]
	r.mu.Unlock()
	r.report.data(f, d, p, client)
}

// talk runs until somebody ends it, or the listener fails.
func (r *serverRun) talk(ctx context.Context) {
	select {
	case <-r.session.Done():
	case <-ctx.Done():
	}
}

// end closes the listener and its clients in order. What waits to be sent is
// sent for lastDrain.
func (r *serverRun) end(context.Context) int {
	done := r.session.Done()
	if err := r.session.Shutdown(); err == nil {
		t := time.NewTimer(lastDrain)
		select {
		case <-done:
		case <-t.C:
			if n := r.session.Info().Clients; n > 0 {
				r.report.problem(fmt.Errorf("cut off, being slow to take what waited for them: %s", counted(int64(n), "client")))
			}
		}
		t.Stop()
	}
	if err := r.session.Close(); err != nil {
		r.report.problem(err)
		r.failed.Store(true)
	}
	i := r.session.Info()
	if i.Refused > 0 {
		r.report.problem(fmt.Errorf("refused, because --max-clients %d were there: %s", r.config.MaxClients, counted(i.Refused, "connection")))
	}
	if i.DroppedMessages > 0 {
		r.report.problem(fmt.Errorf("not sent, because more than --max-queue %d waited for a client: %s with %s", r.config.MaxQueue, counted(i.DroppedMessages, "message"), counted(i.DroppedBytes, "byte")))
	}
	if r.failed.Load() {
		return statusFailed
	}
	return statusDone
}
