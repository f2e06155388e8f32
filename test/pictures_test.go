//go:build e2e && linux

package test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"wirebench/sessions/lab"
	"wirebench/test/desktop"
)

// TestPictures renews the README's pictures, in the folder that SCREENSHOTS names, from the real window and its practice
// servers.
func TestPictures(t *testing.T) {
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		t.Skip("SCREENSHOTS names no folder for the pictures")
	}
	save := func(w *window, name string) {
		w.Helper()
		w.still()
		w.must(w.screen.Picture(filepath.Join(dir, name+".png")))
	}
	w := openWindow(t)
	w.practise(lab.Entry{ID: "echo", Title: "Echo (TCP)"})
	w.captured("the practice server to be there", func(c traffic) bool { return c.count("SYN in") == 1 })
	w.key("ctrl+Return")
	w.captured("the echo", func(c traffic) bool { return len(c.in) == 18 })
	w.focusBytes()
	w.key("ctrl+2", "ctrl+Home")
	save(w, "practice")
	w.key("F2")
	w.typeText("tls:")
	save(w, "practice-servers")
	w.key("Escape")

	w.practise(lab.Entry{ID: "game", Title: "Game"})
	w.captured("the game to be there", func(c traffic) bool { return c.count("SYN in") == 2 })
	w.action("What to look at")
	for i, body := range []string{`u8 1, str8 "ada"`, `f32le 12.5, f32le -40`, `str16le "Hello, world"`} {
		w.key("ctrl+m", "ctrl+a")
		w.typeText(fmt.Sprintf("u8 0x57, u8 0x0%d, u16be len(all), u16be %d, %s, u16le crc-16/modbus(before)", i+1, i+1, body))
		before, err := readTraffic(w.captures)
		w.must(err)
		w.key("ctrl+Return")
		w.captured("the game's answer", func(c traffic) bool { return len(c.in) > len(before.in) })
	}
	w.key("ctrl+1", "ctrl+g")
	w.typeText("0x36") // x of the answer to the move
	w.key("Return")
	save(w, "tcp")
	w.action("Theme: Dark")
	save(w, "tcp-dark")
}

// still is settle with the patience for a slow frame, which spoils a picture that everybody sees.
func (w *window) still() {
	w.screen.Settle(w.ctx, desktop.Bounds(), time.Second, 4*time.Second)
}

// TestPicturesOfCertificates is TestPictures for the TLS client.
func TestPicturesOfCertificates(t *testing.T) {
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		t.Skip("SCREENSHOTS names no folder for the pictures")
	}
	w := openWindow(t)
	for _, c := range []struct{ id, title, said, picture string }{
		{"tls-device", "an old device", "certificate untrustedSigners", "tls"},
		{"tls-trusted", "nothing is wrong", "certificate trusted", "tls-trusted"},
	} {
		w.practise(lab.Entry{ID: c.id, Title: c.title})
		w.captured("the certificate", func(t traffic) bool { return t.said(c.said) })
		w.action("What to look at")
		if c.id == "tls-trusted" {
			w.key("ctrl+i")
		}
		w.still()
		w.must(w.screen.Picture(filepath.Join(dir, c.picture+".png")))
	}
}

