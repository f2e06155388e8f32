package cli

import (
	"context"
	"crypto/x509"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"wirebench/sessions/capture"
	"wirebench/sessions/certs"
	"wirebench/sessions/certs/lookup"
)

// certsOptions are the flags of the certs command.
type certsOptions struct {
	trustFlags
	host  string
	usage certUsage
	json  bool
}

// certUsage is what a certificate must be made for.
type certUsage string

const (
	forServers certUsage = "server"
	forClients certUsage = "client"
	forAny     certUsage = "any"
)

func parseUsage(s string) (certUsage, error) {
	switch u := certUsage(strings.ToLower(s)); u {
	case forServers, forClients, forAny:
		return u, nil
	}
	return "", fmt.Errorf("usage %q is not known: write server, client or any", s)
}

// extended is the extended key usage that u asks for.
func (u certUsage) extended() x509.ExtKeyUsage {
	switch u {
	case forServers:
		return x509.ExtKeyUsageServerAuth
	case forClients:
		return x509.ExtKeyUsageClientAuth
	}
	return x509.ExtKeyUsageAny
}

func certsCommand(s streams) *cobra.Command {
	var o certsOptions
	c := &cobra.Command{
		Use:   "certs FILE...",
		Short: "Say everything that is wrong with the certificates in files",
		Long: `Reads certificates from each FILE (PEM, DER or PKCS#7) and says what they are worth: a status,
every fault and warning with its evidence and what to do, and the chain. The first certificate
of a file is the one that is judged; those behind it help to build its chain, as if a server
had sent them. Each file is judged by itself.

The statuses are trusted, expired, notYetValid, revoked, untrustedSigners, principalMismatch,
invalidChain, invalid and unknown; where several apply, the worst is the status, and all
faults are listed.

` + looking + `

With --json there is an event "certificate" for each FILE, or "ioError" where one cannot be read,
and "summary" at the end, which counts each request of a look-up and its answer as messages.

Exit status: 0 every certificate is trusted; 1 one is not, or a FILE cannot be read; 2 the
command line makes no sense.`,
		Example: `  wirebench certs fullchain.pem --host www.example.com
  wirebench certs leaf.pem --ca root.pem --extra intermediate.pem --trust mine
  wirebench certs fullchain.pem --host www.example.com --at 2027-01-01
  wirebench certs leaf.der --crl ca.crl --ocsp --aia
  wirebench certs --json *.pem | jq -r 'select(.event == "certificate") | .file + ": " + .status'`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("certs takes one FILE or more, and none was given")
			}
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&o.host, "host", "", "the `name` or IP address that the certificate must have; none is checked without it")
	f.Var(parsed(&o.usage, "server|client|any", parseUsage), "usage", "what the certificate must be made for; without it server where there is a --host, else any")
	o.trustFlags.flags(f)
	f.BoolVar(&o.json, "json", false, "print one JSON object a line, and nothing else, on standard output")
	c.RunE = func(c *cobra.Command, args []string) error {
		if f.Changed("host") && o.host == "" {
			return usage("--host needs a name, and got an empty one")
		}
		if err := o.check(); err != nil {
			return err
		}
		if o.usage == "" {
			if o.usage = forAny; o.host != "" {
				o.usage = forServers
			}
		}
		return runCerts(c.Context(), s, o, args)
	}
	return c
}

func runCerts(ctx context.Context, s streams, o certsOptions, files []string) error {
	var in certs.Input
	// Files may be pipes, and be waited for.
	if err := interruptible(ctx, 0, func() (err error) { in, err = o.input(); return err }); err != nil {
		return err
	}
	in.Host, in.Usage, in.NoHandshake = o.host, o.usage.extended(), true

	ctx, report, stop := reportUntil(ctx, s, o.json, 0)
	defer stop()
	trusted := 0
	for i, file := range files {
		r, err := o.judge(ctx, in, file, report)
		if ctx.Err() != nil {
			report.problem(fmt.Errorf("ended after %d of %d files", i, len(files)))
			break
		}
		if err != nil {
			report.unreadable(file, err)
			continue
		}
		if r.Status == certs.Trusted {
			trusted++
		}
		report.file(file, len(files) > 1, r)
	}
	status := statusDone
	if trusted < len(files) {
		status = statusFailed
	}
	total := func(time.Time) string {
		if len(files) == 1 {
			return ""
		}
		return fmt.Sprintf("%d of %d files trusted\n", trusted, len(files))
	}
	if report.finish(capture.Stats{}, status, total) != statusDone {
		return errFailed
	}
	return nil
}

// judge reports on one file. What cannot be had over the network is part of the
// report.
func (o *certsOptions) judge(ctx context.Context, in certs.Input, file string, report *reporter) (*certs.Report, error) {
	err := interruptible(ctx, 0, func() (err error) { in.Presented, err = certs.ReadFile(file); return err })
	if err != nil {
		return nil, err
	}
	r := certs.Check(in)
	look := lookup.Options{OCSP: o.ocsp, CRL: o.crlFetch, AIA: o.aia, Dial: report.dial, Progress: func(step lookup.Step) { report.progress(stepText(step)) }}
	if look.AIA && !r.Anchored && len(r.Chain) > 0 {
		found, _ := lookup.Issuers(ctx, r.Chain[len(r.Chain)-1], look) // progress tells the error
		if len(found) > 0 {
			in.Extra = append(in.Extra[:len(in.Extra):len(in.Extra)], found...)
			r = certs.Check(in)
		}
	}
	if (look.OCSP || look.CRL) && len(r.Chain) > 0 {
		found := lookup.Revocation(ctx, r.Chain, look)
		in.Evidence.OCSP, in.Evidence.Asked = found.OCSP, true
		in.Evidence.CRLs = append(in.Evidence.CRLs[:len(in.Evidence.CRLs):len(in.Evidence.CRLs)], found.CRLs...)
		r = certs.Check(in)
	}
	return r, nil
}

// stepText says what a look-up is doing.
func stepText(s lookup.Step) string {
	switch {
	case !s.Done:
		return fmt.Sprintf("asking %s for %s", s.URL, s.What)
	case s.Err != nil:
		return fmt.Sprintf("%s from %s: %v", s.What, s.URL, s.Err)
	}
	return fmt.Sprintf("%s from %s: %s in %.1f ms", s.What, s.URL, counted(int64(s.Bytes), "byte"), certs.Milliseconds(s.Took))
}
