package lab

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"net"
	"strings"
	"testing"
	"time"

	"wirebench/sessions/framing"
)

// gamer is a plain connection to the game.
type gamer struct {
	*net.TCPConn
	t testing.TB
}

func join(t testing.TB, e Entry) gamer { return gamer{dial(t, e), t} }

// say sends a frame.
func (g gamer) say(op opcode, sequence uint16, body []byte) {
	g.t.Helper()
	if _, err := g.Write(frame{op, sequence, body}.encode()); err != nil {
		g.t.Fatal(err)
	}
}

// hear reads a frame.
func (g gamer) hear() frame {
	g.t.Helper()
	head := make([]byte, 4)
	if _, err := io.ReadFull(g, head); err != nil {
		g.t.Fatalf("no frame: %v", err)
	}
	rest := make([]byte, int(binary.BigEndian.Uint16(head[2:]))-4)
	if _, err := io.ReadFull(g, rest); err != nil {
		g.t.Fatalf("no whole frame: %v", err)
	}
	d := decodeFrame(append(head, rest...))
	if d.fault != 0 || d.size == 0 {
		g.t.Fatalf("the server's frame %x %x has the fault %d", head, rest, d.fault)
	}
	return d.frame
}

// is waits for a frame of this kind, and gives its body.
func (g gamer) is(op opcode, sequence uint16) []byte {
	g.t.Helper()
	f := g.hear()
	if f.op != op || f.sequence != sequence {
		g.t.Fatalf("opcode %02x of sequence %d came with %q, not %02x of %d", f.op, f.sequence, f.body, op, sequence)
	}
	return f.body
}

func (g gamer) login(name string) []byte {
	g.t.Helper()
	g.say(opLogin, 1, appendText8([]byte{gameVersion}, name))
	return g.is(opWelcome, 1)
}

func TestAGameIsPlayed(t *testing.T) {
	l := started(t, Options{}, "game")
	e := entry(t, l, "game")
	ada, bob := join(t, e), join(t, e)
	welcome := ada.login("ada")
	if len(welcome) != 14 || welcome[12] != 1 {
		t.Errorf("welcome %x", welcome)
	}
	me := welcome[:4]
	bob.login("bob")
	if body := bob.is(opJoined, 0); string(body) != string(me)+"\x03ada" {
		t.Errorf("who is there: %q", body)
	}
	if body := ada.is(opJoined, 0); !strings.HasSuffix(string(body), "\x03bob") {
		t.Errorf("joined: %q", body)
	}
	ada.say(opMove, 7, appendPlace(nil, 12.5, -40))
	want := appendPlace(bytes.Clone(me), 12.5, -40)
	if body := ada.is(opMoved, 7); !bytes.Equal(body, want) {
		t.Errorf("moved: %x", body)
	}
	if body := bob.is(opMoved, 0); !bytes.Equal(body, want) {
		t.Errorf("moved: %x", body)
	}
	bob.say(opChat, 8, appendText16(nil, "hé"))
	if body := bob.is(opSaid, 8); !strings.HasSuffix(string(body), "\x03\x00hé") {
		t.Errorf("said: %q", body)
	}
	ada.is(opSaid, 0)
	ada.say(opPing, 65535, []byte("12345678"))
	if body := ada.is(opPong, 65535); len(body) != 12 || string(body[:8]) != "12345678" {
		t.Errorf("pong: %q", body)
	}
	ada.say(opLeave, 9, nil)
	ada.is(opGoodbye, 9)
	if rest := readAll(t, ada); len(rest) > 0 {
		t.Errorf("after the goodbye came %x", rest)
	}
	if body := bob.is(opLeft, 0); !bytes.Equal(body, me) {
		t.Errorf("left: %x", body)
	}
}

func TestEveryErrorOfTheGameIsTold(t *testing.T) {
	l := started(t, Options{}, "game")
	e := entry(t, l, "game")
	join(t, e).login("taken")
	g := join(t, e)
	refused := func(what string, sent []byte, code gameFault) {
		t.Helper()
		if _, err := g.Write(sent); err != nil {
			t.Fatal(err)
		}
		f := g.hear()
		if f.op != opError || len(f.body) < 3 || gameFault(f.body[0]) != code || int(f.body[2]) != len(f.body)-3 {
			t.Errorf("%s: %02x %q, not the error %d", what, f.op, f.body, code)
		}
	}
	f := func(op opcode, body []byte) []byte { return frame{op, 2, body}.encode() }
	place := func(x, y float32) []byte { return appendPlace(nil, x, y) }
	refused("moving before the login", f(opMove, place(0, 0)), faultNoLogin)
	refused("a wrong checksum", []byte("\x57\x04\x00\x08\x00\x00\x00\x00"), faultChecksum)
	refused("no such opcode", f(0x42, nil), faultOpcode)
	refused("a server's opcode", f(opWelcome, nil), faultOpcode)
	refused("an empty login", f(opLogin, nil), faultBody)
	refused("another version", f(opLogin, appendText8([]byte{2}, "ada")), faultRange)
	refused("a name with something behind it", f(opLogin, append(appendText8([]byte{1}, "ada"), 0)), faultBody)
	refused("a name that is no UTF-8", f(opLogin, appendText8([]byte{1}, "\xff")), faultBody)
	refused("an empty name", f(opLogin, appendText8([]byte{1}, "")), faultRange)
	refused("a long name", f(opLogin, appendText8([]byte{1}, strings.Repeat("x", 25))), faultRange)
	refused("a name that is taken", f(opLogin, appendText8([]byte{1}, "taken")), faultName)
	g.login("ada")
	g.is(opJoined, 0)
	refused("a second login", f(opLogin, appendText8([]byte{1}, "eve")), faultLoggedIn)
	refused("a move without y", f(opMove, place(0, 0)[:4]), faultBody)
	refused("a move out of the world", f(opMove, place(0, 1000.5)), faultRange)
	refused("a move to no number", f(opMove, place(float32(math.NaN()), 0)), faultRange)
	refused("a long text", f(opChat, appendText16(nil, strings.Repeat("x", 201))), faultRange)
	refused("a text longer than its frame", f(opChat, []byte{9, 0, 'x'}), faultBody)
	refused("a short ping", f(opPing, []byte{1}), faultBody)
	refused("a leave with a body", f(opLeave, []byte{1}), faultBody)
	refused("a short length", []byte{0x57, 4, 0, 7}, faultLength)
	if rest := readAll(t, g); len(rest) > 0 {
		t.Errorf("after a wrong length came %x", rest)
	}
	g = join(t, e)
	refused("a long length", []byte{0x57, 4, 2, 1}, faultLength)
	g = join(t, e)
	refused("another protocol", []byte("GET / HTTP/1.0\r\n\r\n"), faultMagic)
	if rest := readAll(t, g); len(rest) > 0 {
		t.Errorf("after a wrong magic came %x", rest)
	}
}

