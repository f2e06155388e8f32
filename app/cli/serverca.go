package cli

import (
	"fmt"
	"os"

	"wirebench/app/paths"
	"wirebench/sessions/certs/localca"
)

// findCA says where the local test CA is, if it is needed, and writes its root
// down if that is asked for.
func (o *serverTLSOptions) findCA() error {
	if o.tls.CertFile != "" {
		return nil
	}
	dir, err := paths.TestCADir()
	if err != nil {
		return err
	}
	o.tls.CADir = dir
	if o.caOut == "" {
		return nil
	}
	ca, err := localca.Open(dir)
	if err != nil {
		return err
	}
	if err := os.WriteFile(o.caOut, ca.RootPEM(), 0o600); err != nil {
		return fmt.Errorf("write the test CA's root: %w", err)
	}
	return nil
}
