package cli

import (
	"encoding/hex"
	"strings"
	"testing"

	"wirebench/sessions/certs/testca"
)

// aMove is a message of a game's protocol: a version, a length, two numbers and
// a CRC. The last two bytes were computed with the algorithm as it is published.
const (
	aMove      = "u8 1, u16be len(body), body: {u32le 10000, u32le 1000}, u16le crc-16/modbus(all)"
	aMoveBytes = "01" + "0008" + "10270000" + "e8030000" + "f676"
)

func TestFieldsAreSentInTheirPlaceAmongTheOthers(t *testing.T) {
	address := peer(t, echo)
	status, out, errs := wire(t, nil, "tcp", address, "--json", "--send", "a", "--send-fields", aMove,
		"--order", "little", "--send-hex", "ff", "--send-fields", "u16 1\nu16be 1", "--send-fields", " ", "--expect-hex", "ff 01 00 00 01")
	if status != 0 || errs != "" {
		t.Fatalf("status %d, stderr %q", status, errs)
	}
	events := lines(t, out)
	want := hex.EncodeToString([]byte("a")) + aMoveBytes + "ff" + "01000001"
	for _, direction := range []string{"out", "in"} {
		if got := hex.EncodeToString(bytesOf(t, events, direction, address)); got != want {
			t.Errorf("%s are %s, want %s", direction, got, want)
		}
	}
}

func TestFieldsAreBigEndianUnlessToldOtherwise(t *testing.T) {
	for order, want := range map[string]string{"": "0001", "big": "0001", "little": "0100"} {
		address := peer(t, echo)
		args := []string{"tcp", address, "--json", "--send-fields", "u16 1", "--expect-hex", want}
		if order != "" {
			args = append(args, "--order", order)
		}
		if status, _, errs := wire(t, nil, args...); status != 0 {
			t.Errorf("in order %q: status %d, %s", order, status, errs)
		}
	}
}

func TestFieldsAreSentThroughTLS(t *testing.T) {
	c := newCA(t)
	address := tlsPeer(t, serving(c.leaf(t, testca.Spec{})), echo)
	status, _, errs := wire(t, nil, "tls", address, "--json", "--ca", c.file, "--servername", "server.example",
		"--send-fields", aMove, "--expect-hex", aMoveBytes)
	if status != 0 {
		t.Errorf("status %d, %s", status, errs)
	}
}

func TestFieldsAreOneDatagram(t *testing.T) {
	to := echoStation(t)
	status, out, errs := wire(t, nil, "udp", "127.0.0.1:0", "--to", to, "--json", "--send-fields", aMove, "--expect-hex", aMoveBytes)
	if status != 0 {
		t.Fatalf("status %d, %s", status, errs)
	}
	if got := datagramsOf(t, lines(t, out), "out"); len(got) != 1 || hex.EncodeToString([]byte(strings.TrimPrefix(got[0], to+" "))) != aMoveBytes {
		t.Errorf("sent %q", got)
	}
}

func TestFieldsThatCannotBeBuiltAreAMistakeAtTheirPlace(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"a number that does not fit":    {[]string{"--send-fields", "u8 1, u8 300"}, "--send-fields: column 10: 300 does not fit u8"},
		"in a later line":               {[]string{"--send-fields", "u8 1\nname: u99 1"}, "line 2, column 7: there is no kind"},
		"in the second of two":          {[]string{"--send-fields", "u8 1", "--send", "x", "--send-fields", "u8 len(nobody)"}, "number 2 of them: column 8: no field is called nobody"},
		"a checksum that there is not":  {[]string{"--send-fields", "u16 crc-16/modbuz(all)"}, "write crc-16/modbus"},
		"an object that cannot be read": {[]string{"--send-fields", `amf3 {"a": nul}`}, "column 12"},
		"an order that there is not":    {[]string{"--send-fields", "u8 1", "--order", "middle"}, "--order middle: write big or little"},
		"an order of nothing":           {[]string{"--send", "x", "--order", "big"}, "--order is the byte order of --send-fields"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, command := range [][]string{{"tcp", "127.0.0.1:9"}, {"tls", "127.0.0.1:9"}, {"udp", ":0", "--to", "127.0.0.1:9"}} {
				status, out, errs := wire(t, strings.NewReader(""), append(command, c.args...)...)
				if status != 2 || out != "" || !strings.Contains(errs, c.says) {
					t.Errorf("%s: status %d, %q; want %q", command[0], status, errs, c.says)
				}
			}
		})
	}
	long := []string{"udp", ":0", "--to", "127.0.0.1:9", "--send-fields", "zeros 65508"}
	if status, _, errs := wire(t, nil, long...); status != 2 || !strings.Contains(errs, "at most 65507") {
		t.Errorf("a datagram that is too long: status %d, %q", status, errs)
	}
}

func TestTheHelpListsEveryKindOfField(t *testing.T) {
	_, out, _ := wire(t, nil, "udp", "--help")
	for _, want := range []string{"u16", "mcvarint", "str8", "amf3", "zeros"} {
		if !strings.Contains(out, " "+want) {
			t.Errorf("%s is not there", want)
		}
	}
	for line := range strings.Lines(kindNames()) {
		if len(line) > 100 {
			t.Errorf("%d characters: %s", len(line), line)
		}
	}
}
