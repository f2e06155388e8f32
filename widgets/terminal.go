package widgets

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/widgets/grid"
	"wirebench/widgets/words"
)

// TerminalText is what a [Terminal] shows. Numbers of lines do not move when the oldest are given up.
type TerminalText interface {
	// Lines are the numbers of the first line and of the one behind the last, which is the one that is not ended yet.
	Lines() (first, end int64)
	// Line returns a line, which may hold anything, and whether this side wrote it.
	Line(n int64) (text string, own bool)
}

// Terminal is a conversation in lines: what the peer says, as text in which nothing is obeyed, and under it a field for
// the next line, with those that are remembered at Up and Down. All methods belong to the UI goroutine.
type Terminal struct {
	widget.BaseWidget

	// OnLine gets the line that is to be sent, without a line end. The field is emptied, unless it returns an error,
	// which stands under the field then. Whether Up is to bring the line back its owner knows: see [Terminal.Remember].
	OnLine func(text string) error
	// BeforeSend, when set, is called before a line is refused because there is nobody to send it to: what the
	// terminal was told may be old news.
	BeforeSend func()
	// OnControls, when set, returns the menu of the button "Control…".
	OnControls func() *fyne.Menu

	text    TerminalText
	grid    *grid.Grid
	entry   *lineEntry
	send    *widget.Button
	control *widget.Button
	note    *widget.Label
	problem *problem
	root    *fyne.Container

	history []string // the latest last
	at      int      // in history, len(history) for the line that is being written
	draft   string
}

var (
	_ fyne.Widget       = (*Terminal)(nil)
	_ grid.LowerBounded = terminalRows{}
)

// terminalHistory is how many lines are remembered.
const terminalHistory = 100

// NewTerminal returns a terminal that shows text.
func NewTerminal(text TerminalText) *Terminal {
	t := &Terminal{text: text, problem: newProblem()}
	t.grid = grid.New(terminalRows{text})
	t.grid.Label = words.Say("Terminal")
	t.grid.Hint = words.Say("Nothing was said yet")
	t.grid.Columns = terminalColumns
	t.grid.SetFollow(true)
	t.entry = newLineEntry(words.Say("A line to send; Enter sends it, Up and Down bring back those before"))
	t.entry.OnSubmitted = func(string) { t.submit() }
	t.entry.OnChanged = func(string) { t.problem.say("") }
	t.entry.onKey = t.key
	t.send = widget.NewButtonWithIcon(words.Say("Send line"), theme.MailSendIcon(), t.submit)
	t.control = widget.NewButtonWithIcon(words.Say("Control…"), theme.MenuDropDownIcon(), func() {
		if t.OnControls != nil {
			popUnder(t.control, t.OnControls())
		}
	})
	t.control.IconPlacement = widget.ButtonIconTrailingText
	t.note = widget.NewLabel("")
	t.note.Importance = widget.LowImportance
	t.note.Truncation = fyne.TextTruncateEllipsis
	line := container.NewBorder(nil, nil, nil, container.NewHBox(t.send, t.control), t.entry)
	t.root = container.NewBorder(nil, container.NewVBox(line, t.problem, t.note), nil, nil, t.grid)
	t.note.Hide()
	t.ExtendBaseWidget(t)
	return t
}

// SetReady says whether there is somebody to send to.
func (t *Terminal) SetReady(on bool) {
	able(t.send, on)
	able(t.control, on)
}

// SetNote shows a sentence under the field, "" none.
func (t *Terminal) SetNote(text string) {
	if t.note.Text == text {
		return
	}
	t.note.SetText(text)
	setVisible(t.note, text != "")
	t.Refresh()
}

// Update shows lines that have come.
func (t *Terminal) Update() { t.grid.Update() }

// Focus gives the keyboard to the field.
func (t *Terminal) Focus(on fyne.Canvas) {
	if on != nil {
		on.Focus(t.entry)
	}
}

