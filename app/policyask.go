package app

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions"
	"wirebench/sessions/inspect"
	"wirebench/sessions/policy"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// policyPanel asks a host for its socket policy files and says what they let
// whom reach.
type policyPanel struct {
	bench              *workbench
	host, domain, port *promptEntry
	secure             *widgets.HandingCheck
	ask, copy          *promptButton
	text               *widgets.SelectableLabel
	scroll             *container.Scroll
	cancel             context.CancelFunc // nil while nothing is asked
	turn               int                // of asking, so that the last one counts
}

// askPolicy opens the panel, for the address of the visible client to begin with.
func (w *workbench) askPolicy() { w.openPolicy() }

func (w *workbench) openPolicy() *policyPanel {
	p := &policyPanel{bench: w, host: newPromptEntry(), domain: newPromptEntry(), port: newPromptEntry()}
	p.host.SetPlaceHolder(words.Say("host:port"))
	if t, ok := w.strip.current.(*clientTab); ok {
		p.host.SetText(strings.TrimSpace(t.address.Text()))
	}
	p.domain.SetPlaceHolder(words.Say("www.example.com: where the SWF comes from; empty for no ruling"))
	p.port.SetPlaceHolder(words.Say("the port of the host, if it is another one"))
	p.secure = widgets.NewHandingCheck(words.Say("The SWF came over HTTPS"), nil)
	p.text = widgets.NewSelectableLabel(words.Say("Port 843 is asked first, then the port itself, as Flash Player does."))
	p.text.Wrapping = fyne.TextWrapWord
	p.scroll = container.NewVScroll(p.text)
	p.ask = newPromptButton(words.Say("Ask // a host"), p.act)
	p.ask.Importance = widget.HighImportance
	p.copy = newPromptButton(words.Say("Copy"), func() { fyne.CurrentApp().Clipboard().SetContent(p.text.Text) })
	p.copy.SetIcon(theme.ContentCopyIcon())
	form := widget.NewForm(
		widget.NewFormItem(words.Say("Host"), p.host),
		widget.NewFormItem(words.Say("Domain"), p.domain),
		widget.NewFormItem(words.Say("Wanted port"), p.port),
		widget.NewFormItem("", p.secure),
	)
	content := container.NewBorder(container.NewVBox(form, container.NewBorder(nil, nil, nil, p.copy, p.ask), widget.NewSeparator()), nil, nil, nil, p.scroll)
	d := w.closable(words.Say("Socket policy files of a host"), content)
	d.SetOnClosed(p.stop) // however it is closed
	for _, e := range []*promptEntry{p.host, p.domain, p.port} {
		e.OnSubmitted = func(string) { p.act() }
		e.OnTooLong = p.show
	}
	w.present(d, d.Hide, p.act)
	d.Resize(w.fitting(760, 560))
	w.win.Canvas().Focus(p.host)
	return p
}

// act asks, or gives up asking.
func (p *policyPanel) act() {
	if p.cancel != nil {
		p.stop()
		p.show(words.Say("Cancelled."))
		return
	}
	host, port, q, err := p.read()
	if err != nil {
		p.show(sentence(err) + ".")
		return
	}
	ctx, cancel := context.WithCancel(p.bench.ctx)
	p.cancel = cancel
	p.turn++
	mine := p.turn
	p.ask.SetText(words.Say("Cancel"))
	p.show(words.Say("Asking %s...", host))
	p.bench.work.Go(func() {
		defer cancel()
		answer, err := policy.Ask(ctx, host, port, policy.Options{Want: q})
		text := policyText(answer, q, err)
		fyne.Do(func() {
			if mine == p.turn && p.cancel != nil {
				p.stop()
				p.show(text)
			}
		})
	})
}

func (p *policyPanel) stop() {
	if cancel := p.cancel; cancel != nil {
		p.cancel = nil
		defer cancel()
		p.ask.SetText(words.Say("Ask // a host"))
	}
}

func (p *policyPanel) show(text string) {
	p.text.SetText(text)
	p.scroll.ScrollToTop()
}

// read is what the fields say; the query is nil without a domain.
func (p *policyPanel) read() (host string, port uint16, q *policy.Query, err error) {
	host, port, err = sessions.ParseTarget(p.host.Text)
	if err != nil {
		return "", 0, nil, err
	}
	domain := strings.TrimSpace(p.domain.Text)
	if domain == "" {
		return host, port, nil, nil
	}
	q = &policy.Query{Domain: domain, Port: port, Secure: p.secure.Checked}
	if text := strings.TrimSpace(p.port.Text); text != "" {
		n, err := strconv.ParseUint(text, 10, 16)
		if err != nil || n == 0 {
			return "", 0, nil, errors.New(words.Say("the wanted port is a number from 1 to 65535"))
		}
		q.Port = uint16(n)
	}
	return host, port, q, q.Check()
}

// policyText is an answer in words, the ruling first.
func policyText(a policy.Answer, q *policy.Query, err error) string {
	var parts []string
	if q != nil {
		var reasons []string
		for line := range strings.Lines(a.Explain(*q).String()) {
			reasons = append(reasons, sentence(errors.New(strings.TrimSpace(line)))+".")
		}
		parts = append(parts, strings.Join(reasons, "\n"))
	} else if err != nil {
		parts = append(parts, sentence(err)+".")
	}
	for _, s := range a.Sources {
		port := strconv.Itoa(int(s.Port))
		where := words.Say("Port %s", port)
		if s.Master {
			where = words.Say("Port %s, the place of the master policy file", port)
		}
		ending := s.Ending.String()
		if s.Ending == policy.ZeroByte {
			ending = words.Say("answered, with the zero byte at its end")
		}
		lines := []string{where + ": " + ending + "."}
		if s.Err != nil {
			lines = append(lines, words.Say("Clients take no notice of it: %s.", s.Err))
		}
		for _, problem := range s.Problems {
			lines = append(lines, "• "+problem.String())
		}
		if len(s.Raw) > 0 {
			lines = append(lines, shownFile(s.Raw))
		}
		parts = append(parts, strings.Join(lines, "\n"))
	}
	if a.NotAsked != "" {
		parts = append(parts, sentence(errors.New(a.NotAsked))+".")
	}
	return strings.Join(parts, "\n\n")
}

// shownFile is a file line by line, nothing in it obeyed, and of a long one the
// beginning.
func shownFile(raw []byte) string {
	const most = 4 << 10
	more := ""
	if len(raw) > most {
		raw, more = raw[:most], "\n…"
	}
	var b strings.Builder
	for line := range strings.Lines(string(raw)) {
		b.WriteString("    " + inspect.Escape([]byte(strings.TrimRight(line, "\r\n"))) + "\n")
	}
	return strings.TrimRight(b.String(), "\n") + more
}
