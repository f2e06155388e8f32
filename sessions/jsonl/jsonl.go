// Package jsonl has the events that Wirebench writes as JSON Lines, one object a
// line: `--json` on the command line and captures exported as jsonl share them.
//
// Every object begins with time and event, and the names of fields are a
// contract: fields may be added, never renamed. A field that says "may be
// missing" is left out where there is nothing to say, as it is for a capture of
// another program; all others are always there. Arrays are never null.
package jsonl

import (
	"encoding/json"
	"io"
	"time"
)

// Layout is how times are written: RFC 3339 with all nine digits of the
// nanoseconds.
const Layout = "2006-01-02T15:04:05.000000000Z07:00"

// Head is how every event begins.
type Head struct {
	Time  string `json:"time"`
	Event string `json:"event"`
}

// At makes the head of an event. The time keeps its zone.
func At(t time.Time, event string) Head { return Head{t.Format(Layout), event} }

// Listening is a server that takes connections: event listening.
type Listening struct {
	Head
	Local string `json:"local"`
}

// Connect is a connection that stands: event connect.
type Connect struct {
	Head
	Client int64  `json:"client,omitempty"` // only of a server: which of its clients, from 1
	Local  string `json:"local,omitempty"`  // may be missing
	Remote string `json:"remote,omitempty"` // may be missing
	Note   string `json:"note,omitempty"`   // may be missing
}

// Data is one read, write, frame or datagram: event socketData.
type Data struct {
	Head
	Client     int64  `json:"client,omitempty"`     // only of a server: which of its clients, from 1
	Direction  string `json:"direction"`            // in or out
	Peer       string `json:"peer,omitempty"`       // may be missing
	Length     int    `json:"length"`               // of Data, in bytes
	WireLength int    `json:"wireLength,omitempty"` // only where a foreign capture cut the packet
	Data       []byte `json:"data"`                 // in base64; not nil, which would be null
	Note       string `json:"note,omitempty"`       // may be missing
	Header     []byte `json:"header,omitempty"`     // only of a frame: what stands before Data, its length
	Complete   *bool  `json:"complete,omitempty"`   // only of a frame: whether it is whole
	Trouble    string `json:"trouble,omitempty"`    // only of a frame: in words, what is wrong with it
}

// Message is one document of XMLSocket: event data.
type Message struct {
	Head
	Client     int64  `json:"client,omitempty"` // only of a server: which of its clients, from 1
	Direction  string `json:"direction"`        // in or out
	Peer       string `json:"peer"`
	Text       string `json:"text"` // what is not UTF-8 in it is replaced
	WellFormed bool   `json:"wellFormed"`
	Complete   bool   `json:"complete"`          // the zero byte has come
	Problem    string `json:"problem,omitempty"` // in words, where and why it is not well-formed
	Trouble    string `json:"trouble,omitempty"` // in words, what is wrong with it otherwise
}

// State is what only a sentence tells: event state.
type State struct {
	Head
	Client int64  `json:"client,omitempty"` // only of a server: which of its clients, from 1
	Peer   string `json:"peer,omitempty"`   // may be missing
	Text   string `json:"text"`
}

// Close is the end of a connection: event close.
type Close struct {
	Head
	Client int64  `json:"client,omitempty"` // only of a server: which of its clients, from 1
	By     string `json:"by"`               // peer, reset or local
	Peer   string `json:"peer,omitempty"`   // may be missing
	Note   string `json:"note,omitempty"`   // may be missing
}

// Error is what failed: event ioError, or securityError where a certificate or a
// policy forbids.
type Error struct {
	Head
	Client int64  `json:"client,omitempty"` // only of a server: which of its clients, from 1
	Error  string `json:"error"`
	Peer   string `json:"peer,omitempty"` // may be missing
	File   string `json:"file,omitempty"` // only where a file failed
}

// Summary is always the last: event summary.
type Summary struct {
	Head
	BytesIn       int64 `json:"bytesIn"`
	BytesOut      int64 `json:"bytesOut"`
	MessagesIn    int64 `json:"messagesIn"`
	MessagesOut   int64 `json:"messagesOut"`
	KernelDropped int64 `json:"kernelDropped"` // 0 of a capture, which does not keep it
	Evicted       int64 `json:"evicted"`       // records
	*Kept
	DurationMs int64 `json:"durationMs"`
	Status     int   `json:"status"` // the exit status
}

// Kept is what a summary of a capture has beyond that of a run.
type Kept struct {
	EvictedBytes int64 `json:"evictedBytes"` // of payload
	Lost         int64 `json:"lost"`         // records
	LostBytes    int64 `json:"lostBytes"`
}

// NewEncoder returns an encoder that writes each event as one line to w, with
// <, > and & as they are.
func NewEncoder(w io.Writer) *json.Encoder {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e
}
