//go:build e2e && linux

package test

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// theGame builds the game server.
var theGame = sync.OnceValues(func() (string, error) {
	path := filepath.Join(binaries, "gameserver")
	cmd := exec.Command("go", "build", "-buildvcs=false", "-o", path, "./gameserver")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build ./gameserver: %w\n%s", err, out)
	}
	return path, nil
})

// game is the game server in a process of its own, and what it has told of its frames.
type game struct {
	address string

	mu    sync.Mutex
	lines []string
}

// startGame starts it for the time of the test.
func startGame(t *testing.T) *game {
	t.Helper()
	path, err := theGame()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	log, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	g := &game{}
	found, drained := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(drained)
		for lines := bufio.NewScanner(log); lines.Scan(); {
			if address, ok := strings.CutPrefix(lines.Text(), "listening "); ok {
				found <- address
				continue
			}
			g.mu.Lock()
			g.lines = append(g.lines, lines.Text())
			g.mu.Unlock()
		}
	}()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-drained
		cmd.Wait()
		if t.Failed() {
			t.Logf("the game server told:\n%s", strings.Join(g.told(), "\n"))
		}
	})
	select {
	case g.address = <-found:
	case <-time.After(patience):
		t.Fatal("the game server does not listen")
	}
	return g
}

func (g *game) told() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]string(nil), g.lines...)
}

var gameLine = regexp.MustCompile(`^\S+ (in |out) ([0-9a-f]+) (.*)$`)

// frames are the bytes the server read and wrote, and what it said of each frame.
func (g *game) frames() (in, out []byte, words []string) {
	for _, line := range g.told() {
		m := gameLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		b, err := hex.DecodeString(m[2])
		if err != nil {
			panic(err) // the pattern has hex digits only
		}
		if m[1] == "out" {
			out = append(out, b...)
		} else {
			in = append(in, b...)
		}
		words = append(words, m[3])
	}
	return in, out, words
}

// gameFraming is how the game's stream is cut: the length counts the body alone, and the opcode before it and the CRC
// behind it come to 3 bytes.
const gameFraming = "u16be,offset=1,adjust=3"

// gameMessage is a message of the game as fields: what its body has, behind an opcode.
func gameMessage(opcode, body string) string {
	return "u8 1, u16be len(body), u8 " + opcode + ", body: { " + body + " }, u16le crc-16/modbus(before)"
}

