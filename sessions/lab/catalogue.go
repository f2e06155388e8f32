package lab

import (
	"wirebench/sessions"
	"wirebench/sessions/compose"
	"wirebench/sessions/fields"
	"wirebench/sessions/messages"
)

// practice is an entry of the catalogue, and how its server is started.
type practice struct {
	Entry
	start func(*Lab, *Entry) (server, error) // with the lab's mu held; it may complete the entry
}

// catalogue is every practice server. It is not changed once it is made, which is here and not where it is declared
// because starting one server may start another of it.
var catalogue []practice

func init() { catalogue = append(plainCatalogue(), tlsCatalogue()...) }

// plainCatalogue is the servers without TLS.
func plainCatalogue() []practice {
	return []practice{
		{Entry{ID: "echo", Kind: sessions.TCP, Title: "Echo (TCP)",
			Look: [2]string{
				"What you send comes back: one row out, one row in, the same bytes below.",
				"Click a byte and read it in the inspector as a number, both byte orders beside each other.",
			},
			Messages: []messages.Message{
				text("Hello", `Hello, Wirebench!`, compose.LF),
				{Name: "Numbers", Mode: messages.Fields, Body: "u16be 513, u16le 513, f32be 1.5, f32le 1.5", Note: "each number in both byte orders"},
			}}, startEcho},
		{Entry{ID: "chat", Kind: sessions.TCP, Title: "Chat (XMLSocket)", Framing: "xml",
			Look: [2]string{
				"Each message is an XML document that ends with a zero byte; the framing xml makes each a row.",
				"Open a second tab: what one says the others hear, and all are told who comes and goes.",
			},
			Messages: []messages.Message{
				text("Say hello", `<message>Hello, everybody</message>`, compose.NUL),
				text("Who is here?", `<who/>`, compose.NUL),
				text("Not well-formed", `<message>Hello`, compose.NUL),
			}}, startChat},
		{Entry{ID: "game", Kind: sessions.TCP, Title: "Game (binary protocol)", Framing: GameFraming, Help: GameProtocol,
			Look: [2]string{
				"Log in, move, chat: each frame is a row, with a big-endian header and little-endian values.",
				"Change one byte of a frame, and the answer says what the CRC-16 should have been.",
			},
			Messages: []messages.Message{
				gameMessage("Log in", "0x01", 1, `u8 1, str8 "ada"`),
				gameMessage("Move", "0x02", 2, `f32le 12.5, f32le -40`),
				gameMessage("Chat", "0x03", 3, `str16le "Hello, world"`),
				gameMessage("Ping", "0x04", 4, `u64le 0x0102030405060708`),
				gameMessage("Leave", "0x05", 5, ""),
				{Name: "Wrong checksum", Mode: messages.Hex, Body: "57 04 00 10 00 06  08 07 06 05 04 03 02 01  00 00", Note: "a ping whose CRC-16 is wrong"},
			}}, startGame},
		{Entry{ID: "telnet", Kind: sessions.TCP, Title: "Telnet host", Telnet: true,
			Look: [2]string{
				"The Telnet pane shows what host and tab agree on: who echoes, how large the window is.",
				"Log in under any name, then type help; the traffic has the commands among the text.",
			}}, startTelnet},
		{Entry{ID: "policy", Kind: sessions.TCP, Title: "Socket policy file", Framing: "nul",
			Look: [2]string{
				"Ask for the policy file, as Flash Player and AIR do before they connect.",
				"The answer is XML and ends with a zero byte, and then the server closes.",
			},
			Messages: []messages.Message{text("Ask", `<policy-file-request/>`, compose.NUL)}}, startPolicy},
		{Entry{ID: "slow", Kind: sessions.TCP, Title: "Slow peer",
			Look: [2]string{
				"It says one character in a tenth of a second, and hardly reads what you send.",
				"Send a large file: what waits on your side stays in sight, and the window stays quick.",
			},
			Messages: []messages.Message{text("Some text", `Take your time.`, compose.LF)}}, startSlow},
		{Entry{ID: "reset", Kind: sessions.TCP, Title: "Resetting peer",
			Look: [2]string{
				"Send anything: half an answer comes, and then the connection is reset (RST).",
				"The tab tells a reset from an orderly end (FIN), and keeps what came before it.",
			},
			Messages: []messages.Message{text("Anything", `Anything`, compose.LF)}}, startReset},
		{Entry{ID: "half-close", Kind: sessions.TCP, Title: "Half-closing peer", TCP: halfOpen(),
			Look: [2]string{
				"It sends one line and ends its side (FIN), but goes on listening and counts what you send.",
				"The tab is half open: it says that the peer has ended, and sending still works.",
			},
			Messages: []messages.Message{text("More", `Are you still there?`, compose.LF)}}, startHalfClose},
		{Entry{ID: "udp", Kind: sessions.UDP, Title: "Datagram echo (UDP)",
			Look: [2]string{
				"Each datagram comes back as one; the sizes stay, as nothing joins or cuts datagrams.",
				"Have some of them lost, doubled, delayed or swapped, and watch what a protocol has to bear.",
			},
			Messages: []messages.Message{text("Ping", `ping 1`, compose.None)}}, startUDP},
		{Entry{ID: "authority", Kind: sessions.TCP, Title: "Certificate authority (HTTP)",
			Look: [2]string{
				"The lab's authority gives its certificates, its revocation lists and OCSP answers over HTTP.",
				"It hears from the TLS servers' tabs that look certificates up; ask for the list yourself.",
			},
			Messages: []messages.Message{
				text("What there is", `GET / HTTP/1.0\r\n\r\n`, compose.None),
				text("Revocation list", `GET /issuing.crl HTTP/1.0\r\n\r\n`, compose.None),
			}}, startAuthority},
	}
}

func text(name, body string, ending compose.Ending) messages.Message {
	return messages.Message{Name: name, Mode: messages.Text, Body: body, Ending: ending}
}

// gameMessage is a frame of the game in the notation of fields.
func gameMessage(name, op string, sequence int, body string) messages.Message {
	if body != "" {
		body += "\n"
	}
	return messages.Message{Name: name, Mode: messages.Fields, Order: fields.Big,
		Body: "u8 0x57, u8 " + op + ", u16be len(all), u16be " + string(rune('0'+sequence)) + "\n" + body + "u16le crc-16/modbus(before)"}
}

func halfOpen() *sessions.TCPConfig {
	c := sessions.DefaultTCP()
	c.KeepHalfOpen = true
	return &c
}
