package lab

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"wirebench/sessions"
)

// What Options leave out.
const (
	DefaultMaxClients = 64
	DefaultIdle       = 30 * time.Minute
)

// ErrClosed is returned for a lab that has been closed.
var ErrClosed = errors.New("the practice lab is closed")

// ErrUnknown is in the error for a name that no entry has.
var ErrUnknown = errors.New("no practice server has this name")

// Options say how a lab is run. The zero value is ready.
type Options struct {
	// Dir is the folder for the authority's files, made if need be; "" is a temporary one that Close removes. What a
	// process left that ended without Close is removed by the next Start.
	Dir        string
	MaxClients int           // at each TCP server, more are turned away; 0 is DefaultMaxClients
	Idle       time.Duration // after which a client that says nothing is closed; 0 is DefaultIdle
	UDP        UDPFaults     // what the datagram echo does to begin with; see [Lab.SetUDP]
	// Tell hears what happens, from several goroutines at a time. It must be quick, and may not call Close.
	Tell func(Event)
	// Clock is what certificates are made by; nil is time.Now.
	Clock func() time.Time
}

// Event is something that happened at a server.
type Event struct {
	Time   time.Time
	ID     string // of the entry
	Name   string // sessions.EventConnect, EventClose or EventState
	Client int64  // which of the server's clients, from 1; 0 for none
	Peer   netip.AddrPort
	By     string // of EventClose, who ended the connection: sessions.ByPeer, ByReset or ByLocal, which is the server
	Text   string // in words, safe to show
}

// Counts are what a server counted since it was started. Bytes are those of the connection, TLS included.
type Counts struct {
	Clients           int   // at present
	Accepted, Refused int64 // connections; refused because MaxClients were there
	BytesIn, BytesOut int64
}

// Lab is a set of practice servers. Its methods are safe for concurrent use.
type Lab struct {
	o      Options
	ctx    context.Context
	cancel context.CancelFunc

	mu      sync.Mutex
	running []*running // in the order of the catalogue
	pki     *pki       // nil until the first server needs it
	dir     string     // "" until something lies in it
	made    bool       // dir is a temporary one
	lock    *os.File   // says so to other labs; nil where there are no locks
	faults  UDPFaults
	closed  bool
	ended   chan struct{} // closed when Close has done its work
	failed  error         // what Close could not do; before ended is closed it is Close's own
}

// running is a server that was started.
type running struct {
	entry  Entry
	place  int // in the catalogue
	server server
}

// server is what listens for an entry.
type server interface {
	address() netip.AddrPort
	counts() Counts
	close() // waits for every goroutine; again does nothing
}

