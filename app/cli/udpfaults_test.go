package cli

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"wirebench/sessions/capture"
)

func TestWhatADatagramSocketCannotDoIsSaidByItsStatus(t *testing.T) {
	taken := newStation(t).address()
	dir := t.TempDir()
	write := func(name string, n int) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, make([]byte, n), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	long, longer := write("long", 65_508), write("longer", 65_536)
	for name, c := range map[string]struct {
		args   string
		status int
		says   string
	}{
		"no address":                      {"", 2, "one [HOST]:PORT"},
		"a port out of range":             {"127.0.0.1:65536", 2, "out of range"},
		"port 0 as a target":              {"0 --to 127.0.0.1:0 --send x", 2, "--to: port 0"},
		"port 70000 as a target":          {"0 --to 127.0.0.1:70000 --send x", 2, "--to: port 70000"},
		"a target without a port":         {"0 --to 127.0.0.1 --send x", 2, "no port"},
		"a target that is nothing":        {"0 --to= --send x", 2, "--to"},
		"IPv6 from an IPv4 socket":        {"127.0.0.1:0 --to [::1]:7 --send x", 2, "IPv6 address"},
		"nowhere to send":                 {"0 --send x", 2, "--to"},
		"a group that is no group":        {"0 --multicast 10.0.0.1", 2, "--multicast: \"10.0.0.1\" is no multicast group"},
		"a source that is no host":        {"0 --multicast 239.1.1.1,239.1.1.2", 2, "--multicast"},
		"an interface there is not":       {"0 --multicast 239.1.1.1 --interface nosuch0", 2, "--interface: this machine has no interface \"nosuch0\""},
		"an interface to send through":    {"0 --to 239.1.1.1:7 --interface nosuch0", 2, "--interface"},
		"too long for a datagram":         {"0 --to 127.0.0.1:7 --send-file " + long, 2, "at most 65507"},
		"too long for any datagram":       {"0 --to localhost:7 --send-file " + longer, 2, "at most 65527"},
		"too long, as a name turns out":   {"127.0.0.1:0 --to localhost:7 --send-file " + long, 1, "65,507"},
		"no such file":                    {"0 --to 127.0.0.1:7 --send-file " + long + "x", 2, "longx"},
		"hex that is no hex":              {"0 --to 127.0.0.1:7 --send-hex 0g", 2, "g"},
		"every too often":                 {"0 --to 127.0.0.1:7 --send x --every 1us", 2, "--every"},
		"every in the past":               {"0 --to 127.0.0.1:7 --send x --every -1ms", 2, "--every"},
		"a count below nothing":           {"0 --to 127.0.0.1:7 --send x --every 0 --count -1", 2, "--count"},
		"a count of nothing to repeat":    {"0 --to 127.0.0.1:7 --send x --count 2", 2, "--every"},
		"two to repeat":                   {"0 --to 127.0.0.1:7 --send x --send y --every 1s", 2, "--every repeats one"},
		"a wait below nothing":            {"0 --wait -1s", 2, "--wait"},
		"a target to hear alone, and no":  {"0 --connect", 2, "--to"},
		"a TTL out of range":              {"0 --ttl 256", 2, "--ttl"},
		"a TTL for groups out of range":   {"0 --multicast-ttl -1", 2, "--multicast-ttl"},
		"a receive buffer below nothing":  {"0 --receive-buffer -1", 2, "--receive-buffer"},
		"two ways to answer":              {"0 --echo --reply x", 2, "--echo"},
		"an escape that is none":          {"0 --reply \\q", 2, "--reply"},
		"an address in use":               {taken, 1, "in use"},
		"an address of another machine":   {"192.0.2.77:0", 1, "192.0.2.77"},
		"a name that nobody has":          {"0 --to no-such-host.invalid:7 --send x", 1, "no-such-host.invalid"},
		"a name to be bound to":           {"no-such-host.invalid:0", 1, "no-such-host.invalid"},
		"a group where none arrives":      {"127.0.0.1:0 --multicast 239.255.77.9", 1, "239.255.77.9"},
		"broadcast that is not allowed":   {"0.0.0.0:0 --to 255.255.255.255:9 --send x", 1, "--broadcast"},
		"an expectation that is not met":  {"0 --wait 10ms --expect x", 1, `expected "x"`},
		"an empty one that does not come": {"0 --wait 10ms --expect=", 1, "expected an empty datagram"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.says == "--broadcast" && runtime.GOOS == "windows" || strings.HasPrefix(c.says, "192.") && runtime.GOOS != "linux" {
				t.Skip("this system says so in other words")
			}
			if strings.HasPrefix(c.says, "239.") && runtime.GOOS == "windows" {
				t.Skip("groups arrive there too")
			}
			status, out, errs := wire(t, nil, append([]string{"udp"}, strings.Fields(c.args)...)...)
			if status != c.status || !strings.Contains(errs, c.says) {
				t.Errorf("status %d, want %d; stderr %q must hold %q", status, c.status, errs, c.says)
			}
			if status == 2 && out != "" {
				t.Errorf("it printed %q", out)
			}
			if c.status == 1 {
				status, out, errs := wire(t, nil, append([]string{"udp", "--json"}, strings.Fields(c.args)...)...)
				s := last(t, lines(t, out))
				if status != 1 || s["status"] != 1.0 || s["messagesOut"] != 0.0 {
					t.Errorf("as JSON: status %d, summary %v", status, s)
				}
				if e := find(lines(t, out), "ioError"); !strings.HasPrefix(c.says, "expected") && (e == nil || !strings.Contains(e["error"].(string), c.says)) {
					t.Errorf("as JSON: the error is %v, stderr %q", e, errs)
				}
			}
		})
	}
}

