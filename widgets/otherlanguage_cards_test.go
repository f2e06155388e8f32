package widgets

import (
	"strings"
	"testing"
	"time"

	"wirebench/sessions/certs"
	"wirebench/sessions/pattern"
	"wirebench/widgets/words"
)

func TestClientsKeepTheirColumnsInAnyLanguage(t *testing.T) {
	rows := []ClientRow{
		client(1, func(r *ClientRow) { r.State, r.Seen = ClientHalfClosed, time.Time{} }),
		client(2, func(r *ClientRow) { r.Seen = clientsNow.Add(-5 * time.Minute) }),
		client(3, func(r *ClientRow) { r.State, r.Ended, r.By = ClientClosed, clientsNow, "peer" }),
		client(4, func(r *ClientRow) { r.State, r.Ended, r.By = ClientClosed, clientsNow, "somebody else" }),
	}
	inLanguage(t, "ru", map[words.Text]any{
		"never // was anything received": "никогда ещё", "min // minutes, after a number": "минут", "half-closed": "закрыто наполовину",
		"by %s // who ended a connection": "завершено стороной %s", "state": "текущее состояние",
	})
	l, _ := newTestClients(t, 1900, rows)
	head := []rune(clientHead(l))
	for row, want := range []string{"  никогда ещё  ", "  5 минут  ", "  завершено стороной peer  ", "  завершено стороной somebody else  "} {
		if got := clientLine(l, int64(row)); !strings.Contains(got+"  ", want) {
			t.Errorf("row %d does not say %q: %q", row, want, got)
		}
	}
	half := []rune(clientLine(l, 0))
	at := strings.Index(string(head), "текущее состояние  ")
	if at < 0 {
		t.Fatalf("the names of the columns are %q", string(head))
	}
	at = len([]rune(string(head)[:at]))
	if got := string(half[at:]); !strings.HasPrefix(got, "◐ закрыто наполовину") {
		t.Errorf("under the state is %q", got)
	}
	why := []rune(clientLine(l, 2))
	if i, k := strings.Index(string(head), "why"), strings.Index(string(why), "завершено"); len([]rune(string(head)[:i])) != len([]rune(string(why)[:k])) {
		t.Errorf("why it ended is not under its name:\n%s\n%s", string(head), string(why))
	}
}

func TestClientsAreFoundByTheWordsThatAreShownAndCopiedInEnglish(t *testing.T) {
	inLanguage(t, "de", map[words.Text]any{"half-closed": "halb zu"})
	l, _ := newTestClients(t, 1900, []ClientRow{client(1, nil), client(2, func(r *ClientRow) { r.State = ClientHalfClosed })})
	l.SetFilter("halb")
	wantNumbers(t, "those that are half-closed", order(l), 2)
	l.Select([]int64{2})
	if text, _, _ := l.CopyText(); !strings.HasPrefix(text, clientCopyHeader) || !strings.Contains(text, "\thalf-closed\t") {
		t.Errorf("the rows are copied as %q", text)
	}
}

func TestAFoldedGroupStaysFoldedWhereItsCountComesFirst(t *testing.T) {
	inLanguage(t, "de", map[words.Text]any{
		"CAs the server accepts (%d)": map[string]string{"one": "%d CA wird angenommen", "other": "%d CAs werden angenommen"},
	})
	accepting := func(names ...string) []factGroup {
		return connectionFacts(&certs.Report{Handshake: &certs.Handshake{AcceptableCAs: names}}, "")
	}
	f := newFactList("")
	f.set(accepting("CN=a", "CN=b"), "")
	folds := func() (title string, folded bool) {
		for i := range f.groups {
			if g := &f.groups[i]; strings.Contains(g.title, "angenommen") {
				return g.title, f.folds(g)
			}
		}
		t.Fatal("no group says what is accepted")
		return "", false
	}
	for i := range f.groups {
		if f.groups[i].title == "2 CAs werden angenommen" {
			f.fold(&f.groups[i], true)
		}
	}
	if _, folded := folds(); !folded {
		t.Fatal("the group is not folded")
	}
	f.set(accepting("CN=c"), "")
	if title, folded := folds(); title != "1 CA wird angenommen" || !folded {
		t.Errorf("%q is folded: %v", title, folded)
	}
}

func TestWhatIsLookedForHangsOnNoLanguage(t *testing.T) {
	inLanguage(t, "de", map[words.Text]any{
		"In and out // records": "Beide", "In only // records": "Herein", "Out only // records": "Hinaus",
		"Text // to look for": "Worte", "Hex // to look for": "Sedezimal", "Number // to look for": "Zahl", "Regex // to look for": "Ausdruck",
		"%[2]d of %[1]d records": map[string]string{"one": "%[2]d von einem Satz", "other": "von %[1]d Sätzen %[2]d"},
		"%d %% searched":         "%d\u00a0%% durchsucht",
	})
	f := NewFilterBar()
	f.SetSpec(FilterSpec{Pattern: Pattern{Text: "0a", Hex: true}, Direction: FilterOut})
	if f.direction.Selected != "Hinaus" || f.input.mode.Selected != "Sedezimal" {
		t.Errorf("the bar shows %q and %q", f.direction.Selected, f.input.mode.Selected)
	}
	if s := f.Spec(); s.Direction != FilterOut || string(s.Bytes) != "\n" {
		t.Errorf("it wants %+v", s)
	}
	f.matched, f.total, f.done, f.all = 12, 3400, 1, 3
	if got := f.words()[0]; got != "von 3.400 Sätzen 12, 33\u00a0% durchsucht" {
		t.Errorf("it says %q", got)
	}
	b := NewFindBar()
	for _, k := range pattern.Kinds() {
		b.SetPattern(pattern.Pattern{Kind: k, Text: "12"})
		if got := b.Pattern().Kind; got != k {
			t.Errorf("%v is read back as %v", k, got)
		}
	}
}

func TestPlacesAndTimesHaveTheFormsOfTheLanguage(t *testing.T) {
	inLanguage(t, "pl", map[words.Text]any{
		"%sst // a place: 1st, 21st": "%s.", "%snd // a place: 2nd, 22nd": "%s.", "%srd // a place: 3rd, 23rd": "%s.",
		"%[2]s and %[1]d more": map[string]string{"other": "%[2]s i jeszcze %[1]d"},
		"expires in %d days":   map[string]string{"one": "wygasa za %d dzień", "few": "wygasa za %d dni", "other": "wygasa za %d dni"},
	})
	if got := ordinals([]int{0, 1, 2, 3, 4}); got != "1., 2., 3. i jeszcze 2" {
		t.Errorf("the places are %q", got)
	}
	now := newCertBench(t).expiredWrongHost()
	now.Time = now.Chain[0].NotAfter.Add(-50 * time.Hour)
	if got := daysText(now); got != "wygasa za 2 dni" {
		t.Errorf("the time left is %q", got)
	}
}
