package sessions

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"wirebench/sessions/capture"
)

// Group is a multicast group on an interface.
type Group struct {
	Addr      netip.Addr
	Source    netip.Addr // only what this host sends; invalid for any source
	Interface string     // by name; "" is the system's choice
}

// String writes it as "239.1.2.3 from 192.0.2.7 on eth0".
func (g Group) String() string {
	text := g.Addr.String()
	if g.Source.IsValid() {
		text += " from " + g.Source.String()
	}
	if g.Interface != "" {
		text += " on " + g.Interface
	}
	return text
}

// ParseGroup reads "239.1.2.3", or "239.1.2.3,192.0.2.7" for what one host sends to it.
func ParseGroup(s string) (Group, error) {
	group, source, some := strings.Cut(strings.TrimSpace(s), ",")
	a, err := netip.ParseAddr(strings.TrimSpace(group))
	if err != nil || !a.IsMulticast() {
		return Group{}, fmt.Errorf("%q is no multicast group: those are 224.0.0.0 to 239.255.255.255, and ff00:: and above", group)
	}
	g := Group{Addr: a.Unmap()}
	if some {
		if g.Source, err = netip.ParseAddr(strings.TrimSpace(source)); err != nil || g.Source.IsMulticast() {
			return Group{}, fmt.Errorf("%q is no address of a host that sends to %s", source, a)
		}
	}
	return g, nil
}

// UDPConfig says where a datagram socket is bound, whom it sends to, and how. [DefaultUDP] returns the
// usual values.
type UDPConfig struct {
	// Address is where the socket is bound, as ParseListen reads it; "" is ":0". Without a host it is every
	// address of the IP version of Groups if there are any, which they need, else the address by which this
	// machine reaches the target, else 127.0.0.1.
	Address string
	Target  string // where Send goes, as ParseTarget reads it; "" for nowhere yet
	// Connect takes datagrams of the target alone; others are counted, and not kept. Sending elsewhere is
	// refused. The socket itself stays as it is, so this can be switched at any time.
	Connect      bool
	ReuseAddress bool // several sockets may be bound to the same port (SO_REUSEADDR)
	Broadcast    bool // sending to broadcast addresses is allowed
	// ReceiveBuffer is how many bytes may wait in the system, 0 for 8 MiB; it gives what it allows.
	ReceiveBuffer int

	TTL                int // of what is sent to one host, 1 to 255; 0 is the system's
	Groups             []Group
	MulticastInterface string // through which groups are sent to; "" is the system's choice
	MulticastTTL       int    // 1 to 255; 0 is 1, which stays in this network
	MulticastLoop      bool   // what is sent to a group comes back to this machine's members
}

// DefaultUDP returns the configuration of a new datagram session.
func DefaultUDP() UDPConfig { return UDPConfig{MulticastLoop: true} }

const (
	defaultReceiveBuffer = 8 << 20
	// udpBacklog is how much of a capture may wait for the disk. A peer of a stream waits too when it is
	// full, while datagrams are lost; this is half a second of a flood.
	udpBacklog        = 64 << 20
	mostReceiveBuffer = 1 << 30
	mostGroups        = 256
	// most payload bytes of a datagram: 65,535 less the headers.
	mostDatagram4 = 65_507
	mostDatagram6 = 65_527
)

// Check returns a [*ConfigError] that names the first field that cannot work, or nil. It looks at the
// interfaces of this machine, but at nothing on the network.
func (c UDPConfig) Check() error {
	_, err := c.plan()
	return err
}

// udpPlan is a checked configuration.
type udpPlan struct {
	host       string // "" where none was written
	port       uint16
	targetHost string // "" for none
	targetPort uint16
}

