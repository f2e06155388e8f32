package lab

import (
	"bytes"
	"context"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"wirebench/sessions/policy"
)

func TestTheChatRelaysToTheOthers(t *testing.T) {
	l := started(t, Options{}, "chat")
	e := entry(t, l, "chat")
	ada, bob := connected(t, e), connected(t, e)
	ada.hears(t, "<welcome you=")
	bob.hears(t, "<welcome you=")
	// Whoever came first is told of the other.
	ada.until(t, "somebody joining", func() bool {
		bob.mu.Lock()
		defer bob.mu.Unlock()
		return bytes.Contains(ada.in, []byte("<joined ")) || bytes.Contains(bob.in, []byte("<joined "))
	})
	said := "<m a='1'>h\u00e9llo &amp; all</m>\x00"
	ada.send(t, []byte(said[:7]))
	ada.send(t, []byte(said[7:]+"<n/>\x00"))
	bob.hears(t, said+"<n/>\x00")
	ada.hears(t, `<heard by="1"/>`)
	bob.send(t, []byte("<who/>\x00"))
	bob.hears(t, `<here are="guest1 guest2"/>`)
	bob.session.Close()
	ada.hears(t, "<left who=")
	if bytes.Contains(ada.in, []byte("llo")) {
		t.Errorf("what one says comes back: %q", ada.in)
	}
}

func TestWhatIsNoDocumentIsNotRelayed(t *testing.T) {
	l := started(t, Options{}, "chat")
	e := entry(t, l, "chat")
	ada, bob := connected(t, e), connected(t, e)
	bob.hears(t, "<welcome")
	for sent, want := range map[string]string{
		"<m>":                                "line 1, column",
		"\xff\xfe":                           "<error text=",
		"<!DOCTYPE m [<!ENTITY a 'b'>]><m/>": "DOCTYPE",
		strings.Repeat("<a>", 5000):          "<error text=",
	} {
		ada.send(t, []byte(sent+"\x00"))
		ada.hears(t, want)
	}
	ada.send(t, []byte("\x00 \x00<end/>\x00"))
	bob.hears(t, "<end/>\x00")
	if n := bytes.Count(bob.in, []byte{0}); n > 3 {
		t.Errorf("relayed was %q", bob.in)
	}
}

func TestADocumentWithoutEndIsCutOff(t *testing.T) {
	l := started(t, Options{}, "chat")
	c := dial(t, entry(t, l, "chat"))
	go c.Write(bytes.Repeat([]byte("<"), 2*maxDocument))
	if told := readAll(t, c); !strings.Contains(string(told), strconv.Itoa(maxDocument)+" bytes without a zero byte") {
		t.Errorf("told was %q", told)
	}
}

func TestWhoTakesNothingIsCutOffAndDelaysNobody(t *testing.T) {
	heard := newNews()
	l := started(t, Options{Tell: heard.tell}, "chat")
	e := entry(t, l, "chat")
	deaf := dial(t, e)
	deaf.SetReadBuffer(4096)
	deaf.Write([]byte("<here/>\x00"))
	ada := connected(t, e)
	ada.hears(t, "<welcome")
	long := []byte("<m>" + strings.Repeat("x", maxDocument-100) + "</m>\x00")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; i < 1000 && ctx.Err() == nil; i++ {
			ada.session.Send(long)
			for ctx.Err() == nil && ada.heardBy() < i { // no faster than the chat
				time.Sleep(time.Millisecond)
			}
		}
	}()
	heard.await(t, "cutting off", func(e Event) bool { return strings.Contains(e.Text, "cut off") && e.Client == 1 })
	cancel()
	<-done
	ada.hears(t, `<left who="guest1"/>`)
}

// heardBy is how often the chat has said how many heard something.
func (c *client) heardBy() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return bytes.Count(c.in, []byte("<heard "))
}

