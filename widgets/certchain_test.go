package widgets

import (
	"encoding/pem"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"wirebench/sessions/certs"
	"wirebench/sessions/certs/testca"
	"wirebench/widgets/grid"
)

// chainText is what a chain's rows say: depth, name, where it was sent, remark; a mark for what is wrong.
func chainText(rows []chainRow) string {
	var lines []string
	for _, x := range rows {
		var parts []string
		if x.faulty {
			parts = append(parts, "✗")
		}
		if x.depth >= 0 {
			parts = append(parts, FormatCount(int64(x.depth)))
		}
		parts = append(parts, x.name)
		sent := x.sent
		if x.sentTone == grid.Warning {
			sent += "!"
		}
		for _, p := range []string{sent, x.remark} {
			if p != "" {
				parts = append(parts, p)
			}
		}
		lines = append(lines, strings.Join(parts, " | "))
	}
	return strings.Join(lines, "\n")
}

func TestTheChainStandsBesideWhatWasSent(t *testing.T) {
	b := newCertBench(t)
	leaf := b.leaf(testca.Spec{})
	private := b.make(nil, testca.Spec{CA: true, CommonName: "Private Root"})
	own := b.make(private, testca.Spec{CommonName: "own", DNSNames: []string{"www.example.org"}})
	for _, c := range []struct {
		name string
		r    *certs.Report
		want string
	}{
		{"complete", b.report(certs.Evidence{}, leaf, b.issuer), "0 | www.example.org | 1st\n1 | Example Trust Issuing CA E5 | 2nd\n2 | Example Trust Root R1 | not sent | anchor"},
		{"with the root", b.report(certs.Evidence{}, leaf, b.issuer, b.root), "0 | www.example.org | 1st\n1 | Example Trust Issuing CA E5 | 2nd\n2 | Example Trust Root R1 | 3rd | anchor"},
		{"out of order", b.report(certs.Evidence{}, leaf, b.root, b.issuer), "0 | www.example.org | 1st\n1 | Example Trust Issuing CA E5 | 3rd!\n2 | Example Trust Root R1 | 2nd! | anchor"},
		{"sent twice, with what is not used", b.report(certs.Evidence{}, leaf, private, b.issuer, b.issuer),
			"0 | www.example.org | 1st\n1 | Example Trust Issuing CA E5 | 3rd, 4th!\n2 | Example Trust Root R1 | not sent | anchor\nSent, but not used\nPrivate Root | 2nd"},
		{"without its issuer", b.issuerMissing(), "✗ | 0 | www.example.org | 1st\n1 | Example Trust Issuing CA E5 | not found"},
		{"to a root nobody trusts", b.report(certs.Evidence{}, own, private), "0 | own | 1st\n✗ | 1 | Private Root | 2nd | not trusted"},
		{"unparsable", b.unparsable(), "✗ | unreadable certificate | 1st\nExample Trust Issuing CA E5 | 2nd"},
		{"no certificate", b.unknown(), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := chainText(chainRows(c.r)); got != c.want {
				t.Errorf("\n%s\nnot\n%s", got, c.want)
			}
		})
	}
}

func TestOrdinalsReadAsSpoken(t *testing.T) {
	for want, at := range map[string][]int{"": nil, "1st": {0}, "2nd, 3rd": {1, 2}, "11th": {10}, "12th": {11}, "21st": {20}, "101st": {100}, "111th": {110},
		"1st, 2nd, 3rd, 4th": {0, 1, 2, 3}, "1st, 2nd, 3rd and 2 more": {0, 1, 2, 3, 4}} {
		if got := ordinals(at); got != want {
			t.Errorf("%v are %q, not %q", at, got, want)
		}
	}
}

func TestTheKeysGoFromCertificateToCertificate(t *testing.T) {
	b := newCertBench(t)
	leaf := b.leaf(testca.Spec{})
	other := b.make(nil, testca.Spec{CA: true, CommonName: "Unused"})
	c, _ := shownCard(t, b.report(certs.Evidence{}, leaf, b.issuer, other))
	key := func(names ...fyne.KeyName) string {
		for _, n := range names {
			c.chain.key(&fyne.KeyEvent{Name: n}, 0)
		}
		return c.chosen.name
	}
	for _, step := range []struct {
		keys []fyne.KeyName
		want string
	}{
		{nil, "www.example.org"},
		{[]fyne.KeyName{fyne.KeyUp}, "www.example.org"},
		{[]fyne.KeyName{fyne.KeyDown}, "Example Trust Issuing CA E5"},
		{[]fyne.KeyName{fyne.KeyDown, fyne.KeyDown}, "Unused"}, // over the title
		{[]fyne.KeyName{fyne.KeyUp}, "Example Trust Root R1"},
		{[]fyne.KeyName{fyne.KeyEnd, fyne.KeyDown}, "Unused"},
		{[]fyne.KeyName{fyne.KeyHome}, "www.example.org"},
	} {
		if got := key(step.keys...); got != step.want {
			t.Errorf("%v goes to %q, not %q", step.keys, got, step.want)
		}
		if c.pages.title == "" || !strings.HasPrefix(c.pages.title, c.chosen.name) {
			t.Errorf("the fields are of %q", c.pages.title)
		}
	}
	copied := ""
	c.OnCopy = func(text string) { copied = text }
	c.chain.key(&fyne.KeyEvent{Name: fyne.KeyC}, fyne.KeyModifierShortcutDefault)
	if block, _ := pem.Decode([]byte(copied)); block == nil || string(block.Bytes) != string(leaf.DER) {
		t.Errorf("copied %q", copied)
	}
	menuItem(t, c.chain.offers(), "Copy SHA-256 fingerprint").Action()
	if copied != certs.Fingerprint(leaf.DER) {
		t.Errorf("copied %q", copied)
	}
	c.pages.choose(PageRevocation)
	c.chain.key(&fyne.KeyEvent{Name: fyne.KeyReturn}, 0)
	if c.pages.page != PageCertificate || !c.pages.lists[PageCertificate].grid.Focused() {
		t.Error("Enter does not go to the fields")
	}
}

func TestNamesLoseTheirMiddleFirst(t *testing.T) {
	for _, c := range []struct {
		n    int
		want string
	}{{40, "Example Holdings Subordinate CA 12"}, {20, "Example Holdi… CA 12"}, {2, "E…"}, {1, "…"}, {0, ""}} {
		if got := fitMiddle("Example Holdings Subordinate CA 12", c.n); got != c.want || cellsOf(got) > c.n {
			t.Errorf("in %d cells: %q, not %q", c.n, got, c.want)
		}
	}
	if got := fitMiddle("日本語日本語日本語", 9); cellsOf(got) > 9 {
		t.Errorf("%q is too wide", got)
	}
}
