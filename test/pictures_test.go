//go:build e2e && linux

package test

import (
	"bytes"
	"encoding/binary"
	"net"
	"os"
	"path/filepath"
	"testing"
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
