package app

import (
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"wirebench/sessions"
	"wirebench/sessions/capture"
	"wirebench/widgets"
)

// listenTab opens a server tab on a port of the system's choice.
func listenTab(t *testing.T, w *workbench, o *serverOptions) *serverTab {
	t.Helper()
	tab := w.newServer(savedTab{Kind: "server", Address: "127.0.0.1:0", Server: o})
	tab.startTyped()
	until(t, w, "listening", func() bool { return tab.info.Listening })
	return tab
}

// join connects a client and waits until the list has it.
func join(t *testing.T, w *workbench, tab *serverTab) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", tab.info.Local.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	until(t, w, "the client to be listed", func() bool {
		for _, i := range tab.clients.infos {
			if i.Remote.String() == c.LocalAddr().String() {
				return true
			}
		}
		return false
	})
	return c
}

func hear(t *testing.T, c net.Conn, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if n, err := io.ReadFull(c, got); err != nil || string(got) != want {
		t.Fatalf("a client heard %q, %v; want %q", got[:n], err, want)
	}
}

func TestAServerTabListensSendsAndKicks(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := listenTab(t, w, nil)
	first, second, third := join(t, w, tab), join(t, w, tab), join(t, w, tab)
	if got := tab.title(); !strings.HasPrefix(got, "Server :") || !strings.HasSuffix(got, " (3)") {
		t.Errorf("the tab is called %q", got)
	}
	if got := tab.status.Status(); got.State != widgets.StatusListening || !strings.Contains(got.Detail, "3 clients") {
		t.Errorf("the status line shows %+v", got)
	}

	tab.composer.SetText("to all")
	w.run(t, "Send")
	for _, c := range []net.Conn{first, second, third} {
		hear(t, c, "to all")
	}
	tab.clients.list.Select([]int64{2})
	tab.composer.SetText("to you")
	w.run(t, "Send")
	hear(t, second, "to you")

	w.run(t, "Kick the selected clients")
	if b, err := io.ReadAll(second); err != nil || len(b) > 0 {
		t.Errorf("the kicked client read %q, %v", b, err)
	}
	second.Close()
	until(t, w, "the kicked client to be gone", func() bool { return tab.info.Clients == 2 })
	until(t, w, "the list to say so", func() bool { i := tab.clients.info(2); return i != nil && !i.Ended.IsZero() })
	if i := tab.clients.info(2); i.ClosedBy != sessions.ByLocal {
		t.Errorf("the list says %+v", i)
	}

	tab.clients.list.ClearSelection()
	w.run(t, "Disconnect, stop listening or unbind")
	until(t, w, "not listening", func() bool { return !tab.info.Listening })
	if tab.busy() == "" {
		t.Error("a tab with clients closes without a question")
	}
	w.run(t, "Stop and close every client")
	if b, err := io.ReadAll(first); err != nil || len(b) > 0 {
		t.Errorf("a client that was closed read %q, %v", b, err)
	}
	first.Close()
	third.Close()
	until(t, w, "closed", func() bool { return tab.info.State == sessions.Closed })
}

func TestTheTrafficListShowsTheSelectedClients(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := listenTab(t, w, &serverOptions{Echo: true})
	var all []net.Conn
	for _, text := range []string{"one", "two", "three"} {
		c := join(t, w, tab)
		if _, err := io.WriteString(c, text); err != nil {
			t.Fatal(err)
		}
		hear(t, c, text)
		all = append(all, c)
	}
	// Each client has SYN, SYN-ACK, what it said and its echo; the listener a note.
	until(t, w, "all records", func() bool { return tab.traffic.records() == 13 })
	tab.clients.list.Select([]int64{2})
	until(t, w, "those of one client", func() bool { return tab.traffic.filter != nil && tab.traffic.filter.Len() == 4 })
	tab.clients.list.Select([]int64{1, 3})
	until(t, w, "those of two clients", func() bool { return tab.traffic.filter != nil && tab.traffic.filter.Len() == 8 })
	w.run(t, "Only the traffic of the selected")
	until(t, w, "all again", func() bool { return tab.traffic.filter == nil })

	// The value under the cursor goes on in its connection, whatever came between.
	for _, c := range all {
		if _, err := io.WriteString(c, "+"); err != nil {
			t.Fatal(err)
		}
		hear(t, c, "+")
	}
	until(t, w, "more records", func() bool { return tab.traffic.records() == 19 })
	if got := tab.traffic.bytesAt(0); string(got) != "one+" {
		t.Errorf("the inspector reads %q from the first byte of client 1 on", got)
	}
}

func TestTheListOfClientsFollowsTheChoiceOfTimes(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	first := listenTab(t, w, nil)
	second := listenTab(t, w, nil)
	shows := func(when string, tab *serverTab, want widgets.TimeMode) {
		t.Helper()
		if clients, traffic := tab.clients.list.TimeMode(), tab.traffic.list.TimeMode(); clients != want || traffic != want {
			t.Errorf("%s: the clients show times as %d and the traffic as %d, want %d", when, clients, traffic, want)
		}
	}
	shows("at first", second, widgets.TimeAbsolute)
	w.run(t, "Since the first record")
	shows("chosen", second, widgets.TimeRelative)
	shows("opened then", listenTab(t, w, nil), widgets.TimeRelative)
	w.strip.choose(first)
	shows("shown then", first, widgets.TimeRelative)
	w.run(t, "Clock time")
	shows("taken back", first, widgets.TimeAbsolute)
}

