package cli

import (
	"fmt"
	"os"

	"wirebench/app/paths"
	"wirebench/sessions/certs/localca"
)

// findCA says where the local test CA is, and writes its root down if that is
// asked for.
func (o *serverOptions) findCA() error {
	if o.tls.CertFile == "" {
		dir, err := paths.TestCADir()
		if err != nil {
			return err
		}
		o.tls.CADir = dir
	}
	if o.caOut == "" {
		return nil
	}
	if o.tls.CADir == "" {
		return usage("--ca-out is the root of the test CA, which --tls-cert does without")
	}
	ca, err := localca.Open(o.tls.CADir)
	if err != nil {
		return err
	}
	if err := os.WriteFile(o.caOut, ca.RootPEM(), 0o600); err != nil {
		return fmt.Errorf("write the test CA's root: %w", err)
	}
	return nil
}
