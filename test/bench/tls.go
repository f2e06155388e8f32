package main

import (
	"bufio"
	"bytes"
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

// certificateReport compares the time from starting a command until it has written its report: a handshake with a
// server that sends a chain, and everything that can be said about the certificate, by ours and by openssl s_client.
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
					var taken time.Duration
					for range turns {
						took, err := untilWritten(ctx, wanted, command)
						if err != nil {
							return 0, err
						}
						taken += took
					}
					return float64(taken) / float64(time.Millisecond) / turns, nil
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

// untilWritten runs a command to its end and returns how long it took until wanted stood on its standard output.
func untilWritten(ctx context.Context, wanted string, command []string) (took time.Duration, err error) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	// The system's roots are where they are on a person's machine.
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "SSL_CERT_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	var said []byte
	piece := make([]byte, 64<<10)
	for err == nil {
		var n int
		n, err = out.Read(piece)
		said = append(said, piece[:n]...)
		if took == 0 && bytes.Contains(said, []byte(wanted)) {
			took = time.Since(began)
		}
	}
	if err := cmd.Wait(); err != nil {
		return 0, fmt.Errorf("%s: %w\n%s", strings.Join(command, " "), err, said)
	}
	if took == 0 {
		return 0, fmt.Errorf("%s did not write %q but\n%s", strings.Join(command, " "), wanted, said)
	}
	return took, nil
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
