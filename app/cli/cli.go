// Package cli is Wirebench's command line, over the same engine as the window
// and with no display. `wirebench URL...` opens the window, unless it was built
// with the tag headless, which leaves the window and everything graphical out.
//
// Exit status: 0 done, and every expectation met; 1 the network, a file or an
// expectation said no; 2 the command line makes no sense.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// Exit statuses.
const (
	statusDone   = 0
	statusFailed = 1
	statusUsage  = 2
)

// usageError is a mistake on the command line.
type usageError struct{ err error }

func (u *usageError) Error() string { return u.err.Error() }
func (u *usageError) Unwrap() error { return u.err }

func usage(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }

// failed is a run that ended badly and has said so already.
var errFailed = errors.New("failed")

// streams are a command's standard input and outputs.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// Main runs the command line with args, which do not hold the program's name,
// and returns the exit status. SIGINT and SIGTERM end what runs in order.
func Main(args []string, in io.Reader, out, errs io.Writer) int {
	// Else cobra refuses, on Windows, what is started by a double click.
	cobra.MousetrapHelpText = ""
	in, out, errs, ended := console(args, in, out, errs)
	// A reader that has gone away is an error of writing, not the end of the
	// process: captures are still closed in order.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	status := run(ctx, args, streams{in, out, errs}, stop)
	ended(status)
	return status
}

// run is Main with a context in place of the signals. release gives the
// signals back, for the window, which has its own way with them.
func run(ctx context.Context, args []string, s streams, release func()) int {
	s.err = plainWriter{&diagnostics{w: s.err, signals: ctx, patience: stuckOutput}}
	root := newRoot(s, release)
	root.SetArgs(args)
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	err := root.ExecuteContext(ctx)
	var mistake *usageError
	switch {
	case err == nil:
		return statusDone
	case errors.Is(err, errFailed):
		return statusFailed
	case errors.As(err, &mistake):
		fmt.Fprintf(s.err, "wirebench: %v\nRun 'wirebench --help' for how it is used.\n", err)
		return statusUsage
	}
	fmt.Fprintf(s.err, "wirebench: %v\n", err)
	return statusFailed
}

// die ends the process with err, where nothing else can.
func die(errs io.Writer, err error) {
	fmt.Fprintf(errs, "wirebench: %v\n", err)
	if p, ok := errs.(plainWriter); ok {
		errs = p.w
	}
	if d, ok := errs.(*diagnostics); ok {
		errs = d.w
	}
	if box, ok := errs.(interface{ show(status int) }); ok { // see console
		box.show(statusFailed)
	}
	os.Exit(statusFailed)
}

func newRoot(s streams, release func()) *cobra.Command {
	var captureDir string
	root := &cobra.Command{
		Use:   "wirebench [URL...]",
		Short: "The network workbench",
		Long: `Wirebench connects, sends by hand, keeps every byte and shows why.

Without a command it opens the window; each URL opens a tab and starts it: tcp://host:port,
tls://host:port, server://host:port or udp://host:port.`,
		Version:           Version(),
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
		Args:              cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, urls []string) error {
			for _, u := range urls {
				if !strings.Contains(u, "://") {
					return usage("there is no command %q; an address is written as a URL, like tcp://127.0.0.1:7777", u)
				}
			}
			release()
			return openWindow(urls, captureDir, func(err error) {
				die(s.err, err)
			})
		},
	}
	root.SetVersionTemplate("wirebench {{.Version}}\n") // of the commands too
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	root.Flags().StringVar(&captureDir, "capture-dir", "", "keep captures in this folder")
	root.AddCommand(tcpCommand(s), tlsCommand(s), serverCommand(s), udpCommand(s), certsCommand(s), policyCommand(s), labCommand(s), inspectCommand(s), exportCommand(s))
	for _, c := range root.Commands() {
		c.Version = root.Version
	}
	root.SetHelpCommand(helpCommand(root))
	return root
}

// helpCommand is cobra's, but that a topic there is not is a mistake.
func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [command]",
		Short: "Help about any command",
		RunE: func(_ *cobra.Command, args []string) error {
			c, rest, err := root.Find(args)
			if err != nil || c == root && len(rest) > 0 {
				return usage("there is no command %q", strings.Join(args, " "))
			}
			c.InitDefaultHelpFlag()
			c.InitDefaultVersionFlag()
			return c.Help()
		},
	}
}

// interruptible runs f, which may wait for standard input or output, where
// nothing can wake it. When ctx ends, f has patience to end by itself; then it
// is left alone, and ends with the process.
func interruptible(ctx context.Context, patience time.Duration, f func() error) error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	t := time.NewTimer(patience)
	defer t.Stop()
	select {
	case err := <-done:
		return err
	case <-t.C:
		return errors.New("ended by a signal")
	}
}

// exactly is cobra.ExactArgs with errors that say what is missing.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != n {
			return usage("%s takes %s, and %d were given", c.Name(), what, len(args))
		}
		return nil
	}
}
