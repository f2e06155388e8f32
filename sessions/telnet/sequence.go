package telnet

import "fmt"

// The most that sequences may have before they are taken for something else. Terminals take strings of any
// length; here one that is never ended must not hide the rest of what a server says.
const (
	maxSequence = 64
	maxString   = 4096
)

// sequence follows one sequence that steers a terminal, from behind its ESC on. It keeps nothing of it but
// its kind.
type sequence struct {
	state   sequenceState
	private byte // the < = > or ? that a control sequence begins with
	middle  byte // the last byte from SP to /
	opener  byte // of a string: ] P X ^ _
	n       int  // bytes so far
}

type sequenceState uint8

const (
	noSequence  sequenceState = iota
	afterESC                  // ESC came
	inCSI                     // ESC [
	inString                  // ESC ] and the like
	inStringESC               // ESC in a string, which \ ends
)

func (s *sequence) begin() { *s = sequence{state: afterESC} }

// take takes the next byte. The name is that of the sequence that the byte ends, "" while there is none; rest
// tells that the byte belongs to no sequence and is to be read as text.
func (s *sequence) take(c byte) (name string, rest bool) {
	s.n++
	switch {
	case c == 0x18 || c == 0x1a: // CAN and SUB end any sequence
		return s.end("cancelled sequence", false)
	case s.state == inString || s.state == inStringESC:
		return s.inString(c)
	case c == 0x1b:
		s.begin()
		return "unfinished sequence", false
	case c < ' ' || c > '~' || s.n > maxSequence:
		return s.end("unfinished sequence", true)
	}
	if s.state == inCSI {
		switch {
		case c <= '/':
			s.middle = c
		case c <= '?':
			if c >= '<' && s.n == 1 {
				s.private = c
			}
		default:
			return s.end(s.control(c), false)
		}
		return "", false
	}
	switch {
	case c <= '/':
		s.middle = c
	case s.middle != 0:
		return s.end(designates(s.middle), false)
	case c == '[':
		s.state, s.n = inCSI, 0
	case c == ']' || c == 'P' || c == 'X' || c == '^' || c == '_':
		s.state, s.opener, s.n = inString, c, 0
	default:
		return s.end(escapeName(c), false)
	}
	return "", false
}

func (s *sequence) inString(c byte) (name string, rest bool) {
	switch {
	case c == '\a' && s.opener == ']', s.state == inStringESC && c == '\\':
		return s.end(stringNames[s.opener], false)
	case s.state == inStringESC:
		s.begin()
		name, rest = s.take(c)
		if name == "" {
			name = "unfinished string"
		}
		return name, rest
	case s.n > maxString:
		return s.end("unfinished string", true)
	case c == 0x1b:
		s.state = inStringESC
	}
	return "", false
}

func (s *sequence) end(name string, rest bool) (string, bool) {
	*s = sequence{}
	return name, rest
}

// stringNames are the strings by the byte behind their ESC.
var stringNames = map[byte]string{
	']': "title, colours or other settings (OSC)",
	'P': "device control string (DCS)",
	'X': "string (SOS)",
	'^': "privacy message (PM)",
	'_': "application command (APC)",
}

// designates names ESC, a byte from SP to / and a final one.
func designates(middle byte) string {
	switch middle {
	case '(', ')', '*', '+', '-', '.', '/':
		return "character set (SCS)"
	case '#':
		return "line size or test pattern (DEC #)"
	case '%':
		return "coding system (DOCS)"
	}
	return "other escape sequence"
}

// escapeName names ESC and a final byte.
func escapeName(c byte) string {
	switch c {
	case '7':
		return "save the cursor (DECSC)"
	case '8':
		return "restore the cursor (DECRC)"
	case '=':
		return "keypad for applications (DECKPAM)"
	case '>':
		return "keypad for numbers (DECKPNM)"
	case 'D':
		return "index (IND)"
	case 'E':
		return "next line (NEL)"
	case 'H':
		return "set a tab stop (HTS)"
	case 'M':
		return "reverse index (RI)"
	case 'N', 'O':
		return "single shift (SS2, SS3)"
	case 'Z':
		return "asks what terminal it is (DECID)"
	case 'c':
		return "reset the terminal (RIS)"
	case '\\':
		return "end of a string that never began (ST)"
	}
	return "other escape sequence"
}

// controls names control sequences (ECMA-48) by their final byte, where nothing stands before it but numbers.
var controls = map[byte]string{
	'@': "insert characters (ICH)",
	'A': "cursor up (CUU)",
	'B': "cursor down (CUD)",
	'C': "cursor right (CUF)",
	'D': "cursor left (CUB)",
	'E': "cursor to a later line (CNL)",
	'F': "cursor to an earlier line (CPL)",
	'G': "cursor to a column (CHA)",
	'H': "cursor to a place (CUP)",
	'I': "cursor to a later tab stop (CHT)",
	'J': "erase the display (ED)",
	'K': "erase the line (EL)",
	'L': "insert lines (IL)",
	'M': "delete lines (DL)",
	'P': "delete characters (DCH)",
	'S': "scroll up (SU)",
	'T': "scroll down (SD)",
	'X': "erase characters (ECH)",
	'Z': "cursor to an earlier tab stop (CBT)",
	'`': "cursor to a column (HPA)",
	'b': "repeat a character (REP)",
	'c': "asks what terminal it is (DA)",
	'd': "cursor to a line (VPA)",
	'f': "cursor to a place (HVP)",
	'g': "clear tab stops (TBC)",
	'h': "set a mode (SM)",
	'i': "print (MC)",
	'l': "reset a mode (RM)",
	'm': "colours and style (SGR)",
	'n': "asks for the terminal's state (DSR)",
	'r': "scrolling region (DECSTBM)",
	's': "save the cursor (SCOSC)",
	't': "window manipulation (XTWINOPS)",
	'u': "restore the cursor (SCORC)",
}

// control names the control sequence that c ends.
func (s *sequence) control(c byte) string {
	switch {
	case s.private == '?' && s.middle == 0 && c == 'h':
		return "set a private mode (DECSET)"
	case s.private == '?' && s.middle == 0 && c == 'l':
		return "reset a private mode (DECRST)"
	case s.private == 0 && s.middle == ' ' && c == 'q':
		return "cursor style (DECSCUSR)"
	case s.private == 0 && s.middle == '!' && c == 'p':
		return "soft reset (DECSTR)"
	}
	if name, ok := controls[c]; ok && s.private == 0 && s.middle == 0 {
		return name
	}
	return "other control sequence (CSI)"
}

// Summary says in a line what was left out: "12 colours and style (SGR), 1 bell", with at most most kinds by
// name; "" for nothing.
func Summary(counts []Count, most int) string {
	out, others := "", int64(0)
	for i, c := range counts {
		if i >= most {
			others += c.N
			continue
		}
		if out != "" {
			out += ", "
		}
		out += fmt.Sprintf("%d %s", c.N, c.Name)
	}
	if others > 0 {
		if out != "" {
			out += ", "
		}
		out += fmt.Sprintf("%d others", others)
	}
	return out
}
