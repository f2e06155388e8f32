//go:build e2e && linux

package test

import (
	"strings"
	"testing"

	"wirebench/sessions"
	"wirebench/sessions/certs"
	"wirebench/sessions/lab"
)

// practise chooses a practice server by keys and waits for its tab.
func (w *window) practise(e lab.Entry) {
	w.Helper()
	w.key("F2")
	w.typeText(e.ID)
	w.key("Return")
	w.title(e.Title)
}

// TestWindowPractisesWithEveryServer opens every practice server from the list, as a person with nothing but a keyboard
// would. Each TLS server must show the status it is named after, and of the others each must be connected and answer.
func TestWindowPractisesWithEveryServer(t *testing.T) {
	w := openWindow(t)
	w.key("F2")
	w.picture("90-practice-servers")
	w.key("Escape")
	seen := map[string]int{}
	for _, e := range lab.Catalogue() {
		if e.Kind == sessions.TLS {
			said := "certificate " + string(e.Expect)
			if e.Expect == certs.Unknown {
				said = "TLS handshake with"
			}
			before := w.said(said)
			w.practise(e)
			w.captured(e.ID+" to be "+string(e.Expect), func(c traffic) bool { return countSaid(c, said) > before })
			if seen[string(e.Expect)]++; seen[string(e.Expect)] == 1 {
				w.picture("91-practice-" + e.ID)
			}
			continue
		}
		before, err := readTraffic(w.captures)
		w.must(err)
		w.practise(e)
		if e.Kind == sessions.TCP {
			w.captured(e.ID+" to be connected", func(c traffic) bool { return c.count("SYN in") > before.count("SYN in") })
		}
		if len(e.Messages) > 0 {
			w.key("ctrl+m", "ctrl+Return")
			w.captured("what is sent to "+e.ID, func(c traffic) bool { return len(c.out) > len(before.out) })
		}
		w.captured(e.ID+" to answer", func(c traffic) bool {
			return len(c.in) > len(before.in) || c.count("RST in") > before.count("RST in")
		})
		w.picture("91-practice-" + e.ID)
	}
}

// said is how many comments of the captures hold a text.
func (w *window) said(text string) int {
	w.Helper()
	c, err := readTraffic(w.captures)
	w.must(err)
	return countSaid(c, text)
}

func countSaid(c traffic, text string) (n int) {
	for _, comment := range c.comments {
		if strings.Contains(comment, text) {
			n++
		}
	}
	return n
}

// TestWindowIsUsedWithoutAMouse goes from the first start to a sent message and a value that was read, by keys alone.
func TestWindowIsUsedWithoutAMouse(t *testing.T) {
	w := openWindow(t)
	w.picture("92-first-start")
	w.practise(lab.Entry{ID: "echo", Title: "Echo (TCP)"})
	w.captured("the practice server to be there", func(c traffic) bool { return c.count("SYN in") == 1 })
	w.picture("92-practice-1")
	w.key("ctrl+Return")
	const sent = "Hello, Wirebench!\n"
	w.captured("the echo", func(c traffic) bool { return string(c.out) == sent && string(c.in) == sent })
	w.picture("92-practice-2")
	w.focusBytes()
	w.key("ctrl+2", "ctrl+Home") // received only, from its first byte on
	w.picture("92-practice-3")
	w.key("F6", "Down", "Down", "Down", "Down", "Down") // the inspector; u16 is its fifth row
	if got := w.copied("ctrl+c"); got != "18533" {
		t.Errorf("the first two bytes are %q, want 18533, which is He", got)
	}
	w.key("Right")
	if got := w.copied("ctrl+c"); got != "25928" {
		t.Errorf("the first two bytes in little-endian are %q, want 25928", got)
	}
	w.picture("92-practice-4")
}
