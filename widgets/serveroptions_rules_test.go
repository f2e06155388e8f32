package widgets

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wirebench/sessions/reply"
)

// manyRules returns n rules that can be told apart.
func manyRules(n int) (rules []reply.Rule) {
	for i := range n {
		rules = append(rules, reply.Rule{Pattern: fmt.Sprint("p", i), Reply: fmt.Sprint("r", i)})
	}
	return rules
}

func TestANewRuleIsToldWhenItIsWrittenToItsEnd(t *testing.T) {
	o, w, told := stagedServerOptions(t, ServerValues{})
	test.Tap(o.rules.add)
	row := o.rules.rows[0]
	if w.Canvas().Focused() != fyne.Focusable(row.pattern.entry) {
		t.Fatal("the keyboard is not in the new rule")
	}
	typing(w, "ping")
	w.Canvas().Focus(row.reply.entry)
	typing(w, "pong")
	if len(*told) != 0 {
		t.Errorf("told while the rule is being written: %+v", (*told)[0].Replies)
	}
	o.echo.SetChecked(true) // a tap would take the keyboard away
	if len(*told) != 1 || len((*told)[0].Replies.Rules) != 0 {
		t.Errorf("another change must not let a half-written rule act: %+v", *told)
	}
	w.Canvas().Unfocus()
	want := []reply.Rule{{Pattern: "ping", Reply: "pong"}}
	if len(*told) != 2 || !reflect.DeepEqual((*told)[1].Replies.Rules, want) {
		t.Errorf("told %d times, the last %+v", len(*told), (*told)[len(*told)-1].Replies)
	}
}

func TestARuleThatIsStillBeingWrittenCountsWhenListeningBegins(t *testing.T) {
	o, w, _ := stagedServerOptions(t, ServerValues{})
	test.Tap(o.rules.add)
	typing(w, "ping")
	if v, ok := o.Values(); !ok || v.Replies.Rules[0].Off || v.Replies.Rules[0].Pattern != "ping" {
		t.Errorf("valid %v, %+v", ok, v.Replies)
	}
}

func TestRulesAreMovedSwitchedAndRemoved(t *testing.T) {
	o, _, told := stagedServerOptions(t, ServerValues{Replies: reply.Config{Rules: manyRules(3)}})
	order := func() (s string) {
		for _, r := range (*told)[len(*told)-1].Replies.Rules {
			s += r.Pattern
			if r.Off {
				s += "-"
			}
		}
		return s
	}
	rows := slices.Clone(o.rules.rows)
	if !rows[0].up.Disabled() || rows[0].down.Disabled() || !rows[2].down.Disabled() {
		t.Error("the first cannot go up, nor the last down")
	}
	test.Tap(rows[2].up)
	if order() != "p0p2p1" {
		t.Errorf("after up: %s", order())
	}
	test.Tap(rows[0].down)
	if order() != "p2p0p1" {
		t.Errorf("after down: %s", order())
	}
	if o.rules.rows[0].on.Text != "1" || !o.rules.rows[0].up.Disabled() || o.rules.rows[1].up.Disabled() {
		t.Error("numbers and buttons do not follow the order")
	}
	test.Tap(rows[1].on)
	if order() != "p2p0p1-" {
		t.Errorf("after a switch: %s", order())
	}
	test.Tap(rows[0].line.Objects[7].(fyne.Tappable))
	if order() != "p2p1-" {
		t.Errorf("after a removal: %s", order())
	}
	rows[2].match.SetSelectedIndex(1)
	if got := (*told)[len(*told)-1].Replies.Rules[0].Match; got != reply.Prefix {
		t.Errorf("after a choice: %v", got)
	}
}

func TestARuleSaysWhatIsWrongAtTheFieldThatIsToBlame(t *testing.T) {
	o, _, told := stagedServerOptions(t, ServerValues{Replies: reply.Config{Rules: manyRules(2)}})
	row := o.rules.rows[1]
	row.match.SetSelectedIndex(3)
	*told = nil
	for _, c := range []struct {
		field *checkedEntry
		text  string
		want  string
	}{
		{row.pattern, "(", "never closed"}, {row.pattern, `^\d$`, ""}, {row.reply, `\q`, "no escape"}, {row.reply, "$3", "$3"}, {row.reply, "ok", ""},
		{row.delay, "soon", "with its unit"}, {row.delay, "2h", "at most 1h"}, {row.delay, "at once", ""}, {row.delay, "1500ms", ""},
	} {
		c.field.entry.SetText(c.text)
		for _, e := range []*checkedEntry{row.pattern, row.reply, row.delay} {
			if bad := c.want != "" && e == c.field; e.field.bad != bad {
				t.Errorf("%q: marked %v, want %v", c.text, e.field.bad, bad)
			}
		}
		if c.want == "" && row.problem.text != "" || !strings.Contains(row.problem.text, c.want) {
			t.Errorf("%q: sentence %q, want %q", c.text, row.problem.text, c.want)
		}
		if o.rules.rows[0].problem.text != "" {
			t.Errorf("%q: the other rule says %q", c.text, o.rules.rows[0].problem.text)
		}
	}
	row.pattern.entry.SetText("(")
	call(row.pattern.onDone)
	if _, ok := o.Values(); ok || len(*told) != 0 {
		t.Errorf("valid %v, told %d times", ok, len(*told))
	}
	test.Tap(row.on)
	if v, ok := o.Values(); !ok || v.Replies.Rules[1].Pattern != "(" || v.Replies.Rules[1].Delay != 1500*time.Millisecond || len(*told) != 1 {
		t.Errorf("switched off it may hold anything: valid %v, %+v, told %d times", ok, v.Replies.Rules[1], len(*told))
	}
}

