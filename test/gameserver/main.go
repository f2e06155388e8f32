// Gameserver is a small game server for tests: what a person who builds such a server would want to try by hand. It
// listens on loopback, prints "listening 127.0.0.1:PORT", and then one line for every frame, with all its bytes:
//
//	127.0.0.1:48904 in  01000701610000006164612fd4 CRC ok, login: build 97, name "ada"
//	127.0.0.1:48904 out 010008811127000001000000e243 welcome
//
// # Protocol
//
// Both ways a stream of frames:
//
//	offset  size  field
//	0       1     version, 1
//	1       2     length of the body, big-endian, at most 1024
//	3       1     opcode
//	4       n     body; its numbers are u32, little-endian
//	4+n     2     CRC-16/MODBUS of everything before it, little-endian
//
// Opcodes of clients, and what answers them:
//
//	01 login  build u32, name (UTF-8, the rest)   81 welcome  player u32, players u32
//	02 move   x u32, y u32                        82 moved    player u32, x u32, y u32
//	03 chat   text (UTF-8, the rest)              83 said     player u32, text; to everybody who is logged in
//	04 ping   nonce u32                           84 pong     nonce u32, frames received u32
//	                                              ff error    code u32, detail u32, text
//
// Errors, with their detail:
//
//	1 the version, as it was sent: the connection ends
//	2 the length, as it was sent: more than 1024 ends the connection, what no such opcode has does not
//	3 the CRC, as it should have been: the frame is left out
//	4 the opcode, as it was sent
//	5 not logged in; the opcode
//
// Players are numbered from 10001 in the order of their logins.
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"unicode/utf8"
)

const (
	version     = 1
	mostBody    = 1024
	headLen     = 4
	crcLen      = 2
	firstPlayer = 10001
)

const (
	opLogin = 0x01
	opMove  = 0x02
	opChat  = 0x03
	opPing  = 0x04

	opWelcome = 0x81
	opMoved   = 0x82
	opSaid    = 0x83
	opPong    = 0x84
	opError   = 0xff
)

const (
	errVersion = 1 + iota
	errLength
	errCRC
	errOpcode
	errNobody
)

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	g := &game{players: map[*player]bool{}}
	g.log("listening %s", l.Addr())
	for {
		c, err := l.Accept()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		go g.serve(c)
	}
}

// game is everybody who is logged in.
type game struct {
	mu      sync.Mutex
	players map[*player]bool
	logins  uint32

	out sync.Mutex
}

// player is a connection; number is 0 until it is logged in.
type player struct {
	game   *game
	conn   net.Conn
	number uint32
	frames uint32

	mu sync.Mutex // one frame is written at a time
}

func (g *game) log(format string, args ...any) {
	g.out.Lock()
	defer g.out.Unlock()
	fmt.Printf(format+"\n", args...)
}

func (g *game) serve(c net.Conn) {
	p := &player{game: g, conn: c}
	defer c.Close()
	defer func() {
		g.mu.Lock()
		delete(g.players, p)
		g.mu.Unlock()
		g.log("%s closed", c.RemoteAddr())
	}()
	g.log("%s connected", c.RemoteAddr())
	r := bufio.NewReader(c)
	for p.frame(r) {
	}
	// What was not read would end the connection with a reset, and the client might not see the last answer.
	if c, ok := c.(*net.TCPConn); ok && c.CloseWrite() == nil {
		io.Copy(io.Discard, r)
	}
}

