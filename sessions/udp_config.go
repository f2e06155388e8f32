package sessions

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
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
	group, source, some := strings.Cut(s, ",")
	group, source = strings.TrimSpace(group), strings.TrimSpace(source)
	a, err := netip.ParseAddr(group)
	if err != nil || !a.IsMulticast() {
		return Group{}, fmt.Errorf("%q is no multicast group: those are 224.0.0.0 to 239.255.255.255, and ff00:: and above", group)
	}
	g := Group{Addr: a.Unmap()}
	if !some {
		return g, nil
	}
	if g.Source, err = netip.ParseAddr(source); err != nil {
		return Group{}, fmt.Errorf("%q is no address of a host that sends to %s: write one, or leave it and the comma out for any source", source, a)
	}
	g.Source = g.Source.Unmap()
	return g, g.checkSource()
}

// UDPConfig says where a datagram socket is bound, whom it sends to, and how. [DefaultUDP] returns the
// usual values.
type UDPConfig struct {
	// Address is where the socket is bound, as ParseBind reads it; "" is ":0". Without a host it is every
	// address of the IP version of Groups if there are any, which they need, else the address by which this
	// machine reaches the target, else 127.0.0.1.
	Address string
	Target  string // where Send goes, as ParseTarget reads it; "" for nowhere yet
	// Connect takes datagrams of the target alone; others are counted, and not kept. Sending elsewhere is
	// refused. The socket itself stays as it is, so this can be switched at any time.
	Connect      bool
	ReuseAddress bool // several sockets may be bound to the same port (SO_REUSEADDR)
	Broadcast    bool // sending to broadcast addresses is allowed
	// ReceiveBuffer is how many bytes may wait in the system, 0 for 64 MiB; it gives what it allows.
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
	defaultReceiveBuffer = 64 << 20
	// udpBacklog is how much of a capture may wait for the disk. A peer of a stream waits too when it is
	// full, while datagrams are lost; this is half a second of a flood.
	udpBacklog        = 64 << 20
	mostReceiveBuffer = 1 << 30
	mostGroups        = 256
	// most payload bytes of a datagram: 65,535 less the headers.
	mostDatagram4 = 65_507
	mostDatagram6 = 65_527
)

// noneToConnect is why Connect needs a target.
const noneToConnect = "there is no target whose datagrams alone could be taken: write host:port"

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
			bound, _ := netip.ParseAddr(p.host)
			if a, err = remoteAddr(a, bound); err == nil && bound.IsValid() && !sameFamily(bound.Unmap(), a) {
				err = otherFamily(p.targetHost, bound)
			}
			if err == nil && c.Connect {
				err = checkConnect(a)
			}
			if err != nil {
				return fault("Target", c.Target, err)
			}
		}
	} else if c.Connect {
		return fault("Target", "", errors.New(noneToConnect))
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