func TestWhatRulesAreTooMuchForTogetherIsSaidAtOneOfThem(t *testing.T) {
	rules := manyRules(30)
	for i := range rules {
		rules[i].Match, rules[i].Pattern = reply.Regexp, "a{900}"
	}
	if _, err := reply.Compile(reply.Config{Rules: rules[:1]}); err != nil {
		t.Fatal(err)
	}
	o, _, _ := stagedServerOptions(t, ServerValues{Replies: reply.Config{Rules: rules}})
	if _, err := reply.Compile(reply.Config{Rules: rules}); err == nil {
		t.Skip("the rules are not too much")
	}
	if _, ok := o.Values(); ok || !strings.Contains(o.rules.said(), "steps") {
		t.Errorf("valid %v, sentence %q", ok, o.rules.said())
	}
}

func TestThereIsAnEndToRules(t *testing.T) {
	o, _, _ := stagedServerOptions(t, ServerValues{Replies: reply.Config{Rules: manyRules(reply.MaxRules - 1)}})
	if o.rules.add.Disabled() {
		t.Error("there is room for one more")
	}
	test.Tap(o.rules.add)
	if !o.rules.add.Disabled() || len(o.rules.rows) != reply.MaxRules {
		t.Errorf("%d rules, and adding is possible: %v", len(o.rules.rows), !o.rules.add.Disabled())
	}
	o.rules.insert()
	if len(o.rules.rows) != reply.MaxRules {
		t.Errorf("%d rules", len(o.rules.rows))
	}
}

func TestManyRulesScrollAndThoseOutOfSightAreHidden(t *testing.T) {
	o, w, _ := stagedServerOptions(t, ServerValues{Replies: reply.Config{Rules: manyRules(100)}})
	relayout(w.Canvas())
	if h := o.rules.body.MinSize().Height; h != rulesShown {
		t.Errorf("100 rules take %v", h)
	}
	shown := func() (first, last int) {
		first = -1
		for i, row := range o.rules.rows {
			if row.Visible() {
				last = i
				if first < 0 {
					first = i
				}
			}
		}
		return first, last
	}
	if first, last := shown(); first != 0 || last < 3 || last > 6 {
		t.Errorf("rows %d to %d are there", first, last)
	}
	o.rules.reveal(o.rules.rows[60])
	if first, last := shown(); first > 59 || first < 50 || last < 60 || last > 63 {
		t.Errorf("with row 60 in sight, rows %d to %d are there", first, last)
	}
	w.Canvas().Focus(o.rules.rows[61].reply.entry) // the Tab key goes on from the last one in sight
	if y := o.rules.scroll.Offset.Y + rulesShown - o.rules.rows[61].Position().Y; y < o.rules.rows[61].Size().Height {
		t.Errorf("the row with the keyboard is in sight by %v", y)
	}
	was := o.rules.scroll.Offset.Y
	cover := o.rules.body.Objects[1].(fyne.Scrollable)
	cover.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -40)})
	if o.rules.scroll.Offset.Y != was+40 {
		t.Errorf("the wheel moved the rows by %v", o.rules.scroll.Offset.Y-was)
	}
	o.SetProblem("Replies.Rules[2].Reply", "no")
	if o.rules.scroll.Offset.Y > 2*o.rules.rows[0].Size().Height+10 || !o.rules.rows[2].Visible() {
		t.Errorf("the row with the problem is out of sight: offset %v", o.rules.scroll.Offset.Y)
	}
	o.rules.remove(o.rules.rows[99])
	test.Tap(o.rules.add)
	if w.Canvas().Focused() != fyne.Focusable(o.rules.rows[99].pattern.entry) || !o.rules.rows[99].Visible() {
		t.Error("the keyboard is not in the new rule at the end")
	}
	o.SetValues(ServerValues{Replies: reply.Config{Rules: manyRules(2)}})
	relayout(w.Canvas())
	if h := o.rules.body.MinSize().Height; h >= rulesShown || !o.rules.rows[0].Visible() {
		t.Errorf("2 rules take %v, the first is shown: %v", h, o.rules.rows[0].Visible())
	}
	o.SetValues(ServerValues{})
	if o.rules.body.Visible() || o.rules.head.Visible() {
		t.Error("captions over no rules")
	}
}

func BenchmarkFillingTheFormWith100Rules(b *testing.B) {
	test.NewTempApp(b)
	o := newServerOptionsUnderTest(ServerValues{})
	w := test.NewTempWindow(b, o)
	w.Resize(fyne.NewSize(1000, 400))
	v := ServerValues{Replies: reply.Config{Rules: manyRules(100)}}
	for b.Loop() {
		o.SetValues(v)
	}
}

func BenchmarkMovingOneOf100Rules(b *testing.B) {
	test.NewTempApp(b)
	o := newServerOptionsUnderTest(ServerValues{Replies: reply.Config{Rules: manyRules(100)}})
	w := test.NewTempWindow(b, o)
	w.Resize(fyne.NewSize(1000, 400))
	row := o.rules.rows[50]
	for b.Loop() {
		o.rules.move(row, 1)
		o.rules.move(row, -1)
	}
}
