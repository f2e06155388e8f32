//go:build e2e && linux

package test

import (
	"bytes"
	"fmt"
	"testing"

	"wirebench/sessions"
)

// TestWindowTCPByHand does with the window what a person does with a TCP client in the first five minutes.
func TestWindowTCPByHand(t *testing.T) {
	echo, stopEcho := socatEcho(t)
	w := openWindow(t)
	w.picture("01-start")

	w.key("ctrl+t")
	w.title("TCP")
	w.picture("02-new-tab")

	w.connect(echo)
	w.captured("the connection to stand", func(c traffic) bool { return c.count("SYN out") == 1 && c.count("SYN in") == 1 })
	w.title(echo)
	w.picture("03-connected")

	text := `Hello, wire: "quotes", ümlaut, \x00\xff and a line\r\n`
	sent := []byte("Hello, wire: \"quotes\", ümlaut, \x00\xff and a line\r\n")
	w.paste(text)
	got := w.captured("the text to come back", func(c traffic) bool { return len(c.in) >= len(sent) })
	if !bytes.Equal(got.out, sent) || !bytes.Equal(got.in, sent) {
		t.Fatalf("sent %q and received %q, typed was %q", got.out, got.in, sent)
	}
	w.picture("04-text-echoed")

	w.key("ctrl+h")
	w.send("00 01 02 0d0a 7f,80 0xff")
	sent = append(sent, "\x00\x01\x02\r\n\x7f\x80\xff"...)
	got = w.captured("the hex to come back", func(c traffic) bool { return len(c.in) >= len(sent) })
	if !bytes.Equal(got.out, sent) || !bytes.Equal(got.in, sent) {
		t.Fatalf("sent %q and received %q, typed was %q", got.out, got.in, sent)
	}
	w.picture("05-hex-echoed")

	w.lookAtBytes(sent)

	w.key("ctrl+d")
	w.captured("our FIN and the peer's", func(c traffic) bool { return c.count("FIN out") == 1 && c.count("FIN in") == 1 })
	w.picture("06-disconnected")

	w.key("ctrl+r")
	w.captured("the second connection", func(c traffic) bool { return c.count("SYN out") == 2 && c.count("SYN in") == 2 })
	w.send("61 67 61 69 6e")
	sent = append(sent, "again"...)
	w.captured("the echo of the second connection", func(c traffic) bool { return bytes.Equal(c.in, sent) })
	w.picture("07-reconnected")

	stopEcho()
	w.captured("the peer's FIN", func(c traffic) bool { return c.count("FIN in") == 2 })
	w.picture("08-closed-by-peer")
}

// lookAtBytes moves about in the bytes of an echoed conversation by keys and copies what it finds there.
func (w *window) lookAtBytes(sent []byte) {
	w.Helper()
	copied := func(want []byte, what string) {
		w.Helper()
		if got := w.copied("ctrl+c"); got != fmt.Sprintf("% x", want) {
			w.Errorf("%s: copied %q, want %q", what, got, fmt.Sprintf("% x", want))
		}
	}
	w.focusBytes()
	w.key("ctrl+2", "ctrl+a") // received only
	copied(sent, "all bytes received")

	w.key("ctrl+g")
	w.typeText("0x7")
	w.key("Return")
	w.focusBytes()
	w.key("shift+Right", "shift+Right", "shift+Right")
	copied(sent[7:11], "four bytes from 0x7")

	w.key("ctrl+f")
	w.typeText("quotes")
	w.key("Return")
	w.picture("09-found")
	w.key("Escape")
	copied([]byte("quotes"), "what was looked for")
	w.lookAtValues(int64(bytes.Index(sent, []byte("\x00\x01\x02\r"))))
	w.key("ctrl+1", "ctrl+e")
}