func TestThePolicyFileIsOneThatClientsUse(t *testing.T) {
	if err := policy.Check([]byte(policyFile)); err != nil {
		t.Fatal(err)
	}
	l := started(t, Options{}, "policy", "chat")
	for _, id := range []string{"policy", "chat"} {
		port := dial(t, entry(t, l, id)).RemoteAddr().String()
		_, number, _ := strings.Cut(port, ":")
		n, _ := strconv.ParseUint(number, 10, 16)
		answer, err := policy.Ask(t.Context(), "127.0.0.1", uint16(n), policy.Options{MasterPort: uint16(n)})
		if err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		answer, err = policy.Ask(t.Context(), "127.0.0.1", uint16(n), policy.Options{MasterPort: 1})
		if err != nil || !answer.Explain(policy.Query{Domain: "www.example.com", Port: 7777}).Granted {
			t.Errorf("%s: %v, %+v", id, err, answer)
		}
		if len(answer.Sources) != 2 || len(answer.Sources[1].Problems) > 0 || answer.Sources[1].Ending != policy.ZeroByte {
			t.Errorf("%s: %+v", id, answer.Sources)
		}
	}
}

func TestTheRequestForAPolicyFileMayComeInPieces(t *testing.T) {
	l := started(t, Options{}, "policy", "chat")
	for _, id := range []string{"policy", "chat"} {
		c := dial(t, entry(t, l, id))
		for _, b := range []byte(policy.Request) {
			if _, err := c.Write([]byte{b}); err != nil {
				t.Fatal(err)
			}
		}
		if got := readAll(t, c); !bytes.HasSuffix(got, []byte(policyFile+"\x00")) {
			t.Errorf("%s answers %q", id, got)
		}
	}
	c := dial(t, entry(t, l, "policy"))
	c.Write([]byte("GET / HTTP/1.0\r\n\r\n"))
	if got := readAll(t, c); !bytes.Contains(got, []byte("ask with")) {
		t.Errorf("to something else it says %q", got)
	}
}

func FuzzChatSplitter(f *testing.F) {
	f.Add([]byte("<a/>\x00<b/>\x00"), uint8(3))
	f.Fuzz(func(t *testing.T, p []byte, cut uint8) {
		const most = 100
		var whole, pieces [][]byte
		keep := func(to *[][]byte) func([]byte) {
			return func(doc []byte) {
				if len(doc) > most || bytes.IndexByte(doc, 0) >= 0 {
					t.Fatalf("%q is no document", doc)
				}
				*to = append(*to, bytes.Clone(doc))
			}
		}
		one := splitter{most: most}
		okWhole := one.feed(p, keep(&whole))
		two := splitter{most: most}
		okPieces := true
		for rest := p; len(rest) > 0 && okPieces; {
			n := min(len(rest), int(cut)+1)
			okPieces = two.feed(rest[:n], keep(&pieces))
			rest = rest[n:]
		}
		if okWhole != okPieces || bytes.Join(whole, []byte{0}) == nil != (bytes.Join(pieces, []byte{0}) == nil) || len(whole) != len(pieces) {
			t.Fatalf("in one piece %v %q, in pieces %v %q", okWhole, whole, okPieces, pieces)
		}
	})
}

func TestAHalfClosingPeerCountsOn(t *testing.T) {
	heard := newNews()
	l := started(t, Options{Tell: heard.tell}, "half-close")
	c := dial(t, entry(t, l, "half-close"))
	if got := readAll(t, c); !bytes.Contains(got, []byte("This is all I say")) {
		t.Errorf("it says %q", got)
	}
	if _, err := c.Write(make([]byte, 100_000)); err != nil {
		t.Fatal(err)
	}
	c.CloseWrite()
	heard.await(t, "the count", func(e Event) bool { return e.Text == "100000 bytes heard since this side ended" })
	if n, _ := l.Counts("half-close"); n.BytesIn != 100_000 {
		t.Errorf("counted is %+v", n)
	}
}

func TestAResettingPeerResets(t *testing.T) {
	l := started(t, Options{}, "reset")
	c := connected(t, entry(t, l, "reset"))
	c.send(t, []byte("x"))
	<-c.session.Done()
	c.hears(t, "cut off in the mid")
	if e := c.told(t, "close"); e.By != "reset" {
		t.Errorf("closed by %s", e.By)
	}
}

func TestASlowPeerIsSlow(t *testing.T) {
	l := started(t, Options{}, "slow")
	c := dial(t, entry(t, l, "slow"))
	c.SetWriteBuffer(4096)
	began := time.Now()
	if _, err := io.CopyN(io.Discard, c, 5); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < 4*slowPause {
		t.Errorf("5 characters took %v", took)
	}
	c.SetWriteDeadline(time.Now().Add(time.Second))
	if n, err := c.Write(make([]byte, 64<<20)); !os.IsTimeout(err) {
		t.Errorf("it took %d bytes in a second, %v", n, err)
	}
}
