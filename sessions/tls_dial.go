package sessions

import (
	"context"
	"crypto/tls"
)

// open is the dial step of a TLS client.
func (t *TLSSession) open(ctx context.Context, s *stream, c TLSConfig, to tlsTarget) (link, error) {
	l, err := openTCP(ctx, s, c.TCPConfig, to.target)
	if err != nil {
		return link{}, err
	}
	conn := tls.Client(l.sock, &tls.Config{ServerName: to.serverName, NextProtos: c.ALPN, MinVersion: to.min, MaxVersion: to.max})
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = l.sock.Close()
		return link{}, err
	}
	l.conn, l.brittle = conn, true
	return l, nil
}
