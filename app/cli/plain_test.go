package cli

import (
	"strings"
	"testing"
)

func TestMessagesCannotSteerATerminal(t *testing.T) {
	for message, want := range map[string]string{
		"open a.pcap: nothing\n":     "open a.pcap: nothing\n",
		"one\ntwo\n":                 "one\ntwo\n",
		`open C:\dir\new: nothing`:   `open C:\dir\new: nothing`,
		"open \x1b]0;title\a.pcap\n": `open \x1b]0;title\x07.pcap` + "\n",
		"C1 \u009b31m":               `C1 \u009b31m`,
		"turned \u202egnp.exe":       `turned \u202egnp.exe`,
		"broken \xff":                `broken \xff`,
		"return\rover":               `return\rover`,
		"straße 世界":                  "straße 世界",
	} {
		var out strings.Builder
		n, err := plainWriter{&out}.Write([]byte(message))
		if out.String() != want || n != len(message) || err != nil {
			t.Errorf("%q was written as %q (%d, %v), want %q", message, out.String(), n, err, want)
		}
	}
}
