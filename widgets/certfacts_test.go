package widgets

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wirebench/widgets/grid"
)

// shownFacts is a list in a window of so many columns, with what it copies.
func shownFacts(t *testing.T, groups []factGroup) (*factList, *string) {
	t.Helper()
	wear(t, denseTheme{})
	f := newFactList("facts")
	copied := new(string)
	f.onCopy = func(text string) { *copied = text }
	w := test.NewTempWindow(t, f)
	w.SetPadded(false)
	w.Resize(fyne.NewSize(500, 300))
	f.set(groups, "nothing here")
	return f, copied
}

// lines is what the rows of a list show.
func (f *factList) lines() (all []string) {
	for n := range f.Rows() {
		all = append(all, cellsText(f.Row(n, nil)))
	}
	return all
}

func cellsText(cells []grid.Cell) string {
	var b strings.Builder
	for _, c := range cells {
		if c.Rune != 0 {
			b.WriteRune(c.Rune)
		}
	}
	return strings.TrimRight(b.String(), " ")
}

func typeFact(f *factList, mods fyne.KeyModifier, keys ...fyne.KeyName) {
	for _, k := range keys {
		f.key(&fyne.KeyEvent{Name: k}, mods)
	}
}

func someFacts() []factGroup {
	return []factGroup{
		{title: "Subject", facts: []fact{{name: "Name", value: "CN=www.example.org", raw: []byte{0x30, 0xff}}, {name: "Country", value: "GB", note: "two letters"}}},
		{title: "Serial", critical: true, problem: "Serial number: it is negative", facts: []fact{{name: "Serial number", value: "-1", note: "it is negative", problem: true}}},
		{title: "Key", facts: []fact{{name: "Modulus", value: strings.TrimSuffix(strings.Repeat("AB:", 256), ":")}}},
	}
}

func TestFactsStandBesideTheirNamesUnderTheirGroups(t *testing.T) {
	f, _ := shownFacts(t, someFacts())
	lines := f.lines()
	for i, want := range []string{
		"▾ Subject",
		"  Name           CN=www.example.org",
		"  Country        GB  two letters",
		"▾ Serial  critical  !",
		"  Serial number  -1",
		"                 ! it is negative",
		"▾ Key",
	} {
		if lines[i] != want {
			t.Errorf("row %d is %q, not %q", i, lines[i], want)
		}
	}
	for _, l := range lines {
		if cellsOf(l) > f.rows.width {
			t.Errorf("%q is longer than the %d cells of a row", l, f.rows.width)
		}
	}
}

func TestALongValueIsOpenedAndClosedAgain(t *testing.T) {
	f, copied := shownFacts(t, someFacts())
	whole := someFacts()[2].facts[0].value
	join := func() (value string) {
		for _, l := range f.lines()[7:] {
			if len(l) > 17 {
				value += strings.TrimSpace(l[17:])
			}
		}
		return value
	}
	if n := len(f.lines()) - 7; n != factLines || !strings.HasSuffix(f.lines()[len(f.lines())-1], " …") {
		t.Errorf("%d rows: %q", n, f.lines()[7:])
	}
	typeFact(f, 0, fyne.KeyEnd, fyne.KeyReturn)
	if join() != whole {
		t.Errorf("opened it is %q", join())
	}
	typeFact(f, fyne.KeyModifierShortcutDefault, fyne.KeyC)
	if *copied != whole {
		t.Errorf("copied %q", *copied)
	}
	typeFact(f, 0, fyne.KeyLeft)
	if len(f.lines()) != 7+factLines {
		t.Errorf("closed it has %d rows", len(f.lines())-7)
	}
	row := int64(len(f.lines()) - 1) // a click on the row that says there is more
	f.tapped(row, 30, 0)
	if join() != whole {
		t.Error("a click on the last row does not open it")
	}
}

func TestGroupsFoldWithTheKeysAndTheMouse(t *testing.T) {
	f, _ := shownFacts(t, someFacts())
	typeFact(f, 0, fyne.KeyDown, fyne.KeyDown, fyne.KeyLeft) // from a fact to its group
	if f.id(f.head) != (factID{0, -1}) {
		t.Fatalf("Left went to %v", f.id(f.head))
	}
	typeFact(f, 0, fyne.KeyLeft)
	if l := f.lines(); l[0] != "▸ Subject" || !strings.HasPrefix(l[1], "▾ Serial") {
		t.Errorf("folded: %q", l[:2])
	}
	typeFact(f, 0, fyne.KeyRight)
	if l := f.lines(); l[0] != "▾ Subject" || !strings.HasPrefix(l[1], "  Name") {
		t.Errorf("unfolded: %q", l[:2])
	}
	f.tapped(0, 0, 0)
	if l := f.lines(); l[0] != "▸ Subject" {
		t.Errorf("by its mark: %q", l[0])
	}
	f.set(someFacts(), "")
	if l := f.lines(); l[0] != "▸ Subject" {
		t.Error("another certificate unfolds the group again")
	}
}