func TestAPortWhereNothingListensEndsTheRunAtOnce(t *testing.T) {
	onlyOnLinux(t, "what ICMP says of a datagram")
	t.Parallel()
	s := newStation(t)
	address := s.address()
	s.Close()
	began := time.Now()
	status, out, errs := wire(t, nil, "udp", ":0", "--to", address, "--send", "x", "--expect", "x", "--json")
	events := lines(t, out)
	e := find(events, "ioError")
	if status != 1 || e == nil || e["peer"] != address || !strings.Contains(e["error"].(string), "port unreachable") {
		t.Errorf("status %d, error %v, stderr %q", status, e, errs)
	}
	if sum := last(t, events); sum["messagesOut"] != 1.0 || sum["status"] != 1.0 {
		t.Errorf("summary %v", sum)
	}
	if took := time.Since(began); took >= waitExpect {
		t.Errorf("it took %s", took)
	}
	began = time.Now()
	status, _, errs = wire(t, nil, "udp", ":0", "--to", address, "--send", "x", "--wait", "300ms")
	if took := time.Since(began); status != 1 || took < 300*time.Millisecond || !strings.Contains(errs, "port unreachable") {
		t.Errorf("with --wait: status %d after %s, stderr %q", status, took, errs)
	}
}

func TestAPersonIsToldOfAFewErrorsOfMany(t *testing.T) {
	onlyOnLinux(t, "what ICMP says of a datagram")
	t.Parallel()
	s := newStation(t)
	address := s.address()
	s.Close()
	args := []string{"udp", ":0", "--to", address, "--send", "x", "--every", "500us", "--count", "100", "--wait", "300ms"}
	status, _, errs := wire(t, nil, args...)
	if n := strings.Count(errs, "port unreachable"); status != 1 || n != mostTold || !strings.Contains(errs, "more errors like these") {
		t.Errorf("status %d, told %d times: %q", status, n, errs)
	}
	_, out, _ := wire(t, nil, append(args, "--json")...)
	if n := strings.Count(out, "port unreachable"); n <= mostTold {
		t.Errorf("a program is told %d times", n)
	}
}

