package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wirebench/sessions"
	"wirebench/sessions/capture"
	"wirebench/sessions/policy"
)

// policyOptions are the flags of the policy command.
type policyOptions struct {
	domain     string
	toPort     uint16
	https      bool
	file       string
	fromPort   uint16
	masterPort uint16
	timeout    time.Duration
	json       bool

	host string
	port uint16 // 0 for none
}

func policyCommand(s streams) *cobra.Command {
	var o policyOptions
	c := &cobra.Command{
		Use:   "policy [HOST[:PORT]]",
		Short: "Ask for socket policy files and say what they let whom reach",
		Long: `Asks HOST for its socket policy files as Flash Player, and AIR for what is not of the application
itself, does before it connects to PORT: on port 843 first, which has 3 seconds, and then on PORT
itself. Says what each file allows, and everything that is wrong with it or with how it is served.
Without PORT, 843 alone is asked. With --file there is no HOST and a file is read.

With --domain it says whether a SWF from there may connect, and by which rule, or why no rule lets
it. PORT is then not asked where port 843 has settled it already, as a client would not ask either.

With --json there is an event "policyFile" for each place, "verdict" with --domain, and "summary" at
the end, which counts requests and answers as messages.

Exit status: 0 there is a policy file that clients use and, with --domain, it lets the SWF connect;
1 there is none, or it does not; 2 the command line makes no sense.`,
		Example: `  wirebench policy chat.example.com:5000 --domain www.example.com
  wirebench policy chat.example.com:5000 --domain www.example.com --to-port 5222 --https
  wirebench policy chat.example.com
  wirebench policy --file policy.xml --from-port 5000 --domain 192.0.2.7 --to-port 80
  wirebench policy --json chat.example.com:5000 | jq -r 'select(.event == "policyFile").problems[].text'`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("policy takes one HOST[:PORT], and %d were given", len(args))
			}
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&o.domain, "domain", "", "the `name` or IP address that a SWF comes from")
	f.Uint16Var(&o.toPort, "to-port", 0, "the port that the SWF wants to reach; PORT without this flag")
	f.BoolVar(&o.https, "https", false, "the SWF came over HTTPS")
	f.StringVar(&o.file, "file", "", "read this policy file in place of asking; - is standard input")
	f.Uint16Var(&o.fromPort, "from-port", policy.MasterPort, "the port that the file is to be served from")
	f.Uint16Var(&o.masterPort, "master-port", policy.MasterPort, "ask this port in place of 843, as of a server that is tried out")
	f.DurationVar(&o.timeout, "timeout", policy.DefaultTimeout, "how long PORT has for connecting and answering")
	f.BoolVar(&o.json, "json", false, "print one JSON object a line, and nothing else, on standard output")
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := o.check(f, args); err != nil {
			return err
		}
		return runPolicy(c.Context(), s, o)
	}
	return c
}

// check completes the options from what was given.
func (o *policyOptions) check(f *pflag.FlagSet, args []string) error {
	if err := named(f, "file", "domain"); err != nil {
		return err
	}
	switch {
	case o.file == "" && len(args) == 0:
		return usage("policy takes a HOST[:PORT] to ask, or --file with a file to read")
	case o.file != "" && len(args) > 0:
		return usage("--file is read in place of asking a host: leave %s out, and say --to-port for its port", args[0])
	case o.file != "" && (f.Changed("master-port") || f.Changed("timeout")):
		return usage("--master-port and --timeout are for asking, and --file is read")
	case o.file == "" && f.Changed("from-port"):
		return usage("--from-port is for --file: a host's files come from the ports that are asked")
	case f.Changed("to-port") && o.toPort == 0, f.Changed("from-port") && o.fromPort == 0, f.Changed("master-port") && o.masterPort == 0:
		return usage("port 0 is none: write 1 to 65535")
	case o.timeout <= 0:
		return usage("--timeout %s leaves no time: write something like 10s", o.timeout)
	case o.domain == "" && (f.Changed("to-port") || o.https):
		return usage("--to-port and --https are about a SWF from somewhere: say --domain too")
	}
	if o.file == "" {
		if err := o.target(args[0]); err != nil {
			return &usageError{err}
		}
	}
	if o.toPort == 0 {
		o.toPort = o.port
	}
	if o.domain == "" {
		return nil
	}
	if o.toPort == 0 {
		return usage("which port a SWF from %s wants to reach is missing: say --to-port", o.domain)
	}
	if err := o.query().Check(); err != nil {
		return usage("--domain: %w", err)
	}
	return nil
}