// CopyText returns everything said as it is shown, a line each, and how many lines of the oldest were too many.
func (t *Terminal) CopyText() (text string, left int64) {
	rows := terminalRows{t.text}
	end := rows.Rows()
	first := max(rows.First(), end-copiedRows)
	var b strings.Builder
	for n := first; n < end; n++ {
		b.WriteString(rows.shown(n) + "\n")
	}
	return b.String(), first - rows.First()
}

// SetHistory sets the lines that Up brings back, the latest last.
func (t *Terminal) SetHistory(lines []string) {
	t.history = append([]string(nil), lines[max(0, len(lines)-terminalHistory):]...)
	t.at = len(t.history)
}

// Remember adds a line to those that Up brings back.
func (t *Terminal) Remember(line string) {
	if n := len(t.history); line == "" || n > 0 && t.history[n-1] == line {
		return
	}
	writing := t.at == len(t.history)
	t.history = append(t.history, line)
	drop := max(0, len(t.history)-terminalHistory)
	t.history = t.history[drop:]
	if t.at = max(0, t.at-drop); writing {
		t.at = len(t.history)
	}
}

// History returns the lines that Up brings back, the latest last.
func (t *Terminal) History() []string { return append([]string(nil), t.history...) }

func (t *Terminal) submit() {
	text := t.entry.Text
	if t.OnLine == nil {
		return
	}
	if t.send.Disabled() {
		call(t.BeforeSend)
	}
	if t.send.Disabled() {
		t.problem.say(words.Say("There is nobody to send it to."))
		return
	}
	if err := t.OnLine(text); err != nil {
		t.problem.say(sentence(err.Error()))
		return
	}
	t.problem.say("")
	t.at, t.draft = len(t.history), ""
	t.entry.SetText("")
	t.grid.SetFollow(true)
	t.grid.Update()
}

func (t *Terminal) key(k *fyne.KeyEvent) bool {
	switch k.Name {
	case fyne.KeyUp:
		t.recall(-1)
	case fyne.KeyDown:
		t.recall(1)
	default:
		return false
	}
	return true
}

// recall brings a line of before, or the draft behind the last, into the field.
func (t *Terminal) recall(step int) {
	to := t.at + step
	if to < 0 || to > len(t.history) {
		return
	}
	if t.at == len(t.history) {
		t.draft = t.entry.Text
	}
	t.at = to
	text := t.draft
	if to < len(t.history) {
		text = t.history[to]
	}
	t.entry.SetText(text)
	t.entry.CursorColumn = len([]rune(text))
	t.entry.Refresh()
}

// CreateRenderer implements [fyne.Widget].
func (t *Terminal) CreateRenderer() fyne.WidgetRenderer { return newFace(t.root, nil) }

// terminalColumns is how much of a line is shown; the grid scrolls sideways to it.
const terminalColumns = 400

// terminalRows are the lines.
type terminalRows struct{ text TerminalText }

func (r terminalRows) First() int64 {
	first, _ := r.text.Lines()
	return first
}

// Rows implements [grid.Source]. The line that is not ended counts when there is something in it.
func (r terminalRows) Rows() int64 {
	first, end := r.text.Lines()
	if text, _ := r.text.Line(end); text != "" {
		end++
	}
	if end == first {
		return 0
	}
	return end
}

// Row implements [grid.Source].
func (r terminalRows) Row(n int64, cells []grid.Cell) []grid.Cell {
	like, mark := grid.Cell{Fg: grid.Foreground}, "  "
	if _, own := r.text.Line(n); own {
		like.Fg, mark = grid.Out, "→ "
	}
	return grid.AppendText(cells, mark+r.shown(n), like)
}

// shown is what is shown of a line.
func (r terminalRows) shown(n int64) string {
	text, _ := r.text.Line(n)
	return plainText(untabbed(text), terminalColumns, false)
}

// untabbed puts spaces in place of tabs, as far as the line is shown.
func untabbed(text string) string {
	if !strings.Contains(text, "\t") {
		return text
	}
	var b strings.Builder
	column := 0
	for _, r := range clip(text, terminalColumns) {
		if r != '\t' {
			b.WriteRune(r)
			column++
			continue
		}
		for n := 8 - column%8; n > 0; n-- {
			b.WriteByte(' ')
			column++
		}
	}
	return b.String()
}
