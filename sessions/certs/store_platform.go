//go:build windows || darwin || ios

package certs

import (
	"crypto/x509"
	"fmt"
)

func loadSystem() (*Store, error) {
	pool, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("ask the system for its roots: %w", err)
	}
	return &Store{system: true, platform: pool}, nil
}