// TestWindowSpeaksAGamesProtocol composes the messages of a binary protocol as fields, for a server that reads them
// byte by byte, and reads the answers in the inspector.
func TestWindowSpeaksAGamesProtocol(t *testing.T) {
	g := startGame(t)
	w := openWindow(t)
	w.key("ctrl+t")
	w.connect(g.address)
	w.captured("the connection to stand", func(c traffic) bool { return c.count("SYN in") == 1 })
	w.key("ctrl+shift+g")
	w.typeText(gameFraming)
	w.picture("game-01-framing")
	w.key("Return")
	w.key("ctrl+m", "ctrl+h", "ctrl+h") // from text by way of hex to fields

	steps := []struct {
		name        string
		picture     bool
		message     string
		paste       bool
		heard, said string   // what the server says of both frames
		length      int      // of the answer
		numbers     []string // it begins with
	}{
		{"ping", false, gameMessage("4", "u32le 0xfedcba98"), false, "CRC ok, ping: nonce 4275878552", "pong", 14, []string{"4275878552", "1"}},
		{"login", true, gameMessage("1", `u32le 97, text "ada"`), false, `CRC ok, login: build 97, name "ada"`, "welcome", 14, []string{"10001"}},
		{"move", false, gameMessage("2", "u32le 1000, u32le 70000"), false, "CRC ok, move: to 1000, 70000", "moved", 18, []string{"", "", "70000"}},
		{"chat", true, gameMessage("3", `text "grüß dich, wörld"`), true, `CRC ok, chat: "grüß dich, wörld"`, "said", 29, nil},
		{"wrong-crc", true, `u8 1, u16be len(body), u8 2, body: { u32le 1, u32le 2 }, u16le 0xbeef`, false,
			"a wrong CRC 0xbeef, not 0x3fc1", "error", 23, []string{"3", "16321"}},
		{"unknown-opcode", false, gameMessage("0x7f", ""), false, "CRC ok, an unknown opcode", "error", 28, []string{"4"}},
		{"wrong-length", false, gameMessage("4", "u32le 1, u8 2"), false, "CRC ok, a wrong length", "error", 26, []string{"2"}},
		{"wrong-version", true, `u8 9, u16be 0, u8 4, u16le crc-16/modbus(before)`, false, "a wrong version", "error", 27, []string{"1"}},
	}
	received := 0
	for i, s := range steps {
		send := w.send
		if s.paste {
			send = w.paste
		}
		send(s.message)
		w.until("the server to answer the "+s.name, func() bool { _, _, words := g.frames(); return len(words) == 2*(i+1) })
		_, said, words := g.frames()
		if words[2*i] != s.heard || words[2*i+1] != s.said {
			t.Fatalf("%s: the server says %q and answers with %q; want %q and %q", s.name, words[2*i], words[2*i+1], s.heard, s.said)
		}
		w.captured("the answer to the "+s.name, func(c traffic) bool { return bytes.Equal(c.in, said) })
		if len(said)-received != s.length {
			t.Fatalf("%s: the answer is % x", s.name, said[received:])
		}
		w.key("ctrl+2") // received only
		for n, want := range s.numbers {
			if want == "" {
				continue
			}
			if big, little := w.u32At(received + 4 + 4*n); little != want || big == want {
				t.Errorf("%s: number %d of the answer is %s in little-endian and %s in big-endian, want %s", s.name, n+1, little, big, want)
			}
		}
		if s.picture {
			w.picture(fmt.Sprintf("game-%02d-%s", i+2, s.name))
		}
		w.key("ctrl+1", "ctrl+e")
		received = len(said)
	}
	w.captured("the server to hang up", func(c traffic) bool { return c.count("FIN in") == 1 })
	heard, said, _ := g.frames()
	got := w.captured("everything", func(c traffic) bool { return len(c.out) >= len(heard) })
	if !bytes.HasPrefix(got.out, heard) || len(got.out) != len(heard)+crcOfNoBody || !bytes.Equal(got.in, said) {
		t.Errorf("captured are %x and %x, the server heard %x and said %x", got.out, got.in, heard, said)
	}

	rows := w.listed()
	w.picture("game-10-frames")
	var lengths []string
	for _, row := range rows {
		if columns := strings.Split(row, "\t"); columns[4] != "" { // a frame, and no note
			lengths = append(lengths, strings.Join(columns[2:5:5], " ")+" "+columns[5])
		}
	}
	frame := func(direction string, n int) string { return fmt.Sprintf("%s %s %d %d", direction, g.address, n, n-3) }
	var want []string
	for i, n := range []int{10, 13, 14, 25, 14, 6, 11, 6} {
		want = append(want, frame("out", n), frame("in", steps[i].length))
	}
	if !slices.Equal(lengths, want) {
		t.Errorf("listed are frames of\n%s\nand not of\n%s", strings.Join(lengths, "\n"), strings.Join(want, "\n"))
	}
}

// crcOfNoBody is what the server leaves unread of a frame of a wrong version.
const crcOfNoBody = 2

// u32At goes to an offset of the bytes that are shown, and from there to the inspector, and copies the u32 there.
func (w *window) u32At(offset int) (big, little string) {
	w.Helper()
	w.key("ctrl+g")
	w.typeText(fmt.Sprint(offset))
	w.key("Return")
	w.focusBytes()
	w.key("F6", "Home", "Down", "Down", "Down", "Down", "Down", "Down", "Down", "Down") // below the selection, u8, u16 and u24
	big = w.copied("ctrl+c")
	w.key("Right")
	little = w.copied("ctrl+c")
	w.key("Left")
	return big, little
}

// listed copies the whole list of traffic, row by row.
func (w *window) listed() []string {
	w.Helper()
	w.focusBytes()
	w.key("F6", "F6", "ctrl+a") // by way of the inspector to the list
	return strings.Split(strings.TrimRight(w.copied("ctrl+c"), "\n"), "\n")
}
