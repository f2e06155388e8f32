package sessions

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"time"

	"wirebench/sessions/capture"
	"wirebench/sessions/telnet"
)

// TCPConfig says where a TCP client connects and how. [DefaultTCP] returns the usual values; only the
// address has none.
type TCPConfig struct {
	Address string // as ParseTarget reads it
	// LocalAddress is "" or port 0 for the system's choice, else "address", ":port" or "address:port".
	LocalAddress string
	// ConnectTimeout bounds resolving and all connection attempts together; 0 means 20 s. When a name
	// has several addresses each gets its share of what is left.
	ConnectTimeout time.Duration
	NoDelay        bool          // send small writes at once (TCP_NODELAY)
	KeepAlive      time.Duration // time between probes of an idle connection, 1 s to 32,767 s; 0 sends none
	ResetOnClose   bool          // Disconnect sends an RST instead of a FIN and drops what is queued
	// KeepHalfOpen keeps the connection open for sending when the peer has sent its FIN. Otherwise what
	// is queued is sent and this side closes too.
	KeepHalfOpen bool
}

const (
	defaultConnectTimeout = 20 * time.Second // AIR's Socket.timeout
	defaultKeepAlive      = 15 * time.Second // net.Dialer's
)

// DefaultTCP returns the configuration of a new TCP session, without an address.
func DefaultTCP() TCPConfig {
	return TCPConfig{ConnectTimeout: defaultConnectTimeout, NoDelay: true, KeepAlive: defaultKeepAlive}
}

// Check returns a [*ConfigError] that names the first field that cannot work, or nil. It looks at the
// interfaces of this machine, but at nothing on the network.
func (c TCPConfig) Check() error {
	_, err := c.targetOf(TCP)
	return err
}

// target is a checked configuration.
type target struct {
	host    string
	port    uint16
	local   netip.AddrPort // invalid address: the system's choice
	timeout time.Duration
}

func (c TCPConfig) targetOf(kind Kind) (target, error) {
	fault := func(field, value string, err error) (target, error) {
		return target{}, &ConfigError{Field: field, Value: value, Problem: err.Error()}
	}
	host, port, err := ParseTargetOf(kind, c.Address)
	if err != nil {
		return fault("Address", c.Address, err)
	}
	literal, literalErr := netip.ParseAddr(host)
	if literalErr == nil {
		if err := checkZone(literal); err != nil {
			return fault("Address", c.Address, err)
		}
	}
	local, err := parseLocal(c.LocalAddress)
	if err != nil {
		return fault("LocalAddress", c.LocalAddress, err)
	}
	if local.Addr().IsValid() {
		if err := checkZone(local.Addr()); err != nil {
			return fault("LocalAddress", c.LocalAddress, fmt.Errorf("local %w", err))
		}
		if literalErr == nil && !sameFamily(local.Addr(), literal.Unmap()) {
			return fault("LocalAddress", c.LocalAddress,
				fmt.Errorf("local address %s is %s, but %s is %s", local.Addr(), family(local.Addr()), literal, family(literal.Unmap())))
		}
	}
	if c.ConnectTimeout < 0 {
		return fault("ConnectTimeout", c.ConnectTimeout.String(), fmt.Errorf("connect timeout %v is negative: write a duration, or 0 for %v", c.ConnectTimeout, defaultConnectTimeout))
	}
	if c.KeepAlive != 0 && (c.KeepAlive < time.Second || c.KeepAlive > 32767*time.Second) {
		return fault("KeepAlive", c.KeepAlive.String(), fmt.Errorf("keep-alive time %v is out of range: write 1s to 32767s, or 0 for none", c.KeepAlive))
	}
	t := target{host: host, port: port, local: local, timeout: c.ConnectTimeout}
	if t.timeout == 0 {
		t.timeout = defaultConnectTimeout
	}
	return t, nil
}

// Attempt is one try to reach one address.
type Attempt struct {
	Addr netip.AddrPort
	Err  error // nil for the one that succeeded
	Took time.Duration
}

// TCPInfo describes the present connection of a stream client, or the last one.
type TCPInfo struct {
	State         State
	Local, Remote netip.AddrPort // invalid until connected
	Attempts      []Attempt      // in order; the slice is the caller's
	Since         time.Time      // when the connection stood; zero before
	ConnectTook   time.Duration  // from Start until it stood
	PendingBytes  int64          // accepted and not yet given to the system, what is left of files included
	UnsentBytes   int64          // once ended: what was accepted and never sent
	ClosedBy      string         // peer, reset or local; "" while it is open and when it never opened
	Err           error          // why the state is Failed
	ReadClosed    bool           // the peer's FIN has arrived
	WriteClosed   bool           // this side's FIN has been sent, or sending failed
}

