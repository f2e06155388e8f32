//go:build e2e && linux

package test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestNcatSendsDatagramsAndHearsAnswers(t *testing.T) {
	s := openSocket(t, "127.0.0.1:0", "--echo")
	c := startClient(t, "ncat", "-u", "127.0.0.1", s.port)
	for n, text := range []string{"hello\n", "again\n"} {
		c.says(t, text)
		s.await(n + 1)
		await(t, "the answer", func() bool { return strings.HasSuffix(c.hears(), text) })
	}
	if got := c.hears(); got != "hello\nagain\n" {
		t.Errorf("ncat heard %q", got)
	}
	if sum := s.end(); sum["messagesIn"] != 2.0 || sum["messagesOut"] != 2.0 || sum["bytesIn"] != 12.0 {
		t.Errorf("summary %v", sum)
	}
}

func TestNcatListensForDatagramsAndAnswers(t *testing.T) {
	port := deadPort(t)
	c := datagramPeer(t, port, "ncat", "-u", "-l", "127.0.0.1", port)
	s := openSocket(t, "127.0.0.1:0", "--to", "127.0.0.1:"+port, "--send", "one,", "--send", "two,", "--send-hex", "00 7e 0a", "--expect", "back")
	await(t, "the datagrams", func() bool { return c.hears() == "one,two,\x00~\n" })
	c.says(t, "back\n")
	if sum := s.over(); sum["messagesOut"] != 3.0 || sum["messagesIn"] != 1.0 {
		t.Errorf("summary %v", sum)
	}
	if got := s.datagrams[len(s.datagrams)-1]; got != (datagram{"in", "127.0.0.1:" + port, "back\n"}) {
		t.Errorf("received %q", got)
	}
}

func TestSocatEchoesDatagramsOfIPv4AndIPv6(t *testing.T) {
	for name, c := range map[string]struct{ host, hear string }{
		"IPv4": {"127.0.0.1", "UDP4-RECVFROM"},
		"IPv6": {"[::1]", "UDP6-RECVFROM"},
	} {
		t.Run(name, func(t *testing.T) {
			port := deadPort(t)
			// Each datagram has a pipe of its own, in which borders are lost.
			datagramPeer(t, port, "socat", fmt.Sprintf("%s:%s,bind=%s,fork", c.hear, port, c.host), "PIPE")
			for _, text := range []string{"one", strings.Repeat("0123456789", 800)} { // socat takes 8,192 bytes at once
				s := openSocket(t, ":0", "--to", c.host+":"+port, "--send", text, "--expect", text)
				if !strings.HasPrefix(s.address, c.host+":") {
					t.Errorf("bound to %s", s.address)
				}
				s.over()
				if got := s.payloads("in"); len(got) != 1 || got[0] != text {
					t.Errorf("received %d: %.100q", len(got), got)
				}
			}
		})
	}
}

func TestSocatSendsDatagramsOfIPv4AndIPv6(t *testing.T) {
	s := openSocket(t, "*:0", "--reply", "got it")
	for n, address := range []string{"UDP4:127.0.0.1:" + s.port, "UDP6:[::1]:" + s.port} {
		c := startClient(t, "socat", "-", address)
		c.says(t, "by "+address)
		s.await(n + 1)
		await(t, "the answer", func() bool { return c.hears() == "got it" })
	}
	for n, host := range []string{"127.0.0.1:", "[::1]:"} {
		if d := s.datagrams[2*n]; d.direction != "in" || !strings.HasPrefix(d.peer, host) || !strings.HasPrefix(d.payload, "by UDP") {
			t.Errorf("datagram %d is %q", 2*n, d)
		}
	}
	s.end()
}

func TestSocatAndAGroupOnLoopback(t *testing.T) {
	const group = "239.255.77.31"
	s := openSocket(t, ":0", "--multicast", group, "--interface", "lo")
	c := startClient(t, "socat", "-u", "-", fmt.Sprintf("UDP4-DATAGRAM:%s:%s,bind=127.0.0.1,ip-multicast-if=127.0.0.1", group, s.port))
	c.says(t, "to the group")
	s.await(1)
	if got := s.datagrams[0]; got.payload != "to the group" || !strings.HasPrefix(got.peer, "127.0.0.1:") {
		t.Errorf("received %q", got)
	}
	s.end()

	port := deadPort(t)
	member := datagramPeer(t, port, "socat", "-u", fmt.Sprintf("UDP4-RECV:%s,ip-add-membership=%s:127.0.0.1", port, group), "-")
	if got := command(t, "udp", "127.0.0.1:0", "--to", group+":"+port, "--interface", "lo", "--send", "hello, ", "--send", "members", "--wait", "1ms"); got.status != 0 {
		t.Fatalf("status %d: %s", got.status, got.stderr)
	}
	await(t, "the member to hear", func() bool { return member.hears() == "hello, members" })
}

