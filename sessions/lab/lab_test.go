package lab

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wirebench/sessions"
	"wirebench/sessions/fields"
	"wirebench/sessions/framing"
	"wirebench/sessions/inspect"
)

// builder makes messages as a tab does.
var builder = fields.NewBuilder(inspect.Big)

func TestEveryEntryIsReadyForATab(t *testing.T) {
	l := started(t, Options{})
	all := l.Entries()
	if len(all) != len(Catalogue()) {
		t.Fatalf("%d of %d are started", len(all), len(Catalogue()))
	}
	seen := map[string]bool{}
	for i, e := range all {
		if e.ID != Catalogue()[i].ID {
			t.Errorf("%s is not in the catalogue's order", e.ID)
		}
		if seen[e.ID] || seen[e.Address] && e.Kind != sessions.UDP {
			t.Errorf("%s or its address is there twice", e.ID)
		}
		seen[e.ID], seen[e.Address] = true, true
		at, err := netip.ParseAddrPort(e.Address)
		if err != nil || !at.Addr().IsLoopback() {
			t.Errorf("%s: %q is no loopback address", e.ID, e.Address)
		}
		if e.Title == "" || e.Look[0] == "" || e.Look[1] == "" || len(e.Look[0]) > 110 || len(e.Look[1]) > 110 {
			t.Errorf("%s: what to look at does not take two lines of up to 110 characters", e.ID)
		}
		if _, err := framing.Parse(e.Framing); e.Framing != "" && err != nil {
			t.Errorf("%s: %v", e.ID, err)
		}
		for _, m := range e.Messages {
			if p, err := m.Bytes(builder); err != nil || len(p) == 0 {
				t.Errorf("%s: the message %q: %v", e.ID, m.Name, err)
			}
			if m.Target != e.URL() {
				t.Errorf("%s: the message %q goes to %q", e.ID, m.Name, m.Target)
			}
		}
		var checks []error
		if e.TCP != nil {
			checks = append(checks, e.TCP.Check())
		}
		if e.TLS != nil {
			checks = append(checks, e.TLS.Check())
		}
		if e.UDP != nil {
			checks = append(checks, e.UDP.Check())
		}
		if len(checks) != 1 || checks[0] != nil {
			t.Errorf("%s has %d configurations: %v", e.ID, len(checks), checks)
		}
	}
}

func TestOneServerIsStartedWithoutTheOthers(t *testing.T) {
	l := started(t, Options{}, "ECHO")
	if all := l.Entries(); len(all) != 1 || all[0].ID != "echo" || all[0].URL() != "tcp://"+all[0].Address {
		t.Fatalf("started are %+v", all)
	}
	if l.Dir() != "" {
		t.Errorf("files were made in %s, and nobody needs them", l.Dir())
	}
	before := entry(t, l, "echo")
	if again := entry(t, l, "echo"); again.Address != before.Address {
		t.Error("it was started twice")
	}
	entry(t, l, "tls-trusted")
	if all := l.Entries(); len(all) != 3 || all[1].ID != "authority" || all[2].ID != "tls-trusted" {
		t.Errorf("started are %+v", all)
	}
}

func TestAnEntryIsACopy(t *testing.T) {
	l := started(t, Options{}, "tls-expired")
	e := entry(t, l, "tls-expired")
	e.TLS.CAFiles[0], e.Faults[0], e.Messages[0].Name = "x", "x", "x"
	Catalogue()[0].Messages[0].Name = "x"
	if e := entry(t, l, "tls-expired"); e.TLS.CAFiles[0] == "x" || e.Faults[0] == "x" || e.Messages[0].Name == "x" {
		t.Error("a change to an entry came back")
	}
	if Catalogue()[0].Messages[0].Name == "x" {
		t.Error("a change to the catalogue came back")
	}
}

func TestALabThatCannotBeIsNotStarted(t *testing.T) {
	if _, err := Start(t.Context(), Options{}, "echo", "nothing"); !errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), `"nothing"`) {
		t.Errorf("an unknown name: %v", err)
	}
	for _, o := range []Options{{MaxClients: -1}, {Idle: -1}, {UDP: UDPFaults{Loss: 1.1}}, {UDP: UDPFaults{Delay: time.Hour}}} {
		if l, err := Start(t.Context(), o, "echo"); err == nil {
			l.Close()
			t.Errorf("%+v was started", o)
		}
	}
	file := t.TempDir() + "/file"
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if l, err := Start(t.Context(), Options{Dir: file + "/in"}, "tls-trusted"); err == nil {
		l.Close()
		t.Error("there is no such folder")
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Start(gone, Options{}, "echo"); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: %v", err)
	}
}

