package widgets

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wirebench/sessions/reply"
)

func newServerOptionsUnderTest(v ServerValues) *ServerOptions {
	return NewServerOptions([]string{"TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3"}, v)
}

// stagedServerOptions returns the form in a window, with what it told each time.
func stagedServerOptions(t *testing.T, v ServerValues) (*ServerOptions, fyne.Window, *[]ServerValues) {
	t.Helper()
	wear(t, lightTheme)
	o := newServerOptionsUnderTest(v)
	told := &[]ServerValues{}
	o.OnChanged = func() {
		v, ok := o.Values()
		if !ok {
			t.Error("told of values that cannot be used")
		}
		*told = append(*told, v)
	}
	w := stage(t, o, fyne.NewSize(1000, 400))
	return o, w, told
}

func wholeServerValues() ServerValues {
	return ServerValues{
		Replies: reply.Config{Greeting: `Hello\r\n`, Echo: true, Prefix: "Echo -- ", Rules: []reply.Rule{
			{Match: reply.Exact, Pattern: "ping", Reply: "pong"},
			{Match: reply.Regexp, Pattern: `^(\d+)$`, Reply: "$1!", Delay: 1500 * time.Millisecond},
			{Match: reply.Contains, Pattern: "x", Off: true},
		}},
		MaxClients: 11_000, MaxQueue: 1536 << 10, WhenFull: 2, IdleTimeout: 90 * time.Second,
		TLS: true, OwnCertificate: true, CertFile: "/c.pem", KeyFile: "/k.pem", Passphrase: "secret ", Names: []string{"a.example", "10.0.0.1"},
		ClientAuth: 1, ClientCAFiles: "/ca.pem", MinVersion: 1, MaxVersion: 2, ALPN: []string{"h2", "http/1.1"}, KeyLogFile: "/keys.log",
		Backlog: 128, NoDelay: true, KeepAlive: 30 * time.Second, KeepHalfOpen: true, PolicyFile: "/policy.xml",
	}
}

func TestServerOptionsGiveBackWhatTheyWereGiven(t *testing.T) {
	wear(t, lightTheme)
	want := wholeServerValues()
	got, ok := newServerOptionsUnderTest(want).Values()
	if !ok || !reflect.DeepEqual(got, want) {
		t.Errorf("valid %v, got\n%+v, want\n%+v", ok, got, want)
	}
	want = ServerValues{Replies: reply.Config{Greeting: strings.Repeat(`long\n`, 4000)}}
	o := newServerOptionsUnderTest(wholeServerValues())
	o.SetValues(want)
	want.MaxClients, want.MaxQueue = 20_000, 256<<10 // what is usual
	if got, ok := o.Values(); !ok || !reflect.DeepEqual(got, want) {
		t.Errorf("after another filling: valid %v, got\n%.300v, want\n%.300v", ok, got, want)
	}
}