// packetsender runs its command line, which ends with a status that says nothing.
func packetsender(t *testing.T, args ...string) string {
	t.Helper()
	path, err := exec.LookPath("packetsender")
	if err != nil {
		if _, debian := exec.LookPath("apt-get"); debian != nil {
			t.Skip("this distribution has no packetsender") // see setup.sh
		}
		t.Fatal("packetsender is not installed")
	}
	cmd := exec.Command(path, args...)
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "QT_QPA_PLATFORM=offscreen")
	cmd.WaitDelay = patience
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out)
}

func TestPacketsenderSendsDatagramsAndHearsAnswers(t *testing.T) {
	s := openSocket(t, "127.0.0.1:0", "--echo")
	out := packetsender(t, "-u", "-a", "-w", "1000", "127.0.0.1", s.port, `hello\n`)
	if !strings.Contains(out, "68 65 6C 6C 6F 0A") {
		t.Errorf("packetsender heard\n%s", out)
	}
	out = packetsender(t, "-q", "-u", "-x", "-w", "1000", "127.0.0.1", s.port, "00 ff 41")
	if !strings.Contains(out, "00 FF 41") {
		t.Errorf("packetsender heard\n%s", out)
	}
	s.await(2)
	if got := s.payloads("in"); got[0] != "hello\n" || got[1] != "\x00\xffA" {
		t.Errorf("received %q", got)
	}
	out = packetsender(t, "-u", "-a", "--num", "300", "--usdelay", "100", "127.0.0.1", s.port, "tick")
	if !strings.Contains(out, "Sent 300 packets") {
		t.Fatalf("packetsender said\n%s", out)
	}
	s.await(302)
	if sum := s.end(); sum["messagesIn"] != 302.0 || sum["bytesIn"] != float64(6+3+4*300) || sum["kernelDropped"] != 0.0 {
		t.Errorf("summary %v", sum)
	}
}

func TestAQueryTypedInHexIsAnsweredByANameServer(t *testing.T) {
	// RFC 1035, 4.1: the header with the identifier and "recursion desired", and a question for the A record of
	// practice.test.
	const question = "08 7072616374696365 04 74657374 00 0001 0001"
	got := command(t, "udp", ":0", "--to", nameServer(t), "--send-hex", "1234 0100 0001 0000 0000 0000 "+question,
		"--expect-hex", "1234", "--expect-hex", "c0000207", "--json")
	if got.status != 0 {
		t.Fatalf("status %d: %s", got.status, got.stderr)
	}
	var answer []byte
	for _, e := range events(t, got.stdout) {
		if e.Event == "socketData" && e.Direction == "in" {
			answer, _ = base64.StdEncoding.DecodeString(e.Data)
		}
	}
	asked, _ := hex.DecodeString(strings.ReplaceAll(question, " ", ""))
	const header = 12
	if len(answer) != header+len(asked)+16 {
		t.Fatalf("the answer has %d bytes: %x", len(answer), answer)
	}
	// One question, which comes back, and one record: a pointer to its name, A, IN, how long it holds, and the address.
	counts, record := answer[4:header], answer[header+len(asked):]
	if !bytes.Equal(answer[:2], []byte{0x12, 0x34}) || answer[2]&0x81 != 0x81 || answer[3]&0x0f != 0 || !bytes.Equal(counts, []byte{0, 1, 0, 1, 0, 0, 0, 0}) ||
		!bytes.Equal(answer[header:header+len(asked)], asked) || !bytes.Equal(record[:6], []byte{0xc0, header, 0, 1, 0, 1}) || !bytes.Equal(record[10:], []byte{0, 4, 192, 0, 2, 7}) {
		t.Errorf("the answer is %x", answer)
	}
}

func TestTsharkReadsTheDatagramsOfACapture(t *testing.T) {
	for name, c := range map[string]struct{ host, ip string }{
		"IPv4": {"127.0.0.1", "ip"},
		"IPv6": {"[::1]", "ipv6"},
	} {
		t.Run(name, func(t *testing.T) {
			saved := filepath.Join(t.TempDir(), "saved.pcapng")
			_, port, _ := net.SplitHostPort(datagramEcho(t, c.host+":0"))
			s := openSocket(t, c.host+":0", "--to", c.host+":"+port, "--send", "one", "--send", "", "--send-hex", "00 ff", "--send", "last", "--expect", "last", "--save", saved)
			s.over()
			host := strings.Trim(c.host, "[]")
			var want []string
			s.mu.Lock()
			for _, d := range s.datagrams {
				from, to := s.port, port
				if d.direction == "in" {
					from, to = to, from
				}
				want = append(want, fmt.Sprintf("%s,%s,%s,%s,%d,%x", host, host, from, to, 8+len(d.payload), d.payload))
			}
			s.mu.Unlock()
			if len(want) != 8 {
				t.Fatalf("there are %d datagrams", len(want))
			}
			out := output(t, "tshark", "-r", saved, "-o", "udp.check_checksum:TRUE", "-Y", "udp.length && !_ws.malformed && !(udp.checksum.status == 0)",
				"-T", "fields", "-E", "separator=,", "-e", c.ip+".src", "-e", c.ip+".dst", "-e", "udp.srcport", "-e", "udp.dstport", "-e", "udp.length", "-e", "udp.payload")
			got := strings.Split(strings.TrimSpace(string(out)), "\n")
			// Each direction is in order; what is told of both at the same time may stand either way.
			for _, from := range []string{s.port, port} {
				if a, b := sentBy(got, from), sentBy(want, from); strings.Join(a, "\n") != strings.Join(b, "\n") {
					t.Errorf("tshark reads from port %s\n%s\nwant\n%s", from, strings.Join(a, "\n"), strings.Join(b, "\n"))
				}
			}
			if len(got) != len(want) {
				t.Errorf("tshark reads %d datagrams, want %d", len(got), len(want))
			}
		})
	}
}

