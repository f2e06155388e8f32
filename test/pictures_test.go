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
	"strings"
	"testing"
	"time"

	"wirebench/sessions/certs/testca"
)

// TestPictures renews the README's pictures, in the folder that SCREENSHOTS names, from the real window and a small
// game server.
func TestPictures(t *testing.T) {
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		t.Skip("SCREENSHOTS names no folder for the pictures")
	}
	save := func(w *window, name string) {
		w.Helper()
		w.settle()
		w.must(w.screen.Picture(filepath.Join(dir, name+".png")))
	}
	w := openWindow(t)
	w.key("ctrl+t")
	w.connect(gameServer(t))
	w.captured("the greeting", func(c traffic) bool { return bytes.Contains(c.in, []byte("WELCOME")) })
	w.send(`HELLO ada\n`)
	w.captured("the welcome of a player", func(c traffic) bool { return bytes.Contains(c.in, []byte("ada")) })
	w.key("ctrl+h")
	w.send("01 0006 10270000 e803")
	w.captured("the answer to a move", func(c traffic) bool { return bytes.Contains(c.in, []byte("ok\x00*")) })
	w.key("ctrl+g")
	w.typeText("0x4a") // the first field of the answer, little-endian
	w.key("Return")
	save(w, "tcp")
	w.key("ctrl+shift+p")
	w.typeText("theme dark")
	w.key("Return")
	save(w, "tcp-dark")
}

// TestPicturesOfCertificates is TestPictures for the TLS client.
func TestPicturesOfCertificates(t *testing.T) {
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		t.Skip("SCREENSHOTS names no folder for the pictures")
	}
	must := func(c *testca.Cert, err error) *testca.Cert {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	root := must(testca.SelfSigned(testca.Spec{CommonName: "Example Root CA", CA: true}))
	issuer := must(root.Issue(testca.Spec{CommonName: "Example Issuing CA 3", CA: true}))
	old := must(issuer.Issue(testca.Spec{CommonName: "arena.example", DNSNames: []string{"arena.example", "www.arena.example"},
		NotBefore: time.Now().AddDate(-1, 0, 0), NotAfter: time.Now().AddDate(0, 0, -3)}))
	good := must(issuer.Issue(testca.Spec{CommonName: "api.arena.example", DNSNames: []string{"api.arena.example"}}))
	roots := filepath.Join(t.TempDir(), "root.pem")
	if err := os.WriteFile(roots, testca.PEM(root), 0o600); err != nil {
		t.Fatal(err)
	}
	options := map[string]any{"trust": "mine", "caFiles": []string{roots}, "serverName": "api.arena.example"}
	w := openWindowIn(t, homeWithTabs(t,
		tlsTab{"tls", opensslServer(t, []*testca.Cert{old}), options},
		tlsTab{"tls", opensslServer(t, []*testca.Cert{good, issuer}), options}))
	w.key("ctrl+r")
	w.captured("the refusal", func(c traffic) bool { return strings.Contains(strings.Join(c.comments, "\n"), "untrustedSigners") })
	w.settle()
	w.must(w.screen.Picture(filepath.Join(dir, "tls.png")))
	w.key("ctrl+Tab")
	w.key("ctrl+r")
	w.captured("the connection", func(c traffic) bool { return strings.Contains(strings.Join(c.comments, "\n"), "certificate trusted") })
	w.key("ctrl+i")
	w.settle()
	w.must(w.screen.Picture(filepath.Join(dir, "tls-trusted.png")))
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
	w.settle()
	w.must(w.screen.Picture(filepath.Join(dir, "server.png")))
	w.key("ctrl+shift+p")
	w.typeText("theme dark")
	w.key("Return")
	w.settle()
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
	w.settle()
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

// gameServer greets, welcomes a player by name, and answers a move: a version byte, the length as a big-endian u16,
// then little-endian fields.
func gameServer(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		c.Write([]byte("WELCOME arena/1.4 players=2\r\n"))
		buf := make([]byte, 4096)
		if n, err := c.Read(buf); err != nil || n == 0 {
			return
		}
		c.Write([]byte("HELLO ada, you are #7\r\n"))
		if n, err := c.Read(buf); err != nil || n == 0 {
			return
		}
		body := binary.LittleEndian.AppendUint32(nil, 10001)
		body = binary.LittleEndian.AppendUint16(body, 1000)
		body = append(body, "ok\x00\x2a"...)
		c.Write(append(binary.BigEndian.AppendUint16([]byte{1}, uint16(len(body))), body...))
		c.Read(buf) // until the window goes
	}()
	return l.Addr().String()
}
