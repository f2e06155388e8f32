package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"wirebench/sessions/certs/testca"
)

// certificateReport compares the time of a whole command, from its start to its end: a handshake with a server that
// sends a chain of three, and everything that can be said about the certificate, by ours and by openssl s_client.
func certificateReport() pair {
	return pair{name: "certificate report", unit: "ms", peer: "openssl s_client", aim: 1.1, often: 4,
		prepare: func(ctx context.Context, dir string, _ float64) (sides, error) {
			roots, end, err := serveCertificate(ctx, dir)
			if err != nil {
				return sides{}, err
			}
			address := end.address
			path := filepath.Join(dir, "wirebench")
			build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-tags", "headless", "-o", path, ".")
			build.Env = append(os.Environ(), "CGO_ENABLED=0")
			if out, err := build.CombinedOutput(); err != nil {
				end.stop()
				return sides{}, fmt.Errorf("build the command line: %w\n%s", err, out)
			}
			side := func(wanted string, command ...string) func(context.Context) (float64, error) {
				return func(ctx context.Context) (float64, error) {
					const turns = 10
					began := time.Now()
					for range turns {
						out, err := exec.CommandContext(ctx, command[0], command[1:]...).CombinedOutput()
						if err != nil || !strings.Contains(string(out), wanted) {
							return 0, fmt.Errorf("%s: %w, without %q in\n%s", strings.Join(command, " "), err, wanted, out)
						}
					}
					return float64(time.Since(began)) / float64(time.Millisecond) / turns, nil
				}
			}
			return sides{
				ours: side(`"status":"trusted"`, path, "tls", address, "--policy", "inspect", "--servername", "server.example", "--ca", roots, "--json"),
				peer: side("Verify return code: 0 (ok)", "openssl", "s_client", "-connect", address, "-servername", "server.example",
					"-verify_hostname", "server.example", "-CAfile", roots, "-showcerts", "-status"),
				done: end.stop,
			}, nil
		}}
}

type certificateServer struct {
	address string
	stop    func()
}

// serveCertificate starts openssl s_server with a leaf, an intermediate and a root of their own, and returns the
// file that holds the root.
func serveCertificate(ctx context.Context, dir string) (roots string, s certificateServer, err error) {
	root, err := testca.SelfSigned(testca.Spec{CommonName: "Bench root", CA: true})
	if err != nil {
		return "", s, err
	}
	middle, err := root.Issue(testca.Spec{CommonName: "Bench intermediate", CA: true})
	if err != nil {
		return "", s, err
	}
	leaf, err := middle.Issue(testca.Spec{CommonName: "server.example", DNSNames: []string{"server.example"}})
	if err != nil {
		return "", s, err
	}
	key, err := leaf.KeyPEM()
	if err != nil {
		return "", s, err
	}
	roots = filepath.Join(dir, "root.pem")
	cert, chain, keyFile := filepath.Join(dir, "leaf.pem"), filepath.Join(dir, "chain.pem"), filepath.Join(dir, "key.pem")
	err = errors.Join(
		os.WriteFile(roots, testca.PEM(root), 0o600), os.WriteFile(cert, testca.PEM(leaf), 0o600),
		os.WriteFile(chain, testca.PEM(middle), 0o600), os.WriteFile(keyFile, key, 0o600))
	if err != nil {
		return "", s, err
	}
	cmd := exec.CommandContext(ctx, "openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", cert, "-key", keyFile, "-cert_chain", chain)
	in, err := cmd.StdinPipe() // s_server ends when its input does
	if err != nil {
		return "", s, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", s, err
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return "", s, err
	}
	s.stop = func() {
		in.Close()
		cmd.Process.Kill()
		cmd.Wait()
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if address, ok := strings.CutPrefix(lines.Text(), "ACCEPT "); ok {
			s.address = address
			go func() { // until the process ends, and its output with it
				for lines.Scan() {
				}
			}()
			return roots, s, nil
		}
	}
	s.stop()
	return "", s, errors.New("openssl s_server names no address")
}
