package widgets

import (
	"errors"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/reply"
	"wirebench/widgets/words"
)

// ruleRow is a rule in one line, with the sentence about what is wrong with it below.
type ruleRow struct {
	widget.BaseWidget

	list    *ruleList
	on      *widget.Check
	match   *widget.Select
	pattern *checkedEntry
	reply   *checkedEntry
	delay   *checkedEntry
	up      *widget.Button
	down    *widget.Button
	problem *problem
	line    *fyne.Container
	fresh   bool // added by the person, and not written to its end yet
	quiet   bool // the fields are being filled
}

// The ways to match, in the order of reply.Matches, as the row reads: "If a message begins with ...".
var matchNames = []words.Text{
	"is // the message", "begins with // the message", "contains // the message", "fits the regexp // the message",
}

func newRuleRow(list *ruleList, r reply.Rule) *ruleRow {
	row := &ruleRow{list: list, quiet: true, problem: newProblem()}
	row.on = widget.NewCheck("", func(bool) { row.switched() })
	var matches []string
	for _, name := range matchNames {
		matches = append(matches, words.Say(name))
	}
	row.match = widget.NewSelect(distinct(matches), func(string) { row.switched() })
	text := func(placeHolder string, done func()) *checkedEntry {
		e := newCheckedEntry(placeHolder, 0, func(string) error { return nil }, row.check)
		e.size = func() fyne.Size {
			return fyne.NewSize(max(e.Size().Width, e.entry.MinSize().Width), e.entry.MinSize().Height)
		}
		e.elsewhere = row.say
		e.onDone = done
		e.onEnter = func() { list.reveal(row) }
		return e
	}
	row.pattern = text(words.Say("the message // that a rule answers"), func() { row.left(row.reply.text() != "") })
	row.reply = text(words.Say("nothing // is replied"), func() { row.left(row.pattern.text() != "") })
	row.delay = text(words.Say(atOnce), func() { row.left(row.pattern.text() != "") })
	button := func(icon fyne.Resource, tapped func()) *widget.Button {
		b := widget.NewButtonWithIcon("", icon, tapped)
		b.Importance = widget.LowImportance
		return b
	}
	row.up = button(theme.MoveUpIcon(), func() { list.move(row, -1) })
	row.down = button(theme.MoveDownIcon(), func() { list.move(row, 1) })
	remove := button(theme.DeleteIcon(), func() { list.remove(row) })
	row.line = container.New(&ruleColumns{list}, row.on, row.match, row.pattern, row.reply, row.delay, row.up, row.down, remove)

	row.on.SetChecked(!r.Off)
	row.match.SetSelectedIndex(min(int(r.Match), len(matchNames)-1))
	row.pattern.set(r.Pattern)
	row.reply.set(r.Reply)
	row.delay.set(durationOr(r.Delay, ""))
	row.quiet = false
	row.ExtendBaseWidget(row)
	row.Hide() // until it is in sight
	row.check()
	return row
}

// rule returns what the row holds. A delay that cannot be read is none.
func (r *ruleRow) rule() reply.Rule {
	delay, _ := parseDelay(r.delay.text())
	return reply.Rule{
		Match: reply.Match(max(r.match.SelectedIndex(), 0)), Pattern: r.pattern.text(), Reply: r.reply.text(), Delay: delay, Off: !r.on.Checked,
	}
}

const atOnce words.Text = "at once // without a delay"

// parseDelay reads how long a reply waits; nothing is at once.
func parseDelay(s string) (time.Duration, error) {
	switch trimBlanks(s) {
	case "", "0", "at once", words.Say(atOnce): // not said: typed in any language
		return 0, nil
	}
	return parseDuration(s, reply.MaxDelay)
}

// switched follows the choices of the row, which count at once.
func (r *ruleRow) switched() {
	if !r.quiet {
		r.check()
		r.left(r.pattern.text() != "")
	}
}

// left follows a field being left; whole tells whether the rule may be meant as it stands.
func (r *ruleRow) left(whole bool) {
	if r.quiet {
		return
	}
	if whole {
		r.fresh = false
	}
	r.list.changed()
}

// check marks what is wrong with the rule. One that is off may hold anything, and so may a new one that is empty.
func (r *ruleRow) check() {
	if r.quiet {
		return
	}
	part, text := "", ""
	rule := r.rule()
	if _, err := parseDelay(r.delay.text()); err != nil {
		part, text = "Delay", err.Error() // not said: the name of the field
	} else if _, err := reply.Compile(reply.Config{Rules: []reply.Rule{rule}}); err != nil {
		text = err.Error()
		var bad *reply.FieldError
		if errors.As(err, &bad) {
			part, text = strings.TrimPrefix(bad.Field, "Rules[0]."), bad.Problem // not said: the name of the field
		}
	}
	if rule.Off || r.fresh && rule.Pattern == "" {
		text = ""
	}
	r.complain(part, text)
}

// complain marks one part of the rule and no other.
func (r *ruleRow) complain(part, text string) {
	field := r.pattern
	switch part {
	case "Reply": // not said: the name of the field
		field = r.reply
	case "Delay": // not said: the name of the field
		field = r.delay
	}
	r.quiet = true
	for _, e := range []*checkedEntry{r.pattern, r.reply, r.delay} {
		if e != field {
			e.complain("")
		}
	}
	r.quiet = false
	field.complain(text)
}

// say shows what is wrong with the row's fields, under them.
func (r *ruleRow) say() {
	if r.quiet {
		return
	}
	text := ""
	for _, e := range []*checkedEntry{r.pattern, r.reply, r.delay} {
		if text == "" {
			text = e.said()
		}
	}
	if r.problem.say(text) {
		r.Refresh()
	}
}

// CreateRenderer is part of fyne.Widget. A row that is hidden does nothing: there may be a hundred, and their parts
// are slow to make and to refresh. All rows are as high as the sample, and showing one refreshes it.
func (r *ruleRow) CreateRenderer() fyne.WidgetRenderer {
	arrange := func(size fyne.Size) {
		if !r.Visible() {
			return
		}
		h := r.list.lineSize().Height
		r.line.Resize(fyne.NewSize(size.Width, h))
		r.problem.Move(fyne.NewPos(r.pattern.Position().X, h))
		r.problem.Resize(fyne.NewSize(size.Width-r.pattern.Position().X, size.Height-h))
	}
	return &faceRenderer{
		objects: []fyne.CanvasObject{r.line, r.problem},
		layout:  arrange,
		minSize: func() fyne.Size {
			s := r.list.lineSize()
			if r.problem.text != "" {
				s.Height += r.problem.MinSize().Height
			}
			return s
		},
		refresh: func() {
			if r.Visible() {
				arrange(r.Size())
				r.line.Refresh()
				r.problem.Refresh()
			}
		},
	}
}
