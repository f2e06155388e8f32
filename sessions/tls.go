package sessions

import (
	"context"
	"fmt"
	"sync"

	"wirebench/sessions/certs"
)

// EventCertificate tells what is known about the peer's certificate: Event.Report. It comes once for
// every attempt to connect that was not cancelled, before the connect it allows or the error it leads
// to, and again after [TLSSession.LookUp].
const EventCertificate = "certificate"

// TLSSession is a TCP client behind a TLS handshake. See [Session] for Start and Close; everything
// else that is not declared here is as it is with a [TCPSession].
type TLSSession struct {
	client
	config TLSConfig // under client.mu

	life context.Context // ends with Close, and with it what runs beside the connection
	end  context.CancelFunc
	busy sync.WaitGroup // LookUp and TestResumption

	seenMu sync.Mutex
	seen   *inspection // what the present or last connection was found to be; nil before
}

var _ Session = (*TLSSession)(nil)

// NewTLS makes a session in the state Idle; see [NewTCP].
func NewTLS(c TLSConfig, o Options) (*TLSSession, error) {
	t := &TLSSession{config: c.clone()}
	if err := t.client.init(TLS, c.Address, o); err != nil {
		return nil, err
	}
	t.life, t.end = context.WithCancel(context.Background())
	return t, nil
}

// Configure replaces the configuration, to be used from the next Start on. It returns [ErrLive] while
// a connection exists or is being made, and [ErrClosed] after Close.
func (t *TLSSession) Configure(c TLSConfig) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.gone {
		return ErrClosed
	}
	if t.cur != nil && t.cur.live() {
		return fmt.Errorf("configure: %w; disconnect first", ErrLive)
	}
	t.config = c.clone()
	return nil
}

// Config returns the configuration that the next Start uses. Its slices are the caller's.
func (t *TLSSession) Config() TLSConfig {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.config.clone()
}

// Start connects; see [Session]. Files that the configuration names are read before it returns, and
// one that cannot be used is a [*ConfigError].
func (t *TLSSession) Start(ctx context.Context) error {
	c := t.Config()
	to, err := c.tlsTarget()
	if err != nil {
		return err
	}
	files, err := c.load()
	if err != nil {
		return err
	}
	t.log.SetName(joinHostPort(to.host, to.port))
	err = t.client.start(ctx, plan{
		open:         func(ctx context.Context, s *stream) (link, error) { return t.open(ctx, s, c, to, files) },
		keepHalfOpen: c.KeepHalfOpen,
		resetOnClose: c.ResetOnClose,
	})
	if err != nil {
		files.close()
	}
	return err
}

// Report returns what is known about the certificate of the present connection, or of the last one; nil
// before anything is. It is not changed any more: a later look-up makes another one.
func (t *TLSSession) Report() *certs.Report {
	t.seenMu.Lock()
	defer t.seenMu.Unlock()
	if t.seen == nil {
		return nil
	}
	return t.seen.report
}

// Close ends the connection and everything that runs beside it; see [Session].
func (t *TLSSession) Close() error {
	t.mu.Lock()
	t.end()
	t.mu.Unlock()
	t.busy.Wait()
	return t.client.Close()
}
