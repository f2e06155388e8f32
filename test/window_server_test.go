//go:build e2e && linux

package test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// homeWithServer makes a home whose last window had a server tab for this address open, with these options.
func homeWithServer(t *testing.T, address string, options map[string]any) string {
	t.Helper()
	b, err := json.Marshal(map[string]any{
		"version": 1, "width": 1260, "height": 780, "textSize": 14, "selected": 0,
		"tabs": []any{map[string]any{"kind": "server", "address": address, "server": options}},
	})
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	dir := filepath.Join(home, "state", "wirebench")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "workspace.json"), b, 0o600); err != nil {
		t.Fatal(err)
	}
	return home
}

var listeningTitle = regexp.MustCompile(`Server :([1-9]\d*)`)

// listens waits until the visible tab listens on loopback, and returns the port.
func (w *window) listens() (port string) {
	w.Helper()
	w.until("the title to name a port", func() bool {
		title, err := w.app.Title(w.ctx)
		if m := listeningTitle.FindStringSubmatch(title); err == nil && m != nil {
			port = m[1]
		}
		return port != ""
	})
	return port
}

// hear waits until what a client has printed is exactly this.
func (w *window) hear(c *client, want string) {
	w.Helper()
	defer func() {
		if w.Failed() {
			w.Logf("%s printed %q, want %q", c.name, c.hears(), want)
		}
	}()
	w.until(c.name+" to hear what was sent", func() bool { return c.hears() == want })
}

// TestWindowServerWithRealClients does with a server tab what a person does with one: watch clients come, talk to all
// of them and to one, throw one out, and stop listening, all by keys.
func TestWindowServerWithRealClients(t *testing.T) {
	w := openWindow(t, "server://127.0.0.1:0")
	port := w.listens()
	w.picture("61-server-listening")

	// One after the other, so that their numbers are known.
	host := "127.0.0.1"
	one := ncatClient(t, host, port)
	w.title("(1)")
	two := socatClient(t, host, port)
	w.title("(2)")
	three := bashClient(t, host, port, "hello from bash\n")
	w.title("(3)")
	if _, err := io.WriteString(one, "hello from ncat\n"); err != nil {
		t.Fatal(err)
	}
	w.captured("what two clients said first", func(c traffic) bool {
		return strings.Contains(string(c.in), "hello from ncat\n") && strings.Contains(string(c.in), "hello from bash\n")
	})
	w.picture("62-server-clients")

	w.send(`news for everyone\n`)
	heard := "news for everyone\n"
	for _, c := range []*client{one, two, three} {
		w.hear(c, heard)
	}
	w.picture("63-server-sent-to-all")

	w.key("ctrl+j", "Down", "Down") // the first press selects the first row
	w.picture("64-server-client-selected")
	if row := w.copied("ctrl+c"); !strings.Contains(row, "\n2\t") || strings.Count(row, "\n") != 2 {
		t.Fatalf("copied is %q, want a heading and the client of number 2", row)
	}
	w.send(`for you alone\n`)
	w.hear(two, heard+"for you alone\n")
	w.picture("65-server-sent-to-one")

	w.key("ctrl+k")
	w.until("the kicked client to end", two.gone)
	w.title("(2)")
	w.captured("the FIN to it", func(c traffic) bool { return c.count("FIN out") == 1 && c.count("RST out") == 0 })
	w.picture("66-server-kicked")

	w.key("ctrl+d")
	w.until("connections to be refused", func() bool {
		c, err := net.DialTimeout("tcp", net.JoinHostPort(host, port), patience)
		if err == nil {
			c.Close()
		}
		return errors.Is(err, syscall.ECONNREFUSED)
	})
	w.picture("67-server-not-listening")
	w.key("ctrl+j", "Escape") // nobody is selected
	w.send(`still with us?\n`)
	heard += "still with us?\n"
	w.hear(one, heard)
	w.hear(three, heard)
	if one.gone() || three.gone() {
		t.Error("a client has gone although only the listening was stopped")
	}
	if got := two.hears(); strings.Contains(got, "still") {
		t.Errorf("the kicked client printed %q", got)
	}
	w.picture("68-server-still-with-us")

	w.end()
	one.Close() // ncat stays until nothing more can be typed
	for _, c := range []*client{one, three} {
		select {
		case <-c.ended:
		case <-time.After(patience):
			t.Errorf("%s has not noticed that the server is gone", c.name)
		}
	}
}

