package widgets

import (
	"strings"
	"testing"
	"time"

	"wirebench/sessions/capture"
	"wirebench/sessions/framing"
	"wirebench/widgets/words"
)

func TestWordsInFieldsAreReadBackInAnyLanguage(t *testing.T) {
	inLanguage(t, "de", map[words.Text]any{
		flatOut: "so schnell es geht", atOnce: "sofort", "never // closing idle clients": "nie",
	})
	if paceText(0) != "so schnell es geht" {
		t.Errorf("flat out is said %q", paceText(0))
	}
	for _, s := range []string{paceText(0), "flat out", "0"} {
		if every, _, err := parsePace(s); every != 0 || err != nil {
			t.Errorf("%q is read as %v, %v", s, every, err)
		}
	}
	for _, s := range []string{"sofort", "at once", ""} {
		if d, err := parseDelay(s); d != 0 || err != nil {
			t.Errorf("%q is read as %v, %v", s, d, err)
		}
	}
	o := NewServerOptions([]string{"TLS 1.3"}, ServerValues{IdleTimeout: time.Minute})
	for _, s := range []string{"nie", "never"} {
		o.idle.entry.SetText("1m")
		o.idle.entry.SetText(s)
		if v, ok := o.Values(); v.IdleTimeout != 0 || !ok {
			t.Errorf("%q is read as %v, %v", s, v.IdleTimeout, ok)
		}
	}
}

func TestAWayToPressKeysIsFoundInAnyLanguage(t *testing.T) {
	inLanguage(t, "de", map[words.Text]any{"or // between two ways to press keys": "oder"})
	for _, keys := range []string{"F3 or Ctrl+N", "F3 oder Ctrl+N"} {
		var caps []string
		for _, c := range newShortcutLine(ShortcutRow{"Next match", keys}).caps {
			caps = append(caps, c.text.Text.Text)
		}
		if got := strings.Join(caps, "|"); got != "F3|oder|Ctrl|N" {
			t.Errorf("%q is shown as %q", keys, got)
		}
	}
}

func TestLongNamesOfColumnsStayOverTheirColumns(t *testing.T) {
	inLanguage(t, "de", map[words.Text]any{
		"bytes out": "ausgegangene Bytes", "rate": "Geschwindigkeit", lengthTitle: "Gesamtlänge", "peer // over a column": "die Gegenstelle dort drüben",
	})
	l := NewPeerList()
	l.rows.fit(400)
	if head := cellsText(l.rows.header()); !strings.Contains(head, " ausgegangene Bytes  Geschwindigkeit  ") {
		t.Errorf("the peers' columns are called %q", head)
	}
	rows := NewTrafficList(&fakeRecords{}).rows
	head := rows.header()
	if text := cellsText(head); !strings.Contains(text, "  die Gegenstel…  Gesamtlänge  data") || len(head) != rows.fixed()+leastPreview+columnGap {
		t.Errorf("the traffic's columns are called %q, %d cells", text, len(head))
	}
}

func TestWhatIsWrongWithAFrameHasTheFormsOfTheLanguage(t *testing.T) {
	inLanguage(t, "de", map[words.Text]any{
		"%[2]d of %[1]d bytes": map[string]string{"one": "%[2]d von einem Byte", "other": "von %[1]d Bytes %[2]d"},
	})
	for declared, want := range map[int64]string{1: "0 von einem Byte", 1500: "von 1.500 Bytes 0"} {
		f := framing.Frame{State: framing.Incomplete, Declared: declared, Dir: capture.In}
		if got := FrameState(&f, framing.Framing{}); got != want {
			t.Errorf("%d bytes: %q, want %q", declared, got, want)
		}
	}
}

func TestLengthsKeepTheirColumnWhateverStandsBetweenTheirDigits(t *testing.T) {
	inLanguage(t, "fr", map[words.Text]any{lengthTitle: "taille"})
	src := &fakeRecords{first: 1, last: 1, change: func(r *capture.Record) { r.Len = 1234567 }}
	l, _ := newTestTraffic(t, src)
	line := cellsText(l.rows.Row(1, nil))
	if want := " 1 234 567  "; !strings.Contains(line, want) {
		t.Errorf("the line is %q, without %q", line, want)
	}
	head := cellsText(l.rows.header())
	ends := func(line, of string) int { return len([]rune(line[:strings.Index(line, of)+len(of)])) }
	if ends(head, "taille") != ends(line, "1 234 567") {
		t.Errorf("the length does not end where its title does:\n%s\n%s", head, line)
	}
}