func (c UDPConfig) plan() (p udpPlan, err error) {
	fault := func(field, value string, err error) (udpPlan, error) {
		return udpPlan{}, &ConfigError{Field: field, Value: value, Problem: err.Error()}
	}
	address := strings.TrimSpace(c.Address)
	if address == "" {
		address = ":0"
	}
	if p.host, p.port, err = ParseBind(address); err != nil {
		return fault("Address", c.Address, err)
	}
	if strings.TrimSpace(c.Target) != "" {
		if p.targetHost, p.targetPort, err = ParseTargetOf(UDP, c.Target); err != nil {
			return fault("Target", c.Target, err)
		}
		if a, err := netip.ParseAddr(p.targetHost); err == nil {
			if err := checkZone(a); err != nil && !a.IsMulticast() {
				return fault("Target", c.Target, err)
			}
			if bound, err := netip.ParseAddr(p.host); err == nil && !sameFamily(bound.Unmap(), a.Unmap()) {
				return fault("Target", c.Target, otherFamily(p.targetHost, bound))
			}
		}
	} else if c.Connect {
		return fault("Target", "", errors.New("there is no target whose datagrams alone could be taken: write host:port"))
	}
	for _, n := range []struct {
		field      string
		value, max int
	}{{"TTL", c.TTL, 255}, {"MulticastTTL", c.MulticastTTL, 255}, {"ReceiveBuffer", c.ReceiveBuffer, mostReceiveBuffer}} {
		if n.value < 0 || n.value > n.max {
			return fault(n.field, strconv.Itoa(n.value), fmt.Errorf("%s is out of range: write 1 to %s, or 0 for the usual", thousands(int64(n.value)), thousands(int64(n.max))))
		}
	}
	if len(c.Groups) > mostGroups {
		return fault("Groups", "", fmt.Errorf("%d groups are too many: %d are the most", len(c.Groups), mostGroups))
	}
	if _, err := multicastInterface(c.MulticastInterface); err != nil {
		return fault("MulticastInterface", c.MulticastInterface, err)
	}
	for _, g := range c.Groups {
		if err := g.check(); err != nil {
			return fault("Groups", g.String(), err)
		}
	}
	return p, nil
}

// ParseBind is [ParseListen] for a datagram socket: "udp://" may stand in front, and a port alone comes
// back without a host.
func ParseBind(s string) (host string, port uint16, err error) {
	s = strings.TrimSpace(s)
	if rest, ok := strings.CutPrefix(strings.ToLower(s), "udp://"); ok {
		s = strings.TrimSuffix(rest, "/")
	}
	if strings.Trim(s, "0123456789") == "" && s != "" {
		s = ":" + s
	}
	host, port, err = ParseListen(s)
	if err == nil && strings.HasPrefix(s, ":") {
		host = ""
	}
	return host, port, err
}

// UDPInfo describes a datagram socket now. Counts are of the session's whole life.
type UDPInfo struct {
	State  State
	Local  netip.AddrPort // where it is bound, or was last
	Remote netip.AddrPort // the target, resolved; invalid for none
	Since  time.Time      // when it was bound
	Err    error          // why the state is Failed

	In, Out, BytesIn, BytesOut int64 // datagrams and their payload
	KernelDropped              int64 // the system had no room for; Linux tells, others do not
	Filtered                   int64 // not of the target, while Connect was on
	SendErrors                 int64 // sends that failed, and ICMP errors that came back
	ReceiveBuffer              int   // bytes that the system gave
	Groups                     []Group
	MTU                        int // of the interface that the target is reached through; 0 unknown
	Peers                      int
	PeersForgotten             int64 // that had no place in the list
}

// UDPSession is a datagram socket. See [Session] for Start and Close, which it shares with every kind.
// What it sends always comes from the port it is bound to. Datagrams keep their borders: one Send is one
// datagram, and each that arrives is one record.
type UDPSession struct {
	common
	version atomic.Uint64
	rec     sync.Mutex // held while datagrams are recorded, with the system call that sent them

	in, out, bytesIn, bytesOut, dropped, filtered, sendErrors atomic.Int64
	only                                                      atomic.Pointer[netip.AddrPort] // whom alone to hear; nil for all

	peers peerTable

	mu     sync.Mutex
	config UDPConfig
	gone   bool
	cur    *udpSocket
	done   chan struct{}
	wg     sync.WaitGroup
}

var _ Session = (*UDPSession)(nil)

// NewUDP makes a session in the state Idle. The configuration is checked by Start; the error is the
// capture's. The session closes the capture's writer, and whoever made the session releases or deletes
// the capture.
func NewUDP(c UDPConfig, o Options) (*UDPSession, error) {
	u := &UDPSession{config: c, done: closedChan}
	u.config.Groups = slices.Clone(c.Groups)
	if o.Capture.Backlog == 0 {
		o.Capture.Backlog = udpBacklog
	}
	if err := u.common.init(UDP, c.Address, o); err != nil {
		return nil, err
	}
	return u, nil
}

// Config returns the configuration.
func (u *UDPSession) Config() UDPConfig {
	u.mu.Lock()
	defer u.mu.Unlock()
	c := u.config
	c.Groups = slices.Clone(c.Groups)
	return c
}