func TestTheChosenFactsAreCopied(t *testing.T) {
	f, copied := shownFacts(t, someFacts())
	for _, c := range []struct {
		name string
		do   func()
		want string
	}{
		{"a value", func() { f.choose(1, false) }, "CN=www.example.org"},
		{"several values", func() { f.choose(1, false); typeFact(f, fyne.KeyModifierShift, fyne.KeyDown) }, "CN=www.example.org\nGB"},
		{"a group", func() { f.choose(3, false) }, "Serial\n    Serial number: -1 [it is negative]\n"},
		{"over groups", func() { f.choose(2, false); f.choose(4, true) }, "GB\n-1"},
	} {
		c.do()
		typeFact(f, fyne.KeyModifierShortcutDefault, fyne.KeyC)
		if *copied != c.want {
			t.Errorf("%s: %q, not %q", c.name, *copied, c.want)
		}
	}
	f.choose(1, false)
	for label, want := range map[string]string{"Copy value": "CN=www.example.org", "Copy name and value": "Name: CN=www.example.org", "Copy as hex": "30ff"} {
		menuItem(t, f.offers(), label).Action()
		if *copied != want {
			t.Errorf("%s gives %q", label, *copied)
		}
	}
	menuItem(t, f.offers(), "Copy everything").Action()
	if strings.Count(*copied, "\n") != 7 {
		t.Errorf("everything is %q", *copied)
	}
	typeFact(f, fyne.KeyModifierShortcutDefault, fyne.KeyA)
	menuItem(t, f.offers(), "Copy names and values").Action()
	if strings.Count(*copied, "\n") != 3 || !strings.Contains(*copied, "Country: GB (two letters)") {
		t.Errorf("all of them are %q", *copied)
	}
}

func TestAValueIsFoundAmongTenThousandNames(t *testing.T) {
	names := factGroup{title: "Subject alternative names (10,000)"}
	for i := range 10000 {
		names.facts = append(names.facts, fact{name: "DNS name", value: fmt.Sprintf("shop-%05d.Example", i)})
	}
	f, copied := shownFacts(t, append(someFacts(), names, factGroup{title: "Signature", facts: []fact{{name: "Algorithm", value: "ecdsa"}}}))
	if l := f.lines(); l[len(l)-1] != "  Algorithm      ecdsa" || l[len(l)-3] != "▸ Subject alternative names (10,000)" {
		t.Errorf("it ends with %q", l[len(l)-3:])
	}
	f.setFilter("  SHOP-0777")
	if f.rows.shown != 10 || f.rows.facts != 10005 || len(f.lines()) != 11 {
		t.Errorf("%d of %d in %d rows", f.rows.shown, f.rows.facts, len(f.lines()))
	}
	typeFact(f, 0, fyne.KeyEnd)
	typeFact(f, fyne.KeyModifierShortcutDefault, fyne.KeyC)
	if *copied != "shop-07779.Example" {
		t.Errorf("copied %q", *copied)
	}
	f.setFilter("alternative")
	if f.rows.shown != 10000 || f.Rows() != 10001 {
		t.Errorf("the group has %d of its names in %d rows", f.rows.shown, f.Rows())
	}
	f.setFilter("nothing of the kind")
	if f.rows.shown != 0 || f.Rows() != 0 || f.head != -1 {
		t.Errorf("%d found", f.rows.shown)
	}
	f.setFilter("negative")
	if l := f.lines(); f.rows.shown != 1 || len(l) != 3 {
		t.Errorf("by its problem: %q", l)
	}
}

func TestTheSameFieldStaysChosenFromCertificateToCertificate(t *testing.T) {
	f, copied := shownFacts(t, someFacts())
	f.choose(2, false) // the country
	other := []factGroup{{title: "Validity", facts: []fact{{name: "Country", value: "none"}}}, {title: "Subject", facts: []fact{{name: "Name", value: "CN=CA"}, {name: "Country", value: "CH"}}}}
	f.set(other, "")
	typeFact(f, fyne.KeyModifierShortcutDefault, fyne.KeyC)
	if *copied != "CH" {
		t.Errorf("%q is chosen", *copied)
	}
	f.set(other[:1], "")
	if f.head != -1 || f.holds(0) {
		t.Error("something is chosen that was not")
	}
}

func TestTextIsPartedWhereItReadsWell(t *testing.T) {
	for _, c := range []struct {
		text string
		n    int
		want string
	}{
		{"short", 10, "short"},
		{"", 10, ""},
		{"AB:CD:EF:01", 8, "AB:CD:"},
		{"88 days left  as of 2026-11-21 09:30:00", 34, "88 days left  as of 2026-11-21 "},
		{"CN=Example CA,O=Example Trust Services", 22, "CN=Example CA,"},
		{"nowheretopartthis", 8, "nowheret"},
		{"日本語のテキスト", 7, "日本語"},
		{"語語", 1, "語"},
	} {
		got := c.text[:wrapAt(c.text, c.n)]
		if got != c.want {
			t.Errorf("%q in %d cells begins with %q, not %q", c.text, c.n, got, c.want)
		}
	}
}

func TestWrappingLosesNothingAtAnyWidth(t *testing.T) {
	text := "CN=日本語 CA, O=Example/" + strings.Repeat("AB:", 40) + " and words, words; more words"
	for n := 1; n < 60; n++ {
		for rest := text; rest != ""; {
			cut := wrapAt(rest, n)
			if cut == 0 || cut < len(rest) && n > 1 && cellsOf(rest[:cut]) > n {
				t.Fatalf("%d cells: %q is parted at %d", n, rest, cut)
			}
			rest = rest[cut:]
		}
	}
}

func TestNarrowListsStillShowEveryValue(t *testing.T) {
	f, _ := shownFacts(t, someFacts())
	f.Resize(fyne.NewSize(160, 300))
	all := strings.Join(f.lines(), " ")
	for _, want := range []string{"Subject", "GB", "-1", "it is", "Key"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is missing in %q", want, all)
		}
	}
}
