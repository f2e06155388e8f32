package app

import (
	"errors"

	"wirebench/sessions"
)

// tcpClient is the kind of a tab that speaks plain TCP.
type tcpClient struct {
	bench *workbench
	tcp   *sessions.TCPSession
}

var _ clientKind = (*tcpClient)(nil)

func newTCPClient(w *workbench, c sessions.TCPConfig, o sessions.Options) (*tcpClient, error) {
	s, err := sessions.NewTCP(c, o)
	return &tcpClient{bench: w, tcp: s}, err
}

func (k *tcpClient) session() clientSession { return k.tcp }
func (k *tcpClient) address() string        { return k.tcp.Config().Address }
func (k *tcpClient) history() *[]string     { return &k.bench.space.Addresses }

func (k *tcpClient) configure(c sessions.TCPConfig) error {
	if err := c.Check(); err != nil {
		return err
	}
	err := k.tcp.Configure(c)
	if errors.Is(err, sessions.ErrLive) {
		if c != k.tcp.Config() {
			return errChanged
		}
		return nil
	}
	return err
}

func (k *tcpClient) refused(*sessions.ConfigError) bool { return false }
func (k *tcpClient) refresh()                           {}
func (k *tcpClient) take(sessions.Event)                {}
func (k *tcpClient) save(*savedTab)                     {}
func (k *tcpClient) close()                             {}
