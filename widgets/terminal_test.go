package widgets

import (
	"errors"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wirebench/widgets/grid"
)

// conversation is text for a terminal.
type conversation struct {
	first int64
	lines []string
	own   []bool
}

func (c *conversation) Lines() (first, end int64) { return c.first, c.first + int64(len(c.lines)) - 1 }

func (c *conversation) Line(n int64) (string, bool) {
	if i := n - c.first; i >= 0 && i < int64(len(c.lines)) {
		return c.lines[i], c.own[i]
	}
	return "", false
}

func shownRow(cells []grid.Cell) string {
	var b []rune
	for _, c := range cells {
		if c.Rune != 0 {
			b = append(b, c.Rune)
		}
	}
	return string(b)
}

func TestATerminalShowsLinesAndObeysNothing(t *testing.T) {
	wear(t, lightTheme)
	c := &conversation{first: 5, lines: []string{"login: ann", "a\tb", "\x1b[2Jgone\u202e?\xff", "$ "}, own: []bool{true, false, false, false}}
	rows := terminalRows{c}
	if rows.First() != 5 || rows.Rows() != 9 {
		t.Errorf("rows %d to %d, want 5 to 9", rows.First(), rows.Rows())
	}
	for n, want := range []string{"→ login: ann", "  a       b", `  \x1b[2Jgone\u202e?\xff`, "  $ "} {
		if got := shownRow(rows.Row(int64(n)+5, nil)); got != want {
			t.Errorf("line %d is shown as %q, want %q", n, got, want)
		}
	}
	if text, left := NewTerminal(c).CopyText(); text != "login: ann\na       b\n\\x1b[2Jgone\\u202e?\\xff\n$ \n" || left != 0 {
		t.Errorf("copied is %q, and %d lines are left out", text, left)
	}
	c.lines[3] = ""
	if rows.Rows() != 8 {
		t.Errorf("with nothing begun there are rows up to %d", rows.Rows())
	}
	if (terminalRows{&conversation{lines: []string{""}, own: []bool{false}}}).Rows() != 0 {
		t.Error("a terminal where nothing was said has rows")
	}
}

func TestATerminalSendsLinesAndRemembersThem(t *testing.T) {
	wear(t, lightTheme)
	term := NewTerminal(&conversation{lines: []string{""}, own: []bool{false}})
	w := test.NewTempWindow(t, term)
	w.Resize(fyne.NewSize(600, 300))
	var sent []string
	var fault error
	term.OnLine = func(text string) error {
		if fault == nil {
			sent = append(sent, text)
			if text != "secret" {
				term.Remember(text)
			}
		}
		return fault
	}
	key := func(name fyne.KeyName) { term.entry.TypedKey(&fyne.KeyEvent{Name: name}) }
	for _, line := range []string{"one", "two", "two", "", "secret"} {
		term.entry.SetText(line)
		key(fyne.KeyReturn)
	}
	if !slices.Equal(sent, []string{"one", "two", "two", "", "secret"}) || !slices.Equal(term.History(), []string{"one", "two"}) {
		t.Errorf("sent %q, remembered %q", sent, term.History())
	}
	term.entry.SetText("draft")
	for _, step := range []struct {
		key  fyne.KeyName
		want string
	}{{fyne.KeyUp, "two"}, {fyne.KeyUp, "one"}, {fyne.KeyUp, "one"}, {fyne.KeyDown, "two"}, {fyne.KeyDown, "draft"}, {fyne.KeyDown, "draft"}} {
		if key(step.key); term.entry.Text != step.want {
			t.Errorf("%s brings %q, want %q", step.key, term.entry.Text, step.want)
		}
	}
	fault = errors.New("not connected")
	key(fyne.KeyReturn)
	if term.entry.Text != "draft" || term.problem.text != "Not connected." {
		t.Errorf("what could not be sent is %q, and it says %q", term.entry.Text, term.problem.text)
	}
	term.SetReady(false)
	fault = nil
	key(fyne.KeyReturn)
	if len(sent) != 5 {
		t.Errorf("sent are %q although nobody is there", sent)
	}
	term.BeforeSend = func() { term.SetReady(true) } // somebody has come a moment ago
	if key(fyne.KeyReturn); len(sent) != 6 || sent[5] != "draft" || term.problem.text != "" {
		t.Errorf("sent are %q, and it says %q", sent, term.problem.text)
	}
}
