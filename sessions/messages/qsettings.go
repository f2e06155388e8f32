package messages

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// An INI file as QSettings of Qt writes it (QSettings::IniFormat): keys and
// sections have every other character percent-encoded, values are escaped as in
// C and quoted when they hold ; , = or a quote, and what is no text is
// @Type(...). Qt 5 writes what is not ASCII as \xHHHH, Qt 6 as UTF-8.

// settings are the values by their whole keys, section/key, with / between all
// parts.
type settings map[string]string

// packetsOfINI reads packets.ini: [NAMES] lists the packets as 1\name, 2\name
// and so on, and each has a section with its name.
func packetsOfINI(data []byte) ([]packet, []Note, error) {
	s, err := readSettings(data)
	if err != nil {
		return nil, nil, err
	}
	type listed struct {
		number int
		name   string
	}
	var list []listed
	for key, value := range s {
		digits, ok := strings.CutPrefix(key, "NAMES/")
		digits, ok2 := strings.CutSuffix(digits, "/name")
		if n, err := strconv.Atoi(digits); ok && ok2 && err == nil {
			list = append(list, listed{n, text(value)})
		}
	}
	if len(list) == 0 {
		return nil, nil, lineError(data, 0, "this is neither the packets.ini of Packet Sender, which lists its packets under [NAMES], nor its JSON")
	}
	slices.SortFunc(list, func(a, b listed) int {
		return cmp.Or(cmp.Compare(a.number, b.number), cmp.Compare(a.name, b.name))
	})
	var packets []packet
	var notes []Note
	taken := map[string]bool{}
	for _, l := range list {
		get := func(key string) string { return text(s[settingsKey(l.name+"/"+key)]) }
		if _, there := s[settingsKey(l.name+"/name")]; !there {
			notes = append(notes, Note{l.name, true, "it is listed, and the file has nothing else of it"})
			continue
		}
		section := settingsKey(l.name)
		if taken[section] {
			notes = append(notes, Note{l.name, true, "it is listed more than once"})
			continue
		}
		taken[section] = true
		packets = append(packets, packet{
			name: l.name, hex: get("hexString"), host: get("toIP"), port: get("port"), method: get("tcpOrUdp"),
			path: get("requestPath"), repeat: repeatOf(s[settingsKey(l.name+"/repeat")]),
		})
	}
	return packets, notes, nil
}

// text reads a value that is text: a leading @ is doubled.
func text(value string) string {
	if strings.HasPrefix(value, "@@") {
		return value[1:]
	}
	return value
}

// repeatOf reads the delay: a number, or a QVariant that holds a float, which
// QDataStream writes as type 135 and four or eight bytes, big-endian.
func repeatOf(value string) string {
	inner, ok := strings.CutPrefix(value, "@Variant(")
	if !ok {
		return text(value)
	}
	var b []byte
	for _, r := range strings.TrimSuffix(inner, ")") {
		b = append(b, byte(r)) // each character is a byte
	}
	if len(b) < 8 || binary.BigEndian.Uint32(b) != 135 {
		return unknownRepeat
	}
	f := float64(math.Float32frombits(binary.BigEndian.Uint32(b[4:])))
	if len(b) >= 12 {
		f = math.Float64frombits(binary.BigEndian.Uint64(b[4:]))
	}
	return strconv.FormatFloat(f, 'g', 6, 64)
}

// settingsKey is a key as QSettings keeps it: single slashes, and none at the
// ends.
func settingsKey(key string) string {
	parts := strings.FieldsFunc(key, func(r rune) bool { return r == '/' })
	return strings.Join(parts, "/")
}

// readSettings reads a whole file. Lines that are no setting are an error.
func readSettings(data []byte) (settings, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	s := make(settings)
	section := ""
	for at := 0; at < len(data); {
		end := logicalLine(data, at)
		line := bytes.TrimSpace(data[at:end])
		start := at
		at = end + 1
		switch {
		case len(line) == 0 || line[0] == ';' || line[0] == '#':
			continue
		case line[0] == '[':
			name, _, ok := bytes.Cut(line[1:], []byte("]"))
			if !ok {
				return nil, lineError(data, start, "this section has no closing bracket")
			}
			switch name := strings.TrimSpace(string(name)); {
			case strings.EqualFold(name, "General"):
				section = ""
			case strings.EqualFold(name, "%General"):
				section = name[1:] + "/"
			default:
				section = unescapeKey(name) + "/"
			}
			continue
		}
		key, value, ok := bytes.Cut(line, []byte("="))
		if !ok {
			return nil, lineError(data, start, "this line is neither a [section] nor key=value: it is not the packets.ini of Packet Sender, and not its JSON")
		}
		s[settingsKey(section+unescapeKey(strings.TrimSpace(string(key))))] = unescapeValue(string(value))
	}
	return s, nil
}