// frame reads one and answers it; false ends the connection.
func (p *player) frame(r *bufio.Reader) bool {
	frame := make([]byte, headLen, headLen+mostBody+crcLen)
	if _, err := io.ReadFull(r, frame); err != nil {
		return false
	}
	n := int(binary.BigEndian.Uint16(frame[1:]))
	if frame[0] != version {
		p.heard(frame, "a wrong version")
		p.refuse(errVersion, uint32(frame[0]), "wrong version")
		return false
	}
	if n > mostBody {
		p.heard(frame, "a wrong length")
		p.refuse(errLength, uint32(n), "too long")
		return false
	}
	frame = frame[:headLen+n+crcLen]
	if _, err := io.ReadFull(r, frame[headLen:]); err != nil {
		p.heard(frame, "cut off")
		return false
	}
	op, body := frame[3], frame[headLen:headLen+n]
	got, want := binary.LittleEndian.Uint16(frame[headLen+n:]), modbus(frame[:headLen+n])
	if got != want {
		p.heard(frame, "a wrong CRC 0x%04x, not 0x%04x", got, want)
		return p.refuse(errCRC, uint32(want), "wrong CRC")
	}
	p.frames++
	u32 := func(i int) uint32 { return binary.LittleEndian.Uint32(body[4*i:]) }
	fits := map[byte]bool{opLogin: n >= 4, opMove: n == 8, opChat: utf8.Valid(body), opPing: n == 4}
	switch fit, known := fits[op]; {
	case !known:
		p.heard(frame, "CRC ok, an unknown opcode")
		return p.refuse(errOpcode, uint32(op), "unknown opcode")
	case !fit:
		p.heard(frame, "CRC ok, a wrong length")
		return p.refuse(errLength, uint32(n), "wrong length")
	case p.number == 0 && (op == opMove || op == opChat):
		p.heard(frame, "CRC ok, from nobody")
		return p.refuse(errNobody, uint32(op), "log in first")
	}
	switch op {
	case opLogin:
		p.heard(frame, "CRC ok, login: build %d, name %q", u32(0), body[4:])
		return p.login()
	case opMove:
		p.heard(frame, "CRC ok, move: to %d, %d", u32(0), u32(1))
		return p.say(opMoved, "moved", append(numbers(p.number), body...))
	case opChat:
		p.heard(frame, "CRC ok, chat: %q", body)
		return p.chat(body)
	default:
		p.heard(frame, "CRC ok, ping: nonce %d", u32(0))
		return p.say(opPong, "pong", numbers(u32(0), p.frames))
	}
}

func (p *player) login() bool {
	g := p.game
	g.mu.Lock()
	if p.number == 0 {
		p.number = firstPlayer + g.logins
		g.logins++
		g.players[p] = true
	}
	all := uint32(len(g.players))
	g.mu.Unlock()
	return p.say(opWelcome, "welcome", numbers(p.number, all))
}

func (p *player) chat(text []byte) bool {
	p.game.mu.Lock()
	var all []*player
	for q := range p.game.players {
		all = append(all, q)
	}
	p.game.mu.Unlock()
	for _, q := range all {
		q.say(opSaid, "said", append(numbers(p.number), text...)) // whoever has gone hears nothing
	}
	return true
}

func (p *player) refuse(code, detail uint32, text string) bool {
	return p.say(opError, "error", append(numbers(code, detail), text...))
}

// say sends a frame; false when the client has gone.
func (p *player) say(op byte, name string, body []byte) bool {
	frame := append(binary.BigEndian.AppendUint16([]byte{version}, uint16(len(body))), op)
	frame = append(frame, body...)
	frame = binary.LittleEndian.AppendUint16(frame, modbus(frame))
	p.mu.Lock()
	defer p.mu.Unlock()
	p.game.log("%s out %s %s", p.conn.RemoteAddr(), hex.EncodeToString(frame), name)
	_, err := p.conn.Write(frame)
	return err == nil
}

func (p *player) heard(frame []byte, format string, args ...any) {
	p.game.log("%s in  %s %s", p.conn.RemoteAddr(), hex.EncodeToString(frame), fmt.Sprintf(format, args...))
}

func numbers(n ...uint32) (b []byte) {
	for _, n := range n {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	return b
}

// modbus is CRC-16/MODBUS bit by bit: the polynomial 0x8005 and the bytes reflected, all ones to begin with.
func modbus(p []byte) uint16 {
	crc := uint16(0xffff)
	for _, b := range p {
		crc ^= uint16(b)
		for range 8 {
			low := crc & 1
			crc >>= 1
			if low == 1 {
				crc ^= 0xa001
			}
		}
	}
	return crc
}