// What an echo server with a crowd at it promises to keep.
const (
	crowdSize   = 10_000
	crowdRounds = 10       // a second each
	crowdMemory = 20 << 10 // bytes for each client above what the window takes without one
	endedKept   = 1000     // how many of those that have gone stay in the list
)

// crowdFor is how many clients this process and the window may have open at once: a descriptor each, of which each
// process needs some for itself. The Go runtime has raised the soft limit to the hard one in both.
func crowdFor(t *testing.T) int {
	t.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	const own = 500
	if limit.Max >= crowdSize+own {
		return crowdSize
	}
	n := max(int(limit.Max)-own, 0)
	t.Logf("a process may have %d files open here, so there are %d clients instead of %d", limit.Max, n, crowdSize)
	if n < 100 {
		t.Skip("too few for a crowd")
	}
	return n
}

// TestWindowServerEchoesTenThousand lets ten thousand clients talk to a visible server tab that echoes. Every echo must
// be right and in the capture, and the window must stay small and quick.
func TestWindowServerEchoesTenThousand(t *testing.T) {
	n := crowdFor(t)
	w := openWindowIn(t, homeWithServer(t, "127.0.0.1:0", map[string]any{"echo": true, "noDelay": true}))
	w.title("Server")
	w.key("ctrl+r")
	port := w.listens()
	w.key("ctrl+t") // a second tab to change to and from
	w.title("TCP")
	w.key("ctrl+Tab")
	w.listens()
	w.settle()
	keyboard, err := w.screen.Keyboard()
	w.must(err)
	defer keyboard.Close()
	calm, crowded := &answers{keyboard: keyboard}, &answers{keyboard: keyboard}
	for range 20 {
		w.answer(calm, "ctrl+Tab", addressText)
	}
	idle := w.memory()
	descriptors, err := w.app.Descriptors()
	w.must(err)
	watch := w.watchMemory()

	began := time.Now()
	done := make(chan *crowd, 1)
	var joined time.Duration
	go func() {
		c := newCrowd(t, net.JoinHostPort("127.0.0.1", port), n)
		joined = time.Since(began)
		if c.failed == 0 {
			c.talk(crowdRounds)
		}
		done <- c
	}()
	var clients *crowd
	for clients == nil {
		select {
		case clients = <-done:
			continue
		default:
		}
		w.answer(crowded, "ctrl+Tab", addressText)
		if len(crowded.took) == 20 {
			if err := w.screen.Picture("out/71-server-crowd-comes.png"); err != nil {
				t.Error(err)
			}
		}
	}
	peak := watch()
	clients.check(t)
	if len(crowded.took)%2 == 1 {
		w.key("ctrl+Tab") // back to the server
	}
	w.title("(" + thousands(n) + ")")
	w.picture("72-server-crowd")
	clients.leave()
	left := time.Now()
	w.until("the title to count nobody", func() bool {
		title, err := w.app.Title(w.ctx)
		return err == nil && listeningTitle.MatchString(title) && !strings.Contains(title, "(")
	})
	w.until("the descriptors to be back", func() bool {
		d, err := w.app.Descriptors()
		return err == nil && d <= descriptors
	})
	back := time.Since(left)
	after := w.memory()
	// The list follows a quarter of a second later, and keeps the newest that have gone.
	w.key("ctrl+j", "ctrl+a")
	w.until("the list to say how they left", func() bool {
		return strings.Count(w.copied("ctrl+c"), "closed by peer (FIN)") == min(n, endedKept)
	})
	w.picture("73-server-crowd-gone")
	w.end()

	clients.check(t)
	if want := n * crowdRounds; clients.rounds != want {
		t.Errorf("%d echoes were right, want %d", clients.rounds, want)
	}
	_, in, _ := inbound(t, w.captures)
	if want := int64(n) * crowdRounds * crowdMessage; in != want {
		t.Errorf("the capture holds %d bytes that came in, sent were %d", in, want)
	}
	usual, slowest := calm.sorted()
	middle, worst := crowded.sorted()
	// As in the flood, a machine that is slow without it may be slow with it.
	allowed := max(floodAnswer, floodAnswer*usual/calmAnswer)
	if worst > allowed && !raced() {
		t.Errorf("of %d keys the slowest took %v to show, %v are allowed", len(crowded.took), worst, allowed)
	}
	each := (peak.RSS - idle.RSS) / int64(n)
	if each > crowdMemory && !raced() {
		t.Errorf("memory grew by %d KiB a client, %d are allowed", each>>10, crowdMemory>>10)
	}
	slices.Sort(clients.took)
	t.Logf("%d clients connected in %v; %d echoes, in %v (median), %v (99 %%) and %v (worst)", n, joined.Round(time.Millisecond), clients.rounds,
		clients.took[len(clients.took)/2], clients.took[len(clients.took)*99/100], clients.took[len(clients.took)-1])
	t.Logf("%d keys showed in %v (median) and %v (worst); before, %d in %v and %v", len(crowded.took), middle, worst, len(calm.took), usual, slowest)
	t.Logf("memory: %d MiB idle, at most %.1f KiB a client more (%.1f anonymous), %d MiB after all had left", idle.RSS>>20,
		float64(peak.RSS-idle.RSS)/float64(n)/1024, float64(peak.Anon-idle.Anon)/float64(n)/1024, after.RSS>>20)
	t.Logf("%d descriptors without clients, all back %v after the last had left", descriptors, back.Round(time.Millisecond))
}