func TestABadFieldOfAServerSaysWhatToWriteAndKeepsTheLastGoodValue(t *testing.T) {
	o, _, told := stagedServerOptions(t, wholeServerValues())
	for _, c := range []struct {
		field, text, want string
	}{
		{"MaxClients", "many", "from 1 to 1,000,000"}, {"MaxClients", "0", "from 1 to"},
		{"MaxQueue", "lots", "like 256 KiB"}, {"MaxQueue", "2 GiB", "at most 1 GiB"},
		{"IdleTimeout", "soon", "with its unit"}, {"IdleTimeout", "10ms", "50ms or more, or never"},
		{"Backlog", "-1", "1 to 65,535, or nothing"}, {"KeepAlive", "500ms", "1s or more"}, {"KeepAlive", "10h", "at most 9h6m7s"},
		{"Replies.Greeting", `\q`, `no escape begins with \`}, {"Replies.Prefix", `\`, `\\`},
	} {
		e := o.fields[c.field].(*checkedEntry)
		was := e.entry.Text
		e.entry.SetText(c.text)
		call(e.onDone)
		if !strings.Contains(e.said(), c.want) || !e.field.bad || e.entry.Text != c.text {
			t.Errorf("%s %q: sentence %q, marked %v, text %q", c.field, c.text, e.said(), e.field.bad, e.entry.Text)
		}
		o.ShowPage("TLS")
		v, ok := o.Values()
		want := wholeServerValues()
		v.Replies.Greeting, v.Replies.Prefix = want.Replies.Greeting, want.Replies.Prefix // texts are what was typed
		if ok || !reflect.DeepEqual(v, want) {
			t.Errorf("%s %q: valid %v, %+v", c.field, c.text, ok, v)
		}
		if o.pages.SelectedIndex() != o.at[c.field] {
			t.Errorf("%s: the page of the bad field is not shown", c.field)
		}
		e.entry.SetText(was)
	}
	if len(*told) != 0 {
		t.Errorf("told of %d bad values", len(*told))
	}
	if _, ok := o.Values(); !ok {
		t.Error("put right, and still not valid")
	}
}

func TestThePageShownStaysWhenItHasABadFieldItself(t *testing.T) {
	o, _, _ := stagedServerOptions(t, wholeServerValues())
	o.maxQueue.entry.SetText("lots")
	o.backlog.entry.SetText("lots")
	o.ShowPage("Listener")
	if _, ok := o.Values(); ok || o.pages.Selected().Text != "Listener" {
		t.Errorf("valid %v, page %q", ok, o.pages.Selected().Text)
	}
}

func TestWhatAnotherChoiceMakesMeaninglessIsNotCheckedAndNotShown(t *testing.T) {
	o, _, _ := stagedServerOptions(t, ServerValues{TLS: true, OwnCertificate: true, MinVersion: 3, MaxVersion: 2})
	o.keepAlive.entry.SetText("never")
	if _, ok := o.Values(); ok || !strings.Contains(o.certFile.said(), "choose the file") || !strings.Contains(o.maxVersion.said(), "below the lowest") {
		t.Errorf("valid %v, certificate %q, versions %q", ok, o.certFile.said(), o.maxVersion.said())
	}
	seen := func() (names []string) {
		for _, name := range []string{"TLS.Certificate", "TLS.Names", "TLS.CertFile", "TLS.Passphrase", "TLS.ClientAuth", "TLS.ClientCAFiles", "TLS.ALPN"} {
			if shownWithin(o.tlsFlow, o.fields[name]) {
				names = append(names, strings.TrimPrefix(name, "TLS."))
			}
		}
		return names
	}
	for _, c := range []struct {
		do   func()
		want string
		ok   bool
	}{
		{func() {}, "[Certificate CertFile Passphrase ClientAuth ALPN]", false},
		{func() { o.maxVersion.list.SetSelectedIndex(3) }, "[Certificate CertFile Passphrase ClientAuth ALPN]", false},
		{func() { o.certificate.list.SetSelectedIndex(0) }, "[Certificate Names ClientAuth ALPN]", true},
		{func() { o.clientAuth.list.SetSelectedIndex(1) }, "[Certificate Names ClientAuth ClientCAFiles ALPN]", true},
		{func() { o.certificate.list.SetSelectedIndex(1); o.tls.SetChecked(false) }, "[]", true},
	} {
		c.do()
		_, ok := o.Values()
		if got := fmt.Sprint(seen()); got != c.want || ok != c.ok {
			t.Errorf("shown %s, want %s; valid %v, want %v", got, c.want, ok, c.ok)
		}
	}
}

// shownWithin reports whether every object from root down to o is visible.
func shownWithin(root, o fyne.CanvasObject) (found bool) {
	visible(root, func(seen fyne.CanvasObject) { found = found || seen == o })
	return found
}

func TestWhatActsAtOnceIsToldWhenAFieldIsLeftAndNotAtEachKey(t *testing.T) {
	o, w, told := stagedServerOptions(t, ServerValues{})
	last := func() ServerValues { return (*told)[len(*told)-1] }
	w.Canvas().Focus(o.greeting.entry)
	typing(w, "Hi")
	if len(*told) != 0 {
		t.Fatalf("told %d times while typing", len(*told))
	}
	press(w, fyne.KeyReturn)
	if len(*told) != 1 || last().Replies.Greeting != "Hi" {
		t.Fatalf("told %d times after Enter", len(*told))
	}
	w.Canvas().Unfocus()
	if len(*told) != 1 {
		t.Error("told again of what it had told")
	}
	o.ShowPage("Limits")
	w.Canvas().Focus(o.maxQueue.entry)
	o.maxQueue.entry.SetText("1 MiB")
	w.Canvas().Focus(o.idle.entry)
	if len(*told) != 2 || last().MaxQueue != 1<<20 {
		t.Fatalf("told %d times after another field was entered", len(*told))
	}
	test.Tap(o.echo)
	o.whenFull.list.SetSelectedIndex(1)
	test.Tap(o.halfOpen)
	if len(*told) != 5 || !last().Replies.Echo || last().WhenFull != 1 || !last().KeepHalfOpen {
		t.Fatalf("told %d times after three choices: %+v", len(*told), last())
	}
	o.maxClients.entry.SetText("none")
	call(o.maxClients.onDone)
	test.Tap(o.echo)
	if len(*told) != 5 {
		t.Error("told while a field is bad")
	}
	o.maxClients.entry.SetText("7")
	call(o.maxClients.onDone)
	if len(*told) != 6 || last().MaxClients != 7 || last().Replies.Echo {
		t.Errorf("told %d times after the field was put right: %+v", len(*told), last())
	}
}

func TestWhatActsWhenListeningBeginsIsNotTold(t *testing.T) {
	o, w, told := stagedServerOptions(t, ServerValues{})
	test.Tap(o.tls)
	for field, page := range map[*checkedEntry]string{o.backlog: "Listener", o.certNames: "TLS", o.alpn: "TLS"} {
		o.ShowPage(page)
		w.Canvas().Focus(field.entry)
		typing(w, "5")
		if field.text() != "5" {
			t.Fatal("the field was not written in")
		}
		w.Canvas().Unfocus()
	}
	test.Tap(o.noDelay)
	o.SetValues(wholeServerValues())
	if len(*told) != 0 {
		t.Errorf("told %d times", len(*told))
	}
}

func TestABadFieldOfTheNextListenerKeepsNothingFromActingAtOnce(t *testing.T) {
	o, _, told := stagedServerOptions(t, ServerValues{})
	o.backlog.entry.SetText("lots")
	o.ShowPage("Replies")
	test.Tap(o.echo)
	if len(*told) != 1 || o.pages.Selected().Text != "Replies" {
		t.Errorf("told %d times, page %q", len(*told), o.pages.Selected().Text)
	}
	if _, ok := o.Values(); ok || o.pages.Selected().Text != "Listener" {
		t.Errorf("when listening is to begin: valid %v, page %q", ok, o.pages.Selected().Text)
	}
}

func TestTheExampleOfTheDocumentationIsOneClick(t *testing.T) {
	o, _, told := stagedServerOptions(t, ServerValues{Replies: reply.Config{Greeting: "x", Rules: []reply.Rule{{Pattern: "a", Reply: "b"}}}})
	for _, b := range buttonsIn(o.pages.Items[0].Content) {
		if strings.Contains(b.Text, "AIR") {
			test.Tap(b)
		}
	}
	if len(*told) != 1 {
		t.Fatalf("told %d times", len(*told))
	}
	if r := (*told)[0].Replies; r.Greeting != "Connected." || r.Prefix != "Echo -- " || !r.Echo || len(r.Rules) != 1 {
		t.Errorf("replies %+v", r)
	}
	if o.prefix.entry.Disabled() {
		t.Error("the prefix cannot be edited although the echo is on")
	}
}

func TestAProblemStandsAtTheFieldThatTheEngineNames(t *testing.T) {
	o, _, _ := stagedServerOptions(t, wholeServerValues())
	o.certificate.set(0) // so that the names take part
	for _, c := range []struct {
		field, page string
		said        func() string
	}{
		{"Replies.Greeting", "Replies", o.greeting.said},
		{"Replies.Prefix", "Replies", o.prefix.said},
		{"Replies.Rules[1].Pattern", "Replies", func() string { return o.rules.rows[1].pattern.said() }},
		{"Replies.Rules[0].Reply", "Replies", func() string { return o.rules.rows[0].reply.said() }},
		{"Replies.Rules[2].Delay", "Replies", func() string { return o.rules.rows[2].delay.said() }},
		{"Replies.Rules", "Replies", o.rules.said},
		{"MaxClients", "Limits", o.maxClients.said},
		{"MaxQueue", "Limits", o.maxQueue.said},
		{"WhenFull", "Limits", o.whenFull.said},
		{"IdleTimeout", "Limits", o.idle.said},
		{"TLS.CADir", "TLS", o.certificate.said},
		{"TLS.Names", "TLS", o.certNames.said},
		{"TLS.CertFile", "TLS", o.certFile.said},
		{"TLS.KeyFile", "TLS", o.keyFile.said},
		{"TLS.Passphrase", "TLS", o.passphrase.said},
		{"TLS.ClientAuth", "TLS", o.clientAuth.said},
		{"TLS.ClientCAFiles", "TLS", o.clientCAs.said},
		{"TLS.MinVersion", "TLS", o.minVersion.said},
		{"TLS.MaxVersion", "TLS", o.maxVersion.said},
		{"TLS.ALPN", "TLS", o.alpn.said},
		{"TLS.KeyLogFile", "TLS", o.keyLog.said},
		{"Backlog", "Listener", o.backlog.said},
		{"KeepAlive", "Listener", o.keepAlive.said},
		{"Policy", "Policy file", o.policy.said},
	} {
		for _, p := range o.pages.Items {
			if p.Text != c.page {
				o.pages.Select(p)
			}
		}
		if !o.SetProblem(c.field, "it cannot be") || c.said() != "it cannot be" || o.pages.Selected().Text != c.page {
			t.Errorf("%s: page %q, sentence %q", c.field, o.pages.Selected().Text, c.said())
		}
		if strings.HasSuffix(c.field, "File") {
			o.certificate.set(ownCertificate)
		}
		if _, ok := o.Values(); !ok || c.said() != "" {
			t.Errorf("%s: the next attempt must be possible, and it still says %q", c.field, c.said())
		}
	}
	for _, field := range []string{"Address", "Replies.Rules[3].Pattern", "Replies.Rules[-1].Reply", "Replies.Rules[x", ""} {
		if o.SetProblem(field, "x") {
			t.Errorf("there is no field %q in the form", field)
		}
	}
}

func TestThePolicyFileIsCheckedWhenItIsChosenAndReadAgainByEnter(t *testing.T) {
	o, w, told := stagedServerOptions(t, ServerValues{})
	var asked []string
	fault := errors.New("the root element is not <cross-domain-policy>")
	o.OnCheckPolicy = func(path string) error {
		asked = append(asked, path)
		return fault
	}
	o.ShowPage("Policy file")
	w.Canvas().Focus(o.policy.entry)
	typing(w, "/p.xml")
	if len(asked) != 0 {
		t.Errorf("asked %q while typing", asked)
	}
	w.Canvas().Unfocus()
	if len(asked) != 1 || !strings.Contains(o.policy.said(), "root element") || len(*told) != 0 {
		t.Errorf("asked %q, says %q, told %d times", asked, o.policy.said(), len(*told))
	}
	if _, ok := o.Values(); ok {
		t.Error("a bad policy file is valid")
	}
	fault = nil
	w.Canvas().Focus(o.policy.entry)
	press(w, fyne.KeyReturn)
	if o.policy.said() != "" || len(*told) != 1 || (*told)[0].PolicyFile != "/p.xml" {
		t.Errorf("says %q, told %+v", o.policy.said(), *told)
	}
	press(w, fyne.KeyReturn)
	o.OnPick = func(_ string, _ bool, set func(string)) { set("/p.xml") }
	for _, b := range buttonsIn(o.pages.Items[4].Content) {
		test.Tap(b)
	}
	if len(*told) != 3 {
		t.Errorf("told %d times; Enter and the same file chosen again are two more", len(*told))
	}
	n := len(asked)
	test.Tap(o.echo)
	if len(asked) != n {
		t.Error("another change must not read the file")
	}
}

func TestFilesOfAServerAreChosenAndTheRootExported(t *testing.T) {
	v := wholeServerValues()
	o, _, _ := stagedServerOptions(t, v)
	exported := 0
	o.OnExportRoot = func() { exported++ }
	o.OnPick = func(_ string, _ bool, set func(string)) { set("/new") }
	for _, b := range buttonsIn(o.pages.Items[2].Content) {
		b.OnTapped()
	}
	got, _ := o.Values()
	if got.CertFile != "/new" || got.KeyFile != "/new" || got.KeyLogFile != "/new" || got.ClientCAFiles != "/ca.pem"+pathListSeparator+"/new" || exported != 1 {
		t.Errorf("%+v, exported %d times", got, exported)
	}
}