// target reads HOST[:PORT].
func (o *policyOptions) target(s string) (err error) {
	if a, err := netip.ParseAddr(s); err == nil {
		o.host = a.String()
		return nil
	}
	if portless := !strings.Contains(s, ":") || strings.HasSuffix(s, "]"); portless {
		o.host, _, err = sessions.ParseTarget(fmt.Sprintf("%s:%d", s, policy.MasterPort))
		return err
	}
	o.host, o.port, err = sessions.ParseTarget(s)
	return err
}

func (o *policyOptions) query() policy.Query {
	return policy.Query{Domain: o.domain, Port: o.toPort, Secure: o.https}
}

// policyFileLimit bounds a file that is read; what clients read is far shorter.
const policyFileLimit = policy.MaxAnswer

func runPolicy(ctx context.Context, s streams, o policyOptions) error {
	ctx, report, stop := reportUntil(ctx, s, o.json, 0)
	defer stop()

	judge := o.ask
	if o.file != "" {
		judge = o.judgeFile
	}
	status := statusFailed
	if judge(ctx, s, report) {
		status = statusDone
	}
	if report.finish(capture.Stats{}, status, func(time.Time) string { return "" }) != statusDone {
		return errFailed
	}
	return nil
}

// ask asks the host, and reports whether all is as it is wanted.
func (o *policyOptions) ask(ctx context.Context, _ streams, report *reporter) bool {
	options := policy.Options{Timeout: o.timeout, MasterPort: o.masterPort}
	if o.domain != "" {
		q := o.query()
		options.Want = &q
	}
	answer, err := policy.Ask(ctx, o.host, o.port, options)
	for _, source := range answer.Sources {
		report.exchanged(source)
	}
	if ctx.Err() != nil {
		report.problem(errors.New("ended before the answer"))
		return false
	}
	for _, source := range answer.Sources {
		report.policyFile(source, "")
	}
	if o.domain == "" {
		return err == nil
	}
	ruling := answer.Explain(o.query())
	report.verdict(o.query(), ruling)
	return ruling.Granted
}

// judgeFile reads the file, and reports as ask does.
func (o *policyOptions) judgeFile(ctx context.Context, s streams, report *reporter) bool {
	source, err := o.read(ctx, s)
	if err != nil {
		report.unreadable(o.file, err)
		return false
	}
	report.policyFile(source, o.file)
	if o.domain == "" {
		return source.Usable() != nil
	}
	ruling := policy.Explain(source.Usable(), o.fromPort, o.query())
	report.verdict(o.query(), ruling)
	return ruling.Granted
}

// read reads the file that is to be judged.
func (o *policyOptions) read(ctx context.Context, s streams) (policy.Source, error) {
	read := make(chan []byte, 1) // what is given up may still come to its end
	err := interruptible(ctx, 0, func() error {
		raw, err := o.readRaw(s)
		read <- raw
		return err
	})
	if err != nil {
		return policy.Source{}, err
	}
	source := policy.Source{Port: o.fromPort, Master: o.fromPort == policy.MasterPort, Ending: policy.ZeroByte, Raw: <-read}
	if source.File, source.Problems = policy.Parse(source.Raw); source.File == nil {
		source.Err = errors.New("clients would take no notice of this file")
	}
	return source, nil
}

// readRaw reads the bytes of the file.
func (o *policyOptions) readRaw(s streams) ([]byte, error) {
	in, title := s.in, "standard input"
	if o.file != "-" {
		f, err := os.Open(o.file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in, title = f, o.file
	}
	raw, err := io.ReadAll(io.LimitReader(in, policyFileLimit+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", title, err)
	}
	if len(raw) > policyFileLimit {
		return nil, fmt.Errorf("read %s: more than %d bytes are no policy file", title, policyFileLimit)
	}
	return raw, nil
}
