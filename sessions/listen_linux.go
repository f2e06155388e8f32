package sessions

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

const (
	raiseFiles       = "raise it before the start: ulimit -n, as root or up to nofile in /etc/security/limits.conf"
	raiseSystemFiles = "end other programs, or raise it with sudo sysctl fs.file-max"
)

// whoHasPort is the command that tells which program has a port.
func whoHasPort(port uint16) string { return fmt.Sprintf("sudo ss -ltnp sport = :%d", port) }

// portDenied says why the system forbids listening on a port.
func portDenied(port uint16) string {
	first := 1024
	if b, err := os.ReadFile("/proc/sys/net/ipv4/ip_unprivileged_port_start"); err == nil {
		if n, err := strconv.Atoi(strings.TrimSpace(string(b))); err == nil {
			first = n
		}
	}
	if int(port) >= first {
		return "permission denied (the system's security rules forbid it, such as SELinux or AppArmor)"
	}
	program, err := os.Executable()
	if err != nil {
		program = "program"
	}
	return fmt.Sprintf("ports below %d need a right that this program does not have (sudo setcap cap_net_bind_service=+ep %s, or sudo sysctl net.ipv4.ip_unprivileged_port_start=%d; or choose a port from %d on)",
		first, program, port, first)
}

// holderTime bounds the look for who has a port; a machine may have very many processes and files. Tests
// give it more, as a busy machine takes longer to look everywhere.
var holderTime = 100 * time.Millisecond

// portHolder returns the process that listens on a port of a, or on any address when a is invalid. It
// sees what the system shows without privileges, which is this user's processes; a pid of 0 is nobody
// found. Own is true for this process.
func portHolder(a netip.Addr, port uint16) (name string, pid int, own bool) {
	end := time.Now().Add(holderTime)
	return socketHolder(seen(end, func() []string { return listeningSockets(a, port, end) }), end)
}

// seen looks into one of the kernel's tables until it finds something, three times at most. A table is read
// in pieces, and what stands behind a socket that is closed between two of them may be left out.
func seen(end time.Time, look func() []string) (sockets []string) {
	for try := 0; try < 3 && len(sockets) == 0 && time.Now().Before(end); try++ {
		sockets = look()
	}
	return sockets
}

// socketHolder is portHolder for links in /proc/PID/fd, until a time.
func socketHolder(sockets []string, end time.Time) (name string, pid int, own bool) {
	if len(sockets) == 0 {
		return "", 0, false
	}
	if hasSocket("/proc/self/fd", sockets, end) {
		return "", os.Getpid(), true
	}
	processes, err := os.Open("/proc")
	if err != nil {
		return "", 0, false
	}
	defer processes.Close()
	for time.Now().Before(end) {
		names, err := processes.Readdirnames(64)
		for _, n := range names {
			pid, err := strconv.Atoi(n)
			if err != nil || !hasSocket("/proc/"+n+"/fd", sockets, end) {
				continue
			}
			comm, err := os.ReadFile("/proc/" + n + "/comm")
			if err != nil {
				return "", 0, false // it has just ended
			}
			return printable(strings.TrimSpace(string(comm))), pid, false
		}
		if err != nil {
			break
		}
	}
	return "", 0, false
}

// printable replaces what could not be shown; a program may give itself any name.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, s)
}

// listeningSockets returns the links in /proc/PID/fd of the sockets that keep a port of a from being
// listened on.
func listeningSockets(a netip.Addr, port uint16, end time.Time) []string {
	var found []string
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		f, err := os.Open(table)
		if err != nil {
			continue
		}
		lines := bufio.NewScanner(f)
		lines.Scan() // the headings
		for lines.Scan() && time.Now().Before(end) {
			field := strings.Fields(lines.Text())
			if len(field) < 10 || field[3] != "0A" {
				break // those that listen come first
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

// parseProcAddr reads "0100007F:1F97" of /proc/net/tcp, or the same with the four words of an IPv6
// address. Each word is a number of this machine that has the bytes of the address in memory.
func parseProcAddr(s string) (netip.AddrPort, error) {
	words, digits, _ := strings.Cut(s, ":")
	b, err := hex.DecodeString(words)
	if err != nil || len(b)%4 != 0 {
		return netip.AddrPort{}, fmt.Errorf("address %q", s)
	}
	for i := 0; i < len(b); i += 4 {
		binary.NativeEndian.PutUint32(b[i:], binary.BigEndian.Uint32(b[i:]))
	}
	a, ok := netip.AddrFromSlice(b)
	port, err := strconv.ParseUint(digits, 16, 16)
	if !ok || err != nil {
		return netip.AddrPort{}, fmt.Errorf("address %q", s)
	}
	return netip.AddrPortFrom(a, uint16(port)), nil
}

// hasSocket reports whether one of the links in a directory of open files is one of sockets.
func hasSocket(dir string, sockets []string, end time.Time) bool {
	d, err := os.Open(dir)
	if err != nil {
		return false
	}
	defer d.Close()
	for time.Now().Before(end) {
		names, err := d.Readdirnames(256)
		for _, n := range names {
			if to, err := os.Readlink(dir + "/" + n); err == nil && slices.Contains(sockets, to) {
				return true
			}
		}
		if err != nil {
			break
		}
	}
	return false
}
