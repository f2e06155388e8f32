package app

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"wirebench/sessions"
	"wirebench/sessions/certs"
	"wirebench/sessions/certs/lookup"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// tlsClient is the kind of a tab that speaks TLS: its options, and the card
// that shows what the certificate is worth.
type tlsClient struct {
	tab     *clientTab
	bench   *workbench
	tls     *sessions.TLSSession
	options *widgets.TLSOptions
	card    *widgets.CertificateCard
	caution *widgets.Banner  // stays while a connection goes on in spite of its certificate
	folded  *fyne.Container  // holds the card while it is folded
	split   *container.Split // holds the card over the traffic while it is not
	divider divider          // of it
	plan    cardPlan         // of the card, as it was made or remembered last
	body    *fyne.Container
	below   fyne.CanvasObject

	alone bool   // the card was placed for a tab without a connection
	wish  string // how the person wants the card

	asking   context.CancelFunc // ends the look-up or test that is running; nil for none
	question int                // counts them
}

var _ clientKind = (*tlsClient)(nil)

func newTLSClient(t *clientTab, s savedTab, o sessions.Options) (*tlsClient, error) {
	k := &tlsClient{tab: t, bench: t.bench}
	config := sessions.DefaultTLS()
	config.Address = s.Address
	session, err := sessions.NewTLS(config, o)
	if err != nil {
		return nil, err
	}
	k.tls = session
	if s.TLS != nil {
		k.wish = s.TLS.Card
	}
	k.options = widgets.NewTLSOptions(t.options, tlsChoices(), tlsValues(config, cmp.Or(s.TLS, t.bench.space.Defaults.TLS)))
	k.options.OnPick = func(title string, save bool, set func(string)) { t.pickFile(title, "keys.log", save, set) }
	t.settings = k.options

	k.card = widgets.NewCertificateCard()
	k.card.OnCheckRevocation = k.checkRevocation
	k.card.OnTestResumption = k.testResumption
	k.card.OnExport = k.export
	k.card.OnFold = k.fold
	c := t.bench.space.View.Card
	k.card.SetState(widgets.CertificateCardState{Folded: true, Across: c.Across, Down: c.Down, Beside: c.Beside})
	at := k.card.State()
	k.plan = cardPlan{at.Across, at.Down, at.Beside}
	k.caution = widgets.NewBanner()
	k.caution.Hide()
	return k, nil
}

// lay puts the card over the traffic; the folded card joins the bars above.
func (k *tlsClient) lay(top *fyne.Container, traffic fyne.CanvasObject) fyne.CanvasObject {
	k.below = traffic
	k.folded = container.NewStack()
	top.Add(k.folded)
	top.Add(k.caution)
	k.body = container.NewStack()
	k.place()
	return k.body
}

// fold is what the person wishes for this tab; until then the card unfolds by
// itself when there is something wrong to read.
func (k *tlsClient) fold(on bool) {
	k.wish = cardOpen
	if on {
		k.wish = cardFolded
	}
	k.place()
	k.bench.rebuildMenu()
}

// How a person wants the card; "" leaves that to what there is to read.
const (
	cardOpen   = "open"
	cardFolded = "folded"
)

// whole reports whether the card is to be shown whole.
func (k *tlsClient) whole() bool {
	r := k.tls.Report()
	if r == nil || k.wish != "" {
		return r != nil && k.wish == cardOpen
	}
	return len(r.Presented) > 0 && (r.Status != certs.Trusted || k.tls.Config().Policy == sessions.Inspect)
}

// place shows the card whole or as one line.
func (k *tlsClient) place() {
	k.keepSplit()
	if k.tls.Report() == nil && k.tab.info.State == sessions.Opening && len(k.body.Objects) > 0 {
		return // the new report decides, a moment from now
	}
	// The form and the whole card beside the traffic would need a higher window than people have.
	whole, alone := k.whole() && !k.options.Visible(), k.tab.info.State != sessions.Open
	k.tab.traffic.setBare(whole && alone && k.tls.Traffic().Stats().InBytes+k.tls.Traffic().Stats().OutBytes == 0)
	if whole == (k.split != nil) && alone == k.alone && len(k.body.Objects) > 0 {
		return
	}
	k.alone = alone
	k.card.SetFolded(!whole)
	if whole {
		k.folded.Objects = nil
		k.split = container.NewVSplit(k.card, k.below)
		k.divider.put(k.split, *k.share())
		k.body.Objects = []fyne.CanvasObject{k.split}
	} else {
		k.split = nil
		k.folded.Objects = []fyne.CanvasObject{k.card}
		k.body.Objects = []fyne.CanvasObject{k.below}
	}
	show(k.folded, !whole) // an empty line would still keep its distance
	k.folded.Refresh()
	k.body.Refresh()
	if k.tab.root != nil {
		k.tab.root.Refresh()
	}
}

