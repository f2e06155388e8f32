package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"

	"wirebench/sessions"
	"wirebench/sessions/capture"
)

// stuckOutput is how long standard output and standard error have, after a signal,
// to take the next line.
const stuckOutput = 2 * time.Second

// runOptions are the flags of every command that runs a session.
type runOptions struct {
	duration   time.Duration
	json       bool
	save       string
	captureDir string
	framing    framings
	datagrams  bool // are what the session reads and writes
}

func (o *runOptions) flags(f *pflag.FlagSet) {
	f.DurationVar(&o.duration, "duration", 0, "end after this time, whatever its peers do; 0 for never")
	f.BoolVar(&o.json, "json", false, "print one JSON object a line, and nothing else, on standard output")
	f.StringVar(&o.save, "save", "", "write the capture to this pcapng file")
	f.StringVar(&o.captureDir, "capture-dir", "", "keep the capture in this folder")
}

func (o *runOptions) check(f *pflag.FlagSet) error {
	if o.duration < 0 {
		return usage("--duration cannot be negative")
	}
	return named(f, "save", "capture-dir")
}

// sessionRun is what a command does with its session. It hears what the session
// tells.
type sessionRun interface {
	sessions.Observer
	open(sessions.Options) (sessions.Session, error)
	// mistake makes a configuration that cannot work a mistake on the command line.
	mistake(*sessions.ConfigError) error
	// talk returns when the session is to end, or has ended; ctx ends with a
	// signal or --duration.
	talk(ctx context.Context)
	// end closes the session in order and returns the exit status.
	end(ctx context.Context) int
}

// runSession opens the session of a run, and reports until the summary.
func runSession(ctx context.Context, s streams, o runOptions, begin func(*reporter) sessionRun) error {
	dir, drop, err := captureFolder(o.captureDir)
	if err != nil {
		return err
	}
	keep := false // the folder, although it is a temporary one
	defer func() {
		if !keep {
			drop()
		}
	}()

	ctx, report, stop := reportUntil(ctx, s, o.json, o.duration)
	defer stop()
	if o.datagrams {
		report.forDatagrams()
	}
	report.cut(o.framing)
	run := begin(report)
	failed := func(err error) error {
		report.problem(err)
		report.summary(capture.Stats{}, statusFailed)
		return errFailed
	}
	if err := canSave(o.save); err != nil {
		return failed(err) // now, and not when there is something to lose
	}
	session, err := run.open(sessions.Options{Capture: capture.Options{Dir: dir}, Observer: run})
	if err != nil {
		return failed(err)
	}
	// The session outlives ctx by the time an orderly end takes.
	if err := session.Start(context.WithoutCancel(ctx)); err != nil {
		session.Close()
		session.Traffic().Release()
		var bad *sessions.ConfigError
		if errors.As(err, &bad) {
			report.out.close() // nothing was told
			return run.mistake(bad)
		}
		return failed(err)
	}
	run.talk(ctx)
	status := run.end(ctx)
	report.endAllFrames()
	log := session.Traffic()
	defer log.Release()
	if o.save != "" {
		if err := capture.ExportFile(context.WithoutCancel(ctx), o.save, log, capture.AsPcapng, nil); err != nil {
			report.problem(err)
			status = statusFailed
			if keep = len(log.Files()) > 0; keep {
				report.problem(fmt.Errorf("the capture is kept in %s", dir))
			}
		}
	}
	if log.Stats().Err != nil {
		status = statusFailed // closing the session has said so
	}
	if report.summary(log.Stats(), status) != statusDone {
		return errFailed
	}
	return nil
}

// canSave reports why nothing could be saved as path, as far as that can be
// known before.
func canSave(path string) error {
	if path == "" {
		return nil
	}
	if st, err := os.Stat(path); err == nil && st.IsDir() {
		return fmt.Errorf("save %s: that is a folder; name a file in it", path)
	}
	if st, err := os.Stat(filepath.Dir(path)); err != nil {
		return fmt.Errorf("save %s: %w", path, err)
	} else if !st.IsDir() {
		return fmt.Errorf("save %s: %s is no folder", path, filepath.Dir(path))
	}
	return nil
}

// captureFolder returns the folder for a run's capture. Without a folder of the
// person's it is a temporary one, which drop removes.
func captureFolder(dir string) (path string, drop func(), err error) {
	if dir != "" {
		return dir, func() {}, nil
	}
	tmp, err := os.MkdirTemp("", "wirebench-") // mode 0700
	if err != nil {
		return "", nil, fmt.Errorf("make a folder for the capture: %w", err)
	}
	return tmp, func() { os.RemoveAll(tmp) }, nil
}
