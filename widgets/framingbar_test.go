package widgets

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"wirebench/sessions/framing"
)

func TestEveryUsualFramingIsOneThatIsRead(t *testing.T) {
	seen := map[string]bool{}
	for i, u := range UsualFramings() {
		f, err := framing.Parse(u.Framing.String())
		if err != nil || f != u.Framing || seen[string(u.Name)] {
			t.Errorf("%s is %v, read as %v, %v", u.Name, u.Framing, f, err)
		}
		seen[string(u.Name)] = true
		if i == 0 && f.Kind != framing.Raw {
			t.Error("the first is not raw")
		}
	}
}

func TestTheMenuOfFramingsChoosesBothWaysAndMarksWhatIsInForce(t *testing.T) {
	b := NewFramingBar()
	stage(t, b, fyne.NewSize(300, 60))
	var told []string
	b.OnChoose = func(in, out framing.Framing) { told = append(told, in.String()+" "+out.String()) }
	form := 0
	b.OnForm = func() { form++ }
	item := func(name string) *fyne.MenuItem {
		for _, i := range b.menu().Items {
			if i.Label == name {
				return i
			}
		}
		t.Fatalf("there is no %q", name)
		return nil
	}
	if b.button.Text != "Frames: reads" || !item("Reads and writes as they were").Checked {
		t.Errorf("the button says %q", b.button.Text)
	}
	item("Lines (CRLF)").Action()
	item("Lines (CRLF)").Action() // is in force
	if strings.Join(told, ", ") != "crlf crlf" || b.button.Text != "Frames: crlf" || !item("Lines (CRLF)").Checked {
		t.Errorf("told of %q, the button says %q", told, b.button.Text)
	}
	item("Another, or one each way…").Action()
	if form != 1 {
		t.Error("the form is not asked for")
	}
	b.SetFramings(framing.LF, framing.Framing{Kind: framing.Prefix, Width: 4, Little: true, Offset: 12})
	if b.button.Text != "Frames: lf | u32le,o…" || len(told) != 1 {
		t.Errorf("the button says %q", b.button.Text)
	}
	for _, i := range b.menu().Items {
		if i.Checked {
			t.Errorf("%q is marked, and the two ways differ", i.Label)
		}
	}
}

// newForm returns a form in a window, and what it has told.
func newForm(t *testing.T) (f *FramingForm, used *[]string, closed *int) {
	f = NewFramingForm()
	stage(t, container.NewStack(f), fyne.NewSize(700, 200))
	used, closed = new([]string), new(int)
	f.OnUse = func(in, out framing.Framing) { *used = append(*used, in.String()+" "+out.String()) }
	f.OnClose = func() { *closed++ }
	return f, used, closed
}

// retype replaces what stands in a field.
func retype(x *framingField, text string) {
	x.entry.SetText("")
	test.Type(x.entry, text)
}

func TestTheFramingFormTellsWhatIsWrongAndKeepsIt(t *testing.T) {
	f, used, closed := newForm(t)
	retype(f.in, "u16be,offset=x")
	f.in.entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if len(*used) != 0 || *closed != 0 || !f.in.field.bad {
		t.Fatalf("used %v, closed %d times", *used, *closed)
	}
	if got := f.in.problem.text; got != `"x" is no number of bytes before the length; write offset=1 or the like` {
		t.Errorf("the form says %q", got)
	}
	// Closing it, and opening it while nothing else is in force, loses nothing.
	f.SetFramings(framing.Framing{}, framing.Framing{})
	if f.in.entry.Text != "u16be,offset=x" || f.in.problem.text == "" {
		t.Errorf("the form holds %q", f.in.entry.Text)
	}
	f.in.entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyBackspace})
	if f.in.problem.text != "" || f.in.field.bad {
		t.Error("the mark stays while it is typed over")
	}
	test.Type(f.in.entry, "1")
	f.in.entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if strings.Join(*used, ", ") != "u16be,offset=1 u16be,offset=1" || *closed != 1 {
		t.Errorf("used %v, closed %d times", *used, *closed)
	}
	f.SetFramings(framing.LF, framing.LF)
	if f.in.entry.Text != "lf" {
		t.Errorf("the form holds %q", f.in.entry.Text)
	}
	f.in.entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if *closed != 2 || len(*used) != 1 {
		t.Errorf("closed %d times", *closed)
	}
}

func TestTheFramingFormTakesOneEachWay(t *testing.T) {
	f, used, _ := newForm(t)
	if f.out.box.Visible() {
		t.Error("two fields for the same")
	}
	test.Tap(f.same)
	if !f.out.box.Visible() || f.in.label.Text != "Received" {
		t.Error("there are no two fields")
	}
	retype(f.in, "lf")
	retype(f.out, "fixed:none")
	f.Use()
	if len(*used) != 0 || f.in.field.bad || !f.out.field.bad {
		t.Errorf("used %v", *used)
	}
	retype(f.out, "fixed:8")
	f.Use()
	if strings.Join(*used, ", ") != "lf fixed:8" {
		t.Errorf("used %v", *used)
	}
	f.SetFramings(framing.NUL, framing.NUL)
	if !f.same.Checked || f.out.box.Visible() {
		t.Error("two fields for the same")
	}
}