// TCPSession is a TCP client. See [Session] for Start and Close, which it shares with every kind.
type TCPSession struct {
	client
	config TCPConfig // under client.mu
}

var _ Session = (*TCPSession)(nil)

// NewTCP makes a session in the state Idle. The configuration is checked by Start, so that a session
// may exist before its address does; the error is the capture's. The session closes the capture's
// writer, and whoever made the session releases or deletes the capture.
func NewTCP(c TCPConfig, o Options) (*TCPSession, error) {
	t := &TCPSession{config: c}
	if err := t.client.init(TCP, c.Address, o); err != nil {
		return nil, err
	}
	return t, nil
}

// Configure replaces the configuration, to be used from the next Start on. It returns [ErrLive] while
// a connection exists or is being made, and [ErrClosed] after Close.
func (t *TCPSession) Configure(c TCPConfig) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.gone {
		return ErrClosed
	}
	if t.cur != nil && t.cur.live() {
		return fmt.Errorf("configure: %w; disconnect first", ErrLive)
	}
	t.config = c
	return nil
}

// Config returns the configuration that the next Start uses.
func (t *TCPSession) Config() TCPConfig {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.config
}

// Start connects; see [Session].
func (t *TCPSession) Start(ctx context.Context) error {
	c := t.Config()
	to, err := c.targetOf(TCP)
	if err != nil {
		return err
	}
	t.log.SetName(net.JoinHostPort(to.host, strconv.Itoa(int(to.port))))
	return t.client.start(ctx, plan{
		open:         func(ctx context.Context, s *stream) (link, error) { return openTCP(ctx, s, c, to) },
		keepHalfOpen: c.KeepHalfOpen,
		resetOnClose: c.ResetOnClose,
	})
}

// openTCP is the dial step of a TCP client.
func openTCP(ctx context.Context, s *stream, c TCPConfig, to target) (link, error) {
	l, attempts, err := dialTCP(ctx, s, c, to)
	s.setAttempts(attempts)
	return l, err
}

// dialTCP makes a connection. The attempts come back in order.
func dialTCP(ctx context.Context, s *stream, c TCPConfig, to target) (link, []Attempt, error) {
	d := dialer{
		target:  to,
		dial:    s.c.opts.Dial,
		resolve: s.c.opts.Resolve,
		clock:   s.c.opts.Clock,
		failed:  s.attemptFailed,
	}
	if d.dial == nil {
		d.dial = systemDial(to.local, c.KeepAlive)
	}
	conn, attempts, err := d.run(ctx)
	if err != nil {
		return link{}, attempts, err
	}
	// Failing here means the peer has gone already; the first read says so better.
	if n, ok := conn.(interface{ SetNoDelay(bool) error }); ok {
		_ = n.SetNoDelay(c.NoDelay)
	}
	keepUrgent(conn)
	last := attempts[len(attempts)-1]
	remote := addrPort(conn.RemoteAddr())
	if !remote.IsValid() {
		remote = last.Addr // what an injected Dial returns need not have TCP addresses
	}
	return link{
		conn: conn,
		sock: conn,
		flow: capture.Flow{Proto: capture.TCP, Local: addrPort(conn.LocalAddr()), Remote: remote},
		note: "connected in " + milliseconds(last.Took),
	}, attempts, nil
}

// keepUrgent has a connection give urgent bytes (RFC 9293, 3.8.5) in their place in the stream: else the system
// takes one out of it, which nobody would see. It is called before anything is read. Failing means that the peer
// has gone already.
func keepUrgent(conn net.Conn) {
	if c, ok := conn.(syscall.Conn); ok {
		_ = telnet.InlineUrgent(c)
	}
}

// addrPort returns the address of a TCP connection, unmapped; the zero value when it is no TCP address.
func addrPort(a net.Addr) netip.AddrPort {
	t, ok := a.(*net.TCPAddr)
	if !ok || t == nil {
		return netip.AddrPort{}
	}
	ap := t.AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

func sameFamily(a, b netip.Addr) bool { return a.Is4() == b.Is4() }

func family(a netip.Addr) string {
	if a.Is4() {
		return "IPv4"
	}
	return "IPv6"
}