// keepSplit remembers where the person left the dividers of and under the card.
func (k *tlsClient) keepSplit() {
	if k.split != nil {
		k.divider.keep(k.share())
		s := k.card.State()
		if plan := (cardPlan{s.Across, s.Down, s.Beside}); plan != k.plan {
			k.plan, k.bench.space.View.Card = plan, plan
		}
	}
}

// share is the card's part of the height: more while there is no traffic to
// make room for.
func (k *tlsClient) share() *float64 {
	if k.alone {
		return &k.bench.space.View.SplitCardAlone
	}
	return &k.bench.space.View.SplitCard
}

// toggleCard folds the card, or unfolds it.
func (k *tlsClient) toggleCard() { k.fold(k.whole()) }

func (k *tlsClient) session() clientSession { return k.tls }
func (k *tlsClient) address() string        { return k.tls.Config().Address }
func (k *tlsClient) history() *[]string     { return &k.bench.space.TLS }

func (k *tlsClient) configure(tcp sessions.TCPConfig) error {
	v, ok := k.options.Values()
	if !ok {
		k.tab.showOptions(true) // the field says itself what is wrong
		return errors.New(words.Say("an option of TLS cannot be used as it is"))
	}
	c, err := tlsConfig(tcp, v)
	if err != nil {
		return err
	}
	if err := c.Check(); err != nil {
		return err
	}
	err = k.tls.Configure(c)
	if errors.Is(err, sessions.ErrLive) {
		if !c.Equal(k.tls.Config()) {
			return errChanged
		}
		err = nil
	}
	if err == nil {
		k.card.SetCommand(sessions.OpenSSLCommand(c))
		k.stopAsking()
	}
	return err
}

func (k *tlsClient) refused(bad *sessions.ConfigError) bool {
	return k.options.SetProblem(bad.Field, sentence(bad))
}

func (k *tlsClient) take(e sessions.Event) {
	switch e.Name {
	case sessions.EventCertificate:
		k.card.SetReport(e.Report)
	case sessions.EventConnect:
		k.warn()
	case sessions.EventClose:
		k.beware(widgets.Notice{})
	case sessions.EventSecurityError:
		// The card says everything; the banner offers the way on, where there is one.
		actions := []widgets.NoticeAction{{Label: words.Say("Try again"), Run: k.tab.startTyped}}
		if overridable(k.tls.Report()) {
			actions = append(actions, widgets.NoticeAction{Label: words.Say("Continue in spite of it"), Run: k.continueAnyway})
		}
		k.tab.traffic.banner.SetNotice(widgets.Notice{Kind: widgets.NoticeError, Text: words.Say("%s. Nothing was sent.", sentence(e.Err)), Actions: actions})
	}
	if e.Name == sessions.EventState && e.State == sessions.Opening && e.Text != "" {
		k.card.SetProgress(e.Text, k.tab.disconnect)
	} else if k.asking == nil {
		k.card.ClearProgress()
	}
}

// refresh follows the tab's state.
func (k *tlsClient) refresh() {
	if k.tls.Report() == nil {
		k.card.SetReport(nil) // the last connection's says nothing about this one
	}
	k.place()
}

// warn puts up the line that stays for as long as data goes to a server whose
// certificate was refused.
func (k *tlsClient) warn() {
	r := k.tls.Report()
	if r == nil || r.Status == certs.Trusted {
		k.beware(widgets.Notice{})
		return
	}
	text := words.Say("Connected in spite of the certificate (%s): %s.", r.Status, strings.TrimSuffix(r.Headline, "."))
	if more := len(r.Faults) - 1; more > 0 {
		text += " " + words.Many(int64(more), "It has one more fault.", "It has %d more faults.")
	}
	text += " " + words.Say("Whoever answers may not be whom you mean.")
	k.beware(widgets.Notice{Kind: widgets.NoticeWarning, Text: text, Stays: true})
}

