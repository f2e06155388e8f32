package app

import (
	"sync/atomic"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"
)

// Fyne calls what it is asked to do right away when its loop does not run: in
// these tests as after the window's end.
func TestThePumpTouchesNoWindowThatIsGone(t *testing.T) {
	test.NewTempApp(t)
	var asked, updates atomic.Uint64
	p := startPump(func() uint64 { return asked.Add(1) }, func() { updates.Add(1) })
	for end := time.Now().Add(20 * time.Second); asked.Load() < 5; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the pump does not look")
		}
	}
	p.stop()
	if n := updates.Load(); n > 0 {
		t.Errorf("%d updates on the pump's own goroutine", n)
	}
}
