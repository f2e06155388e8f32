package capture

import (
	"errors"
	"net/netip"
	"time"

	"github.com/google/uuid"
)

// Direction says which way a record went, seen from this machine.
type Direction uint8

const (
	// In is from the peer to us.
	In Direction = iota
	// Out is from us to the peer.
	Out
)

// String returns "in" or "out".
func (d Direction) String() string {
	if d == Out {
		return "out"
	}
	return "in"
}

// Kind says what a record stands for.
type Kind uint8

const (
	// Data carries payload (a UDP datagram may be empty).
	Data Kind = iota
	// Open is the opening of a connection: SYN, and SYN-ACK from the other side.
	Open
	// Close is the orderly end of one direction: FIN.
	Close
	// Reset is the abrupt end of both directions: RST.
	Reset
	// Note is text only.
	Note
)

// String returns "data", "open", "close", "reset" or "note".
func (k Kind) String() string {
	switch k {
	case Open:
		return "open"
	case Close:
		return "close"
	case Reset:
		return "reset"
	case Note:
		return "note"
	}
	return "data"
}

// Proto is an IP protocol number. Zero stands for a note without a connection.
type Proto uint8

const (
	// TCP is protocol 6 (RFC 9293).
	TCP Proto = 6
	// UDP is protocol 17 (RFC 768).
	UDP Proto = 17
)

// String returns "tcp", "udp" or "".
func (p Proto) String() string {
	switch p {
	case TCP:
		return "tcp"
	case UDP:
		return "udp"
	}
	return ""
}

// Flow names a connection (TCP) or a pair of sockets (UDP). Flows compare with ==.
//
// A flow read back from a capture is in the form the packet headers hold: v4-mapped addresses are plain IPv4,
// zones are gone, and an invalid address has become the unspecified one.
type Flow struct {
	Proto         Proto
	Local, Remote netip.AddrPort
}

// Stream chooses which payload bytes an offset counts.
type Stream uint8

const (
	// Both is the payload of both directions, interleaved in record order.
	Both Stream = iota
	// InOnly is the payload of the records that came in.
	InOnly
	// OutOnly is the payload of the records that went out.
	OutOnly
)

// String returns "both", "in" or "out".
func (s Stream) String() string {
	switch s {
	case InOnly:
		return "in"
	case OutOnly:
		return "out"
	}
	return "both"
}

// Record describes one packet of the capture. It holds no payload; see [Log.Payload] and [Log.ReadAt].
type Record struct {
	Number     int64     // from 1, and equal to Wireshark's frame.number of the saved capture
	Time       time.Time // nanoseconds
	Dir        Direction
	Kind       Kind
	Flow       Flow
	Len        int    // payload bytes held (Data), else 0
	WireLen    int    // payload bytes on the wire (> Len where a foreign capture was cut by its snaplen)
	Offset     int64  // offset of the first payload byte in the log's stream of its own direction (all flows)
	BothOffset int64  // the same in the interleaved stream
	Note       string // packet comment, "" for none; valid UTF-8, at most MaxNote bytes

	// at is where the payload lies in its segment's file, so that Payload need not look for it; 0 when not known.
	at int64
}

// In returns the offset of the record's first payload byte in stream s. A record that is not part of s (its
// direction is the other one) returns -1.
func (r Record) In(s Stream) int64 {
	switch {
	case s == Both:
		return r.BothOffset
	case (s == InOnly) == (r.Dir == In):
		return r.Offset
	}
	return -1
}

// Meta names the session a capture belongs to. It is kept as JSON in the comment of every section header.
type Meta struct {
	Session uuid.UUID `json:"session"`
	Kind    string    `json:"kind"` // "tcp", "tls", "server", "udp"; "file" for a capture of another program
	Name    string    `json:"name"` // "127.0.0.1:7777"
	Created time.Time `json:"created"`
}

// Stats is one consistent look at a log.
type Stats struct {
	Version                      uint64
	First, Last                  int64 // numbers of the oldest kept and newest readable record; Last == First-1 when empty
	InBytes, OutBytes            int64 // payload ever readable, evicted included = end offsets of the two streams (Both = sum)
	InRecords, OutRecords        int64 // Data records
	FirstIn, FirstOut, FirstBoth int64 // offsets of the oldest kept byte
	DiskBytes, Budget            int64
	PendingBytes                 int64 // payload appended, not yet readable
	EvictedRecords, EvictedBytes int64 // records and payload bytes deleted to stay within the budget
	LostRecords, LostBytes       int64 // records and payload bytes appended while capturing was stopped
	Err                          error // why capturing stopped, nil while it goes on
	Start, End                   time.Time
}

// StreamEnd returns the end offset of stream s: one more than the offset of its newest readable byte.
func (st Stats) StreamEnd(s Stream) int64 {
	switch s {
	case InOnly:
		return st.InBytes
	case OutOnly:
		return st.OutBytes
	}
	return st.InBytes + st.OutBytes
}

// StreamStart returns the offset of the oldest byte of stream s that is still kept.
func (st Stats) StreamStart(s Stream) int64 {
	switch s {
	case InOnly:
		return st.FirstIn
	case OutOnly:
		return st.FirstOut
	}
	return st.FirstBoth
}

const (
	// MaxPayload is the most payload bytes one TCP record holds; Append splits what is longer. A UDP record holds
	// a whole datagram, at most 65,507 bytes over IPv4 and 65,527 over IPv6.
	MaxPayload = 60000
	// MaxNote is the most bytes of a note that are kept.
	MaxNote = 4096
)

var (
	// ErrEvicted is returned for a record or byte that was deleted to keep the capture within its budget.
	ErrEvicted = errors.New("deleted to keep the capture within its disk budget")
	// ErrReadOnly is returned by what would change a capture that was opened from files.
	ErrReadOnly = errors.New("the capture was opened from a file and cannot be changed")
)
