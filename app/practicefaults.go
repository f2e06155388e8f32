package app

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"wirebench/sessions/lab"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// faultsPanel says what the datagram echo does to datagrams.
type faultsPanel struct {
	bench  *workbench
	fields [5]*promptEntry
	note   *widget.Label
	counts *widget.Label
	wrong  bool // what is typed is not in force
}

var faultNames = [5]words.Text{"Delay", "Delay by up to, more", "Lost", "Doubled", "Swapped with the next"}

const (
	faultLimit = 32                     // bytes that can be typed into one field
	countEvery = 500 * time.Millisecond // what the echo did is shown anew
)

// askFaults asks what the practice echo is to do to datagrams. What is typed
// holds at once.
func (w *workbench) askFaults() { w.openFaults(w.every) }

// every has f called on the UI goroutine again and again until ctx ends.
func (w *workbench) every(ctx context.Context, f func()) {
	w.work.Go(func() {
		t := time.NewTicker(countEvery)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
			}
			fyne.Do(func() {
				if ctx.Err() == nil {
					f()
				}
			})
		}
	})
}

// openFaults is askFaults with what has the counts shown again and again.
func (w *workbench) openFaults(every func(context.Context, func())) *faultsPanel {
	l := w.lab.running()
	if l == nil {
		w.notice.SetNotice(widgets.Notice{Kind: widgets.NoticeInfo, Text: words.Say("The practice servers are not started: open the datagram echo first.")})
		return nil
	}
	p := &faultsPanel{bench: w, note: widget.NewLabel(""), counts: widget.NewLabel("")}
	p.note.Wrapping = fyne.TextWrapWord
	f, _ := l.UDP()
	texts := faultTexts(f)
	form := widget.NewForm()
	for i := range p.fields {
		p.fields[i] = newPromptEntry()
		p.fields[i].SetText(texts[i])
		form.Append(words.Say(faultNames[i]), p.fields[i])
	}
	p.say(nil)
	p.count()
	d := w.closable(words.Say("What the practice echo does to datagrams"), container.NewVBox(form, p.note, p.counts))
	accept := func() {
		if !p.wrong {
			d.Hide()
		}
	}
	for _, e := range p.fields {
		e.OnChanged = func(string) { p.apply() }
		e.Limit, e.OnTooLong = faultLimit, p.complain
		e.OnSubmitted = func(string) { accept() }
	}
	ctx, cancel := context.WithCancel(w.ctx)
	d.SetOnClosed(cancel)
	w.present(d, d.Hide, accept)
	d.Resize(w.fitting(520, 380))
	w.win.Canvas().Focus(p.fields[0])
	every(ctx, p.count)
	return p
}

// shareUnit is how fine shares are: a hundredth of a millionth.
const shareUnit = 1e-8

// faultTexts are the faults as they are typed.
func faultTexts(f lab.UDPFaults) [5]string {
	percent := func(chance float64) string {
		return fmt.Sprintf("%g %%", math.Round(chance/shareUnit)/(0.01/shareUnit))
	}
	return [5]string{f.Delay.String(), f.Jitter.String(), percent(f.Loss), percent(f.Duplication), percent(f.Reordering)}
}

// readFaults reads what faultTexts wrote, or says which field is wrong.
func readFaults(texts [5]string) (f lab.UDPFaults, err error) {
	for i, to := range []*time.Duration{&f.Delay, &f.Jitter} {
		text := strings.ReplaceAll(strings.TrimSpace(texts[i]), " ", "")
		if text == "" || text == "0" {
			continue
		}
		if *to, err = time.ParseDuration(text); err != nil {
			return f, errors.New(words.Say("%s: %q is no time: write 20ms or 1.5s", faultNames[i], texts[i]))
		}
	}
	for i, to := range []*float64{&f.Loss, &f.Duplication, &f.Reordering} {
		text := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(texts[i+2]), "%"))
		if text == "" {
			continue
		}
		var n float64
		var rest string
		if got, _ := fmt.Sscanf(text+" ", "%g%s", &n, &rest); got != 1 || !(n >= 0 && n <= 100) {
			return f, errors.New(words.Say("%s: %q is no share: write 0 %% to 100 %%", faultNames[i+2], texts[i+2]))
		}
		*to = math.Round(n*(0.01/shareUnit)) / (1 / shareUnit)
	}
	return f, f.Check()
}

// apply puts in force what is typed, or says what is wrong with it.
func (p *faultsPanel) apply() {
	var texts [5]string
	for i, e := range p.fields {
		texts[i] = e.Text
	}
	f, err := readFaults(texts)
	if l := p.bench.lab.running(); err == nil && l == nil {
		err = lab.ErrClosed
	} else if err == nil {
		if now, _ := l.UDP(); f != now { // the same would begin its row of chances anew
			err = l.SetUDP(f)
		}
	}
	p.say(err)
	p.count()
}

// say tells whether what is typed is in force.
func (p *faultsPanel) say(err error) {
	if p.wrong = err != nil; p.wrong {
		p.complain(words.Say("%s. What was in force before stays.", widgets.PlainLine(sentence(err), longestComplaint)))
		return
	}
	p.note.Importance = widget.LowImportance
	p.note.SetText(words.Say("In force from the next datagram on."))
}

// count tells what the echo did so far.
func (p *faultsPanel) count() {
	l := p.bench.lab.running()
	if l == nil {
		return
	}
	_, n := l.UDP()
	text := words.Say("So far %d came, %d were sent back; %d lost, %d doubled, %d swapped.", n.Received, n.Sent, n.Lost, n.Duplicated, n.Reordered)
	if text != p.counts.Text {
		p.counts.SetText(text)
	}
}

// complain says under the fields what is wrong with one.
func (p *faultsPanel) complain(text string) {
	p.note.Importance = widget.DangerImportance
	p.note.SetText(text)
}
