package app

import (
	"reflect"
	"slices"
	"time"

	"wirebench/sessions"
	"wirebench/widgets"
)

// newTabs are the options that new tabs begin with, nil for the engine's own.
// Tabs that are open, and those of the last start, keep theirs.
type newTabs struct {
	TCP    *tcpOptions    `json:"tcp,omitempty"` // of TLS clients too
	TLS    *tlsOptions    `json:"tls,omitempty"`
	Server *serverOptions `json:"server,omitempty"`
	UDP    *udpOptions    `json:"udp,omitempty"`
}

func usualTCP() *tcpOptions { return savedTCP(tcpValues(sessions.DefaultTCP(), nil)) }

func usualTLS() *tlsOptions {
	o := savedTLS(tlsValues(sessions.DefaultTLS(), nil))
	o.CAFiles, o.ExtraFiles, o.CRLFiles = nil, nil, nil // as they are read back
	return o
}

func usualServer() *serverOptions {
	o := savedServer(serverValues(sessions.DefaultServer(), nil))
	o.ClientCAFiles = nil
	return o
}

func usualUDP() *udpOptions {
	return &udpOptions{MulticastLoop: sessions.DefaultUDP().MulticastLoop, SortBy: int(widgets.PeerFirst)}
}

// defaultsOf are the options that new tabs begin with.
func defaultsOf[T any](kept *T, usual func() *T) T {
	if kept != nil {
		return *kept
	}
	return *usual()
}

// changeDefault changes one of the options that new tabs begin with. What is
// as the engine has it is not kept, so that it follows a later version's.
func changeDefault[T any](kept **T, usual func() *T, change func(*T)) {
	o := defaultsOf(*kept, usual)
	change(&o)
	*kept = &o
	if reflect.DeepEqual(&o, usual()) {
		*kept = nil
	}
}

// bound brings what a file said into the ranges that can be chosen.
func (d *newTabs) bound() {
	if o := d.TCP; o != nil {
		if o.Timeout < time.Millisecond || o.Timeout > longestTimeout {
			o.Timeout = usualTCP().Timeout
		}
		if o.KeepAlive < 0 || o.KeepAlive > longestKeep {
			o.KeepAlive = usualTCP().KeepAlive
		}
	}
	if o := d.TLS; o != nil {
		if o.Timeout < time.Millisecond || o.Timeout > longestTimeout {
			o.Timeout = usualTLS().Timeout
		}
		if !slices.Contains(tlsVersions, o.MinVersion) {
			o.MinVersion = usualTLS().MinVersion
		}
		if !slices.Contains(tlsVersions, o.MaxVersion) {
			o.MaxVersion = usualTLS().MaxVersion
		}
	}
	if o := d.Server; o != nil {
		o.MaxClients, o.MaxQueue = min(max(o.MaxClients, 1), mostClients), min(max(o.MaxQueue, leastQueue), mostQueue)
		o.IdleTimeout = min(max(o.IdleTimeout, leastIdleOf(o.IdleTimeout)), longestIdle)
		o.KeepAlive = min(wholeSeconds(max(o.KeepAlive, 0)), longestProbe)
	}
	if o := d.UDP; o != nil {
		o.TTL, o.MulticastTTL = min(max(o.TTL, 0), mostTimesToLive), min(max(o.MulticastTTL, 0), mostTimesToLive)
		o.ReceiveBuffer = min(max(o.ReceiveBuffer, 0), mostUDPBuffer)
	}
}
