//go:build e2e && linux

package test

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

var boundTitle = regexp.MustCompile(`UDP :([1-9]\d*)`)

// bound waits until the visible tab is bound on loopback, and returns the port.
func (w *window) bound() (port string) {
	w.Helper()
	w.until("the title to name a port", func() bool {
		title, err := w.app.Title(w.ctx)
		if m := boundTitle.FindStringSubmatch(title); err == nil && m != nil {
			port = m[1]
		}
		return port != ""
	})
	return port
}

// TestWindowUDPWithRealPeers does with a UDP tab what a person does with one: answer whoever wrote, ask a name server
// in hexadecimal, send where nobody listens, and mistype a target, all by keys.
func TestWindowUDPWithRealPeers(t *testing.T) {
	dns := nameServer(t)
	w := openWindow(t, "udp://127.0.0.1:0")
	port := w.bound()
	w.picture("81-udp-bound")

	peer := startClient(t, "ncat", "-u", "127.0.0.1", port)
	if _, err := fmt.Fprint(peer, "hello from ncat\n"); err != nil {
		t.Fatal(err)
	}
	w.captured("what ncat said", func(c traffic) bool { return string(c.in) == "hello from ncat\n" })
	other := startClient(t, "socat", "-", "UDP4:127.0.0.1:"+port)
	if _, err := fmt.Fprint(other, "hello from socat\n"); err != nil {
		t.Fatal(err)
	}
	w.captured("what socat said", func(c traffic) bool { return strings.HasSuffix(string(c.in), "hello from socat\n") })
	w.picture("82-udp-peers")

	// The newest record is socat's; the one before is ncat's.
	w.key("F6", "End", "Up")
	w.key("ctrl+shift+m")
	w.send(`hello ncat\n`)
	w.hear(peer, "hello ncat\n")
	w.key("ctrl+j", "Down", "Down")
	if row := w.copied("ctrl+c"); strings.Count(row, "\n") != 2 {
		t.Fatalf("copied is %q, want a heading and a peer", row)
	}
	w.key("Return")
	w.send(`hello socat\n`)
	w.hear(other, "hello socat\n")
	w.picture("83-udp-answered")
	w.key("ctrl+j", "Escape")

	// A query for the address of practice.test, as RFC 1035 has it.
	w.key("ctrl+shift+l")
	w.typeText(dns)
	w.key("Return", "ctrl+m", "ctrl+h")
	w.send("1234 0100 0001 0000 0000 0000 08 7072616374696365 04 74657374 00 0001 0001")
	w.captured("the name server's answer", func(c traffic) bool { return strings.HasSuffix(string(c.in), "\x00\x04\xc0\x00\x02\x07") })
	w.picture("84-udp-dns")

	// A port where nobody listens: the datagram was sent, and the system told what became of it.
	dead := deadPort(t)
	w.key("ctrl+shift+l")
	w.typeText("127.0.0.1:" + dead)
	w.key("Return", "ctrl+m")
	w.send("de ad")
	w.captured("the ICMP message", func(c traffic) bool { return c.said("127.0.0.1:"+dead, "port unreachable") })
	w.picture("85-udp-unreachable")

	// What cannot be a target is said at the field, and nothing goes out.
	before, err := readTraffic(w.captures)
	w.must(err)
	for i, text := range []string{"127.0.0.1:0", "127.0.0.1:70000", "[::1]:9", "nowhere.invalid:9"} {
		w.key("ctrl+shift+l")
		w.typeText(text)
		w.key("Return", "ctrl+m", "ctrl+Return")
		w.picture(fmt.Sprintf("86-udp-bad-target-%d", i+1))
	}
	w.key("ctrl+shift+l")
	w.typeText(dns)
	w.key("Return", "ctrl+m")
	w.send("de ad be ef")
	after := w.captured("what was sent at last", func(c traffic) bool { return strings.HasSuffix(string(c.out), "\xde\xad\xbe\xef") })
	if got, want := string(after.out), string(before.out)+"\xde\xad\xbe\xef"; got != want {
		t.Errorf("sent are %q, want %q", got, want)
	}
	w.key("ctrl+d")
	w.picture("87-udp-unbound")
}

// nameServer starts a name server that knows practice.test as 192.0.2.7, and returns its address.
func nameServer(t *testing.T) (address string) {
	t.Helper()
	path, err := exec.LookPath("dnsmasq")
	if err != nil {
		path = "/usr/sbin/dnsmasq" // where the PATH of a person need not lead
	}
	var refused error
	for end := time.Now().Add(patience); time.Now().Before(end); {
		// It wants the port of UDP and of TCP. Anybody may take one of them before it does; then it ends.
		port := deadPort(t)
		server := startClient(t, path, "--keep-in-foreground", "--no-resolv", "--no-hosts", "--conf-file=/dev/null", "--pid-file=",
			"--user=root", "--bind-interfaces", "--listen-address=127.0.0.1", "--port="+port, "--address=/practice.test/192.0.2.7")
		address = "127.0.0.1:" + port
		for ended := false; !ended && time.Now().Before(end); {
			if refused = nameServerAnswers(address); refused == nil {
				return address
			}
			select {
			case <-server.ended:
				ended = true
			case <-time.After(10 * time.Millisecond):
			}
		}
	}
	t.Fatalf("dnsmasq does not answer: %v", refused)
	return ""
}

// nameServerAnswers asks over TCP, where whoever else has the port would not answer as a name server does.
func nameServerAnswers(address string) error {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(time.Second))
	// RFC 1035, 4.2.2: two bytes of length; a header that asks one question, for the root.
	if _, err := c.Write([]byte("\x00\x11\x12\x34\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x01")); err != nil {
		return err
	}
	var answer [4]byte
	if _, err := io.ReadFull(c, answer[:]); err != nil {
		return err
	}
	if answer[2] != 0x12 || answer[3] != 0x34 {
		return fmt.Errorf("%s is no name server", address)
	}
	return nil
}