// Configure replaces the configuration, for the next Start. While the socket is bound, Broadcast, TTL and how
// groups are sent to act at once; for another Target, Connect or Groups see SetTarget, Join and Leave, and for
// anything else it returns [ErrLive].
func (u *UDPSession) Configure(c UDPConfig) error {
	c.Groups = slices.Clone(c.Groups)
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case u.gone:
		return ErrClosed
	case u.cur == nil || !u.cur.state.Live():
		u.config = c
		return nil
	case u.cur.state != Open || !sameBinding(c, u.config):
		return fmt.Errorf("configure: %w; unbind first", ErrLive)
	}
	if err := c.Check(); err != nil {
		return err
	}
	s := u.cur
	if err := s.groupd.set(c.MulticastTTL, c.MulticastLoop, c.MulticastInterface); err != nil {
		return err
	}
	if err := setChoices(s.conn, c); err != nil {
		return because("configure", err)
	}
	s.ways.forget()
	u.config = c
	return nil
}

// sameBinding reports whether two configurations differ in nothing but what Configure changes on a socket
// that is bound.
func sameBinding(a, b UDPConfig) bool {
	return a.Address == b.Address && a.Target == b.Target && a.Connect == b.Connect && a.ReuseAddress == b.ReuseAddress &&
		a.ReceiveBuffer == b.ReceiveBuffer && slices.Equal(a.Groups, b.Groups)
}

// Version moves whenever Info or Peers may answer differently. It costs one atomic load.
func (u *UDPSession) Version() uint64 { return u.version.Load() }

// State says where the socket stands.
func (u *UDPSession) State() State {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.cur == nil {
		return Idle
	}
	return u.cur.state
}

// Done returns a channel that is closed when the socket is closed, the last event has been delivered and
// its goroutines are gone. Before the first Start it is closed already.
func (u *UDPSession) Done() <-chan struct{} {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.done
}

// Info describes the socket now.
func (u *UDPSession) Info() UDPInfo {
	u.countDrops()
	i := UDPInfo{
		In: u.in.Load(), Out: u.out.Load(), BytesIn: u.bytesIn.Load(), BytesOut: u.bytesOut.Load(),
		KernelDropped: u.dropped.Load(), Filtered: u.filtered.Load(), SendErrors: u.sendErrors.Load(),
	}
	i.Peers, i.PeersForgotten = u.peers.size()
	u.mu.Lock()
	defer u.mu.Unlock()
	if s := u.cur; s != nil {
		i.State, i.Local, i.Remote, i.Since, i.Err = s.state, s.local, s.remote, s.since, s.err
		i.ReceiveBuffer, i.MTU, i.Groups = s.buffer, s.mtu, slices.Clone(s.groups)
	}
	return i
}

// countDrops asks the system how many datagrams it had no room for. It tells that beside each datagram too,
// but a flood that ends in drops is followed by none.
func (u *UDPSession) countDrops() {
	u.mu.Lock()
	s := u.cur
	if s == nil || s.state != Open {
		u.mu.Unlock()
		return
	}
	conn := s.conn
	u.mu.Unlock()
	if n, ok := kernelDrops(conn); ok {
		s.dropped(n)
	}
}

// dropped takes down the system's counter of a socket, which goes round at 2^32.
func (s *udpSocket) dropped(counter uint32) {
	s.dropMu.Lock()
	defer s.dropMu.Unlock()
	// Of two looks at the same time the later may come first.
	if more := int32(counter - s.drops); more > 0 {
		s.drops = counter
		s.u.dropped.Add(int64(more))
	}
}

// Start binds the socket; see [Session]. One that is bound is closed first.
func (u *UDPSession) Start(ctx context.Context) error {
	c := u.Config()
	p, err := c.plan()
	if err != nil {
		return err
	}
	s := &udpSocket{u: u, config: c, plan: p, state: Opening, done: make(chan struct{})}
	s.ctx, s.cancel = context.WithCancel(ctx)
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.gone {
		s.cancel()
		return fmt.Errorf("start: %w", ErrClosed)
	}
	name := c.Address
	if c.Target != "" {
		name = strings.TrimSpace(name + " to " + c.Target)
	}
	u.log.SetName(name)
	before := u.cur
	if before != nil {
		before.cancel()
	}
	u.cur, u.done = s, s.done
	u.wg.Add(1)
	go s.run(before)
	return nil
}

