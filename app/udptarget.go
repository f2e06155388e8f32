package app

import (
	"context"
	"errors"
	"net/netip"

	"wirebench/sessions"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// retarget makes what stands in the target's field the target. A name is looked
// up beside the window.
func (t *udpTab) retarget() {
	target, only := t.bar.Target(), t.bar.State().Connected
	t.stopAiming()
	if target == "" && only {
		only = false
		t.showConnected(false)
	}
	host, _, err := sessions.ParseTargetOf(sessions.UDP, target)
	_, literal := netip.ParseAddr(host)
	if err != nil || literal == nil || !t.info.State.Live() {
		t.tellAim(t.session.SetTarget(t.traffic.ctx, target, only)) // answers at once
		return
	}
	ctx, cancel := context.WithCancel(t.traffic.ctx)
	aimed := make(chan error, 1)
	t.aiming, t.aimed = cancel, aimed
	t.aim()
	t.bench.work.Go(func() {
		defer cancel()
		aimed <- t.session.SetTarget(ctx, target, only)
	})
}

// takeAim takes what came of looking for the target.
func (t *udpTab) takeAim() {
	select {
	case err := <-t.aimed:
		t.stopAiming()
		t.tellAim(err)
	default:
	}
}

// tellAim says at the target what is wrong with it, if anything. Then there is
// none: nothing must go to the one before.
func (t *udpTab) tellAim(err error) {
	defer t.refreshState()
	target := t.bar.Target()
	if err == nil {
		t.rememberTarget(target)
		return
	}
	_ = t.session.SetTarget(t.traffic.ctx, "", false)
	t.showConnected(false)
	var bad *sessions.ConfigError
	if !errors.As(err, &bad) {
		bad = &sessions.ConfigError{Field: "Target", Value: target, Problem: err.Error()} // not said
	}
	t.bar.SetTargetError(sentence(bad))
}

// stopAiming gives up looking for a target; what comes of it is not asked any
// more.
func (t *udpTab) stopAiming() {
	if t.aiming != nil {
		t.aiming()
		t.aiming, t.aimed = nil, nil
	}
}

// connect takes datagrams of the target alone, or those of everybody again.
func (t *udpTab) connect(on bool) {
	t.showConnected(on)
	if on && t.bar.Target() == "" {
		t.showConnected(false)
		t.bar.SetTargetError(words.Say("Write first whose datagrams alone are to be taken, as host:port."))
		return
	}
	t.retarget()
	t.bench.rebuildMenu()
}

func (t *udpTab) showConnected(on bool) {
	t.bar.SetState(widgets.UDPState{Phase: t.bar.State().Phase, Connected: on})
}

// reply makes the sender of the selected datagram the target, and gives the
// composer the keyboard.
func (t *udpTab) reply() {
	if to := t.traffic.chosen.Flow.Remote; to.IsValid() {
		t.target(to)
	}
}

// target makes an address the target, and gives the composer the keyboard.
func (t *udpTab) target(to netip.AddrPort) {
	t.bar.SetTarget(to.String())
	t.retarget()
	t.focusComposer()
}

func (t *udpTab) canReply() { t.bar.SetCanReply(t.traffic.chosen.Flow.Remote.IsValid()) }

func (t *udpTab) rememberTarget(target string) {
	t.pointedAt(target)
	if target != "" && t.practice == nil {
		t.bar.RememberTarget(target)
		t.bench.space.Targets = t.bar.TargetHistory()
	}
}

func (t *udpTab) focusTarget() { t.bar.FocusTarget(t.bench.win.Canvas()) }
