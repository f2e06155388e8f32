package cli

import (
	"github.com/spf13/cobra"

	"wirebench/sessions"
)

func tcpCommand(s streams) *cobra.Command {
	var o clientOptions
	c := &cobra.Command{
		Use:   "tcp HOST:PORT",
		Short: "Connect, send, expect, and say what happened",
		Long: `Connects, sends what --send, --send-hex, --send-fields and --send-file say in the order they
stand in, and prints what is received.

` + talking + `

` + framed + ended + `

` + notation + `

Exit status: 0 done and every expectation met; 1 the network or an expectation said no;
2 the command line makes no sense.`,
		Args: exactly(1, "one HOST:PORT"),
	}
	o.flags(c.Flags())
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := o.check(c.Flags(), args[0]); err != nil {
			return err
		}
		config := sessions.DefaultTCP()
		config.Address = o.address
		config.KeepHalfOpen = o.keepsHalfOpen()
		if err := config.Check(); err != nil {
			return &usageError{err}
		}
		return runClient(c.Context(), s, o, clientPlan{
			open:    func(more sessions.Options) (clientSession, error) { return sessions.NewTCP(config, more) },
			mistake: func(bad *sessions.ConfigError) error { return &usageError{bad} },
		})
	}
	return c
}
