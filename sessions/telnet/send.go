package telnet

// Synch is what makes a server throw away what it has not read yet up to its end, commands excepted
// (RFC 854, "The Telnet Synch Signal"). The data mark belongs at the end of TCP's urgent data: the sending
// side sends its last byte as urgent, and a server that has been told of urgent data throws away what comes
// until it reads a DM. Sent without, it does no more than NOP does.
const Synch = "\xff\xf2"

// ControlFunction is a command that a person sends.
type ControlFunction struct {
	Name    string // as in RFC 854: "Interrupt Process"
	Command Command
	Meaning string // what the server does with it
}

// Bytes gives what to send: IAC and the command. It is a slice of its own.
func (f ControlFunction) Bytes() []byte { return []byte{byte(IAC), byte(f.Command)} }

// Functions are the control functions that a person may want to send, in the order for a menu.
func Functions() []ControlFunction {
	return []ControlFunction{
		{"Interrupt Process", IP, "interrupts the program that runs, as Ctrl+C does at a terminal"},
		{"Break", BRK, "the Break key of a terminal: the server decides what it does, most interrupt"},
		{"Abort Output", AO, "lets the program run on and throws its output away until it asks for input"},
		{"Are You There", AYT, "asks for a sign that the server is there: it answers with a line of text"},
		{"Erase Character", EC, "erases the last character that was typed"},
		{"Erase Line", EL, "erases the line that was typed so far"},
		{"Go Ahead", GA, "tells a half-duplex server that it is its turn"},
		{"No Operation", NOP, "does nothing; an error tells that the connection is dead"},
		{"Data Mark", DM, "ends a synch: behind urgent data, everything up to it but commands is thrown away; without, nothing happens"},
		{"End of File", EOF, "ends the input of the program that runs, as Ctrl+D does (RFC 1184)"},
		{"Suspend", SUSP, "suspends the program that runs, as Ctrl+Z does (RFC 1184)"},
		{"Abort", ABORT, "ends the program that runs, as Ctrl+\\ does (RFC 1184)"},
		{"End of Record", EOR, "marks the end of a record (RFC 885)"},
	}
}

// Escape appends p to dst so that a peer reads p as data: each 255 is doubled. Line ends stay as they are.
func Escape(dst, p []byte) []byte {
	for _, b := range p {
		if b == byte(IAC) {
			dst = append(dst, b)
		}
		dst = append(dst, b)
	}
	return dst
}

// Encode appends text to dst as the network virtual terminal has it (RFC 854): LF and CR LF become CR LF, any
// other CR becomes CR NUL, and each 255 is doubled. A CR at the end of text counts as one with no LF behind
// it: text is cut at line ends.
func Encode(dst, text []byte) []byte {
	for i, b := range text {
		switch {
		case b == '\n' && (i == 0 || text[i-1] != '\r'):
			dst = append(dst, '\r', '\n')
		case b == '\r' && (i+1 == len(text) || text[i+1] != '\n'):
			dst = append(dst, '\r', 0)
		case b == byte(IAC):
			dst = append(dst, b, b)
		default:
			dst = append(dst, b)
		}
	}
	return dst
}

// Decoder turns the line ends of the network virtual terminal into LF and CR: CR LF is LF, CR NUL is CR, and
// everything else stays, a CR before any other byte too. The zero value is ready. It takes data out of which
// a [Parser] has taken the commands.
type Decoder struct{ cr bool }

// Decode appends p to dst, decoded. A CR at the end of p is held back until what follows it is known.
func (d *Decoder) Decode(dst, p []byte) []byte {
	for _, b := range p {
		if d.cr {
			d.cr = false
			switch b {
			case '\n':
				dst = append(dst, '\n')
				continue
			case 0:
				dst = append(dst, '\r')
				continue
			}
			dst = append(dst, '\r')
		}
		if b == '\r' {
			d.cr = true
			continue
		}
		dst = append(dst, b)
	}
	return dst
}

// End appends a CR that was held back. The decoder is then as new.
func (d *Decoder) End(dst []byte) []byte {
	if d.cr {
		d.cr = false
		dst = append(dst, '\r')
	}
	return dst
}
