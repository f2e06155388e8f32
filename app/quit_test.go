package app

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestTheEndDoesNotWaitForEverForADiskThatIsStalled(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	w.newTCP("game:7777")
	w.settle()
	stalled := make(chan struct{})
	w.begin("Saving x.pcapng", func() { <-stalled })
	if w.patience < 10*time.Second {
		t.Errorf("the end waits only %v, and connections may need more", w.patience)
	}
	var said bytes.Buffer
	w.patience, w.stderr = time.Second, &said
	w.shutdown()
	if !strings.Contains(said.String(), "Saving x.pcapng") {
		t.Errorf("it says %q", said.String())
	}
	next := newWorkbench(w.app, w.opts, w.spacePath)
	t.Cleanup(next.shutdown)
	if next.guest || len(next.space.Tabs) != 1 {
		t.Errorf("the next window is a guest: %v, with %d tabs", next.guest, len(next.space.Tabs))
	}
	close(stalled)
	w.settle()
	if left := w.named.names; len(left) > 0 {
		t.Errorf("%v is still at work", left)
	}
}

func TestAnEndThatWaitsForNothingSaysNothing(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	var said bytes.Buffer
	w.stderr = &said
	w.newTCP("game:7777")
	began := time.Now()
	w.shutdown()
	if said.Len() > 0 || time.Since(began) > endPatience {
		t.Errorf("after %v it says %q", time.Since(began), said.String())
	}
	if s, err := loadWorkspace(w.spacePath); err != nil || len(s.Tabs) != 1 {
		t.Errorf("the workspace has %+v, %v", s, err)
	}
}
