package widgets

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
)

func newTestRepeatBar(t *testing.T) (*RepeatBar, fyne.Window, *[]string) {
	b := NewRepeatBar()
	log := &[]string{}
	b.OnStart = func(every time.Duration, count int64) { *log = append(*log, fmt.Sprint(every, " ", count)) }
	b.OnStop = func() { *log = append(*log, "stop") }
	return b, stage(t, container.NewVBox(b), fyne.NewSize(1000, 120)), log
}

func TestRepeatingBeginsWithWhatTheFieldsHold(t *testing.T) {
	for _, c := range []struct{ every, times, want, shown string }{
		{"1 ms", "", "1ms 0", "1 ms"},
		{"20", "5", "20ms 5", "20 ms"},
		{"500us", "1,000", "500µs 1000", "500 µs"},
		{" 1.5 S ", "1", "1.5s 1", "1.5 s"},
		{"1m30s", "1", "1m30s 1", "1m30s"},
		{"0", "7", "0s 7", "flat out"},
		{"flat out", "", "0s 0", "flat out"},
		{"2.5", "", "2.5ms 0", "2.5 ms"},
		{"200/s", "", "5ms 0", "200/s"},
		{"3,000 per second", "", "333.333µs 0", "3,000/s"},
		{"10000 Hz", "", "100µs 0", "10,000/s"},
		{"0.3/s", "", "3.333333333s 0", "0.3/s"},
	} {
		b, _, log := newTestRepeatBar(t)
		b.every.entry.SetText(c.every)
		b.times.entry.SetText(c.times)
		test.Tap(b.button)
		wantLog(t, log, c.want)
		if b.every.entry.Text != c.shown || !b.running || b.button.Text != "Stop" || !b.every.entry.Disabled() {
			t.Errorf("%q: shown as %q, running %v, button %q", c.every, b.every.entry.Text, b.running, b.button.Text)
		}
	}
}

func TestABadFieldOfTheRepeatBarSaysWhatToWrite(t *testing.T) {
	b, _, log := newTestRepeatBar(t)
	for _, c := range []struct{ every, times, want string }{
		{"soon", "", "with its unit"}, {"", "", "0 is flat out"}, {"-1ms", "", "100 µs or more"}, {"50us", "", "100 µs or more"}, {"25h", "", "at most 24 h"},
		{"0/s", "", "one a day"}, {"10001/s", "", "at most 10,000/s"}, {"1e3/s", "", "number per second"}, {"/s", "", "number per second"}, {".", "", "with its unit"},
		{"inf/s", "", "number per second"}, {"1.2.3", "", "with its unit"},
		{"1 ms", "many", "until stopped"}, {"1 ms", "0", "from 1 to"}, {"1 ms", "-3", "until stopped"},
	} {
		b.every.entry.SetText(c.every)
		b.times.entry.SetText(c.times)
		test.Tap(b.button)
		if !strings.Contains(b.Error(), c.want) || b.every.entry.Text != c.every || b.times.entry.Text != c.times {
			t.Errorf("%q %q: says %q, holds %q %q", c.every, c.times, b.Error(), b.every.entry.Text, b.times.entry.Text)
		}
		if bad := b.every.field.bad; bad == b.times.field.bad || bad != (c.times == "") {
			t.Errorf("%q %q: marked %v and %v", c.every, c.times, bad, b.times.field.bad)
		}
		if _, _, ok := b.Values(); ok {
			t.Errorf("%q %q can be used", c.every, c.times)
		}
	}
	wantLog(t, log)
	b.times.entry.SetText("3")
	if every, count, ok := b.Values(); !ok || every != time.Millisecond || count != 3 || b.Error() != "" {
		t.Errorf("put right: %v %d %v, %q", every, count, ok, b.Error())
	}
}

func TestTheFieldShowsHowAPlainNumberWasUnderstoodWhenItIsLeft(t *testing.T) {
	b, w, _ := newTestRepeatBar(t)
	w.Canvas().Focus(b.every.entry)
	b.every.entry.selectAll()
	typing(w, "250")
	w.Canvas().Focus(b.times.entry)
	if b.every.entry.Text != "250 ms" {
		t.Errorf("shown as %q", b.every.entry.Text)
	}
}

func TestAfterEnterTheKeyboardCanStopIt(t *testing.T) {
	b, w, log := newTestRepeatBar(t)
	w.Canvas().Focus(b.every.entry)
	b.every.entry.selectAll()
	typing(w, "200/s")
	press(w, fyne.KeyReturn)
	wantLog(t, log, "5ms 0")
	press(w, fyne.KeySpace)
	wantLog(t, log, "stop")
}

