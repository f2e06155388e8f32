package lab

import (
	"slices"
	"strings"

	"wirebench/sessions"
	"wirebench/sessions/certs"
	"wirebench/sessions/messages"
)

// Entry is one practice server and how a tab for it is set up. It is a copy: whoever has it may change it.
type Entry struct {
	ID    string // "echo", "tls-expired": for command lines, the same in every lab
	Kind  sessions.Kind
	Title string
	Look  [2]string // what to look at, a line each

	// Address is host:port, "" of an entry that is not started.
	Address string
	// Framing is how what is received and sent is cut, as framing.Parse reads it; "" for reads and writes.
	Framing string
	Telnet  bool // the tab speaks Telnet
	// Messages are what to send, the one for the composer first. They have the entry's URL as their target.
	Messages []messages.Message
	// Help is a text for people that goes with the server, "" for none: the protocol of the game.
	Help string

	// One of them is set, as Kind says, and complete: it connects.
	TCP *sessions.TCPConfig
	TLS *sessions.TLSConfig
	UDP *sessions.UDPConfig

	// Expect is what a TLS tab with this configuration says of the certificate, "" of other kinds, and Faults are all the
	// faults it finds, the headline's first.
	Expect certs.Status
	Faults []certs.Code
}

// URL is where the server is, as the command line and messages name it: tcp://127.0.0.1:7777; "" while it is not
// started.
func (e Entry) URL() string {
	if e.Address == "" {
		return ""
	}
	return strings.ToLower(e.Kind.String()) + "://" + e.Address
}

// clone is a copy that shares nothing with e.
func (e Entry) clone() Entry {
	e.Messages, e.Faults = slices.Clone(e.Messages), slices.Clone(e.Faults)
	if e.TCP != nil {
		c := *e.TCP
		e.TCP = &c
	}
	if e.TLS != nil {
		c := *e.TLS
		c.CAFiles, c.ExtraFiles, c.CRLFiles, c.ALPN = slices.Clone(c.CAFiles), slices.Clone(c.ExtraFiles), slices.Clone(c.CRLFiles), slices.Clone(c.ALPN)
		e.TLS = &c
	}
	if e.UDP != nil {
		c := *e.UDP
		c.Groups = slices.Clone(c.Groups)
		e.UDP = &c
	}
	return e
}