// deadPort is a port of 127.0.0.1 that nobody has, neither for UDP nor for TCP.
func deadPort(t *testing.T) string {
	t.Helper()
	for range 100 {
		c, err := net.ListenPacket("udp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		l, err := net.Listen("tcp4", c.LocalAddr().String())
		c.Close()
		if err != nil {
			continue
		}
		l.Close()
		_, port, err := net.SplitHostPort(l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		return port
	}
	t.Fatal("no port is free for UDP and TCP")
	return ""
}

// TestWindowUDPFlood pours datagrams into a visible tab as fast as one loop can send them. Every one that the system did
// not drop must be in the capture, in order; what it dropped must be counted as the system counts it, and the window
// must answer keys all the while.
func TestWindowUDPFlood(t *testing.T) { pour(t, pourDatagrams) }

// pourDatagrams is one flood of datagrams; see [pour].
func pourDatagrams(t *testing.T) error {
	w := openWindow(t, "udp://127.0.0.1:0")
	port := w.bound()
	w.key("ctrl+t") // a second tab to change to and from
	w.title("TCP")
	w.key("ctrl+Tab")
	w.bound()
	w.settle()
	keyboard, err := w.screen.Keyboard()
	w.must(err)
	defer keyboard.Close()
	calm, flooded := &answers{keyboard: keyboard}, &answers{keyboard: keyboard}
	for range 20 {
		w.answer(calm, "ctrl+Tab", addressText)
	}
	idle := w.memory()
	watch := w.watchMemory()

	conn, err := net.Dial("udp", "127.0.0.1:"+port)
	w.must(err)
	defer conn.Close()
	sent := 0
	for _, n := range []int{200_000, 2_000_000} {
		done := make(chan time.Duration)
		go func() {
			defer close(done)
			began := time.Now()
			p := make([]byte, 64)
			for i := range n {
				binary.BigEndian.PutUint64(p, uint64(sent+i))
				if _, err := conn.Write(p); err != nil {
					t.Errorf("send datagram %d: %v", i, err)
					return
				}
			}
			done <- time.Since(began)
		}()
		var took time.Duration
		for took == 0 && !t.Failed() {
			select {
			case took = <-done:
			default:
				w.answer(flooded, "ctrl+Tab", addressText)
			}
		}
		sent += n
		t.Logf("%d datagrams were sent in %v, %.0f a second", n, took.Round(time.Millisecond), float64(n)/took.Seconds())
	}
	if len(flooded.took)%2 == 1 {
		w.key("ctrl+Tab") // back to the socket
	}
	w.bound()
	w.picture("91-udp-flood")
	peak := watch()
	dropped := droppedBySystem(t, port)
	w.end()

	got, last, outOfOrder := 0, -1, 0
	said := ""
	files, err := segments(w.captures)
	w.must(err)
	for _, file := range files {
		w.must(readPackets(file, func(p packet) error {
			if p.comment != "" {
				said += p.comment + "\n"
			}
			if !p.inbound || !p.datagram || len(p.payload) != 64 {
				return nil
			}
			got++
			if n := int(binary.BigEndian.Uint64(p.payload)); n <= last {
				outOfOrder++
			} else {
				last = n
			}
			return nil
		}))
	}
	if got+dropped != sent || outOfOrder > 0 {
		t.Errorf("of %d datagrams the capture holds %d, %d out of order, and the system dropped %d", sent, got, outOfOrder, dropped)
	}
	if want := strconv.Itoa(dropped) + " datagrams"; dropped > 0 && !strings.Contains(strings.ReplaceAll(said, ",", ""), want) {
		t.Errorf("the system dropped %s, and the capture says %q", want, said)
	}
	usual, slowest := calm.sorted()
	middle, worst := flooded.sorted()
	// A machine that is slow without the flood may be slow with it, and then the system drops some.
	if usual < calmAnswer && dropped > 0 && !raced() {
		t.Errorf("the system dropped %d of %d datagrams", dropped, sent)
	}
	if grown := peak.RSS - idle.RSS; grown > floodMemory && !raced() {
		t.Errorf("memory grew by %d MiB (of it %d MiB anonymous), %d are allowed", grown>>20, (peak.Anon-idle.Anon)>>20, floodMemory>>20)
	}
	t.Logf("%d of %d came, %d were dropped by the system", got, sent, dropped)
	t.Logf("%d keys showed in %v (median) and %v (worst); before, %d in %v and %v", len(flooded.took), middle, worst, len(calm.took), usual, slowest)
	t.Logf("memory: %d MiB idle, at most %d MiB more", idle.RSS>>20, (peak.RSS-idle.RSS)>>20)
	return lateKey(calm, flooded)
}

// droppedBySystem is how many datagrams Linux had no room for at a port of loopback; see proc_net_udp in the kernel's
// documentation.
func droppedBySystem(t *testing.T, port string) int {
	t.Helper()
	f, err := os.Open("/proc/net/udp")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		t.Fatal(err)
	}
	a := netip.AddrFrom4([4]byte{127, 0, 0, 1}).As4()
	local := fmt.Sprintf("%08X:%04X", binary.LittleEndian.Uint32(a[:]), n)
	for s := bufio.NewScanner(f); s.Scan(); {
		fields := strings.Fields(s.Text())
		if len(fields) < 13 || fields[1] != local {
			continue
		}
		drops, err := strconv.Atoi(fields[len(fields)-1])
		if err != nil {
			t.Fatal(err)
		}
		return drops
	}
	t.Fatalf("/proc/net/udp has no socket at %s", local)
	return 0
}
