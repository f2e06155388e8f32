//go:build !windows

package sessions

import "net"

// joinSource makes the datagrams of one source of a group arrive; on may be nil.
func (m *multicaster) joinSource(g Group, on *net.Interface) error {
	if g.Addr.Is4() {
		return m.v4.JoinSourceSpecificGroup(on, udpIP(g.Addr), udpIP(g.Source))
	}
	return m.v6.JoinSourceSpecificGroup(on, udpIP(g.Addr), udpIP(g.Source))
}

// leaveSource undoes joinSource.
func (m *multicaster) leaveSource(g Group, on *net.Interface) error {
	if g.Addr.Is4() {
		return m.v4.LeaveSourceSpecificGroup(on, udpIP(g.Addr), udpIP(g.Source))
	}
	return m.v6.LeaveSourceSpecificGroup(on, udpIP(g.Addr), udpIP(g.Source))
}
