package widgets

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

func testStart(log *[]string) StartContent {
	do := func(s string) func() { return func() { *log = append(*log, s) } }
	c := StartContent{
		Title:    "Wirebench",
		Subtitle: "See every byte that goes over a connection, in both directions.",
		Entries: []StartEntry{
			{theme.LoginIcon(), "TCP client", "Connect to host:port and see every byte.", do("tcp")},
			{theme.InfoIcon(), "TLS client", "The same after a handshake, and why it failed.", do("tls")},
			{theme.ComputerIcon(), "Server", "Listen, see every client, answer or echo.", do("server")},
			{theme.MailSendIcon(), "UDP", "Datagrams, multicast and broadcast too.", do("udp")},
		},
		Hint: "Ctrl+T new tab · Ctrl+L address · Ctrl+Enter send · Ctrl+Shift+P any command · F1 all keys",
	}
	for i := range 10 {
		c.Recent = append(c.Recent, StartLink{Label: fmt.Sprintf("game-%d.example.org:9339", i), Run: do(fmt.Sprint("recent ", i))})
		c.Captures = append(c.Captures, StartLink{Label: fmt.Sprintf("127.0.0.1:777%d", i), Detail: "yesterday 15:04, 3.1 MiB", Run: do(fmt.Sprint("capture ", i))})
	}
	c.Offers = []StartOffer{{"127.0.0.1:7777", "12.4 MiB, last written today at 14:31", do("open"), do("delete")}}
	return c
}

func TestAnEntryRunsByClickAndByKey(t *testing.T) {
	var log []string
	s := NewStartPage(testStart(&log))
	w := stage(t, s, fyne.NewSize(1024, 700))
	test.Tap(s.tiles[1]) // the first is the offer
	w.Canvas().Focus(s.tiles[3])
	press(w, fyne.KeyReturn, fyne.KeySpace, fyne.KeyA)
	test.Tap(s.tiles[0].open)
	test.Tap(s.tiles[0].remove)
	test.Tap(s.tiles[0])
	want := []string{"tcp", "server", "server", "open", "delete", "open"}
	if !slices.Equal(log, want) {
		t.Errorf("got %q, want %q", log, want)
	}
}

func TestTheStartPageShowsABoundedNumberOfRecentThings(t *testing.T) {
	var log []string
	c := testStart(&log)
	for range 10000 {
		c.Recent = append(c.Recent, StartLink{Label: "x"})
		c.Offers = append(c.Offers, StartOffer{Label: "y"})
	}
	s := NewStartPage(c)
	stage(t, s, fyne.NewSize(1024, 700))
	links, more := 0, false
	visible(s.column, func(o fyne.CanvasObject) {
		if l, ok := o.(*startLink); ok {
			links++
			l.Tapped(nil)
		}
		if l, ok := o.(*widget.RichText); ok {
			more = more || strings.Contains(l.String(), "and 9,997 more")
		}
	})
	if links != 2*startLinks || len(log) != links {
		t.Errorf("%d links, %d of them work", links, len(log))
	}
	if !more {
		t.Error("does not say how many recovered captures it leaves out")
	}
	if n := len(s.tiles); n != 4+startOffers {
		t.Errorf("%d tiles", n)
	}
}

func TestAnEmptyStartPageIsNotBroken(t *testing.T) {
	s := NewStartPage(StartContent{Title: "Wirebench"})
	w := stage(t, s, fyne.NewSize(400, 300))
	looks(t, w, "start-empty")
	var log []string
	s.SetContent(testStart(&log))
	if len(s.tiles) != 5 {
		t.Errorf("%d tiles after the content came", len(s.tiles))
	}
}

func TestTheStartPageLooksRight(t *testing.T) {
	var log []string
	c := testStart(&log)
	s := NewStartPage(c)
	w := stage(t, s, fyne.NewSize(1024, 700))
	looks(t, w, "start-small")
	w.Resize(fyne.NewSize(1920, 1080))
	looks(t, w, "start-large")
	w.Resize(fyne.NewSize(480, 700))
	looks(t, w, "start-narrow")
	c.Offers, c.Captures, c.Entries = nil, nil, c.Entries[:1]
	c.Recent = c.Recent[:2]
	s.SetContent(c)
	w.Resize(fyne.NewSize(1024, 700))
	looks(t, w, "start-few")
}