func TestTheResultStaysOnTheLineItHasTaken(t *testing.T) {
	b, w, _ := newTestRepeatBar(t)
	if b.result.Hidden || b.result.Text != paceHint.English() {
		t.Errorf("hidden %v, says %q", b.result.Hidden, b.result.Text)
	}
	w.Resize(fyne.NewSize(700, 120))
	short := func() { b.SetStats(10, 0, 5, 0, 0, 0, true) }
	test.Tap(b.button)
	least := b.MinSize().Height
	short()
	if b.MinSize().Height != least || b.result.Position().Y > 20 {
		t.Errorf("a short result takes a line: %v high, at %v", b.MinSize().Height, b.result.Position())
	}
	b.SetStats(1234567, 3, 998, 12000, 80000, 1234000, true)
	tall := b.MinSize().Height
	short()
	if tall <= least || b.MinSize().Height != tall || b.result.Position().Y < least-1 {
		t.Errorf("%v high, then %v, with the result at %v", tall, b.MinSize().Height, b.result.Position())
	}
	b.SetStats(10, 0, 5, 0, 0, 0, false)
	test.Tap(b.button)
	if b.MinSize().Height != least {
		t.Errorf("another start: %v high, want %v", b.MinSize().Height, least)
	}
	b = NewRepeatBar()
	w.SetContent(container.NewVBox(b))
	w.Resize(fyne.NewSize(b.MinSize().Width+20, 120))
	if !b.result.Hidden {
		t.Error("the hint is cut")
	}
	b.SetStats(1, 0, 0, 0, 0, 0, true)
	if b.result.Hidden {
		t.Error("the result is hidden as the hint was")
	}
}

func TestTheResultOfRepeatingIsSaidInWords(t *testing.T) {
	b, w, log := newTestRepeatBar(t)
	w.Canvas().Focus(b.times.entry)
	typing(w, "2000")
	press(w, fyne.KeyReturn)
	wantLog(t, log, "1ms 2000")
	const us = time.Microsecond
	for _, c := range []struct {
		sent, failed    int64
		rate            float64
		p50, p99, worst time.Duration
		running         bool
		want            string
	}{
		{0, 0, 0, 0, 0, 0, true, "0 of 2,000 sent"},
		{1234, 3, 998.4, 12 * us, 80 * us, 1234 * us, true, "1,234 of 2,000 sent, 3 failed, 998/s; late by 12 µs (median), 80 µs (99 %), 1.2 ms (worst)"},
		{1997, 3, 1e6, 400 * time.Nanosecond, 80 * us, 3 * time.Second, false, "Done: 1,997 of 2,000 sent, 3 failed, 1,000,000/s; late by 0.4 µs (median), 80 µs (99 %), 3.0 s (worst)"},
		{10, 0, 5, 0, 0, 0, false, "Stopped: 10 of 2,000 sent, 5.00/s"},
	} {
		b.SetStats(c.sent, c.failed, c.rate, c.p50, c.p99, c.worst, c.running)
		if b.result.Text != c.want || b.running != c.running {
			t.Errorf("%q, want %q; running %v", b.result.Text, c.want, b.running)
		}
	}
}

func TestTheButtonStopsWhatItBegan(t *testing.T) {
	b, _, log := newTestRepeatBar(t)
	test.Tap(b.button)
	test.Tap(b.button)
	wantLog(t, log, "1ms 0", "stop")
	if !b.running {
		t.Error("it stopped by itself")
	}
	b.SetStats(5, 0, 1, 0, 0, 0, false)
	if b.running || b.button.Text != "Start" || b.times.entry.Disabled() || b.result.Text != "Stopped: 5 sent, 1.00/s" {
		t.Errorf("running %v, button %q, says %q", b.running, b.button.Text, b.result.Text)
	}
	test.Tap(b.button)
	b.SetError("message too long: 65,508 bytes")
	if b.running || b.Error() == "" || b.every.field.bad {
		t.Errorf("running %v, says %q, marked %v", b.running, b.Error(), b.every.field.bad)
	}
	b.times.entry.SetText("1")
	if b.Error() != "" {
		t.Error("the sentence outlives an edit")
	}
	*log = nil
	b.SetReady(false)
	test.Tap(b.button)
	b.times.entry.OnSubmitted("")
	wantLog(t, log)
	b.SetReady(true)
	test.Tap(b.button)
	b.SetReady(false) // and still it can be stopped
	test.Tap(b.button)
	wantLog(t, log, "1ms 1", "stop")
}