// Disconnect closes the socket and returns at once. It returns [ErrNotOpen] when there is none.
func (u *UDPSession) Disconnect() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.cur == nil || !u.cur.state.Live() {
		return fmt.Errorf("unbind: %w", ErrNotOpen)
	}
	u.cur.cancel()
	return nil
}

// Close closes the socket, waits for every goroutine of the session, and closes the capture's writer; the
// capture stays readable. It must not be called from inside an Observer. Close again returns nil.
func (u *UDPSession) Close() error {
	u.mu.Lock()
	first := !u.gone
	u.gone = true
	if u.cur != nil {
		u.cur.cancel()
	}
	u.mu.Unlock()
	u.wg.Wait()
	if !first {
		return nil
	}
	return u.log.Close()
}

// socket returns the socket while it is bound.
func (u *UDPSession) socket(what string) (*udpSocket, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case u.cur == nil || !u.cur.state.Live():
		return nil, fmt.Errorf("%s: %w; bind first", what, ErrNotOpen)
	case u.cur.state == Opening:
		return nil, fmt.Errorf("%s: %w yet; it is still being bound", what, ErrNotOpen)
	}
	return u.cur, nil
}

// tell tells the observer of something.
func (u *UDPSession) tell(e Event) {
	e.Time = u.opts.Clock()
	u.mu.Lock()
	if s := u.cur; s != nil {
		e.State = s.state
		e.Local = s.local
	}
	u.mu.Unlock()
	u.version.Add(1)
	u.obs.take()
	defer u.obs.pass()
	u.obs.to.Event(e)
}

// udpSocket is one socket from its beginning to its end. It owns the goroutine of run, which receives.
type udpSocket struct {
	u      *UDPSession
	config UDPConfig
	plan   udpPlan
	ctx    context.Context
	cancel context.CancelFunc
	done   chan struct{}
	conn   *net.UDPConn
	v6     bool
	groupd *multicaster
	local  netip.AddrPort // set before the state is Open
	ways   localTable
	recent recentSends

	dropMu sync.Mutex
	drops  uint32 // the system's counter, as of the last look

	// Under u.mu.
	state  State
	remote netip.AddrPort
	since  time.Time
	err    error
	buffer int
	mtu    int
	groups []Group
}

// run is the life of the socket.
func (s *udpSocket) run(before *udpSocket) {
	defer s.u.wg.Done()
	defer close(s.done)
	defer s.cancel()
	if before != nil {
		<-before.done
	}
	s.u.tell(Event{Name: EventState})
	if err := s.open(); err != nil {
		s.end(err)
		return
	}
	closed := context.AfterFunc(s.ctx, func() { _ = s.conn.SetReadDeadline(past) })
	err := s.receive()
	closed()
	s.u.countDrops()
	_ = s.conn.Close()
	if s.ctx.Err() != nil {
		err = nil
	}
	s.end(err)
}

// open binds the socket.
func (s *udpSocket) open() error {
	var to netip.AddrPort
	target := joinHostPort(s.plan.targetHost, s.plan.targetPort)
	if s.plan.targetHost != "" && s.plan.host == "" {
		// It decides where the socket is bound.
		var err error
		if to, err = s.u.resolve(s.ctx, target, netip.Addr{}); err != nil {
			return err
		}
	}
	network, host, err := s.bindTo(to)
	if err != nil {
		return err
	}
	if s.plan.targetHost != "" && !to.IsValid() {
		bound, _ := netip.ParseAddr(host) // invalid for every address
		if to, err = s.u.resolve(s.ctx, target, bound); err != nil {
			return err
		}
	}
	op := "bind " + joinHostPort(host, s.plan.port)
	lc := net.ListenConfig{Control: s.config.control}
	pc, err := lc.ListenPacket(s.ctx, network, joinHostPort(host, s.plan.port))
	if err != nil {
		return because(op, err)
	}
	s.conn = pc.(*net.UDPConn)
	s.v6 = network != "udp4"
	buffer, err := tune(s.conn, s.config)
	if err == nil {
		s.groupd, err = newMulticaster(s.conn, s.v6, s.config)
	}
	if err != nil {
		_ = s.conn.Close()
		return because(op, err)
	}
	local := udpAddr(s.conn.LocalAddr())
	s.u.mu.Lock()
	s.local = local
	s.u.mu.Unlock()
	mtu := s.mtuTo(to)
	s.u.mu.Lock()
	s.state, s.since, s.buffer = Open, s.u.opts.Clock(), buffer
	s.setRemote(to, mtu, s.config.Connect)
	s.u.mu.Unlock()
	// Who hears that it is bound may send to a group at once, and is not to miss what it sends.
	for _, g := range s.config.Groups {
		if err := s.u.Join(g); err != nil {
			s.u.note(capture.Flow{}, err.Error())
			s.u.tell(Event{Name: EventIOError, Err: err, Text: err.Error()})
		}
	}
	text := fmt.Sprintf("bound to %s, %s of receive buffer", local, countBytes(int64(buffer)))
	s.u.note(capture.Flow{}, text)
	s.u.tell(Event{Name: EventListening, Text: text})
	return nil
}