// The example of the documentation, byte by byte: header big-endian, checksum CRC-16/MODBUS with the low byte first.
func TestAFrameOfTheGameIsAsDocumented(t *testing.T) {
	got := frame{opLogin, 1, appendText8([]byte{1}, "ada")}.encode()
	if want := "5701000d000101036164610b6e"; hex.EncodeToString(got) != want {
		t.Errorf("%x, not %s", got, want)
	}
	p, err := entryOf("game").Messages[0].Bytes(builder)
	if err != nil || !bytes.Equal(p, got) {
		t.Errorf("the message for the composer is %x, not %x (%v)", p, got, err)
	}
	for _, word := range []string{"CRC-16/MODBUS", GameFraming, "big-endian", "little-endian", fmt.Sprintf("8 to %d", gameLargest)} {
		if !strings.Contains(GameProtocol, word) {
			t.Errorf("the protocol's text does not say %q", word)
		}
	}
	for op, name := range map[opcode]string{opLogin: "login", opMove: "move", opChat: "chat", opPing: "ping", opLeave: "leave", opWelcome: "welcome",
		opMoved: "moved", opSaid: "said", opPong: "pong", opGoodbye: "goodbye", opJoined: "joined", opLeft: "left", opError: "error"} {
		who := "client"
		if op > 0x7f {
			who = "server"
		}
		if !strings.Contains(GameProtocol, fmt.Sprintf("  0x%02X    %s  %s ", byte(op), who, name)) {
			t.Errorf("the protocol's text does not have %s as opcode %02x", name, op)
		}
	}
}

func entryOf(id string) Entry {
	place, err := find(id)
	if err != nil {
		panic(err)
	}
	return Catalogue()[place]
}

func TestTheGamesFramingCutsItsFrames(t *testing.T) {
	by, err := framing.Parse(GameFraming)
	if err != nil {
		t.Fatal(err)
	}
	var stream []byte
	var want []int
	for n := range 20 {
		f := frame{opChat, uint16(n), appendText16(nil, strings.Repeat("x", 10*n))}.encode()
		stream, want = append(stream, f...), append(want, len(f))
	}
	var got []int
	m, err := framing.NewMessages(by)
	if err != nil {
		t.Fatal(err)
	}
	m.Feed(stream, 0, time.Now(), func(f framing.Frame, _ []byte) { got = append(got, int(f.Len)) })
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("cut into %v, not %v", got, want)
	}
}

func FuzzGameFrames(f *testing.F) {
	f.Add(frame{opLogin, 1, appendText8([]byte{1}, "ada")}.encode())
	f.Add(frame{opMove, 2, appendPlace(nil, 1, 2)}.encode())
	f.Add([]byte{0x57, 4, 2, 1})
	f.Fuzz(func(t *testing.T, p []byte) {
		// A player alone in a world: whatever comes, each frame that is whole has one answer, itself a good frame.
		world := &game{hub: hub[*player]{members: map[int64]*player{}}}
		alone := &player{member: &member{conn: &conn{number: 1}, out: make(chan []byte, 1<<16)}}
		for len(p) > 0 {
			d := decodeFrame(p)
			if d.size == 0 {
				return
			}
			if d.size < gameFrame || d.size > gameLargest || d.size > len(p) {
				t.Fatalf("a frame of %d bytes out of %d", d.size, len(p))
			}
			if d.fault == 0 && !bytes.Equal(d.frame.encode(), p[:d.size]) {
				t.Fatalf("%x is encoded as %x", p[:d.size], d.frame.encode())
			}
			on := world.play(alone, d)
			if len(alone.out) != 1 {
				t.Fatalf("%d answers to %x", len(alone.out), p[:d.size])
			}
			if answer := decodeFrame(<-alone.out); answer.fault != 0 || answer.frame.sequence != d.frame.sequence || answer.frame.op < opWelcome {
				t.Fatalf("%+v answers %x", answer, p[:d.size])
			}
			alone.waiting.Store(0)
			if !on {
				return
			}
			p = p[d.size:]
		}
	})
}
