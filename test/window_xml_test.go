//go:build e2e && linux

package test

import (
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// action runs an action by the name it has in the palette.
func (w *window) action(name string) {
	w.Helper()
	w.key("ctrl+shift+p")
	w.typeText(name)
	w.key("Return")
}

// sessions are the captures of each session by itself, in the order in which they began.
func (w *window) sessions() []traffic {
	w.Helper()
	files, err := segments(w.captures)
	w.must(err)
	type session struct {
		id    string
		began time.Time
		traffic
	}
	var all []*session
	for _, file := range files {
		name := strings.Split(filepath.Base(file), "-") // date, time, the five parts of the id, and the segment
		if len(name) != 8 {
			w.Fatalf("a capture is called %s", file)
		}
		id := strings.Join(name[2:7], "-")
		at := slices.IndexFunc(all, func(s *session) bool { return s.id == id })
		if at < 0 {
			at = len(all)
			all = append(all, &session{id: id})
		}
		w.must(readPackets(file, func(p packet) error {
			if all[at].began.IsZero() {
				all[at].began = p.at
			}
			return all[at].add(p)
		}))
	}
	slices.SortFunc(all, func(a, b *session) int { return a.began.Compare(b.began) })
	var out []traffic
	for _, s := range all {
		if !s.began.IsZero() {
			out = append(out, s.traffic)
		}
	}
	return out
}

// chats waits until so many sessions have exchanged what they are to: a pair each of what came in and went out.
func (w *window) chats(want ...[2]string) {
	w.Helper()
	var last []traffic
	defer func() {
		if w.Failed() {
			w.Logf("the sessions are %v, wanted %q", last, want)
		}
	}()
	w.until("the sessions to hold what was said", func() bool {
		last = w.sessions()
		return slices.EqualFunc(last, want, func(t traffic, s [2]string) bool { return string(t.in) == s[0] && string(t.out) == s[1] })
	})
}

// TestWindowChatsInXMLDocuments lets two clients and the server they are at, each in a tab of one window, talk in XML
// documents, as XMLSocket does.
func TestWindowChatsInXMLDocuments(t *testing.T) {
	w := openWindow(t, "server://127.0.0.1:0")
	address := net.JoinHostPort("127.0.0.1", w.listens())
	server := strings.TrimPrefix(address, "127.0.0.1")
	inDocuments := func() {
		w.Helper()
		w.action("Framing: XML documents")
		w.action("End text with: NUL")
	}
	tab := func(title string) {
		w.Helper()
		w.key("ctrl+Tab")
		w.title(title)
	}
	inDocuments()
	for range 2 {
		w.key("ctrl+t")
		w.connect(address)
		w.title(address)
		inDocuments()
	}
	w.until("two clients to be there", func() bool { return len(w.sessions()) == 3 })

	// The sessions are the server's, ann's, and ben's, whose tab is visible.
	hello := `<chat from="ben">hello, ann</chat>` + "\x00"
	w.send(strings.TrimSuffix(hello, "\x00"))
	w.chats([2]string{hello, ""}, [2]string{}, [2]string{"", hello})

	tab("Server " + server)
	w.action("Clients and peers: Echo")
	w.picture("xml-01-server")
	news := `<news>grüße an alle, ☕ um fünf</news>` + "\x00"
	w.paste(strings.TrimSuffix(news, "\x00"))
	w.chats([2]string{hello, news + news}, [2]string{news, ""}, [2]string{news, hello})

	tab("TCP " + address) // ann's
	bad := `<chat from="ann"><b>oops</chat>` + "\x00"
	w.send(strings.TrimSuffix(bad, "\x00"))
	w.chats([2]string{hello + bad, news + news + bad}, [2]string{news + bad, bad}, [2]string{news, hello})
	w.picture("xml-02-not-well-formed")
	var rows []string
	w.until("both directions of the document to be marked", func() bool {
		rows = w.listed()
		return strings.Count(strings.Join(rows, "\n"), "not well-formed: line 1, column") == 2
	})
	if got := strings.Join(rows, "\n"); !strings.Contains(got, "\t<news>grüße an alle, ☕ um fünf</news>") || strings.Contains(got, "␀") {
		t.Errorf("listed are\n%s", got)
	}

	// What its connection's end cuts off is shown all the same.
	w.key("ctrl+m", "ctrl+h")
	w.send("3c 62 79 65") // <bye
	cut := "<bye"
	w.chats([2]string{hello + bad + cut, news + news + bad + cut}, [2]string{news + bad + cut, bad + cut}, [2]string{news, hello})
	w.key("ctrl+d")
	w.until("the document to be cut off", func() bool {
		rows = w.listed()
		return strings.Count(strings.Join(rows, "\n"), "\tcut off") == 2
	})
	w.picture("xml-03-cut-off")
	tab("TCP " + address) // ben's
	tab("Server " + server)
	w.key("ctrl+e")
	w.picture("xml-04-all-at-the-server")
	w.until("the server to list every document", func() bool {
		rows = w.listed()
		documents := 0
		for _, row := range rows {
			if columns := strings.Split(row, "\t"); columns[4] != "" { // and no note
				documents++
			}
		}
		return documents == 3+4
	})
}

// TestHeadlessChatInXMLDocuments is the same at the command line: a server that echoes, and two clients.
func TestHeadlessChatInXMLDocuments(t *testing.T) {
	server := startCommand(t, "server", "127.0.0.1:0", "--framing", "xml", "--echo", "--json")
	address := server.listening()
	talk := func(name string, sends ...string) {
		t.Helper()
		args := []string{"tcp", address, "--framing", "xml", "--json"}
		for _, s := range sends {
			args = append(args, "--send", s, "--expect", s)
		}
		c := startCommand(t, args...)
		events := c.over(0)
		if got, want := documents(events, "out"), sends; !slices.Equal(got, want) {
			t.Errorf("%s said %q, want %q", name, got, want)
		}
		if got, want := documents(events, "in"), sends; !slices.Equal(got, want) {
			t.Errorf("%s heard %q, want %q", name, got, want)
		}
	}
	hello, umlauts, bad := `<chat from="ann">hello</chat>`, `<chat from="ann">grüß dich ☕</chat>`, `<chat from="ben"><b>oops</chat>`
	talk("ann", hello, umlauts)
	talk("ben", bad, `<bye/>`)
	events := server.end()
	var got []string
	for _, e := range events {
		if e["event"] == "data" && e["direction"] == "in" {
			got = append(got, fmt.Sprint(e["client"], " ", e["text"], " ", e["wellFormed"], " ", e["complete"], " ", e["problem"] != nil))
		}
		if e["event"] == "socketData" {
			t.Errorf("beside documents there is %v", e)
		}
	}
	want := []string{"1 " + hello + " true true false", "1 " + umlauts + " true true false", "2 " + bad + " false true true", "2 <bye/> true true false"}
	if !slices.Equal(got, want) {
		t.Errorf("the server heard\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if out := documents(events, "out"); !slices.Equal(out, []string{hello, umlauts, bad, "<bye/>"}) {
		t.Errorf("the server said %q", out)
	}
	if sum := events[len(events)-1]; sum["event"] != "summary" || sum["messagesIn"] != 4.0 || sum["messagesOut"] != 4.0 {
		t.Errorf("summary %v", sum)
	}
}

// documents are the texts of the events "data" of one direction.
func documents(events []map[string]any, direction string) (all []string) {
	for _, e := range events {
		if e["event"] == "data" && e["direction"] == direction {
			all = append(all, e["text"].(string))
		}
	}
	return all
}
