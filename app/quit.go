package app

import (
	"fmt"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"fyne.io/fyne/v2"

	"wirebench/widgets/words"
)

// leave ends the program, without Fyne.
//
// Fyne 2.8.1 does not always end well. Its loop stops taking functions while the goroutine of the lifecycle's events may
// be about to hand it one: then Run waits for that goroutine for ever, or that goroutine sends on a closed channel and
// panics (runGL in internal/driver/glfw, Lifecycle.WaitForEvents). On a busy machine it happens in a few of a hundred
// ends. So everything of ours has ended before, see [workbench.quit], and Fyne is not asked to.
func leave() { os.Exit(0) }

// takeSignals makes SIGINT and SIGTERM quit the window in order, without a question; a second one ends the program
// at once. Fyne's driver has taken them before, and would end its loop with all of ours still at work.
func (w *workbench) takeSignals() {
	signal.Reset(os.Interrupt, syscall.SIGTERM)
	came := make(chan os.Signal, 1)
	signal.Notify(came, os.Interrupt, syscall.SIGTERM)
	go func() { // it ends with the process
		<-came
		signal.Stop(came)
		fyne.Do(w.quit)
	}()
}

// askQuit asks once for all that is open.
func (w *workbench) askQuit() {
	var busy []tab
	for _, t := range w.strip.tabs {
		if t.busy() != "" {
			busy = append(busy, t)
		}
	}
	if len(busy) == 0 {
		w.quit()
		return
	}
	text := busy[0].title() + ": " + busy[0].busy()
	if len(busy) > 1 {
		text = words.Many(int64(len(busy)), "%d tab is at work. Its connection is closed; what was captured is kept.", "%d tabs are at work. Their connections are closed; what was captured is kept.")
	}
	w.ask(words.Say("Quit Wirebench?"), text, words.Say("Quit"), words.Say("Stay"), w.quit)
}

// quit takes the window away, ends everything in order and then the process, all on the UI goroutine.
func (w *workbench) quit() {
	for _, win := range w.app.Driver().AllWindows() {
		win.Hide()
	}
	w.shutdown()
	w.leave()
}

// shutdown ends everything, in order. The UI goroutine waits in it, so nothing that it ends may wait for that.
func (w *workbench) shutdown() {
	w.once.Do(func() {
		if w.pump != nil {
			w.pump.stop()
		}
		if w.pick != nil {
			w.pick.Close() // takes a dialog that is still open along
		}
		w.collect() // while the tabs are whole
		w.cancel()
		for _, t := range w.strip.tabs {
			w.begin(t.title(), t.close)
		}
		w.begin(words.Say("Practice servers"), w.lab.close)
		w.writeSpace() // peers hear of the end even if the disk keeps us waiting
		w.begin(words.Say("Workspace"), w.lastSpace)
		w.await()
		w.releaseSpace()
	})
}

// endPatience is how long shutdown waits. Connections end in less: what they were still sending is dropped, and the
// practice servers wait five seconds for theirs.
const endPatience = 15 * time.Second

// lastSpace waits until the workspace is written, and says if it could not be.
func (w *workbench) lastSpace() {
	w.spaceFile.wait()
	if err := w.spaceFile.trouble(); err != nil {
		fmt.Fprintln(w.stderr, "wirebench:", err)
	}
}

// await waits for the work, but not for ever: a disk that answers no more would leave a program that nobody sees and
// that keeps the workspace from the next.
func (w *workbench) await() {
	over := make(chan struct{})
	go func() { // it ends with the process if need be
		w.work.Wait()
		close(over)
	}()
	select {
	case <-over:
	case <-time.After(w.patience):
		fmt.Fprintln(w.stderr, "wirebench:", words.Say("ended without waiting any longer for: %s", strings.Join(w.atWork(), ", ")))
	}
}

// namedWork is what runs beside the window under a name, and how often; any goroutine.
type namedWork struct {
	mu    sync.Mutex
	names map[string]int
}

func (n *namedWork) add(name string, by int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.names == nil {
		n.names = map[string]int{}
	}
	if n.names[name] += by; n.names[name] == 0 {
		delete(n.names, name)
	}
}

// begin does work beside the window that the end waits for, and names if it waits in vain.
func (w *workbench) begin(name string, do func()) {
	w.named.add(name, 1)
	w.work.Go(func() {
		defer w.named.add(name, -1)
		do()
	})
}

// atWork names what has not ended, in order.
func (w *workbench) atWork() []string {
	w.named.mu.Lock()
	defer w.named.mu.Unlock()
	names := slices.Sorted(maps.Keys(w.named.names))
	if len(names) == 0 {
		names = []string{words.Say("work without a name")}
	}
	return names
}
