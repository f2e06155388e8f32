package app

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"wirebench/sessions"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// sendOne sends what the composer holds as one datagram to the target.
func (t *udpTab) sendOne(b []byte) error {
	err := t.session.Send(b)
	if n, on := t.traffic.banner.Notice(); err == nil && on && n.Kind == widgets.NoticeError {
		t.traffic.banner.Clear() // what became of an earlier one; if this one fares no better, that is told anew
	}
	return err
}

// sendFile sends a file as one datagram.
func (t *udpTab) sendFile(path string) ([]*sessions.Transfer, error) {
	b, err := readSmall(path, int64(t.most()))
	if err == nil {
		err = t.session.Send(b)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", words.Say("send %s as one datagram", filepath.Base(path)), err)
	}
	t.traffic.tell(words.Say("%s was sent as one datagram: %s.", filepath.Base(path), bytesInWords(int64(len(b)))))
	return nil, nil
}

// most is how many bytes a datagram to the target can have.
func (t *udpTab) most() int { return sessions.MaxDatagram(t.info.Remote) }

// measure follows the size of the message that is written.
func (t *udpTab) measure() {
	b, err := t.composer.Bytes()
	if err != nil {
		b = nil // the composer says so
	}
	t.size = len(b)
	t.aim()
}

// aim says on the composer whom it writes to, or why it cannot.
func (t *udpTab) aim() {
	if t.bar == nil {
		return // the tab is being made
	}
	i, c := t.info, t.composer
	to := i.Remote
	switch {
	case t.aiming != nil:
		c.SetEnabledSend(false, words.Say("Looking up the target"))
	case i.State == sessions.Opening:
		c.SetEnabledSend(false, words.Say("Still being bound"))
	case i.State != sessions.Open:
		c.SetEnabledSend(false, words.Say("Not bound"))
	case !to.IsValid():
		c.SetEnabledSend(false, words.Say("No target"))
	case t.size > t.most():
		c.SetEnabledSend(false, words.Many(int64(t.most()), "A datagram has at most %d byte", "A datagram has at most %d bytes"))
	default:
		c.SetEnabledSend(true, "")
	}
	c.SetAdvice(t.advice())
	if to.IsValid() && i.State == sessions.Open {
		c.SetTarget(words.Say("to %s // an address", to))
	} else {
		c.SetTarget("")
	}
}

// advice says what to know about the size of the message.
func (t *udpTab) advice() string {
	i := t.info
	n := sessions.Fragments(i.Remote, t.size, i.MTU)
	if i.State != sessions.Open || n < 2 {
		return ""
	}
	return words.Many(int64(n), "Above the MTU of %[2]d: %[1]d fragment", "Above the MTU of %[2]d: %[1]d fragments", i.MTU)
}

// startRepeating sends what the composer holds again and again.
func (t *udpTab) startRepeating(every time.Duration, count int64) {
	b, err := t.composer.Bytes()
	switch {
	case err != nil:
		err = errors.New(words.Say("the message cannot be read; put it right first"))
	case !t.info.Remote.IsValid():
		err = errors.New(words.Say("there is no target: write where to send above"))
	}
	if err == nil {
		t.repeater, err = t.session.Repeat(sessions.RepeatConfig{To: t.info.Remote, Every: every, Count: count}, b)
	}
	if err != nil {
		t.repeater = nil
		t.repeat.SetError(sentence(err) + ".")
		return
	}
	t.traffic.follow()
	t.bench.rebuildMenu()
}

func (t *udpTab) stopRepeating() {
	if t.repeater != nil {
		t.repeater.Stop()
	}
}

// toggleRepeating begins or ends the repetition as the line's button does.
func (t *udpTab) toggleRepeating() {
	if t.repeater != nil {
		t.stopRepeating()
		return
	}
	if t.bench.space.View.HideRepeat {
		t.bench.space.View.HideRepeat = false
		t.bench.viewChanged()
	}
	t.repeat.Start()
}

// figuresEvery is how often figures that run are shown.
const figuresEvery = 250 * time.Millisecond

// showRepeating shows how the repetition goes, and how it went.
func (t *udpTab) showRepeating() {
	if t.repeater == nil {
		return
	}
	over := false
	select {
	case <-t.repeater.Done():
		over = true
	default:
	}
	if !over && time.Since(t.told) < figuresEvery {
		return
	}
	t.told = time.Now()
	s := t.repeater.Stats()
	t.repeat.SetStats(s.Sent, s.Failed, s.Rate, s.JitterP50, s.JitterP99, s.JitterMax, !over)
	if over {
		t.repeater = nil
		if s.Err != nil {
			t.repeat.SetError(sentence(s.Err) + ".")
		}
		t.bench.rebuildMenu()
	}
}
