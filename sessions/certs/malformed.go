package certs

import (
	"bytes"
	"crypto/x509"
	"strings"
)

// malformed are the rules of RFC 5280 that a certificate breaks though it can be read.
func malformed(depth int, c *x509.Certificate, anchor bool) []Finding {
	return nil
}

// unreadable says why a certificate could not be parsed.
func unreadable(der []byte, err error) string {
	switch {
	case len(der) == 0:
		return "it is empty"
	case bytes.HasPrefix(der, []byte("-----BEGIN")):
		return "it is PEM text where DER is due"
	}
	return quote(strings.TrimPrefix(err.Error(), "x509: "))
}

func unreadableHint(der []byte, err error) string {
	return "have it issued anew; no client built on Go, and few others, will take it"
}
