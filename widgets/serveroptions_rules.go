package widgets

import (
	"errors"
	"fmt"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/reply"
	"wirebench/widgets/words"
)

// rulesShown is the most height that the rows take before they scroll.
const rulesShown = 160

// ruleList is the editor of the rules by which a server replies: a row for each, in the order in which they are tried.
type ruleList struct {
	widget.BaseWidget

	changed func() // a rule was changed, and whoever did that has left the field

	rows       []*ruleRow
	head, body *fyne.Container // captions and scroller, hidden as long as there is no rule
	box        *fyne.Container
	scroll     *container.Scroll
	problem    *problem // with the rules as a whole
	add        *widget.Button
	note       *widget.Label
	root       *fyne.Container
	sample     *ruleRow // never shown: the columns of all rows are as wide as its parts need
}

var _ formField = (*ruleList)(nil)

func newRuleList(changed func()) *ruleList {
	l := &ruleList{changed: changed, problem: newProblem()}
	l.sample = newRuleRow(l, reply.Rule{})
	l.sample.on.SetText(FormatCount(reply.MaxRules))
	captions := container.New(&ruleColumns{l})
	for _, text := range []string{"", words.Say("If a message // begins with, contains"), "", words.Say("the reply is // after If a message"), words.Say("after // a delay"), "", "", ""} {
		c := widget.NewLabel(text)
		c.SizeName = theme.SizeNameCaptionText
		captions.Add(c)
	}
	l.scroll = container.NewVScroll(nil)
	rows := &ruleRows{l.scroll}
	l.box = container.New(rows)
	l.scroll.Content = l.box
	l.scroll.OnScrolled = func(fyne.Position) { rows.cull(l.box.Objects) }
	l.add = widget.NewButtonWithIcon(words.Say("Add a rule"), theme.ContentAddIcon(), func() { l.insert() })
	l.note = widget.NewLabel(words.Say(`The first rule that fits answers. Texts take \n \r \t \0 \xHH, and a reply $1 of a regexp.`))
	l.note.Importance = widget.LowImportance
	l.note.Truncation = fyne.TextTruncateEllipsis
	l.head = container.New(&tucked{}, captions)
	l.body = container.New(&capped{rulesShown}, l.scroll, newWheelCover(l.scroll))
	l.root = container.NewVBox(l.head, l.body, l.problem, container.NewBorder(nil, nil, l.add, nil, l.note))
	l.ExtendBaseWidget(l)
	l.arrange()
	return l
}

// set replaces the rules. It calls nothing back.
func (l *ruleList) set(rules []reply.Rule) {
	l.rows = nil
	for _, r := range rules {
		l.rows = append(l.rows, newRuleRow(l, r))
	}
	l.arrange()
}

// lineSize is the least size of a row that has nothing wrong.
func (l *ruleList) lineSize() fyne.Size { return l.sample.line.MinSize() }

// settle takes every rule as finished.
func (l *ruleList) settle() {
	for _, row := range l.rows {
		row.fresh = false
	}
}

// rules returns what the rows hold; now leaves out one that is still being written, which is always behind the others.
func (l *ruleList) rules(now bool) (rules []reply.Rule) {
	for _, row := range l.rows {
		if !now || !row.fresh {
			rules = append(rules, row.rule())
		}
	}
	return rules
}

// insert puts an empty rule behind the others, and the keyboard into it.
func (l *ruleList) insert() {
	if len(l.rows) >= reply.MaxRules {
		return
	}
	row := newRuleRow(l, reply.Rule{})
	row.fresh = true
	l.rows = append(l.rows, row)
	l.arrange()
	l.reveal(row)
	if c := canvasOf(l); c != nil {
		c.Focus(row.pattern.entry)
	}
}

func (l *ruleList) move(row *ruleRow, by int) {
	i := slices.Index(l.rows, row)
	if j := i + by; i >= 0 && j >= 0 && j < len(l.rows) {
		l.rows[i], l.rows[j] = l.rows[j], l.rows[i]
		row.fresh, l.rows[i].fresh = false, false
		l.arrange()
		l.changed()
	}
}

func (l *ruleList) remove(row *ruleRow) {
	l.rows = slices.DeleteFunc(l.rows, func(r *ruleRow) bool { return r == row })
	l.arrange()
	l.changed()
}

// arrange shows the rows as they are now.
func (l *ruleList) arrange() {
	l.box.Objects = nil
	for i, row := range l.rows {
		if n := FormatCount(int64(i + 1)); row.on.Text != n {
			row.on.SetText(n)
		}
		able(row.up, i > 0)
		able(row.down, i < len(l.rows)-1)
		l.box.Objects = append(l.box.Objects, row)
	}
	l.head.Hidden = len(l.rows) == 0
	l.body.Hidden = len(l.rows) == 0
	able(l.add, len(l.rows) < reply.MaxRules)
	l.box.Resize(fyne.NewSize(l.box.Size().Width, l.box.MinSize().Height)) // now: a scroller goes by the size its content has
	l.Refresh()
}

// check is part of formField.
func (l *ruleList) check() {
	for _, row := range l.rows {
		row.check()
	}
	l.complain("")
	if l.said() != "" {
		return
	}
	// What the rules are too much for together stands at one of them.
	_, err := reply.Compile(reply.Config{Rules: l.rules(true)})
	var bad *reply.FieldError
	if errors.As(err, &bad) && l.mark(bad.Field, bad.Problem) < 0 {
		l.complain(bad.Problem)
	}
}

// complain is part of formField; it is about the rules as a whole.
func (l *ruleList) complain(text string) {
	if l.problem.say(text) {
		l.Refresh()
	}
}

// said is part of formField.
func (l *ruleList) said() string {
	for _, row := range l.rows {
		if row.problem.text != "" {
			return row.problem.text
		}
	}
	return l.problem.text
}

// setProblem says what an engine has against a field named like "Rules[3].Pattern", and scrolls to it.
func (l *ruleList) setProblem(field, text string) bool {
	i := l.mark(field, text)
	if i < 0 {
		return false
	}
	l.Refresh()
	l.reveal(l.rows[i])
	return true
}

// mark says at a field named like "Rules[3].Pattern" what is wrong, and returns the number of its row, -1 for none.
func (l *ruleList) mark(field, text string) int {
	var i int
	var part string
	if n, _ := fmt.Sscanf(field, "Rules[%d].%s", &i, &part); n == 0 || i < 0 || i >= len(l.rows) { // not said: the name of the field
		return -1
	}
	l.rows[i].complain(part, text)
	return i
}

// reveal scrolls as far as is needed to see a row.
func (l *ruleList) reveal(row *ruleRow) {
	i := slices.Index(l.rows, row)
	if i < 0 {
		return
	}
	top := (&ruleRows{}).MinSize(l.box.Objects[:i]).Height
	if i > 0 {
		top += theme.Padding()
	}
	bottom := top + row.MinSize().Height
	switch seen := l.scroll.Offset.Y; {
	case top < seen:
		l.scroll.ScrollToOffset(fyne.NewPos(0, top))
	case bottom > seen+l.scroll.Size().Height:
		l.scroll.ScrollToOffset(fyne.NewPos(0, bottom-l.scroll.Size().Height))
	}
	l.scroll.OnScrolled(l.scroll.Offset) // it tells of the wheel only
}

// CreateRenderer is part of fyne.Widget.
func (l *ruleList) CreateRenderer() fyne.WidgetRenderer { return newFace(l.root, nil) }