// lookAtValues goes to the bytes 00 01 02 0d 0a 7f 80 ff at off, and from there to the inspector, and copies values in
// both byte orders.
func (w *window) lookAtValues(off int64) {
	w.Helper()
	w.key("ctrl+g")
	w.typeText(fmt.Sprint(off))
	w.key("Return")
	w.focusBytes()
	w.key("F6", "Down") // the inspector, and its first row: the selection as an unsigned integer
	for _, row := range []struct {
		name, big, little string
		below             int // rows below the one before
	}{
		{"u16", "1", "256", 4},
		{"u32", "66061", "218235136", 4},
		{"i64", "283730010669311", "-35889115874328320", 5},
	} {
		for range row.below {
			w.key("Down")
		}
		if got := w.copied("ctrl+c"); got != row.big {
			w.Errorf("%s in big-endian is %q in the inspector, want %s", row.name, got, row.big)
		}
		w.key("Right")
		if got := w.copied("ctrl+c"); got != row.little {
			w.Errorf("%s in little-endian is %q in the inspector, want %s", row.name, got, row.little)
		}
		w.key("Left")
	}
	w.picture("10-values")
}

// TestWindowSaysWhyAConnectFailed tries the three ways not to reach a peer; each must say which it was and leave the
// window ready for the next try.
func TestWindowSaysWhyAConnectFailed(t *testing.T) {
	w := openWindow(t)
	w.key("ctrl+t")

	w.connect(deadAddress(t))
	w.captured("the refusal to be told", func(c traffic) bool { return c.said("refused") })
	w.picture("11-refused")

	w.connect("no-such-host.invalid:7")
	w.captured("the unknown name to be told", func(c traffic) bool { return c.said("no-such-host.invalid") })
	w.picture("12-unresolvable")

	w.shortTimeout()
	w.connect(silentAddress(t))
	w.captured("the timeout to be told", func(c traffic) bool { return c.said("no answer within 1 s") })
	w.picture("13-timed-out")

	echo, _ := socatEcho(t)
	w.connect(echo)
	w.captured("a good connection after the bad ones", func(c traffic) bool { return c.count("SYN in") == 1 })
	w.picture("14-connected-after-all")
}

// TestWindowStartsTheURLsItIsGiven opens one tab for each argument and connects it.
func TestWindowStartsTheURLsItIsGiven(t *testing.T) {
	one, _ := socatEcho(t)
	two, _ := socatEcho(t)
	w := openWindow(t, "tcp://"+one, "tcp://"+two)
	w.captured("both connections", func(c traffic) bool { return c.count("SYN in") == 2 })
	w.title(two)
	w.key("ctrl+Tab")
	w.title(one)
	w.picture("21-two-tabs")
}

// connect types an address and presses Enter.
func (w *window) connect(address string) {
	w.Helper()
	w.key("ctrl+l", "ctrl+a")
	w.typeText(address)
	w.key("Return")
}

// send types a message into the composer, in place of what is there, and sends it.
func (w *window) send(message string) {
	w.Helper()
	w.key("ctrl+m", "ctrl+a")
	w.typeText(message)
	w.key("ctrl+Return")
}

// focusBytes puts the focus into the hex view: that is where closing the find line leaves it.
func (w *window) focusBytes() {
	w.Helper()
	w.key("ctrl+f", "Escape")
}

// paste sends a message that is pasted into the composer, in place of what is there. xdotool types letters beyond
// ASCII by changing the keyboard's layout under the program, which is not what a person does.
func (w *window) paste(message string) {
	w.Helper()
	w.must(w.screen.SetClipboard(w.ctx, message))
	w.key("ctrl+m", "ctrl+a", "ctrl+v", "ctrl+Return")
}

// shortTimeout sets the connect timeout of the tab to a second, in its options.
func (w *window) shortTimeout() {
	w.Helper()
	w.key("ctrl+shift+comma", "ctrl+l")
	for range 5 { // the list of addresses, Connect, More, Options, and the first field under them
		w.key("Tab")
	}
	if got, want := w.copied("ctrl+a", "ctrl+c"), sessions.DefaultTCP().ConnectTimeout.String(); got != want {
		w.Fatalf("the field that has the focus says %q, and the connect timeout %q", got, want)
	}
	w.typeText("1s")
	w.picture("connection-options")
}