func TestClosingLeavesNothing(t *testing.T) {
	l, err := Start(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	dir := l.Dir()
	var open []net.Conn
	for _, e := range l.Entries() {
		if e.Kind != sessions.UDP {
			c := dial(t, e)
			open = append(open, c)
			c.Write([]byte("x")) // a handshake, a document and a frame that never go on
		}
	}
	all := l.Entries()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range open {
		if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("the connection to %s stands", c.RemoteAddr())
		}
	}
	for _, e := range all {
		if e.Kind != sessions.UDP {
			if c, err := net.Dial("tcp", e.Address); err == nil {
				c.Close()
				t.Errorf("%s listens", e.ID)
			}
		}
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder %s: %v", dir, err)
	}
	if _, err := l.Open("echo"); !errors.Is(err, ErrClosed) {
		t.Errorf("opening one more: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
}

// Whoever is at it when the lab ends, and whatever was sent, Close comes to its end.
func TestClosingInTheMiddleOfEverything(t *testing.T) {
	l, err := Start(t.Context(), Options{MaxClients: 8})
	if err != nil {
		t.Fatal(err)
	}
	var guests sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	for i, e := range l.Entries() {
		if e.Kind == sessions.UDP {
			continue
		}
		guests.Go(func() {
			chance := rand.New(rand.NewPCG(uint64(i), 1))
			for ctx.Err() == nil {
				c, err := net.Dial("tcp", e.Address)
				if err != nil {
					return // the lab has ended
				}
				junk := make([]byte, chance.IntN(2000))
				for i := range junk {
					junk[i] = byte(chance.Uint32())
				}
				if len(e.Messages) > 0 && chance.IntN(2) == 0 {
					good, _ := e.Messages[0].Bytes(builder)
					junk = append(good, junk...)
				}
				c.SetDeadline(time.Now().Add(20 * time.Millisecond))
				c.Write(junk)
				io.Copy(io.Discard, c)
				c.Close()
			}
		})
	}
	for _, id := range names(sessions.TCP) { // everybody was there
		for {
			if n, _ := l.Counts(id); n.Accepted > 2 {
				break
			}
			time.Sleep(time.Millisecond)
		}
	}
	closed := make(chan error, 1)
	go func() { closed <- l.Close() }()
	select {
	case err := <-closed:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(patience):
		t.Error("it does not end")
	}
	for _, e := range Catalogue() {
		if n, ok := l.Counts(e.ID); ok && n.Clients != 0 {
			t.Errorf("%s has %d clients", e.ID, n.Clients)
		}
	}
	cancel()
	guests.Wait()
}

func TestALabEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	l, err := Start(ctx, Options{}, "echo")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	cancel()
	select {
	case <-l.Done():
	case <-time.After(patience):
		t.Fatal("it goes on")
	}
}

func TestAFolderOfOnesOwnStays(t *testing.T) {
	dir := t.TempDir() + "/made"
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/"+ClientKeyFile, []byte("an earlier one, for all to read"), 0o644); err != nil {
		t.Fatal(err)
	}
	l := started(t, Options{Dir: dir}, "tls-client-certificate")
	l.Close()
	for _, name := range []string{RootFile, CRLFile, ClientFile, ClientKeyFile} {
		st, err := os.Stat(dir + "/" + name)
		if err != nil {
			t.Error(err)
		} else if name == ClientKeyFile && st.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
			t.Errorf("the key's mode is %v", st.Mode())
		}
	}
}

func TestMoreClientsThanTheLimitAreTurnedAway(t *testing.T) {
	heard := newNews()
	l := started(t, Options{MaxClients: 2, Tell: heard.tell}, "echo")
	e := entry(t, l, "echo")
	for range 2 {
		c := connected(t, e)
		c.send(t, []byte("here"))
		c.hears(t, "here")
	}
	if rest := readAll(t, dial(t, e)); len(rest) > 0 {
		t.Errorf("the third one is told %q", rest)
	}
	heard.await(t, "turning away", func(e Event) bool { return strings.Contains(e.Text, "turned away: 2 clients") })
	n, ok := l.Counts("echo")
	if !ok || n.Clients != 2 || n.Accepted != 2 || n.Refused != 1 || n.BytesIn != 8 || n.BytesOut != 8 {
		t.Errorf("counted is %+v", n)
	}
	if _, ok := l.Counts("chat"); ok {
		t.Error("what is not started counts")
	}
}

func TestAClientThatSaysNothingIsClosed(t *testing.T) {
	ids := names(sessions.TCP)
	l := started(t, Options{Idle: 50 * time.Millisecond}, ids...)
	for _, id := range ids {
		if _, err := io.Copy(io.Discard, dial(t, entry(t, l, id))); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s keeps a silent client", id)
		}
	}
}

func TestEveryFirstMessageIsAnswered(t *testing.T) {
	l := started(t, Options{}, names(sessions.TCP)...)
	wants := map[string]string{
		"echo": "Hello, Wirebench!\n", "chat": `<heard by="0"/>`, "game": "\x57\x81", "policy": "</cross-domain-policy>\n\x00",
		"slow": "I speak", "reset": "cut off in the mid", "half-close": "I go on listening", "authority": "/issuing.crl",
		"telnet": "login: ",
	}
	for _, e := range l.Entries() {
		c := connected(t, e)
		if len(e.Messages) > 0 {
			p, err := e.Messages[0].Bytes(builder)
			if err != nil {
				t.Fatal(err)
			}
			c.send(t, p)
		}
		if wants[e.ID] == "" {
			t.Errorf("%s: this test does not know what it answers", e.ID)
		}
		c.hears(t, wants[e.ID])
	}
	if !slices.Contains(names(sessions.UDP), "udp") {
		t.Error("there is no datagram echo")
	}
}

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		l, err := Start(b.Context(), Options{})
		if err != nil {
			b.Fatal(err)
		}
		l.Close()
	}
}
