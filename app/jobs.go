package app

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"wirebench/widgets/words"
)

// job is one piece of long work with its progress and a way to cancel it. It
// shows itself as a line in the tab while it runs.
type job struct {
	name   string
	line   *fyne.Container
	bar    *widget.ProgressBar
	cancel context.CancelFunc
	done   atomic.Int64
	total  atomic.Int64
}

// progress may be called from the job's goroutine at any rate: it only keeps
// the numbers, and the screen fetches them.
func (j *job) progress(done, total int64) {
	j.done.Store(done)
	j.total.Store(total)
}

// show brings the bar up to date; UI goroutine.
func (j *job) show() {
	if total := j.total.Load(); total > 0 {
		if v := float64(j.done.Load()) / float64(total); v-j.bar.Value > 0.005 || v < j.bar.Value {
			j.bar.SetValue(v)
		}
	}
}

// jobShowAfter keeps work that is over at once from flashing a line.
const jobShowAfter = 250 * time.Millisecond

// run does work beside the window and then calls finished on the UI goroutine
// with its error; a cancelled job's is context.Canceled. The job counts among
// what the window waits for at its end.
func (v *trafficView) run(name string, work func(ctx context.Context, progress func(done, total int64)) error, finished func(error)) {
	ctx, cancel := context.WithCancel(v.ctx)
	j := &job{name: name, bar: widget.NewProgressBar(), cancel: cancel}
	j.bar.Max = 1
	stop := widget.NewButton(words.Say("Cancel"), cancel)
	j.line = container.NewBorder(nil, nil, widget.NewLabel(name), stop, j.bar)
	v.jobs = append(v.jobs, j)
	began := time.Now()
	v.bench.begin(name, func() {
		defer cancel()
		over := make(chan struct{})
		v.bench.work.Go(func() {
			t := time.NewTicker(progressEvery)
			defer t.Stop()
			for {
				select {
				case <-over:
					return
				case now := <-t.C:
					if now.Sub(began) > jobShowAfter {
						fyne.Do(func() { v.showJob(j) })
					}
				}
			}
		})
		err := work(ctx, j.progress)
		close(over)
		if errors.Is(ctx.Err(), context.Canceled) && err != nil {
			err = context.Canceled
		}
		fyne.Do(func() {
			v.dropJob(j)
			if v.ctx.Err() == nil { // the tab is still there
				finished(err)
			}
		})
	})
}

// showJob puts the job's line up unless it has ended meanwhile.
func (v *trafficView) showJob(j *job) {
	for _, o := range v.jobs {
		if o != j {
			continue
		}
		j.show()
		for _, line := range v.jobLines.Objects {
			if line == j.line {
				return
			}
		}
		v.jobLines.Add(j.line)
		v.root.Refresh() // makes room: lines without height are not looked at when nothing else has changed
		return
	}
}

func (v *trafficView) dropJob(j *job) {
	for i, o := range v.jobs {
		if o == j {
			v.jobs = append(v.jobs[:i], v.jobs[i+1:]...)
			if slices.Contains(v.jobLines.Objects, fyne.CanvasObject(j.line)) {
				v.jobLines.Remove(j.line)
				v.root.Refresh()
			}
			return
		}
	}
}

// busy says which work closing the tab would cut short, "" for none.
func (v *trafficView) busy() string {
	if v.pickers > 0 {
		return words.Say("It waits for a file to be chosen. Closing the tab cancels that.")
	}
	if len(v.jobs) == 0 {
		return ""
	}
	return words.Say("It is still at work: %s. Closing the tab cancels that.", v.jobs[0].name)
}
