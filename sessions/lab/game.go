package lab

import (
	"encoding/binary"
	"fmt"
	"math"
	"unicode/utf8"

	"wirebench/sessions/checksum"
)

// GameProtocol describes the practice game's protocol, for people.
const GameProtocol = `The practice game, protocol version 1

Client and server send each other frames over TCP. A frame is

  offset  type    what
  0       u8      magic: 0x57 ("W")
  1       u8      opcode
  2       u16be   length of the whole frame in bytes, header and checksum included: 8 to 512
  4       u16be   sequence number; an answer has that of its question, news have 0
  6       ...     body
  n-2     u16le   CRC-16/MODBUS of everything before it, where n is the length

The header is big-endian, as network protocols are. Bodies and the checksum are little-endian, as the
processors are that games run on. The framing is u16be,offset=2,adjust=-4. Texts are UTF-8 behind their
length: str8 has a length of one byte, str16 of two (little-endian).

  opcode  from    name     body
  0x01    client  login    u8 version (1), str8 name of 1 to 24 bytes
  0x02    client  move     f32le x, f32le y, each -1000 to 1000
  0x03    client  chat     str16 text of 1 to 200 bytes
  0x04    client  ping     u64le anything
  0x05    client  leave    nothing; the server says goodbye and closes
  0x81    server  welcome  u32le your id, f32le x, f32le y, u16le how many play
  0x82    server  moved    u32le id, f32le x, f32le y; also to who moved
  0x83    server  said     u32le id, str16 text; also to who said it
  0x84    server  pong     u64le what the ping had, u32le milliseconds the server is up
  0x85    server  goodbye  nothing
  0x91    server  joined   u32le id, str8 name
  0x92    server  left     u32le id
  0xFF    server  error    u8 code, u8 opcode of the frame it is about, str8 what is wrong

  code
  1  the magic is wrong; the server closes, because it cannot know where the next frame begins
  2  the length is wrong; the server closes
  3  the checksum is wrong; the frame is not looked at
  4  there is no such opcode
  5  the body does not have the form it should have
  6  log in first
  7  you are logged in already
  8  somebody has that name
  9  a value is out of range

Ping works before a login, everything else needs one. In the notation of the Fields mode a login is

  u8 0x57, u8 0x01, u16be len(all), u16be 1, u8 1, str8 "ada", u16le crc-16/modbus(before)
`

// GameFraming cuts the game's frames.
const GameFraming = "u16be,offset=2,adjust=-4"

const (
	gameMagic   = 0x57
	gameVersion = 1
	gameHeader  = 6
	gameFrame   = gameHeader + 2 // the smallest
	gameLargest = 512
	gameReach   = 1000 // of a coordinate
	gameName    = 24   // bytes
	gameText    = 200
)

type opcode byte

const (
	opLogin opcode = iota + 1
	opMove
	opChat
	opPing
	opLeave
	opWelcome opcode = iota + 0x7c // 0x81
	opMoved
	opSaid
	opPong
	opGoodbye
	opJoined opcode = 0x91
	opLeft   opcode = 0x92
	opError  opcode = 0xff
)

// gameFault is the code of an error frame.
type gameFault byte

const (
	faultMagic gameFault = iota + 1
	faultLength
	faultChecksum
	faultOpcode
	faultBody
	faultNoLogin
	faultLoggedIn
	faultName
	faultRange
)

// frame is one frame of the game without magic, length and checksum.
type frame struct {
	op       opcode
	sequence uint16
	body     []byte
}

var gameCRC = func() checksum.Algorithm {
	a, err := checksum.Lookup("crc-16/modbus")
	if err != nil {
		panic(err) // a preset that package checksum has
	}
	return a
}()

// encode makes the frame's bytes; the body is at most gameLargest - gameFrame bytes.
func (f frame) encode() []byte {
	b := make([]byte, 0, gameFrame+len(f.body))
	b = append(b, gameMagic, byte(f.op))
	b = binary.BigEndian.AppendUint16(b, uint16(gameFrame+len(f.body)))
	b = binary.BigEndian.AppendUint16(b, f.sequence)
	b = append(b, f.body...)
	return binary.LittleEndian.AppendUint16(b, uint16(gameCRC.Sum(b)))
}

// decoded is what decodeFrame finds at the begin of a stream.
type decoded struct {
	frame frame
	size  int       // bytes of the stream; 0: the frame is not complete
	fault gameFault // 0 for none; after faultMagic and faultLength nothing more can be read
}

// decodeFrame reads the first frame. Its body is a part of p.
func decodeFrame(p []byte) decoded {
	var d decoded
	if len(p) > 0 && p[0] != gameMagic {
		d.fault = faultMagic
		return d
	}
	if len(p) > 1 {
		d.frame.op = opcode(p[1])
	}
	if len(p) < 4 {
		return d
	}
	length := int(binary.BigEndian.Uint16(p[2:]))
	if length < gameFrame || length > gameLargest {
		d.fault = faultLength
		return d
	}
	if len(p) < length {
		return d
	}
	d.size = length
	d.frame.sequence = binary.BigEndian.Uint16(p[4:])
	d.frame.body = p[gameHeader : length-2]
	if uint64(binary.LittleEndian.Uint16(p[length-2:])) != gameCRC.Sum(p[:length-2]) {
		d.fault = faultChecksum
	}
	return d
}

// The bodies.

func appendText8(b []byte, s string) []byte {
	return append(append(b, byte(len(s))), s...)
}

func appendText16(b []byte, s string) []byte {
	return append(binary.LittleEndian.AppendUint16(b, uint16(len(s))), s...)
}

func appendPlace(b []byte, x, y float32) []byte {
	b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	return binary.LittleEndian.AppendUint32(b, math.Float32bits(y))
}

// readPlace reads a move's body.
func readPlace(b []byte) (x, y float32, fault gameFault) {
	if len(b) != 8 {
		return 0, 0, faultBody
	}
	x, y = math.Float32frombits(binary.LittleEndian.Uint32(b)), math.Float32frombits(binary.LittleEndian.Uint32(b[4:]))
	for _, v := range []float32{x, y} {
		if !(v >= -gameReach && v <= gameReach) { // nor NaN
			return 0, 0, faultRange
		}
	}
	return x, y, 0
}

// readText8 and readText16 read a text that ends the body.
func readText8(b []byte, most int) (string, gameFault) {
	if len(b) < 1 || int(b[0]) != len(b)-1 {
		return "", faultBody
	}
	return readText(b[1:], most)
}

func readText16(b []byte, most int) (string, gameFault) {
	if len(b) < 2 || int(binary.LittleEndian.Uint16(b)) != len(b)-2 {
		return "", faultBody
	}
	return readText(b[2:], most)
}

func readText(b []byte, most int) (string, gameFault) {
	if !utf8.Valid(b) {
		return "", faultBody
	}
	if len(b) == 0 || len(b) > most {
		return "", faultRange
	}
	return string(b), 0
}

// refuse makes the error frame that answers f; the text is at most 255 bytes.
func (f frame) refuse(code gameFault, format string, args ...any) frame {
	text := fmt.Sprintf(format, args...)
	return frame{opError, f.sequence, appendText8([]byte{byte(code), byte(f.op)}, text)}
}