func TestAnEchoWhoseClientHasGoneGoesOn(t *testing.T) {
	onlyOnLinux(t, "what ICMP says of a datagram")
	t.Parallel()
	s, gone, stays := bound(t, "--echo", "--json"), newStation(t), newStation(t)
	gone.says(s.address, "bye")
	gone.hears("bye")
	address := gone.LocalAddr().(*net.UDPAddr)
	gone.Close()
	for end := time.Now().Add(patience); !strings.Contains(s.out.String(), "port unreachable"); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("no answer finds that the client has gone")
		}
		again, err := net.ListenUDP("udp4", address)
		if err != nil {
			t.Fatal(err)
		}
		again.WriteToUDPAddrPort([]byte("x"), netip.MustParseAddrPort(s.address))
		again.Close() // mostly before the answer
	}
	stays.says(s.address, "hello")
	stays.hears("hello")
	if sum := last(t, s.inOrder()); sum["status"] != 0.0 {
		t.Errorf("summary %v", sum)
	}
}

func TestEveryDatagramOfAFloodIsTakenOrCounted(t *testing.T) {
	onlyOnLinux(t, "datagrams that were dropped")
	const count = 20_000
	s := bound(t, "--receive-buffer", "4096", "--json")
	c, err := net.Dial("udp4", s.address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for n := range count {
		if _, err := fmt.Fprintf(c, "%064d", n); err != nil {
			t.Fatal(err)
		}
	}
	total := float64(count)
	behind := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%064d", count))
	for end := time.Now().Add(patience); !strings.Contains(s.out.String(), behind); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("what was sent behind the flood does not come")
		}
		if _, err := fmt.Fprintf(c, "%064d", count); err != nil { // again and again, as there may be no room for it
			t.Fatal(err)
		}
		total++
	}
	status, out, errs := s.end()
	events := lines(t, out)
	sum := last(t, events)
	in, dropped := sum["messagesIn"].(float64), sum["kernelDropped"].(float64)
	if status != 0 || in+dropped != total || in == 0 || dropped == 0 {
		t.Errorf("status %d, %v arrived and %v were dropped of %v", status, in, dropped, total)
	}
	if !strings.Contains(errs, fmt.Sprintf("no room for %.0f datagrams", dropped)) {
		t.Errorf("stderr %q", errs)
	}
	if got := datagramsOf(t, events, "in"); len(got) != int(in) {
		t.Errorf("told of %d", len(got))
	} else {
		for i := 1; i < len(got); i++ {
			if got[i] < got[i-1] || got[i] == got[i-1] && !strings.HasSuffix(got[i], fmt.Sprintf("%064d", count)) {
				t.Fatalf("%q came after %q", got[i], got[i-1])
			}
		}
	}
}

func TestASignalEndsADatagramSocketWhoseOutputNobodyReads(t *testing.T) {
	t.Parallel()
	out := newBlocked(t)
	peer := newStation(t)
	ctx, signal := context.WithCancel(t.Context())
	defer signal()
	errs, ended := newSpool(""), make(chan int, 1)
	other := newStation(t)
	address := other.address()
	other.Close()
	go func() {
		ended <- run(ctx, []string{"udp", address}, streams{strings.NewReader(""), out, errs}, func() {})
	}()
	<-out.used
	for range 100 {
		peer.says(address, strings.Repeat("x", 1000))
	}
	signal()
	select {
	case status := <-ended:
		if status != 1 || !strings.Contains(errs.String(), "takes nothing any more") {
			t.Errorf("status %d, stderr %q", status, errs)
		}
	case <-time.After(patience):
		t.Fatal("the signal did not end it")
	}
}

func TestADatagramLongerThanTheMTUIsWarnedOf(t *testing.T) {
	for _, asJSON := range []bool{false, true} {
		var out, errs bytes.Buffer
		r := newReporter(streams{out: &out, err: &errs}, asJSON, func() {})
		r.fragmented(netip.MustParseAddrPort("192.0.2.1:9"), 3000, 1500)
		r.summary(capture.Stats{}, 0)
		if !strings.Contains(errs.String(), "3000 bytes to 192.0.2.1:9") || !strings.Contains(errs.String(), "MTU is 1500") || !strings.Contains(errs.String(), "3 fragments") {
			t.Errorf("stderr %q", errs.String())
		}
		if !asJSON {
			continue
		}
		if e := find(lines(t, out.String()), "warning"); e == nil || e["peer"] != "192.0.2.1:9" || e["length"] != 3000.0 || e["mtu"] != 1500.0 || e["text"] == "" {
			t.Errorf("event %v", e)
		}
	}
}