// datagramEcho sends back what it hears, with its borders: socat takes an empty datagram for the end.
func datagramEcho(t *testing.T, address string) string {
	t.Helper()
	c, err := net.ListenPacket("udp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	go func() {
		p := make([]byte, 1<<16)
		for {
			n, from, err := c.ReadFrom(p)
			if err != nil {
				return
			}
			c.WriteTo(p[:n], from)
		}
	}()
	return c.LocalAddr().String()
}

// sentBy are the lines of datagrams from a port.
func sentBy(lines []string, port string) (some []string) {
	for _, line := range lines {
		if f := strings.Split(line, ","); len(f) > 2 && f[2] == port {
			some = append(some, line)
		}
	}
	return some
}

func TestEveryDatagramOfABurstIsTakenOrCounted(t *testing.T) {
	const count, size = 200_000, 64
	saved := filepath.Join(t.TempDir(), "saved.pcapng")
	s := openSocket(t, "127.0.0.1:0", "--save", saved)
	c, err := net.Dial("udp4", s.address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	p := bytes.Repeat([]byte("."), size)
	began := time.Now()
	for n := range count {
		copy(p, fmt.Sprintf("%08d", n))
		if _, err := c.Write(p); err != nil {
			t.Fatal(err)
		}
	}
	took := time.Since(began)
	for before, now := -1, 0; now != before && now < count; { // what was dropped is not told before the end
		time.Sleep(time.Second)
		before, now = now, len(s.payloads("in"))
	}
	sum := s.end()
	in, dropped := sum["messagesIn"].(float64), sum["kernelDropped"].(float64)
	t.Logf("%.0f arrived and %.0f were dropped of %d, sent at %.0f a second", in, dropped, count, count/took.Seconds())
	if in+dropped != count || sum["bytesIn"] != size*in {
		t.Errorf("%.0f arrived and %.0f were dropped of %d: %v", in, dropped, count, sum)
	}
	all := s.payloads("in")
	if len(all) != int(in) {
		t.Errorf("it told of %d", len(all))
	}
	for n := 1; n < len(all); n++ {
		if len(all[n]) != size || all[n] <= all[n-1] {
			t.Fatalf("%q came after %q", all[n], all[n-1])
		}
	}
	raw := command(t, "export", saved, "--as", "raw-in")
	if raw.status != 0 || raw.stdout != strings.Join(all, "") {
		t.Errorf("the capture holds %d bytes that came in, want %d: %s", len(raw.stdout), len(all)*size, raw.stderr)
	}
}

func TestADatagramLongerThanTheMTUIsSentWithAWarning(t *testing.T) {
	path, err := theCommand()
	if err != nil {
		t.Fatal(err)
	}
	// A network of its own, whose loopback takes 1,500 bytes.
	lan := func(command string) *exec.Cmd {
		return exec.Command("unshare", "--net", "--map-root-user", "sh", "-c", "ip link set lo mtu 1500 up && "+command, path)
	}
	if out, err := lan("true").CombinedOutput(); err != nil {
		t.Skipf("this system gives a test no network of its own: %s", out)
	}
	for _, c := range []struct {
		bytes     int
		fragments string // "" for no warning
	}{{1472, ""}, {1473, "2 fragments"}, {20_000, "14 fragments"}} {
		file := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(file, make([]byte, c.bytes), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := lan(`"$0" udp 5001 --to 127.0.0.1:5001 --send-file ` + file + ` --wait 500ms --json`)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v: %s", err, stderr.String())
		}
		if c.fragments == "" {
			if stderr.Len() > 0 {
				t.Errorf("%d bytes: stderr %q", c.bytes, stderr.String())
			}
		} else if !strings.Contains(stderr.String(), "MTU is 1500") || !strings.Contains(stderr.String(), c.fragments) {
			t.Errorf("%d bytes: stderr %q", c.bytes, stderr.String())
		}
		sum, warned := event{}, 0
		for _, e := range events(t, string(out)) {
			if e.Event == "warning" {
				warned++
			}
			sum = e
		}
		if warned != 1 && c.fragments != "" || warned != 0 && c.fragments == "" || sum.BytesOut != int64(c.bytes) || sum.BytesIn != int64(c.bytes) {
			t.Errorf("%d bytes: %d warnings, %d bytes sent and %d received", c.bytes, warned, sum.BytesOut, sum.BytesIn)
		}
	}
}
