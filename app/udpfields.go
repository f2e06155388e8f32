package app

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"wirebench/sessions"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// udpOptions are a datagram socket's options as kept on disk.
type udpOptions struct {
	Target       string `json:"target,omitempty"`
	Connect      bool   `json:"connect,omitempty"`
	ReuseAddress bool   `json:"reuseAddress,omitempty"`
	Broadcast    bool   `json:"broadcast,omitempty"`
	TTL          int    `json:"ttl,omitempty"`

	ReceiveBuffer      int          `json:"receiveBuffer,omitempty"`
	Groups             []savedGroup `json:"groups,omitempty"`
	MulticastInterface string       `json:"multicastInterface,omitempty"`
	MulticastTTL       int          `json:"multicastTTL,omitempty"`
	MulticastLoop      bool         `json:"multicastLoop"`

	Every   time.Duration `json:"every,omitempty"` // between two datagrams that are repeated
	FlatOut bool          `json:"flatOut,omitempty"`
	Count   int64         `json:"count,omitempty"`

	AllTraffic bool `json:"allTraffic,omitempty"` // shown although peers are selected
	SortBy     int  `json:"sortBy,omitempty"`     // a widgets.PeerColumn
	SortDown   bool `json:"sortDown,omitempty"`
}

// savedGroup is a multicast group.
type savedGroup struct {
	Addr      netip.Addr `json:"addr"`
	Source    netip.Addr `json:"source,omitzero"`
	Interface string     `json:"interface,omitempty"`
}

// newUDPOptions are those of a new tab.
func (w *workbench) newUDPOptions() *udpOptions {
	o := defaultsOf(w.space.Defaults.UDP, usualUDP)
	return &o
}

// udpValues are the form's values for what was saved.
func udpValues(s *udpOptions) widgets.UDPValues {
	v := widgets.UDPValues{
		ReuseAddress: s.ReuseAddress, Broadcast: s.Broadcast, TTL: s.TTL, ReceiveBuffer: s.ReceiveBuffer,
		MulticastInterface: s.MulticastInterface, MulticastTTL: s.MulticastTTL, MulticastLoop: s.MulticastLoop,
	}
	for _, g := range s.Groups {
		v.Groups = append(v.Groups, widgets.UDPGroup(g))
	}
	return v
}

// savedUDP is what is kept of the form.
func savedUDP(v widgets.UDPValues) *udpOptions {
	s := &udpOptions{
		ReuseAddress: v.ReuseAddress, Broadcast: v.Broadcast, TTL: v.TTL, ReceiveBuffer: v.ReceiveBuffer,
		MulticastInterface: v.MulticastInterface, MulticastTTL: v.MulticastTTL, MulticastLoop: v.MulticastLoop,
	}
	for _, g := range v.Groups {
		s.Groups = append(s.Groups, savedGroup(g))
	}
	return s
}

// udpConfig is what the session is to use.
func udpConfig(address, target string, connect bool, v widgets.UDPValues) sessions.UDPConfig {
	c := sessions.UDPConfig{
		Address: address, Target: target, Connect: connect,
		ReuseAddress: v.ReuseAddress, Broadcast: v.Broadcast, TTL: v.TTL, ReceiveBuffer: v.ReceiveBuffer,
		MulticastInterface: v.MulticastInterface, MulticastTTL: v.MulticastTTL, MulticastLoop: v.MulticastLoop,
	}
	for _, g := range v.Groups {
		c.Groups = append(c.Groups, sessions.Group(g))
	}
	return c
}

// udpInterfaces are this machine's interfaces, for groups.
func udpInterfaces() (list []widgets.UDPInterface) {
	all, err := sessions.Interfaces()
	if err != nil {
		return nil // the system's choice is left
	}
	for _, i := range all {
		var addrs []string
		for _, a := range i.Addrs {
			addrs = append(addrs, a.String())
		}
		list = append(list, widgets.UDPInterface{
			Name: i.Name, Addresses: strings.Join(addrs, ", "), MTU: i.MTU, Up: i.Up, Loopback: i.Loopback, Multicast: i.Multicast,
		})
	}
	return list
}

// udpURL is how a socket is named among the recent ones.
func udpURL(c sessions.UDPConfig) string {
	u := "udp://" + c.Address
	if c.Target != "" {
		u += "?to=" + c.Target
	}
	return u
}

// parseUDPURL reads udp://[host]:port?to=host:port; the target is optional.
func parseUDPURL(u string) (address, target string, err error) {
	rest, query, _ := strings.Cut(u, "?")
	_, rest, _ = strings.Cut(rest, "://")
	if rest = strings.TrimSuffix(rest, "/"); rest == "" {
		rest = anyPort
	}
	if _, _, err := sessions.ParseBind(rest); err != nil {
		return "", "", err
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return "", "", fmt.Errorf("%s: %w", words.Say("what stands behind the ? cannot be read"), err)
	}
	target = values.Get("to")
	if target != "" {
		if _, _, err := sessions.ParseTargetOf(sessions.UDP, target); err != nil {
			return "", "", err
		}
	}
	return rest, target, nil
}
