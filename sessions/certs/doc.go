// Package certs says everything that is wrong with a certificate.
package certs
