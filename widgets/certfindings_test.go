package widgets

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wirebench/sessions/certs"
)

func TestEveryFaultAndWarningStandsWithItsEvidenceAndAdvice(t *testing.T) {
	b := newCertBench(t)
	r := b.expiredWrongHost()
	r.Handshake.ClientProblem = "the server takes other client certificates"
	all := remarks(r)
	if len(all) != len(r.Faults)+len(r.Warnings)+1 {
		t.Fatalf("%d remarks about %d faults and %d warnings", len(all), len(r.Faults), len(r.Warnings))
	}
	for i, f := range append(append([]certs.Finding{}, r.Faults...), r.Warnings...) {
		m := all[i]
		if i >= len(r.Faults) {
			m = all[i+1] // the handshake's problem stands between
		}
		word := string(f.Status)
		if word == "" {
			word = "warning"
		}
		if m.word != word || m.code != string(f.Code) || m.sha256 != f.SHA256 || m.detail != wholeSentence(f.Detail) || m.hint != wholeSentence(f.Hint) || !strings.Contains(m.whose, f.Subject) {
			t.Errorf("%+v is shown as %+v", f, m)
		}
	}
	if m := all[len(r.Faults)]; m.word != "handshake" || m.detail != "The server takes other client certificates." {
		t.Errorf("the handshake's problem is %+v", m)
	}
}

func TestWithoutFaultsTheCardSaysThatAllIsWell(t *testing.T) {
	b := newCertBench(t)
	if all := remarks(b.trusted()); len(all) != 1 || all[0].word != "trusted" || all[0].code != "no fault" {
		t.Errorf("%+v", all)
	}
	if all := remarks(b.unknown()); len(all) != 1 || all[0].word != "unknown" || !strings.Contains(all[0].detail, "SSH") || all[0].hint != "" {
		t.Errorf("%+v", all)
	}
}

func TestAClickOnAFindingChoosesItsCertificate(t *testing.T) {
	b := newCertBench(t)
	c, w := shownCard(t, b.expiredWrongHost())
	c.pages.choose(PageRevocation)
	relayout(w.Canvas())
	last := c.findings.blocks[len(c.findings.blocks)-1] // that the root was sent
	test.Tap(last)
	if c.chosen.name != "Example Trust Root R1" || c.pages.page != PageCertificate {
		t.Errorf("%q on page %d", c.chosen.name, c.pages.page)
	}
	copied := ""
	c.OnCopy = func(text string) { copied = text }
	press(w, fyne.KeyUp, fyne.KeyReturn)
	if c.chosen.name != "mail.example.net" {
		t.Errorf("by the keys: %q", c.chosen.name)
	}
	w.Canvas().Focused().(fyne.Shortcutable).TypedShortcut(&fyne.ShortcutCopy{})
	if !strings.HasPrefix(copied, "expired · expired · 0 · CN=mail.example.net\n    It ended on ") {
		t.Errorf("copied %q", copied)
	}
	menuItem(t, last.offers(), "Copy all").Action()
	if strings.Count(copied, "\n    ") != 6 {
		t.Errorf("all of them: %q", copied)
	}
}

func TestFindingsHaveTheHeightTheyNeedAtEveryWidth(t *testing.T) {
	b := newCertBench(t)
	c, w := shownCard(t, b.issuerMissing())
	var before float32
	for _, width := range []float32{1100, 800, 600} {
		w.Resize(fyne.NewSize(width, 500))
		relayout(w.Canvas())
		var y float32
		for _, block := range c.findings.blocks {
			if block.Position().Y != y {
				t.Errorf("%v wide: a block at %v, and the one before ends at %v", width, block.Position().Y, y)
			}
			y += block.Size().Height
			if end := block.advice.Position().Y + block.advice.MinSize().Height; end > block.Size().Height+12 {
				t.Errorf("%v wide: the advice ends at %v of %v", width, end, block.Size().Height)
			}
		}
		if y <= before {
			t.Errorf("%v wide: %v high, and %v when it was wider", width, y, before)
		}
		before = y
	}
}

func TestOnlySoManyFindingsAreDrawn(t *testing.T) {
	r := &certs.Report{Status: certs.Invalid, Time: reportTime}
	for i := range 500 {
		r.Faults = append(r.Faults, certs.Finding{Status: certs.Invalid, Code: certs.Malformed, Depth: -1, Detail: fmt.Sprint("fault ", i)})
	}
	c, _ := shownCard(t, r)
	if len(c.findings.blocks) != shownFindings || len(c.findings.column.Objects) != shownFindings+1 {
		t.Errorf("%d blocks", len(c.findings.blocks))
	}
}