func TestAServerTabComesBackAsItWas(t *testing.T) {
	w, dir := newBenchUnderTest(t)
	tab := w.newServer(savedTab{Kind: "server", Address: "127.0.0.1:8087"})
	v, _ := tab.options.Values()
	v.Replies.Greeting, v.Replies.Echo, v.MaxClients, v.TLS = "Connected.", true, 7, true
	tab.options.SetValues(v)
	w.saveNow()
	_ = dir
	s, ok := tab.saved()
	if !ok || s.Kind != "server" || s.Address != "127.0.0.1:8087" {
		t.Fatalf("the tab is saved as %+v", s)
	}
	again, err := newServerTab(w, s)
	if err != nil {
		t.Fatal(err)
	}
	defer again.close()
	if got, _ := again.options.Values(); got.Replies.Greeting != "Connected." || !got.Replies.Echo || got.MaxClients != 7 || !got.TLS {
		t.Errorf("it comes back with %+v", got)
	}
}

func TestAnAddressThatIsTakenIsExplainedAndCanBeTriedAgain(t *testing.T) {
	l := listenTCP(t)
	w, _ := newBenchUnderTest(t)
	tab := w.newServer(savedTab{Kind: "server", Address: l.Addr().String()})
	tab.startTyped()
	until(t, w, "the error", func() bool {
		n, shown := tab.traffic.banner.Notice()
		return shown && n.Kind == widgets.NoticeError && strings.Contains(n.Text, "in use")
	})
	l.Close()
	n, _ := tab.traffic.banner.Notice()
	n.Actions[0].Run()
	until(t, w, "listening", func() bool { return tab.info.Listening })
	if tab.bar.Text() != l.Addr().String() {
		t.Errorf("what was typed is now %q", tab.bar.Text())
	}
}

func TestAURLOpensAServer(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	w.openURL("server://127.0.0.1:0")
	tab, ok := w.strip.current.(*serverTab)
	if !ok {
		t.Fatalf("it opened %T", w.strip.current)
	}
	until(t, w, "listening", func() bool { return tab.info.Listening })
}

func TestTheBytesShownAreThoseOfTheSelectedClients(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	tab := listenTab(t, w, nil)
	var all []net.Conn
	for range 3 {
		all = append(all, join(t, w, tab))
	}
	for round := range 3 {
		for n, c := range all {
			if _, err := io.WriteString(c, strings.Repeat(string(rune('a'+n)), 4)); err != nil {
				t.Fatal(err)
			}
			until(t, w, "the bytes", func() bool { return tab.info.BytesIn == int64(4*(3*round+n+1)) })
		}
	}
	until(t, w, "the records", func() bool { return tab.traffic.log.Stats().InBytes == 36 })
	tab.clients.list.Select([]int64{2})
	until(t, w, "the bytes of one", func() bool { return tab.traffic.bytes().Stats().InBytes == 12 })
	b := make([]byte, 12)
	if _, err := tab.traffic.bytes().ReadAt(0, b, 0); err != nil || string(b) != "bbbbbbbbbbbb" {
		t.Errorf("client 2 has %q, %v", b, err)
	}
	// A record of the list shows its place among them, and a byte its record.
	var second int64
	until(t, w, "the list", func() bool { return tab.traffic.filter.Len() == 5 }) // SYN, SYN-ACK and three reads
	second, _ = tab.traffic.filter.Nth(3)
	tab.traffic.list.SelectNumber(second)
	if off, n := tab.traffic.hex.Selection(); off != 4 || n != 4 {
		t.Errorf("its second read selected %d bytes from %d, want 4 from 4", n, off)
	}
	tab.traffic.hex.GoTo(9)
	third, _ := tab.traffic.filter.Nth(4)
	if r, _ := tab.traffic.list.Selected(); r.Number != third {
		t.Errorf("byte 9 selected record %d, want %d", r.Number, third)
	}
	// What is looked for is found among them alone.
	find := func() (int64, error) {
		shows := tab.traffic.shows()
		m, _, err := findNear(t.Context(), tab.traffic.log, capture.Query{Literal: []byte("c")}, func(m capture.Match) bool {
			_, ok := shows(m)
			return ok
		}, nil)
		off, _ := shows(m)
		return off, err
	}
	if off, err := find(); !errors.Is(err, errNoMatch) {
		t.Errorf("a byte of another client was found at %d, %v", off, err)
	}
	tab.clients.list.Select([]int64{3})
	until(t, w, "the bytes of another", func() bool {
		return tab.traffic.only[0].Flow.Remote.String() == all[2].LocalAddr().String() && tab.traffic.bytes().Stats().InBytes == 12
	})
	if off, err := find(); off != 0 || err != nil {
		t.Errorf("its byte was found at %d, %v", off, err)
	}
	tab.clients.list.ClearSelection()
	until(t, w, "all bytes again", func() bool { return tab.traffic.bytes().Stats().InBytes == 36 })
}