// thousands writes a number as people in the window read it.
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}

// TestWindowServerStopsWithClients ends the window with SIGTERM while clients are connected. Every one of them must get
// a FIN and no reset, those too that do not answer with theirs, and the capture must hold each.
func TestWindowServerStopsWithClients(t *testing.T) {
	const n, soon = 100, 5 * time.Second
	w := openWindow(t, "server://127.0.0.1:0")
	address := net.JoinHostPort("127.0.0.1", w.listens())
	clients := newCrowd(t, address, n)
	clients.check(t)
	w.title(fmt.Sprintf("(%d)", n))

	var wg sync.WaitGroup
	for i, conn := range clients.conns {
		conn.SetDeadline(time.Now().Add(patience))
		wg.Go(func() {
			if said, err := io.ReadAll(conn); err != nil || len(said) > 0 {
				clients.fault(fmt.Errorf("client %d read %q, %v", i+1, said, err))
			}
			if i%2 == 0 {
				conn.Close()
			}
		})
	}
	began := time.Now()
	w.end()
	took := time.Since(began)
	wg.Wait()
	clients.check(t)
	if took > soon {
		t.Errorf("the window took %v to end, %v are allowed", took, soon)
	}
	ended := map[netip.AddrPort]int{} // FINs from us, by client
	files, err := segments(w.captures)
	w.must(err)
	for _, file := range files {
		w.must(readPackets(file, func(p packet) error {
			if !p.inbound && p.flags&flagFIN != 0 {
				ended[p.dst]++
			}
			if p.flags&flagRST != 0 {
				t.Errorf("the capture holds a reset of %v: %q", p.dst, p.comment)
			}
			return nil
		}))
	}
	for i, conn := range clients.conns {
		if at := conn.LocalAddr().(*net.TCPAddr).AddrPort(); ended[at] != 1 {
			t.Errorf("the capture holds %d FINs to client %d, %v", ended[at], i+1, at)
		}
	}
	t.Logf("the window ended %v after SIGTERM", took.Round(time.Millisecond))
}
