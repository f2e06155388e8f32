package sessions

import (
	"bufio"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"time"
)

// whoHasDatagramPort is the command that tells which program has a port.
func whoHasDatagramPort(port uint16) string { return fmt.Sprintf("sudo ss -lunp sport = :%d", port) }

// datagramPortHolder is portHolder for a datagram socket.
func datagramPortHolder(a netip.Addr, port uint16) (name string, pid int, own bool) {
	end := time.Now().Add(holderTime)
	return socketHolder(seen(end, func() []string { return boundSockets(a, port, end) }), end)
}

// boundSockets returns the links in /proc/PID/fd of the datagram sockets that keep another from a port of a.
func boundSockets(a netip.Addr, port uint16, end time.Time) []string {
	var found []string
	for _, table := range []string{"/proc/net/udp", "/proc/net/udp6"} {
		f, err := os.Open(table)
		if err != nil {
			continue
		}
		lines := bufio.NewScanner(f)
		lines.Scan() // the headings
		for lines.Scan() && time.Now().Before(end) {
			field := strings.Fields(lines.Text())
			if len(field) < 10 {
				break
			}
			at, err := parseProcAddr(field[1])
			if err != nil || at.Port() != port {
				continue
			}
			has := at.Addr().Unmap()
			if !a.IsValid() || a.IsUnspecified() || has.IsUnspecified() || has == a.WithZone("") {
				found = append(found, "socket:["+field[9]+"]")
			}
		}
		_ = f.Close()
	}
	return found
}
