// Package telnet speaks Telnet (RFC 854) for the side at the keyboard, and shows every command of either
// side in words.
//
// A [Parser] takes what one side sends apart into text and commands, [Describe] and [Meaning] put a command
// in words, and a [Negotiator] answers those of the other side by the Q method of RFC 1143, which cannot
// loop. [AppendLine] and [Escape] make what is sent, [Functions] lists the control functions for a menu, and
// a [Text] makes lines to be read of what a server sends, with the sequences that steer a terminal counted
// and never obeyed.
//
// What comes from the wire is hostile: nothing here panics on any bytes, however they are cut, and memory is
// bounded. No type is safe for concurrent use unless it says so. Nothing here opens a connection.
package telnet

import "fmt"

// Command is the byte that follows IAC (RFC 854, 885, 1184).
type Command byte

const (
	EOF   Command = 236 // end of file (RFC 1184)
	SUSP  Command = 237 // suspend the process (RFC 1184)
	ABORT Command = 238 // abort the process (RFC 1184)
	EOR   Command = 239 // end of record (RFC 885)
	SE    Command = 240 // end of a subnegotiation
	NOP   Command = 241 // no operation
	DM    Command = 242 // data mark: where a synch ends
	BRK   Command = 243 // break
	IP    Command = 244 // interrupt process
	AO    Command = 245 // abort output
	AYT   Command = 246 // are you there
	EC    Command = 247 // erase character
	EL    Command = 248 // erase line
	GA    Command = 249 // go ahead
	SB    Command = 250 // begin of a subnegotiation
	WILL  Command = 251 // the sender wants to perform an option, or does from here on
	WONT  Command = 252 // the sender does not perform an option
	DO    Command = 253 // the receiver is asked, or may, perform an option
	DONT  Command = 254 // the receiver must not perform an option
	IAC   Command = 255 // interpret as command; twice for the byte 255 as data
)

var commandNames = [...]string{
	"EOF", "SUSP", "ABORT", "EOR", "SE", "NOP", "DM", "BRK", "IP", "AO", "AYT", "EC", "EL", "GA", "SB",
	"WILL", "WONT", "DO", "DONT", "IAC",
}

// String gives the command as the RFCs write it, and "command 12" for a byte that is none.
func (c Command) String() string {
	if c >= EOF {
		return commandNames[c-EOF]
	}
	return fmt.Sprintf("command %d", byte(c))
}

// Option is the number of an option (the IANA registry "Telnet Options").
type Option byte

// The options this package knows more of than the name.
const (
	Binary          Option = 0  // RFC 856
	Echo            Option = 1  // RFC 857
	SuppressGoAhead Option = 3  // RFC 858
	TimingMark      Option = 6  // RFC 860
	TerminalType    Option = 24 // RFC 1091
	NAWS            Option = 31 // negotiate about window size, RFC 1073
)

var optionNames = map[Option]string{
	Binary: "BINARY", Echo: "ECHO", 2: "RCP", SuppressGoAhead: "SUPPRESS-GO-AHEAD", 4: "NAMS", 5: "STATUS",
	TimingMark: "TIMING-MARK", 7: "RCTE", 8: "NAOL", 9: "NAOP", 10: "NAOCRD", 11: "NAOHTS", 12: "NAOHTD",
	13: "NAOFFD", 14: "NAOVTS", 15: "NAOVTD", 16: "NAOLFD", 17: "EXTEND-ASCII", 18: "LOGOUT", 19: "BM",
	20: "DET", 21: "SUPDUP", 22: "SUPDUP-OUTPUT", 23: "SEND-LOCATION", TerminalType: "TTYPE",
	25: "END-OF-RECORD", 26: "TUID", 27: "OUTMRK", 28: "TTYLOC", 29: "3270-REGIME", 30: "X.3-PAD",
	NAWS: "NAWS", 32: "TSPEED", 33: "TOGGLE-FLOW-CONTROL", 34: "LINEMODE", 35: "XDISPLOC", 36: "ENVIRON",
	37: "AUTHENTICATION", 38: "ENCRYPT", 39: "NEW-ENVIRON", 40: "TN3270E", 41: "XAUTH", 42: "CHARSET",
	43: "RSP", 44: "COM-PORT", 45: "SUPPRESS-LOCAL-ECHO", 46: "START-TLS", 47: "KERMIT", 48: "SEND-URL",
	49: "FORWARD-X", 69: "MSDP", 70: "MSSP", 85: "MCCP1", 86: "MCCP2", 87: "MCCP3", 90: "MSP", 91: "MXP",
	93: "ZMP", 138: "PRAGMA-LOGON", 139: "SSPI-LOGON", 140: "PRAGMA-HEARTBEAT", 201: "GMCP", 255: "EXOPL",
}

// String gives the option as the RFCs write it, and "option 200" for one that has no name.
func (o Option) String() string {
	if name, ok := optionNames[o]; ok {
		return name
	}
	return fmt.Sprintf("option %d", byte(o))
}