// TestPicturesOfAServer is TestPictures for the server: a practice server that greets and echoes, with players at it.
func TestPicturesOfAServer(t *testing.T) {
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		t.Skip("SCREENSHOTS names no folder for the pictures")
	}
	address := "127.0.0.1:7777"
	if l, err := net.Listen("tcp", address); err == nil {
		l.Close()
	} else {
		address = deadAddress(t) // any that is free
	}
	w := openWindowIn(t, homeWithServer(t, address, map[string]any{
		"noDelay": true, "greeting": `WELCOME arena/1.4\r\n`, "echo": true, "prefix": "echo: ",
	}))
	w.key("ctrl+r")
	w.listens()
	said := 0
	var players []net.Conn
	for i, lines := range [][]string{
		{"HELLO ada\r\n", "MOVE 10 4\r\n", "MOVE 10 5\r\n", "SHOOT grace\r\n"},
		{"HELLO grace\r\n", "MOVE 3 7\r\n", "\x01\x00\x06\x10\x27\x00\x00\xe8\x03"},
		{"HELLO linus\r\n"},
		{"HELLO margaret\r\n", "SAY good evening, arena\r\n"},
		{"GET / HTTP/1.1\r\n\r\n"},
		{"HELLO edsger\r\n", "MOVE 0 0\r\n"},
	} {
		c, err := net.Dial("tcp", address)
		w.must(err)
		t.Cleanup(func() { c.Close() })
		players = append(players, c)
		w.title(fmt.Sprintf("(%d)", i+1))
		for _, line := range lines {
			_, err := c.Write([]byte(line))
			w.must(err)
			said += len(line)
			w.captured("a player's line", func(c traffic) bool { return len(c.in) == said })
		}
	}
	w.must(players[2].(*net.TCPConn).SetLinger(0))
	players[2].Close()                     // with an RST
	players[4].(*net.TCPConn).CloseWrite() // with a FIN
	for i, c := range []int{0, 3, 5} {     // the others play on
		play(t, players[c], time.Duration(200+110*i)*time.Millisecond)
	}
	w.title("(4)")
	w.key("ctrl+j", "Down", "Down") // grace
	w.send(`YOU WERE HIT BY ada\r\n`)
	w.captured("the message to one player", func(c traffic) bool { return bytes.Contains(c.out, []byte("HIT BY")) })
	w.key("ctrl+g")
	w.typeText("0x50") // the first field of the binary message, little-endian
	w.key("Return")
	time.Sleep(4 * time.Second) // until there are rates, and a curve
	w.still()
	w.must(w.screen.Picture(filepath.Join(dir, "server.png")))
	w.key("ctrl+shift+p")
	w.typeText("theme dark")
	w.key("Return")
	w.still()
	w.must(w.screen.Picture(filepath.Join(dir, "server-dark.png")))
}

// TestPicturesOfADatagramSocket is TestPictures for UDP: players who tell a game server where they are, and one who is
// answered.
func TestPicturesOfADatagramSocket(t *testing.T) {
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		t.Skip("SCREENSHOTS names no folder for the pictures")
	}
	w := openWindow(t, "udp://127.0.0.1:0")
	port := w.bound()
	players := make([]net.Conn, 5)
	for i := range players {
		c, err := net.Dial("udp", "127.0.0.1:"+port)
		w.must(err)
		t.Cleanup(func() { c.Close() })
		players[i] = c
	}
	said := 0
	tell := func(c net.Conn, b []byte) {
		_, err := c.Write(b)
		w.must(err)
		said += len(b)
		w.captured("what a player tells", func(c traffic) bool { return len(c.in) == said })
	}
	for i, c := range players {
		tell(c, []byte("JOIN "+[]string{"ada", "grace", "linus", "margaret", "edsger"}[i]))
		for n := range 3 + i {
			tell(c, position(uint32(n), float32(10*i)+0.5*float32(n), float32(4*i)))
		}
	}
	w.key("F6", "End") // the last position of the last player
	w.key("ctrl+shift+m")
	w.send(`WELCOME edsger`)
	w.captured("the answer", func(c traffic) bool { return bytes.Contains(c.out, []byte("WELCOME")) })
	for i, c := range players[:4] {
		play(t, positions{c}, time.Duration(50+30*i)*time.Millisecond)
	}
	w.key("ctrl+g")
	w.typeText("0x08") // the sequence number of the first position
	w.key("Return")
	time.Sleep(4 * time.Second) // until there are rates, and a curve
	w.still()
	w.must(w.screen.Picture(filepath.Join(dir, "udp.png")))
}

// position is a datagram of a game: a version byte, a kind, the length as a big-endian u16, then little-endian fields:
// the sequence number and two floats.
func position(n uint32, x, y float32) []byte {
	b := []byte{1, 7, 0, 12}
	b = binary.LittleEndian.AppendUint32(b, n)
	b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	return binary.LittleEndian.AppendUint32(b, math.Float32bits(y))
}

// positions tells positions instead of lines.
type positions struct{ to io.Writer }

func (p positions) Write(line []byte) (int, error) {
	var x, y int
	if _, err := fmt.Sscanf(string(line), "MOVE %d %d", &x, &y); err != nil {
		return 0, err
	}
	if _, err := p.to.Write(position(uint32(x), float32(x), float32(y))); err != nil {
		return 0, err
	}
	return len(line), nil
}

// play moves a player about until the test ends.
func play(t *testing.T, c io.Writer, every time.Duration) {
	stop, over := make(chan struct{}), make(chan struct{})
	t.Cleanup(func() {
		close(stop)
		<-over
	})
	go func() {
		defer close(over)
		tick := time.NewTicker(every)
		defer tick.Stop()
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			case <-tick.C:
				if _, err := fmt.Fprintf(c, "MOVE %d %d\r\n", i%40, i*7%25); err != nil {
					return // the window has gone
				}
			}
		}
	}()
}
