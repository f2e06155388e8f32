package app

import (
	"os"
	"os/signal"
	"syscall"
	"time"

	"fyne.io/fyne/v2"

	"wirebench/widgets/words"
)

// fyneEnds is how long Fyne may take to end, which is a matter of milliseconds.
const fyneEnds = time.Second

// leave ends Fyne's loop, and the program with it.
//
// Fyne 2.8.1 does not always end. Its loop stops taking functions while the goroutine of the lifecycle's events may be
// about to hand it one and wait for that to be done; then Run waits for that goroutine for ever (runGL in
// internal/driver/glfw, Lifecycle.WaitForEvents). On a busy machine it happens in a few of a
// hundred ends. So everything of ours has ended before, see [workbench.quit], and a Run that does not return is not
// waited for.
func leave(a fyne.App) {
	time.AfterFunc(fyneEnds, func() { os.Exit(0) })
	a.Quit()
}

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

// quit takes the window away, ends everything in order and then Fyne, all on the UI goroutine.
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
			w.work.Go(t.close)
		}
		w.work.Go(w.lab.close)
		w.writeSpace() // peers hear of the end even if the disk keeps us waiting
		w.spaceFile.wait()
		w.work.Wait()
		w.releaseSpace()
	})
}
