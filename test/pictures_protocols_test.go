//go:build e2e && linux

package test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// saved puts a picture into the folder that SCREENSHOTS names.
func (w *window) saved(name string) {
	w.Helper()
	w.still()
	w.must(w.screen.Picture(filepath.Join(os.Getenv("SCREENSHOTS"), name+".png")))
}

func needScreenshots(t *testing.T) {
	t.Helper()
	if os.Getenv("SCREENSHOTS") == "" {
		t.Skip("SCREENSHOTS names no folder for the pictures")
	}
}

// TestPicturesOfABinaryProtocol is TestPictures for frames and for messages of fields.
func TestPicturesOfABinaryProtocol(t *testing.T) {
	needScreenshots(t)
	g := startGame(t)
	w := openWindow(t)
	w.key("ctrl+t")
	w.connect(g.address)
	w.captured("the connection to stand", func(c traffic) bool { return c.count("SYN in") == 1 })
	w.key("ctrl+shift+g")
	w.typeText(gameFraming)
	w.key("Return", "ctrl+m", "ctrl+h", "ctrl+h")
	for i, message := range []string{
		gameMessage("1", `u32le 97, text "ada"`), gameMessage("4", "u32le 4711"), gameMessage("2", "u32le 1000, u32le 70000"),
		gameMessage("2", "u32le 1010, u32le 70040"), gameMessage("3", `text "good evening, arena"`), gameMessage("2", "u32le 1020, u32le 70080"),
	} {
		w.send(message)
		w.until("the answer", func() bool { _, _, words := g.frames(); return len(words) == 2*(i+1) })
	}
	_, said, _ := g.frames()
	w.captured("the last answer", func(c traffic) bool { return bytes.Equal(c.in, said) })
	w.key("ctrl+2")
	w.u32At(len(said) - 6) // y of the last answer
	w.key("Right", "ctrl+1")
	w.saved("fields")
	w.key("ctrl+shift+g")
	w.saved("framing")
}

// TestPicturesOfXMLDocuments is TestPictures for XMLSocket.
func TestPicturesOfXMLDocuments(t *testing.T) {
	needScreenshots(t)
	w := openWindow(t, "server://127.0.0.1:0")
	address := "127.0.0.1:" + w.listens()
	w.action("Framing: XML documents")
	w.action("End text with: NUL")
	w.action("Clients and peers: Echo")
	all := ""
	chat := func(c *client, document string) {
		all += document + "\x00"
		c.says(t, document+"\x00")
		w.captured("a document", func(c traffic) bool { return string(c.in) == all })
	}
	host, port, _ := strings.Cut(address, ":")
	ann := ncatClient(t, host, port)
	w.title("(1)")
	ben := ncatClient(t, host, port)
	w.title("(2)")
	chat(ann, `<login name="ann"/>`)
	chat(ben, `<login name="ben"/>`)
	chat(ann, `<chat from="ann" to="all">Grüß Gott, ☕ at five?</chat>`)
	chat(ben, `<chat from="ben" to="ann"><b>yes</chat>`)
	w.paste(`<news>The arena closes at six.</news>`)
	w.captured("the news", func(c traffic) bool { return bytes.Contains(c.out, []byte("six.</news>\x00")) })
	w.action("Panels: Inspector")
	w.saved("xml")
}

// TestPicturesOfTelnet is TestPictures for the terminal.
func TestPicturesOfTelnet(t *testing.T) {
	needScreenshots(t)
	address := telnetServer(t)
	w := openWindow(t)
	w.logIn(address)
	w.line("simulate")
	w.reads("simulating\r\n")
	w.control(1, "")
	w.reads("interrupted\r\narena$ ")
	w.action("Panels: Bytes")
	w.action("Panels: Composer")
	w.action("Panels: Inspector")
	w.key("F6", "Home", "Down", "Down")
	w.saved("telnet")
}

// TestPicturesOfAPolicyFile is TestPictures for socket policy files.
func TestPicturesOfAPolicyFile(t *testing.T) {
	needScreenshots(t)
	file := filepath.Join(t.TempDir(), "policy.xml")
	if err := os.WriteFile(file, []byte(policyFile), 0o600); err != nil {
		t.Fatal(err)
	}
	w := openWindowIn(t, homeWithServer(t, "127.0.0.1:0", map[string]any{"greeting": `WELCOME arena/1.4\r\n`, "echo": true, "noDelay": true, "policyFile": file}))
	w.key("ctrl+r")
	port := w.listens()
	plays := ncatClient(t, "127.0.0.1", port)
	plays.says(t, "MOVE 3 4\n")
	await(t, "the echo", func() bool { return strings.HasSuffix(plays.hears(), "MOVE 3 4\n") })
	w.ruling(port, "www.arena.example")
	w.saved("policy")
}
