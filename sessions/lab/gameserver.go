package lab

import (
	"context"
	"encoding/binary"
	"time"
)

// game is the world of the practice game.
type game struct {
	hub[*player]
	began time.Time
}

// player is a client of the game. Its fields are guarded by the hub's mu.
type player struct {
	*member
	name     string // "" before the login
	x, y     float32
	loggedIn bool
}

func startGame(l *Lab, e *Entry) (server, error) {
	world := &game{hub: hub[*player]{members: map[int64]*player{}}, began: time.Now()}
	return l.listen(e.ID, func(_ context.Context, c *conn) { world.serve(c) })
}

func (world *game) serve(c *conn) {
	p := &player{member: newMember(c)}
	defer func() {
		world.leave(p)
		p.member.leave()
		c.hangUp()
	}()
	var pending []byte // shorter than the largest frame between reads
	buf := make([]byte, readChunk)
	for {
		n, err := c.Read(buf)
		pending = append(pending, buf[:n]...)
		for {
			d := decodeFrame(pending)
			if d.fault == faultMagic {
				p.answer(d.frame.refuse(d.fault, "a frame begins with 57 hex, not %02x; this is the end", pending[0]))
				return
			}
			if d.fault == faultLength {
				p.answer(d.frame.refuse(d.fault, "a length is %d to %d, not %d; this is the end", gameFrame, gameLargest, binary.BigEndian.Uint16(pending[2:])))
				return
			}
			if d.size == 0 {
				break
			}
			if !world.play(p, d) {
				return
			}
			pending = pending[d.size:]
		}
		pending = append([]byte(nil), pending...)
		if err != nil {
			return
		}
	}
}

func (p *player) answer(f frame) { p.send(f.encode()) }

// play does what a frame says, and reports whether there is more to come.
func (world *game) play(p *player, d decoded) bool {
	f := d.frame
	world.mu.Lock()
	defer world.mu.Unlock()
	if d.fault == faultChecksum {
		whole := f.encode()
		p.answer(f.refuse(d.fault, "the checksum should be %04x (CRC-16/MODBUS, low byte first)", binary.LittleEndian.Uint16(whole[len(whole)-2:])))
		return true
	}
	if !p.loggedIn && (f.op == opMove || f.op == opChat || f.op == opLeave) {
		p.answer(f.refuse(faultNoLogin, "log in first (opcode 01)"))
		return true
	}
	switch f.op {
	case opLogin:
		world.login(p, f)
	case opMove:
		x, y, fault := readPlace(f.body)
		if fault != 0 {
			p.answer(f.refuse(fault, "a move is two f32le of -%d to %d", gameReach, gameReach))
			return true
		}
		p.x, p.y = x, y
		world.news(p, f.sequence, opMoved, appendPlace(id(p), x, y))
	case opChat:
		text, fault := readText16(f.body, gameText)
		if fault != 0 {
			p.answer(f.refuse(fault, "a chat is a str16 (u16le length, then UTF-8) of 1 to %d bytes", gameText))
			return true
		}
		world.news(p, f.sequence, opSaid, appendText16(id(p), text))
	case opPing:
		if len(f.body) != 8 {
			p.answer(f.refuse(faultBody, "a ping is a u64le"))
			return true
		}
		body := binary.LittleEndian.AppendUint32(append([]byte(nil), f.body...), uint32(time.Since(world.began).Milliseconds()))
		p.answer(frame{opPong, f.sequence, body})
	case opLeave:
		if len(f.body) != 0 {
			p.answer(f.refuse(faultBody, "a leave has no body"))
			return true
		}
		p.answer(frame{opGoodbye, f.sequence, nil})
		return false
	default:
		p.answer(f.refuse(faultOpcode, "there is no opcode %02x; 01 to 05 are a client's", byte(f.op)))
	}
	return true
}

// id begins a body with who it is about.
func id(p *player) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(p.number)) }

// news answers who did something, and tells the others.
func (world *game) news(p *player, sequence uint16, op opcode, body []byte) {
	p.answer(frame{op, sequence, body})
	world.others(p.number, frame{op, 0, body}.encode())
}

func (world *game) login(p *player, f frame) {
	if p.loggedIn {
		p.answer(f.refuse(faultLoggedIn, "you are logged in already"))
		return
	}
	if len(f.body) < 1 {
		p.answer(f.refuse(faultBody, "a login is a u8 version and a str8 name"))
		return
	}
	if f.body[0] != gameVersion {
		p.answer(f.refuse(faultRange, "the version is %d", gameVersion))
		return
	}
	name, fault := readText8(f.body[1:], gameName)
	if fault != 0 {
		p.answer(f.refuse(fault, "a name is a str8 (u8 length, then UTF-8) of 1 to %d bytes", gameName))
		return
	}
	for _, other := range world.members {
		if other.name == name {
			p.answer(f.refuse(faultName, "somebody has that name"))
			return
		}
	}
	p.name, p.loggedIn = name, true
	p.x, p.y = float32(p.number%10)*10, 0
	world.others(p.number, frame{opJoined, 0, appendText8(id(p), name)}.encode())
	world.members[p.number] = p
	body := binary.LittleEndian.AppendUint16(appendPlace(id(p), p.x, p.y), uint16(len(world.members)))
	p.answer(frame{opWelcome, f.sequence, body})
	for _, other := range world.members { // who is there already
		if other != p {
			p.answer(frame{opJoined, 0, appendText8(id(other), other.name)})
		}
	}
}

func (world *game) leave(p *player) {
	world.mu.Lock()
	defer world.mu.Unlock()
	if !p.loggedIn {
		return
	}
	delete(world.members, p.number)
	world.others(p.number, frame{opLeft, 0, id(p)}.encode())
}