// logicalLine gives where the line at byte at ends: not within quotes, and not
// behind a backslash.
func logicalLine(data []byte, at int) int {
	if rest := bytes.TrimLeft(data[at:], " \t"); len(rest) > 0 && (rest[0] == ';' || rest[0] == '#' || rest[0] == '[') {
		if n := bytes.IndexByte(data[at:], '\n'); n >= 0 {
			return at + n
		}
		return len(data)
	}
	quoted := false
	for ; at < len(data); at++ {
		switch data[at] {
		case '"':
			quoted = !quoted
		case '\\':
			if at++; at+1 < len(data) && data[at] == '\r' && data[at+1] == '\n' {
				at++
			}
		case '\n':
			if !quoted {
				return at
			}
		}
	}
	return len(data)
}

// unescapeKey reads %HH and %UHHHH, and takes a backslash for a slash.
func unescapeKey(s string) string {
	var units []uint16
	for i := 0; i < len(s); {
		c := s[i]
		if c == '%' {
			digits, n := 2, 1
			if i+1 < len(s) && s[i+1] == 'U' {
				digits, n = 4, 2
			}
			if i+n+digits <= len(s) {
				if v, err := strconv.ParseUint(s[i+n:i+n+digits], 16, 16); err == nil {
					units = append(units, uint16(v))
					i += n + digits
					continue
				}
			}
		}
		if c == '\\' {
			c = '/'
		}
		var size int
		units, size = appendCharacter(units, s[i:])
		if s[i] == '\\' {
			units[len(units)-1] = uint16(c)
		}
		i += size
	}
	return string(utf16.Decode(units))
}

// appendCharacter appends the character that s begins with: UTF-8, or else a
// byte of Latin-1.
func appendCharacter(units []uint16, s string) ([]uint16, int) {
	r, size := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError && size == 1 {
		return append(units, uint16(s[0])), 1
	}
	return utf16.AppendRune(units, r), size
}

// unescapeValue reads a value: quotes fall away, and white space round what is
// not between them.
func unescapeValue(s string) string {
	var units []uint16
	keep := 0 // units that are not white space at the end
	quoted := false
	s = strings.TrimLeft(s, " \t")
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '"':
			quoted = !quoted
			i++
			keep = len(units)
		case c == '\\' && i+1 < len(s):
			var n int
			units, n = appendEscape(units, s[i+1:])
			i += 1 + n
			keep = len(units)
		default:
			var size int
			units, size = appendCharacter(units, s[i:])
			if i += size; quoted || c != ' ' && c != '\t' && c != '\r' && c != '\n' {
				keep = len(units)
			}
		}
	}
	return string(utf16.Decode(units[:keep]))
}

// appendEscape reads what stands behind a backslash, and tells how much it was.
func appendEscape(units []uint16, s string) ([]uint16, int) {
	const letters, meaning = "abfnrtv\"?'\\", "\a\b\f\n\r\t\v\"?'\\"
	if at := strings.IndexByte(letters, s[0]); at >= 0 {
		return append(units, uint16(meaning[at])), 1
	}
	base, n := 0, 0
	switch {
	case s[0] == 'x':
		base, n = 16, 1
	case s[0] >= '0' && s[0] <= '7':
		base = 8
	case s[0] == '\n':
		return units, 1 // the value goes on in the next line
	case s[0] == '\r' && len(s) > 1 && s[1] == '\n':
		return units, 2
	default:
		return appendCharacter(units, s) // Qt leaves the backslash out
	}
	v, start := 0, n
	for ; n < len(s); n++ {
		d := strings.IndexByte("0123456789abcdef", s[n]|0x20)
		if s[n] < '0' || s[n] > '9' && s[n]|0x20 < 'a' || d < 0 || d >= base {
			break
		}
		v = (v*base + d) & 0xffff
	}
	if n == start {
		return append(units, 'x'), 1
	}
	return append(units, uint16(v)), n
}
