package app

import (
	"errors"
	"fmt"
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
	fields [5]*widget.Entry
	note   *widget.Label
	counts *widget.Label
}

var faultNames = [5]words.Text{"Delay", "Delay by up to, more", "Lost", "Doubled", "Swapped with the next"}

// askFaults asks what the practice echo is to do to datagrams. What is typed
// holds at once.
func (w *workbench) askFaults() {
	l := w.lab.running()
	if l == nil {
		w.notice.SetNotice(widgets.Notice{Kind: widgets.NoticeInfo, Text: words.Say("The practice servers are not started: open the datagram echo first.")})
		return
	}
	p := &faultsPanel{bench: w, note: widget.NewLabel(""), counts: widget.NewLabel("")}
	f, _ := l.UDP()
	form := widget.NewForm()
	for i, text := range faultTexts(f) {
		e := widget.NewEntry()
		e.SetText(text)
		e.OnChanged = func(string) { p.apply() }
		p.fields[i] = e
		form.Append(words.Say(faultNames[i]), e)
	}
	p.note.Wrapping = fyne.TextWrapWord
	p.apply()
	d := w.closable(words.Say("What the practice echo does to datagrams"), container.NewVBox(form, p.note, p.counts))
	w.present(d, d.Hide, d.Hide)
	d.Resize(w.fitting(520, 380))
	w.win.Canvas().Focus(p.fields[0])
}

// faultTexts are the faults as they are typed.
func faultTexts(f lab.UDPFaults) [5]string {
	percent := func(chance float64) string { return fmt.Sprintf("%g %%", chance*100) }
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
		*to = n / 100
	}
	return f, f.Check()
}

// apply puts in force what is typed, or says what is wrong with it.
func (p *faultsPanel) apply() {
	var texts [5]string
	for i, e := range p.fields {
		if e == nil {
			return // the form is being made
		}
		texts[i] = e.Text
	}
	l := p.bench.lab.running()
	f, err := readFaults(texts)
	if l == nil {
		err = lab.ErrClosed
	}
	if err == nil {
		err = l.SetUDP(f)
	}
	p.note.Importance = widget.LowImportance
	text := words.Say("In force from the next datagram on.")
	if err != nil {
		p.note.Importance = widget.DangerImportance
		text = words.Say("%s. What was in force before stays.", sentence(err))
	}
	p.note.SetText(text)
	if l != nil {
		_, n := l.UDP()
		p.counts.SetText(words.Say("So far %d came, %d were sent back; %d lost, %d doubled, %d swapped.", n.Received, n.Sent, n.Lost, n.Duplicated, n.Reordered))
	}
}
