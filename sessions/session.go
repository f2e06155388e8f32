// Package sessions is the engine of Wirebench: it opens connections, moves bytes both ways and
// writes everything that happens into a [capture.Log]. It knows no screen.
//
// A session is made once ([NewTCP]), started and ended any number of times, and closed for good with
// [Session.Close]. Each start adds one connection to the same capture. What happens is told three ways:
// the capture keeps all of it, an [Observer] hears it as it happens, and the session's Info describes
// the present state.
//
// Names of events are those of Adobe AIR's socket classes where AIR has one.
package sessions

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"time"

	"github.com/google/uuid"

	"wirebench/sessions/capture"
	"wirebench/sessions/certs"
)

// Kind says what a session speaks.
type Kind uint8

const (
	TCP    Kind = iota // a TCP client
	TLS                // a TCP client behind a TLS handshake
	Server             // a TCP or TLS listener with its clients
	UDP                // a datagram socket
)

// String returns the lower-case name used in captures, in addresses such as tcp://host:port and on
// the command line.
func (k Kind) String() string {
	switch k {
	case TCP:
		return "tcp"
	case TLS:
		return "tls"
	case Server:
		return "server"
	case UDP:
		return "udp"
	}
	return "unknown"
}

// State is where a session stands.
type State uint8

const (
	Idle    State = iota // never started
	Opening              // resolving, connecting
	Open                 // connected; one of the two directions may be closed already
	Closing              // sending what is queued, then waiting a moment for the peer's FIN
	Closed               // ended in order: a FIN from either side, or this side asked for the end
	Failed               // never opened, or broken off: a reset by the peer, a timeout, a lost network
)

// String returns the name in lower case.
func (s State) String() string {
	switch s {
	case Idle:
		return "idle"
	case Opening:
		return "opening"
	case Open:
		return "open"
	case Closing:
		return "closing"
	case Closed:
		return "closed"
	case Failed:
		return "failed"
	}
	return "unknown"
}

// Live reports whether a connection exists or is being made.
func (s State) Live() bool { return s == Opening || s == Open || s == Closing }

// Session is what every kind of session can do. All methods may be called from any goroutine.
type Session interface {
	// ID names the session; its capture carries the same one.
	ID() uuid.UUID
	Kind() Kind
	State() State
	// Traffic returns the capture. It stays readable after Close until its own Release.
	Traffic() *capture.Log
	// Start checks the configuration and begins opening in the session's own goroutine; it returns at
	// once, with a [*ConfigError] if the configuration cannot work and [ErrClosed] after Close. What
	// comes of the opening is told to the Observer and kept in the capture. Cancelling ctx ends the
	// connection. Starting a session that has ended connects again into the same capture; starting one
	// that is open closes the existing connection first.
	Start(ctx context.Context) error
	// Close ends the connection, waits for every goroutine of the session, and closes the capture's
	// writer. It must not be called from inside an Observer.
	Close() error
}

// Names of events. Those AIR knows have AIR's names and meaning, except that close is told whoever
// closed, once for every connect.
const (
	EventListening      = "listening"      // a server takes connections; Local says where
	EventState          = "state"          // State changed, or a direction was closed; Text says what happened
	EventConnect        = "connect"        // the connection stands
	EventClose          = "close"          // the connection has ended; By says who ended it
	EventSocketData     = "socketData"     // reserved for those who write Observer.Data calls down as events
	EventOutputProgress = "outputProgress" // Pending of Total bytes wait to be sent; at most one every 50 ms
	EventIOError        = "ioError"        // Err says what failed; comes before the close it leads to
	EventSecurityError  = "securityError"  // Err says what a certificate or policy forbids
)

// Values of Event.By and TCPInfo.ClosedBy.
const (
	ByPeer  = "peer"  // the peer's FIN came first
	ByReset = "reset" // broken off: an RST from the peer, or the network gave up
	ByLocal = "local" // this side's FIN or RST came first
)

// Event is something that happened to a session. Fields that say nothing about it are zero.
type Event struct {
	Time          time.Time
	Name          string         // one of the Event names
	Client        int64          // which client of a server it is about, from 1; 0 for the session itself
	State         State          // the state as of this event, of the session or the client
	Local, Remote netip.AddrPort // of the connection, once there is one
	By            string         // close: peer, reset or local
	Err           error          // ioError, securityError; close: the reason when By is reset
	Text          string         // one sentence for people; may be empty
	Pending       int64          // outputProgress: bytes accepted and not yet given to the system
	Total         int64          // outputProgress: bytes accepted on this connection
	Report        *certs.Report  // certificate: what is known; nobody may change it
}

// Observer hears what happens, as it happens. Calls are serialised, and in order within each
// direction. Data is called after each read with what was read and after each completed write with
// what was really written; p is valid during the call only. An Observer is called from the goroutines
// that move the bytes, so it must be quick, and it may call any method of the session but Close.
type Observer interface {
	Event(e Event)
	Data(f capture.Flow, d capture.Direction, p []byte)
}

// Options are what a session needs of its surroundings. The zero value uses the system's network and
// clock and tells nobody.
type Options struct {
	Capture  capture.Options
	Observer Observer
	// Dial makes one connection to a literal address. When it is set, the local address and the
	// keep-alive time of the configuration are its own business. Default: [net.Dialer.DialContext].
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Listen makes a server's listener. When it is set, the backlog and the keep-alive time of the
	// configuration are its own business. Default: see [ParseListen].
	Listen func(ctx context.Context, host string, port uint16) (net.Listener, error)
	// Resolve returns the addresses of a name, best first. Default: the system's resolver.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)
	Clock   func() time.Time
}

var (
	// ErrNotOpen is returned by sends while there is no connection, or when its sending side is closed.
	ErrNotOpen = errors.New("not open")
	// ErrBacklog is returned by sends that would leave more than the bound waiting; nothing of them is queued.
	ErrBacklog = errors.New("too much is waiting to be sent")
	// ErrNoUrgent says that a connection is encrypted: urgent data is a mark on TCP's own bytes.
	ErrNoUrgent = errors.New("a TLS connection has no urgent data")
	// ErrClosed is returned by every method that acts after Close.
	ErrClosed = errors.New("the session is closed")
	// ErrLive is returned by Configure while a connection exists or is being made.
	ErrLive = errors.New("the connection is open")
	// ErrCancelled is the error of a transfer that was cancelled.
	ErrCancelled = errors.New("cancelled")
)

// ConfigError is a configuration that cannot work. Field names the field of the configuration it is
// about, so that a form can mark it.
type ConfigError struct {
	Field   string // "Address", "LocalAddress", ...
	Value   string
	Problem string // a sentence that says what is wrong and what to write
}

func (e *ConfigError) Error() string { return e.Problem }

// nobody is the Observer of a session that has none.
type nobody struct{}

func (nobody) Event(Event)                                  {}
func (nobody) Data(capture.Flow, capture.Direction, []byte) {}