// bindTo decides on family and address; to is the target where it is known.
func (s *udpSocket) bindTo(to netip.AddrPort) (network, host string, err error) {
	host = s.plan.host
	switch host {
	case everyAddress:
		return "udp", "", nil
	case "":
		host = ownHost
		if any := anyAddress(s.config.Groups); any == everyAddress {
			return "udp", "", nil
		} else if any != "" {
			host = any
		} else if to.IsValid() {
			if host, err = towards(to); err != nil {
				return "", "", err
			}
		}
	}
	a, err := netip.ParseAddr(host)
	if err != nil {
		addrs, err := (&dialer{target: target{host: host}, resolve: s.u.opts.Resolve}).addresses(s.ctx)
		if err != nil {
			return "", "", fmt.Errorf("bind: %w", err)
		}
		a = addrs[0]
	}
	a = a.Unmap()
	if a.Is4() {
		return "udp4", a.String(), nil
	}
	return "udp6", a.String(), nil
}

// anyAddress returns where a socket is bound to hear groups: a group's datagrams need not arrive at a socket
// that is bound to one address. It is "" without groups.
func anyAddress(groups []Group) string {
	four, six := false, false
	for _, g := range groups {
		if g.Addr.Unmap().Is4() {
			four = true
		} else {
			six = true
		}
	}
	switch {
	case four && six:
		return everyAddress
	case four:
		return "0.0.0.0"
	case six:
		return "::"
	}
	return ""
}

// towards returns the address of this machine from which a target is reached. A datagram socket that is
// connected sends nothing; it only asks the system for the way.
func towards(to netip.AddrPort) (string, error) {
	if to.Addr().IsMulticast() || to.Addr() == netip.AddrFrom4([4]byte{255, 255, 255, 255}) {
		if to.Addr().Is4() {
			return "0.0.0.0", nil
		}
		return "::", nil
	}
	a, err := wayTo(to)
	if err != nil {
		return "", because("send to "+to.String(), err)
	}
	return a.String(), nil
}

// wayTo asks the system from which address of this machine it would send to an address.
func wayTo(to netip.AddrPort) (netip.Addr, error) {
	if to.Addr().IsLoopback() {
		return to.Addr().Unmap(), nil
	}
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(routed(to.Addr()), to.Port())))
	if err != nil {
		return netip.Addr{}, err
	}
	defer c.Close()
	return udpLocal(c), nil
}

// end is the end of the socket; err is why it could not begin or go on.
func (s *udpSocket) end(err error) {
	s.u.mu.Lock()
	text := "closed"
	if err != nil && s.ctx.Err() == nil {
		s.state, s.err, text = Failed, err, err.Error()
	} else {
		s.state, err = Closed, nil
	}
	opened := s.conn != nil
	s.u.mu.Unlock()
	s.dropMu.Lock()
	lost := s.drops
	s.dropMu.Unlock()
	if lost > 0 {
		s.u.note(capture.Flow{}, fmt.Sprintf("the system had no room for %s datagrams, and dropped them", thousands(int64(lost))))
	}
	s.u.note(capture.Flow{}, text)
	if err != nil {
		s.u.tell(Event{Name: EventIOError, Err: err, Text: err.Error()})
	}
	if opened {
		s.u.tell(Event{Name: EventClose, By: ByLocal, Err: err, Text: text})
	}
	s.u.tell(Event{Name: EventState, Text: text})
}

// note records something about the socket, or about datagrams of a flow.
func (u *UDPSession) note(f capture.Flow, text string) {
	u.log.Append(f, capture.Out, capture.Note, nil, text)
}

// udpAddr returns the address of a datagram socket, unmapped.
func udpAddr(a net.Addr) netip.AddrPort {
	u, ok := a.(*net.UDPAddr)
	if !ok || u == nil {
		return netip.AddrPort{}
	}
	ap := u.AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}