// Start starts the servers of these entries, all without any names, and returns when they listen, which takes a
// fraction of a second for the keys of the TLS servers. The lab ends with Close, and when ctx ends. What was started
// until something failed is closed again.
func Start(ctx context.Context, o Options, ids ...string) (*Lab, error) {
	if o.MaxClients < 0 || o.Idle < 0 {
		return nil, errors.New("start the practice lab: neither the number of clients nor the idle time can be negative")
	}
	if o.MaxClients == 0 {
		o.MaxClients = DefaultMaxClients
	}
	if o.Idle == 0 {
		o.Idle = DefaultIdle
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if err := o.UDP.Check(); err != nil {
		return nil, fmt.Errorf("start the practice lab: %w", err)
	}
	if len(ids) == 0 {
		for _, e := range Catalogue() {
			ids = append(ids, e.ID)
		}
	}
	for _, id := range ids {
		if _, err := find(id); err != nil {
			return nil, err
		}
	}
	sweep(os.TempDir())
	l := &Lab{o: o, faults: o.UDP, ended: make(chan struct{})}
	l.ctx, l.cancel = context.WithCancel(context.WithoutCancel(ctx))
	for _, id := range ids {
		err := ctx.Err()
		if err == nil {
			_, err = l.Open(id)
		}
		if err != nil {
			l.Close()
			return nil, fmt.Errorf("start the practice lab: %w", err)
		}
	}
	stop := context.AfterFunc(ctx, func() { l.Close() })
	context.AfterFunc(l.ctx, func() { stop() })
	return l, nil
}

// Catalogue is every entry there is, in order, without the addresses and what else is known only of one that is
// started.
func Catalogue() []Entry {
	var all []Entry
	for i := range catalogue {
		all = append(all, catalogue[i].Entry.clone())
	}
	return all
}

// find returns the place of an entry in the catalogue; case does not matter.
func find(id string) (int, error) {
	for i := range catalogue {
		if strings.EqualFold(catalogue[i].ID, id) {
			return i, nil
		}
	}
	return 0, fmt.Errorf("%w: %.60q", ErrUnknown, id)
}

// Open starts one more server, and returns its entry; of one that runs already it returns the entry.
func (l *Lab) Open(id string) (Entry, error) {
	place, err := find(id)
	if err != nil {
		return Entry{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return Entry{}, ErrClosed
	}
	r, err := l.open(place)
	if err != nil {
		return Entry{}, err
	}
	return r.entry.clone(), nil
}

// open starts the server of a place in the catalogue, unless it runs; l.mu is held.
func (l *Lab) open(place int) (*running, error) {
	for _, r := range l.running {
		if r.place == place {
			return r, nil
		}
	}
	s := &catalogue[place]
	r := &running{entry: s.Entry.clone(), place: place}
	var err error
	if r.server, err = s.start(l, &r.entry); err != nil {
		return nil, fmt.Errorf("%s: %w", s.ID, err)
	}
	r.entry.setUp(r.server.address())
	at, _ := slices.BinarySearchFunc(l.running, place, func(r *running, p int) int { return r.place - p })
	l.running = slices.Insert(l.running, at, r)
	return r, nil
}

// setUp completes the entry of a server that listens.
func (e *Entry) setUp(at netip.AddrPort) {
	e.Address = at.String()
	switch e.Kind {
	case sessions.TLS:
		if e.TLS == nil {
			c := sessions.DefaultTLS()
			e.TLS = &c
		}
		e.TLS.Address = e.Address
	case sessions.UDP:
		c := sessions.DefaultUDP()
		c.Target = e.Address
		e.UDP = &c
	default:
		if e.TCP == nil {
			c := sessions.DefaultTCP()
			e.TCP = &c
		}
		e.TCP.Address = e.Address
	}
	for i := range e.Messages {
		e.Messages[i].Target = e.URL()
	}
}

// Entries are those that are started, in the order of [Catalogue].
func (l *Lab) Entries() []Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []Entry
	for _, r := range l.running {
		all = append(all, r.entry.clone())
	}
	return all
}

// Counts are what the server of an entry counted, and false for one that is not started.
func (l *Lab) Counts(id string) (Counts, bool) {
	s := l.server(id)
	if s == nil {
		return Counts{}, false
	}
	return s.counts(), true
}

// server is that of an entry, nil for one that is not started.
func (l *Lab) server(id string) server {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.running {
		if strings.EqualFold(r.entry.ID, id) {
			return r.server
		}
	}
	return nil
}

// Done is closed when the lab has ended.
func (l *Lab) Done() <-chan struct{} { return l.ended }

// Close stops the servers, closes their clients' connections, waits for every goroutine and removes the authority's
// files where Options named no folder. Again, or while another one is at it, it waits for that and returns the same.
func (l *Lab) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		<-l.ended
		return l.failed
	}
	l.closed = true
	l.mu.Unlock() // nothing is started any more
	defer close(l.ended)
	l.cancel()
	var all sync.WaitGroup
	for _, r := range l.running {
		all.Go(r.server.close)
	}
	all.Wait()
	if !l.made {
		return nil
	}
	discard(l.dir, l.lock)
	if err := os.RemoveAll(l.dir); err != nil {
		l.failed = fmt.Errorf("remove the practice authority's files: %w", err)
	}
	return l.failed
}

// Dir is the folder of the authority's files, "" while there are none.
func (l *Lab) Dir() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.dir
}

// tell tells what happened.
func (l *Lab) tell(e Event) {
	if l.o.Tell != nil {
		e.Time = time.Now()
		l.o.Tell(e)
	}
}