// beware shows the line, or takes it away with the empty notice.
func (k *tlsClient) beware(n widgets.Notice) {
	k.caution.SetNotice(n)
	show(k.caution, n.Text != "")
}

// refusedNow reports whether the last connection was refused for its
// certificate.
func (k *tlsClient) refusedNow() bool {
	return k.tab.info.State == sessions.Failed && overridable(k.tls.Report())
}

// overridable reports whether a refusal was for the certificate's worth: a
// handshake cannot go on with one that cannot be read, whatever the policy.
func overridable(r *certs.Report) bool {
	return r != nil && r.Status != certs.Trusted && r.Status != certs.Unknown && !r.Has(certs.Unparsable)
}

// continueAnyway connects again, with the policy changed for this tab.
func (k *tlsClient) continueAnyway() {
	v, _ := k.options.Values()
	v.Policy = int(sessions.Continue)
	k.options.SetValues(v)
	k.tab.startTyped()
}

// checkRevocation asks the issuers about the certificates of the last report.
func (k *tlsClient) checkRevocation() {
	k.ask(words.Say("Asking the issuers..."), func(ctx context.Context, say func(string)) error {
		_, err := k.tls.LookUp(ctx, lookup.Options{OCSP: true, CRL: true, AIA: true, Progress: func(s lookup.Step) {
			if !s.Done {
				say(s.What + ": " + s.URL)
			}
		}})
		return err
	})
}

// testResumption connects twice more and says whether the server resumed.
func (k *tlsClient) testResumption() {
	k.ask(words.Say("Connecting twice more..."), func(ctx context.Context, _ func(string)) error {
		r, err := k.tls.TestResumption(ctx)
		if err == nil {
			fyne.Do(func() { k.card.SetResumption(r.Text) })
		}
		return err
	})
}

// ask runs one question to the network beside the window, shown in the card.
// One that is still running is given up for it.
func (k *tlsClient) ask(what string, work func(ctx context.Context, say func(string)) error) {
	k.stopAsking()
	ctx, cancel := context.WithCancel(k.tab.traffic.ctx)
	k.asking = cancel
	k.question++
	mine := k.question
	k.tab.traffic.banner.Clear() // what went wrong the last time is being tried again
	k.card.SetProgress(what, cancel)
	say := func(text string) {
		fyne.Do(func() {
			if k.question == mine && ctx.Err() == nil {
				k.card.SetProgress(text, cancel)
			}
		})
	}
	k.bench.work.Go(func() {
		err := work(ctx, say)
		cancelled := ctx.Err() != nil
		cancel()
		fyne.Do(func() {
			if k.question != mine || k.tab.traffic.ctx.Err() != nil {
				return // another question was asked, or the tab has gone
			}
			k.asking = nil
			k.card.ClearProgress()
			if err != nil && !cancelled {
				k.tab.traffic.complain(err)
			}
		})
	})
}

func (k *tlsClient) stopAsking() {
	if k.asking != nil {
		k.asking()
	}
}

func (k *tlsClient) close() { k.stopAsking() }

// copyCommand puts what openssl would be told into the clipboard.
func (k *tlsClient) copyCommand() {
	v, _ := k.options.Values()
	tcp, _ := k.tab.config()
	c, err := tlsConfig(tcp, v)
	text := sessions.OpenSSLCommand(c)
	if err != nil || text == "" {
		k.tab.traffic.tell(words.Say("Write an address first: the command needs one."))
		return
	}
	k.bench.app.Clipboard().SetContent(text)
	k.tab.traffic.tell(words.Say("Copied: %s", text))
}

// export writes what the card made into a file of the person's choice.
func (k *tlsClient) export(_ widgets.ExportKind, name string, data []byte) {
	k.tab.saveAs(name, data, words.Say("the certificate"))
}

func (k *tlsClient) save(s *savedTab) {
	k.keepSplit()
	v, _ := k.options.Values()
	s.TLS = savedTLS(v)
	s.TLS.Card = k.wish
}
